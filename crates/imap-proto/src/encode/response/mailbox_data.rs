//! LIST and STATUS.
use super::line::{named, raw};
use crate::{
    encode::{Hold, writer::Writer},
    response::{List, ListExtended, ListKind, StatusData, StatusItem},
};
use mail_wire::Output;

impl List {
    /// `mailbox-list`, and the name of the response in front.
    pub(super) fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        out.text(match self.kind {
            ListKind::List => b"LIST ",
            ListKind::Lsub => b"LSUB ",
            ListKind::Xlist => b"XLIST ",
        });
        let known = self.attributes.iter().map(|attribute| attribute.as_str().as_bytes());
        let others = self.attributes.others().iter().map(mail_wire::Text::as_bytes);
        out.list(known.chain(others), |name, out| out.text(name));
        out.text(b" ");
        delimiter(self.delimiter, out);
        out.text(b" ");
        out.mailbox(&self.mailbox);
        if !self.extended.is_empty() {
            out.text(b" ");
            out.list(&self.extended, |item, out| match item {
                ListExtended::ChildInfo(options) => {
                    out.text(b"\"CHILDINFO\" ");
                    out.list(options, |option, out| out.string(option.as_bytes()));
                }
                ListExtended::OldName(mailbox) => {
                    out.text(b"\"OLDNAME\" (");
                    out.mailbox(mailbox);
                    out.text(b")");
                }
                ListExtended::Other(tag, value) => {
                    out.string(tag.as_bytes());
                    out.text(b" ");
                    raw(value, out);
                }
            });
        }
    }
}

/// `DQUOTE QUOTED-CHAR DQUOTE / nil`; what cannot be quoted is none.
pub(super) fn delimiter<O: Hold>(delimiter: Option<char>, out: &mut Writer<'_, O>) {
    match delimiter {
        None | Some('\r' | '\n' | '\0') => out.text(b"NIL"),
        // rule rfc3501 7.2.2 delimiter-is-escaped: a backslash as delimiter is escaped
        Some(escaped @ ('"' | '\\')) => {
            out.text(b"\"\\");
            out.text(escaped.encode_utf8(&mut [0; 4]).as_bytes());
            out.text(b"\"");
        }
        Some(delimiter) => {
            out.text(b"\"");
            out.text(delimiter.encode_utf8(&mut [0; 4]).as_bytes());
            out.text(b"\"");
        }
    }
}

impl StatusData {
    /// `"STATUS" SP mailbox SP "(" [status-att-list] ")"`
    pub(super) fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        out.text(b"STATUS ");
        out.mailbox(&self.mailbox);
        out.text(b" ");
        out.list(&self.items, |item, out| match item {
            StatusItem::Messages(number) => named(b"MESSAGES ", (*number).into(), out),
            StatusItem::Recent(number) => named(b"RECENT ", (*number).into(), out),
            StatusItem::UidNext(number) => named(b"UIDNEXT ", (*number).into(), out),
            StatusItem::UidValidity(number) => named(b"UIDVALIDITY ", (*number).into(), out),
            StatusItem::Unseen(number) => named(b"UNSEEN ", (*number).into(), out),
            StatusItem::Deleted(number) => named(b"DELETED ", (*number).into(), out),
            StatusItem::Size(octets) => named(b"SIZE ", *octets, out),
            StatusItem::HighestModSeq(value) => named(b"HIGHESTMODSEQ ", *value, out),
            StatusItem::AppendLimit(None) => out.text(b"APPENDLIMIT NIL"),
            StatusItem::AppendLimit(Some(octets)) => named(b"APPENDLIMIT ", (*octets).into(), out),
            StatusItem::Other(name, value) => {
                out.text(name.as_bytes());
                out.text(b" ");
                raw(value, out);
            }
        });
    }
}
