//! Command lines: known answers both ways, and refusals word by word.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use smtp_proto::{
    Argument, Atrn, Auth, Bdat, Body, Burl, Chunk, ClientAttributes, ClientName, Code, Command, CommandError,
    DeviationKind, Deviations, Etrn, Fault, ForwardPath, Leniency, Mail, Mailbox, Mechanism, OtherCommand,
    Queues, Rcpt, ReversePath, Secret, Told,
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

// covers rfc5321 4.1.1.4 data-no-argument
// covers rfc5321 4.1.1.5 rset-no-argument
// covers rfc5321 4.1.1.10 quit-no-argument
// covers rfc3207 4 no-parameters
// covers rfc5321 4.1.2 bad-sender-501
// covers rfc5321 4.1.2 bad-recipient-501
// covers rfc4954 4 initial-not-base64
// covers rfc5321 4.1.2 path-in-brackets
// covers rfc5321 4.1.2 esmtp-keyword
// covers rfc5321 4.1.2 esmtp-value
// covers rfc6531 3.4 smtputf8-no-value
// covers rfc6152 2 body-values
// covers rfc1870 3 size-20-digits
// covers rfc4954 8 auth-mailbox
// covers rfc6531 3.3 utf8-parameter
// covers rfc3030 2 chunk-size
// covers rfc3030 2 end-marker
// covers rfc1985 5 fully-qualified
// covers rfc2645 5.2.1 two-labels
#[test]
fn a_refusal_says_where_and_what_and_which_codes_to_answer() {
    for (line, message, codes) in [
        (&b""[..], "bad command: expected a command at octet 0, found the end", (500, "5.5.2")),
        (b" NOOP", "bad command: expected a command at octet 0, found ' '", (500, "5.5.2")),
        (b"\x16\x03\x01\x02", "bad command: expected a command at octet 0, found '\\x16'", (500, "5.5.2")),
        (b"GET\t/", "bad command: expected a space at octet 3, found '\\t'", (500, "5.5.2")),
        (b"XFOO \xff", "bad command: expected UTF-8 at octet 5, found '\\xff'", (500, "5.5.2")),
        (b"DATA now", "bad argument: expected the end at octet 4, found ' '", (501, "5.5.4")),
        (b"QUIT x", "bad argument: expected the end at octet 4, found ' '", (501, "5.5.4")),
        (b"STARTTLS x", "bad argument: expected the end at octet 8, found ' '", (501, "5.5.4")),
        (b"RSET x", "bad argument: expected the end at octet 4, found ' '", (501, "5.5.4")),
        (b"VRFY", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"NOOP \x07", "bad argument: expected an argument at octet 5, found '\\x07'", (501, "5.5.4")),
        (b"MAIL", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"MAIL a@b", "bad argument: expected \"FROM:\" at octet 5, found 'a'", (501, "5.5.4")),
        (b"MAIL TO:<a@b>", "bad argument: expected \"FROM:\" at octet 5, found 'T'", (501, "5.5.4")),
        (b"MAIL FROM:", "bad sender address: expected '<' at octet 10, found the end", (501, "5.1.7")),
        (b"MAIL FROM:<a>", "bad sender address: expected '@' at octet 12, found '>'", (501, "5.1.7")),
        (b"MAIL FROM:<a@b", "bad sender address: expected '>' at octet 14, found the end", (501, "5.1.7")),
        (
            b"MAIL FROM:<Postmaster>",
            "bad sender address: expected '@' at octet 21, found '>'",
            (501, "5.1.7"),
        ),
        (b"RCPT TO:<>", "bad recipient address: expected a local part at octet 9, found '>'", (501, "5.1.3")),
        (b"RCPT TO:<a@b c>", "bad recipient address: expected '>' at octet 12, found ' '", (501, "5.1.3")),
        (
            b"RCPT TO:<a\xff@b>",
            "bad recipient address: expected UTF-8 at octet 10, found '\\xff'",
            (501, "5.1.3"),
        ),
        (b"MAIL FROM:<a@b>SIZE=1", "bad argument: expected a space at octet 15, found 'S'", (501, "5.5.4")),
        (b"MAIL FROM:<a@b> =1", "bad argument: expected a keyword at octet 16, found '='", (501, "5.5.4")),
        (b"MAIL FROM:<a@b> X=", "bad argument: expected a value at octet 18, found the end", (501, "5.5.4")),
        (b"MAIL FROM:<a@b> X=1=2", "bad argument: expected a space at octet 19, found '='", (501, "5.5.4")),
        (b"MAIL FROM:<a@b> SIZE", "bad argument: expected '=' at octet 20, found the end", (501, "5.5.4")),
        (
            b"MAIL FROM:<a@b> SIZE=18446744073709551616",
            "bad argument: expected a number below 2^64 at octet 21, found '1'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> SIZE=184467440737095516151",
            "bad argument: expected a number of at most 20 digits at octet 21, found '1'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> SIZE=-1",
            "bad argument: expected a number at octet 21, found '-'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> SIZE=1 X=2 size=3",
            "bad argument: expected each parameter only once at octet 27, found 's'",
            (501, "5.5.4"),
        ),
        (
            b"RCPT TO:<a@b> X-Foo x-fOO=2",
            "bad argument: expected each parameter only once at octet 20, found 'x'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> BODY=9BIT",
            "bad argument: expected 7BIT, 8BITMIME or BINARYMIME at octet 21, found '9'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> SMTPUTF8=yes",
            "bad argument: expected a space at octet 24, found '='",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> AUTH=jane",
            "bad argument: expected a mailbox as xtext, or \"<>\" at octet 21, found 'j'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> X=\xff",
            "bad argument: expected UTF-8 at octet 18, found '\\xff'",
            (501, "5.5.4"),
        ),
        (b"AUTH", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"AUTH PL/IN", "bad argument: expected a space at octet 7, found '/'", (501, "5.5.4")),
        (
            b"AUTH ABCDEFGHIJKLMNOPQRSTU",
            "bad argument: expected a mechanism of 1 to 20 letters, digits, '-' and '_' at octet 5, found 'A'",
            (501, "5.5.4"),
        ),
        (b"AUTH PLAIN YQ", "bad initial response: expected base64 at octet 11, found 'Y'", (501, "5.5.2")),
        (
            b"AUTH PLAIN YQ== x",
            "bad initial response: expected the end at octet 15, found ' '",
            (501, "5.5.2"),
        ),
        (b"BDAT", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"BDAT LAST", "bad argument: expected a number at octet 5, found 'L'", (501, "5.5.4")),
        (b"BDAT -1", "bad argument: expected a number at octet 5, found '-'", (501, "5.5.4")),
        (b"BDAT 0x10", "bad argument: expected a space at octet 6, found 'x'", (501, "5.5.4")),
        (b"BDAT 10LAST", "bad argument: expected a space at octet 7, found 'L'", (501, "5.5.4")),
        (b"BDAT 10 LAS", "bad argument: expected LAST at octet 8, found 'L'", (501, "5.5.4")),
        (b"BDAT 10 LAST 1", "bad argument: expected the end at octet 12, found ' '", (501, "5.5.4")),
        (b"BDAT 10 LASTLY", "bad argument: expected the end at octet 12, found 'L'", (501, "5.5.4")),
        (b"ETRN", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"ETRN @", "bad argument: expected a domain at octet 6, found the end", (501, "5.5.4")),
        (b"ETRN @[192.0.2.1]", "bad argument: expected a domain at octet 6, found '['", (501, "5.5.4")),
        (b"ETRN #", "bad argument: expected the name of a queue at octet 6, found the end", (501, "5.5.4")),
        (b"ETRN #a b", "bad argument: expected the end at octet 7, found ' '", (501, "5.5.4")),
        (b"ETRN a.example b", "bad argument: expected the end at octet 14, found ' '", (501, "5.5.4")),
        (b"ETRN &a", "bad argument: expected a domain at octet 5, found '&'", (501, "5.5.4")),
        (
            b"ETRN \xc3\xa9.example",
            "bad argument: expected a domain in ASCII at octet 5, found '\\xc3'",
            (501, "5.5.4"),
        ),
        (b"ATRN example", "bad argument: expected '.' at octet 12, found the end", (501, "5.5.4")),
        (b"ATRN a.example,", "bad argument: expected a domain at octet 15, found the end", (501, "5.5.4")),
        (
            b"ATRN a.example, b.example",
            "bad argument: expected a domain at octet 15, found ' '",
            (501, "5.5.4"),
        ),
        (b"ATRN [192.0.2.1]", "bad argument: expected a domain at octet 5, found '['", (501, "5.5.4")),
        (
            b"ATRN \xc3\xa9.example",
            "bad argument: expected a domain in ASCII at octet 5, found '\\xc3'",
            (501, "5.5.4"),
        ),
        (b"BURL", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"BURL LAST", "bad argument: expected ':' at octet 9, found the end", (501, "5.5.4")),
        (b"BURL //a/b", "bad argument: expected a URL at octet 5, found '/'", (501, "5.5.4")),
        (
            b"BURL imap:",
            "bad argument: expected what the URL names at octet 10, found the end",
            (501, "5.5.4"),
        ),
        (b"BURL imap://a#b", "bad argument: expected a space at octet 13, found '#'", (501, "5.5.4")),
        (b"BURL imap://a b", "bad argument: expected LAST at octet 14, found 'b'", (501, "5.5.4")),
        (b"XCLIENT", "bad argument: expected a space at octet 7, found the end", (501, "5.5.4")),
        (b"XCLIENT NAME", "bad argument: expected '=' at octet 12, found the end", (501, "5.5.4")),
        (b"XCLIENT NAME=", "bad argument: expected a value at octet 13, found the end", (501, "5.5.4")),
        (b"XCLIENT NAME=a+0", "bad argument: expected xtext at octet 13, found 'a'", (501, "5.5.4")),
        (b"XCLIENT NAME=a+0D+0AQUIT", "bad argument: expected xtext at octet 13, found 'a'", (501, "5.5.4")),
        (b"XCLIENT NAME=+FF", "bad argument: expected UTF-8 at octet 13, found '+'", (501, "5.5.4")),
        (
            b"XCLIENT ADDR=[192.0.2.1]",
            "bad argument: expected an IPv4 address, or \"IPV6:\" and an IPv6 address at octet 13, found '['",
            (501, "5.5.4"),
        ),
        (
            b"XCLIENT ADDR=2001:db8::1",
            "bad argument: expected an IPv4 address, or \"IPV6:\" and an IPv6 address at octet 13, found '2'",
            (501, "5.5.4"),
        ),
        (
            b"XCLIENT DESTADDR=[TEMPUNAVAIL]",
            "bad argument: expected an IPv4 address, or \"IPV6:\" and an IPv6 address at octet 17, found '['",
            (501, "5.5.4"),
        ),
        (b"XCLIENT PORT=65536", "bad argument: expected a port at octet 13, found '6'", (501, "5.5.4")),
        (b"XCLIENT DESTPORT=+2B1", "bad argument: expected a port at octet 17, found '+'", (501, "5.5.4")),
        (
            b"XFORWARD SOURCE=HERE",
            "bad argument: expected LOCAL or REMOTE at octet 16, found 'H'",
            (501, "5.5.4"),
        ),
        (
            b"XFORWARD NAME=a name=b",
            "bad argument: expected each attribute only once at octet 16, found 'n'",
            (501, "5.5.4"),
        ),
        (b"XFORWARD NAME=a,ADDR=b", "bad argument: expected a space at octet 20, found '='", (501, "5.5.4")),
        (b"EHLO my host\x01", "bad argument: expected the end at octet 7, found ' '", (501, "5.5.4")),
    ] {
        let error = parse(line, Leniency::STRICT).unwrap_err();
        assert_eq!(error.to_string(), message, "{}", line.escape_ascii());
        assert_eq!((error.code().as_u16(), error.enhanced().to_string().as_str()), codes, "{message}");
    }
}

#[test]
fn a_verb_behind_nuls_is_no_command_that_a_filter_in_front_has_not_seen() {
    for line in [&b"\0DATA"[..], b"\0\0QUIT", b"\0STARTTLS", b"\0\0\0RSET", b"\0NOOP", b"\0HELP "] {
        let error = parse(line, Leniency::LENIENT).unwrap_err();
        assert_eq!((error.fault, error.error.offset), (Fault::Verb, 0), "{}", line.escape_ascii());
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

// covers rfc3030 2 chunk-size
#[test]
fn a_number_that_overflows_is_refused_by_lenient_connections_too() {
    for line in [
        &b"MAIL FROM:<a@b> SIZE=184467440737095516151"[..],
        b"MAIL FROM:<a@b> SIZE=18446744073709551616",
        b"BDAT 18446744073709551616",
        b"BDAT 99999999999999999999999 LAST",
    ] {
        let error = parse(line, Leniency::LENIENT).unwrap_err();
        assert_eq!((error.fault, error.code()), (Fault::Argument, Code::BAD_ARGUMENT));
    }
    let (command, _) = parse(b"MAIL FROM:<a@b> SIZE=18446744073709551615", Leniency::STRICT).unwrap();
    assert!(matches!(command, Command::Mail(mail) if mail.parameters().size() == Some(u64::MAX)));
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
