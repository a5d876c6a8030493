//! One machine on one socket.
use crate::Stream;
use bytes::{Buf, Bytes, BytesMut};
use mail_wire::{
    FinishError, Machine, Reason, Stale, Step, Upgrade, UpgradeError, Upload, Uploads, WriteError,
};
use std::{
    future::{Future, poll_fn},
    io::{self, IoSlice},
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, Sleep, sleep_until, timeout},
};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream, rustls};
use tokio_util::io::poll_read_buf;

/// Octets asked of the socket at once: few while little comes, so that an idle connection holds little, and more
/// each time that a read fills what it was given.
const SMALLEST_READ: usize = 4 * 1024;
const LARGEST_READ: usize = 64 * 1024;
/// Segments handed to one vectored write.
const SEGMENTS: usize = 32;
/// How long a TLS handshake, and the last words of a session, may take.
const GRACE: Duration = Duration::from_secs(30);

/// One machine on one socket: reads, writes, keeps the machine's patience, turns TLS on.
///
/// Everything else is the machine's: reach it with [`machine`](Self::machine) to answer what [`next`](Self::next)
/// brings. A whole session is a loop over `next`.
#[derive(Debug)]
pub struct Connection<Io, M> {
    stream: Stream<Io>,
    machine: M,
    input: BytesMut,
    /// Octets to ask for at the next read.
    block: usize,
    timer: Option<Timer>,
    /// Octets were written that the stream may still hold back.
    unflushed: bool,
}

#[derive(Debug)]
struct Timer {
    period: u64,
    sleep: Pin<Box<Sleep>>,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E: std::error::Error> {
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The peer broke the protocol.
    #[error(transparent)]
    Protocol(E),
    /// The peer closed the connection in the middle of something.
    #[error("the peer closed the connection too early: {0}")]
    Cut(E),
    /// The peer kept us waiting for too long.
    #[error("the peer did not answer in time")]
    TimedOut,
    /// `next` was called while a question of the machine was open: nothing could have happened.
    #[error("an open question must be answered first")]
    Unanswered,
    /// An upgrade of another session.
    #[error(transparent)]
    Stale(#[from] Stale<Upgrade>),
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
        Self { stream, machine, input: BytesMut::new(), block: SMALLEST_READ, timer: None, unflushed: false }
    }

    /// The machine, to answer and to send.
    pub fn machine(&mut self) -> &mut M {
        &mut self.machine
    }

    /// The transport, to ask for addresses and certificates.
    pub fn stream(&self) -> &Stream<Io> {
        &self.stream
    }

    /// The next event; `None` when the session is over and all of it was written.
    ///
    /// Cancel-safe: dropped before it is ready, nothing is lost, and the next call goes on.
    ///
    /// # Errors
    /// The connection is of no more use, but for [`Error::Unanswered`].
    pub async fn next(&mut self) -> Result<Option<M::Event>, Error<M::Error>> {
        loop {
            match self.machine.receive(&mut self.input) {
                Ok(Step::Event(event)) => return Ok(Some(event)),
                Ok(Step::NeedInput { hint }) => {
                    if self.read(hint).await? == 0 {
                        return match self.machine.receive_eof(&self.input) {
                            Ok(()) => Ok(None),
                            Err(error) => Err(Error::Cut(error)),
                        };
                    }
                }
                Ok(Step::NeedFlush) => self.flush().await?,
                Ok(Step::NeedAnswer) => return Err(Error::Unanswered),
                Ok(Step::Closed) => {
                    self.last_words().await;
                    return Ok(None);
                }
                Err(error) => {
                    self.last_words().await;
                    return Err(Error::Protocol(error));
                }
            }
        }
    }

    /// Writes all that the machine has to say. Cancel-safe.
    ///
    /// # Errors
    /// The socket failed, or the peer does not take it in time.
    pub async fn flush(&mut self) -> Result<(), Error<M::Error>> {
        self.in_time(Self::poll_drain).await
    }

    /// Serves TLS on this connection: the answer to a grant or event that holds an [`Upgrade`].
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
        if self.input.is_empty() {
            let Stream::Clear(io) = mem::replace(&mut self.stream, Stream::Broken) else {
                return Err(
                    io::Error::new(io::ErrorKind::InvalidInput, "the connection is not in clear").into()
                );
            };
            let tls = timeout(GRACE, handshake(io)).await.map_err(|_| Error::TimedOut)??;
            self.stream = Stream::Tls(Box::new(tls));
        }
        // Octets that were put before the handshake are the machine's to refuse.
        self.machine.upgraded(upgrade, &self.input).map_err(|error| match error {
            UpgradeError::Protocol(error) => Error::Protocol(error),
            UpgradeError::Stale(stale) => Error::Stale(stale),
        })
    }

    /// Ends the session politely and writes its last words.
    pub async fn close(&mut self, reason: Reason) {
        self.machine.close(reason);
        self.last_words().await;
    }

    /// Writes what is left, then closes our half. Whatever fails, the session is over.
    async fn last_words(&mut self) {
        let all = poll_fn(|cx| {
            ready!(self.poll_drain(cx))?;
            Pin::new(&mut self.stream).poll_shutdown(cx)
        });
        // A peer that is gone or does not read misses them.
        let _ = timeout(GRACE, all).await;
    }

    /// Reads at least `hint` octets if they are there, and writes meanwhile. 0: the peer closed its half.
    async fn read(&mut self, hint: usize) -> Result<usize, Error<M::Error>> {
        self.in_time(move |connection, cx| {
            let drained = connection.poll_drain(cx)?;
            connection.input.reserve(hint.max(connection.block));
            let free = connection.input.capacity() - connection.input.len();
            let read = ready!(poll_read_buf(Pin::new(&mut connection.stream), cx, &mut connection.input));
            let octets = match read {
                // TLS without its closing alert: whether something was cut, the machine knows better.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
                read => read?,
            };
            if octets == 0 {
                // A peer that closed its half may still read: what was ready to be told is told first.
                return drained.map(|()| Ok(0));
            }
            let block = if octets == free { connection.block * 2 } else { octets };
            connection.block = block.clamp(SMALLEST_READ, LARGEST_READ);
            Poll::Ready(Ok(octets))
        })
        .await
    }

    /// Polls until ready, or until the machine's patience ends.
    async fn in_time<T>(
        &mut self,
        mut poll: impl FnMut(&mut Self, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Result<T, Error<M::Error>> {
        let done = poll_fn(|cx| match poll(self, cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => self.poll_timer(cx).map(|()| None),
        })
        .await;
        match done {
            Some(done) => Ok(done?),
            None => {
                self.close(Reason::Timeout).await;
                Err(Error::TimedOut)
            }
        }
    }

    /// Ready when the machine's patience has ended.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let patience = self.machine.patience();
        let deadline = || Instant::now() + patience.limit;
        let timer = self.timer.get_or_insert_with(|| Timer {
            period: patience.period,
            sleep: Box::pin(sleep_until(deadline())),
        });
        if timer.period != patience.period {
            timer.period = patience.period;
            timer.sleep.as_mut().reset(deadline());
        }
        timer.sleep.as_mut().poll(cx)
    }

    /// Writes until nothing is ready to be written and the stream holds nothing back.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let transmit = self.machine.transmit();
        while transmit.has_remaining() {
            let mut segments = [IoSlice::new(&[]); SEGMENTS];
            let filled = transmit.chunks_vectored(&mut segments);
            let segments = segments.get(..filled).unwrap_or_default();
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, segments))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            transmit.advance(written);
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

impl<Io, M> Connection<Io, M>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    M: Uploads,
{
    /// Writes a chunk of payload, waiting while the peer takes what stands before it.
    ///
    /// # Errors
    /// The connection failed, or the chunk was refused: [`WriteFailure::Refused`] hands it back.
    pub async fn write(
        &mut self,
        upload: &mut Upload,
        mut chunk: Bytes,
    ) -> Result<(), WriteFailure<M::Error>> {
        loop {
            match self.machine.write(upload, chunk) {
                Ok(()) => return Ok(()),
                Err(WriteError::Blocked { chunk: back, .. }) => chunk = back,
                Err(error) => return Err(WriteFailure::Refused(error)),
            }
            self.flush().await?;
        }
    }

    /// Ends the payload.
    ///
    /// # Errors
    /// Something is missing; the upload comes back.
    pub fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        self.machine.finish(upload)
    }
}

/// Why a chunk was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteFailure<E: std::error::Error> {
    /// The connection failed.
    #[error(transparent)]
    Connection(#[from] Error<E>),
    /// The machine did not take the chunk, which comes back.
    #[error(transparent)]
    Refused(WriteError),
}
