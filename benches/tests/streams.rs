//! What streams costs memory for its read block alone, and is looked at once, however it is cut.
#![expect(clippy::unwrap_used, reason = "what cannot go on should fail")]
use benches::{imap, pop3, smtp};
use bytes::{Bytes, BytesMut};
use imap_proto::frame::{Framed, Framer, NonSynchronising, Rules};
use mail_wire::{
    dot::{Bare, DotDecoder, Dotted},
    line::{self, LineEnding, LineFramer},
};
use test_support::heap::{self, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

const LARGE: usize = 10_000_000;
/// Read blocks: an octet (of a smaller whole), a packet, a large block.
const PIECES: [usize; 2] = [1460, 16 << 10];

/// Frames it, streams what is large. Returns the octets that streamed, and those that were looked at.
fn frame(rules: Rules, wire: &Bytes, size: usize) -> (usize, u64) {
    let (mut framer, mut input, mut streamed) = (Framer::new(rules), BytesMut::new(), 0);
    for piece in wire.chunks(size) {
        input.extend_from_slice(piece);
        loop {
            match framer.next(&mut input).unwrap() {
                Framed::Large(..) => framer.stream(&mut input),
                Framed::Payload(octets, _) => streamed += octets.len(),
                Framed::End(end) => drop(input.split_to(end)),
                Framed::Need(_) => break,
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(input.is_empty());
    (streamed, framer.examined())
}

fn plus() -> Rules {
    Rules { non_synchronising: NonSynchronising::Plus, ..Rules::server() }
}

#[test]
fn a_literal_of_10_mb_streams_in_less_than_64_kib() {
    for (rules, wire) in [(Rules::client(), imap::literal(LARGE)), (plus(), imap::append(LARGE))] {
        for size in PIECES {
            let (peak, (streamed, _)) = heap::peak(|| frame(rules, &wire, size));
            assert_eq!(streamed, LARGE);
            assert!(peak < 64 << 10, "{peak} octets with pieces of {size}");
        }
    }
}

#[test]
fn octets_of_text_are_looked_at_three_times_at_most_however_they_are_cut() {
    for wire in [imap::flags().block().clone(), imap::search().block().clone(), imap::literals()] {
        let (_, whole) = frame(Rules::client(), &wire, wire.len());
        assert!(whole <= 3 * wire.len() as u64);
        // One octet at a time too: but not all of a megabyte, in a build that is not optimised.
        for size in [7, 1460, 16 << 10] {
            assert_eq!(frame(Rules::client(), &wire, size).1, whole, "pieces of {size}");
        }
    }
    let small = imap::literal(3000);
    assert_eq!(frame(Rules::client(), &small, 1).1, frame(Rules::client(), &small, small.len()).1);
}

#[test]
fn lines_are_looked_at_once_however_they_are_cut() {
    for units in [pop3::scan_listing(), pop3::unique_id_listing(), smtp::commands()] {
        for size in [1, 1460, units.block().len()] {
            let (mut framer, mut input) = (LineFramer::new(512, LineEnding::Crlf), BytesMut::new());
            let mut lines = 0;
            for piece in units.block().chunks(size) {
                input.extend_from_slice(piece);
                while let line::Framed::Line(_) = framer.next(&mut input) {
                    lines += 1;
                }
            }
            assert_eq!((lines, framer.examined()), (units.len(), units.block().len() as u64));
        }
    }
}

#[test]
fn a_listing_in_pieces_takes_constant_memory() {
    let units = pop3::scan_listing();
    let peak = |copies: usize| {
        let (peak, ()) = heap::peak(|| {
            let (mut framer, mut input) = (LineFramer::new(512, LineEnding::Crlf), BytesMut::new());
            for _ in 0..copies {
                for piece in units.block().chunks(1460) {
                    input.extend_from_slice(piece);
                    while let line::Framed::Line(_) = framer.next(&mut input) {}
                }
            }
        });
        peak
    };
    assert!(peak(1) < 16 << 10, "{}", peak(1));
    assert_eq!(peak(10), peak(1));
}

#[test]
fn payload_is_decoded_alike_and_in_less_than_64_kib_however_it_is_cut() {
    for message in [smtp::text(), smtp::dotted_lines(), smtp::dots()] {
        let wire = smtp::stuffed(&message);
        for size in PIECES {
            let (peak, octets) = heap::peak(|| {
                let (mut decoder, mut input) = (DotDecoder::new(Bare::Reject), BytesMut::new());
                let mut octets = 0;
                for piece in wire.chunks(size) {
                    input.extend_from_slice(piece);
                    while let Dotted::Payload(piece) = decoder.next(&mut input) {
                        octets += piece.len();
                    }
                }
                octets
            });
            assert_eq!(octets, message.len());
            assert!(peak < 64 << 10, "{peak} octets with pieces of {size}");
        }
    }
}
