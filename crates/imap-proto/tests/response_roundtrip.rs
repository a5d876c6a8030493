//! What holds for all responses: what is written reads back equal, one response stays one unit, and a lenient
//! reader understands what a strict one does.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::{Bytes, BytesMut};
use imap_proto::{
    AString, AddressFields, BodyStructure, DateTime, Deviations, Dialect, Encoding, Envelope, EnvelopeFields,
    Flag, Flags, IdFields, Leniency, MailboxName, PartFields, Section, SequenceSet, Tag, Text, Wire,
    frame::{Framed, Framer, Rules},
    response::{
        AppendUid, Attribute, BinarySize, Capabilities, Capability, Code, Content, ContentKind, Continuation,
        CopyUid, ESearch, ESearchItem, Fetch, FetchItem, List, ListExtended, ListKind, Namespace, Namespaces,
        Numbers, OtherCode, OtherItem, OtherResponse, Payload, Quota, QuotaResource, QuotaRoot, Raw,
        Response, Search, Status, StatusData, StatusItem, StatusKind, Tagged, Untagged, Vanished,
        VanishedWhen,
    },
};
use proptest::{collection::vec, option, prelude::*};

/// Octets that tell strings apart: quotes, escapes, line ends, literals and what is not ASCII.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        6 => prop::sample::select(&b"aZ09 .-/&"[..]),
        2 => prop::sample::select(&b"\"\\\r\n(){}[]%*~+<>"[..]),
        1 => 1_u8..=255,
    ];
    prop_oneof![3 => vec(octet, 0..12), 1 => Just(b"NIL".to_vec()), 1 => Just(b"a\" {3}\r\nb\\".to_vec())]
}

fn string() -> impl Strategy<Value = AString> {
    octets().prop_map(|octets| AString::new(octets).unwrap())
}

fn text() -> impl Strategy<Value = Text> {
    "[ -~]{0,20}(\\{5\\+?\\})?".prop_map(|text| Text::try_from(text).unwrap())
}

fn mailbox() -> impl Strategy<Value = MailboxName> {
    prop_oneof!["[ -~é用]{0,12}", Just("inbox".into()), Just("NIL".into()), Just("a\r\nb".into())]
        .prop_map(|name: String| MailboxName::new(&name).unwrap())
}

fn flags() -> impl Strategy<Value = Flags> {
    let names = ["\\Seen", "\\Answered", "\\Recent", "\\Draft", "$Junk", "\\Important", "a.b", "NonJunk"];
    prop::sample::subsequence(names.to_vec(), 0..6)
        .prop_map(|names| names.into_iter().map(|name| name.parse::<Flag>().unwrap()).collect())
}

fn set() -> impl Strategy<Value = SequenceSet> {
    "[1-9][0-9]{0,3}(:[1-9][0-9]{0,3})?(,[1-9][0-9]{0,3}){0,3}".prop_map(|set: String| set.parse().unwrap())
}

fn capabilities() -> impl Strategy<Value = Capabilities> {
    (prop::sample::subsequence(Capability::ALL, 0..9), vec("X-[A-Z]{1,9}(=[A-Z]{1,4})?", 0..3)).prop_map(
        |(known, others)| {
            let known: Capabilities = known.into_iter().collect();
            others.iter().fold(known, |all, name| all.with_named(name).unwrap())
        },
    )
}

fn code() -> impl Strategy<Value = Code> {
    prop_oneof![
        prop::sample::select(vec![
            Code::Alert,
            Code::ReadOnly,
            Code::AuthenticationFailed,
            Code::CompressionActive,
            Code::UnknownCte,
            Code::UidNotSticky,
            Code::BadCharset(vec![]),
        ]),
        (1_u32..).prop_map(Code::UidNext),
        (1_u32..).prop_map(Code::UidValidity),
        (1_u64..1 << 63).prop_map(Code::HighestModSeq),
        flags().prop_map(|mut flags| {
            flags.remove(&Flag::Recent);
            Code::PermanentFlags(Box::new(flags.with_new_keywords()))
        }),
        capabilities().prop_map(|list| Code::Capability(Box::new(list))),
        (1_u32.., set())
            .prop_map(|(uid_validity, uids)| Code::AppendUid(Box::new(AppendUid { uid_validity, uids }))),
        (1_u32.., set(), set()).prop_map(|(uid_validity, source, destination)| {
            Code::CopyUid(Box::new(CopyUid { uid_validity, source, destination }))
        }),
        set().prop_map(|set| Code::Modified(Box::new(set))),
        vec("[ -~]{1,6}", 1..3).prop_map(|list| Code::BadCharset(
            list.iter().map(|it| AString::try_from(it.as_str()).unwrap()).collect()
        )),
        ("X-[A-Z]{1,20}", option::of("[!-Z^-~][ -Z^-~]{0,9}")).prop_map(|(name, arguments)| {
            let arguments = arguments.map(|it| Text::try_from(it).unwrap());
            Code::Other(Box::new(OtherCode::new(&name, arguments).unwrap()))
        }),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    let kind = prop::sample::select(vec![StatusKind::Ok, StatusKind::No, StatusKind::Bad]);
    (kind, option::of(code()), text()).prop_map(|(kind, code, text)| match code {
        Some(code) => Status::with_code(kind, code, text),
        None => Status::new(kind, text).unwrap_or_else(|_| Status::new(kind, Text::EMPTY).unwrap()),
    })
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let nstring = || option::of(octets());
    let address = (nstring(), nstring(), nstring(), nstring());
    (vec(nstring(), 4), vec(vec(address, 0..3), 6)).prop_map(|(strings, lists)| {
        let lists: Vec<Vec<_>> = lists
            .iter()
            .map(|list| {
                list.iter()
                    .map(|(name, route, mailbox, host)| AddressFields {
                        name: name.as_deref(),
                        route: route.as_deref(),
                        mailbox: mailbox.as_deref(),
                        host: host.as_deref(),
                    })
                    .collect()
            })
            .collect();
        Envelope::new(&EnvelopeFields {
            date: strings[0].as_deref(),
            subject: strings[1].as_deref(),
            from: &lists[0],
            sender: &lists[1],
            reply_to: &lists[2],
            to: &lists[3],
            cc: &lists[4],
            bcc: &lists[5],
            in_reply_to: strings[2].as_deref(),
            message_id: strings[3].as_deref(),
        })
        .unwrap()
    })
}

/// A structure of up to three levels, of strings of every form.
fn structure() -> impl Strategy<Value = BodyStructure> {
    let texts = vec("[ -~é\r\n]{1,6}", 8);
    (envelope(), texts, any::<u32>(), 0_u8..4).prop_map(|(envelope, texts, octets, shape)| {
        let at = |at: usize| texts[at].as_str();
        let parameters = [(at(0), at(1)), (at(2), at(3))];
        let languages = [at(4), at(5)];
        let plain = PartFields {
            id: Some(at(6)),
            md5: Some(at(7)),
            languages: &languages,
            location: Some(at(0)),
            ..PartFields::text(at(1), octets.into(), 7)
                .with_parameters(&parameters)
                .with_disposition(at(2), &parameters)
        };
        let image = PartFields::single("image", at(3), 5).with_encoding(at(4));
        let message = PartFields::message(9, 1, &envelope, &plain);
        let parts = [plain, image, message];
        let inner = PartFields::multipart(at(5), &parts).with_parameters(&parameters);
        let outer = [inner, plain];
        let fields =
            [plain, message, inner, PartFields::multipart("mixed", &outer).with_disposition(at(6), &[])];
        BodyStructure::new(&fields[usize::from(shape)]).unwrap()
    })
}

fn raw_value() -> impl Strategy<Value = &'static [u8]> {
    prop::sample::select(vec![
        &b"5"[..],
        b"(a (b \"c)\") {2}\r\n)()",
        b"NIL",
        b"\"a \\\" b\"",
        b"()",
        b"{3}\r\n\r\n)",
    ])
}

fn item() -> impl Strategy<Value = FetchItem> {
    let sections =
        ["", "1.2.3", "HEADER", "1.MIME", "HEADER.FIELDS (From \"a b\")", "3.HEADER.FIELDS.NOT (X)"];
    let section = prop::sample::select(sections.to_vec()).prop_map(|text| text.parse::<Section>().unwrap());
    let part = prop::sample::select(vec!["", "1.2", "4"]).prop_map(|text| text.parse::<Section>().unwrap());
    let payload = || prop_oneof![1 => Just(Payload::Nil), 4 => octets().prop_map(|octets| Payload::Whole(octets.into()))];
    let origin = || option::of(0..1_u64 << 63);
    let content = |kind, section, origin, payload| {
        FetchItem::Content(Box::new(Content { kind, section, origin, payload }))
    };
    prop_oneof![
        (1_u32..).prop_map(FetchItem::Uid),
        flags().prop_map(FetchItem::Flags),
        (1_u64..1 << 63).prop_map(FetchItem::ModSeq),
        (0_u64..1 << 63).prop_map(FetchItem::Size),
        (0..4_000_000_000_i64, -700..800_i16)
            .prop_map(|(at, zone)| FetchItem::InternalDate(DateTime::from_unix(at, zone).unwrap())),
        envelope().prop_map(|envelope| FetchItem::Envelope(Box::new(envelope))),
        structure().prop_map(|body| FetchItem::Body(Box::new(body))),
        structure().prop_map(|body| FetchItem::BodyStructure(Box::new(body))),
        (section, origin(), payload()).prop_map(move |(s, o, p)| content(ContentKind::Body, s, o, p)),
        (part.clone(), origin(), payload()).prop_map(move |(s, o, p)| content(ContentKind::Binary, s, o, p)),
        payload().prop_map(move |p| content(ContentKind::Rfc822Text, Section::TEXT, None, p)),
        (part, 0..1_u64 << 63)
            .prop_map(|(section, octets)| FetchItem::BinarySize(Box::new(BinarySize { section, octets }))),
        ("X-[A-Z]{1,20}", raw_value())
            .prop_map(|(name, value)| FetchItem::Other(Box::new(OtherItem::new(&name, value).unwrap()))),
    ]
}

fn list() -> impl Strategy<Value = List> {
    let kind = prop::sample::select(vec![ListKind::List, ListKind::Lsub, ListKind::Xlist]);
    let delimiter = option::of(prop::sample::select(vec!['/', '.', '\\', '"', ' ']));
    let extended = prop_oneof![
        vec(string(), 1..3).prop_map(ListExtended::ChildInfo),
        mailbox().prop_map(ListExtended::OldName),
        ("X-[a-z]{1,5}", raw_value()).prop_map(|(tag, value)| {
            ListExtended::Other(AString::try_from(tag).unwrap(), Raw::new(value).unwrap())
        }),
    ];
    (kind, prop::sample::subsequence(Attribute::ALL, 0..5), delimiter, mailbox(), vec(extended, 0..3))
        .prop_map(|(kind, attributes, delimiter, mailbox, extended)| List {
            kind,
            attributes: attributes.into_iter().collect(),
            delimiter,
            mailbox,
            extended,
        })
}

fn mailbox_status() -> impl Strategy<Value = StatusData> {
    let item = prop_oneof![
        any::<u32>().prop_map(StatusItem::Messages),
        (1_u32..).prop_map(StatusItem::UidNext),
        (0_u64..1 << 63).prop_map(StatusItem::HighestModSeq),
        any::<Option<u32>>().prop_map(StatusItem::AppendLimit),
        ("X-[A-Z]{1,5}", raw_value()).prop_map(|(name, value)| {
            StatusItem::Other(Text::try_from(name).unwrap(), Raw::new(value).unwrap())
        }),
    ];
    (mailbox(), vec(item, 0..4)).prop_map(|(mailbox, items)| StatusData { mailbox, items })
}

fn namespaces() -> impl Strategy<Value = Namespaces> {
    let delimiter = option::of(prop::sample::select(vec!['/', '\\']));
    let one = (string(), delimiter, vec((string(), vec(string(), 1..3)), 0..2))
        .prop_map(|(prefix, delimiter, extensions)| Namespace { prefix, delimiter, extensions });
    vec(vec(one, 0..3), 3).prop_map(|mut lists| Namespaces {
        shared: lists.pop().unwrap(),
        other_users: lists.pop().unwrap(),
        personal: lists.pop().unwrap(),
    })
}

fn esearch() -> impl Strategy<Value = ESearch> {
    let item = prop_oneof![
        (1_u32..).prop_map(ESearchItem::Min),
        any::<u32>().prop_map(ESearchItem::Count),
        set().prop_map(ESearchItem::All),
        ("X-[A-Z]{1,5}", raw_value()).prop_map(|(name, value)| {
            ESearchItem::Other(Text::try_from(name).unwrap(), Raw::new(value).unwrap())
        }),
    ];
    let numbers = prop::sample::select(vec![Numbers::Messages, Numbers::Uids]);
    (option::of(string()), numbers, vec(item, 0..4)).prop_map(|(tag, numbers, items)| ESearch {
        tag,
        numbers,
        items,
    })
}

fn untagged() -> impl Strategy<Value = Untagged> {
    let search = || {
        (vec(1_u32.., 0..9), option::of(1_u64..1 << 63))
            .prop_map(|(numbers, mod_seq)| Search { numbers, mod_seq })
    };
    let when = prop::sample::select(vec![VanishedWhen::Earlier, VanishedWhen::Now]);
    let resource = ("[A-Z]{1,9}", 0..1_u64 << 63, 0..1_u64 << 63)
        .prop_map(|(name, usage, limit)| QuotaResource { name: Text::try_from(name).unwrap(), usage, limit });
    let raws = vec![Raw::EMPTY, Raw::new("a \" (").unwrap(), Raw::new("{3}\r\n\r\nx b").unwrap()];
    prop_oneof![
        status().prop_map(|status| Untagged::Status(Box::new(status))),
        capabilities().prop_map(|list| Untagged::Capability(Box::new(list))),
        capabilities().prop_map(|list| Untagged::Enabled(Box::new(list))),
        list().prop_map(|list| Untagged::List(Box::new(list))),
        mailbox_status().prop_map(|status| Untagged::MailboxStatus(Box::new(status))),
        namespaces().prop_map(|namespaces| Untagged::Namespace(Box::new(namespaces))),
        flags().prop_map(|flags| Untagged::Flags(Box::new(flags))),
        search().prop_map(|found| Untagged::Search(Box::new(found))),
        search().prop_map(|found| Untagged::Sort(Box::new(found))),
        esearch().prop_map(|found| Untagged::ESearch(Box::new(found))),
        any::<u32>().prop_map(Untagged::Exists),
        (1_u32..).prop_map(Untagged::Expunge),
        (when, set()).prop_map(|(when, uids)| Untagged::Vanished(Box::new(Vanished { when, uids }))),
        (1_u32.., vec(item(), 1..5)).prop_map(|(number, items)| Untagged::Fetch(Fetch { number, items })),
        vec((string(), option::of(string())), 0..3)
            .prop_map(|fields| Untagged::Id(fields.into_iter().collect::<IdFields>())),
        (string(), vec(resource, 0..3))
            .prop_map(|(root, resources)| Untagged::Quota(Box::new(Quota { root, resources }))),
        (mailbox(), vec(string(), 0..3))
            .prop_map(|(mailbox, roots)| Untagged::QuotaRoot(Box::new(QuotaRoot { mailbox, roots }))),
        (option::of(any::<u32>()), "X-[A-Z]{1,5}", prop::sample::select(raws)).prop_map(
            |(number, name, data)| {
                Untagged::Other(Box::new(OtherResponse::new(number, &name, &data).unwrap()))
            }
        ),
    ]
}

fn response() -> impl Strategy<Value = Response> {
    prop_oneof![
        1 => ("[a-zA-Z0-9.]{1,6}", status()).prop_map(|(tag, status)| Response::Tagged(Box::new(Tagged { tag: Tag::new(&tag).unwrap(), status }))),
        6 => untagged().prop_map(Response::Untagged),
        3 => (1_u32.., vec(item(), 1..5)).prop_map(|(number, items)| Response::Untagged(Untagged::Fetch(Fetch { number, items }))),
        1 => octets().prop_map(|octets| Response::Continuation(Box::new(Continuation::from_challenge(&octets)))),
    ]
}

fn written(response: &Response, encoding: Encoding) -> Bytes {
    let mut out = Vec::new();
    response.encode(&Wire::new().with_encoding(encoding), &mut out);
    out.into()
}

/// How many octets the first unit has.
fn first_unit(octets: &Bytes) -> usize {
    let mut framer = Framer::new(Rules::client());
    framer.limits_mut().inline = 1 << 20;
    match framer.next(&mut BytesMut::from(&octets[..])) {
        Ok(Framed::End(n)) => n,
        other => panic!("{other:?} {}", octets.escape_ascii()),
    }
}

/// A unit, cut, doubled or with octets of another put in: what a reader must live with.
fn mutated() -> impl Strategy<Value = Bytes> {
    (response(), response(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8).prop_map(
        |(one, other, at, to, how)| {
            let (one, other) =
                (written(&one, Encoding::ModifiedUtf7), written(&other, Encoding::ModifiedUtf7));
            let (at, to) = (at.index(one.len()), to.index(other.len()));
            match how {
                0 => one.slice(..at),
                1 => [&one[..at], &other[to..]].concat().into(),
                2 => [&one[..at], &other[to..(to + 1).min(other.len())], &one[at..]].concat().into(),
                _ => [&one[..at], &one[(at + 1).min(one.len())..]].concat().into(),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_reads_back_equal_and_is_one_unit(response in response()) {
        for encoding in [Encoding::ModifiedUtf7, Encoding::Utf8] {
            let unit = written(&response, encoding);
            prop_assert_eq!(first_unit(&unit), unit.len(), "{}", unit.escape_ascii());
            for leniency in [Leniency::STRICT, Leniency::LENIENT] {
                let (dialect, mut deviations) = (Dialect::new(leniency).with_encoding(encoding), Deviations::new());
                let found = Response::parse(&unit, &dialect, &mut deviations);
                prop_assert_eq!(found.as_ref(), Ok(&response), "{}", unit.escape_ascii());
                prop_assert!(deviations.is_empty(), "{:?} {}", deviations, unit.escape_ascii());
            }
            let stripped = unit.slice(..unit.len() - 2);
            let found = Response::parse(&stripped, &Dialect::default().with_encoding(encoding), &mut Deviations::new());
            prop_assert_eq!(found.as_ref(), Ok(&response), "the CRLF may be off");
        }
    }

    #[test]
    fn a_lenient_reader_understands_what_a_strict_one_does(unit in mutated()) {
        let (mut told, mut none) = (Deviations::new(), Deviations::new());
        let strict = Response::parse(&unit, &Dialect::default(), &mut none);
        let lenient = Response::parse(&unit, &Dialect::new(Leniency::LENIENT), &mut told);
        prop_assert!(none.is_empty());
        if strict.is_ok() {
            prop_assert!(told.is_empty(), "{:?} {}", told, unit.escape_ascii());
            prop_assert_eq!(&strict, &lenient);
        }
        let Ok(found) = lenient else { return Ok(()) };
        prop_assert!(strict.is_ok() || !told.is_empty(), "tolerated in silence: {}", unit.escape_ascii());
        let invalid = matches!(&found, Response::Untagged(Untagged::Fetch(fetch))
            if fetch.items.iter().any(|item| matches!(item, FetchItem::Invalid(_))));
        let again = written(&found, Encoding::ModifiedUtf7);
        prop_assert_eq!(first_unit(&again), again.len(), "{} from {}", again.escape_ascii(), unit.escape_ascii());
        if !invalid {
            let reread = Response::parse(&again, &Dialect::new(Leniency::LENIENT), &mut Deviations::new());
            prop_assert_eq!(reread.as_ref(), Ok(&found), "{} from {}", again.escape_ascii(), unit.escape_ascii());
        }
    }
}
