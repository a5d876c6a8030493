//! What a message needs is held against what the server offers before MAIL is sent.
use super::sends::{BODY, QUIT, Sends, delivers, mail, of, one, one_by_one, open, rcpt, to};
use smtp_proto::{
    Body, ByMode, ClientConfig, DateTime, DeliverBy, Hold, Mail, Mailbox, Notify, Priority, Ret, Security,
    Submitter, Unsupported, ValidSince, delivery::Message,
};

/// MAIL and RCPT as they are said to a server that offers this.
fn said(offers: &str, mail: &str, rcpt: &str, message: &Message) -> Vec<String> {
    let session =
        format!("C: {mail}\nS: 250 ok\nC: {rcpt}\nS: 550 no\nC: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye");
    one(offers, &session, message)
}

// covers rfc6531 3.2 delivery-recipient
// covers rfc6531 3.2 delivery-address
#[test]
fn a_recipient_whose_address_is_not_ascii_fails_alone() {
    let session = one_by_one(&["cy"], &["250 ok", "250 ok", "354 go"]) + BODY + "S: 250 queued\n" + QUIT;
    let unsent = "Never 5.6.7 the address is not ASCII, and the server does not offer SMTPUTF8";
    assert_eq!(one("SIZE", &session, &to(&["b\u{f6}b", "cy"])), ["body", unsent, "accepted 250", "closed"]);
    assert_eq!(one("SIZE", QUIT, &to(&["b\u{f6}b"])), [unsent, "closed"]);
    let log = said(
        "SMTPUTF8,8BITMIME",
        "MAIL FROM:<ann@example.org> SMTPUTF8",
        "RCPT TO:<b\u{f6}b@x.example>",
        &to(&["b\u{f6}b"]),
    );
    assert_eq!(log, ["Rcpt 550 Never", "closed"]);
}

// covers rfc4954 5 delivery-submitter-unknown
#[test]
fn who_submitted_a_message_need_not_be_told_to_who_takes_no_such_address() {
    let utf8 = || Mailbox::new("\u{e5}nn@example.org").unwrap();
    let first = || mail().with_auth(&Submitter::Mailbox(utf8()));
    let log = said(
        "AUTH PLAIN",
        "MAIL FROM:<ann@example.org> AUTH=<>",
        "RCPT TO:<bob@x.example>",
        &of(first(), &["bob"]),
    );
    assert_eq!(log, ["Rcpt 550 Never", "omitted [SmtpUtf8]", "closed"]);
    let responsible = mail().with_submitter(&utf8());
    let line = "MAIL FROM:<ann@example.org>";
    let log = said("SUBMITTER", line, "RCPT TO:<bob@x.example>", &of(responsible, &["bob"]));
    assert_eq!(log, ["Rcpt 550 Never", "omitted [SmtpUtf8]", "closed"]);
    // Nor where there is no word for it.
    let log = said("SIZE", line, "RCPT TO:<bob@x.example>", &of(first(), &["bob"]));
    assert_eq!(log, ["Rcpt 550 Never", "omitted [Auth]", "closed"]);
    // Where such addresses are taken it is told.
    let line = "MAIL FROM:<ann@example.org> AUTH=+C3+A5nn@example.org SMTPUTF8";
    said("SMTPUTF8,8BITMIME,AUTH PLAIN", line, "RCPT TO:<bob@x.example>", &of(first(), &["bob"]));
}

/// As a relay has it that took the message with SMTPUTF8.
// covers rfc6533 3 delivery-orcpt
#[test]
fn the_original_recipient_is_named_to_every_server_that_offers_dsn() {
    let rcpt = rcpt("bob@x.example").with("ORCPT", Some("utf-8;b\u{f6}b@example.org")).unwrap();
    let message = Message::new(mail(), vec![rcpt]);
    let line = "RCPT TO:<bob@x.example> ORCPT=utf-8;b\\\\x{F6}b@example.org";
    said("DSN", "MAIL FROM:<ann@example.org>", line, &message);
    said("DSN,SMTPUTF8,8BITMIME", "MAIL FROM:<ann@example.org>", line, &message);
}

/// Else the sender is not told what became of it, and a relay that owes that does not know.
#[test]
fn an_original_recipient_who_cannot_be_named_is_left_out_and_that_is_told() {
    let long = format!("utf-8;{}@example.org", "\u{f6}".repeat(90));
    let rcpt = rcpt("bob@x.example").with("ORCPT", Some(&long)).unwrap();
    let message = Message::new(mail(), vec![rcpt]);
    let log = said("DSN", "MAIL FROM:<ann@example.org>", "RCPT TO:<bob@x.example>", &message);
    assert_eq!(log, ["Rcpt 550 Never", "omitted [Dsn]", "closed"]);
}

// covers rfc6531 3.1 delivery-header
#[test]
fn a_header_or_a_sender_that_is_not_ascii_needs_smtputf8() {
    let unsent = "Never 5.6.9 the server does not offer SMTPUTF8";
    let sender = Mail::new(Mailbox::new("\u{e5}nn@example.org").unwrap());
    for mail in [mail().with_smtputf8(), sender.clone()] {
        assert_eq!(one("8BITMIME", QUIT, &of(mail, &["bob"])), [unsent, "closed"]);
    }
    // A header in UTF-8 is of octets above 127.
    let line = "MAIL FROM:<ann@example.org> SMTPUTF8 BODY=8BITMIME";
    said("SMTPUTF8,8BITMIME", line, "RCPT TO:<bob@x.example>", &of(mail().with_smtputf8(), &["bob"]));
    let line = "MAIL FROM:<\u{e5}nn@example.org> SMTPUTF8";
    said("SMTPUTF8,8BITMIME", line, "RCPT TO:<bob@x.example>", &of(sender, &["bob"]));
}

// covers rfc6152 3 delivery-8bit
// covers rfc3030 3 delivery-binary
#[test]
fn a_body_is_not_sent_to_who_cannot_take_it() {
    let body = |body| of(mail().with_body(body), &["bob"]);
    let unsent = |keyword: &str| format!("Never 5.6.3 the server does not offer {keyword}");
    assert_eq!(one("SIZE", QUIT, &body(Body::EightBitMime)), [&unsent("8BITMIME"), "closed"]);
    assert_eq!(one("8BITMIME,CHUNKING", QUIT, &body(Body::BinaryMime)), [&unsent("BINARYMIME"), "closed"]);
    assert_eq!(one("8BITMIME,BINARYMIME", QUIT, &body(Body::BinaryMime)), [&unsent("CHUNKING"), "closed"]);
    let log = one("CHUNKING,BINARYMIME", QUIT, &body(Body::BinaryMime));
    assert_eq!(log, ["Never 5.3.3 the server does not offer PIPELINING", "closed"]);
    let line = "MAIL FROM:<ann@example.org> BODY=8BITMIME";
    said("8BITMIME", line, "RCPT TO:<bob@x.example>", &body(Body::EightBitMime));
    // What every server takes needs no word.
    said("8BITMIME", "MAIL FROM:<ann@example.org>", "RCPT TO:<bob@x.example>", &body(Body::SevenBit));
}

// covers rfc1870 6.1 delivery-too-large
// covers rfc1870 6.1 delivery-size
#[test]
fn the_size_is_told_and_what_is_too_large_is_not_begun() {
    let sized = of(mail().with_size(1000), &["bob"]);
    said("SIZE 1000", "MAIL FROM:<ann@example.org> SIZE=1000", "RCPT TO:<bob@x.example>", &sized);
    said("SIZE", "MAIL FROM:<ann@example.org> SIZE=1000", "RCPT TO:<bob@x.example>", &sized);
    said("PIPELINING-NOT", "MAIL FROM:<ann@example.org>", "RCPT TO:<bob@x.example>", &sized);
    let log = one("SIZE 999", QUIT, &sized);
    assert_eq!(log, ["Never 5.3.4 the server takes messages of up to 999 octets", "closed"]);
}

// covers rfc3461 5.2.2 delivery-omits
#[test]
fn courtesies_are_left_out_where_they_are_not_offered_and_that_is_told() {
    let by = DeliverBy::new(60, ByMode::Notify).unwrap();
    let mail = mail()
        .with_ret(Ret::Headers)
        .with_envid("x1")
        .unwrap()
        .with_by(by)
        .with_priority(Priority::new(3).unwrap())
        .with("X-OWN", Some("1"))
        .unwrap();
    let rcpt =
        rcpt("bob@x.example").with_notify(Notify::SUCCESS).with_orcpt("rfc822", "b@y.example").unwrap();
    let message = Message::new(mail, vec![rcpt]);
    let log = said("SIZE", "MAIL FROM:<ann@example.org> X-OWN=1", "RCPT TO:<bob@x.example>", &message);
    assert_eq!(log, ["Rcpt 550 Never", "omitted [Dsn, DeliverBy, MtPriority]", "closed"]);
    let log = said(
        "DSN,DELIVERBY,MT-PRIORITY",
        "MAIL FROM:<ann@example.org> RET=HDRS ENVID=x1 BY=60;N MT-PRIORITY=3 X-OWN=1",
        "RCPT TO:<bob@x.example> NOTIFY=SUCCESS ORCPT=rfc822;b@y.example",
        &message,
    );
    assert_eq!(log, ["Rcpt 550 Never", "closed"]);
}

#[test]
fn demands_that_are_not_offered_fail_the_message() {
    let unsent = |keyword: &str| format!("Never 5.3.3 the server does not offer {keyword}");
    let by = DeliverBy::new(60, ByMode::Return).unwrap();
    assert_eq!(one("SIZE", QUIT, &of(mail().with_by(by), &["bob"])), [&unsent("DELIVERBY"), "closed"]);
    let held = mail().with_hold(Hold::For(60)).unwrap();
    assert_eq!(one("SIZE", QUIT, &of(held.clone(), &["bob"])), [&unsent("FUTURERELEASE"), "closed"]);
    said(
        "FUTURERELEASE 100 2030-01-01T00:00:00Z",
        "MAIL FROM:<ann@example.org> HOLDFOR=60",
        "RCPT TO:<bob@x.example>",
        &of(held, &["bob"]),
    );
    let since = |unsupported| {
        let since = ValidSince { since: DateTime::new("2014-04-03T23:01:00Z").unwrap(), unsupported };
        Message::new(mail(), vec![rcpt("bob@x.example").with_rrvs(since)])
    };
    assert_eq!(one("SIZE", QUIT, &since(None)), [&unsent("RRVS"), "closed"]);
    let log = said(
        "SIZE",
        "MAIL FROM:<ann@example.org>",
        "RCPT TO:<bob@x.example>",
        &since(Some(Unsupported::Continue)),
    );
    assert_eq!(log, ["Rcpt 550 Never", "omitted [Rrvs]", "closed"]);
}

// covers rfc8689 4.2.1 delivery-under-tls
#[test]
fn what_requires_tls_is_sent_under_tls_to_who_offers_to_require_it() {
    let message = of(mail().with_requiretls(), &["bob"]);
    let unsent = "Never 5.7.30 the server does not offer REQUIRETLS";
    assert_eq!(one("REQUIRETLS", QUIT, &message), [unsent, "closed"]);
    let tls = ClientConfig { security: Security::Tls, ..open() };
    let greeted = super::sends::greeting("SIZE") + QUIT;
    assert_eq!(delivers(&greeted, &tls, || Sends::new([message.clone()])), ["ready", unsent, "closed"]);
    let session = super::sends::greeting("REQUIRETLS")
        + "C: MAIL FROM:<ann@example.org> REQUIRETLS\nS: 550 no\nC: QUIT\nS: 221 bye";
    let log = delivers(&session, &tls, || Sends::new([message.clone()]));
    assert_eq!(log, ["ready", "Mail 550 Never", "closed"]);
}
