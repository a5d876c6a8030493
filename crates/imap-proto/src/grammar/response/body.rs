//! BODY and BODYSTRUCTURE.
use super::{
    body_fields::{body_ext, fields, fld_param},
    envelope::envelope,
    goes_on, no_space,
    number::{number64, usual_number},
    place::{Ground, string, usual_sp, usual_string},
    sp, spaces,
};
use crate::{
    BodyStructure, DeviationKind, PartKind,
    grammar::{
        Tolerance,
        leaf::{close, nil, open},
    },
    types::body_structure::{Node, Range},
};
use alloc::vec::Vec;
use mail_wire::{
    Place,
    span::{Parsed, Span, expected},
};

/// A structure that is being read.
pub(super) struct Draft<'a> {
    pub(super) ground: Ground,
    /// From where the structure starts.
    text: &'a [u8],
    nodes: Vec<Node>,
    pub(super) parameters: Vec<(Place, Place)>,
}

/// `body = "(" (body-type-1part / body-type-mpart) ")"`
pub(crate) fn body<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, BodyStructure> {
    let ground = Ground::new(i);
    // A part takes 80 to 200 octets. What stands behind the structure counts too, and so no more than a few parts do.
    let parts = (i.text().len() / 80).clamp(2, 8);
    let (nodes, parameters) = (Vec::with_capacity(parts), Vec::with_capacity(2 * parts));
    let mut draft = Draft { ground, text: i.text(), nodes, parameters };
    let (rest, ()) = part(i, &mut draft, tolerance)?;
    let Draft { nodes, parameters, .. } = draft;
    Ok((rest, BodyStructure { text: i.before(rest).share(), nodes, parameters }))
}

/// `body`, one level deeper than what it stands in.
///
/// Only this, [`type_mpart`] and [`type_msg`] stand on the stack while parts nest, and little of their own.
fn part<'a>(i: Span<'a>, draft: &mut Draft<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    tolerance.nested(i, |i, tolerance| match body_start(i, draft, tolerance)? {
        (i, Start::Multipart(at)) => type_mpart(i, at, draft, tolerance),
        (i, Start::Message(at)) => type_msg(i, at, draft, tolerance),
        (i, Start::Done) => Ok((i, ())),
    })
}

/// What a body turned out to be.
enum Start {
    /// A multipart, announced at this place, at its first part.
    Multipart(usize),
    /// A message, announced at this place, behind its fields.
    Message(usize),
    /// A part without parts; all of it was read.
    Done,
}

/// The start of a body, or all of it.
#[inline(never)]
fn body_start<'a>(i: Span<'a>, draft: &mut Draft<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Start> {
    let (i, ()) = open(i)?;
    let i = no_space(i, tolerance);
    if i.first() == Some(b'(') {
        let at = draft.push(Node::new(PartKind::Multipart), i)?;
        return Ok((i, Start::Multipart(at)));
    }
    type_1part(i, draft, tolerance)
}

/// `body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]`, and the parenthesis behind.
fn type_mpart<'a>(
    mut i: Span<'a>,
    at: usize,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    loop {
        match i.text() {
            [b'(', b')', ..] if tolerance.tolerate(DeviationKind::EmptyList, i) => i = i.part(2).0,
            [b'(', ..] => (i, ()) = part(i, draft, tolerance)?,
            [b' ', behind @ ..] if behind.trim_ascii_start().first() == Some(&b'(') => {
                let behind = i.part(spaces(i)).0;
                if !tolerance.tolerate(DeviationKind::ExtraSpaces, i) {
                    return expected(behind, "a media subtype");
                }
                i = behind;
            }
            _ => return mpart_subtype(i, at, draft, tolerance),
        }
    }
}

/// `SP media-subtype [SP body-ext-mpart]`, and the parenthesis behind.
#[inline(never)]
fn mpart_subtype<'a>(
    i: Span<'a>,
    at: usize,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let (i, more) = goes_on(i, tolerance)?;
    if !more {
        if !tolerance.tolerate(DeviationKind::MissingField, i) {
            return expected(i, "a media subtype");
        }
        draft.finish(at, |_| {});
        return Ok((i.part(1).0, ()));
    }
    let (i, subtype) = string(i, draft.ground, tolerance)?;
    mpart_rest(i, at, subtype, draft, tolerance)
}

/// `[SP body-ext-mpart]`, and the parenthesis behind, where
/// `body-ext-mpart = body-fld-param [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]]`
fn mpart_rest<'a>(
    i: Span<'a>,
    at: usize,
    subtype: Place,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let mut node = Node { subtype, ..Node::new(PartKind::Multipart) };
    let (mut i, more) = goes_on(i, tolerance)?;
    if more {
        (i, node.parameters) = fld_param(i, draft, tolerance)?;
        (i, ()) = body_ext(i, &mut node, draft, tolerance)?;
    }
    let (i, ()) = close(i)?;
    draft.finish(at, |place| *place = node);
    Ok((i, ()))
}

/// `body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]`, and the parenthesis
/// behind. What has no parts where it should is tolerated.
fn type_1part<'a>(i: Span<'a>, draft: &mut Draft<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Start> {
    let mut node = Node::new(PartKind::Basic);
    let (rest, media_type) = usual!(usual_string(i, draft.ground), string(i, draft.ground, tolerance));
    node.media_type = media_type;
    let at = match rest.text() {
        [b' ', b'"' | b'{', ..] => {
            let rest = rest.part(1).0;
            let (rest, subtype) =
                usual!(usual_string(rest, draft.ground), string(rest, draft.ground, tolerance));
            node.subtype = subtype;
            fields(rest, &mut node, draft, tolerance)?.0
        }
        _ => match odd_media(rest, &mut node, draft, tolerance)? {
            (rest, true) => rest,
            (rest, false) => {
                if !tolerance.tolerate(DeviationKind::ChildlessMultipart, rest) {
                    return expected(rest, "a media subtype");
                }
                let at = draft.push(Node::new(PartKind::Multipart), i)?;
                let (rest, ()) = mpart_rest(rest, at, media_type, draft, tolerance)?;
                return Ok((rest, Start::Done));
            }
        },
    };
    let is = |place: Place, name: &[u8]| place.of(draft.text).is_some_and(|it| it.eq_ignore_ascii_case(name));
    if is(node.media_type, b"TEXT") {
        node.kind = PartKind::Text;
    } else if is(node.media_type, b"MESSAGE") {
        let global = is(node.subtype, b"GLOBAL");
        if global || is(node.subtype, b"RFC822") {
            if matches!(at.text(), [b' ', b'(', ..] | [b' ', b' ', ..]) || nil_and_body(at.text()) {
                node.kind = PartKind::Message;
                return Ok((at, Start::Message(draft.push(node, i)?)));
            }
            return missing_envelope(at, node, global, draft, tolerance);
        }
    }
    let at = if node.kind == PartKind::Text { fld_lines(at, &mut node, tolerance)? } else { (at, false) };
    let (rest, ()) = ext_1part(at, node, None, draft, tolerance)?;
    Ok((rest, Start::Done))
}

/// A media type behind which no subtype stands. Are there fields?
#[cold]
fn odd_media<'a>(
    i: Span<'a>,
    node: &mut Node,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, bool> {
    if i.first() == Some(b')') {
        return Ok((i, false));
    }
    let parameters = draft.parameters.len();
    // Either it is left out or it is NIL: only one of them makes the size a number.
    let left_out = tolerance.attempt(i, |i, tolerance| {
        if !tolerance.tolerate(DeviationKind::MissingField, i) {
            return expected(i, "a media subtype");
        }
        fields(i, node, draft, tolerance)
    });
    if let Ok((rest, true)) = left_out {
        return Ok((rest, true));
    }
    draft.parameters.truncate(parameters);
    let nil = tolerance.attempt(i, |i, tolerance| {
        let (i, ()) = sp(i, tolerance)?;
        let (i, subtype) = string(i, draft.ground, tolerance)?;
        node.subtype = subtype;
        fields(i, node, draft, tolerance)
    });
    match nil {
        Ok((rest, true)) => Ok((rest, true)),
        Ok((_, false)) => Ok((i, false)),
        Err(e) => {
            draft.parameters.truncate(parameters);
            match i.text() {
                [b' ', b'(', ..] => Ok((i, false)),
                _ => Err(e),
            }
        }
    }
}

/// Does NIL stand where the envelope should, and a body behind it? The list behind it may be a disposition too, but no
/// second string stands in that.
fn nil_and_body(text: &[u8]) -> bool {
    let Some((nil, body)) = text.split_first_chunk::<5>() else { return false };
    let second = |body: &[u8]| match body {
        [b'(', b'(', ..] => true,
        [b'(', b'"', rest @ ..] => {
            let end = rest.iter().position(|octet| *octet == b'"').unwrap_or(rest.len());
            rest.get(end..).is_some_and(|rest| rest.starts_with(b"\" \""))
        }
        _ => false,
    };
    nil.eq_ignore_ascii_case(b" NIL ") && second(body)
}

/// A message without envelope, from behind its fields: a basic part, which a `message/global` was before RFC 9051,
/// and so may be.
#[cold]
fn missing_envelope<'a>(
    i: Span<'a>,
    node: Node,
    global: bool,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Start> {
    if !global && !tolerance.tolerate(DeviationKind::MissingEnvelope, i) {
        return expected(i.part(1).0, "an envelope");
    }
    // `NIL NIL 0`: no envelope, no body, and no lines.
    let nils = i.text().first_chunk::<9>().filter(|text| text.eq_ignore_ascii_case(b" NIL NIL "));
    let at = i.part(9).0;
    let i = match nils.is_some() && at.first().is_some_and(|octet| octet.is_ascii_digit()) {
        true => number64(at, tolerance)?.0,
        false => i,
    };
    let (rest, ()) = ext_1part((i, false), node, None, draft, tolerance)?;
    Ok((rest, Start::Done))
}

/// `body-type-msg = media-message SP body-fields SP envelope SP body SP body-fld-lines`, from behind its fields, and
/// what stands behind it.
fn type_msg<'a>(
    i: Span<'a>,
    at: usize,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let (i, more) = msg_envelope(i, at, draft, tolerance)?;
    let i = if more { part(i, draft, tolerance)?.0 } else { i };
    msg_rest(i, at, draft, tolerance)
}

/// `SP envelope SP`. Tells whether a body follows.
#[inline(never)]
fn msg_envelope<'a>(
    i: Span<'a>,
    at: usize,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, bool> {
    let (i, ()) = sp(i, tolerance)?;
    let (i, envelope) = envelope(i, tolerance)?;
    if let Some(node) = draft.nodes.get_mut(at) {
        node.extra().envelope = Some(envelope);
    }
    let behind = i.part(spaces(i)).0;
    match behind.first() {
        Some(b'(') => sp(i, tolerance).map(|(rest, ())| (rest, true)),
        _ if !tolerance.tolerate(DeviationKind::MissingField, i) => expected(behind, "a body"),
        _ => Ok((nil(behind).map_or(i, |(rest, ())| rest), false)),
    }
}

/// `SP body-fld-lines [SP body-ext-1part]`, and the parenthesis behind, of the message announced at `at`.
#[inline(never)]
fn msg_rest<'a>(
    i: Span<'a>,
    at: usize,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let announced =
        draft.nodes.get_mut(at).map(|node| core::mem::replace(node, Node::new(PartKind::Message)));
    let mut node = announced.unwrap_or(Node::new(PartKind::Message));
    let lines = fld_lines(i, &mut node, tolerance)?;
    ext_1part(lines, node, Some(at), draft, tolerance)
}

/// `SP body-fld-lines`; where they are missing, that is tolerated. Tells whether there is a NIL that may stand for
/// them.
fn fld_lines<'a>(
    i: Span<'a>,
    node: &mut Node,
    tolerance: &mut Tolerance<'_>,
) -> Result<(Span<'a>, bool), nom::Err<mail_wire::span::Expected>> {
    let behind = i.part(spaces(i)).0;
    if let Some((rest, lines)) = usual_sp(i).and_then(usual_number) {
        node.lines = lines;
        return Ok((rest, false));
    }
    if let Some(b'0'..=b'9' | b'-') = behind.first() {
        let (i, ()) = sp(i, tolerance)?;
        let (i, lines) = number64(i, tolerance)?;
        node.lines = lines;
        return Ok((i, false));
    }
    if !tolerance.tolerate(DeviationKind::MissingField, i) {
        return expected(behind, "a number of lines");
    }
    Ok((i, nil(behind).is_ok()))
}

/// `[SP body-ext-1part]`, and the parenthesis behind, where
/// `body-ext-1part = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]]`.
///
/// `at` is where the part was announced, if it was. Where a NIL may stand for the lines of a text, the reading in
/// which it does comes first.
fn ext_1part<'a>(
    (i, nil_lines): (Span<'a>, bool),
    mut node: Node,
    at: Option<usize>,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let parameters = draft.parameters.len();
    let mut found = None;
    if nil_lines {
        let behind = i.part(spaces(i) + 3).0;
        let mut attempted = node.clone();
        let read = tolerance.attempt(behind, |i, tolerance| md5_and_ext(i, &mut attempted, draft, tolerance));
        match read {
            Ok((rest, ())) => {
                node = attempted;
                found = Some(rest);
            }
            Err(_) => draft.parameters.truncate(parameters),
        }
    }
    let rest = match found {
        Some(rest) => rest,
        None => md5_and_ext(i, &mut node, draft, tolerance)?.0,
    };
    match at {
        Some(at) => draft.finish(at, |place| *place = node),
        None => {
            // `push` takes no more than 65,535.
            node.end = u16::try_from(draft.nodes.len() + 1).unwrap_or(u16::MAX);
            draft.push(node, i)?;
        }
    }
    Ok((rest, ()))
}

/// `[SP body-fld-md5 ..] ")"`
fn md5_and_ext<'a>(
    i: Span<'a>,
    node: &mut Node,
    draft: &mut Draft<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    if i.text().starts_with(b" NIL NIL NIL NIL)") {
        return Ok((i.part(17).0, ()));
    }
    let (mut i, more) = goes_on(i, tolerance)?;
    if more {
        let (rest, md5) = super::place::nstring(i, draft.ground, tolerance)?;
        if !md5.is_nil() {
            node.extra().md5 = md5;
        }
        (i, ()) = body_ext(rest, node, draft, tolerance)?;
    }
    close(i)
}

impl<'a> Draft<'a> {
    /// Announces a part, so that it stands before those within it. Where is it?
    fn push(&mut self, node: Node, i: Span<'a>) -> Result<usize, nom::Err<mail_wire::span::Expected>> {
        if self.nodes.len() >= usize::from(u16::MAX) {
            return expected(i, "fewer parts");
        }
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    /// All of the part announced at `at` is known.
    fn finish(&mut self, at: usize, fill: impl FnOnce(&mut Node)) {
        // `push` takes no more than 65,535.
        let end = u16::try_from(self.nodes.len()).unwrap_or(u16::MAX);
        if let Some(node) = self.nodes.get_mut(at) {
            fill(node);
            node.end = end;
        }
    }

    /// The parameters that were added since there were `start` of them.
    pub(super) fn parameters_since(&self, start: usize) -> Range {
        // `fld_param` takes no more than 65,535.
        let index = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        Range { start: index(start), end: index(self.parameters.len()) }
    }
}
