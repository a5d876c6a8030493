//! A server whose session ends at any moment.
use super::receiver::server_config;
use crate::{
    Ask, Identity, Protocol, Reason, Step,
    server::{Ack, AuthAnswer, Delivered, Event, Queued, Request, Server, Verified},
};
use alloc::{boxed::Box, string::String, vec::Vec};
use bytes::{Buf, BytesMut};
use core::any::Any;
use mail_wire::fuzzing::{Dice, Input};

/// How a session is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interruption {
    /// The service goes down.
    Shutdown,
    /// The client hangs up.
    HangUp,
    /// The host forgets what it was asked.
    Forgotten,
}

/// Else a server falls over while it shuts down, or talks to a client that it has said good-bye to: a session that is
/// interrupted anywhere says 421 or nothing, and stays closed.
pub(super) fn stay_closed(mut input: Input<'_>) {
    let protocol = input.dice.one_of(&[Protocol::Smtp, Protocol::Lmtp]);
    let interruption =
        input.dice.one_of(&[Interruption::Shutdown, Interruption::HangUp, Interruption::Forgotten]);
    let at = usize::from(input.dice.among(20));
    let mut said = BytesMut::from(input.octets);
    let mut server = Server::new(server_config(protocol));
    let mut host = Careless { dice: input.dice, left: Vec::new() };
    interrupt(&mut server, &mut host, &mut said, (interruption, at));
    said_by(&mut server);
    server.close(Reason::Timeout);
    let last = said_by(&mut server);
    assert!(last.is_empty() || last.starts_with("421 ") && last.lines().count() == 1, "{last}");
    assert!(matches!(server.receive(&mut said), Ok(Step::Closed)));
    server.close(Reason::Timeout);
    assert_eq!(said_by(&mut server), "", "a second good-bye");
}

/// A host that agrees to everything, and now and then leaves a question lying about or throws it away.
struct Careless<'a> {
    dice: Dice<'a>,
    left: Vec<Box<dyn Any>>,
}

impl Careless<'_> {
    fn answer<T: Request + 'static>(
        &mut self,
        server: &mut Server,
        ask: Ask<T>,
        answer: T::Answer,
    ) -> Option<T::Grant> {
        match self.dice.among(30) {
            28 => drop(ask),
            29 => self.left.push(Box::new(ask)),
            // Too late where a question before it was thrown away.
            _ => return server.accept(ask, answer).ok(),
        }
        None
    }

    fn event(&mut self, server: &mut Server, event: Event, input: &mut BytesMut) {
        match event {
            Event::Connect(ask) => self.answer(server, ask, ()),
            Event::Hello(ask) => self.answer(server, ask, ()),
            Event::Auth(ask) => self.answer(server, ask, AuthAnswer::Challenge(Vec::new())),
            Event::AuthResponse(ask) => self.answer(server, ask, AuthAnswer::Success),
            Event::Mail(ask) => self.answer(server, ask, Ack::default()),
            Event::Rcpt(ask) => self.answer(server, ask, Ack::default()),
            Event::Data(ask) => self.answer(server, ask, ()),
            Event::Message(ask) => self.answer(server, ask, Delivered::all(Ack::default())),
            Event::Vrfy(ask) => self.answer(server, ask, Verified::Unverified),
            Event::Expn(ask) => self.answer(server, ask, Vec::new()),
            Event::Etrn(ask) => self.answer(server, ask, Queued::Nothing),
            Event::XClient(ask) => self.answer(server, ask, Identity::Anonymous),
            Event::XForward(ask) => self.answer(server, ask, ()),
            Event::StartTls(ask) => self.answer(server, ask, ()).and_then(|upgrade| {
                // Dropped half of the time, which ends the session.
                input.clear();
                if self.dice.once_in(2) { None } else { server.upgraded(upgrade, input).ok() }
            }),
            _ => None,
        };
    }
}

/// Runs a session to its end, or as far as it goes behind the interruption, which comes at this step.
fn interrupt(
    server: &mut Server,
    host: &mut Careless<'_>,
    input: &mut BytesMut,
    (interruption, at): (Interruption, usize),
) {
    for step in 0.. {
        if step == at {
            match interruption {
                Interruption::Shutdown => server.close(Reason::Shutdown),
                // Clean or not: what follows is the same.
                Interruption::HangUp => drop(server.receive_eof(input)),
                Interruption::Forgotten => host.left.clear(),
            }
        }
        match server.receive(input) {
            Ok(Step::Event(event)) => host.event(server, event, input),
            Ok(Step::NeedFlush) => drop(said_by(server)),
            Ok(Step::Closed) | Err(_) => return,
            Ok(Step::NeedInput { .. } | Step::NeedAnswer) if step > at => return,
            Ok(Step::NeedInput { .. } | Step::NeedAnswer) => {}
        }
    }
}

fn said_by(server: &mut Server) -> String {
    let transmit = server.transmit();
    String::from_utf8_lossy(&transmit.copy_to_bytes(transmit.remaining())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::{LINES, cases};
    use proptest::prelude::*;
    use std::format;

    /// What a client says, in the protocol of the server.
    fn said(protocol: u8) -> impl Strategy<Value = Vec<u8>> {
        let line = prop::sample::select(&LINES[..]).prop_map(move |line| match protocol {
            1 if line.starts_with("EHLO") => "LHLO c\r\n".into(),
            _ => format!("{line}\r\n"),
        });
        prop::collection::vec(line, 0..25).prop_map(|lines| lines.concat().into_bytes())
    }

    proptest! {
        #![proptest_config(cases(3000))]

        #[test]
        fn a_session_that_is_interrupted_anywhere_says_421_or_nothing_and_stays_closed(
            (protocol, said) in (0..2_u8).prop_flat_map(|protocol| (Just(protocol), said(protocol))),
            faces in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let faces = [&[protocol], &faces[..]].concat();
            stay_closed(Input { dice: Dice::new(&faces), octets: &said });
        }
    }
}
