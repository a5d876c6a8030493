//! `SEARCH`.
use super::super::{Hold, writer::Writer};
use crate::{Date, Search, SearchKey, SearchReturn};
use mail_wire::Output;

impl Search {
    pub(super) fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        super::numbering(self.numbering, out);
        out.text(b"SEARCH ");
        if let Some(returns) = self.returns {
            out.text(b"RETURN ");
            let names = SearchReturn::NAMES.iter().filter(|(_, one)| returns.contains(*one));
            out.list(names, |(name, _), out| out.text(name.as_bytes()));
            out.text(b" ");
        }
        if let Some(charset) = &self.charset {
            out.text(b"CHARSET ");
            out.astring(charset.as_bytes());
            out.text(b" ");
        }
        if self.keys.is_empty() {
            out.text(b"ALL");
        }
        out.spaced(&self.keys, search_key);
    }
}

/// `search-key`
fn search_key<O: Hold>(key: &SearchKey, out: &mut Writer<'_, O>) {
    match key {
        SearchKey::All => out.text(b"ALL"),
        SearchKey::Answered => out.text(b"ANSWERED"),
        SearchKey::Deleted => out.text(b"DELETED"),
        SearchKey::Draft => out.text(b"DRAFT"),
        SearchKey::Flagged => out.text(b"FLAGGED"),
        SearchKey::New => out.text(b"NEW"),
        SearchKey::Old => out.text(b"OLD"),
        SearchKey::Recent => out.text(b"RECENT"),
        SearchKey::Seen => out.text(b"SEEN"),
        SearchKey::Unanswered => out.text(b"UNANSWERED"),
        SearchKey::Undeleted => out.text(b"UNDELETED"),
        SearchKey::Undraft => out.text(b"UNDRAFT"),
        SearchKey::Unflagged => out.text(b"UNFLAGGED"),
        SearchKey::Unseen => out.text(b"UNSEEN"),
        SearchKey::Keyword(keyword) => of_text("KEYWORD ", keyword.as_text().as_bytes(), out),
        SearchKey::Unkeyword(keyword) => of_text("UNKEYWORD ", keyword.as_text().as_bytes(), out),
        SearchKey::Bcc(string) => of_string("BCC ", string.as_bytes(), out),
        SearchKey::Cc(string) => of_string("CC ", string.as_bytes(), out),
        SearchKey::From(string) => of_string("FROM ", string.as_bytes(), out),
        SearchKey::Subject(string) => of_string("SUBJECT ", string.as_bytes(), out),
        SearchKey::To(string) => of_string("TO ", string.as_bytes(), out),
        SearchKey::Body(string) => of_string("BODY ", string.as_bytes(), out),
        SearchKey::Text(string) => of_string("TEXT ", string.as_bytes(), out),
        SearchKey::Header(header) => {
            of_string("HEADER ", header.name.as_bytes(), out);
            of_string(" ", header.value.as_bytes(), out);
        }
        SearchKey::Before(date) => of_date("BEFORE ", *date, out),
        SearchKey::On(date) => of_date("ON ", *date, out),
        SearchKey::Since(date) => of_date("SINCE ", *date, out),
        SearchKey::SentBefore(date) => of_date("SENTBEFORE ", *date, out),
        SearchKey::SentOn(date) => of_date("SENTON ", *date, out),
        SearchKey::SentSince(date) => of_date("SENTSINCE ", *date, out),
        SearchKey::Larger(octets) => of_number("LARGER ", *octets, out),
        SearchKey::Smaller(octets) => of_number("SMALLER ", *octets, out),
        SearchKey::Older(seconds) => of_number("OLDER ", seconds.get().into(), out),
        SearchKey::Younger(seconds) => of_number("YOUNGER ", seconds.get().into(), out),
        SearchKey::Sequence(set) => out.sequence_set(set),
        SearchKey::Uid(set) => {
            out.text(b"UID ");
            out.sequence_set(set);
        }
        SearchKey::Not(key) => {
            out.text(b"NOT ");
            search_key(key, out);
        }
        SearchKey::Or(keys) => {
            out.text(b"OR ");
            out.spaced(&**keys, search_key);
        }
        SearchKey::And(keys) if keys.is_empty() => out.text(b"ALL"),
        SearchKey::And(keys) => out.list(keys, search_key),
    }
}

fn of_string<O: Hold>(name: &str, string: &[u8], out: &mut Writer<'_, O>) {
    out.text(name.as_bytes());
    out.astring(string);
}

fn of_text<O: Hold>(name: &str, text: &[u8], out: &mut Writer<'_, O>) {
    out.text(name.as_bytes());
    out.text(text);
}

fn of_number<O: Hold>(name: &str, number: u64, out: &mut Writer<'_, O>) {
    out.text(name.as_bytes());
    out.number(number);
}

fn of_date<O: Hold>(name: &str, date: Date, out: &mut Writer<'_, O>) {
    out.text(name.as_bytes());
    out.date(date);
}
