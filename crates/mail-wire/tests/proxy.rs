//! Headers of proxies in front of a connection: known answers both ways, what is refused, and any cut.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::BytesMut;
use mail_wire::proxy::{
    Addresses, BadTlv, Header, HeaderError, LongPath, NotTcp, Ssl, Tlv, Transport, UnixPath, Version,
};
use proptest::prelude::*;
use std::net::{IpAddr, SocketAddr};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn parse(wire: &[u8]) -> Result<Option<Header>, HeaderError> {
    Header::parse(&mut BytesMut::from(wire), Header::LIMIT)
}

/// A header of version 2 with this command, this family and these octets.
fn v2(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, block].concat()
}

fn tlv(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    [&[kind], &length[..], value].concat()
}

fn encoded(header: &Header) -> Vec<u8> {
    let mut wire = Vec::new();
    header.encode(&mut wire);
    wire
}

fn tcp(source: &str, destination: &str) -> Addresses {
    Addresses::tcp(source.parse().unwrap(), destination.parse().unwrap())
}

const TCP4: &[u8] = b"\xc0\0\x02\x07\xc6\x33\x64\x01\xc8\x22\0\x19";

fn known() -> Vec<(Vec<u8>, Header)> {
    let four = || tcp("192.0.2.7:51234", "198.51.100.1:25");
    let six = || tcp("[2001:db8::7]:51234", "[2001:db8::1]:25");
    let path = |path: &[u8]| UnixPath::new(path).unwrap();
    let unix = Addresses::Unix {
        transport: Transport::Stream,
        source: path(b"\0abstract"),
        destination: path(b"/run/smtp"),
    };
    let Addresses::Inet { source, destination, source_port, destination_port, .. } = four() else {
        panic!("of IPv4")
    };
    let transport = Transport::Datagram;
    let udp = Addresses::Inet { transport, source, destination, source_port, destination_port };
    let octets_of_six = [
        &b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"[..],
        b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01",
        b"\xc8\x22\0\x19",
    ]
    .concat();
    let padded = |path: &[u8]| [path, &[0; 108][path.len()..]].concat();
    vec![
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 51234 25\r\n".to_vec(), Header::v1(four()).unwrap()),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 51234 25\r\n".to_vec(), Header::v1(six()).unwrap()),
        (b"PROXY UNKNOWN\r\n".to_vec(), Header::v1(Addresses::Unknown).unwrap()),
        (v2(0x20, 0x00, b""), Header::v2(Addresses::Local)),
        (v2(0x21, 0x00, b""), Header::v2(Addresses::Unknown)),
        (v2(0x21, 0x11, TCP4), Header::v2(four())),
        (v2(0x21, 0x12, TCP4), Header::v2(udp)),
        (v2(0x21, 0x21, &octets_of_six), Header::v2(six())),
        (v2(0x21, 0x31, &[padded(b"\0abstract"), padded(b"/run/smtp")].concat()), Header::v2(unix)),
        (
            v2(0x21, 0x11, &[TCP4, &tlv(0x02, b"mx.example"), &tlv(0x05, b"id"), &tlv(0xe0, b"")].concat()),
            Header::v2(four())
                .with_tlv(Tlv::Authority("mx.example"))
                .and_then(|header| header.with_tlv(Tlv::UniqueId(b"id")))
                .and_then(|header| header.with_tlv(Tlv::Other { kind: 0xe0, value: b"" }))
                .unwrap(),
        ),
    ]
}

#[test]
fn a_header_reads_and_writes_as_its_description_has_it() {
    for (wire, header) in known() {
        assert_eq!(parse(&wire), Ok(Some(header.clone())), "{}", wire.escape_ascii());
        assert_eq!(encoded(&header).escape_ascii().to_string(), wire.escape_ascii().to_string());
    }
}

#[test]
fn a_header_is_read_once_it_is_whole_and_what_stands_behind_it_is_left() {
    for (wire, header) in known() {
        for at in 0..wire.len() {
            let mut input = BytesMut::from(&wire[..at]);
            assert_eq!(Header::parse(&mut input, Header::LIMIT), Ok(None), "cut at {at}");
            assert_eq!(input, wire[..at], "nothing is taken before all of it has come");
        }
        let mut input = BytesMut::from(&[&wire[..], b"EHLO x\r\n"].concat()[..]);
        assert_eq!(Header::parse(&mut input, Header::LIMIT), Ok(Some(header)));
        assert_eq!(&input[..], b"EHLO x\r\n");
    }
}

#[test]
fn a_connection_that_begins_with_something_else_is_not_waited_for() {
    for (wire, offset) in [
        (&b"EHLO x\r\n"[..], 0),
        (b"\x16\x03\x01", 0),
        (b"PRoXY TCP4", 2),
        (b"proxy", 0),
        (b"PROXY\r\n", 5),
        (b"\r\nEHLO", 2),
        (b"\r\n\r\n\0\r\nQUIT\r", 11),
    ] {
        for at in 0..=offset {
            assert_eq!(parse(&wire[..at]), Ok(None));
        }
        let error = parse(&wire[..=offset]).unwrap_err();
        assert_eq!(error, HeaderError::Missing { offset }, "{}", wire.escape_ascii());
        assert_eq!(error.to_string(), format!("no PROXY header: another octet at {offset}"));
    }
}

#[test]
fn a_line_that_is_malformed_says_where() {
    for (line, message) in [
        ("PROXY TCP5 192.0.2.7 192.0.2.1 1 2\r\n", "expected TCP4, TCP6 or UNKNOWN at octet 6, found 'T'"),
        ("PROXY tcp4 192.0.2.7 192.0.2.1 1 2\r\n", "expected TCP4, TCP6 or UNKNOWN at octet 6, found 't'"),
        ("PROXY  TCP4 192.0.2.7 192.0.2.1 1 2\r\n", "expected a word at octet 6, found ' '"),
        ("PROXY TCP4 192.0.2.07 192.0.2.1 1 2\r\n", "expected an IPv4 address at octet 11, found '1'"),
        ("PROXY TCP4 192.0.2 192.0.2.1 1 2\r\n", "expected an IPv4 address at octet 11, found '1'"),
        ("PROXY TCP4 ::1 ::1 1 2\r\n", "expected an IPv4 address at octet 11, found ':'"),
        ("PROXY TCP6 192.0.2.7 ::1 1 2\r\n", "expected an IPv6 address at octet 11, found '1'"),
        ("PROXY TCP6 [::1] ::1 1 2\r\n", "expected an IPv6 address at octet 11, found '['"),
        ("PROXY TCP4 192.0.2.7 192.0.2.1 65536 2\r\n", "expected a port at octet 31, found '6'"),
        ("PROXY TCP4 192.0.2.7 192.0.2.1 025 2\r\n", "expected a port at octet 31, found '0'"),
        ("PROXY TCP4 192.0.2.7 192.0.2.1 -1 2\r\n", "expected a port at octet 31, found '-'"),
        ("PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n", "expected a space at octet 32, found '\\r'"),
        ("PROXY TCP4 192.0.2.7 192.0.2.1 1 2 \r\n", "expected CRLF at octet 34, found ' '"),
        ("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\n", "expected CRLF at octet 34, found the end"),
        ("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\r\n", "expected the end at octet 35, found '\\r'"),
        ("PROXY UNKNOWN\n", "expected CRLF at octet 13, found the end"),
        ("PROXY UNKNOWN a\rb\r\n", "expected the end at octet 16, found 'b'"),
        ("PROXY \r\n", "expected a word at octet 6, found '\\r'"),
    ] {
        let mut input = BytesMut::from(line);
        let error = Header::parse(&mut input, Header::LIMIT).unwrap_err();
        assert_eq!(error.to_string(), format!("bad PROXY line: {message}"));
        assert_eq!(input, line, "what is refused is not taken");
    }
}

#[test]
fn what_stands_behind_unknown_is_passed_over() {
    for behind in ["", " ", " ffff:f::1 ::1 65535 65535", " \u{7f}\u{0}"] {
        let header = parse(format!("PROXY UNKNOWN{behind}\r\n").as_bytes()).unwrap().unwrap();
        assert_eq!((header.addresses(), header.version()), (&Addresses::Unknown, Version::One));
    }
}

#[test]
fn a_line_has_at_most_107_octets() {
    let line = |octets: usize| format!("PROXY UNKNOWN {}\r\n", "x".repeat(octets - 16));
    assert!(parse(line(107).as_bytes()).unwrap().is_some());
    assert_eq!(parse(line(108).as_bytes()), Err(HeaderError::LongLine));
    assert_eq!(parse(&line(200).as_bytes()[..106]), Ok(None));
    assert_eq!(parse(&line(200).as_bytes()[..107]), Err(HeaderError::LongLine));
}

#[test]
fn a_header_of_octets_that_is_malformed_is_refused() {
    for (wire, message) in [
        (v2(0x11, 0x11, TCP4), "version and command of a PROXY header are 0x11"),
        (v2(0x22, 0x11, TCP4), "version and command of a PROXY header are 0x22"),
        (v2(0x21, 0x10, TCP4), "family and transport of a PROXY header are 0x10"),
        (v2(0x21, 0x13, TCP4), "family and transport of a PROXY header are 0x13"),
        (v2(0x21, 0x41, TCP4), "family and transport of a PROXY header are 0x41"),
        (v2(0x21, 0x11, &TCP4[1..]), "PROXY header ends within its addresses"),
        (v2(0x21, 0x21, TCP4), "PROXY header ends within its addresses"),
        (v2(0x21, 0x31, &[0; 215]), "PROXY header ends within its addresses"),
        (v2(0x21, 0x00, b"\x04"), "TLV of type 0x04 in a PROXY header is malformed"),
        (v2(0x21, 0x00, b"\x04\0\x05abcd"), "TLV of type 0x04 in a PROXY header is malformed"),
        (
            v2(0x21, 0x00, &[tlv(4, b"ab"), vec![0x30, 0]].concat()),
            "TLV of type 0x30 in a PROXY header is malformed",
        ),
        (v2(0x21, 0x00, &tlv(0x02, b"\xff")), "TLV of type 0x02 in a PROXY header is malformed"),
        (v2(0x21, 0x00, &tlv(0x03, b"abc")), "TLV of type 0x03 in a PROXY header is malformed"),
        (v2(0x21, 0x00, &tlv(0x05, &[0; 129])), "TLV of type 0x05 in a PROXY header is malformed"),
        (v2(0x21, 0x00, &tlv(0x20, b"\x01\0\0\0")), "TLV of type 0x20 in a PROXY header is malformed"),
        (
            v2(0x21, 0x00, &tlv(0x20, b"\x01\0\0\0\0\x21\0\x09TLS")),
            "TLV of type 0x21 in a PROXY header is malformed",
        ),
        (v2(0x21, 0x00, &tlv(0x30, "é".as_bytes())), "TLV of type 0x30 in a PROXY header is malformed"),
        (v2(0x21, 0x00, &tlv(0x03, b"abcd")), "checksum of a PROXY header is wrong"),
    ] {
        let mut input = BytesMut::from(&wire[..]);
        let error = Header::parse(&mut input, Header::LIMIT).unwrap_err();
        assert_eq!(error.to_string(), message, "{}", wire.escape_ascii());
        assert_eq!(input, wire, "what is refused is not taken");
    }
}

#[test]
fn a_header_longer_than_the_limit_is_refused_before_it_comes() {
    let announced = [SIGNATURE, b"\x21\x11\xff\xff"].concat();
    let error = parse(&announced).unwrap_err();
    assert_eq!(error.to_string(), "PROXY header of 65551 octets where 4096 are allowed");
    let whole = v2(0x21, 0x11, TCP4);
    let parse = |limit| Header::parse(&mut BytesMut::from(&whole[..]), limit);
    assert!(parse(28).unwrap().is_some());
    assert_eq!(parse(27), Err(HeaderError::TooLong { octets: 28, limit: 27 }));
}

#[test]
fn of_what_the_proxy_says_for_itself_nothing_is_believed() {
    for (family, block) in [(0x11, TCP4), (0x00, &b"\xffrubbish"[..]), (0xff, b"")] {
        let header = parse(&v2(0x20, family, block)).unwrap().unwrap();
        assert_eq!((header.addresses(), header.tlvs().count()), (&Addresses::Local, 0));
        assert_eq!(header.addresses().source(), None);
    }
}

#[test]
fn what_is_told_beside_the_addresses_is_typed() {
    let of_tls =
        [tlv(0x21, b"TLSv1.3"), tlv(0x22, b"ann"), tlv(0x23, b"AES"), tlv(0x24, b"S"), tlv(0x25, b"K")];
    let ssl = [&b"\x03\0\0\0\0"[..], &of_tls.concat()].concat();
    let block = [
        TCP4,
        &tlv(0x01, b"smtp"),
        &tlv(0x02, b"mx.example"),
        &tlv(0x04, b"\0\0"),
        &tlv(0x05, b"\xff\0id"),
        &tlv(0x20, &ssl),
        &tlv(0x30, b"blue"),
        &tlv(0xea, b"\x01vpce"),
    ]
    .concat();
    let wire = v2(0x21, 0x11, &block);
    let header = parse(&wire).unwrap().unwrap();
    assert_eq!((header.alpn(), header.authority()), (Some(&b"smtp"[..]), Some("mx.example")));
    assert_eq!((header.unique_id(), header.netns()), (Some(&b"\xff\0id"[..]), Some("blue")));
    let ssl = header.ssl().unwrap();
    assert!(ssl.is_tls() && ssl.has_certificate() && ssl.is_verified());
    assert_eq!((ssl.version(), ssl.cn(), ssl.cipher()), (Some("TLSv1.3"), Some("ann"), Some("AES")));
    assert_eq!((ssl.sig_alg(), ssl.key_alg(), ssl.tlvs().count()), (Some("S"), Some("K"), 5));
    let kinds: Vec<u8> = header.tlvs().map(Tlv::kind).collect();
    assert_eq!(kinds, [0x01, 0x02, 0x04, 0x05, 0x20, 0x30, 0xea]);
    assert_eq!(header.tlvs().last(), Some(Tlv::Other { kind: 0xea, value: b"\x01vpce" }));
    assert_eq!(encoded(&header), wire);

    let told =
        header.tlvs().fold(Header::v2(header.addresses().clone()), |built, tlv| built.with_tlv(tlv).unwrap());
    assert_eq!(told, header);
}

#[test]
fn a_certificate_that_was_not_found_good_or_not_shown_is_not_verified() {
    for (client, verify, certificate, verified) in
        [(0x01, 0, false, false), (0x03, 1, true, false), (0x05, 0, true, true), (0x00, 0, false, false)]
    {
        let ssl = Ssl::new(client, verify, b"").unwrap();
        assert_eq!((ssl.has_certificate(), ssl.is_verified()), (certificate, verified));
    }
    assert_eq!(Ssl::new(1, 0, b"\x21"), Err(BadTlv { kind: 0x21 }));
}

#[test]
fn a_header_that_was_changed_on_its_way_is_not_believed() {
    let header = Header::v2(tcp("192.0.2.7:51234", "198.51.100.1:25"))
        .with_tlv(Tlv::Authority("mx.example"))
        .and_then(Header::with_checksum)
        .and_then(|header| header.with_tlv(Tlv::UniqueId(b"behind the checksum")))
        .unwrap();
    assert!(header.tlvs().any(|tlv| matches!(tlv, Tlv::Crc32c(sum) if sum != 0)));
    let wire = encoded(&header);
    assert_eq!(parse(&wire), Ok(Some(header.clone())));
    for at in 16..wire.len() {
        let mut changed = wire.clone();
        changed[at] ^= 1;
        assert!(parse(&changed).is_err(), "octet {at} changed");
    }
    assert_eq!(header.with_checksum().unwrap_err(), BadTlv { kind: 0x03 });
}

/// Else one end believes the first, which is right, and another the second.
#[test]
fn a_header_with_two_checksums_is_not_believed() {
    let one = tlv(0x03, &0x18fe_e621_u32.to_be_bytes());
    let wire = v2(0x21, 0x00, &[&one[..], &tlv(0x03, &7_u32.to_be_bytes())].concat());
    assert_eq!(parse(&wire), Err(HeaderError::BadTlv(BadTlv { kind: 0x03 })));
    let header = Header::v2(Addresses::Unknown).with_checksum().unwrap();
    assert_eq!(header.with_tlv(Tlv::Crc32c(7)), Err(BadTlv { kind: 0x03 }));
}

#[test]
fn what_cannot_be_written_cannot_be_made() {
    let path = UnixPath::new(b"/run/smtp").unwrap();
    let transport = Transport::Stream;
    let unix = Addresses::Unix { transport, source: UnixPath::default(), destination: path };
    assert_eq!(Header::v1(unix), Err(NotTcp));
    assert_eq!(Header::v1(Addresses::Local), Err(NotTcp));
    assert_eq!(UnixPath::new(&[b'a'; 109]), Err(LongPath(109)));
    assert!(UnixPath::new(&[b'a'; 108]).is_ok());
    let v1 = Header::v1(Addresses::Unknown).unwrap();
    assert_eq!(v1.with_tlv(Tlv::Noop(b"")), Err(BadTlv { kind: 4 }));
    assert_eq!(Header::v2(Addresses::Local).with_checksum(), Err(BadTlv { kind: 3 }));
    let v2 = || Header::v2(Addresses::Unknown);
    assert_eq!(v2().with_tlv(Tlv::Noop(&[0; 65_536])), Err(BadTlv { kind: 4 }));
    assert_eq!(v2().with_tlv(Tlv::Noop(&[0; 65_533])), Err(BadTlv { kind: 4 }));
    assert!(v2().with_tlv(Tlv::Noop(&[0; 65_532])).is_ok());
    assert_eq!(v2().with_tlv(Tlv::UniqueId(&[0; 129])), Err(BadTlv { kind: 5 }));
    assert_eq!(v2().with_tlv(Tlv::Other { kind: 0x03, value: b"" }), Err(BadTlv { kind: 3 }));
}

#[test]
fn addresses_of_two_families_are_told_as_of_ipv6() {
    let addresses = tcp("192.0.2.7:51234", "[2001:db8::1]:25");
    let header = Header::v1(addresses.clone()).unwrap();
    assert_eq!(encoded(&header), b"PROXY TCP6 0:0:0:0:0:ffff:c000:207 2001:db8::1 51234 25\r\n");
    assert_eq!(parse(&encoded(&header)).unwrap().unwrap().addresses(), &addresses);
    // As inet_ntop has it.
    let read = parse(b"PROXY TCP6 ::ffff:192.0.2.7 2001:db8::1 51234 25\r\n").unwrap().unwrap();
    assert_eq!(read, header);
}

#[cfg(feature = "serde")]
#[test]
fn a_header_is_written_as_json() {
    let ssl = Ssl::new(0x01, 0, b"\x21\0\x07TLSv1.3").unwrap();
    let header = Header::v2(tcp("192.0.2.7:51234", "198.51.100.1:25"))
        .with_tlv(Tlv::Authority("mx.example"))
        .and_then(|header| header.with_tlv(Tlv::UniqueId(b"\xff")))
        .and_then(|header| header.with_tlv(Tlv::Ssl(ssl)))
        .unwrap();
    let expected = serde_json::json!({
        "version": "Two",
        "addresses": { "Inet": {
            "transport": "Stream",
            "source": "192.0.2.7",
            "destination": "198.51.100.1",
            "source_port": 51_234,
            "destination_port": 25,
        } },
        "tlvs": [
            { "Authority": "mx.example" },
            { "UniqueId": { "octets": "/w==" } },
            { "Ssl": {
                "is_tls": true,
                "has_certificate": false,
                "is_verified": false,
                "tlvs": [[0x21, "TLSv1.3"]],
            } },
        ],
    });
    assert_eq!(serde_json::to_value(&header).unwrap(), expected);
}

fn address() -> impl Strategy<Value = SocketAddr> {
    (any::<IpAddr>(), any::<u16>()).prop_map(SocketAddr::from)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_header_reads_back_as_it_was_written(
        source in address(),
        destination in address(),
        tlvs in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)), 0..6),
        checksum in any::<bool>(),
    ) {
        let addresses = Addresses::tcp(source, destination);
        let line = Header::v1(addresses.clone()).unwrap();
        prop_assert!(encoded(&line).len() <= 107);
        let mut headers = vec![line];
        let mut header = Header::v2(addresses);
        for (kind, value) in &tlvs {
            header = header.clone().with_tlv(Tlv::Other { kind: *kind, value }).unwrap_or(header);
        }
        if checksum {
            header = header.clone().with_checksum().unwrap_or(header);
        }
        headers.push(header);
        for header in headers {
            prop_assert_eq!(parse(&encoded(&header)), Ok(Some(header)));
        }
    }

    #[test]
    fn no_octets_panic_and_none_are_taken_but_a_header(
        front in prop::sample::select(vec![&b"PROXY "[..], b"PROXY TCP4 ", SIGNATURE, b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", b""]),
        octets in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let wire = [front, &octets].concat();
        let mut input = BytesMut::from(&wire[..]);
        match Header::parse(&mut input, Header::LIMIT) {
            Ok(Some(header)) => prop_assert_eq!(parse(&encoded(&header)), Ok(Some(header))),
            _ => prop_assert_eq!(&input[..], &wire[..]),
        }
    }
}
