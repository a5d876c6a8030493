//! Finds logical units: a line with its literals.
//!
//! A command or a response is one line to its reader, but a literal puts octets of any kind into the middle of it
//! ([RFC 9051 §4.3](https://www.rfc-editor.org/rfc/rfc9051#section-4.3),
//! [RFC 7888](https://www.rfc-editor.org/rfc/rfc7888)). [`Framer`] finds where a unit ends, so that the grammar runs
//! once, over all of it. It looks at an octet once however the input is cut, and holds what a unit may cost:
//! [`Limits`] are five, each its own.
//!
//! Small literals are waited for. A larger one is announced with what stands before it still in the input, so that
//! the grammar can say whether it may stream:
//!
//! ```
//! use bytes::BytesMut;
//! use imap_proto::frame::{Framed, Framer, Last, Rules};
//!
//! let mut framer = Framer::new(Rules::client());
//! framer.limits_mut().inline = 8;
//! let mut input = BytesMut::from(&b"* 1 FETCH (BODY[] {12}\r\nHello world!)\r\n* OK see {5}\r\n"[..]);
//!
//! let Ok(Framed::Large(n, literal)) = framer.next(&mut input) else { panic!() };
//! assert_eq!((&input[..n], literal.len), (&b"* 1 FETCH (BODY[] {12}\r\n"[..], 12));
//! framer.take(&mut input);
//! framer.stream(&mut input);
//! assert_eq!(framer.next(&mut input), Ok(Framed::Payload("Hello world!".into(), Last::Yes)));
//!
//! // The rest of the unit; then a line whose text looks like a literal and is none.
//! assert_eq!(framer.next(&mut input), Ok(Framed::End(3)));
//! assert_eq!(input.split_to(3), ")\r\n");
//! assert_eq!(framer.next(&mut input), Ok(Framed::End(input.len())));
//! ```
//!
//! # What is a literal
//!
//! A line of a command that ends in `{n}`, `{n+}`, `~{n}` or `~{n+}` has a literal behind it, whatever stands before:
//! [RFC 7888 §3] demands that look at every line. It is a literal too where a quoted string is open. No quoted
//! string can hold a line's end, so such a unit is wrong either way; but its sender may have sent the octets, and
//! taken as a literal they are never read as a command.
//!
//! A line of a response is looked at in the same way, unless its end is free text: behind `+`, and behind `OK`,
//! `NO`, `BAD`, `BYE` and `PREAUTH`, where `{5}` means nothing, but for a response code that is still open there.
//!
//! [RFC 7888 §3]: https://www.rfc-editor.org/rfc/rfc7888#section-3
mod breach;
mod framer;
mod free_text;
mod literal;
mod refusal;
mod rules;

pub use breach::{Breach, SwallowedTooMuch};
pub use framer::{Framed, Framer, Last};
pub use literal::{Literal, LiteralKind, Synchrony};
pub use rules::{Limits, NonSynchronising, Role, Rules, Strays};

pub use mail_wire::line::LineEnding;
