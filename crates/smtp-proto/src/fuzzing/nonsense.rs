//! A client against a server that says anything.
use super::sender::{client_config, command};
use crate::{
    Command, Protocol, ProtocolError, Step, Upgrade, Upload,
    client::{Client, Event, Ticket},
    sasl::Response,
};
use alloc::collections::BTreeSet;
use bytes::{Buf, BytesMut};
use mail_wire::fuzzing::{Dice, Input};

/// What a server may say to anything: replies out of place, half replies, none at all. The last one ends the session.
const SAID: [&str; 20] = [
    "250 ok\r\n",
    "354 go\r\n",
    "550 no\r\n",
    "250 ok\r\n",
    "354 go\r\n",
    "220 hi\r\n",
    "250 ok\r\n",
    "250-s\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
    "354 go\r\n",
    "250-s\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n",
    "334 \r\n",
    "250 ok\r\n",
    "354 go\r\n",
    "junk\r\n",
    "550 no\r\n",
    "250-a\r\n",
    "220 hi\r\n",
    "250\r\n",
    "334 \r\n",
    "421 bye\r\n",
];

/// Else the mail of a command whose end is not told stays in its host's queue for ever.
pub(super) fn every_end_is_told(mut input: Input<'_>) {
    let protocol = input.dice.one_of(&[Protocol::Smtp, Protocol::Lmtp]);
    let mut session = Session::new(protocol);
    // What both do comes from the octets: there are more of them.
    let mut rounds = Dice::new(input.octets);
    while !rounds.is_empty() {
        session.round(&mut rounds, protocol);
    }
    session.finish();
    // The server answers all that it owes.
    for _ in 0..50 {
        session.hear("550 no\r\n");
    }
    assert!(session.open.is_empty(), "not told: {:?}, {:?}", session.open, session.client);
}

/// A client and what it was granted, and the commands whose end it was not told.
struct Session {
    client: Client,
    input: BytesMut,
    open: BTreeSet<Ticket>,
    /// The DATA whose message was asked for last.
    message: Option<Ticket>,
    upload: Option<Upload>,
    upgrade: Option<Upgrade>,
    is_over: bool,
}

impl Session {
    fn new(protocol: Protocol) -> Self {
        Self {
            client: Client::new(client_config(protocol)),
            input: BytesMut::new(),
            open: BTreeSet::new(),
            message: None,
            upload: None,
            upgrade: None,
            is_over: false,
        }
    }

    /// What both sides do in turn.
    fn round(&mut self, dice: &mut Dice<'_>, protocol: Protocol) {
        if !dice.once_in(2) && self.open.len() < 40 {
            self.send(command(dice, protocol));
        }
        self.finish();
        if dice.once_in(20) {
            if let Some(upgrade) = self.upgrade.take() {
                // What waits in clear ends the session, which the next step tells.
                let _ = self.client.upgraded(upgrade, &self.input);
            }
        }
        self.hear(dice.one_of(&SAID));
    }

    fn send(&mut self, command: Command) {
        self.open.extend(self.client.send(command).ok());
    }

    /// A message of nothing.
    fn finish(&mut self) {
        if let Some(upload) = self.upload.take() {
            // Refused where the session has ended meanwhile.
            let _ = self.client.finish(upload);
        }
    }

    fn hear(&mut self, said: &str) {
        let unsent = self.client.transmit().remaining();
        self.client.transmit().advance(unsent);
        self.input.extend_from_slice(said.as_bytes());
        while !self.is_over {
            match self.client.receive(&mut self.input) {
                Ok(Step::Event(event)) => self.event(event),
                Ok(Step::Closed) => self.is_over = true,
                Ok(Step::NeedAnswer) => {
                    // Of an upgrade nothing is cancelled.
                    let _ = self.client.respond(&Response::Cancel);
                    return;
                }
                Ok(_) => return,
                Err(error) => self.broken(&error),
            }
        }
    }

    /// Behind an error the client tells what was on its way, and closes.
    fn broken(&mut self, error: &ProtocolError) {
        loop {
            match self.client.receive(&mut self.input) {
                Ok(Step::Event(event)) => self.event(event),
                Ok(Step::Closed) => break,
                other => panic!("behind `{error}`: {other:?}"),
            }
        }
        self.is_over = true;
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Reply { ticket, .. } | Event::Recipient { ticket, .. } | Event::NeverSent(ticket) => {
                self.open.remove(&ticket);
            }
            Event::Unanswered(ticket) => {
                // Of an LMTP message the RCPTs are named, whose own replies came before.
                let message = self.message.filter(|_| !self.open.contains(&ticket));
                self.open.remove(&message.unwrap_or(ticket));
            }
            Event::Upload { ticket, upload } => {
                self.message = Some(ticket);
                self.upload = Some(upload);
            }
            Event::Upgrade { ticket, upgrade } => {
                self.open.remove(&ticket);
                self.upgrade = Some(upgrade);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::cases;
    use proptest::prelude::*;

    /// Its end is told by the RCPTs that nobody answered for.
    #[test]
    fn a_message_of_lmtp_that_hears_nonsense_is_told_its_end() {
        let octets = b"250-BINARYMIME\r\nMAIL FROM:<test@example.com>\r\nQUIT\r\n.\n\nRCPT TO:<b@example.net>\r\nQUIT\r\n";
        every_end_is_told(Input { dice: Dice::new(&[1]), octets });
    }

    proptest! {
        #![proptest_config(cases(3000))]

        #[test]
        fn every_command_is_told_its_end_by_a_server_that_says_anything(
            protocol in any::<u8>(),
            octets in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            every_end_is_told(Input { dice: Dice::new(&[protocol]), octets: &octets });
        }
    }
}
