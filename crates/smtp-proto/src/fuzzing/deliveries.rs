//! Messages delivered to a server that says anything.
use super::sender::client_config;
use crate::{
    Body, Chunking, ClientConfig, ClientName, Leniency, Mail, Mailbox, Protocol, Rcpt, Step,
    delivery::{Delivery, Event, Message, Reading},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::{Buf, Bytes, BytesMut};
use mail_wire::{
    Upload,
    fuzzing::{Dice, Input, same_under_any_cut},
};

/// Each message has one report, with an outcome for each recipient, whatever the server says and however it is cut.
///
/// Lines come one at a time at most: what is said to the one must be on its way before the next can be an answer to it.
pub(super) fn are_reported(mut input: Input<'_>) {
    let asked = Asked::new(&mut input.dice);
    let stream = input.octets;
    same_under_any_cut(input, |pieces| {
        let lines = pieces.iter().flat_map(|piece| piece.split_inclusive(|octet| *octet == b'\n'));
        run(&asked, lines)
    });
    run(&asked, [stream].into_iter());
}

/// What the dice say of a session and its host.
#[derive(Debug, Clone)]
struct Asked {
    config: ClientConfig,
    message: Message,
    /// Pieces of four octets.
    pieces: u8,
    end: End,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Finished,
    Dropped,
}

impl Asked {
    fn new(dice: &mut Dice<'_>) -> Self {
        let protocol = dice.one_of(&[Protocol::Smtp, Protocol::Lmtp]);
        let config = ClientConfig {
            leniency: dice.one_of(&[Leniency::LENIENT, Leniency::STRICT]),
            max_in_flight: dice.one_of(&[50, 3]),
            max_line: 200,
            max_reply: 400,
            ..client_config(protocol)
        };
        let mail = Mail::new(Mailbox::new("a@x.example").unwrap());
        let mail = mail.with_body(dice.one_of(&[Body::SevenBit, Body::EightBitMime, Body::BinaryMime]));
        let mail = match dice.one_of(&[None, Some(8), Some(0)]) {
            Some(octets) => mail.with_size(octets),
            None => mail,
        };
        let names = ["b@x.example", "c@y.example", "d\u{f6}mi@x.example", "e@x.example"];
        let recipients = (0..=dice.among(4)).map(|at| names[usize::from(at) % names.len()]);
        let recipients = recipients.map(|name| Rcpt::new(Mailbox::new(name).unwrap()));
        let reading = dice.one_of(&[Reading::Again, Reading::Once]);
        let mut asked = Self {
            message: Message::new(mail, recipients.collect()).with_reading(reading),
            config,
            pieces: dice.one_of(&[2, 0, 1, 40]),
            end: if dice.once_in(8) { End::Dropped } else { End::Finished },
        };
        asked.config.chunking = dice.one_of(&[Chunking::WhenNeeded, Chunking::Preferred]);
        asked
    }
}

/// What was said and told.
fn run<'a>(asked: &Asked, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let delivery = Delivery::new(asked.config.clone(), ClientName::new("c.example").unwrap());
    let mut session = Session { delivery, asked, owed: 0, delivered: 0, said: Vec::new(), log: Vec::new() };
    session.deliver();
    let (mut input, mut fed) = (BytesMut::new(), 0);
    session.hear(&mut input);
    for piece in pieces {
        input.extend_from_slice(piece);
        fed += piece.len() as u64;
        session.hear(&mut input);
    }
    let examined = session.delivery.examined();
    assert!(examined <= 2 * fed, "{examined} looked at of {fed}");
    // Clean or not: what is owed is told.
    let is_clean = session.delivery.receive_eof(&input).is_ok();
    session.log.push(format!("clean: {is_clean}"));
    session.hear(&mut input);
    assert_eq!(session.owed, 0, "a message has no report: {:#?}", session.log);
    session.log.push(session.said.escape_ascii().to_string());
    session.log
}

/// A session, and how many reports it owes.
struct Session<'a> {
    delivery: Delivery,
    asked: &'a Asked,
    owed: usize,
    delivered: usize,
    said: Vec<u8>,
    log: Vec<String>,
}

impl Session<'_> {
    fn deliver(&mut self) {
        self.delivered += 1;
        if self.delivered <= 3 && self.delivery.deliver(self.asked.message.clone()).is_ok() {
            self.owed += 1;
        }
    }

    fn hear(&mut self, input: &mut BytesMut) {
        let mut is_broken = false;
        loop {
            let step = self.delivery.receive(input);
            self.flush();
            match step {
                Ok(Step::Event(event)) => self.event(event),
                // Nobody logs in, and there is no TLS: what needs an answer waits for ever, until the server is gone.
                Ok(Step::NeedInput { .. } | Step::NeedAnswer | Step::Closed) => break,
                Ok(Step::NeedFlush) => {}
                Err(error) => {
                    assert!(!is_broken, "a session ends twice: {error}");
                    is_broken = true;
                    self.log.push(format!("{error}"));
                }
            }
        }
    }

    fn flush(&mut self) {
        let transmit = self.delivery.transmit();
        self.said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Body(upload) => {
                self.log.push("body".into());
                self.write(upload);
            }
            Event::Report(report) => {
                assert_eq!(report.outcomes.len(), self.asked.message.recipients().len());
                assert!(self.owed > 0, "a message is reported twice: {report:?}");
                self.owed -= 1;
                self.log.push(format!("{report:?}"));
                self.deliver();
            }
            other => self.log.push(format!("{other:?}")),
        }
    }

    /// What cannot be written, or ended, is dropped.
    fn write(&mut self, mut upload: Upload) {
        for _ in 0..self.asked.pieces {
            if self.delivery.write(&mut upload, Bytes::from_static(b".x\r\n")).is_err() {
                break;
            }
            self.flush();
        }
        if let End::Finished = self.asked.end {
            let _ = self.delivery.finish(upload);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::cases;
    use proptest::prelude::*;

    /// What a server may say to anything, the likely more often.
    const SAID: [&str; 16] = [
        "250 ok\r\n",
        "354 go\r\n",
        "250 ok\r\n",
        "550 no\r\n",
        "250 ok\r\n",
        "452 too many\r\n",
        "354 go\r\n",
        "250 ok\r\n",
        "220 s\r\n",
        "250-s\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 BINARYMIME\r\n",
        "250-s\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 LIMITS RCPTMAX=1\r\n",
        "451 later\r\n",
        "503 no\r\n",
        "334 \r\n",
        "junk\r\n",
        "421 bye\r\n",
    ];

    proptest! {
        #![proptest_config(cases(2000))]

        /// Else who sent a message is never told what became of it.
        #[test]
        fn every_message_is_reported_once_under_every_cut(
            faces in prop::collection::vec(any::<u8>(), 0..30),
            offers in 8..11_usize,
            said in prop::collection::vec(0..SAID.len(), 0..40),
        ) {
            let said = [8, offers].into_iter().chain(said).map(|reply| SAID[reply]);
            let octets = said.collect::<String>().into_bytes();
            are_reported(Input { dice: Dice::new(&faces), octets: &octets });
        }
    }
}
