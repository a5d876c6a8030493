//! The examples of the RFCs: a client hears their words, and a server says its own, which mean the same.
use crate::{
    client::{one_at_a_time, open, scripted},
    common::{Outcome, Session},
    language,
};
use pop3_proto::{
    Bytes, Capability, Charset, CleartextLogin, Implementation, Mechanism, Mechanisms, Offer, Retention,
    Scope, Security, ServerConfig, Timestamp, TlsPolicy,
};
use std::collections::BTreeSet;
use test_support::{Script, Step, Who};

fn mechanisms(names: &[&str]) -> Mechanisms {
    Mechanisms::new(names.iter().map(|name| Mechanism::new(name).unwrap())).unwrap()
}

fn clear() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config
}

/// That of RFC 1939.
fn with_timestamp() -> ServerConfig {
    let mut config = clear();
    config.timestamp = Some(Timestamp::new("<1896.697170952@dbc.mtview.ca.us>").unwrap());
    config
}

/// That of RFC 5034.
fn blurdy(names: &[&str]) -> ServerConfig {
    let mut config = clear();
    config.mechanisms = mechanisms(names);
    config.user = Offer::No;
    config.implementation = Some(Implementation::try_from("BlurdyBlurp POP3 server").unwrap());
    config
}

/// Runs a script as server: whole, octet by octet, and cut before each octet. It says what the script says, whatever
/// the words; of what it lists beside that, nothing is asked.
fn answered(name: &str, make: impl Fn() -> Session) -> Vec<String> {
    let script = Script::load(&format!("pop3/{name}.txt"));
    let listed = lines(&script.said_by(Who::Server)).into_iter().filter(|line| is_listed(line)).collect();
    let octets = script.said_by(Who::Client).len();
    let whole = run(&script, make(), |_| false);
    assert_eq!(meant(whole.said.as_bytes(), &listed), meant(&script.said_by(Who::Server), &listed));
    assert_eq!(run(&script, make(), |_| true), whole);
    for cut in 0..octets {
        assert_eq!(run(&script, make(), |at| at == cut), whole, "cut before {cut}");
    }
    whole.log
}

fn run(script: &Script, mut session: Session, is_cut: impl Fn(usize) -> bool) -> Outcome {
    let mut fed = 0;
    session.proceed();
    for step in script.steps() {
        match step {
            Step::Said { who: Who::Client, octets, .. } => {
                for octet in octets {
                    if is_cut(fed) {
                        session.proceed();
                    }
                    session.input.extend_from_slice(&[*octet]);
                    fed += 1;
                }
                session.proceed();
            }
            Step::Upgrade { .. } => session.upgrade(),
            _ => {}
        }
    }
    session.outcome
}

fn lines(said: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(said).lines().map(String::from).collect()
}

/// What is said but for words for people; lists in order.
fn meant(said: &[u8], listed: &BTreeSet<String>) -> Vec<String> {
    let mut meant: Vec<String> = Vec::new();
    let mut list: Vec<String> = Vec::new();
    for line in lines(said) {
        if is_listed(&line) {
            list.extend(listed.contains(&line).then_some(line));
            continue;
        }
        list.sort_unstable();
        meant.append(&mut list);
        meant.push(match line.split_once(' ') {
            Some(("+OK", words)) => match (words.split_once(' '), words.find('<')) {
                (_, Some(at)) => format!("+OK {}", &words[at..]),
                (Some((one, two)), _) if [one, two].iter().all(|it| it.parse::<u32>().is_ok()) => line,
                _ => "+OK".into(),
            },
            Some(("-ERR", words)) => match words.split_once(']') {
                Some((code, _)) => format!("-ERR {code}]"),
                None => "-ERR".into(),
            },
            _ => line,
        });
    }
    meant
}

/// Is it a line of what CAPA or LANG lists?
fn is_listed(line: &str) -> bool {
    const TAGS: [&str; 18] = [
        "TOP",
        "USER",
        "SASL",
        "RESP-CODES",
        "LOGIN-DELAY",
        "PIPELINING",
        "EXPIRE",
        "UIDL",
        "IMPLEMENTATION",
        "STLS",
        "UTF8",
        "LANG",
        "en",
        "en-boont",
        "de",
        "it",
        "es",
        "sv",
    ];
    TAGS.contains(&line.split(' ').next().unwrap_or_default())
}

#[test]
fn rfc_1939_section_10() {
    let log = scripted("rfc1939-10", &one_at_a_time());
    assert_eq!(
        log[1..6],
        [
            "Ok mrose's maildrop has 2 messages (320 octets)",
            "stat 2 320",
            "begin",
            "list 1 120",
            "list 2 200"
        ]
    );
    let payloads: Vec<&String> = log.iter().filter(|entry| entry.starts_with("payload")).collect();
    let octets = |payload: &str| payload.replace("\\r\\n", "rn").len() - "payload \"\"".len();
    assert_eq!((octets(payloads[0]), octets(payloads[1])), (120, 200));
    assert!(payloads[0].contains(r"\r\n\r\n.\r\n..dots"), "{payloads:?}");
    // The messages are those of the script.
    let messages: Vec<Bytes> = payloads
        .iter()
        .map(|payload| payload["payload \"".len()..payload.len() - 1].replace("\\r\\n", "\r\n").into())
        .collect();
    let log = answered("rfc1939-10", || {
        let mut session = Session::new(with_timestamp());
        session.messages.clone_from(&messages);
        session
    });
    assert_eq!(log[1..], ["dele 1", "dele 2", "remove [1, 2]", "closed"]);
}

#[test]
fn rfc_2449_sections_5_and_8() {
    let log = scripted("rfc2449-5", &one_at_a_time());
    assert_eq!(
        log[1..],
        ["Ok Capability list follows", "Err Do you have another POP session running?", "Ok bye", "closed"]
    );
    let mut config = with_timestamp();
    config.mechanisms = mechanisms(&["CRAM-MD5", "KERBEROS_V4"]);
    config.implementation = Some(Implementation::try_from("Shlemazle-Plotz-v302").unwrap());
    config.capabilities = vec![
        Capability::LoginDelay { seconds: 900, scope: Scope::Everyone },
        Capability::Expire { retention: Retention::Days(60), scope: Scope::Everyone },
    ];
    answered("rfc2449-5", || {
        let mut session = Session::new(config.clone());
        session.in_use = true;
        session
    });
}

#[test]
fn rfc_2595_section_4() {
    let mut config = one_at_a_time();
    config.tls = TlsPolicy::Required;
    assert_eq!(
        scripted("rfc2595-4", &config),
        ["greeting Ok", "upgraded", "Ok Capability list follows", "Ok bye", "closed"]
    );
    let mut config = clear();
    config.stls = Offer::Yes;
    assert_eq!(answered("rfc2595-4", || Session::new(config.clone())), ["upgraded", "closed"]);
}

#[test]
fn rfc_5034_section_6_with_an_initial_response() {
    let mut config = open();
    config.tls = TlsPolicy::Required;
    let log = scripted("rfc5034-6-initial", &config);
    assert_eq!(log[2..], ["upgraded", "Ok List of capabilities follows", "Ok Maildrop locked and ready"]);
    let mut config = blurdy(&["PLAIN", "DIGEST-MD5", "GSSAPI", "ANONYMOUS"]);
    config.stls = Offer::Yes;
    config.cleartext = CleartextLogin::Refuse;
    // In clear the RFC's server lists all but PLAIN, and this one none.
    let script = Script::load("pop3/rfc5034-6-initial.txt");
    let outcome = run(&script, Session::new(config), |_| false);
    assert!(outcome.said.ends_with("+OK maildrop has 2 messages (54 octets)\r\n"), "{}", outcome.said);
    assert!(outcome.said.contains("\r\nSASL PLAIN DIGEST-MD5 GSSAPI ANONYMOUS\r\n"), "{}", outcome.said);
}

#[test]
fn rfc_5034_section_6_in_two_steps() {
    let mut config = one_at_a_time();
    config.security = Security::Tls;
    let log = scripted("rfc5034-6-two-steps", &config);
    assert_eq!(log[2..], ["challenge ", "Ok Maildrop locked and ready"]);
    let mut config = blurdy(&["PLAIN", "DIGEST-MD5", "GSSAPI", "ANONYMOUS"]);
    config.security = Security::Tls;
    let log = answered("rfc5034-6-two-steps", || Session::new(config.clone()));
    assert_eq!(log, ["auth PLAIN None", r"response test\x00test\x00test"]);
}

/// Two rounds of octets that nobody here understands.
#[test]
fn rfc_5034_section_6_with_challenges() {
    let log = scripted("rfc5034-6-challenges", &one_at_a_time());
    assert!(log[2].starts_with(r#"challenge realm=\"elwood.innosoft.com\",nonce="#), "{log:?}");
    assert_eq!(
        log[3..],
        ["challenge rspauth=0b971462cef5e8f930db9a33b02fc9a0", "Ok Maildrop locked and ready"]
    );
    let mut config = blurdy(&["DIGEST-MD5", "GSSAPI", "ANONYMOUS"]);
    config.stls = Offer::Yes;
    let realm = concat!(
        r#"realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth","#,
        "algorithm=md5-sess,charset=utf-8"
    );
    let log = answered("rfc5034-6-challenges", || {
        let mut session = Session::new(config.clone());
        session.challenges =
            [realm.into(), b"rspauth=0b971462cef5e8f930db9a33b02fc9a0".to_vec()].into_iter().collect();
        session
    });
    assert_eq!(log[0], "auth DIGEST-MD5 None");
    assert!(log[1].starts_with(r#"response charset=utf-8,username=\"chris\""#), "{log:?}");
    assert_eq!(log[2..], ["response "]);
}

#[test]
fn rfc_6856_section_3_3() {
    let log = scripted("rfc6856-3.3", &one_at_a_time());
    assert_eq!(log[3], "Err invalid language MUL");
    assert_eq!(log[5..7], ["language en English", "language en-boont English Boontling dialect"]);
    assert_eq!(
        log[12..],
        [
            "language es Idioma cambiado",
            "Err es Idioma <<UGA>> no es conocido",
            "language sv Kommandot \"LANG\" lyckades",
            "language es Idioma cambiado"
        ]
    );
    let mut config = clear();
    config.utf8 = Some(Charset::Ascii);
    config.languages = vec![
        language("es", "Espanol"),
        language("en", "English"),
        language("en-boont", "English Boontling dialect"),
        language("de", "Deutsch"),
        language("it", "Italiano"),
        language("sv", "Svenska"),
    ];
    let log = answered("rfc6856-3.3", || Session::new(config.clone()));
    assert_eq!(log[1..], ["language es", "language sv", "language es"]);
}
