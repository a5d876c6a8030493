//! The sessions that the RFCs show, at the server and at the client, under every cut, and between the two.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::{
    auth, chunking, config, lmtp, offering,
    scripted::{Scripted, said},
    server_host, submission,
};
use smtp_proto::{
    client::Client,
    server::{Dialect, Event, Rejection, Server},
    *,
};
use test_support::{Host, Log, Pair, Pieces, Script, Who, host, run_client, run_server};

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

/// A client that says all in clear, and one command at a time.
fn patient() -> ClientConfig {
    ClientConfig { max_in_flight: 1, ..in_groups() }
}

fn in_groups() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        leniency: Leniency::STRICT,
        ..ClientConfig::default()
    }
}

fn of_lmtp(config: ClientConfig) -> ClientConfig {
    ClientConfig { protocol: Protocol::Lmtp, ..config }
}

/// The scripts, the clients that say them, and the servers.
fn sessions() -> Vec<(&'static str, ClientConfig, ServerConfig)> {
    let lmtp_chunking = ServerConfig { protocol: Protocol::Lmtp, ..chunking() };
    let cram = with(&["CRAM-MD5".parse().unwrap(), Mechanism::EXTERNAL], auth());
    let many = ServerConfig { max_recipients: 100, ..offering(&["DSN", "EXPN"]) };
    vec![
        ("relayed", patient(), offering(&["DSN"])),
        ("relayed-on", patient(), config()),
        ("verified", patient(), offering(&["DSN", "VRFY"])),
        ("expanded", patient(), offering(&["EXPN"])),
        ("size", patient(), offering(&["EXPN"])),
        ("enhanced-codes", patient(), config()),
        ("one-by-one", patient(), config()),
        ("pipelining-refused", in_groups(), config()),
        ("chunking", patient(), chunking()),
        ("binarymime", in_groups(), chunking()),
        ("lmtp-chunking", of_lmtp(patient()), lmtp_chunking),
        ("etrn", patient(), offering(&["ETRN", "EXPN"])),
        ("dsn", patient(), many),
        ("dsn-relay", patient(), dsn()),
        ("dsn-refused", patient(), dsn()),
        ("dsn-forwarded", patient(), dsn()),
        ("auth-cram-md5", patient(), cram),
        ("auth-external", patient(), with(&[Mechanism::EXTERNAL, Mechanism::PLAIN], submission())),
        ("auth-parameter", patient(), auth()),
    ]
}

#[test]
fn a_client_says_the_sessions_of_the_rfcs() {
    for (name, client, _) in sessions() {
        let script = Script::load(&format!("smtp/{name}.txt"));
        let make = || (Client::new(client.clone()), Scripted { said: said(&script) });
        let log = run_client(&script, make);
        assert_eq!(log[log.len() - 2..], ["221", "closed"], "{name}: {log:?}");
    }
    let script = Script::load("smtp/dsn-unknown.txt");
    let log = run_client(&script, || (Client::new(patient()), Scripted { said: said(&script) }));
    assert_eq!(log[..4], ["greeting 220", "502", "250", "250"]);
}

#[test]
fn a_client_and_a_server_have_the_sessions_of_the_rfcs() {
    for (name, client, server) in sessions() {
        let script = Script::load(&format!("smtp/{name}.txt"));
        let run = |pieces| {
            let mut pair = Pair::new(Client::new(client.clone()), Server::new(server.clone())).pieces(pieces);
            pair.pump(&mut Scripted { said: said(&script) }, &mut server_host());
            assert!(pair.is_over(Who::Client) && pair.is_over(Who::Server), "{name}: {}", pair.transcript());
            (pair.client_log.entries(), pair.server_log.entries())
        };
        let whole = run(Pieces::Whole);
        for pieces in [1, 2, 3, 7].map(Pieces::Every).into_iter().chain((1..5).map(Pieces::Seeded)) {
            assert_eq!(run(pieces), whole, "{name} {pieces:?}");
        }
    }
}
