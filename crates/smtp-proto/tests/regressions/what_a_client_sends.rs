//! What a client takes from its host. What it takes too much breaks at the server, or shows a password.
use super::client_session::{Session, mail, name, open, rcpt};
use smtp_proto::{
    Argument, Auth, ClientAttributes, ClientConfig, Command, Extension, Mail, Mailbox, Mechanism, Refusal,
    Secret, Submitter, Told,
    client::{Event, SendRefusal},
};

// covers rfc6531 3.2 client-utf8-recipient
#[test]
fn a_utf8_recipient_needs_a_transaction_that_asked_for_it() {
    let mut session = Session::offered(open(), &["SMTPUTF8", "8BITMIME", "PIPELINING"]);
    session.send(mail());
    assert_eq!(session.refusal(rcpt("dömi@example.net")), SendRefusal::NeedsUtf8);
}

// covers rfc6531 3.7.4.2 client-utf8-vrfy
#[test]
fn to_verify_a_utf8_name_needs_smtputf8() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    assert_eq!(session.refusal(Command::Vrfy(Argument::new("dömi").unwrap())), SendRefusal::NeedsUtf8);
}

// covers rfc4954 5 client-auth-parameter
#[test]
fn the_auth_parameter_needs_auth() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let mail = Mail::new(Mailbox::new("a@example.com").unwrap()).with_auth(&Submitter::Unknown);
    assert_eq!(session.refusal(Command::Mail(mail)), SendRefusal::NotOffered(Extension::Auth));
}

// covers rfc4954 3 client-auth-offered
// covers rfc4954 4 client-mechanism
#[test]
fn a_mechanism_that_is_not_offered_is_not_tried() {
    let mut session = Session::offered(open(), &["AUTH PLAIN"]);
    let auth = Command::Auth(Auth { mechanism: Mechanism::SCRAM_SHA_256, initial: None });
    assert_eq!(session.refusal(auth), SendRefusal::NotOffered(Extension::Auth));
}

#[test]
fn no_more_commands_are_taken_than_may_be_in_flight() {
    let mut session = Session::offered(ClientConfig { max_in_flight: 2, ..open() }, &["PIPELINING"]);
    session.send(mail());
    session.send(rcpt("a@example.net"));
    assert_eq!(session.refusal(rcpt("b@example.net")), SendRefusal::Busy);
}

#[test]
fn a_client_that_is_shown_shows_no_password() {
    let mut session = Session::offered(open(), &["AUTH PLAIN"]);
    let initial = Some(Secret::copy_from(b"\0tim\0tanstaaftanstaaf"));
    session.send(Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial }));
    let shown = format!("{:?}", session.client);
    assert!(!shown.contains("AHRpbQB0YW5zdGFhZnRhbnN0YWFm"), "{shown}");
}

/// What was offered to the proxy may not be offered to whom it speaks for.
#[test]
fn behind_xclient_a_client_says_ehlo_again() {
    let mut session = Session::offered(open(), &["XCLIENT ADDR", "SIZE 1000", "PIPELINING"]);
    let attributes = ClientAttributes::new("ADDR", Told::Value("192.0.2.1")).unwrap();
    session.send(Command::XClient(attributes));
    // Nothing is known of what stands behind it.
    assert!(matches!(session.refusal(mail()), SendRefusal::Busy));
    let events = session.hear("220 s\r\n");
    assert!(matches!(events[..], [Event::Reply { .. }]), "{events:?}");
    assert!(session.client.capabilities().is_none());
    assert!(matches!(session.refusal(mail()), SendRefusal::BadSequence(Refusal::HelloFirst)));
    session.send(Command::Ehlo(name()));
    session.hear("250 s\r\n");
    assert!(session.client.capabilities().is_some_and(|offered| !offered.has(Extension::Size)));
    session.send(mail());
}
