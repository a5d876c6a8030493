//! What real servers send and the RFCs do not allow: strict refuses it where it goes wrong, lenient takes it for what
//! was meant and tells what it tolerated.
use bytes::Bytes;
use imap_proto::{
    DeviationKind::{self, *},
    Deviations, Dialect, Leniency, PartKind, Wire,
    response::{Code, FetchItem, Payload, Response, StatusItem, Untagged},
};

fn parse(unit: &[u8], leniency: Leniency) -> (Result<Response, String>, Vec<DeviationKind>) {
    let mut deviations = Deviations::new();
    let found = Response::parse(&Bytes::copy_from_slice(unit), &Dialect::new(leniency), &mut deviations);
    (found.map_err(|e| e.to_string()), deviations.iter().map(|it| it.kind).collect())
}

fn strict(unit: &[u8]) -> Result<Response, String> {
    let (found, deviations) = parse(unit, Leniency::STRICT);
    assert_eq!(deviations, [], "a strict reader tolerates nothing");
    found
}

/// What was sent; what strict says to it; what is tolerated; and what it means, in a form that conforms.
type Row = (&'static [u8], &'static str, &'static [DeviationKind], &'static [u8]);

fn mean_the_same(rows: &[Row]) {
    for (unit, refusal, kinds, conforming) in rows {
        let shown = unit.escape_ascii();
        let meant = strict(conforming).unwrap_or_else(|e| panic!("{}: {e}", conforming.escape_ascii()));
        assert_eq!(strict(unit).expect_err(&shown.to_string()), *refusal, "{shown}");
        let (found, deviations) = parse(unit, Leniency::LENIENT);
        assert_eq!(found.as_ref(), Ok(&meant), "{shown}");
        assert_eq!(deviations, *kinds, "{shown}");
    }
}

#[test]
fn what_conforms_passes_both_without_a_word() {
    for unit in [
        &b"* STATUS INBOX ()\r\n"[..],
        b"* 1 FETCH (ENVELOPE (\"Mon, 1 Jan 2024 00:00:00 +0000\" \"s\" ((\"A\" NIL \"a\" \"example.org\")) NIL NIL \
          ((NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL \"<m@example.org>\"))\r\n",
        b"* LIST (\\Noselect) \"/\" NIL\r\n",
        b"* NOOP\r\n",
        b"* XFOO bar \"(\" baz\r\n",
        b"* 1 FETCH (RFC822.SIZE 5000000000)\r\n",
        b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGIN] Proxy Ready\r\n",
        b"* STATUS {5}\r\nabc d (MESSAGES 1)\r\n",
        b"* 1 FETCH (BODY[HEADER.FIELDS (\"FROM\")] \"x\")\r\n",
        b"* 1 FETCH (UID 7 X-FOO (a (b \"c\")) FLAGS ())\r\n",
        b"* STATUS INBOX (MESSAGES 1 X-FOO 3)\r\n",
        b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"global\" NIL NIL NIL \"7bit\" 903 NIL NIL NIL NIL))\r\n",
        b"[x OK a tag may begin with a bracket\r\n",
        b"+ \r\n",
    ] {
        let meant = strict(unit).unwrap_or_else(|e| panic!("{}: {e}", unit.escape_ascii()));
        assert_eq!(parse(unit, Leniency::LENIENT), (Ok(meant), vec![]), "{}", unit.escape_ascii());
    }
}

#[test]
fn statuses() {
    mean_the_same(&[
        (b"+\r\n", "expected a space at octet 1, found '\\r'", &[MissingText], b"+ \r\n"),
        (b"+idling\r\n", "expected a space at octet 1, found 'i'", &[MissingSpace], b"+ idling\r\n"),
        (
            b"* OK [HIGHESTMODSEQ 123]\r\n",
            "expected a space at octet 24, found '\\r'",
            &[MissingText],
            b"* OK [HIGHESTMODSEQ 123] \r\n",
        ),
        (b"a1 OK\r\n", "expected a space at octet 5, found '\\r'", &[MissingText], b"a1 OK \r\n"),
        (
            b"a1 OK[READ-WRITE] done\r\n",
            "expected a space at octet 5, found '['",
            &[MissingSpace],
            b"a1 OK [READ-WRITE] done\r\n",
        ),
        (
            b"* OK [READ-WRITE]done\r\n",
            "expected a space at octet 17, found 'd'",
            &[MissingSpace],
            b"* OK [READ-WRITE] done\r\n",
        ),
        (
            b"* OK [PERMANENTFLAGS (\\Seen \\* )] ok\r\n",
            "expected a flag at octet 31, found ')'",
            &[ExtraSpaces],
            b"* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\n",
        ),
        (
            b"[COPYUID 124 10 233]\r\n",
            "expected OK, NO or BAD at octet 9, found '1'",
            &[MissingStatus, MissingText],
            b"* OK [COPYUID 124 10 233] \r\n",
        ),
        (
            b"* 23 EXISTS  \r\n",
            "expected the end at octet 11, found ' '",
            &[TrailingSpaces],
            b"* 23 EXISTS\r\n",
        ),
        (b"* -1 EXISTS\r\n", "expected a number at octet 2, found '-'", &[NegativeNumber], b"* 0 EXISTS\r\n"),
    ]);
}

#[test]
fn what_is_not_there_is_nothing() {
    mean_the_same(&[
        (
            b"* 1 FETCH (ENVELOPE NIL UID 7)",
            "expected an opening parenthesis at octet 20, found 'N'",
            &[MissingEnvelope],
            b"* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) UID 7)",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 NIL \
              (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) 1 NIL (\"inline\" NIL)))",
            "expected an opening parenthesis at octet 66, found 'N'",
            &[MissingEnvelope],
            b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 \
              (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) \
              (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) 1 NIL (\"inline\" NIL)))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1)() \"mixed\"))",
            "expected a string at octet 66, found ')'",
            &[EmptyList],
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) \"mixed\"))",
        ),
        (
            b"* 1 FETCH (INTERNALDATE \"04-Jan-2015 16:53:35\")",
            "expected a space at octet 45, found '\\\"'",
            &[MissingField],
            b"* 1 FETCH (INTERNALDATE \"04-Jan-2015 16:53:35 +0000\")",
        ),
    ]);
}

#[test]
fn odd_codes_are_kept() {
    let unit = b"a1 OK [Error=\"Foo: bar\" Proxy=X:1993:SSL Service=Imap4] AUTHENTICATE completed.\r\n";
    assert_eq!(strict(unit).unwrap_err(), "expected a space or a closing bracket at octet 13, found '\\\"'");
    let (found, deviations) = parse(unit, Leniency::LENIENT);
    let Ok(Response::Tagged(done)) = found else { panic!("{found:?}") };
    let status = done.status;
    let Some(Code::Other(code)) = status.code() else { panic!("{status:?}") };
    assert_eq!(code.name(), "");
    assert_eq!(code.arguments().unwrap(), "Error=\"Foo: bar\" Proxy=X:1993:SSL Service=Imap4");
    assert_eq!(status.text(), "AUTHENTICATE completed.");
    assert_eq!(deviations, [OddCode]);

    let unit = b"* OK [UIDNEXT soon] wait";
    assert_eq!(strict(unit).unwrap_err(), "expected a number at octet 14, found 's'");
    let (found, deviations) = parse(unit, Leniency::LENIENT);
    let Ok(Response::Untagged(Untagged::Status(status))) = found else { panic!("{found:?}") };
    assert!(matches!(status.code(), Some(Code::Other(code)) if code.name() == "UIDNEXT"));
    assert_eq!(deviations, [OddCode]);
}

#[test]
fn an_odd_code_is_not_written_as_one_that_is_known() {
    let only_odd_codes = Leniency::STRICT.with(OddCode);
    for (unit, leniency, written) in [
        (&b"* OK [CAPABILITY* X] hi\r\n"[..], Leniency::LENIENT, &b"* OK [ CAPABILITY* X] hi\r\n"[..]),
        (b"* OK [UIDNEXT\"5] hi\r\n", Leniency::LENIENT, b"* OK [ UIDNEXT\"5] hi\r\n"),
        (b"* OK [UIDNEXT  5] hi\r\n", only_odd_codes, b"* OK [ UIDNEXT  5] hi\r\n"),
        (b"* OK [ALERT ] hi\r\n", only_odd_codes, b"* OK [ ALERT ] hi\r\n"),
        (b"* OK [ ALERT] hi\r\n", Leniency::LENIENT, b"* OK [ ALERT] hi\r\n"),
        (b"* OK [][ALERT] hi\r\n", Leniency::LENIENT, b"* OK [] [ALERT] hi\r\n"),
    ] {
        let (found, deviations) = parse(unit, leniency);
        assert!(deviations.contains(&OddCode), "{deviations:?}: {}", unit.escape_ascii());
        let found = found.unwrap();
        let mut octets = Vec::new();
        found.encode(&Wire::new(), &mut octets);
        assert_eq!(octets.escape_ascii().to_string(), written.escape_ascii().to_string());
        assert_eq!(parse(&octets, leniency).0, Ok(found));
    }
}

#[test]
fn a_text_that_closes_a_list_of_flags_does_not_become_flags_when_it_is_written() {
    let read = |unit: &[u8]| match parse(unit, Leniency::LENIENT) {
        (Ok(Response::Untagged(Untagged::Status(status))), kinds) => (status, kinds),
        other => panic!("{other:?}"),
    };
    let (status, kinds) = read(b"* OK [PERMANENTFLAGS (]\\Deleted \\*)] x\r\n");
    assert!(matches!(status.code(), Some(Code::Other(_))), "{status:?}");
    assert_eq!(status.text(), "\\Deleted \\*)] x");
    assert_eq!(kinds, [BracketInFlag, OddCode, MissingSpace]);
    let mut octets = Vec::new();
    Response::Untagged(Untagged::Status(status.clone())).encode(&Wire::new(), &mut octets);
    assert_eq!(octets.escape_ascii().to_string(), r"* OK [ PERMANENTFLAGS (] \\Deleted \\*)] x\r\n");
    assert_eq!(read(&octets).0, status);

    let (status, kinds) = read(b"* OK [PERMANENTFLAGS (\\Seen OIB-Seen-[Google Mail]/Alle \\*)] x\r\n");
    let Some(Code::PermanentFlags(flags)) = status.code() else { panic!("{status:?}") };
    assert_eq!(flags.to_string(), "(\\Seen OIB-Seen-[Google Mail]/Alle \\*)");
    assert_eq!(kinds, [BracketInFlag]);
}

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

#[test]
fn structures() {
    mean_the_same(&[
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"multipart\" \"digest\" (\"boundary\" \"b\") NIL NIL \"7BIT\" -1 NIL NIL NIL NIL))",
            "expected a number at octet 79, found '-'",
            &[NegativeNumber],
            b"* 1 FETCH (BODYSTRUCTURE (\"multipart\" \"digest\" (\"boundary\" \"b\") NIL NIL \"7BIT\" 0 NIL NIL NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"8bit\" 10 0) \"alternative\" (\"boundary\" NIL)))",
            "expected a string at octet 93, found 'N'",
            &[NilString],
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"8bit\" 10 0) \"alternative\" (\"boundary\" \"\")))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1 NIL \"inline\" NIL NIL))",
            "expected a disposition or NIL at octet 69, found '\\\"'",
            &[BareDisposition],
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1 NIL (\"inline\" NIL) NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1) \"mixed\" (\"boundary\" \"b\") \"Multipart message\" NIL))",
            "expected a disposition or NIL at octet 91, found '\\\"'",
            &[BareDisposition],
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1) \"mixed\" (\"boundary\" \"b\") (\"Multipart message\" NIL) NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((NIL NIL NIL NIL NIL \"7BIT\" 563 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL))",
            "expected a string at octet 27, found 'N'",
            &[NilString, NilString],
            b"* 1 FETCH (BODYSTRUCTURE ((\"application\" \"octet-stream\" NIL NIL NIL \"7BIT\" 563 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((\"APPLICATION\" NIL NIL NIL \"base64\" 356) \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL))",
            "expected a string at octet 41, found 'N'",
            &[MissingField],
            b"* 1 FETCH (BODYSTRUCTURE ((\"APPLICATION\" \"octet-stream\" NIL NIL NIL \"base64\" 356) \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"HTML\"\" NIL NIL NIL \"8bit\" 74 2))",
            "expected a space at octet 39, found '\\\"'",
            &[UnescapedQuote],
            b"* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"HTML\\\"\" NIL NIL NIL \"8bit\" 74 2))",
        ),
        (
            b"* 1 FETCH (BODY ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1) (\"text\" \"html\" NIL NIL NIL \"7bit\" 10 1)  \"mixed\"))",
            "expected a media subtype at octet 58, found '('",
            &[ExtraSpaces, ExtraSpaces],
            b"* 1 FETCH (BODY ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1)(\"text\" \"html\" NIL NIL NIL \"7bit\" 10 1) \"mixed\"))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" () NIL NIL 7bit NIL NIL NIL (\"attachment\") NIL NIL))",
            "expected a string at octet 42, found ')'",
            &[EmptyList, UnquotedString, MissingField, MissingField, MissingField],
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0 NIL (\"attachment\" NIL) NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL NIL 5 NIL (\"inline\" NIL) NIL NIL))",
            "expected a string at octet 53, found 'N'",
            &[NilString, MissingField],
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7BIT\" 5 0 NIL (\"inline\" NIL) NIL NIL))",
        ),
    ]);
}

#[test]
fn structures_that_have_no_other_form() {
    let body = |unit: &[u8]| match parse(unit, Leniency::LENIENT) {
        (Ok(Response::Untagged(Untagged::Fetch(mut fetch))), kinds) => match fetch.items.pop() {
            Some(FetchItem::Body(body) | FetchItem::BodyStructure(body)) => (body, kinds),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let unit = b"* 1 FETCH (BODY ((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 10 1)(\"ALTERNATIVE\") \"REPORT\"))";
    let (found, kinds) = body(unit);
    assert_eq!(kinds, [ChildlessMultipart]);
    assert!(found.root().is("multipart", "report"));
    let children: Vec<_> = found.root().children().collect();
    assert!(
        children.len() == 2 && children[0].is("text", "plain") && children[1].is("multipart", "alternative")
    );
    assert_eq!(strict(unit).unwrap_err(), "expected a media subtype at octet 87, found ')'");

    let unit = b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 903 NIL NIL NIL NIL))";
    let (found, kinds) = body(unit);
    assert_eq!(kinds, [MissingEnvelope]);
    assert!(found.root().is("message", "rfc822") && found.root().envelope().is_none());
    assert_eq!(found.root().octets(), 903);
    assert_eq!(strict(unit).unwrap_err(), "expected an envelope at octet 68, found 'N'");
}

#[test]
fn a_multipart_without_parts_is_one_again_whatever_its_fields() {
    for (structure, written) in [
        (
            r#"(("TEXT"!"PLAIN" NIL NIL "de"))"#,
            r#"((() "TEXT\"!\"PLAIN" NIL NIL ("de") NIL) "mixed" NIL NIL NIL NIL)"#,
        ),
        (r#"("ALTERNATIVE")"#, r#"(() "ALTERNATIVE" NIL NIL NIL NIL)"#),
        (r#"("ALTERNATIVE" () ("inline" NIL))"#, r#"(() "ALTERNATIVE" NIL ("inline" NIL) NIL NIL)"#),
        (r#"("ALTERNATIVE" () NIL NIL NIL "x" 5)"#, r#"(() "ALTERNATIVE" NIL NIL NIL NIL "x" 5)"#),
        (r#"(() "ALTERNATIVE" NIL NIL "de")"#, r#"(() "ALTERNATIVE" NIL NIL ("de") NIL)"#),
    ] {
        let found = parse(format!("* 5 FETCH (BODYSTRUCTURE {structure})").as_bytes(), Leniency::LENIENT).0;
        let Ok(Response::Untagged(Untagged::Fetch(fetch))) = &found else { panic!("{found:?}") };
        let [FetchItem::BodyStructure(body)] = &fetch.items[..] else { panic!("{fetch:?}") };
        let part = body.root().children().next().unwrap_or(body.root());
        assert!(part.kind() == PartKind::Multipart && part.children().next().is_none(), "{body:?}");
        let mut octets = Vec::new();
        Response::Untagged(Untagged::Fetch(fetch.clone())).encode(&Wire::new(), &mut octets);
        let shown = String::from_utf8_lossy(&octets);
        assert_eq!(shown, format!("* 5 FETCH (BODYSTRUCTURE {written})\r\n"));
        assert_eq!(parse(&octets, Leniency::LENIENT).0, found, "{shown}");
    }
}

#[test]
fn an_extension_takes_nothing_of_the_structure_around_it_when_it_is_written() {
    let structure = r#"(("text" "plain" NIL NIL NIL "7bit" 1 1 NIL NIL NIL NIL "a"5) NIL NIL NIL NIL NIL)"#;
    let found = parse(format!("* 5 FETCH (BODYSTRUCTURE {structure})").as_bytes(), Leniency::LENIENT).0;
    let Ok(Response::Untagged(Untagged::Fetch(fetch))) = &found else { panic!("{found:?}") };
    // Written with `"mixed"` behind it, `"a"5) "` would be one string.
    assert!(matches!(&fetch.items[..], [FetchItem::Invalid(_)]), "{fetch:?}");
}

#[test]
fn envelopes() {
    const LEAD: &str = "* 1 FETCH (ENVELOPE (\"Mon, 1 Jan 2024 00:00:00 +0000\" ";
    let rows: &[(&str, &str, &[DeviationKind], &str)] = &[
        (
            "\"s\" NIL NIL NIL NIL () () NIL \"<m>\"))",
            "an opening parenthesis",
            &[EmptyList, EmptyList],
            "\"s\" NIL NIL NIL NIL NIL NIL NIL \"<m>\"))",
        ),
        (
            "\"s\" NIL NIL NIL NIL NIL NIL \"<x@y>\"))",
            "all ten fields of an envelope",
            &[MissingField],
            "\"s\" NIL NIL NIL NIL NIL NIL \"<x@y>\" NIL))",
        ),
        (
            "\"s\" NIL NIL NIL NIL NIL \"<x@y>\" \"<m>\"))",
            "NIL",
            &[MissingField],
            "\"s\" NIL NIL NIL NIL NIL NIL \"<x@y>\" \"<m>\"))",
        ),
        (
            "\"s\" ((\"Cl\u{e9}mence\" NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL))",
            "ASCII",
            &[EightBit],
            "\"s\" (({9}\r\nCl\u{e9}mence NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"a\r\n b\" NIL NIL NIL NIL NIL NIL NIL NIL))",
            "no CR, LF or NUL in a quoted string",
            &[LineBreakInQuoted],
            "\"a b\" NIL NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"He said \"hi\" to me\" NIL NIL NIL NIL NIL NIL NIL NIL))",
            "a space",
            &[UnescapedQuote],
            "\"He said \\\"hi\\\" to me\" NIL NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"C:\\dir\" NIL NIL NIL NIL NIL NIL NIL NIL))",
            "an escaped quotation mark or backslash",
            &[LooseEscape],
            "\"C:\\\\dir\" NIL NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"s\" ((\"A\" NIL \"a\" \"h\") (NIL NIL \"b\")) NIL NIL NIL NIL NIL NIL NIL ))",
            "a closing parenthesis",
            &[ExtraSpaces, MissingField, ExtraSpaces],
            "\"s\" ((\"A\" NIL \"a\" \"h\")(NIL NIL \"b\" NIL)) NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"s\" (\"A\" NIL \"a\" \"h\") \"\" NIL NIL NIL NIL NIL NIL))",
            "an opening parenthesis",
            &[MissingParenthesis, EmptyList],
            "\"s\" ((\"A\" NIL \"a\" \"h\")) NIL NIL NIL NIL NIL NIL NIL))",
        ),
    ];
    for (sent, refusal, kinds, meant) in rows {
        let unit = format!("{LEAD}{sent}\r\n");
        let meant =
            strict(format!("{LEAD}{meant}\r\n").as_bytes()).unwrap_or_else(|e| panic!("{meant}: {e}"));
        let error = strict(unit.as_bytes()).unwrap_err();
        assert!(error.starts_with(&format!("expected {refusal} at octet")), "{sent}: {error}");
        assert_eq!(parse(unit.as_bytes(), Leniency::LENIENT), (Ok(meant), kinds.to_vec()), "{sent}");
    }
}

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
