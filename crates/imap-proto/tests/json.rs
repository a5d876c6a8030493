//! What a program reads that is given values as JSON.
#![cfg(feature = "serde")]
use bytes::Bytes;
use imap_proto::{Command, Deviations, Dialect, Leniency, MailboxName, response::Response};
use serde::Serialize;
use serde_json::{Value, json};

fn value(value: &impl Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(value).expect("what a test reads is well-formed"))
        .expect("what a test reads is well-formed")
}

fn response(unit: &'static [u8]) -> Value {
    let dialect = Dialect::new(Leniency::LENIENT);
    value(
        &Response::parse(&Bytes::from_static(unit), &dialect, &mut Deviations::new())
            .expect("what a test reads is well-formed"),
    )
}

fn command(unit: &'static [u8]) -> Value {
    let (_, command) = Command::parse(&Bytes::from_static(unit), &Dialect::default(), &mut Deviations::new())
        .expect("what a test reads is well-formed");
    value(&command)
}

#[test]
fn commands_are_their_names_and_what_they_hold() {
    for (unit, expected) in [
        (&b"a NOOP"[..], json!("Noop")),
        (b"a SELECT inbox", json!({ "Select": "INBOX" })),
        (b"a SELECT \"Entw&APw-rfe\"", json!({ "Select": "Entw\u{fc}rfe" })),
        (
            b"a UID FETCH 1:3,7:* (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (FROM)]<0.10>)",
            json!({ "Fetch": { "numbering": "Uid", "set": "1:3,7:*", "items": [
                "Flags",
                { "Section": {
                    "seen": "Keep",
                    "section": { "part": [1, 2], "text": "HeaderFields", "fields": ["FROM"] },
                    "partial": { "offset": 0, "octets": 10 },
                } },
            ] } }),
        ),
        (
            b"a STORE 1 +FLAGS.SILENT (\\Seen $Junk)",
            json!({ "Store": {
                "numbering": "Sequence", "set": "1", "action": "Add", "report": "Silent",
                "flags": ["\\Seen", "$Junk"],
            } }),
        ),
        (
            b"a SEARCH SINCE 1-Feb-1994 NOT FROM Smith",
            json!({ "Search": { "numbering": "Sequence", "returns": null, "charset": null, "keys": [
                { "Since": "1994-02-01" },
                { "Not": { "From": "Smith" } },
            ] } }),
        ),
        (b"a XFOO (bar)", json!({ "Other": { "name": "XFOO", "arguments": "(bar)" } })),
    ] {
        assert_eq!(command(unit), expected, "{}", unit.escape_ascii());
    }
}

#[test]
fn a_secret_is_not_told() {
    assert_eq!(
        command(b"a LOGIN tim tanstaaf"),
        json!({ "Login": { "username": "tim", "password": "(redacted)" } })
    );
    assert_eq!(
        command(b"a AUTHENTICATE PLAIN AHRpbQB0YW5zdGFhZg=="),
        json!({ "Authenticate": { "mechanism": "PLAIN", "initial": "(redacted)" } })
    );
}

#[test]
fn names_that_cannot_be_decoded_are_not_taken_for_others() {
    let name = |octets: &'static [u8]| value(&MailboxName::from_wire(octets, Default::default()));
    assert_eq!(name(b"a&-b"), json!("a&b"));
    assert_eq!(name(b"a&b"), json!({ "octets": "YSZi" }));
    assert_eq!(name(b"caf\xe9"), json!({ "octets": "Y2Fm6Q==" }));
}

#[test]
fn statuses_and_their_codes() {
    assert_eq!(
        response(b"a1 OK [COPYUID 124 10 233] done\r\n"),
        json!({ "Tagged": { "tag": "a1", "status": {
            "kind": "Ok",
            "code": { "CopyUid": { "uid_validity": 124, "source": "10", "destination": "233" } },
            "text": "done",
        } } })
    );
    assert_eq!(
        response(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN XFOO\r\n"),
        json!({ "Untagged": { "Capability": {
            "capabilities": ["IMAP4rev1"], "mechanisms": ["PLAIN"], "others": ["XFOO"],
        } } })
    );
    assert_eq!(
        response(b"* LIST (\\HasNoChildren \\X) \"/\" INBOX/a\r\n"),
        json!({ "Untagged": { "List": {
            "kind": "List", "attributes": ["\\HasNoChildren", "\\X"], "delimiter": "/",
            "mailbox": "INBOX/a", "extended": [],
        } } })
    );
}

#[test]
fn what_is_told_of_a_message() {
    let told = response(
        b"* 1 FETCH (UID 7 FLAGS (\\Seen $Junk) INTERNALDATE \" 4-Jan-2015 16:53:35 +0800\" \
          BODY[] {4}\r\ncaf\xe9 X-FOO (a b))\r\n",
    );
    let fetch = &told["Untagged"]["Fetch"];
    assert_eq!(fetch["number"], 1);
    let items = fetch["items"].as_array().unwrap();
    assert_eq!(items[0], json!({ "Uid": 7 }));
    assert_eq!(items[1], json!({ "Flags": ["\\Seen", "$Junk"] }));
    assert_eq!(items[2], json!({ "InternalDate": "2015-01-04T16:53:35+08:00" }));
    assert_eq!(items[3]["Content"]["payload"], json!({ "Whole": { "octets": "Y2Fm6Q==" } }));
    assert_eq!(items[4], json!({ "Other": { "name": "X-FOO", "value": "(a b)" } }));
}

#[test]
fn an_envelope_is_its_fields_and_a_structure_is_a_tree() {
    let told = response(
        b"* 1 FETCH (ENVELOPE (NIL \"a \\\"b\\\"\" ((\"A\" NIL \"a\" \"example.org\")) NIL NIL \
          ((NIL NIL \"all\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL \"<m>\"))\r\n",
    );
    let envelope = &told["Untagged"]["Fetch"]["items"][0]["Envelope"];
    assert_eq!(envelope["subject"], "a \"b\"");
    assert_eq!(envelope["date"], Value::Null);
    assert_eq!(
        envelope["from"],
        json!([{ "kind": "Mailbox", "name": "A", "route": null, "mailbox": "a", "host": "example.org" }])
    );
    assert_eq!(envelope["to"][1]["kind"], "GroupEnd");

    let told = response(
        b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 10 1) \
          (\"image\" \"png\" NIL NIL NIL \"base64\" 5 NIL (\"inline\" (\"filename\" \"x\")) \"de\") \"mixed\"))\r\n",
    );
    let root = &told["Untagged"]["Fetch"]["items"][0]["BodyStructure"];
    assert_eq!((&root["kind"], &root["subtype"]), (&json!("Multipart"), &json!("mixed")));
    let text = &root["children"][0];
    assert_eq!(text["parameters"], json!([{ "name": "charset", "value": "utf-8" }]));
    assert_eq!((&text["octets"], &text["lines"]), (&json!(10), &json!(1)));
    let image = &root["children"][1];
    assert_eq!(image["lines"], Value::Null);
    assert_eq!(image["languages"], json!(["de"]));
    assert_eq!(
        image["disposition"],
        json!({ "kind": "inline", "parameters": [{ "name": "filename", "value": "x" }] })
    );
}
