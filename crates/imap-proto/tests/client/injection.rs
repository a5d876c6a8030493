//! Whatever strings a caller passes, one command is one command on the wire.
use crate::common::*;
use bytes::{Buf, BytesMut};
use imap_proto::{
    frame::{Framed, Framer, NonSynchronising, Rules},
    *,
};
use proptest::{prelude::*, test_runner::RngSeed};

/// Strings that would like to be something else.
fn odd() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\n".to_owned()),
        Just("\r\nA9 LOGOUT\r\n".to_owned()),
        Just("{3}\r\n".to_owned()),
        Just("{3+}".to_owned()),
        Just("\" \"".to_owned()),
        Just("\\".to_owned()),
        Just("%*(){}[]".to_owned()),
        Just("NIL".to_owned()),
        Just("&-".to_owned()),
        "[ -~]{0,6}",
        "\\PC{0,3}",
        "[\\x01-\\x1f\\x7f]{1,2}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn command() -> impl Strategy<Value = Command> {
    let name = || odd().prop_filter_map("no name", |name| MailboxName::new(&name).ok());
    let string = || odd().prop_filter_map("no string", |text| AString::try_from(text.as_str()).ok());
    let message = prop::collection::vec(any::<u8>(), 0..20).prop_map(|octets| {
        AppendMessage::new(MessageData::Whole(octets.into_iter().filter(|o| *o != 0).collect()))
    });
    prop_oneof![
        (odd(), odd())
            .prop_filter_map("NUL", |(name, password)| Login::new(&name, &password).ok().map(Command::Login)),
        name().prop_map(Command::Select),
        name().prop_map(Command::Create),
        (name(), name()).prop_map(|(from, to)| Command::Rename(Rename { from, to })),
        (name(), name()).prop_map(|(reference, pattern)| Command::List(List { reference, pattern })),
        (name(), message).prop_map(|(name, message)| Command::Append(Box::new(Append::new(name, message)))),
        (string(), string()).prop_map(|(one, other)| {
            let keys = vec![SearchKey::Subject(one), SearchKey::Not(Box::new(SearchKey::Body(other)))];
            Command::Search(Box::new(Search::new(Numbering::Uid, keys)))
        }),
        (string(), string()).prop_map(|(name, value)| {
            let key = SearchKey::Header(Box::new(HeaderKey { name, value }));
            Command::Search(Box::new(Search::new(Numbering::Sequence, vec![key])))
        }),
        odd().prop_filter_map("no arguments", |text| {
            OtherCommand::new("XTEST", text.into_bytes()).ok().map(Command::Other)
        }),
    ]
}

/// What the machine says of a command, its literals answered by `+` as long as it waits.
fn said(command: &Command, offers: &str) -> Vec<u8> {
    let mut session = match command {
        Command::Login(_) => Session::greeted(open(), offers),
        Command::Search(_) => Session::selected(open(), offers, 3),
        _ => Session::authenticated(open(), offers),
    };
    session.sends(command.clone());
    let mut said = Vec::new();
    for _ in 0..10 {
        let transmit = session.client.transmit();
        said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
        if session.client.transmit().unsent() == 0 {
            return said;
        }
        assert!(said.ends_with(b"}\r\n"), "it waits without having announced a literal");
        assert_eq!(session.hears("+ go\r\n"), Vec::<String>::new());
    }
    panic!("ten literals and no end");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, rng_seed: RngSeed::Fixed(3501), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_command_is_one_command(command in command(), offers in prop_oneof![Just(""), Just("LITERAL+"), Just("LITERAL-")]) {
        let said = said(&command, offers);
        let mut rules = Rules::server();
        rules.non_synchronising = NonSynchronising::Plus;
        let (mut framer, mut input) = (Framer::new(rules), BytesMut::from(&said[..]));
        let end = loop {
            match framer.next(&mut input).unwrap() {
                Framed::Waits(_) => {}
                Framed::End(end) => break end,
                other => panic!("{other:?} in {}", said.escape_ascii()),
            }
        };
        prop_assert_eq!(end, said.len(), "something stands behind: {}", said.escape_ascii());
        let unit = input.split_to(end - 2).freeze();
        let (_, read) = Command::parse(&unit, &Dialect::default(), &mut Deviations::new())
            .unwrap_or_else(|error| panic!("{error}: {}", said.escape_ascii()));
        prop_assert_eq!(read, command);
    }
}
