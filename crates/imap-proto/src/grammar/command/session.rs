//! Commands about a session and about mailboxes.
use super::super::{
    PARENTHESES, Tolerance,
    class::LIST,
    is_over,
    leaf::{atom, loose, nil},
    list as parentheses,
    mailbox::mailbox,
    space,
    string::{Found, astring_found, nstring, string, unescape},
};
use crate::{Authenticate, Enable, IdFields, List, Login, MailboxName, Rename};
use alloc::vec::Vec;
use mail_wire::{
    Secret, sasl,
    span::{Expected, Parsed, Span, expected, letters, sasl_mech},
};

/// `authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]`, where `initial-resp = (base64 / "=")`
pub(super) fn authenticate<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Authenticate> {
    let (i, ()) = space(i, tolerance)?;
    let (i, mechanism) = sasl_mech(i)?;
    if is_over(i) {
        return Ok((i, Authenticate { mechanism, initial: None }));
    }
    let (i, ()) = space(i, tolerance)?;
    let octets = i.text().iter().take_while(|octet| octet.is_ascii_graphic()).count();
    let (rest, text) = i.part(octets);
    match sasl::decode_initial(text.text()) {
        Ok(secret) if octets > 0 => Ok((rest, Authenticate { mechanism, initial: Some(secret) })),
        _ => expected(i, "base64"),
    }
}

/// `login = "LOGIN" SP userid SP password`, both `astring`
#[inline]
pub(super) fn login<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Login, nom::Err<Expected>> {
    let (i, ()) = space(i, tolerance)?;
    let (i, username) = astring_found(i, tolerance)?;
    let (i, ()) = space(i, tolerance)?;
    let (behind, Found { octets, escapes }) = astring_found(i, tolerance)?;
    *rest = behind;
    let password =
        if escapes { Secret::from(unescape(octets.text())) } else { Secret::copy_from(octets.text()) };
    Ok(Login { username: username.to_astring(), password })
}

/// `compress = "COMPRESS" SP "DEFLATE"` ([RFC 4978 §5](https://www.rfc-editor.org/rfc/rfc4978#section-5))
pub(super) fn compress<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let (i, ()) = space(i, tolerance)?;
    letters("DEFLATE", "DEFLATE")(i)
}

/// `enable = "ENABLE" 1*(SP capability)`
pub(super) fn enable<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Enable> {
    let (first, ()) = space(i, tolerance)?;
    let (mut i, _) = atom(first)?;
    while !is_over(i) {
        let (rest, ()) = space(i, tolerance)?;
        (i, _) = atom(rest)?;
    }
    Ok((i, Enable::from_checked(first.before(i).share_text()?)))
}

/// `atom *(SP atom)`
pub(crate) fn capabilities(i: Span<'_>) -> Parsed<'_, Enable> {
    let (mut rest, _) = atom(i)?;
    while rest.first() == Some(b' ') {
        (rest, _) = atom(rest.part(1).0)?;
    }
    Ok((rest, Enable::from_checked(i.before(rest).share_text()?)))
}

/// `id = "ID" SP id-params-list`, where `id-params-list = "(" *(string SP nstring) ")" / nil`
/// ([RFC 2971 §4](https://www.rfc-editor.org/rfc/rfc2971#section-4))
pub(super) fn id<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, IdFields> {
    let (i, ()) = space(i, tolerance)?;
    id_params_list(i, tolerance)
}

/// `id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil`
pub(crate) fn id_params_list<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, IdFields> {
    // rule rfc2971 3.1 id-may-be-nil: ID takes NIL in place of fields
    if i.first() != Some(b'(') {
        return match nil(i) {
            Ok((rest, ())) => Ok((rest, IdFields::NIL)),
            Err(_) => expected(i, "a list or NIL"),
        };
    }
    let mut fields = Vec::new();
    let (rest, _) = parentheses(i, tolerance, PARENTHESES, |i, tolerance| {
        let (i, name) = string(i, tolerance)?;
        let (i, ()) = space(i, tolerance)?;
        let (i, value) = nstring(i, tolerance)?;
        fields.push((name.to_astring(), value.map(Found::to_astring)));
        Ok((i, ()))
    })?;
    Ok((rest, fields.into_iter().collect()))
}

/// `rename = "RENAME" SP mailbox SP mailbox`
pub(super) fn rename<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Rename, nom::Err<Expected>> {
    let (i, ()) = space(i, tolerance)?;
    let (i, from) = mailbox(i, tolerance)?;
    let (i, ()) = space(i, tolerance)?;
    let (behind, to) = mailbox(i, tolerance)?;
    *rest = behind;
    Ok(Rename { from, to })
}

/// `list = "LIST" SP mailbox SP list-mailbox`, and `lsub` alike
/// ([RFC 3501 §9](https://www.rfc-editor.org/rfc/rfc3501#section-9))
#[inline]
pub(super) fn list<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<List, nom::Err<Expected>> {
    let (i, ()) = space(i, tolerance)?;
    let (i, reference) = astring_found(i, tolerance)?;
    let (i, ()) = space(i, tolerance)?;
    let (behind, pattern) = list_mailbox(i, tolerance)?;
    *rest = behind;
    let name = |found| MailboxName::from_found(found, tolerance.encoding());
    Ok(List { reference: name(reference), pattern: name(pattern) })
}

/// `list-mailbox = 1*list-char / string`
#[inline]
fn list_mailbox<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Found<'a>> {
    match i.first() {
        Some(b'"' | b'{') => string(i, tolerance),
        _ => {
            let (rest, octets) = loose(i, LIST, "a pattern", tolerance)?;
            Ok((rest, Found { octets, escapes: false }))
        }
    }
}
