//! What was sent, against what is found.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::SocketAddr;

use super::parcel::Parcel;
use super::sender::Report;
use crate::failure::{During, Outcome, ensure, fail};
use crate::message;
use crate::pop3;
use crate::server::{ALICE, BOB};

/// Every parcel whose body a sender began.
#[derive(Debug)]
pub(super) struct Ledger {
    /// The header fields that the server puts before a message.
    trace: &'static [&'static str],
    acknowledged: HashSet<Parcel>,
    unacknowledged: HashSet<Parcel>,
}

/// Copies found, an account's copy of a message each: a message to two accounts counts twice.
#[derive(Debug, Default)]
pub(super) struct Found {
    sent: usize,
    acknowledged: usize,
    found: usize,
    unacknowledged: usize,
    lost: Vec<Parcel>,
    doubled: Vec<Parcel>,
}

impl Ledger {
    pub(super) fn new(trace: &'static [&'static str]) -> Self {
        Self { trace, acknowledged: HashSet::new(), unacknowledged: HashSet::new() }
    }

    pub(super) fn enter(&mut self, report: Report) {
        self.acknowledged.extend(report.acknowledged);
        self.unacknowledged.extend(report.unacknowledged);
    }

    /// Reads every maildrop. Fails if a message is damaged, lost, doubled or in the wrong place.
    pub(super) fn compare(&self, pop3: SocketAddr) -> Outcome<Found> {
        let mut found = Found {
            sent: self.acknowledged.len() + self.unacknowledged.len(),
            acknowledged: self.acknowledged.len(),
            ..Found::default()
        };
        for account in [ALICE, BOB] {
            let copies = self.copies(pop3, account).during(format!("in the maildrop of {account}"))?;
            found.found += copies.len();
            found.doubled.extend(copies.iter().filter(|(_, count)| **count > 1).map(|(parcel, _)| *parcel));
            found.unacknowledged +=
                copies.keys().filter(|parcel| self.unacknowledged.contains(parcel)).count();
            let due = self.acknowledged.iter().filter(|parcel| parcel.recipients().contains(&account));
            found.lost.extend(due.filter(|parcel| !copies.contains_key(parcel)));
        }
        ensure!(found.lost.is_empty() && found.doubled.is_empty(), "{found}");
        Ok(found)
    }

    /// How often each parcel is in a maildrop; each copy must be whole.
    fn copies(&self, pop3: SocketAddr, account: &str) -> Outcome<HashMap<Parcel, u32>> {
        let mut copies = HashMap::new();
        for stored in pop3::read_all(pop3, account)? {
            let Some(parcel) = Parcel::of(&stored) else {
                fail!("a message without a number: {}", stored.escape_ascii())
            };
            message::check_stored(&stored, &parcel.message(), self.trace).during(format!("{parcel:?}"))?;
            ensure!(parcel.recipients().contains(&account), "{parcel:?} is not for this account");
            let known = self.acknowledged.contains(&parcel) || self.unacknowledged.contains(&parcel);
            ensure!(known, "{parcel:?} was never sent");
            *copies.entry(parcel).or_default() += 1;
        }
        Ok(copies)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, acknowledged, found, unacknowledged, lost, doubled } = self;
        write!(
            f,
            "{sent} messages sent, {acknowledged} acknowledged; {found} copies found, {unacknowledged} of them \
             unacknowledged; {} lost, {} doubled",
            lost.len(),
            doubled.len()
        )?;
        let mut wrong = lost.iter().chain(doubled).take(10);
        wrong.try_for_each(|parcel| write!(f, "\n  {parcel:?} for {}", parcel.recipients().join(", ")))
    }
}
