//! What leaves in clear, and what crosses STLS.
use crate::common::{Peer, auth, open, pass, user};
use pop3_proto::{
    BytesMut, Capability, CleartextLogin, ClientConfig, Command, Mechanism, ProtocolError, Security, State,
    TlsPolicy, UpgradeError, client::SendRefusal,
};

// covers rfc2595 4 client-may-require-tls
#[test]
fn where_tls_is_required_nothing_but_capa_stls_and_quit_is_clear() {
    let mut config = ClientConfig::default();
    config.cleartext = CleartextLogin::Allow;
    for command in [user(), Command::AuthList, auth(Mechanism::PLAIN, Some(b"x"))] {
        assert_eq!(Peer::greeted(config.clone()).refused(command), SendRefusal::NeedsTls);
    }
    for (command, line) in
        [(Command::Capa, "CAPA\r\n"), (Command::Stls, "STLS\r\n"), (Command::Quit, "QUIT\r\n")]
    {
        assert_eq!(Peer::greeted(config.clone()).send(command), line);
    }
    config.security = Security::Tls;
    assert_eq!(Peer::greeted(config).send(user()), "USER mrose\r\n");
}

#[test]
fn a_client_that_is_never_to_use_tls_does_not_ask_for_it() {
    let mut config = ClientConfig::default();
    config.tls = TlsPolicy::Never;
    assert_eq!(Peer::greeted(config).refused(Command::Stls), SendRefusal::TlsForbidden);
}

// covers rfc2595 2.3 client-no-cleartext
// covers rfc2595 2.3 client-cleartext-is-chosen
#[test]
fn no_password_leaves_in_clear_without_a_word_of_the_caller() {
    let mut config = ClientConfig::default();
    config.tls = TlsPolicy::Opportunistic;
    for command in [user(), auth(Mechanism::PLAIN, Some(b"\0a\0b"))] {
        assert_eq!(Peer::greeted(config.clone()).refused(command), SendRefusal::NeedsTls);
    }
    assert_eq!(Peer::greeted(config).send(Command::AuthList), "AUTH\r\n");
}

// covers rfc2595 4 client-injected
// covers rfc2595 4 client-injected-late
#[test]
fn octets_in_clear_behind_stls_end_the_session() {
    let mut peer = Peer::greeted(ClientConfig::default());
    peer.send(Command::Stls);
    assert_eq!(
        peer.hear("+OK go\r\n+OK injected\r\n"),
        ["upgrade", "error: octets in clear behind STLS", "closed"]
    );
    let mut peer = Peer::greeted(ClientConfig::default());
    peer.send(Command::Stls);
    assert_eq!(peer.hear("+OK go\r\n"), ["upgrade"]);
    let late = BytesMut::from("+OK injected\r\n");
    let error = peer.client.upgraded(peer.upgrade.take().unwrap(), &late).unwrap_err();
    assert!(matches!(error, UpgradeError::Protocol(ProtocolError::InjectedPlaintext)));
    assert_eq!(peer.client.state(), State::Closed);
}

// covers rfc2595 4 client-waits-for-stls
// covers rfc2595 4 client-upgrades
// covers rfc2595 4 client-forgets-offers
// covers rfc2595 4 client-no-second-stls
#[test]
fn what_was_offered_in_clear_is_forgotten_under_tls() {
    let mut peer = Peer::greeted(open());
    peer.send(Command::Capa);
    peer.hear("+OK\r\nPIPELINING\r\nSTLS\r\n.\r\n");
    assert_eq!(peer.client.capabilities(), Some(&[Capability::Pipelining, Capability::Stls][..]));
    peer.send(Command::Stls);
    assert_eq!(peer.refused(Command::Capa), SendRefusal::Busy);
    assert_eq!(peer.hear("+OK\r\n"), ["upgrade"]);
    assert_eq!(peer.refused(Command::Capa), SendRefusal::Busy);
    peer.client.upgraded(peer.upgrade.take().unwrap(), &peer.input).unwrap();
    assert_eq!((peer.client.security(), peer.client.capabilities()), (Security::Tls, None));
    assert_eq!(peer.refused(Command::Stls), SendRefusal::TlsActive);
    assert_eq!(peer.send(user()), "USER mrose\r\n");
    assert_eq!(peer.send(pass()), "", "PIPELINING was learned in clear");
}

#[test]
fn an_upgrade_that_is_dropped_ends_the_session() {
    let mut peer = Peer::greeted(ClientConfig::default());
    peer.send(Command::Stls);
    peer.hear("+OK\r\n");
    peer.upgrade = None;
    assert_eq!(peer.hear(""), ["closed"]);
}
