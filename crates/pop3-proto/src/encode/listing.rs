//! Listings.
use super::crlf;
use crate::{DropListing, Language, ScanListing, UniqueIdListing};
use mail_wire::Output;

impl DropListing {
    /// Writes the words of the reply to STAT: `2 320`, without a line end.
    pub fn encode(&self, out: &mut impl Output) {
        out.number(self.messages.into());
        out.text(b" ");
        out.number(self.octets);
    }
}

impl ScanListing {
    /// Writes the line of the reply to LIST.
    pub fn encode(&self, out: &mut impl Output) {
        out.number(self.message.get().into());
        out.text(b" ");
        out.number(self.octets);
        crlf(out);
    }
}

impl UniqueIdListing {
    /// Writes the line of the reply to UIDL.
    pub fn encode(&self, out: &mut impl Output) {
        out.number(self.message.get().into());
        out.text(b" ");
        out.text(self.id.as_str().as_bytes());
        crlf(out);
    }
}

impl Language {
    /// Writes the line of the reply to LANG alone, which is what stands behind `+OK` and a space in the other one.
    pub fn encode(&self, out: &mut impl Output) {
        out.text(self.tag.as_str().as_bytes());
        if let Some(words) = &self.words {
            out.text(b" ");
            out.text(words.as_bytes());
        }
        crlf(out);
    }
}
