//! What a session costs.
use crate::common::*;
use bytes::{Buf, Bytes, BytesMut};
use imap_proto::{client::Event, *};
use test_support::heap;

const BLOCK: usize = 16 << 10;

#[test]
fn a_message_of_ten_megabytes_is_never_held() {
    const OCTETS: usize = 10 << 20;
    let mut session = Session::new(open());
    session.hears("* PREAUTH hi\r\n");
    let block = vec![b'x'; BLOCK];
    let (peak, came) = heap::peak(|| {
        let mut came = 0;
        session.input.extend_from_slice(format!("* 1 FETCH (BODY[] {{{OCTETS}}}\r\n").as_bytes());
        let mut left = OCTETS;
        loop {
            match session.client.receive(&mut session.input).unwrap() {
                Step::Event(Event::Payload(piece)) => came += piece.len(),
                Step::Event(Event::FetchEnd) => return came,
                Step::Event(_) => {}
                _ if left > 0 => {
                    let piece = left.min(BLOCK);
                    session.input.extend_from_slice(&block[..piece]);
                    left -= piece;
                    if left == 0 {
                        session.input.extend_from_slice(b")\r\n");
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    });
    assert_eq!(came, OCTETS);
    assert!(peak < 3 * BLOCK, "{peak} octets were held of a message of {OCTETS}");
}

#[test]
fn a_message_that_is_written_costs_what_may_wait() {
    const OCTETS: usize = 10 << 20;
    let mut session = Session::authenticated(open(), "LITERAL+");
    let chunk = Bytes::from(vec![b'x'; BLOCK]);
    let append = Append::new(MailboxName::INBOX, streams(OCTETS as u64));
    session.sends(Command::Append(Box::new(append)));
    let Some(Ok(Event::Upload { mut upload, .. })) = session.events().pop() else { panic!() };
    let (peak, ()) = heap::peak(|| {
        let mut left = OCTETS;
        while left > 0 {
            match session.client.write(&mut upload, chunk.slice(..left.min(BLOCK))) {
                Ok(()) => left -= left.min(BLOCK),
                Err(WriteError::Blocked { .. }) => {
                    let waiting = session.client.transmit().remaining();
                    session.client.transmit().advance(waiting);
                }
                Err(error) => panic!("{error}"),
            }
        }
    });
    session.client.finish(upload).unwrap();
    assert!(peak < 4096, "{peak} octets were held though all chunks are shared");
}

#[test]
fn a_fetch_of_flags_costs_nothing_but_its_line() {
    struct Nothing;
    impl response::FetchSink for Nothing {
        fn item(&mut self, _: response::FetchItem) {}
    }
    let mut session = Session::selected(open(), "", 1000);
    for number in 1..=1000 {
        let line = format!("* {number} FETCH (UID {number} FLAGS (\\Seen))\r\n");
        session.input.extend_from_slice(line.as_bytes());
    }
    let (allocations, messages) = heap::allocations(|| {
        let mut messages = 0;
        while let Step::Event(_) = session.client.receive_into(&mut session.input, &mut Nothing).unwrap() {
            messages += 1;
        }
        messages
    });
    assert_eq!(messages, 1000);
    // The mailbox's view grows a little.
    assert!(allocations < 100, "{allocations} allocations for {messages} messages");
}

#[test]
fn an_idle_session_costs_little() {
    let (used, session) = heap::measure(|| {
        let mut session = Session::selected(open(), "IDLE MOVE UIDPLUS", 100_000);
        session.sends(Command::Idle);
        session.says();
        session.hears("+ idling\r\n");
        session.input = BytesMut::new();
        session
    });
    assert!(used.kept < 4096, "{} octets are held by an idle session", used.kept);
    drop(session);
}

#[test]
fn what_is_offered_does_not_keep_the_block_that_it_came_in() {
    let (used, session) = heap::measure(|| {
        let mut session = Session::new(open());
        session.input.reserve(1 << 20);
        session
            .hears("* OK [CAPABILITY IMAP4rev1 X-ONE AUTH=X-TWO] hi\r\n* CAPABILITY IMAP4rev1 X-THREE\r\n");
        session.input = BytesMut::new();
        session
    });
    assert!(used.kept < 4096, "{} octets are held of a few capabilities", used.kept);
    assert!(session.client.capabilities().unwrap().has_named("x-three"));
}

#[test]
fn a_quoted_string_over_lines_without_end_costs_a_line() {
    let mut limits = frame::Rules::client().limits;
    limits.text = 4096;
    let mut session = Session::authenticated(ClientConfig { limits, ..lenient() }, "");
    session.hears("* 1 FETCH (X \"\r\n");
    let line = "x".repeat(1000) + "\r\n";
    let (peak, ()) = heap::peak(|| {
        for _ in 0..1000 {
            session.hears(&line);
        }
    });
    assert!(peak < 32 << 10, "{peak} octets were held of a string without end");
}
