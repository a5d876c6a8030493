//! A client against a server that says anything.
use super::{
    cases,
    commands::{client_config, command, protocol},
};
use bytes::{Buf, BytesMut};
use proptest::prelude::*;
use smtp_proto::{
    Command, Protocol, ProtocolError, Step, Upgrade, Upload,
    client::{Client, Event, Ticket},
    sasl::Response,
};
use std::collections::BTreeSet;

/// What a server may say to anything: replies out of place, half replies, none at all.
const SAID: [&str; 10] = [
    "250 ok\r\n",
    "550 no\r\n",
    "354 go\r\n",
    "220 hi\r\n",
    "250-s\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
    "250-s\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n",
    "334 \r\n",
    "junk\r\n",
    "250-a\r\n",
    "250\r\n",
];

/// What both sides do in turn.
#[derive(Debug, Clone)]
struct Round {
    command: Option<Command>,
    said: &'static str,
    /// Whether TLS that was agreed on is turned on now.
    is_secured: bool,
}

fn round(protocol: Protocol) -> impl Strategy<Value = Round> {
    let said = prop_oneof![
        10 => Just("250 ok\r\n"),
        10 => Just("354 go\r\n"),
        40 => prop::sample::select(&SAID[..]),
        // Ends the session.
        1 => Just("421 bye\r\n"),
    ];
    let command = prop::option::of(command(protocol));
    (command, said, prop::bool::weighted(0.05)).prop_map(|(command, said, is_secured)| Round {
        command,
        said,
        is_secured,
    })
}

/// A client and what it was granted, and the commands whose end it was not told.
struct Session {
    client: Client,
    input: BytesMut,
    open: BTreeSet<Ticket>,
    upload: Option<Upload>,
    upgrade: Option<Upgrade>,
    is_over: bool,
}

impl Session {
    fn round(&mut self, round: Round) {
        if let Some(command) = round.command {
            self.open.extend(self.client.send(command).ok());
        }
        self.finish();
        if round.is_secured {
            if let Some(upgrade) = self.upgrade.take() {
                // What waits in clear ends the session, which the next step tells.
                let _ = self.client.upgraded(upgrade, &self.input);
            }
        }
        self.hear(round.said);
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
            Event::Reply { ticket, .. }
            | Event::Recipient { ticket, .. }
            | Event::Unanswered(ticket)
            | Event::NeverSent(ticket) => {
                self.open.remove(&ticket);
            }
            Event::Upload { upload, .. } => self.upload = Some(upload),
            Event::Upgrade { ticket, upgrade } => {
                self.open.remove(&ticket);
                self.upgrade = Some(upgrade);
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    /// Else the mail of a command whose end is not told stays in its host's queue for ever.
    #[test]
    fn every_command_is_told_its_end_by_a_server_that_says_anything(
        (protocol, rounds) in protocol().prop_flat_map(|protocol| {
            (Just(protocol), prop::collection::vec(round(protocol), 0..40))
        }),
    ) {
        let mut session = Session {
            client: Client::new(client_config(protocol)),
            input: BytesMut::new(),
            open: BTreeSet::new(),
            upload: None,
            upgrade: None,
            is_over: false,
        };
        for round in rounds {
            session.round(round);
        }
        session.finish();
        // The server answers all that it owes.
        for _ in 0..50 {
            session.hear("550 no\r\n");
        }
        prop_assert!(session.open.is_empty(), "not told: {:?}, {:?}", session.open, session.client);
    }
}
