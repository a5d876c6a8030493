//! Items of FETCH, and what stands beside a broken one.
use crate::{mean_the_same, parse, strict};
use bytes::Bytes;
use imap_proto::{
    DeviationKind::*,
    Leniency,
    response::{FetchItem, Payload, Response, StatusItem, Untagged},
};

// covers rfc3516 4.3 literal8-for-binary-alone
#[test]
fn items() {
    mean_the_same(&[
        (
            b"* 1 FETCH (BODY[] {3}\nabc)\r\n",
            "expected CRLF behind a literal's announcement at octet 21, found '\\n'",
            &[BareLfBehindLiteral],
            b"* 1 FETCH (BODY[] {3}\r\nabc)\r\n",
        ),
        (
            b"* 1 FETCH (BODY[] ~{3}\r\nabc)\r\n",
            "expected a literal that is no literal8 at octet 18, found '~'",
            &[Literal8],
            b"* 1 FETCH (BODY[] {3}\r\nabc)\r\n",
        ),
        (
            b"* 1 FETCH (RFC822.HEADER ~{3}\r\nabc)\r\n",
            "expected a literal that is no literal8 at octet 25, found '~'",
            &[Literal8],
            b"* 1 FETCH (RFC822.HEADER {3}\r\nabc)\r\n",
        ),
        (
            b"* 1 FETCH (INTERNALDATE \"4-Jan-2015 16:53:35 +0800\")\r\n",
            "expected a digit at octet 25, found '4'",
            &[ShortDay],
            b"* 1 FETCH (INTERNALDATE \" 4-Jan-2015 16:53:35 +0800\")\r\n",
        ),
        (
            b"* 1 FETCH (BODY.PEEK[TEXT]<0.10> \"x\"UID 5 MODSEQ 7 )\r\n",
            "expected the value of the item at octet 20, found '['",
            &[OddSection, OddSection, MissingSpace, MissingParenthesis, ExtraSpaces],
            b"* 1 FETCH (BODY[TEXT]<0> \"x\" UID 5 MODSEQ (7))\r\n",
        ),
        (
            b"* 1 FETCH (FLAGS NIL UID 5\r\n",
            "expected an opening parenthesis at octet 17, found 'N'",
            &[EmptyList, MissingParenthesis],
            b"* 1 FETCH (FLAGS () UID 5)\r\n",
        ),
        (
            b"* 1 FETCH (UID 5))\r\n",
            "expected the end at octet 17, found ')'",
            &[TrailingOctets],
            b"* 1 FETCH (UID 5)\r\n",
        ),
    ]);
}

#[test]
fn a_broken_item_loses_none_of_its_neighbours() {
    for broken in [
        "ENVELOPE (\"a\" broken)",
        "ENVELOPE (\"a)",
        "ENVELOPE broken",
        "ENVELOPE",
        "BODYSTRUCTURE (((((",
        "BODYSTRUCTURE (\"text\" (\"x\" \"y\") NIL",
        "INTERNALDATE \"yesterday\"",
        "INTERNALDATE NIL",
        "X-FOO {9}",
        "UID x",
        "RFC822.SIZE 99999999999999999999",
    ] {
        let unit =
            format!("* 1 FETCH (UID 5 {broken} FLAGS (\\Seen) BODY[] {{8}}\r\nENVELOPE MODSEQ (9))\r\n");
        assert!(strict(unit.as_bytes()).is_err(), "{broken}");
        let (found, kinds) = parse(unit.as_bytes(), Leniency::LENIENT);
        let Ok(Response::Untagged(Untagged::Fetch(fetch))) = &found else { panic!("{broken}: {found:?}") };
        assert!(kinds.contains(&InvalidItem), "{broken}: {kinds:?}");
        let [
            FetchItem::Uid(5),
            FetchItem::Invalid(raw),
            FetchItem::Flags(flags),
            FetchItem::Content(content),
            FetchItem::ModSeq(9),
        ] = fetch.items.as_slice()
        else {
            panic!("{broken}: {fetch:?}")
        };
        assert_eq!(raw.escape_ascii().to_string(), broken.as_bytes().escape_ascii().to_string());
        assert_eq!(flags.to_string(), "(\\Seen)");
        assert_eq!(content.payload, Payload::Whole(Bytes::from_static(b"ENVELOPE")));
    }
}

#[test]
fn unknown_items_are_kept_as_they_came() {
    let (found, kinds) = parse(b"* STATUS INBOX (MESSAGES 1 X-FOO (a {1}\r\n)) X 3)\r\n", Leniency::STRICT);
    let Ok(Response::Untagged(Untagged::MailboxStatus(status))) = found else { panic!("{found:?}") };
    assert_eq!(kinds, []);
    let [StatusItem::Messages(1), StatusItem::Other(name, value), StatusItem::Other(..)] =
        status.items.as_slice()
    else {
        panic!("{status:?}")
    };
    assert_eq!((name.as_bytes(), value.as_bytes()), (&b"X-FOO"[..], &b"(a {1}\r\n))"[..]));
}
