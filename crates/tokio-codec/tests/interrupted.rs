//! Messages that do not get through: the connection, the server or the body fails.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use bytes::Bytes;
use common::*;
use smtp_proto::{
    Body, ClientConfig, Timeouts, TlsPolicy,
    delivery::{Delivery, Message, Outcome, Report, Verdict},
    server::Server,
};
use std::{net::SocketAddr, task::Poll, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    join,
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_codec::{Connection, smtp};

const OFFERS: &str = "250-s\r\n250-PIPELINING\r\n250 SIZE\r\n";

/// Takes a message up to the first octets of its body, and refuses it while the rest waits to be written.
async fn refuse_midway(listener: TcpListener) -> TcpStream {
    let mut socket = accept(listener).await;
    for said in ["220 s\r\n", "250 s\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"] {
        socket.write_all(said.as_bytes()).await.unwrap();
        // One command, or the first octets of the message.
        assert!(socket.read(&mut [0; 512]).await.unwrap() > 0);
    }
    sleep(Duration::from_millis(200)).await;
    socket.write_all(b"552 5.3.4 too long\r\n").await.unwrap();
    socket
}

/// Sends more than a socket holds.
async fn deliver_much(address: SocketAddr, timeouts: Timeouts) -> Result<Report, smtp::Error> {
    let config = ClientConfig { tls: TlsPolicy::Never, timeouts, ..client_config() };
    let mut session = smtp::connect(address, config, us()).await?;
    let message = Message::new(mail(), vec![rcpt("b@example.net")]);
    smtp::deliver(&mut session, message, Bytes::from(b"a line of the message\r\n".repeat(1_000_000))).await
}

#[tokio::test]
async fn the_refusal_of_a_server_that_stopped_reading_is_told_for_each_recipient() {
    let (listener, address) = listen().await;
    // What it has not read makes its end a reset.
    let server = async { drop(refuse_midway(listener).await) };
    let (delivered, ()) = join!(deliver_much(address, client_config().timeouts), server);
    let (Ok(report) | Err(smtp::Error::Interrupted { report, .. })) = delivered else {
        panic!("{delivered:?}")
    };
    assert_eq!((codes(&report), report.outcomes[0].verdict()), (vec![552], Verdict::Never));
}

/// Else it is sent again and again, for three minutes each time.
#[tokio::test]
async fn the_refusal_of_a_server_that_neither_reads_nor_closes_is_told() {
    let (listener, address) = listen().await;
    let timeouts = Timeouts { block: Duration::from_millis(500), ..client_config().timeouts };
    let server = async {
        let socket = refuse_midway(listener).await;
        // Beyond the timeout, but not so long that the test waits for the client's last words.
        sleep(Duration::from_millis(1500)).await;
        drop(socket);
    };
    let (delivered, ()) = join!(deliver_much(address, timeouts), server);
    let Err(smtp::Error::Interrupted { report, .. }) = delivered else { panic!("{delivered:?}") };
    assert_eq!(codes(&report), [552]);
}

#[tokio::test]
async fn a_message_with_a_bare_lf_gets_no_end() {
    let (listener, address) = listen().await;
    let server = async {
        serve(Connection::new(accept(listener).await, Server::new(server_config())), None, async |c| {
            c.next().await
        })
        .await
    };
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let to = vec![rcpt("b@example.net")];
        let error =
            smtp::deliver(&mut session, Message::new(mail(), to), &b"a\r\nb\nc\r\n"[..]).await.unwrap_err();
        assert_eq!(error.to_string(), "the message cannot be sent: bare CR or LF at octet 4 of the chunk");
    };
    let ((messages, ended), ()) = join!(server, client);
    assert!(matches!(ended, Err(tokio_codec::Error::Cut(_))), "{ended:?}");
    assert!(messages.is_empty());
}

#[tokio::test]
async fn a_connection_that_fails_behind_the_message_tells_that_nobody_knows() {
    let (listener, address) = listen().await;
    let replies = "250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n";
    let turns = [("220 s\r\n", "\r\n"), (OFFERS, "DATA\r\n"), (replies, "\r\n.\r\n")];
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let message = Message::new(mail(), ["b@example.net", "c@example.net"].map(rcpt).to_vec());
        let report = match smtp::deliver(&mut session, message.clone(), &b"hi\r\n"[..]).await {
            Ok(report) | Err(smtp::Error::Interrupted { report, .. }) => report,
            Err(error) => panic!("{error}"),
        };
        let verdicts: Vec<_> = report.outcomes.iter().map(Outcome::verdict).collect();
        assert_eq!(verdicts, [Verdict::Unknown, Verdict::Never]);
        let error = smtp::deliver(&mut session, message, &b"hi\r\n"[..]).await.unwrap_err();
        assert_eq!(error.to_string(), "not delivered: the session is over");
    };
    let (heard, ()) = join!(says(listener, &turns), client);
    assert!(heard.ends_with("DATA\r\nhi\r\n.\r\n"), "{heard}");
}

#[tokio::test]
async fn a_server_that_says_nothing_to_a_message_is_not_waited_for_for_ever() {
    let (listener, address) = listen().await;
    let server = async {
        let mut socket = accept(listener).await;
        for said in ["220 s\r\n", "250 s\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"] {
            socket.write_all(said.as_bytes()).await.unwrap();
            // One command comes at a time.
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                socket.read_buf(&mut line).await.unwrap();
            }
        }
        socket.read_to_end(&mut Vec::new()).await.unwrap();
    };
    let client = async {
        let mut config = client_config();
        config.timeouts.message = Duration::from_millis(50);
        let mut session =
            Connection::new(TcpStream::connect(address).await.unwrap(), Delivery::new(config, us()));
        let message = Message::new(mail(), vec![rcpt("b@example.net")]);
        let error = smtp::deliver(&mut session, message, &b"hi\r\n"[..]).await.unwrap_err();
        let smtp::Error::Interrupted { report, error } = error else { panic!("{error}") };
        assert!(matches!(*error, tokio_codec::Error::TimedOut), "{error}");
        assert_eq!(report.outcomes, [Outcome::Unknown]);
    };
    join!(server, client);
}

/// Else who tries again sends it twice.
#[tokio::test]
async fn a_body_that_fails_behind_its_last_octet_may_have_been_delivered() {
    let (listener, address) = listen().await;
    let offers = "250-s\r\n250-PIPELINING\r\n250-BINARYMIME\r\n250 CHUNKING\r\n";
    let turns = [("220 s\r\n", "\r\n"), (offers, "<b@example.net>\r\n"), ("250 ok\r\n250 ok\r\n", "half")];
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let mut body = broken_body();
        let mail = mail().with_body(Body::BinaryMime).with_size(4);
        let message = Message::new(mail, vec![rcpt("b@example.net")]);
        let error = smtp::deliver(&mut session, message, &mut body).await.unwrap_err();
        let smtp::Error::Interrupted { report, error } = error else { panic!("{error}") };
        assert_eq!(error.to_string(), "the disk is gone");
        assert_eq!(report.outcomes, [Outcome::Unknown]);
    };
    let (heard, ()) = join!(says(listener, &turns), client);
    assert!(heard.ends_with("BDAT 4 LAST\r\nhalf"), "{heard}");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_gets_no_end() {
    let (listener, address) = listen().await;
    let server = async {
        let connection = Connection::new(accept(listener).await, Server::new(server_config()));
        serve(connection, None, async |c| c.next().await).await
    };
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let message = Message::new(mail(), vec![rcpt("b@example.net")]);
        let mut body = broken_body();
        let error = smtp::deliver(&mut session, message, &mut body).await.unwrap_err();
        assert_eq!(error.to_string(), "the message could not be read: the disk is gone");
    };
    let ((messages, ended), ()) = join!(server, client);
    assert!(matches!(ended, Err(tokio_codec::Error::Cut(_))), "{ended:?}");
    assert!(messages.is_empty());
}

/// Some octets, and a failure.
fn broken_body() -> impl tokio::io::AsyncRead + Send + Unpin {
    struct Broken;
    impl tokio::io::AsyncRead for Broken {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            Poll::Ready(Err(std::io::Error::other("the disk is gone")))
        }
    }
    AsyncReadExt::chain(&b"half"[..], Broken)
}
