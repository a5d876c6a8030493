//! A peer that does not read cannot make the session grow, and nothing is copied on the way out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use bytes::{Buf, Bytes, BytesMut};
use common::{ONE, Session, TWO};
use pop3_proto::{
    CleartextLogin, DropListing, EntryError, FinishError, MessageNumber, Outgoing, ScanListing, ServerConfig,
    Step, TopLines, UniqueId, UniqueIdListing, Upload, WriteError,
    server::{Event, Server},
};

fn config(max_unsent: usize) -> ServerConfig {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.max_unsent = max_unsent;
    config
}

fn heard(server: &mut Server) -> String {
    let transmit = server.transmit();
    let octets = transmit.copy_to_bytes(transmit.remaining());
    String::from_utf8(octets.to_vec()).unwrap()
}

fn event(server: &mut Server, said: &str) -> Event {
    match server.receive(&mut BytesMut::from(said)) {
        Ok(Step::Event(event)) => event,
        other => panic!("{other:?}"),
    }
}

fn logged_in(config: ServerConfig, messages: u32) -> Server {
    let mut server = Server::new(config);
    let Event::Connect(ask) = event(&mut server, "") else { panic!("no connection") };
    server.accept(ask, ()).unwrap();
    heard(&mut server);
    let step = server.receive(&mut BytesMut::from("USER mrose\r\n"));
    assert!(matches!(step, Ok(Step::NeedInput { .. } | Step::NeedFlush)));
    heard(&mut server);
    let Event::Login(ask) = event(&mut server, "PASS secret\r\n") else { panic!("no login") };
    server.accept(ask, DropListing { messages, octets: u64::from(messages) * 100 }).unwrap();
    heard(&mut server);
    server
}

fn retr(server: &mut Server, octets: u64) -> Upload {
    let Event::Retr(ask) = event(server, "RETR 1\r\n") else { panic!("no RETR") };
    server.accept(ask, octets).unwrap()
}

#[test]
fn messages_come_whole_through_the_smallest_queue() {
    for chunk in [1, 2, 3, 7, 1000] {
        let mut session = Session::new(config(1));
        session.chunk = chunk;
        let said = session.exchange("USER mrose\r\nPASS tan staaf\r\nRETR 1\r\nTOP 2 1\r\nLIST\r\nUIDL\r\n");
        let expected = "+OK POP3 server ready\r\n+OK send PASS\r\n+OK maildrop has 2 messages (54 octets)\r\n\
            +OK 29 octets\r\nSubject: one\r\n\r\n..\r\n...x\r\nend\r\n.\r\n\
            +OK top of message follows\r\nSubject: two\r\n\r\n1\r\n.\r\n\
            +OK 2 messages (54 octets)\r\n1 29\r\n2 25\r\n.\r\n\
            +OK unique-id listing follows\r\n1 id-1\r\n2 id-2\r\n.\r\n";
        assert_eq!(said, expected, "{chunk}");
    }
    assert_eq!((ONE.len(), TWO.len()), (29, 25));
}

#[test]
fn a_chunk_that_finds_no_room_comes_back() {
    let mut server = logged_in(config(10), 1);
    let mut upload = retr(&mut server, 3);
    let error = server.write(&mut upload, Bytes::from_static(b"abc")).unwrap_err();
    assert_eq!(error.to_string(), "more than 10 octets wait to be written");
    assert!(matches!(server.receive(&mut BytesMut::new()), Ok(Step::NeedFlush)));
    assert_eq!(heard(&mut server), "+OK 3 octets\r\n");
    assert!(matches!(server.receive(&mut BytesMut::new()), Ok(Step::NeedAnswer)));
    server.write(&mut upload, error.into_chunk()).unwrap();
    server.finish(upload).unwrap();
    assert_eq!(heard(&mut server), "abc\r\n.\r\n");
}

#[test]
fn a_message_is_not_copied_on_its_way_out() {
    let mut server = logged_in(config(1 << 20), 1);
    let mut upload = retr(&mut server, 6);
    let message = Bytes::from("x".repeat(5000) + "\r\n.dot\r\n" + &"y".repeat(5000) + "\r\n");
    server.write(&mut upload, message.clone()).unwrap();
    server.finish(upload).unwrap();
    let own = message.as_ptr() as usize..message.as_ptr() as usize + message.len();
    let (mut shared, mut copied) = (0, 0);
    let transmit = server.transmit();
    while transmit.has_remaining() {
        let chunk = transmit.chunk();
        if own.contains(&(chunk.as_ptr() as usize)) {
            shared += chunk.len();
        } else {
            copied += chunk.len();
        }
        let octets = chunk.len();
        transmit.advance(octets);
    }
    assert_eq!((shared, copied), (message.len(), "+OK 6 octets\r\n".len() + ".".len() + ".\r\n".len()));
}

#[test]
fn stored_line_ends_of_every_kind_become_crlf() {
    let mut server = logged_in(config(1000), 1);
    let mut upload = retr(&mut server, 9);
    server.write(&mut upload, Bytes::from_static(b"a\nb\rc\n.\n.\r.\nd")).unwrap();
    server.finish(upload).unwrap();
    assert_eq!(heard(&mut server), "+OK 9 octets\r\na\r\nb\r\nc\r\n..\r\n..\r\n..\r\nd\r\n.\r\n");
}

#[test]
fn top_lines_counts_stored_lines_of_every_kind() {
    let mut server = logged_in(config(1000), 1);
    let Event::Top(ask) = event(&mut server, "TOP 1 2\r\n") else { panic!("no TOP") };
    let mut top = TopLines::new(ask.lines);
    let mut upload = server.accept(ask, ()).unwrap();
    for chunk in ["a: b\r", "\n\n", ".\r", "two\r", "\nthree\n"] {
        server.write(&mut upload, top.next(Bytes::from_static(chunk.as_bytes()))).unwrap();
    }
    assert!(top.is_done());
    server.finish(upload).unwrap();
    assert_eq!(heard(&mut server), "+OK top of message follows\r\na: b\r\n\r\n..\r\ntwo\r\n.\r\n");
}

#[test]
fn stored_line_ends_may_be_refused_instead() {
    let mut config = config(1000);
    config.bare = Outgoing::Refuse;
    let mut server = logged_in(config, 1);
    let mut upload = retr(&mut server, 9);
    let error = server.write(&mut upload, Bytes::from_static(b"a\nb")).unwrap_err();
    assert!(matches!(error, WriteError::BareLineEnding { offset: 1, .. }));
    server.write(&mut upload, Bytes::from_static(b"a\r")).unwrap();
    let Err(FinishError::BareCr { mut upload }) = server.finish(upload) else { panic!("finished") };
    server.write(&mut upload, Bytes::from_static(b"\n")).unwrap();
    server.finish(upload).unwrap();
    assert_eq!(heard(&mut server), "+OK 9 octets\r\na\r\n.\r\n");
}

#[test]
fn a_client_that_sends_and_never_reads_stops_being_read() {
    let mut server = logged_in(config(1000), 2);
    let mut input = BytesMut::from(&*"CAPA\r\nSTAT\r\nNOOP\r\nLIST 9\r\n".repeat(10_000));
    let (mut flushes, mut most) = (0, 0);
    loop {
        match server.receive(&mut input) {
            Ok(Step::NeedFlush) => {
                // However often it is asked, nothing more is taken.
                let left = input.len();
                for _ in 0..10 {
                    assert!(matches!(server.receive(&mut input), Ok(Step::NeedFlush)));
                }
                assert_eq!(input.len(), left);
                most = most.max(server.transmit().unsent());
                heard(&mut server);
                flushes += 1;
            }
            Ok(Step::NeedInput { .. }) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(flushes > 100, "{flushes}");
    assert!(most <= 1000 + 512, "{most}");
    assert!(input.is_empty());
}

#[test]
fn a_hundred_thousand_entries_pass_through_a_small_queue() {
    const MESSAGES: u32 = 100_000;
    const MAX: usize = 4096;
    let mut server = logged_in(config(MAX), MESSAGES);
    for number in [1, 500, MESSAGES] {
        let Event::Dele(ask) = event(&mut server, &format!("DELE {number}\r\n")) else { panic!("no DELE") };
        server.accept(ask, 100).unwrap();
    }
    heard(&mut server);

    let Event::ListAll(ask) = event(&mut server, "LIST\r\n") else { panic!("no LIST") };
    let mut listing = server.accept(ask, ()).unwrap();
    let (mut said, mut most) = (String::new(), 0);
    for message in (1..=MESSAGES).filter_map(MessageNumber::new) {
        let entry = ScanListing { message, octets: 100 };
        while let Err(error) = server.entry(&mut listing, &entry) {
            assert_eq!(error, EntryError::Blocked { max_unsent: MAX });
            said += &heard(&mut server);
        }
        most = most.max(server.transmit().unsent());
    }
    server.finish_listing(listing).unwrap();
    said += &heard(&mut server);
    assert!(most < MAX + 32, "{most}");
    assert!(said.starts_with("+OK 99997 messages (9999700 octets)\r\n2 100\r\n3 100\r\n"));
    assert!(said.ends_with("99998 100\r\n99999 100\r\n.\r\n"));
    assert_eq!(said.lines().count(), 99_997 + 2);

    let Event::UidlAll(ask) = event(&mut server, "UIDL\r\n") else { panic!("no UIDL") };
    let mut listing = server.accept(ask, ()).unwrap();
    let mut lines = 0;
    for message in (1..=MESSAGES).filter_map(MessageNumber::new) {
        let entry = UniqueIdListing { message, id: UniqueId::new(format!("u{message}")).unwrap() };
        while server.entry(&mut listing, &entry).is_err() {
            lines += heard(&mut server).lines().count();
        }
        assert!(server.transmit().unsent() < MAX + 100);
    }
    server.finish_listing(listing).unwrap();
    lines += heard(&mut server).lines().count();
    assert!(lines >= 99_997 + 2);
}

#[test]
fn a_listing_names_messages_that_are_there_upwards_and_once() {
    let mut server = logged_in(config(1000), 5);
    let Event::ListAll(ask) = event(&mut server, "LIST\r\n") else { panic!("no LIST") };
    let mut listing = server.accept(ask, ()).unwrap();
    let mut entry = |number| {
        let message = MessageNumber::new(number).unwrap();
        server.entry(&mut listing, &ScanListing { message, octets: 1 }).map_err(|error| error.to_string())
    };
    assert_eq!(entry(2), Ok(()));
    assert_eq!(entry(2), Err("message 2 behind message 2".to_string()));
    assert_eq!(entry(1), Err("message 1 behind message 2".to_string()));
    assert_eq!(entry(6), Err("message 6 in a maildrop of 5 messages".to_string()));
    assert_eq!(entry(5), Ok(()));
    server.finish_listing(listing).unwrap();
    assert_eq!(heard(&mut server), "+OK 5 messages (500 octets)\r\n2 1\r\n5 1\r\n.\r\n");
}
