//! Numbers, listings and flags.
use crate::{mean_the_same, parse, strict};
use bytes::Bytes;
use imap_proto::{
    DeviationKind::*,
    Deviations, Dialect, Leniency,
    response::{Code, FetchItem, Response, Untagged},
};

#[test]
fn numbers_of_zero_and_below() {
    let item = |unit: &[u8]| match parse(unit, Leniency::LENIENT) {
        (Ok(Response::Untagged(Untagged::Fetch(fetch))), kinds) => (fetch.number, fetch.items, kinds),
        other => panic!("{other:?}"),
    };
    let (number, items, kinds) = item(b"* 0 FETCH (FLAGS ())\r\n");
    assert_eq!((number, items.len(), kinds), (0, 1, vec![ZeroNumber]));
    let (_, items, kinds) = item(b"* 1 FETCH (MODSEQ (-1) UID 0)\r\n");
    assert_eq!(
        (items, kinds),
        (vec![FetchItem::ModSeq(0), FetchItem::Uid(0)], vec![NegativeNumber, ZeroNumber])
    );
    let (found, kinds) = parse(b"* OK [UIDNEXT 0] x\r\n", Leniency::LENIENT);
    assert!(
        matches!(&found, Ok(Response::Untagged(Untagged::Status(it))) if it.code() == Some(&Code::UidNext(0)))
    );
    assert_eq!(kinds, [ZeroNumber]);
    for unit in [&b"* 0 FETCH (FLAGS ())"[..], b"* 1 FETCH (UID 0)", b"* OK [UIDNEXT 0] x", b"* 0 EXPUNGE"] {
        assert!(strict(unit).unwrap_err().starts_with("expected a number above zero at octet"));
    }
}

#[test]
fn uids_behind_two_spaces_are_no_message_numbers() {
    mean_the_same(&[(
        b"* ESEARCH (TAG \"A1\")  UID COUNT 5",
        "expected UID at octet 21, found ' '",
        &[ExtraSpaces],
        b"* ESEARCH (TAG \"A1\") UID COUNT 5",
    )]);
}

#[test]
fn lists() {
    mean_the_same(&[
        (
            b"* SEARCH 1 2 3 \r\n",
            "expected the end at octet 14, found ' '",
            &[TrailingSpaces],
            b"* SEARCH 1 2 3",
        ),
        (b"* SEARCH 1  2\r\n", "expected a number at octet 11, found ' '", &[ExtraSpaces], b"* SEARCH 1 2"),
        (
            b"* ID (\"name\" \"x\" )\r\n",
            "expected a string at octet 17, found ')'",
            &[ExtraSpaces],
            b"* ID (\"name\" \"x\")\r\n",
        ),
        (
            b"* ID (\"name\" \"Imap\")+\r\n",
            "expected the end at octet 20, found '+'",
            &[TrailingOctets],
            b"* ID (\"name\" \"Imap\")\r\n",
        ),
        (
            b"* 1 FETCH (UID 7 FLAGS (\\Seen)  RFC822.SIZE 10)\r\n",
            "expected a name at octet 31, found ' '",
            &[ExtraSpaces],
            b"* 1 FETCH (UID 7 FLAGS (\\Seen) RFC822.SIZE 10)\r\n",
        ),
        (
            b"* QUOTA \"\" (STORAGE 54  111)\r\n",
            "expected a number at octet 23, found ' '",
            &[ExtraSpaces],
            b"* QUOTA \"\" (STORAGE 54 111)\r\n",
        ),
        (
            b"* CAPABILITY IMAP4rev1 LITERAL + IDLE\r\n",
            "expected a capability at octet 31, found '+'",
            &[OddCapability],
            b"* CAPABILITY IMAP4rev1 LITERAL+ IDLE\r\n",
        ),
        (
            b"* CAPABILITY  IMAP4rev1 IDLE \r\n",
            "expected a capability at octet 13, found ' '",
            &[ExtraSpaces, TrailingSpaces],
            b"* CAPABILITY IMAP4rev1 IDLE\r\n",
        ),
        (
            b"* LIST (\\HasNoChildren) \"/\" INBOX/Da\tOggetto\r\n",
            "expected a space at octet 36, found '\\t'",
            &[UnquotedString],
            b"* LIST (\\HasNoChildren) \"/\" \"INBOX/Da\tOggetto\"\r\n",
        ),
        (
            b"* LIST () \"/\" Sent Items\r\n",
            "expected an opening parenthesis at octet 19, found 'I'",
            &[UnquotedString],
            b"* LIST () \"/\" \"Sent Items\"\r\n",
        ),
        (
            b"* LIST () \"/\" \"a\"b \\\"c\"\"\r\n",
            "expected a space at octet 17, found 'b'",
            &[UnescapedQuote],
            b"* LIST () \"/\" \"a\\\"b \\\"c\\\"\"\r\n",
        ),
        (
            b"* LIST NIL / Inbox\r\n",
            "expected an opening parenthesis at octet 7, found 'N'",
            &[EmptyList, OddDelimiter],
            b"* LIST () \"/\" Inbox\r\n",
        ),
        (
            b"* STATUS \"a\"b\" (MESSAGES 1)\r\n",
            "expected a space and a list at octet 12, found 'b'",
            &[UnescapedQuote],
            b"* STATUS \"a\\\"b\" (MESSAGES 1)\r\n",
        ),
        (
            b"* FLAGS NIL\r\n",
            "expected an opening parenthesis at octet 8, found 'N'",
            &[EmptyList],
            b"* FLAGS ()\r\n",
        ),
        (
            b"* LIST () \"\\\" Inbox \r\n",
            "expected a hierarchy delimiter at octet 10, found '\\\"'",
            &[OddDelimiter, TrailingSpaces],
            b"* LIST () \"\\\\\" Inbox\r\n",
        ),
        (
            b"* LIST () \"\" Inbox\r\n",
            "expected a hierarchy delimiter at octet 10, found '\\\"'",
            &[OddDelimiter],
            b"* LIST () NIL Inbox\r\n",
        ),
        (
            b"* STATUS Sent Items (MESSAGES -1 UNSEEN 0 ) \r\n",
            "expected a space and a list at octet 13, found ' '",
            &[UnquotedString, NegativeNumber, ExtraSpaces, TrailingSpaces],
            b"* STATUS \"Sent Items\" (MESSAGES 0 UNSEEN 0)\r\n",
        ),
        (
            b"* NAMESPACE ((\"\" \"/\")) NIL\r\n",
            "expected a space at octet 26, found '\\r'",
            &[MissingField],
            b"* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n",
        ),
    ]);
    let utf8 = Dialect::default().with_encoding(imap_proto::Encoding::Utf8);
    let unit = Bytes::from_static(b"* LIST () \"/\" \"Entw\xc3\xbcrfe\"\r\n");
    let meant = Response::parse(&unit, &utf8, &mut Deviations::new()).unwrap();
    assert_eq!(parse(&unit, Leniency::LENIENT), (Ok(meant), vec![EightBit]));
    assert_eq!(strict(&unit).unwrap_err(), "expected ASCII at octet 19, found '\\xc3'");
}

#[test]
fn flags() {
    let flags = |unit: &[u8]| match parse(unit, Leniency::LENIENT) {
        (Ok(Response::Untagged(Untagged::Flags(flags))), kinds) => (flags.to_string(), kinds),
        other => panic!("{other:?}"),
    };
    let unit = b"* FLAGS (\\Answered \\Seen \\*)\r\n";
    assert_eq!(flags(unit), ("(\\Answered \\Seen \\*)".into(), vec![WildcardFlag]));
    assert_eq!(strict(unit).unwrap_err(), "expected a flag at octet 26, found '*'");
    let unit = b"* FLAGS (\\Seen OIB-Seen-[Google Mail]/Alle Nachrichten)\r\n";
    let (found, kinds) = flags(unit);
    assert_eq!(
        (found.as_str(), kinds),
        ("(\\Seen OIB-Seen-[Google Mail]/Alle Nachrichten)", vec![BracketInFlag])
    );
    assert_eq!(strict(unit).unwrap_err(), "expected a space or the end of the list at octet 36, found ']'");
}
