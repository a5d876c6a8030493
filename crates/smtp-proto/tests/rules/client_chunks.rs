//! BDAT, as a client sends it.
use super::client_session::{Session, lmtp, mail, name, open, rcpt, upload};
use smtp_proto::{
    Bdat, Body, Burl, Bytes, Chunk, Command, Extension, FinishError, Mail, Phase, Reason, Step, Upload,
    WriteError,
    client::{Event, SendRefusal, Ticket},
};

const OFFERS: [&str; 3] = ["PIPELINING", "CHUNKING", "BINARYMIME"];

fn more(length: u64) -> Command {
    Command::Bdat(Bdat { length, chunk: Chunk::More })
}

fn last(length: u64) -> Command {
    Command::Bdat(Bdat { length, chunk: Chunk::Last })
}

/// Recipients who were accepted.
fn accepted(config: smtp_proto::ClientConfig, offers: &[&str], recipients: usize) -> Session {
    let mut session = Session::offered(config, offers);
    session.send(mail());
    for _ in 0..recipients {
        session.send(rcpt("b@example.net"));
    }
    assert_eq!(session.hear(&"250 ok\r\n".repeat(recipients + 1)).len(), recipients + 1);
    session
}

/// The upload of a chunk that was just sent.
fn begun(session: &mut Session) -> Upload {
    let Step::Event(Event::Upload { upload, .. }) = session.client.receive(&mut session.input).unwrap()
    else {
        panic!("a chunk waits for no 354");
    };
    upload
}

/// Sends this chunk.
fn chunk(session: &mut Session, octets: &'static [u8], chunk: Chunk) -> Ticket {
    let ticket = session.send(Command::Bdat(Bdat { length: octets.len() as u64, chunk }));
    let mut upload = begun(session);
    session.client.write(&mut upload, Bytes::from_static(octets)).unwrap();
    session.client.finish(upload).unwrap();
    ticket
}

/// The tickets that these events tell of, and how.
fn told(events: &[Event]) -> Vec<(Ticket, u16)> {
    let one = |event: &Event| match event {
        Event::Reply { ticket, reply } => (*ticket, reply.code().as_u16()),
        Event::NeverSent(ticket) => (*ticket, 0),
        Event::Recipient { recipient, reply, .. } => (*recipient, reply.code().as_u16()),
        other => panic!("{other:?}"),
    };
    events.iter().map(one).collect()
}

// covers rfc3030 2 client-chunking-offered
#[test]
fn chunks_are_sent_where_they_are_offered() {
    let mut session = accepted(open(), &["PIPELINING"], 1);
    assert_eq!(session.refusal(last(1)), SendRefusal::NotOffered(Extension::Chunking));
}

// covers rfc3030 4.2 chunks-share-a-group
// covers rfc3030 2 client-last-ends
#[test]
fn chunks_go_without_a_wait_and_the_last_one_ends_the_transaction() {
    let mut session = accepted(open(), &OFFERS, 1);
    let one = chunk(&mut session, b"a\r\n.\r\n", Chunk::More);
    let two = chunk(&mut session, b"\0\n", Chunk::More);
    let three = chunk(&mut session, b"", Chunk::Last);
    assert_eq!(session.said(), "BDAT 6\r\na\r\n.\r\nBDAT 2\r\n\0\nBDAT 0 LAST\r\n");
    // What comes of it decides what may be said behind it.
    let next = session.send(mail());
    assert_eq!(session.said(), "");
    assert_eq!(
        told(&session.hear("250 ok\r\n250 ok\r\n250 queued\r\n")),
        [(one, 250), (two, 250), (three, 250)]
    );
    assert_eq!(session.client.state().phase, Phase::Ready);
    assert_eq!(told(&session.hear("250 ok\r\n")), [(next, 250)]);
}

// covers rfc3030 2 client-collects
#[test]
fn no_chunk_goes_before_the_recipients_are_known() {
    let mut session = Session::offered(open(), &OFFERS);
    session.send(mail());
    session.send(rcpt("b@example.net"));
    session.send(rcpt("c@example.net"));
    session.send(last(1));
    assert!(!session.said().contains("BDAT"), "nobody may receive it");
    assert_eq!(session.hear("250 ok\r\n250 ok\r\n").len(), 2);
    // One is accepted, and the other one not decided.
    assert_eq!(session.said(), "");
    session.input.extend_from_slice(b"250 ok\r\n");
    let Step::Event(Event::Reply { .. }) = session.client.receive(&mut session.input).unwrap() else {
        panic!()
    };
    let _upload = begun(&mut session);
    assert_eq!(session.said(), "BDAT 1 LAST\r\n");
}

// covers rfc3030 2 client-nobody
#[test]
fn no_chunk_goes_where_nobody_receives_it() {
    let mut session = Session::offered(open(), &OFFERS);
    session.send(mail());
    let to = session.send(rcpt("b@example.net"));
    let never = session.send(last(1));
    let events = session.hear("250 ok\r\n550 no\r\n");
    assert_eq!(told(&events)[1..], [(to, 550), (never, 0)]);
    assert_eq!(session.refusal(mail()), smtp_proto::Refusal::TransactionOpen.into());
    session.send(Command::Rset);
    assert_eq!(session.said(), "RSET\r\n");
}

// covers rfc3030 2 client-resets
#[test]
fn behind_a_chunk_that_was_refused_nothing_is_sent_but_rset() {
    let mut session = accepted(open(), &OFFERS, 1);
    let one = chunk(&mut session, b"abc", Chunk::More);
    // It is announced: its octets are owed, whatever is answered.
    let two = session.send(more(3));
    let mut upload = begun(&mut session);
    let three = session.send(last(3));
    assert_eq!(told(&session.hear("452 full\r\n")), [(one, 452)]);
    session.client.write(&mut upload, Bytes::from_static(b"def")).unwrap();
    session.client.finish(upload).unwrap();
    assert_eq!(told(&session.hear("452 full\r\n")), [(three, 0), (two, 452)]);
    for command in [last(1), Command::Noop(None), mail()] {
        assert_eq!(session.refusal(command), SendRefusal::NeedsReset);
    }
    let reset = session.send(Command::Rset);
    let mail = session.send(mail());
    assert_eq!(session.said(), "RSET\r\nMAIL FROM:<a@example.com>\r\n");
    assert_eq!(told(&session.hear("250 ok\r\n250 ok\r\n")), [(reset, 250), (mail, 250)]);
}

#[test]
fn a_refusal_that_rset_has_overtaken_does_not_block_what_follows() {
    let mut session = accepted(open(), &OFFERS, 1);
    chunk(&mut session, b"abc", Chunk::More);
    chunk(&mut session, b"def", Chunk::More);
    session.send(Command::Rset);
    session.hear("452 full\r\n503 no\r\n250 ok\r\n");
    session.send(mail());
    assert_eq!(session.said(), "MAIL FROM:<a@example.com>\r\n");
}

#[test]
fn a_chunk_has_the_octets_that_were_announced() {
    let mut session = accepted(open(), &OFFERS, 1);
    session.send(last(4));
    let mut upload = begun(&mut session);
    session.client.write(&mut upload, Bytes::from_static(b"abc")).unwrap();
    let error = session.client.write(&mut upload, Bytes::from_static(b"de")).unwrap_err();
    assert!(matches!(error, WriteError::TooLong { left: 1, .. }), "{error}");
    let Err(FinishError::Missing { mut upload, octets: 1 }) = session.client.finish(upload) else { panic!() };
    session.client.write(&mut upload, Bytes::from_static(b"d")).unwrap();
    session.client.finish(upload).unwrap();
    assert_eq!(session.said(), "BDAT 4 LAST\r\nabcd");
}

#[test]
fn without_pipelining_each_chunk_waits_for_the_one_before() {
    let mut session = accepted(open(), &["CHUNKING"], 1);
    chunk(&mut session, b"abc", Chunk::More);
    session.send(last(1));
    assert_eq!(session.said(), "BDAT 3\r\nabc");
    let events = session.hear("250 ok\r\n");
    assert!(matches!(events[..], [Event::Reply { .. }, Event::Upload { .. }]), "{events:?}");
}

// covers rfc3030 2 client-stops
#[test]
fn a_chunk_that_waits_behind_one_that_was_refused_is_not_sent() {
    let mut session = accepted(open(), &["CHUNKING"], 1);
    let one = chunk(&mut session, b"abc", Chunk::More);
    let never = session.send(last(1));
    assert_eq!(told(&session.hear("452 full\r\n")), [(one, 452), (never, 0)]);
    assert_eq!(session.said(), "");
}

// covers rfc2033 4.2 client-replies-to-bdat
#[test]
fn lmtp_answers_the_last_chunk_for_each_recipient() {
    let mut session = accepted(lmtp(), &OFFERS, 2);
    chunk(&mut session, b"abc", Chunk::More);
    session.send(last(0));
    assert_eq!(session.said(), "BDAT 3\r\nabc");
    let mut events = session.hear("250 ok\r\n");
    let upload = upload(std::mem::take(&mut events));
    session.client.finish(upload).unwrap();
    let codes: Vec<_> =
        told(&session.hear("250 ok\r\n452 full\r\n")).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, [250, 452]);
    assert_eq!(session.client.state().phase, Phase::Ready);
}

// covers rfc3030 3 client-no-data
// covers rfc3030 3 client-needs-chunking
#[test]
fn a_binary_message_is_sent_by_bdat_alone() {
    let binary = || Command::Mail(Mail::new(smtp_proto::ReversePath::Null).with_body(Body::BinaryMime));
    let mut session = Session::offered(open(), &["BINARYMIME"]);
    assert_eq!(session.refusal(binary()), SendRefusal::NotOffered(Extension::Chunking));
    let mut session = Session::offered(open(), &OFFERS);
    session.send(binary());
    session.send(rcpt("b@example.net"));
    assert_eq!(session.refusal(Command::Data), SendRefusal::NeedsBdat);
    session.send(Command::Rset);
    session.send(mail());
    session.send(rcpt("b@example.net"));
    session.send(Command::Data);
}

#[test]
fn a_chunk_that_was_cut_is_told_as_one_without_an_answer() {
    let mut session = accepted(open(), &OFFERS, 1);
    let ticket = session.send(more(10));
    session.client.close(Reason::Failure);
    assert_eq!(session.said(), "BDAT 10\r\n");
    let Ok(Step::Event(Event::Unanswered(told))) = session.step("") else {
        panic!("it may have had an effect")
    };
    assert_eq!(told, ticket);
    assert!(matches!(session.step(""), Ok(Step::Closed)));
}

#[test]
fn ehlo_between_two_chunks_begins_anew() {
    let mut session = accepted(open(), &OFFERS, 1);
    chunk(&mut session, b"abc", Chunk::More);
    session.hear("452 full\r\n");
    session.send(Command::Ehlo(name()));
    assert_eq!(session.said(), "EHLO c.example\r\n");
    session.hear("250 s\r\n");
    session.send(mail());
}

#[test]
fn a_message_by_reference_ends_its_transaction() {
    let burl = |chunk| Command::Burl(Burl::new("imap://h.example/a;uid=1", chunk).unwrap());
    let offers = ["PIPELINING", "CHUNKING", "BURL imap"];
    let mut session = accepted(open(), &offers, 1);
    let one = session.send(burl(Chunk::More));
    let two = chunk(&mut session, b"abc", Chunk::More);
    let three = session.send(burl(Chunk::Last));
    assert_eq!(
        session.said(),
        "BURL imap://h.example/a;uid=1\r\nBDAT 3\r\nabcBURL imap://h.example/a;uid=1 LAST\r\n"
    );
    assert_eq!(
        told(&session.hear("250 ok\r\n250 ok\r\n250 queued\r\n")),
        [(one, 250), (two, 250), (three, 250)]
    );
    session.send(mail());
    assert_eq!(accepted(lmtp(), &offers, 1).refusal(burl(Chunk::Last)), SendRefusal::WrongProtocol);
}
