//! What servers say beside the grammar.
use crate::common::{Peer, lenient, number, open};
use pop3_proto::{ClientConfig, Command, DeviationKind, Step, client::Event};

#[test]
fn what_servers_say_beside_the_grammar_is_tolerated_and_told() {
    let one = Some(number(1));
    for (command, heard, events, kind) in [
        (Command::Noop, "+ERR no\r\n", &["Err no"][..], DeviationKind::OddStatus),
        (Command::Uidl(one), "+OK 1 a 99 octets\r\n", &["uidl 1 a"], DeviationKind::ExtraWords),
        (Command::Noop, "+OK\n", &["Ok "], DeviationKind::BareLineEnding),
    ] {
        let mut peer = Peer::logged_in(lenient());
        peer.send(command.clone());
        assert_eq!(peer.hear(heard), events);
        assert_eq!(peer.client.deviation().unwrap().kind, kind);
        let mut peer = Peer::logged_in(open());
        peer.send(command);
        let log = peer.hear(&format!("{heard}\r\n"));
        assert!(log[0].starts_with("error: "), "{log:?}");
    }
    let mut peer = Peer::logged_in(lenient());
    peer.send(Command::List(None));
    assert_eq!(
        peer.hear("+OK\r\n1 120\r\nbad\r\n3 9 x\r\n.\r\n"),
        ["begin", "list 1 120", "list 3 9", "end"]
    );
    peer.send(Command::Stat);
    assert_eq!(peer.hear("+OK 2 320 extra\r\n"), ["stat 2 320"]);
    assert_eq!(peer.client.deviation(), None);
}

#[test]
fn a_bare_lf_in_a_message_is_content_and_ends_nothing() {
    let mut peer = Peer::logged_in(lenient());
    peer.send(Command::Retr(number(1)));
    let mut message = Vec::new();
    let mut deviations = Vec::new();
    peer.input.extend_from_slice(b"+OK\r\na\nb\n.\r\n..c\r\nd\n.\n\r\n.\r\n");
    loop {
        match peer.client.receive(&mut peer.input).unwrap() {
            Step::Event(Event::Payload(piece)) => message.extend_from_slice(&piece),
            Step::Event(Event::End(_)) => break,
            Step::Event(Event::Begin { .. }) => {}
            other => panic!("{other:?}"),
        }
        deviations.extend(peer.client.deviation());
    }
    assert_eq!(message, b"a\nb\n.\r\n.c\r\nd\n.\n\r\n");
    assert_eq!(
        deviations.iter().map(|it| (it.kind, it.offset)).collect::<Vec<_>>(),
        [(DeviationKind::BareLineEnding, 1)]
    );
    let mut peer = Peer::logged_in(open());
    peer.send(Command::Retr(number(1)));
    assert_eq!(
        peer.hear("+OK\r\na\nb\r\n.\r\n"),
        ["begin", "payload a", "error: bare LF at octet 1 of the payload", "unanswered", "closed"]
    );
}

/// What a message came to, and where which deviations were.
fn message(config: ClientConfig, heard: &[u8], size: usize) -> (Vec<u8>, Vec<(DeviationKind, usize)>) {
    let mut peer = Peer::logged_in(config);
    peer.send(Command::Retr(number(1)));
    let (mut message, mut deviations) = (Vec::new(), Vec::new());
    for piece in heard.chunks(size) {
        peer.input.extend_from_slice(piece);
        loop {
            match peer.client.receive(&mut peer.input).unwrap() {
                Step::Event(Event::Payload(piece)) => message.extend_from_slice(&piece),
                Step::Event(Event::End(_)) => {
                    assert!(peer.input.is_empty() && peer.eof().is_ok());
                    return (message, deviations);
                }
                Step::Event(Event::Begin { .. }) => {}
                Step::NeedInput { .. } => break,
                other => panic!("{other:?}"),
            }
            deviations.extend(peer.client.deviation().map(|it| (it.kind, it.offset)));
        }
    }
    panic!("no end of {}", message.escape_ascii())
}

/// Of mailpit before 1.18.3 and of others that do not stuff.
#[test]
fn a_dot_that_is_not_stuffed_is_kept_and_told() {
    let heard = b"+OK\r\nthis is a test\r\n.02 test\r\n..\r\n.\x20\r\nblaah\r\n.\r\n";
    let kept = b"this is a test\r\n.02 test\r\n.\r\n.\x20\r\nblaah\r\n";
    for size in [1, 2, 3, 7, 100] {
        let (message, deviations) = message(lenient(), heard, size);
        assert_eq!(message, kept, "in pieces of {size}: {}", message.escape_ascii());
        let missing = DeviationKind::MissingStuffing;
        assert_eq!(deviations, [(missing, 16), (missing, 30)], "in pieces of {size}");
    }
    // To the letter of the RFC the dot goes, whatever stands behind it.
    let taken = b"this is a test\r\n02 test\r\n.\r\n\x20\r\nblaah\r\n";
    assert_eq!(message(open(), heard, 100), (taken.to_vec(), vec![]));
    // What is stuffed means the same to both.
    let heard = b"+OK\r\n..\r\n...x\r\n..y\r\n.\r\n";
    let meant = (b".\r\n..x\r\n.y\r\n".to_vec(), vec![]);
    assert_eq!((message(open(), heard, 3), message(lenient(), heard, 3)), (meant.clone(), meant));
}

#[test]
fn a_server_whose_lines_all_end_in_lf_has_its_messages_read_to_their_end() {
    let heard = b"+OK\nSubject: x\n\n..\n.y\r\na\r.\rb\n..z\n.\n";
    for size in [1, 2, 3, 5, 100] {
        let (message, deviations) = message(lenient(), heard, size);
        assert_eq!(message, b"Subject: x\n\n.\n.y\r\na\r.\rb\n.z\n", "in pieces of {size}");
        let told = [(DeviationKind::BareLineEnding, 3), (DeviationKind::MissingStuffing, 15)];
        assert_eq!(deviations, told, "in pieces of {size}");
    }
    assert_eq!(message(lenient(), b"+OK\n.\r\n", 1).0, b"");
    // A status line that ends as it should leaves no doubt about the message.
    let (text, _) = message(lenient(), b"+OK\r\na\n.\nb\n.\r\nc\r\n.\r\n", 1);
    assert_eq!(text, b"a\n.\nb\n.\r\nc\r\n");
}

#[test]
fn the_listing_of_a_server_whose_lines_end_in_lf_is_read() {
    let mut peer = Peer::logged_in(lenient());
    peer.send(Command::List(None));
    assert_eq!(peer.hear("+OK\n1 2\n.\n"), ["begin", "list 1 2", "end"]);
}
