//! Values of ETRN, ATRN, BURL, XCLIENT and XFORWARD: none says more than one thing.
use bytes::Bytes;
use smtp_proto::{
    Atrn, Burl, Chunk, ClientAttributes, Command, CommandError, Deviations, Etrn, Leniency, Queues, Source,
    Told,
};

fn parse(line: &'static [u8]) -> Result<Command, CommandError> {
    Command::parse(Bytes::from_static(line), Leniency::STRICT, &mut Deviations::new())
}

#[test]
fn what_etrn_names_cannot_be_taken_for_another_thing() {
    for queues in [
        Queues::Node("@example.org"),
        Queues::Node("#uucp"),
        Queues::Node(""),
        Queues::Subdomains("@a"),
        Queues::Subdomains("[192.0.2.1] "),
        Queues::Queue("a\r\nQUIT"),
        Queues::Queue(""),
    ] {
        assert!(Etrn::new(queues).is_err(), "{queues:?}");
    }
    assert_eq!(
        Etrn::new(Queues::Node("#uucp")).unwrap_err().to_string(),
        "expected a domain at octet 0, found '#'"
    );
    assert_eq!("@example.org".parse::<Etrn>().unwrap().queues(), Queues::Subdomains("example.org"));
}

#[test]
fn a_domain_of_atrn_is_one_domain() {
    for domain in ["", "a.example,b.example", "example", "a.example\r\nQUIT", "a.example ", "é.example"] {
        assert!(Atrn::new([domain]).is_err(), "{domain:?}");
        assert!(Atrn::new(["a.example", domain]).is_err(), "{domain:?}");
    }
    let atrn = Atrn::new(["a.example", "b.example"]).unwrap();
    assert_eq!(atrn.domains().collect::<Vec<_>>(), ["a.example", "b.example"]);
    assert_eq!(Atrn::all().domains().count(), 0);
}

#[test]
fn a_url_of_burl_is_one_word() {
    for url in ["", "imap", "imap:", ":a", "1a:b", "a:b c", "a:b\r\nQUIT", "a:b\"", "a:é", "a:{b}"] {
        assert!(Burl::new(url, Chunk::Last).is_err(), "{url:?}");
    }
}

#[test]
fn what_is_told_of_a_client_is_typed_and_the_rest_kept() {
    let line = b"XCLIENT NAME=[TEMPUNAVAIL] ADDR=IPV6:2001:db8::1 PORT=[UNAVAILABLE] PROTO=ESMTP HELO=a+2Bb \
        LOGIN=tim+40example.org DESTADDR=192.0.2.7 DESTPORT=25 TTL=3 SESSION=[UNAVAILABLE]";
    let command = parse(line).unwrap();
    let Command::XClient(client) = command else { panic!("{command:?}") };
    let text = |text: &'static str| Some(Told::Value(smtp_proto::Text::from_static(text)));
    assert_eq!(client.name(), Some(Told::TempUnavailable));
    assert_eq!(client.addr(), Some(Told::Value("2001:db8::1".parse().unwrap())));
    assert_eq!(client.port(), Some(Told::Unavailable));
    assert_eq!((client.proto(), client.helo()), (text("ESMTP"), text("a+b")));
    assert_eq!(client.login(), text("tim@example.org"));
    assert_eq!(client.destaddr(), Some(Told::Value("192.0.2.7".parse().unwrap())));
    assert_eq!(client.destport(), Some(Told::Value(25)));
    assert_eq!((client.value("ttl"), client.value("SESSION")), (text("3"), Some(Told::Unavailable)));
    assert_eq!((client.ident(), client.source()), (None, None));
    assert_eq!(client.iter().count(), 10);

    let command = parse(b"XFORWARD SOURCE=remote IDENT=4Xyz").unwrap();
    let Command::XForward(client) = command else { panic!("{command:?}") };
    assert_eq!((client.source(), client.ident()), (Some(Told::Value(Source::Remote)), text("4Xyz")));
}

#[test]
fn no_attribute_brings_another_one_in() {
    let client = || ClientAttributes::new("NAME", Told::Unavailable).unwrap();
    for (name, value) in [
        ("HELO X", "a"),
        ("HELO=", "a"),
        ("", "a"),
        ("HELO\r\nQUIT", "a"),
        ("HELO", ""),
        ("HELO", "a\r\nQUIT"),
        ("HELO", "[UNAVAILABLE]"),
        ("name", "a"),
        ("ADDR", "a"),
        ("PORT", "+1"),
        ("SOURCE", ""),
    ] {
        assert!(client().with(name, Told::Value(value)).is_err(), "{name:?} {value:?}");
    }
    assert!(client().with("ADDR", Told::TempUnavailable).is_err());
    let client = client().with("HELO", Told::Value("a PORT=1")).unwrap();
    let mut line = Vec::new();
    Command::XForward(client).encode(&mut line);
    assert_eq!(String::from_utf8(line).unwrap(), "XFORWARD NAME=[UNAVAILABLE] HELO=a+20PORT+3D1\r\n");
}

#[test]
fn attributes_are_limited_in_number_and_length() {
    let line = |count: usize| {
        let attributes: String = (0..count).map(|n| format!(" X{n}=1")).collect();
        Bytes::from(format!("XCLIENT{attributes}"))
    };
    let parse = |line: Bytes| Command::parse(line, Leniency::LENIENT, &mut Deviations::new());
    assert!(parse(line(32)).is_ok());
    assert!(parse(line(33)).unwrap_err().to_string().contains("at most 32 attributes"));
    for (name, limit) in [("NAME", 255), ("HELO", 255), ("PROTO", 64)] {
        let line = |octets: usize| Bytes::from(format!("XCLIENT {name}={}", "a".repeat(octets)));
        assert!(parse(line(limit)).is_ok());
        assert!(parse(line(limit + 1)).unwrap_err().to_string().contains(&format!("at most {limit} octets")));
    }
}
