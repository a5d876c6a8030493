//! A message on its way: transaction after transaction, until each recipient has an outcome.
use super::{
    At, Event, Message, Outcome, Reading, Report, Unsent,
    chunks::{Chunks, End},
    limits::{Limits, Used},
    plan::{Plan, Way},
    transaction::{Body, Open, decide, is_refusal, verdict},
};
use crate::{
    Capabilities, Code, Command, Phase, Rcpt, Reply,
    client::{Client, SendRefusal, Ticket},
};
use alloc::{collections::VecDeque, vec::Vec};
use core::mem;
use mail_wire::Mark;

/// A message on its way.
#[derive(Debug)]
pub(super) struct Running {
    plan: Plan,
    limits: Limits,
    reading: Reading,
    /// One for each recipient that has one.
    outcomes: Vec<Option<Outcome>>,
    /// Recipients that wait for a transaction.
    waiting: VecDeque<usize>,
    transaction: Transaction,
}

#[derive(Debug)]
enum Transaction {
    /// None yet.
    Ahead,
    Open(Open),
    /// One is over.
    Behind,
}

impl Running {
    /// A message for this server; or the report, where none of it can be sent.
    pub(super) fn new(message: &Message, client: &Client) -> Result<Self, Report> {
        let nothing = Capabilities::new();
        let offered = client.capabilities().unwrap_or(&nothing);
        let config = client.config();
        let lines = Way::of_lines(config.chunking, config.bare, offered);
        match Plan::new(message, offered, client.state().security, lines) {
            Ok(plan) => {
                let outcomes: Vec<_> =
                    plan.recipients.iter().map(|rcpt| rcpt.clone().err().map(Outcome::Unsent)).collect();
                let waits = |place: &usize| outcomes.get(*place).is_some_and(Option::is_none);
                Ok(Self {
                    limits: Limits::of(offered),
                    reading: message.reading(),
                    waiting: (0..outcomes.len()).filter(waits).collect(),
                    transaction: Transaction::Ahead,
                    outcomes,
                    plan,
                })
            }
            Err(why) => Err(unsent(message, &why)),
        }
    }

    /// Sends what may be sent. An event: the body is wanted, or the message has come to its end.
    ///
    /// The RSET that was sent last is left in `reset`.
    pub(super) fn go_on(
        &mut self,
        client: &mut Client,
        mark: &Mark,
        used: &mut Used,
        reset: &mut Option<Ticket>,
    ) -> Option<Event> {
        loop {
            if client.state().phase == Phase::Closed {
                return None;
            }
            match &mut self.transaction {
                Transaction::Open(open) => {
                    let (plan, outcomes) = (&self.plan, &mut self.outcomes);
                    open.name(client, |place| rcpt(plan, place), outcomes);
                    if let Some(upload) = open.ask(client, mark, plan.way, outcomes) {
                        return Some(Event::Body(upload));
                    }
                    if !open.is_over() {
                        return None;
                    }
                    // rule rfc5321 3.3 delivery-resets: a transaction that came to nothing is ended by RSET
                    if is_open(client) {
                        match client.send(Command::Rset) {
                            Ok(ticket) => *reset = Some(ticket),
                            Err(error) if error.refusal == SendRefusal::Busy => return None,
                            // The next command tells how things stand.
                            Err(_) => {}
                        }
                    }
                    self.transaction = Transaction::Behind;
                }
                Transaction::Ahead | Transaction::Behind if self.waiting.is_empty() => {
                    return Some(Event::Report(self.report(&Unsent::SessionOver(None))));
                }
                Transaction::Behind if self.reading == Reading::Once => self.give_up(&Unsent::ReadOnce),
                // rule rfc9422 4.1 delivery-mailmax: a session has no more transactions than MAILMAX says
                Transaction::Ahead | Transaction::Behind if !self.limits.permit(used) => {
                    self.give_up(&Unsent::NoMoreTransactions);
                }
                Transaction::Ahead | Transaction::Behind => {
                    let batch = self.limits.take(used, &mut self.waiting, |place| rcpt(&self.plan, place));
                    for place in batch.refused {
                        decide(&mut self.outcomes, place, || Outcome::Unsent(Unsent::NoMoreDomains));
                    }
                    if batch.taken.is_empty() {
                        continue;
                    }
                    match client.send(Command::Mail(self.plan.mail.clone())) {
                        Ok(mail) => {
                            used.begin();
                            self.transaction = Transaction::Open(Open::new(mail, batch.taken));
                        }
                        Err(error) => {
                            let busy = error.refusal == SendRefusal::Busy;
                            self.waiting.extend(batch.taken);
                            if busy {
                                return None;
                            }
                            self.give_up(&error.refusal.into());
                        }
                    }
                }
            }
        }
    }

    /// Nobody who waits is sent the message.
    fn give_up(&mut self, unsent: &Unsent) {
        for place in self.waiting.drain(..) {
            decide(&mut self.outcomes, place, || Outcome::Unsent(unsent.clone()));
        }
    }

    /// A reply to one of this transaction's commands.
    pub(super) fn reply(&mut self, ticket: Ticket, reply: &Reply) {
        let Transaction::Open(open) = &mut self.transaction else { return };
        let is_refused = is_refusal(reply);
        let refused = |at| Outcome::Refused { at, reply: reply.clone() };
        if ticket == open.mail {
            open.unanswered -= 1;
            if is_refused {
                let named = open.named.iter().map(|(_, place)| *place);
                // Another MAIL would hear the same.
                for place in named.chain(open.unnamed.drain(..)).chain(self.waiting.drain(..)) {
                    decide(&mut self.outcomes, place, || refused(At::Mail));
                }
                open.give_up();
            }
        } else if let Ok(at) = open.named.binary_search_by_key(&ticket, |(ticket, _)| *ticket) {
            open.unanswered -= 1;
            let Some((_, place)) = open.named.get(at).copied() else { return };
            if self.outcomes.get(place).is_none_or(Option::is_some) {
                return;
            }
            if !is_refused {
                open.accepted.push((ticket, place));
            } else if reply.is_too_many_recipients()
                && !open.accepted.is_empty()
                && self.reading == Reading::Again
            {
                // rule rfc5321 4.5.3.1.10 delivery-splits: those who are too many have another transaction
                self.waiting.push_back(place);
                self.limits.learn(open.accepted.len());
            } else {
                decide(&mut self.outcomes, place, || refused(At::Rcpt));
                // Where nobody is too many, another transaction would fare no better.
                let others = reply.is_too_many_recipients().then(|| self.waiting.drain(..));
                for place in others.into_iter().flatten() {
                    decide(&mut self.outcomes, place, || refused(At::Rcpt));
                }
            }
        } else {
            open.answered(ticket, reply, &mut self.outcomes);
        }
    }

    /// LMTP: the verdict on the message for one recipient.
    pub(super) fn recipient(&mut self, recipient: Ticket, reply: &Reply) {
        let Transaction::Open(open) = &mut self.transaction else { return };
        // rule rfc2033 4.2 delivery-each: in LMTP each recipient has a verdict of its own
        if let Ok(at) = open.accepted.binary_search_by_key(&recipient, |(ticket, _)| *ticket) {
            if let Some((_, place)) = open.accepted.get(at).copied() {
                decide(&mut self.outcomes, place, || verdict(reply));
            }
        }
        let is_decided = |place: usize| self.outcomes.get(place).is_none_or(Option::is_some);
        if open.accepted.iter().all(|(_, place)| is_decided(*place)) {
            open.body = Body::Over;
        }
    }

    /// 354 was said, or BDAT: the host writes.
    pub(super) fn uploading(&mut self, ticket: Ticket) {
        if let Transaction::Open(open) = &mut self.transaction {
            open.body = match self.plan.way {
                Way::Sized(left) => Body::Counted { ticket, left },
                Way::Lines | Way::Chunks(_) => Body::Writing(ticket),
            };
        }
    }

    /// The host has written so many octets.
    pub(super) fn written(&mut self, octets: usize) {
        if let Transaction::Open(Open { body: Body::Counted { left, .. }, .. }) = &mut self.transaction {
            *left = left.saturating_sub(octets as u64);
        }
    }

    /// The host has written all of it.
    pub(super) fn uploaded(&mut self) {
        let Transaction::Open(open) = &mut self.transaction else { return };
        match &mut open.body {
            Body::Writing(ticket) | Body::Counted { ticket, .. } => open.body = Body::Sent(*ticket),
            Body::Chunks(chunks) if chunks.end() == End::Refused => open.body = Body::Over,
            Body::Chunks(chunks) => chunks.finish(),
            Body::Ahead | Body::Asked(_) | Body::Sent(_) | Body::Over => {}
        }
    }

    /// The chunks that the host writes.
    pub(super) fn chunks(&mut self) -> Option<&mut Chunks> {
        match &mut self.transaction {
            Transaction::Open(Open { body: Body::Chunks(chunks), .. }) => Some(chunks),
            _ => None,
        }
    }

    /// What became of the message. Who has no outcome yet has this one.
    pub(super) fn report(&mut self, end: &Unsent) -> Report {
        if let Transaction::Open(open) = &self.transaction {
            match end {
                // A refusal that came while the body was written is the verdict on it, said early.
                Unsent::SessionOver(Some(reply))
                    if open.is_begun() && reply.code() != Code::NOT_AVAILABLE =>
                {
                    open.decide(&mut self.outcomes, || verdict(reply));
                }
                _ => {}
            }
            // rule rfc5321 4.5.3.2.6 delivery-unknown: without a verdict it is not known what became of the message
            if matches!(open.body, Body::Sent(_) | Body::Counted { left: 0, .. }) {
                open.decide(&mut self.outcomes, || Outcome::Unknown);
            }
        }
        let outcomes = self.outcomes.drain(..);
        let outcomes =
            outcomes.map(|outcome| outcome.unwrap_or_else(|| Outcome::Unsent(end.clone()))).collect();
        Report { outcomes, omitted: mem::take(&mut self.plan.omitted) }
    }
}

/// A message of which nothing is sent.
pub(super) fn unsent(message: &Message, why: &Unsent) -> Report {
    let outcomes = message.recipients().iter().map(|_| Outcome::Unsent(why.clone())).collect();
    Report { outcomes, omitted: Vec::new() }
}

fn rcpt(plan: &Plan, place: usize) -> Option<&Rcpt> {
    plan.recipients.get(place)?.as_ref().ok()
}

/// Does a transaction stand?
fn is_open(client: &Client) -> bool {
    matches!(client.state().phase, Phase::Transaction { .. } | Phase::Chunking { .. })
}
