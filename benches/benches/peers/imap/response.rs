//! Responses: rows a, b, c, e, f and g.
use super::meaning;
use crate::contest::{Row, Than};
use benches::{Units, imap as input};
use bytes::{Bytes, BytesMut};
use imap_codec::imap_types::IntoStatic;
use imap_codec::{ResponseCodec, decode::Decoder, fragmentizer::Fragmentizer};
use imap_proto::{
    Deviations, Dialect,
    frame::{Framed, Framer, Rules},
    response::{FetchItem, FetchSink, Response},
};
use peer_imap_proto as peer;
use std::{hint::black_box, rc::Rc};

/// Takes the items of a FETCH, and keeps none.
struct Gone;

impl FetchSink for Gone {
    fn item(&mut self, item: FetchItem) {
        black_box(&item);
    }
}

pub(crate) fn flags() -> Row {
    let units = Rc::new(input::flags());
    let sunk = Rc::clone(&units);
    row("a", "`* n FETCH (UID FLAGS MODSEQ)`, 10,000", &units)
        .ours("by the sink", move || {
            let dialect = Dialect::default();
            for unit in sunk.each() {
                let mut deviations = Deviations::new();
                let found = Response::parse_into(black_box(unit), &dialect, &mut deviations, &mut Gone);
                black_box(found.unwrap());
            }
        })
        .mark("parsed", Than::Borrowed, 4.0)
        .mark("parsed", Than::Owned, 5.0)
        .mark("by the sink", Than::Borrowed, 6.0)
        .because(
            "the list of items is an allocation, and a keyword among the flags is another, with a reference to the read \
             block; by the sink there is none of the first. Digits are read eight at once.",
        )
}

pub(crate) fn envelopes() -> Row {
    row("b", "FETCH of UID, ENVELOPE, INTERNALDATE, RFC822.SIZE", &Rc::new(input::envelopes()))
        .mark("parsed", Than::Borrowed, 3.0)
        .mark("parsed", Than::Owned, 4.5)
        .because(
            "of 5,200 instructions 2,900 are the envelope: each string is looked at for escapes, control octets and \
             octets above 0x7F, and its place is kept; some 400 are four allocations, none of which grows. \
             imap-proto, which is faster here than where the mark was set, borrows.",
        )
}

pub(crate) fn structures() -> Row {
    row("c", "FETCH of BODYSTRUCTURE, 5 parts", &Rc::new(input::structures()))
        .mark("parsed", Than::Borrowed, 3.0)
        .mark("parsed", Than::Owned, 5.0)
        .because(
            "of 8,900 instructions 3,000 are the fields of parts and their parameters, 1,400 their types, some 600 the \
             allocations; the rest are many small rules, through which the 88 octets of a part are \
             handed on in memory.",
        )
}

pub(crate) fn mailboxes() -> Row {
    row("e", "LIST", &Rc::new(input::mailboxes())).mark("parsed", Than::Borrowed, 4.0).because(
        "the value is a box (7 ns), and its name holds the read block (12 ns), which together are almost half of it; \
         imap-proto, which is faster here than where the mark was set, allocates a list and borrows the name.",
    )
}

pub(crate) fn statuses() -> Row {
    row("g", "status lines, CAPABILITY", &Rc::new(input::statuses()))
        .mark("parsed", Than::Borrowed, 3.0)
        .because(
            "a status is a box (7 ns) with a text that holds the read block (12 ns); the mark \
             would need each in less than 30 ns. Capabilities are recognised, where imap-proto keeps their names, and \
             are four times as fast all the same. Without the box it was slower: a wide value is moved too often.",
        )
}

pub(crate) fn exists() -> Row {
    row("g2", "`* n EXISTS`", &Rc::new(input::exists()))
        .mark("parsed", Than::Borrowed, 2.0)
        .because("the value is moved twice, out of a rule and out of a result; it allocates nothing and holds nothing.")
}

/// SEARCH of 64,000 messages: an item is a number.
pub(crate) fn search() -> Row {
    let units = Rc::new(input::search());
    let [pieces, fragments, again] = [(); 3].map(|()| units.block().clone());
    let mut row = row("f", "SEARCH of 64,000, a number", &units)
        .ours("in 1,460 B pieces", move || {
            assert_eq!(framed(pieces.chunks(1460)), 1);
        })
        .borrowed("imap-codec, Fragmentizer, 1,460 B pieces", move || {
            let mut fragmentizer = Fragmentizer::without_max_message_size();
            for piece in black_box(&fragments).chunks(1460) {
                fragmentizer.enqueue_bytes(piece);
                while !fragmentizer.is_message_complete() && fragmentizer.progress().is_some() {}
            }
            black_box(fragmentizer.decode_message(&ResponseCodec::default()).unwrap());
        })
        .borrowed("imap-codec, parsed again with each 1,460 B piece", move || {
            let (mut read, codec) = (Vec::new(), ResponseCodec::default());
            for piece in black_box(&again).chunks(1460) {
                read.extend_from_slice(piece);
                black_box(codec.decode(&read)).ok();
            }
        })
        .mark("parsed", Than::Borrowed, 2.3)
        .mark("in 1,460 B pieces", Than::Named("framed, parsed"), 1.0 / 1.2)
        .because(
            "eight digits are read at once, but where the next number begins is known only then: some 14 cycles, one \
             behind the other.",
        );
    row.items = 64_000;
    row
}

/// A row with those whom every response has.
fn row(id: &'static str, work: &'static str, units: &Rc<Units>) -> Row {
    for unit in units.each() {
        meaning::assert_same(unit);
    }
    let [parsed, whole, borrowed, owned, codec, codec_owned, limit] = [(); 7].map(|()| Rc::clone(units));
    let count = units.len();
    assert_eq!(framed([&whole.block()[..]]), count);
    Row::new(id, work, count, units.block().len())
        .ours("parsed", move || {
            let dialect = Dialect::default();
            for unit in parsed.each() {
                black_box(Response::parse(black_box(unit), &dialect, &mut Deviations::new()).unwrap());
            }
        })
        .ours("framed, parsed", move || {
            framed([&whole.block()[..]]);
        })
        .borrowed("imap-proto", move || {
            for unit in borrowed.each() {
                black_box(peer::Response::parse(black_box(unit)).unwrap());
            }
        })
        .owned("imap-proto, into_owned", move || {
            for unit in owned.each() {
                black_box(peer::Response::parse(black_box(unit)).unwrap().1.into_owned());
            }
        })
        .borrowed("imap-codec", move || {
            let decoder = ResponseCodec::default();
            for unit in codec.each() {
                black_box(decoder.decode(black_box(unit)).unwrap());
            }
        })
        .owned("imap-codec, into_static", move || {
            let decoder = ResponseCodec::default();
            for unit in codec_owned.each() {
                black_box(decoder.decode(black_box(unit)).unwrap().1.into_static());
            }
        })
        .limit("memchr for the line ends", move || {
            black_box(memchr::memchr_iter(b'\n', black_box(limit.block())).count());
        })
}

/// Fills an input with these pieces, frames it, and parses the units. The time of filling is counted.
fn framed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> usize {
    let (mut framer, mut input, mut units) = (Framer::new(Rules::client()), BytesMut::new(), 0);
    let dialect = Dialect::default();
    for piece in pieces {
        input.extend_from_slice(black_box(piece));
        while let Ok(Framed::End(end)) = framer.next(&mut input) {
            let unit: Bytes = input.split_to(end).freeze();
            black_box(Response::parse(&unit, &dialect, &mut Deviations::new()).unwrap());
            units += 1;
        }
    }
    units
}
