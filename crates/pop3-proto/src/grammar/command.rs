//! Commands ([RFC 1939], [RFC 2449 §3], [RFC 2595 §4], [RFC 5034 §5], [RFC 6856]).
//!
//! [RFC 1939]: https://www.rfc-editor.org/rfc/rfc1939
//! [RFC 2449 §3]: https://www.rfc-editor.org/rfc/rfc2449#section-3
//! [RFC 2595 §4]: https://www.rfc-editor.org/rfc/rfc2595#section-4
//! [RFC 5034 §5]: https://www.rfc-editor.org/rfc/rfc5034#section-5
//! [RFC 6856]: https://www.rfc-editor.org/rfc/rfc6856
use super::{apop::apop, language::language_range, message_number, upper};
use crate::{Command, MessageNumber, Name, OtherCommand, Password};
use bytes::Bytes;
use mail_wire::span::sasl_mech;
use mail_wire::{
    ParseError, Secret, class, sasl,
    span::{Expected, Key, Parsed, Span, end, ended, expected, fold, maybe, number, refused, rest, some, sp},
};
use nom::{
    Err, Parser,
    sequence::{preceded, separated_pair},
};

const USER: u32 = letters(*b"USER");
const PASS: u32 = letters(*b"PASS");
const APOP: u32 = letters(*b"APOP");
const CAPA: u32 = letters(*b"CAPA");
const STLS: u32 = letters(*b"STLS");
const AUTH: u32 = letters(*b"AUTH");
const STAT: u32 = letters(*b"STAT");
const LIST: u32 = letters(*b"LIST");
const UIDL: u32 = letters(*b"UIDL");
const RETR: u32 = letters(*b"RETR");
const DELE: u32 = letters(*b"DELE");
const NOOP: u32 = letters(*b"NOOP");
const RSET: u32 = letters(*b"RSET");
const QUIT: u32 = letters(*b"QUIT");
const LANG: u32 = letters(*b"LANG");
const TOP: u32 = letters(*b"TOP\0") | 0x20;
const UTF8: Key = fold(b"UTF8");

/// `command = keyword *(SP param)`, which is all of the line
///
/// Where a rule fails is told at once: a command is wide, and is made where it is returned.
pub(crate) fn command(line: &Bytes) -> Result<Command, ParseError> {
    let start = Span::new(line);
    let (i, verb) = four_letters(start);
    let told = |error| refused(error, line);
    match verb {
        // rule rfc1939 7 user: USER is known: all that follows is the name
        USER => sp(i).and_then(|(i, ())| user_name(i)).map_err(told).map(Command::User),
        // rule rfc1939 7 pass: PASS is known: all that follows is the password, spaces too
        PASS => sp(i).and_then(|(i, ())| password(i)).map_err(told).map(Command::Pass),
        // rule rfc1939 7 apop: APOP is known, with a name and a digest
        APOP => preceded(sp, apop).parse(i).and_then(ended).map_err(told),
        // rule rfc2449 5 capa: CAPA is known, and has no argument
        CAPA => end(i).map_err(told).map(|()| Command::Capa),
        // rule rfc2595 4 stls: STLS is known, and has no argument
        STLS => end(i).map_err(told).map(|()| Command::Stls),
        AUTH if i.is_empty() => Ok(Command::AuthList),
        // rule rfc5034 4 auth: AUTH is known, with a mechanism
        AUTH => preceded(sp, auth).parse(i).and_then(ended).map_err(told),
        // rule rfc1939 5 stat: STAT is known, and has no argument
        STAT => end(i).map_err(told).map(|()| Command::Stat),
        // rule rfc1939 5 list: LIST is known, with and without a message
        LIST => optional_message(i).map_err(told).map(Command::List),
        // rule rfc1939 7 uidl: UIDL is known, with and without a message
        UIDL => optional_message(i).map_err(told).map(Command::Uidl),
        // rule rfc1939 5 retr: RETR is known, with a message
        RETR => message(i).map_err(told).map(Command::Retr),
        // rule rfc1939 5 dele: DELE is known, with a message
        DELE => message(i).map_err(told).map(Command::Dele),
        // rule rfc1939 5 noop: NOOP is known, and has no argument
        NOOP => end(i).map_err(told).map(|()| Command::Noop),
        // rule rfc1939 5 rset: RSET is known, and has no argument
        RSET => end(i).map_err(told).map(|()| Command::Rset),
        // rule rfc1939 7 top: TOP is known, with a message and a number of lines
        TOP => top(i).map_err(told).map(|(message, lines)| Command::Top { message, lines }),
        // rule rfc1939 6 quit: QUIT is known, and has no argument
        QUIT => end(i).map_err(told).map(|()| Command::Quit),
        // rule rfc6856 3.2 lang-alone: LANG may stand without a range
        LANG if i.is_empty() => Ok(Command::Lang(None)),
        // rule rfc6856 3.2 lang: LANG is known, with a range
        LANG => {
            let range = preceded(sp, language_range).parse(i).and_then(ended).map_err(told);
            range.map(|range| Command::Lang(Some(range)))
        }
        _ => further(start).and_then(ended).map_err(told),
    }
}

/// The keywords of other lengths, and those that are not known
fn further(i: Span<'_>) -> Parsed<'_, Command> {
    let (i, name) = keyword(i)?;
    match fold(name.text()) {
        // rule rfc6856 2.1 utf8: UTF8 is known, and has no argument
        UTF8 => Ok((i, Command::Utf8)),
        _ => other(i, name),
    }
}

/// A keyword of four letters or of three, and what stands behind it. Nearly all are that: one look tells them all.
/// 0: it is none.
#[inline]
fn four_letters(i: Span<'_>) -> (Span<'_>, u32) {
    match i.text() {
        // No four have this bit.
        [a, b, c] | [a, b, c, b' ', ..] => (i.part(3).0, letters([*a, *b, *c, 0]) | 0x20),
        [a, b, c, d] | [a, b, c, d, b' ', ..] => (i.part(4).0, letters([*a, *b, *c, *d])),
        _ => (i, 0),
    }
}

/// Four octets as one number, the same in upper and lower case: equal to that of letters for the letters alone.
const fn letters(name: [u8; 4]) -> u32 {
    u32::from_be_bytes(name) & 0xdfdf_dfdf
}

/// `keyword = 3*4VCHAR`; unknown ones of any length are kept
fn keyword(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    some(class::VISIBLE, "a keyword")(i)
}

/// `SP message-number`
#[inline]
fn message(i: Span<'_>) -> Result<MessageNumber, Err<Expected>> {
    preceded(sp, message_number).parse(i).and_then(ended)
}

/// `SP message-number SP number`
#[inline]
fn top(i: Span<'_>) -> Result<(MessageNumber, u64), Err<Expected>> {
    preceded(sp, separated_pair(message_number, sp, number)).parse(i).and_then(ended)
}

/// `[SP message-number]`
#[inline]
fn optional_message(i: Span<'_>) -> Result<Option<MessageNumber>, Err<Expected>> {
    // rule rfc1939 5 list-alone: LIST and UIDL may stand without a message
    if i.is_empty() { Ok(None) } else { message(i).map(Some) }
}

/// The name behind USER: all that is left, and not nothing
#[inline(always)]
pub(super) fn user_name(i: Span<'_>) -> Result<Name, Err<Expected>> {
    Name::read(i.text(), || i.share()).or_else(|_| expected(i, "a name"))
}

/// The string behind PASS: all that is left, and not nothing
///
/// An empty password is refused here: some directories take one for an anonymous login that succeeds.
#[inline]
fn password(i: Span<'_>) -> Result<Password, Err<Expected>> {
    Password::new(i.text()).or_else(|_| expected(i, "a password"))
}

/// `auth-command = "AUTH" SP sasl-mech [SP initial-response]`, behind the first space
fn auth(i: Span<'_>) -> Parsed<'_, Command> {
    let (i, mechanism) = sasl_mech(i)?;
    // rule rfc5034 4 no-initial-response: AUTH may stand without an initial response
    if i.is_empty() {
        return Ok((i, Command::Auth { mechanism, initial: None }));
    }
    let (i, initial) = preceded(sp, initial_response).parse(i)?;
    Ok((i, Command::Auth { mechanism, initial: Some(initial) }))
}

/// `initial-response = base64 / "="`
fn initial_response(i: Span<'_>) -> Parsed<'_, Secret> {
    match sasl::decode_initial(i.text()) {
        Ok(secret) if !i.is_empty() => Ok((rest(i)?.0, secret)),
        _ => expected(i, "base64 or '='"),
    }
}

/// What is not known here
fn other<'a>(i: Span<'a>, name: Span<'a>) -> Parsed<'a, Command> {
    let (i, arguments) = maybe(preceded(sp, rest)).parse(i)?;
    let arguments = arguments.map(Span::share_text).transpose()?;
    Ok((i, Command::Other(OtherCommand { keyword: upper(name), arguments })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, LanguageRange, LanguageTag, Mechanism, grammar::tests::line};
    use std::string::ToString;

    fn parsed(text: &str) -> Command {
        Command::parse(&line(text)).expect(text)
    }

    fn message(number: u32) -> MessageNumber {
        MessageNumber::new(number).unwrap()
    }

    // covers rfc1939 7 user
    // covers rfc1939 7 pass
    // covers rfc2449 5 capa
    // covers rfc2595 4 stls
    // covers rfc5034 4 auth
    // covers rfc1939 5 stat
    // covers rfc1939 5 list
    // covers rfc1939 7 uidl
    // covers rfc1939 5 retr
    // covers rfc1939 7 top
    // covers rfc1939 5 dele
    // covers rfc1939 5 noop
    // covers rfc1939 5 rset
    // covers rfc1939 6 quit
    // covers rfc1939 5 list-alone
    // covers rfc5034 4 no-initial-response
    // covers rfc1939 7 apop
    // covers rfc6856 2.1 utf8
    // covers rfc6856 3.2 lang
    // covers rfc6856 3.2 lang-alone
    // covers rfc6856 3.2 lang-star
    #[test]
    fn commands_of_the_rfcs() {
        let digest = Digest::new("c4c9334bac560ecc979e58001b3e22fb").unwrap();
        let apop = |name: &'static str| Command::Apop { name: Name::new(name).unwrap(), digest };
        for (text, command) in [
            ("USER mrose", Command::User(Name::new("mrose").unwrap())),
            ("user m rose", Command::User(Name::new("m rose").unwrap())),
            ("PASS tan staaf ", Command::Pass(Password::new(b"tan staaf ").unwrap())),
            ("CAPA", Command::Capa),
            ("Stls", Command::Stls),
            ("AUTH", Command::AuthList),
            ("AUTH CRAM-MD5", Command::Auth { mechanism: Mechanism::CRAM_MD5, initial: None }),
            (
                "auth plain dGVzdAB0ZXN0AHRlc3Q=",
                Command::Auth {
                    mechanism: Mechanism::PLAIN,
                    initial: Some(Secret::copy_from(b"test\0test\0test")),
                },
            ),
            (
                "AUTH EXTERNAL =",
                Command::Auth { mechanism: Mechanism::EXTERNAL, initial: Some(Secret::copy_from(b"")) },
            ),
            ("STAT", Command::Stat),
            ("LIST", Command::List(None)),
            ("LIST 2", Command::List(Some(message(2)))),
            ("UIDL", Command::Uidl(None)),
            ("uidl 4294967295", Command::Uidl(Some(message(u32::MAX)))),
            ("RETR 001", Command::Retr(message(1))),
            ("TOP 1 10", Command::Top { message: message(1), lines: 10 }),
            ("TOP 100 0", Command::Top { message: message(100), lines: 0 }),
            ("DELE 1", Command::Dele(message(1))),
            ("NOOP", Command::Noop),
            ("RSET", Command::Rset),
            ("QUIT", Command::Quit),
            ("apop mrose c4c9334bac560ecc979e58001b3e22fb", apop("mrose")),
            ("APOP m  rose c4c9334bac560ecc979e58001b3e22fb", apop("m  rose")),
            ("UTF8", Command::Utf8),
            ("Lang", Command::Lang(None)),
            ("LANG *", Command::Lang(Some(LanguageRange::Any))),
            ("LANG en-boont", Command::Lang(Some(LanguageRange::Tag(LanguageTag::new("en-boont").unwrap())))),
        ] {
            assert_eq!(parsed(text), command, "{text}");
        }
    }

    #[test]
    fn unknown_commands_are_kept() {
        for (text, keyword, arguments) in [
            ("last", "LAST", None),
            ("XTND XLST Subject", "XTND", Some("XLST Subject")),
            ("XTND ", "XTND", Some("")),
        ] {
            let Command::Other(other) = parsed(text) else { unreachable!("{text} is known") };
            assert_eq!(other.keyword(), keyword);
            assert_eq!(other.arguments().map(|text| text.as_str().unwrap()), arguments);
        }
    }

    #[test]
    fn broken_commands_say_what_is_missing() {
        for (text, error) in [
            ("", "expected a keyword at octet 0, found the end"),
            (" STAT", "expected a keyword at octet 0, found ' '"),
            ("STAT ", "expected the end at octet 4, found ' '"),
            ("QUIT now", "expected the end at octet 4, found ' '"),
            ("USER", "expected a space at octet 4, found the end"),
            ("USER ", "expected a name at octet 5, found the end"),
            ("PASS ", "expected a password at octet 5, found the end"),
            ("RETR", "expected a space at octet 4, found the end"),
            ("RETR x", "expected a message number at octet 5, found 'x'"),
            ("RETR 0", "expected a message number at octet 5, found '0'"),
            ("RETR -1", "expected a message number at octet 5, found '-'"),
            ("DELE 4294967296", "expected a message number at octet 5, found '4'"),
            ("DELE 99999999999999999999", "expected a message number at octet 5, found '9'"),
            ("RETR 1 2", "expected the end at octet 6, found ' '"),
            ("LIST  1", "expected a message number at octet 5, found ' '"),
            ("TOP", "expected a space at octet 3, found the end"),
            ("TOP  1 1", "expected a message number at octet 4, found ' '"),
            ("TOP 1", "expected a space at octet 5, found the end"),
            ("TOP 1 x", "expected a number at octet 6, found 'x'"),
            (
                "AUTH ",
                "expected a mechanism of 1 to 20 letters, digits, '-' and '_' at octet 5, found the end",
            ),
            ("AUTH PLAIN ", "expected base64 or '=' at octet 11, found the end"),
            ("AUTH PLAIN ==", "expected base64 or '=' at octet 11, found '='"),
            ("AUTH PLAIN YQ", "expected base64 or '=' at octet 11, found 'Y'"),
            ("AUTH PLAIN *", "expected base64 or '=' at octet 11, found '*'"),
            ("APOP", "expected a space at octet 4, found the end"),
            ("APOP mrose", "expected a space at octet 10, found the end"),
            ("APOP  c4c9334bac560ecc979e58001b3e22fb", "expected a name at octet 5, found ' '"),
            ("APOP mrose c4c9", "expected a digest of 32 digits at octet 11, found 'c'"),
            (
                "APOP mrose C4C9334BAC560ECC979E58001B3E22FB",
                "expected a digest of 32 digits at octet 11, found 'C'",
            ),
            ("APOP mrose c4c9334bac560ecc979e58001b3e22fb0", "expected the end at octet 43, found '0'"),
            ("UTF8 now", "expected the end at octet 4, found ' '"),
            ("LANG ", "expected a language at octet 5, found the end"),
            ("LANG e n", "expected the end at octet 6, found ' '"),
            ("LANG **", "expected the end at octet 6, found '*'"),
        ] {
            assert_eq!(Command::parse(&line(text)).unwrap_err().to_string(), error, "{text}");
        }
    }

    /// Bit 5 tells the cases of a letter, and other octets of one another.
    #[test]
    fn what_differs_from_a_verb_in_more_than_its_case_is_none() {
        for text in
            ["UTF\u{18}", "ST\u{1}T", "sta\u{14}", "US\u{5}R x", "RETRX 1", "RET 1", "LIST\t1", "PAS\u{13} x"]
        {
            let command = Command::parse(&line(text));
            assert!(matches!(command, Err(_) | Ok(Command::Other(_))), "{text:?}: {command:?}");
        }
    }

    #[test]
    fn a_long_name_is_the_frames_own_octets() {
        let frame = line("USER mrose@mail.department.example.com");
        let Ok(Command::User(name)) = Command::parse(&frame) else { unreachable!("no USER") };
        assert_eq!(name.as_bytes().as_ptr() as usize, frame.as_ptr() as usize + 5);
    }
}
