//! Sections of a message.
use super::writer;
use crate::{Section, SectionText};
use mail_wire::Output;

/// Writes what stands between the brackets, in the form that a [`Section`] keeps: literals are not sent so.
pub(crate) fn section<'n>(
    part: impl Iterator<Item = u32>,
    text: SectionText,
    names: impl Iterator<Item = &'n [u8]>,
    out: &mut impl Output,
) {
    head(part, text, out);
    if matches!(text, SectionText::HeaderFields | SectionText::HeaderFieldsNot) {
        out.text(b" (");
        for (at, name) in names.enumerate() {
            if at > 0 {
                out.text(b" ");
            }
            writer::kept(name, out);
        }
        out.text(b")");
    }
}

/// Part and keyword.
fn head(part: impl Iterator<Item = u32>, text: SectionText, out: &mut impl Output) {
    let mut dot = false;
    for number in part {
        if dot {
            out.text(b".");
        }
        out.number(number.into());
        dot = true;
    }
    if dot && text != SectionText::Whole {
        out.text(b".");
    }
    out.text(text.keyword().as_bytes());
}

impl Section {
    /// Writes it with its brackets.
    pub(crate) fn write<O: super::Hold>(&self, out: &mut writer::Writer<'_, O>) {
        out.text(b"[");
        head(self.part(), self.text(), out);
        if matches!(self.text(), SectionText::HeaderFields | SectionText::HeaderFieldsNot) {
            out.text(b" ");
            out.list(self.fields(), |name, out| out.astring(name.as_bytes()));
        }
        out.text(b"]");
    }

    /// Writes the numbers of its part with brackets, and nothing else of it.
    pub(crate) fn write_part<O: super::Hold>(&self, out: &mut writer::Writer<'_, O>) {
        out.text(b"[");
        head(self.part(), SectionText::Whole, out);
        out.text(b"]");
    }
}
