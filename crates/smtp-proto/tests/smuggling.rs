//! One message in, one message out, or a refusal: never two.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use bytes::{Buf, BytesMut};
use common::{chunking, config, lmtp};
use smtp_proto::{Capabilities, Extension, ServerConfig, Step, dot::Bare, server::*};

const LINE_ENDS: [&str; 6] = ["\n", "\r", "\r\n", "\r\r\n", "\r\n\0", "\n\n"];
const AFTER_DOT: [&str; 6] = ["\n", "\r", "\r\n", "\r\r\n", "\0\r\n", " \r\n"];

/// The messages that a server took, and what it said.
fn talk(config: &ServerConfig, pieces: &[&[u8]]) -> (Vec<Vec<u8>>, String) {
    let mut server = Server::new(config.clone());
    let (mut input, mut message, mut messages) = (BytesMut::new(), Vec::new(), Vec::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match server.receive(&mut input).unwrap() {
                Step::Event(Event::Connect(ask)) => server.accept(ask, ()).unwrap(),
                Step::Event(Event::Hello(ask)) => server.accept(ask, ()).unwrap(),
                Step::Event(Event::Mail(ask)) => server.accept(ask, Ack::default()).unwrap(),
                Step::Event(Event::Rcpt(ask)) => server.accept(ask, Ack::default()).unwrap(),
                Step::Event(Event::Data(ask)) => server.accept(ask, ()).unwrap(),
                Step::Event(Event::Payload(piece)) => message.extend_from_slice(&piece),
                Step::Event(Event::Discarded(_)) => message.clear(),
                Step::Event(Event::Message(ask)) => {
                    messages.push(core::mem::take(&mut message));
                    server.accept(ask, Delivered::all(Ack::default())).unwrap();
                }
                Step::Event(_) => {}
                Step::NeedInput { .. } | Step::Closed => break,
                other => panic!("{other:?}"),
            }
        }
    }
    let transmit = server.transmit();
    let said = transmit.copy_to_bytes(transmit.remaining());
    let said = String::from_utf8(said.to_vec()).unwrap();
    (messages, said)
}

/// The same under every cut.
fn talk_under_every_cut(config: &ServerConfig, stream: &[u8], name: &str) -> (Vec<Vec<u8>>, String) {
    let whole = talk(config, &[stream]);
    for cut in 0..=stream.len() {
        assert_eq!(talk(config, &[&stream[..cut], &stream[cut..]]), whole, "{name} cut at {cut}");
    }
    let octets: Vec<_> = stream.chunks(1).collect();
    assert_eq!(talk(config, &octets), whole, "{name} byte by byte");
    whole
}

/// Each form that somebody may take for an end of data; but not the true one, behind which commands stand by any
/// reading. It is CRLF . CRLF, also behind a bare CR.
fn forms() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = LINE_ENDS.iter().flat_map(|before| AFTER_DOT.map(|after| (*before, after)));
    all.filter(|(before, after)| !(before.ends_with("\r\n") && *after == "\r\n"))
}

const SMUGGLED: &str = "MAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\ntwo";

/// By DATA: the stream's `hello` is the first command.
fn by_data(server: &ServerConfig, hello: &str) {
    let head = format!("{hello} c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\none");
    for (before, after) in forms() {
        let stream = format!("{head}{before}.{after}{SMUGGLED}\r\n.\r\nQUIT\r\n");
        let is_bare = !matches!(before, "\r\n" | "\r\n\0") || matches!(after, "\n" | "\r" | "\r\r\n");
        for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
            let name = format!("{hello}: {} . {} {bare:?}", before.escape_debug(), after.escape_debug());
            let config = ServerConfig { bare, ..server.clone() };
            let (messages, said) = talk_under_every_cut(&config, stream.as_bytes(), &name);
            let taken = if bare == Bare::Reject && is_bare { 0 } else { 1 };
            assert_eq!(messages.len(), taken, "{name}");
            assert_eq!(said.contains("554 5.6.0 bare"), taken == 0, "{name}");
            assert!(messages.iter().all(|message| message.ends_with(b"two\r\n")), "{name}");
        }
    }
}

#[test]
fn no_form_of_an_end_of_data_but_the_one_ends_a_message() {
    by_data(&config(), "HELO");
}

#[test]
fn no_form_of_an_end_of_data_but_the_one_ends_a_message_of_lmtp() {
    by_data(&lmtp(), "LHLO");
}

#[test]
fn what_a_chunk_holds_is_its_message_whatever_it_looks_like() {
    let lmtp = ServerConfig { extensions: Capabilities::new().with(Extension::Chunking), ..lmtp() };
    for (server, hello) in [(chunking(), "EHLO"), (lmtp, "LHLO")] {
        let head = format!("{hello} c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n");
        for (before, after) in forms().chain([("\r\n", "\r\n")]) {
            let name = format!("{hello}: {} . {}", before.escape_debug(), after.escape_debug());
            let (first, last) = (format!("one{before}"), format!(".{after}{SMUGGLED}\r\n.\r\n"));
            let chunks = format!("BDAT {}\r\n{first}BDAT {} LAST\r\n{last}QUIT\r\n", first.len(), last.len());
            let stream = format!("{head}{chunks}");
            let (messages, _) = talk_under_every_cut(&server, stream.as_bytes(), &name);
            assert_eq!(messages, [[first, last].concat().into_bytes()], "{name}");
        }
    }
}

/// A server that takes no chunks, or not now, reads none of them as commands either.
#[test]
fn what_a_refused_chunk_holds_is_nothing_at_all() {
    let evil = format!("one\r\n.\r\n{SMUGGLED}\r\n.\r\n");
    let chunks = format!("BDAT {0}\r\n{evil}BDAT {0} LAST\r\n{evil}QUIT\r\n", evil.len());
    let open = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n";
    let small = ServerConfig { max_message: 20, ..chunking() };
    for (server, before) in [(config(), open), (chunking(), ""), (small, open)] {
        let stream = format!("EHLO c\r\n{before}{chunks}");
        let (messages, said) = talk_under_every_cut(&server, stream.as_bytes(), before);
        assert_eq!(messages, [b""; 0], "{before}");
        let codes: Vec<_> = said.lines().rev().take(3).map(|line| &line[..1]).collect();
        assert_eq!(codes, ["2", "5", "5"], "{said}");
    }
}
