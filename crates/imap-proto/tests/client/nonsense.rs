//! Whatever a server says, in whatever pieces.
use crate::common::*;
use bytes::Buf;
use imap_proto::{client::Event, *};
use proptest::{prelude::*, test_runner::RngSeed};
use test_support::{Log, heap};

/// Pieces of what servers say, whole and broken.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(
        &[
            "* 3 EXISTS\r\n",
            "* 2 EXPUNGE\r\n",
            "* OK [CLOSED] x\r\n",
            "* OK [UIDVALIDITY 7] x\r\n",
            "* CAPABILITY IMAP4rev1 IDLE LITERAL+\r\n",
            "* ENABLED UTF8=ACCEPT\r\n",
            "* VANISHED 1:4\r\n",
            "* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n",
            "* 2 FETCH (BODY[] {5}\r\nHello UID 9)\r\n",
            "* 1 FETCH (BODY[1] {40}\r\n0123456789012345678901234567890123456789 BODY[2] {6}\r\nabcdef UID 8)\r\n",
            "* 1 FETCH (X (BODY[] {6}\r\nabcdef) FLAGS ())\r\n",
            "* 1 FETCH (BODY[] {900}\r\n",
            "* 1 FETCH (BODY[] {99999}\r\n",
            "* LIST () \"/\" {7}\r\nmailbox\r\n",
            "+ go\r\n",
            "+ aGk=\r\n",
            "+\r\n",
            "A1 OK done\r\n",
            "A2 OK done\r\n",
            "A3 NO [TRYCREATE] no\r\n",
            "A3 OK done\r\n",
            "A4 OK done\r\n",
            "A5 BAD what\r\n",
            "A6 OK done\r\n",
            "* BYE x\r\n",
            "* PREAUTH x\r\n",
            "hello\r\n",
            "\r\n",
            "\n",
            "\r",
            "{5}\r\n",
            "{5",
            ")\r\n",
            "\"",
            " ",
            "*",
        ][..],
    );
    prop_oneof![
        9 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

fn config(leniency: Leniency) -> ClientConfig {
    let mut limits = frame::Rules::client().limits;
    limits.text = 500;
    limits.unit = 1000;
    limits.literal = 2000;
    limits.swallow = 3000;
    ClientConfig { leniency, limits, bodies: Bodies::Inline(8), ..open() }
}

/// What a busy client is told, its host at hand at once. Lines come one at a time at most: what the client says to the
/// one must be on its way before the next can be an answer to it.
fn session(leniency: Leniency, said: &[u8], pieces: &[usize]) -> Vec<String> {
    let (mut session, mut log) = (Session::new(config(leniency)), Log::default());
    let mut todo = vec![
        Command::Logout,
        Command::Append(Box::new(Append::new(MailboxName::INBOX, streams(3)))),
        Command::Idle,
        fetch(Numbering::Sequence, &[1]),
        Command::Append(Box::new(Append::new(MailboxName::INBOX, message("abc")))),
        Command::Enable(Enable::new("UTF8=ACCEPT").unwrap()),
        Command::Select(MailboxName::INBOX),
        Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None }),
    ];
    let (mut rest, mut at) = (said, 0);
    loop {
        let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let octets = pieces.get(at).copied().unwrap_or(line).min(line);
        at += 1;
        session.input.extend_from_slice(&rest[..octets]);
        rest = &rest[octets..];
        loop {
            let step = session.client.receive(&mut session.input);
            let waiting = session.client.transmit().remaining();
            let said = session.client.transmit().copy_to_bytes(waiting);
            if !said.is_empty() {
                log.note(format!("says {}", said.escape_ascii()));
            }
            match step {
                Ok(Step::Event(Event::Challenge { tag, challenge })) => {
                    note(Event::Challenge { tag, challenge }, &mut log);
                    session.client.cancel().unwrap();
                }
                Ok(Step::Event(Event::Upload { mut upload, tag })) => {
                    log.note(format!("{tag} upload"));
                    session.client.write(&mut upload, "abc".into()).unwrap();
                    session.client.finish(upload).unwrap();
                }
                Ok(Step::Event(Event::Payload(piece))) => log.payload(&piece),
                Ok(Step::Event(event)) => {
                    let is_answer = matches!(event, Event::Greeting(_) | Event::Completed { .. });
                    note(event, &mut log);
                    if let (true, Some(command)) = (is_answer, todo.pop()) {
                        let _ = session.client.send(command);
                    }
                }
                Ok(Step::NeedInput { hint }) => {
                    assert!(hint > 0);
                    break;
                }
                Ok(Step::Closed) => return log.entries(),
                Ok(other) => panic!("{other:?}"),
                Err(error) => log.note(format!("error: {error}")),
            }
        }
        if rest.is_empty() {
            let clean = session.client.receive_eof(&session.input).is_ok();
            log.note(format!("clean: {clean}"));
            log.note(format!("{:?}", session.client.mailbox().map(mailbox::ClientView::messages)));
            return log.entries();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, rng_seed: RngSeed::Fixed(9051), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_do_not_depend_on_how_octets_come(
        pieces in prop::collection::vec(piece(), 0..25),
        cuts in prop::collection::vec(1_usize..30, 0..60),
        greets in any::<bool>(),
        leniency in prop_oneof![Just(Leniency::STRICT), Just(Leniency::LENIENT)],
    ) {
        let greeting = if greets { "* OK hi\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE ENABLE\r\n" } else { "" };
        let said = [greeting.as_bytes(), &pieces.concat()].concat();
        let whole = session(leniency, &said, &[]);
        prop_assert_eq!(&session(leniency, &said, &cuts), &whole);
        prop_assert_eq!(&session(leniency, &said, &vec![1; said.len()]), &whole);
        // All at once: whatever comes of it.
        Session::new(config(leniency)).hears_octets(&said);
    }

    #[test]
    fn nonsense_costs_what_the_limits_say(pieces in prop::collection::vec(piece(), 200..400)) {
        let said = [b"* OK hi\r\n", &pieces.concat()[..]].concat();
        let mut client = Session::new(config(Leniency::LENIENT));
        let (peak, ()) = heap::peak(|| {
            for block in said.chunks(512) {
                client.input.extend_from_slice(block);
                while let Ok(Step::Event(_)) = client.client.receive(&mut client.input) {}
            }
        });
        prop_assert!(peak < 16 << 10, "{} octets for {} octets of nonsense", peak, said.len());
    }
}
