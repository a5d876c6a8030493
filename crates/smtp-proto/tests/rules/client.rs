//! A client, command by command.
use super::client_session::{Session, lmtp, mail, name, open, rcpt, upload};
use bytes::{Buf, Bytes, BytesMut};
use core::time::Duration;
use smtp_proto::{
    Auth, ClientConfig, Command, DeviationKind, Extension, Identity, Mail, Mailbox, Mechanism, Phase,
    ProtocolError, Rcpt, Reason, Refusal, Security, Step, Submitter, UpgradeError,
    client::{Client, Event, SendRefusal},
};

// covers rfc2033 4.1 client-lhlo
#[test]
fn a_client_speaks_one_protocol() {
    assert_eq!(Session::greeted(lmtp()).refusal(Command::Ehlo(name())), SendRefusal::WrongProtocol);
    assert_eq!(Session::greeted(lmtp()).refusal(Command::Helo(name())), SendRefusal::WrongProtocol);
    assert_eq!(Session::greeted(open()).refusal(Command::Lhlo(name())), SendRefusal::WrongProtocol);
}

// covers rfc5321 4.1.4 client-order
#[test]
fn a_transaction_begins_behind_hello() {
    let refused = SendRefusal::BadSequence(Refusal::HelloFirst);
    assert_eq!(Session::greeted(open()).refusal(mail()), refused);
}

// covers rfc5321 4.1.1.10 client-quits
// covers rfc5321 4.3.1 client-quits-in-turn
#[test]
fn a_client_that_is_closed_takes_its_leave() {
    let mut session = Session::offered(open(), &[]);
    session.client.close(Reason::Shutdown);
    assert_eq!(session.said(), "QUIT\r\n");
    // Where a reply is due, it cannot.
    let mut session = Session::offered(open(), &[]);
    session.send(mail());
    session.said();
    session.client.close(Reason::Shutdown);
    assert_eq!(session.said(), "");
}

// covers rfc5321 4.1.1.10 client-waits-for-221
#[test]
fn behind_the_answer_to_quit_the_session_is_over() {
    let mut session = Session::offered(open(), &[]);
    session.send(Command::Quit);
    session.hear("221 bye\r\n");
    assert_eq!(session.client.state().phase, Phase::Closed);
    assert_eq!(session.refusal(mail()), SendRefusal::Closed);
}

/// Else a reply is awaited that no server sends.
// covers rfc2033 4.2 client-recipients-of-one
#[test]
fn recipients_of_a_transaction_that_was_given_up_are_no_more() {
    let mut session = Session::offered(lmtp(), &["PIPELINING"]);
    session.send(mail());
    session.send(rcpt("gone@example.net"));
    session.send(Command::Rset);
    session.hear("250 ok\r\n250 ok\r\n250 ok\r\n");
    let (recipients, _) = session.transaction(&["x@example.net"]);
    let upload = upload(session.hear("250 ok\r\n250 ok\r\n354 go\r\n"));
    session.client.finish(upload).unwrap();
    let events = session.hear("250 done\r\n");
    assert!(
        matches!(&events[..], [Event::Recipient { recipient, .. }] if *recipient == recipients[0]),
        "{events:?}"
    );
    session.send(mail());
    assert_eq!(session.said(), "MAIL FROM:<a@example.com>\r\n");
}

// covers rfc2920 3.1 all-statuses
#[test]
fn a_mail_that_was_refused_has_begun_nothing() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.send(mail());
    session.hear("451 later\r\n");
    assert_eq!(session.refusal(rcpt("x@example.net")), SendRefusal::BadSequence(Refusal::NoTransaction));
    session.send(mail());
}

// covers rfc5321 4.3.2 client-first-digit
#[test]
fn codes_that_nobody_knows_count_by_their_first_digit() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.transaction(&["x@example.net", "y@example.net"]);
    assert_eq!(session.hear("259 why not\r\n259 well\r\n459 perhaps\r\n").len(), 3);
    assert_eq!(session.client.state().phase, Phase::Transaction { recipients: 1 });
    let events = session.hear("359 go\r\n");
    assert!(matches!(events[..], [Event::Upload { .. }]), "{events:?}");
}

// covers rfc2920 3.1 last-of-group
#[test]
fn what_must_end_a_group_is_not_followed_before_its_reply() {
    for last in [Command::Noop(None), Command::Vrfy("jane".parse().unwrap()), Command::Help(None)] {
        let mut session = Session::offered(open(), &["PIPELINING"]);
        session.send(Command::Rset);
        session.send(last.clone());
        session.send(mail());
        assert_eq!(session.said().lines().count(), 2, "{last:?}");
        let _ = session.step("250 ok\r\n").unwrap();
        let _ = session.step("250 ok\r\n").unwrap();
        assert_eq!(session.said(), "MAIL FROM:<a@example.com>\r\n");
    }
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.transaction(&["x@example.net"]);
    assert_eq!(session.said().lines().count(), 3, "MAIL, RCPT and DATA are one group");
}

// covers rfc4954 4 client-barrier
// covers rfc2920 3.1 ehlo-last
#[test]
fn nothing_is_taken_behind_hello_and_auth_either() {
    let mut session = Session::offered(open(), &["AUTH PLAIN", "PIPELINING"]);
    session.send(Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial: None }));
    assert_eq!(session.refusal(Command::Noop(None)), SendRefusal::Busy);
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.send(Command::Ehlo(name()));
    assert_eq!(session.refusal(mail()), SendRefusal::Busy);
}

// covers rfc5321 4.5.3.2.1 greeting-5-minutes
// covers rfc5321 4.5.3.2.2 mail-5-minutes
// covers rfc5321 4.5.3.2.3 rcpt-5-minutes
// covers rfc5321 4.5.3.2.4 data-2-minutes
// covers rfc5321 4.5.3.2.5 block-3-minutes
// covers rfc5321 4.5.3.2.6 message-10-minutes
#[test]
fn each_wait_has_a_patience_of_its_own() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let limit = |session: &Session| session.client.patience().limit;
    assert_eq!(Client::new(open()).patience().limit, minutes(5));
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.transaction(&["x@example.net"]);
    assert_eq!(limit(&session), minutes(5));
    session.hear("250 ok\r\n");
    assert_eq!(limit(&session), minutes(5));
    session.hear("250 ok\r\n");
    assert_eq!(limit(&session), minutes(2));
    let upload = upload(session.hear("354 go\r\n"));
    assert_eq!(limit(&session), minutes(3));
    session.client.finish(upload).unwrap();
    assert_eq!(limit(&session), minutes(10));
}

// covers rfc5321 4.5.3.2.5 block
// covers rfc5321 4.5.3.2.1 greeting
// covers rfc5321 4.5.3.2.4 data
// covers rfc5321 4.5.3.2.6 message
#[test]
fn each_wait_is_the_one_that_was_asked_for() {
    let seconds = Duration::from_secs;
    let timeouts = smtp_proto::Timeouts {
        greeting: seconds(1),
        command: seconds(2),
        data: seconds(3),
        block: seconds(4),
        message: seconds(5),
    };
    let config = ClientConfig { timeouts, ..open() };
    assert_eq!(Client::new(config.clone()).patience().limit, seconds(1));
    let mut session = Session::offered(config, &["PIPELINING"]);
    session.transaction(&["x@example.net"]);
    let mut limits = vec![session.client.patience().limit];
    session.hear("250 ok\r\n250 ok\r\n");
    limits.push(session.client.patience().limit);
    let upload = upload(session.hear("354 go\r\n"));
    limits.push(session.client.patience().limit);
    session.client.finish(upload).unwrap();
    limits.push(session.client.patience().limit);
    assert_eq!(limits, [2, 3, 4, 5].map(seconds));
}

// covers rfc4954 4 client-goes-on
#[test]
fn an_exchange_that_was_cancelled_is_over() {
    let mut session = Session::offered(open(), &["AUTH LOGIN"]);
    session.send(Command::Auth(Auth { mechanism: Mechanism::LOGIN, initial: None }));
    session.hear("334 Username:\r\n");
    session.hear("501 cancelled\r\n");
    session.send(mail());
    assert_eq!(session.said(), "MAIL FROM:<a@example.com>\r\n");
}

// covers rfc4954 4 client-auth-once
#[test]
fn whoever_has_logged_in_does_not_again() {
    let mut session = Session::offered(open(), &["AUTH PLAIN"]);
    let auth = || Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial: Some(b"x".to_vec().into()) });
    session.send(auth());
    session.hear("235 welcome\r\n");
    assert_eq!(session.client.state().identity, Identity::Authenticated);
    assert_eq!(session.refusal(auth()), SendRefusal::BadSequence(Refusal::AlreadyAuthenticated));
}

/// A client that has heard 220 to STARTTLS.
fn upgrading() -> (Session, smtp_proto::Upgrade) {
    let mut session = Session::offered(open(), &["STARTTLS", "AUTH PLAIN", "PIPELINING"]);
    session.send(Command::StartTls);
    let Step::Event(Event::Upgrade { upgrade, .. }) = session.step("220 go\r\n").unwrap() else {
        panic!("220 upgrades");
    };
    (session, upgrade)
}

// covers rfc3207 4.2 client-starts-anew
// covers rfc3207 4.2 client-forgets-offers
#[test]
fn what_was_offered_in_clear_is_forgotten_under_tls() {
    let (mut session, upgrade) = upgrading();
    session.client.upgraded(upgrade, &BytesMut::new()).unwrap();
    assert_eq!(session.client.capabilities(), None);
    assert_eq!(session.client.state().security, Security::Tls);
    assert_eq!(session.refusal(mail()), SendRefusal::BadSequence(Refusal::HelloFirst));
    session.send(Command::Ehlo(name()));
    session.hear("250-s\r\n250 STARTTLS\r\n");
    assert_eq!(session.refusal(Command::StartTls), SendRefusal::BadSequence(Refusal::AlreadySecured));
}

// covers rfc3207 6 client-injected
#[test]
fn a_client_that_finds_clear_octets_behind_the_220_gives_up() {
    let (mut session, _upgrade) = upgrading();
    let error = session.step("250 injected\r\n").unwrap_err();
    assert_eq!(error, ProtocolError::InjectedPlaintext);
}

// covers rfc3207 6 client-injected-late
#[test]
fn clear_octets_that_came_just_before_tls_answer_nothing() {
    let (mut session, upgrade) = upgrading();
    session.input.extend_from_slice(b"250 injected\r\n");
    let error = session.client.upgraded(upgrade, &session.input).unwrap_err();
    assert!(matches!(error, UpgradeError::Protocol(ProtocolError::InjectedPlaintext)), "{error}");
}

// covers rfc3207 4 client-upgrades
#[test]
fn nothing_is_said_in_clear_behind_the_220() {
    let (mut session, _upgrade) = upgrading();
    assert!(session.client.send(Command::Ehlo(name())).is_err());
    assert_eq!(session.said(), "");
}

#[test]
fn a_client_that_wants_tls_still_leaves_in_clear() {
    let config = ClientConfig { tls: smtp_proto::TlsPolicy::Required, ..open() };
    let mut session = Session::offered(config, &["PIPELINING"]);
    assert_eq!(session.refusal(Command::Noop(Some("secret".parse().unwrap()))), SendRefusal::NeedsTls);
    session.send(Command::Noop(None));
    session.send(Command::Quit);
    assert_eq!(session.said(), "NOOP\r\n");
    let _ = session.step("250 ok\r\n").unwrap();
    assert_eq!(session.said(), "QUIT\r\n");
}

#[test]
fn a_client_that_is_never_to_use_tls_does_not_ask_for_it() {
    let config = ClientConfig { tls: smtp_proto::TlsPolicy::Never, ..open() };
    let mut session = Session::offered(config, &["STARTTLS"]);
    assert_eq!(session.refusal(Command::StartTls), SendRefusal::TlsForbidden);
    session.send(Command::Noop(None));
}

// covers rfc5321 4.1.1.2 client-parameters
// covers rfc5321 4.1.1.3 client-parameters
#[test]
fn a_parameter_is_sent_where_its_extension_is_offered() {
    let from = || Mail::new(Mailbox::new("a@example.com").unwrap());
    let to = || Rcpt::new(Mailbox::new("b@example.net").unwrap());
    let mail = || from().with("ret", Some("HDRS")).unwrap();
    let rcpt = || to().with("NOTIFY", Some("NEVER")).unwrap();

    let mut session = Session::offered(open(), &["SIZE"]);
    assert_eq!(session.refusal(Command::Mail(mail())), SendRefusal::NotOffered(Extension::Dsn));
    session.send(Command::Mail(from()));
    session.hear("250 ok\r\n");
    assert_eq!(session.refusal(Command::Rcpt(rcpt())), SendRefusal::NotOffered(Extension::Dsn));

    let mut session = Session::offered(open(), &["DSN", "PIPELINING"]);
    session.send(Command::Mail(mail()));
    session.send(Command::Rcpt(rcpt()));

    // One that nobody knows is the caller's affair.
    let own = || from().with("X-OWN", None).unwrap();
    Session::offered(open(), &["X-OWN"]).send(Command::Mail(own()));
}

// covers rfc1870 6 client-size-offered
#[test]
fn size_is_declared_where_it_is_offered() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let mail = Mail::new(Mailbox::new("a@example.com").unwrap()).with_size(1);
    assert_eq!(session.refusal(Command::Mail(mail)), SendRefusal::NotOffered(Extension::Size));
}

// covers rfc6152 3 client-binarymime-offered
#[test]
fn binarymime_is_said_where_it_is_offered() {
    let mut session = Session::offered(open(), &["8BITMIME"]);
    let mail = Mail::new(Mailbox::new("a@example.com").unwrap()).with_body(smtp_proto::Body::BinaryMime);
    assert_eq!(session.refusal(Command::Mail(mail)), SendRefusal::NotOffered(Extension::BinaryMime));
}

// covers rfc5321 3.3 client-354
#[test]
fn a_message_is_not_written_before_354() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let (_, mut upload) = session.uploading();
    session.client.write(&mut upload, Bytes::from_static(b"x\r\n")).unwrap();
    session.client.finish(upload).unwrap();
    assert_eq!(session.said(), "x\r\n.\r\n");
    session.hear("250 ok\r\n");
    session.transaction(&["x@example.net"]);
    let events = session.hear("250 ok\r\n250 ok\r\n554 no\r\n");
    assert!(!events.iter().any(|event| matches!(event, Event::Upload { .. })), "{events:?}");
    assert_eq!(session.client.transmit().remaining(), 0);
}

// covers rfc5321 4.2.1 client-no-3yz
#[test]
fn a_verdict_on_a_message_is_no_3yz() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let (data, upload) = session.uploading();
    session.client.finish(upload).unwrap();
    let error = session.step("354 once more\r\n").unwrap_err();
    assert!(matches!(error, ProtocolError::UnexpectedReply { .. }), "{error}");
    let events = session.hear("");
    assert!(matches!(events[..], [Event::Unanswered(ticket)] if ticket == data), "{events:?}");
}

/// Else a long transaction is given up in the midst of it, though each reply came in time.
// covers rfc5321 4.5.3.2 per-command
#[test]
fn each_reply_has_its_own_deadline() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.transaction(&["x@example.net", "y@example.net"]);
    session.said();
    let before = session.client.patience().period;
    session.hear("250 ok\r\n");
    let one = session.client.patience().period;
    session.hear("250 ok\r\n");
    let two = session.client.patience().period;
    assert!(before != one && one != two, "{before} {one} {two}");
}

// covers rfc6531 3.7.1 client-ascii-name
// covers rfc6531 3.4 client-utf8-sender
#[test]
fn what_is_not_ascii_is_sent_where_the_server_has_agreed_to_it() {
    let Command::Ehlo(odd) = Command::parse(
        Bytes::from_static(b"EHLO m\xfcller.example"),
        smtp_proto::Leniency::LENIENT,
        &mut smtp_proto::Deviations::new(),
    )
    .unwrap() else {
        panic!("it is an EHLO")
    };
    let mut session = Session::offered(open(), &["SMTPUTF8", "AUTH PLAIN", "PIPELINING"]);
    assert_eq!(session.refusal(Command::Ehlo(odd)), SendRefusal::NotAscii);
    assert_eq!(session.refusal(Command::Noop(Some("\u{fc}".parse().unwrap()))), SendRefusal::NotAscii);
    // As written it is ASCII, and means what is not.
    let first = Submitter::Mailbox(Mailbox::new("j\u{f6}rg@example.com").unwrap());
    let mail = || Mail::new(Mailbox::new("a@example.com").unwrap()).with_auth(&first);
    assert_eq!(session.refusal(Command::Mail(mail())), SendRefusal::NeedsUtf8);
    session.send(Command::Mail(mail().with_smtputf8()));
}

// covers rfc8689 2 client-requiretls-under-tls
#[test]
fn tls_is_demanded_of_others_where_it_is_used() {
    let mail = || Command::Mail(Mail::new(Mailbox::new("a@example.com").unwrap()).with_requiretls());
    let mut session = Session::offered(open(), &["REQUIRETLS"]);
    assert_eq!(session.refusal(mail()), SendRefusal::NeedsTls);
    let tls = ClientConfig { security: Security::Tls, ..open() };
    Session::offered(tls, &["REQUIRETLS"]).send(mail());
}

// covers rfc5321 2.3.8 client-crlf
#[test]
fn a_reply_that_ends_in_a_bare_line_feed_is_tolerated_and_told_or_refused() {
    let mut session = Session::greeted(open());
    session.send(Command::Ehlo(name()));
    let events = session.hear("250-s\n250 HELP\r\n");
    assert!(matches!(events[..], [Event::Reply { .. }]), "{events:?}");
    let kinds: Vec<_> = session.client.deviations().iter().map(|deviation| deviation.kind).collect();
    assert_eq!(kinds, [DeviationKind::BareLf]);

    let strict = ClientConfig { leniency: smtp_proto::Leniency::STRICT, ..open() };
    let mut session = Session::greeted(strict);
    session.send(Command::Ehlo(name()));
    let error = session.step("250-s\n250 HELP\r\n").unwrap_err();
    assert_eq!(error.to_string(), "reply is no line: bare LF at octet 5 of the line");
}
