//! Command lines: known answers both ways, and what is taken against the grammar.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use smtp_proto::{
    Argument, Atrn, Auth, Bdat, Body, Burl, Chunk, ClientAttributes, ClientName, Command, CommandError,
    DeviationKind, Deviations, Etrn, ForwardPath, Leniency, Mail, Mailbox, Mechanism, OtherCommand, Queues,
    Rcpt, ReversePath, Secret, Told,
};
use test_support::heap::{self, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

fn parse(
    line: &'static [u8],
    leniency: Leniency,
) -> Result<(Command, Vec<(DeviationKind, usize)>), CommandError> {
    let mut deviations = Deviations::new();
    let command = Command::parse(Bytes::from_static(line), leniency, &mut deviations)?;
    Ok((command, deviations.iter().map(|deviation| (deviation.kind, deviation.offset)).collect()))
}

fn encoded(command: &Command) -> String {
    let mut wire = Vec::new();
    command.encode(&mut wire);
    String::from_utf8(wire).unwrap()
}

fn mailbox(text: &str) -> Mailbox {
    Mailbox::new(text).unwrap()
}

fn argument(text: &str) -> Argument {
    Argument::new(text).unwrap()
}

fn other(verb: &str, arguments: Option<&str>) -> Command {
    Command::Other(OtherCommand::new(verb, arguments.map(argument)).unwrap())
}

// covers rfc5321 2.3.7 command-lines
// covers rfc5321 4.1.1.2 mail-parameters-written
// covers rfc4954 4 initial-written
// covers rfc5321 4.5.5 null-path-written
// covers rfc5321 4.1.2 path-opened
// covers rfc5321 4.1.2 path-closed
// covers rfc5321 4.1.1.6 vrfy-argument
// covers rfc5321 4.1.1.7 expn-argument
// covers rfc5321 4.1.1.9 noop-argument
// covers rfc5321 4.1.1.8 help-argument
// covers rfc4954 4 no-initial
// covers rfc5321 4.1.1.1 hello-literal
// covers rfc3030 2 bdat
// covers rfc3030 2 last-optional
// covers rfc3030 2 last-written
// covers rfc1985 5 etrn
// covers rfc1985 5.3 any-queue
// covers rfc1985 5.3 subdomains
// covers rfc1985 5.3 at-sign-read
// covers rfc1985 5.3 number-sign-read
// covers rfc2645 5.2.1 atrn
// covers rfc2645 5.2.1 no-domains
// covers rfc2645 5.2.1 domain-list
// covers rfc4468 3.5 burl
#[test]
fn every_command_reads_and_writes_as_the_rfc_has_it() {
    let name = || ClientName::new("client.example.org").unwrap();
    let auth = |mechanism, initial: Option<&[u8]>| {
        Command::Auth(Auth { mechanism, initial: initial.map(Secret::copy_from) })
    };
    let etrn = |queues| Command::Etrn(Etrn::new(queues).unwrap());
    let url = "imap://ann@example.org/Sent;UIDVALIDITY=385759/;UID=20/;SECTION=1.2";
    let burl = |chunk| Command::Burl(Burl::new(url, chunk).unwrap());
    let client = |name, value| ClientAttributes::new(name, Told::Value(value)).unwrap();
    for (line, command) in [
        ("EHLO client.example.org", Command::Ehlo(name())),
        ("HELO client.example.org", Command::Helo(name())),
        ("LHLO client.example.org", Command::Lhlo(name())),
        ("EHLO [192.0.2.1]", Command::Ehlo(ClientName::from(std::net::Ipv4Addr::new(192, 0, 2, 1)))),
        ("MAIL FROM:<>", Command::Mail(Mail::new(ReversePath::Null))),
        ("MAIL FROM:<a@example.org>", Command::Mail(Mail::new(mailbox("a@example.org")))),
        (
            "MAIL FROM:<a@example.org> SIZE=12345 BODY=8BITMIME SMTPUTF8",
            Command::Mail(
                Mail::new(mailbox("a@example.org"))
                    .with_size(12345)
                    .with_body(Body::EightBitMime)
                    .with_smtputf8(),
            ),
        ),
        (
            "MAIL FROM:<SRS0=I7TD=ft=example.org=mailer@example.net>",
            Command::Mail(Mail::new(mailbox("SRS0=I7TD=ft=example.org=mailer@example.net"))),
        ),
        ("RCPT TO:<b@example.org>", Command::Rcpt(Rcpt::new(mailbox("b@example.org")))),
        ("RCPT TO:<Postmaster>", Command::Rcpt(Rcpt::new(ForwardPath::Postmaster))),
        ("RCPT TO:<Postmaster@example.org>", Command::Rcpt(Rcpt::new(mailbox("Postmaster@example.org")))),
        ("DATA", Command::Data),
        ("RSET", Command::Rset),
        ("NOOP", Command::Noop(None)),
        ("NOOP are you there", Command::Noop(Some(argument("are you there")))),
        ("VRFY Jane Doe", Command::Vrfy(argument("Jane Doe"))),
        ("VRFY jané SMTPUTF8", Command::Vrfy(argument("jané SMTPUTF8"))),
        ("EXPN staff", Command::Expn(argument("staff"))),
        ("HELP", Command::Help(None)),
        ("HELP MAIL", Command::Help(Some(argument("MAIL")))),
        ("QUIT", Command::Quit),
        ("STARTTLS", Command::StartTls),
        ("AUTH LOGIN", auth(Mechanism::LOGIN, None)),
        ("AUTH EXTERNAL =", auth(Mechanism::EXTERNAL, Some(b""))),
        ("AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", auth(Mechanism::PLAIN, Some(b"\0tim\0tanstaaftanstaaf"))),
        ("BDAT 1000", Command::Bdat(Bdat { length: 1000, chunk: Chunk::More })),
        ("BDAT 0 LAST", Command::Bdat(Bdat { length: 0, chunk: Chunk::Last })),
        ("BDAT 18446744073709551615 LAST", Command::Bdat(Bdat { length: u64::MAX, chunk: Chunk::Last })),
        ("ETRN example.org", etrn(Queues::Node("example.org"))),
        ("ETRN [192.0.2.1]", etrn(Queues::Node("[192.0.2.1]"))),
        ("ETRN @example.org", etrn(Queues::Subdomains("example.org"))),
        ("ETRN #uucp=a!b", etrn(Queues::Queue("uucp=a!b"))),
        ("ATRN", Command::Atrn(Atrn::all())),
        ("ATRN example.org,example.com", Command::Atrn(Atrn::new(["example.org", "example.com"]).unwrap())),
        ("BURL imap://ann@example.org/Sent;UIDVALIDITY=385759/;UID=20/;SECTION=1.2", burl(Chunk::More)),
        ("BURL imap://ann@example.org/Sent;UIDVALIDITY=385759/;UID=20/;SECTION=1.2 LAST", burl(Chunk::Last)),
        (
            "XCLIENT NAME=a ADDR=192.0.2.1",
            Command::XClient(client("NAME", "a").with_addr("192.0.2.1".parse().unwrap()).unwrap()),
        ),
        ("XCLIENT LOGIN=a+20b+2B+C3+A9", Command::XClient(client("LOGIN", "a b+é"))),
        ("XFORWARD SOURCE=LOCAL", Command::XForward(client("SOURCE", "LOCAL"))),
        ("XVERB x", other("XVERB", Some("x"))),
        ("GET / HTTP/1.1", other("GET", Some("/ HTTP/1.1"))),
        ("Host: mx.example.org", other("Host:", Some("mx.example.org"))),
    ] {
        let parsed = parse(line.as_bytes(), Leniency::STRICT).unwrap();
        assert_eq!(parsed, (command.clone(), vec![]), "{line}");
        assert_eq!(parse(line.as_bytes(), Leniency::LENIENT).unwrap(), parsed, "{line}");
        assert_eq!(encoded(&command), format!("{line}\r\n"));
    }
}

// covers rfc5321 4.1.1.2 from
// covers rfc5321 2.4 keywords-in-any-case
#[test]
fn verbs_and_keywords_are_read_in_any_case() {
    for (line, canonical) in [
        ("ehlo client.example.org", "EHLO client.example.org\r\n"),
        ("mail from:<a@b> size=5 Body=binarymime", "MAIL FROM:<a@b> size=5 Body=binarymime\r\n"),
        ("Rcpt To:<POSTMASTER>", "RCPT TO:<Postmaster>\r\n"),
        ("rSeT", "RSET\r\n"),
        ("auth plain", "AUTH PLAIN\r\n"),
        ("startTLS", "STARTTLS\r\n"),
        ("bdat 007 last", "BDAT 7 LAST\r\n"),
        ("atrn A.example", "ATRN A.example\r\n"),
        ("Burl HTTP://a last", "BURL HTTP://a LAST\r\n"),
        ("xClient Addr=ipv6:2001:DB8::1", "XCLIENT Addr=ipv6:2001:DB8::1\r\n"),
        ("XForward name=[unavailable]", "XFORWARD name=[unavailable]\r\n"),
        ("Etrn @Example.ORG", "ETRN @Example.ORG\r\n"),
    ] {
        let (command, deviations) = parse(line.as_bytes(), Leniency::STRICT).unwrap();
        assert_eq!((encoded(&command).as_str(), deviations), (canonical, vec![]));
    }
}

// covers rfc5321 4.1.1 trailing-space
#[test]
fn white_space_at_the_end_is_nothing_to_speak_of() {
    for line in
        [&b"QUIT \t "[..], b"DATA ", b"MAIL FROM:<a@b> ", b"EHLO a.example  ", b"NOOP ", b"AUTH LOGIN "]
    {
        let (command, deviations) = parse(line, Leniency::STRICT).unwrap();
        assert_eq!(
            encoded(&command).trim_end(),
            line.escape_ascii().to_string().trim_end_matches([' ', '\\', 't'])
        );
        assert_eq!(deviations, []);
    }
}

#[test]
fn a_command_that_keeps_nothing_of_its_line_does_not_hold_the_block_it_was_read_in() {
    for text in ["MAIL FROM:<>", "RCPT TO:<Postmaster>", "QUIT", "NOOP", "AUTH PLAIN AGEAYg==", "BDAT 7 LAST"]
    {
        let line = Bytes::from(text.as_bytes().to_vec());
        let command = Command::parse(&line, Leniency::STRICT, &mut Deviations::new()).unwrap();
        assert!(line.is_unique(), "{command:?}");
    }
}

#[test]
fn what_clients_send_against_the_grammar_is_taken_where_tolerated_and_told() {
    use DeviationKind::{
        ExtraSpaces, LongLocalPart, LooseDots, MissingClientName, OddClientName, PathWithoutBrackets,
        SpaceAfterColon, UnderscoreInDomain,
    };
    let long = concat!(
        "MAIL FROM:<bounce-12345678901234567890123456789012345678901234567890",
        "12345678@b.example>"
    );
    for (line, canonical, deviations) in [
        ("MAIL FROM: <a@b>", "MAIL FROM:<a@b>", &[(SpaceAfterColon, 10)][..]),
        ("RCPT TO:   <a@b>", "RCPT TO:<a@b>", &[(SpaceAfterColon, 8)]),
        ("MAIL FROM: <>", "MAIL FROM:<>", &[(SpaceAfterColon, 10)]),
        ("MAIL FROM:a@b", "MAIL FROM:<a@b>", &[(PathWithoutBrackets, 10)]),
        ("MAIL FROM:a@b SIZE=3", "MAIL FROM:<a@b> SIZE=3", &[(PathWithoutBrackets, 10)]),
        ("RCPT TO: a@b", "RCPT TO:<a@b>", &[(SpaceAfterColon, 8), (PathWithoutBrackets, 9)]),
        ("RCPT TO:postmaster", "RCPT TO:<Postmaster>", &[(PathWithoutBrackets, 8)]),
        ("MAIL  FROM:<a@b>", "MAIL FROM:<a@b>", &[(ExtraSpaces, 5)]),
        ("MAIL FROM:<a@b>  SIZE=3   X", "MAIL FROM:<a@b> SIZE=3 X", &[(ExtraSpaces, 16), (ExtraSpaces, 24)]),
        ("MAIL FROM:<a..b@c>", "MAIL FROM:<a..b@c>", &[(LooseDots, 13)]),
        ("MAIL FROM:<a.@c>", "MAIL FROM:<a.@c>", &[(LooseDots, 13)]),
        ("MAIL FROM:<.a@c>", "MAIL FROM:<.a@c>", &[(LooseDots, 11)]),
        (long, long, &[(LongLocalPart, 11)]),
        ("MAIL FROM:<a@b_c.example>", "MAIL FROM:<a@b_c.example>", &[(UnderscoreInDomain, 14)]),
        ("EHLO my_pc", "EHLO my_pc", &[(UnderscoreInDomain, 7)]),
        ("EHLO [IPV6:fe80::zz]", "EHLO [IPV6:fe80::zz]", &[(OddClientName, 5)]),
        ("EHLO FE80::1", "EHLO FE80::1", &[(OddClientName, 5)]),
        ("EHLO my pc", "EHLO my pc", &[(OddClientName, 5)]),
        ("EHLO my_own pc", "EHLO my_own pc", &[(OddClientName, 5)]),
        ("EHLO bücher.example", "EHLO bücher.example", &[(OddClientName, 5)]),
        ("BDAT  5   LAST", "BDAT 5 LAST", &[(ExtraSpaces, 5), (ExtraSpaces, 8)]),
        ("ETRN  @a_b.example", "ETRN @a_b.example", &[(ExtraSpaces, 5), (UnderscoreInDomain, 8)]),
        ("BURL  a:b  LAST", "BURL a:b LAST", &[(ExtraSpaces, 5), (ExtraSpaces, 10)]),
        ("ATRN a_b.example", "ATRN a_b.example", &[(UnderscoreInDomain, 6)]),
        ("XCLIENT NAME=a  PORT=1", "XCLIENT NAME=a PORT=1", &[(ExtraSpaces, 15)]),
        ("EHLO", "EHLO", &[(MissingClientName, 4)]),
        ("HELO ", "HELO", &[(MissingClientName, 4)]),
    ] {
        assert!(parse(line.as_bytes(), Leniency::STRICT).is_err(), "{line}");
        let (command, found) = parse(line.as_bytes(), Leniency::LENIENT).unwrap();
        assert_eq!((encoded(&command), found.as_slice()), (format!("{canonical}\r\n"), deviations), "{line}");
        // Each tolerance by itself: with it the line passes, without it it does not.
        let only = deviations.iter().fold(Leniency::STRICT, |leniency, (kind, _)| leniency.with(*kind));
        assert_eq!(parse(line.as_bytes(), only).unwrap().0, command, "{line}");
        for (kind, _) in deviations {
            assert!(parse(line.as_bytes(), only.without(*kind)).is_err(), "{line}");
        }
    }
}

#[test]
fn an_odd_client_name_does_not_begin_with_the_space_in_front_of_it() {
    let only = Leniency::STRICT.with(DeviationKind::OddClientName);
    assert!(parse(b"EHLO  my pc", only).is_err());
    let (command, _) = parse(b"EHLO  my pc", only.with(DeviationKind::ExtraSpaces)).unwrap();
    assert_eq!(encoded(&command), "EHLO my pc\r\n");
}

#[test]
fn a_link_local_address_in_any_case_is_a_good_client_name() {
    // The tag is a literal of the ABNF, and so of any case.
    let (command, deviations) = parse(b"EHLO [IPV6:fe80::1]", Leniency::STRICT).unwrap();
    let Command::Ehlo(name) = command else { panic!("{command:?}") };
    assert_eq!(name.domain().unwrap().to_string(), "[IPv6:fe80::1]");
    assert_eq!(deviations, []);
}

#[test]
fn an_odd_client_name_has_no_domain() {
    for (line, domain) in [
        (&b"EHLO my_pc"[..], Some("my_pc")),
        (b"EHLO my pc", None),
        (b"EHLO", None),
        (b"EHLO \xff\xfe", None),
    ] {
        let (command, _) = parse(line, Leniency::LENIENT).unwrap();
        let Command::Ehlo(name) = command else { panic!("{command:?}") };
        assert_eq!(name.domain().map(|domain| domain.to_string()).as_deref(), domain);
    }
}

#[test]
fn a_command_of_another_verb_is_none_that_there_is_a_variant_for() {
    for verb in ["data", "QUIT", "MaIl", "AUTH", "bdat", "Etrn", "atrn", "BURL", "xclient", "XForward"] {
        assert_eq!(
            OtherCommand::new(verb, None).unwrap_err().to_string(),
            format!("expected a command without a variant of its own at octet 0, found '{}'", &verb[..1])
        );
    }
    for verb in ["", "X Y", "X\r\nQUIT", "é"] {
        assert!(OtherCommand::new(verb, None).is_err(), "{verb:?}");
    }
}

#[test]
fn secrets_stay_out_of_debug() {
    let (command, _) = parse(b"AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", Leniency::STRICT).unwrap();
    assert_eq!(format!("{command:?}"), "Auth(Auth { mechanism: PLAIN, initial: Some(Secret(..)) })");
}

#[test]
fn ordinary_commands_and_refusals_take_nothing_from_the_heap() {
    for line in [
        &b"EHLO client.example.org"[..],
        b"MAIL FROM:<SRS0=I7TD=ft=example.org=mailer@example.net> SIZE=12345 BODY=8BITMIME",
        b"RCPT TO:<jane.doe@example.org> NOTIFY=NEVER",
        b"DATA",
        b"QUIT ",
        b"RCPT TO:<jane.doe>",
        b"MAIL FROM:a@b",
    ] {
        // As a framer hands it out: shared already.
        let line = bytes::BytesMut::from(&[line, b"\r\n"].concat()[..]).split_to(line.len()).freeze();
        let mut deviations = Deviations::new();
        let (allocations, _) = heap::allocations(|| Command::parse(&line, Leniency::STRICT, &mut deviations));
        assert_eq!(allocations, 0, "{line:?}");
    }
}

#[test]
fn values_are_narrow() {
    assert!(size_of::<Mailbox>() <= 40);
    assert!(size_of::<Command>() <= 96, "{}", size_of::<Command>());
    assert!(size_of::<Result<Command, CommandError>>() <= 96);
}
