//! What values cost in allocations, on the octets that are measured.
#![expect(clippy::unwrap_used, reason = "what cannot go on should fail")]
use benches::{Units, imap, pop3, smtp};
use bytes::Bytes;
use imap_proto::{
    Deviations, Dialect,
    response::{FetchItem, FetchSink, Response},
};
use std::hint::black_box;
use test_support::heap::{self, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

struct Gone;

impl FetchSink for Gone {
    fn item(&mut self, item: FetchItem) {
        black_box(&item);
    }
}

/// The most that one of them takes.
fn most(units: &[Bytes], read: impl Fn(&Bytes)) -> usize {
    units.iter().map(|unit| heap::allocations(|| read(unit)).0).max().unwrap()
}

fn responses(units: &Units) -> usize {
    most(units.each(), |unit| {
        Response::parse(unit, &Dialect::default(), &mut Deviations::new()).unwrap();
    })
}

#[test]
fn responses_cost_few_allocations() {
    // A keyword that is no bit costs one more.
    assert_eq!(responses(&imap::exists()), 0);
    assert!(responses(&imap::flags()) <= 2);
    assert!(responses(&imap::mailboxes()) <= 1);
    assert!(responses(&imap::envelopes()) <= 4);
    assert!(responses(&imap::structures()) <= 6);
    assert!(responses(&imap::statuses()) <= 2, "{}", responses(&imap::statuses()));
}

#[test]
fn a_sink_costs_no_allocation_where_flags_are_bits() {
    for unit in imap::flags().each().iter().filter(|unit| !unit.contains(&b'$')) {
        let (count, found) = heap::allocations(|| {
            Response::parse_into(unit, &Dialect::default(), &mut Deviations::new(), &mut Gone)
        });
        found.unwrap();
        assert_eq!(count, 0, "{}", unit.escape_ascii());
    }
}

#[test]
fn a_number_of_a_search_costs_its_own_room() {
    let units = imap::search();
    let (used, found) = heap::measure(|| {
        Response::parse(&units.each()[0], &Dialect::default(), &mut Deviations::new()).unwrap()
    });
    // Four octets a number; growing doubles them, and holds both for a moment.
    assert!(used.peak <= 64_000 * 4 * 3, "{used:?}");
    drop(found);
}

#[test]
fn commands_of_smtp_and_pop3_cost_none() {
    for units in [smtp::commands(), smtp::commands_with_parameters()] {
        let count = most(&units.lines(), |line| {
            smtp_proto::Command::parse(
                line,
                smtp_proto::Leniency::STRICT,
                &mut smtp_proto::Deviations::new(),
            )
            .unwrap();
        });
        assert_eq!(count, 0);
    }
    let lines = pop3::commands().lines();
    let lines: Vec<Bytes> = lines.into_iter().filter(|line| !line.starts_with(b"PASS")).collect();
    assert_eq!(most(&lines, |line| drop(pop3_proto::Command::parse(line).unwrap())), 0);
}

#[test]
fn entries_of_listings_cost_none() {
    let (scan, unique) = (pop3::scan_listing().lines(), pop3::unique_id_listing().lines());
    let scan = most(&scan[1..scan.len() - 1], |line| {
        pop3_proto::ScanListing::parse(line).unwrap();
    });
    let unique = most(&unique[1..unique.len() - 1], |line| {
        pop3_proto::UniqueIdListing::parse(line).unwrap();
    });
    assert_eq!((scan, unique), (0, 0));
}
