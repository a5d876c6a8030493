//! What responses cost: allocations, octets of a value, and a stack of 512 KiB.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use imap_proto::{
    Deviations, Dialect, Leniency,
    response::{FetchItem, FetchSink, Response, Status, Untagged},
};
use test_support::heap::{self, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

struct Drop;

impl FetchSink for Drop {
    fn item(&mut self, item: FetchItem) {
        std::hint::black_box(&item);
    }
}

fn allocations(unit: &'static [u8]) -> usize {
    let (unit, dialect) = (Bytes::from_static(unit), Dialect::default());
    let (count, found) = heap::allocations(|| Response::parse(&unit, &dialect, &mut Deviations::new()));
    found.unwrap();
    count
}

#[test]
fn values_are_narrow() {
    assert!(size_of::<FetchItem>() <= 32, "{}", size_of::<FetchItem>());
    assert!(size_of::<Status>() <= 64, "{}", size_of::<Status>());
    assert!(size_of::<Untagged>() <= 32, "{}", size_of::<Untagged>());
    assert!(size_of::<Response>() <= 32, "{}", size_of::<Response>());
}

#[test]
fn responses_of_every_day_cost_few_allocations() {
    assert_eq!(allocations(b"* 12 FETCH (UID 4827 FLAGS (\\Seen) MODSEQ (12111230047))"), 1);
    assert_eq!(allocations(b"* 172 EXISTS"), 0);
    assert_eq!(allocations(b"* OK [UIDNEXT 4392] Predicted next UID"), 1);
    assert_eq!(allocations(b"a1 OK done"), 1);
    assert_eq!(allocations(b"* LIST (\\HasNoChildren \\Sent) \"/\" Sent"), 1);
    assert_eq!(allocations(b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE"), 1);
    assert_eq!(allocations(b"* SEARCH 1 2 3 4 5 6 7 8 9"), 2);
    let envelope = b"* 1 FETCH (ENVELOPE (\"d\" \"s\" ((NIL NIL \"a\" \"h\")) NIL NIL NIL NIL NIL NIL NIL))";
    assert_eq!(allocations(envelope), 3);
    let body = b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" (\"a\" \"b\") NIL NIL \"7bit\" 1 1) \"mixed\" (\"a\" \"b\")))";
    assert_eq!(allocations(body), 4);
}

#[test]
fn a_sink_costs_nothing() {
    let unit = Bytes::from_static(b"* 12 FETCH (UID 4827 FLAGS (\\Seen) MODSEQ (12111230047))");
    let dialect = Dialect::default();
    let (count, found) =
        heap::allocations(|| Response::parse_into(&unit, &dialect, &mut Deviations::new(), &mut Drop));
    found.unwrap();
    assert_eq!(count, 0);
}

#[test]
fn a_response_of_little_text_takes_little_memory() {
    let mut many = Vec::from(&b"* SEARCH"[..]);
    (0..20_000).for_each(|_| many.extend_from_slice(b" 1"));
    let mut parts = Vec::from(&b"* 1 FETCH (BODYSTRUCTURE ("[..]);
    (0..20_000).for_each(|_| parts.extend_from_slice(b"(\"a\")"));
    parts.extend_from_slice(b" \"mixed\"))");
    for unit in [many, parts] {
        let (unit, dialect) = (Bytes::from(unit), Dialect::new(Leniency::LENIENT));
        let (peak, _) = heap::peak(|| Response::parse(&unit, &dialect, &mut Deviations::new()));
        assert!(peak < unit.len() * 64, "{peak} octets for {}", unit.len());
    }
}

/// Units that nest, or that repeat what makes a reader look far ahead.
fn hostile() -> Vec<Vec<u8>> {
    let repeat =
        |head: &str, what: &str, n: usize, tail: &str| format!("{head}{}{tail}", what.repeat(n)).into_bytes();
    let n = 100_000;
    let message = "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ";
    vec![
        repeat("* 1 FETCH (BODYSTRUCTURE ", "(", n, ""),
        repeat("* 1 FETCH (BODYSTRUCTURE ", message, 5_000, ""),
        repeat("* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" NIL NIL NIL \"c\" 1 NIL NIL NIL NIL ", "(", n, ""),
        repeat("* 1 FETCH (X-FOO ", "(", n, &")".repeat(n)),
        repeat("* 1 FETCH (X-FOO ", "(", n, ""),
        repeat("* LIST () \"/\" a (x ", "(", n, ""),
        repeat("* NAMESPACE ", "(", n, ""),
        repeat("* 1 FETCH (ENVELOPE (\"", "\"a", n, "\" NIL NIL))"),
        repeat("* 1 FETCH (ENVELOPE (", "\"a\"a", n, "))"),
        repeat("* 1 FETCH (ENVELOPE (\"", "\\", n, "))"),
        repeat("* 1 FETCH (", "ENVELOPE (( ", n / 10, ")"),
        repeat("* 1 FETCH (", "UID x ", n, ")"),
        repeat("* 1 FETCH (", "UID \"x ", n, ")"),
        repeat("* OK [", "a ", n, ""),
        repeat("* CAPABILITY", " X\"", n, ""),
        repeat("* STATUS a", " (", n, ""),
        repeat("* XFOO ", "{1}", n, ""),
    ]
}

#[test]
fn hostile_units_overflow_no_small_stack_and_take_linear_time() {
    for unit in hostile() {
        let shown = unit[..40.min(unit.len())].escape_ascii().to_string();
        let reader = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
            for leniency in [Leniency::STRICT, Leniency::LENIENT] {
                let dialect = Dialect::new(leniency).with_nesting(Dialect::MAX_NESTING);
                let found = Response::parse(&unit.clone().into(), &dialect, &mut Deviations::new());
                if let Ok(found) = found {
                    found.encode(&imap_proto::Wire::new(), &mut Vec::new());
                }
            }
        });
        let started = std::time::Instant::now();
        reader.unwrap().join().unwrap_or_else(|_| panic!("{shown}"));
        // Quadratic work over 100 KB takes minutes here.
        assert!(started.elapsed().as_secs() < 5, "{shown}: {:?}", started.elapsed());
    }
}

#[test]
fn structures_nest_as_deep_as_they_may_and_no_deeper() {
    let nested = |depth: usize| {
        let leaf = "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)";
        format!("* 1 FETCH (BODY {}{leaf}{})", "(".repeat(depth), " \"mixed\")".repeat(depth))
    };
    let read = |depth: usize| {
        let unit = Bytes::from(nested(depth));
        Response::parse(&unit, &Dialect::default().with_nesting(32), &mut Deviations::new())
    };
    assert!(read(31).is_ok());
    assert!(read(32).unwrap_err().to_string().starts_with("expected less nesting at octet"));
}
