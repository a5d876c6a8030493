//! What framing costs.
use bytes::BytesMut;
use imap_proto::frame::{Framed, Framer, Last, NonSynchronising, Rules};
use test_support::heap;

const PIECES: [usize; 3] = [1, 1460, usize::MAX];

/// Feeds a stream, takes units, refuses what is broken; how many units there were, and octets examined.
fn examined(rules: Rules, stream: &[u8], piece: usize) -> (usize, u64) {
    let (mut framer, mut input, mut units) = (Framer::new(rules), BytesMut::new(), 0);
    for piece in stream.chunks(piece.min(stream.len())) {
        input.extend_from_slice(piece);
        loop {
            match framer.next(&mut input).expect("within the limits") {
                Framed::Need(_) => break,
                Framed::End(n) => {
                    drop(input.split_to(n));
                    units += 1;
                }
                Framed::Large(..) => framer.inline().expect("within the limits"),
                Framed::Broken(..) => framer.refuse(&mut input),
                Framed::Refused => units += 1,
                Framed::Waits(_) | Framed::Payload(..) => {}
            }
        }
    }
    (units, framer.examined())
}

#[test]
fn a_line_of_a_million_octets_is_looked_at_once() {
    let stream = [b"* SEARCH ", &vec![b'7'; 1 << 20][..], b"\r\n"].concat();
    for piece in PIECES {
        let (units, octets) = examined(Rules::client(), &stream, piece);
        assert_eq!(units, 1);
        // Once for its end, once for strays, and once for what kind of line it is.
        assert_eq!(octets, 3 * stream.len() as u64 - 4, "in pieces of {piece}");
    }
}

#[test]
fn a_literal_is_not_looked_at() {
    let stream = [b"* X {1048576}\r\n", &vec![b'\n'; 1 << 20][..], b"\r\n"].concat();
    for piece in PIECES {
        let (units, octets) = examined(Rules::client(), &stream, piece);
        assert_eq!(units, 1);
        assert!(octets < 50, "{octets} in pieces of {piece}");
    }
}

#[test]
fn a_unit_of_very_many_literals_is_linear() {
    for literal in [&b" {0}\r\n"[..], b" {2}\r\n]]", b" ~{1+}\r\n\n", b" {5}\r\n{5}\r\n"] {
        for start in [&b"* X"[..], b"* OK [X", b"a X"] {
            let stream = [start, &literal.repeat(50_000), b"\r\n"].concat();
            let mut rules = if start[0] == b'a' { Rules::server() } else { Rules::client() };
            (rules.limits.text, rules.limits.unit) = (1 << 20, 1 << 20);
            rules.non_synchronising = NonSynchronising::Plus;
            for inline in [0, 100] {
                rules.limits.inline = inline;
                for piece in PIECES {
                    let (units, octets) = examined(rules, &stream, piece);
                    assert_eq!(units, 1);
                    assert!(octets <= 3 * stream.len() as u64, "{octets} of {}", stream.len());
                }
            }
        }
    }
}

#[test]
fn a_refused_unit_is_linear_too() {
    let streams = [
        [&vec![b'x'; 1 << 20][..], b"\r\n"].concat(),
        [&b"x\n".repeat(1 << 19)[..], b"\r\n"].concat(),
        [&b"\r".repeat(1 << 20)[..], b"\r\n"].concat(),
        [&b" {1+}\r\n\n".repeat(1 << 17)[..], b"\r\n"].concat(),
        [&b"* OK [".repeat(1 << 17)[..], b"\r\n"].concat(),
    ];
    for stream in streams {
        for mut rules in [Rules::server(), Rules::client()] {
            rules.limits.text = 1000;
            for piece in PIECES {
                let (units, octets) = examined(rules, &stream, piece);
                assert_eq!(units, 1, "{}", stream[..10].escape_ascii());
                assert!(octets <= 3 * stream.len() as u64, "{octets} of {}", stream.len());
            }
        }
    }
}

#[test]
fn ten_megabytes_stream_through_a_read_block() {
    const LEN: usize = 10 << 20;
    let head = format!("* 1 FETCH (BODY[] {{{LEN}}}\r\n");
    let block = [b'x'; 1 << 13];
    let (used, octets) = heap::measure(|| {
        let mut framer = Framer::new(Rules::client());
        let mut input = BytesMut::with_capacity(16 << 10);
        input.extend_from_slice(head.as_bytes());
        let (mut fed, mut octets, mut last) = (0, 0, Last::No);
        loop {
            match framer.next(&mut input).expect("within the limits") {
                Framed::Need(_) if fed < LEN => {
                    let piece = block.len().min(LEN - fed);
                    input.extend_from_slice(&block[..piece]);
                    fed += piece;
                }
                Framed::Need(_) if last == Last::Yes => break,
                Framed::Large(..) => framer.stream(&mut input),
                Framed::Payload(piece, is_last) => {
                    octets += piece.len();
                    last = is_last;
                }
                found => panic!("{found:?}"),
            }
        }
        octets
    });
    assert_eq!(octets, LEN);
    assert!(used.peak < 64 << 10, "{used:?}");
    println!("10 MiB streamed: {used:?}");
}

#[test]
fn payload_is_a_slice_of_the_read_block() {
    let mut input = BytesMut::from(&b"* 1 FETCH (BODY[] {10}\r\n0123456789)\r\n"[..]);
    let block = input.as_ptr() as usize;
    let mut rules = Rules::client();
    rules.limits.inline = 0;
    let mut framer = Framer::new(rules);
    assert!(matches!(framer.next(&mut input), Ok(Framed::Large(24, _))));
    let head = framer.take(&mut input);
    framer.stream(&mut input);
    let Ok(Framed::Payload(piece, Last::Yes)) = framer.next(&mut input) else { panic!("a payload") };
    assert_eq!((head.as_ptr() as usize, piece.as_ptr() as usize), (block, block + 24));
}

#[test]
fn a_swallowed_unit_holds_nothing() {
    let mut rules = Rules::server();
    rules.limits.text = 1000;
    let (used, ()) = heap::measure(|| {
        let (mut framer, mut input) = (Framer::new(rules), BytesMut::with_capacity(4096));
        for _ in 0..5000 {
            input.extend_from_slice(&[b'x'; 1000]);
            loop {
                match framer.next(&mut input).expect("within the limits") {
                    Framed::Broken(..) => framer.refuse(&mut input),
                    Framed::Need(_) => break,
                    found => panic!("{found:?}"),
                }
            }
            assert!(input.len() <= 2000);
        }
    });
    assert!(used.peak <= 8192, "{used:?}");
    println!("a framer: {} octets; 5 MB swallowed: {used:?}", size_of::<Framer>());
}
