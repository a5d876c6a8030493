//! RETR: row o.
use crate::contest::{Row, Than};
use benches::smtp as input;
use bytes::{Bytes, BytesMut};
use mail_wire::{
    dot::{Bare, DotDecoder, Dotted},
    line::{Framed, LineEnding, LineFramer},
};
use pop3_proto::Response;
use std::hint::black_box;

/// RETR of 1 MiB that is all there.
pub(crate) fn whole() -> Row {
    row("o", "RETR of 1 MiB, whole", usize::MAX).mark("decoded", Than::Owned, 15.0)
}

/// RETR of 1 MiB in blocks.
pub(crate) fn blocks() -> Row {
    row("o16", "RETR of 1 MiB in 16 KiB blocks", 16 << 10).mark("decoded", Than::Owned, 500.0)
}

/// RETR of 1 MiB in packets.
pub(crate) fn packets() -> Row {
    row("o2", "RETR of 1 MiB in 1,460 B pieces", 1460).mark("decoded", Than::Owned, 1000.0)
}

fn row(id: &'static str, work: &'static str, size: usize) -> Row {
    // No line of it has a dot in front, which pop3-codec leaves in place: so both read the same.
    let message = input::base64();
    let mut wire = b"+OK\r\n".to_vec();
    wire.extend_from_slice(&input::stuffed(&message));
    let wire = Bytes::from(wire);
    let size = size.min(wire.len());
    let mut found = Vec::new();
    decoded(&wire, size, |piece| found.extend_from_slice(&piece));
    assert!(found == message);
    let (_, theirs) = pop3_codec::parse::response_retr(&wire).unwrap();
    assert_eq!(theirs.unwrap().body.iter().map(|line| line.len() + 2).sum::<usize>(), message.len());

    let [ours, codec, limit] = [(); 3].map(|()| wire.clone());
    Row::new(id, work, 1, wire.len())
        .because("within a few per cent; ours counts the copy into the read buffer, two fifths of the time.")
        .ours("decoded", move || decoded(&ours, size, |piece| drop(black_box(piece))))
        .owned("pop3-codec, stuffing not undone", move || {
            let mut read = Vec::new();
            for piece in black_box(&codec).chunks(size) {
                read.extend_from_slice(piece);
                black_box(pop3_codec::parse::response_retr(&read)).ok();
            }
        })
        .limit("memcpy", move || {
            let mut all = Vec::with_capacity(size);
            for piece in black_box(&limit).chunks(size) {
                all.clear();
                all.extend_from_slice(piece);
                black_box(&all);
            }
        })
}

/// The status line, then the payload. The time of filling is counted.
fn decoded(wire: &Bytes, size: usize, mut payload: impl FnMut(Bytes)) {
    let mut input = BytesMut::with_capacity(size + 64);
    let (mut framer, mut decoder) = (LineFramer::new(512, LineEnding::Crlf), DotDecoder::new(Bare::Reject));
    let mut accepted = false;
    for piece in black_box(wire).chunks(size) {
        input.extend_from_slice(piece);
        if !accepted {
            let Framed::Line(line) = framer.next(&mut input) else { continue };
            black_box(Response::parse(&line).unwrap());
            accepted = true;
        }
        loop {
            match decoder.next(&mut input) {
                Dotted::Payload(piece) => payload(piece),
                Dotted::NeedInput => break,
                Dotted::End => return,
                Dotted::Refused(bare) => panic!("{bare}"),
            }
        }
    }
}
