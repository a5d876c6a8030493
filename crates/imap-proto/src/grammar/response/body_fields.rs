//! The fields of a body part.
use super::{
    body::Draft,
    goes_on, no_space,
    number::{number64, usual_number},
    place::{Ground, ends_string, inner_nstring, inner_string, loose_string, nstring, string, usual_sp},
    sp,
};
use crate::{
    DeviationKind,
    grammar::{
        Tolerance,
        leaf::{close, nil, open},
    },
    types::body_structure::{Node, Range},
};
use mail_wire::{
    Place,
    span::{Parsed, Span, expected},
};

/// `SP body-fields`, where `body-fields = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP
/// body-fld-octets`. Tells whether there is a size; missing fields are tolerated.
#[inline]
pub(super) fn fields<'a>(
    i: Span<'a>,
    node: &mut Node,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, bool> {
    let (i, ()) = usual!(usual_sp(i).map(|i| (i, ())), sp(i, tolerance));
    let (i, parameters) = fld_param(i, draft, tolerance)?;
    node.parameters = parameters;
    let ground = draft.ground;
    if let Some((rest, fields)) = usual_fields(i, ground) {
        (node.id, node.description, node.encoding, node.octets) = fields;
        return Ok((rest, true));
    }
    odd_fields(i, node, ground, tolerance)
}

/// `SP body-fld-id SP body-fld-desc SP body-fld-enc SP body-fld-octets`, in the usual spelling.
#[inline(always)]
fn usual_fields(i: Span<'_>, ground: Ground) -> Option<(Span<'_>, (Place, Place, Place, u64))> {
    let (i, id) = inner_nstring(usual_sp(i)?, ground)?;
    let (i, description) = inner_nstring(usual_sp(i)?, ground)?;
    let (i, encoding) = inner_string(usual_sp(i)?, ground)?;
    let (i, octets) = usual_number(usual_sp(i)?)?;
    Some((i, (id, description, encoding, octets)))
}

/// The same, in every spelling.
#[cold]
#[inline(never)]
fn odd_fields<'a>(
    i: Span<'a>,
    node: &mut Node,
    ground: Ground,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, bool> {
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        return missing(i, tolerance);
    }
    let (i, id) = nstring(i, ground, tolerance)?;
    node.id = id;
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        return missing(i, tolerance);
    }
    let (i, description) = nstring(i, ground, tolerance)?;
    node.description = description;
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        return missing(i, tolerance);
    }
    let (i, encoding) = loose_string(i, ground, tolerance)?;
    node.encoding = encoding;
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        return missing(i, tolerance);
    }
    match number64(i, tolerance) {
        Ok((rest, octets)) => {
            node.octets = octets;
            Ok((rest, true))
        }
        Err(e) => match nil(i) {
            Ok((rest, ())) if tolerance.tolerate(DeviationKind::MissingField, i) => Ok((rest, true)),
            _ => Err(e),
        },
    }
}

/// A field is missing: there is no size either.
#[cold]
fn missing<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, bool> {
    if tolerance.tolerate(DeviationKind::MissingField, i) { Ok((i, false)) } else { expected(i, "a space") }
}

/// `body-fld-param = "(" string SP string *(SP string SP string) ")" / nil`
///
/// NIL for a value is tolerated, and means the empty string; so is a name without a value.
#[inline]
pub(super) fn fld_param<'a>(
    i: Span<'a>,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Range> {
    let start = draft.parameters.len();
    match i.text() {
        [b'N', b'I', b'L', b' ' | b')', ..] => return Ok((i.part(3).0, Range::default())),
        [b'(', ..] => {
            let mut at = i.part(1).0;
            while let Some((rest, name, value)) = usual_parameter(at, draft.ground) {
                if draft.parameters.len() >= usize::from(u16::MAX) {
                    return expected(at, "fewer parameters");
                }
                draft.parameters.push((name, value));
                at = rest.part(1).0;
                match rest.first() {
                    Some(b')') => return Ok((at, draft.parameters_since(start))),
                    Some(b' ') => {}
                    _ => break,
                }
            }
            draft.parameters.truncate(start);
        }
        _ => {}
    }
    odd_param(i, draft, tolerance)
}

/// `string SP string`, in the usual spelling.
#[inline(always)]
fn usual_parameter(i: Span<'_>, ground: Ground) -> Option<(Span<'_>, Place, Place)> {
    let (i, name) = inner_string(i, ground)?;
    let (i, value) = inner_string(usual_sp(i)?, ground)?;
    Some((i, name, value))
}

/// The same, in every spelling.
#[cold]
#[inline(never)]
fn odd_param<'a>(i: Span<'a>, draft: &mut Draft<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Range> {
    let start = draft.parameters.len();
    let Ok((at, ())) = open(i) else {
        return match nil(i) {
            Ok((rest, ())) => Ok((rest, Range::default())),
            Err(_) => expected(i, "parameters or NIL"),
        };
    };
    let mut at = no_space(at, tolerance);
    if at.first() == Some(b')') && tolerance.tolerate(DeviationKind::EmptyList, i) {
        return Ok((at.part(1).0, Range::default()));
    }
    loop {
        let (rest, name) = present(at, draft.ground, tolerance)?;
        let (rest, more) = goes_on(rest, tolerance)?;
        let (rest, value) = if more {
            present(rest, draft.ground, tolerance)?
        } else if tolerance.tolerate(DeviationKind::MissingField, rest) {
            (rest, draft.ground.place(rest, 0)?)
        } else {
            return expected(rest, "a parameter's value");
        };
        if draft.parameters.len() >= usize::from(u16::MAX) {
            return expected(at, "fewer parameters");
        }
        draft.parameters.push((name, value));
        let (rest, more) = goes_on(rest, tolerance)?;
        if !more {
            let (rest, ()) = close(rest)?;
            return Ok((rest, draft.parameters_since(start)));
        }
        at = rest;
    }
}

/// `string`; NIL is tolerated, and means the empty one.
#[inline]
fn present<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    let (rest, place) = loose_string(i, ground, tolerance)?;
    if place.is_nil() { Ok((rest, ground.place(i, 0)?)) } else { Ok((rest, place)) }
}

/// `[SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]]`
pub(super) fn body_ext<'a>(
    i: Span<'a>,
    node: &mut Node,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    if i.text().starts_with(b" NIL NIL NIL)") {
        return Ok((i.part(12).0, ()));
    }
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        return Ok((i, ()));
    }
    let (i, ()) = fld_dsp(i, node, draft, tolerance)?;
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        return Ok((i, ()));
    }
    let (i, ()) = fld_lang(i, node, draft.ground, tolerance)?;
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        return Ok((i, ()));
    }
    let (i, location) = nstring(i, draft.ground, tolerance)?;
    if !location.is_nil() {
        node.extra().location = location;
    }
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        return Ok((i, ()));
    }
    let start = i;
    let mut i = i;
    loop {
        (i, ()) = body_extension(i, draft.ground, tolerance)?;
        let end = i;
        let (rest, more) = goes_on(i, tolerance)?;
        if !more {
            node.extra().extensions = draft.ground.place(start, start.before(end).text().len())?;
            return Ok((rest, ()));
        }
        i = rest;
    }
}

/// `body-fld-dsp = "(" string SP body-fld-param ")" / nil`; a bare string is tolerated.
fn fld_dsp<'a>(
    i: Span<'a>,
    node: &mut Node,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let Ok((at, ())) = open(i) else {
        return match nil(i) {
            Ok(found) => Ok(found),
            Err(_) if tolerance.tolerate(DeviationKind::BareDisposition, i) => {
                let (rest, disposition) = string(i, draft.ground, tolerance)?;
                node.disposition = disposition;
                Ok((rest, ()))
            }
            Err(_) => expected(i, "a disposition or NIL"),
        };
    };
    let at = no_space(at, tolerance);
    if at.first() == Some(b')') && tolerance.tolerate(DeviationKind::EmptyList, i) {
        return Ok((at.part(1).0, ()));
    }
    let (at, disposition) = present(at, draft.ground, tolerance)?;
    node.disposition = disposition;
    let (mut at, more) = goes_on(at, tolerance)?;
    if more {
        (at, node.disposition_parameters) = fld_param(at, draft, tolerance)?;
    } else if !tolerance.tolerate(DeviationKind::MissingField, at) {
        return expected(at, "a space");
    }
    close(no_space(at, tolerance))
}

/// `body-fld-lang = nstring / "(" string *(SP string) ")"`
fn fld_lang<'a>(
    i: Span<'a>,
    node: &mut Node,
    ground: Ground,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let Ok((at, ())) = open(i) else {
        let (rest, language) = nstring(i, ground, tolerance)?;
        if !language.is_nil() {
            node.extra().languages.push(language);
        }
        return Ok((rest, ()));
    };
    let mut at = no_space(at, tolerance);
    if at.first() == Some(b')') && tolerance.tolerate(DeviationKind::EmptyList, i) {
        return Ok((at.part(1).0, ()));
    }
    loop {
        let (rest, language) = present(at, ground, tolerance)?;
        // No more than the octets of the unit.
        node.extra().languages.push(language);
        let (rest, more) = goes_on(rest, tolerance)?;
        if !more {
            return close(rest);
        }
        at = rest;
    }
}

/// `body-extension = nstring / number / number64 / "(" body-extension *(SP body-extension) ")"`
fn body_extension<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let mut at = match i.text() {
        [b'0'..=b'9' | b'-', ..] => return number64(i, tolerance).map(|(rest, _)| (rest, ())),
        [b'(', ..] => no_space(i.part(1).0, tolerance),
        _ => {
            let (rest, _) = nstring(i, ground, tolerance)?;
            // It is written as it stands: where the string ends must not hang on what stands behind all of it.
            return if ends_string(rest.text()) { Ok((rest, ())) } else { expected(rest, "a space") };
        }
    };
    if at.first() == Some(b')') && tolerance.tolerate(DeviationKind::EmptyList, i) {
        return Ok((at.part(1).0, ()));
    }
    tolerance.nested(i, |_, tolerance| {
        loop {
            let (rest, ()) = body_extension(at, ground, tolerance)?;
            let (rest, more) = goes_on(rest, tolerance)?;
            if !more {
                return close(rest);
            }
            at = rest;
        }
    })
}
