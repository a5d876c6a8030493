//! The input of the grammars, their error, and the leaves that all of them share.
//!
//! A grammar runs once, over a complete unit that a framer found. Its rules are nom functions
//! `fn rule(i: Span<'_>) -> Parsed<'_, T>`. What nom is shows in this module, which is for who writes grammars, and
//! nothing of it in what the protocol crates show.
use crate::{
    Mechanism, Text,
    class::{self, Class},
    word::Letters,
};
use bytes::Bytes;
use nom::{
    Compare, CompareResult, Err, IResult, Input, Needed, Offset, Parser,
    error::{ErrorKind, ParseError as NomError},
};

/// What is left to parse, and the frame it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    text: &'a [u8],
    /// `None`: what is kept of it is shared by who made the span.
    frame: Option<&'a Bytes>,
}

/// What a rule returns: what is left, and its value.
pub type Parsed<'a, T> = IResult<Span<'a>, T, Expected>;

/// Where a rule failed, counted from the frame's end, and what it expected there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    left: usize,
    rule: &'static str,
}

/// A unit does not follow the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParseError {
    /// Where, counted in octets from the start of the unit.
    pub offset: usize,
    /// What stands there; `None` at the unit's end.
    pub found: Option<u8>,
    /// The rule that was expected there.
    pub expected: &'static str,
}

impl core::fmt::Display for ParseError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "expected {} at octet {}, found ", self.expected, self.offset)?;
        match self.found {
            Some(octet) => write!(f, "'{}'", octet.escape_ascii()),
            None => f.write_str("the end"),
        }
    }
}

impl<'a> Span<'a> {
    /// The whole of `frame`.
    pub fn new(frame: &'a Bytes) -> Self {
        Self { text: frame, frame: Some(frame) }
    }

    /// Octets that a rule reads and does not share: it tells places in them.
    ///
    /// Where a rule fails is counted from their end. So it must fail in what is left of them, and not in a part that
    /// it took: that has an end of its own.
    #[inline]
    pub fn of(text: &'a [u8]) -> Self {
        Self { text, frame: None }
    }

    /// What is left.
    #[inline]
    pub fn text(self) -> &'a [u8] {
        self.text
    }

    /// The next octet.
    #[inline]
    pub fn first(self) -> Option<u8> {
        self.text.first().copied()
    }

    /// Is nothing left?
    #[inline]
    pub fn is_empty(self) -> bool {
        self.text.is_empty()
    }

    /// What is left, as shared octets; a copy where the span has no frame to share.
    pub fn share(self) -> Bytes {
        match self.frame {
            Some(frame) => frame.slice_ref(self.text),
            None => Bytes::copy_from_slice(self.text),
        }
    }

    /// What is left, as shared text.
    ///
    /// # Errors
    /// It holds CR, LF or NUL: no framer lets those through, but a frame may come from elsewhere.
    pub fn share_text(self) -> Result<Text, Err<Expected>> {
        Text::new(self.share()).map_err(|_| Err::Error(Expected::new(self, "text without CR, LF or NUL")))
    }

    /// Parts this span after `octets` octets: what is left, and what was taken.
    #[inline]
    pub fn part(self, octets: usize) -> (Self, Self) {
        let (taken, left) = self.text.split_at(octets.min(self.text.len()));
        (Self { text: left, ..self }, Self { text: taken, ..self })
    }

    /// The end of this span that `text` is, which a pattern left of it.
    #[inline]
    pub fn behind(self, text: &'a [u8]) -> Self {
        Self { text, ..self }
    }

    /// The part of this span before `rest`, which a rule left of it.
    #[inline]
    pub fn before(self, rest: Self) -> Self {
        self.part(self.text.len().saturating_sub(rest.text.len())).1
    }
}

impl Expected {
    /// `rule` was expected where `i` starts.
    #[inline]
    pub fn new(i: Span<'_>, rule: &'static str) -> Self {
        // A taken part has an end of its own; the frame's end is what offsets are counted from.
        let left = i.frame.map_or(i.text.len(), |frame| {
            let start = (i.text.as_ptr() as usize).wrapping_sub(frame.as_ptr() as usize);
            frame.len().saturating_sub(start)
        });
        Self { left, rule }
    }

    fn in_frame(self, frame: &[u8]) -> ParseError {
        let offset = frame.len().saturating_sub(self.left);
        ParseError { offset, found: frame.get(offset).copied(), expected: self.rule }
    }
}

impl NomError<Span<'_>> for Expected {
    fn from_error_kind(i: Span<'_>, _: ErrorKind) -> Self {
        Self::new(i, "other input")
    }

    fn append(_: Span<'_>, _: ErrorKind, inner: Self) -> Self {
        inner
    }

    /// Of two failed alternatives the one that got further speaks.
    fn or(self, other: Self) -> Self {
        if other.left <= self.left { other } else { self }
    }
}

/// Fails: `rule` was expected here.
#[inline]
pub fn expected<T>(i: Span<'_>, rule: &'static str) -> Result<T, Err<Expected>> {
    Err(Err::Error(Expected::new(i, rule)))
}

/// Runs `rule` over the whole of `frame`.
///
/// # Errors
/// The frame does not follow the rule, or goes on behind it.
pub fn parse<'a, T>(frame: &'a Bytes, rule: impl FnOnce(Span<'a>) -> Parsed<'a, T>) -> Result<T, ParseError> {
    parse_whole(frame, |i| ended(rule(i)?))
}

/// Runs a `rule` over `frame` that reads all of it.
///
/// Its value is returned by itself: a wide one costs less than in a pair with what is left.
///
/// # Errors
/// The frame does not follow the rule.
#[inline]
pub fn parse_whole<'a, T>(
    frame: &'a Bytes,
    rule: impl FnOnce(Span<'a>) -> Result<T, Err<Expected>>,
) -> Result<T, ParseError> {
    rule(Span::new(frame)).map_err(|e| refused(e, frame))
}

/// Runs `rule` over the whole of `text`, as [`Span::of`] has it.
///
/// # Errors
/// The text does not follow the rule, or goes on behind it.
#[inline]
pub fn parse_text<'a, T>(
    text: &'a [u8],
    rule: impl FnOnce(Span<'a>) -> Parsed<'a, T>,
) -> Result<T, ParseError> {
    rule(Span::of(text)).and_then(ended).map_err(|e| refused(e, text))
}

/// What a rule gave that left nothing.
///
/// # Errors
/// It left something.
#[inline]
pub fn ended<T>((rest, value): (Span<'_>, T)) -> Result<T, Err<Expected>> {
    end(rest).map(|()| value)
}

/// Nothing is left.
///
/// # Errors
/// Something is.
#[inline]
pub fn end(i: Span<'_>) -> Result<(), Err<Expected>> {
    if i.is_empty() { Ok(()) } else { expected(i, "the end") }
}

/// What a rule's error says of the whole unit.
#[cold]
pub fn refused(error: Err<Expected>, frame: &[u8]) -> ParseError {
    match error {
        Err::Error(e) | Err::Failure(e) => e.in_frame(frame),
        // No rule is made of streaming leaves; were one, the frame ended too early for it.
        Err::Incomplete(_) => ParseError { offset: frame.len(), found: None, expected: "more input" },
    }
}

/// Exactly this octet.
#[inline]
pub fn octet<'a>(octet: u8, rule: &'static str) -> impl Fn(Span<'a>) -> Parsed<'a, ()> {
    move |i| match i.text.split_first() {
        Some((first, text)) if *first == octet => Ok((Span { text, ..i }, ())),
        _ => expected(i, rule),
    }
}

/// `SP` of RFC 5234: one space.
#[inline]
pub fn sp(i: Span<'_>) -> Parsed<'_, ()> {
    octet(b' ', "a space")(i)
}

/// At least one octet of these classes.
#[inline]
pub fn some<'a>(class: Class, rule: &'static str) -> impl Fn(Span<'a>) -> Parsed<'a, Span<'a>> {
    move |i| match class::run(i.text, class) {
        0 => expected(i, rule),
        octets => Ok(i.part(octets)),
    }
}

/// These letters, in any case.
#[inline]
pub fn letters<'a>(letters: &'static str, rule: &'static str) -> impl Fn(Span<'a>) -> Parsed<'a, ()> {
    move |i| match i.text.split_at_checked(letters.len()) {
        Some((found, text)) if found.eq_ignore_ascii_case(letters.as_bytes()) => Ok((Span { text, ..i }, ())),
        _ => expected(i, rule),
    }
}

/// The same, of letters that are few.
#[inline(always)]
pub fn begins<'a>(letters: Letters, rule: &'static str) -> impl Fn(Span<'a>) -> Parsed<'a, ()> {
    move |i| match letters.behind(i.text) {
        Some(text) => Ok((Span { text, ..i }, ())),
        None => expected(i, rule),
    }
}

/// `1*DIGIT` below 2^64. More is an error, never a wrap.
#[inline]
pub fn number(i: Span<'_>) -> Parsed<'_, u64> {
    match decimal(i.text) {
        (_, 0) if i.first().is_some_and(|octet| octet.is_ascii_digit()) => expected(i, "a number below 2^64"),
        (_, 0) => expected(i, "a number"),
        (value, octets) => Ok((i.part(octets).0, value)),
    }
}

/// The number in front of a text, and how many digits it has. No digits and 0: there is none, or one of 2^64 or more.
///
/// It gives what fits into registers. Most numbers are short: what looks at eight digits at once costs them more.
pub fn decimal(text: &[u8]) -> (u64, usize) {
    let digit = |octet: &u8| Some(octet.wrapping_sub(b'0')).filter(|digit| *digit <= 9);
    let (mut value, mut octets) = (0_u64, 0);
    for digit in text.iter().take(SAFE_DIGITS).map_while(digit) {
        value = value * 10 + u64::from(digit);
        octets += 1;
    }
    if octets == SAFE_DIGITS {
        for digit in text.iter().skip(octets).map_while(digit) {
            let next = value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit)));
            let Some(next) = next else { return (0, 0) };
            value = next;
            octets += 1;
        }
    }
    (value, octets)
}

/// So many digits are below 2^64, whatever they are.
const SAFE_DIGITS: usize = 19;

/// `sasl-mech = 1*20mech-char`, `mech-char = UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE` ([RFC 4422 §3.1]), in any
/// case, as SMTP and POP3 take it.
///
/// [RFC 4422 §3.1]: https://www.rfc-editor.org/rfc/rfc4422#section-3.1
pub fn sasl_mech(i: Span<'_>) -> Parsed<'_, Mechanism> {
    let is_mech_char = |octet: &&u8| class::is(**octet, class::ALNUM) || matches!(octet, b'-' | b'_');
    let octets = i.text.iter().take_while(is_mech_char).count();
    // rule rfc5034 5 mechanism-20: a mechanism has 1 to 20 octets
    // rule rfc4954 8 mechanism-20: a mechanism has 1 to 20 octets
    if !(1..=20).contains(&octets) {
        return expected(i, "a mechanism of 1 to 20 letters, digits, '-' and '_'");
    }
    let (rest, name) = i.part(octets);
    Ok((rest, Mechanism::from_checked(name.text)))
}

/// Whatever is left, be it nothing.
pub fn rest(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    Ok(i.part(i.text.len()))
}

/// `rule`, or nothing where it fails.
pub fn maybe<'a, T>(
    rule: impl Parser<Span<'a>, Output = T, Error = Expected>,
) -> impl Parser<Span<'a>, Output = Option<T>, Error = Expected> {
    nom::combinator::opt(rule)
}

/// A name of up to 15 octets folded to upper case, to `match` on. Made by [`fold`].
pub type Key = u128;

/// Folds a name of letters, digits, `-` and `.` to upper case in one word, with its length in front: octets of zero do
/// not make it another name's. A name of more than 15 octets folds to [`LONG`].
pub const fn fold(name: &[u8]) -> Key {
    let (mut low, mut high, mut rest) = (0, 0, name);
    if name.len() > 15 {
        return LONG;
    }
    // Four at a time, since most verbs have four; what moves out at the top of one half moves into the other.
    while let [a, b, c, d, behind @ ..] = rest {
        high = high << 32 | low >> 32;
        low = low << 32 | upper(u32::from_be_bytes([*a, *b, *c, *d])) as u64;
        rest = behind;
    }
    while let [octet, behind @ ..] = rest {
        high = high << 8 | low >> 56;
        low = low << 8 | octet.to_ascii_uppercase() as u64;
        rest = behind;
    }
    let high = (name.len() as u64) << 56 | high;
    (high as u128) << 64 | low as u128
}

/// Four octets at once, in upper case.
const fn upper(octets: u32) -> u32 {
    const ONE: u32 = 0x0101_0101;
    // The highest bit of each octet tells: from `a` on, and not from behind `z` on, and no octet above 0x7F.
    let low = octets & (ONE * 0x7f);
    let letters = (low + ONE * (0x80 - b'a' as u32)) & !(low + ONE * (0x7f - b'z' as u32)) & !octets;
    octets ^ ((letters & (ONE * 0x80)) >> 2)
}

/// What every name of more than 15 octets folds to: compare those in full.
pub const LONG: Key = u128::MAX;

impl<'a> Input for Span<'a> {
    type Item = u8;
    type Iter = core::iter::Copied<core::slice::Iter<'a, u8>>;
    type IterIndices = core::iter::Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.text.len()
    }
    fn take(&self, index: usize) -> Self {
        self.part(index).1
    }
    fn take_from(&self, index: usize) -> Self {
        self.part(index).0
    }
    fn take_split(&self, index: usize) -> (Self, Self) {
        self.part(index)
    }
    fn position<P: Fn(u8) -> bool>(&self, predicate: P) -> Option<usize> {
        self.text.iter().position(|octet| predicate(*octet))
    }
    fn iter_elements(&self) -> Self::Iter {
        self.text.iter().copied()
    }
    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }
    fn slice_index(&self, count: usize) -> Result<usize, Needed> {
        match count.checked_sub(self.text.len()) {
            None | Some(0) => Ok(count),
            Some(missing) => Err(Needed::new(missing)),
        }
    }
}

impl Offset for Span<'_> {
    fn offset(&self, second: &Self) -> usize {
        self.text.offset(second.text)
    }
}

impl<'b> Compare<&'b str> for Span<'_> {
    fn compare(&self, text: &'b str) -> CompareResult {
        self.text.compare(text)
    }
    fn compare_no_case(&self, text: &'b str) -> CompareResult {
        self.text.compare_no_case(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nom::branch::alt;
    use std::string::ToString;

    #[test]
    fn an_error_says_where_what_and_what_was_expected() {
        let frame = Bytes::from_static(b"12x");
        let error = parse(&frame, number).unwrap_err();
        assert_eq!(error.to_string(), "expected the end at octet 2, found 'x'");
        let error = parse(&Bytes::new(), number).unwrap_err();
        assert_eq!(error.to_string(), "expected a number at octet 0, found the end");
    }

    #[test]
    fn of_two_failures_the_one_that_got_further_speaks() {
        let further = |i| letters("AB", "AB")(i).and_then(|(i, ())| octet(b'=', "an equals sign")(i));
        let frame = Bytes::from_static(b"AB+");
        for rule in [true, false] {
            let nearer = octet(b'x', "x");
            let found = parse(&frame, |i| {
                if rule { alt((further, nearer)).parse(i) } else { alt((nearer, further)).parse(i) }
            });
            assert_eq!(found.unwrap_err().to_string(), "expected an equals sign at octet 2, found '+'");
        }
    }

    #[test]
    fn numbers_end_at_their_limit_and_never_wrap() {
        let parsed = |text: &'static str| parse(&Bytes::from_static(text.as_bytes()), number);
        assert_eq!(parsed("18446744073709551615").unwrap(), u64::MAX);
        assert_eq!(parsed("00018446744073709551615").unwrap(), u64::MAX);
        assert!(parsed("18446744073709551616").is_err());
        assert!(parsed("99999999999999999999999").is_err());
        assert!(parsed("-1").is_err());
    }

    #[test]
    fn a_name_folds_to_one_key_whatever_its_case() {
        assert_eq!(fold(b"StartTLS"), fold(b"STARTTLS"));
        assert_ne!(fold(b"A"), fold(b"AB"));
        assert_ne!(fold(b"A-"), fold(b"A."));
        assert_ne!(fold(b"ABCDE"), fold(b"ABCD"));
        assert_ne!(fold(b"\0ABCD"), fold(b"ABCD"));
        for octet in 0..=255 {
            for at in 0..15 {
                let mut name = *b"AbCdEfGhIjKlMnO";
                name[at] = octet;
                assert_eq!(fold(&name), fold(&name.to_ascii_uppercase()), "{octet:#x} at {at}");
                assert_eq!(
                    fold(&name) == fold(b"ABCDEFGHIJKLMNO"),
                    name.eq_ignore_ascii_case(b"ABCDEFGHIJKLMNO")
                );
            }
        }
        assert_eq!(fold(b"0123456789abcdef"), LONG);
    }

    #[test]
    fn shared_octets_are_the_frames_own() {
        let frame = Bytes::from(std::vec![b'a'; 10]);
        let (_, taken) = Span::new(&frame).part(4);
        assert_eq!(taken.share().as_ptr(), frame.as_ptr());
    }
}
