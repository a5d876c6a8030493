//! Command lines ([RFC 5321 §4.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1)).
use super::{
    Tolerance, domain,
    parameter::{self, ParametersPlace},
    path, skip_spaces, space,
};
use crate::{Atrn, Auth, Command, DeviationKind, Fault, path::PathPlace};
use mail_wire::{
    Secret, Text,
    class::{self, BLANK, NON_ASCII, VISIBLE},
    sasl,
    span::{Key, Parsed, Span, begins, expected, fold, sasl_mech, some},
    word::Letters,
};

const EHLO: u32 = four(b"EHLO");
const HELO: u32 = four(b"HELO");
const LHLO: u32 = four(b"LHLO");
const MAIL: u32 = four(b"MAIL");
const RCPT: u32 = four(b"RCPT");
const DATA: u32 = four(b"DATA");
const RSET: u32 = four(b"RSET");
const NOOP: u32 = four(b"NOOP");
const VRFY: u32 = four(b"VRFY");
const EXPN: u32 = four(b"EXPN");
const HELP: u32 = four(b"HELP");
const QUIT: u32 = four(b"QUIT");
const BDAT: u32 = four(b"BDAT");
const ETRN: u32 = four(b"ETRN");
const ATRN: u32 = four(b"ATRN");
const BURL: u32 = four(b"BURL");
const XCLIENT: Key = fold(b"XCLIENT");
const XFORWARD: Key = fold(b"XFORWARD");
const STARTTLS: Key = fold(b"STARTTLS");
const AUTH: u32 = four(b"AUTH");

const FROM: Letters = Letters::new("FROM:");
const TO: Letters = Letters::new("TO:");

/// A verb of four letters in upper case, to `match` on. No other octets become letters by it.
const fn four(verb: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*verb) & !u32::from_le_bytes([0x20; 4])
}

/// Which command a line begins with: what stands behind it is still to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Ehlo,
    Helo,
    Lhlo,
    Mail,
    Rcpt,
    Noop,
    Vrfy,
    Expn,
    Help,
    Auth,
    Bdat,
    Etrn,
    Atrn,
    Burl,
    XClient,
    XForward,
    /// One that stands alone, or none that is known.
    Other,
}

/// The places of MAIL and RCPT.
pub(crate) struct Envelope {
    /// `None`: the null path, or the postmaster without a domain.
    pub(crate) path: Option<PathPlace>,
    pub(crate) parameters: ParametersPlace,
}

/// A verb that takes arguments: it ends there, or white space follows. Nearly all have four letters.
#[inline]
pub(crate) fn verb(line: &[u8]) -> Verb {
    let ([a, b, c, d] | [a, b, c, d, b' ', ..]) = line else { return long_verb(line) };
    match four(&[*a, *b, *c, *d]) {
        EHLO => Verb::Ehlo,
        HELO => Verb::Helo,
        LHLO => Verb::Lhlo,
        MAIL => Verb::Mail,
        RCPT => Verb::Rcpt,
        // rule rfc5321 4.1.1.9 noop-argument: NOOP may have an argument
        NOOP => Verb::Noop,
        // rule rfc5321 4.1.1.6 vrfy-argument: VRFY has an argument
        VRFY => Verb::Vrfy,
        // rule rfc5321 4.1.1.7 expn-argument: EXPN has an argument
        EXPN => Verb::Expn,
        // rule rfc5321 4.1.1.8 help-argument: HELP may have an argument
        HELP => Verb::Help,
        AUTH => Verb::Auth,
        // rule rfc3030 2 bdat: BDAT has the length of its chunk behind it
        BDAT => Verb::Bdat,
        // rule rfc1985 5 etrn: ETRN has the name of a node behind it
        ETRN => Verb::Etrn,
        // rule rfc2645 5.2.1 atrn: ATRN may have domains behind it
        ATRN => Verb::Atrn,
        // rule rfc4468 3.5 burl: BURL has a URL behind it
        BURL => Verb::Burl,
        _ => Verb::Other,
    }
}

/// A verb of more letters.
fn long_verb(line: &[u8]) -> Verb {
    let name = line.split(|octet| *octet == b' ').next().unwrap_or_default();
    match fold(name) {
        XCLIENT => Verb::XClient,
        XFORWARD => Verb::XForward,
        _ => Verb::Other,
    }
}

/// A command that is nothing but its verb.
#[inline]
pub(crate) fn lone(line: &[u8]) -> Option<Command> {
    let [a, b, c, d] = line else {
        // rule rfc3207 4 no-parameters: STARTTLS has no argument, and hears 501 with one [instead: return None]
        return (line.len() == 8 && fold(line) == STARTTLS).then(|| Command::StartTls);
    };
    match four(&[*a, *b, *c, *d]) {
        // rule rfc5321 4.1.1.4 data-no-argument: DATA has no argument, and hears 501 with one
        DATA => Some(Command::Data),
        // rule rfc5321 4.1.1.5 rset-no-argument: RSET has no argument, and hears 501 with one
        RSET => Some(Command::Rset),
        // rule rfc5321 4.1.1.10 quit-no-argument: QUIT has no argument, and hears 501 with one
        QUIT => Some(Command::Quit),
        NOOP => Some(Command::Noop(None)),
        HELP => Some(Command::Help(None)),
        // rule rfc2645 5.2.1 no-domains: ATRN without domains asks for all of them
        ATRN => Some(Command::Atrn(Atrn::all())),
        _ => None,
    }
}

/// Another verb, and arguments: how many octets the one has, and how many are left where the others start.
pub(crate) fn other<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    fault: &mut Fault,
) -> Parsed<'a, (usize, Option<usize>)> {
    *fault = Fault::Verb;
    let (rest, name) = some(VISIBLE, "a command")(i)?;
    if !matches!(rest.first(), None | Some(b' ')) {
        return expected(rest, "a space");
    }
    if lone(name.text()).is_some() {
        *fault = Fault::Argument;
        return expected(rest, "the end");
    }
    // Whatever it is, nothing here knows what its arguments should be.
    let (rest, arguments) = if rest.is_empty() {
        (rest, None)
    } else {
        argument_of(rest, tolerance).map(|(rest, left)| (rest, Some(left)))?
    };
    Ok((rest, (name.text().len(), arguments)))
}

/// A verb that [`Command`] has no variant for.
pub(crate) fn other_verb(i: Span<'_>) -> Parsed<'_, Text> {
    let (rest, name) = some(VISIBLE, "a command")(i)?;
    if verb(name.text()) != Verb::Other || lone(name.text()).is_some() {
        return expected(i, "a command without a variant of its own");
    }
    Ok((rest, name.share_text()?))
}

/// `ehlo = "EHLO" SP ( Domain / address-literal ) CRLF` ([RFC 5321 §4.1.1.1]), and `HELO` and `LHLO` alike: for
/// them too the text of the RFC tells clients without a name to send an address literal.
///
/// [RFC 5321 §4.1.1.1]: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1
pub(crate) fn hello<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, usize> {
    let i = match space(i, tolerance) {
        Ok((rest, ())) => rest,
        Err(_) if i.is_empty() => i,
        Err(e) => return Err(e),
    };
    let left = i.text().len();
    domain::client_name(i, tolerance).map(|(rest, ())| (rest, left))
}

/// `mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF` ([RFC 5321 §4.1.1.2])
///
/// [RFC 5321 §4.1.1.2]: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.2
#[inline]
pub(crate) fn mail<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    fault: &mut Fault,
) -> Parsed<'a, Envelope> {
    let (i, ()) = space(i, tolerance)?;
    // rule rfc5321 4.1.1.2 from: a sender stands behind "FROM:", in any case
    let (i, ()) = begins(FROM, "\"FROM:\"")(i)?;
    // rule rfc5321 4.1.2 bad-sender-501: a sender's address that is malformed hears 501 5.1.7
    *fault = Fault::Sender;
    let i = skip_spaces(i, DeviationKind::SpaceAfterColon, tolerance);
    let (i, path) = path::reverse_path(i, tolerance)?;
    *fault = Fault::Argument;
    if i.is_empty() {
        return Ok((i, Envelope { path, parameters: ParametersPlace::default() }));
    }
    let (i, ()) = space(i, tolerance)?;
    let (i, parameters) = parameter::mail_parameters(i, tolerance)?;
    Ok((i, Envelope { path, parameters }))
}

/// `rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF`
/// ([RFC 5321 §4.1.1.3])
///
/// [RFC 5321 §4.1.1.3]: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.3
#[inline]
pub(crate) fn rcpt<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    fault: &mut Fault,
) -> Parsed<'a, Envelope> {
    let (i, ()) = space(i, tolerance)?;
    // rule rfc5321 2.4 keywords-in-any-case: a recipient stands behind "TO:", in any case
    let (i, ()) = begins(TO, "\"TO:\"")(i)?;
    // rule rfc5321 4.1.2 bad-recipient-501: a recipient's address that is malformed hears 501 5.1.3
    *fault = Fault::Recipient;
    let i = skip_spaces(i, DeviationKind::SpaceAfterColon, tolerance);
    let (i, path) = path::forward_path(i, tolerance)?;
    *fault = Fault::Argument;
    if i.is_empty() {
        return Ok((i, Envelope { path, parameters: ParametersPlace::default() }));
    }
    let (i, ()) = space(i, tolerance)?;
    let (i, parameters) = parameter::rcpt_parameters(i, tolerance)?;
    Ok((i, Envelope { path, parameters }))
}

/// `auth-command = "AUTH" SP sasl-mech [SP initial-response]` ([RFC 4954 §8])
///
/// [RFC 4954 §8]: https://www.rfc-editor.org/rfc/rfc4954#section-8
pub(crate) fn auth<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>, fault: &mut Fault) -> Parsed<'a, Auth> {
    let (i, ()) = space(i, tolerance)?;
    let (i, mechanism) = sasl_mech(i)?;
    if i.is_empty() {
        // rule rfc4954 4 no-initial: AUTH may come without an initial response
        return Ok((i, Auth { mechanism, initial: None }));
    }
    let (i, ()) = space(i, tolerance)?;
    // rule rfc4954 4 initial-not-base64: an initial response that is no base64 hears 501 5.5.2
    *fault = Fault::Base64;
    let (i, initial) = initial_response(i)?;
    Ok((i, Auth { mechanism, initial: Some(initial) }))
}

/// `initial-response = base64 / "="` ([RFC 4954 §8])
///
/// [RFC 4954 §8]: https://www.rfc-editor.org/rfc/rfc4954#section-8
fn initial_response(i: Span<'_>) -> Parsed<'_, Secret> {
    let (rest, text) = some(VISIBLE, "base64")(i)?;
    match sasl::decode_initial(text.text()) {
        Ok(secret) => Ok((rest, secret)),
        Err(sasl::NotBase64) => expected(i, "base64"),
    }
}

/// `SP String`: how many octets are left where the latter starts.
pub(crate) fn argument_of<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, usize> {
    let (i, ()) = space(i, tolerance)?;
    argument(i).map(|(rest, ())| (rest, i.text().len()))
}

/// `argument = printable *( *WSP printable )`, where `printable = VCHAR / UTF8-non-ascii`: whatever the RFC's
/// `String` may be, and what people send for it.
pub(crate) fn argument(i: Span<'_>) -> Parsed<'_, ()> {
    let (_, ()) = match i.first() {
        Some(first) if class::is(first, VISIBLE | NON_ASCII) => (i, ()),
        _ => return expected(i, "an argument"),
    };
    let (rest, text) = some(VISIBLE | BLANK | NON_ASCII, "an argument")(i)?;
    if text.text().last().is_some_and(|last| class::is(*last, BLANK)) {
        return expected(rest, "an argument without white space at its end");
    }
    utf8(i, rest)
}

/// Checks that what stands before `rest` is UTF-8.
pub(crate) fn utf8<'a>(i: Span<'a>, rest: Span<'a>) -> Parsed<'a, ()> {
    match core::str::from_utf8(i.before(rest).text()) {
        Ok(_) => Ok((rest, ())),
        Err(e) => expected(i.part(e.valid_up_to()).0, "UTF-8"),
    }
}
