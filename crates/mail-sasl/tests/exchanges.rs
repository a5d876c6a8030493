//! Client against server, mechanism by mechanism.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
mod common;

use common::{
    ALL, House, SCRAM, TOKEN, bound, client, config, converse, converse_with, credentials, exporter,
    mechanism, right, server, untouched,
};
use mail_sasl::{
    Accounts, Answer, Channel, ChannelBinding, ClientError, Credentials, Failure, Hash, Progress, Protocol,
    Question, ScramKeys, Secret, Server, ServerConfig, Step,
};

fn done(end: Option<Step>) -> (String, String) {
    let Some(Step::Done(identity)) = end else { panic!("{end:?}") };
    (identity.authentication, identity.authorization)
}

fn over(bindings: &[ChannelBinding]) -> Channel {
    bindings.iter().cloned().fold(Channel::tls(), Channel::binding)
}

/// Of a certificate that holds nothing but the name of its signature's algorithm, ecdsa-with-SHA256.
fn end_point() -> ChannelBinding {
    let certificate = b"\x30\x10\x30\0\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x03\0";
    ChannelBinding::tls_server_end_point(certificate).unwrap()
}

// covers rfc4954 4 empty-challenge
// covers rfc5802 5 outcome-in-challenge
#[test]
fn every_mechanism_logs_in_with_and_without_an_initial_response() {
    for name in ALL {
        for protocol in [Protocol::Smtp, Protocol::Imap] {
            let client = client(&[name], right(name), &bound());
            let (end, believed) = converse(client, &mut server(name), protocol, untouched);
            let who = if name == "ANONYMOUS" { "guest" } else { "ann" };
            assert_eq!(done(end), (who.into(), who.into()), "{name}");
            assert_eq!(believed, Ok(()), "{name}");
        }
    }
}

#[test]
fn wrong_passwords_and_tokens_are_refused_and_the_exchange_is_over() {
    for name in ALL.into_iter().filter(|name| !["EXTERNAL", "ANONYMOUS"].contains(name)) {
        for (who, secret) in
            [("ann", "wrong"), ("bob", "pencil"), ("bob", TOKEN), ("ann", "penci"), ("ann", "PENCIL")]
        {
            let mut server = server(name);
            let client = client(&[name], credentials(who, secret, name), &bound());
            let (end, believed) = converse(client, &mut server, Protocol::Smtp, untouched);
            assert_eq!(end, Some(Step::Failed(Failure::Refused)), "{name} {who} {secret}");
            if !["PLAIN", "LOGIN"].contains(&name) {
                assert!(believed.is_err(), "{name}");
            }
            assert_eq!(server.step(Some(b""), &House), Step::Failed(Failure::Over));
        }
    }
}

// covers rfc5802 5.1 name-prepared
// covers rfc5802 5.1 name-prepared-by-server
// covers rfc7628 3.1 name-encoded
#[test]
fn names_with_commas_and_equals_signs_and_names_to_prepare() {
    for name in ALL.into_iter().filter(|name| !["EXTERNAL", "ANONYMOUS"].contains(name)) {
        let secret = if name.contains("OAUTH") { TOKEN } else { "pencil" };
        let odd = client(&[name], credentials("a,n=n", secret, name), &bound());
        let (end, believed) = converse(odd, &mut server(name), Protocol::Smtp, untouched);
        assert_eq!(done(end).0, "a,n=n", "{name}");
        assert_eq!(believed, Ok(()));
    }
    for name in SCRAM.into_iter().chain(["PLAIN", "LOGIN"]) {
        let typed = client(&[name], credentials("a\u{ad}n\u{ad}n", "pen\u{ad}cil", name), &bound());
        let (end, _) = converse(typed, &mut server(name), Protocol::Smtp, untouched);
        assert_eq!(done(end).0, "ann", "{name}");
    }
    // A client that prepares nothing.
    let mut server = server("SCRAM-SHA-256");
    let asked = server.receive(Some("n,,n=a\u{ad}nn,r=nonce".as_bytes()));
    assert_eq!(asked, Progress::Ask(Question::Keys { name: "ann".into(), hash: Hash::Sha256 }));
    let first = client(&["SCRAM-SHA-256"], credentials("a\u{ad}nn", "pencil", "PLAIN"), &Channel::tls())
        .initial(Protocol::Smtp)
        .unwrap();
    assert!(first.as_bytes().starts_with(b"n,,n=ann,r="));
}

// covers rfc4616 2 may-act-as
#[test]
fn acting_as_another_needs_the_hosts_word() {
    for name in SCRAM.into_iter().chain(["PLAIN"]) {
        for (other, ends) in [("list", true), ("ann", true), ("bob", false)] {
            let credentials = right(name).acting_as(other).unwrap();
            let client = client(&[name], credentials, &bound());
            let (end, believed) = converse(client, &mut server(name), Protocol::Smtp, untouched);
            if ends {
                assert_eq!(done(end), ("ann".into(), other.into()), "{name}");
                assert_eq!(believed, Ok(()));
            } else {
                assert_eq!(end, Some(Step::Failed(Failure::Authorization)), "{name}");
            }
        }
    }
    let as_bob = Credentials::external().acting_as("bob").unwrap();
    let (end, _) =
        converse(client(&["EXTERNAL"], as_bob, &bound()), &mut server("EXTERNAL"), Protocol::Smtp, untouched);
    assert_eq!(end, Some(Step::Failed(Failure::Refused)));
}

// covers rfc7628 3.2.2 error-challenge
// covers rfc7628 3.2.3 dummy
#[test]
fn a_refused_token_is_told_before_the_end() {
    for (name, told, dummy) in [
        ("OAUTHBEARER", r#"{"status":"invalid_token"}"#, &b"\x01"[..]),
        ("XOAUTH2", r#"{"status":"401","schemes":"bearer"}"#, b""),
    ] {
        let mut server = server(name);
        let mut client = client(&[name], credentials("ann", "stale", name), &bound());
        let initial = client.initial(Protocol::Smtp).unwrap();
        let challenge = server.step(Some(initial.as_bytes()), &House);
        assert_eq!(challenge, Step::Challenge(Secret::copy_from(told.as_bytes())));
        assert_eq!(client.step(told.as_bytes()).unwrap().as_bytes(), dummy);
        assert_eq!(client.refusal(), Some(told));
        assert_eq!(server.step(Some(dummy), &House), Step::Failed(Failure::Refused));
        assert_eq!(client.finish(), Err(ClientError::Refused(told.into())));
    }
}

#[test]
fn a_binding_to_another_connection_is_found_out() {
    let end_point = end_point();
    for name in ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"] {
        for (bindings, fits) in [
            (vec![exporter(7)], true),
            (vec![end_point.clone(), exporter(7)], true),
            (vec![exporter(8)], false),
            (vec![end_point.clone()], false),
        ] {
            let mut server = Server::begin(mechanism(name), &config(&[name]), &over(&bindings)).unwrap();
            let client = client(&[name], right(name), &bound());
            let (end, believed) = converse(client, &mut server, Protocol::Smtp, untouched);
            if fits {
                assert_eq!((done(end).0.as_str(), believed), ("ann", Ok(())));
            } else {
                assert_eq!(end, Some(Step::Failed(Failure::ChannelBinding)));
                assert_eq!(believed, Err(ClientError::ServerUnproved));
            }
        }
    }
    let other = Channel::tls().binding(end_point.clone());
    let name = "SCRAM-SHA-256-PLUS";
    let mut server =
        Server::begin(mechanism(name), &config(&[name]), &over(&[exporter(7), end_point])).unwrap();
    let (end, _) = converse(client(&[name], right(name), &other), &mut server, Protocol::Smtp, untouched);
    assert_eq!(done(end).0, "ann");
}

// covers rfc5801 5 downgrade
// covers rfc5802 6 downgrade
// covers rfc5801 5.2 binding-of-client
// covers rfc5802 6 unknown-binding
#[test]
fn who_takes_plus_off_the_list_is_found_out() {
    let config = config(&["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"]);
    let begin = || Server::begin(mechanism("SCRAM-SHA-256"), &config, &bound()).unwrap();
    let stripped = || client(&["SCRAM-SHA-256"], right("PLAIN"), &bound());
    let (end, _) = converse(stripped(), &mut begin(), Protocol::Smtp, untouched);
    assert_eq!(end, Some(Step::Failed(Failure::ChannelBinding)));
    // And says that the client knows no binding.
    let (end, _) = converse(stripped(), &mut begin(), Protocol::Smtp, |_, message| {
        message.strip_prefix(b"y,").map_or_else(|| message.to_vec(), |rest| [b"n,", rest].concat())
    });
    assert_eq!(end, Some(Step::Failed(Failure::ChannelBinding)));
    // A client without any binding logs in.
    let without = client(&["SCRAM-SHA-256"], right("PLAIN"), &Channel::tls());
    let (end, _) = converse(without, &mut begin(), Protocol::Smtp, untouched);
    assert_eq!(done(end).0, "ann");
    for (name, first) in [
        ("SCRAM-SHA-256-PLUS", &b"n,,n=ann,r=nonce"[..]),
        ("SCRAM-SHA-256-PLUS", b"y,,n=ann,r=nonce"),
        ("SCRAM-SHA-256-PLUS", b"p=tls-unique,,n=ann,r=nonce"),
        ("SCRAM-SHA-256", b"p=tls-exporter,,n=ann,r=nonce"),
    ] {
        let mut server = Server::begin(mechanism(name), &config, &bound()).unwrap();
        assert_eq!(server.step(Some(first), &House), Step::Failed(Failure::ChannelBinding));
    }
}

// covers rfc5801 5 plus-needs-binding
// covers rfc5802 4 plus-needs-binding
#[test]
fn plus_is_offered_only_where_a_channel_can_be_bound() {
    let config = config(&["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "CRAM-MD5", "PLAIN"]);
    let names = |bindings: &[ChannelBinding]| -> Vec<String> {
        config.offered(&over(bindings)).iter().map(ToString::to_string).collect()
    };
    assert_eq!(names(&[]), ["SCRAM-SHA-256", "PLAIN"]);
    assert_eq!(names(&[exporter(7)]), ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"]);
    for name in ["SCRAM-SHA-256-PLUS", "LOGIN", "CRAM-MD5"] {
        let error = Server::begin(mechanism(name), &config, &Channel::tls()).unwrap_err();
        assert_eq!(error.to_string(), format!("mechanism not offered: {name}"));
    }
}

#[test]
fn a_name_that_nobody_has_answers_as_others_do() {
    let first = |name: &str| {
        let Step::Challenge(first) =
            server("SCRAM-SHA-256").step(Some(format!("n,,n={name},r=nonce").as_bytes()), &House)
        else {
            panic!()
        };
        let fields: Vec<String> = first.as_str().unwrap().split(',').map(str::to_owned).collect();
        (fields[0].len(), fields[1].clone(), fields[2].clone())
    };
    let (ann, bob, eve) = (first("ann"), first("bob"), first("eve"));
    assert_eq!(bob, first("bob"), "a salt that changes tells that there is no account");
    assert_ne!(bob.1, eve.1);
    assert_eq!((ann.0, ann.1.len(), &ann.2), (bob.0, bob.1.len(), &bob.2));
}

#[test]
fn two_spellings_of_a_name_that_nobody_has_answer_alike() {
    /// Names are the same in any case, and with the domain or without.
    struct Folding;
    impl Accounts for Folding {
        fn keys(&self, name: &str, hash: Hash) -> Option<ScramKeys> {
            (self.called(name) == "ann@example.org").then(|| common::keys(hash))
        }
        fn called(&self, name: &str) -> String {
            let name = name.to_lowercase();
            if name.contains('@') { name } else { name + "@example.org" }
        }
    }
    let salt = |name: &str| {
        let said = format!("n,,n={name},r=nonce");
        let Step::Challenge(first) = server("SCRAM-SHA-256").step(Some(said.as_bytes()), &Folding) else {
            panic!()
        };
        first.as_str().unwrap().split(',').nth(1).unwrap().to_owned()
    };
    for name in ["ann", "bob"] {
        assert_eq!(salt(name), salt(&name.to_uppercase()));
        assert_eq!(salt(name), salt(&format!("{name}@example.org")));
        assert_ne!(salt(name), salt(&format!("{name}@example.net")));
    }
}

#[test]
fn a_host_that_keeps_keys_checks_passwords_by_them() {
    struct Keys(ServerConfig);
    impl Accounts for Keys {
        fn password(&self, name: &str, password: &Secret) -> Option<String> {
            let keys = match name {
                "ann" => common::keys(Hash::Sha256),
                _ => self.0.keys_of_nobody(Hash::Sha256, name),
            };
            keys.fit(password).then(|| name.to_owned())
        }
    }
    let host = Keys(config(&["PLAIN"]));
    for (said, ends) in [("\0ann\0pencil", true), ("\0ann\0pen", false), ("\0bob\0pencil", false)] {
        let end = server("PLAIN").step(Some(said.as_bytes()), &host);
        assert_eq!(matches!(end, Step::Done(_)), ends, "{end:?}");
    }
}

// covers rfc5802 5 server-authenticated
#[test]
fn a_server_that_does_not_know_the_password_is_not_believed() {
    for name in SCRAM {
        // It says that all is well at once, in the middle, or with a signature of its own.
        let mut early = client(&[name], right(name), &bound());
        early.initial(Protocol::Smtp).unwrap();
        assert_eq!(early.finish(), Err(ClientError::ServerUnproved));

        let middle = client(&[name], right(name), &bound());
        let mut said = 0;
        let (end, believed) = converse(middle, &mut server(name), Protocol::Smtp, |from, message| {
            said += 1;
            match (from, said) {
                (common::From::Server, 4..) => b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=".to_vec(),
                _ => message.to_vec(),
            }
        });
        assert_eq!((end, believed), (None, Err(ClientError::ServerUnproved)), "{name}");
    }
}

#[test]
fn a_client_is_not_made_to_hash_for_ever_or_too_little() {
    for iterations in [1, 4_095, 2_000_001, u32::MAX] {
        let client = client(&["SCRAM-SHA-256"], right("PLAIN"), &bound());
        let (end, believed) = converse(client, &mut server("SCRAM-SHA-256"), Protocol::Smtp, |_, message| {
            let text = String::from_utf8(message.to_vec()).unwrap();
            text.replace("i=4096", &format!("i={iterations}")).into_bytes()
        });
        assert_eq!((end, believed), (None, Err(ClientError::Iterations(iterations))));
    }
}

#[test]
fn a_host_that_must_wait_answers_in_its_own_time() {
    let mut server = server("PLAIN");
    let asked = server.receive(Some(b"\0ann\0pencil"));
    let Progress::Ask(Question::Password { name, password }) = asked else { panic!("{asked:?}") };
    assert_eq!((name.as_str(), password.as_bytes()), ("ann", &b"pencil"[..]));
    let Progress::Done(identity) = server.answer(Answer::Granted("ann@example.org".into())) else { panic!() };
    assert_eq!(identity.authorization, "ann@example.org");
    assert_eq!(server.answer(Answer::Granted("ann".into())), Progress::Failed(Failure::Over));
}

#[test]
fn an_answer_without_its_question_grants_nothing() {
    let granted = || Answer::Granted("ann".into());
    for name in ALL {
        assert_eq!(server(name).answer(granted()), Progress::Failed(Failure::Misplaced), "{name}");
    }
    let mut asked = server("PLAIN");
    asked.receive(Some(b"\0ann\0wrong"));
    assert_eq!(asked.receive(Some(b"\0ann\0pencil")), Progress::Failed(Failure::Misplaced));
    let mut asked = server("SCRAM-SHA-256");
    asked.receive(Some(b"n,,n=ann,r=nonce"));
    assert_eq!(asked.answer(granted()), Progress::Failed(Failure::Misplaced));
}

#[test]
fn keys_of_another_hash_do_not_log_in() {
    struct Mixed;
    impl Accounts for Mixed {
        fn keys(&self, _: &str, _: Hash) -> Option<ScramKeys> {
            Some(common::keys(Hash::Sha1))
        }
    }
    let client = client(&["SCRAM-SHA-256"], right("PLAIN"), &bound());
    let (end, _) = converse_with(client, &mut server("SCRAM-SHA-256"), Protocol::Smtp, &Mixed, untouched);
    assert_eq!(end, Some(Step::Failed(Failure::Refused)));
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        client(&["PLAIN"], right("PLAIN"), &bound()),
        server("PLAIN").receive(Some(b"\0ann\0pencil")),
        config(&["PLAIN"]),
        bound(),
    );
    assert!(
        !shown.contains("pencil") && !shown.contains("of this server") && !shown.contains('7'),
        "{shown}"
    );
}
