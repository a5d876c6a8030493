//! How sessions end: cleanly, cut, attacked, given up half-way.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::*;
use smtp_proto::{
    Ask, Command, Offer, ProtocolError, Reason, Security, ServerConfig, Upgrade,
    client::{Client, Event},
    server::{self, Rejection, Server},
};
use std::{
    future::Future,
    pin::pin,
    sync::{Arc, atomic::AtomicUsize, atomic::Ordering},
    task::{Context, Waker},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    join,
    time::timeout,
};
use tokio_codec::{Connection, Error, Stream};

async fn served(config: ServerConfig, io: DuplexStream) -> Served {
    serve(Connection::new(io, Server::new(config)), None, async |c| c.next().await).await
}

#[tokio::test]
async fn a_peer_that_closes_between_commands_is_no_error_and_one_that_cuts_something_is() {
    for (said, clean) in [
        ("", true),
        ("EHLO c\r\n", true),
        ("EHL", false),
        ("EHLO c\r\nMAIL FROM:<a@b.example>\r\n", false),
        ("EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nhalf a mess", false),
    ] {
        let (mut client, server) = duplex(4096);
        let talk = async {
            client.write_all(said.as_bytes()).await.unwrap();
            client.shutdown().await.unwrap();
            let mut heard = String::new();
            // That this ends shows that the server closed its half too.
            client.read_to_string(&mut heard).await.unwrap();
            assert!(heard.starts_with("220 "));
        };
        let ((messages, ended), ()) = join!(served(server_config(), server), talk);
        assert!(messages.is_empty());
        match ended {
            Ok(()) => assert!(clean, "{said}"),
            Err(Error::Cut(ProtocolError::Cut)) => assert!(!clean, "{said}"),
            Err(other) => panic!("{said}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn tls_that_ends_without_its_alert_is_judged_by_the_machine() {
    let (ours, theirs) = tls();
    for (said, clean) in [("NOOP\r\n", true), ("NOO", false)] {
        let (client, server) = duplex(4096);
        let config = ServerConfig { security: Security::Tls, ..server_config() };
        let serve = async {
            let tls = tokio_rustls::TlsAcceptor::from(ours.clone()).accept(server).await.unwrap();
            serve(Connection::over_tls(tls, Server::new(config)), None, async |c| c.next().await).await
        };
        let talk = async {
            let connector = tokio_rustls::TlsConnector::from(theirs.clone());
            let mut tls = connector.connect("localhost".try_into().unwrap(), client).await.unwrap();
            tls.write_all(said.as_bytes()).await.unwrap();
            tls.flush().await.unwrap();
            // The socket alone is closed.
            let (mut socket, _) = tls.into_inner();
            socket.shutdown().await.unwrap();
            let _ = socket.read_to_end(&mut Vec::new()).await;
        };
        let ((_, ended), ()) = join!(serve, talk);
        assert_eq!(ended.is_ok(), clean, "{said}: {ended:?}");
    }
}

#[tokio::test]
async fn a_server_refuses_octets_behind_starttls_before_it_answers_a_handshake() {
    let (ours, _) = tls();
    let (mut client, server) = duplex(4096);
    let config = ServerConfig { starttls: Offer::Yes, ..server_config() };
    let served = serve(Connection::new(server, Server::new(config)), Some(ours), async |c| c.next().await);
    let talk = async {
        client.write_all(b"EHLO c\r\nSTARTTLS\r\nMAIL FROM:<evil@example.org>\r\n").await.unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert!(heard.ends_with("220 2.0.0 ready to start TLS\r\n"), "{heard}");
    };
    let ((_, ended), ()) = join!(served, talk);
    assert!(matches!(ended, Err(Error::Protocol(ProtocolError::InjectedPlaintext))), "{ended:?}");
}

#[tokio::test]
async fn octets_that_come_a_little_later_are_no_handshake() {
    let (ours, _) = tls();
    let (mut client, server) = duplex(4096);
    let config = ServerConfig { starttls: Offer::Yes, ..server_config() };
    let served = serve(Connection::new(server, Server::new(config)), Some(ours), async |c| c.next().await);
    let talk = async {
        client.write_all(b"EHLO c\r\nSTARTTLS\r\n").await.unwrap();
        hear(&mut client, "start TLS\r\n").await;
        client.write_all(b"MAIL FROM:<evil@example.org>\r\n").await.unwrap();
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert!(!heard.escape_ascii().to_string().contains("250"), "only an alert of TLS");
    };
    let ((_, ended), ()) = join!(served, talk);
    assert!(matches!(ended, Err(Error::Io(_))), "{ended:?}");
}

/// A client that has sent STARTTLS and heard `answer`.
async fn client_upgrade(answer: &str) -> (Connection<DuplexStream, Client>, DuplexStream, Upgrade) {
    let (ours, mut peer) = duplex(4096);
    let mut client = Connection::new(ours, Client::new(client_config()));
    client.machine().send(Command::Ehlo(us())).unwrap();
    peer.write_all(b"220 mx\r\n").await.unwrap();
    assert!(matches!(client.next().await.unwrap(), Some(Event::Greeting(_))));
    peer.write_all(b"250-mx\r\n250 STARTTLS\r\n").await.unwrap();
    assert!(matches!(client.next().await.unwrap(), Some(Event::Reply { .. })));
    client.machine().send(Command::StartTls).unwrap();
    client.flush().await.unwrap();
    hear(&mut peer, "STARTTLS\r\n").await;
    peer.write_all(answer.as_bytes()).await.unwrap();
    let Some(Event::Upgrade { upgrade, .. }) = client.next().await.unwrap() else { panic!("no upgrade") };
    (client, peer, upgrade)
}

#[tokio::test]
async fn a_client_refuses_octets_behind_the_answer_to_starttls_before_it_says_hello() {
    let (_, config) = tls();
    let (mut client, mut peer, upgrade) = client_upgrade("220 go\r\n250 injected\r\n").await;
    let ended = client.connect_tls(upgrade, config, "localhost".try_into().unwrap()).await;
    assert!(matches!(ended, Err(Error::Protocol(ProtocolError::InjectedPlaintext))), "{ended:?}");
    let mut heard = Vec::new();
    peer.read_to_end(&mut heard).await.unwrap();
    assert!(heard.is_empty());
    assert!(client.next().await.unwrap().is_none());
}

#[tokio::test]
async fn an_upgrade_dropped_half_way_leaves_a_connection_that_tells_so() {
    let (_, config) = tls();
    let (mut client, _peer, upgrade) = client_upgrade("220 go\r\n").await;
    {
        let mut upgrading = pin!(client.connect_tls(upgrade, config, "localhost".try_into().unwrap()));
        assert!(upgrading.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert!(matches!(client.stream(), Stream::Broken));
    for _ in 0..2 {
        let error = client.next().await.unwrap_err().to_string();
        assert_eq!(error, "the upgrade to TLS did not complete");
    }
    let _ = client.flush().await;
    client.close(Reason::Shutdown).await;
}

#[tokio::test]
async fn a_server_upgrade_dropped_half_way_tells_so_too() {
    let (ours, _) = tls();
    let (mut client, server) = duplex(4096);
    let config = ServerConfig { starttls: Offer::Yes, ..server_config() };
    let mut server = Connection::new(server, Server::new(config));
    client.write_all(b"EHLO c\r\nSTARTTLS\r\n").await.unwrap();
    loop {
        match server.next().await.unwrap().unwrap() {
            server::Event::Connect(ask) => server.machine().accept(ask, ()).unwrap(),
            server::Event::Hello(ask) => server.machine().accept(ask, ()).unwrap(),
            server::Event::StartTls(ask) => {
                let upgrade = server.machine().accept(ask, ()).unwrap();
                assert!(timeout(Duration::from_millis(5), server.accept_tls(upgrade, ours)).await.is_err());
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(server.next().await, Err(Error::Io(_))));
}

#[tokio::test]
async fn a_token_of_another_session_does_not_cost_a_connection_its_tls() {
    let (ours, theirs) = tls();
    let (client, server) = duplex(4096);
    let (tls, peer) = join!(
        tokio_rustls::TlsAcceptor::from(ours.clone()).accept(server),
        tokio_rustls::TlsConnector::from(theirs.clone()).connect("localhost".try_into().unwrap(), client),
    );
    let _peer = peer.unwrap();
    let mut server = Connection::over_tls(tls.unwrap(), Server::new(server_config()));
    let (_other, _io, upgrade) = client_upgrade("220 go\r\n").await;
    assert!(server.accept_tls(upgrade, ours).await.is_err());
    assert!(server.stream().tls().is_some());
}

#[tokio::test]
async fn an_open_question_is_told_and_not_waited_for() {
    let (_client, server) = duplex(4096);
    let mut server = Connection::new(server, Server::new(server_config()));
    let Some(server::Event::Connect(ask)) = server.next().await.unwrap() else { panic!("no connection") };
    assert!(matches!(server.next().await, Err(Error::Unanswered)));
    server.machine().accept(ask, ()).unwrap();
    assert!(timeout(Duration::from_millis(5), server.next()).await.is_err());
}

/// A server that has refused DATA, and the message that came all the same.
async fn early_payload(capacity: usize) -> (Connection<DuplexStream, Server>, DuplexStream) {
    let (mut client, server) = duplex(capacity);
    let mut server = Connection::new(server, Server::new(server_config()));
    let said = b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: early\r\n";
    let talk = async {
        // A client that writes and does not listen, until there is something to be heard.
        client.write_all(said).await.unwrap();
    };
    let refuse = async {
        loop {
            match server.next().await.unwrap().unwrap() {
                server::Event::Connect(ask) => server.machine().accept(ask, ()).unwrap(),
                server::Event::Hello(ask) => server.machine().accept(ask, ()).unwrap(),
                server::Event::Mail(ask) => accept(&mut server, ask),
                server::Event::Rcpt(ask) => accept(&mut server, ask),
                server::Event::Data(ask) => {
                    server.machine().reject(ask, Rejection::policy()).unwrap();
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
    };
    join!(talk, refuse);
    (server, client)
}

fn accept<T: server::Request<Answer = server::Ack>>(
    server: &mut Connection<DuplexStream, Server>,
    ask: Ask<T>,
) {
    server.machine().accept(ask, server::Ack::default()).unwrap();
}

#[tokio::test]
async fn what_was_said_before_a_breach_is_written() {
    let (mut server, mut client) = early_payload(4096).await;
    let ended = server.next().await;
    assert!(matches!(ended, Err(Error::Protocol(ProtocolError::EarlyPayload))), "{ended:?}");
    let mut heard = String::new();
    client.read_to_string(&mut heard).await.unwrap();
    assert!(heard.ends_with("\r\n554 5.7.1 refused by policy\r\n"), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn a_breach_is_told_though_the_call_that_met_it_was_dropped() {
    let (mut server, _client) = early_payload(90).await;
    for _ in 0..4 {
        // The client does not listen: the last words wait, for 30 seconds in all.
        assert!(timeout(Duration::from_secs(7), server.next()).await.is_err());
    }
    let ended = timeout(Duration::from_secs(7), server.next()).await.unwrap();
    assert!(matches!(ended, Err(Error::Protocol(ProtocolError::EarlyPayload))), "{ended:?}");
    assert!(timeout(Duration::ZERO, server.next()).await.unwrap().unwrap().is_none());
}

#[tokio::test]
async fn the_reason_of_a_server_that_no_longer_reads_is_heard() {
    let (ours, mut peer) = duplex(4096);
    let mut client = Connection::new(ours, Client::new(client_config()));
    let hello = client.machine().send(Command::Ehlo(us())).unwrap();
    peer.write_all(b"220 mx\r\n").await.unwrap();
    assert!(matches!(client.next().await.unwrap(), Some(Event::Greeting(_))));
    peer.write_all(b"421 4.3.2 going down\r\n").await.unwrap();
    drop(peer);
    let Some(Event::Unsolicited(reply)) = client.next().await.unwrap() else { panic!("no reply") };
    assert_eq!(reply.code().as_u16(), 421);
    assert!(matches!(client.next().await, Ok(Some(Event::Unanswered(ticket))) if ticket == hello));
    assert!(matches!(client.next().await, Ok(None)));
}

#[tokio::test]
async fn commands_without_an_answer_are_told_behind_the_error() {
    let (ours, mut peer) = duplex(4096);
    let mut client = Connection::new(ours, Client::new(client_config()));
    let hello = client.machine().send(Command::Ehlo(us())).unwrap();
    peer.write_all(b"220 mx\r\n250-").await.unwrap();
    assert!(matches!(client.next().await.unwrap(), Some(Event::Greeting(_))));
    client.flush().await.unwrap();
    peer.shutdown().await.unwrap();
    assert!(matches!(client.next().await, Err(Error::Cut(ProtocolError::Cut))));
    assert!(matches!(client.next().await, Ok(Some(Event::Unanswered(ticket))) if ticket == hello));
    assert!(matches!(client.next().await, Ok(None)));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_polled_while_nothing_happens() {
    let polls = Arc::new(AtomicUsize::new(0));
    let (mut client, server) = duplex(4096);
    let server = Connection::new(Counted(server, polls.clone()), Server::new(server_config()));
    // A task of its own, which nothing else wakes.
    let tasks = tokio::task::LocalSet::new();
    let served = tasks.spawn_local(serve(server, None, async |c| c.next().await));
    let talk = async {
        hear(&mut client, "ESMTP\r\n").await;
        for said in ["NOOP\r\n", "NO", "OP\r\n"] {
            client.write_all(said.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            let before = polls.load(Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(50)).await;
            assert_eq!(polls.load(Ordering::Relaxed), before);
        }
        assert!(polls.load(Ordering::Relaxed) < 20, "{polls:?}");
        client.shutdown().await.unwrap();
        served.await.unwrap().1.unwrap();
    };
    tasks.run_until(talk).await;
}

#[tokio::test]
async fn what_has_been_read_is_not_shown() {
    let (mut client, server) = duplex(4096);
    let mut server = Connection::new(server, Server::new(server_config()));
    client.write_all(b"AUTH PLAIN hunter2").await.unwrap();
    let Some(server::Event::Connect(ask)) = server.next().await.unwrap() else { panic!("no connection") };
    server.machine().accept(ask, ()).unwrap();
    assert!(pin!(server.next()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let shown = format!("{server:?}");
    assert!(shown.contains("unread: 18") && !shown.contains("hunter2"), "{shown}");
}
