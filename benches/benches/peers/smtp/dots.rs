//! Payload: rows k and l.
use crate::contest::{Row, Side, Than};
use benches::smtp as input;
use bytes::{Bytes, BytesMut};
use mail_wire::Output;
use peer_smtp_proto as peer;
use smtp_proto::dot::{Bare, DotDecoder, DotEncoder, Dotted, Outgoing};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const FASTEST: &str = "smtp-proto, lenient, into a Vec";

/// Why plain text may miss.
const AT_PAR: &str = "at par, within the noise of a run: it is looked at for bare CR and LF by what every x86-64 has, without \
                      AVX2, and smtp-proto's search has AVX2 and looks for LF dot alone.";

/// Text, decoded.
pub(crate) fn text_in() -> Row {
    decoded("k", "DATA decoded, 1 MiB of text", &input::text())
        .mark("as slices", Than::Named(FASTEST), 1.0)
        .because(AT_PAR)
}

/// Base64, decoded.
pub(crate) fn base64_in() -> Row {
    decoded("k64", "DATA decoded, 1 MiB of base64", &input::base64())
        .mark("as slices", Than::Named(FASTEST), 1.0)
        .because(AT_PAR)
}

/// Lines with a dot each, decoded.
pub(crate) fn dotted_in() -> Row {
    decoded("k2", "DATA decoded, each line dotted", &input::dotted_lines()).mark(
        "as slices",
        Than::Named(FASTEST),
        3.0,
    )
}

/// Lines of a lone dot, decoded.
pub(crate) fn dots_in() -> Row {
    decoded("k3", "DATA decoded, lines of one dot", &input::dots()).mark(
        "as slices",
        Than::Named(FASTEST),
        1.0,
    )
}

/// Text, stuffed.
pub(crate) fn text_out() -> Row {
    stuffed("l", "1 MiB of text stuffed", &input::text()).mark("shared", Than::Named("octet by octet"), 6.0)
}

/// Base64, stuffed.
pub(crate) fn base64_out() -> Row {
    stuffed("l64", "1 MiB of base64 stuffed", &input::base64()).mark(
        "shared",
        Than::Named("octet by octet"),
        6.0,
    )
}

/// Lines of a lone dot, stuffed.
pub(crate) fn dots_out() -> Row {
    stuffed("l2", "lines of one dot stuffed", &input::dots()).mark(
        "into a Vec",
        Than::Named("octet by octet"),
        2.0,
    )
}

fn decoded(id: &'static str, work: &'static str, message: &Bytes) -> Row {
    let wire = input::stuffed(message);
    let mut found = Vec::new();
    slices(BytesMut::from(&wire[..]), |piece| found.extend_from_slice(&piece));
    assert!(found == *message);
    found.clear();
    assert!(peer::request::receiver::DataReceiver::new().ingest(&mut wire.iter(), &mut found));
    // It leaves the last CRLF, and so do we.
    assert!(found == *message);

    let why = "each line with a dot in front is moved to the one before it, by a copy of its own; all of it is looked at for \
               bare CR and LF, which smtp-proto does not do, and the block is handed out shared.";
    let [first, second, third, fourth, fifth] = [(); 5].map(|()| wire.clone());
    let (mut ours, mut theirs, mut copied) = (Vec::new(), Vec::new(), Vec::new());
    Row::new(id, work, 1, wire.len())
        .because(why)
        .clocked("as slices", Side::Ours, move || {
            timed(&first, |input| slices(input, |piece| drop(black_box(piece))))
        })
        .clocked("into a Vec", Side::Ours, move || {
            timed(&second, |input| {
                ours.clear();
                slices(input, |piece| ours.extend_from_slice(&piece));
                black_box(&ours);
            })
        })
        .owned(FASTEST, move || {
            theirs.clear();
            peer::request::receiver::DataReceiver::new().ingest(&mut black_box(&third).iter(), &mut theirs);
            black_box(&theirs);
        })
        .limit("memcpy", move || {
            copied.clear();
            copied.extend_from_slice(black_box(&fourth));
            black_box(&copied);
        })
        .limit("memmem for LF dot, built once", {
            let finder = memchr::memmem::Finder::new(b"\n.");
            move || finder.find_iter(black_box(&fifth)).count()
        })
}

/// Decodes strictly. Filling the input is not counted: a socket has done that.
fn timed(wire: &Bytes, work: impl FnOnce(BytesMut)) -> Duration {
    let input = BytesMut::from(&wire[..]);
    let started = Instant::now();
    work(black_box(input));
    started.elapsed()
}

fn slices(mut input: BytesMut, mut payload: impl FnMut(Bytes)) {
    let mut decoder = DotDecoder::new(Bare::Reject);
    loop {
        match decoder.next(&mut input) {
            Dotted::Payload(piece) => payload(piece),
            Dotted::End => break,
            other => panic!("{other:?}"),
        }
    }
}

fn stuffed(id: &'static str, work: &'static str, message: &Bytes) -> Row {
    let wire = input::stuffed(message);
    let mut written = Vec::new();
    encode(message.clone(), &mut written);
    assert!(written == wire);
    written.clear();
    octet_by_octet(message, &mut written);
    assert!(written == wire);

    let [first, second, third, fourth] = [(); 4].map(|()| message.clone());
    let (mut copied, mut ours) = (Vec::new(), Vec::new());
    Row::new(id, work, 1, message.len())
        .because(
            "with a dot on every third octet the lines are the work, not the octets: a block is looked at, its dots are \
             gathered to bits, and it is copied from dot to dot, some 25 instructions a line. Before that all of the \
             chunk is looked at, since of one that is refused nothing may be written; the loop beside it refuses \
             nothing. No mail looks like that.",
        )
        .ours("shared", move || {
            let mut out = Segments(0);
            encode(black_box(&first).clone(), &mut out);
            black_box(out.0);
        })
        .ours("into a Vec", move || {
            ours.clear();
            encode(black_box(&second).clone(), &mut ours);
            black_box(&ours);
        })
        .owned("octet by octet", move || {
            written.clear();
            octet_by_octet(black_box(&third), &mut written);
            black_box(&written);
        })
        .limit("memcpy", move || {
            copied.clear();
            copied.extend_from_slice(black_box(&fourth));
            black_box(&copied);
        })
}

fn encode(message: Bytes, out: &mut impl Output) {
    let mut encoder = DotEncoder::new(Outgoing::Refuse);
    encoder.write(message, out).unwrap();
    encoder.finish(out).unwrap();
}

/// Takes segments as a socket does: none is copied.
struct Segments(usize);

impl Output for Segments {
    fn text(&mut self, text: &[u8]) {
        self.0 += black_box(text).len();
    }
    fn share(&mut self, segment: Bytes) {
        self.0 += black_box(segment).len();
    }
}

/// The loop that mail programs have: a state, and an octet at a time. No peer stuffs.
fn octet_by_octet(message: &[u8], out: &mut Vec<u8>) {
    let mut line_start = true;
    for octet in message {
        if line_start && *octet == b'.' {
            out.push(b'.');
        }
        out.push(*octet);
        line_start = *octet == b'\n';
    }
    out.extend_from_slice(b".\r\n");
}
