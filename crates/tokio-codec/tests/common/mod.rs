//! Hosts, certificates and sockets for the tests.
#![allow(dead_code, reason = "each test file takes what it needs")]
use smtp_proto::{
    ClientConfig, ClientName, Command, Mail, Mailbox, ProtocolError, Rcpt, ServerConfig, Text, TlsPolicy,
    client::{self, Client},
    delivery::Report,
    server::{self, Ack, Delivered, Server},
};
use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_codec::{
    Connection, Error,
    rustls::{
        self, RootCertStore,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
    sasl::{Credentials, Policy, Secret},
    wire::Machine,
};

/// What a mail server that takes everything came to: the messages, and how its session ended.
pub(crate) type Served = (Vec<Vec<u8>>, Result<(), Error<ProtocolError>>);

pub(crate) fn server_config() -> ServerConfig {
    ServerConfig::new(Text::from_static("mx.example.net"))
}

pub(crate) fn client_config() -> ClientConfig {
    ClientConfig { tls: TlsPolicy::Opportunistic, ..ClientConfig::default() }
}

pub(crate) fn us() -> ClientName {
    ClientName::new("client.example.org").unwrap()
}

pub(crate) fn mail() -> Mail {
    Mail::new(Mailbox::new("a@example.org").unwrap())
}

pub(crate) fn rcpt(to: &str) -> Rcpt {
    Rcpt::new(Mailbox::new(to).unwrap())
}

/// A name and its password.
pub(crate) fn credentials(name: &str, password: &str) -> Credentials {
    Credentials::password(name, Secret::copy_from(password.as_bytes())).unwrap()
}

/// What may be said without TLS too.
pub(crate) fn in_clear() -> Policy {
    Policy::default().cleartext(smtp_proto::CleartextLogin::Allow)
}

/// A server's and a client's side of TLS for `localhost`.
pub(crate) fn tls() -> (Arc<rustls::ServerConfig>, Arc<rustls::ClientConfig>) {
    let (server, client, _) = tls_of(&rustls::version::TLS13);
    (server, client)
}

/// The same of one version, with the server's certificate.
pub(crate) fn tls_of(
    version: &'static rustls::SupportedProtocolVersion,
) -> (Arc<rustls::ServerConfig>, Arc<rustls::ClientConfig>, CertificateDer<'static>) {
    let own = rcgen::generate_simple_self_signed([String::from("localhost")]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let certificate = own.cert.der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let server = rustls::ServerConfig::builder_with_protocol_versions(&[version])
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key);
    let client = rustls::ClientConfig::builder_with_protocol_versions(&[version])
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server.unwrap()), Arc::new(client), certificate)
}

/// Serves until the session ends. Mail for `nobody` is refused.
pub(crate) async fn serve<Io: AsyncRead + AsyncWrite + Unpin>(
    mut connection: Connection<Io, Server>,
    tls: Option<Arc<rustls::ServerConfig>>,
    mut next: impl AsyncFnMut(&mut Connection<Io, Server>) -> Result<Option<server::Event>, Error<ProtocolError>>,
) -> Served {
    use server::{Event, Rejection};
    let (mut messages, mut message) = (Vec::new(), Vec::new());
    loop {
        let event = match next(&mut connection).await {
            Ok(Some(event)) => event,
            Ok(None) => return (messages, Ok(())),
            Err(error) => return (messages, Err(error)),
        };
        let machine = connection.machine();
        match event {
            Event::Connect(ask) => machine.accept(ask, ()).unwrap(),
            Event::Hello(ask) => machine.accept(ask, ()).unwrap(),
            Event::Mail(ask) => machine.accept(ask, Ack::default()).unwrap(),
            Event::Rcpt(ask) if ask.to().to_string().contains("nobody") => {
                machine.reject(ask, Rejection::mailbox_unavailable()).unwrap();
            }
            Event::Rcpt(ask) => machine.accept(ask, Ack::default()).unwrap(),
            Event::Data(ask) => machine.accept(ask, ()).unwrap(),
            Event::Payload(piece) => message.extend_from_slice(&piece),
            Event::Message(ask) => {
                messages.push(std::mem::take(&mut message));
                machine.accept(ask, Delivered::all(Ack::default())).unwrap();
            }
            Event::StartTls(ask) => {
                let upgrade = machine.accept(ask, ()).unwrap();
                if let Err(error) = connection.accept_tls(upgrade, tls.clone().unwrap()).await {
                    return (messages, Err(error));
                }
            }
            Event::Quit | Event::Reset => {}
            other => panic!("{other:?}"),
        }
    }
}

/// `next`, dropped after each `patience` polls that found nothing, and called again.
pub(crate) async fn next_cut_short<Io: AsyncRead + AsyncWrite + Unpin, M: Machine>(
    connection: &mut Connection<Io, M>,
    patience: usize,
) -> Result<Option<M::Event>, Error<M::Error>> {
    loop {
        let mut left = patience;
        let mut next = pin!(connection.next());
        let done = poll_fn(|cx| match next.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => {
                left -= 1;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        });
        if let Some(done) = done.await {
            return done;
        }
        tokio::task::yield_now().await;
    }
}

/// Sends `message` as one that has time, and says QUIT.
pub(crate) async fn send<Io: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<Io, Client>,
    message: &'static [u8],
    mut next: impl AsyncFnMut(&mut Connection<Io, Client>) -> Result<Option<client::Event>, Error<ProtocolError>>,
) {
    use client::Event;
    let machine = connection.machine();
    let hello = machine.send(Command::Ehlo(us())).unwrap();
    let mut replies = 0;
    loop {
        match next(connection).await.unwrap() {
            Some(Event::Greeting(reply)) => assert_eq!(reply.code().as_u16(), 220),
            Some(Event::Reply { ticket, reply }) => {
                assert_eq!(reply.code().as_u16() / 100, 2, "{reply}");
                replies += 1;
                if ticket == hello {
                    for command in
                        [Command::Mail(mail()), Command::Rcpt(rcpt("b@example.net")), Command::Data]
                    {
                        connection.machine().send(command).unwrap();
                    }
                } else if replies == 4 {
                    connection.machine().send(Command::Quit).unwrap();
                }
            }
            Some(Event::Upload { mut upload, .. }) => {
                for chunk in message.chunks(1000) {
                    connection.write(&mut upload, bytes::Bytes::from_static(chunk)).await.unwrap();
                }
                connection.finish(upload).unwrap();
            }
            Some(other) => panic!("{other:?}"),
            None => break,
        }
    }
    assert_eq!(replies, 5);
}

/// Reads what the peer says until it says `end`.
pub(crate) async fn hear(io: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(end.as_bytes()) {
        heard.push(io.read_u8().await.unwrap());
    }
    String::from_utf8(heard).unwrap()
}

/// Counts how often it is polled.
#[derive(Debug)]
pub(crate) struct Counted<Io>(pub(crate) Io, pub(crate) Arc<AtomicUsize>);

impl<Io: AsyncRead + Unpin> AsyncRead for Counted<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Counted<Io> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.0).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// What the server said for each recipient.
pub(crate) fn codes(report: &Report) -> Vec<u16> {
    report.outcomes.iter().map(|outcome| outcome.reply().map_or(0, |reply| reply.code().as_u16())).collect()
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

pub(crate) async fn accept(listener: TcpListener) -> TcpStream {
    listener.accept().await.unwrap().0
}

/// A server that says these lines, one turn after the other, each once the client has said what ends so, and hangs up
/// behind the last. It tells what it heard.
pub(crate) async fn says(listener: TcpListener, turns: &[(&str, &str)]) -> String {
    let mut socket = accept(listener).await;
    let mut heard = String::new();
    for (said, until) in turns {
        socket.write_all(said.as_bytes()).await.unwrap();
        heard.push_str(&hear(&mut socket, until).await);
    }
    heard
}
