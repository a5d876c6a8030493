//! Messages with octets changed at random.
use crate::common::{crlf, section_of};
use imap_proto::{BodyPart, PartKind};
use mail_server::message::{SearchText, Slice, Summary};
use proptest::prelude::*;

/// Pieces that messages are put together of: what decides how they are read.
const PIECES: [&str; 24] = [
    "--b\n",
    "--b--\n",
    "--bb\n",
    "--bb--\n",
    "\n",
    "text\n",
    "Content-Type: multipart/mixed; boundary=b\n",
    "Content-Type: multipart/digest; boundary=\"bb\"\n",
    "Content-Type: message/rfc822\n",
    "\n\n",
    "--",
    "b",
    "Content-Type: text/html; charset=iso-2022-jp\n",
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\n",
    "QUJD=\n",
    "=\n",
    "=C3=A4 =?utf-8?q?=C3?= ",
    "Subject: =?utf-8?b?w7Y=?=\n",
    "To: a <b@c>, g: \"d\\\" e\" @ f;\n",
    " (comment\n",
    "Date: Mon, 7 Feb 1994 21:52:25 -0800\n",
    "Content-Disposition: attachment; filename*0*=utf-8''%e2; filename*1=x\n",
    "<!-- <p>&amp;\n",
];

const SECTIONS: [&str; 14] = [
    "",
    "HEADER",
    "TEXT",
    "1",
    "2",
    "1.MIME",
    "1.1",
    "1.2.1",
    "2.HEADER",
    "1.TEXT",
    "1.1.MIME",
    "2.2",
    "1.1.1.1",
    "HEADER.FIELDS (TO)",
];

/// Looks at a message: nothing panics, what was kept comes back, sections lie within it, and a message is its header
/// and its text.
fn look_at(message: &[u8]) {
    let (summary, text) = Summary::of(message);
    assert_eq!(Summary::decode(&summary.encode()).as_ref(), Ok(&summary));
    assert_eq!(SearchText::decode(&text.encode()).as_ref(), Ok(&text));
    // Reading a slice of the message panics where it is none.
    let sections = SECTIONS.map(|section| section_of(message, &summary, section));
    assert_eq!(sections[0].as_deref(), Some(message));
    assert_eq!(
        sections[1].clone().zip(sections[2].clone()).map(|(one, other)| [one, other].concat()),
        sections[0]
    );
    for number in 1..4 {
        let whole = section_of(message, &summary, &format!("{number}"));
        let header = section_of(message, &summary, &format!("{number}.HEADER"));
        let text = section_of(message, &summary, &format!("{number}.TEXT"));
        if let (Some(header), Some(text)) = (header, text) {
            assert_eq!(whole, Some([header, text].concat()));
        }
    }
    check_message(message, &summary, summary.structure().root(), "");
}

/// What the structure tells of the parts of a message is what their sections have.
fn check_message(message: &[u8], summary: &Summary, part: BodyPart<'_>, number: &str) {
    let dot = if number.is_empty() { "" } else { "." };
    if part.kind() == PartKind::Multipart {
        check_parts(message, summary, part, &format!("{number}{dot}"));
    } else {
        check_part(message, summary, part, &format!("{number}{dot}1"));
    }
}

fn check_parts(message: &[u8], summary: &Summary, multipart: BodyPart<'_>, prefix: &str) {
    for (part, at) in multipart.children().zip(1..) {
        check_part(message, summary, part, &format!("{prefix}{at}"));
    }
}

fn check_part(message: &[u8], summary: &Summary, part: BodyPart<'_>, number: &str) {
    let octets = section_of(message, summary, number);
    match part.kind() {
        PartKind::Multipart => return check_parts(message, summary, part, &format!("{number}.")),
        PartKind::Message => check_message(message, summary, part.children().next().unwrap(), number),
        PartKind::Text | PartKind::Basic => {}
    }
    // A multipart without parts is told to have an empty one.
    let octets = octets.unwrap_or_default();
    assert_eq!(octets.len() as u64, part.octets(), "{number}");
    if let Some(lines) = part.lines() {
        assert_eq!(octets.iter().filter(|octet| **octet == b'\n').count() as u64, lines, "{number}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order_are_a_message(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)) {
        look_at(&crlf(&pieces.concat()));
        look_at(pieces.concat().as_bytes());
    }

    #[test]
    fn octets_changed_at_random_are_a_message(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 5..20),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..10),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut message = crlf(&pieces.concat());
        for (at, octet) in changes {
            let at = at.index(message.len());
            message[at] = octet;
        }
        look_at(&message);
        look_at(&message[cut.index(message.len())..]);
    }

    #[test]
    fn a_damaged_blob_is_an_error_or_another_summary(
        at in any::<prop::sample::Index>(),
        octet in any::<u8>(),
        length in any::<prop::sample::Index>(),
    ) {
        let message = crlf("To: a <b@c>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/rfc822\n\nSubject: y\n\n\n--b--\n");
        let (summary, text) = Summary::of(&message);
        for mut blob in [summary.encode(), text.encode()] {
            prop_assert!(Summary::decode(&blob[..length.index(blob.len())]).is_err());
            prop_assert!(SearchText::decode(&blob[..length.index(blob.len())]).is_err());
            let at = at.index(blob.len());
            blob[at] = octet;
            if let Ok(other) = Summary::decode(&blob) {
                for section in SECTIONS {
                    if let Some(Slice::Octets(range)) = other.section(&section.parse().unwrap()) {
                        prop_assert!(range.start <= range.end && range.end <= other.octets());
                    }
                }
            }
            let _ = SearchText::decode(&blob);
        }
    }
}
