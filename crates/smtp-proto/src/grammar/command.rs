//! Command lines ([RFC 5321 §4.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1)).
use super::{Tolerance, domain, parameter, path, skip_spaces, space};
use crate::{Argument, Auth, Command, DeviationKind, Fault, Mail, OtherCommand, Rcpt};
use mail_wire::{
    Secret, Text,
    class::{self, BLANK, NON_ASCII, VISIBLE},
    sasl,
    span::{Key, Parsed, Span, expected, fold, letters, sasl_mech, some},
};
use nom::Parser;

const EHLO: Key = fold(b"EHLO");
const HELO: Key = fold(b"HELO");
const LHLO: Key = fold(b"LHLO");
const MAIL: Key = fold(b"MAIL");
const RCPT: Key = fold(b"RCPT");
const DATA: Key = fold(b"DATA");
const RSET: Key = fold(b"RSET");
const NOOP: Key = fold(b"NOOP");
const VRFY: Key = fold(b"VRFY");
const EXPN: Key = fold(b"EXPN");
const HELP: Key = fold(b"HELP");
const QUIT: Key = fold(b"QUIT");
const STARTTLS: Key = fold(b"STARTTLS");
const AUTH: Key = fold(b"AUTH");

/// `command = verb [SP arguments]`: `fault` tells which part was being read.
pub(crate) fn command<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    fault: &mut Fault,
) -> Parsed<'a, Command> {
    let (rest, name) = verb(i)?;
    *fault = Fault::Argument;
    match fold(name.text()) {
        EHLO => hello(rest, tolerance).map(|(rest, name)| (rest, Command::Ehlo(name))),
        HELO => hello(rest, tolerance).map(|(rest, name)| (rest, Command::Helo(name))),
        LHLO => hello(rest, tolerance).map(|(rest, name)| (rest, Command::Lhlo(name))),
        MAIL => mail(rest, tolerance, fault).map(|(rest, mail)| (rest, Command::Mail(mail))),
        RCPT => rcpt(rest, tolerance, fault).map(|(rest, rcpt)| (rest, Command::Rcpt(rcpt))),
        // rule rfc5321 4.1.1.4 data-no-argument: DATA has no argument, and hears 501 with one
        DATA => Ok((rest, Command::Data)),
        // rule rfc5321 4.1.1.5 rset-no-argument: RSET has no argument, and hears 501 with one
        RSET => Ok((rest, Command::Rset)),
        // rule rfc5321 4.1.1.9 noop-argument: NOOP may have an argument
        NOOP => optional(rest, tolerance).map(|(rest, argument)| (rest, Command::Noop(argument))),
        // rule rfc5321 4.1.1.6 vrfy-argument: VRFY has an argument
        VRFY => required(rest, tolerance).map(|(rest, argument)| (rest, Command::Vrfy(argument))),
        // rule rfc5321 4.1.1.7 expn-argument: EXPN has an argument
        EXPN => required(rest, tolerance).map(|(rest, argument)| (rest, Command::Expn(argument))),
        // rule rfc5321 4.1.1.8 help-argument: HELP may have an argument
        HELP => optional(rest, tolerance).map(|(rest, argument)| (rest, Command::Help(argument))),
        // rule rfc5321 4.1.1.10 quit-no-argument: QUIT has no argument, and hears 501 with one
        QUIT => Ok((rest, Command::Quit)),
        // rule rfc3207 4 no-parameters: STARTTLS has no argument, and hears 501 with one
        STARTTLS => Ok((rest, Command::StartTls)),
        AUTH => auth(rest, tolerance, fault).map(|(rest, auth)| (rest, Command::Auth(auth))),
        _ => {
            // Whatever it is, nothing here knows what its arguments should be.
            *fault = Fault::Verb;
            let (rest, arguments) = optional(rest, tolerance)?;
            Ok((rest, Command::Other(OtherCommand::from_checked(name.share_text()?, arguments))))
        }
    }
}

/// `verb = 1*VCHAR`, at the line's end or before white space. The RFC's own are letters.
fn verb(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    let (rest, name) = some(VISIBLE, "a command")(i)?;
    match rest.first() {
        None | Some(b' ') => Ok((rest, name)),
        _ => expected(rest, "a space"),
    }
}

/// A verb that [`Command`] has no variant for.
pub(crate) fn other_verb(i: Span<'_>) -> Parsed<'_, Text> {
    let (rest, name) = some(VISIBLE, "a command")(i)?;
    match fold(name.text()) {
        EHLO | HELO | LHLO | MAIL | RCPT | DATA | RSET | NOOP | VRFY | EXPN | HELP | QUIT | STARTTLS
        | AUTH => expected(i, "a command without a variant of its own"),
        _ => Ok((rest, name.share_text()?)),
    }
}

/// `ehlo = "EHLO" SP ( Domain / address-literal ) CRLF` ([RFC 5321 §4.1.1.1]), and `HELO` and `LHLO` alike: for
/// them too the text of the RFC tells clients without a name to send an address literal.
///
/// [RFC 5321 §4.1.1.1]: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1
fn hello<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, crate::ClientName> {
    let i = match space(i, tolerance) {
        Ok((rest, ())) => rest,
        Err(_) if i.is_empty() => i,
        Err(e) => return Err(e),
    };
    domain::client_name(i, tolerance)
}

/// `mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF` ([RFC 5321 §4.1.1.2])
///
/// [RFC 5321 §4.1.1.2]: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.2
fn mail<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>, fault: &mut Fault) -> Parsed<'a, Mail> {
    let (i, ()) = space(i, tolerance)?;
    // rule rfc5321 4.1.1.2 from: a sender stands behind "FROM:", in any case
    let (i, ()) = letters("FROM:", "\"FROM:\"")(i)?;
    // rule rfc5321 4.1.2 bad-sender-501: a sender's address that is malformed hears 501 5.1.7
    *fault = Fault::Sender;
    let i = skip_spaces(i, DeviationKind::SpaceAfterColon, tolerance);
    let (i, from) = path::reverse_path(i, tolerance)?;
    *fault = Fault::Argument;
    if i.is_empty() {
        return Ok((i, Mail::new(from)));
    }
    let (i, ()) = space(i, tolerance)?;
    let (i, parameters) = parameter::mail_parameters(i, tolerance)?;
    Ok((i, Mail { from, parameters }))
}

/// `rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF`
/// ([RFC 5321 §4.1.1.3])
///
/// [RFC 5321 §4.1.1.3]: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.3
fn rcpt<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>, fault: &mut Fault) -> Parsed<'a, Rcpt> {
    let (i, ()) = space(i, tolerance)?;
    // rule rfc5321 2.4 keywords-in-any-case: a recipient stands behind "TO:", in any case
    let (i, ()) = letters("TO:", "\"TO:\"")(i)?;
    // rule rfc5321 4.1.2 bad-recipient-501: a recipient's address that is malformed hears 501 5.1.3
    *fault = Fault::Recipient;
    let i = skip_spaces(i, DeviationKind::SpaceAfterColon, tolerance);
    let (i, to) = path::forward_path(i, tolerance)?;
    *fault = Fault::Argument;
    if i.is_empty() {
        return Ok((i, Rcpt::new(to)));
    }
    let (i, ()) = space(i, tolerance)?;
    let (i, parameters) = parameter::rcpt_parameters(i, tolerance)?;
    Ok((i, Rcpt { to, parameters }))
}

/// `auth-command = "AUTH" SP sasl-mech [SP initial-response]` ([RFC 4954 §8])
///
/// [RFC 4954 §8]: https://www.rfc-editor.org/rfc/rfc4954#section-8
fn auth<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>, fault: &mut Fault) -> Parsed<'a, Auth> {
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

/// `[ SP String ]`
fn optional<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<Argument>> {
    if i.is_empty() {
        return Ok((i, None));
    }
    required(i, tolerance).map(|(rest, argument)| (rest, Some(argument)))
}

/// `SP String`
fn required<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Argument> {
    let (i, ()) = space(i, tolerance)?;
    argument.parse(i)
}

/// `argument = printable *( *WSP printable )`, where `printable = VCHAR / UTF8-non-ascii`: whatever the RFC's
/// `String` may be, and what people send for it.
pub(crate) fn argument(i: Span<'_>) -> Parsed<'_, Argument> {
    let (_, ()) = match i.first() {
        Some(first) if class::is(first, VISIBLE | NON_ASCII) => (i, ()),
        _ => return expected(i, "an argument"),
    };
    let (rest, text) = some(VISIBLE | BLANK | NON_ASCII, "an argument")(i)?;
    if text.text().last().is_some_and(|last| class::is(*last, BLANK)) {
        return expected(rest, "an argument without white space at its end");
    }
    utf8(text)?;
    Ok((rest, Argument::from_checked(text.share_text()?)))
}

/// Checks that this is UTF-8.
pub(crate) fn utf8(text: Span<'_>) -> Parsed<'_, ()> {
    // Nearly all is ASCII, and to see that is quick.
    if text.text().is_ascii() {
        return Ok((text.part(text.text().len()).0, ()));
    }
    match core::str::from_utf8(text.text()) {
        Ok(_) => Ok((text.part(text.text().len()).0, ())),
        Err(e) => expected(text.part(e.valid_up_to()).0, "UTF-8"),
    }
}
