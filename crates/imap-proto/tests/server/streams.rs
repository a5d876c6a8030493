//! FETCH responses whose payloads stream: in order, in pieces, and never more than may wait.
use crate::common::{Driven, open_config, untagged};
use bytes::{Buf, Bytes};
use imap_proto::{
    FinishError, Reason, Step, WriteError,
    response::{Content, ContentKind, Fetch, FetchItem, Payload},
    server::{Completion, Event, Running, StreamError, TellError},
};
use test_support::heap;

fn content(octets: u64) -> FetchItem {
    let mut content = Content::body("".parse().unwrap(), Bytes::new());
    content.kind = ContentKind::Body;
    content.payload = Payload::Streamed(octets);
    FetchItem::Content(Box::new(content))
}

fn head(octets: u64) -> Fetch {
    Fetch { number: 1, items: vec![FetchItem::Uid(7), content(octets)] }
}

fn fetching(parallel: usize, max_unsent: usize) -> (Driven, Running<imap_proto::Fetch>) {
    let mut config = open_config();
    config.parallel = parallel;
    config.max_unsent = max_unsent;
    let mut driven = Driven::in_mailbox(config);
    driven.hear("a FETCH 1 BODY.PEEK[]\r\n");
    let Event::Fetch(ask) = driven.event() else { panic!() };
    let running = driven.server.accept(ask, ()).unwrap();
    (driven, running)
}

#[test]
fn one_payload_and_nothing_behind_it() {
    let (mut driven, running) = fetching(1, 1000);
    let mut upload = driven.server.stream(&running, head(5)).unwrap();
    driven.server.write(&mut upload, "he".into()).unwrap();
    driven.server.write(&mut upload, "llo".into()).unwrap();
    driven.server.finish(upload).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(driven.said(), "* 1 FETCH (UID 7 BODY[] {5}\r\nhello)\r\na OK FETCH completed\r\n");
    assert!(driven.needs_input());
}

#[test]
fn two_payloads_and_items_behind_them() {
    let (mut driven, running) = fetching(1, 1000);
    let mut upload = driven.server.stream(&running, head(2)).unwrap();
    driven.server.write(&mut upload, "ab".into()).unwrap();
    driven.server.finish(upload).unwrap();
    let mut upload = driven.server.stream_more(&running, vec![FetchItem::Size(9), content(1)]).unwrap();
    driven.server.write(&mut upload, "c".into()).unwrap();
    driven.server.finish(upload).unwrap();
    driven.server.rest(&running, vec![FetchItem::ModSeq(3)]).unwrap();
    let upload = driven.server.stream(&running, Fetch { number: 2, items: vec![content(0)] }).unwrap();
    driven.server.finish(upload).unwrap();
    driven.server.data(&running, untagged("* 3 FETCH (UID 9)")).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(
        driven.said(),
        "* 1 FETCH (UID 7 BODY[] {2}\r\nab RFC822.SIZE 9 BODY[] {1}\r\nc MODSEQ (3))\r\n\
         * 2 FETCH (BODY[] {0}\r\n)\r\n* 3 FETCH (UID 9)\r\na OK FETCH completed\r\n"
    );
}

#[test]
fn what_others_say_waits_behind_the_response() {
    let (mut driven, fetch) = fetching(2, 1000);
    driven.hear("b NOOP\r\n");
    let Event::Noop(ask) = driven.event() else { panic!() };
    let noop = driven.server.accept(ask, ()).unwrap();
    let mut upload = driven.server.stream(&fetch, head(5)).unwrap();
    driven.server.tell(untagged("* 19 EXISTS")).unwrap();
    driven.server.data(&noop, untagged("* OK still here")).unwrap();
    driven.server.complete(noop, Completion::OK).unwrap();
    driven.server.write(&mut upload, "hello".into()).unwrap();
    assert_eq!(driven.said(), "* 1 FETCH (UID 7 BODY[] {5}\r\nhello");
    driven.server.finish(upload).unwrap();
    assert_eq!(driven.said(), "", "items may follow");
    driven.server.complete(fetch, Completion::OK).unwrap();
    assert_eq!(
        driven.said(),
        ")\r\n* 19 EXISTS\r\n* OK still here\r\nb OK NOOP completed\r\na OK FETCH completed\r\n"
    );
}

#[test]
fn a_command_that_is_completed_inside_its_payload_ends_behind_it() {
    let (mut driven, running) = fetching(1, 1000);
    let mut upload = driven.server.stream(&running, head(5)).unwrap();
    driven.server.data(&running, untagged("* 2 FETCH (UID 8)")).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    driven.server.write(&mut upload, "hello".into()).unwrap();
    driven.server.finish(upload).unwrap();
    assert_eq!(
        driven.said(),
        "* 1 FETCH (UID 7 BODY[] {5}\r\nhello)\r\n* 2 FETCH (UID 8)\r\na OK FETCH completed\r\n"
    );
}

#[test]
fn one_response_streams_at_a_time() {
    let (mut driven, first) = fetching(2, 1000);
    driven.hear("b FETCH 2 BODY.PEEK[]\r\n");
    let Event::Fetch(ask) = driven.event() else { panic!() };
    let second = driven.server.accept(ask, ()).unwrap();
    let upload = driven.server.stream(&first, head(0)).unwrap();
    let error = driven.server.stream(&second, head(3)).unwrap_err();
    assert!(matches!(error, StreamError::Busy { .. }));
    assert_eq!(error.into_items(), head(3));
    assert!(matches!(driven.server.stream(&first, head(3)), Err(StreamError::Busy { .. })));
    assert!(matches!(driven.server.stream_more(&second, vec![content(1)]), Err(StreamError::NotOpen { .. })));
    assert!(matches!(driven.server.rest(&second, vec![]), Err(StreamError::NotOpen { .. })));
    driven.server.finish(upload).unwrap();
    assert!(matches!(driven.server.stream(&second, head(3)), Err(StreamError::Busy { .. })));
    assert_eq!(driven.said(), "* 1 FETCH (UID 7 BODY[] {0}\r\n");
    driven.server.rest(&first, vec![]).unwrap();
    let upload = driven.server.stream(&second, head(0)).unwrap();
    driven.server.finish(upload).unwrap();
    driven.server.complete(second, Completion::OK).unwrap();
    driven.server.complete(first, Completion::OK).unwrap();
    assert_eq!(
        driven.said(),
        ")\r\n* 1 FETCH (UID 7 BODY[] {0}\r\n)\r\nb OK FETCH completed\r\na OK FETCH completed\r\n"
    );
}

#[test]
fn what_cannot_be_streamed_comes_back() {
    let (mut driven, running) = fetching(1, 1000);
    for items in
        [vec![], vec![FetchItem::Uid(1)], vec![content(1), FetchItem::Uid(1)], vec![content(1), content(1)]]
    {
        let error = driven.server.stream(&running, Fetch { number: 1, items }).unwrap_err();
        assert!(matches!(error, StreamError::Misplaced { .. }));
    }
    let fetch = imap_proto::response::Untagged::Fetch(head(3));
    assert!(matches!(driven.server.data(&running, fetch), Err(TellError::OutOfPlace { .. })));
    assert_eq!(driven.said(), "");
}

#[test]
fn a_payload_that_is_cut_never_gets_an_end() {
    let (mut driven, running) = fetching(1, 1000);
    let mut upload = driven.server.stream(&running, head(5)).unwrap();
    driven.server.write(&mut upload, "hel".into()).unwrap();
    let Err(FinishError::Missing { upload, octets: 2 }) = driven.server.finish(upload) else { panic!() };
    driven.server.tell(untagged("* 19 EXISTS")).unwrap();
    drop(upload);
    assert!(matches!(driven.step(), Step::Closed));
    assert_eq!(driven.said(), "* 1 FETCH (UID 7 BODY[] {5}\r\nhel");
    drop(running);

    let (mut driven, running) = fetching(1, 1000);
    let mut upload = driven.server.stream(&running, head(5)).unwrap();
    driven.server.close(Reason::Shutdown);
    assert!(matches!(driven.server.write(&mut upload, "hello".into()), Err(WriteError::Stale { .. })));
    assert_eq!(driven.said(), "* 1 FETCH (UID 7 BODY[] {5}\r\n");
}

#[test]
fn a_payload_that_is_complete_when_the_session_is_over_ends_nothing() {
    let (mut driven, running) = fetching(1, 1000);
    let mut upload = driven.server.stream(&running, head(1)).unwrap();
    driven.server.write(&mut upload, "x".into()).unwrap();
    driven.server.close(Reason::Shutdown);
    assert!(matches!(driven.server.finish(upload), Err(FinishError::Stale(_))));
    assert_eq!(driven.said(), "* 1 FETCH (UID 7 BODY[] {1}\r\nx");
}

#[test]
fn a_payload_longer_than_announced_is_refused() {
    let (mut driven, running) = fetching(1, 1000);
    let mut upload = driven.server.stream(&running, head(2)).unwrap();
    assert!(matches!(
        driven.server.write(&mut upload, "abc".into()),
        Err(WriteError::TooLong { left: 2, .. })
    ));
    driven.server.write(&mut upload, "ab".into()).unwrap();
    driven.server.finish(upload).unwrap();
    drop(running);
}

#[test]
fn a_client_that_reads_slowly_costs_what_may_wait_and_one_chunk() {
    const MESSAGE: u64 = 8 << 20;
    const CHUNK: usize = 4096;
    let (mut driven, running) = fetching(1, 16 << 10);
    let block = Bytes::from(vec![b'x'; CHUNK]);
    let (used, ()) = heap::measure(|| {
        let mut upload = driven.server.stream(&running, head(MESSAGE)).unwrap();
        for _ in 0..MESSAGE / CHUNK as u64 {
            let mut chunk = block.clone();
            while let Err(error) = driven.server.write(&mut upload, chunk) {
                assert!(matches!(error, WriteError::Blocked { .. }));
                chunk = error.into_chunk();
                assert!(matches!(driven.step(), Step::NeedFlush));
                let transmit = driven.server.transmit();
                let octets = transmit.remaining().min(1000);
                transmit.advance(octets);
            }
            assert!(driven.server.unsent() <= (16 << 10) + CHUNK);
        }
        driven.server.finish(upload).unwrap();
    });
    // The chunks are shared: what is held of them are places in a queue.
    assert!(used.peak <= 4096, "{used:?}");
    driven.server.complete(running, Completion::OK).unwrap();
}

#[test]
fn what_waits_behind_a_response_counts_as_unsent_and_is_never_a_reason_to_flush() {
    let (mut driven, running) = fetching(1, 200);
    let upload = driven.server.stream(&running, head(1)).unwrap();
    let mut told = 0;
    let mut fill = |driven: &mut Driven| loop {
        match driven.server.tell(untagged("* OK a remark that waits behind the response")) {
            Ok(()) => told += 1,
            Err(error) => break assert!(matches!(error, TellError::Blocked { .. }), "{error}"),
        }
    };
    fill(&mut driven);
    driven.said();
    fill(&mut driven);
    assert!((200..250).contains(&driven.server.unsent()));
    assert!(matches!(driven.step(), Step::NeedAnswer), "nothing can be flushed");
    // The payload itself gets through, or nothing would ever move.
    let mut upload = upload;
    driven.server.write(&mut upload, "x".into()).unwrap();
    driven.server.finish(upload).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(driven.said().matches("a remark").count(), told);
}

#[test]
fn commands_wait_when_their_answers_may_not_wait_behind_a_response() {
    let (mut driven, running) = fetching(2, 4096);
    let mut upload = driven.server.stream(&running, head(1)).unwrap();
    driven.said();
    driven.hear(&"b CAPABILITY\r\n".repeat(10_000));
    let (used, ()) = heap::measure(|| assert!(matches!(driven.step(), Step::NeedAnswer)));
    assert!(used.peak <= 4 * 4096, "{used:?}");
    assert!(driven.server.unsent() <= 4096 + 300);
    driven.server.write(&mut upload, "x".into()).unwrap();
    assert!(matches!(driven.step(), Step::NeedFlush));
    driven.server.finish(upload).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    while !driven.needs_input() {
        driven.said();
    }
}

#[test]
fn responses_wait_for_a_client_that_does_not_read() {
    let (mut driven, running) = fetching(1, 300);
    let mut sent = 0;
    let (used, ()) = heap::measure(|| {
        for number in 1..=10_000 {
            let mut response =
                imap_proto::response::Untagged::Fetch(Fetch { number, items: vec![FetchItem::Uid(number)] });
            while let Err(error) = driven.server.data(&running, response) {
                assert!(matches!(error, TellError::Blocked { .. }));
                response = error.into_untagged();
                let transmit = driven.server.transmit();
                let octets = transmit.remaining().min(50);
                sent += octets;
                transmit.advance(octets);
            }
        }
    });
    assert!(used.peak <= 4096, "{used:?}");
    driven.server.complete(running, Completion::OK).unwrap();
    let said = driven.said();
    assert!(said.ends_with("* 10000 FETCH (UID 10000)\r\na OK FETCH completed\r\n"), "{said}");
    assert!(sent > 200_000);
}

#[test]
fn more_items_wait_for_a_client_that_does_not_read() {
    let (mut driven, running) = fetching(1, 100);
    let mut upload = driven.server.stream(&running, head(200)).unwrap();
    driven.server.write(&mut upload, Bytes::from(vec![b'x'; 200])).unwrap();
    driven.server.finish(upload).unwrap();
    let error = driven.server.stream_more(&running, vec![content(1)]).unwrap_err();
    assert!(matches!(error, StreamError::Blocked { max_unsent: 100, .. }));
    let error = driven.server.rest(&running, vec![FetchItem::Uid(1)]).unwrap_err();
    driven.said();
    driven.server.rest(&running, error.into_items()).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(driven.said(), " UID 1)\r\na OK FETCH completed\r\n");
}

#[test]
fn what_waits_behind_a_response_leaves_its_payload_less_room() {
    let (mut driven, running) = fetching(1, 200);
    let mut upload = driven.server.stream(&running, head(100)).unwrap();
    while driven.server.tell(untagged("* OK a remark that waits behind the response")).is_ok() {}
    let error = driven.server.write(&mut upload, "x".into()).unwrap_err();
    assert!(matches!(error, WriteError::Blocked { max_unsent: 200, .. }));
    driven.said();
    driven.server.write(&mut upload, error.into_chunk()).unwrap();
    drop((upload, running));
}
