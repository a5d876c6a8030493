//! What responses mean: as values, since text that is kept as it came reads and writes as well.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use imap_proto::{
    AString, Date, DateTime, Deviations, Dialect, Flag, Flags, MailboxName, Section, SequenceSet,
    response::{
        AppendUid, BinarySize, Capability, Code, Content, ContentKind, CopyUid, ESearch, ESearchItem, Fetch,
        FetchItem, ListExtended, ListKind, Numbers, Payload, Response, Search, StatusItem, Untagged,
        Vanished, VanishedWhen,
    },
};

fn untagged(text: &str) -> Untagged {
    let (unit, mut deviations) = (Bytes::from(format!("* {text}\r\n")), Deviations::new());
    match Response::parse(&unit, &Dialect::default(), &mut deviations) {
        Ok(Response::Untagged(found)) if deviations.is_empty() => found,
        other => panic!("{text}: {other:?}"),
    }
}

fn set(text: &str) -> SequenceSet {
    text.parse().unwrap()
}

fn string(text: &'static str) -> AString {
    AString::new(text).unwrap()
}

// covers rfc3501 7.2.2 list-is-read
// covers rfc3501 7.2.3 lsub-is-read
// covers rfc3501 7.2.4 status-is-read
// covers rfc3501 7.2.6 flags-is-read
// covers rfc3501 7.2.5 search-is-read
// covers rfc7162 3.2.10 vanished-is-read
// covers rfc3501 7.2.1 capability-is-read
// covers rfc5161 3.2 enabled-is-read
// covers rfc2342 5 namespace-is-read
// covers rfc2971 3.2 id-is-read
// covers rfc3501 7.3.1 exists-is-read
// covers rfc3501 7.3.2 recent-is-read
// covers rfc7162 3.1.6 modseq-behind-numbers
#[test]
fn each_untagged_response_is_told_by_its_name() {
    for (text, kind) in [("LIST () \"/\" x", ListKind::List), ("LSUB () \"/\" x", ListKind::Lsub)] {
        let Untagged::List(list) = untagged(text) else { panic!("{text}") };
        let mailbox = MailboxName::new("x").unwrap();
        assert_eq!((list.kind, list.delimiter, list.mailbox), (kind, Some('/'), mailbox));
    }
    let Untagged::MailboxStatus(status) = untagged("STATUS x (MESSAGES 2)") else { panic!() };
    assert_eq!(status.mailbox, MailboxName::new("x").unwrap());
    assert_eq!(untagged("FLAGS (\\Seen)"), Untagged::Flags(Box::new(Flag::Seen.into())));
    let found = |numbers: &[u32], mod_seq| Box::new(Search { numbers: numbers.to_vec(), mod_seq });
    assert_eq!(untagged("SEARCH 2 84"), Untagged::Search(found(&[2, 84], None)));
    assert_eq!(untagged("SEARCH 2 (MODSEQ 7)"), Untagged::Search(found(&[2], Some(7))));
    let Untagged::Capability(offered) = untagged("CAPABILITY IMAP4rev1 IDLE") else { panic!() };
    assert!(offered.has(Capability::Idle));
    let Untagged::Enabled(enabled) = untagged("ENABLED CONDSTORE") else { panic!() };
    assert!(enabled.has(Capability::CondStore));
    let Untagged::Namespace(namespaces) = untagged("NAMESPACE ((\"\" \"/\")) NIL NIL") else { panic!() };
    assert_eq!((namespaces.personal.len(), namespaces.shared.len()), (1, 0));
    let Untagged::Id(fields) = untagged("ID (\"name\" \"x\")") else { panic!() };
    assert!(!fields.is_empty());
    for (text, number) in [("3 EXISTS", 3), ("0 EXISTS", 0), ("3 exists", 3)] {
        assert_eq!(untagged(text), Untagged::Exists(number));
    }
    assert_eq!(untagged("2 RECENT"), Untagged::Recent(2));
    for text in ["2 EXPUNGE", "2 Expunge"] {
        assert_eq!(untagged(text), Untagged::Expunge(2));
    }
    for (text, when) in [("", VanishedWhen::Now), ("(EARLIER) ", VanishedWhen::Earlier)] {
        let vanished = Vanished { when, uids: set("4,6:7") };
        assert_eq!(untagged(&format!("VANISHED {text}4,6:7")), Untagged::Vanished(Box::new(vanished)));
    }
}

// covers rfc9051 7.3.4 esearch-is-read
// covers rfc9051 7.3.4 correlator
// covers rfc9051 7.3.4 uid-of-esearch
#[test]
fn a_search_tells_which_command_it_answers_and_what_its_numbers_are() {
    let found = untagged("ESEARCH (TAG \"A2\") UID MIN 2 MAX 9 COUNT 3 ALL 2,5,9 MODSEQ 7");
    let items = vec![
        ESearchItem::Min(2),
        ESearchItem::Max(9),
        ESearchItem::Count(3),
        ESearchItem::All(set("2,5,9")),
        ESearchItem::ModSeq(7),
    ];
    let due = ESearch { tag: Some(string("A2")), numbers: Numbers::Uids, items };
    assert_eq!(found, Untagged::ESearch(Box::new(due)));
    let due = ESearch { tag: None, numbers: Numbers::Messages, items: vec![ESearchItem::Count(3)] };
    assert_eq!(untagged("ESEARCH COUNT 3"), Untagged::ESearch(Box::new(due)));
}

// covers rfc3501 7.1 uidnext-code
// covers rfc3501 7.1 unseen-code
// covers rfc3501 7.1 permanentflags-code
// covers rfc4315 3 appenduid-code
// covers rfc4315 3 copyuid-code
// covers rfc7162 3.1.2.1 highestmodseq-code
// covers rfc7162 3.1.3 modified-code
// covers rfc3501 7.1 badcharset-code
// covers rfc3501 7.1 unknown-codes
#[test]
fn each_response_code_is_told_by_its_name() {
    let uids = |uids: &str| AppendUid { uid_validity: 8, uids: set(uids) };
    let copy = CopyUid { uid_validity: 8, source: set("3:4"), destination: set("7:8") };
    let flags = Flags::from(Flag::Seen).with_new_keywords();
    for (text, due) in [
        ("UIDNEXT 4", Code::UidNext(4)),
        ("uidnext 4", Code::UidNext(4)),
        ("UIDVALIDITY 4", Code::UidValidity(4)),
        ("UNSEEN 4", Code::Unseen(4)),
        ("HIGHESTMODSEQ 9223372036854775807", Code::HighestModSeq(i64::MAX as u64)),
        ("PERMANENTFLAGS (\\Seen \\*)", Code::PermanentFlags(Box::new(flags))),
        ("APPENDUID 8 5:6", Code::AppendUid(Box::new(uids("5:6")))),
        ("COPYUID 8 3:4 7:8", Code::CopyUid(Box::new(copy))),
        ("MODIFIED 3:4", Code::Modified(Box::new(set("3:4")))),
        ("BADCHARSET", Code::BadCharset(Vec::new())),
        ("BADCHARSET (UTF-8)", Code::BadCharset(vec![string("UTF-8")])),
        ("ALERT", Code::Alert),
        ("TRYCREATE", Code::TryCreate),
        ("AUTHENTICATIONFAILED", Code::AuthenticationFailed),
    ] {
        let Untagged::Status(status) = untagged(&format!("OK [{text}] x")) else { panic!("{text}") };
        assert_eq!(status.code(), Some(&due), "{text}");
    }
    let Untagged::Status(status) = untagged("OK [XTRA] x") else { panic!() };
    assert!(matches!(status.code(), Some(Code::Other(code)) if code.name().as_bytes() == b"XTRA"));
}

#[test]
fn the_uids_of_what_was_copied_or_appended_are_told_as_numbers() {
    for code in ["APPENDUID 8 *", "APPENDUID 8 5:*", "APPENDUID 8 $", "COPYUID 8 1:* 7:8", "COPYUID 8 3:4 *"]
    {
        let unit = Bytes::from(format!("a OK [{code}] x\r\n"));
        let error = Response::parse(&unit, &Dialect::default(), &mut Deviations::new()).unwrap_err();
        assert!(error.to_string().starts_with("expected numbers without '*' and '$' at octet "), "{error}");
    }
}

// covers rfc3501 7.4.2 uid-item
// covers rfc3501 7.4.2 flags-item
// covers rfc7162 3.1.4.2 modseq-item
// covers rfc3501 2.3.4 size-item
// covers rfc3501 2.3.3 internaldate-item
// covers rfc3501 2.3.5 envelope-item
// covers rfc3501 2.3.6 bodystructure-item
// covers rfc3501 7.4.2 body-item
// covers rfc3501 7.4.2 section-item
// covers rfc3516 4.3 binary-item
// covers rfc3516 4.3 binary-size-item
// covers rfc3501 7.4.2 rfc822-item
// covers rfc3501 7.4.2 rfc822-text-item
#[test]
fn each_item_of_a_fetch_is_told_by_its_name() {
    let content = |kind, section, octets: &'static str| {
        let payload = Payload::Whole(Bytes::from(octets));
        FetchItem::Content(Box::new(Content { kind, section, origin: None, payload }))
    };
    let moment = DateTime::new(Date::new(1996, 7, 17).unwrap(), 2, 44, 25, -420).unwrap();
    let size = BinarySize { section: Section::of_part(&[1]).unwrap(), octets: 5 };
    for (text, due) in [
        ("UID 7", FetchItem::Uid(7)),
        ("uid 7", FetchItem::Uid(7)),
        ("FLAGS (\\Seen)", FetchItem::Flags(Flag::Seen.into())),
        ("Flags (\\seen)", FetchItem::Flags(Flag::Seen.into())),
        ("MODSEQ (7)", FetchItem::ModSeq(7)),
        ("ModSeq (7)", FetchItem::ModSeq(7)),
        ("RFC822.SIZE 7", FetchItem::Size(7)),
        ("RFC822.Size 7", FetchItem::Size(7)),
        ("INTERNALDATE \"17-Jul-1996 02:44:25 -0700\"", FetchItem::InternalDate(moment)),
        ("BODY[] {2}\r\nab", content(ContentKind::Body, Section::WHOLE, "ab")),
        ("BINARY[] ~{2}\r\nab", content(ContentKind::Binary, Section::WHOLE, "ab")),
        ("BINARY.SIZE[1] 5", FetchItem::BinarySize(Box::new(size))),
        ("RFC822 {2}\r\nab", content(ContentKind::Rfc822, Section::WHOLE, "ab")),
        ("RFC822.TEXT {2}\r\nab", content(ContentKind::Rfc822Text, Section::TEXT, "ab")),
    ] {
        let fetched = Fetch { number: 1, items: vec![due] };
        assert_eq!(untagged(&format!("1 FETCH ({text})")), Untagged::Fetch(fetched), "{text}");
    }
    let part = "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 2 1)";
    let nils = "NIL ".repeat(9);
    let text = format!("1 FETCH (BODY {part} BODYSTRUCTURE {part} ENVELOPE ({nils}\"<x@y>\"))");
    let Untagged::Fetch(Fetch { items, .. }) = untagged(&text) else { panic!() };
    let [FetchItem::Body(body), FetchItem::BodyStructure(structure), FetchItem::Envelope(envelope)] =
        &items[..]
    else {
        panic!("{items:?}")
    };
    assert!(body.root().is("text", "plain") && structure.root().is("text", "plain"));
    assert_eq!(envelope.message_id().as_deref(), Some(&b"<x@y>"[..]));
}

// covers rfc3501 7.2.4 messages-of-status
// covers rfc3501 7.2.4 unseen-of-status
// covers rfc7162 3.1.7 highestmodseq-of-status
#[test]
fn each_item_of_a_status_is_told_by_its_name() {
    for (text, due) in [
        ("MESSAGES 2", StatusItem::Messages(2)),
        ("RECENT 2", StatusItem::Recent(2)),
        ("UIDNEXT 2", StatusItem::UidNext(2)),
        ("UIDVALIDITY 2", StatusItem::UidValidity(2)),
        ("UNSEEN 2", StatusItem::Unseen(2)),
        ("DELETED 2", StatusItem::Deleted(2)),
        ("SIZE 9223372036854775807", StatusItem::Size(i64::MAX as u64)),
        ("HIGHESTMODSEQ 9223372036854775807", StatusItem::HighestModSeq(i64::MAX as u64)),
        ("APPENDLIMIT NIL", StatusItem::AppendLimit(None)),
    ] {
        let Untagged::MailboxStatus(status) = untagged(&format!("STATUS x ({text})")) else { panic!() };
        assert_eq!(status.items, [due], "{text}");
    }
}

// covers rfc3501 7.2.2 delimiter-in-quotes
// covers rfc9051 6.3.9.6 childinfo
// covers rfc9051 6.3.9.7 oldname
#[test]
fn what_stands_behind_the_name_of_a_mailbox_is_told() {
    let text = "LIST () \"\\\\\" x (\"CHILDINFO\" (\"SUBSCRIBED\") \"OLDNAME\" (y))";
    let Untagged::List(list) = untagged(text) else { panic!() };
    assert_eq!(list.delimiter, Some('\\'));
    let old = MailboxName::new("y").unwrap();
    let due = [ListExtended::ChildInfo(vec![string("SUBSCRIBED")]), ListExtended::OldName(old)];
    assert_eq!(list.extended, due);
}
