//! Replies and response codes ([RFC 2449 §3], [RFC 5034 §5]).
//!
//! [RFC 2449 §3]: https://www.rfc-editor.org/rfc/rfc2449#section-3
//! [RFC 5034 §5]: https://www.rfc-editor.org/rfc/rfc5034#section-5
use super::{run, upper};
use crate::{
    Reply, Response, ResponseCode, Status,
    reply::{OtherCode, ReplyText},
};
use bytes::Bytes;
use mail_wire::{
    sasl,
    span::{Key, Parsed, Span, expected, fold, letters, maybe, octet, rest, sp},
};
use nom::{
    Parser,
    branch::alt,
    combinator::{map, value},
    sequence::{delimited, preceded, terminated},
};

const LOGIN_DELAY: Key = fold(b"LOGIN-DELAY");
const IN_USE: Key = fold(b"IN-USE");
const SYS_TEMP: Key = fold(b"SYS/TEMP");
const SYS_PERM: Key = fold(b"SYS/PERM");
const AUTH: Key = fold(b"AUTH");
const UTF8: Key = fold(b"UTF8");

/// `response = single-line / continue-req`
pub(crate) fn response(i: Span<'_>) -> Parsed<'_, Response> {
    alt((map(single_line, Response::Reply), continue_req)).parse(i)
}

/// `single-line = status [SP text]`
pub(crate) fn single_line(i: Span<'_>) -> Parsed<'_, Reply> {
    let (i, status) = status(i)?;
    // rule rfc1939 3 status-alone: a status may stand alone
    if i.is_empty() {
        return Ok((i, Reply { status, text: ReplyText::default() }));
    }
    let (i, text) = preceded(sp, text).parse(i)?;
    Ok((i, Reply { status, text }))
}

/// `status = "+OK" / "-ERR"`
fn status(i: Span<'_>) -> Parsed<'_, Status> {
    const RULE: &str = "+OK or -ERR";
    alt((value(Status::Ok, letters("+OK", RULE)), value(Status::Err, letters("-ERR", RULE)))).parse(i)
}

/// `text = *schar / resp-code *CHAR`
///
/// What starts with `[` and is no code is taken as words: a server without RESP-CODES may say anything.
fn text(i: Span<'_>) -> Parsed<'_, ReplyText> {
    let (i, code) = maybe(terminated(resp_code, maybe(sp))).parse(i)?;
    let (i, words) = rest(i)?;
    Ok((i, ReplyText { code, words: words.share_text()? }))
}

/// `resp-code = "[" resp-level *("/" resp-level) "]"`
fn resp_code(i: Span<'_>) -> Parsed<'_, ResponseCode> {
    delimited(octet(b'[', "'['"), code, octet(b']', "']'")).parse(i)
}

/// `resp-level *("/" resp-level)`, `resp-level = 1*rchar`, `rchar = %x21-2E / %x30-5C / %x5E-7F`
pub(crate) fn code(i: Span<'_>) -> Parsed<'_, ResponseCode> {
    let (after, name) = i.part(run(i, |octet| matches!(octet, 0x21..=0x5c | 0x5e..=0x7f)));
    // rule rfc2449 3 code-levels: a level of a response code is not empty
    if name.text().split(|octet| *octet == b'/').any(<[u8]>::is_empty) {
        return expected(i, "a response code");
    }
    let code = match fold(name.text()) {
        // rule rfc2449 8.1.1 login-delay-code: LOGIN-DELAY is known as a response code
        LOGIN_DELAY => ResponseCode::LoginDelay,
        // rule rfc2449 8.1.2 in-use-code: IN-USE is known as a response code
        IN_USE => ResponseCode::InUse,
        // rule rfc3206 4 sys-temp: SYS/TEMP is known
        SYS_TEMP => ResponseCode::SysTemp,
        // rule rfc3206 4 sys-perm: SYS/PERM is known
        SYS_PERM => ResponseCode::SysPerm,
        // rule rfc3206 5 auth-code: AUTH is known as a response code
        AUTH => ResponseCode::Auth,
        // rule rfc6856 5 utf8-code: UTF8 is known as a response code
        UTF8 => ResponseCode::Utf8,
        _ => ResponseCode::Other(OtherCode::checked(upper(name))),
    };
    Ok((after, code))
}

/// `continue-req = "+" SP [base64]`
fn continue_req(i: Span<'_>) -> Parsed<'_, Response> {
    let (i, ()) = octet(b'+', "'+'")(i)?;
    let (i, ()) = sp(i)?;
    match sasl::decode(i.text()) {
        Ok(octets) => Ok((rest(i)?.0, Response::Challenge(octets))),
        Err(_) => expected(i, "base64"),
    }
}

/// Would a client read a response code in front of these words?
pub(crate) fn starts_with_code(words: &[u8]) -> bool {
    words.first() == Some(&b'[') && resp_code(Span::new(&Bytes::copy_from_slice(words))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InvalidReply, grammar::tests::line};
    use mail_wire::Secret;
    use std::string::ToString;

    fn reply(text: &str) -> Reply {
        Reply::parse(&line(text)).expect(text)
    }

    // covers rfc1939 3 status-alone
    #[test]
    fn replies_of_the_rfcs() {
        let in_use = reply("-ERR [IN-USE] Do you have another POP session running?");
        assert_eq!(in_use.status, Status::Err);
        assert_eq!(in_use.text.code(), Some(&ResponseCode::InUse));
        assert_eq!(in_use.text.words(), "Do you have another POP session running?");
        assert_eq!(reply("+OK"), Reply::ok(ReplyText::default()));
        assert_eq!(reply("+OK 2 320").text.words(), "2 320");
        assert_eq!(reply("-ERR [sys/temp]").text.code(), Some(&ResponseCode::SysTemp));
        assert_eq!(reply("-ERR [x").text.words(), "[x");
    }

    // covers rfc2449 3 code-levels
    #[test]
    fn a_bracket_without_a_code_is_words() {
        for words in ["[] x", "[/x] y", "[x/] y", "[x//y] z", "[x y] z"] {
            let reply = reply(&std::format!("-ERR {words}"));
            assert_eq!((reply.text.code(), reply.text.words().as_str()), (None, Ok(words)));
        }
    }

    // covers rfc2449 8 code-levels
    #[test]
    fn unknown_codes_are_kept_and_their_known_levels_told() {
        let code = |text| reply(text).text.code().cloned().unwrap();
        let detailed = code("-ERR [in-use/imap] busy");
        assert_eq!((detailed.name(), detailed.general()), ("IN-USE/IMAP", Some(ResponseCode::InUse)));
        let temporary = code("-ERR [SYS/TEMP/DISK] full");
        assert_eq!(temporary.general(), Some(ResponseCode::SysTemp));
        let unknown = code("-ERR [IN-USELESS] x");
        assert_eq!((unknown.name(), unknown.general()), ("IN-USELESS", None));
        assert_eq!(ResponseCode::Auth.general(), Some(ResponseCode::Auth));
    }

    #[test]
    fn a_challenge_is_no_reply_and_a_reply_no_challenge() {
        let response = |text| Response::parse(&line(text)).map_err(|error| error.to_string());
        assert_eq!(response("+ "), Ok(Response::Challenge(Secret::copy_from(b""))));
        assert_eq!(response("+ VXNlcm5hbWU6"), Ok(Response::Challenge(Secret::copy_from(b"Username:"))));
        assert!(matches!(response("+OK in"), Ok(Response::Reply(_))));
        assert_eq!(response("+ a b"), Err("expected base64 at octet 2, found 'a'".to_string()));
        assert_eq!(response("+"), Err("expected a space at octet 1, found the end".to_string()));
        assert_eq!(response("250 ok"), Err("expected '+' at octet 0, found '2'".to_string()));
    }

    #[test]
    fn broken_replies_say_what_is_missing() {
        for (text, error) in [
            ("", "expected +OK or -ERR at octet 0, found the end"),
            ("+ERR", "expected +OK or -ERR at octet 0, found '+'"),
            ("+OKay", "expected a space at octet 3, found 'a'"),
        ] {
            assert_eq!(Reply::parse(&line(text)).unwrap_err().to_string(), error);
        }
    }

    // covers rfc2449 4 reply-512
    // covers rfc2449 8 no-words-read-as-code
    #[test]
    fn no_reply_passes_its_line_or_fakes_a_code() {
        assert_eq!(ReplyText::new("x".repeat(505)).unwrap().words().len(), 505);
        let error = ReplyText::new("x".repeat(506)).unwrap_err();
        assert_eq!(error.to_string(), "reply text of 506 octets where 505 fit a line of 512");
        let error = ReplyText::with_code(ResponseCode::Auth, "x".repeat(499)).unwrap_err();
        assert_eq!(error, InvalidReply::TooLong { octets: 506 });
        let error = ReplyText::new("[AUTH] x").unwrap_err();
        assert_eq!(error.to_string(), "reply text that reads as a response code");
        assert_eq!(ReplyText::new("[not a code").unwrap().code(), None);
        let error = ReplyText::new("a\r\nb").unwrap_err();
        assert_eq!(error.to_string(), "octet 0x0d at 1 where a line may hold no CR, LF or NUL");
    }
}
