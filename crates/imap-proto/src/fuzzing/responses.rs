//! The grammar of responses.
use super::commands::units;
use crate::{
    Deviations, Dialect, Encoding, Leniency, Wire,
    frame::{Framed, Framer, Rules},
    response::{FetchItem, Greeting, Response, Untagged},
};
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use mail_wire::fuzzing::Input;

/// A strict reader takes only what a lenient one takes, with the same value; what was read is one unit again, and
/// reads back equal.
pub(super) fn read(mut input: Input<'_>) {
    let encoding = input.dice.one_of(&[Encoding::ModifiedUtf7, Encoding::Utf8]);
    for unit in units(input.octets, Rules::client()) {
        alone(&unit, encoding);
    }
    // Not a unit, perhaps: it is read without a panic.
    let whole = Bytes::copy_from_slice(input.octets);
    let _ = Response::parse(&whole, &Dialect::new(Leniency::LENIENT), &mut Deviations::new());
}

fn alone(unit: &Bytes, encoding: Encoding) {
    let (mut none, mut told) = (Deviations::new(), Deviations::new());
    let dialect = |leniency| Dialect::new(leniency).with_encoding(encoding);
    let strict = Response::parse(unit, &dialect(Leniency::STRICT), &mut none);
    let lenient = Response::parse(unit, &dialect(Leniency::LENIENT), &mut told);
    assert!(none.is_empty(), "tolerated by a strict reader: {none:?}");
    if strict.is_ok() {
        assert!(told.is_empty(), "{told:?} where nothing is wrong: {}", unit.escape_ascii());
        assert_eq!(strict, lenient, "{}", unit.escape_ascii());
    }
    let greets = Greeting::parse(unit, &dialect(Leniency::STRICT), &mut Deviations::new());
    if let Ok(greeting) = greets {
        let looser = Greeting::parse(unit, &dialect(Leniency::LENIENT), &mut Deviations::new());
        assert_eq!(looser, Ok(greeting));
    }
    let Ok(found) = lenient else { return };
    assert!(strict.is_ok() || !told.is_empty(), "tolerated in silence: {}", unit.escape_ascii());
    let again = written(&found, encoding);
    assert_is_one_unit(&again);
    // What could not be read is not written as it was.
    let is_invalid = matches!(&found, Response::Untagged(Untagged::Fetch(fetch))
        if fetch.items.iter().any(|item| matches!(item, FetchItem::Invalid(_))));
    if !is_invalid {
        let reread = Response::parse(&again, &dialect(Leniency::LENIENT), &mut Deviations::new());
        assert_eq!(reread.as_ref(), Ok(&found), "{} from {}", again.escape_ascii(), unit.escape_ascii());
    }
}

pub(super) fn written(response: &Response, encoding: Encoding) -> Bytes {
    let mut out = Vec::new();
    response.encode(&Wire::new().with_encoding(encoding), &mut out);
    out.into()
}

/// Whoever finds units finds one in what is written.
pub(super) fn assert_is_one_unit(octets: &Bytes) {
    let mut framer = Framer::new(Rules::client());
    framer.limits_mut().inline = 1 << 20;
    let end = framer.next(&mut BytesMut::from(&octets[..]));
    assert_eq!(end, Ok(Framed::End(octets.len())), "{}", octets.escape_ascii());
}
