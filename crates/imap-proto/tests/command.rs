//! Commands: known answers both ways, and refusals word by word.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use imap_proto::{
    AString, Authenticate, BinarySection, BodySection, Command, Copy, Deviations, Dialect, Enable, Encoding,
    Fetch, FetchItem, FetchItems, Flags, HeaderKey, IdFields, Keyword, Leniency, List, LiteralForm, Login,
    MailboxName, Mechanism, Numbering, OtherCommand, OtherFetchItem, OtherStatusItem, Partial, Rename,
    Report, Search, SearchKey, SearchReturn, Secret, Section, Seen, SequenceSet, Status, StatusItem,
    StatusItems, Store, StoreAction, Tag, Wire,
};

fn encoded(command: &Command, wire: &Wire) -> String {
    let mut out = Vec::new();
    command.encode(&Tag::new("a").unwrap(), wire, &mut out);
    String::from_utf8(out).unwrap()
}

fn name(name: &str) -> MailboxName {
    MailboxName::new(name).unwrap()
}

fn set(text: &str) -> SequenceSet {
    text.parse().unwrap()
}

fn flags(names: &[&str]) -> Flags {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn string(text: &str) -> AString {
    text.try_into().unwrap()
}

fn fetch(numbers: &str, items: impl IntoIterator<Item = FetchItem>) -> Command {
    let items = FetchItems::new(items).unwrap();
    Command::Fetch(Fetch { numbering: Numbering::Sequence, set: set(numbers), items })
}

fn section(seen: Seen, text: &str, partial: Option<(u64, u64)>) -> FetchItem {
    let partial = partial.map(|(offset, octets)| Partial::new(offset, octets).unwrap());
    FetchItem::Section(BodySection { seen, section: text.parse().unwrap(), partial })
}

fn search(keys: impl IntoIterator<Item = SearchKey>) -> Command {
    Command::Search(Box::new(Search::new(Numbering::Sequence, keys.into_iter().collect())))
}

fn store(numbers: &str, action: StoreAction, report: Report, names: &[&str]) -> Command {
    let numbering = Numbering::Sequence;
    Command::Store(Store { numbering, set: set(numbers), action, report, flags: flags(names) })
}

fn list(reference: &str, pattern: &str) -> List {
    List { reference: name(reference), pattern: name(pattern) }
}

fn status(mailbox: &str, items: impl IntoIterator<Item = StatusItem>) -> Command {
    Command::Status(Status { mailbox: name(mailbox), items: StatusItems::new(items).unwrap() })
}

/// What is read, and written just so.
fn same(cases: impl IntoIterator<Item = (&'static str, Command)>) {
    for (line, command) in cases {
        let unit = Bytes::from(format!("a {line}"));
        for leniency in [Leniency::STRICT, Leniency::LENIENT] {
            let mut deviations = Deviations::new();
            let parsed = Command::parse(&unit, &Dialect::new(leniency), &mut deviations);
            let (tag, parsed) = parsed.unwrap_or_else(|e| panic!("{line}: {e}"));
            assert_eq!((tag.as_str(), &parsed), ("a", &command), "{line}");
            assert!(deviations.is_empty(), "{line}");
        }
        assert_eq!(encoded(&command, &Wire::new()), format!("a {line}\r\n"));
    }
}

#[test]
fn commands_without_arguments() {
    same([
        ("CAPABILITY", Command::Capability),
        ("NOOP", Command::Noop),
        ("LOGOUT", Command::Logout),
        ("STARTTLS", Command::StartTls),
        ("NAMESPACE", Command::Namespace),
        ("IDLE", Command::Idle),
        ("CHECK", Command::Check),
        ("CLOSE", Command::Close),
        ("UNSELECT", Command::Unselect),
        ("EXPUNGE", Command::Expunge),
        ("COMPRESS DEFLATE", Command::Compress),
        ("XPIG-LATIN", Command::Other(OtherCommand::new("XPIG-LATIN", "").unwrap())),
    ]);
    let lower = Command::parse(&Bytes::from_static(b"a noop"), &Dialect::default(), &mut Deviations::new());
    assert_eq!(lower.unwrap().1, Command::Noop);
    assert!(imap_proto::parse_done(&Bytes::from_static(b"done")).is_ok());
    assert!(imap_proto::parse_done(&Bytes::from_static(b"DONE ")).is_err());
}

// covers rfc3501 4.3 empty-is-quoted
// covers rfc3501 9 quoted-specials
#[test]
fn commands_that_log_in_and_agree() {
    let auth = |mechanism, initial: Option<&[u8]>| {
        Command::Authenticate(Authenticate { mechanism, initial: initial.map(Secret::copy_from) })
    };
    let fields = |fields: &[(&str, Option<&str>)]| {
        IdFields::from_iter(fields.iter().map(|(name, value)| (string(name), value.map(string))))
    };
    same([
        ("LOGIN SMITH SESAME", Command::Login(Login::new("SMITH", "SESAME").unwrap())),
        ("LOGIN joe \"pass word\"", Command::Login(Login::new("joe", "pass word").unwrap())),
        ("LOGIN \"\" \"a\\\"b\\\\c\"", Command::Login(Login::new("", "a\"b\\c").unwrap())),
        (
            "LOGIN {11}\r\nFRED FOO\r\nA {7}\r\nfat\r\nma",
            Command::Login(Login::new("FRED FOO\r\nA", "fat\r\nma").unwrap()),
        ),
        ("AUTHENTICATE GSSAPI", auth("GSSAPI".parse().unwrap(), None)),
        (
            "AUTHENTICATE PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
            auth(Mechanism::PLAIN, Some(b"\0tim\0tanstaaftanstaaf")),
        ),
        ("AUTHENTICATE EXTERNAL =", auth(Mechanism::EXTERNAL, Some(b""))),
        ("ENABLE CONDSTORE X-GOOD-IDEA", Command::Enable(Enable::new("CONDSTORE X-GOOD-IDEA").unwrap())),
        ("ENABLE UTF8=ACCEPT", Command::Enable(Enable::new("UTF8=ACCEPT").unwrap())),
        ("ID NIL", Command::Id(IdFields::NIL)),
        (
            "ID (\"name\" \"sodr\" \"version\" \"19.34\" \"vendor\" NIL)",
            Command::Id(fields(&[("name", Some("sodr")), ("version", Some("19.34")), ("vendor", None)])),
        ),
    ]);
}

// covers rfc3501 4.5 nil-is-no-atom
// covers rfc3501 6.3.4 delete-is-read
// covers rfc3501 6.3.6 subscribe-is-read
// covers rfc3501 6.3.7 unsubscribe-is-read
// covers rfc3501 6.3.9 lsub-is-read
// covers rfc3501 6.3.8 wildcards
#[test]
fn commands_about_mailboxes() {
    same([
        ("SELECT INBOX", Command::Select(MailboxName::INBOX)),
        ("EXAMINE blurdybloop", Command::Examine(name("blurdybloop"))),
        ("CREATE owatagusiam/", Command::Create(name("owatagusiam/"))),
        ("CREATE \"Sent Messages\"", Command::Create(name("Sent Messages"))),
        ("CREATE Entw&APw-rfe", Command::Create(name("Entwürfe"))),
        ("CREATE R&-D", Command::Create(name("R&D"))),
        ("CREATE \"NIL\"", Command::Create(name("NIL"))),
        ("DELETE foo/bar", Command::Delete(name("foo/bar"))),
        ("RENAME INBOX old-mail", Command::Rename(Rename { from: MailboxName::INBOX, to: name("old-mail") })),
        ("SUBSCRIBE #news.comp.mail.mime", Command::Subscribe(name("#news.comp.mail.mime"))),
        ("UNSUBSCRIBE #news.comp.mail.mime", Command::Unsubscribe(name("#news.comp.mail.mime"))),
        ("LIST \"\" *", Command::List(list("", "*"))),
        ("LIST #news.comp.mail.misc \"\"", Command::List(list("#news.comp.mail.misc", ""))),
        ("LIST ~/Mail/ %", Command::List(list("~/Mail/", "%"))),
        ("LSUB #news. comp.%", Command::Lsub(list("#news.", "comp.%"))),
        ("LIST \"\" \"a b*\"", Command::List(list("", "a b*"))),
        (
            "STATUS blurdybloop (MESSAGES UIDNEXT)",
            status("blurdybloop", [StatusItem::UidNext, StatusItem::Messages]),
        ),
        (
            "STATUS INBOX (SIZE DELETED-STORAGE X-FOO)",
            status(
                "INBOX",
                [
                    StatusItem::Size,
                    StatusItem::Other(OtherStatusItem::new("X-FOO").unwrap()),
                    StatusItem::DeletedStorage,
                ],
            ),
        ),
    ]);
}

// covers rfc3501 6.4.5 macro-all
// covers rfc3501 6.4.5 macro-fast
// covers rfc3501 6.4.5 macro-full
// covers rfc3501 6.4.5 partial
// covers rfc3501 6.4.5 peek
// covers rfc3501 6.4.6 removes
// covers rfc3501 6.4.8 uid-prefix
// covers rfc3516 4.2 binary-peek
// covers rfc3501 9 bracket-in-astring
#[test]
fn commands_about_messages() {
    let copy = |numbering, numbers, mailbox| Copy { numbering, set: set(numbers), mailbox: name(mailbox) };
    same([
        ("COPY 2:4 MEETING", Command::Copy(copy(Numbering::Sequence, "2:4", "MEETING"))),
        ("UID COPY 3,5:* x", Command::Copy(copy(Numbering::Uid, "3,5:*", "x"))),
        ("MOVE 1 foo", Command::Move(copy(Numbering::Sequence, "1", "foo"))),
        ("UID MOVE $ foo", Command::Move(copy(Numbering::Uid, "$", "foo"))),
        ("UID EXPUNGE 3000:3002", Command::UidExpunge(set("3000:3002"))),
        ("STORE 2:4 +FLAGS (\\Deleted)", store("2:4", StoreAction::Add, Report::Told, &["\\Deleted"])),
        (
            "STORE 1 -FLAGS.SILENT (\\Seen $Junk \\X)",
            store("1", StoreAction::Remove, Report::Silent, &["\\Seen", "$Junk", "\\X"]),
        ),
        ("STORE 1:* FLAGS ()", store("1:*", StoreAction::Replace, Report::Told, &[])),
        ("FETCH 1 FLAGS", fetch("1", [FetchItem::Flags])),
        (
            "FETCH 1:4 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE RFC822 RFC822.HEADER RFC822.TEXT)",
            fetch(
                "1:4",
                [
                    FetchItem::Rfc822Text,
                    FetchItem::Rfc822Header,
                    FetchItem::Rfc822,
                    FetchItem::BodyStructure,
                    FetchItem::Body,
                    FetchItem::Envelope,
                    FetchItem::Rfc822Size,
                    FetchItem::InternalDate,
                    FetchItem::Flags,
                    FetchItem::Uid,
                ],
            ),
        ),
        (
            "FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])",
            fetch("2:4", [FetchItem::Flags, section(Seen::Set, "HEADER.FIELDS (DATE FROM)", None)]),
        ),
        ("FETCH 1 BODY[]", fetch("1", [section(Seen::Set, "", None)])),
        ("FETCH 1 BODY.PEEK[TEXT]<0.2048>", fetch("1", [section(Seen::Keep, "TEXT", Some((0, 2048)))])),
        (
            "FETCH 1 (BODY[4.2.MIME] BODY.PEEK[3.HEADER.FIELDS.NOT (\"a b\")] X-GM-MSGID)",
            fetch(
                "1",
                [
                    section(Seen::Set, "4.2.MIME", None),
                    section(Seen::Keep, "3.HEADER.FIELDS.NOT (\"a b\")", None),
                    FetchItem::Other(OtherFetchItem::new("X-GM-MSGID").unwrap()),
                ],
            ),
        ),
        (
            "FETCH 1 (BINARY[1.2] BINARY.PEEK[3]<10.20> BINARY.SIZE[])",
            fetch(
                "1",
                [
                    FetchItem::Binary(BinarySection::new(&[1, 2], Seen::Set, None).unwrap()),
                    FetchItem::Binary(BinarySection::new(&[3], Seen::Keep, Partial::new(10, 20)).unwrap()),
                    FetchItem::BinarySize(Section::WHOLE),
                ],
            ),
        ),
        ("FETCH 1 X-FOO[1]", fetch("1", [FetchItem::Other(OtherFetchItem::new("X-FOO[1]").unwrap())])),
        (
            "FETCH 12 FULL",
            Command::Fetch(Fetch { numbering: Numbering::Sequence, set: set("12"), items: FetchItems::FULL }),
        ),
        (
            "UID FETCH 12 ALL",
            Command::Fetch(Fetch { numbering: Numbering::Uid, set: set("12"), items: FetchItems::ALL }),
        ),
        (
            "FETCH 12 FAST",
            Command::Fetch(Fetch { numbering: Numbering::Sequence, set: set("12"), items: FetchItems::FAST }),
        ),
    ]);
}

// covers rfc3501 6.4.4 header
#[test]
fn every_search_key() {
    let date = || "1-Feb-1994".parse().unwrap();
    let seconds = |seconds| std::num::NonZeroU32::new(seconds).unwrap();
    let keyword = || Keyword::new("$Junk").unwrap();
    same([
        (
            "SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM Smith",
            search([
                SearchKey::Flagged,
                SearchKey::Since(date()),
                SearchKey::Not(Box::new(SearchKey::From(string("Smith")))),
            ]),
        ),
        ("SEARCH TEXT \"string not in mailbox\"", search([SearchKey::Text(string("string not in mailbox"))])),
        (
            "SEARCH CHARSET UTF-8 TEXT {6}\r\nмит",
            Command::Search(Box::new(
                Search::new(Numbering::Sequence, vec![SearchKey::Text(string("мит"))])
                    .with_charset(string("UTF-8")),
            )),
        ),
        (
            "UID SEARCH RETURN (MIN COUNT SAVE) ALL",
            Command::Search(Box::new(
                Search::new(Numbering::Uid, vec![SearchKey::All])
                    .returning(SearchReturn::SAVE | SearchReturn::MIN | SearchReturn::COUNT),
            )),
        ),
        (
            "SEARCH RETURN () ALL",
            Command::Search(Box::new(
                Search::new(Numbering::Sequence, vec![SearchKey::All]).returning(SearchReturn::DEFAULT),
            )),
        ),
        (
            "SEARCH ALL ANSWERED DELETED DRAFT FLAGGED NEW OLD RECENT SEEN UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN",
            search([
                SearchKey::All,
                SearchKey::Answered,
                SearchKey::Deleted,
                SearchKey::Draft,
                SearchKey::Flagged,
                SearchKey::New,
                SearchKey::Old,
                SearchKey::Recent,
                SearchKey::Seen,
                SearchKey::Unanswered,
                SearchKey::Undeleted,
                SearchKey::Undraft,
                SearchKey::Unflagged,
                SearchKey::Unseen,
            ]),
        ),
        (
            "SEARCH BCC a CC b FROM c SUBJECT d TO e BODY f TEXT \"\"",
            search([
                SearchKey::Bcc(string("a")),
                SearchKey::Cc(string("b")),
                SearchKey::From(string("c")),
                SearchKey::Subject(string("d")),
                SearchKey::To(string("e")),
                SearchKey::Body(string("f")),
                SearchKey::Text(string("")),
            ]),
        ),
        (
            "SEARCH HEADER Message-Id <a@b> KEYWORD $Junk UNKEYWORD $Junk",
            search([
                SearchKey::Header(Box::new(HeaderKey { name: string("Message-Id"), value: string("<a@b>") })),
                SearchKey::Keyword(keyword()),
                SearchKey::Unkeyword(keyword()),
            ]),
        ),
        (
            "SEARCH BEFORE 1-Feb-1994 ON 1-Feb-1994 SENTBEFORE 1-Feb-1994 SENTON 1-Feb-1994 SENTSINCE 1-Feb-1994",
            search([
                SearchKey::Before(date()),
                SearchKey::On(date()),
                SearchKey::SentBefore(date()),
                SearchKey::SentOn(date()),
                SearchKey::SentSince(date()),
            ]),
        ),
        (
            "SEARCH LARGER 5000000000 SMALLER 1 OLDER 60 YOUNGER 4294967295",
            search([
                SearchKey::Larger(5_000_000_000),
                SearchKey::Smaller(1),
                SearchKey::Older(seconds(60)),
                SearchKey::Younger(seconds(u32::MAX)),
            ]),
        ),
        (
            "SEARCH 1:3,* UID 5 $",
            search([
                SearchKey::Sequence(set("1:3,*")),
                SearchKey::Uid(set("5")),
                SearchKey::Sequence(set("$")),
            ]),
        ),
        (
            "SEARCH OR (SEEN 1) NOT NOT (NEW) OLD",
            search([
                SearchKey::Or(Box::new([
                    SearchKey::And(vec![SearchKey::Seen, SearchKey::Sequence(set("1"))]),
                    SearchKey::Not(Box::new(SearchKey::Not(Box::new(SearchKey::And(vec![SearchKey::New]))))),
                ])),
                SearchKey::Old,
            ]),
        ),
    ]);
    assert_eq!(encoded(&search([]), &Wire::new()), "a SEARCH ALL\r\n");
    assert_eq!(encoded(&search([SearchKey::And(vec![])]), &Wire::new()), "a SEARCH ALL\r\n");
}

// covers rfc3501 6.4.6 silent-is-read
// covers rfc3501 9 ranges
#[test]
fn what_may_be_written_in_many_ways_means_the_same() {
    for (unit, written) in [
        (&b"a Login {3+}\r\njoe \"x\""[..], "a LOGIN joe x\r\n"),
        (b"a login \"joe\" {3}\r\na b", "a LOGIN joe \"a b\"\r\n"),
        (b"a store 12 +flags \\deleted", "a STORE 12 +FLAGS (\\Deleted)\r\n"),
        (b"a store 12 flags.silent \\SEEN b \\Draft c", "a STORE 12 FLAGS.SILENT (\\Seen \\Draft b c)\r\n"),
        (b"a fetch 12 body[header]", "a FETCH 12 BODY[HEADER]\r\n"),
        (b"a FETCH 1 (FLAGS)", "a FETCH 1 FLAGS\r\n"),
        (b"a FETCH 1 (FLAGS uid flags)", "a FETCH 1 (UID FLAGS)\r\n"),
        (
            b"a FETCH 1 body.peek[header.fields ({4}\r\nFrom \"To\")]",
            "a FETCH 1 BODY.PEEK[HEADER.FIELDS (From To)]\r\n",
        ),
        (b"a SELECT iNbOx", "a SELECT iNbOx\r\n"),
        (b"a SEARCH since \"01-feb-1994\"", "a SEARCH SINCE 1-Feb-1994\r\n"),
        (b"a SEARCH CHARSET {5}\r\nUTF-8 all", "a SEARCH CHARSET UTF-8 ALL\r\n"),
        (b"a FETCH 4:2,*:7 UID", "a FETCH 2:4,7:* UID\r\n"),
        (b"a ID ()", "a ID NIL\r\n"),
        (b"a id ({1}\r\nx nil)", "a ID (\"x\" NIL)\r\n"),
        (b"a LIST \"\" \"%\"", "a LIST \"\" %\r\n"),
        (b"a XX {3+}\r\na\r\n b~{1}\r\nc", "a XX {3}\r\na\r\n b~{1}\r\nc\r\n"),
    ] {
        let mut deviations = Deviations::new();
        let (_, command) = Command::parse(&Bytes::from_static(unit), &Dialect::default(), &mut deviations)
            .unwrap_or_else(|e| panic!("{}: {e}", unit.escape_ascii()));
        assert_eq!(encoded(&command, &Wire::new()), written);
        assert!(deviations.is_empty());
    }
}

// covers rfc2683 3.2.1.5 long-strings
// covers rfc3501 4.1 atoms-of-atom-chars
// covers rfc3501 4.3 quoted-has-no-line-end
// covers rfc3501 4.3 quoted-is-ascii
#[test]
fn a_string_takes_the_form_that_its_content_and_the_peer_ask_for() {
    let plus = Wire::new().with_literals(LiteralForm::Plus);
    let minus = Wire::new().with_literals(LiteralForm::Minus);
    let utf8 = Wire::new().with_encoding(Encoding::Utf8);
    let subject = |text: &str| search([SearchKey::Subject(string(text))]);
    for (command, wire, written) in [
        (subject("é"), Wire::new(), "a SEARCH SUBJECT {2}\r\né\r\n".to_owned()),
        (subject("é"), plus, "a SEARCH SUBJECT {2+}\r\né\r\n".into()),
        (subject("é"), minus, "a SEARCH SUBJECT {2+}\r\né\r\n".into()),
        (subject("é"), utf8, "a SEARCH SUBJECT \"é\"\r\n".into()),
        (subject("a\nb"), utf8, "a SEARCH SUBJECT {3}\r\na\nb\r\n".into()),
        (
            subject(&"x".repeat(4096)),
            minus,
            format!("a SEARCH SUBJECT {{4096+}}\r\n{}\r\n", "x".repeat(4096)),
        ),
        (subject(&"x".repeat(4097)), minus, format!("a SEARCH SUBJECT {{4097}}\r\n{}\r\n", "x".repeat(4097))),
        (subject("a}"), plus, "a SEARCH SUBJECT \"a}\"\r\n".into()),
        (Command::Select(name("Entwürfe")), utf8, "a SELECT \"Entwürfe\"\r\n".into()),
        (Command::Select(name("R&D")), utf8, "a SELECT R&D\r\n".into()),
        (Command::Select(name("a\r\nb")), Wire::new(), "a SELECT a&AA0ACg-b\r\n".into()),
        (Command::Select(name("a\r\nb")), utf8, "a SELECT {4}\r\na\r\nb\r\n".into()),
    ] {
        assert_eq!(encoded(&command, &wire), written);
    }
    let raw = MailboxName::from_wire(&b"caf\xe9"[..], Encoding::ModifiedUtf7);
    let mut out = Vec::new();
    Command::Select(raw).encode(&Tag::new("a").unwrap(), &Wire::new(), &mut out);
    assert_eq!(out, b"a SELECT {4}\r\ncaf\xe9\r\n");
}
