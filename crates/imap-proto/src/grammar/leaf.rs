//! Atoms, names and numbers.
use super::{
    Tolerance,
    class::{self, ASTRING, ATOM, Class, NAME, NON_ASCII, TAG},
};
use crate::{DeviationKind, Tag};
use mail_wire::{
    span::{Parsed, Span, expected, octet},
    word::{self, HIGH, ONE},
};

/// At least one octet of these classes.
#[inline]
pub(crate) fn some<'a>(class: Class, rule: &'static str) -> impl Fn(Span<'a>) -> Parsed<'a, Span<'a>> {
    move |i| match class::run(i.text(), class) {
        0 => expected(i, rule),
        octets => Ok(i.part(octets)),
    }
}

/// `atom = 1*ATOM-CHAR`
#[inline]
pub(crate) fn atom(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    some(ATOM, "an atom")(i)
}

/// `tag = 1*<any ASTRING-CHAR except "+">`
#[inline]
pub(crate) fn tag(i: Span<'_>) -> Parsed<'_, Tag> {
    let (rest, text) = some(TAG, "a tag")(i)?;
    Ok((rest, Tag::from_checked(text.text())))
}

/// `1*ASTRING-CHAR`; octets above 0x7F are tolerated.
#[inline]
pub(crate) fn astring_chars<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Span<'a>> {
    loose(i, ASTRING, "an atom or a string", tolerance)
}

/// At least one octet of `class`; octets above 0x7F are tolerated.
pub(crate) fn loose<'a>(
    i: Span<'a>,
    class: Class,
    rule: &'static str,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Span<'a>> {
    let octets = class::run(i.text(), class);
    let (rest, taken) = i.part(octets);
    if rest.first().is_some_and(|octet| class::is(octet, NON_ASCII))
        && tolerance.tolerate(DeviationKind::EightBit, rest)
    {
        return some(class | NON_ASCII, rule)(i);
    }
    if octets == 0 { expected(i, rule) } else { Ok((rest, taken)) }
}

/// A name folded to one case, to `match` on. Made by [`key`].
pub(crate) type Key = u128;

/// What every name of more than 15 octets folds to: compare those in full.
pub(crate) const LONG: Key = u128::MAX;

/// Folds one octet of a name: one to one over letters of one case, digits, `.` and `-`.
const FOLD: u8 = 0xdf;

/// Folds a name of letters, digits, `.` and `-`.
pub(crate) const fn key(name: &[u8]) -> Key {
    let mut key = 0;
    let mut rest = name;
    if name.len() > 15 {
        return LONG;
    }
    let mut shift = 0;
    while let [octet, behind @ ..] = rest {
        key |= ((*octet & FOLD) as u128) << shift;
        shift += 8;
        rest = behind;
    }
    key
}

/// A name of letters, digits, `.` and `-`, and its key.
#[inline(always)]
pub(crate) fn name(i: Span<'_>) -> Parsed<'_, (Span<'_>, Key)> {
    match folded(i.text()) {
        (0, _) => expected(i, "a name"),
        (octets, key) => {
            let (rest, name) = i.part(octets);
            Ok((rest, (name, key)))
        }
    }
}

/// How many octets of a name stand here, and its key: eight octets are folded at once.
fn folded(text: &[u8]) -> (usize, Key) {
    let (octets, low) = folded_eight(text);
    if octets < 8 {
        return (octets, low.into());
    }
    match folded_eight(text.get(8..).unwrap_or_default()) {
        (8, _) => (class::run(text, NAME), LONG),
        (more, high) => (8 + more, Key::from(high) << 64 | Key::from(low)),
    }
}

/// How many of the first eight octets are of a name, and their key.
#[inline(always)]
fn folded_eight(text: &[u8]) -> (usize, u64) {
    let word = word::load(text);
    let names = word::letters(word) | word::lie(word, b'-', b'9') & !word::are(word, b'/');
    // One bit for each octet that is none of these.
    let ends = !names >> 7 & ONE;
    ((ends.trailing_zeros() / 8) as usize, word & (ONE * FOLD as u64) & ends.wrapping_sub(1) & !ends)
}

/// Digits that [`digits`] is sure of.
pub(crate) const SURE_DIGITS: usize = 15;

/// How many digits stand here, and their value, eight at once. Past [`SURE_DIGITS`] the value is none.
#[inline(always)]
pub(crate) fn digits(text: &[u8]) -> (usize, u64) {
    let (octets, value) = eight_digits(text);
    if octets < 8 {
        return (octets, value);
    }
    let (more, low) = eight_digits(text.get(8..).unwrap_or_default());
    const TENS: [u64; 9] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    (8 + more, value * TENS.get(more).copied().unwrap_or(1) + low)
}

/// How many of the first eight octets are digits, and their value.
#[inline(always)]
fn eight_digits(text: &[u8]) -> (usize, u64) {
    // Zero to nine are digits. Of the octets that are flagged the first is exact.
    let values = word::load(text) ^ (ONE * b'0' as u64);
    let others = (values.wrapping_add(ONE * 0x76) | values) & HIGH;
    let octets = others.trailing_zeros() / 8;
    if octets == 0 {
        return (0, 0);
    }
    // Zeros in front; then tens, hundreds and ten thousands are joined.
    let values = values << (64 - 8 * octets);
    let tens = (values.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let hundreds = (tens.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    (octets as usize, hundreds.wrapping_mul(10_000 << 32 | 1) >> 32)
}

/// `number64 = 1*DIGIT`, below 2^63. More is an error, never a wrap.
#[inline]
pub(crate) fn number64(i: Span<'_>) -> Parsed<'_, u64> {
    match digits(i.text()) {
        (octets @ 1..=SURE_DIGITS, value) => Ok((i.part(octets).0, value)),
        _ => long_number64(i),
    }
}

/// The same, of however many digits.
#[cold]
fn long_number64(i: Span<'_>) -> Parsed<'_, u64> {
    let mut value = 0_u64;
    let mut octets = 0;
    for digit in i.text().iter().map(|octet| octet.wrapping_sub(b'0')).take_while(|digit| *digit <= 9) {
        let next = value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit)));
        match next.filter(|next| *next <= i64::MAX as u64) {
            Some(next) => value = next,
            None => return expected(i, "a number below 2^63"),
        }
        octets += 1;
    }
    if octets == 0 { expected(i, "a number") } else { Ok((i.part(octets).0, value)) }
}

/// `number = 1*DIGIT`, below 2^32.
#[inline]
pub(crate) fn number(i: Span<'_>) -> Parsed<'_, u32> {
    let (rest, value) = number64(i)?;
    match u32::try_from(value) {
        Ok(value) => Ok((rest, value)),
        // rule rfc3501 9 numbers-of-32-bits: a number lies below 2^32 [instead: Err(_) => Ok((rest, u32::MAX)),]
        Err(_) => expected(i, "a number below 2^32"),
    }
}

/// `nz-number = digit-nz *DIGIT`, below 2^32.
#[inline]
pub(crate) fn nz_number<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, u32> {
    let (rest, value) = number(i)?;
    // rule rfc3501 9 nz-number: numbers of messages begin at one, and with no zero
    if i.first() == Some(b'0') && (value == 0 || !tolerance.tolerate(DeviationKind::LeadingZero, i)) {
        return expected(i, "a number above zero");
    }
    Ok((rest, value))
}

/// `nz-number64 = digit-nz *DIGIT`, below 2^63.
#[inline]
pub(crate) fn nz_number64<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, u64> {
    let (rest, value) = number64(i)?;
    if i.first() == Some(b'0') && (value == 0 || !tolerance.tolerate(DeviationKind::LeadingZero, i)) {
        return expected(i, "a number above zero");
    }
    Ok((rest, value))
}

/// Exactly these octets, which are one rule's name for themselves.
#[inline]
pub(crate) fn nil(i: Span<'_>) -> Parsed<'_, ()> {
    match i.text().first_chunk::<3>() {
        Some(text) if text.eq_ignore_ascii_case(b"NIL") => {
            let rest = i.part(3).0;
            if rest.first().is_some_and(|octet| class::is(octet, ASTRING)) {
                return expected(i, "NIL");
            }
            Ok((rest, ()))
        }
        _ => expected(i, "NIL"),
    }
}

/// An opening parenthesis.
#[inline]
pub(crate) fn open(i: Span<'_>) -> Parsed<'_, ()> {
    octet(b'(', "an opening parenthesis")(i)
}

/// A closing parenthesis.
#[inline]
pub(crate) fn close(i: Span<'_>) -> Parsed<'_, ()> {
    octet(b')', "a closing parenthesis")(i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use mail_wire::span;

    // covers rfc3501 9 numbers-of-32-bits
    #[test]
    fn numbers_end_at_their_limits_and_never_wrap() {
        let read = |text: &'static str| span::parse(&Bytes::from_static(text.as_bytes()), number64);
        assert_eq!(read("9223372036854775807").unwrap(), i64::MAX as u64);
        assert_eq!(read("0009223372036854775807").unwrap(), i64::MAX as u64);
        for text in ["9223372036854775808", "18446744073709551616", "99999999999999999999999", "", "-1"] {
            assert!(read(text).is_err(), "{text}");
        }
        let read = |text: &'static str| span::parse(&Bytes::from_static(text.as_bytes()), number);
        assert_eq!(read("4294967295").unwrap(), u32::MAX);
        assert!(read("4294967296").is_err());
    }

    #[test]
    fn numbers_are_the_same_however_many_digits_are_read_at_once() {
        for digits in 1..=18 {
            for behind in ["", " ", ")", " 12345678", "/", ":", "\u{0}", "\u{b0}", "a9999999"] {
                let number = &"987654321098765432"[..digits];
                let frame = Bytes::from(std::format!("{number}{behind}"));
                let (rest, value) = number64(Span::new(&frame)).unwrap();
                assert_eq!(
                    (value, rest.text()),
                    (number.parse().unwrap(), behind.as_bytes()),
                    "{number}{behind}"
                );
            }
        }
    }

    #[test]
    fn a_name_folds_to_one_key_whatever_its_case() {
        for text in ["fetch", "FETCH", "rfc822.size", "RFC822.SIZE(", "a-b.c9 x"] {
            let frame = Bytes::copy_from_slice(text.as_bytes());
            let (_, (name, folded)) = name(Span::new(&frame)).unwrap();
            assert_eq!(folded, key(name.text()));
            assert_eq!(folded, key(&name.text().to_ascii_uppercase()));
        }
        for octet in 0..=255 {
            for at in 0..17 {
                let mut text = *b"Abc.dEf-gHiJkLmNoP ";
                text[at] = octet;
                let octets = class::run(&text, NAME);
                assert_eq!(folded(&text), (octets, key(&text[..octets])), "{octet:#x} at {at}");
                assert_eq!(folded(&text[..octets]), (octets, key(&text[..octets])));
            }
        }
        let frame = Bytes::from_static(b"HEADER.FIELDS.NOT (");
        let (rest, (name, folded)) = name(Span::new(&frame)).unwrap();
        assert_eq!((rest.text(), name.text(), folded), (&b" ("[..], &b"HEADER.FIELDS.NOT"[..], LONG));
    }
}
