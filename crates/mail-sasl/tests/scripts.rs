//! The examples of RFC 5802 and RFC 7677 as sessions of each protocol, both roles, under every cut. The nonces are the
//! RFCs', which nobody draws again: so the messages are theirs, too, which `vectors.rs` holds against the formulas.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
mod common;

use common::scram::{RFC_5802, RFC_7677};
use mail_sasl::{CleartextLogin, Hash, Mechanism, Secret, sasl::Response};
use test_support::{Log, Script, host, run_client, run_server};

/// (hash, name, client-first-message-bare, server-first-message, ..)
type Example = (Hash, &'static str, &'static str, &'static str, &'static str, &'static str);

/// What the server says to that, until it says no more; `None` is no.
fn challenge(example: Example, said: Option<&Secret>) -> Option<String> {
    let (_, _, bare, first, proof, signature) = example;
    let said = said.map(|said| said.as_str().unwrap().to_owned());
    match said {
        None => Some(String::new()),
        Some(said) if said == format!("n,,{bare}") => Some(first.to_owned()),
        Some(said) if said == proof => Some(signature.to_owned()),
        Some(_) => None,
    }
}

/// What the client answers.
fn response(example: Example, challenge: &Secret) -> Response {
    let (_, _, bare, first, proof, signature) = example;
    let said = match challenge.as_str().unwrap() {
        "" => format!("n,,{bare}"),
        challenge if challenge == first => proof.to_owned(),
        challenge if challenge == signature => String::new(),
        other => panic!("{other}"),
    };
    Response::Data(Secret::from(said.into_bytes()))
}

fn initial((_, _, bare, ..): Example) -> Option<Secret> {
    Some(Secret::from(format!("n,,{bare}").into_bytes()))
}

fn is_end(said: &Secret) -> bool {
    said.as_bytes().is_empty()
}

/// Plays a script against both machines of a protocol, whole and cut everywhere: each must note that the login is good.
///
/// The server's side is the same in all: `asks` names the events that are answered by the way, and the one that begins an
/// exchange. The client's is told by what it does on each event but a challenge.
macro_rules! play {
    (
        $script:literal of $protocol:ident as $example:expr,
        server $config:expr, asks { $($ask:ident => $answer:expr,)+ } then $authenticate:ident, $success:expr;
        client |$client:ident, $log:ident| { $($event:pat $(if $guard:expr)? => $does:expr,)+ }
    ) => {
        let script = Script::load($script);
        let log = run_server(&script, || {
            use $protocol::server::{AuthAnswer, Event, Server};
            let answer =
                |said: Option<&Secret>| AuthAnswer::Challenge(challenge($example, said).unwrap().into_bytes());
            let host = host(move |server: &mut Server, event, log: &mut Log| match event {
                $(Event::$ask(ask) => server.accept(ask, $answer).unwrap(),)+
                Event::$authenticate(ask) => {
                    let answer = answer(ask.initial.as_ref());
                    server.accept(ask, answer).unwrap();
                }
                Event::AuthResponse(ask) if is_end(&ask.octets) => {
                    log.note("logged in");
                    server.accept(ask, $success).unwrap();
                }
                Event::AuthResponse(ask) => {
                    let answer = answer(Some(&ask.octets));
                    server.accept(ask, answer).unwrap();
                }
                _ => {}
            });
            (Server::new($config), host)
        });
        assert_eq!(log, ["logged in", "closed"]);
        let log = run_client(&script, || {
            use $protocol::{ClientConfig, TlsPolicy, client::{Client, Event}};
            let mut config = ClientConfig::default();
            (config.tls, config.cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
            let host = host(|$client: &mut Client, event, $log: &mut Log| match event {
                Event::Challenge { challenge, .. } => $client.respond(&response($example, &challenge)).unwrap(),
                $($event $(if $guard)? => $does,)+
                _ => {}
            });
            (Client::new(config), host)
        });
        assert_eq!(log, ["logged in", "closed"]);
    };
}

#[test]
fn scram_sha_256_by_smtp() {
    use smtp_proto::{Auth, ClientName, Code, Command, ServerConfig, Text};
    let offering = || {
        let mut config = ServerConfig::new(Text::from_static("mx.example.net"));
        config.authentication.mechanisms = vec![Mechanism::SCRAM_SHA_256];
        config.authentication.cleartext = CleartextLogin::Allow;
        config
    };
    play! {
        "smtp/auth-scram-sha-256.txt" of smtp_proto as RFC_7677,
        server offering(), asks { Connect => (), Hello => (), } then Auth, AuthAnswer::Success;
        client |client, log| {
            Event::Greeting(_) => {
                let us = ClientName::new("client.example.com").unwrap();
                client.send(Command::Ehlo(us)).unwrap();
            },
            Event::Reply { reply, .. } if reply.code() == Code::AUTHENTICATED => {
                log.note("logged in");
                client.send(Command::Quit).unwrap();
            },
            Event::Reply { reply, .. } if reply.code() == Code::OK => {
                let auth = Auth { mechanism: Mechanism::SCRAM_SHA_256, initial: initial(RFC_7677) };
                client.send(Command::Auth(auth)).unwrap();
            },
        }
    }
}

#[test]
fn scram_sha_1_by_pop3() {
    use pop3_proto::{Command, DropListing, Mechanisms, ServerConfig, Status};
    let offering = || {
        let mut config = ServerConfig::default();
        config.cleartext = CleartextLogin::Allow;
        config.mechanisms = Mechanisms::new([Mechanism::SCRAM_SHA_1]).unwrap();
        config
    };
    let nothing = || DropListing { messages: 0, octets: 0 };
    play! {
        "pop3/auth-scram-sha-1.txt" of pop3_proto as RFC_5802,
        server offering(), asks { Connect => (), Quit => (), } then Auth, AuthAnswer::Success(nothing());
        client |client, log| {
            Event::Greeting(_) => {
                let auth = Command::Auth { mechanism: Mechanism::SCRAM_SHA_1, initial: None };
                client.send(auth).unwrap();
            },
            Event::Reply { reply, .. } if log.entries().is_empty() => {
                assert_eq!(reply.status, Status::Ok);
                log.note("logged in");
                client.send(Command::Quit).unwrap();
            },
        }
    }
}

#[test]
fn scram_sha_256_by_imap() {
    use imap_proto::{
        Authenticate, Command, Offer, ServerConfig,
        response::{Capabilities, Capability, StatusKind},
    };
    let offering = || {
        let mut config = ServerConfig::default();
        (config.cleartext, config.starttls) = (CleartextLogin::Allow, Offer::No);
        config.capabilities = Capabilities::default()
            .with(Capability::Imap4Rev1)
            .with(Capability::SaslIr)
            .with_mechanism(Mechanism::SCRAM_SHA_256);
        config
    };
    play! {
        "imap/auth-scram-sha-256.txt" of imap_proto as RFC_7677,
        server offering(), asks { Connect => imap_proto::server::Welcome::Ok, } then Authenticate,
        AuthAnswer::Success;
        client |client, log| {
            Event::Greeting(_) => {
                let mechanism = Mechanism::SCRAM_SHA_256;
                let authenticate = Authenticate { mechanism, initial: initial(RFC_7677) };
                client.send(Command::Authenticate(authenticate)).unwrap();
            },
            Event::Completed { status, .. } if log.entries().is_empty() => {
                assert_eq!(status.kind(), StatusKind::Ok);
                log.note("logged in");
                client.send(Command::Logout).unwrap();
            },
        }
    }
}
