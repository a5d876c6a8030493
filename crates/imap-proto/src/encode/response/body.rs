//! BODY and BODYSTRUCTURE.
use crate::{
    BodyPart, BodyStructure, PartFields, PartKind, Wire,
    encode::{Hold, writer::Writer},
};
use alloc::vec::Vec;
use mail_wire::Output;

/// Which fields are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Those of BODY alone.
    Bare,
    /// Those of BODY, and of BODYSTRUCTURE where a part has some: a value keeps what it says.
    Basic,
    /// Those of BODYSTRUCTURE.
    Extended,
}

/// Writes the text that a structure is made of.
pub(crate) fn fields(part: &PartFields<'_>, text: &mut Vec<u8>) {
    let wire = Wire::new();
    fields_of(part, &mut Writer::response(&wire, text), 0);
}

/// Writes the text of a structure without extension data.
pub(crate) fn bare(body: &BodyStructure, text: &mut Vec<u8>) {
    let wire = Wire::new();
    body.write(Form::Bare, &mut Writer::response(&wire, text));
}

fn fields_of<O: Hold>(part: &PartFields<'_>, out: &mut Writer<'_, O>, depth: u8) {
    // The grammar reads what is written, and refuses what is deeper than this.
    if depth > crate::Dialect::MAX_NESTING {
        return out.text(b"()");
    }
    let multipart = part.media_type.eq_ignore_ascii_case("multipart");
    out.text(b"(");
    if multipart {
        part.parts.iter().for_each(|part| fields_of(part, out, depth + 1));
        out.text(b" ");
        out.string(part.subtype.as_bytes());
        out.text(b" ");
        parameters(part.parameters.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())), out);
    } else {
        out.string(part.media_type.as_bytes());
        out.text(b" ");
        out.string(part.subtype.as_bytes());
        out.text(b" ");
        parameters(part.parameters.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())), out);
        for string in [part.id, part.description] {
            out.text(b" ");
            out.nstring(string.map(str::as_bytes));
        }
        out.text(b" ");
        out.string(part.encoding.as_bytes());
        out.text(b" ");
        out.number(part.octets);
        if let Some(envelope) = part.envelope {
            out.text(b" ");
            envelope.write(out);
            out.text(b" ");
        }
        part.parts.iter().for_each(|part| fields_of(part, out, depth + 1));
        if part.envelope.is_some() || part.media_type.eq_ignore_ascii_case("text") {
            out.text(b" ");
            out.number(part.lines);
        }
        out.text(b" ");
        out.nstring(part.md5.map(str::as_bytes));
    }
    out.text(b" ");
    match part.disposition {
        Some((kind, list)) => {
            out.text(b"(");
            out.string(kind.as_bytes());
            out.text(b" ");
            parameters(list.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())), out);
            out.text(b")");
        }
        None => out.text(b"NIL"),
    }
    out.text(b" ");
    languages(part.languages.iter().map(|language| language.as_bytes()), out);
    out.text(b" ");
    out.nstring(part.location.map(str::as_bytes));
    out.text(b")");
}

impl BodyStructure {
    /// `body`
    pub(crate) fn write<O: Hold>(&self, form: Form, out: &mut Writer<'_, O>) {
        self.root().write(form, out);
    }
}

impl BodyPart<'_> {
    /// `body = "(" (body-type-1part / body-type-mpart) ")"`
    ///
    /// Structures nest no deeper than the grammar lets them.
    fn write<O: Hold>(self, form: Form, out: &mut Writer<'_, O>) {
        let extended = match form {
            Form::Bare => false,
            Form::Basic => self.is_extended(),
            Form::Extended => true,
        };
        out.text(b"(");
        match self.kind() {
            PartKind::Multipart => self.write_multipart(form, extended, out),
            PartKind::Text | PartKind::Message | PartKind::Basic => self.write_single(form, extended, out),
        }
        // rule rfc3501 7.4.2 extension-data: BODYSTRUCTURE has extension data, BODY has none
        if extended {
            self.write_extension(out);
        }
        out.text(b")");
    }

    /// `1*body SP media-subtype [SP body-fld-param ..`
    fn write_multipart<O: Hold>(self, form: Form, extended: bool, out: &mut Writer<'_, O>) {
        let mut parts = 0;
        for part in self.children() {
            part.write(form, out);
            parts += 1;
        }
        // The grammar has no form for a multipart without parts, but such are read. A list of none keeps one from being
        // read as a part of which the subtype is missing.
        if parts == 0 {
            out.text(b"()");
        }
        out.text(b" ");
        out.string(&self.subtype());
        if extended {
            out.text(b" ");
            owned_parameters(self.parameters(), out);
        }
    }

    /// `media-basic SP body-fields [SP envelope SP body] [SP body-fld-lines] [SP body-fld-md5 ..`
    fn write_single<O: Hold>(self, form: Form, extended: bool, out: &mut Writer<'_, O>) {
        out.string(&self.media_type());
        out.text(b" ");
        out.string(&self.subtype());
        out.text(b" ");
        owned_parameters(self.parameters(), out);
        for string in [self.id(), self.description()] {
            out.text(b" ");
            out.nstring(string.as_deref());
        }
        out.text(b" ");
        out.string(&self.encoding().unwrap_or_default());
        out.text(b" ");
        out.number(self.octets());
        // rule rfc3501 7.4.2 message-has-envelope: a message inside a message tells its envelope and structure
        if let Some(envelope) = self.envelope() {
            out.text(b" ");
            envelope.write(out);
            out.text(b" ");
            match self.children().next() {
                Some(body) => body.write(form, out),
                None => out.text(b"NIL"),
            }
        }
        // rule rfc3501 7.4.2 text-has-lines: a text tells its lines
        if let Some(lines) = self.lines() {
            out.text(b" ");
            out.number(lines);
        }
        if extended {
            out.text(b" ");
            out.nstring(self.md5().as_deref());
        }
    }

    /// `SP body-fld-dsp SP body-fld-lang SP body-fld-loc *(SP body-extension)`
    fn write_extension<O: Hold>(self, out: &mut Writer<'_, O>) {
        out.text(b" ");
        match self.disposition() {
            Some(disposition) => {
                out.text(b"(");
                out.string(&disposition.kind());
                out.text(b" ");
                owned_parameters(disposition.parameters(), out);
                out.text(b")");
            }
            None => out.text(b"NIL"),
        }
        out.text(b" ");
        let tags: Vec<_> = self.languages().collect();
        languages(tags.iter().map(AsRef::as_ref), out);
        out.text(b" ");
        out.nstring(self.location().as_deref());
        if let Some(extensions) = self.extensions() {
            out.text(b" ");
            out.text(extensions);
        }
    }
}

/// `body-fld-param = "(" string SP string *(SP string SP string) ")" / nil`
fn parameters<'a, O: Hold>(
    parameters: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])>,
    out: &mut Writer<'_, O>,
) {
    // rule rfc3501 7.4.2 no-parameters-is-nil: no parameters are NIL
    if parameters.len() == 0 {
        return out.text(b"NIL");
    }
    out.list(parameters, |(name, value), out| {
        out.string(name);
        out.text(b" ");
        out.string(value);
    });
}

fn owned_parameters<'a, O: Hold>(
    list: impl Iterator<Item = (alloc::borrow::Cow<'a, [u8]>, alloc::borrow::Cow<'a, [u8]>)>,
    out: &mut Writer<'_, O>,
) {
    let list: Vec<_> = list.collect();
    parameters(list.iter().map(|(name, value)| (name.as_ref(), value.as_ref())), out);
}

/// `body-fld-lang = nstring / "(" string *(SP string) ")"`
fn languages<'a, O: Hold>(languages: impl ExactSizeIterator<Item = &'a [u8]>, out: &mut Writer<'_, O>) {
    // rule rfc3501 7.4.2 no-languages-is-nil: no languages are NIL
    if languages.len() == 0 {
        return out.text(b"NIL");
    }
    out.list(languages, |language, out| out.string(language));
}
