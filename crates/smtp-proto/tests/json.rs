//! What a program reads that is given values as JSON.
#![cfg(feature = "serde")]
use bytes::Bytes;
use serde::Serialize;
use smtp_proto::{Capabilities, Command, Deviations, Leniency, Reply, ReplyReader};

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what a test reads is well-formed")
}

fn command(line: &'static str) -> String {
    let line = Bytes::from_static(line.as_bytes());
    json(
        &Command::parse(&line, Leniency::STRICT, &mut Deviations::new())
            .expect("what a test reads is well-formed"),
    )
}

fn reply(lines: &[&'static [u8]]) -> Reply {
    let mut reader = ReplyReader::new(4096);
    let mut push = |line| reader.push(Bytes::from_static(line), Leniency::LENIENT, &mut Deviations::new());
    lines
        .iter()
        .find_map(|line| push(line).expect("what a test reads is well-formed"))
        .expect("what a test reads is well-formed")
}

#[test]
fn commands_are_their_names_and_what_they_hold() {
    for (line, expected) in [
        ("DATA", r#""Data""#),
        ("NOOP", r#"{"Noop":null}"#),
        ("EHLO [IPv6:::1]", r#"{"Ehlo":"[IPv6:::1]"}"#),
        (
            "MAIL FROM:<a@example.org> SIZE=1024 BODY=8BITMIME X=y",
            r#"{"Mail":{"from":{"Path":{"mailbox":"a@example.org","route":null}},"parameters":{"size":1024,"body":"EightBitMime","smtputf8":false,"auth":null,"unknown":[{"keyword":"X","value":"y"}]}}}"#,
        ),
        (
            "RCPT TO:<@a.example,@b.example:c@d.example>",
            r#"{"Rcpt":{"to":{"Path":{"mailbox":"c@d.example","route":["a.example","b.example"]}},"parameters":{"unknown":[]}}}"#,
        ),
        ("RCPT TO:<Postmaster>", r#"{"Rcpt":{"to":"Postmaster","parameters":{"unknown":[]}}}"#),
        ("BDAT 7 LAST", r#"{"Bdat":{"length":7,"chunk":"Last"}}"#),
        ("ETRN @example.org", r#"{"Etrn":{"Subdomains":"example.org"}}"#),
        ("ATRN a.example,b.example", r#"{"Atrn":["a.example","b.example"]}"#),
        ("ATRN", r#"{"Atrn":[]}"#),
        ("BURL a:b LAST", r#"{"Burl":{"url":"a:b","chunk":"Last"}}"#),
        (
            "XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.1 X=a+20b",
            r#"{"XClient":{"name":"Unavailable","addr":{"Value":"192.0.2.1"},"attributes":[{"keyword":"NAME","value":"[UNAVAILABLE]"},{"keyword":"ADDR","value":"192.0.2.1"},{"keyword":"X","value":"a+20b"}]}}"#,
        ),
        ("XVERB x", r#"{"Other":{"verb":"XVERB","arguments":"x"}}"#),
    ] {
        assert_eq!(command(line), expected);
    }
}

#[test]
fn a_secret_is_not_told_and_an_empty_one_is_not_an_absent_one() {
    assert_eq!(
        command("AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm"),
        r#"{"Auth":{"mechanism":"PLAIN","initial":"(redacted)"}}"#
    );
    assert_eq!(command("AUTH PLAIN ="), r#"{"Auth":{"mechanism":"PLAIN","initial":"(redacted)"}}"#);
    assert_eq!(command("AUTH PLAIN"), r#"{"Auth":{"mechanism":"PLAIN","initial":null}}"#);
}

#[test]
fn replies_are_told_whatever_their_charset() {
    assert_eq!(
        json(&reply(&[b"550 5.7.509 Access denied"])),
        r#"{"code":550,"enhanced":"5.7.509","lines":["Access denied"]}"#
    );
    assert_eq!(
        json(&reply(&[b"250-caf\xe9", b"250 ok"])),
        r#"{"code":250,"enhanced":null,"lines":[{"octets":"Y2Fm6Q=="},"ok"]}"#
    );
}

#[test]
fn capabilities_are_typed() {
    let reply = reply(&[
        b"250-mx",
        b"250-SIZE 1000",
        b"250-AUTH PLAIN LOGIN",
        b"250-LIMITS RCPTMAX=5",
        b"250 XFOO 1",
    ]);
    let offer = Capabilities::parse(&reply, Leniency::STRICT, &mut Deviations::new()).unwrap();
    let told: serde_json::Value = serde_json::from_str(&json(&offer)).unwrap();
    assert_eq!(told["size_limit"], 1000);
    assert_eq!(told["mechanisms"], serde_json::json!(["PLAIN", "LOGIN"]));
    assert_eq!(told["others"], serde_json::json!(["XFOO 1"]));
    assert_eq!(told["parameters"], serde_json::json!([{ "extension": "LIMITS", "parameters": "RCPTMAX=5" }]));
    assert_eq!(
        told["limits"],
        serde_json::json!({ "mailmax": null, "rcptmax": 5, "rcptdomainmax": null, "unknown": [] })
    );
    assert_eq!(told["extensions"], serde_json::json!(["SIZE", "AUTH", "LIMITS"]));
}
