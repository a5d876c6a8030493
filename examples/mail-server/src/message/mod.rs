//! What IMAP wants to know of a message, computed from its octets: no store, nothing asynchronous.
//!
//! - [`Summary`]: ENVELOPE, BODYSTRUCTURE, and where every part stands, computed once and kept as a BLOB;
//! - [`Slice`], [`fields`]: the octets that a section `BODY[..]` names;
//! - [`SearchText`], [`Query`]: which messages a SEARCH matches.
//!
//! Where a part begins and ends is found here, line by line, as [RFC 2046 §5.1] and [RFC 3501 §6.4.5] have it: IMAP
//! tells exact octets of it, whatever the message is, and clients come back with the numbers of parts years later.
//! ENVELOPE and BODYSTRUCTURE show strings as they were written. What is to be decoded is left to mail-parser: encoded
//! words, transfer encodings, charsets, HTML, dates. Its own walk of the parts is not used: an outer boundary does not
//! end an inner part there, each boundary that is missing costs a look at the whole rest, messages in messages nest
//! without limit, and attachments are decoded.
//!
//! [RFC 2046 §5.1]: https://www.rfc-editor.org/rfc/rfc2046#section-5.1
//! [RFC 3501 §6.4.5]: https://www.rfc-editor.org/rfc/rfc3501#section-6.4.5

mod address;
mod blob;
mod content;
mod envelope;
mod fields;
mod lexer;
mod search;
mod section;
mod structure;
mod summary;
mod text;
mod walk;

pub use blob::DamagedBlob;
pub use fields::fields;
pub use search::{Facts, InvalidSearch, Needs, Query, Recency, Setting, Verdict};
pub use section::{Slice, Which};
pub use summary::Summary;
pub use text::SearchText;
