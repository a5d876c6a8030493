//! A message on its way out: bounded, complete or not at all, and never cut short with an end.
use bytes::{Buf, Bytes};
use mail_wire::{FinishError, Mark, Outbox, Upload, WriteError, dot::Outgoing};
use proptest::prelude::*;

const MAX_UNSENT: usize = 1000;

fn drain(outbox: &mut Outbox) -> Bytes {
    let all = outbox.transmit().remaining();
    outbox.transmit().copy_to_bytes(all)
}

#[test]
fn a_chunk_that_is_blocked_comes_back_itself_and_is_taken_when_the_queue_has_drained() {
    let mark = Mark::default();
    for mut upload in [Upload::dotted(&mark, Outgoing::Refuse), Upload::sized(&mark, 2000)] {
        let mut outbox = Outbox::default();
        let chunk = Bytes::from(vec![b'x'; MAX_UNSENT]);
        upload.write(&mark, &mut outbox, MAX_UNSENT, chunk.clone()).expect("nothing waits yet");
        for _ in 0..3 {
            match upload.write(&mark, &mut outbox, MAX_UNSENT, chunk.clone()) {
                Err(WriteError::Blocked { chunk: back, max_unsent }) => {
                    assert_eq!((back.as_ptr(), back.len()), (chunk.as_ptr(), chunk.len()));
                    assert_eq!(max_unsent, MAX_UNSENT);
                }
                result => panic!("{result:?}"),
            }
            assert_eq!(outbox.unsent(), MAX_UNSENT, "a blocked chunk is not queued");
        }
        outbox.transmit().advance(1);
        upload.write(&mark, &mut outbox, MAX_UNSENT, chunk.clone()).expect("less than the limit waits");
        drain(&mut outbox);
        upload.finish(&mark, &mut outbox).expect("complete: the blocked chunks were not counted");
    }
}

#[test]
fn a_message_can_be_finished_however_much_waits() {
    let mark = Mark::default();
    let (mut upload, mut outbox) = (Upload::dotted(&mark, Outgoing::Refuse), Outbox::default());
    upload.write(&mark, &mut outbox, 1, Bytes::from_static(b"text")).expect("nothing waits yet");
    upload.write(&mark, &mut outbox, 1, Bytes::new()).expect("an empty chunk is never blocked");
    upload.finish(&mark, &mut outbox).expect("a last line needs no CRLF");
    assert_eq!(&drain(&mut outbox)[..], b"text\r\n.\r\n");
}

#[test]
fn an_announced_length_is_kept_to_the_octet() {
    let mark = Mark::default();
    let (mut upload, mut outbox) = (Upload::sized(&mark, 6), Outbox::default());
    upload.write(&mark, &mut outbox, MAX_UNSENT, Bytes::from_static(b"\r.\n")).expect("any octets");
    match upload.write(&mark, &mut outbox, MAX_UNSENT, Bytes::from_static(b"four")) {
        Err(error @ WriteError::TooLong { .. }) => {
            assert_eq!(error.to_string(), "chunk of 4 octets where 3 are left of the announced length");
            assert_eq!(error.into_chunk(), "four");
        }
        result => panic!("{result:?}"),
    }
    upload.write(&mark, &mut outbox, MAX_UNSENT, Bytes::from_static(b"ab")).expect("two of three");
    let mut upload = match upload.finish(&mark, &mut outbox) {
        Err(error @ FinishError::Missing { .. }) => {
            assert_eq!(error.to_string(), "1 octets of the announced length are missing");
            let FinishError::Missing { upload, octets: 1 } = error else { panic!("{error:?}") };
            upload
        }
        result => panic!("{result:?}"),
    };
    assert!(!mark.is_abandoned(), "the upload came back: the message may still be completed");
    upload.write(&mark, &mut outbox, MAX_UNSENT, Bytes::from_static(b"c")).expect("the third");
    upload.finish(&mark, &mut outbox).expect("complete");
    assert_eq!(&drain(&mut outbox)[..], b"\r.\nabc");
}

// covers rfc5321 2.3.8 last-cr-not-sent
#[test]
fn a_message_that_ends_in_a_bare_cr_waits_for_its_lf() {
    let mark = Mark::default();
    let (mut upload, mut outbox) = (Upload::dotted(&mark, Outgoing::Refuse), Outbox::default());
    upload.write(&mark, &mut outbox, MAX_UNSENT, Bytes::from_static(b"a\r")).expect("its LF may yet come");
    match upload.write(&mark, &mut outbox, MAX_UNSENT, Bytes::from_static(b"b")) {
        Err(WriteError::BareLineEnding { chunk, offset: 0 }) => assert_eq!(chunk, "b"),
        result => panic!("{result:?}"),
    }
    let mut upload = match upload.finish(&mark, &mut outbox) {
        Err(FinishError::BareCr { upload }) => upload,
        result => panic!("{result:?}"),
    };
    upload.write(&mark, &mut outbox, MAX_UNSENT, Bytes::from_static(b"\n")).expect("here it is");
    upload.finish(&mark, &mut outbox).expect("complete");
    assert_eq!(&drain(&mut outbox)[..], b"a\r\n.\r\n");
}

#[test]
fn a_cut_message_gets_no_end() {
    let mark = Mark::default();
    let mut outbox = Outbox::default();
    let mut upload = Upload::dotted(&mark, Outgoing::Refuse);
    upload.write(&mark, &mut outbox, MAX_UNSENT, Bytes::from_static(b"half a message\r\n")).expect("clean");
    drop(upload);
    assert!(mark.is_abandoned(), "the connection must be closed");
    assert_eq!(&drain(&mut outbox)[..], b"half a message\r\n");
}

fn chunk() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"\r\n.xy".to_vec()), 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_never_holds_more_than_the_limit_and_one_chunk(
        chunks in prop::collection::vec((chunk(), any::<u8>()), 0..60),
        max_unsent in 1_usize..400,
    ) {
        let mark = Mark::default();
        let (mut upload, mut outbox) = (Upload::dotted(&mark, Outgoing::Normalise), Outbox::default());
        let (mut payload, mut wire) = (Vec::new(), Vec::new());
        for (chunk, written) in chunks {
            let waited = outbox.unsent();
            match upload.write(&mark, &mut outbox, max_unsent, Bytes::from(chunk.clone())) {
                Ok(()) => payload.extend_from_slice(&chunk),
                Err(error) => prop_assert!(waited >= max_unsent && error.into_chunk() == chunk),
            }
            // An octet becomes two at most, and a held CR may come first.
            prop_assert!(outbox.unsent() <= waited.max(max_unsent + 2 * chunk.len() + 1));
            let octets = usize::from(written).min(outbox.transmit().remaining());
            wire.extend_from_slice(&outbox.transmit().copy_to_bytes(octets));
        }
        upload.finish(&mark, &mut outbox).expect("normalising refuses nothing");
        wire.extend_from_slice(&drain(&mut outbox));
        // What was blocked is not there, what was taken is, as if it had come in one chunk.
        let (mut upload, mut outbox) = (Upload::dotted(&mark, Outgoing::Normalise), Outbox::default());
        upload.write(&mark, &mut outbox, max_unsent, Bytes::from(payload)).expect("nothing waits yet");
        upload.finish(&mark, &mut outbox).expect("normalising refuses nothing");
        prop_assert_eq!(&wire[..], &drain(&mut outbox)[..]);
    }
}
