//! What a server may have the client keep, and how long it may take.
use crate::common::{Peer, number, open};
use pop3_proto::{Command, Then, client::SendRefusal};
use std::time::Duration;

#[test]
fn a_server_cannot_have_the_client_keep_more_than_its_limits() {
    let mut config = open();
    (config.max_line, config.max_capabilities, config.max_in_flight) = (40, 3, 2);
    let mut peer = Peer::greeted(config.clone());
    peer.send(Command::Capa);
    let log = peer.hear("+OK\r\nA\r\nB\r\nC\r\nD\r\n.\r\n");
    assert_eq!(log, ["error: more than 3 capabilities", "unanswered", "closed"]);
    let mut peer = Peer::greeted(config.clone());
    peer.send(Command::Capa);
    let log = peer.hear(&format!("+OK {}\r\n", "x".repeat(40)));
    assert_eq!(log, ["error: line longer than 40 octets", "unanswered", "closed"]);
    let mut peer = Peer::greeted(config);
    for _ in 0..2 {
        peer.client.send(Command::Capa).unwrap();
    }
    assert_eq!(peer.refused_when_full(), SendRefusal::Busy);
}

#[test]
fn patience_counts_what_is_whole_or_long() {
    let mut peer = Peer::logged_in(open());
    peer.send(Command::Retr(number(1)));
    let before = peer.client.patience();
    assert_eq!((before.limit, before.then), (Duration::from_secs(300), Then::GiveUp));
    for octet in ["+", "O", "K"] {
        peer.hear(octet);
        assert_eq!(peer.client.patience(), before);
    }
    peer.hear("\r\n");
    let begun = peer.client.patience();
    assert_ne!(begun.period, before.period);
    peer.hear("x");
    assert_eq!(peer.client.patience(), begun);
    peer.hear(&"x".repeat(1024));
    assert_ne!(peer.client.patience(), begun);
}
