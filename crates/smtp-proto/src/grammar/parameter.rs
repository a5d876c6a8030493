//! `esmtp-param` ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
use super::{Tolerance, command::utf8, path, space, xtext};
use crate::{
    Body, Deviations, Leniency, MailParameters, RcptParameters, Submitter,
    parameters::{AUTH, BODY, SIZE, SMTPUTF8},
};
use mail_wire::{
    ParseError, Text,
    class::{self, ALNUM, DIGIT, HYPHEN, NON_ASCII, VISIBLE},
    span::{self, Key, Parsed, Span, expected, fold, number, octet},
};

/// Most unknown parameters of one command: without a limit, looking for duplicates would cost the square of what
/// a peer sends.
const MAX_UNKNOWN: usize = 32;
/// More than there are known ones.
const MAX_KNOWN: usize = 8;
/// More than most commands have.
const FEW: usize = 4;

/// `Mail-parameters = esmtp-param *(SP esmtp-param)`
pub(crate) fn mail_parameters<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, MailParameters> {
    let (rest, text) = parameters(i, tolerance, mail_value, MailParameters::knows)?;
    Ok((rest, MailParameters::from_checked(text.share())))
}

/// `Rcpt-parameters = esmtp-param *(SP esmtp-param)`
pub(crate) fn rcpt_parameters<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, RcptParameters> {
    let (rest, text) = parameters(i, tolerance, any_value, |_| false)?;
    Ok((rest, RcptParameters::from_checked(text.share())))
}

/// `esmtp-param *(SP esmtp-param)`, each keyword once; `value` reads what the keyword asks for.
fn parameters<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    value: impl Fn(Span<'a>, Key) -> Parsed<'a, ()>,
    knows: impl Fn(Key) -> bool,
) -> Parsed<'a, Span<'a>> {
    // To make room for all that may be there costs more than to read the two or three that are.
    match i.text().iter().filter(|octet| **octet == b' ').count() {
        0..FEW => parameters_of::<FEW>(i, tolerance, value, knows),
        _ => parameters_of::<{ MAX_KNOWN + MAX_UNKNOWN }>(i, tolerance, value, knows),
    }
}

/// At most `N` of them.
fn parameters_of<'a, const N: usize>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    value: impl Fn(Span<'a>, Key) -> Parsed<'a, ()>,
    knows: impl Fn(Key) -> bool,
) -> Parsed<'a, Span<'a>> {
    let mut seen = [&[][..]; N];
    let mut unknown = 0;
    let mut rest = i;
    for at in 0.. {
        let (after, keyword) = esmtp_keyword(rest)?;
        if seen.iter().take(at).any(|other| keyword.text().eq_ignore_ascii_case(other)) {
            return expected(rest, "each parameter only once");
        }
        let key = fold(keyword.text());
        unknown += usize::from(!knows(key));
        match seen.get_mut(at) {
            Some(place) if unknown <= MAX_UNKNOWN => *place = keyword.text(),
            _ => return expected(rest, "at most 32 unknown parameters"),
        }
        (rest, ()) = value(after, key)?;
        if rest.is_empty() {
            break;
        }
        (rest, ()) = space(rest, tolerance)?;
    }
    Ok((rest, i.before(rest)))
}

/// `esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")`, and `ehlo-keyword` alike
pub(crate) fn esmtp_keyword(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    match i.first() {
        Some(first) if class::is(first, ALNUM) => Ok(i.part(class::run(i.text(), ALNUM | HYPHEN))),
        // rule rfc5321 4.1.2 esmtp-keyword: a parameter begins with a letter or a digit [instead: Ok(i.part(0))]
        _ => expected(i, "a keyword"),
    }
}

/// `["=" esmtp-value]`
fn any_value(i: Span<'_>, _: Key) -> Parsed<'_, ()> {
    match octet(b'=', "'='")(i) {
        Ok((i, ())) => esmtp_value(i).map(|(rest, _)| (rest, ())),
        Err(_) => Ok((i, ())),
    }
}

/// `["=" esmtp-value]` behind a keyword of MAIL
fn mail_value(i: Span<'_>, key: Key) -> Parsed<'_, ()> {
    let value = octet(b'=', "'='");
    match key {
        SIZE => size_value(value(i)?.0),
        BODY => body_value(value(i)?.0),
        AUTH => auth_value(value(i)?.0),
        // "If this parameter is provided, it MUST not accept a value" (RFC 6531 §3.4).
        // rule rfc6531 3.4 smtputf8-no-value: the parameter SMTPUTF8 has no value
        SMTPUTF8 => Ok((i, ())),
        _ => any_value(i, key),
    }
}

/// `esmtp-value = 1*(%d33-60 / %d62-126 / UTF8-non-ascii)` (the last by [RFC 6531 §3.3])
///
/// [RFC 6531 §3.3]: https://www.rfc-editor.org/rfc/rfc6531#section-3.3
pub(crate) fn esmtp_value(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    let allowed = |octet: &&u8| class::is(**octet, VISIBLE | NON_ASCII) && **octet != b'=';
    let (rest, value) = i.part(i.text().iter().take_while(allowed).count());
    if value.is_empty() {
        // rule rfc5321 4.1.2 esmtp-value: behind "=" there is a value
        return expected(i, "a value");
    }
    // rule rfc6531 3.3 utf8-parameter: the value of a parameter that is not ASCII is UTF-8
    utf8(value)?;
    Ok((rest, value))
}

/// `size-value = 1*20DIGIT` ([RFC 1870 §4](https://www.rfc-editor.org/rfc/rfc1870#section-4)), below 2^64
fn size_value(i: Span<'_>) -> Parsed<'_, ()> {
    if class::run(i.text(), DIGIT) > 20 {
        // rule rfc1870 3 size-20-digits: a size has at most 20 digits
        return expected(i, "a number of at most 20 digits");
    }
    number(i).map(|(rest, _)| (rest, ()))
}

/// `body-value = "7BIT" / "8BITMIME"` ([RFC 6152 §2](https://www.rfc-editor.org/rfc/rfc6152#section-2)), and
/// `"BINARYMIME"` ([RFC 3030 §3](https://www.rfc-editor.org/rfc/rfc3030#section-3))
fn body_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, value) = i.part(class::run(i.text(), ALNUM));
    match Body::from_keyword(value.text()) {
        Some(_) => Ok((rest, ())),
        // rule rfc6152 2 body-values: BODY says 7BIT, 8BITMIME or BINARYMIME [instead: Ok((rest, ()))]
        None => expected(i, "7BIT, 8BITMIME or BINARYMIME"),
    }
}

/// `auth-param = "AUTH=" xtext`: "the decoded form of the xtext MUST be either a mailbox or the two characters
/// `<>`" ([RFC 4954 §8](https://www.rfc-editor.org/rfc/rfc4954#section-8))
fn auth_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, value) = esmtp_value(i)?;
    match xtext::decode(value.text()).and_then(submitter) {
        Ok(_) => Ok((rest, ())),
        // rule rfc4954 8 auth-mailbox: AUTH= says a mailbox or "<>", as xtext [instead: Ok((rest, ()))]
        Err(_) => expected(i, "a mailbox as xtext, or \"<>\""),
    }
}

/// `mailbox / "<>"`
pub(crate) fn submitter(text: Text) -> Result<Submitter, ParseError> {
    let text = text.into_bytes();
    // rule rfc4954 5 auth-unknown: AUTH=<> says that the submitter is not known
    if &text[..] == b"<>" {
        return Ok(Submitter::Unknown);
    }
    let mut deviations = Deviations::new();
    let mut tolerance = Tolerance::new(&text, Leniency::STRICT, &mut deviations);
    span::parse(&text, |i| path::mailbox(i, &mut tolerance)).map(Submitter::Mailbox)
}
