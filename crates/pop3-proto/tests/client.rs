//! The client's machine against what servers say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod common;

use common::{Session, every_way};
use pop3_proto::{
    Buf, Bytes, BytesMut, Capability, CleartextLogin, ClientConfig, Command, DeviationKind, Leniency,
    Mechanism, Mechanisms, MessageNumber, Name, Offer, Password, ProtocolError, Reason, Secret, Security,
    ServerConfig, State, Status, Step, Then, TlsPolicy, Unit, Upgrade, UpgradeError,
    client::{Client, Event, NotChallenged, SendRefusal, Ticket},
    sasl::Response,
};
use std::{collections::VecDeque, fs, time::Duration};
use test_support::{Host, Log, Script, Who, run_client};

/// Talks to anybody, and tolerates nothing.
fn open() -> ClientConfig {
    let mut config = ClientConfig::default();
    config.tls = TlsPolicy::Opportunistic;
    config.cleartext = CleartextLogin::Allow;
    config.leniency = Leniency::STRICT;
    config
}

fn lenient() -> ClientConfig {
    let mut config = open();
    config.leniency = Leniency::LENIENT;
    config
}

fn number(number: u32) -> MessageNumber {
    MessageNumber::new(number).unwrap()
}

fn user() -> Command {
    Command::User(Name::new("mrose").unwrap())
}

fn pass() -> Command {
    Command::Pass(Password::new(b"tan staaf").unwrap())
}

fn auth(mechanism: Mechanism, initial: Option<&[u8]>) -> Command {
    Command::Auth { mechanism, initial: initial.map(Secret::copy_from) }
}

/// What an event says, whatever its ticket.
fn told(event: &Event) -> String {
    match event {
        Event::Greeting(reply) => format!("greeting {:?}", reply.status),
        Event::Reply { reply, .. } => format!("{:?} {}", reply.status, reply.text.words().to_str_lossy()),
        Event::Begin { .. } => "begin".into(),
        Event::DropListing { listing, .. } => format!("stat {} {}", listing.messages, listing.octets),
        Event::ScanListing { listing, .. } => format!("list {} {}", listing.message, listing.octets),
        Event::UniqueIdListing { listing, .. } => format!("uidl {} {}", listing.message, listing.id),
        Event::Mechanisms { mechanisms, .. } => {
            format!("mechanisms {:?}", mechanisms.iter().map(Mechanism::as_str).collect::<Vec<_>>())
        }
        Event::End(_) => "end".into(),
        Event::Challenge { challenge, .. } => {
            format!("challenge {}", challenge.as_bytes().escape_ascii())
        }
        Event::Unsolicited(reply) => format!("unsolicited {}", reply.text.words().to_str_lossy()),
        Event::Upgrade { .. } => "upgrade".into(),
        Event::NeverSent(_) => "never sent".into(),
        Event::Unanswered(_) => "unanswered".into(),
        Event::Payload(piece) => format!("payload {}", piece.escape_ascii()),
        other => format!("{other:?}"),
    }
}

/// What the client of a script says, in order.
#[derive(Debug)]
enum Say {
    Send(Command),
    Respond(Response),
}

fn said(script: &Script) -> VecDeque<Say> {
    let text = script.said_by(Who::Client);
    let (mut said, mut responses) = (VecDeque::new(), 0);
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r\n").unwrap();
        if responses > 0 {
            let response = Response::parse(line).unwrap();
            responses = if response == Response::Cancel { 0 } else { responses - 1 };
            said.push_back(Say::Respond(response));
            continue;
        }
        let command = Command::parse(&Bytes::copy_from_slice(line)).unwrap();
        if let Command::Auth { mechanism, initial: None } = &command {
            responses = if *mechanism == Mechanism::LOGIN { 2 } else { 1 };
        }
        said.push_back(Say::Send(command));
    }
    said
}

/// Says what the script says, as early as the machine takes it; no command goes before the capabilities are known.
struct Scripted {
    said: VecDeque<Say>,
}

impl Scripted {
    fn go_on(&mut self, client: &mut Client) {
        while let Some(Say::Send(_)) = self.said.front() {
            let Some(Say::Send(command)) = self.said.pop_front() else { return };
            let is_capa = command == Command::Capa;
            if let Err(error) = client.send(command) {
                assert_eq!(error.refusal, SendRefusal::Busy, "{:?}", error.command);
                self.said.push_front(Say::Send(*error.command));
                return;
            }
            if is_capa {
                return;
            }
        }
    }
}

impl Host<Client> for Scripted {
    fn event(&mut self, client: &mut Client, event: Event, log: &mut Log) {
        match event {
            Event::Payload(piece) => return log.payload(&piece),
            Event::Upgrade { upgrade, .. } => return log.upgrade(upgrade),
            Event::Challenge { .. } => {
                log.note(told(&event));
                let Some(Say::Respond(response)) = self.said.pop_front() else {
                    panic!("a challenge for what?")
                };
                return client.respond(&response).unwrap();
            }
            event => log.note(told(&event)),
        }
        self.go_on(client);
    }

    fn upgraded(&mut self, client: &mut Client, _: &mut Log) {
        self.go_on(client);
    }
}

/// Runs a script as client, under every cut.
fn scripted(name: &str, config: &ClientConfig) -> Vec<String> {
    let script = Script::load(&format!("pop3/{name}.txt"));
    run_client(&script, || (Client::new(config.clone()), Scripted { said: said(&script) }))
}

fn one_at_a_time() -> ClientConfig {
    let mut config = open();
    config.max_in_flight = 1;
    config
}

// covers rfc1939 4 client-greeting
// covers rfc1939 5 client-reads-stat
// covers rfc1939 3 client-lone-dot
// covers rfc1939 6 client-quit-ends
#[test]
fn a_whole_session_is_heard_the_same_under_every_cut() {
    assert_eq!(
        scripted("session", &one_at_a_time()),
        [
            "greeting Ok",
            "Ok capability list follows",
            "Ok send PASS",
            "Err authentication failed",
            "Ok send PASS",
            "Ok maildrop has 2 messages (54 octets)",
            "stat 2 54",
            "begin",
            "list 1 29",
            "list 2 25",
            "end",
            "list 2 25",
            "begin",
            "uidl 1 id-1",
            "uidl 2 id-2",
            "end",
            "uidl 2 id-2",
            "begin",
            r#"payload "Subject: one\r\n\r\n.\r\n..x\r\nend\r\n""#,
            "end",
            "begin",
            r#"payload "Subject: two\r\n\r\n1\r\n""#,
            "end",
            "Ok message 1 deleted",
            "Err message 1 already deleted",
            "Ok ",
            "Ok no message is marked deleted",
            "Ok message 2 deleted",
            "Ok goodbye",
            "closed",
        ]
    );
}

// covers rfc2449 6.6 client-pipelines
#[test]
fn commands_leave_in_one_go_where_pipelining_is_listed() {
    let log = scripted("pipelined", &open());
    assert_eq!(log.last().unwrap(), "closed");
    assert_eq!(log.iter().filter(|entry| entry.starts_with("payload")).count(), 2, "{log:#?}");
}

#[test]
fn stls_and_a_login_under_tls() {
    let mut config = one_at_a_time();
    config.tls = TlsPolicy::Required;
    config.cleartext = CleartextLogin::Refuse;
    let log = scripted("stls", &config);
    assert_eq!(log[2..4], ["upgraded", "Ok capability list follows"]);
    assert_eq!(log[5..], ["Ok goodbye", "closed"]);
}

#[test]
fn a_login_by_steps_behind_one_that_is_given_up() {
    assert_eq!(
        scripted("auth", &open())[1..],
        [
            r#"mechanisms ["PLAIN", "LOGIN"]"#,
            "challenge ",
            "Err authentication cancelled",
            "challenge Username:",
            "challenge Password:",
            "Ok maildrop has 2 messages (54 octets)",
            "Ok goodbye",
            "closed",
        ]
    );
}

#[test]
fn the_server_says_what_the_scripts_of_the_client_say() {
    let clear = || {
        let mut config = ServerConfig::default();
        config.cleartext = CleartextLogin::Allow;
        config.mechanisms = Mechanisms::new([Mechanism::PLAIN, Mechanism::LOGIN]).unwrap();
        config
    };
    let stls = || {
        let mut config = clear();
        config.cleartext = CleartextLogin::Refuse;
        config.stls = Offer::Yes;
        config
    };
    for (name, config) in [("session", clear()), ("stls", stls()), ("auth", clear())] {
        let path = format!("{}/../../testdata/pop3/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let log = every_way(&fs::read_to_string(path).unwrap(), || Session::new(config.clone()));
        assert_eq!(log.last().unwrap(), "closed", "{name}");
    }
}

/// A client, and what it is told.
struct Peer {
    client: Client,
    input: BytesMut,
    upgrade: Option<Upgrade>,
    tickets: Vec<Ticket>,
}

impl Peer {
    fn new(config: ClientConfig) -> Self {
        Self { client: Client::new(config), input: BytesMut::new(), upgrade: None, tickets: Vec::new() }
    }

    /// One that has been greeted.
    fn greeted(config: ClientConfig) -> Self {
        let mut peer = Self::new(config);
        assert_eq!(peer.hear("+OK ready\r\n"), ["greeting Ok"]);
        peer
    }

    /// One that has logged in.
    fn logged_in(config: ClientConfig) -> Self {
        let mut peer = Self::greeted(config);
        for command in [user(), pass()] {
            peer.send(command);
            assert_eq!(peer.hear("+OK\r\n"), ["Ok "]);
        }
        assert_eq!(peer.client.state(), State::Transaction);
        peer
    }

    /// Sends a command, and writes it.
    fn send(&mut self, command: Command) -> String {
        self.client.send(command).unwrap();
        self.said()
    }

    fn refused(&mut self, command: Command) -> SendRefusal {
        let error = self.client.send(command.clone()).unwrap_err();
        assert_eq!((*error.command, self.said()), (command, String::new()), "an octet has left");
        error.refusal
    }

    fn said(&mut self) -> String {
        let transmit = self.client.transmit();
        String::from_utf8(transmit.copy_to_bytes(transmit.remaining()).into()).unwrap()
    }

    /// What the client is told of this, errors too.
    fn hear(&mut self, text: &str) -> Vec<String> {
        self.input.extend_from_slice(text.as_bytes());
        let mut log = Vec::new();
        loop {
            match self.client.receive(&mut self.input) {
                Ok(Step::Event(event)) => {
                    log.push(told(&event));
                    match event {
                        Event::Upgrade { upgrade, .. } => self.upgrade = Some(upgrade),
                        Event::Reply { ticket, .. }
                        | Event::NeverSent(ticket)
                        | Event::Unanswered(ticket)
                        | Event::End(ticket) => self.tickets.push(ticket),
                        _ => {}
                    }
                }
                Ok(Step::NeedInput { hint }) => {
                    assert!(hint > 0);
                    return log;
                }
                Ok(Step::NeedAnswer) => return log,
                Ok(Step::Closed) => {
                    log.push("closed".into());
                    return log;
                }
                Ok(Step::NeedFlush) => panic!("nothing waits"),
                Err(error) => log.push(format!("error: {error}")),
            }
        }
    }

    fn eof(&mut self) -> Result<(), ProtocolError> {
        self.client.receive_eof(&self.input)
    }
}

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

// covers rfc2595 4 client-may-require-tls
#[test]
fn where_tls_is_required_nothing_but_capa_stls_and_quit_is_clear() {
    let mut config = ClientConfig::default();
    config.cleartext = CleartextLogin::Allow;
    for command in [user(), Command::AuthList, auth(Mechanism::PLAIN, Some(b"x"))] {
        assert_eq!(Peer::greeted(config.clone()).refused(command), SendRefusal::NeedsTls);
    }
    for (command, line) in
        [(Command::Capa, "CAPA\r\n"), (Command::Stls, "STLS\r\n"), (Command::Quit, "QUIT\r\n")]
    {
        assert_eq!(Peer::greeted(config.clone()).send(command), line);
    }
    config.security = Security::Tls;
    assert_eq!(Peer::greeted(config).send(user()), "USER mrose\r\n");
}

#[test]
fn a_client_that_is_never_to_use_tls_does_not_ask_for_it() {
    let mut config = ClientConfig::default();
    config.tls = TlsPolicy::Never;
    assert_eq!(Peer::greeted(config).refused(Command::Stls), SendRefusal::TlsForbidden);
}

// covers rfc2595 2.3 client-no-cleartext
// covers rfc2595 2.3 client-cleartext-is-chosen
#[test]
fn no_password_leaves_in_clear_without_a_word_of_the_caller() {
    let mut config = ClientConfig::default();
    config.tls = TlsPolicy::Opportunistic;
    for command in [user(), auth(Mechanism::PLAIN, Some(b"\0a\0b"))] {
        assert_eq!(Peer::greeted(config.clone()).refused(command), SendRefusal::NeedsTls);
    }
    assert_eq!(Peer::greeted(config).send(Command::AuthList), "AUTH\r\n");
}

// covers rfc2595 4 client-injected
// covers rfc2595 4 client-injected-late
#[test]
fn octets_in_clear_behind_stls_end_the_session() {
    let mut peer = Peer::greeted(ClientConfig::default());
    peer.send(Command::Stls);
    assert_eq!(
        peer.hear("+OK go\r\n+OK injected\r\n"),
        ["upgrade", "error: octets in clear behind STLS", "closed"]
    );
    let mut peer = Peer::greeted(ClientConfig::default());
    peer.send(Command::Stls);
    assert_eq!(peer.hear("+OK go\r\n"), ["upgrade"]);
    let late = BytesMut::from("+OK injected\r\n");
    let error = peer.client.upgraded(peer.upgrade.take().unwrap(), &late).unwrap_err();
    assert!(matches!(error, UpgradeError::Protocol(ProtocolError::InjectedPlaintext)));
    assert_eq!(peer.client.state(), State::Closed);
}

// covers rfc2595 4 client-waits-for-stls
// covers rfc2595 4 client-upgrades
// covers rfc2595 4 client-forgets-offers
// covers rfc2595 4 client-no-second-stls
#[test]
fn what_was_offered_in_clear_is_forgotten_under_tls() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nPIPELINING\r\nSTLS\r\n.\r\n");
    assert_eq!(peer.client.capabilities(), Some(&[Capability::Pipelining, Capability::Stls][..]));
    peer.send(Command::Stls);
    assert_eq!(peer.refused(Command::Capa), SendRefusal::Busy);
    assert_eq!(peer.hear("+OK\r\n"), ["upgrade"]);
    assert_eq!(peer.refused(Command::Capa), SendRefusal::Busy);
    peer.client.upgraded(peer.upgrade.take().unwrap(), &peer.input).unwrap();
    assert_eq!((peer.client.security(), peer.client.capabilities()), (Security::Tls, None));
    assert_eq!(peer.refused(Command::Stls), SendRefusal::TlsActive);
    assert_eq!(peer.send(user()), "USER mrose\r\n");
    assert_eq!(peer.send(pass()), "", "PIPELINING was learned in clear");
}

#[test]
fn an_upgrade_that_is_dropped_ends_the_session() {
    let mut peer = Peer::greeted(ClientConfig::default());
    peer.send(Command::Stls);
    peer.hear("+OK\r\n");
    peer.upgrade = None;
    assert_eq!(peer.hear(""), ["closed"]);
}

// covers rfc2449 5 client-forgets-at-login
#[test]
fn what_was_offered_before_the_login_is_not_taken_to_hold_after_it() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nPIPELINING\r\nEXPIRE 60 USER\r\n.\r\n");
    for command in [user(), pass()] {
        peer.send(command);
        assert!(peer.client.capabilities().is_some());
        peer.hear("+OK\r\n");
    }
    assert_eq!(peer.client.capabilities(), None);
    assert_eq!(peer.send(Command::Stat) + &peer.send(Command::Noop), "STAT\r\nNOOP\r\n");
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

// covers rfc2449 4 client-line-255
#[test]
fn no_line_above_255_octets_leaves() {
    let named = |octets: usize| Command::User(Name::new(vec![b'a'; octets]).unwrap());
    assert_eq!(Peer::greeted(open()).send(named(248)).len(), 255);
    assert_eq!(Peer::greeted(open()).refused(named(249)), SendRefusal::LineTooLong);
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

// covers rfc5034 3 client-mechanism-offered
// covers rfc2595 4 client-stls-offered
#[test]
fn what_the_server_does_not_list_is_not_asked_for() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nSASL LOGIN\r\n.\r\n");
    assert_eq!(peer.refused(Command::Stls), SendRefusal::NotOffered);
    assert_eq!(peer.refused(auth(Mechanism::PLAIN, None)), SendRefusal::NotOffered);
    assert_eq!(peer.send(auth(Mechanism::LOGIN, None)), "AUTH LOGIN\r\n");
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

#[test]
fn lines_that_tell_no_capability_are_passed_over() {
    let mut peer = Peer::greeted(lenient());
    peer.send(Command::Capa);
    assert_eq!(peer.hear("+OK list\r\nTOP\r\n\r\nX y\r\nUIDL\r\n.\r\n"), ["Ok list"]);
    let names: Vec<String> = peer
        .client
        .capabilities()
        .unwrap()
        .iter()
        .map(|it| {
            let mut line = Vec::new();
            it.encode(&mut line);
            String::from_utf8(line).unwrap()
        })
        .collect();
    assert_eq!(names, ["TOP\r\n", "X y\r\n", "UIDL\r\n"]);
    assert_eq!(peer.client.deviation().unwrap().kind, DeviationKind::BadEntry);
}

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

impl Peer {
    fn refused_when_full(&mut self) -> SendRefusal {
        self.client.send(Command::Capa).unwrap_err().refusal
    }
}

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
        ("+OK", None),
    ] {
        let mut peer = Peer::new(open());
        peer.hear(&format!("{greeting}\r\n"));
        let kept = peer.client.timestamp().map(|timestamp| timestamp.as_str().unwrap());
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
