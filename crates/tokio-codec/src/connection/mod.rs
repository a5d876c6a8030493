//! One machine on one socket.
mod ahead;
#[cfg(feature = "sasl")]
mod channel;
mod drive;
mod error;
mod input;
mod upload;

pub use error::{Error, WriteFailure};

use crate::Stream;
use drive::Timer;
use input::Input;
use mail_wire::{Machine, Reason, Step, Upgrade, UpgradeError};
use std::{fmt, io, mem, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout},
};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream, rustls};

/// How long a TLS handshake, and the last words of a session, may take.
pub(crate) const GRACE: Duration = Duration::from_secs(30);

/// One machine on one socket: reads, writes, keeps the machine's patience, turns TLS on.
///
/// Everything else is the machine's: reach it with [`machine`](Self::machine) to answer what [`next`](Self::next)
/// brings. A whole session is a loop over `next`.
///
/// It adds to the memory of its machine a read block of 4 KiB, growing to 64 KiB while much comes; a connection
/// that waits for its peer holds no block, but just the octets of an unfinished unit.
pub struct Connection<Io, M: Machine> {
    stream: Stream<Io>,
    machine: M,
    input: Input,
    /// Octets that have been read, of all there were.
    received: u64,
    timer: Option<Timer>,
    /// Octets were written that the stream may still hold back.
    unflushed: bool,
    /// When the host got its last event: until it comes back the time is its own.
    told: Option<Instant>,
    /// The peer has closed its half.
    ended: bool,
    /// What ended the session. It waits here while the last words are written, since that call may be dropped.
    failure: Option<Error<M::Error>>,
    /// When the last words must have been written, once they are begun.
    grace: Option<Instant>,
}

impl<Io, M> Connection<Io, M>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    M: Machine,
{
    /// A machine on a connection in clear.
    pub fn new(io: Io, machine: M) -> Self {
        Self::over(Stream::Clear(io), machine)
    }

    /// A machine on a connection that is TLS from the start. The machine's configuration must say so too.
    pub fn over_tls(tls: impl Into<TlsStream<Io>>, machine: M) -> Self {
        Self::over(Stream::Tls(Box::new(tls.into())), machine)
    }

    fn over(stream: Stream<Io>, machine: M) -> Self {
        Self {
            stream,
            machine,
            input: Input::default(),
            received: 0,
            timer: None,
            unflushed: false,
            told: None,
            ended: false,
            failure: None,
            grace: None,
        }
    }

    /// The machine, to answer and to send.
    pub fn machine(&mut self) -> &mut M {
        &mut self.machine
    }

    /// The transport, to ask for addresses and certificates.
    pub fn stream(&self) -> &Stream<Io> {
        &self.stream
    }

    /// Octets that have been read so far.
    #[cfg(feature = "imap")]
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// The next event; `None` when the session is over and all of it was written.
    ///
    /// Cancel-safe: dropped before it is ready, nothing is lost, and the next call goes on; the machine's patience
    /// runs on meanwhile. From an event to the next call it does not, since the peer waits too.
    ///
    /// # Errors
    /// The connection is of no more use, but for [`Error::Unanswered`]. Called again all the same, it brings what
    /// a client machine has to tell of commands that were never answered, then `None`.
    pub async fn next(&mut self) -> Result<Option<M::Event>, Error<M::Error>> {
        let mut has_read = false;
        loop {
            self.tell_failure().await?;
            match self.machine.receive(&mut self.input.octets) {
                Ok(Step::Event(event)) => {
                    self.told = Some(Instant::now());
                    return Ok(Some(event));
                }
                Ok(Step::NeedInput { .. }) if self.ended => return self.end().await,
                // A peer that sends and sends without ever completing a unit never makes us wait.
                Ok(Step::NeedInput { .. }) if has_read && self.is_late() => self.give_up(),
                Ok(Step::NeedInput { hint }) => {
                    has_read = true;
                    self.read_on(hint).await?;
                }
                Ok(Step::NeedFlush) => self.flush().await?,
                Ok(Step::NeedAnswer) => return Err(Error::Unanswered),
                Ok(Step::Closed) => return self.end().await,
                Err(error) if self.ended => self.failure = Some(Error::Cut(error)),
                Err(error) => self.failure = Some(Error::Protocol(error)),
            }
        }
    }

    /// Reads what is there, which may be the end.
    async fn read_on(&mut self, hint: usize) -> Result<(), Error<M::Error>> {
        if self.read(hint).await? == 0 {
            self.ended = true;
            self.failure = self.machine.receive_eof(&self.input.octets).err().map(Error::Cut);
        }
        Ok(())
    }

    /// Writes all that the machine has to say. Cancel-safe.
    ///
    /// # Errors
    /// The socket failed, or the peer does not take it in time.
    pub async fn flush(&mut self) -> Result<(), Error<M::Error>> {
        self.tell_failure().await?;
        self.in_time(Self::poll_drain).await
    }

    /// Serves TLS on this connection: the answer to a grant or event that holds an [`Upgrade`].
    ///
    /// Not cancel-safe: dropped half-way, the connection is of no more use.
    ///
    /// # Errors
    /// The handshake failed, or someone put octets before it. The connection is of no more use.
    pub async fn accept_tls(
        &mut self,
        upgrade: Upgrade,
        config: Arc<rustls::ServerConfig>,
    ) -> Result<(), Error<M::Error>> {
        let acceptor = TlsAcceptor::from(config);
        self.upgrade(upgrade, async |io| Ok(acceptor.accept(io).await?.into())).await
    }

    /// Starts TLS on this connection, as a client of the server `name`.
    ///
    /// Not cancel-safe: dropped half-way, the connection is of no more use.
    ///
    /// # Errors
    /// The handshake failed, the certificate is not `name`'s, or someone put octets before it. The connection is
    /// of no more use.
    pub async fn connect_tls(
        &mut self,
        upgrade: Upgrade,
        config: Arc<rustls::ClientConfig>,
        name: rustls::pki_types::ServerName<'static>,
    ) -> Result<(), Error<M::Error>> {
        let connector = TlsConnector::from(config);
        self.upgrade(upgrade, async |io| Ok(connector.connect(name, io).await?.into())).await
    }

    async fn upgrade(
        &mut self,
        upgrade: Upgrade,
        handshake: impl AsyncFnOnce(Io) -> io::Result<TlsStream<Io>>,
    ) -> Result<(), Error<M::Error>> {
        self.flush().await?;
        // Octets that were put before the handshake are the machine's to refuse.
        if self.input.octets.is_empty() {
            let io = match mem::replace(&mut self.stream, Stream::Broken) {
                Stream::Clear(io) => io,
                other => {
                    self.stream = other;
                    let kind = io::ErrorKind::InvalidInput;
                    return Err(io::Error::new(kind, "the connection is not in clear").into());
                }
            };
            let tls = timeout(GRACE, handshake(io)).await.map_err(|_| Error::TimedOut)??;
            self.stream = Stream::Tls(Box::new(tls));
        }
        match self.machine.upgraded(upgrade, &self.input.octets) {
            Ok(()) => Ok(()),
            Err(UpgradeError::Stale(stale)) => Err(Error::Stale(stale)),
            Err(UpgradeError::Protocol(error)) => {
                self.failure = Some(Error::Protocol(error));
                self.tell_failure().await
            }
        }
    }

    /// Ends the session politely and writes its last words: it waits up to 30 seconds for the peer to take them.
    pub async fn close(&mut self, reason: Reason) {
        self.machine.close(reason);
        self.last_words().await;
    }

    async fn end(&mut self) -> Result<Option<M::Event>, Error<M::Error>> {
        self.last_words().await;
        match self.stream {
            Stream::Broken => Err(crate::stream::broken().into()),
            Stream::Clear(_) | Stream::Tls(_) => Ok(None),
        }
    }
}

/// Not what has been read: it may hold a password.
impl<Io: fmt::Debug, M: Machine + fmt::Debug> fmt::Debug for Connection<Io, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("stream", &self.stream)
            .field("machine", &self.machine)
            .field("unread", &self.input.octets.len())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "smtp"))]
mod tests {
    use super::*;
    use smtp_proto::{
        ServerConfig, Text,
        server::{Ack, Event, Server},
    };
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    /// Else who uploads to it turns in a circle until its patience ends.
    #[tokio::test(start_paused = true)]
    async fn a_peer_that_closed_its_half_and_does_not_read_is_waited_for() {
        let (mut client, server) = duplex(8);
        let mut server = Connection::new(server, Server::new(ServerConfig::new(Text::from_static("mx"))));
        let Ok(Some(Event::Connect(ask))) = server.next().await else { panic!("it has connected") };
        client.shutdown().await.unwrap();
        server.machine.accept(ask, ()).unwrap();
        let told = timeout(Duration::from_secs(1), server.flush_or_read()).await;
        assert!(told.is_err(), "nothing was written or read: {told:?}");
        let mut greeting = [0; 8];
        client.read_exact(&mut greeting).await.unwrap();
        assert_eq!(&greeting, b"220 mx E");
        drop(client);
        assert!(matches!(server.flush_or_read().await, Err(Error::Io(_))));
    }

    #[tokio::test]
    async fn a_connection_that_waits_holds_no_read_block_whatever_came_before() {
        let (mut client, server) = duplex(1 << 20);
        let mut server = Connection::new(server, Server::new(ServerConfig::new(Text::from_static("mx"))));
        let mut said = b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n".to_vec();
        said.extend_from_slice(&b"a line of a message of some length\r\n".repeat(20_000));
        client.write_all(&said).await.unwrap();
        let (mut largest, mut octets) = (0, 0);
        // The end of the message does not come.
        while let Ok(event) = timeout(Duration::from_millis(50), server.next()).await {
            largest = largest.max(server.input.octets.capacity());
            let machine = &mut server.machine;
            match event.unwrap().unwrap() {
                Event::Connect(ask) => machine.accept(ask, ()).unwrap(),
                Event::Hello(ask) => machine.accept(ask, ()).unwrap(),
                Event::Mail(ask) => machine.accept(ask, Ack::default()).unwrap(),
                Event::Rcpt(ask) => machine.accept(ask, Ack::default()).unwrap(),
                Event::Data(ask) => machine.accept(ask, ()).unwrap(),
                Event::Payload(piece) => octets += piece.len(),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(octets, 720_000);
        assert!(largest <= 64 * 1024, "{largest}");
        assert_eq!(server.input.octets.capacity(), 0);
    }
}
