//! What a program reads that is given values as JSON.
#![cfg(feature = "serde")]
use bytes::Bytes;
use pop3_proto::{Capability, Command, Leniency, Response, ScanListing, UniqueIdListing};
use serde::Serialize;

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what a test reads is well-formed")
}

fn line(text: &'static [u8]) -> Bytes {
    Bytes::from_static(text)
}

#[test]
fn commands_are_their_names_and_what_they_hold_but_secrets() {
    for (text, expected) in [
        (&b"STAT"[..], r#""Stat""#),
        (b"USER m rose", r#"{"User":"m rose"}"#),
        (b"USER caf\xe9", r#"{"User":{"octets":"Y2Fm6Q=="}}"#),
        (b"PASS tan staaf", r#"{"Pass":"(redacted)"}"#),
        (b"AUTH PLAIN =", r#"{"Auth":{"mechanism":"PLAIN","initial":"(redacted)"}}"#),
        (b"LIST", r#"{"List":null}"#),
        (b"TOP 1 0", r#"{"Top":{"message":1,"lines":0}}"#),
        (
            b"APOP mrose c4c9334bac560ecc979e58001b3e22fb",
            r#"{"Apop":{"name":"mrose","digest":"(redacted)"}}"#,
        ),
        (b"UTF8", r#""Utf8""#),
        (b"LANG", r#"{"Lang":null}"#),
        (b"LANG *", r#"{"Lang":"Any"}"#),
        (b"LANG en", r#"{"Lang":{"Tag":"en"}}"#),
        (b"XTND a b", r#"{"Other":{"keyword":"XTND","arguments":"a b"}}"#),
    ] {
        assert_eq!(json(&Command::parse(&line(text)).unwrap()), expected);
    }
}

#[test]
fn replies_and_listings_are_typed() {
    let response = |text| json(&Response::parse(&line(text)).unwrap());
    assert_eq!(
        response(b"-ERR [IN-USE] busy"),
        r#"{"Reply":{"status":"Err","text":{"code":"InUse","words":"busy"}}}"#
    );
    assert_eq!(response(b"+ dXNlcg=="), r#"{"Challenge":"(redacted)"}"#);
    assert_eq!(json(&ScanListing::parse(&line(b"2 200")).unwrap()), r#"{"message":2,"octets":200}"#);
    let (listing, deviation) =
        UniqueIdListing::parse_lenient(&line(b"2 QhdP extra"), Leniency::LENIENT).unwrap();
    assert_eq!(json(&listing), r#"{"message":2,"id":"QhdP"}"#);
    assert_eq!(json(&deviation), r#"{"kind":"ExtraWords","offset":6}"#);
    for (text, expected) in [
        (&b"SASL PLAIN LOGIN"[..], r#"{"Sasl":["PLAIN","LOGIN"]}"#),
        (b"EXPIRE NEVER", r#"{"Expire":{"retention":"Never","scope":"Everyone"}}"#),
        (b"UTF8 USER", r#"{"Utf8":"Utf8"}"#),
        (b"LANG", r#""Lang""#),
        (b"IMPLEMENTATION x y", r#"{"Implementation":"x y"}"#),
    ] {
        assert_eq!(json(&Capability::parse(&line(text)).unwrap()), expected);
    }
}
