//! A peer that works is waited for, and one that does not is given up.
use super::{
    client_session::{Session, mail, open},
    common::config,
    server_session::Session as ServerSession,
};
use bytes::{Buf, Bytes};
use smtp_proto::Step;

/// Else a server that says a line a minute is waited for, for ever.
#[test]
fn a_line_of_a_reply_at_a_time_is_no_sign_of_life() {
    let mut session = Session::offered(open(), &[]);
    session.send(mail());
    session.said();
    let before = session.client.patience().period;
    for _ in 0..100 {
        assert!(matches!(session.step("250-\r\n").unwrap(), Step::NeedInput { .. }));
    }
    assert_eq!(session.client.patience().period, before, "a reply has a deadline from its first octet");
}

/// Else a long message to a slow server is given up in the midst of it.
#[test]
fn a_server_that_takes_a_message_is_alive() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let (_, mut upload) = session.uploading();
    session.client.write(&mut upload, Bytes::from(vec![b'x'; 50 << 20])).unwrap();
    let before = session.client.patience().period;
    session.client.transmit().advance(40 << 20);
    assert_ne!(session.client.patience().period, before, "40 MiB were taken, and nobody saw it");
}

/// Else a client never hears that its message was too long.
#[test]
fn a_client_whose_message_is_thrown_away_is_alive() {
    let mut session = ServerSession::new(config());
    session.say("EHLO c\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n");
    let block = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCD\r\n".repeat(64);
    session.say(&block);
    let before = session.server.patience().period;
    session.say(&block.repeat(50));
    assert_ne!(session.server.patience().period, before, "200 KiB came, and the client is called dead");
}
