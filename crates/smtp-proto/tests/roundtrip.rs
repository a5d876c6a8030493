//! What holds for all values and all lines: what is written reads back equal, one value stays one line, and a
//! looser connection understands what a stricter one does.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use proptest::prelude::*;
use smtp_proto::{
    Argument, Atrn, Auth, Bdat, Body, Burl, Capabilities, Chunk, ClientAttributes, ClientName, Code, Command,
    DeviationKind, Deviations, EnhancedCode, Etrn, Extension, ForwardPath, Leniency, Mail, Mailbox,
    Mechanism, OtherCommand, Queues, Rcpt, Reply, ReplyReader, ReversePath, Secret, Submitter, Text, Told,
    xtext,
};

fn mailbox() -> impl Strategy<Value = Mailbox> {
    let local = prop_oneof![
        "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\\.[a-z0-9+=é用-]{1,6}){0,3}",
        r#""([ !#-\[\]-~é]|\\[ -~]){0,20}""#,
    ];
    let domain = prop_oneof![
        4 => "[a-zA-Z0-9]([a-z0-9-]{0,6}[a-z0-9])?(\\.[a-z0-9é例]([a-z0-9-]{0,6}[a-z0-9é])?){0,4}",
        1 => any::<std::net::Ipv4Addr>().prop_map(|address| format!("[{address}]")),
        1 => any::<std::net::Ipv6Addr>().prop_map(|address| format!("[IPv6:{address}]")),
        1 => "\\[x[a-z0-9]{1,5}:[!-Z^-~]{1,12}\\]",
    ];
    (local, domain).prop_map(|(local, domain)| Mailbox::new(&format!("{local}@{domain}")).unwrap())
}

fn reverse_path() -> impl Strategy<Value = ReversePath> {
    prop_oneof![
        1 => Just(ReversePath::Null),
        4 => mailbox().prop_map(ReversePath::from),
        1 => mailbox().prop_map(|mailbox| format!("<@a.example,@b.example:{mailbox}>").parse().unwrap()),
    ]
}

fn forward_path() -> impl Strategy<Value = ForwardPath> {
    prop_oneof![1 => Just(ForwardPath::Postmaster), 4 => mailbox().prop_map(ForwardPath::from)]
}

fn client_name() -> impl Strategy<Value = ClientName> {
    prop_oneof![
        "[a-z0-9]{1,8}(\\.[a-z0-9]{1,8}){0,3}".prop_map(|name| ClientName::new(&name).unwrap()),
        any::<std::net::IpAddr>().prop_map(ClientName::from),
    ]
}

fn argument() -> impl Strategy<Value = Argument> {
    "[!-~é]([ \t!-~é]{0,20}[!-~é])?".prop_map(|text| Argument::new(&text).unwrap())
}

fn mail() -> impl Strategy<Value = Mail> {
    let body = prop_oneof![Just(Body::SevenBit), Just(Body::EightBitMime), Just(Body::BinaryMime)];
    let submitter = prop_oneof![Just(Submitter::Unknown), mailbox().prop_map(Submitter::Mailbox)];
    let others = prop::collection::btree_map("X[A-Z0-9-]{0,20}", prop::option::of("[!-<>-~é]{1,9}"), 0..4);
    let typed =
        (prop::option::of(any::<u64>()), prop::option::of(body), any::<bool>(), prop::option::of(submitter));
    (reverse_path(), others, typed).prop_map(|(from, others, (size, body, utf8, submitter))| {
        let mut mail = Mail::new(from);
        for (keyword, value) in others {
            mail = mail.with(&keyword, value.as_deref()).unwrap();
        }
        if let Some(size) = size {
            mail = mail.with_size(size);
            assert_eq!(mail.parameters().size(), Some(size));
        }
        if let Some(body) = body {
            mail = mail.with_body(body);
            assert_eq!(mail.parameters().body(), Some(body));
        }
        if utf8 {
            mail = mail.with_smtputf8();
        }
        if let Some(submitter) = submitter {
            mail = mail.with_auth(&submitter);
            assert_eq!(mail.parameters().auth(), Some(submitter));
        }
        mail
    })
}

fn command() -> impl Strategy<Value = Command> {
    let initial = prop::option::of(prop::collection::vec(any::<u8>(), 0..40));
    prop_oneof![
        client_name().prop_map(Command::Ehlo),
        client_name().prop_map(Command::Helo),
        client_name().prop_map(Command::Lhlo),
        mail().prop_map(Command::Mail),
        forward_path().prop_map(|to| Command::Rcpt(Rcpt::new(to))),
        prop::option::of(argument()).prop_map(Command::Noop),
        prop::option::of(argument()).prop_map(Command::Help),
        argument().prop_map(Command::Vrfy),
        argument().prop_map(Command::Expn),
        prop::sample::select(vec![Command::Data, Command::Rset, Command::Quit, Command::StartTls]),
        ("[A-Z0-9_-]{1,20}", initial).prop_map(|(mechanism, initial)| {
            Command::Auth(Auth { mechanism: mechanism.parse().unwrap(), initial: initial.map(Secret::from) })
        }),
        (any::<u64>(), prop::sample::select(vec![Chunk::More, Chunk::Last]))
            .prop_map(|(length, chunk)| Command::Bdat(Bdat { length, chunk })),
        etrn().prop_map(Command::Etrn),
        prop::collection::vec("[a-z0-9]{1,8}(\\.[a-z0-9]{1,8}){1,3}", 0..4)
            .prop_map(|domains| Command::Atrn(Atrn::new(domains.iter().map(String::as_str)).unwrap())),
        ("[a-z][a-z0-9+.-]{0,5}:[a-zA-Z0-9%:/?@!$&'()*+,;=._~-]{1,40}", any::<bool>()).prop_map(
            |(url, last)| {
                Command::Burl(Burl::new(&url, if last { Chunk::Last } else { Chunk::More }).unwrap())
            }
        ),
        attributes().prop_map(Command::XClient),
        attributes().prop_map(Command::XForward),
        ("X[!-~]{0,20}", prop::option::of(argument()))
            .prop_map(|(verb, arguments)| Command::Other(OtherCommand::new(&verb, arguments).unwrap())),
    ]
}

fn etrn() -> impl Strategy<Value = Etrn> {
    ("[a-z0-9]{1,8}(\\.[a-z0-9]{1,8}){0,3}", "[!-~]{1,20}", 0..3_u8).prop_map(|(name, queue, option)| {
        let queues = match option {
            0 => Queues::Node(&name),
            1 => Queues::Subdomains(&name),
            _ => Queues::Queue(&queue),
        };
        let etrn = Etrn::new(queues).unwrap();
        assert_eq!(etrn.queues(), queues);
        etrn
    })
}

fn attributes() -> impl Strategy<Value = ClientAttributes> {
    let texts = prop::collection::btree_map("X[A-Z0-9-]{0,9}", prop::option::of("[!-Z^-~ é=+]{1,20}"), 1..4);
    (texts, prop::option::of(any::<std::net::IpAddr>()), prop::option::of(any::<u16>())).prop_map(
        |(texts, addr, port)| {
            let first = ClientAttributes::new("NAME", Told::TempUnavailable).unwrap();
            let mut client = texts.iter().fold(first, |client, (name, value)| {
                let value = value.as_deref().map_or(Told::Unavailable, Told::Value);
                client.with(name, value).unwrap()
            });
            for (name, value) in &texts {
                let value =
                    value.clone().map_or(Told::Unavailable, |value| Told::Value(Text::new(value).unwrap()));
                assert_eq!(client.value(name), Some(value));
            }
            if let Some(addr) = addr {
                client = client.with_addr(addr).unwrap();
                assert_eq!(client.addr(), Some(Told::Value(addr)));
            }
            if let Some(port) = port {
                client = client.with("PORT", Told::Value(&port.to_string())).unwrap();
                assert_eq!(client.port(), Some(Told::Value(port)));
            }
            client
        },
    )
}

fn leniency() -> impl Strategy<Value = Leniency> {
    use DeviationKind as Kind;
    let all = vec![
        Kind::SpaceAfterColon,
        Kind::ExtraSpaces,
        Kind::PathWithoutBrackets,
        Kind::LooseDots,
        Kind::LongLocalPart,
        Kind::UnderscoreInDomain,
        Kind::OddClientName,
        Kind::MissingClientName,
        Kind::AuthEquals,
        Kind::OddCapability,
        Kind::CodesDiffer,
        Kind::MissingCode,
        Kind::OddCode,
        Kind::TextCharset,
    ];
    prop::sample::subsequence(all, 0..=14)
        .prop_map(|kinds| kinds.into_iter().fold(Leniency::STRICT, Leniency::with))
}

/// A line that is nearly a command.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let interesting = prop::sample::select(b" <>@:.,\"\\[]=-_+a1\t\xc3\xa9\xff\x01".to_vec());
    let seed = prop_oneof![
        4 => command().prop_map(|command| {
            let mut line = Vec::new();
            command.encode(&mut line);
            line.truncate(line.len() - 2);
            line
        }),
        1 => prop::sample::select(vec![
            &b"MAIL FROM: <a@b>"[..], b"RCPT TO:a.@b_c  X", b"EHLO", b"EHLO my_own pc", b"BDAT 86 LAST", b"ETRN #a", b"ATRN a.b,c.d", b"BURL a:b LAST", b"XCLIENT ADDR=IPV6:::1  NAME=+2B", b"MAIL FROM:a..b@c SIZE=1",
        ])
        .prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, interesting), 0..4);
    (seed, edits).prop_map(|(mut line, edits)| {
        for (at, edit, octet) in edits {
            let at = at.index(line.len() + 1);
            match edit {
                0 => line.insert(at, octet),
                1 if at < line.len() => line[at] = octet,
                _ if at < line.len() => drop(line.remove(at)),
                _ => {}
            }
        }
        line
    })
}

fn encoded(command: &Command) -> Vec<u8> {
    let mut wire = Vec::new();
    command.encode(&mut wire);
    wire
}

/// Reads what was written, with the proof that it is one line.
fn reread(wire: &[u8], leniency: Leniency) -> (Command, Deviations) {
    let line = wire.strip_suffix(b"\r\n").unwrap();
    assert!(!line.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)), "{}", wire.escape_ascii());
    let mut deviations = Deviations::new();
    let command = Command::parse(Bytes::copy_from_slice(line), leniency, &mut deviations);
    (command.unwrap_or_else(|e| panic!("{}: {e}", line.escape_ascii())), deviations)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_command_reads_back_as_it_was_written(command in command()) {
        let wire = encoded(&command);
        let (found, deviations) = reread(&wire, Leniency::STRICT);
        prop_assert_eq!(&found, &command);
        prop_assert!(deviations.is_empty());
        prop_assert_eq!(encoded(&found), wire);
    }

    #[test]
    fn what_a_line_means_is_written_and_means_the_same(line in line()) {
        if let Ok(command) = Command::parse(Bytes::from(line), Leniency::LENIENT, &mut Deviations::new()) {
            let (found, _) = reread(&encoded(&command), Leniency::LENIENT);
            prop_assert_eq!(found, command);
        }
    }

    #[test]
    fn a_looser_connection_understands_what_a_stricter_one_does(line in line(), some in leniency(), more in leniency()) {
        let line = Bytes::from(line);
        let read = |leniency| {
            let mut deviations = Deviations::new();
            Command::parse(&line, leniency, &mut deviations).map(|command| (command, deviations))
        };
        if let Ok((command, deviations)) = read(Leniency::STRICT) {
            prop_assert!(deviations.is_empty());
            prop_assert_eq!(&read(some).unwrap(), &(command, deviations));
        }
        if let Ok((command, deviations)) = read(some) {
            prop_assert!(deviations.iter().all(|deviation| some.tolerates(deviation.kind)));
            let both = [more, Leniency::LENIENT].map(|looser| {
                let joined = deviations.iter().fold(looser, |looser, found| looser.with(found.kind));
                read(joined).map(|(command, _)| command)
            });
            prop_assert_eq!(&both[0], &Ok(command));
            prop_assert_eq!(&both[0], &both[1]);
        }
    }

    #[test]
    fn no_string_makes_two_lines_of_a_command(one in any::<String>(), two in any::<String>(), three in "[\r\n\0 =<>@:\"\\\\a-c]{0,8}") {
        let mut commands = vec![];
        for text in [&one, &two, &three] {
            commands.extend(ClientName::new(text).map(Command::Ehlo));
            commands.extend(Mailbox::new(text).map(|mailbox| Command::Mail(Mail::new(mailbox))));
            commands.extend(text.parse::<ReversePath>().map(|path| Command::Mail(Mail::new(path))));
            commands.extend(text.parse::<ForwardPath>().map(|path| Command::Rcpt(Rcpt::new(path))));
            commands.extend(Argument::new(text).map(Command::Vrfy));
            commands.extend([Queues::Node(text), Queues::Subdomains(text), Queues::Queue(text)].into_iter().filter_map(|queues| Etrn::new(queues).ok().map(Command::Etrn)));
            commands.extend(Atrn::new([text.as_str(), two.as_str()]).map(Command::Atrn));
            commands.extend(Burl::new(text, Chunk::Last).map(Command::Burl));
            commands.extend(ClientAttributes::new(text, Told::Value(&two)).map(Command::XClient));
            commands.extend(ClientAttributes::new("LOGIN", Told::Value(text)).map(Command::XForward));
            commands.extend(OtherCommand::new(text, None).map(Command::Other));
            commands.extend(text.parse::<Mechanism>().map(|mechanism| {
                Command::Auth(Auth { mechanism, initial: Some(Secret::copy_from(one.as_bytes())) })
            }));
        }
        commands.extend(Mail::new(ReversePath::Null).with(&three, Some(&two)).map(Command::Mail));
        for command in commands {
            prop_assert_eq!(reread(&encoded(&command), Leniency::STRICT).0, command);
        }
    }

    #[test]
    fn canonical_mailboxes_are_their_own(mailbox in mailbox()) {
        let canonical = mailbox.canonical();
        let again = Mailbox::new(canonical.as_str()).unwrap();
        prop_assert_eq!(again.local_part_unquoted(), mailbox.local_part_unquoted());
        prop_assert_eq!(again.canonical(), canonical);
    }

    #[test]
    fn xtext_carries_any_text(octets in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut value = Vec::new();
        xtext::encode(&octets, &mut value);
        prop_assert!(value.iter().all(|octet| octet.is_ascii_graphic() && *octet != b'='));
        match Text::new(octets) {
            Ok(text) => prop_assert_eq!(xtext::decode(&value).unwrap(), text),
            Err(_) => prop_assert!(xtext::decode(&value).is_err()),
        }
    }

    #[test]
    fn a_reply_reads_back_as_it_was_written(
        code in (2..=5_u16, 0..=5_u16, 0..=9_u16).prop_map(|(a, b, c)| Code::new(a * 100 + b * 10 + c).unwrap()),
        enhanced in prop::option::of((0..=999_u16, 0..=999_u16)),
        lines in prop::collection::vec(prop_oneof![
            "([245]\\.[0-9]{1,3}\\.[0-9]{1,4}( |))?[ -~é\t]{0,30}",
            "[a-zé 5.]{400,1200}",
        ], 0..5),
    ) {
        let texts = lines.iter().map(|line| Text::try_from(line.as_str()).unwrap());
        let mut replies = vec![Reply::from_lines(code, texts.clone())];
        if let (Some((subject, detail)), Some(text)) = (enhanced, texts.clone().next()) {
            let parsed = format!("{}.{subject}.{detail}", code.as_u16() / 100).parse::<EnhancedCode>();
            replies.extend(parsed.ok().map(|enhanced| Reply::with_enhanced(code, enhanced, text).unwrap()));
        }
        for reply in replies {
            let mut wire = Vec::new();
            reply.encode(&mut wire);
            let (mut reader, mut deviations) = (ReplyReader::new(usize::MAX), Deviations::new());
            let mut found = None;
            for line in wire.split_inclusive(|octet| *octet == b'\n') {
                prop_assert!(line.len() <= 512 && found.is_none());
                let line = Bytes::copy_from_slice(line.strip_suffix(b"\r\n").unwrap());
                found = reader.push(line, Leniency::STRICT, &mut deviations).unwrap();
            }
            prop_assert_eq!(found, Some(reply));
            prop_assert!(deviations.is_empty());
        }
    }

    #[test]
    fn an_offer_reads_back_as_it_was_written(
        known in prop::sample::subsequence(Extension::ALL, 0..=Extension::ALL.len()),
        size in prop::option::of(any::<u64>()),
        mechanisms in prop::collection::vec("[A-Z0-9_-]{1,20}", 0..6),
        others in prop::collection::vec("[A-Z0-9][A-Z0-9-]{0,9}( [!-~]{1,9}){0,3}", 0..4),
    ) {
        let mut offer = known.into_iter().fold(Capabilities::new(), Capabilities::with);
        offer = size.into_iter().fold(offer, Capabilities::with_size);
        offer = offer.with_auth(mechanisms.iter().map(|name| name.parse().unwrap()));
        offer = others.iter().fold(offer, |offer, line| offer.clone().with_line(line).unwrap_or(offer));
        let mut wire = Vec::new();
        offer.reply(&Text::from_static("mx.example.org")).encode(&mut wire);
        let (mut reader, mut deviations) = (ReplyReader::new(usize::MAX), Deviations::new());
        let lines = wire.split_inclusive(|octet| *octet == b'\n').map(|line| Bytes::copy_from_slice(&line[..line.len() - 2]));
        let reply = lines.filter_map(|line| reader.push(line, Leniency::STRICT, &mut deviations).unwrap()).last().unwrap();
        prop_assert_eq!(Capabilities::parse(&reply, Leniency::STRICT, &mut deviations).unwrap(), offer);
        prop_assert!(deviations.is_empty());
    }

    #[test]
    fn looser_clients_understand_what_stricter_ones_do(
        lines in prop::collection::vec("(250|251|290|)([- ]|)(AUTH|SIZE|DSN|X|5\\.1\\.1|)([ =.é_a-c0-9]{0,6})", 1..4),
        some in leniency(),
        octet in prop::option::of(0x80..=0xff_u8),
    ) {
        type Read = (Vec<Option<Reply>>, Vec<Result<Capabilities, smtp_proto::ParseError>>, Deviations);
        let read = |leniency| -> Result<Read, smtp_proto::ReplyError> {
            let (mut reader, mut deviations) = (ReplyReader::new(4096), Deviations::new());
            let mut replies = vec![];
            for line in &lines {
                let line = line.bytes().chain(octet).collect::<Vec<u8>>();
                replies.push(reader.push(Bytes::from(line), leniency, &mut deviations)?);
            }
            let offers = replies.iter().flatten().map(|reply| Capabilities::parse(reply, leniency, &mut deviations)).collect();
            Ok((replies, offers, deviations))
        };
        let loose = read(Leniency::LENIENT);
        if let Ok((replies, offers, deviations)) = read(some) {
            let (loose_replies, loose_offers, loose_deviations) = loose.unwrap();
            prop_assert_eq!(replies, loose_replies);
            // A line that was kept as it came may be understood where more is tolerated.
            let kept = deviations.iter().any(|deviation| deviation.kind == DeviationKind::OddCapability);
            for (offer, loose) in offers.iter().zip(loose_offers) {
                prop_assert!(offer.is_err() || kept || *offer == loose, "{offer:?} {loose:?}");
            }
            if some == Leniency::STRICT && offers.iter().all(Result::is_ok) {
                prop_assert!(deviations.is_empty() && loose_deviations.is_empty());
            }
        }
    }
}
