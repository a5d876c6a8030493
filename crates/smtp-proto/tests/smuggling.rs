//! One message in, one message out, or a refusal: never two.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use bytes::{Buf, BytesMut};
use common::config;
use smtp_proto::{ServerConfig, Step, dot::Bare, server::*};

const LINE_ENDS: [&str; 6] = ["\n", "\r", "\r\n", "\r\r\n", "\r\n\0", "\n\n"];
const AFTER_DOT: [&str; 6] = ["\n", "\r", "\r\n", "\r\r\n", "\0\r\n", " \r\n"];

/// The messages that a server took, and the replies to ends of data.
fn talk(bare: Bare, pieces: &[&[u8]]) -> (Vec<Vec<u8>>, String) {
    let mut server = Server::new(ServerConfig { bare, ..config() });
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

#[test]
fn no_form_of_an_end_of_data_but_the_one_ends_a_message() {
    let head = "HELO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\none";
    let smuggled = "MAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\ntwo";
    for (before, after) in LINE_ENDS.iter().flat_map(|before| AFTER_DOT.map(|after| (*before, after))) {
        // CRLF . CRLF is the true end, also behind a bare CR: what follows are commands by any reading.
        if before.ends_with("\r\n") && after == "\r\n" {
            continue;
        }
        let stream = format!("{head}{before}.{after}{smuggled}\r\n.\r\nQUIT\r\n");
        let stream = stream.as_bytes();
        let is_bare = !matches!(before, "\r\n" | "\r\n\0") || matches!(after, "\n" | "\r" | "\r\r\n");
        for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
            let whole = talk(bare, &[stream]);
            let name = format!("{} . {} {bare:?}", before.escape_debug(), after.escape_debug());
            let taken = if bare == Bare::Reject && is_bare { 0 } else { 1 };
            assert_eq!(whole.0.len(), taken, "{name}");
            assert_eq!(whole.1.contains("554 5.6.0 bare"), taken == 0, "{name}");
            assert!(whole.0.iter().all(|message| message.ends_with(b"two\r\n")), "{name}");
            for cut in 0..=stream.len() {
                assert_eq!(talk(bare, &[&stream[..cut], &stream[cut..]]), whole, "{name} cut at {cut}");
            }
            let octets: Vec<_> = stream.chunks(1).collect();
            assert_eq!(talk(bare, &octets), whole, "{name} byte by byte");
        }
    }
}
