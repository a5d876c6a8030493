//! A message on its way: transaction after transaction, until each recipient has an outcome.
use super::{
    At, Event, Message, Outcome, Reading, Report, Unsent,
    chunks::{Chunks, End},
    limits::{Limits, Used},
    outcome::is_too_many,
    plan::{Plan, Way},
};
use crate::{
    Bdat, Capabilities, Chunk, Class, Command, Extension, Phase, Rcpt, Reply,
    client::{Client, SendRefusal, Ticket},
};
use alloc::{collections::VecDeque, vec::Vec};
use core::mem;
use mail_wire::{Mark, Upload};

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

/// A transaction.
#[derive(Debug)]
struct Open {
    mail: Ticket,
    /// Recipients who are to be named.
    unnamed: VecDeque<usize>,
    /// Recipients who were named: by the tickets of their RCPTs, which grow.
    named: Vec<(Ticket, usize)>,
    /// Those of them who were accepted.
    accepted: Vec<(Ticket, usize)>,
    /// MAIL and RCPTs whose replies have not come.
    unanswered: usize,
    body: Body,
}

/// How the body fares.
#[derive(Debug)]
enum Body {
    /// It was not asked for.
    Ahead,
    /// DATA or BDAT was sent.
    Asked(Ticket),
    /// The host writes it.
    Writing(Ticket),
    /// The host writes it, and so many octets are left: without them the server has all of it.
    Counted { ticket: Ticket, left: u64 },
    /// The host writes it, and it goes in chunks.
    Chunks(Chunks),
    /// All of it was sent.
    Sent(Ticket),
    /// It was answered, or nobody receives it.
    Over,
}

impl Running {
    /// A message for this server; or the report, where none of it can be sent.
    pub(super) fn new(message: &Message, client: &Client) -> Result<Self, Report> {
        let nothing = Capabilities::new();
        let offered = client.capabilities().unwrap_or(&nothing);
        match Plan::new(message, offered, client.state().security) {
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
    pub(super) fn go_on(&mut self, client: &mut Client, mark: &Mark, used: &mut Used) -> Option<Event> {
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
                    self.transaction = Transaction::Behind;
                    // rule rfc5321 3.3 delivery-resets: a transaction that came to nothing is ended by RSET
                    if is_open(client) {
                        // Whatever is answered, the next command tells how things stand.
                        let _ = client.send(Command::Rset);
                    }
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
            } else if is_too_many(reply) && !open.accepted.is_empty() && self.reading == Reading::Again {
                // rule rfc5321 4.5.3.1.10 delivery-splits: those who are too many are sent the message in another transaction
                self.waiting.push_back(place);
                self.limits.learn(open.accepted.len());
            } else {
                decide(&mut self.outcomes, place, || refused(At::Rcpt));
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
                Way::Lines | Way::Chunks => Body::Writing(ticket),
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

impl Open {
    /// Behind this MAIL, for these recipients.
    fn new(mail: Ticket, unnamed: VecDeque<usize>) -> Self {
        let (named, accepted) = (Vec::new(), Vec::new());
        Self { mail, unnamed, named, accepted, unanswered: 1, body: Body::Ahead }
    }

    /// Names recipients, as far as the server takes commands.
    fn name<'a>(
        &mut self,
        client: &mut Client,
        rcpt: impl Fn(usize) -> Option<&'a Rcpt>,
        outcomes: &mut [Option<Outcome>],
    ) {
        while let Some(place) = self.unnamed.front().copied().filter(|_| self.may_go_on(client)) {
            let Some(rcpt) = rcpt(place) else { return };
            match client.send(Command::Rcpt(rcpt.clone())) {
                Ok(ticket) => {
                    self.named.push((ticket, place));
                    self.unanswered += 1;
                }
                Err(error) if error.refusal == SendRefusal::Busy => return,
                Err(error) => decide(outcomes, place, || Outcome::Unsent(error.refusal.into())),
            }
            self.unnamed.pop_front();
        }
    }

    /// Asks to send the body, as soon as that may be. An upload: it goes in chunks, and is written now.
    fn ask(
        &mut self,
        client: &mut Client,
        mark: &Mark,
        way: Way,
        outcomes: &mut [Option<Outcome>],
    ) -> Option<Upload> {
        let may_go_on = self.may_go_on(client);
        match &mut self.body {
            Body::Ahead if !self.unnamed.is_empty() => {}
            // rule rfc5321 3.3 delivery-nobody: where no recipient was accepted the message is not sent
            Body::Ahead if self.unanswered == 0 && self.accepted.is_empty() => self.body = Body::Over,
            // rule rfc2920 3.1 delivery-groups: DATA shares the group of the RCPTs before it
            Body::Ahead if way == Way::Lines && may_go_on && !self.named.is_empty() => {
                let asked = client.send(Command::Data).map_err(|error| error.refusal);
                self.asked(asked, outcomes);
            }
            Body::Ahead if way == Way::Lines || self.unanswered > 0 => {}
            Body::Ahead => {
                let Way::Sized(length) = way else {
                    self.body = Body::Chunks(Chunks::default());
                    // It holds no octets: they gather, and go through uploads of the client.
                    return Some(Upload::sized(mark, 0));
                };
                let asked = client.send(Command::Bdat(Bdat { length, chunk: Chunk::Last }));
                self.asked(asked.map_err(|error| error.refusal), outcomes);
            }
            Body::Chunks(chunks) if chunks.end() == End::Due => match chunks.send(client, Chunk::Last) {
                Ok(ticket) => self.body = Body::Sent(ticket),
                Err(SendRefusal::Busy) => {}
                Err(refusal) => {
                    // Where a chunk was refused, that is told already.
                    self.decide(outcomes, || Outcome::Unsent(refusal.into()));
                    self.body = Body::Over;
                }
            },
            _ => {}
        }
        None
    }

    fn asked(&mut self, asked: Result<Ticket, SendRefusal>, outcomes: &mut [Option<Outcome>]) {
        match asked {
            Ok(ticket) => self.body = Body::Asked(ticket),
            Err(SendRefusal::Busy) => {}
            Err(refusal) => {
                for (_, place) in &self.named {
                    decide(outcomes, *place, || Outcome::Unsent(refusal.into()));
                }
                self.body = Body::Over;
            }
        }
    }

    /// The reply to DATA, to the message or to a chunk.
    fn answered(&mut self, ticket: Ticket, reply: &Reply, outcomes: &mut [Option<Outcome>]) {
        match &mut self.body {
            // What is no refusal is the answer to the lone dot behind a 354 that nobody receives.
            Body::Asked(data) if *data == ticket => {
                let refused = || Outcome::Refused { at: At::Data, reply: reply.clone() };
                self.decide(outcomes, refused);
                self.body = Body::Over;
            }
            Body::Sent(data) if *data == ticket => {
                self.decide(outcomes, || verdict(reply));
                self.body = Body::Over;
            }
            // rule rfc3030 2 delivery-chunk-refused: a message of which a chunk was refused is refused
            Body::Sent(_) if is_refusal(reply) => self.decide(outcomes, || verdict(reply)),
            Body::Chunks(chunks) if is_refusal(reply) => {
                chunks.refuse();
                self.decide(outcomes, || verdict(reply));
            }
            _ => {}
        }
    }

    /// What becomes of all who were accepted.
    fn decide(&self, outcomes: &mut [Option<Outcome>], outcome: impl Fn() -> Outcome) {
        for (_, place) in &self.accepted {
            decide(outcomes, *place, &outcome);
        }
    }

    /// MAIL was refused: what was sent behind it is refused too.
    fn give_up(&mut self) {
        if let Body::Ahead = self.body {
            self.body = Body::Over;
        }
    }

    /// Without PIPELINING nothing is sent before what was sent is answered: what becomes of it may make it vain.
    fn may_go_on(&self, client: &Client) -> bool {
        let offered = client.capabilities();
        self.unanswered == 0 || offered.is_some_and(|offered| offered.has(Extension::Pipelining))
    }

    fn is_over(&self) -> bool {
        matches!(self.body, Body::Over) && self.unanswered == 0
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

/// The first outcome counts.
fn decide(outcomes: &mut [Option<Outcome>], place: usize, outcome: impl FnOnce() -> Outcome) {
    if let Some(undecided @ None) = outcomes.get_mut(place) {
        *undecided = Some(outcome());
    }
}

fn verdict(reply: &Reply) -> Outcome {
    if is_refusal(reply) {
        Outcome::Refused { at: At::Message, reply: reply.clone() }
    } else {
        Outcome::Accepted(reply.clone())
    }
}

fn is_refusal(reply: &Reply) -> bool {
    matches!(reply.code().class(), Class::Transient | Class::Permanent)
}

/// Does a transaction stand?
fn is_open(client: &Client) -> bool {
    matches!(client.state().phase, Phase::Transaction { .. } | Phase::Chunking { .. })
}
