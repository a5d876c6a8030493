//! Payload is never copied: it leaves as slices of the block it came in.
use bytes::{Buf, Bytes, BytesMut};
use mail_wire::{
    Counted, Mark, Outbox, Output, Upload,
    dot::{Bare, DotDecoder, DotEncoder, Dotted, Outgoing},
};
use std::ops::Range;
use test_support::heap::{self, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

fn addresses(block: &[u8]) -> Range<usize> {
    let start = block.as_ptr() as usize;
    start..start + block.len()
}

/// A mail of long lines, some of which start with a dot.
fn mail() -> Vec<u8> {
    let line = b".a line that starts with a dot and has as many octets as lines of mail have, about\r\n";
    let plain = b"a line that starts with none, and is as long as lines of mail are on the whole\r\n";
    [&line[..], plain, plain].concat().repeat(200)
}

/// How many octets of what is queued lie within `block`.
fn shared(outbox: &mut Outbox, block: &Range<usize>) -> usize {
    let (mut shared, transmit) = (0, outbox.transmit());
    while transmit.has_remaining() {
        let chunk = transmit.chunk();
        let octets = chunk.len();
        if block.contains(&(chunk.as_ptr() as usize)) {
            shared += octets;
        }
        transmit.advance(octets);
    }
    shared
}

#[test]
fn a_received_message_is_slices_of_the_read_block() {
    for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
        let mut input = BytesMut::from(&[&mail()[..], b".\r\n"].concat()[..]);
        let block = addresses(&input);
        let (mut decoder, mut octets) = (DotDecoder::new(bare), 0);
        loop {
            match decoder.next(&mut input) {
                Dotted::Payload(piece) => {
                    let at = addresses(&piece);
                    assert!(
                        block.contains(&at.start) && at.end <= block.end,
                        "a copy of {} octets",
                        piece.len()
                    );
                    octets += piece.len();
                }
                Dotted::End => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(octets, mail().len() - 200);
    }
}

#[test]
fn a_counted_message_is_slices_of_the_read_block() {
    let mut input = BytesMut::from(&mail()[..]);
    let block = addresses(&input);
    let mut counted = Counted::new(1000);
    let piece = counted.next(&mut input).expect("it is there");
    assert_eq!(addresses(&piece), block.start..block.start + 1000);
    assert_eq!(input.as_ptr() as usize, block.start + 1000, "what stands behind it is not moved");
}

#[test]
fn a_sent_message_is_slices_of_the_callers_own_chunks() {
    for bare in [Outgoing::Refuse, Outgoing::Normalise] {
        let chunk = Bytes::from(mail());
        let (octets, block) = (chunk.len(), addresses(&chunk));
        let (mut encoder, mut outbox) = (DotEncoder::new(bare), Outbox::default());
        encoder.write(chunk, &mut outbox).expect("clean");
        assert_eq!(outbox.unsent(), octets + 200, "one octet a stuffed dot");
        assert_eq!(shared(&mut outbox, &block), octets);
    }
}

#[test]
fn an_upload_is_slices_of_the_callers_own_chunks() {
    let mark = Mark::default();
    let chunk = Bytes::from(mail());
    let (octets, block) = (chunk.len(), addresses(&chunk));
    for mut upload in [Upload::dotted(&mark, Outgoing::Refuse), Upload::sized(&mark, octets as u64)] {
        let mut outbox = Outbox::default();
        upload.write(&mark, &mut outbox, 1, chunk.clone()).expect("nothing waits yet");
        assert_eq!(shared(&mut outbox, &block), octets);
        upload.finish(&mark, &mut outbox).expect("complete");
    }
}

#[test]
fn a_piece_of_a_large_message_costs_no_heap_to_receive() {
    let block = [&vec![b'x'; 78][..], b"\r\n"].concat().repeat(1000);
    let (mut decoder, mut octets) = (DotDecoder::new(Bare::Reject), 0);
    let mut input = BytesMut::from(&block[..]);
    let (used, ()) = heap::measure(|| {
        while let Dotted::Payload(piece) = decoder.next(&mut input) {
            octets += piece.len();
        }
    });
    assert_eq!(octets, block.len());
    assert!(used.allocations <= 1, "{used:?}");
    assert!(used.peak <= 100, "{used:?}");
}

#[test]
fn a_message_of_short_dotted_lines_does_not_swell_in_the_output_queue() {
    // The longest lines that are copied, and the shortest that are not.
    for line in [2, 50, 100, 126, 127, 200] {
        let chunk = Bytes::from([&vec![b'.'; line][..], b"\r\n"].concat().repeat(1000));
        let octets = chunk.len();
        let (mut encoder, mut outbox) = (DotEncoder::new(Outgoing::Refuse), Outbox::default());
        let (used, result) = heap::measure(|| encoder.write(chunk, &mut outbox));
        result.expect("clean");
        assert_eq!(outbox.unsent(), octets + 1000);

        assert!(used.peak <= 4 * octets, "lines of {line}: {octets} octets of payload hold {used:?}");
    }
}

#[test]
fn a_message_of_lone_dots_does_not_swell_in_the_output_queue() {
    let chunk = Bytes::from(b".\r\n".repeat(20_000));
    let octets = chunk.len();
    let (mut encoder, mut outbox) = (DotEncoder::new(Outgoing::Refuse), Outbox::default());
    let (used, result) = heap::measure(|| encoder.write(chunk, &mut outbox));
    result.expect("clean");
    assert_eq!(outbox.unsent(), octets / 3 * 4);

    assert!(used.peak <= 4 * octets, "{octets} octets of payload hold {used:?}");
    assert!(used.allocations <= 1000, "{octets} octets of payload ask for memory that often: {used:?}");
}

#[test]
fn a_session_that_has_sent_a_lot_and_is_idle_gives_the_heap_back() {
    let chunk = Bytes::from(b".\r\n".repeat(20_000));
    let mut outbox = Outbox::default();
    let (used, ()) = heap::measure(|| {
        for _ in 0..1000 {
            outbox.share(Bytes::from(vec![0; 1000]));
        }
        DotEncoder::new(Outgoing::Refuse).write(chunk.clone(), &mut outbox).expect("clean");
        // Socket writes end where they like.
        while outbox.transmit().has_remaining() {
            let octets = outbox.transmit().chunk().len().min(1460);
            outbox.transmit().advance(octets);
        }
    });
    assert!(used.kept <= 2048, "idle, and it holds {used:?}");
}

#[test]
fn short_replies_one_after_the_other_ask_for_memory_once() {
    let mut outbox = Outbox::default();
    let (used, ()) = heap::measure(|| {
        for _ in 0..1000 {
            outbox.text(b"250 2.1.0 sender ok\r\n");
            outbox.transmit().advance(21);
        }
    });
    assert!(used.allocations <= 3 && used.peak < 200, "{used:?}");
}
