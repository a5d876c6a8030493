//! What can be built can be encoded, is one line, and is parsed as what it was.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use bytes::Bytes;
use mail_wire::sasl;
use pop3_proto::{
    Capability, Charset, Command, Digest, DropListing, Implementation, Language, LanguageRange, LanguageTag,
    Leniency, Mechanism, Mechanisms, MessageNumber, Name, Password, Reply, ReplyText, Response, ResponseCode,
    Retention, ScanListing, Scope, Secret, Status, Text, UniqueId, UniqueIdListing,
};
use proptest::prelude::*;

/// The one line that was written, without its CRLF.
fn line(encoded: Vec<u8>) -> Bytes {
    let text = encoded.strip_suffix(b"\r\n").expect("a line ends in CRLF");
    assert!(!text.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)), "{}", text.escape_ascii());
    Bytes::copy_from_slice(text)
}

/// Octets of a line, at least one.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(
        any::<u8>().prop_filter("ends a line", |octet| !matches!(octet, b'\r' | b'\n' | 0)),
        1..40,
    )
}

fn message() -> impl Strategy<Value = MessageNumber> {
    (1..=u32::MAX).prop_filter_map("no number", MessageNumber::new)
}

fn mechanism() -> impl Strategy<Value = Mechanism> {
    "[A-Za-z0-9_-]{1,20}".prop_map(|name| Mechanism::new(&name).unwrap())
}

fn command() -> impl Strategy<Value = Command> {
    let secret = || prop::option::of(prop::collection::vec(any::<u8>(), 0..40));
    prop_oneof![
        octets().prop_map(|name| Command::User(Name::new(name).unwrap())),
        octets().prop_map(|password| Command::Pass(Password::new(&password).unwrap())),
        (mechanism(), secret())
            .prop_map(|(mechanism, initial)| Command::Auth { mechanism, initial: initial.map(Secret::from) }),
        prop::option::of(message()).prop_map(Command::List),
        prop::option::of(message()).prop_map(Command::Uidl),
        message().prop_map(Command::Retr),
        (message(), any::<u64>()).prop_map(|(message, lines)| Command::Top { message, lines }),
        message().prop_map(Command::Dele),
        Just(Command::Capa),
        Just(Command::Stls),
        Just(Command::AuthList),
        Just(Command::Stat),
        Just(Command::Noop),
        Just(Command::Rset),
        Just(Command::Quit),
        Just(Command::Utf8),
        (octets(), any::<[u8; 16]>()).prop_map(|(name, md5)| Command::Apop {
            name: Name::new(name).unwrap(),
            digest: Digest::from_octets(md5),
        }),
        prop::option::of(prop_oneof![Just(LanguageRange::Any), tag().prop_map(LanguageRange::Tag)])
            .prop_map(Command::Lang),
        // What is not known can be made by parsing alone.
        ("x[!-~]{0,20}", prop::option::of(octets())).prop_map(|(keyword, arguments)| {
            let arguments = arguments.map_or(Vec::new(), |arguments| [b" ".to_vec(), arguments].concat());
            Command::parse(&[keyword.into_bytes(), arguments].concat().into()).unwrap()
        }),
    ]
}

fn tag() -> impl Strategy<Value = LanguageTag> {
    "[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,3}".prop_map(|tag| LanguageTag::new(tag).unwrap())
}

fn code() -> impl Strategy<Value = ResponseCode> {
    prop_oneof![
        Just(ResponseCode::LoginDelay),
        Just(ResponseCode::InUse),
        Just(ResponseCode::SysTemp),
        Just(ResponseCode::SysPerm),
        Just(ResponseCode::Auth),
        Just(ResponseCode::Utf8),
        "[!-.0-\\\\^-~]{1,9}(/[!-.0-\\\\^-~]{1,9}){0,3}"
            .prop_map(|name| ResponseCode::parse(&Bytes::from(name)).unwrap()),
    ]
}

fn reply_text() -> impl Strategy<Value = ReplyText> {
    let words = || prop_oneof![octets(), Just(Vec::new()), Just(b"[x".to_vec()), Just(b" x".to_vec())];
    prop_oneof![
        words().prop_filter_map("reads as a code", |words| ReplyText::new(words).ok()),
        (code(), words()).prop_map(|(code, words)| ReplyText::with_code(code, words).unwrap()),
    ]
}

fn capability() -> impl Strategy<Value = Capability> {
    let scope = || prop_oneof![Just(Scope::Everyone), Just(Scope::User)];
    let retention = prop_oneof![any::<u64>().prop_map(Retention::Days), Just(Retention::Never)];
    prop_oneof![
        Just(Capability::Top),
        Just(Capability::User),
        Just(Capability::RespCodes),
        Just(Capability::AuthRespCode),
        Just(Capability::Pipelining),
        Just(Capability::Uidl),
        Just(Capability::Stls),
        Just(Capability::Lang),
        prop_oneof![Just(Charset::Ascii), Just(Charset::Utf8)].prop_map(Capability::Utf8),
        prop::collection::vec(mechanism(), 0..20)
            .prop_map(|mechanisms| Capability::Sasl(Mechanisms::new(mechanisms).unwrap())),
        (any::<u64>(), scope()).prop_map(|(seconds, scope)| Capability::LoginDelay { seconds, scope }),
        (retention, scope()).prop_map(|(retention, scope)| Capability::Expire { retention, scope }),
        octets().prop_map(|text| {
            Capability::Implementation(Implementation::new(Text::new(text).unwrap()).unwrap())
        }),
        ("[!-\\-/-~]{1,20}", prop::option::of(octets())).prop_map(|(tag, arguments)| {
            let arguments = arguments.map_or(Vec::new(), |arguments| [b" ".to_vec(), arguments].concat());
            Capability::parse(&[tag.into_bytes(), arguments].concat().into()).unwrap()
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    // covers rfc1939 3 command-crlf
    // covers rfc5034 4 initial-response-sent
    // covers rfc1939 7 top-lines-sent
    // covers rfc1939 7 apop-digest-sent
    #[test]
    fn commands(command in command()) {
        let mut out = Vec::new();
        command.encode(&mut out);
        let line = line(out);
        prop_assert_eq!(Command::parse(&line).unwrap(), command.clone());
        prop_assert_eq!(Command::parse_lenient(&line, Leniency::LENIENT).unwrap(), (command, None));
    }

    // covers rfc1939 3 status-space
    // covers rfc2449 8 code-sent
    // covers rfc2449 8.1.1 login-delay-code
    // covers rfc2449 8.1.2 in-use-code
    // covers rfc3206 4 sys-temp
    // covers rfc3206 4 sys-perm
    // covers rfc3206 5 auth-code
    // covers rfc6856 5 utf8-code
    #[test]
    fn replies(ok in any::<bool>(), text in reply_text()) {
        let reply = Reply { status: if ok { Status::Ok } else { Status::Err }, text };
        let mut out = Vec::new();
        reply.encode(&mut out);
        prop_assert!(out.len() <= 512);
        let line = line(out);
        prop_assert_eq!(Reply::parse(&line).unwrap(), reply.clone());
        prop_assert_eq!(Response::parse(&line).unwrap(), Response::Reply(reply));
    }

    #[test]
    fn challenges(octets in prop::collection::vec(any::<u8>(), 0..60)) {
        let challenge = Response::Challenge(Secret::from(octets));
        let mut out = Vec::new();
        challenge.encode(&mut out);
        prop_assert_eq!(Response::parse(&line(out)).unwrap(), challenge);
    }

    #[test]
    fn capabilities(capability in capability()) {
        let mut out = Vec::new();
        capability.encode(&mut out);
        prop_assert!(out.len() <= 512);
        prop_assert_eq!(Capability::parse(&line(out)).unwrap(), capability);
    }

    #[test]
    fn listings(message in message(), messages in any::<u32>(), octets in any::<u64>(), id in "[!-~]{1,70}",
        tag in tag(), words in prop::option::of(octets()),
    ) {
        let mut out = Vec::new();
        let scan = ScanListing { message, octets };
        scan.encode(&mut out);
        prop_assert_eq!(ScanListing::parse(&line(out)).unwrap(), scan);
        let mut out = Vec::new();
        let unique = UniqueIdListing { message, id: UniqueId::new(id).unwrap() };
        unique.encode(&mut out);
        prop_assert_eq!(UniqueIdListing::parse(&line(out)).unwrap(), unique);
        let mut out = Vec::new();
        let language = Language::new(tag, words.map(|words| Text::new(words).unwrap())).unwrap();
        language.encode(&mut out);
        prop_assert_eq!(Language::parse(&line(out)).unwrap(), language);
        let mut out = Vec::new();
        let all = DropListing { messages, octets };
        all.encode(&mut out);
        prop_assert_eq!(DropListing::parse(&out).unwrap(), all);
    }

    /// Whatever stands in a line: no panic, and what is taken is written as something that reads the same.
    #[test]
    fn any_line(octets in prop::collection::vec(any::<u8>(), 0..40), keyword in "(USER|PASS|AUTH|TOP|LIST|RETR|)") {
        let line = Bytes::from([keyword.into_bytes(), octets.clone()].concat());
        if let Ok((command, _)) = Command::parse_lenient(&line, Leniency::LENIENT) {
            let mut out = Vec::new();
            command.encode(&mut out);
            let text = Bytes::from(out.strip_suffix(b"\r\n").unwrap().to_vec());
            prop_assert_eq!(Command::parse(&text).unwrap(), command);
        }
        let _ = Response::parse(&line);
        let _ = Capability::parse(&line);
        let _ = DropListing::parse(&line);
        let _ = UniqueIdListing::parse_lenient(&line, Leniency::LENIENT);
        let _ = sasl::Response::parse(&octets);
    }
}
