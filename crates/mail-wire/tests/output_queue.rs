//! What is written to the peer is what was queued, in order, and nothing behind a hold.
use bytes::{Buf, Bytes};
use mail_wire::{Outbox, Output};
use proptest::prelude::*;
use std::{collections::VecDeque, io::IoSlice};

#[derive(Debug, Clone)]
enum Op {
    Text(Vec<u8>),
    Share(Vec<u8>),
    Hold,
    EndHeld,
    Release,
    Discard,
    /// Writes so many 256ths of what is ready.
    Advance(u8),
}

/// The queue octet by octet.
#[derive(Debug, Default)]
struct Model(VecDeque<Cell>);

#[derive(Debug, PartialEq, Eq)]
enum Cell {
    Octet(u8),
    Hold,
    EndHeld,
}

impl Model {
    fn ready(&self) -> Vec<u8> {
        let before = self.0.iter().take_while(|cell| **cell != Cell::Hold);
        before.filter_map(Self::octet).collect()
    }

    fn unsent(&self) -> usize {
        self.0.iter().filter_map(Self::octet).count()
    }

    fn octet(cell: &Cell) -> Option<u8> {
        if let Cell::Octet(octet) = cell { Some(*octet) } else { None }
    }

    fn first_hold(&self) -> Option<usize> {
        self.0.iter().position(|cell| *cell == Cell::Hold)
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::Text(octets) | Op::Share(octets) => self.0.extend(octets.iter().copied().map(Cell::Octet)),
            Op::Hold => self.0.push_back(Cell::Hold),
            Op::EndHeld => self.0.push_back(Cell::EndHeld),
            Op::Release => {
                if let Some(hold) = self.first_hold() {
                    self.0.remove(hold);
                }
            }
            Op::Discard => {
                if let Some(hold) = self.first_hold() {
                    let end = self.0.iter().skip(hold).position(|cell| *cell == Cell::EndHeld);
                    self.0.drain(hold..end.map_or(self.0.len(), |end| hold + end + 1));
                }
            }
            Op::Advance(part) => {
                let mut octets = written(self.ready().len(), *part);
                while octets > 0 {
                    octets -= usize::from(matches!(self.0.pop_front(), Some(Cell::Octet(_))));
                }
            }
        }
    }
}

fn written(ready: usize, part: u8) -> usize {
    ready * (usize::from(part) + 1) / 256
}

fn apply(outbox: &mut Outbox, op: Op) {
    match op {
        Op::Text(octets) => outbox.text(&octets),
        Op::Share(octets) => outbox.share(Bytes::from(octets)),
        Op::Hold => outbox.hold(),
        Op::EndHeld => outbox.end_held(),
        Op::Release => outbox.release(),
        Op::Discard => outbox.discard(),
        Op::Advance(part) => {
            let octets = written(outbox.transmit().remaining(), part);
            outbox.transmit().advance(octets);
        }
    }
}

fn check(outbox: &mut Outbox, model: &Model) {
    let ready = model.ready();
    assert_eq!(outbox.unsent(), model.unsent());
    let transmit = outbox.transmit();
    assert_eq!(transmit.unsent(), model.unsent());
    assert_eq!(transmit.remaining(), ready.len());
    assert_eq!(transmit.is_empty(), ready.is_empty());
    assert!(ready.starts_with(transmit.chunk()), "{:?}", transmit.chunk());
    assert_eq!(transmit.chunk().is_empty(), ready.is_empty(), "a chunk of nothing is the end of a `Buf`");
    for slots in [1, 3, 1000] {
        let mut slices = vec![IoSlice::new(b""); slots];
        let filled = transmit.chunks_vectored(&mut slices);
        let seen: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.iter().copied()).collect();
        assert!(slices[..filled].iter().all(|slice| !slice.is_empty()), "an empty slice");
        assert!(ready.starts_with(&seen), "{seen:?}");
        if filled < slots {
            assert_eq!(seen, ready, "a vectored write shows all that is ready");
        }
    }
}

/// Segments that are so short that they are copied, and longer ones.
fn segment() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![0_usize..8, 120_usize..300].prop_flat_map(|octets| prop::collection::vec(any::<u8>(), octets))
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..6).prop_map(Op::Text),
        4 => segment().prop_map(Op::Share),
        2 => Just(Op::Hold),
        2 => Just(Op::EndHeld),
        2 => Just(Op::Release),
        1 => Just(Op::Discard),
        4 => any::<u8>().prop_map(Op::Advance),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_does_what_a_row_of_octets_does(ops in prop::collection::vec(op(), 0..60)) {
        let (mut outbox, mut model) = (Outbox::default(), Model::default());
        for op in ops {
            model.apply(&op);
            apply(&mut outbox, op);
            check(&mut outbox, &model);
        }
        // At the end all holds are released and all is written.
        while model.first_hold().is_some() {
            model.apply(&Op::Release);
            outbox.release();
        }
        check(&mut outbox, &model);
        let all = outbox.transmit().remaining();
        prop_assert_eq!(&outbox.transmit().copy_to_bytes(all)[..], &model.ready());
        prop_assert_eq!(outbox.unsent(), 0);
    }
}

#[test]
fn a_refused_literal_takes_its_own_command_with_it_and_no_other() {
    let mut outbox = Outbox::default();
    outbox.text(b"a1 LOGIN {4}\r\n");
    outbox.hold();
    outbox.text(b"user {4}\r\n");
    outbox.hold();
    outbox.text(b"pass\r\n");
    outbox.end_held();
    outbox.text(b"a2 NOOP\r\n");
    outbox.text(b"a3 SELECT {5}\r\n");
    outbox.hold();
    outbox.text(b"INBOX\r\n");
    outbox.end_held();
    outbox.discard();
    let ready = outbox.transmit().remaining();
    assert_eq!(&outbox.transmit().copy_to_bytes(ready)[..], b"a1 LOGIN {4}\r\na2 NOOP\r\na3 SELECT {5}\r\n");
    outbox.release();
    let ready = outbox.transmit().remaining();
    assert_eq!(&outbox.transmit().copy_to_bytes(ready)[..], b"INBOX\r\n");
}

#[test]
#[should_panic(expected = "advanced past the octets that were ready")]
fn octets_behind_a_hold_cannot_be_taken_for_written() {
    let mut outbox = Outbox::default();
    outbox.text(b"ready");
    outbox.hold();
    outbox.text(b"held");
    outbox.transmit().advance(6);
}
