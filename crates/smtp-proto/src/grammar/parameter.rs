//! `esmtp-param` ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
use super::{Tolerance, command::utf8, delivery, dsn, path, space, xtext};
use crate::{Body, Deviations, Leniency, Mailbox, Submitter, parameters::Known};
use mail_wire::{
    ParseError, Text,
    class::{self, ALNUM, DIGIT, HYPHEN, NON_ASCII, VALUE},
    span::{self, Parsed, Span, expected, number, octet},
};

/// Most unknown parameters of one command: without a limit, looking for duplicates would cost the square of what
/// a peer sends.
const MAX_UNKNOWN: usize = 32;

/// Where the parameters of a command stand, and which of the known ones are among them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ParametersPlace {
    /// Octets of the line that are left where they start: they reach to its end. 0: there are none.
    pub(crate) left: usize,
    pub(crate) known: Known,
}

/// `Mail-parameters = esmtp-param *(SP esmtp-param)`
pub(crate) fn mail_parameters<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ParametersPlace> {
    parameters(i, tolerance, Known::of_mail, mail_value)
}

/// `Rcpt-parameters = esmtp-param *(SP esmtp-param)`
pub(crate) fn rcpt_parameters<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ParametersPlace> {
    parameters(i, tolerance, Known::of_rcpt, rcpt_value)
}

/// `esmtp-param *(SP esmtp-param)`, each keyword once; `value` reads what a keyword asks for.
#[inline]
fn parameters<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    knows: impl Fn(&[u8]) -> Option<Known>,
    value: impl Fn(Span<'a>, Option<Known>) -> Parsed<'a, ()>,
) -> Parsed<'a, ParametersPlace> {
    let (mut known, mut unknown, mut rest) = (Known::NONE, 0, i);
    loop {
        let (after, keyword) = esmtp_keyword(rest)?;
        let found = knows(keyword.text());
        let said = match found {
            Some(found) => known.has(found.excludes()),
            None => unknown > 0 && stands_in(i.before(rest).text(), keyword.text()),
        };
        if said {
            return match found {
                // HOLDFOR and HOLDUNTIL exclude one another
                Some(found) if !known.has(found) => expected(rest, "HOLDFOR or HOLDUNTIL, not both"),
                _ => expected(rest, "each parameter only once"),
            };
        }
        match found {
            Some(found) => known = known.with(found),
            None if unknown < MAX_UNKNOWN => unknown += 1,
            None => return expected(rest, "at most 32 unknown parameters"),
        }
        (rest, ()) = value(after, found)?;
        if rest.is_empty() {
            return Ok((rest, ParametersPlace { left: i.text().len(), known }));
        }
        (rest, ()) = space(rest, tolerance)?;
    }
}

/// Is this keyword among those of `parameters`?
fn stands_in(parameters: &[u8], keyword: &[u8]) -> bool {
    let mut parameters = parameters.split(|octet| *octet == b' ');
    parameters.any(|parameter| match parameter.split_at_checked(keyword.len()) {
        Some((name, [] | [b'=', ..])) => name.eq_ignore_ascii_case(keyword),
        _ => false,
    })
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
fn any_value(i: Span<'_>) -> Parsed<'_, ()> {
    match octet(b'=', "'='")(i) {
        Ok((i, ())) => esmtp_value(i),
        Err(_) => Ok((i, ())),
    }
}

/// `["=" esmtp-value]` behind a keyword of MAIL
#[inline]
fn mail_value(i: Span<'_>, found: Option<Known>) -> Parsed<'_, ()> {
    let value = octet(b'=', "'='");
    match found {
        Some(Known::SIZE) => size_value(value(i)?.0),
        Some(Known::BODY) => body_value(value(i)?.0),
        Some(Known::AUTH) => auth_value(value(i)?.0),
        // "If this parameter is provided, it MUST not accept a value".
        // rule rfc6531 3.4 smtputf8-no-value: the parameter SMTPUTF8 has no value [instead: any_value(i)]
        Some(Known::SMTPUTF8) => Ok((i, ())),
        None => any_value(i),
        Some(found) => seldom_mail_value(i, found),
    }
}

/// `["=" esmtp-value]` behind another keyword of MAIL
#[cold]
fn seldom_mail_value(i: Span<'_>, found: Known) -> Parsed<'_, ()> {
    let value = octet(b'=', "'='");
    match found {
        Known::RET => dsn::ret_value(value(i)?.0),
        Known::ENVID => dsn::envid_value(value(i)?.0),
        Known::BY => delivery::by_value(value(i)?.0).map(|(rest, _)| (rest, ())),
        Known::MT_PRIORITY => delivery::priority_value(value(i)?.0).map(|(rest, _)| (rest, ())),
        Known::HOLDFOR => delivery::holdfor_value(value(i)?.0),
        Known::HOLDUNTIL => delivery::holduntil_value(value(i)?.0),
        Known::SOLICIT => delivery::solicit_value(value(i)?.0),
        Known::MTRK => delivery::mtrk_value(value(i)?.0),
        Known::TRANSID => delivery::transid_value(value(i)?.0),
        Known::SUBMITTER => submitter_value(value(i)?.0),
        // CONPERM and REQUIRETLS have none.
        _ => Ok((i, ())),
    }
}

/// `["=" esmtp-value]` behind a keyword of RCPT
#[inline]
fn rcpt_value(i: Span<'_>, found: Option<Known>) -> Parsed<'_, ()> {
    let value = octet(b'=', "'='");
    match found {
        Some(Known::NOTIFY) => dsn::notify_value(value(i)?.0),
        Some(Known::ORCPT) => dsn::orcpt_value(value(i)?.0),
        Some(Known::RRVS) => delivery::rrvs_value(value(i)?.0),
        // CONNEG has none.
        Some(_) => Ok((i, ())),
        None => any_value(i),
    }
}

/// `esmtp-value = 1*(%d33-60 / %d62-126 / UTF8-non-ascii)` (the last by [RFC 6531 §3.3])
///
/// [RFC 6531 §3.3]: https://www.rfc-editor.org/rfc/rfc6531#section-3.3
pub(crate) fn esmtp_value(i: Span<'_>) -> Parsed<'_, ()> {
    let mut octets = class::run(i.text(), VALUE);
    let ascii = !i.text().get(octets).is_some_and(|octet| class::is(*octet, NON_ASCII));
    if !ascii {
        octets += class::run(i.part(octets).0.text(), VALUE | NON_ASCII);
    }
    if octets == 0 {
        // rule rfc5321 4.1.2 esmtp-value: behind "=" there is a value
        return expected(i, "a value");
    }
    let rest = i.part(octets).0;
    // rule rfc6531 3.3 utf8-parameter: a parameter that is not ASCII is UTF-8 [instead: Ok((rest, ()))]
    if ascii { Ok((rest, ())) } else { utf8(i, rest) }
}

/// `size-value = 1*20DIGIT` ([RFC 1870 §4](https://www.rfc-editor.org/rfc/rfc1870#section-4)), below 2^64
#[inline]
fn size_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, digits) = i.part(class::run(i.text(), DIGIT));
    let octets = digits.text().len();
    if octets > 20 {
        // rule rfc1870 3 size-20-digits: a size has at most 20 digits
        return expected(i, "a number of at most 20 digits");
    }
    // Fewer than 20 are below 2^64 whatever they are.
    if (1..20).contains(&octets) { Ok((rest, ())) } else { number(i).map(|(rest, _)| (rest, ())) }
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
    let (rest, ()) = esmtp_value(i)?;
    match xtext::decode(i.before(rest).text()).and_then(submitter) {
        Ok(_) => Ok((rest, ())),
        // rule rfc4954 8 auth-mailbox: AUTH= says a mailbox or "<>", as xtext [instead: Ok((rest, ()))]
        Err(_) => expected(i, "a mailbox as xtext, or \"<>\""),
    }
}

/// `submitter-value = xtext`: a mailbox
/// ([RFC 4405 §4](https://www.rfc-editor.org/rfc/rfc4405#section-4))
fn submitter_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, ()) = esmtp_value(i)?;
    match xtext::decode(i.before(rest).text()).and_then(submitter) {
        Ok(Submitter::Mailbox(_)) => Ok((rest, ())),
        _ => expected(i, "a mailbox as xtext"),
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
    let place = span::parse_text(&text, |i| path::mailbox(i, &mut tolerance))?;
    Ok(Submitter::Mailbox(Mailbox::from_checked(text, 0, place)))
}
