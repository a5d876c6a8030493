//! Responses as the RFCs show them: read, with nothing tolerated, and written again octet by octet.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use imap_proto::{
    AddressFields, AddressKind, BodyStructure, Deviations, Dialect, Encoding, Envelope, EnvelopeFields,
    PartFields, Tag, Tail, Text, Wire,
    response::{
        Attribute, Capabilities, Capability, Code, Content, Continuation, Fetch, FetchItem, FetchSink,
        Greeting, OtherCode, OtherItem, OtherResponse, Payload, Raw, Response, Status, StatusKind, Tagged,
        Untagged,
    },
};

fn read(unit: &[u8]) -> Response {
    let (unit, mut deviations) = (Bytes::copy_from_slice(unit), Deviations::new());
    let found = Response::parse(&unit, &Dialect::default(), &mut deviations);
    assert!(deviations.is_empty());
    found.unwrap_or_else(|e| panic!("{}: {e}", unit.escape_ascii()))
}

fn written(response: &Response) -> String {
    let mut out = Vec::new();
    response.encode(&Wire::new(), &mut out);
    String::from_utf8(out).unwrap()
}

// covers rfc2342 5 no-namespace-is-nil
// covers rfc3501 4.4 lists-are-spaced
// covers rfc3501 7.1 badcharset-list
// covers rfc3501 7.2.2 delimiter-is-escaped
// covers rfc3501 7.4.2 extension-data
// covers rfc3501 7.4.2 message-has-envelope
// covers rfc3501 7.4.2 no-addresses-is-nil
// covers rfc3501 7.4.2 no-languages-is-nil
// covers rfc3501 7.4.2 no-parameters-is-nil
// covers rfc3501 7.4.2 text-has-lines
// covers rfc3516 4.3 binary-is-literal8
// covers rfc7162 3.1.6 modseq-of-search
// covers rfc7888 3 never-from-a-server
// covers rfc9051 7.3.4 esearch-uid
#[test]
fn canonical_responses_are_written_as_they_were_read() {
    for unit in [
        // RFC 9051, sections 6 and 7
        "* CAPABILITY IMAP4rev2 STARTTLS LOGINDISABLED AUTH=GSSAPI\r\n",
        "abcd OK CAPABILITY completed\r\n",
        "* BYE IMAP4rev2 Server logging out\r\n",
        "+ YGgGCSqGSIb3EgECAgIAb1kwV6ADAgEFoQMCAQ+iSzBJoAMC\r\n",
        "* ENABLED CONDSTORE X-GOOD-IDEA\r\n",
        "* 172 EXISTS\r\n",
        "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n",
        "* OK [UIDNEXT 4392] Predicted next UID\r\n",
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n",
        "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited\r\n",
        "* LIST () \"/\" INBOX\r\n",
        "A142 OK [READ-WRITE] SELECT completed\r\n",
        "* OK [CLOSED] Previous mailbox is now closed\r\n",
        "A144 NO [NONEXISTENT] Unknown mailbox\r\n",
        "* LIST (\\Noselect) \"/\" \"~/Mail/foo\"\r\n".replace("\"~/Mail/foo\"", "~/Mail/foo").leak(),
        "* LIST (\\Noselect \\HasChildren \\Subscribed) \"/\" foo2 (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
        "* LIST () \"/\" Sent (\"OLDNAME\" (INBOX.Sent))\r\n",
        "* LIST (\\Sent) \"/\" INBOX/Sent\r\n",
        "* LIST () \"\\\\\" \"\"\r\n",
        "* LSUB () NIL #news.comp.mail.mime\r\n",
        "* NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\")) ((\"#shared/\" \"/\")(\"#public/\" \"/\"))\r\n",
        "* NAMESPACE ((\"\" \"/\")(\"#mh/\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) NIL NIL\r\n",
        "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)\r\n",
        "* STATUS INBOX (MESSAGES 17 UNSEEN 16 DELETED 1 SIZE 9223372036854775807 HIGHESTMODSEQ 7011231777)\r\n",
        "A003 OK [APPENDUID 38505 3955] APPEND completed\r\n",
        "A004 OK [APPENDUID 38505 3955,3957:3960] APPEND completed\r\n",
        "A003 OK [COPYUID 38505 304,319:320 3956:3958] Done\r\n",
        "* ESEARCH (TAG \"A282\") MIN 2 COUNT 3\r\n",
        "* ESEARCH (TAG \"A283\") ALL 2,10:11\r\n",
        "* ESEARCH (TAG \"A285\") UID MIN 7 MAX 3800 COUNT 17 MODSEQ 917162500\r\n",
        "* ESEARCH\r\n",
        "* SEARCH 2 84 882\r\n",
        "* SEARCH\r\n",
        "* SEARCH 2 5 (MODSEQ 917162500)\r\n",
        "* SORT 2 84 882\r\n",
        "* 22 EXPUNGE\r\n",
        "* 5 RECENT\r\n",
        "* VANISHED (EARLIER) 41,43:116,118\r\n",
        "* VANISHED 405\r\n",
        "* ID (\"name\" \"Cyrus\" \"version\" \"1.5\" \"os\" NIL)\r\n",
        "* ID NIL\r\n",
        "* QUOTA \"\" (STORAGE 10 512 MESSAGE 1 2)\r\n",
        "* QUOTAROOT INBOX \"\" user/a\r\n",
        // response codes
        "* OK [ALERT] System shutdown in 10 minutes\r\n",
        "a NO [BADCHARSET (UTF-8 US-ASCII)] no\r\n",
        "a NO [BADCHARSET] no\r\n",
        "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN X-FOO] hi\r\n",
        "* OK [HIGHESTMODSEQ 715194045007] Highest\r\n",
        "* OK [NOMODSEQ] Sorry\r\n",
        "d105 OK [MODIFIED 7,9] Conditional STORE failed\r\n",
        "* NO [UIDNOTSTICKY] Non-persistent UIDs\r\n",
        "a NO [TOOBIG] too big\r\n",
        "a NO [UNKNOWN-CTE] what\r\n",
        "a BAD [CLIENTBUG] you\r\n",
        "a NO [AUTHENTICATIONFAILED] no\r\n",
        "a NO [X-MINE some thing] no\r\n",
        "a NO [METADATA] no\r\n",
        "* OK [UNSEEN 12] Message 12 is first unseen\r\n",
        // FETCH
        "* 12 FETCH (FLAGS (\\Seen $Forwarded) UID 4827 MODSEQ (12111230047) RFC822.SIZE 4286)\r\n",
        "* 12 FETCH (INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\r\n",
        "* 12 FETCH (ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg summary and minutes\" \
         ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
         ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((NIL NIL \"imap\" \"cac.washington.edu\")) \
         ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL \
         \"<B27397-0100000@cac.washington.ed>\"))\r\n",
        "* 12 FETCH (BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92))\r\n",
        "* 1 FETCH (BODY ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23)(\"TEXT\" \"PLAIN\" \
         (\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") \"<960723163407.20117h@cac.washington.edu>\" \
         \"Compiler diff\" \"BASE64\" 4554 73) \"MIXED\"))\r\n",
        "* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1 \"md5\" (\"inline\" (\"a\" \"b\")) (\"en\" \
         \"de\") \"loc\" 5 (NIL (1 \"x\")))(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 (NIL NIL NIL NIL NIL NIL NIL NIL \
         NIL NIL) (\"image\" \"png\" NIL NIL NIL \"base64\" 3 NIL NIL NIL NIL) 7 NIL NIL NIL NIL) \"mixed\" \
         (\"boundary\" \"x\") NIL NIL NIL))\r\n",
        "* 12 FETCH (BODY[HEADER] {3}\r\na\r\n BODY[1.2.HEADER.FIELDS (From To)]<5> {0}\r\n RFC822 NIL BODY[TEXT] NIL)\r\n",
        "* 12 FETCH (BINARY[1.2] ~{3}\r\na\u{0}b BINARY.SIZE[1] 4096 X-GM-MSGID 1278455344230334865 EMAILID (M1))\r\n",
        // unknown
        "* XFOO some (thing) {2}\r\n)\" else\r\n",
        "* 5 XFOO\r\n",
    ] {
        assert_eq!(written(&read(unit.as_bytes())), unit);
    }
}

#[test]
fn what_is_written_otherwise_means_the_same() {
    for (unit, canonical) in [
        ("* list (\\noselect) \"/\" {5}\r\ninbox", "* LIST (\\Noselect) \"/\" inbox\r\n"),
        ("* ok [read-only] x", "* OK [READ-ONLY] x\r\n"),
        (
            "* 1 fetch (uid 5 body[header.fields (\"From\")] \"x\")",
            "* 1 FETCH (UID 5 BODY[HEADER.FIELDS (From)] {1}\r\nx)\r\n",
        ),
        ("* 1 FETCH (BODY[TEXT] \"a\\\"b\\\\c\")", "* 1 FETCH (BODY[TEXT] {5}\r\na\"b\\c)\r\n"),
        ("* STATUS \"a b\" (X-FOO \"y\" UNSEEN 5)", "* STATUS \"a b\" (X-FOO \"y\" UNSEEN 5)\r\n"),
        ("* ID ()", "* ID NIL\r\n"),
        (
            "* 1 FETCH (ENVELOPE (nil {2}\r\na\n NIL NIL NIL NIL NIL NIL NIL NIL))",
            "* 1 FETCH (ENVELOPE (NIL {2}\r\na\n NIL NIL NIL NIL NIL NIL NIL NIL))\r\n",
        ),
    ] {
        assert_eq!(written(&read(unit.as_bytes())), canonical);
    }
}

#[test]
fn values_say_what_was_said() {
    let Response::Untagged(Untagged::Fetch(fetch)) = read(
        b"* 7 FETCH (ENVELOPE (NIL \"a \\\"b\\\"\" NIL NIL NIL ((NIL NIL \"team\" NIL)(\"J\" NIL \"j\" \"x.org\")(NIL NIL NIL NIL)) NIL NIL NIL NIL))",
    ) else {
        panic!()
    };
    let [FetchItem::Envelope(envelope)] = fetch.items.as_slice() else { panic!() };
    assert_eq!(envelope.subject().as_deref(), Some(&b"a \"b\""[..]));
    let kinds: Vec<_> = envelope.to().map(imap_proto::Address::kind).collect();
    assert_eq!(kinds, [AddressKind::GroupStart, AddressKind::Mailbox, AddressKind::GroupEnd]);
    assert_eq!(envelope.detach(), **envelope);

    let Response::Untagged(Untagged::List(list)) = read(b"* LIST (\\Drafts \\X-Odd) \".\" a.b") else {
        panic!()
    };
    assert!(list.attributes.has(Attribute::Drafts) && !list.attributes.has(Attribute::Junk));
    assert_eq!((list.attributes.others()[0].as_str(), list.delimiter), (Ok("\\X-Odd"), Some('.')));

    let unit = Bytes::from_static(b"* PREAUTH hello");
    let greeting = Greeting::parse(&unit, &Dialect::default(), &mut Deviations::new()).unwrap();
    assert_eq!(greeting.status().kind(), StatusKind::PreAuth);
    let error = Greeting::parse(&Bytes::from_static(b"* NO"), &Dialect::default(), &mut Deviations::new());
    assert_eq!(error.unwrap_err().to_string(), "expected OK, PREAUTH or BYE at octet 2, found 'N'");
}

#[test]
fn structures_number_their_parts_as_the_rfc_does() {
    let leaf = |subtype| PartFields::text(subtype, 1, 1);
    let inner = [leaf("4.2.1"), leaf("4.2.2")];
    let message_body = [leaf("4.1"), PartFields::multipart("4.2", &inner)];
    let mixed = PartFields::multipart("mixed", &message_body);
    let envelope = Envelope::new(&EnvelopeFields::default()).unwrap();
    let parts = [
        leaf("1"),
        leaf("2"),
        PartFields::single("image", "3", 5),
        PartFields::message(9, 1, &envelope, &mixed),
    ];
    let body = BodyStructure::new(&PartFields::multipart("mixed", &parts)).unwrap();
    for (number, subtype) in [
        (&[1][..], "1"),
        (&[3], "3"),
        (&[4], "rfc822"),
        (&[4, 1], "4.1"),
        (&[4, 2], "4.2"),
        (&[4, 2, 2], "4.2.2"),
        (&[], "mixed"),
    ] {
        assert_eq!(body.part(number).unwrap().subtype(), subtype.as_bytes());
    }
    assert!(body.part(&[5]).is_none() && body.part(&[1, 1]).is_none() && body.part(&[0]).is_none());
    let plain = BodyStructure::new(&leaf("plain")).unwrap();
    assert_eq!(plain.part(&[1]).unwrap().subtype(), &b"plain"[..]);
    assert_eq!(body.parts().len(), 10);
    assert_eq!(body.detach(), body);
}

/// What it holds is its part 1, and a message that it holds is numbered below that.
#[test]
fn a_message_that_is_nothing_but_a_forwarded_one_has_part_1() {
    let text = r#"("text" "plain" NIL NIL NIL "7bit" 3 1)"#;
    let envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
    let forwarded = format!(r#"("message" "rfc822" NIL NIL NIL "7bit" 9 {envelope} {text} 3)"#);
    let octets = Bytes::from(forwarded);
    let body = BodyStructure::parse(&octets, &Dialect::default(), &mut Deviations::new()).unwrap();
    assert!(body.part(&[1]).unwrap().is("message", "rfc822"));
    assert!(body.part(&[1, 1]).unwrap().is("text", "plain"));
    assert!(body.part(&[2]).is_none() && body.part(&[1, 2]).is_none() && body.part(&[1, 1, 1]).is_none());
}

#[test]
fn what_cannot_be_a_structure_cannot_be_built() {
    assert!(BodyStructure::new(&PartFields::multipart("mixed", &[])).is_err());
    let parts = [PartFields::text("plain", 1, 1)];
    assert!(BodyStructure::new(&PartFields { parts: &parts, ..PartFields::text("plain", 1, 1) }).is_err());
    assert!(
        BodyStructure::new(&PartFields { parts: &[], ..PartFields::single("message", "rfc822", 1) }).is_err()
    );
    let address = [AddressFields::mailbox(b"a\r\nb", b"\xff")];
    let envelope = Envelope::new(&EnvelopeFields { to: &address, ..EnvelopeFields::default() }).unwrap();
    assert_eq!(envelope.to().next().unwrap().mailbox().as_deref(), Some(&b"a\r\nb"[..]));
    assert!(Envelope::new(&EnvelopeFields { subject: Some(b"\0"), ..EnvelopeFields::default() }).is_err());
}

#[test]
fn what_would_not_be_one_response_cannot_be_built() {
    assert!(Raw::new("a\r\n* BYE").is_err() && Raw::new("a {5}").is_err() && Raw::new("{2}\r\na").is_err());
    assert!(Raw::new("(a {2}\r\n\r\n b)").is_ok());
    assert!(OtherItem::new("X", b"a b").is_err() && OtherItem::new("X", b"(a").is_err());
    assert!(OtherItem::new("UID", b"5").is_err() && OtherItem::new("X-A", b"(a \"b\")").is_ok());
    assert!(OtherResponse::new(None, "LIST", &Raw::EMPTY).is_err());
    assert!(OtherResponse::new(Some(3), "XA", &Raw::new("b").unwrap()).is_ok());
    assert!(OtherCode::new("ALERT", None).is_err() && OtherCode::new("X A", None).is_err());
    assert!(OtherCode::new("X", Some(Text::from_static("a] b"))).is_err());
    assert!(Status::new(StatusKind::Ok, Text::from_static("[no code")).is_err());
    assert!(Continuation::new(Text::from_static("[no code")).is_err());
    assert!(Greeting::new(Status::new(StatusKind::No, Text::from_static("x")).unwrap()).is_none());
    assert!(Capabilities::new().with_named("a b").is_err());
    assert_eq!(Capabilities::new().with_named("idle").unwrap(), Capabilities::new().with(Capability::Idle));
}

// covers rfc3501 7.1 code-in-brackets
#[test]
fn statuses_with_a_code_in_front_of_a_bracket_stay_apart() {
    let text = Text::from_static("[x] y");
    let status = Status::with_code(StatusKind::Ok, Code::Alert, text);
    let response = Response::Tagged(Box::new(Tagged { tag: Tag::new("a").unwrap(), status }));
    assert_eq!(written(&response), "a OK [ALERT] [x] y\r\n");
    assert_eq!(read(written(&response).as_bytes()), response);
}

#[derive(Default)]
struct Log(Vec<String>);

impl FetchSink for Log {
    fn message(&mut self, number: u32) {
        self.0.push(format!("message {number}"));
    }
    fn item(&mut self, item: FetchItem) {
        self.0.push(format!("{item:?}"));
    }
}

// covers rfc3501 7.4.2 origin-octet
// covers rfc3516 4.3 streamed-binary-is-literal8
#[test]
fn a_fetch_with_literals_that_stream_is_read_and_written_in_pieces() {
    let (dialect, mut deviations, mut log) = (Dialect::default(), Deviations::new(), Log::default());
    let head = Bytes::from_static(b"* 3 FETCH (UID 7 X-A (b {1}\r\n() BODY[1] {5000}\r\n");
    assert_eq!(Fetch::parse_head(&head, &dialect, &mut deviations, &mut log), Ok(3));
    let more = Bytes::from_static(b" FLAGS () BINARY[2]<9> ~{6000}\r\n");
    Fetch::parse_rest(&more, Tail::Literal, &dialect, &mut deviations, &mut log).unwrap();
    let rest = Bytes::from_static(b" MODSEQ (5))\r\n");
    Fetch::parse_rest(&rest, Tail::End, &dialect, &mut deviations, &mut log).unwrap();
    assert_eq!(log.0[0], "message 3");
    assert!(log.0[3].contains("Streamed(5000)") && log.0[5].contains("Streamed(6000)"), "{:?}", log.0);
    assert_eq!((log.0.len(), log.0[6].as_str()), (7, "ModSeq(5)"));

    let mut last = Vec::new();
    Fetch::parse_rest(&Bytes::from_static(b")"), Tail::End, &dialect, &mut deviations, &mut last).unwrap();
    assert!(last.is_empty());

    let mut items = Vec::new();
    Fetch::parse_head(&head, &dialect, &mut deviations, &mut items).unwrap();
    let mut out = Vec::new();
    Fetch { number: 3, items }.encode_head(&Wire::new(), &mut out);
    assert_eq!(out, head);
    let mut items = Vec::new();
    Fetch::parse_rest(&more, Tail::Literal, &dialect, &mut deviations, &mut items).unwrap();
    out.clear();
    Fetch::encode_more(&items, &Wire::new(), &mut out);
    assert_eq!(out, more);
    out.clear();
    Fetch::encode_rest(&[FetchItem::ModSeq(5)], &Wire::new(), &mut out);
    assert_eq!(out, rest);
}

#[test]
fn a_literal_streams_where_a_list_can_resume_and_nowhere_else() {
    let (dialect, mut deviations) = (Dialect::default(), Deviations::new());
    for head in [
        &b"* 3 FETCH (ENVELOPE (NIL {5000}\r\n"[..],
        b"* 3 FETCH (BODY[HEADER.FIELDS ({5000}\r\n",
        b"* 3 FETCH (X-FOO {5000}\r\n",
        b"* LIST () NIL {5000}\r\n",
        b"* 3 FETCH (UID 5)",
    ] {
        let head = Bytes::from_static(head);
        assert!(Fetch::parse_head(&head, &dialect, &mut deviations, &mut Vec::new()).is_err(), "{head:?}");
    }
    for item in ["BODY[]", "BODY[1.TEXT]<0>", "BINARY[1]", "RFC822", "RFC822.HEADER", "RFC822.TEXT"] {
        let head = Bytes::from(format!("* 3 FETCH ({item} {{5000}}\r\n"));
        assert_eq!(Fetch::parse_head(&head, &dialect, &mut deviations, &mut Vec::new()), Ok(3), "{item}");
    }
}

#[test]
fn a_broken_item_in_front_of_a_literal_that_streams_loses_nothing() {
    let dialect = Dialect::new(imap_proto::Leniency::LENIENT);
    for broken in ["ENVELOPE (\"a", "ENVELOPE (((", "ENVELOPE x", "INTERNALDATE NIL"] {
        let head = Bytes::from(format!("* 3 FETCH (UID 7 {broken} BODY[] {{5000}}\r\n"));
        let mut items = Vec::new();
        Fetch::parse_head(&head, &dialect, &mut Deviations::new(), &mut items).unwrap();
        let [FetchItem::Uid(7), FetchItem::Invalid(raw), FetchItem::Content(content)] = items.as_slice()
        else {
            panic!("{items:?}")
        };
        assert_eq!((&raw[..], &content.payload), (broken.as_bytes(), &Payload::Streamed(5000)));
    }
}

#[test]
fn messages_that_vanished_are_named_by_their_numbers_alone() {
    for (unit, at) in
        [("* VANISHED 1:*\r\n", 11), ("* VANISHED (EARLIER) 3,*\r\n", 21), ("* VANISHED $\r\n", 11)]
    {
        let unit = Bytes::from(unit);
        let error = Response::parse(&unit, &Dialect::default(), &mut Deviations::new()).unwrap_err();
        assert_eq!((error.offset, error.expected), (at, "numbers without '*' and '$'"), "{unit:?}");
    }
}

#[test]
fn payload_is_shared_and_never_copied() {
    let unit = Bytes::from(b"* 1 FETCH (BODY[] {5}\r\nhello)".to_vec());
    let response = Response::parse(&unit, &Dialect::default(), &mut Deviations::new()).unwrap();
    let Response::Untagged(Untagged::Fetch(fetch)) = response else { panic!() };
    let [FetchItem::Content(content)] = fetch.items.as_slice() else { panic!() };
    let Content { payload: Payload::Whole(octets), .. } = &**content else { panic!() };
    assert_eq!(octets.as_ptr(), unit[23..].as_ptr());
}

#[test]
fn utf8_goes_in_quotes_once_that_is_agreed_upon() {
    let unit = Bytes::from_static("* LIST () \"/\" \"Entwürfe\"\r\n".as_bytes());
    let utf8 = Dialect::default().with_encoding(Encoding::Utf8);
    let response = Response::parse(&unit, &utf8, &mut Deviations::new()).unwrap();
    let mut out = Vec::new();
    response.encode(&Wire::new().with_encoding(Encoding::Utf8), &mut out);
    assert_eq!(out, unit);
    assert_eq!(written(&response), "* LIST () \"/\" Entw&APw-rfe\r\n");
}
