//! End of data: the dot-stuffing that SMTP's DATA and POP3's multi-line replies share
//! ([RFC 5321 §4.5.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2),
//! [RFC 1939 §3](https://www.rfc-editor.org/rfc/rfc1939#section-3)).
//!
//! The end is CRLF `.` CRLF and nothing else; at the very start the first CRLF counts as seen. What to do with a
//! CR or an LF outside of a CRLF is policy, and no policy can make an end of data: a reader that took LF `.` LF
//! for the end would read a second message where the sender sent one, which is how mail is smuggled.
mod decode;
mod encode;
mod scan;

pub use decode::{Bare, BareLineEnding, DotDecoder, Dotted};
pub use encode::{BareRefused, DotEncoder, Outgoing};
