//! What we send holds one message, whoever reads it.
use bytes::Bytes;
use mail_wire::dot::{DotEncoder, Outgoing};
use proptest::prelude::*;
use test_support::exhaust::{segmentations, strings};

/// What readers of the field have taken for the end of data. The first is the RFC's.
const ENDS: [&[u8]; 6] = [b"\r\n.\r\n", b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r"];

/// The first place where some reader sees the end of data, and what it took for one. The start counts as behind
/// a line end of its kind.
fn first_end(wire: &[u8]) -> Option<(usize, &'static [u8])> {
    let ends = ENDS.iter().filter_map(|end| {
        let dot = end.iter().position(|octet| *octet == b'.')?;
        let whole = [&end[..dot], wire].concat();
        Some((whole.windows(end.len()).position(|octets| octets == *end)?, *end))
    });
    // The place of the dot on the wire is where `end` starts in `whole`.
    ends.min_by_key(|(at, _)| *at)
}

/// The wire of a payload in these chunks: what was written before a refusal, and whether it was finished.
fn wire(bare: Outgoing, chunks: &[&[u8]]) -> (Vec<u8>, bool) {
    let (mut encoder, mut wire) = (DotEncoder::new(bare), Vec::new());
    for chunk in chunks {
        if encoder.write(Bytes::copy_from_slice(chunk), &mut wire).is_err() {
            return (wire, false);
        }
    }
    let finished = encoder.finish(&mut wire).is_ok();
    (wire, finished)
}

fn check(bare: Outgoing, chunks: &[&[u8]]) {
    let (wire, finished) = wire(bare, chunks);
    let payload = chunks.concat();
    let ours = finished.then(|| wire.len() - 3);
    match first_end(&wire) {
        Some((at, end)) => {
            assert_eq!(
                Some(at),
                ours,
                "{bare:?}: a reader of {} sees an end inside of {}",
                end.escape_ascii(),
                payload.escape_ascii()
            );
        }
        None => assert_eq!(ours, None, "the end is missing: {}", payload.escape_ascii()),
    }
}

#[test]
fn the_readers_see_what_they_are_said_to_see() {
    for end in ENDS {
        let stream = [b"x", end, b"y"].concat();
        let dot = stream.iter().position(|octet| *octet == b'.');
        assert_eq!(first_end(&stream).map(|(at, _)| at), dot, "{}", end.escape_ascii());
    }
    assert_eq!(first_end(b"x\r\n..\r\ny."), None);
    assert_eq!(first_end(b".\r\n").map(|(at, _)| at), Some(0));
}

#[test]
fn no_short_payload_holds_an_end_for_any_reader_under_any_chunking() {
    for payload in strings(b"\r\n.x", 6) {
        for chunks in segmentations(&payload) {
            check(Outgoing::Refuse, &chunks);
            check(Outgoing::Normalise, &chunks);
        }
    }
}

#[test]
fn no_payload_made_of_line_ends_and_dots_holds_an_end_for_any_reader() {
    for payload in strings(b"\r\n.", 8) {
        check(Outgoing::Refuse, &[&payload]);
        check(Outgoing::Normalise, &[&payload]);
        check(Outgoing::Normalise, &payload.chunks(1).collect::<Vec<_>>());
    }
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(ENDS.to_vec()).prop_map(<[u8]>::to_vec),
        3 => prop::sample::select(vec![&b"\r"[..], b"\n", b".", b"\r\n"]).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..90),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_long_payload_holds_an_end_for_any_reader(payload in payload(), size in 1_usize..150) {
        let chunks: Vec<_> = payload.chunks(size).collect();
        check(Outgoing::Refuse, &chunks);
        check(Outgoing::Normalise, &chunks);
    }
}
