//! Which messages a SEARCH matches ([RFC 3501 §6.4.4](https://www.rfc-editor.org/rfc/rfc3501#section-6.4.4)).
mod key;
mod needle;
mod query;

pub use query::{Facts, InvalidSearch, Needs, Query, Recency, Setting, Verdict};
