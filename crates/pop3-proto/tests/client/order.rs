//! What may be said, when, and which reply answers it.
use crate::common::{Peer, auth, number, open, pass, user};
use pop3_proto::{
    Buf, Bytes, Command, Mechanism, Name, State, Status, Step,
    client::{Event, SendRefusal},
};

// covers rfc1939 3 client-order
#[test]
fn what_may_not_stand_is_refused_before_an_octet_leaves() {
    let mut peer = Peer::greeted(open());
    for command in [
        pass(),
        Command::Stat,
        Command::List(None),
        Command::Uidl(None),
        Command::Retr(number(1)),
        Command::Top { message: number(1), lines: 0 },
        Command::Dele(number(1)),
        Command::Noop,
        Command::Rset,
    ] {
        assert_eq!(peer.refused(command), SendRefusal::BadSequence { state: State::Authorization });
    }
    let unknown = Command::parse(&Bytes::from_static(b"XTND XMIT")).unwrap();
    assert_eq!(peer.refused(unknown), SendRefusal::UnknownCommand);
    let mut peer = Peer::logged_in(open());
    for command in [user(), pass(), Command::Stls, Command::AuthList, auth(Mechanism::PLAIN, None)] {
        let refusal = peer.refused(command);
        assert_eq!(refusal, SendRefusal::BadSequence { state: State::Transaction });
        assert_eq!(refusal.to_string(), "it may not stand in the state TRANSACTION");
    }
}

// covers rfc2449 6.6 client-waits
#[test]
fn without_pipelining_one_command_is_on_its_way_at_a_time() {
    let mut peer = Peer::new(open());
    for command in [user(), pass(), Command::Stat] {
        assert_eq!(peer.send(command), "", "the server speaks first");
    }
    assert_eq!(peer.hear("+OK\r\n"), ["greeting Ok"]);
    for said in ["USER mrose\r\n", "PASS tan staaf\r\n", "STAT\r\n"] {
        assert_eq!(peer.said(), said);
        assert_eq!(peer.hear("+OK 1 2\r\n").len(), 1);
    }
}

// covers rfc1939 3 counted
#[test]
fn a_reply_ahead_of_its_command_answers_nothing() {
    let mut peer = Peer::logged_in(open());
    assert_eq!(peer.hear("-ERR idle too long\r\n"), ["unsolicited idle too long"]);
    let stat = peer.client.send(Command::Noop).unwrap();
    assert_eq!(peer.hear("+OK early\r\n"), ["unsolicited early"], "not an octet was written");
    peer.client.transmit().advance("NOOP\r".len());
    assert_eq!(peer.hear("+OK early\r\n"), ["unsolicited early"], "its last octet was not written");
    peer.client.transmit().advance(1);
    assert_eq!(peer.hear("+OK in time\r\n"), ["Ok in time"]);
    assert_eq!(peer.tickets.last(), Some(&stat));
}

// covers rfc2449 6.6 client-checks-each
#[test]
fn what_rested_on_a_login_that_failed_is_refused_and_no_more() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nPIPELINING\r\n.\r\n");
    for command in [user(), pass(), Command::Stat] {
        peer.send(command);
    }
    assert_eq!(peer.hear("-ERR a\r\n-ERR b\r\n-ERR c\r\n"), ["Err a", "Err b", "Err c"]);
    assert_eq!(peer.client.state(), State::Authorization);
    for command in [user(), pass()] {
        peer.send(command);
    }
    assert_eq!(
        peer.hear("-ERR\r\n+OK 1 2\r\n"),
        ["Err ", "error: +OK to a command that may not stand", "unanswered", "closed"]
    );
}

// covers rfc2449 4 client-line-255
#[test]
fn no_line_above_255_octets_leaves() {
    let named = |octets: usize| Command::User(Name::new(vec![b'a'; octets]).unwrap());
    assert_eq!(Peer::greeted(open()).send(named(248)).len(), 255);
    assert_eq!(Peer::greeted(open()).refused(named(249)), SendRefusal::LineTooLong);
}

#[test]
fn the_status_of_each_reply_is_told() {
    let mut peer = Peer::logged_in(open());
    peer.send(Command::Retr(number(9)));
    peer.input.extend_from_slice(b"-ERR no such message\r\n");
    let Step::Event(Event::Reply { reply, .. }) = peer.client.receive(&mut peer.input).unwrap() else {
        panic!("RETR that failed has one line")
    };
    assert_eq!(reply.status, Status::Err);
}

#[test]
fn each_reply_of_many_that_were_pipelined_names_its_command() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nPIPELINING\r\n.\r\n");
    for command in [user(), pass()] {
        peer.send(command);
        peer.hear("+OK\r\n");
    }
    let commands = [
        Command::Uidl(None),
        Command::Retr(number(1)),
        Command::Dele(number(1)),
        Command::Retr(number(1)),
        Command::Uidl(Some(number(1))),
        Command::Retr(number(2)),
        Command::Rset,
    ];
    let tickets: Vec<_> = commands.map(|command| peer.client.send(command).unwrap()).into();
    assert_eq!(peer.said(), "UIDL\r\nRETR 1\r\nDELE 1\r\nRETR 1\r\nUIDL 1\r\nRETR 2\r\nRSET\r\n");
    peer.tickets.clear();
    let log = peer.hear(
        "+OK\r\n1 a\r\n.\r\n+OK\r\none\r\n.\r\n+OK\r\n-ERR gone\r\n-ERR gone\r\n+OK\r\n.\r\n+OK none is marked\r\n",
    );
    assert_eq!(
        log,
        [
            "begin",
            "uidl 1 a",
            "end",
            "begin",
            "payload one\\r\\n",
            "end",
            "Ok ",
            "Err gone",
            "Err gone",
            "begin",
            "end",
            "Ok none is marked"
        ]
    );
    assert_eq!(peer.tickets, tickets);
}
