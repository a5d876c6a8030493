//! The grammar of commands.
use crate::{
    Append, Command, Deviations, Dialect, Encoding, Leniency, LiteralForm, Offer, Tag, Wire,
    frame::{Framed, Framer, NonSynchronising, Rules},
};
use alloc::{string::ToString, vec::Vec};
use bytes::{Bytes, BytesMut};
use mail_wire::fuzzing::{Dice, Input};

/// A strict reader takes only what a lenient one takes, with the same value; what was read is one command again.
pub(super) fn read(mut input: Input<'_>) {
    let encoding = input.dice.one_of(&[Encoding::ModifiedUtf7, Encoding::Utf8]);
    let wire = wire(&mut input.dice).with_encoding(encoding);
    for unit in units(input.octets, Rules::server()) {
        alone(&unit, encoding, &wire);
    }
    // Not a unit, perhaps: whatever comes of it.
    alone(&Bytes::copy_from_slice(input.octets), encoding, &wire);
}

/// What stands in a stream, without the CRLF at the end of each.
pub(super) fn units(stream: &[u8], mut rules: Rules) -> Vec<Bytes> {
    rules.non_synchronising = NonSynchronising::Plus;
    rules.limits.inline = 1 << 20;
    let (mut framer, mut input, mut units) = (Framer::new(rules), BytesMut::from(stream), Vec::new());
    loop {
        match framer.next(&mut input) {
            Ok(Framed::End(n)) => {
                let unit = input.split_to(n).freeze();
                let end = if unit.ends_with(b"\r\n") { 2 } else { 1 };
                units.push(unit.slice(..n - end));
            }
            Ok(Framed::Waits(_) | Framed::Refused) => {}
            Ok(Framed::Broken(..) | Framed::Large(..)) => framer.refuse(&mut input),
            Ok(Framed::Payload(..) | Framed::Need(_)) | Err(_) => return units,
        }
    }
}

pub(super) fn wire(dice: &mut Dice<'_>) -> Wire {
    let offer = [Offer::Yes, Offer::No];
    Wire::new()
        .with_literals(dice.one_of(&[LiteralForm::Plus, LiteralForm::Minus, LiteralForm::Synchronising]))
        .with_binary(dice.one_of(&offer))
        .with_initial_response(dice.one_of(&offer))
        .with_multi_append(dice.one_of(&offer))
}

fn alone(unit: &Bytes, encoding: Encoding, wire: &Wire) {
    let (mut none, mut told) = (Deviations::new(), Deviations::new());
    let dialect = |leniency| Dialect::new(leniency).with_encoding(encoding);
    let strict = Command::parse(unit, &dialect(Leniency::STRICT), &mut none);
    let lenient = Command::parse(unit, &dialect(Leniency::LENIENT), &mut told);
    assert!(none.is_empty(), "tolerated by a strict reader: {none:?}");
    if strict.is_ok() {
        assert_eq!(strict, lenient);
        assert!(told.is_empty(), "{told:?} where nothing is wrong");
    } else {
        assert!(lenient.is_err() || !told.is_empty(), "tolerated in silence: {}", unit.escape_ascii());
    }
    // No more than that it does not panic.
    let _ = Append::parse_head(unit, &dialect(Leniency::LENIENT), &mut Deviations::new());
    if let Ok((tag, command)) = lenient {
        assert_is_one_command(&tag, &command, wire);
        if strict.is_ok() {
            assert_reads_back(&tag, &command, wire);
        }
    }
}

/// Whoever finds units finds one in what is written.
pub(super) fn assert_is_one_command(tag: &Tag, command: &Command, wire: &Wire) {
    let mut octets = Vec::new();
    command.encode(tag, wire, &mut octets);
    let mut rules = Rules::server();
    rules.non_synchronising = NonSynchronising::Plus;
    rules.limits.inline = 1 << 20;
    rules.limits.text = 1 << 20;
    rules.limits.unit = 1 << 20;
    let (mut framer, mut input) = (Framer::new(rules), BytesMut::from(&octets[..]));
    let end = loop {
        match framer.next(&mut input) {
            Ok(Framed::Waits(_)) => {}
            end => break end,
        }
    };
    assert_eq!(end, Ok(Framed::End(octets.len())), "{}", octets.escape_ascii());
}

/// What is written reads back equal by a strict reader, and is written again octet by octet.
pub(super) fn assert_reads_back(tag: &Tag, command: &Command, wire: &Wire) {
    if command.fits(wire).is_err() {
        return;
    }
    let mut octets = Vec::new();
    command.encode(tag, wire, &mut octets);
    let unit = Bytes::copy_from_slice(octets.strip_suffix(b"\r\n").unwrap());
    let dialect = Dialect::new(Leniency::STRICT).with_encoding(wire.encoding());
    let (again_tag, again) = Command::parse(&unit, &dialect, &mut Deviations::new())
        .unwrap_or_else(|error| panic!("{error}: {}", octets.escape_ascii()));
    assert_eq!((&again_tag, &again), (tag, command), "{}", octets.escape_ascii());
    let mut second = Vec::new();
    again.encode(tag, wire, &mut second);
    assert_eq!(second.escape_ascii().to_string(), octets.escape_ascii().to_string());
}
