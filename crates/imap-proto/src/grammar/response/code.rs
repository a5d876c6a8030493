//! Response codes.
use super::{
    fetch::system_flags,
    line_end,
    name::usual_name,
    number::{mod_sequence_value, nz_number},
    raw::announces,
    sp, spaces,
};
use crate::{
    DeviationKind, Encoding, Flag, Flags,
    grammar::{
        PARENTHESES, Tolerance,
        class::{self, ATOM},
        flag::{Use, flag_list},
        leaf::{Key, LONG, atom, key},
        list,
        sequence::{known_uids, sequence_set},
        string::astring,
    },
    response::{AppendUid, Capabilities, Capability, Code, CopyUid, OtherCode},
};
use alloc::{boxed::Box, vec::Vec};
use mail_wire::{
    Text,
    span::{Expected, Parsed, Span, expected, octet, sasl_mech},
};

macro_rules! plain_codes {
    ($($variant:ident = $name:literal),* ; $($long:ident = $long_name:literal),* $(,)?) => {
        #[expect(non_upper_case_globals, reason = "named as the variants are")]
        mod keys {
            use super::{Key, key};
            $(pub(super) const $variant: Key = key($name);)*
        }

        /// The code of this name, of those that are a name alone.
        #[inline]
        fn plain(name: &[u8], key: Key) -> Option<Code> {
            Some(match key {
                $(keys::$variant => Code::$variant,)*
                LONG => {
                    $(if name.eq_ignore_ascii_case($long_name) { return Some(Code::$long); })*
                    return None;
                }
                _ => return None,
            })
        }

        /// The name of a code that is a name alone.
        pub(crate) fn plain_name(code: &Code) -> Option<&'static [u8]> {
            Some(match code {
                $(Code::$variant => $name,)*
                $(Code::$long => $long_name,)*
                _ => return None,
            })
        }
    };
}

plain_codes! {
    Alert = b"ALERT", AlreadyExists = b"ALREADYEXISTS", Cannot = b"CANNOT", ClientBug = b"CLIENTBUG",
    Closed = b"CLOSED", ContactAdmin = b"CONTACTADMIN", Corruption = b"CORRUPTION", Expired = b"EXPIRED",
    ExpungeIssued = b"EXPUNGEISSUED", HasChildren = b"HASCHILDREN", InUse = b"INUSE", Limit = b"LIMIT",
    NoModSeq = b"NOMODSEQ", NonExistent = b"NONEXISTENT", NoPerm = b"NOPERM", NotSaved = b"NOTSAVED",
    OverQuota = b"OVERQUOTA", Parse = b"PARSE", PrivacyRequired = b"PRIVACYREQUIRED", ReadOnly = b"READ-ONLY",
    ReadWrite = b"READ-WRITE", ServerBug = b"SERVERBUG", TooBig = b"TOOBIG", TryCreate = b"TRYCREATE",
    UidNotSticky = b"UIDNOTSTICKY", Unavailable = b"UNAVAILABLE", UnknownCte = b"UNKNOWN-CTE", UseAttr = b"USEATTR";
    AuthenticationFailed = b"AUTHENTICATIONFAILED", AuthorizationFailed = b"AUTHORIZATIONFAILED",
    CompressionActive = b"COMPRESSIONACTIVE",
}

const APPENDUID: Key = key(b"APPENDUID");
const BADCHARSET: Key = key(b"BADCHARSET");
const CAPABILITY: Key = key(b"CAPABILITY");
const COPYUID: Key = key(b"COPYUID");
const HIGHESTMODSEQ: Key = key(b"HIGHESTMODSEQ");
const MODIFIED: Key = key(b"MODIFIED");
const PERMANENTFLAGS: Key = key(b"PERMANENTFLAGS");
const UIDNEXT: Key = key(b"UIDNEXT");
const UIDVALIDITY: Key = key(b"UIDVALIDITY");
const UNSEEN: Key = key(b"UNSEEN");

/// `resp-text = ["[" resp-text-code "]" SP] [text]`, up to the end of the line.
#[inline]
pub(crate) fn resp_text<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    code: &mut Option<Code>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Span<'a>, nom::Err<Expected>> {
    if i.first() != Some(b'[') {
        let (_, line) = i.part(line_end(i));
        if line.text().last() == Some(&b'}') && is_open(line.text()) {
            return expected(i, "no literal behind an open bracket");
        }
        return text(i, rest, tolerance);
    }
    let behind = match bracketed(i, code, tolerance) {
        Ok((behind, ())) => behind,
        Err(e) => {
            let (behind, found) = odd_code(i, e, tolerance)?;
            *code = found;
            behind
        }
    };
    let at = match behind.text() {
        [b' ', ..] => behind.part(usize::from(code.is_some())).0,
        [] | [b'\r' | b'\n', ..] if tolerance.tolerate(DeviationKind::MissingText, behind) => behind,
        _ if code.is_none() || tolerance.tolerate(DeviationKind::MissingSpace, behind) => behind,
        _ => return expected(behind, "a space"),
    };
    text(at, rest, tolerance)
}

/// `text = 1*(TEXT-CHAR / UTF8-2 / UTF8-3 / UTF8-4)`, or nothing, up to the end of the line.
#[inline]
pub(super) fn text<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Span<'a>, nom::Err<Expected>> {
    let (behind, found) = i.part(line_end(i));
    if !found.text().is_ascii() {
        eight_bit(i, found.text(), tolerance)?;
    }
    *rest = behind;
    Ok(found)
}

/// Octets above 0x7F stand in a text: that must be agreed upon, or tolerated.
#[cold]
fn eight_bit(i: Span<'_>, found: &[u8], tolerance: &mut Tolerance<'_>) -> Result<(), nom::Err<Expected>> {
    let (valid, rule) = match (tolerance.encoding(), core::str::from_utf8(found)) {
        (Encoding::Utf8, Ok(_)) => return Ok(()),
        (Encoding::Utf8, Err(e)) => (e.valid_up_to(), "UTF-8"),
        (Encoding::ModifiedUtf7, _) => {
            (found.iter().position(|octet| !octet.is_ascii()).unwrap_or(0), "ASCII")
        }
    };
    let at = i.part(valid).0;
    if tolerance.tolerate(DeviationKind::EightBit, at) { Ok(()) } else { expected(at, rule) }
}

/// Is a literal announced at the end of this text, behind an open bracket? A framer would wait for its octets.
#[cold]
fn is_open(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"[") && !text.contains(&b']') && announces(text)
}

/// `"[" resp-text-code "]"`
fn bracketed<'a>(i: Span<'a>, code: &mut Option<Code>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let (i, ()) = resp_text_code(i.part(1).0, code, tolerance)?;
    octet(b']', "a closing bracket")(super::no_space(i, tolerance))
}

/// `resp-text-code = "ALERT" / "BADCHARSET" [SP "(" charset *(SP charset) ")"] / capability-data / .. /
/// atom [SP 1*<any TEXT-CHAR except "]">]`, with those of the extensions.
#[inline]
fn resp_text_code<'a>(i: Span<'a>, code: &mut Option<Code>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let usual = usual_name(i.text()).map(|(octets, key)| (i.part(octets).0, key));
    let (rest, key) = match usual.filter(|(rest, _)| matches!(rest.first(), Some(b' ' | b']'))) {
        Some(found) => found,
        None => {
            let (rest, name) = atom(i)?;
            (rest, key(name.text()))
        }
    };
    // Spaces behind it are told where they end.
    let is_alone = matches!(rest.part(spaces(rest)).0.first(), None | Some(b']'));
    if is_alone {
        if let Some(found) = plain(i.before(rest).text(), key) {
            *code = Some(found);
            return Ok((rest, ()));
        }
    }
    let (rest, found) = match key {
        // rule rfc3501 7.1 uidnext-code: UIDNEXT has a number
        UIDNEXT => number_of(rest, tolerance).map(|(rest, number)| (rest, Code::UidNext(number)))?,
        UIDVALIDITY => number_of(rest, tolerance).map(|(rest, number)| (rest, Code::UidValidity(number)))?,
        // rule rfc3501 7.1 unseen-code: UNSEEN has a number
        UNSEEN => number_of(rest, tolerance).map(|(rest, number)| (rest, Code::Unseen(number)))?,
        // rule rfc7162 3.1.2.1 highestmodseq-code: HIGHESTMODSEQ has a number of 63 bits
        HIGHESTMODSEQ => {
            let (rest, ()) = sp(rest, tolerance)?;
            mod_sequence_value(rest, tolerance).map(|(rest, value)| (rest, Code::HighestModSeq(value)))?
        }
        // rule rfc3501 7.1 permanentflags-code: PERMANENTFLAGS has flags, \* among them
        PERMANENTFLAGS => {
            let (rest, ()) = sp(rest, tolerance)?;
            permanent_flags(rest, tolerance)?
        }
        CAPABILITY => {
            let mut behind = rest;
            let capabilities = capabilities(rest, &mut behind, tolerance)?;
            (behind, Code::Capability(Box::new(capabilities)))
        }
        _ => rare_code(i, is_alone, tolerance)?,
    };
    *code = Some(found);
    Ok((rest, ()))
}

/// The same, of codes that are told seldom. Is there only a name?
#[inline(never)]
fn rare_code<'a>(i: Span<'a>, is_alone: bool, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Code> {
    let (rest, name) = atom(i)?;
    match key(name.text()) {
        // rule rfc4315 3 appenduid-code: APPENDUID has UIDVALIDITY and UIDs
        APPENDUID => {
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, uid_validity) = nz_number(rest, tolerance)?;
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, uids) = known_uids(rest, tolerance)?;
            Ok((rest, Code::AppendUid(Box::new(AppendUid { uid_validity, uids }))))
        }
        // rule rfc4315 3 copyuid-code: COPYUID has UIDVALIDITY and two sets of UIDs
        COPYUID => {
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, uid_validity) = nz_number(rest, tolerance)?;
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, source) = known_uids(rest, tolerance)?;
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, destination) = known_uids(rest, tolerance)?;
            Ok((rest, Code::CopyUid(Box::new(CopyUid { uid_validity, source, destination }))))
        }
        // rule rfc7162 3.1.3 modified-code: MODIFIED has the messages that were not changed
        MODIFIED => {
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, set) = sequence_set(rest, tolerance)?;
            Ok((rest, Code::Modified(Box::new(set))))
        }
        // rule rfc3501 7.1 badcharset-code: BADCHARSET may stand without charsets
        BADCHARSET if is_alone => Ok((rest, Code::BadCharset(Vec::new()))),
        BADCHARSET => bad_charset(rest, tolerance),
        // rule rfc3501 7.1 unknown-codes: a code that is not known is kept
        _ if is_alone => Ok((rest, Code::Other(Box::new(OtherCode::from_checked(name.share_text()?, None))))),
        _ => other_rest(name, rest),
    }
}

/// `"(" [flag-perm *(SP flag-perm)] ")"`
fn permanent_flags<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Code> {
    if let Some((rest, bits)) = system_flags(i, Use::Permanent) {
        return Ok((rest, Code::PermanentFlags(Box::new(Flags::from_checked(bits, Text::EMPTY)))));
    }
    let (rest, mut flags) = flag_list(i, Use::Permanent, tolerance)?;
    // Nobody can set it: where it was tolerated, it means nothing.
    flags.remove(&Flag::Recent);
    Ok((rest, Code::PermanentFlags(Box::new(flags))))
}

/// `SP nz-number`
#[inline]
fn number_of<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, u32> {
    let (i, ()) = sp(i, tolerance)?;
    nz_number(i, tolerance)
}

/// `"BADCHARSET" [SP "(" charset *(SP charset) ")"]`, from behind its name.
fn bad_charset<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Code> {
    let (i, ()) = sp(i, tolerance)?;
    let mut charsets = Vec::new();
    let (rest, _) = list(i, tolerance, PARENTHESES, |i, tolerance| {
        let (i, charset) = astring(i, tolerance)?;
        charsets.push(charset);
        Ok((i, ()))
    })?;
    if charsets.is_empty() && !tolerance.tolerate(DeviationKind::EmptyList, i) {
        return expected(i, "a charset");
    }
    Ok((rest, Code::BadCharset(charsets)))
}

/// `atom [SP 1*<any TEXT-CHAR except "]">]`: a code that this crate does not know, with a name of so many octets.
pub(crate) fn other<'a>(i: Span<'a>, name: usize, tolerance: &mut Tolerance<'_>) -> Parsed<'a, OtherCode> {
    let mut code = None;
    match (resp_text_code(i, &mut code, tolerance)?, code) {
        ((rest, ()), Some(Code::Other(code))) if code.name().len() == name => Ok((rest, *code)),
        _ => expected(i, "the name of an unknown response code"),
    }
}

/// `SP 1*<any TEXT-CHAR except "]">`, behind a name.
fn other_rest<'a>(name: Span<'a>, i: Span<'a>) -> Parsed<'a, Code> {
    let (i, ()) = octet(b' ', "a space or a closing bracket")(i)?;
    let octets = i.text().iter().take_while(|octet| !matches!(octet, b']' | b'\r' | b'\n' | 0)).count();
    let (rest, arguments) = i.part(octets);
    let code = OtherCode::from_checked(name.share_text()?, Some(arguments.share_text()?));
    Ok((rest, Code::Other(Box::new(code))))
}

/// A response code that does not follow the grammar: it is kept as it is, where that is tolerated. Without a
/// closing bracket it is none.
#[cold]
fn odd_code<'a>(
    i: Span<'a>,
    error: nom::Err<Expected>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Option<Code>> {
    if !tolerance.tolerate(DeviationKind::OddCode, i) {
        return Err(error);
    }
    let (_, line) = i.part(line_end(i));
    let Some(octets) = line.text().iter().position(|octet| *octet == b']') else {
        return if is_open(line.text()) { Err(error) } else { Ok((i, None)) };
    };
    let inside = i.part(1).0;
    let name = class::run(inside.text(), ATOM).min(octets.saturating_sub(1));
    // One space is written between a name and its arguments, and one behind the bracket. Where they stand otherwise,
    // what is written could be read as a code that this is not: all of it is kept as arguments, without a name.
    let spaced = matches!(line.text().get(octets + 1), None | Some(b' '));
    let name = match inside.part(name).0.text() {
        [b' ', b' ' | b']', ..] => 0,
        [b' ' | b']', ..] if spaced => name,
        _ => 0,
    };
    let (behind, name) = inside.part(name);
    let behind = behind.part(spaces(behind)).0;
    let (rest, arguments) = behind.part((octets + behind.text().len()).saturating_sub(i.text().len()));
    let arguments = if arguments.is_empty() { None } else { Some(arguments.share_text()?) };
    let code = OtherCode::from_checked(name.share_text()?, arguments);
    Ok((rest.part(1).0, Some(Code::Other(Box::new(code)))))
}

/// `*(SP capability)`, up to the end of the line or a closing bracket, where `capability = ("AUTH=" auth-type) / atom`
pub(super) fn capabilities<'a>(
    mut i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Capabilities, nom::Err<Expected>> {
    let mut capabilities = Capabilities::new();
    loop {
        match i.text() {
            [b' ', octet, ..] if !matches!(octet, b' ' | b']' | b'\r') => {}
            [b' ', ..] => {
                let behind = i.part(spaces(i)).0;
                let at_end = matches!(behind.text(), [] | [b']' | b'\r' | b'\n', ..]);
                let kind = if at_end { DeviationKind::TrailingSpaces } else { DeviationKind::ExtraSpaces };
                if !tolerance.tolerate(kind, i) {
                    return expected(i.part(1).0, "a capability");
                }
                if at_end {
                    *rest = behind;
                    return Ok(capabilities);
                }
                // One of the spaces is due.
                i = i.part(spaces(i) - 1).0;
            }
            _ => {
                *rest = i;
                return Ok(capabilities);
            }
        }
        let at = i.part(1).0;
        if let Some((octets, key)) = usual_name(at.text()) {
            if let Some(capability) = Capability::of_key(key) {
                let rest = at.part(octets).0;
                if matches!(rest.first(), Some(b' ' | b']' | b'\r')) {
                    capabilities.insert(capability);
                    i = rest;
                    continue;
                }
            }
        }
        if let Some((b"AUTH=", _)) = at.text().split_first_chunk::<5>() {
            let found = sasl_mech(at.part(5).0).ok();
            if let Some((rest, mechanism)) =
                found.filter(|(rest, _)| matches!(rest.first(), None | Some(b' ' | b']' | b'\r')))
            {
                capabilities.add_mechanism(mechanism);
                i = rest;
                continue;
            }
        }
        let octets = class::run(at.text(), ATOM);
        let (mut rest, mut name) = at.part(octets);
        if !matches!(rest.text(), [] | [b' ' | b']' | b'\r' | b'\n', ..]) {
            if !tolerance.tolerate(DeviationKind::OddCapability, rest) {
                return expected(rest, "a capability");
            }
            // Nothing that may announce a literal when it is written again.
            let is_word = |octet: &&u8| !matches!(octet, 0..=b' ' | b'{' | b']');
            (rest, name) = at.part(at.text().iter().take_while(is_word).count());
        }
        // Some servers break a capability at its plus or minus.
        let split = name.text().eq_ignore_ascii_case(b"LITERAL")
            && matches!(rest.text(), [b' ', b'+' | b'-'] | [b' ', b'+' | b'-', b' ' | b']' | b'\r', ..]);
        if split {
            if !tolerance.tolerate(DeviationKind::OddCapability, rest) {
                return expected(rest.part(1).0, "a capability");
            }
            let plus = rest.text().get(1) == Some(&b'+');
            capabilities =
                capabilities.with(if plus { Capability::LiteralPlus } else { Capability::LiteralMinus });
            i = rest.part(2).0;
            continue;
        }
        if name.is_empty() {
            return expected(at, "a capability");
        }
        capabilities.add(name.text(), || name.share_text().unwrap_or_default());
        i = rest;
    }
}
