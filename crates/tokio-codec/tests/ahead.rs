//! Reading while a question is open.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::{server_config, tls};
use smtp_proto::{
    Ask, Offer, ProtocolError, ServerConfig,
    server::{Connect, Event, Server},
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    join,
    time::timeout,
};
use tokio_codec::{Connection, Error};

/// A server whose client has connected, and the client.
async fn connected() -> (Connection<DuplexStream, Server>, Ask<Connect>, DuplexStream) {
    let (client, server) = duplex(64 * 1024);
    let mut server =
        Connection::new(server, Server::new(ServerConfig { starttls: Offer::Yes, ..server_config() }));
    let Ok(Some(Event::Connect(ask))) = server.next().await else { panic!("it has connected") };
    (server, ask, client)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_speaks_before_it_is_greeted_is_told_of_and_heard() {
    let (mut server, ask, mut client) = connected().await;
    let second = Duration::from_secs(1);
    assert!(timeout(second, server.next_unanswered()).await.is_err(), "it waits as long as the client does");
    client.write_all(b"EHLO c.example\r\n").await.unwrap();
    assert!(matches!(server.next_unanswered().await, Ok(Some(Event::EarlyTalker))));
    assert!(timeout(second, server.next_unanswered()).await.is_err(), "it is told once");
    server.machine().accept(ask, ()).unwrap();
    let Ok(Some(Event::Hello(ask))) = server.next().await else { panic!("what was read is kept") };
    server.machine().accept(ask, ()).unwrap();
    server.flush().await.unwrap();
    let mut heard = vec![0; 300];
    let octets = client.read(&mut heard).await.unwrap();
    assert!(heard[..octets].starts_with(b"220 mx.example.net"));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_and_says_is_read_up_to_a_limit() {
    let (mut server, ask, mut client) = connected().await;
    // It can write as much as a stream holds, and as was read.
    let said = b"NOOP\r\n".repeat(20_000);
    let mut written = 0;
    let writes = async {
        while let Ok(Ok(octets)) = timeout(Duration::from_secs(1), client.write(&said[written..])).await {
            written += octets;
        }
    };
    let reads = async {
        assert!(matches!(server.next_unanswered().await, Ok(Some(Event::EarlyTalker))));
        assert!(matches!(server.next_unanswered().await, Ok(None)));
    };
    join!(writes, reads);
    assert!((64 << 10..=72 << 10).contains(&written), "{written}");
    server.machine().accept(ask, ()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_gone_is_not_waited_for() {
    let (mut server, ask, client) = connected().await;
    drop(client);
    assert!(matches!(server.next_unanswered().await, Ok(None)));
    assert!(matches!(server.next().await, Err(Error::Unanswered)));
    server.machine().accept(ask, ()).unwrap();
    let ended = server.next().await;
    assert!(!matches!(ended, Ok(Some(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn octets_in_clear_behind_starttls_end_the_session_also_where_they_are_read_ahead() {
    let (mut server, ask, mut client) = connected().await;
    server.machine().accept(ask, ()).unwrap();
    client.write_all(b"EHLO c.example\r\nSTARTTLS\r\n").await.unwrap();
    let Ok(Some(Event::Hello(ask))) = server.next().await else { panic!("it says EHLO") };
    server.machine().accept(ask, ()).unwrap();
    let Ok(Some(Event::StartTls(ask))) = server.next().await else { panic!("it says STARTTLS") };
    client.write_all(b"MAIL FROM:<a@example.org>\r\n").await.unwrap();
    let told = timeout(Duration::from_secs(1), server.next_unanswered()).await;
    assert!(told.is_err(), "nothing is told of it yet: {told:?}");
    let upgrade = server.machine().accept(ask, ()).unwrap();
    let ended = server.accept_tls(upgrade, tls().0).await;
    assert!(matches!(ended, Err(Error::Protocol(ProtocolError::InjectedPlaintext))), "{ended:?}");
    assert!(matches!(server.next().await, Ok(None)));
}
