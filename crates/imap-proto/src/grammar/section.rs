//! Sections of a message.
use super::{
    PARENTHESES, Tolerance,
    leaf::{Key, LONG, key, name, number64, nz_number, nz_number64},
    list, space,
    string::astring_found,
};
use crate::{Partial, Section, SectionText};
use mail_wire::span::{Parsed, Span, expected, octet};

const HEADER: Key = key(b"HEADER");
const HEADER_FIELDS: Key = key(b"HEADER.FIELDS");
const TEXT: Key = key(b"TEXT");
const MIME: Key = key(b"MIME");

/// `section = "[" [section-spec] "]"`
#[inline]
pub(crate) fn section<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Section> {
    let (i, ()) = octet(b'[', "'['")(i)?;
    let (i, section) = section_spec(i, tolerance)?;
    let (i, ()) = octet(b']', "']'")(i)?;
    Ok((i, section))
}

/// `section-spec = section-msgtext / (section-part ["." section-text])`, or nothing.
///
/// `section-part = nz-number *("." nz-number)`, `section-text = section-msgtext / "MIME"`
#[inline]
pub(crate) fn section_spec<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Section> {
    match i.first() {
        None | Some(b']') => return Ok((i, Section::WHOLE)),
        Some(b'0'..=b'9') => {}
        Some(_) => return section_text(i, i, 0, tolerance),
    }
    let mut at = i;
    loop {
        let (rest, _) = nz_number(at, tolerance)?;
        match rest.text() {
            [b'.', b'0'..=b'9', ..] => at = rest.part(1).0,
            [b'.', ..] => {
                let part = i.text().len() - rest.text().len();
                return section_text(i, rest.part(1).0, part, tolerance);
            }
            _ => {
                let part = i.before(rest);
                let octets = part.text().len();
                return Ok((rest, Section::from_checked(part.share(), octets, 0, SectionText::Whole)));
            }
        }
    }
}

/// `section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"`, behind a part `"MIME"` too.
fn section_text<'a>(
    i: Span<'a>,
    at: Span<'a>,
    part: usize,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Section> {
    let of_part = part > 0;
    let done = |rest: Span<'a>, fields: usize, text: SectionText| {
        let octets = if of_part || fields > 0 { i.before(rest).share() } else { fixed(text) };
        Ok((rest, Section::from_checked(octets, part, fields, text)))
    };
    let refused = || {
        let rule = if of_part {
            "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME"
        } else {
            "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT"
        };
        expected(at, rule)
    };
    let Ok((rest, (keyword, key))) = name(at) else { return refused() };
    let text = match key {
        HEADER => return done(rest, 0, SectionText::Header),
        TEXT => return done(rest, 0, SectionText::Text),
        // rule rfc3501 6.4.5 mime-of-a-part: MIME stands behind a part
        MIME if of_part => return done(rest, 0, SectionText::Mime),
        HEADER_FIELDS => SectionText::HeaderFields,
        // rule rfc3501 6.4.5 fields-not: HEADER.FIELDS.NOT leaves fields out
        LONG if keyword.text().eq_ignore_ascii_case(b"HEADER.FIELDS.NOT") => SectionText::HeaderFieldsNot,
        _ => return refused(),
    };
    let (list, ()) = space(rest, tolerance)?;
    let (rest, ()) = header_list(list, tolerance)?;
    done(rest, i.text().len() - list.text().len(), text)
}

/// A text that needs no share of the unit.
fn fixed(text: SectionText) -> bytes::Bytes {
    bytes::Bytes::from_static(text.keyword().as_bytes())
}

/// `header-list = "(" header-fld-name *(SP header-fld-name) ")"`, where `header-fld-name = astring`
fn header_list<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let (rest, count) = list(i, tolerance, PARENTHESES, |i, tolerance| {
        astring_found(i, tolerance).map(|(rest, _)| (rest, ()))
    })?;
    // rule rfc3501 9 no-empty-header-list: HEADER.FIELDS names one field at least
    if count == 0 {
        return expected(i.part(1).0, "the name of a header field");
    }
    Ok((rest, ()))
}

/// `partial = "<" number64 "." nz-number64 ">"`, or nothing.
pub(crate) fn partial<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<Partial>> {
    if i.first() != Some(b'<') {
        return Ok((i, None));
    }
    let (i, offset) = number64(i.part(1).0)?;
    let (i, ()) = octet(b'.', "'.'")(i)?;
    let (rest, octets) = nz_number64(i, tolerance)?;
    let (rest, ()) = octet(b'>', "'>'")(rest)?;
    match Partial::new(offset, octets) {
        Some(partial) => Ok((rest, Some(partial))),
        None => expected(i, "a number above zero"),
    }
}
