//! AUTH, APOP, and secrets.
use crate::common::{Peer, auth, lenient, open, pass, user};
use pop3_proto::{
    BytesMut, ClientConfig, Command, DeviationKind, Digest, InitialResponse, Mechanism, Name, Secret, State,
    Timestamp,
    client::{NotChallenged, SendRefusal},
    sasl::Response,
};

// covers rfc5034 4 client-waits-for-auth
// covers rfc5034 4 initial-response-fits
// covers rfc5034 4 deferred-initial-response
#[test]
fn an_initial_response_that_passes_the_line_is_said_behind_it() {
    let line = |octets: usize| {
        let mut peer = Peer::greeted(open());
        let said = peer.send(auth(Mechanism::PLAIN, Some(&vec![0; octets])));
        (peer, said)
    };
    // 11 octets in front, 240 of base64, CRLF.
    assert_eq!(line(180).1.len(), 253);
    let (mut peer, said) = line(181);
    assert_eq!(said, "AUTH PLAIN\r\n");
    assert_eq!(peer.refused(Command::Quit), SendRefusal::Busy);
    assert_eq!(peer.client.respond(&Response::Cancel), Err(NotChallenged));
    assert_eq!(peer.hear("+ \r\n"), [""; 0]);
    assert_eq!(peer.said().len(), 244 + 2);
    assert_eq!(peer.hear("+OK in\r\n"), ["Ok in"]);
    assert_eq!(peer.client.state(), State::Transaction);
    // What is no empty challenge is for the mechanism.
    let (mut peer, _) = line(181);
    assert_eq!(peer.hear("+ eA==\r\n"), ["challenge x"]);
}

// covers rfc5034 4 client-cancels
#[test]
fn a_challenge_that_is_no_base64_is_cancelled() {
    let mut peer = Peer::greeted(open());
    peer.send(auth(Mechanism::CRAM_MD5, None));
    assert_eq!(peer.hear("+ <not base64>\r\n"), [""; 0]);
    assert_eq!(peer.said(), "*\r\n");
    assert_eq!(peer.hear("-ERR cancelled\r\n"), ["Err cancelled"]);
    assert_eq!(peer.send(user()), "USER mrose\r\n");
    assert_eq!(peer.hear("+ eA==\r\n"), ["error: challenge without an exchange", "unanswered", "closed"]);
}

#[test]
fn a_lone_ok_is_a_challenge_to_a_client_that_has_said_nothing() {
    let mut peer = Peer::greeted(lenient());
    peer.send(auth(Mechanism::new("NTLM").unwrap(), None));
    assert_eq!(peer.hear("+OK\r\n"), ["challenge "]);
    assert_eq!(peer.client.deviation().unwrap().kind, DeviationKind::OkAsChallenge);
    peer.client.respond(&Response::Data(Secret::copy_from(b"x"))).unwrap();
    assert_eq!(peer.said(), "eA==\r\n");
    assert_eq!(peer.hear("+OK\r\n"), ["Ok "]);
    assert_eq!((peer.client.state(), peer.client.deviation()), (State::Transaction, None));
    let mut peer = Peer::greeted(open());
    peer.send(auth(Mechanism::PLAIN, None));
    assert_eq!(peer.hear("+OK\r\n"), ["Ok "]);
}

// covers rfc1939 7 client-timestamp
#[test]
fn the_timestamp_of_apop_is_kept() {
    for (greeting, timestamp) in [
        (
            "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>",
            Some("<1896.697170952@dbc.mtview.ca.us>"),
        ),
        ("+OK <a@b> behind", Some("<a@b>")),
        ("+OK <no id>", None),
        ("+OK > <", None),
        ("+OK <no id> <<1@x>", Some("<1@x>")),
        ("+OK <\u{80}@x>", None),
        ("+OK", None),
    ] {
        let mut peer = Peer::new(open());
        peer.hear(&format!("{greeting}\r\n"));
        let kept = peer.client.timestamp().map(Timestamp::as_str);
        assert_eq!(kept, timestamp, "{greeting}");
    }
    let mut peer = Peer::new(open());
    peer.client.send(Command::Capa).unwrap();
    assert_eq!(peer.hear("-ERR [SYS/TEMP] no\r\n"), ["greeting Err", "never sent", "closed"]);
}

#[test]
fn no_secret_is_shown() {
    let mut peer = Peer::new(open());
    for command in [user(), pass()] {
        peer.client.send(command).unwrap();
    }
    assert!(!format!("{:?}", peer.client).contains("staaf"), "{:?}", peer.client);
    peer.hear("+OK\r\n");
    peer.said();
    peer.hear("+OK\r\n");
    assert!(!format!("{:?}", peer.client).contains("staaf"), "{:?}", peer.client);
    let mut peer = Peer::greeted(open());
    peer.client.send(auth(Mechanism::PLAIN, Some(&b"staaf".repeat(60)))).unwrap();
    let shown = format!("{:?}", peer.client);
    assert!(!shown.contains("staaf") && !shown.contains("c3RhYWY"), "{shown}");
    let error = Peer::greeted(ClientConfig::default()).client.send(auth(Mechanism::PLAIN, Some(b"staaf")));
    assert!(!format!("{error:?}").contains("staaf"));
}

fn apop() -> Command {
    Command::Apop {
        name: Name::new("mrose").unwrap(),
        digest: Digest::new("c4c9334bac560ecc979e58001b3e22fb").unwrap(),
    }
}

// covers rfc1939 7 client-apop-offered
#[test]
fn apop_is_said_to_who_gave_a_timestamp_and_to_nobody_else() {
    let mut peer = Peer::new(open());
    assert_eq!(peer.client.send(apop()).unwrap_err().refusal, SendRefusal::NotOffered, "no greeting yet");
    peer.hear("+OK ready <1896.697170952@dbc.mtview.ca.us>\r\n");
    assert_eq!(peer.send(apop()), "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n");
    assert_eq!(peer.hear("-ERR [AUTH] permission denied\r\n"), ["Err permission denied"]);
    assert_eq!(peer.client.state(), State::Authorization);
    peer.send(apop());
    assert_eq!(peer.hear("+OK maildrop locked and ready\r\n"), ["Ok maildrop locked and ready"]);
    assert_eq!((peer.client.state(), peer.client.capabilities()), (State::Transaction, None));
    assert_eq!(Peer::greeted(open()).refused(apop()), SendRefusal::NotOffered);
    assert_eq!(Peer::greeted(ClientConfig::default()).refused(apop()), SendRefusal::NeedsTls);
}

/// With octets of its own choice in front of the secret a false server finds it out.
// covers rfc2595 4 client-forgets-timestamp
#[test]
fn a_timestamp_that_was_heard_in_clear_is_not_used_under_tls() {
    let mut peer = Peer::new(open());
    peer.hear("+OK <1@x>\r\n");
    assert!(peer.client.timestamp().is_some());
    peer.send(Command::Stls);
    peer.hear("+OK\r\n");
    peer.client.upgraded(peer.upgrade.take().unwrap(), &BytesMut::new()).unwrap();
    assert_eq!(peer.client.timestamp(), None);
    assert_eq!(peer.refused(apop()), SendRefusal::NotOffered);
}

/// Office 365 answers AUTH XOAUTH2 with an initial response `-ERR Protocol error`.
#[test]
fn an_initial_response_stands_behind_the_challenge_where_the_server_wants_it_there() {
    let mut config = open();
    config.initial = InitialResponse::Behind;
    let mut peer = Peer::greeted(config.clone());
    assert_eq!(peer.send(auth(Mechanism::XOAUTH2, Some(b"x"))), "AUTH XOAUTH2\r\n");
    assert_eq!(peer.hear("+ \r\n"), [""; 0]);
    assert_eq!(peer.said(), "eA==\r\n");
    assert_eq!(peer.hear("+OK User successfully authenticated.\r\n").len(), 1);
    let mut peer = Peer::greeted(config);
    assert_eq!(peer.send(auth(Mechanism::EXTERNAL, Some(b""))), "AUTH EXTERNAL\r\n");
    peer.hear("+ \r\n");
    assert_eq!(peer.said(), "\r\n");
    // Or the host hears the refusal, and says the rest when it is asked.
    let mut peer = Peer::greeted(open());
    assert_eq!(peer.send(auth(Mechanism::XOAUTH2, Some(b"x"))), "AUTH XOAUTH2 eA==\r\n");
    assert_eq!(peer.hear("-ERR Protocol error. Connection is closed. 10\r\n").len(), 1);
    assert_eq!(peer.send(auth(Mechanism::XOAUTH2, None)), "AUTH XOAUTH2\r\n");
    assert_eq!(peer.hear("+ \r\n"), ["challenge "]);
}

/// A mechanism that nobody here knows: its octets go through as they are, and so does what is no text.
#[test]
fn a_mechanism_of_any_rounds_goes_through() {
    let mut peer = Peer::greeted(open());
    assert_eq!(
        peer.send(auth(Mechanism::new("X-ROUNDS").unwrap(), Some(b"\0\xff"))),
        "AUTH X-ROUNDS AP8=\r\n"
    );
    for _ in 0..3 {
        assert_eq!(peer.hear("+ /wA=\r\n"), [r"challenge \xff\x00"]);
        peer.client.respond(&Response::Data(Secret::copy_from(b"\r\n.\r\n"))).unwrap();
        assert_eq!(peer.said(), "DQouDQo=\r\n");
    }
    assert_eq!(peer.hear("+OK in\r\n"), ["Ok in"]);
    assert_eq!(peer.client.state(), State::Transaction);
}
