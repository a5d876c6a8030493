//! The domains that a session's recipients have: LIMITS may limit them
//! ([RFC 9422 §4.3](https://www.rfc-editor.org/rfc/rfc9422#section-4.3)).
use crate::Rcpt;
use alloc::{
    collections::BTreeSet,
    string::{String, ToString},
};

/// The domains of recipients, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Domains(BTreeSet<String>);

impl Domains {
    /// May this recipient be named too, where so many domains may?
    pub(crate) fn permit(&self, rcpt: &Rcpt, limit: usize) -> bool {
        self.0.len() < limit || domain(rcpt).is_none_or(|domain| self.0.contains(&domain))
    }

    /// This recipient is named.
    pub(crate) fn insert(&mut self, rcpt: &Rcpt) {
        self.0.extend(domain(rcpt));
    }
}

/// In lower case. The postmaster has none.
fn domain(rcpt: &Rcpt) -> Option<String> {
    let mailbox = rcpt.to().mailbox()?;
    Some(mailbox.domain().to_string().to_ascii_lowercase())
}
