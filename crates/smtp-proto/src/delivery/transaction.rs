//! One transaction: MAIL, RCPTs, the body, its verdict.
use super::{
    At, Outcome,
    chunks::{Chunks, End},
    plan::Way,
};
use crate::{
    Bdat, Chunk, Class, Command, Extension, Rcpt, Reply,
    client::{Client, SendRefusal, Ticket},
};
use alloc::{collections::VecDeque, vec::Vec};
use mail_wire::{Mark, Upload};

/// A transaction.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) mail: Ticket,
    /// Recipients who are to be named.
    pub(super) unnamed: VecDeque<usize>,
    /// Recipients who were named: by the tickets of their RCPTs, which grow.
    pub(super) named: Vec<(Ticket, usize)>,
    /// Those of them who were accepted.
    pub(super) accepted: Vec<(Ticket, usize)>,
    /// MAIL and RCPTs whose replies have not come.
    pub(super) unanswered: usize,
    pub(super) body: Body,
}

/// How the body fares.
#[derive(Debug)]
pub(super) enum Body {
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

impl Open {
    /// Behind this MAIL, for these recipients.
    pub(super) fn new(mail: Ticket, unnamed: VecDeque<usize>) -> Self {
        let (named, accepted) = (Vec::new(), Vec::new());
        Self { mail, unnamed, named, accepted, unanswered: 1, body: Body::Ahead }
    }

    /// Names recipients, as far as the server takes commands.
    pub(super) fn name<'a>(
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
    pub(super) fn ask(
        &mut self,
        client: &mut Client,
        mark: &Mark,
        way: Way,
        outcomes: &mut [Option<Outcome>],
    ) -> Option<Upload> {
        let may_go_on = self.may_go_on(client);
        match &mut self.body {
            Body::Ahead if !self.unnamed.is_empty() => {}
            // Where no recipient was accepted the message is not sent: the client would not take DATA either.
            Body::Ahead if self.unanswered == 0 && self.accepted.is_empty() => self.body = Body::Over,
            // rule rfc2920 3.1 delivery-groups: DATA shares the group of the RCPTs before it
            Body::Ahead if way == Way::Lines && may_go_on && !self.named.is_empty() => {
                let asked = client.send(Command::Data).map_err(|error| error.refusal);
                self.asked(asked, outcomes);
            }
            Body::Ahead if way == Way::Lines || self.unanswered > 0 => {}
            Body::Ahead => {
                let length = match way {
                    Way::Sized(length) => length,
                    Way::Chunks(content) => {
                        self.body = Body::Chunks(Chunks::new(content));
                        // It holds no octets: they gather, and go through uploads of the client.
                        return Some(Upload::sized(mark, 0));
                    }
                    Way::Lines => return None,
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
    pub(super) fn answered(&mut self, ticket: Ticket, reply: &Reply, outcomes: &mut [Option<Outcome>]) {
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
                let is_finished = chunks.end() == End::Due;
                chunks.refuse();
                self.decide(outcomes, || verdict(reply));
                if is_finished {
                    self.body = Body::Over;
                }
            }
            _ => {}
        }
    }

    /// What becomes of all who were accepted.
    pub(super) fn decide(&self, outcomes: &mut [Option<Outcome>], outcome: impl Fn() -> Outcome) {
        for (_, place) in &self.accepted {
            decide(outcomes, *place, &outcome);
        }
    }

    /// MAIL was refused: what was sent behind it is refused too.
    pub(super) fn give_up(&mut self) {
        if let Body::Ahead = self.body {
            self.body = Body::Over;
        }
    }

    /// Without PIPELINING nothing is sent before what was sent is answered: what becomes of it may make it vain.
    fn may_go_on(&self, client: &Client) -> bool {
        let offered = client.capabilities();
        self.unanswered == 0 || offered.is_some_and(|offered| offered.has(Extension::Pipelining))
    }

    /// Has the body, or a part of it, been sent?
    pub(super) fn is_begun(&self) -> bool {
        !matches!(self.body, Body::Ahead | Body::Asked(_) | Body::Over)
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.body, Body::Over) && self.unanswered == 0
    }
}

/// The first outcome counts.
pub(super) fn decide(outcomes: &mut [Option<Outcome>], place: usize, outcome: impl FnOnce() -> Outcome) {
    if let Some(undecided @ None) = outcomes.get_mut(place) {
        *undecided = Some(outcome());
    }
}

pub(super) fn verdict(reply: &Reply) -> Outcome {
    if is_refusal(reply) {
        Outcome::Refused { at: At::Message, reply: reply.clone() }
    } else {
        Outcome::Accepted(reply.clone())
    }
}

pub(super) fn is_refusal(reply: &Reply) -> bool {
    matches!(reply.code().class(), Class::Transient | Class::Permanent)
}
