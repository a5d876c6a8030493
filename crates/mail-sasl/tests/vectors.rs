//! The examples of the RFCs, and SCRAM as RFC 5802 writes it down, by nobody's library.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{
    House, bound, client, config, credentials, mechanism, mechanisms, right,
    scram::{RFC_5802, RFC_7677, prove},
    server,
};
use mail_sasl::{
    Accounts, Channel, Client, ClientError, Credentials, Failure, Hash, Mechanism, Policy, Progress,
    Protocol, Question, ScramKeys, Secret, Server, Step,
};

fn initial(credentials: Credentials, mechanism: &str) -> String {
    let mut client =
        Client::select(&mechanisms(&[mechanism]), credentials, &Policy::default(), &Channel::tls()).unwrap();
    let initial = client.initial(Protocol::ImapSaslIr).unwrap();
    initial.as_str().unwrap().to_owned()
}

#[test]
fn plain_of_rfc_4616() {
    let tim = Credentials::password("tim", Secret::copy_from(b"tanstaaftanstaaf")).unwrap();
    assert_eq!(initial(tim, "PLAIN"), "\0tim\0tanstaaftanstaaf");
    let kurt =
        Credentials::password("Kurt", Secret::copy_from(b"xipj3plmq")).unwrap().acting_as("Ursel").unwrap();
    assert_eq!(initial(kurt, "PLAIN"), "Ursel\0Kurt\0xipj3plmq");

    struct Kurt;
    impl Accounts for Kurt {
        fn password(&self, name: &str, password: &Secret) -> Option<String> {
            (name == "Kurt" && password.as_bytes() == b"xipj3plmq").then(|| name.to_owned())
        }
    }
    // As in the RFC's example, Kurt may not act as Ursel.
    let end = server("PLAIN").step(Some(b"Ursel\0Kurt\0xipj3plmq"), &Kurt);
    assert_eq!(end, Step::Failed(Failure::Authorization));
}

#[test]
fn plain_that_is_malformed() {
    for response in [
        &b""[..],
        b"tim",
        b"\0tim",
        b"\0\0pencil",
        b"\0tim\0",
        b"\0tim\0a\0b",
        b"\0\xff\0pencil",
        b"\0ann\0\xff\xff",
    ] {
        let end = server("PLAIN").step(Some(response), &House);
        assert_eq!(end, Step::Failed(Failure::Malformed), "{}", response.escape_ascii());
    }
}

// covers rfc4422 3.4.1 no-nul
#[test]
fn external_of_rfc_4422() {
    assert_eq!(initial(Credentials::external(), "EXTERNAL"), "");
    let as_fred = Credentials::external().acting_as("fred@example.com").unwrap();
    assert_eq!(initial(as_fred, "EXTERNAL"), "fred@example.com");
    let asked = server("EXTERNAL").receive(Some(b"fred@example.com"));
    let authorization = Some("fred@example.com".to_owned());
    assert_eq!(asked, Progress::Ask(Question::External { authorization }));
    for bad in [&b"fred\0"[..], b"\0", b"\xff"] {
        let end = server("EXTERNAL").step(Some(bad), &House);
        assert_eq!(end, Step::Failed(Failure::Malformed), "{}", bad.escape_ascii());
    }
}

#[test]
fn anonymous_of_rfc_4505() {
    assert_eq!(initial(Credentials::anonymous("sirhc").unwrap(), "ANONYMOUS"), "sirhc");
    let asked = server("ANONYMOUS").receive(Some(b"sirhc"));
    assert_eq!(asked, Progress::Ask(Question::Anonymous { trace: "sirhc".into() }));
    for trace in ["x".repeat(256), "a\u{1}b".into()] {
        let end = server("ANONYMOUS").step(Some(trace.as_bytes()), &House);
        assert_eq!(end, Step::Failed(Failure::Malformed));
    }
}

#[test]
fn oauthbearer_of_rfc_7628() {
    let said = "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer \
                vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01";
    let token =
        || Credentials::token("user@example.com", Secret::copy_from(common::TOKEN.as_bytes())).unwrap();
    assert_eq!(initial(token().connected_to("server.example.com", 143).unwrap(), "OAUTHBEARER"), said);
    let question = Question::Token {
        name: Some("user@example.com".into()),
        token: Secret::copy_from(common::TOKEN.as_bytes()),
    };
    assert_eq!(server("OAUTHBEARER").receive(Some(said.as_bytes())), Progress::Ask(question));
    for bad in [
        "",
        "n,,",
        "n,,\x01\x01",
        "n,,\x01auth=Basic abc\x01\x01",
        "n,,\x01auth=Bearer \x01\x01",
        "n,,\x01auth=Bearer a b\x01\x01",
        "n,a==,\x01auth=Bearer a\x01\x01",
        "n,,\x01auth=Bearer a\x01",
        "p=tls-exporter,,\x01auth=Bearer a\x01\x01",
    ] {
        let end = server("OAUTHBEARER").step(Some(bad.as_bytes()), &House);
        assert_eq!(end, Step::Failed(Failure::Malformed), "{bad:?}");
    }
}

#[test]
fn xoauth2_and_login_as_they_are_spoken() {
    let token = Credentials::token("someuser@example.com", Secret::copy_from(b"ya29.vF9dft4qmTc2")).unwrap();
    assert_eq!(
        initial(token, "XOAUTH2"),
        "user=someuser@example.com\x01auth=Bearer ya29.vF9dft4qmTc2\x01\x01"
    );
    // A host may write the token on a line of its own.
    for token in ["", "ya29\nya30", "ya29\x01host=a", "ya29 ", "\u{e4}"] {
        let said = format!("user=ann\x01auth=Bearer {token}\x01\x01");
        let end = server("XOAUTH2").step(Some(said.as_bytes()), &House);
        assert_eq!(end, Step::Failed(Failure::Malformed), "{token:?}");
    }
    // LOGIN, and the clients that send the name unasked.
    let mut asked = server("LOGIN");
    assert_eq!(asked.step(None, &House), Step::Challenge(Secret::copy_from(b"User Name\0")));
    assert_eq!(asked.step(Some(b"ann"), &House), Step::Challenge(Secret::copy_from(b"Password\0")));
    assert!(matches!(asked.step(Some(b"pencil"), &House), Step::Done(_)));
    let mut unasked = server("LOGIN");
    assert_eq!(unasked.step(Some(b"ann"), &House), Step::Challenge(Secret::copy_from(b"Password\0")));
    assert!(matches!(unasked.step(Some(b"pencil"), &House), Step::Done(_)));
    assert_eq!(client(&["LOGIN"], right("LOGIN"), &bound()).initial(Protocol::Smtp), None);
}

/// `user` with the password and the salt of the examples.
struct User;

impl Accounts for User {
    fn keys(&self, name: &str, hash: Hash) -> Option<ScramKeys> {
        let salt = if hash == Hash::Sha1 { "QSXCR+Q6sek8bf92" } else { "W22ZaJ0SNY7soEsUEjb6gQ==" };
        let (password, salt) = (Secret::copy_from(b"pencil"), STANDARD.decode(salt).unwrap());
        (name == "user").then(|| ScramKeys::from_password(hash, &password, &salt, 4_096).unwrap())
    }
}

#[test]
fn scram_of_rfc_5802_and_rfc_7677_by_the_formulas() {
    for (hash, _, bare, server_first, client_final, server_final) in [RFC_5802, RFC_7677] {
        assert_eq!(prove(hash, bare, server_first), (client_final.into(), server_final.into()));
    }
}

#[test]
fn the_server_takes_the_client_of_the_rfcs() {
    for (hash, name, bare, ..) in [RFC_5802, RFC_7677] {
        let mut server = server(name);
        let Step::Challenge(first) = server.step(Some(format!("n,,{bare}").as_bytes()), &User) else {
            panic!()
        };
        let (proof, signature) = prove(hash, bare, first.as_str().unwrap());
        assert_eq!(
            server.step(Some(proof.as_bytes()), &User),
            Step::Challenge(Secret::copy_from(signature.as_bytes()))
        );
        let Step::Done(identity) = server.step(Some(b""), &User) else { panic!() };
        assert_eq!(identity.authentication, "user");
    }
}

#[test]
fn the_client_takes_the_server_of_the_rfcs() {
    for (hash, name, _, server_first, ..) in [RFC_5802, RFC_7677] {
        let mut client = Client::select(
            &mechanisms(&[name]),
            credentials("user", "pencil", name),
            &Policy::default(),
            &Channel::tls(),
        )
        .unwrap();
        let first = client.initial(Protocol::Smtp).unwrap();
        let bare = first.as_str().unwrap().strip_prefix("n,,").unwrap();
        let nonce = bare.strip_prefix("n=user,r=").unwrap();
        let (_, behind) = server_first.split_once(",s=").unwrap();
        let server_first = format!("r={nonce}3rfcNHYJY1ZVvWVs7j,s={behind}");
        let (proof, signature) = prove(hash, bare, &server_first);
        assert_eq!(client.step(server_first.as_bytes()).unwrap().as_str(), Ok(proof.as_str()));
        assert_eq!(client.step(signature.as_bytes()).unwrap().as_bytes(), b"");
        assert_eq!(client.finish(), Ok(()));
    }
}

// covers rfc4422 3.4 bounded-challenge
// covers rfc4422 3.4 bounded-response
#[test]
fn what_is_too_long_is_refused_before_it_is_read() {
    let long = vec![b'x'; mail_sasl::MAX_MESSAGE + 1];
    for name in common::ALL {
        assert_eq!(
            server(name).step(Some(&long), &House),
            Step::Failed(Failure::TooLong(long.len())),
            "{name}"
        );
        let mut client = client(&[name], right(name), &bound());
        assert_eq!(client.step(&long), Err(ClientError::TooLong(long.len())), "{name}");
    }
    let token = "x".repeat(9_000);
    let said = format!("user=ann\x01auth=Bearer {token}\x01\x01");
    let mut server = Server::begin(Mechanism::XOAUTH2, &config(&["XOAUTH2"]), &Channel::tls()).unwrap();
    let Progress::Ask(Question::Token { token: heard, .. }) = server.receive(Some(said.as_bytes())) else {
        panic!()
    };
    assert_eq!(heard.as_bytes(), token.as_bytes());
    assert_eq!(server.mechanism(), mechanism("XOAUTH2"));
}
