//! Greeting, EHLO or HELO, TLS and login.
use super::sends::{Sends, delivers, greeting, open, to};
use smtp_proto::{CleartextLogin, ClientConfig, TlsPolicy};

const MESSAGE: &str = r"
        C: MAIL FROM:<ann@example.org>
        S: 250 ok
        C: RCPT TO:<bob@x.example>
        S: 250 ok
        C: DATA
        S: 354 go
        C: hi
        C: ..dot
        C: .
        S: 250 queued
        C: QUIT
        S: 221 bye
";

fn sends() -> Sends {
    Sends::new([to(&["bob"])])
}

fn required() -> ClientConfig {
    ClientConfig { tls: TlsPolicy::Required, cleartext: CleartextLogin::Refuse, ..open() }
}

// covers rfc5321 3.2 delivery-helo
#[test]
fn a_server_that_knows_no_ehlo_hears_helo() {
    for code in [500, 502] {
        let script =
            format!("S: 220 old\nC: EHLO c.example\nS: {code} what?\nC: HELO c.example\nS: 250 old\n");
        let log = delivers(&(script + MESSAGE), &open(), sends);
        assert_eq!(log, ["ready", "body", "accepted 250", "closed"]);
    }
    let script = "S: 220 old\nC: EHLO c.example\nS: 500 what?\nC: HELO c.example\nS: 550 no\nC: QUIT";
    let log = delivers(script, &open(), sends);
    assert_eq!(log, ["unusable: the server refuses to be greeted: 550 no", "closed"]);
    let script = "S: 220 s\nC: EHLO c.example\nS: 550 go away\nC: QUIT";
    assert_eq!(
        delivers(script, &open(), sends),
        ["unusable: the server refuses to be greeted: 550 go away", "closed"]
    );
}

// covers rfc3207 4.2 delivery-ehlo-again
#[test]
fn tls_is_turned_on_where_it_is_offered_and_ehlo_said_again() {
    let script = greeting("STARTTLS,PIPELINING,8BITMIME")
        + "C: STARTTLS\nS: 220 go\n--- TLS ---\nC: EHLO c.example\nS: 250 s.example\n"
        + MESSAGE;
    for config in [open(), required()] {
        let log = delivers(&script, &config, sends);
        assert_eq!(log, ["upgraded", "ready", "body", "accepted 250", "closed"]);
    }
    // Who has no TLS says so.
    let never = ClientConfig { tls: TlsPolicy::Never, ..open() };
    let log = delivers(&(greeting("STARTTLS") + MESSAGE), &never, sends);
    assert_eq!(log, ["ready", "body", "accepted 250", "closed"]);
}

// covers rfc3207 4 delivery-tls-refused
// covers rfc3207 6 delivery-no-tls
#[test]
fn where_tls_is_required_and_not_to_be_had_nothing_is_delivered() {
    let none = delivers(&(greeting("SIZE") + "C: QUIT"), &required(), sends);
    assert_eq!(none, ["unusable: the server does not offer TLS", "closed"]);
    let refused = greeting("STARTTLS") + "C: STARTTLS\nS: 454 not now\n";
    let log = delivers(&(refused.clone() + "C: QUIT"), &required(), sends);
    assert_eq!(log, ["unusable: the server refuses TLS: 454 not now", "closed"]);
    let log = delivers(&(refused + MESSAGE), &open(), sends);
    assert_eq!(log, ["ready", "body", "accepted 250", "closed"]);
    let old = "S: 220 old\nC: EHLO c.example\nS: 500 what?\nC: QUIT";
    assert_eq!(delivers(old, &required(), sends), ["unusable: the server does not offer TLS", "closed"]);
}

#[test]
fn a_login_comes_before_the_message() {
    let script = greeting("AUTH PLAIN") + "C: AUTH PLAIN\nS: 334\nC: AG1lAHB3\nS: 235 in\n" + MESSAGE;
    let log = delivers(&script, &open(), || sends().login(None));
    assert_eq!(log, ["ready", "challenge ", "logged in 235", "body", "accepted 250", "closed"]);

    let script = greeting("AUTH PLAIN") + "C: AUTH PLAIN AG1lAHB3\nS: 535 no\n" + MESSAGE;
    let log = delivers(&script, &open(), || sends().login(Some(b"\0me\0pw")));
    assert_eq!(log, ["ready", "login refused 535", "body", "accepted 250", "closed"]);
}

#[test]
fn no_password_leaves_in_clear_by_mistake() {
    let config = ClientConfig { cleartext: CleartextLogin::Refuse, ..open() };
    let log = delivers(&greeting("AUTH PLAIN"), &config, || sends().login(Some(b"x")));
    assert_eq!(log, ["ready", "not sent: TLS is required"]);
}

#[test]
fn a_greeting_that_is_none_is_told() {
    assert_eq!(
        delivers("S: 554 no service", &open(), sends),
        ["unusable: the server gives no service: 554 no service", "closed"]
    );
}
