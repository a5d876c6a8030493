//! Replies to EHLO.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use smtp_proto::{
    Capabilities, DateTime, DeviationKind, Deviations, Extension, Leniency, MaxHold, Mechanism, ParseError,
    Reply, ReplyReader, Text,
};

fn reply(wire: &str) -> Reply {
    let (mut reader, mut deviations) = (ReplyReader::new(64 << 10), Deviations::new());
    let mut lines = wire.lines().map(|line| Bytes::copy_from_slice(line.as_bytes()));
    lines.find_map(|line| reader.push(line, Leniency::LENIENT, &mut deviations).unwrap()).unwrap()
}

fn parse(wire: &str, leniency: Leniency) -> Result<(Capabilities, Vec<DeviationKind>), ParseError> {
    let mut deviations = Deviations::new();
    let capabilities = Capabilities::parse(&reply(wire), leniency, &mut deviations)?;
    Ok((capabilities, deviations.iter().map(|deviation| deviation.kind).collect()))
}

fn encoded(capabilities: &Capabilities) -> String {
    let mut wire = Vec::new();
    capabilities.reply(&Text::from_static("mx.example.org hello")).encode(&mut wire);
    String::from_utf8(wire).unwrap()
}

// covers rfc1870 3 size-read
// covers rfc4954 3 auth-read
#[test]
fn a_server_says_what_a_client_reads() {
    let wire = "250-mx.example.org hello\r\n\
        250-PIPELINING\r\n\
        250-SIZE 10240000\r\n\
        250-8BITMIME\r\n\
        250-SMTPUTF8\r\n\
        250-ENHANCEDSTATUSCODES\r\n\
        250-STARTTLS\r\n\
        250-AUTH PLAIN LOGIN X-MINE\r\n\
        250-LIMITS MAILMAX=1000 RCPTMAX=50000\r\n\
        250-XFOO bar baz\r\n\
        250 X-EMPTY\r\n";
    let (found, deviations) = parse(wire, Leniency::STRICT).unwrap();
    let built = Capabilities::new()
        .with(Extension::Pipelining)
        .with_size(10_240_000)
        .with(Extension::EightBitMime)
        .with(Extension::SmtpUtf8)
        .with(Extension::EnhancedStatusCodes)
        .with(Extension::StartTls)
        .with_auth([Mechanism::PLAIN, Mechanism::LOGIN, "x-mine".parse().unwrap()])
        .with_line("LIMITS MAILMAX=1000 RCPTMAX=50000")
        .and_then(|built| built.with_line("XFOO bar baz"))
        .and_then(|built| built.with_line("X-EMPTY"))
        .unwrap();
    assert_eq!((&found, deviations), (&built, vec![]));
    assert_eq!(encoded(&built), wire);
    assert_eq!(found.size_limit(), Some(10_240_000));
    assert_eq!(found.parameters(Extension::Limits), Some("MAILMAX=1000 RCPTMAX=50000"));
    assert!(found.others().eq(["XFOO bar baz", "X-EMPTY"].map(Text::from_static)));
    assert!(!found.has(Extension::Chunking));
}

/// IANA's registry of SMTP service extensions, and what is so well known that it could stand there.
#[test]
fn all_keywords_of_the_registry_are_known() {
    let registry = "SEND SOML SAML VRFY EXPN HELP TURN 8BITMIME SIZE VERB ONEX CHUNKING BINARYMIME CHECKPOINT DELIVERBY \
        PIPELINING DSN ETRN ENHANCEDSTATUSCODES STARTTLS NO-SOLICITING MTRK SUBMITTER ATRN AUTH BURL FUTURERELEASE \
        CONPERM CONNEG UTF8SMTP SMTPUTF8 MT-PRIORITY RRVS REQUIRETLS LIMITS";
    for keyword in registry.split(' ').chain(["XCLIENT", "XFORWARD"]) {
        assert_eq!(Extension::from_keyword(keyword).map(Extension::keyword), Some(keyword));
    }
    assert_eq!(registry.split(' ').count() + 2, Extension::ALL.len());
    for keyword in ["X-EXPS", "SENDX", "SEN", "LIMITSS", "UTF8SMTPX", ""] {
        assert_eq!(Extension::from_keyword(keyword), None, "{keyword}");
    }
}

fn offered(line: &str) -> Capabilities {
    parse(&format!("250-mx\r\n250 {line}\r\n"), Leniency::STRICT).unwrap().0
}

#[test]
fn limits_are_those_that_exim_tells() {
    let offer = offered("LIMITS MAILMAX=1000 RCPTMAX=50000");
    let limits = offer.limits();
    assert_eq!(limits.mailmax().map(u32::from), Some(1000));
    assert_eq!(limits.rcptmax().map(u32::from), Some(50_000));
    assert_eq!(limits.rcptdomainmax(), None);
    assert_eq!(limits.unknown().count(), 0);
    assert_eq!(Capabilities::new().limits().iter().count(), 0);
    assert_eq!(offered("LIMITS").limits().iter().count(), 0);
    let (loose, _) = parse("250-mx\r\n250 LIMITS  MAILMAX=1   RCPTMAX=2\r\n", Leniency::LENIENT).unwrap();
    assert_eq!(loose.limits().rcptmax().map(u32::from), Some(2));
}

// covers rfc9422 3.7 ignored-alone
// covers rfc9422 4.2 six-digits
#[test]
fn a_limit_that_is_none_is_not_told_and_others_stand() {
    for value in ["0", "01", "1000000", "many", "-1", "5x", "+5", "99999999999999999999"] {
        let offer = offered(&format!("LIMITS RCPTMAX={value} rcptdomainmax=3"));
        assert_eq!(offer.limits().rcptmax(), None, "{value}");
        assert_eq!(offer.limits().rcptdomainmax().map(u32::from), Some(3), "{value}");
    }
    let offer = offered("LIMITS RCPTMAX NEW_ONE=a=b MAILMAX=999999 FLAG");
    assert_eq!((offer.limits().rcptmax(), offer.limits().mailmax().map(u32::from)), (None, Some(999_999)));
    assert!(offer.limits().unknown().eq([("NEW_ONE", Some("a=b")), ("FLAG", None)]));
}

// covers rfc9422 3.7 ignored-as-a-whole
#[test]
fn limits_against_the_grammar_are_as_if_they_were_not_told() {
    for parameters in ["RCPTMAX=5;MAILMAX=3", "RCPTMAX=5 MAIL.MAX=3", "RCPTMAX=5 =3", "RCPTMAX=5 MAILMAX="] {
        let offer = offered(&format!("LIMITS {parameters}"));
        assert_eq!((offer.limits().rcptmax(), offer.limits().iter().count()), (None, 0), "{parameters}");
        assert_eq!(offer.parameters(Extension::Limits), Some(parameters));
    }
}

// covers rfc6710 7 profile-20
#[test]
fn what_stands_behind_a_keyword_is_typed() {
    for (line, seconds) in [
        ("DELIVERBY", None),
        ("DELIVERBY 240", Some(240)),
        ("DELIVERBY 240,FOO", Some(240)),
        ("DELIVERBY ,FOO", None),
        ("DELIVERBY 1234567890", None),
        ("DELIVERBY soon", None),
        ("DELIVERBY 240 FOO", None),
    ] {
        assert_eq!(offered(line).min_by_time(), seconds, "{line}");
    }
    for (line, profile) in [
        ("MT-PRIORITY", None),
        ("MT-PRIORITY STANAG4406", Some("STANAG4406")),
        ("MT-PRIORITY a_b.c-9", Some("a_b.c-9")),
        ("MT-PRIORITY ABCDEFGHIJKLMNOPQRSTU", None),
        ("MT-PRIORITY MIXER NSEP", None),
    ] {
        assert_eq!(offered(line).priority_profile(), profile, "{line}");
    }
    let date_time = DateTime::new("2027-01-01T00:00:00Z").unwrap();
    for (line, hold) in [
        ("FUTURERELEASE 86400 2027-01-01T00:00:00Z", Some(MaxHold { interval: 86_400, date_time })),
        ("FUTURERELEASE 0 2027-01-01T00:00:00Z", None),
        ("FUTURERELEASE 86400", None),
        ("FUTURERELEASE 86400 2027-02-30T00:00:00Z", None),
        ("FUTURERELEASE 2027-01-01T00:00:00Z 86400", None),
        ("FUTURERELEASE", None),
    ] {
        assert_eq!(offered(line).max_hold(), hold, "{line}");
    }
    for (line, keywords) in [
        ("NO-SOLICITING", &[][..]),
        ("NO-SOLICITING net.example:ADV,org.example:ADV:ADLT", &["net.example:ADV", "org.example:ADV:ADLT"]),
        ("NO-SOLICITING a,,b", &[]),
    ] {
        assert!(offered(line).no_soliciting().eq(keywords.iter().copied()), "{line}");
    }
    assert!(offered("BURL imap imap://imap.example.org").burl().eq(["imap", "imap://imap.example.org"]));
    assert!(offered("XCLIENT NAME ADDR PORT").xclient().eq(["NAME", "ADDR", "PORT"]));
    assert!(offered("XFORWARD NAME SOURCE").xforward().eq(["NAME", "SOURCE"]));
    assert_eq!(offered("XCLIENT").xclient().count(), 0);
}

#[test]
fn every_known_keyword_is_a_bit_of_its_own_whatever_its_case() {
    for extension in Extension::ALL.iter().copied() {
        let wire = format!("250-mx\r\n250 {}\r\n", extension.keyword().to_lowercase());
        let (found, _) = parse(&wire, Leniency::STRICT).unwrap();
        assert_eq!(found, Capabilities::new().with(extension));
        assert!(Extension::ALL.iter().all(|other| found.has(*other) == (*other == extension)));
        assert_eq!(found.without(extension), Capabilities::new());
    }
}

// covers rfc5321 4.1.1.1 greeting-line
#[test]
fn only_the_greeting_is_no_offer() {
    let (found, _) = parse("250 PIPELINING\r\n", Leniency::STRICT).unwrap();
    assert_eq!(found, Capabilities::new());
    assert_eq!(encoded(&found), "250 mx.example.org hello\r\n");
}

// covers rfc1870 3 size-optional
// covers rfc1870 3 size-zero
#[test]
fn a_size_of_zero_or_none_is_no_limit() {
    for line in ["SIZE", "SIZE 0"] {
        let (found, _) = parse(&format!("250-mx\r\n250 {line}\r\n"), Leniency::STRICT).unwrap();
        assert!(found.has(Extension::Size));
        assert_eq!(found.size_limit(), None);
        assert!(encoded(&found).ends_with(&format!("250 {line}\r\n")));
    }
}

#[test]
fn mechanisms_of_several_lines_are_one_list() {
    let (found, deviations) =
        parse("250-mx\r\n250-AUTH PLAIN login\r\n250-AUTH\r\n250 AUTH LOGIN XOAUTH2\r\n", Leniency::STRICT)
            .unwrap();
    assert!(found.mechanisms().eq([Mechanism::PLAIN, Mechanism::LOGIN, Mechanism::XOAUTH2]));
    assert_eq!(deviations, []);
}

#[test]
fn what_servers_offer_against_the_grammar_is_taken_where_tolerated_and_told() {
    use DeviationKind::{AuthEquals, ExtraSpaces, OddCapability};
    for (lines, canonical, kind) in [
        (&["AUTH=LOGIN PLAIN"][..], &["AUTH LOGIN PLAIN"][..], AuthEquals),
        (&["AUTH LOGIN", "AUTH=LOGIN PLAIN"], &["AUTH LOGIN PLAIN"], AuthEquals),
        (&["SIZE 10 "], &["SIZE 10"], ExtraSpaces),
        (&["AUTH  PLAIN"], &["AUTH PLAIN"], ExtraSpaces),
        (&["AUTH PLAIN  LOGIN "], &["AUTH PLAIN LOGIN"], ExtraSpaces),
        (&["AUTH PLAIN {odd} LOGIN"], &["AUTH PLAIN LOGIN"], OddCapability),
        (&["SIZE ten", "PIPELINING"], &["PIPELINING", "SIZE ten"], OddCapability),
        (&["SIZE 99999999999999999999"], &["SIZE 99999999999999999999"], OddCapability),
        (&["X_FOO bar"], &["X_FOO bar"], OddCapability),
        (&["XFOO café"], &["XFOO café"], OddCapability),
        (&["", "PIPELINING"], &["PIPELINING"], OddCapability),
    ] {
        let wire = |lines: &[&str]| {
            let all: Vec<_> = ["mx.example.org hello"].iter().chain(lines).collect();
            let (last, others) = all.split_last().unwrap();
            let others: String = others.iter().map(|line| format!("250-{line}\r\n")).collect();
            format!("{others}250 {last}\r\n")
        };
        assert!(parse(&wire(lines), Leniency::STRICT).is_err(), "{lines:?}");
        let (found, deviations) = parse(&wire(lines), Leniency::LENIENT).unwrap();
        assert_eq!(encoded(&found), wire(canonical));
        assert!(deviations.iter().all(|found| *found == kind) && !deviations.is_empty(), "{deviations:?}");
        assert_eq!(parse(&wire(lines), Leniency::STRICT.with(kind)).unwrap().0, found);
    }
}

#[test]
fn mechanisms_are_limited_in_number() {
    let names: String = (0..100).map(|n| format!(" X{n}")).collect();
    let (found, _) = parse(&format!("250-mx\r\n250 AUTH{names}\r\n"), Leniency::STRICT).unwrap();
    assert_eq!(found.mechanisms().count(), 64);
}

#[test]
fn the_last_line_may_be_a_code_alone() {
    let (found, deviations) = parse("250-mx\r\n250-PIPELINING\r\n250\r\n", Leniency::LENIENT).unwrap();
    assert_eq!(found, Capabilities::new().with(Extension::Pipelining));
    assert_eq!(deviations, []);
    assert!(parse("250-mx\r\n250-PIPELINING\r\n250\r\n", Leniency::STRICT).is_ok());
}

#[test]
fn refusals_say_where_and_what() {
    for (line, message) in [
        ("-FOO", "expected a keyword at octet 0, found '-'"),
        ("SIZE ten", "expected a number at octet 5, found 't'"),
        ("SIZE 1 2", "expected the end at octet 6, found ' '"),
        ("SIZE 18446744073709551616", "expected a number below 2^64 at octet 5, found '1'"),
        ("AUTH=PLAIN", "expected a space at octet 4, found '='"),
        ("AUTH PLAIN.X", "expected a space at octet 10, found '.'"),
        ("DSN é", "expected a parameter at octet 4, found '\\xc3'"),
        ("XFOO a  b", "expected a parameter at octet 7, found ' '"),
    ] {
        let error = parse(&format!("250-mx\r\n250 {line}\r\n"), Leniency::STRICT).unwrap_err();
        assert_eq!(error.to_string(), message, "{line}");
        assert!(message.contains('=') || Capabilities::new().with_line(line).is_err());
    }
    assert!(Capabilities::new().with_line("X\r\nSIZE").is_err());
}

/// [RFC 6531 §3.1](https://www.rfc-editor.org/rfc/rfc6531#section-3.1): the client "MUST ignore any parameters".
// covers rfc6531 3.1 parameters-ignored
#[test]
fn smtputf8_is_offered_whatever_stands_behind_it() {
    let (found, deviations) = parse("250-mx\r\n250 SMTPUTF8 later\r\n", Leniency::STRICT).unwrap();
    assert!(found.has(Extension::SmtpUtf8));
    assert_eq!(deviations, []);
}
