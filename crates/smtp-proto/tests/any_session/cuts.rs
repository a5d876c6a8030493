//! A server under any cut of what a client says.
use super::{
    cases,
    dice::{Dice, dice},
    pipes::Host as _,
    receiver::{Receiver, server_config},
};
use bytes::{Buf, BytesMut};
use proptest::{prelude::*, sample::Index};
use smtp_proto::{
    Protocol, ServerConfig, Step,
    server::{Event, Server},
};

/// Lines that mean something here or there, or nothing anywhere.
pub(crate) const LINES: [&str; 26] = [
    "EHLO c.example",
    "HELO c.example",
    "MAIL FROM:<a@b.example>",
    "MAIL FROM:<a@b.example> SIZE=5",
    "RCPT TO:<c@d.example>",
    "DATA",
    ".",
    "..",
    "text",
    "RSET",
    "NOOP",
    "QUIT",
    "AUTH PLAIN",
    "AUTH PLAIN =",
    "AUTH LOGIN dGVzdA==",
    "*",
    "dGVzdA==",
    "VRFY x",
    "EXPN y",
    "STARTTLS",
    "MAIL FROM:<d\u{f6}@b.example> SMTPUTF8",
    "x\ny",
    "a\rb",
    "",
    "BDAT 5 LAST",
    "0123456789012345678901234567890123456789",
];

/// A client that says hello, then anything; now and then it forgets a CR.
fn said() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        5 => prop::sample::select(&LINES[..]),
        1 => Just("RCPT TO:<c@d.example>"),
        1 => Just("DATA"),
    ];
    let end = prop_oneof![29 => Just("\r\n"), 1 => Just("\n")];
    let line = (text, end).prop_map(|(text, end)| format!("{text}{end}"));
    prop::collection::vec(line, 3..28).prop_map(|lines| format!("EHLO c\r\n{}", lines.concat()).into_bytes())
}

/// Small enough for the lines to break every limit.
fn tight() -> ServerConfig {
    ServerConfig {
        max_message: 60,
        max_line: 100,
        max_auth_line: 200,
        max_errors: 200,
        ..server_config(Protocol::Smtp)
    }
}

/// What a session came to: what the server said, and what its host saw.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    said: Vec<u8>,
    seen: Vec<String>,
    messages: Vec<Vec<u8>>,
}

fn run(dice: &Dice, pieces: &[&[u8]]) -> Outcome {
    let (mut server, mut host) = (Server::new(tight()), Receiver::new(dice.clone()));
    let (mut input, mut said, mut seen) = (BytesMut::new(), Vec::new(), Vec::new());
    // Kept: dropped, it would end the session.
    let mut upgrade = None;
    'session: for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            let unsent = server.transmit().remaining();
            said.extend_from_slice(&server.transmit().copy_to_bytes(unsent));
            match server.receive(&mut input) {
                Ok(Step::Event(event)) => {
                    if !matches!(event, Event::Payload(_)) {
                        seen.push(format!("{event:?}"));
                    }
                    upgrade = host.event(&mut server, event).or(upgrade);
                }
                Ok(Step::NeedInput { .. }) => break,
                Ok(Step::NeedAnswer) if upgrade.is_some() => break,
                Ok(Step::Closed) => break 'session,
                Ok(other) => panic!("{other:?}"),
                Err(error) => {
                    seen.push(error.to_string());
                    break 'session;
                }
            }
        }
    }
    let unsent = server.transmit().remaining();
    said.extend_from_slice(&server.transmit().copy_to_bytes(unsent));
    Outcome { said, seen, messages: host.delivered }
}

/// `said`, cut there.
fn pieces<'a>(said: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(said.len())).chain([said.len()]).collect();
    ends.sort_unstable();
    let mut from = 0;
    ends.into_iter().map(|to| &said[std::mem::replace(&mut from, to)..to]).collect()
}

proptest! {
    #![proptest_config(cases(1500))]

    /// Else what a client means depends on the network's mood, and a cut in the right place smuggles mail.
    #[test]
    fn a_session_is_the_same_however_it_is_cut(
        said in said(),
        dice in dice(),
        cuts in prop::collection::vec(any::<Index>(), 4),
    ) {
        let whole = run(&dice, &[&said]);
        let octets: Vec<_> = said.chunks(1).collect();
        prop_assert_eq!(&run(&dice, &octets), &whole, "byte by byte");
        prop_assert_eq!(&run(&dice, &pieces(&said, &cuts)), &whole, "in pieces");
    }
}
