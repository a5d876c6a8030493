//! Commands: row h.
use crate::contest::{Row, Than};
use benches::imap as input;
use bytes::{Bytes, BytesMut};
use imap_codec::{
    CommandCodec,
    decode::Decoder,
    encode::Encoder,
    fragmentizer::Fragmentizer,
    imap_types::{IntoStatic, command::CommandBody},
};
use imap_proto::{
    Append, Command, Deviations, Dialect, Tag,
    frame::{Framed, Framer, Last, NonSynchronising, Rules},
};
use std::{hint::black_box, rc::Rc};

/// Commands as clients mix them.
pub(crate) fn mix() -> Row {
    let units = Rc::new(input::commands());
    let lines = units.lines();
    for (unit, line) in units.each().iter().zip(&lines) {
        let (rest, codec) = CommandCodec::default().decode(unit).unwrap();
        assert!(rest.is_empty());
        let mut written = CommandCodec::default().encode(&codec).dump();
        written.truncate(written.len() - 2);
        assert_eq!(ours(&Bytes::from(written)), ours(line), "imap-codec");
    }
    assert_eq!(framed(units.block()), units.len());
    let [whole, codec, owned] = [(); 3].map(|()| Rc::clone(&units));
    Row::new("h", "commands as clients mix them", units.len(), units.block().len())
        .ours("parsed", move || {
            for line in &lines {
                black_box(ours(black_box(line)));
            }
        })
        .ours("framed, parsed", move || framed(whole.block()))
        .borrowed("imap-codec", move || {
            let decoder = CommandCodec::default();
            for unit in codec.each() {
                black_box(decoder.decode(black_box(unit)).unwrap());
            }
        })
        .owned("imap-codec, into_static", move || {
            let decoder = CommandCodec::default();
            for unit in owned.each() {
                black_box(decoder.decode(black_box(unit)).unwrap().1.into_static());
            }
        })
        .mark("parsed", Than::Borrowed, 4.0)
        .because(
            "the mix has a LOGIN, whose password is copied to be wiped, a FETCH of seven items, which takes a quarter of \
             the time, and a SEARCH, with lists on the heap; a mailbox holds the read block (12 ns). A NOOP with its tag \
             is 25 ns, and 104 octets of both are moved. Names are a sixth of the instructions, eight octets at once. \
             The mark was set with another mix, of which the peer's share was 524 ns.",
        )
}

const LARGE: usize = 10_000_000;

/// APPEND of 10 MB.
pub(crate) fn append() -> Row {
    let unit = input::append(LARGE);
    assert_eq!(streamed(&unit, 16 << 10), LARGE);
    assert_eq!(fragmented(&unit, 16 << 10), LARGE);
    let [a, b, c, d, e] = [(); 5].map(|()| unit.clone());
    Row::new("h2", "APPEND of 10 MB in pieces", 1, unit.len())
        .ours("streamed, 16 KiB pieces", move || streamed(&a, 16 << 10))
        .ours("streamed, 1,460 B pieces", move || streamed(&b, 1460))
        .owned("imap-codec, Fragmentizer, 16 KiB pieces", move || fragmented(&c, 16 << 10))
        .owned("imap-codec, Fragmentizer, 1,460 B pieces", move || fragmented(&d, 1460))
        .limit("memcpy of 16 KiB pieces", move || {
            let mut all = Vec::with_capacity(e.len());
            black_box(&e).chunks(16 << 10).for_each(|piece| all.extend_from_slice(piece));
            black_box(all);
        })
        .mark("streamed, 16 KiB pieces", Than::Named("memcpy of 16 KiB pieces"), 1.0)
        .mark("streamed, 16 KiB pieces", Than::Owned, 4.0)
}

fn ours(line: &Bytes) -> (Tag, Command) {
    Command::parse(line, &Dialect::default(), &mut Deviations::new()).unwrap()
}

/// Fills an input, frames it, and parses the commands. The time of filling is counted.
fn framed(block: &Bytes) -> usize {
    let (mut framer, mut input, mut units) = (Framer::new(Rules::server()), BytesMut::new(), 0);
    input.extend_from_slice(black_box(block));
    while let Ok(Framed::End(end)) = framer.next(&mut input) {
        let mut unit = input.split_to(end).freeze();
        unit.truncate(end - 2);
        black_box(ours(&unit));
        units += 1;
    }
    units
}

fn streamed(unit: &Bytes, size: usize) -> usize {
    let mut rules = Rules::server();
    rules.non_synchronising = NonSynchronising::Plus;
    let (mut framer, mut input) = (Framer::new(rules), BytesMut::with_capacity(size + 64));
    let (dialect, mut streamed) = (Dialect::default(), 0);
    for piece in black_box(unit).chunks(size) {
        input.extend_from_slice(piece);
        loop {
            match framer.next(&mut input).unwrap() {
                Framed::Large(..) => {
                    let head = framer.take(&mut input);
                    black_box(Append::parse_head(&head, &dialect, &mut Deviations::new()).unwrap());
                    framer.stream(&mut input);
                }
                Framed::Payload(octets, Last::Yes | Last::No) => streamed += black_box(octets).len(),
                Framed::End(end) => drop(input.split_to(end)),
                _ => break,
            }
        }
    }
    streamed
}

fn fragmented(unit: &Bytes, size: usize) -> usize {
    let mut fragmentizer = Fragmentizer::without_max_message_size();
    for piece in black_box(unit).chunks(size) {
        fragmentizer.enqueue_bytes(piece);
        while !fragmentizer.is_message_complete() && fragmentizer.progress().is_some() {}
    }
    let command = fragmentizer.decode_message(&CommandCodec::default()).unwrap().into_static();
    let CommandBody::Append { message, .. } = command.body else { panic!("no APPEND") };
    use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
    match message {
        LiteralOrLiteral8::Literal(literal) => literal.as_ref().len(),
        LiteralOrLiteral8::Literal8(_) => panic!("no literal8 was sent"),
    }
}
