//! Against the server of this crate, in memory.
use super::{
    common::{auth, chunking, config, lmtp as lmtp_server, server_host},
    sends::{Sends, lmtp, mail, new, of, open, to},
};
use smtp_proto::{Body, CleartextLogin, ClientConfig, Protocol, ServerConfig, TlsPolicy, server::Server};
use test_support::{Pair, Pieces, Who};

/// What comes of these messages, whatever the pieces.
fn delivers(
    client: &ClientConfig,
    server: &ServerConfig,
    sends: impl Fn() -> Sends,
) -> (Vec<String>, Vec<String>) {
    let mut told = None;
    for pieces in [Pieces::Whole, Pieces::Every(1), Pieces::Seeded(5), Pieces::Seeded(11)] {
        let mut pair = Pair::new(new(client.clone()), Server::new(server.clone())).pieces(pieces);
        pair.pump(&mut sends(), &mut server_host());
        assert!(pair.is_over(Who::Client) && pair.is_over(Who::Server), "{}", pair.transcript());
        let logs = (pair.client_log.entries(), pair.server_log.entries());
        assert_eq!(*told.get_or_insert_with(|| logs.clone()), logs, "{pieces:?}");
    }
    told.unwrap()
}

#[test]
fn messages_arrive_as_they_were_sent() {
    let sends = || Sends::new([to(&["bob", "Green"]), to(&["cy"])]).body(&[b".hi\r", b"\n..\r\n", b"bye"]);
    let (client, server) = delivers(&open(), &config(), sends);
    assert_eq!(client, ["ready", "body", "accepted 250", "Rcpt 550 Never", "body", "accepted 250", "closed"]);
    let payload = r#"payload ".hi\r\n..\r\nbye\r\n""#;
    assert_eq!(server.iter().filter(|entry| *entry == payload).count(), 2, "{server:#?}");
}

#[test]
fn a_limit_that_is_not_told_is_met() {
    // The server takes three at a time.
    let (client, server) = delivers(&open(), &config(), || Sends::new([to(&["a", "b", "c", "d", "e"])]));
    assert_eq!(client, [&["ready", "body", "body"][..], &["accepted 250"; 5], &["closed"]].concat());
    assert_eq!(
        server.iter().filter(|entry| entry.starts_with("message of 10 octets")).count(),
        2,
        "{server:#?}"
    );
}

#[test]
fn lmtp_and_a_login() {
    let (client, _) = delivers(&lmtp(), &lmtp_server(), || Sends::new([to(&["bob", "full", "Green"])]));
    assert_eq!(client, ["ready", "body", "accepted 250", "Message 452 Later", "Rcpt 550 Never", "closed"]);
    let (client, server) = delivers(&open(), &auth(), || Sends::new([to(&["bob"])]).login(None));
    assert_eq!(client, ["ready", "challenge ", "login refused 535", "body", "accepted 250", "closed"]);
    assert!(server.contains(&"wrong password".into()), "{server:#?}");
}

#[test]
fn tls_by_policy() {
    let server = ServerConfig { starttls: smtp_proto::Offer::Yes, ..config() };
    let config = ClientConfig { tls: TlsPolicy::Required, cleartext: CleartextLogin::Refuse, ..open() };
    let (client, _) = delivers(&config, &server, || Sends::new([to(&["bob"])]));
    assert_eq!(client, ["upgraded", "ready", "body", "accepted 250", "closed"]);
}

#[test]
fn octets_arrive_as_they_were_sent() {
    let binary = || mail().with_body(Body::BinaryMime);
    let server = chunking();
    let long = [b'\n'; 200];
    let body: &[&'static [u8]] = &[b"\0.\r\n.\r\nQUIT\r\n", &[b'\n'; 200], b"\r"];
    let octets = [&b"\0.\r\n.\r\nQUIT\r\n"[..], &long, b"\r"].concat();
    let payload = format!("payload \"{}\"", octets.escape_ascii());
    for (client, server) in
        [(open(), server.clone()), (lmtp(), ServerConfig { protocol: Protocol::Lmtp, ..server })]
    {
        let client = ClientConfig { max_unsent: 100, ..client };
        let sends = || {
            let sized = of(binary().with_size(octets.len() as u64), &["bob", "Green"]);
            Sends::new([of(binary(), &["bob", "Green"]), sized]).body(body)
        };
        let (client, server) = delivers(&client, &server, sends);
        let one = ["body", "accepted 250", "Rcpt 550 Never"];
        assert_eq!(client, [&["ready"][..], &one, &one, &["closed"]].concat());
        assert_eq!(server.iter().filter(|entry| **entry == payload).count(), 2, "{server:#?}");
    }
}
