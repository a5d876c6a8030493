//! How a session ends, and what is told of what was on its way.
use crate::common::{Peer, number, open};
use pop3_proto::{Command, ProtocolError, Reason, Unit, client::SendRefusal};

// covers rfc1939 6 client-quit-unanswered
#[test]
fn a_connection_that_is_lost_leaves_quit_unanswered() {
    let mut peer = Peer::logged_in(open());
    peer.send(Command::Dele(number(1)));
    peer.hear("+OK\r\n");
    let quit = peer.client.send(Command::Quit).unwrap();
    peer.said();
    assert_eq!(peer.eof(), Err(ProtocolError::Cut { inside: Unit::Reply }));
    assert_eq!(peer.hear(""), ["unanswered", "closed"]);
    assert_eq!(peer.tickets.last(), Some(&quit));
    // Not all was removed: that too is an answer.
    let mut peer = Peer::logged_in(open());
    peer.send(Command::Quit);
    assert_eq!(peer.hear("-ERR some deleted messages not removed\r\n").len(), 2);
    assert_eq!(peer.eof(), Ok(()));
}

#[test]
fn a_connection_that_is_lost_is_told_with_what_it_cut() {
    for (heard, inside, unfinished) in [
        ("", Unit::Reply, 2),
        ("+OK", Unit::Line, 2),
        ("+OK\r\nSubject", Unit::Message, 2),
        ("+OK\r\nSubject: x\r\n.\r\n", Unit::Reply, 1),
    ] {
        let mut peer = Peer::logged_in(open());
        peer.send(Command::Retr(number(1)));
        peer.send(Command::Dele(number(1)));
        peer.input.extend_from_slice(heard.as_bytes());
        let told = peer.eof();
        let log = peer.hear("");
        let told = told.map_or_else(|error| format!("error: {error}"), |()| String::new());
        let is_told = told == format!("error: connection closed inside {inside}")
            || log.contains(&format!("error: connection closed inside {inside}"));
        assert!(is_told, "{heard:?} {told} {log:?}");
        let count = log.iter().filter(|entry| *entry == "unanswered" || *entry == "never sent").count();
        assert_eq!(count, unfinished, "{log:?}");
    }
    assert_eq!(Peer::logged_in(open()).eof(), Ok(()));
}

// covers rfc1939 6 client-quits-on-purpose
#[test]
fn a_session_that_is_closed_has_no_message_removed() {
    let mut peer = Peer::logged_in(open());
    peer.client.close(Reason::Shutdown);
    assert_eq!((peer.said(), peer.hear("")), ("QUIT\r\n".into(), vec!["closed".to_string()]));
    let mut peer = Peer::logged_in(open());
    peer.send(Command::Dele(number(1)));
    peer.hear("+OK\r\n");
    peer.client.close(Reason::Shutdown);
    assert_eq!((peer.said(), peer.hear("")), (String::new(), vec!["closed".to_string()]));
    assert_eq!(peer.refused(Command::Noop), SendRefusal::Closed);
}
