//! Replies made of any strings.
use super::replies::replies;
use crate::{Capabilities, Code, Deviations, EnhancedClass, EnhancedCode, Extension, Leniency, Reply, Text};
use alloc::{string::String, vec::Vec};
use mail_wire::fuzzing::{Dice, Input};

/// Whatever can be made is written as one reply, and reads back equal.
pub(super) fn written_back(mut input: Input<'_>) {
    let texts: Vec<_> = input
        .octets
        .split(|octet| *octet == 0xff)
        .filter_map(|octets| Text::new(octets.to_vec()).ok())
        .collect();
    let code = code(&mut input.dice);
    let mut made = Vec::from([Reply::from_lines(code, texts.clone())]);
    for text in &texts {
        assert_wrapped(&Reply::new(code, text.clone()));
        let class = match code.as_u16() / 100 {
            2 => EnhancedClass::Success,
            4 => EnhancedClass::Transient,
            _ => EnhancedClass::Permanent,
        };
        let number = |dice: &mut Dice<'_>| u16::try_from(dice.number() % 1000).unwrap_or_default();
        let enhanced = EnhancedCode::new(class, number(&mut input.dice), number(&mut input.dice));
        made.extend(Reply::with_enhanced(code, enhanced, text.clone()));
        made.push(Reply::from_challenge(text.as_bytes()));
        assert_is_offered(text, &offer(&String::from_utf8_lossy(text.as_bytes()), &mut input.dice));
    }
    for reply in &made {
        assert_reads_back(reply);
    }
}

fn code(dice: &mut Dice<'_>) -> Code {
    let digits = [2 + dice.among(4), dice.among(6), dice.among(10)];
    Code::new(digits.into_iter().fold(0, |code, digit| code * 10 + u16::from(digit))).unwrap()
}

fn offer(line: &str, dice: &mut Dice<'_>) -> Capabilities {
    let mut offer = Capabilities::new().with(dice.one_of(Extension::ALL));
    if dice.once_in(2) {
        offer = offer.with_size(u64::from(dice.number()));
    }
    offer = offer.with_auth(line.split(' ').filter_map(|name| name.parse().ok()));
    offer.clone().with_line(line).unwrap_or(offer)
}

/// What a client reads is what is offered. Of the greeting it may take the start for an enhanced code.
fn assert_is_offered(greeting: &Text, offer: &Capabilities) {
    let mut wire = Vec::new();
    offer.reply(greeting).encode(&mut wire);
    let (again, _) = replies(&wire, Leniency::LENIENT).unwrap();
    assert_eq!(again.len(), 1, "one reply is several: {}", wire.escape_ascii());
    let again = Capabilities::parse(&again[0], Leniency::LENIENT, &mut Deviations::new());
    assert_eq!(again.as_ref(), Ok(offer), "{}", wire.escape_ascii());
}

fn assert_wrapped(reply: &Reply) {
    let mut wire = Vec::new();
    reply.encode(&mut wire);
    assert!(wire.split_inclusive(|octet| *octet == b'\n').all(|line| line.len() <= 512));
    assert_reads_back(reply);
}

fn assert_reads_back(reply: &Reply) {
    let mut wire = Vec::new();
    reply.encode(&mut wire);
    let (again, _) = replies(&wire, Leniency::LENIENT).unwrap();
    assert_eq!(again, core::slice::from_ref(reply), "{}", wire.escape_ascii());
}
