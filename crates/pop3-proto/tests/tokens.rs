//! Questions, uploads and upgrades: dropped, mixed up, too late. And how a session ends.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use bytes::{Buf, Bytes, BytesMut};
use common::Session;
use pop3_proto::{
    CleartextLogin, DropListing, EntryError, FinishError, Machine, MessageNumber, Offer, ProtocolError,
    Reason, ReplyText, ScanListing, ServerConfig, Stale, State, Step, UpgradeError, WriteError,
    server::{Event, Rejection, Server},
};

fn config() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.stls = Offer::Yes;
    config.cleartext = CleartextLogin::Allow;
    config
}

fn heard(server: &mut Server) -> String {
    let transmit = server.transmit();
    let octets = transmit.copy_to_bytes(transmit.remaining());
    String::from_utf8(octets.to_vec()).unwrap()
}

fn event(server: &mut Server, said: &str) -> Event {
    let mut input = BytesMut::from(said);
    match server.receive(&mut input) {
        Ok(Step::Event(event)) => event,
        other => panic!("{other:?}"),
    }
}

fn greeted() -> Server {
    let mut server = Server::new(config());
    let Event::Connect(ask) = event(&mut server, "") else { panic!("no connection") };
    server.accept(ask, ()).unwrap();
    assert_eq!(heard(&mut server), "+OK POP3 server ready\r\n");
    server
}

fn logged_in(messages: u32) -> Server {
    let mut server = greeted();
    let Event::Login(ask) = event(&mut server, "USER mrose\r\nPASS secret\r\n") else { panic!("no login") };
    server.accept(ask, DropListing { messages, octets: 10 }).unwrap();
    heard(&mut server);
    server
}

fn is_over(server: &mut Server) -> bool {
    matches!(server.receive(&mut BytesMut::from("NOOP\r\n")), Ok(Step::Closed))
}

#[test]
fn a_client_that_is_not_wanted_hears_so_and_nothing_else() {
    let mut server = Server::new(config());
    let Event::Connect(ask) = event(&mut server, "") else { panic!("no connection") };
    server.reject(ask, Rejection::new(ReplyText::new("not you").unwrap())).unwrap();
    assert!(is_over(&mut server));
    assert_eq!(heard(&mut server), "-ERR not you\r\n");
}

#[test]
fn a_dropped_question_ends_the_session_with_a_temporary_failure() {
    let mut server = logged_in(2);
    drop(event(&mut server, "DELE 1\r\n"));
    assert!(is_over(&mut server));
    assert_eq!(heard(&mut server), "-ERR [SYS/TEMP] the server cannot go on\r\n");

    let mut server = Server::new(config());
    drop(event(&mut server, ""));
    assert!(is_over(&mut server));
    assert_eq!(heard(&mut server), "-ERR [SYS/TEMP] the server cannot go on\r\n");
}

#[test]
fn a_dropped_upload_or_listing_never_gets_an_end() {
    let mut server = logged_in(2);
    let Event::Retr(ask) = event(&mut server, "RETR 1\r\n") else { panic!("no RETR") };
    let mut upload = server.accept(ask, 5).unwrap();
    server.write(&mut upload, Bytes::from_static(b"hal")).unwrap();
    drop(upload);
    assert!(is_over(&mut server));
    assert_eq!(heard(&mut server), "+OK 5 octets\r\nhal");

    let mut server = logged_in(2);
    let Event::ListAll(ask) = event(&mut server, "LIST\r\n") else { panic!("no LIST") };
    drop(server.accept(ask, ()).unwrap());
    assert!(is_over(&mut server));
    assert_eq!(heard(&mut server), "+OK 2 messages (10 octets)\r\n");
}

#[test]
fn a_dropped_upgrade_ends_the_session_without_a_word_in_clear() {
    let mut server = greeted();
    let Event::StartTls(ask) = event(&mut server, "STLS\r\n") else { panic!("no STLS") };
    drop(server.accept(ask, ()).unwrap());
    assert_eq!(heard(&mut server), "+OK begin TLS\r\n");
    assert!(is_over(&mut server));
    assert_eq!(heard(&mut server), "");
}

#[test]
fn stls_that_the_host_refuses_leaves_the_session_as_it_was() {
    let mut server = greeted();
    let Event::StartTls(ask) = event(&mut server, "STLS\r\n") else { panic!("no STLS") };
    server.reject(ask, Rejection::TEMPORARY_FAILURE).unwrap();
    assert_eq!(heard(&mut server), "-ERR [SYS/TEMP] try again later\r\n");
    assert_eq!(server.state(), State::Authorization);
}

#[test]
fn tokens_of_another_session_come_back_and_stay_good_for_their_own() {
    let (mut one, mut other) = (logged_in(2), logged_in(2));
    let Event::Dele(ask) = event(&mut one, "DELE 1\r\n") else { panic!("no DELE") };
    let Stale(ask) = other.accept(ask, 5).unwrap_err();
    let Stale(ask) = other.reject(ask, Rejection::TEMPORARY_FAILURE).unwrap_err();
    one.accept(ask, 5).unwrap();
    assert_eq!(heard(&mut one), "+OK message 1 deleted\r\n");

    let Event::Retr(ask) = event(&mut one, "RETR 2\r\n") else { panic!("no RETR") };
    let mut upload = one.accept(ask, 5).unwrap();
    let error = other.write(&mut upload, Bytes::from_static(b"x")).unwrap_err();
    assert_eq!(error.to_string(), "upload of another session, or of one that is over");
    assert!(matches!(error, WriteError::Stale { chunk } if chunk == "x"));
    let Err(FinishError::Stale(Stale(upload))) = other.finish(upload) else { panic!("finished elsewhere") };
    one.finish(upload).unwrap();
    assert_eq!(heard(&mut one), "+OK 5 octets\r\n.\r\n");

    let Event::ListAll(ask) = event(&mut one, "LIST\r\n") else { panic!("no LIST") };
    let mut listing = one.accept(ask, ()).unwrap();
    let entry = ScanListing { message: MessageNumber::new(2).unwrap(), octets: 5 };
    // The other one sends a listing too.
    let Event::ListAll(ask) = event(&mut other, "LIST\r\n") else { panic!("no LIST") };
    let own = other.accept(ask, ()).unwrap();
    assert_eq!(other.entry(&mut listing, &entry), Err(EntryError::Stale));
    let Stale(mut listing) = other.finish_listing(listing).unwrap_err();
    one.entry(&mut listing, &entry).unwrap();
    one.finish_listing(listing).unwrap();
    other.finish_listing(own).unwrap();
    assert_eq!(heard(&mut one), "+OK 1 message (5 octets)\r\n2 5\r\n.\r\n");
    assert_eq!(heard(&mut other), "+OK 2 messages (10 octets)\r\n.\r\n");
    assert!(!is_over(&mut other));
}

#[test]
fn no_entry_is_taken_for_a_session_that_is_over() {
    let mut server = logged_in(2);
    let Event::ListAll(ask) = event(&mut server, "LIST\r\n") else { panic!("no LIST") };
    let mut listing = server.accept(ask, ()).unwrap();
    server.close(Reason::Shutdown);
    let entry = ScanListing { message: MessageNumber::new(1).unwrap(), octets: 5 };
    let error = server.entry(&mut listing, &entry).unwrap_err();
    assert_eq!(error.to_string(), "listing of another session, or of one that is over");
    assert!(server.finish_listing(listing).is_err());
    assert_eq!(heard(&mut server), "+OK 2 messages (10 octets)\r\n");
}

#[test]
fn an_upgrade_of_another_session_comes_back() {
    let (mut one, mut other) = (greeted(), greeted());
    let Event::StartTls(ask) = event(&mut one, "STLS\r\n") else { panic!("no STLS") };
    let upgrade = one.accept(ask, ()).unwrap();
    let Err(UpgradeError::Stale(Stale(upgrade))) = other.upgraded(upgrade, &BytesMut::new()) else {
        panic!("upgraded elsewhere")
    };
    one.upgraded(upgrade, &BytesMut::new()).unwrap();
}

#[test]
fn answers_come_too_late_for_a_session_that_is_over() {
    let mut server = logged_in(2);
    let Event::Quit(ask) = event(&mut server, "QUIT\r\n") else { panic!("no QUIT") };
    server.close(Reason::Shutdown);
    let error = server.accept(ask, ()).unwrap_err();
    assert_eq!(error.to_string(), "token of another session, or of one that is over");
    drop(error);
    assert_eq!(heard(&mut server), "-ERR [SYS/TEMP] the server is shutting down\r\n");
    assert!(is_over(&mut server));
    assert_eq!(heard(&mut server), "");
}

// covers rfc2595 4 nothing-behind-stls
#[test]
fn octets_behind_stls_are_injected_when_the_upgrade_is_due() {
    for said in ["STLS\r\nUSER mrose\r\n", "STLS\r\n\x16"] {
        let mut session = Session::new(config());
        assert_eq!(session.exchange(said), "+OK POP3 server ready\r\n+OK begin TLS\r\n");
        assert_eq!(session.outcome.log, ["error: octets in clear behind STLS"]);
        assert!(is_over(&mut session.server));
    }
}

// covers rfc2595 4 nothing-during-upgrade
#[test]
fn octets_that_come_in_clear_during_the_upgrade_are_injected() {
    let mut server = greeted();
    let Event::StartTls(ask) = event(&mut server, "STLS\r\n") else { panic!("no STLS") };
    let upgrade = server.accept(ask, ()).unwrap();
    let error = server.upgraded(upgrade, &BytesMut::from("USER mrose\r\n")).unwrap_err();
    assert!(matches!(error, UpgradeError::Protocol(ProtocolError::InjectedPlaintext)));
    assert!(is_over(&mut server));
}

#[test]
fn nothing_is_asked_while_a_question_is_open() {
    let mut server = logged_in(2);
    let mut input = BytesMut::from("RETR 1\r\nRETR 2\r\n");
    let Ok(Step::Event(Event::Retr(ask))) = server.receive(&mut input) else { panic!("no RETR") };
    assert!(matches!(server.receive(&mut input), Ok(Step::NeedAnswer)));
    let upload = server.accept(ask, 0).unwrap();
    assert!(matches!(server.receive(&mut input), Ok(Step::NeedAnswer)));
    assert_eq!(input, "RETR 2\r\n");
    server.finish(upload).unwrap();
    assert!(
        matches!(server.receive(&mut input), Ok(Step::Event(Event::Retr(ask))) if ask.message.get() == 2)
    );
}

#[test]
fn a_lost_connection_asks_for_nothing_to_be_removed() {
    let mut session = Session::new(config());
    session.exchange("USER mrose\r\nPASS tan staaf\r\nDELE 1\r\n");
    session.server.receive_eof(&session.input).unwrap();
    session.proceed();
    assert_eq!(session.outcome.log, ["login mrose tan staaf", "dele 1", "closed"]);
    assert_eq!(session.heard(), "");
}

#[test]
fn an_end_in_the_middle_of_something_is_told() {
    for (said, error) in [
        ("NOO", "connection closed inside a line"),
        ("NOOP\r", "connection closed inside a line"),
        ("AUTH PLAIN\r\n", "connection closed inside a SASL exchange"),
        ("STLS\r\n", "connection closed inside an upgrade to TLS"),
    ] {
        let mut config = config();
        config.mechanisms = pop3_proto::Mechanisms::new([pop3_proto::Mechanism::PLAIN]).unwrap();
        let mut session = Session::new(config);
        session.say(said.as_bytes());
        assert_eq!(session.server.receive_eof(&session.input).unwrap_err().to_string(), error);
        assert!(is_over(&mut session.server));
    }
}

#[test]
fn a_client_that_closes_its_half_behind_quit_still_hears_the_answer() {
    let mut server = logged_in(2);
    let mut input = BytesMut::from("NOOP\r\nQUIT\r\n");
    server.receive_eof(&input).unwrap();
    let Ok(Step::Event(Event::Quit(ask))) = server.receive(&mut input) else { panic!("no QUIT") };
    server.accept(ask, ()).unwrap();
    assert!(matches!(server.receive(&mut input), Ok(Step::Closed)));
    assert_eq!(heard(&mut server), "+OK\r\n+OK goodbye\r\n");
}

// covers rfc1939 3 autologout-silent
#[test]
fn a_timeout_says_nothing_and_a_shutdown_does() {
    for (reason, said) in [
        (Reason::Timeout, ""),
        (Reason::Shutdown, "-ERR [SYS/TEMP] the server is shutting down\r\n"),
        (Reason::Failure, "-ERR [SYS/TEMP] the server cannot go on\r\n"),
    ] {
        let mut server = logged_in(2);
        Machine::close(&mut server, reason);
        assert_eq!(heard(&mut server), said);
        assert!(is_over(&mut server));
    }
}

#[test]
fn no_last_word_is_put_into_a_message() {
    let mut server = logged_in(2);
    let Event::Retr(ask) = event(&mut server, "RETR 1\r\n") else { panic!("no RETR") };
    let mut upload = server.accept(ask, 5).unwrap();
    server.close(Reason::Shutdown);
    assert_eq!(heard(&mut server), "+OK 5 octets\r\n");
    assert!(matches!(server.write(&mut upload, Bytes::from_static(b"x")), Err(WriteError::Stale { .. })));
    assert!(matches!(server.finish(upload), Err(FinishError::Stale(_))));
    assert_eq!(heard(&mut server), "");
}
