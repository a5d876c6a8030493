//! Literals of all forms, and refusals in the middle of them.
use crate::common::*;
use bytes::{Buf, Bytes};
use imap_proto::{
    client::{AppendError, AppendRefusal, Event, SendRefusal},
    *,
};

fn login() -> Command {
    Command::Login(Login::new("f\u{fc}", "se\u{df}").unwrap())
}

fn append(message: AppendMessage) -> Command {
    Command::Append(Box::new(Append::new(MailboxName::INBOX, message)))
}

fn upload(session: &mut Session) -> Upload {
    match session.events().pop() {
        Some(Ok(Event::Upload { upload, .. })) => upload,
        other => panic!("no upload: {other:?}"),
    }
}

// covers rfc7888 3 plus-where-offered
// covers rfc7888 5 minus-up-to-4096
// covers rfc7888 5 minus-where-offered
#[test]
fn a_literal_takes_the_form_that_the_server_takes() {
    for (offers, said) in [
        ("LITERAL+", "A1 LOGIN {3+}\r\nfü {4+}\r\nseß\r\n"),
        ("LITERAL-", "A1 LOGIN {3+}\r\nfü {4+}\r\nseß\r\n"),
        ("IMAP4rev2", "A1 LOGIN {3+}\r\nfü {4+}\r\nseß\r\n"),
        ("", "A1 LOGIN {3}\r\n"),
    ] {
        let mut session = Session::greeted(open(), offers);
        session.sends(login());
        assert_eq!(session.says(), said, "{offers}");
    }
    // LITERAL- takes up to 4096 octets.
    let mut session = Session::authenticated(open(), "LITERAL-");
    session.sends(append(AppendMessage::new(MessageData::Whole(Bytes::from(vec![b'x'; 4097])))));
    assert_eq!(session.says(), "A1 APPEND INBOX {4097}\r\n");
}

// covers rfc3501 4.3 literals-wait
// covers rfc3501 4.3 plus-lets-a-literal-go
#[test]
fn commands_behind_a_literal_wait_for_it() {
    let mut session = Session::authenticated(open(), "");
    session.sends(Command::Create(mailbox("a\"b")));
    session.sends(append(message("one")));
    session.sends(append(message("two")));
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A1 CREATE \"a\\\"b\"\r\nA2 APPEND INBOX {3}\r\n");
    session.hears("+ go\r\n");
    assert_eq!(session.says(), "one\r\nA3 APPEND INBOX {3}\r\n");
    // The answer to the first may come meanwhile, and takes nothing from the others.
    assert_eq!(session.hears("A1 OK done\r\nA2 OK done\r\n"), ["A1 OK", "A2 OK"]);
    assert_eq!(session.says(), "");
    session.hears("+ go\r\n");
    assert_eq!(session.says(), "two\r\nA4 NOOP\r\n");
}

#[test]
fn a_refusal_drops_the_rest_of_its_own_command_alone() {
    // The second of three literals is refused; two commands behind stand.
    let mut session = Session::authenticated(open(), "MULTIAPPEND");
    let mut three = Append::new(MailboxName::INBOX, message("one"));
    three.push(message("two"));
    three.push(message("three"));
    session.sends(Command::Append(Box::new(three)));
    session.sends(append(message("four")));
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A1 APPEND INBOX {3}\r\n");
    session.hears("+ go\r\n");
    assert_eq!(session.says(), "one {3}\r\n");
    assert_eq!(session.hears("A1 NO [OVERQUOTA] full\r\n"), ["A1 NO OverQuota"]);
    assert_eq!(session.says(), "A2 APPEND INBOX {4}\r\n");
    session.hears("+ go\r\n");
    assert_eq!(session.says(), "four\r\nA3 NOOP\r\n");
    assert_eq!(session.hears("A2 OK done\r\nA3 OK done\r\n"), ["A2 OK", "A3 OK"]);
}

#[test]
fn a_password_that_is_refused_before_it_is_asked_for_is_never_sent() {
    let mut session = Session::greeted(open(), "");
    session.sends(login());
    assert_eq!(session.says(), "A1 LOGIN {3}\r\n");
    session.hears("+ go\r\n");
    assert_eq!(session.says(), "f\u{fc} {4}\r\n");
    assert_eq!(session.hears("A1 BAD LOGIN is disabled\r\n"), ["A1 BAD"]);
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A2 NOOP\r\n");
}

#[test]
fn a_session_that_ends_says_nothing_of_what_it_held() {
    let mut session = Session::greeted(open(), "");
    session.sends(login());
    session.says();
    session.client.close(Reason::Timeout);
    assert_eq!(session.happens(), ["A1 unanswered"]);
    assert_eq!(session.client.transmit().unsent(), 0);
}

#[test]
fn a_plus_before_the_literal_was_announced_releases_nothing() {
    let mut session = Session::greeted(open(), "");
    session.sends(login());
    assert_eq!(session.hears("+ early\r\n"), ["continuation"]);
    assert_eq!(session.says(), "A1 LOGIN {3}\r\n");
}

#[test]
fn a_message_streams_when_the_server_takes_it() {
    let mut session = Session::authenticated(open(), "");
    let tag = session.sends(append(streams(6)));
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A1 APPEND INBOX {6}\r\n");
    assert_eq!(session.happens(), Vec::<String>::new());
    session.input.extend_from_slice(b"+ go\r\n");
    let mut upload = upload(&mut session);
    session.client.write(&mut upload, "abc".into()).unwrap();
    assert_eq!(session.says(), "abc");
    let Err(FinishError::Missing { mut upload, octets: 3 }) = session.client.finish(upload) else { panic!() };
    let long = session.client.write(&mut upload, "defg".into()).unwrap_err();
    assert!(matches!(long, WriteError::TooLong { left: 3, .. }));
    session.client.write(&mut upload, "def".into()).unwrap();
    // Success cannot come before all octets are there.
    assert_eq!(session.hears(&format!("{tag} OK early\r\n")), [format!("unsolicited {tag} OK")]);
    assert_eq!(session.says(), "def");
    session.client.finish(upload).unwrap();
    assert_eq!(session.says(), "\r\nA2 NOOP\r\n");
    assert_eq!(session.hears("A1 OK done\r\n"), ["A1 OK"]);
}

#[test]
fn a_server_may_answer_before_the_line_behind_a_message_ends() {
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(append(streams(3)));
    session.sends(Command::Noop);
    let mut upload = upload(&mut session);
    session.client.write(&mut upload, "abc".into()).unwrap();
    assert_eq!(session.says(), "A1 APPEND INBOX {3+}\r\nabc");
    assert_eq!(session.hears("A1 OK done\r\n"), ["A1 OK"]);
    session.client.finish(upload).unwrap();
    assert_eq!(session.says(), "\r\nA2 NOOP\r\n");
}

#[test]
fn a_refusal_before_the_announcement_is_out_drops_nothing() {
    let mut session = Session::authenticated(open(), "");
    session.sends(append(message("abc")));
    // Half of the line is out.
    session.client.transmit().advance(5);
    assert_eq!(session.hears("A1 NO early\r\n"), ["unsolicited A1 NO"]);
    session.says();
    session.hears("+ go\r\n");
    assert_eq!(session.says(), "abc\r\n");
}

// covers rfc3501 2.2.1 whole-commands
#[test]
fn a_message_that_is_refused_before_its_octets_has_no_upload() {
    let mut session = Session::authenticated(open(), "");
    session.sends(append(streams(6)));
    session.sends(Command::Noop);
    session.says();
    assert_eq!(session.hears("A1 NO [TRYCREATE] no such mailbox\r\n"), ["A1 NO TryCreate"]);
    assert_eq!(session.says(), "A2 NOOP\r\n");
}

#[test]
fn a_message_that_is_refused_among_its_octets_is_written_to_its_end() {
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(append(streams(6)));
    let mut upload = upload(&mut session);
    session.client.write(&mut upload, "abc".into()).unwrap();
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A1 APPEND INBOX {6+}\r\nabc");
    assert_eq!(session.hears("A1 NO [TOOBIG] no\r\n"), ["A1 NO TooBig"]);
    assert_eq!(session.says(), "", "the server reads the rest as the message's");
    session.client.write(&mut upload, "def".into()).unwrap();
    session.client.finish(upload).unwrap();
    assert_eq!(session.says(), "def\r\nA2 NOOP\r\n");
    assert_eq!(session.hears("A2 OK done\r\n"), ["A2 OK"]);
}

#[test]
fn a_message_of_nothing_may_be_answered_at_once() {
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(append(streams(0)));
    let upload = upload(&mut session);
    assert_eq!(session.says(), "A1 APPEND INBOX {0+}\r\n");
    assert_eq!(session.hears("A1 OK empty\r\n"), ["A1 OK"]);
    session.client.finish(upload).unwrap();
    assert_eq!(session.says(), "\r\n");
}

#[test]
fn a_session_that_is_over_takes_no_message() {
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(append(streams(3)));
    session.client.close(Reason::Failure);
    assert_eq!(session.happens(), ["A1 unanswered"]);
}

#[test]
fn a_message_cut_short_ends_the_connection() {
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(append(streams(6)));
    session.sends(Command::Noop);
    drop(upload(&mut session));
    assert_eq!(session.happens(), ["A1 unanswered", "A2 never sent"]);
    assert_eq!(session.says(), "A1 APPEND INBOX {6+}\r\n");
}

#[test]
fn several_messages_stream_in_one_append() {
    let mut session = Session::authenticated(open(), "MULTIAPPEND BINARY");
    session.sends(append(streams(3).with_flags(Flag::Seen.into())));
    assert_eq!(session.says(), "A1 APPEND INBOX (\\Seen) {3}\r\n");
    session.input.extend_from_slice(b"+ go\r\n");
    let mut first = upload(&mut session);
    let unfinished = session.client.append_more(first, streams(2)).unwrap_err();
    let AppendError::Unfinished { error: FinishError::Missing { upload: again, octets: 3 }, .. } = unfinished
    else {
        panic!("{unfinished:?}")
    };
    first = again;
    session.client.write(&mut first, "one".into()).unwrap();
    let kind = streams(2).with_kind(MessageKind::Utf8);
    let Err(AppendError::Refused { upload: first, refusal, .. }) = session.client.append_more(first, kind)
    else {
        panic!()
    };
    assert_eq!(refusal, AppendRefusal::Unfit(Unfit::NeedsUtf8));
    session.client.append_more(first, streams(2).with_kind(MessageKind::Binary)).unwrap();
    assert_eq!(session.says(), "one ~{2}\r\n");
    session.input.extend_from_slice(b"+ go\r\n");
    let mut second = upload(&mut session);
    session.client.write(&mut second, Bytes::from_static(b"\0\0")).unwrap();
    session.client.append_more(second, message("whole")).unwrap();
    assert_eq!(session.says(), "\0\0 {5}\r\n");
    session.input.extend_from_slice(b"+ go\r\n");
    let third = upload(&mut session);
    session.client.finish(third).unwrap();
    assert_eq!(session.says(), "whole\r\n");
    assert_eq!(session.hears("A1 OK [APPENDUID 9 4:6] done\r\n").len(), 1);
}

#[test]
fn a_second_message_that_is_refused_ends_the_append() {
    let mut session = Session::authenticated(open(), "MULTIAPPEND");
    session.sends(append(streams(3)));
    session.says();
    session.input.extend_from_slice(b"+ go\r\n");
    let mut first = upload(&mut session);
    session.client.write(&mut first, "one".into()).unwrap();
    session.client.append_more(first, streams(35403)).unwrap();
    assert_eq!(session.says(), "one {35403}\r\n");
    // Success would be of a command that is not complete.
    assert_eq!(session.hears("A1 OK done\r\n"), ["unsolicited A1 OK"]);
    assert_eq!(session.hears("A1 NO APPEND failed: Disk quota exceeded\r\n"), ["A1 NO"]);
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A2 NOOP\r\n");
    assert_eq!(session.hears("A2 OK done\r\n"), ["A2 OK"]);
}

// covers rfc3502 6.3.11 more-where-offered
// covers rfc3502 6.3.11 nothing-behind-a-refusal
#[test]
fn an_append_that_was_answered_takes_no_further_message() {
    let mut session = Session::authenticated(open(), "MULTIAPPEND LITERAL+");
    session.sends(append(streams(3)));
    let mut first = upload(&mut session);
    session.client.write(&mut first, "one".into()).unwrap();
    session.says();
    assert_eq!(session.hears("A1 NO full\r\n"), ["A1 NO"]);
    let refused = session.client.append_more(first, streams(2)).unwrap_err();
    let AppendError::Refused { upload: first, refusal: AppendRefusal::Answered, .. } = refused else {
        panic!("{refused:?}")
    };
    session.client.finish(first).unwrap();
    assert_eq!(session.says(), "\r\n");
    // Nor one that the server has no MULTIAPPEND for.
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(append(streams(0)));
    let first = upload(&mut session);
    let refused = session.client.append_more(first, streams(2)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "not appended: several messages in one APPEND, and the server has no MULTIAPPEND"
    );
}

#[test]
fn only_the_last_message_of_an_append_streams() {
    let mut session = Session::authenticated(open(), "MULTIAPPEND LITERAL+");
    let mut two = Append::new(MailboxName::INBOX, streams(3));
    two.push(message("two"));
    let refused = session.client.send(Command::Append(Box::new(two))).unwrap_err();
    assert_eq!(refused.refusal, SendRefusal::StreamsTooEarly);
    let mut two = Append::new(MailboxName::INBOX, message("one"));
    two.push(streams(2));
    session.sends(Command::Append(Box::new(two)));
    let mut last = upload(&mut session);
    session.client.write(&mut last, "22".into()).unwrap();
    session.client.finish(last).unwrap();
    assert_eq!(session.says(), "A1 APPEND INBOX {3+}\r\none {2+}\r\n22\r\n");
}

#[test]
fn an_upload_waits_while_the_queue_is_full() {
    let config = ClientConfig { max_unsent: 10, ..open() };
    let mut session = Session::authenticated(config, "LITERAL+");
    session.sends(append(streams(40)));
    let mut upload = upload(&mut session);
    assert!(matches!(
        session.client.write(&mut upload, Bytes::from_static(&[b'x'; 20])),
        Err(WriteError::Blocked { max_unsent: 10, .. })
    ));
    session.says();
    session.client.write(&mut upload, Bytes::from_static(&[b'x'; 20])).unwrap();
    session.says();
    session.client.write(&mut upload, Bytes::from_static(&[b'x'; 20])).unwrap();
    session.client.finish(upload).unwrap();
}

#[test]
fn a_command_behind_a_refused_message_waits_for_nothing_but_its_octets() {
    // The server has answered all that it was asked, and says no more by itself.
    let mut session = Session::authenticated(ClientConfig { max_unsent: 10, ..open() }, "LITERAL+");
    session.sends(append(streams(40)));
    let mut upload = upload(&mut session);
    session.sends(Command::Noop);
    session.says();
    assert_eq!(session.hears("A1 NO full\r\n"), ["A1 NO"]);
    session.client.write(&mut upload, Bytes::from_static(&[b'x'; 40])).unwrap();
    session.client.finish(upload).unwrap();
    assert_eq!(session.happens(), Vec::<String>::new());
    assert_eq!(session.says(), format!("{}\r\nA2 NOOP\r\n", "x".repeat(40)));
}

#[test]
fn a_host_that_closes_inside_a_message_adds_nothing_to_it() {
    // LOGOUT would be read as octets of the message.
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(append(streams(40)));
    let mut upload = upload(&mut session);
    session.client.write(&mut upload, "some".into()).unwrap();
    session.client.close(Reason::Failure);
    assert_eq!(session.says(), "A1 APPEND INBOX {40+}\r\nsome");
    assert!(session.client.finish(upload).is_err());
    // And what the server has not asked for is not said.
    for message in [message("Hello"), streams(5)] {
        let mut session = Session::authenticated(open(), "");
        session.sends(append(message));
        session.client.close(Reason::Failure);
        assert_eq!(session.says(), "A1 APPEND INBOX {5}\r\n");
        assert_eq!(session.happens(), ["A1 unanswered"]);
    }
}

#[test]
fn a_session_that_lets_nothing_wait_sends_messages_all_the_same() {
    let mut session = Session::authenticated(ClientConfig { max_unsent: 0, ..open() }, "LITERAL+");
    session.sends(append(streams(2)));
    let mut upload = upload(&mut session);
    session.says();
    session.client.write(&mut upload, "a".into()).unwrap();
    assert!(matches!(session.client.write(&mut upload, "b".into()), Err(WriteError::Blocked { .. })));
    assert_eq!(session.says(), "a");
    session.client.write(&mut upload, "b".into()).unwrap();
    session.client.finish(upload).unwrap();
    assert_eq!(session.says(), "b\r\n");
}
