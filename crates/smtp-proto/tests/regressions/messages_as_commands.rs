//! What a client meant as a message, or for another server, is never read as commands: mail would be forged.
use super::{
    common::config,
    server_session::{HELLO, Rejects, script},
};

/// A message that reads like commands.
const FORGED: &str = "
    C: Subject: x
    C:
    C: RSET
    C: MAIL FROM:<evil@example.com>
    C: .
    C: QUIT
";

fn ends_in_an_error(log: &[String]) {
    let last = log.last().map(String::as_str);
    assert_eq!(last, Some("error: octets behind a DATA that was refused"), "{log:?}");
    assert!(!log.iter().any(|entry| entry.contains("evil")), "{log:?}");
}

// covers rfc5321 3.3 early-message
#[test]
fn a_message_behind_a_data_that_the_machine_refused() {
    let text = format!(
        "{HELLO}
        C: MAIL FROM:<a@example.com>
        S: 250 2.1.0 sender ok
        C: RCPT TO:<b@example.net>
        S: 550 5.1.1 no such mailbox here
        C: DATA
        S: 503 5.5.1 no recipient was accepted
        {FORGED}"
    );
    ends_in_an_error(&script(&text, config, Rejects::Recipients));
}

// covers rfc5321 3.3 early-message-to-host
#[test]
fn a_message_behind_a_data_that_the_host_refused() {
    let text = format!(
        "{HELLO}
        C: MAIL FROM:<a@example.com>
        S: 250 2.1.0 sender ok
        C: RCPT TO:<b@example.net>
        S: 250 2.1.5 recipient ok
        C: DATA
        S: 451 4.3.0 local error, try again later
        {FORGED}"
    );
    ends_in_an_error(&script(&text, config, Rejects::Data));
}

// covers rfc5321 7.8 web-browser
#[test]
fn a_web_browser_is_no_client() {
    for first in ["POST / HTTP/1.1", "PATCH /a b HTTP/1.1", "PRI * HTTP/2.0", "Host: mx.example.net"] {
        let text = format!(
            "
            S: 220 mx.example.net ESMTP
            C: {first}
            S: 421 4.7.0 mx.example.net this is no web server, closing
            C: Content-Type: text/plain
            C: Origin: http://evil.example
            C:
            C: EHLO x.example
            C: MAIL FROM:<evil@example.com>
            "
        );
        assert_eq!(script(&text, config, Rejects::Nothing), ["closed"]);
    }
}
