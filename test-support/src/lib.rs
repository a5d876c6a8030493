//! What the tests of this workspace share: scripts, drivers, pairs, and a heap that counts.
//!
//! | room | what stands there |
//! |---|---|
//! | [`Script`] | a session that reads like the RFC: `C:` and `S:` |
//! | [`run_server`], [`run_client`], [`run`] | one machine against a script, under every cut |
//! | [`Pair`] | a client machine and a server machine in memory |
//! | [`Host`], [`Log`] | who answers the events, and what is compared |
//! | [`exhaust`] | all short strings, and all ways to cut one |
//! | [`heap`] | allocations and peak heap of a piece of work |
//!
//! A server against a script, whole, cut at every octet, byte by byte and in small pieces; the log is the same
//! each time, or the test fails:
//!
//! ```text
//! let script = Script::parse(r"
//!     S: 220 mx.example ready
//!     C: EHLO client.example
//!     S: 250-mx.example
//!     S: 250 STARTTLS
//!     C: STARTTLS
//!     S: 220 go ahead
//!     --- TLS ---
//!     C: QUIT
//!     S: 221 bye
//! ");
//! let log = run_server(&script, || {
//!     let answer = host(|server: &mut Server, event, log| match event {
//!         Event::StartTls(ask) => log.upgrade(server.accept(ask, ()).unwrap()),
//!         Event::Payload(piece) => log.payload(&piece),
//!         other => log.note(format!("{other:?}")),
//!     });
//!     (Server::new(Config::default()), answer)
//! });
//! assert_eq!(log, ["upgraded", "closed"]);
//! ```

mod drive;
pub mod exhaust;
pub mod heap;
mod host;
mod pair;
mod script;

pub use drive::{Cuts, run, run_client, run_server};
pub use host::{Host, Idle, Log, host};
pub use pair::{Pair, Pieces};
pub use script::{Script, Step, Who};
