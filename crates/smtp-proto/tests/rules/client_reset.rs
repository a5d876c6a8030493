//! A RSET that is refused: which transaction is open then, nobody knows.
use super::client_session::{Session, mail, name, open, rcpt};
use smtp_proto::{
    Bdat, Bytes, Chunk, Code, Command, ProtocolError, Step,
    client::{Event, SendRefusal},
};

/// A transaction for one recipient, and RSET, which is refused.
fn refused() -> Session {
    let mut session = Session::offered(open(), &["PIPELINING", "CHUNKING"]);
    session.send(mail());
    session.send(rcpt("b@example.net"));
    session.send(Command::Rset);
    assert_eq!(session.hear("250 ok\r\n250 ok\r\n451 not now\r\n").len(), 3);
    session
}

// covers rfc5321 4.1.1.5 client-reset-refused
#[test]
fn behind_a_reset_that_was_refused_nothing_joins_the_old_transaction() {
    let mut session = refused();
    let chunk = Bdat { length: 1, chunk: Chunk::Last };
    for command in [mail(), rcpt("c@example.net"), Command::Data, Command::Bdat(chunk)] {
        assert_eq!(session.refusal(command), SendRefusal::NeedsReset);
    }
    assert_eq!(session.said(), "");
    // What was to end it is said again, and what stands behind it waits for the answer.
    session.send(Command::Rset);
    session.send(mail());
    assert_eq!(session.said(), "RSET\r\n");
    let step = session.step("250 reset\r\n").unwrap();
    assert!(matches!(step, Step::Event(Event::Reply { .. })), "{step:?}");
    assert_eq!(session.said(), "MAIL FROM:<a@example.com>\r\n");
}

// covers rfc5321 4.1.1.5 client-reset-refused
#[test]
fn behind_a_reset_that_was_refused_hello_and_quit_are_said() {
    for command in [Command::Ehlo(name()), Command::Quit] {
        let mut session = refused();
        session.send(command);
        assert!(!session.said().is_empty());
    }
    let mut session = refused();
    session.send(Command::Ehlo(name()));
    assert_eq!(session.hear("250 s\r\n").len(), 1);
    session.send(mail());
    assert_eq!(session.said(), "MAIL FROM:<a@example.com>\r\n");
}

// covers rfc5321 4.1.1.5 client-no-message-behind-refused
#[test]
fn a_message_is_not_sent_to_the_recipients_of_a_transaction_that_was_given_up() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.send(mail());
    session.send(rcpt("b@example.net"));
    session.send(Command::Rset);
    session.send(mail());
    session.send(rcpt("c@example.net"));
    let data = session.send(Command::Data);
    // The server keeps the first transaction, and takes the second recipient into it.
    let replies = "250 ok\r\n250 ok\r\n500 what?\r\n503 a transaction is open\r\n250 ok\r\n";
    assert_eq!(session.hear(replies).len(), 5);
    let error = session.step("354 go\r\n").unwrap_err();
    assert_eq!(error, ProtocolError::UnexpectedReply { code: Code::START_MAIL });
    assert_eq!(session.said(), "", "neither a message nor its end");
    let step = session.client.receive(&mut session.input);
    assert!(matches!(step, Ok(Step::Event(Event::Unanswered(ticket))) if ticket == data), "{step:?}");
}

#[test]
fn what_waits_behind_a_reset_that_is_refused_is_told_as_never_sent() {
    let mut session = Session::offered(open(), &[]);
    session.send(mail());
    session.send(rcpt("b@example.net"));
    session.send(Command::Rset);
    let next = session.send(mail());
    assert_eq!(session.hear("250 ok\r\n").len(), 1);
    assert_eq!(session.hear("250 ok\r\n").len(), 1);
    let events = session.hear("451 not now\r\n");
    assert!(
        matches!(events[..], [Event::Reply { .. }, Event::NeverSent(ticket)] if ticket == next),
        "{events:?}"
    );
    assert_eq!(session.said(), "");
}

/// Else a server that knows no RSET is of no use at all.
#[test]
fn a_reset_that_is_refused_where_no_transaction_is_open_changes_nothing() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.send(Command::Rset);
    session.send(mail());
    session.send(rcpt("b@example.net"));
    session.send(Command::Data);
    let events = session.hear("502 no\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    let Some(Event::Upload { mut upload, .. }) = events.into_iter().last() else { panic!("354 was said") };
    session.client.write(&mut upload, Bytes::from_static(b"hi\r\n")).unwrap();
    session.client.finish(upload).unwrap();
    assert_eq!(session.said(), "hi\r\n.\r\n");
}
