//! How many recipients one transaction may have, and how many transactions and domains one session
//! ([RFC 9422 §4](https://www.rfc-editor.org/rfc/rfc9422#section-4)).
use crate::{Capabilities, Rcpt, domains::Domains};
use alloc::{collections::VecDeque, vec::Vec};
use core::num::NonZeroU32;

/// The limits of a server; none where it tells none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    transactions: u64,
    recipients: usize,
    domains: usize,
}

/// What a session has used up of its limits.
#[derive(Debug, Default)]
pub(super) struct Used {
    transactions: u64,
    /// Of recipients; counted where there is a limit.
    domains: Domains,
}

/// Who fits into the next transaction.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) taken: VecDeque<usize>,
    /// Those who fit into none of this session.
    pub(super) refused: Vec<usize>,
}

impl Limits {
    pub(super) fn of(offered: &Capabilities) -> Self {
        let told = offered.limits();
        let limit = |told: Option<NonZeroU32>| told.and_then(|limit| usize::try_from(limit.get()).ok());
        Self {
            transactions: told.mailmax().map_or(u64::MAX, |limit| limit.get().into()),
            recipients: limit(told.rcptmax()).unwrap_or(usize::MAX),
            domains: limit(told.rcptdomainmax()).unwrap_or(usize::MAX),
        }
    }

    /// No more recipients than these are taken at once.
    pub(super) fn learn(&mut self, recipients: usize) {
        self.recipients = recipients;
    }

    /// May there be another transaction?
    pub(super) fn permit(&self, used: &Used) -> bool {
        used.transactions < self.transactions
    }

    /// Takes those who fit into one transaction, in order.
    pub(super) fn take<'a>(
        &self,
        used: &mut Used,
        waiting: &mut VecDeque<usize>,
        rcpt: impl Fn(usize) -> Option<&'a Rcpt>,
    ) -> Batch {
        let mut batch = Batch::default();
        while let Some(place) = waiting.pop_front() {
            // rule rfc9422 4.2 delivery-rcptmax: a transaction has no more recipients than RCPTMAX says
            if batch.taken.len() >= self.recipients {
                waiting.push_front(place);
                break;
            }
            if let Some(rcpt) = rcpt(place).filter(|_| self.domains < usize::MAX) {
                // rule rfc9422 4.3 delivery-rcptdomainmax: a session has recipients of so many domains
                if !used.domains.permit(rcpt, self.domains) {
                    batch.refused.push(place);
                    continue;
                }
                used.domains.insert(rcpt);
            }
            batch.taken.push_back(place);
        }
        batch
    }
}

impl Used {
    /// A transaction is begun.
    pub(super) fn begin(&mut self) {
        self.transactions += 1;
    }
}
