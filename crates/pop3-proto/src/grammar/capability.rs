//! Capabilities ([RFC 2449 §3, §6](https://www.rfc-editor.org/rfc/rfc2449#section-6), [RFC 6856]).
//!
//! [RFC 6856]: https://www.rfc-editor.org/rfc/rfc6856
use super::{run, upper};
use crate::{Capability, Charset, Implementation, Mechanisms, OtherCapability, Retention, Scope};
use alloc::vec::Vec;
use mail_wire::span::sasl_mech;
use mail_wire::span::{Key, Parsed, Span, expected, fold, letters, maybe, number, rest, sp};
use nom::{
    Parser,
    branch::alt,
    combinator::{map, value},
    sequence::preceded,
};

const TOP: Key = fold(b"TOP");
const USER: Key = fold(b"USER");
const SASL: Key = fold(b"SASL");
const RESP_CODES: Key = fold(b"RESP-CODES");
const AUTH_RESP_CODE: Key = fold(b"AUTH-RESP-CODE");
const LOGIN_DELAY: Key = fold(b"LOGIN-DELAY");
const PIPELINING: Key = fold(b"PIPELINING");
const EXPIRE: Key = fold(b"EXPIRE");
const UIDL: Key = fold(b"UIDL");
const STLS: Key = fold(b"STLS");
const IMPLEMENTATION: Key = fold(b"IMPLEMENTATION");
const UTF8: Key = fold(b"UTF8");
const LANG: Key = fold(b"LANG");

/// `capability = capa-tag *(SP param)`
///
/// A known tag whose arguments are none of its own is kept as unknown.
pub(crate) fn capability(i: Span<'_>) -> Parsed<'_, Capability> {
    let (i, tag) = capa_tag(i)?;
    match known(i, fold(tag.text())) {
        Ok((after, capability)) if after.is_empty() => Ok((after, capability)),
        _ => {
            let (i, arguments) = arguments(i)?;
            let arguments = arguments.map(Span::share_text).transpose()?;
            Ok((i, Capability::Other(OtherCapability { tag: upper(tag), arguments })))
        }
    }
}

/// `capa-tag = 1*cchar`, `cchar = %x21-2D / %x2F-7F`
fn capa_tag(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    match run(i, |octet| matches!(octet, 0x21..=0x2d | 0x2f..=0x7f)) {
        0 => expected(i, "a capability's tag"),
        octets => Ok(i.part(octets)),
    }
}

/// `*(SP param)`, as it stands; `None` where nothing does
fn arguments(i: Span<'_>) -> Parsed<'_, Option<Span<'_>>> {
    if i.is_empty() { Ok((i, None)) } else { map(preceded(sp, rest), Some).parse(i) }
}

/// The arguments of a tag that is known here
fn known(i: Span<'_>, tag: Key) -> Parsed<'_, Capability> {
    match tag {
        // rule rfc2449 6.1 top: TOP is known
        TOP => Ok((i, Capability::Top)),
        // rule rfc2449 6.2 user: USER is known
        USER => Ok((i, Capability::User)),
        // rule rfc2449 6.3 sasl: SASL is known, with mechanisms
        SASL => map(mechanisms, Capability::Sasl).parse(i),
        // rule rfc2449 6.4 resp-codes: RESP-CODES is known
        RESP_CODES => Ok((i, Capability::RespCodes)),
        // rule rfc3206 6 auth-resp-code: AUTH-RESP-CODE is known
        AUTH_RESP_CODE => Ok((i, Capability::AuthRespCode)),
        // rule rfc2449 6.5 login-delay: LOGIN-DELAY is known, with seconds and whether they differ by user
        LOGIN_DELAY => {
            map((preceded(sp, number), scope), |(seconds, scope)| Capability::LoginDelay { seconds, scope })
                .parse(i)
        }
        // rule rfc2449 6.6 pipelining: PIPELINING is known
        PIPELINING => Ok((i, Capability::Pipelining)),
        // rule rfc2449 6.7 expire: EXPIRE is known, with days or NEVER, and whether they differ by user
        EXPIRE => map((preceded(sp, retention), scope), |(retention, scope)| Capability::Expire {
            retention,
            scope,
        })
        .parse(i),
        // rule rfc2449 6.8 uidl: UIDL is known
        UIDL => Ok((i, Capability::Uidl)),
        // rule rfc2595 4 stls-capability: STLS is known as a capability
        STLS => Ok((i, Capability::Stls)),
        // rule rfc2449 6.9 implementation: IMPLEMENTATION is known: all that follows is its text
        IMPLEMENTATION => preceded(sp, implementation).parse(i),
        // rule rfc6856 2 utf8-capability: UTF8 is known, with whether names and passwords may be UTF-8
        UTF8 => map(scope, |scope| Capability::Utf8(charset(scope))).parse(i),
        // rule rfc6856 3.1 lang-capability: LANG is known as a capability
        LANG => Ok((i, Capability::Lang)),
        _ => expected(i, "a known tag"),
    }
}

/// `*(SP sasl-mech)`, as many as a line of 512 octets has room for
fn mechanisms(mut i: Span<'_>) -> Parsed<'_, Mechanisms> {
    let start = i;
    let mut mechanisms = Vec::new();
    while let Ok((rest, mechanism)) = preceded(sp, sasl_mech).parse(i) {
        mechanisms.push(mechanism);
        i = rest;
    }
    match Mechanisms::new(mechanisms) {
        Ok(mechanisms) => Ok((i, mechanisms)),
        Err(_) => expected(start, "mechanisms of one line"),
    }
}

/// `[SP "USER"]`
fn scope(i: Span<'_>) -> Parsed<'_, Scope> {
    let user = maybe(preceded(sp, letters("USER", "USER")));
    map(user, |user| user.map_or(Scope::Everyone, |()| Scope::User)).parse(i)
}

/// Of names and passwords: `USER` says that they may be UTF-8
fn charset(scope: Scope) -> Charset {
    // rule rfc6856 2.2 utf8-user-read: UTF8 with USER says that names may be UTF-8 [instead: Charset::Ascii]
    if scope == Scope::User { Charset::Utf8 } else { Charset::Ascii }
}

/// `1*DIGIT / "NEVER"`
fn retention(i: Span<'_>) -> Parsed<'_, Retention> {
    alt((map(number, Retention::Days), value(Retention::Never, letters("NEVER", "days or NEVER")))).parse(i)
}

/// `1*CHAR`
fn implementation(i: Span<'_>) -> Parsed<'_, Capability> {
    match Implementation::new(i.share_text()?) {
        Ok(implementation) => Ok((rest(i)?.0, Capability::Implementation(implementation))),
        Err(_) => expected(i, "what the server is"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mechanism, grammar::tests::line};
    use std::string::ToString;

    fn parsed(text: &str) -> Capability {
        Capability::parse(&line(text)).expect(text)
    }

    // covers rfc2449 6.1 top
    // covers rfc2449 6.2 user
    // covers rfc2449 6.3 sasl
    // covers rfc2449 6.4 resp-codes
    // covers rfc3206 6 auth-resp-code
    // covers rfc2449 6.5 login-delay
    // covers rfc2449 6.6 pipelining
    // covers rfc2449 6.7 expire
    // covers rfc2449 6.8 uidl
    // covers rfc2595 4 stls-capability
    // covers rfc2449 6.9 implementation
    // covers rfc6856 2 utf8-capability
    // covers rfc6856 2.2 utf8-user-read
    // covers rfc6856 3.1 lang-capability
    #[test]
    fn capabilities_of_the_rfcs() {
        let kerberos = Mechanism::new("KERBEROS_V4").unwrap();
        let mechanisms = Mechanisms::new([Mechanism::CRAM_MD5, kerberos]).unwrap();
        let expire = |retention, scope| Capability::Expire { retention, scope };
        for (text, capability) in [
            ("TOP", Capability::Top),
            ("User", Capability::User),
            ("SASL CRAM-MD5 KERBEROS_V4", Capability::Sasl(mechanisms)),
            ("SASL", Capability::Sasl(Mechanisms::NONE)),
            ("RESP-CODES", Capability::RespCodes),
            ("AUTH-RESP-CODE", Capability::AuthRespCode),
            ("LOGIN-DELAY 900", Capability::LoginDelay { seconds: 900, scope: Scope::Everyone }),
            ("LOGIN-DELAY 900 USER", Capability::LoginDelay { seconds: 900, scope: Scope::User }),
            ("PIPELINING", Capability::Pipelining),
            ("EXPIRE 5 USER", expire(Retention::Days(5), Scope::User)),
            ("EXPIRE 0", expire(Retention::Days(0), Scope::Everyone)),
            ("EXPIRE NEVER", expire(Retention::Never, Scope::Everyone)),
            ("UIDL", Capability::Uidl),
            ("STLS", Capability::Stls),
            ("UTF8", Capability::Utf8(Charset::Ascii)),
            ("utf8 USER", Capability::Utf8(Charset::Utf8)),
            ("LANG", Capability::Lang),
            (
                "IMPLEMENTATION BlurdyBlurp POP3 server",
                Capability::Implementation("BlurdyBlurp POP3 server".try_into().unwrap()),
            ),
        ] {
            assert_eq!(parsed(text), capability, "{text}");
        }
    }

    #[test]
    fn unknown_capabilities_and_odd_arguments_are_kept() {
        for (text, tag, arguments) in [
            ("UTF8 users", "UTF8", Some("users")),
            ("LANG en", "LANG", Some("en")),
            ("X-ZIP", "X-ZIP", None),
            ("TOP of the pops", "TOP", Some("of the pops")),
            ("EXPIRE soon", "EXPIRE", Some("soon")),
            ("SASL PLAIN  LOGIN", "SASL", Some("PLAIN  LOGIN")),
            ("IMPLEMENTATION ", "IMPLEMENTATION", Some("")),
        ] {
            let Capability::Other(other) = parsed(text) else { unreachable!("{text} is known") };
            assert_eq!(other.tag(), tag);
            assert_eq!(other.arguments().map(|text| text.as_str().unwrap()), arguments, "{text}");
        }
    }

    #[test]
    fn broken_capabilities_say_what_is_missing() {
        for (text, error) in [
            ("", "expected a capability's tag at octet 0, found the end"),
            (".", "expected a capability's tag at octet 0, found '.'"),
            ("X.Y", "expected a space at octet 1, found '.'"),
        ] {
            assert_eq!(Capability::parse(&line(text)).unwrap_err().to_string(), error);
        }
    }
}
