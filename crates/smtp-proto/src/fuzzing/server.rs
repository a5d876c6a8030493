//! A server under any cut of what a client says.
use super::receiver::{Receiver, server_config};
use crate::{
    Leniency, Protocol, ServerConfig, Step, Upgrade,
    server::{Event, Server},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::{Buf, BytesMut};
use mail_wire::fuzzing::{Dice, Host, Input, same_under_any_cut};

/// What a session came to: what the server said, and what its host saw.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    said: String,
    seen: Vec<String>,
    messages: Vec<Vec<u8>>,
}

/// What a client means does not depend on the network's mood.
pub(super) fn cut(mut input: Input<'_>) {
    let config = config(&mut input.dice);
    let dice = input.dice.clone();
    let outcome = same_under_any_cut(input, |pieces| run(&config, dice.clone(), pieces));
    for message in &outcome.messages {
        assert!(message.len() <= 60, "a message larger than the limit");
    }
}

/// Small enough for the lines to break every limit.
fn config(dice: &mut Dice<'_>) -> ServerConfig {
    ServerConfig {
        max_message: 60,
        max_line: 100,
        max_auth_line: 200,
        max_errors: 200,
        max_refusals: 20,
        max_domains: 2,
        max_unsent: dice.one_of(&[16 << 10, 1, 100]),
        leniency: dice.one_of(&[Leniency::LENIENT, Leniency::STRICT]),
        ..server_config(dice.one_of(&[Protocol::Smtp, Protocol::Lmtp]))
    }
}

fn run(config: &ServerConfig, dice: Dice<'_>, pieces: &[&[u8]]) -> Outcome {
    let (mut server, mut host) = (Server::new(config.clone()), Receiver::new(dice));
    let (mut input, mut said, mut seen) = (BytesMut::new(), Vec::new(), Vec::new());
    // Kept: dropped, it would end the session.
    let mut upgrade: Option<Upgrade> = None;
    let mut fed = 0;
    'session: for piece in pieces {
        input.extend_from_slice(piece);
        fed += piece.len() as u64;
        loop {
            flush(&mut server, &mut said);
            match server.receive(&mut input) {
                Ok(Step::Event(event)) => {
                    // An early talker is one by the moments at which it speaks.
                    if !matches!(event, Event::Payload(_) | Event::EarlyTalker) {
                        seen.push(format!("{event:?}"));
                    }
                    upgrade = host.event(&mut server, event).or(upgrade);
                }
                Ok(Step::NeedInput { .. }) => break,
                Ok(Step::NeedAnswer) if upgrade.is_some() => break,
                Ok(Step::Closed) => break 'session,
                Ok(Step::NeedFlush) => {
                    assert!(server.transmit().has_remaining(), "there is nothing to flush");
                }
                Ok(Step::NeedAnswer) => panic!("all is answered"),
                Err(error) => {
                    seen.push(error.to_string());
                    break 'session;
                }
            }
        }
    }
    flush(&mut server, &mut said);
    assert!(server.examined() <= 2 * fed, "{} looked at of {fed}", server.examined());
    Outcome { said: said.escape_ascii().to_string(), seen, messages: host.delivered }
}

fn flush(server: &mut Server, said: &mut Vec<u8>) {
    let transmit = server.transmit();
    said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
}

/// What comes of a seed.
#[cfg(test)]
pub(super) fn log(mut input: Input<'_>) -> Vec<String> {
    let config = config(&mut input.dice);
    run(&config, input.dice, &[input.octets]).seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::{LINES, cases};
    use proptest::prelude::*;

    /// A client that says hello, then anything; now and then it forgets a CR.
    fn said() -> impl Strategy<Value = Vec<u8>> {
        let text = prop_oneof![
            5 => prop::sample::select(&LINES[..]),
            1 => Just("RCPT TO:<c@d.example>"),
            1 => Just("DATA"),
        ];
        let end = prop_oneof![29 => Just("\r\n"), 1 => Just("\n")];
        let line = (text, end).prop_map(|(text, end)| format!("{text}{end}"));
        prop::collection::vec(line, 3..28)
            .prop_map(|lines| format!("EHLO c\r\n{}", lines.concat()).into_bytes())
    }

    proptest! {
        #![proptest_config(cases(1500))]

        /// Else what a client means depends on the network's mood, and a cut in the right place smuggles mail.
        #[test]
        fn a_session_is_the_same_however_it_is_cut(
            said in said(),
            faces in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            // Much is held unsent, all is tolerated, and the protocol is SMTP, for most.
            let tame = faces.first().is_some_and(|face| face % 4 > 0);
            let faces = if tame { [&[0, 0, 0], &faces[..]].concat() } else { faces };
            cut(Input { dice: Dice::new(&faces), octets: &said });
        }
    }
}
