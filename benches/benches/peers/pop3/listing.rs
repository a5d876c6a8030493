//! Listings: row n.
use crate::contest::{Row, Than};
use benches::{Units, pop3 as input};
use bytes::{Bytes, BytesMut};
use mail_wire::line::{Framed, LineEnding, LineFramer};
use pop3_codec::parse;
use pop3_proto::{ScanListing, UniqueIdListing};
use std::hint::black_box;

/// LIST of 5,000 messages.
pub(crate) fn scan() -> Row {
    let units = input::scan_listing();
    let (_, theirs) = parse::response_list_all(units.block()).unwrap();
    let lines = entries(&units);
    for (line, theirs) in lines.iter().zip(theirs.unwrap().body) {
        let ours = ScanListing::parse(line).unwrap();
        assert_eq!((ours.message.get(), ours.octets), (theirs.message_id, theirs.message_size.into()));
    }
    row(
        "n",
        "an entry of LIST, of 5,000",
        &units,
        |line| {
            black_box(ScanListing::parse(line).unwrap());
        },
        |text| black_box(parse::response_list_all(text)).is_ok(),
    )
    .mark("parsed", Than::Named("pop3-codec"), 3.0)
}

/// UIDL of 5,000 messages.
pub(crate) fn unique_ids() -> Row {
    let units = input::unique_id_listing();
    let (_, theirs) = parse::response_uidl_all(units.block()).unwrap();
    let lines = entries(&units);
    for (line, theirs) in lines.iter().zip(theirs.unwrap().body) {
        let ours = UniqueIdListing::parse(line).unwrap();
        assert_eq!((ours.message.get(), ours.id.as_str()), (theirs.message_id, &*theirs.message_uid));
    }
    row(
        "n2",
        "an entry of UIDL, of 5,000",
        &units,
        |line| {
            black_box(UniqueIdListing::parse(line).unwrap());
        },
        |text| black_box(parse::response_uidl_all(text)).is_ok(),
    )
    .mark("parsed", Than::Named("pop3-codec"), 4.0)
}

fn entries(units: &Units) -> Vec<Bytes> {
    let lines = units.lines();
    lines.get(1..lines.len() - 1).unwrap_or_default().to_vec()
}

fn row(
    id: &'static str,
    work: &'static str,
    units: &Units,
    ours: fn(&[u8]),
    theirs: fn(&[u8]) -> bool,
) -> Row {
    let (lines, count) = (entries(units), units.len() - 2);
    let [whole, pieces, codec, again] = [(); 4].map(|()| units.block().clone());
    let (mut input, mut other) = (BytesMut::new(), BytesMut::new());
    assert_eq!(framed(&whole, whole.len(), &mut input, ours), count);
    assert_eq!(framed(&whole, 1460, &mut input, ours), count);
    Row::new(id, work, count, units.block().len())
        .because(
            "the digits are the work, some ten instructions each: the numbers are too short for eight digits at once to \
             be sooner. pop3-codec is faster here than where the mark was set.",
        )
        .ours("parsed", move || lines.iter().for_each(|line| ours(black_box(line))))
        .ours("framed, parsed", move || framed(&whole, whole.len(), &mut input, ours))
        .ours("in 1,460 B pieces", move || framed(&pieces, 1460, &mut other, ours))
        .owned("pop3-codec", move || assert!(theirs(black_box(&codec))))
        .owned("pop3-codec, parsed again with each 1,460 B piece", move || {
            let mut read = Vec::new();
            for piece in black_box(&again).chunks(1460) {
                read.extend_from_slice(piece);
                theirs(&read);
            }
        })
        .mark("in 1,460 B pieces", Than::Named("framed, parsed"), 1.0 / 1.2)
}

/// The entries between the first line and the dot. The time of filling is counted.
fn framed(block: &Bytes, size: usize, input: &mut BytesMut, entry: fn(&[u8])) -> usize {
    let (mut framer, mut lines) = (LineFramer::new(512, LineEnding::Crlf), 0);
    for piece in black_box(block).chunks(size) {
        input.extend_from_slice(piece);
        while let Framed::Line(line) = framer.find(input) {
            lines += 1;
            if lines > 1 && *line != *b"." {
                entry(&line);
            }
        }
    }
    lines - 2
}
