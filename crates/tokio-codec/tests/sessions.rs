//! Whole sessions: over pipes of few octets, cut short at every wait, over sockets and TLS.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::*;
use pop3_proto::{CleartextLogin, DropListing, MessageNumber, ScanListing};
use smtp_proto::{
    Body, ClientConfig, Offer, Security, ServerConfig, TlsPolicy,
    client::Client,
    delivery::Message,
    server::{Event, Server},
};
use std::{future::Future, pin::pin, task::Poll};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    join,
};
use tokio_codec::{Connection, smtp};

const MESSAGE: &[u8] = b"Subject: dots\r\n\r\n.\r\n..\r\n...and a line of some length\r\n.\r\n";

fn smtp_pair(capacity: usize) -> (Connection<DuplexStream, Client>, Connection<DuplexStream, Server>) {
    let (ours, theirs) = duplex(capacity);
    (
        Connection::new(ours, Client::new(client_config())),
        Connection::new(theirs, Server::new(server_config())),
    )
}

#[tokio::test]
async fn a_message_passes_through_pipes_of_a_few_octets() {
    for capacity in [1, 2, 3, 4, 5, 6, 7, 64, 65_536] {
        let (mut client, server) = smtp_pair(capacity);
        let (messages, ended) = join!(
            serve(server, None, async |c| c.next().await),
            send(&mut client, MESSAGE, async |c| c.next().await)
        )
        .0;
        ended.unwrap();
        assert_eq!(messages, [MESSAGE], "capacity {capacity}");
    }
}

#[tokio::test]
async fn next_may_be_dropped_at_every_wait_and_nothing_is_lost_or_doubled() {
    for capacity in [1, 3, 7, 4096] {
        for (ours, theirs) in [(0, 0), (0, 2), (1, 0), (3, 1)] {
            let (mut client, server) = smtp_pair(capacity);
            let served = serve(server, None, async |c| next_cut_short(c, theirs).await);
            let sent = send(&mut client, MESSAGE, async |c| next_cut_short(c, ours).await);
            let (messages, ended) = join!(served, sent).0;
            ended.unwrap();
            assert_eq!(messages, [MESSAGE], "capacity {capacity}, dropped after {ours} and {theirs}");
        }
    }
}

/// Runs a POP3 server of one message: [`MESSAGE`]. It tells how many messages were removed.
async fn serve_pop3(io: DuplexStream) -> usize {
    use pop3_proto::server::{Event, Server};
    let mut config = pop3_proto::ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    let mut connection = Connection::new(io, Server::new(config));
    let octets = MESSAGE.len() as u64;
    let mut removed = 0;
    while let Some(event) = connection.next().await.unwrap() {
        let machine = connection.machine();
        match event {
            Event::Connect(ask) => machine.accept(ask, ()).unwrap(),
            Event::Login(ask) => machine.accept(ask, DropListing { messages: 1, octets }).unwrap(),
            Event::ListAll(ask) => {
                let mut listing = machine.accept(ask, ()).unwrap();
                let message = MessageNumber::new(1).unwrap();
                machine.entry(&mut listing, &ScanListing { message, octets }).unwrap();
                machine.finish_listing(listing).unwrap();
            }
            Event::Retr(ask) => {
                let mut upload = machine.accept(ask, octets).unwrap();
                connection.write(&mut upload, MESSAGE.into()).await.unwrap();
                connection.finish(upload).unwrap();
            }
            Event::Dele(ask) => machine.accept(ask, octets).unwrap(),
            Event::Quit(ask) => {
                removed += ask.deleted.iter().count();
                machine.accept(ask, ()).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
    removed
}

#[tokio::test]
async fn a_peer_that_says_all_at_once_and_closes_its_half_gets_all_answers() {
    for (quit, removed) in [("QUIT\r\n", 1), ("", 0)] {
        for capacity in [1, 7, 4096] {
            let (mut client, server) = duplex(capacity);
            let (mut hears, mut says) = tokio::io::split(&mut client);
            let said = format!("USER a\r\nPASS b\r\nLIST\r\nRETR 1\r\nDELE 1\r\n{quit}");
            let talk = async {
                says.write_all(said.as_bytes()).await.unwrap();
                says.shutdown().await.unwrap();
            };
            let mut heard = String::new();
            let (found, (), read) = join!(serve_pop3(server), talk, hears.read_to_string(&mut heard));
            read.unwrap();
            assert_eq!(found, removed);
            let end = "1 57\r\n.\r\n+OK 57 octets\r\nSubject: dots\r\n\r\n..\r\n...\r\n....and a line of some length\r\n..\r\n.\r\n+OK message 1 deleted\r\n";
            assert!(heard.trim_end_matches("+OK goodbye\r\n").ends_with(end), "{heard}");
        }
    }
}

#[tokio::test]
async fn a_message_goes_over_a_socket_in_clear() {
    let (listener, address) = listen().await;
    let server = async {
        let connection = Connection::new(accept(listener).await, Server::new(server_config()));
        serve(connection, None, async |c| c.next().await).await
    };
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let to = ["b@example.net", "nobody@example.net", "c@example.net"].map(rcpt).to_vec();
        let report = smtp::deliver(&mut session, Message::new(mail(), to), MESSAGE).await.unwrap();
        assert_eq!(codes(&report), [250, 550, 250]);
        // Nobody takes it: the session stays good for the next one.
        let to = vec![rcpt("nobody@example.net")];
        let report = smtp::deliver(&mut session, Message::new(mail(), to), MESSAGE).await.unwrap();
        assert_eq!(codes(&report), [550]);
        let large = vec![rcpt("b@example.net")];
        let large = Message::new(mail(), large);
        let report = smtp::deliver(&mut session, large, &mut &LARGE[..]).await.unwrap();
        assert_eq!(codes(&report), [250]);
        smtp::quit(&mut session).await.unwrap();
    };
    let ((messages, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(messages, [MESSAGE, LARGE]);
}

// covers rfc1870 6 size-declared
// covers rfc6152 3 body-declared
#[tokio::test]
async fn what_the_server_may_know_of_a_message_is_told_before_it() {
    let (listener, address) = listen().await;
    let mut told = None;
    let server = async {
        let connection = Connection::new(accept(listener).await, Server::new(server_config()));
        let next = async |c: &mut Connection<_, _>| {
            let event = c.next().await;
            if let Ok(Some(Event::Mail(ask))) = &event {
                told = Some((ask.parameters().size(), ask.parameters().body()));
            }
            event
        };
        serve(connection, None, next).await
    };
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let message = "Subject: caf\u{e9}\r\n".as_bytes();
        let to = vec![rcpt("b@example.net")];
        smtp::deliver(&mut session, Message::new(mail(), to), message).await.unwrap();
        smtp::quit(&mut session).await.unwrap();
    };
    let ((_, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(told, Some((Some(16), Some(Body::EightBitMime))));
}

static LARGE: &[u8] = &{
    let mut large = [b'x'; 300_000];
    let mut at = 70;
    while at < large.len() {
        large[at] = b'\r';
        large[at + 1] = b'\n';
        large[at + 2] = b'.';
        at += 72;
    }
    large[large.len() - 2] = b'\r';
    large[large.len() - 1] = b'\n';
    large
};

#[tokio::test]
async fn a_message_goes_by_starttls() {
    let (listener, address) = listen().await;
    let (ours, theirs) = tls();
    let server = async {
        let config = ServerConfig { starttls: Offer::Yes, ..server_config() };
        let connection = Connection::new(accept(listener).await, Server::new(config));
        serve(connection, Some(ours), async |c| c.next().await).await
    };
    let client = async {
        let name = "localhost".try_into().unwrap();
        let mut session =
            smtp::connect_starttls(address, ClientConfig::default(), us(), theirs, name).await.unwrap();
        assert!(session.stream().tls().is_some());
        let to = vec![rcpt("b@example.net")];
        let report = smtp::deliver(&mut session, Message::new(mail(), to), LARGE).await.unwrap();
        assert!(report.is_delivered());
        smtp::quit(&mut session).await.unwrap();
    };
    let ((messages, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(messages, [LARGE]);
}

#[tokio::test]
async fn a_message_goes_by_tls_from_the_start() {
    let (listener, address) = listen().await;
    let (ours, theirs) = tls();
    let server = async {
        let config = ServerConfig { security: Security::Tls, ..server_config() };
        let tls = tokio_rustls::TlsAcceptor::from(ours).accept(accept(listener).await).await.unwrap();
        let connection = Connection::over_tls(tls, Server::new(config));
        serve(connection, None, async |c| next_cut_short(c, 1).await).await
    };
    let client = async {
        let name = "localhost".try_into().unwrap();
        let mut session =
            smtp::connect_tls(address, ClientConfig::default(), us(), theirs, name).await.unwrap();
        let to = vec![rcpt("b@example.net")];
        let report = smtp::deliver(&mut session, Message::new(mail(), to), LARGE).await.unwrap();
        assert!(report.is_delivered());
        smtp::quit(&mut session).await.unwrap();
    };
    let ((messages, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(messages, [LARGE]);
}

#[tokio::test]
async fn a_certificate_of_another_name_and_a_server_without_starttls_are_refused() {
    let (listener, address) = listen().await;
    let (ours, theirs) = tls();
    let server = async {
        for offer in [Offer::Yes, Offer::No] {
            let config = ServerConfig { starttls: offer, ..server_config() };
            let connection = Connection::new(listener.accept().await.unwrap().0, Server::new(config));
            let _ = serve(connection, Some(ours.clone()), async |c| c.next().await).await;
        }
    };
    let client = async {
        for error in ["invalid peer certificate", "the server does not offer TLS"] {
            let name = "other.example".try_into().unwrap();
            let failed =
                smtp::connect_starttls(address, ClientConfig::default(), us(), theirs.clone(), name).await;
            let failed = failed.unwrap_err().to_string();
            assert!(failed.starts_with(error), "{failed}");
        }
    };
    join!(server, client);
}

#[tokio::test]
async fn lmtp_tells_what_became_of_the_message_for_each() {
    let (listener, address) = listen().await;
    let server = async {
        let config = ServerConfig { protocol: smtp_proto::Protocol::Lmtp, ..server_config() };
        serve(Connection::new(accept(listener).await, Server::new(config)), None, async |c| c.next().await)
            .await
    };
    let client = async {
        let config = ClientConfig { protocol: smtp_proto::Protocol::Lmtp, ..client_config() };
        let mut session = smtp::connect(address, config, us()).await.unwrap();
        for _ in 0..2 {
            // More than the client keeps in flight, and than the server takes in one transaction.
            let to = (0..1500).map(|n| rcpt(&format!("b{n}@example.net"))).collect();
            let report = smtp::deliver(&mut session, Message::new(mail(), to), MESSAGE).await.unwrap();
            assert_eq!(codes(&report), [250; 1500]);
        }
        smtp::quit(&mut session).await.unwrap();
    };
    let ((messages, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(messages, [MESSAGE; 4]);
}

#[tokio::test]
async fn a_relay_goes_on_in_clear_only_where_its_policy_has_it() {
    for policy in [TlsPolicy::Opportunistic, TlsPolicy::Required] {
        let (listener, address) = listen().await;
        let client = async {
            let config = ClientConfig { tls: policy, ..ClientConfig::default() };
            let name = "localhost".try_into().unwrap();
            let session = smtp::connect_starttls(address, config, us(), tls().1, name).await;
            match policy {
                TlsPolicy::Required => {
                    assert_eq!(session.unwrap_err().to_string(), "the server does not offer TLS");
                }
                _ => assert!(session.unwrap().stream().tls().is_none()),
            }
        };
        let end = if policy == TlsPolicy::Required { "QUIT\r\n" } else { "" };
        let turns = [("220 s\r\n", "\r\n"), ("250 s\r\n", end)];
        join!(says(listener, &turns), client);
    }
    let nowhere = smtp::connect("127.0.0.1:1", ClientConfig::default(), us()).await.unwrap_err();
    assert_eq!(nowhere.to_string(), "the server does not offer TLS");
}

#[tokio::test]
async fn futures_may_cross_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (mut client, mut server) = smtp_pair(10);
    is_send(&server.next());
    is_send(&server.close(smtp_proto::Reason::Shutdown));
    let mut next = pin!(client.next());
    is_send(&next);
    std::future::poll_fn(|cx| {
        assert!(next.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}
