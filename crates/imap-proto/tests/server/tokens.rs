//! Tokens: good for one use and one session, and never forgotten.
use crate::common::{Driven, open_config, untagged};
use imap_proto::{
    ProtocolError, Stale, Step, Unit,
    response::{Fetch, FetchItem},
    server::{Completion, Event, Rejection, Server, StreamError, TellError, Welcome},
};

fn noop(driven: &mut Driven) -> imap_proto::Ask<imap_proto::server::Noop> {
    driven.hear("a NOOP\r\n");
    let Event::Noop(ask) = driven.event() else { panic!() };
    ask
}

#[test]
fn tokens_of_another_session_come_back() {
    let (mut one, mut other) = (Driven::in_mailbox(open_config()), Driven::in_mailbox(open_config()));
    let (ask, others) = (noop(&mut one), noop(&mut other));
    let Err(Stale(ask)) = other.server.accept(ask, ()) else { panic!() };
    let Err(Stale(ask)) = other.server.reject(ask, Rejection::CANNOT) else { panic!() };
    let others = other.server.accept(others, ()).unwrap();
    let Err(Stale(ask)) = other.server.accept(ask, ()) else { panic!() };
    let running = one.server.accept(ask, ()).unwrap();
    assert!(matches!(other.server.data(&running, untagged("* 1 EXISTS")), Err(TellError::Stale { .. })));
    let Err(Stale(running)) = other.server.complete(running, Completion::OK) else { panic!() };
    one.server.complete(running, Completion::OK).unwrap();
    other.server.complete(others, Completion::OK).unwrap();
    assert_eq!(one.said(), "a OK NOOP completed\r\n");
    assert_eq!(other.said(), "a OK NOOP completed\r\n");
}

#[test]
fn a_fetch_of_another_session_streams_nothing() {
    let (mut one, mut other) = (Driven::in_mailbox(open_config()), Driven::in_mailbox(open_config()));
    one.hear("a FETCH 1 UID\r\n");
    let Event::Fetch(ask) = one.event() else { panic!() };
    let running = one.server.accept(ask, ()).unwrap();
    let items = vec![FetchItem::Uid(1)];
    assert!(matches!(other.server.rest(&running, items.clone()), Err(StreamError::Stale { .. })));
    let head = Fetch { number: 1, items };
    assert!(matches!(other.server.stream(&running, head), Err(StreamError::Stale { .. })));
}

#[test]
fn tokens_of_a_session_that_is_over_come_back() {
    let mut driven = Driven::in_mailbox(open_config());
    let ask = noop(&mut driven);
    driven.server.close(imap_proto::Reason::Shutdown);
    let Err(Stale(_ask)) = driven.server.accept(ask, ()) else { panic!() };
    assert_eq!(driven.said(), "* BYE the server is shutting down\r\n");
}

// covers rfc3501 3.4 bye-with-a-reason
#[test]
fn a_token_that_is_dropped_ends_the_session() {
    let mut driven = Driven::in_mailbox(open_config());
    drop(noop(&mut driven));
    assert!(matches!(driven.step(), Step::Closed));
    assert_eq!(driven.said(), "* BYE the server cannot go on\r\n");

    let mut driven = Driven::in_mailbox(open_config());
    let ask = noop(&mut driven);
    drop(driven.server.accept(ask, ()).unwrap());
    assert!(matches!(driven.step(), Step::Closed));
    assert_eq!(driven.said(), "* BYE the server cannot go on\r\n");

    let mut server = Server::new(open_config());
    let mut input = bytes::BytesMut::new();
    drop(server.receive(&mut input));
    assert!(matches!(server.receive(&mut input), Ok(Step::Closed)));
}

#[test]
fn a_question_waits_and_nothing_else_happens_meanwhile() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a NOOP\r\nb NOOP\r\n");
    let Event::Noop(ask) = driven.event() else { panic!() };
    assert!(matches!(driven.step(), Step::NeedAnswer));
    assert!(matches!(driven.step(), Step::NeedAnswer));
    driven.server.reject(ask, Rejection::UNAVAILABLE).unwrap();
    assert!(matches!(driven.event(), Event::Noop(_)));
    assert_eq!(driven.said(), "a NO [UNAVAILABLE] try again later\r\n");
}

// covers rfc3501 6.1.2 noop-is-read
// covers rfc3501 6.4.1 check-is-read
#[test]
fn a_client_that_has_closed_its_half_is_still_answered() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a NOOP\r\nb CHECK\r\n");
    let Event::Noop(ask) = driven.event() else { panic!() };
    assert_eq!(driven.server.receive_eof(&driven.input), Ok(()));
    let running = driven.server.accept(ask, ()).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    let Event::Check(ask) = driven.event() else { panic!() };
    let running = driven.server.accept(ask, ()).unwrap();
    assert!(matches!(driven.step(), Step::NeedAnswer));
    driven.server.complete(running, Completion::OK).unwrap();
    assert!(matches!(driven.step(), Step::Closed));
    assert_eq!(driven.said(), "a OK NOOP completed\r\nb OK CHECK completed\r\n");
}

#[test]
fn only_between_commands_is_a_clean_place_to_stop() {
    for (said, inside) in [
        ("", None),
        ("a NO", Some(Unit::Line)),
        ("a LOGIN {3+}\r\nab", Some(Unit::Line)),
        ("a LOGIN {3+}\r\n", Some(Unit::Line)),
        ("a AUTHENTICATE PLAIN\r\n", Some(Unit::Exchange)),
        ("a CREATE {99999+}\r\nx", Some(Unit::Line)),
    ] {
        let mut driven = Driven::new(open_config());
        driven.hear(said);
        while let Step::Event(event) = driven.step() {
            let Event::Authenticate(ask) = event else { panic!("{event:?}") };
            let challenge = imap_proto::server::AuthAnswer::Challenge(Vec::new());
            driven.server.accept(ask, challenge).unwrap();
        }
        let cut = inside.map_or(Ok(()), |inside| Err(ProtocolError::Cut { inside }));
        assert_eq!(driven.server.receive_eof(&driven.input), cut, "{said}");
        assert!(matches!(driven.step(), Step::Closed), "{said}");
    }
}

#[test]
fn a_session_crosses_threads_with_its_tokens() {
    fn is_send<T: Send + 'static>() {}
    is_send::<Server>();
    is_send::<Event>();
    is_send::<imap_proto::server::Running<imap_proto::Fetch>>();
    let _ = Welcome::Ok;
}

#[test]
fn an_upload_of_another_session_comes_back() {
    let (mut one, mut other) = (Driven::in_mailbox(open_config()), Driven::in_mailbox(open_config()));
    one.hear("a FETCH 1 BODY.PEEK[]\r\n");
    let Event::Fetch(ask) = one.event() else { panic!() };
    let running = one.server.accept(ask, ()).unwrap();
    let mut content = imap_proto::response::Content::body("".parse().unwrap(), bytes::Bytes::new());
    content.payload = imap_proto::response::Payload::Streamed(2);
    let head = Fetch { number: 1, items: vec![FetchItem::Content(Box::new(content))] };
    let mut upload = one.server.stream(&running, head).unwrap();
    let error = other.server.write(&mut upload, "ab".into()).unwrap_err();
    assert!(matches!(error, imap_proto::WriteError::Stale { .. }));
    one.server.write(&mut upload, error.into_chunk()).unwrap();
    let Err(imap_proto::FinishError::Stale(Stale(upload))) = other.server.finish(upload) else { panic!() };
    one.server.finish(upload).unwrap();
    one.server.complete(running, Completion::OK).unwrap();
    assert_eq!(one.said(), "* 1 FETCH (BODY[] {2}\r\nab)\r\na OK FETCH completed\r\n");
    assert_eq!(other.said(), "");
}

// covers rfc3501 6.2.1 still-not-authenticated
#[test]
fn an_upgrade_of_another_session_comes_back() {
    let upgrading = || {
        let mut config = open_config();
        config.starttls = imap_proto::Offer::Yes;
        let mut driven = Driven::new(config);
        driven.hear("a STARTTLS\r\n");
        let Event::StartTls(ask) = driven.event() else { panic!() };
        let upgrade = driven.server.accept(ask, ()).unwrap();
        (driven, upgrade)
    };
    let ((mut one, first), (mut other, second)) = (upgrading(), upgrading());
    let Err(imap_proto::UpgradeError::Stale(Stale(first))) = other.server.upgraded(first, &other.input)
    else {
        panic!()
    };
    one.server.upgraded(first, &one.input).unwrap();
    other.server.upgraded(second, &other.input).unwrap();
}

#[test]
fn a_command_at_work_in_a_session_that_is_over_comes_back() {
    let mut driven = Driven::in_mailbox(open_config());
    let ask = noop(&mut driven);
    let running = driven.server.accept(ask, ()).unwrap();
    driven.server.close(imap_proto::Reason::Failure);
    let Err(TellError::Stale { .. }) = driven.server.data(&running, untagged("* 1 EXISTS")) else { panic!() };
    let Err(Stale(_running)) = driven.server.complete(running, Completion::OK) else { panic!() };
    assert_eq!(driven.said(), "* BYE the server cannot go on\r\n");
    assert!(matches!(driven.server.tell(untagged("* OK x")), Err(TellError::OutOfPlace { .. })));
}

#[test]
fn commands_at_work_are_waited_for_when_the_client_has_said_all() {
    let mut config = open_config();
    config.parallel = 2;
    let mut driven = Driven::in_mailbox(config);
    let ask = noop(&mut driven);
    let running = driven.server.accept(ask, ()).unwrap();
    assert!(driven.needs_input());
    assert_eq!(driven.server.receive_eof(&driven.input), Ok(()));
    assert!(matches!(driven.step(), Step::NeedAnswer));
    driven.server.complete(running, Completion::OK).unwrap();
    assert!(matches!(driven.step(), Step::Closed));
    assert_eq!(driven.said(), "a OK NOOP completed\r\n");
}
