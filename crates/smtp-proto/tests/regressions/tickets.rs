//! Every command is told its end. Where one is not, its host waits for ever, or sends mail again that was taken.
use super::client_session::{Session, lmtp, mail, open, rcpt, upload};
use bytes::Bytes;
use smtp_proto::{
    Code, Command, Phase, ProtocolError, Step,
    client::{Event, Ticket},
};

const ONE: [&str; 1] = ["x@example.net"];

fn unanswered(events: &[Event]) -> Vec<Ticket> {
    let tickets = events.iter().filter_map(|event| match event {
        Event::Unanswered(ticket) => Some(*ticket),
        _ => None,
    });
    tickets.collect()
}

#[test]
fn a_reply_out_of_place_loses_no_ticket() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let ticket = session.send(mail());
    assert_eq!(
        session.step("354 go\r\n").unwrap_err(),
        ProtocolError::UnexpectedReply { code: Code::START_MAIL }
    );
    assert_eq!(unanswered(&session.hear("")), [ticket]);
}

/// Each end of data is answered once a recipient: without one, nobody could tell what came of it.
// covers rfc2033 4.2 client-354-without-recipients
#[test]
fn an_lmtp_354_without_recipients_ends_the_session_and_loses_no_ticket() {
    let mut session = Session::offered(lmtp(), &["PIPELINING"]);
    let (_, data) = session.transaction(&ONE);
    assert_eq!(session.hear("250 ok\r\n550 no\r\n").len(), 2);
    assert_eq!(
        session.step("354 go\r\n").unwrap_err(),
        ProtocolError::UnexpectedReply { code: Code::START_MAIL }
    );
    assert_eq!(unanswered(&session.hear("")), [data]);
}

/// [RFC 2920 §3.1](https://www.rfc-editor.org/rfc/rfc2920#section-3.1): "the client SMTP should send a single dot".
// covers rfc2920 3.1 lone-dot
#[test]
fn behind_a_354_without_recipients_a_lone_dot_ends_the_transaction() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let (_, data) = session.transaction(&ONE);
    assert_eq!(session.hear("250 ok\r\n550 no\r\n").len(), 2);
    let step = session.step("354 go\r\n").unwrap();
    assert!(matches!(step, Step::NeedInput { .. }), "there is nothing to write: {step:?}");
    assert_eq!(session.said(), ".\r\n");
    let events = session.hear("554 no valid recipients\r\n");
    assert!(matches!(&events[..], [Event::Reply { ticket, .. }] if *ticket == data), "{events:?}");
    assert_eq!(session.client.state().phase, Phase::Ready);
    session.send(mail());
}

#[test]
fn what_waits_behind_a_useless_354_is_sent() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.transaction(&ONE);
    session.hear("250 ok\r\n550 no\r\n");
    session.send(Command::Quit);
    let step = session.step("354 go\r\n").unwrap();
    assert!(matches!(step, Step::NeedInput { .. }), "{step:?}");
    assert_eq!(session.said(), ".\r\nQUIT\r\n");
}

// covers rfc5321 3.8 client-cut-message
#[test]
fn a_message_cut_by_a_421_is_told_as_unanswered() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let (data, mut upload) = session.uploading();
    session.client.write(&mut upload, Bytes::from_static(b"half\r\n")).unwrap();
    assert_eq!(unanswered(&session.hear("421 going down\r\n")), [data]);
}

// covers rfc2033 5 client-cut-recipients
#[test]
fn of_an_lmtp_message_cut_by_a_421_the_recipients_without_an_answer_are_named() {
    let mut session = Session::offered(lmtp(), &["PIPELINING"]);
    let (recipients, _) = session.transaction(&["a@x.example", "b@x.example", "c@x.example"]);
    let upload = upload(session.hear("250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"));
    session.client.finish(upload).unwrap();
    // The 421 is the second one's answer.
    assert_eq!(unanswered(&session.hear("250 a\r\n421 bye\r\n")), [recipients[2]]);
}

/// Else the message is sent again, and delivered twice.
#[test]
fn a_reply_that_came_before_the_end_of_the_connection_is_told() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    let (data, upload) = session.uploading();
    session.client.finish(upload).unwrap();
    session.said();
    session.input.extend_from_slice(b"250 queued\r\n");
    session.client.receive_eof(&session.input).unwrap();
    let events = session.hear("");
    assert!(matches!(&events[..], [Event::Reply { ticket, .. }] if *ticket == data), "{events:?}");
}

/// An end in the midst of a session is no clean one, whether or not the last line before it was whole.
#[test]
fn a_connection_that_ends_with_a_reply_outstanding_was_cut() {
    let mut session = Session::offered(open(), &["PIPELINING"]);
    session.send(mail());
    let rcpt = session.send(rcpt("x@example.net"));
    session.said();
    session.input.extend_from_slice(b"250 ok\r\n");
    session.client.receive_eof(&session.input).unwrap();
    let step = session.step("").unwrap();
    assert!(matches!(step, Step::Event(Event::Reply { .. })), "{step:?}");
    assert_eq!(session.step("").unwrap_err(), ProtocolError::Cut);
    assert_eq!(unanswered(&session.hear("")), [rcpt]);
}
