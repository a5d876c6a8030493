//! STARTTLS, COMPRESS, and what may be said in clear.
use crate::common::*;
use imap_proto::{
    client::{Client, Event, SendRefusal},
    response::Capability,
    *,
};
use test_support::{Log, Script, host, run_client};

fn required() -> ClientConfig {
    ClientConfig { leniency: Leniency::STRICT, ..ClientConfig::default() }
}

#[test]
fn starttls_forgets_what_was_said_in_clear() {
    let script = Script::parse(
        r"
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS MOVE LITERAL+] hi
        C: A1 STARTTLS
        S: A1 OK begin
        --- TLS ---
        C: A2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
        S: A2 OK done
        C: A3 LOGIN {2}
        S: + go
        C> \xc3\xa9
        C: \x20pass
        S: A3 OK done
        ",
    );
    let log = run_client(&script, || (Client::new(required()), Scripted::new(&script)));
    assert_eq!(
        log[..4],
        ["greeting OK", "A1 upgrades to Tls", "upgraded", "Capability([\"IMAP4rev1\", PLAIN])"],
        "{log:#?}"
    );
    assert_eq!(log[4..], ["A2 OK", "A3 OK"]);
}

// covers rfc9051 11.1 no-plaintext-from-before
// covers rfc9051 11.1 nothing-in-clear-is-read
#[test]
fn octets_behind_the_answer_to_starttls_end_the_session() {
    for behind in ["* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", "x", "* 1 FETCH (BODY[] {5}\r\n", "A2 OK\r\n"] {
        let script = Script::parse("S: * OK hi\nC: A1 STARTTLS\nS: A1 OK begin\n--- TLS ---");
        // In the same read.
        let mut session = Session::new(required());
        session.hears("* OK hi\r\n");
        session.sends(Command::StartTls);
        session.says();
        let log = session.hears(&format!("A1 OK begin\r\n{behind}"));
        assert_eq!(log, ["A1 upgrades to Tls", "error: octets in clear behind STARTTLS"]);
        // Between the answer and the upgrade.
        let log = run_client(&script, || {
            let answer = host(|client: &mut Client, event, log: &mut Log| match event {
                Event::Greeting(_) => drop(client.send(Command::StartTls)),
                Event::Upgrade { upgrade, .. } => log.upgrade(upgrade),
                other => note(other, log),
            });
            (Client::new(required()), answer)
        });
        assert_eq!(log, ["upgraded"]);
        let mut session = Session::new(required());
        session.hears("* OK hi\r\n");
        session.sends(Command::StartTls);
        session.says();
        session.input.extend_from_slice(b"A1 OK begin\r\n");
        let Some(Ok(Event::Upgrade { upgrade, .. })) = session.events().pop() else { panic!() };
        session.input.extend_from_slice(behind.as_bytes());
        let error = session.client.upgraded(upgrade, &session.input).unwrap_err();
        assert_eq!(error.to_string(), "octets in clear behind STARTTLS");
        session.input.clear();
        assert!(matches!(session.client.receive(&mut session.input), Ok(Step::Closed)));
    }
}

#[test]
fn a_dropped_permission_ends_the_session() {
    let mut session = Session::new(required());
    session.hears("* OK hi\r\n");
    session.sends(Command::StartTls);
    session.says();
    session.hears("A1 OK begin\r\n");
    assert!(matches!(session.client.receive(&mut session.input), Ok(Step::Closed)));
}

// covers rfc9051 7.1.4 no-preauth-in-clear
#[test]
fn preauth_in_clear_ends_a_session_that_requires_tls() {
    let mut session = Session::new(required());
    assert_eq!(session.hears("* PREAUTH hi\r\n"), ["error: PREAUTH in clear where TLS is required"]);
    assert!(matches!(session.client.receive(&mut session.input), Ok(Step::Closed)));
    let mut session = Session::new(ClientConfig { security: Security::Tls, ..required() });
    assert_eq!(session.hears("* PREAUTH hi\r\n"), ["greeting PREAUTH"]);
}

// covers rfc9051 11.1 nothing-but-the-way-to-tls
// covers rfc9051 6.2.3 no-password-in-clear
#[test]
fn in_clear_only_the_way_to_tls_is_said() {
    let mut session = Session::greeted(required(), "STARTTLS ID AUTH=PLAIN");
    let login = || Command::Login(Login::new("a", "b").unwrap());
    let authenticate = || Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None });
    let other = Command::Other(OtherCommand::new("XTEST", "").unwrap());
    for command in [login(), authenticate(), other] {
        assert_eq!(session.client.send(command).unwrap_err().refusal, SendRefusal::NeedsTls);
    }
    for command in [Command::Capability, Command::Noop, Command::Id(IdFields::NIL), Command::StartTls] {
        session.sends(command);
    }
    // Where it is never to be used, it is not asked for by mistake.
    let never = ClientConfig { tls: TlsPolicy::Never, ..open() };
    let mut session = Session::greeted(never, "STARTTLS");
    assert_eq!(session.client.send(Command::StartTls).unwrap_err().refusal, SendRefusal::TlsForbidden);
    // Where TLS is a matter of choice, passwords still need leave of their own.
    let careless = ClientConfig { cleartext: CleartextLogin::Refuse, ..open() };
    let mut session = Session::greeted(careless, "AUTH=PLAIN");
    for command in [login(), authenticate()] {
        assert_eq!(session.client.send(command).unwrap_err().refusal, SendRefusal::NeedsTls);
    }
}

// covers rfc3501 6.2.1 starttls-where-offered
// covers rfc9051 6.2.1 not-under-tls
#[test]
fn starttls_is_said_where_it_makes_sense() {
    let mut session = Session::greeted(required(), "");
    let refused = session.client.send(Command::StartTls).unwrap_err().refusal;
    assert_eq!(refused, SendRefusal::NotOffered(Capability::StartTls));
    let tls = ClientConfig { security: Security::Tls, ..required() };
    let mut session = Session::greeted(tls, "STARTTLS");
    let refused = session.client.send(Command::StartTls).unwrap_err().refusal;
    assert_eq!(refused, SendRefusal::BadSequence(Refusal::OutOfSequence));
}

// covers rfc3501 6.2.2 mechanism-offered
// covers rfc3501 6.2.3 no-login-where-disabled
// covers rfc4959 3 needs-the-capability
#[test]
fn login_is_not_tried_where_it_is_disabled() {
    let mut session = Session::greeted(open(), "LOGINDISABLED AUTH=PLAIN");
    let login = Command::Login(Login::new("a", "b").unwrap());
    assert_eq!(session.client.send(login).unwrap_err().refusal, SendRefusal::LoginDisabled);
    let external = Mechanism::new("EXTERNAL").unwrap();
    let authenticate = Command::Authenticate(Authenticate { mechanism: external, initial: None });
    assert_eq!(session.client.send(authenticate).unwrap_err().refusal, SendRefusal::MechanismNotOffered);
    let initial = Some(Secret::copy_from(b"x"));
    let authenticate = Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial });
    assert_eq!(
        session.client.send(authenticate).unwrap_err().refusal,
        SendRefusal::Unfit(Unfit::NeedsInitialResponse)
    );
}

#[test]
fn compression_forgets_nothing_and_may_begin_at_once() {
    let mut session = Session::selected(open(), "COMPRESS=DEFLATE", 3);
    session.sends(Command::Compress);
    session.says();
    session.input.extend_from_slice(b"A2 OK begin\r\n\x01compressed");
    let Some(Ok(Event::Upgrade { upgrade, layer: client::Layer::Deflate, .. })) = session.events().pop()
    else {
        panic!()
    };
    assert_eq!(session.input.split(), "\x01compressed");
    // Nothing may be said in between.
    assert_eq!(session.client.send(Command::Noop).unwrap_err().refusal, SendRefusal::Busy);
    session.client.upgraded(upgrade, &session.input).unwrap();
    assert!(session.client.capabilities().is_some());
    assert_eq!(session.client.mailbox().unwrap().messages(), 3);
}

// covers rfc3501 6.2.2 cancelled-is-over
// covers rfc3501 6.2.2 cancels-what-is-no-base64
#[test]
fn a_challenge_that_is_no_base64_is_cancelled() {
    let mut session = Session::greeted(open(), "AUTH=PLAIN");
    session.sends(Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None }));
    session.says();
    assert_eq!(session.hears("+ what is your name?\r\n"), Vec::<String>::new());
    assert_eq!(session.says(), "*\r\n");
    assert_eq!(session.hears("A1 BAD cancelled\r\n"), ["A1 BAD"]);
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A2 NOOP\r\n");
    // Who asks for more of what was cancelled is not to be reasoned with.
    session.hears("A2 OK done\r\n");
    session.sends(Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None }));
    session.says();
    session.hears("+ ?\r\n");
    session.says();
    assert_eq!(session.hears("+ \r\n")[0], "error: challenge in a SASL exchange that was cancelled");
}

// covers rfc3501 6.2.1 forgets-capabilities
#[test]
fn what_was_offered_in_clear_is_not_believed_behind_tls() {
    let mut session = Session::greeted(required(), "STARTTLS LITERAL+ LOGINDISABLED");
    session.sends(Command::StartTls);
    session.says();
    session.input.extend_from_slice(b"A1 OK begin\r\n");
    let Some(Ok(Event::Upgrade { upgrade, .. })) = session.events().pop() else { panic!() };
    session.client.upgraded(upgrade, &session.input).unwrap();
    assert!(session.client.capabilities().is_none());
    // Neither LOGINDISABLED nor LITERAL+ holds any more.
    session.sends(Command::Login(Login::new("me", "p\u{e4}ss").unwrap()));
    assert_eq!(session.says(), "A2 LOGIN me {5}\r\n");
}

#[test]
fn a_mechanism_that_gave_up_is_asked_for_no_more() {
    let authenticate = Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None });
    for sends_on in [false, true] {
        let mut session = Session::greeted(open(), "AUTH=PLAIN");
        session.sends(authenticate.clone());
        session.says();
        assert_eq!(session.hears("+ \r\n"), ["A1 challenge "]);
        session.client.cancel().unwrap();
        assert_eq!(session.says(), "*\r\n");
        if sends_on {
            let told = session.hears("+ \r\n");
            assert_eq!(told, ["error: challenge in a SASL exchange that was cancelled", "A1 unanswered"]);
        } else {
            assert_eq!(session.hears("A1 BAD cancelled\r\n"), ["A1 BAD"]);
            session.sends(authenticate.clone());
            assert_eq!(session.says(), "A2 AUTHENTICATE PLAIN\r\n");
            assert_eq!(session.hears("+ \r\n"), ["A2 challenge "]);
        }
    }
}
