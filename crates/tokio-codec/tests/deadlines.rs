//! Peers that keep us waiting.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use bytes::Bytes;
use common::*;
use smtp_proto::{
    Command, ServerConfig,
    client::{Client, Event},
    server::Server,
};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex},
    join,
    time::{Instant, sleep, timeout},
};
use tokio_codec::{Connection, Error, WriteFailure};

const SECOND: Duration = Duration::from_secs(1);

/// Serves a peer that does what `talk` does; how long it took, and what the peer heard.
async fn serve_late(talk: impl AsyncFn(&mut DuplexStream)) -> (Duration, String) {
    let (mut client, server) = duplex(4096);
    let begun = Instant::now();
    let served = serve(Connection::new(server, Server::new(server_config())), None, async |c| c.next().await);
    let heard = async {
        talk(&mut client).await;
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        (begun.elapsed(), heard)
    };
    let ((_, ended), heard) = join!(served, heard);
    assert!(matches!(ended, Err(Error::TimedOut)), "{ended:?}");
    heard
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_nothing_is_told_goodbye() {
    let (elapsed, heard) = serve_late(async |_| {}).await;
    assert_eq!(elapsed.as_secs(), 300);
    assert!(heard.ends_with("421 4.4.2 mx.example.net waited for too long, closing\r\n"), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_comes_octet_by_octet_gets_no_more_time() {
    let (elapsed, _) = serve_late(async |client| {
        for _ in 0..29 {
            client.write_all(b"x").await.unwrap();
            sleep(10 * SECOND).await;
        }
    })
    .await;
    assert_eq!(elapsed.as_secs(), 300);
}

#[tokio::test(start_paused = true)]
async fn each_command_gets_time_of_its_own() {
    let (elapsed, _) = serve_late(async |client| {
        for _ in 0..3 {
            sleep(200 * SECOND).await;
            client.write_all(b"NOOP\r\n").await.unwrap();
        }
    })
    .await;
    assert_eq!(elapsed.as_secs(), 900);
}

#[tokio::test(start_paused = true)]
async fn patience_runs_on_while_next_is_called_anew() {
    let (_client, server) = duplex(4096);
    let begun = Instant::now();
    let next = async |c: &mut Connection<_, Server>| loop {
        if let Ok(next) = timeout(SECOND, c.next()).await {
            return next;
        }
    };
    let (_, ended) = serve(Connection::new(server, Server::new(server_config())), None, next).await;
    assert!(matches!(ended, Err(Error::TimedOut)));
    assert!(begun.elapsed().as_secs() <= 301, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_time_that_a_host_takes_is_not_the_peers() {
    let (mut client, server) = duplex(4096);
    let slow = async |c: &mut Connection<_, Server>| {
        sleep(150 * SECOND).await;
        c.next().await
    };
    let config =
        ServerConfig { command_timeout: 100 * SECOND, payload_timeout: 100 * SECOND, ..server_config() };
    let served = serve(Connection::new(server, Server::new(config)), None, slow);
    let talk = async {
        let head = b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";
        client.write_all(head).await.unwrap();
        hear(&mut client, "a dot\r\n").await;
        client.write_all(b"a little\r\n").await.unwrap();
        sleep(200 * SECOND).await;
        client.write_all(b"more\r\n.\r\n").await.unwrap();
        client.shutdown().await.unwrap();
    };
    let ((messages, ended), ()) = join!(served, talk);
    ended.unwrap();
    assert_eq!(messages, [b"a little\r\nmore\r\n"]);
}

/// A peer that always has more to say.
struct Flood;

impl AsyncRead for Flood {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        buf.put_slice(&vec![b'x'; buf.remaining()]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Flood {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_line_without_an_end_is_not_read_for_ever() {
    let config = ServerConfig { command_timeout: Duration::from_millis(20), ..server_config() };
    let server = Connection::new(Flood, Server::new(config));
    let (_, ended) = serve(server, None, async |c| c.next().await).await;
    assert!(matches!(ended, Err(Error::TimedOut)), "{ended:?}");
}

/// A client that may upload, and its peer.
async fn uploading(capacity: usize) -> (Connection<DuplexStream, Client>, DuplexStream, smtp_proto::Upload) {
    let (ours, mut peer) = duplex(capacity);
    let mut client = Connection::new(ours, Client::new(client_config()));
    client.machine().send(Command::Ehlo(us())).unwrap();
    let answer = async {
        peer.write_all(b"220 mx\r\n").await.unwrap();
        hear(&mut peer, "\r\n").await;
        peer.write_all(b"250-mx\r\n250 PIPELINING\r\n").await.unwrap();
        hear(&mut peer, "DATA\r\n").await;
        peer.write_all(b"250 ok\r\n250 ok\r\n354 go\r\n").await.unwrap();
    };
    let ask = async {
        client.next().await.unwrap();
        client.next().await.unwrap();
        for command in [Command::Mail(mail()), Command::Rcpt(rcpt("b@example.net")), Command::Data] {
            client.machine().send(command).unwrap();
        }
        loop {
            if let Event::Upload { upload, .. } = client.next().await.unwrap().unwrap() {
                return upload;
            }
        }
    };
    let upload = join!(ask, answer).0;
    (client, peer, upload)
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_reads_ends_an_upload() {
    let (mut client, _peer, mut upload) = uploading(1024).await;
    let begun = Instant::now();
    let failure = loop {
        if let Err(failure) = client.write(&mut upload, Bytes::from(vec![b'x'; 16 * 1024])).await {
            break failure;
        }
    };
    assert!(matches!(failure, WriteFailure::Connection(Error::TimedOut)), "{failure:?}");
    // The patience with a block, and the last words that nobody reads.
    assert_eq!(begun.elapsed().as_secs(), 180 + 30);
    let refused = client.write(&mut upload, Bytes::from_static(b"x")).await;
    assert!(matches!(refused, Err(WriteFailure::Refused(_))), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_message_given_whole_may_take_its_time_as_long_as_it_moves() {
    let (mut client, mut peer, mut upload) = uploading(64).await;
    client.write(&mut upload, Bytes::from(b"x\r\n".repeat(40_000))).await.unwrap();
    client.finish(upload).unwrap();
    let begun = Instant::now();
    let read = async {
        let mut heard = 0;
        while heard < 120_000 + 3 {
            sleep(5 * SECOND).await;
            let mut some = vec![0; 64];
            heard += peer.read(&mut some).await.unwrap();
        }
        assert!(begun.elapsed() > 9000 * SECOND);
        // Nearly as long as a server may take for its verdict.
        sleep(500 * SECOND).await;
        peer.write_all(b"250 taken\r\n").await.unwrap();
    };
    let (reply, ()) = join!(client.next(), read);
    assert!(matches!(reply, Ok(Some(Event::Reply { reply, .. })) if reply.code().as_u16() == 250));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_an_octet_a_second_is_not_waited_for() {
    let (mut client, mut peer, mut upload) = uploading(64).await;
    client.write(&mut upload, Bytes::from(vec![b'x'; 120_000])).await.unwrap();
    let begun = Instant::now();
    let trickle = async {
        while peer.read_u8().await.is_ok() {
            sleep(SECOND).await;
        }
    };
    let flush = async {
        let ended = client.flush().await;
        let elapsed = begun.elapsed();
        drop(client);
        (ended, elapsed)
    };
    let ((ended, elapsed), ()) = join!(flush, trickle);
    assert!(matches!(ended, Err(Error::TimedOut)), "{ended:?}");
    assert!(elapsed.as_secs() <= 2 * 180 + 30, "{elapsed:?}");
}
