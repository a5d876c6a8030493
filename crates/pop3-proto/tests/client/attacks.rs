//! What a hostile server, or somebody on the way, may try.
use crate::common::{Peer, auth, lenient, number, open, pass, user};
use pop3_proto::{
    BytesMut, ClientConfig, Command, DeviationKind, Leniency, Mechanism, Secret, State, Step, client::Event,
    sasl::Response,
};

#[test]
fn a_challenge_that_nobody_waits_for_ends_the_session() {
    for command in [Command::Noop, Command::Retr(number(1)), Command::Quit] {
        let mut peer = Peer::logged_in(lenient());
        peer.send(command);
        assert_eq!(peer.hear("+ eA==\r\n"), ["error: challenge without an exchange", "unanswered", "closed"]);
    }
    assert_eq!(
        Peer::greeted(lenient()).hear("+ eA==\r\n"),
        ["error: challenge without an exchange", "closed"]
    );
    // Before the last octet of AUTH has left, nothing challenges it.
    let mut peer = Peer::greeted(open());
    peer.client.send(auth(Mechanism::PLAIN, None)).unwrap();
    assert_eq!(peer.hear("+ \r\n")[0], "error: challenge without an exchange");
}

#[test]
fn replies_in_advance_are_credited_to_nothing() {
    let mut peer = Peer::logged_in(lenient());
    let flood = "+OK 1 a\r\n".repeat(1000);
    assert_eq!(peer.hear(&flood), vec!["unsolicited 1 a"; 1000]);
    peer.send(Command::Uidl(Some(number(1))));
    assert_eq!(peer.hear("+OK 1 b\r\n"), ["uidl 1 b"]);
    // A reply to the first of two that were said answers the first.
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nPIPELINING\r\n.\r\n");
    let [first, second] = [user(), pass()].map(|command| peer.client.send(command).unwrap());
    peer.said();
    peer.tickets.clear();
    assert_eq!(peer.hear("+OK\r\n-ERR [AUTH] no\r\n+OK\r\n"), ["Ok ", "Err no", "unsolicited "]);
    assert_eq!((&*peer.tickets, peer.client.state()), (&[first, second][..], State::Authorization));
}

/// Each is told to end, or costs a limit, or lets the patience run out.
#[test]
fn what_never_ends_is_given_up() {
    // The greeting.
    let mut config = open();
    config.max_line = 512;
    let mut peer = Peer::new(config);
    let patience = peer.client.patience();
    for _ in 0..1000 {
        assert_eq!(peer.hear(&"x".repeat(100)), [""; 0]);
        assert!(peer.input.len() <= 512, "{} octets are held", peer.input.len());
    }
    assert_eq!(peer.client.patience(), patience);
    assert_eq!(peer.hear("\r\n"), ["error: line longer than 512 octets", "closed"]);
    // Lists of lines that are none.
    let command = |command: Command| {
        let mut peer = Peer::logged_in(lenient());
        peer.send(command);
        peer.hear("+OK\r\n");
        peer
    };
    for said in [Command::Capa, Command::List(None), Command::Uidl(None), Command::Lang(None)] {
        let mut peer = command(said.clone());
        let patience = peer.client.patience();
        for _ in 0..100 {
            assert_eq!(peer.hear(&"\x01 bad\r\n".repeat(100)), [""; 0], "{said:?}");
            assert!(peer.input.is_empty());
        }
        assert_eq!(peer.client.patience(), patience, "{said:?}");
    }
}

#[test]
fn a_listing_of_any_length_is_looked_at_once_whatever_its_pieces() {
    for size in [1, 7, 1460] {
        let mut peer = Peer::logged_in(lenient());
        peer.send(Command::Uidl(None));
        let before = peer.client.examined();
        let listing: String = (1..=5000).map(|number| format!("{number} id-{number}\r\n")).collect();
        let mut entries = 0;
        for piece in [b"+OK\r\n", listing.as_bytes()].concat().chunks(size) {
            peer.input.extend_from_slice(piece);
            while let Step::Event(event) = peer.client.receive(&mut peer.input).unwrap() {
                entries += usize::from(matches!(event, Event::UniqueIdListing { .. }));
            }
        }
        let examined = peer.client.examined() - before;
        assert_eq!(entries, 5000);
        assert!(examined <= 2 * listing.len() as u64, "{examined} looked at in pieces of {size}");
    }
}

/// A server may well skip what it should ask; the client has said nothing that it was not asked for.
#[test]
fn ok_in_place_of_a_challenge_gets_no_secret_that_nobody_asked_for() {
    for (config, heard) in [(open(), "Ok "), (lenient(), "challenge ")] {
        let mut peer = Peer::greeted(config);
        peer.send(auth(Mechanism::CRAM_MD5, None));
        assert_eq!(peer.hear("+OK\r\n"), [heard]);
        assert_eq!(peer.said(), "");
    }
    // With words it is a success, and a mechanism that is not done has its host see that.
    let mut peer = Peer::greeted(lenient());
    peer.send(auth(Mechanism::CRAM_MD5, None));
    assert_eq!(peer.hear("+OK in\r\n"), ["Ok in"]);
    // Once octets of the mechanism were said, it is a success too.
    let mut peer = Peer::greeted(lenient());
    peer.send(auth(Mechanism::CRAM_MD5, None));
    peer.hear("+ eA==\r\n");
    peer.client.respond(&Response::Data(Secret::copy_from(b"y"))).unwrap();
    peer.said();
    assert_eq!(peer.hear("+OK\r\n"), ["Ok "]);
}

/// Whoever sends mail to a maildrop chooses what its messages hold.
#[test]
fn no_message_ends_itself_and_none_says_replies() {
    let mut config = open();
    for leniency in
        [Leniency::STRICT, Leniency::LENIENT, Leniency::STRICT.with(DeviationKind::MissingStuffing)]
    {
        config.leniency = leniency;
        let mut peer = Peer::logged_in(config.clone());
        peer.send(Command::Retr(number(1)));
        let log = peer.hear("+OK\r\n..\r\n+OK faked\r\n..\r\n-ERR faked\r\n.\r\n");
        assert_eq!((&*log[0], &**log.last().unwrap()), ("begin", "end"));
        assert!(log[1..log.len() - 1].iter().all(|entry| entry.starts_with("payload ")), "{log:?}");
    }
    let mut peer = Peer::logged_in(lenient());
    peer.send(Command::Retr(number(1)));
    let log = peer.hear("+OK\r\na\n.\nb\r.\rc\n.\r\nd\r\n.\ne\r\n.\r\n");
    assert_eq!(log.iter().filter(|entry| *entry == "end").count(), 1);
    assert_eq!(log.last().unwrap(), "end");
}

#[test]
fn a_token_that_is_dropped_ends_the_session_without_a_word() {
    let mut peer = Peer::greeted(ClientConfig::default());
    peer.send(Command::Stls);
    assert_eq!(peer.hear("+OK\r\n"), ["upgrade"]);
    drop(peer.upgrade.take());
    assert_eq!((peer.hear(""), peer.said()), (vec!["closed".to_string()], String::new()));
    assert_eq!(peer.client.receive_eof(&BytesMut::new()), Ok(()));
}

/// A host that asks for more than a server answers gets an error, and no memory is lost to a queue.
#[test]
fn commands_that_nobody_answers_are_refused_in_the_end() {
    let mut config = open();
    (config.max_in_flight, config.max_unsent) = (100, 64);
    let mut peer = Peer::logged_in(config);
    let mut taken = 0;
    while peer.client.send(Command::Noop).is_ok() {
        taken += 1;
        assert!(taken <= 100);
    }
    assert_eq!((taken, peer.client.transmit().unsent() <= 70), (100, true));
    let mut answered = 0;
    while answered < 100 {
        assert_eq!(peer.said(), "NOOP\r\n");
        assert_eq!(peer.hear("+OK\r\n"), ["Ok "]);
        answered += 1;
    }
}
