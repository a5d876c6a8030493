//! Large literals: rows d and d5.
use crate::contest::{Row, Than};
use benches::imap as input;
use bytes::{Bytes, BytesMut};
use imap_codec::{ResponseCodec, decode::Decoder, fragmentizer::Fragmentizer, imap_types::IntoStatic};
use imap_proto::{
    Deviations, Dialect, Tail,
    frame::{Framed, Framer, Last, Rules},
    response::{Fetch, FetchItem, FetchSink, Response},
};
use peer_imap_proto as peer;
use std::hint::black_box;

const LARGE: usize = 10_000_000;

/// One literal of 10 MB.
pub(crate) fn large() -> Row {
    let unit = input::literal(LARGE);
    assert_eq!(streamed(&unit, 16 << 10), LARGE);
    assert_eq!(streamed(&unit, 1460), LARGE);
    assert_eq!(held(&unit, 16 << 10, 16 << 20), LARGE);
    assert_eq!(fragmented(&unit, 16 << 10), LARGE);
    assert_eq!(proto_octets(&unit), LARGE);
    let [a, b, c, d, e, f, g, h, i] = [(); 9].map(|()| unit.clone());
    Row::new("d", "a literal of 10 MB in pieces", 1, unit.len())
        .ours("streamed, 16 KiB pieces", move || streamed(&a, 16 << 10))
        .ours("streamed, 1,460 B pieces", move || streamed(&b, 1460))
        .ours("held, 16 KiB pieces", move || held(&c, 16 << 10, 16 << 20))
        .ours("held, 1,460 B pieces", move || held(&d, 1460, 16 << 20))
        .borrowed("imap-proto, collected and parsed once, 16 KiB pieces", move || {
            let read = collected(&e, 16 << 10);
            black_box(peer::Response::parse(&read).unwrap());
        })
        .owned("imap-codec, Fragmentizer, 16 KiB pieces", move || fragmented(&f, 16 << 10))
        .owned("imap-codec, Fragmentizer, 1,460 B pieces", move || fragmented(&g, 1460))
        .limit("memcpy of 16 KiB pieces", move || collected(&h, 16 << 10))
        .limit("memcpy of 1,460 B pieces", move || collected(&i, 1460))
        .mark("streamed, 16 KiB pieces", Than::Named("memcpy of 16 KiB pieces"), 1.0)
        .mark("held, 16 KiB pieces", Than::Named("memcpy of 16 KiB pieces"), 1.0 / 1.2)
        .mark("held, 1,460 B pieces", Than::Named("memcpy of 1,460 B pieces"), 1.0 / 1.2)
        .mark("streamed, 16 KiB pieces", Than::Owned, 3.0)
        .because(
            "the limit's buffer has its room from the start; the read buffer grows once the length is known.",
        )
}

/// 200 literals of 5 KB in one FETCH.
pub(crate) fn many() -> Row {
    let unit = input::literals();
    assert_eq!(held(&unit, 1460, 64 << 10), 200 * 5000);
    assert_eq!(fragmented(&unit, 1460), 200 * 5000);
    let [a, b, c, d] = [(); 4].map(|()| unit.clone());
    Row::new("d5", "200 literals of 5 KB in one FETCH, 1,460 B pieces", 1, unit.len())
        .ours("held", move || held(&a, 1460, 64 << 10))
        .owned("imap-codec, Fragmentizer", move || fragmented(&b, 1460))
        .borrowed("imap-codec, parsed again with each piece", move || {
            let (mut read, codec) = (Vec::new(), ResponseCodec::default());
            for piece in black_box(&c).chunks(1460) {
                read.extend_from_slice(piece);
                black_box(codec.decode(&read)).ok();
            }
        })
        .limit("memcpy of the pieces", move || collected(&d, 1460))
        .mark("held", Than::Owned, 5.0)
}

/// Counts the octets of the literals.
struct Octets(usize);

impl FetchSink for Octets {
    fn item(&mut self, item: FetchItem) {
        if let FetchItem::Content(content) = item {
            if let imap_proto::response::Payload::Whole(octets) = &content.payload {
                self.0 += octets.len();
            }
        }
    }
}

/// Streams literals of more than 64 KiB, as a client session does: its read block is all that is held.
fn streamed(unit: &Bytes, size: usize) -> usize {
    let (mut framer, mut input) = (Framer::new(Rules::client()), BytesMut::with_capacity(size + 64));
    let (dialect, mut streamed, mut rest) = (Dialect::default(), 0, false);
    for piece in black_box(unit).chunks(size) {
        input.extend_from_slice(piece);
        loop {
            let mut sink = Octets(0);
            match framer.next(&mut input).unwrap() {
                Framed::Large(..) => {
                    let head = framer.take(&mut input);
                    Fetch::parse_head(&head, &dialect, &mut Deviations::new(), &mut sink).unwrap();
                    framer.stream(&mut input);
                }
                Framed::Payload(octets, last) => {
                    streamed += black_box(octets).len();
                    rest = last == Last::Yes;
                }
                Framed::End(end) => {
                    assert!(rest);
                    let text = input.split_to(end).freeze();
                    Fetch::parse_rest(&text, Tail::End, &dialect, &mut Deviations::new(), &mut sink).unwrap();
                }
                _ => break,
            }
        }
    }
    streamed
}

/// Holds literals of up to `inline` octets, with the room that the framer asks for.
fn held(unit: &Bytes, size: usize, inline: u64) -> usize {
    let (mut framer, mut input) = (Framer::new(Rules::client()), BytesMut::new());
    framer.limits_mut().inline = inline;
    let mut found = Octets(0);
    for piece in black_box(unit).chunks(size) {
        input.extend_from_slice(piece);
        match framer.next(&mut input).unwrap() {
            Framed::Need(hint) => input.reserve(hint),
            Framed::End(end) => {
                let unit = input.split_to(end).freeze();
                let dialect = Dialect::default();
                Response::parse_into(&unit, &dialect, &mut Deviations::new(), &mut found).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
    found.0
}

/// As imap-codec says that it should be done.
fn fragmented(unit: &Bytes, size: usize) -> usize {
    let mut fragmentizer = Fragmentizer::without_max_message_size();
    for piece in black_box(unit).chunks(size) {
        fragmentizer.enqueue_bytes(piece);
        while !fragmentizer.is_message_complete() && fragmentizer.progress().is_some() {}
    }
    assert!(fragmentizer.is_message_complete());
    let response = fragmentizer.decode_message(&ResponseCodec::default()).unwrap().into_static();
    codec_octets(&response)
}

fn codec_octets(response: &imap_codec::imap_types::response::Response<'_>) -> usize {
    use imap_codec::imap_types::{
        fetch::MessageDataItem,
        response::{Data, Response},
    };
    let Response::Data(Data::Fetch { items, .. }) = response else { panic!("no FETCH") };
    let octets = items.as_ref().iter().map(|item| match item {
        MessageDataItem::BodyExt { data, .. } => data.0.as_ref().map_or(0, |data| data.as_ref().len()),
        _ => 0,
    });
    octets.sum()
}

fn proto_octets(unit: &Bytes) -> usize {
    let (_, peer::Response::Fetch(_, items)) = peer::Response::parse(unit).unwrap() else {
        panic!("no FETCH")
    };
    let octets = items.iter().map(|item| match item {
        peer::AttributeValue::BodySection { data, .. } => data.as_ref().map_or(0, |data| data.len()),
        _ => 0,
    });
    octets.sum()
}

/// All pieces in one buffer that has the room from the start.
fn collected(unit: &Bytes, size: usize) -> Vec<u8> {
    let mut all = Vec::with_capacity(unit.len());
    black_box(unit).chunks(size).for_each(|piece| all.extend_from_slice(piece));
    all
}
