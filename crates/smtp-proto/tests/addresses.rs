//! Mailboxes, domains, paths and client names: what is one, what is none, and which are the same.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use smtp_proto::{
    ClientName, Command, Deviations, Domain, ForwardPath, Leniency, Mailbox, ParseError, ReversePath, xtext,
};
use std::net::{Ipv4Addr, Ipv6Addr};

fn refusal(text: &str) -> String {
    Mailbox::new(text).unwrap_err().to_string()
}

// covers rfc5321 2.3.11 local-part-at-domain
// covers rfc5321 4.1.2 quoted-string
// covers rfc5321 4.1.3 literal
// covers rfc5321 4.1.3 ipv6-tag
#[test]
fn every_form_of_a_mailbox_is_taken_apart() {
    for (text, local, unquoted, domain) in [
        ("a@b", "a", "a", Domain::Name("b")),
        ("jane.doe+tag@example.org", "jane.doe+tag", "jane.doe+tag", Domain::Name("example.org")),
        (
            "!#$%&'*+-/=?^_`{|}~@example.org",
            "!#$%&'*+-/=?^_`{|}~",
            "!#$%&'*+-/=?^_`{|}~",
            Domain::Name("example.org"),
        ),
        (r#""jane doe"@b"#, r#""jane doe""#, "jane doe", Domain::Name("b")),
        (r#""a@b"@c"#, r#""a@b""#, "a@b", Domain::Name("c")),
        (r#""\"\\\a>"@c"#, r#""\"\\\a>""#, r#""\a>"#, Domain::Name("c")),
        (r#"""@c"#, r#""""#, "", Domain::Name("c")),
        ("jané@bücher.example", "jané", "jané", Domain::Name("bücher.example")),
        ("\"用 户\"@例子.例", "\"用 户\"", "用 户", Domain::Name("例子.例")),
        ("a@1and1.0", "a", "a", Domain::Name("1and1.0")),
        ("a@xn--bcher-kva.example", "a", "a", Domain::Name("xn--bcher-kva.example")),
        ("a@[192.0.2.1]", "a", "a", Domain::Ipv4(Ipv4Addr::new(192, 0, 2, 1))),
        ("a@[010.0.0.255]", "a", "a", Domain::Ipv4(Ipv4Addr::new(10, 0, 0, 255))),
        ("a@[IPv6:2001:db8::1]", "a", "a", Domain::Ipv6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))),
        ("a@[ipv6:::]", "a", "a", Domain::Ipv6(Ipv6Addr::UNSPECIFIED)),
        ("a@[IPv6:::ffff:192.0.2.1]", "a", "a", Domain::Ipv6(Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped())),
        (
            "a@[IPv6:1:2:3:4:5:6:192.0.2.1]",
            "a",
            "a",
            Domain::Ipv6(Ipv6Addr::new(1, 2, 3, 4, 5, 6, 0xc000, 0x201)),
        ),
        ("a@[x400:c=us;\"q\"]", "a", "a", Domain::General { tag: "x400", content: "c=us;\"q\"" }),
        // Without the tag it is an address of some later standard.
        ("a@[fe80::1]", "a", "a", Domain::General { tag: "fe80", content: ":1" }),
        ("a@[1-2:3]", "a", "a", Domain::General { tag: "1-2", content: "3" }),
    ] {
        let mailbox = Mailbox::new(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!((mailbox.local_part(), &*mailbox.local_part_unquoted()), (local, unquoted));
        assert_eq!(mailbox.domain(), domain, "{text}");
        assert_eq!((mailbox.as_str(), mailbox.to_string().as_str()), (text, text));
        assert_eq!(mailbox.is_ascii(), text.is_ascii());
    }
}

// covers rfc5321 4.1.2 dot-string
// covers rfc5321 4.1.2 quoted-pair
// covers rfc5321 4.1.2 qtext
// covers rfc5321 4.1.3 literal-closed
// covers rfc5321 4.1.3 snum-255
// covers rfc5321 4.1.3 snum-digits
// covers rfc5321 4.1.3 ipv6-well-formed
// covers rfc5321 2.3.5 letters-digits-hyphens
// covers rfc5321 4.1.2 no-hyphen-last
#[test]
fn what_is_no_mailbox_is_refused_where_it_goes_wrong() {
    for (text, message) in [
        ("", "expected a local part at octet 0, found the end"),
        ("@b", "expected a local part at octet 0, found '@'"),
        ("a", "expected '@' at octet 1, found the end"),
        ("a@", "expected a domain at octet 2, found the end"),
        ("a@b.", "expected a domain at octet 4, found the end"),
        ("a@b..c", "expected a domain at octet 4, found '.'"),
        ("a@-b", "expected a domain at octet 2, found '-'"),
        ("a@b-.c", "expected a letter or a digit at octet 4, found '.'"),
        ("a@b_c", "expected a letter, a digit or a hyphen at octet 3, found '_'"),
        (".a@b", "expected an atom at octet 0, found '.'"),
        ("a.@b", "expected an atom at octet 2, found '@'"),
        ("a..b@c", "expected an atom at octet 2, found '.'"),
        ("a b@c", "expected '@' at octet 1, found ' '"),
        ("a@b c", "expected the end at octet 3, found ' '"),
        ("a@b\r\nQUIT", "expected the end at octet 3, found '\\r'"),
        ("\"a", "expected a closing quotation mark at octet 2, found the end"),
        ("\"a\\", "expected a printable character behind the backslash at octet 3, found the end"),
        ("\"a\\\u{e9}\"@b", "expected a printable character behind the backslash at octet 3, found '\\xc3'"),
        ("\"a\nb\"@c", "expected a printable character at octet 2, found '\\n'"),
        ("\"a\"b@c", "expected '@' at octet 3, found 'b'"),
        ("a@[]", "expected an address literal at octet 3, found ']'"),
        ("a@[1.2.3]", "expected '.' at octet 8, found ']'"),
        ("a@[1.2.3.256]", "expected a number below 256 at octet 9, found '2'"),
        ("a@[1.2.3.0001]", "expected a number below 256 at octet 9, found '0'"),
        ("a@[1.2.3.4.5]", "expected ']' at octet 10, found '.'"),
        ("a@[1.2.3.4", "expected ']' at octet 10, found the end"),
        ("a@[IPv6:1:2:3]", "expected an IPv6 address at octet 8, found '1'"),
        ("a@[IPv6:fe80::1%eth0]", "expected ']' at octet 15, found '%'"),
        ("a@[IPv6:1:2:3:4:5:6:7::]", "expected an IPv6 address at octet 8, found '1'"),
        ("a@[IPv6:1:2:3:4:5::192.0.2.1]", "expected an IPv6 address at octet 8, found '1'"),
        ("a@[x-:y]", "expected an address literal at octet 3, found 'x'"),
        ("a@[x:]", "expected an address at octet 5, found ']'"),
        ("a@[x:a\\b]", "expected ']' at octet 6, found '\\\\'"),
    ] {
        assert_eq!(refusal(text), message, "{text:?}");
    }
}

// covers rfc6531 3.3 utf8-mailbox
#[test]
fn octets_that_are_not_utf_8_are_no_mailbox() {
    for (text, offset) in
        [(&b"jan\xe9@b"[..], 3), (b"a@b\xfccher.example", 3), (b"\"\xc3\"@b", 1), (b"\xed\xa0\x80@b", 0)]
    {
        let error =
            Mailbox::parse(&Bytes::from_static(text), Leniency::LENIENT, &mut Deviations::new()).unwrap_err();
        assert_eq!((error.offset, error.expected), (offset, "UTF-8"));
    }
    let line = Bytes::from_static(b"RCPT TO:<@b\xfccher.example:c@d>");
    let error = Command::parse(&line, Leniency::LENIENT, &mut Deviations::new()).unwrap_err();
    assert_eq!((error.error.offset, error.error.expected), (11, "UTF-8"));
}

// covers rfc5321 4.5.3.1.3 path-256
// covers rfc5321 4.5.3.1.1 local-part-64
// covers rfc5321 4.5.3.1.2 domain-255
#[test]
fn lengths_are_limited_as_the_rfc_asks() {
    let local = "l".repeat(64);
    let label = "d".repeat(63);
    assert!(Mailbox::new(&format!("{local}@b")).is_ok());
    assert_eq!(
        refusal(&format!("{local}l@b")),
        "expected a local part of at most 64 octets at octet 64, found 'l'"
    );
    let domain = format!("{label}.{label}.{label}.{label}"); // 255 octets
    assert_eq!(
        refusal(&format!("a@{domain}")),
        "expected a path of at most 256 octets at octet 254, found 'd'"
    );
    assert_eq!(
        refusal(&format!("a@{domain}d")),
        "expected a domain of at most 255 octets at octet 257, found 'd'"
    );
    assert!(ClientName::new(&domain).is_ok());
    assert!(ClientName::new(&format!("{domain}d")).is_err());
    let fits = &domain[..252];
    assert!(format!("<a@{fits}>").parse::<ReversePath>().is_ok());
    let routed = format!("<@r:a@{fits}>").parse::<ReversePath>().unwrap_err();
    assert_eq!(routed.to_string(), "expected a path of at most 256 octets at octet 256, found 'd'");
}

// covers rfc5321 4.1.2 least-quotes
// covers rfc5321 2.4 local-part-case
// covers rfc5321 2.4 domain-any-case
// covers rfc5321 4.1.2 quoted-forms-equal
// covers rfc5321 4.1.3 ipv6-written
#[test]
fn spellings_of_one_mailbox_have_one_canonical_form() {
    for (text, canonical) in [
        ("Jane.Doe@Example.ORG", "Jane.Doe@example.org"),
        (r#""Jane.Doe"@Example.ORG"#, "Jane.Doe@example.org"),
        (r#""J\ane.D\oe"@example.org"#, "Jane.Doe@example.org"),
        (r#""jane\ doe"@b"#, r#""jane doe"@b"#),
        (r#""a..b"@c"#, r#""a..b"@c"#),
        (r#""a\"b\\c"@d"#, r#""a\"b\\c"@d"#),
        (r#"""@d"#, r#"""@d"#),
        ("jané@BÜCHER.example", "jané@bÜcher.example"),
        ("a@[IPv6:2001:DB8:0:0::0001]", "a@[ipv6:2001:db8::1]"),
        ("a@[010.0.0.1]", "a@[10.0.0.1]"),
        ("a@[X400:Y]", "a@[x400:y]"),
    ] {
        let found = Mailbox::new(text).unwrap().canonical();
        assert_eq!(found.as_str(), canonical);
        // It is a mailbox itself, and its own canonical form.
        assert_eq!(Mailbox::new(canonical).unwrap().canonical(), found);
    }
    assert_ne!(Mailbox::new("a@B").unwrap(), Mailbox::new("a@b").unwrap());
}

// covers rfc5321 4.1.1.3 source-route
#[test]
fn a_route_is_kept_and_written_as_it_came() {
    let text = "<@a.example,@b.example:c@d.example>";
    let path: ReversePath = text.parse().unwrap();
    assert_eq!(path.to_string(), text);
    assert_eq!(path.mailbox(), Some(&Mailbox::new("c@d.example").unwrap()));
    for (text, message) in [
        ("<@a.example>", "expected ':' at octet 11, found '>'"),
        ("<@a.example,b.example:c@d>", "expected '@' at octet 12, found 'b'"),
        ("<@:c@d>", "expected a domain at octet 2, found ':'"),
        ("<@a:>", "expected a local part at octet 4, found '>'"),
        ("<@bücher.example:c@>", "expected a domain at octet 20, found '>'"),
        ("<@[1.2.3.4]:c@d>", "expected a domain at octet 2, found '['"),
    ] {
        assert_eq!(text.parse::<ReversePath>().unwrap_err().to_string(), message);
    }
}

// covers rfc5321 4.5.5 null-path
// covers rfc5321 4.5.1 postmaster
#[test]
fn the_null_path_sends_and_the_postmaster_receives() {
    assert_eq!("<>".parse(), Ok(ReversePath::Null));
    assert!("<>".parse::<ForwardPath>().is_err());
    assert_eq!("<pOSTmaster>".parse(), Ok(ForwardPath::Postmaster));
    assert!("<postmaster>".parse::<ReversePath>().is_err());
    let other = "<postmaster2@b>".parse::<ForwardPath>().unwrap();
    assert_eq!(other.mailbox().map(Mailbox::local_part), Some("postmaster2"));
    assert!("postmaster".parse::<ForwardPath>().is_err());
}

#[test]
fn a_value_shares_the_line_it_was_read_from_until_it_is_detached() {
    let line = Bytes::from(b"a@example.org".to_vec());
    let mailbox = Mailbox::parse(&line, Leniency::STRICT, &mut Deviations::new()).unwrap();
    assert_eq!(mailbox.as_str().as_ptr(), line.as_ptr());
    assert_ne!(mailbox.detach().as_str().as_ptr(), line.as_ptr());
    assert_eq!(mailbox.detach(), mailbox);
}

// covers rfc6531 3.7.1 hello-ascii
#[test]
fn client_names_are_domains_or_addresses_in_ascii() {
    for name in ["client.example.org", "[192.0.2.1]", "[IPv6:2001:db8::1]", "localhost", "[x:y]"] {
        assert_eq!(ClientName::new(name).unwrap().to_string(), name);
    }
    for (name, message) in [
        ("", "expected a domain at octet 0, found the end"),
        ("a b", "expected the end at octet 1, found ' '"),
        ("bücher.example", "expected a domain in ASCII at octet 1, found '\\xc3'"),
        ("FE80::1", "expected the end at octet 4, found ':'"),
        ("a\r\nQUIT", "expected the end at octet 1, found '\\r'"),
    ] {
        assert_eq!(ClientName::new(name).unwrap_err().to_string(), message);
    }
}

// covers rfc4954 8 xtext-read
// covers rfc4954 8 xtext-no-equals
#[test]
fn xtext_is_undone_and_never_yields_a_line_end() {
    let error = |value: &[u8]| xtext::decode(value).unwrap_err().to_string();
    assert_eq!(xtext::decode(b"a+2Bb+3dc+C3+A9").unwrap(), "a+b=cé");
    assert_eq!(xtext::decode(b"").unwrap(), "");
    assert_eq!(error(b"a=b"), "expected xtext at octet 1, found '='");
    assert_eq!(error(b"a b"), "expected xtext at octet 1, found ' '");
    assert_eq!(error(b"a+2"), "expected a hexadecimal digit at octet 3, found the end");
    assert_eq!(error(b"a+G0"), "expected a hexadecimal digit at octet 2, found 'G'");
    for value in [&b"+0D"[..], b"+0a", b"x+00"] {
        assert_eq!(
            xtext::decode(value).map_err(|ParseError { expected, .. }| expected),
            Err("no CR, LF or NUL")
        );
    }
}
