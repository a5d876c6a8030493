//! NAMESPACE, ID and quotas.
use super::{goes_on, line_end, mailbox_data::delimiter, no_space, number::number64, sp, spaces};
use crate::{
    AString, DeviationKind, IdFields,
    grammar::{
        PARENTHESES, Tolerance,
        leaf::{atom, close, nil, open},
        list,
        mailbox::mailbox,
        string::{astring, nstring, string},
    },
    response::{Namespace, Namespaces, Quota, QuotaResource, QuotaRoot, Untagged},
};
use alloc::{boxed::Box, vec::Vec};
use mail_wire::span::{Parsed, Span, expected};

/// `namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace`, from behind its name.
pub(super) fn namespace_response<'a>(mut i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Untagged> {
    let mut found = Namespaces::default();
    for namespaces in [&mut found.personal, &mut found.other_users, &mut found.shared] {
        if spaces(i) == line_end(i) && tolerance.tolerate(DeviationKind::MissingField, i) {
            break;
        }
        let (at, ()) = sp(i, tolerance)?;
        (i, *namespaces) = namespace(at, tolerance)?;
    }
    Ok((i, Untagged::Namespace(Box::new(found))))
}

/// `namespace = nil / "(" 1*namespace-descr ")"`
fn namespace<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Vec<Namespace>> {
    let mut found = Vec::new();
    if let Ok((rest, ())) = nil(i) {
        return Ok((rest, found));
    }
    let (at, ()) = open(i)?;
    let mut at = no_space(at, tolerance);
    if at.first() == Some(b')') && tolerance.tolerate(DeviationKind::EmptyList, i) {
        return Ok((at.part(1).0, found));
    }
    loop {
        if found.len() as u64 >= u64::from(tolerance.items()) {
            return expected(at, "fewer items");
        }
        let (rest, one) = namespace_descr(at, tolerance)?;
        found.push(one);
        at = no_space(rest, tolerance);
        if at.first() != Some(b'(') {
            return close(at).map(|(rest, ())| (rest, found));
        }
    }
}

/// `namespace-descr = "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil) [namespace-response-extensions] ")"`, where
/// `namespace-response-extension = SP string SP "(" string *(SP string) ")"`
fn namespace_descr<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Namespace> {
    let (i, ()) = open(i)?;
    let (i, prefix) = string(i, tolerance)?;
    let (i, ()) = sp(i, tolerance)?;
    let (mut i, delimiter) = delimiter(i, tolerance)?;
    let mut extensions = Vec::new();
    loop {
        let (rest, more) = goes_on(i, tolerance)?;
        if !more {
            let (rest, ()) = close(rest)?;
            return Ok((rest, Namespace { prefix: prefix.to_astring(), delimiter, extensions }));
        }
        if extensions.len() as u64 >= u64::from(tolerance.items()) {
            return expected(i, "fewer items");
        }
        let (rest, name) = string(rest, tolerance)?;
        let (rest, ()) = sp(rest, tolerance)?;
        let mut values = Vec::new();
        (i, _) = list(rest, tolerance, PARENTHESES, |i, tolerance| {
            let (i, value) = string(i, tolerance)?;
            values.push(value.to_astring());
            Ok((i, ()))
        })?;
        extensions.push((name.to_astring(), values));
    }
}

/// `id-response = "ID" SP id-params-list`, from behind its name, where
/// `id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil`
pub(super) fn id_response<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Untagged> {
    let (i, ()) = sp(i, tolerance)?;
    if let Ok((rest, ())) = nil(i) {
        return Ok((rest, Untagged::Id(IdFields::NIL)));
    }
    let mut parameters: Vec<(AString, Option<AString>)> = Vec::new();
    let (rest, _) = list(i, tolerance, PARENTHESES, |i, tolerance| {
        let (i, field) = string(i, tolerance)?;
        let (i, more) = goes_on(i, tolerance)?;
        let (i, value) = match more {
            true => nstring(i, tolerance)?,
            false if tolerance.tolerate(DeviationKind::MissingField, i) => (i, None),
            false => return expected(i, "a space"),
        };
        parameters.push((field.to_astring(), value.map(crate::grammar::string::Found::to_astring)));
        Ok((i, ()))
    })?;
    Ok((rest, Untagged::Id(parameters.into_iter().collect())))
}

/// `quota-response = "QUOTA" SP quota-root-name SP quota-list`, from behind its name, where
/// `quota-list = "(" quota-resource *(SP quota-resource) ")"` and
/// `quota-resource = resource-name SP resource-usage SP resource-limit`
pub(super) fn quota_response<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Untagged> {
    let (i, ()) = sp(i, tolerance)?;
    let (i, root) = astring(i, tolerance)?;
    let (i, ()) = sp(i, tolerance)?;
    let mut resources = Vec::new();
    let (rest, _) = list(i, tolerance, PARENTHESES, |i, tolerance| {
        let (i, name) = atom(i)?;
        let (i, ()) = sp(i, tolerance)?;
        let (i, usage) = number64(i, tolerance)?;
        let (i, ()) = sp(i, tolerance)?;
        let (i, limit) = number64(i, tolerance)?;
        resources.push(QuotaResource { name: name.share_text()?, usage, limit });
        Ok((i, ()))
    })?;
    Ok((rest, Untagged::Quota(Box::new(Quota { root, resources }))))
}

/// `quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)`, from behind its name.
pub(super) fn quotaroot_response<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Untagged> {
    let (i, ()) = sp(i, tolerance)?;
    let (mut i, mailbox) = mailbox(i, tolerance)?;
    let mut roots = Vec::new();
    while i.first() == Some(b' ') && spaces(i) < line_end(i) {
        if roots.len() as u64 >= u64::from(tolerance.items()) {
            return expected(i, "fewer items");
        }
        let (rest, ()) = sp(i, tolerance)?;
        let (rest, root) = astring(rest, tolerance)?;
        roots.push(root);
        i = rest;
    }
    Ok((i, Untagged::QuotaRoot(Box::new(QuotaRoot { mailbox, roots }))))
}
