//! How many recipients one transaction may have, and how many transactions one session
//! ([RFC 9422](https://www.rfc-editor.org/rfc/rfc9422)).
use crate::{Capabilities, Extension, Rcpt};
use alloc::{
    collections::{BTreeSet, VecDeque},
    string::{String, ToString},
};

/// The limits of a server; none where it tells none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Transactions of one session.
    pub(super) transactions: u64,
    /// Recipients of one transaction.
    pub(super) recipients: u64,
    /// Domains of the recipients of one transaction.
    domains: u64,
}

impl Limits {
    pub(super) fn of(offered: &Capabilities) -> Self {
        let told = offered.parameters(Extension::Limits).unwrap_or_default();
        let limit = |name: &str| {
            let mut limits = told.split(' ').filter_map(|limit| limit.split_once('='));
            let (_, value) = limits.find(|(keyword, _)| keyword.eq_ignore_ascii_case(name))?;
            value.parse().ok().filter(|limit| *limit > 0)
        };
        Self {
            transactions: limit("MAILMAX").unwrap_or(u64::MAX),
            recipients: limit("RCPTMAX").unwrap_or(u64::MAX),
            domains: limit("RCPTDOMAINMAX").unwrap_or(u64::MAX),
        }
    }

    /// Takes those who fit into one transaction, in order. Of who waits there is at least one.
    pub(super) fn take<'a>(
        &self,
        waiting: &mut VecDeque<usize>,
        rcpt: impl Fn(usize) -> Option<&'a Rcpt>,
    ) -> VecDeque<usize> {
        let (mut taken, mut left) = (VecDeque::new(), VecDeque::new());
        let mut domains = BTreeSet::new();
        for place in waiting.drain(..) {
            // rule rfc9422 4.2 delivery-rcptmax: a transaction has no more recipients than RCPTMAX says
            if taken.len() as u64 >= self.recipients {
                left.push_back(place);
                continue;
            }
            let domain = rcpt(place).filter(|_| self.domains < u64::MAX).map(domain).unwrap_or_default();
            // rule rfc9422 4.3 delivery-rcptdomainmax: nor recipients of more domains than RCPTDOMAINMAX says
            if !domains.contains(&domain) && domains.len() as u64 >= self.domains {
                left.push_back(place);
                continue;
            }
            domains.insert(domain);
            taken.push_back(place);
        }
        *waiting = left;
        taken
    }
}

/// The postmaster has none.
fn domain(rcpt: &Rcpt) -> String {
    let mailbox = rcpt.to().mailbox();
    mailbox.map(|mailbox| mailbox.domain().to_string().to_ascii_lowercase()).unwrap_or_default()
}
