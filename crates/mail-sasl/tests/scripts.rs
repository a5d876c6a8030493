//! The examples of RFC 5802 and RFC 7677 as sessions of each protocol, both roles, under every cut. The nonces are the
//! RFCs', which nobody draws again: so the messages are theirs, too, which `vectors.rs` holds against the formulas.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
mod common;

use common::scram::{RFC_5802, RFC_7677};
use mail_sasl::{Hash, Mechanism, Secret, sasl::Response};
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

#[test]
fn scram_sha_256_by_smtp() {
    use smtp_proto::{
        Auth, Authentication, CleartextLogin, ClientConfig, ClientName, Code, Command, ServerConfig, Text,
        TlsPolicy, client, server,
    };
    let script = Script::load("smtp/auth-scram-sha-256.txt");
    let log = run_server(&script, || {
        use server::{AuthAnswer, Event};
        let mut config = ServerConfig::new(Text::from_static("mx.example.net"));
        config.authentication = Authentication {
            mechanisms: vec![Mechanism::SCRAM_SHA_256],
            cleartext: CleartextLogin::Allow,
            ..Authentication::default()
        };
        let answer =
            |said: Option<&Secret>| AuthAnswer::Challenge(challenge(RFC_7677, said).unwrap().into_bytes());
        let host = host(move |server: &mut server::Server, event, log: &mut Log| match event {
            Event::Connect(ask) => server.accept(ask, ()).unwrap(),
            Event::Hello(ask) => server.accept(ask, ()).unwrap(),
            Event::Auth(ask) => {
                let answer = answer(ask.initial.as_ref());
                server.accept(ask, answer).unwrap();
            }
            Event::AuthResponse(ask) if is_end(&ask.octets) => {
                log.note("logged in");
                server.accept(ask, AuthAnswer::Success).unwrap();
            }
            Event::AuthResponse(ask) => {
                let answer = answer(Some(&ask.octets));
                server.accept(ask, answer).unwrap();
            }
            _ => {}
        });
        (server::Server::new(config), host)
    });
    assert_eq!(log, ["logged in", "closed"]);
    let log = run_client(&script, || {
        use client::Event;
        let mut config = ClientConfig::default();
        (config.tls, config.cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
        let host = host(|client: &mut client::Client, event, log: &mut Log| match event {
            Event::Greeting(_) => {
                let us = ClientName::new("client.example.com").unwrap();
                client.send(Command::Ehlo(us)).unwrap();
            }
            Event::Challenge { challenge, .. } => client.respond(&response(RFC_7677, &challenge)).unwrap(),
            Event::Reply { reply, .. } if reply.code() == Code::AUTHENTICATED => {
                log.note("logged in");
                client.send(Command::Quit).unwrap();
            }
            Event::Reply { reply, .. } if reply.code() == Code::OK => {
                let auth = Auth { mechanism: Mechanism::SCRAM_SHA_256, initial: initial(RFC_7677) };
                client.send(Command::Auth(auth)).unwrap();
            }
            _ => {}
        });
        (client::Client::new(config), host)
    });
    assert_eq!(log, ["logged in", "closed"]);
}

#[test]
fn scram_sha_1_by_pop3() {
    use pop3_proto::{
        CleartextLogin, ClientConfig, Command, DropListing, Mechanisms, ServerConfig, Status, TlsPolicy,
        client, server,
    };
    let script = Script::load("pop3/auth-scram-sha-1.txt");
    let log = run_server(&script, || {
        use server::{AuthAnswer, Event};
        let mut config = ServerConfig::default();
        config.cleartext = CleartextLogin::Allow;
        config.mechanisms = Mechanisms::new([Mechanism::SCRAM_SHA_1]).unwrap();
        let answer =
            |said: Option<&Secret>| AuthAnswer::Challenge(challenge(RFC_5802, said).unwrap().into_bytes());
        let host = host(move |server: &mut server::Server, event, log: &mut Log| match event {
            Event::Connect(ask) => server.accept(ask, ()).unwrap(),
            Event::Auth(ask) => {
                let answer = answer(ask.initial.as_ref());
                server.accept(ask, answer).unwrap();
            }
            Event::AuthResponse(ask) if is_end(&ask.octets) => {
                log.note("logged in");
                let nothing = DropListing { messages: 0, octets: 0 };
                server.accept(ask, AuthAnswer::Success(nothing)).unwrap();
            }
            Event::AuthResponse(ask) => {
                let answer = answer(Some(&ask.octets));
                server.accept(ask, answer).unwrap();
            }
            Event::Quit(ask) => server.accept(ask, ()).unwrap(),
            _ => {}
        });
        (server::Server::new(config), host)
    });
    assert_eq!(log, ["logged in", "closed"]);
    let log = run_client(&script, || {
        use client::Event;
        let mut config = ClientConfig::default();
        (config.tls, config.cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
        let host = host(|client: &mut client::Client, event, log: &mut Log| match event {
            Event::Greeting(_) => {
                let auth = Command::Auth { mechanism: Mechanism::SCRAM_SHA_1, initial: None };
                client.send(auth).unwrap();
            }
            Event::Challenge { challenge, .. } => client.respond(&response(RFC_5802, &challenge)).unwrap(),
            Event::Reply { reply, .. } if log.entries().is_empty() => {
                assert_eq!(reply.status, Status::Ok);
                log.note("logged in");
                client.send(Command::Quit).unwrap();
            }
            _ => {}
        });
        (client::Client::new(config), host)
    });
    assert_eq!(log, ["logged in", "closed"]);
}

#[test]
fn scram_sha_256_by_imap() {
    use imap_proto::{
        Authenticate, CleartextLogin, ClientConfig, Command, Offer, ServerConfig, TlsPolicy, client,
        response::{Capabilities, Capability, StatusKind},
        server,
    };
    let script = Script::load("imap/auth-scram-sha-256.txt");
    let log = run_server(&script, || {
        use server::{AuthAnswer, Event, Welcome};
        let mut config = ServerConfig::default();
        (config.cleartext, config.starttls) = (CleartextLogin::Allow, Offer::No);
        config.capabilities = Capabilities::default()
            .with(Capability::Imap4Rev1)
            .with(Capability::SaslIr)
            .with_mechanism(Mechanism::SCRAM_SHA_256);
        let answer =
            |said: Option<&Secret>| AuthAnswer::Challenge(challenge(RFC_7677, said).unwrap().into_bytes());
        let host = host(move |server: &mut server::Server, event, log: &mut Log| match event {
            Event::Connect(ask) => server.accept(ask, Welcome::Ok).unwrap(),
            Event::Authenticate(ask) => {
                let answer = answer(ask.initial.as_ref());
                server.accept(ask, answer).unwrap();
            }
            Event::AuthResponse(ask) if is_end(&ask.octets) => {
                log.note("logged in");
                server.accept(ask, AuthAnswer::Success).unwrap();
            }
            Event::AuthResponse(ask) => {
                let answer = answer(Some(&ask.octets));
                server.accept(ask, answer).unwrap();
            }
            _ => {}
        });
        (server::Server::new(config), host)
    });
    assert_eq!(log, ["logged in", "closed"]);
    let log = run_client(&script, || {
        use client::Event;
        let mut config = ClientConfig::default();
        (config.tls, config.cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
        let host = host(|client: &mut client::Client, event, log: &mut Log| match event {
            Event::Greeting(_) => {
                let mechanism = Mechanism::SCRAM_SHA_256;
                let authenticate = Authenticate { mechanism, initial: initial(RFC_7677) };
                client.send(Command::Authenticate(authenticate)).unwrap();
            }
            Event::Challenge { challenge, .. } => client.respond(&response(RFC_7677, &challenge)).unwrap(),
            Event::Completed { status, .. } if log.entries().is_empty() => {
                assert_eq!(status.kind(), StatusKind::Ok);
                log.note("logged in");
                client.send(Command::Logout).unwrap();
            }
            _ => {}
        });
        (client::Client::new(config), host)
    });
    assert_eq!(log, ["logged in", "closed"]);
}
