//! The sessions that the RFCs show, at the server, under every cut.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::{auth, chunking, config, lmtp, offering, server_host, submission};
use smtp_proto::{
    server::{Dialect, Event, Rejection, Server},
    *,
};
use test_support::{Host, Log, Script, host, run_server};

/// What the host was told, but for who said hello.
fn log(name: &str, config: impl Fn() -> ServerConfig) -> Vec<String> {
    let script = Script::load(&format!("smtp/{name}.txt"));
    let mut log = run_server(&script, || (Server::new(config()), server_host()));
    log.retain(|entry| !entry.starts_with("hello"));
    assert_eq!(log.split_off(log.len() - 2), ["Quit", "closed"]);
    log
}

fn dsn() -> ServerConfig {
    ServerConfig { max_recipients: 100, ..offering(&["DSN"]) }
}

/// EXTERNAL, which TLS makes worth something, and CRAM-MD5, which does without.
fn with(mechanisms: &[Mechanism], config: ServerConfig) -> ServerConfig {
    let mechanisms = mechanisms.to_vec();
    ServerConfig { authentication: Authentication { mechanisms, ..config.authentication }, ..config }
}

#[test]
fn mail_that_is_relayed_on_its_way() {
    let first = log("relayed", || offering(&["DSN"]));
    assert_eq!(first[..2], ["mail <JQP@bar.com>", "rcpt <Jones@XYZ.COM>"]);
    assert_eq!(first[3], "message of 215 octets for 1");
    let second = log("relayed-on", config);
    assert_eq!(second[..2], first[..2]);
    assert_eq!(second[3], "message of 314 octets for 1");
}

// covers rfc5321 3.5.1 vrfy-asked
// covers rfc5321 3.5.2 vrfy-250
#[test]
fn a_name_that_is_verified_before_mail_is_sent() {
    let log = log("verified", || offering(&["DSN", "VRFY"]));
    assert_eq!(log[0], "vrfy Crispin");
    assert_eq!(log[3], r#"payload "Blah blah blah...\r\n..etc. etc. etc.\r\n""#);
}

// covers rfc5321 3.5.2 expn-250
#[test]
fn a_list_that_is_expanded() {
    let log = log("expanded", || offering(&["EXPN"]));
    assert_eq!(log, ["expn Example-People", "expn Executive-Washroom-List"]);
}

#[test]
fn a_size_that_is_too_much_for_some_recipients() {
    let log = log("size", || offering(&["EXPN"]));
    assert_eq!(log.last().unwrap(), "message of 8 octets for 1");
}

#[test]
fn enhanced_codes_on_every_line() {
    let log = log("enhanced-codes", config);
    assert_eq!(log.last().unwrap(), "message of 8 octets for 1");
}

#[test]
fn commands_one_by_one() {
    let log = log("one-by-one", config);
    assert_eq!(log.last().unwrap(), "message of 8 octets for 3");
}

#[test]
fn a_group_whose_recipients_are_all_refused() {
    let log = log("pipelining-refused", config);
    assert_eq!(log.len(), 3, "{log:?}");
}

// covers rfc3030 2 chunk-250
#[test]
fn a_message_in_chunks_for_several_recipients_of_lmtp() {
    let log = log("lmtp-chunking", || ServerConfig { protocol: Protocol::Lmtp, ..chunking() });
    let expected = [
        "chunk of 20 octets",
        r#"payload "Blah blah blah...\r\n..\r\n...etc. etc. etc.\r\n""#,
        "message of 42 octets for 2",
    ];
    assert_eq!(log[4..], expected);
    assert_eq!(lmtp().max_recipients, 3);
}

// covers rfc1985 5.1 etrn
#[test]
fn queues_that_a_client_asks_for() {
    let log = log("etrn", || offering(&["ETRN", "EXPN"]));
    assert_eq!(log.len(), 6, "{log:?}");
    assert_eq!(log[0], r#"etrn Node("uu.net")"#);
}

// covers rfc3461 5.1 parameters-taken
#[test]
fn what_senders_ask_of_notifications() {
    let recipients = |log: &[String]| log.last().unwrap().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(
        recipients(&log("dsn", || ServerConfig { max_recipients: 100, ..offering(&["DSN", "EXPN"]) })),
        "6"
    );
    for name in ["dsn-relay", "dsn-refused", "dsn-forwarded"] {
        assert_eq!(recipients(&log(name, dsn)), "1", "{name}");
    }
}

/// A server that knows no EHLO: its host says so.
fn without_ehlo() -> impl Host<Server> {
    let mut others = server_host();
    host(move |server: &mut Server, event, log: &mut Log| match event {
        Event::Hello(ask) if ask.dialect == Dialect::Esmtp => {
            let text = Text::from_static("5.5.1 command not implemented");
            server.reject(ask, Rejection::new(Reply::new(Code::NOT_IMPLEMENTED, text)).unwrap()).unwrap();
        }
        event => others.event(server, event, log),
    })
}

#[test]
fn a_server_that_knows_no_extensions() {
    let script = Script::load("smtp/dsn-unknown.txt");
    let log = run_server(&script, || (Server::new(config()), without_ehlo()));
    assert_eq!(log.iter().filter(|entry| entry.starts_with("message")).count(), 2, "{log:?}");
}

#[test]
fn logins_with_a_challenge_and_with_nothing_to_say() {
    let clear = || with(&["CRAM-MD5".parse().unwrap(), Mechanism::EXTERNAL], auth());
    assert_eq!(log("auth-cram-md5", clear), ["logged in"]);
    let tls = || with(&[Mechanism::EXTERNAL, Mechanism::PLAIN], submission());
    assert_eq!(log("auth-external", tls), ["upgraded", "logged in"]);
}

// covers rfc4954 5 auth-parameter-taken
#[test]
fn who_first_submitted_a_message() {
    let log = log("auth-parameter", auth);
    assert_eq!(log, ["mail <e=mc2@example.com>", "Reset", "mail <john+@example.org>"]);
}
