//! Messages as they are written in tests, and what is asked of them.
use imap_proto::{
    Wire,
    response::{Fetch, FetchItem},
};
use mail_server::message::{Slice, Summary, fields};

/// Octets with CRLF at the end of lines.
pub(crate) fn crlf(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

/// The summary of a message, and of what was kept of it: they are the same.
pub(crate) fn summary(message: &[u8]) -> Summary {
    let (summary, _) = Summary::of(message);
    assert_eq!(Summary::decode(&summary.encode()).as_ref(), Ok(&summary));
    summary
}

/// What FETCH answers to `ENVELOPE`.
pub(crate) fn envelope(message: &[u8]) -> String {
    item(FetchItem::Envelope(Box::new(summary(message).envelope().clone())), "ENVELOPE")
}

/// What FETCH answers to `BODYSTRUCTURE`.
pub(crate) fn structure(message: &[u8]) -> String {
    item(FetchItem::BodyStructure(Box::new(summary(message).structure().clone())), "BODYSTRUCTURE")
}

fn item(item: FetchItem, name: &str) -> String {
    let mut text = Vec::new();
    Fetch { number: 1, items: vec![item] }.encode_head(&Wire::new(), &mut text);
    let text = String::from_utf8(text).unwrap();
    text.strip_prefix(&format!("* 1 FETCH ({name} ")).unwrap().to_owned()
}

/// What FETCH answers to `BODY[section]`; `None` is NIL.
pub(crate) fn section(message: &[u8], section: &str) -> Option<Vec<u8>> {
    section_of(message, &summary(message), section)
}

pub(crate) fn section_of(message: &[u8], summary: &Summary, section: &str) -> Option<Vec<u8>> {
    let octets = |range: std::ops::Range<u64>| {
        &message[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]
    };
    summary.section(&section.parse().unwrap()).map(|slice| match slice {
        Slice::Octets(range) => octets(range).to_vec(),
        Slice::Fields { header, names, which } => fields(octets(header), &names, which),
    })
}
