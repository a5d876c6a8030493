//! A message comes out as it went in, however it is cut on its way.
use bytes::{Bytes, BytesMut};
use mail_wire::dot::{Bare, BareLineEnding, DotDecoder, DotEncoder, Dotted, Outgoing};
use proptest::prelude::*;
use test_support::exhaust::{segmentations, strings};

/// Every CR and LF apart from its partner becomes CRLF, octet by octet.
fn normalised(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [b'\r', b'\n', behind @ ..] | [b'\r' | b'\n', behind @ ..] => {
                out.extend_from_slice(b"\r\n");
                behind
            }
            [octet, behind @ ..] => {
                out.push(*octet);
                behind
            }
            [] => return out,
        }
    }
}

/// What the peer gets of a text: its lines, the last one with its CRLF.
fn delivered(text: &[u8]) -> Vec<u8> {
    let mut text = normalised(text);
    if !text.is_empty() && !text.ends_with(b"\r\n") {
        text.extend_from_slice(b"\r\n");
    }
    text
}

/// The wire form, line by line, from RFC 5321 §4.5.2: a line that starts with a dot gets one more.
fn stuffed(text: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    let text = delivered(text);
    let lines = text
        .strip_suffix(b"\r\n")
        .map(|text| text.split(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)));
    for line in lines.into_iter().flatten() {
        if line.first() == Some(&b'.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}

fn encode(bare: Outgoing, pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let (mut encoder, mut wire) = (DotEncoder::new(bare), Vec::new());
    for piece in pieces {
        encoder.write(Bytes::copy_from_slice(piece), &mut wire).ok()?;
    }
    encoder.finish(&mut wire).ok()?;
    Some(wire)
}

fn decode(pieces: &[&[u8]]) -> Vec<u8> {
    let (mut decoder, mut input, mut payload) = (DotDecoder::new(Bare::Reject), BytesMut::new(), Vec::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match decoder.next(&mut input) {
                Dotted::Payload(piece) => payload.extend_from_slice(&piece),
                Dotted::NeedInput => break,
                Dotted::Refused(bare) => panic!("what we wrote is refused: {bare}"),
                Dotted::End => return payload,
            }
        }
    }
    panic!("what we wrote has no end");
}

/// Cuts at the given places, taken modulo the length.
fn cut<'a>(text: &'a [u8], at: &[usize]) -> Vec<&'a [u8]> {
    let mut at: Vec<_> = at.iter().map(|at| at % (text.len() + 1)).collect();
    at.sort_unstable();
    let (mut pieces, mut from) = (Vec::new(), 0);
    for at in at {
        pieces.push(&text[from..at]);
        from = at;
    }
    pieces.push(&text[from..]);
    pieces
}

// covers rfc5321 4.5.2 dot-stuffed
// covers rfc5321 4.1.1.4 last-line-ended
// covers rfc5321 4.1.1.4 end-written
// covers rfc1939 3 dot-stuffed
// covers rfc1939 3 end-sent
#[test]
fn every_short_text_is_stuffed_as_the_rfc_says_under_every_chunking() {
    for text in strings(b"\r\n.x", 6) {
        let wire = stuffed(&text);
        let is_clean = normalised(&text) == text;
        for pieces in segmentations(&text) {
            assert_eq!(encode(Outgoing::Normalise, &pieces).as_ref(), Some(&wire), "{}", text.escape_ascii());
            let strict = encode(Outgoing::Refuse, &pieces);
            assert_eq!(strict.as_ref(), is_clean.then_some(&wire), "{}", text.escape_ascii());
        }
    }
}

#[test]
fn dots_close_together_are_stuffed_as_the_rfc_says_wherever_they_are_cut() {
    // So many that blocks of them are written at once, and something else between.
    let dots = b".\r\n".repeat(30);
    for middle in strings(b"\r\n.a", 3) {
        let text = [&dots[..], &middle, &dots].concat();
        let wire = stuffed(&text);
        let is_clean = normalised(&text) == text;
        for cut in 0..=text.len() {
            let pieces = [&text[..cut], &text[cut..]];
            let told = middle.escape_ascii();
            assert_eq!(encode(Outgoing::Normalise, &pieces).as_ref(), Some(&wire), "{told} cut at {cut}");
            let strict = encode(Outgoing::Refuse, &pieces);
            assert_eq!(strict.as_ref(), is_clean.then_some(&wire), "{told} cut at {cut}");
        }
    }
}

// covers rfc5321 4.5.2 dot-unstuffed
// covers rfc1939 3 end-of-lines
// covers rfc1939 3 dot-unstuffed
#[test]
fn every_short_text_comes_back_from_every_cut_of_the_wire() {
    for text in strings(b"\r\n.x", 5) {
        let wire = encode(Outgoing::Normalise, &[&text]).expect("normalising refuses nothing");
        for first in 0..=wire.len() {
            for second in first..=wire.len() {
                let pieces = [&wire[..first], &wire[first..second], &wire[second..]];
                assert_eq!(decode(&pieces), delivered(&text), "{}", text.escape_ascii());
            }
        }
    }
}

#[test]
fn lines_with_a_dot_in_front_come_back_whatever_their_length_and_what_is_bare_is_told() {
    let next = [&b"."[..], b"..", b"x", b".x", b".\r", b"\n.", b"\r.", b"\r\n."];
    for (length, next) in (28..70).flat_map(|length| next.map(|next| (length, next))) {
        for end in [&b"\r\n"[..], b"\n", b"\r", b"\n\r\n", b"\r\r\n"] {
            let line = [b"..", &vec![b'x'; length][..], end].concat();
            let wire = [&line, &line, next, b"\r\n", &line, b"\r\n.\r\n"].concat();
            for cut in (0..wire.len()).step_by(7) {
                let pieces = [&wire[..cut], &wire[cut..]];
                assert_eq!(read(&pieces), read_by_octets(&wire), "{} cut at {cut}", wire.escape_ascii());
            }
        }
    }
}

/// What a strict reader finds: the payload, and where it is broken.
fn read(pieces: &[&[u8]]) -> (Vec<u8>, Option<BareLineEnding>) {
    let (mut decoder, mut input, mut payload) = (DotDecoder::new(Bare::Reject), BytesMut::new(), Vec::new());
    let mut broken = None;
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match decoder.next(&mut input) {
                Dotted::Payload(piece) => payload.extend_from_slice(&piece),
                Dotted::NeedInput => break,
                Dotted::Refused(bare) => broken = Some(bare),
                Dotted::End => return (payload, broken),
            }
        }
    }
    panic!("the end was not found");
}

/// The same, from RFC 5321 §4.5.2 and §2.3.8, octet by octet.
fn read_by_octets(wire: &[u8]) -> (Vec<u8>, Option<BareLineEnding>) {
    let (mut payload, mut at) = (Vec::new(), 0);
    while at < wire.len() {
        let starts_line = at == 0 || wire[..at].ends_with(b"\r\n");
        match &wire[at..] {
            [b'.', b'\r', b'\n', ..] if starts_line => return (payload, None),
            [b'.', ..] if starts_line => {}
            [b'\r', b'\n', ..] => payload.push(b'\r'),
            [b'\r', ..] => return (payload, Some(BareLineEnding::Cr(at as u64))),
            [b'\n', ..] if !wire[..at].ends_with(b"\r") => {
                return (payload, Some(BareLineEnding::Lf(at as u64)));
            }
            rest => payload.push(rest[0]),
        }
        at += 1;
    }
    panic!("no end");
}

// covers rfc5321 2.3.8 bare-not-sent
#[test]
fn a_refused_chunk_changes_nothing_and_tells_its_first_bare_octet() {
    for before in [&b""[..], b"x", b"\r\n", b"x\r"] {
        for chunk in strings(b"\r\n.x", 5) {
            let mut encoder = DotEncoder::new(Outgoing::Refuse);
            let mut wire = Vec::new();
            encoder.write(Bytes::copy_from_slice(before), &mut wire).expect("no bare octet in front");
            let written = wire.clone();
            let joined = [before, &chunk].concat();
            // A CR at the very end may yet get its LF.
            let first_bare = (0..joined.len()).find(|at| match joined[*at] {
                b'\r' => joined.get(at + 1).is_some_and(|next| *next != b'\n'),
                b'\n' => *at == 0 || joined[at - 1] != b'\r',
                _ => false,
            });
            let result = encoder.write(Bytes::copy_from_slice(&chunk), &mut wire);
            let found = result.map_err(|refused| {
                assert_eq!(refused.chunk, chunk, "the chunk comes back");
                refused.offset
            });
            let expected = first_bare.map_or(Ok(()), |at| Err(at.saturating_sub(before.len())));
            assert_eq!(found, expected, "{} then {}", before.escape_ascii(), chunk.escape_ascii());
            if found.is_err() {
                assert_eq!(wire, written, "something was written: {}", chunk.escape_ascii());
                let mend: &[u8] = if before.ends_with(b"\r") { b"\n" } else { b"ok" };
                encoder
                    .write(Bytes::copy_from_slice(mend), &mut wire)
                    .expect("a chunk that is right is taken");
                encoder.finish(&mut wire).expect("and finishes");
                assert_eq!(wire, stuffed(&[before, mend].concat()));
            }
        }
    }
}

/// Lines as mail has them, and as an attacker writes them; longer than the blocks that are scanned at once.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b".".to_vec()),
        Just(b"\r\n.\r\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..100),
        (0_usize..200).prop_map(|n| vec![b'x'; n]),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(any::<usize>(), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_stuffed_as_the_rfc_says_and_comes_back(
        text in text(), out in cuts(), back in cuts(),
    ) {
        let wire = encode(Outgoing::Normalise, &cut(&text, &out)).expect("normalising refuses nothing");
        prop_assert_eq!(wire.escape_ascii().to_string(), stuffed(&text).escape_ascii().to_string());
        prop_assert_eq!(decode(&cut(&wire, &back)), delivered(&text));
    }

    #[test]
    fn a_text_of_whole_lines_is_sent_without_a_change(
        text in text(), out in cuts(), back in cuts(),
    ) {
        let text = normalised(&text);
        let wire = encode(Outgoing::Refuse, &cut(&text, &out)).expect("every line end is a CRLF");
        let payload = decode(&cut(&wire, &back));
        let added: &[u8] = if text.is_empty() || text.ends_with(b"\r\n") { b"" } else { b"\r\n" };
        prop_assert_eq!(payload, [&text, added].concat());
    }
}
