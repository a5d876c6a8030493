//! What holds for all commands and all units: what is written reads back equal, one value stays one command
//! whatever strings it is made of, and a looser connection understands what a stricter one does.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::{Bytes, BytesMut};
use imap_proto::{
    AString, Append, AppendMessage, Authenticate, BinarySection, BodySection, Command, Copy, Date, DateTime,
    Deviations, Dialect, Enable, Encoding, Fetch, FetchItem, FetchItems, Flag, Flags, HeaderKey, Hold,
    IdFields, Keyword, Leniency, List, LiteralForm, Login, MailboxName, MessageData, MessageKind, Numbering,
    OtherCommand, OtherFetchItem, OtherStatusItem, Output, Partial, Rename, Report, Search, SearchKey,
    SearchReturn, Secret, Section, Seen, SeqNumber, SeqRange, SequenceSet, Status, StatusItem, StatusItems,
    Store, StoreAction, Tag, Wire,
    frame::{Framed, Framer, NonSynchronising, Rules},
};
use proptest::prelude::*;

/// Any text, and text that would like to be something else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[a-zA-Z0-9/._-]{1,12}",
        2 => "[ -~]{0,12}",
        2 => "[^\\x00]{0,12}",
        1 => prop::sample::select(vec![
            "", "NIL", "nil", "a\r\nb LOGOUT", "\r\n", "{5}", "x{5}", "{5+}", "{5}\r\n", "~{1}", "a\"b\\c", "\\", "\"", "&", "R&D",
            "&Jjo!", "Entw&APw-rfe", "Entwürfe", "台北", "inbox", "INBOX", "+", "*", "%", "a]", "(", "12345678901234567890123}", "}",
        ]).prop_map(str::to_owned),
        1 => (1000..1100_usize).prop_map(|n| "x".repeat(n)),
    ]
}

fn string() -> impl Strategy<Value = AString> {
    prop_oneof![
        4 => text().prop_map(|text| AString::new(text).unwrap()),
        1 => prop::collection::vec(1..=255_u8, 0..20).prop_map(|octets| AString::new(octets).unwrap()),
    ]
}

fn mailbox() -> impl Strategy<Value = MailboxName> {
    text().prop_map(|name| MailboxName::new(&name).unwrap())
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![1..20_u32, Just(u32::MAX), 1..=u32::MAX]
}

fn set() -> impl Strategy<Value = SequenceSet> {
    let end =
        || prop_oneof![4 => number().prop_map(|n| SeqNumber::new(n).unwrap()), 1 => Just(SeqNumber::Largest)];
    let range = (end(), end()).prop_map(|(one, other)| SeqRange::new(one, other));
    prop_oneof![
        9 => prop::collection::vec(range, 1..5).prop_map(|ranges| SequenceSet::from_ranges(ranges).unwrap()),
        1 => Just(SequenceSet::SAVED),
    ]
}

fn keyword() -> impl Strategy<Value = Keyword> {
    "\\\\?[a-zA-Z$!}+\\[~'_-][a-zA-Z0-9$&}+\\[~'_-]{0,8}"
        .prop_filter_map("a flag with a name of its own", |keyword| Keyword::new(&keyword).ok())
}

fn flags() -> impl Strategy<Value = Flags> {
    let flag = prop_oneof![
        prop::sample::select(vec![Flag::Seen, Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Draft]),
        keyword().prop_map(Flag::Keyword),
    ];
    prop::collection::vec(flag, 0..5).prop_map(Flags::from_iter)
}

fn date() -> impl Strategy<Value = Date> {
    (0..=9999_u16, 1..=12_u8, 1..=31_u8).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn date_time() -> impl Strategy<Value = DateTime> {
    (date(), 0..24_u8, 0..60_u8, 0..=60_u8, -5999..=5999_i16).prop_map(
        |(date, hour, minute, second, zone)| DateTime::new(date, hour, minute, second, zone).unwrap(),
    )
}

fn numbering() -> impl Strategy<Value = Numbering> {
    prop::sample::select(vec![Numbering::Sequence, Numbering::Uid])
}

fn part() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(number(), 0..4)
}

fn section() -> impl Strategy<Value = Section> {
    let names = prop::collection::vec(text(), 1..4);
    prop_oneof![
        part().prop_map(|part| Section::of_part(&part).unwrap()),
        part().prop_map(|part| Section::header(&part).unwrap()),
        prop::collection::vec(number(), 1..4).prop_map(|part| Section::mime(&part).unwrap()),
        Just(Section::TEXT),
        (part(), names, any::<bool>()).prop_map(|(part, names, not)| {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            if not {
                Section::header_fields_not(&part, &names)
            } else {
                Section::header_fields(&part, &names)
            }
            .unwrap()
        }),
    ]
}

fn fetch_items() -> impl Strategy<Value = FetchItems> {
    let partial = || {
        let limit = i64::MAX as u64;
        prop::option::of(
            (0..=limit, 1..=limit).prop_map(|(from, octets)| Partial::new(from, octets).unwrap()),
        )
    };
    let seen = || prop::sample::select(vec![Seen::Set, Seen::Keep]);
    let item = prop_oneof![
        4 => prop::sample::select(vec![
            FetchItem::Uid, FetchItem::Flags, FetchItem::InternalDate, FetchItem::Rfc822Size, FetchItem::Envelope,
            FetchItem::Body, FetchItem::BodyStructure, FetchItem::Rfc822, FetchItem::Rfc822Header, FetchItem::Rfc822Text,
        ]),
        2 => (seen(), section(), partial())
            .prop_map(|(seen, section, partial)| FetchItem::Section(BodySection { seen, section, partial })),
        1 => (seen(), part(), partial())
            .prop_map(|(seen, part, partial)| FetchItem::Binary(BinarySection::new(&part, seen, partial).unwrap())),
        1 => part().prop_map(|part| FetchItem::BinarySize(Section::of_part(&part).unwrap())),
        1 => "[a-zA-Z0-9._\\[\\]-]{1,9}"
            .prop_filter_map("an item with a name of its own", |name| OtherFetchItem::new(&name).ok())
            .prop_map(FetchItem::Other),
    ];
    prop_oneof![
        9 => prop::collection::vec(item, 1..5).prop_map(|items| FetchItems::new(items).unwrap()),
        1 => prop::sample::select(vec![FetchItems::ALL, FetchItems::FAST, FetchItems::FULL]),
    ]
}

fn search_key() -> impl Strategy<Value = SearchKey> {
    let seconds = || number().prop_map(|n| n.try_into().unwrap());
    let simple = prop::sample::select(vec![
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
    ]);
    let leaf = prop_oneof![
        4 => simple,
        4 => (string(), 0..7_usize).prop_map(|(string, key)| {
            [SearchKey::Bcc, SearchKey::Cc, SearchKey::From, SearchKey::Subject, SearchKey::To, SearchKey::Body, SearchKey::Text][key](string)
        }),
        2 => (date(), 0..6_usize).prop_map(|(date, key)| {
            [SearchKey::Before, SearchKey::On, SearchKey::Since, SearchKey::SentBefore, SearchKey::SentOn, SearchKey::SentSince][key](date)
        }),
        1 => keyword().prop_map(SearchKey::Keyword),
        1 => keyword().prop_map(SearchKey::Unkeyword),
        1 => (string(), string()).prop_map(|(name, value)| SearchKey::Header(Box::new(HeaderKey { name, value }))),
        1 => (0..=i64::MAX as u64).prop_map(SearchKey::Larger),
        1 => (0..=i64::MAX as u64).prop_map(SearchKey::Smaller),
        1 => seconds().prop_map(SearchKey::Older),
        1 => seconds().prop_map(SearchKey::Younger),
        1 => set().prop_map(SearchKey::Sequence),
        1 => set().prop_map(SearchKey::Uid),
    ];
    leaf.prop_recursive(6, 20, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|key| SearchKey::Not(Box::new(key))),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| SearchKey::Or(Box::new([one, other]))),
            prop::collection::vec(inner, 1..4).prop_map(SearchKey::And),
        ]
    })
}

fn message() -> impl Strategy<Value = AppendMessage> {
    let kind = prop::sample::select(vec![MessageKind::Text, MessageKind::Binary, MessageKind::Utf8]);
    let octets = prop::collection::vec(any::<u8>(), 0..40);
    (flags(), prop::option::of(date_time()), kind, octets).prop_map(|(flags, date, kind, mut octets)| {
        if kind == MessageKind::Text {
            octets.retain(|octet| *octet != 0);
        }
        AppendMessage { flags, date, kind, data: MessageData::Whole(octets.into()) }
    })
}

fn other() -> impl Strategy<Value = OtherCommand> {
    let piece = prop_oneof![
        "[ -~é]{0,10}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..10)
            .prop_map(|octets| { [format!("{{{}}}\r\n", octets.len()).as_bytes(), &octets].concat() }),
    ];
    ("X[A-Z0-9_-]{0,8}", prop::collection::vec(piece, 0..4))
        .prop_filter_map("no arguments", |(name, pieces)| OtherCommand::new(&name, pieces.concat()).ok())
}

fn command() -> impl Strategy<Value = Command> {
    let simple = prop::sample::select(vec![
        Command::Capability,
        Command::Noop,
        Command::Logout,
        Command::StartTls,
        Command::Compress,
        Command::Namespace,
        Command::Idle,
        Command::Check,
        Command::Close,
        Command::Unselect,
        Command::Expunge,
    ]);
    let of_mailbox = (mailbox(), 0..6_usize).prop_map(|(name, verb)| {
        [
            Command::Select,
            Command::Examine,
            Command::Create,
            Command::Delete,
            Command::Subscribe,
            Command::Unsubscribe,
        ][verb](name)
    });
    let list = || (mailbox(), mailbox()).prop_map(|(reference, pattern)| List { reference, pattern });
    let copy = || {
        (numbering(), set(), mailbox()).prop_map(|(numbering, set, mailbox)| Copy { numbering, set, mailbox })
    };
    let initial = prop::option::of(prop::collection::vec(any::<u8>(), 0..40));
    let status_item = prop_oneof![
        4 => prop::sample::select(vec![
            StatusItem::Messages, StatusItem::Recent, StatusItem::UidNext, StatusItem::UidValidity, StatusItem::Unseen,
            StatusItem::Deleted, StatusItem::Size, StatusItem::HighestModSeq, StatusItem::AppendLimit,
            StatusItem::MailboxId, StatusItem::DeletedStorage,
        ]),
        1 => "X[A-Z0-9-]{0,20}".prop_map(|name| StatusItem::Other(OtherStatusItem::new(&name).unwrap())),
    ];
    let returns = prop::collection::vec(
        prop::sample::select(vec![
            SearchReturn::MIN,
            SearchReturn::MAX,
            SearchReturn::ALL,
            SearchReturn::COUNT,
            SearchReturn::SAVE,
        ]),
        0..4,
    );
    let returns =
        returns.prop_map(|returns| returns.into_iter().fold(SearchReturn::DEFAULT, |all, one| all | one));
    let search = (
        numbering(),
        prop::option::of(returns),
        prop::option::of(string()),
        prop::collection::vec(search_key(), 1..4),
    );
    let action = prop::sample::select(vec![StoreAction::Replace, StoreAction::Add, StoreAction::Remove]);
    let report = prop::sample::select(vec![Report::Told, Report::Silent]);
    prop_oneof![
        1 => simple,
        3 => of_mailbox,
        1 => list().prop_map(Command::List),
        1 => list().prop_map(Command::Lsub),
        1 => (mailbox(), mailbox()).prop_map(|(from, to)| Command::Rename(Rename { from, to })),
        1 => (mailbox(), prop::collection::vec(status_item, 1..6))
            .prop_map(|(mailbox, items)| Command::Status(Status { mailbox, items: StatusItems::new(items).unwrap() })),
        2 => (string(), string()).prop_map(|(username, password)| {
            Command::Login(Login { username, password: Secret::copy_from(password.as_bytes()) })
        }),
        1 => ("[A-Z0-9_-]{1,20}", initial).prop_map(|(mechanism, initial)| {
            Command::Authenticate(Authenticate { mechanism: mechanism.parse().unwrap(), initial: initial.map(Secret::from) })
        }),
        1 => "[A-Z0-9=+]{1,12}( [A-Z0-9=+]{1,12}){0,3}".prop_map(|names| Command::Enable(Enable::new(&names).unwrap())),
        1 => prop::collection::vec((string(), prop::option::of(string())), 0..4)
            .prop_map(|fields| Command::Id(IdFields::from_iter(fields))),
        2 => (mailbox(), prop::collection::vec(message(), 1..3)).prop_map(|(mailbox, messages)| {
            let mut messages = messages.into_iter();
            let mut append = Append::new(mailbox, messages.next().unwrap());
            messages.for_each(|message| append.push(message));
            Command::Append(Box::new(append))
        }),
        1 => set().prop_map(Command::UidExpunge),
        4 => search.prop_map(|(numbering, returns, charset, keys)| {
            let mut search = Search::new(numbering, keys);
            (search.returns, search.charset) = (returns, charset);
            Command::Search(Box::new(search))
        }),
        4 => (numbering(), set(), fetch_items())
            .prop_map(|(numbering, set, items)| Command::Fetch(Fetch { numbering, set, items })),
        2 => (numbering(), set(), action, report, flags()).prop_map(|(numbering, set, action, report, flags)| {
            Command::Store(Store { numbering, set, action, report, flags })
        }),
        1 => copy().prop_map(Command::Copy),
        1 => copy().prop_map(Command::Move),
        2 => other().prop_map(Command::Other),
    ]
}

fn wire() -> impl Strategy<Value = Wire> {
    let literals =
        prop::sample::select(vec![LiteralForm::Synchronising, LiteralForm::Minus, LiteralForm::Plus]);
    let encoding = prop::sample::select(vec![Encoding::ModifiedUtf7, Encoding::Utf8]);
    (literals, encoding)
        .prop_map(|(literals, encoding)| Wire::new().with_literals(literals).with_encoding(encoding))
}

/// What is written, and where it stops to wait.
#[derive(Default)]
struct Held {
    octets: Vec<u8>,
    holds: Vec<usize>,
    ended: usize,
}

impl Output for Held {
    fn text(&mut self, text: &[u8]) {
        self.octets.extend_from_slice(text);
    }
}

impl Hold for Held {
    fn hold(&mut self) {
        self.holds.push(self.octets.len());
    }
    fn end_held(&mut self) {
        self.ended += 1;
    }
}

fn tag() -> Tag {
    Tag::new("a1").unwrap()
}

fn written(command: &Command, wire: &Wire) -> Held {
    let mut out = Held::default();
    command.encode(&tag(), wire, &mut out);
    out
}

/// The unit, its CRLF taken off.
fn unit(octets: &[u8]) -> Bytes {
    Bytes::copy_from_slice(octets.strip_suffix(b"\r\n").unwrap())
}

/// Finds units as a server does that takes all literals.
fn framer() -> Framer {
    let mut rules = Rules::server();
    rules.non_synchronising = NonSynchronising::Plus;
    rules.limits.inline = 1 << 20;
    Framer::new(rules)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_is_written_reads_back_equal(command in command(), wire in wire()) {
        let out = written(&command, &wire);
        for leniency in [Leniency::STRICT, Leniency::LENIENT] {
            let dialect = Dialect::new(leniency).with_encoding(wire.encoding());
            let mut deviations = Deviations::new();
            let read = Command::parse(&unit(&out.octets), &dialect, &mut deviations);
            let read = read.map_err(|e| TestCaseError::fail(format!("{e}: {}", out.octets.escape_ascii())))?;
            prop_assert_eq!(&read, &(tag(), command.clone()), "{}", out.octets.escape_ascii());
            prop_assert!(deviations.is_empty());
            // Written again it is the same, octet by octet.
            prop_assert_eq!(written(&read.1, &wire).octets.escape_ascii().to_string(), out.octets.escape_ascii().to_string());
        }
    }

    #[test]
    fn one_value_is_one_command_to_whoever_finds_units(command in command(), wire in wire()) {
        let out = written(&command, &wire);
        let mut framer = framer();
        let mut input = BytesMut::from(&out.octets[..]);
        let mut waits = 0;
        loop {
            match framer.next(&mut input) {
                Ok(Framed::End(octets)) => {
                    prop_assert_eq!(octets, out.octets.len(), "{}", out.octets.escape_ascii());
                    break;
                }
                Ok(Framed::Waits(_)) => waits += 1,
                other => prop_assert!(false, "{:?}: {}", other, out.octets.escape_ascii()),
            }
        }
        prop_assert_eq!(waits, out.holds.len());
        prop_assert_eq!(out.ended, usize::from(waits > 0));
        // What the server must allow stands right behind an announcement.
        let behind_announcements = out.holds.iter().all(|hold| out.octets[..*hold].ends_with(b"}\r\n"));
        prop_assert!(behind_announcements);
        if wire.literals() == LiteralForm::Plus {
            prop_assert_eq!(waits, 0);
        }
    }

    #[test]
    fn a_looser_connection_understands_what_a_stricter_one_does(unit in mangled(), utf8 in any::<bool>()) {
        let encoding = if utf8 { Encoding::Utf8 } else { Encoding::ModifiedUtf7 };
        let mut deviations = Deviations::new();
        let strict = Command::parse(&unit, &Dialect::new(Leniency::STRICT).with_encoding(encoding), &mut deviations);
        prop_assert!(deviations.is_empty());
        let lenient = Command::parse(&unit, &Dialect::new(Leniency::LENIENT).with_encoding(encoding), &mut deviations);
        if let Ok(strict) = strict {
            prop_assert_eq!(Some(&strict), lenient.as_ref().ok());
            prop_assert!(deviations.is_empty(), "{:?}", deviations);
        } else if lenient.is_ok() {
            prop_assert!(!deviations.is_empty());
        }
        // Whatever was read, however loosely, is written as one command.
        if let Ok((tag, command)) = lenient {
            let mut out = Held::default();
            command.encode(&tag, &Wire::new(), &mut out);
            let mut framer = framer();
            let mut input = BytesMut::from(&out.octets[..]);
            let end = loop {
                match framer.next(&mut input) {
                    Ok(Framed::Waits(_)) => {}
                    end => break end,
                }
            };
            prop_assert_eq!(end, Ok(Framed::End(out.octets.len())), "{}", out.octets.escape_ascii());
        }
    }

    #[test]
    fn any_octets_are_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = Command::parse(&octets.clone().into(), &Dialect::new(Leniency::LENIENT), &mut Deviations::new());
        let _ = Append::parse_head(&octets.into(), &Dialect::new(Leniency::LENIENT), &mut Deviations::new());
    }
}

/// A unit that is nearly a command.
fn mangled() -> impl Strategy<Value = Bytes> {
    let interesting = prop::sample::select(b" \"\\(){}[]<>~%*+-:,.$&@01a\r\n\0\t\xc3\xa9\xff".to_vec());
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, interesting), 0..4);
    (command(), wire(), edits).prop_map(|(command, wire, edits)| {
        let mut octets = written(&command, &wire).octets;
        octets.truncate(octets.len() - 2);
        for (at, edit, octet) in edits {
            let at = at.index(octets.len() + 1);
            match edit {
                0 => octets.insert(at, octet),
                1 if at < octets.len() => octets[at] = octet,
                _ if at < octets.len() => drop(octets.remove(at)),
                _ => {}
            }
        }
        octets.into()
    })
}
