//! What the server lists, and for how long that holds.
use crate::common::{Peer, auth, lenient, number, open, pass, user};
use pop3_proto::{
    Charset, Command, DeviationKind, Digest, LanguageRange, LanguageTag, Mechanism, Name, Password,
    client::SendRefusal,
};

// covers rfc2449 5 client-forgets-at-login
#[test]
fn what_was_offered_before_the_login_is_not_taken_to_hold_after_it() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nPIPELINING\r\nEXPIRE 60 USER\r\n.\r\n");
    for command in [user(), pass()] {
        peer.send(command);
        assert!(peer.client.capabilities().is_some());
        peer.hear("+OK\r\n");
    }
    assert_eq!(peer.client.capabilities(), None);
    assert_eq!(peer.send(Command::Stat) + &peer.send(Command::Noop), "STAT\r\nNOOP\r\n");
}

// covers rfc5034 3 client-mechanism-offered
// covers rfc2595 4 client-stls-offered
#[test]
fn what_the_server_does_not_list_is_not_asked_for() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nSASL LOGIN\r\n.\r\n");
    assert_eq!(peer.refused(Command::Stls), SendRefusal::NotOffered);
    assert_eq!(peer.refused(auth(Mechanism::PLAIN, None)), SendRefusal::NotOffered);
    assert_eq!(peer.send(auth(Mechanism::LOGIN, None)), "AUTH LOGIN\r\n");
}

#[test]
fn lines_that_tell_no_capability_are_passed_over() {
    let mut peer = Peer::greeted(lenient());
    peer.send(Command::Capa);
    assert_eq!(peer.hear("+OK list\r\nTOP\r\n\r\nX y\r\nUIDL\r\n.\r\n"), ["Ok list"]);
    let names: Vec<String> = peer
        .client
        .capabilities()
        .unwrap()
        .iter()
        .map(|it| {
            let mut line = Vec::new();
            it.encode(&mut line);
            String::from_utf8(line).unwrap()
        })
        .collect();
    assert_eq!(names, ["TOP\r\n", "X y\r\n", "UIDL\r\n"]);
    assert_eq!(peer.client.deviation().unwrap().kind, DeviationKind::BadEntry);
}

/// Verizon's CAPA has no UIDL, and UIDL works.
#[test]
fn uidl_and_top_are_said_whether_or_not_they_are_listed() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nUSER\r\n.\r\n");
    for command in [user(), pass()] {
        peer.send(command);
        peer.hear("+OK\r\n");
    }
    assert_eq!(peer.send(Command::Uidl(None)), "UIDL\r\n");
    assert_eq!(peer.hear("+OK\r\n1 a\r\n.\r\n"), ["begin", "uidl 1 a", "end"]);
    assert_eq!(peer.send(Command::Top { message: number(1), lines: 0 }), "TOP 1 0\r\n");
}

/// A client that has heard this list.
fn hears(capabilities: &str) -> Peer {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear(&format!("+OK\r\n{capabilities}.\r\n"));
    peer
}

// covers rfc6856 2 client-utf8-offered
// covers rfc6856 2.1 client-utf8-mode
// covers rfc6856 2.1 client-no-stls-behind-utf8
#[test]
fn utf8_is_said_where_it_is_listed_and_stls_not_behind_it() {
    assert_eq!(hears("USER\r\n").refused(Command::Utf8), SendRefusal::NotOffered);
    let mut peer = hears("UTF8\r\nSTLS\r\n");
    assert_eq!(peer.send(Command::Utf8), "UTF8\r\n");
    assert_eq!(
        (peer.client.charset(), peer.refused(Command::Stls)),
        (Charset::Ascii, SendRefusal::BehindUtf8)
    );
    peer.hear("+OK\r\n");
    assert_eq!(
        (peer.client.charset(), peer.refused(Command::Stls)),
        (Charset::Utf8, SendRefusal::BehindUtf8)
    );
    let mut peer = Peer::greeted(open());
    assert_eq!(peer.send(Command::Utf8), "UTF8\r\n", "who was not asked may know it");
    peer.hear("-ERR\r\n");
    assert_eq!(peer.client.charset(), Charset::Ascii);
}

// covers rfc6856 2.2 client-ascii-logins
#[test]
fn a_name_beyond_ascii_is_said_to_who_lists_utf8_user_and_to_nobody_else() {
    let name = Name::new("jos\u{e9}").unwrap();
    let digest = Digest::from_octets([0; 16]);
    for command in [Command::User(name.clone()), Command::Apop { name: name.clone(), digest }] {
        for capabilities in ["USER\r\n", "UTF8\r\n"] {
            let mut peer = Peer::new(open());
            peer.hear("+OK <1@x>\r\n");
            peer.send(Command::Capa);
            peer.hear(&format!("+OK\r\n{capabilities}.\r\n"));
            assert_eq!(peer.refused(command.clone()), SendRefusal::NeedsUtf8);
        }
    }
    let mut peer = hears("UTF8 USER\r\n");
    assert_eq!(peer.send(Command::User(name)), "USER jos\u{e9}\r\n");
    peer.hear("+OK\r\n");
    let password = Password::new("\u{fc}".as_bytes()).unwrap();
    assert_eq!(peer.send(Command::Pass(password.clone())), "PASS \u{fc}\r\n");
    let mut peer = hears("USER\r\n");
    peer.send(user());
    peer.hear("+OK\r\n");
    assert_eq!(peer.refused(Command::Pass(password)), SendRefusal::NeedsUtf8);
}

// covers rfc6856 3 client-lang-offered
// covers rfc6856 3.2 client-reads-lang
// covers rfc6856 3.2 listing-words
#[test]
fn languages_are_listed_and_chosen() {
    let spanish = Command::Lang(Some(LanguageRange::Tag(LanguageTag::new("es").unwrap())));
    for command in [Command::Lang(None), spanish.clone()] {
        assert_eq!(hears("USER\r\n").refused(command), SendRefusal::NotOffered);
    }
    let mut peer = hears("LANG\r\n");
    assert_eq!(peer.send(Command::Lang(None)), "LANG\r\n");
    assert_eq!(
        peer.hear("+OK\r\nes Espa\u{f1}ol\r\nen\r\n.\r\n"),
        ["begin", "language es Espa\u{f1}ol", "language en ", "end"]
    );
    assert_eq!(peer.send(Command::Lang(None)), "LANG\r\n");
    assert_eq!(peer.hear("-ERR Server is unable to list languages\r\n").len(), 1);
    assert_eq!(peer.send(spanish), "LANG es\r\n");
    assert_eq!(peer.hear("+OK es Idioma cambiado\r\n"), ["language es Idioma cambiado"]);
    assert_eq!(peer.send(Command::Lang(Some(LanguageRange::Any))), "LANG *\r\n");
    assert_eq!(
        peer.hear("+OK \u{bf}?\r\n"),
        ["error: bad reply: expected a language at octet 0, found '\\xc2'", "unanswered", "closed"]
    );
    let mut peer = Peer::greeted(lenient());
    peer.send(Command::Lang(Some(LanguageRange::Any)));
    assert_eq!(peer.hear("+OK 1\r\n"), ["Ok 1"]);
    assert_eq!(peer.client.deviation().unwrap().kind, DeviationKind::BadEntry);
}
