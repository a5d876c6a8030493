//! Reading, writing and waiting.
use super::{Connection, Error, GRACE};
use bytes::Buf;
use mail_wire::{Machine, Reason};
use std::{
    future::{Future, poll_fn},
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, Sleep, sleep_until, timeout_at},
};
use tokio_util::io::poll_read_buf;

/// Segments handed to one vectored write.
const SEGMENTS: usize = 32;

#[derive(Debug)]
pub(super) struct Timer {
    /// The machine's period that it counts.
    period: u64,
    sleep: Pin<Box<Sleep>>,
}

impl<Io, M> Connection<Io, M>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    M: Machine,
{
    /// Tells what ended the session, once its last words are written.
    pub(super) async fn tell_failure(&mut self) -> Result<(), Error<M::Error>> {
        if self.failure.is_some() {
            self.last_words().await;
        }
        self.failure.take().map_or(Ok(()), Err)
    }

    /// The machine's patience has ended.
    pub(super) fn give_up(&mut self) {
        self.machine.close(Reason::Timeout);
        self.failure = Some(Error::TimedOut);
    }

    /// Writes what is left, then closes our half. Whatever fails, the session is over.
    pub(super) async fn last_words(&mut self) {
        let until = *self.grace.get_or_insert_with(|| Instant::now() + GRACE);
        let all = poll_fn(|cx| {
            ready!(self.poll_drain(cx))?;
            Pin::new(&mut self.stream).poll_shutdown(cx)
        });
        // A peer that is gone or does not read misses them.
        let _ = timeout_at(until, all).await;
    }

    /// Reads what is there, and writes meanwhile. 0: the peer closed its half.
    pub(super) async fn read(&mut self, hint: usize) -> Result<usize, Error<M::Error>> {
        self.in_time(move |connection, cx| {
            let drained = connection.poll_drain(cx);
            match connection.poll_read(cx, hint) {
                Poll::Pending => match drained {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
                },
                // A peer that closed its half may still read: what was ready to be told is told first.
                Poll::Ready(Ok(0)) => drained.map_ok(|()| 0),
                // A peer that no longer reads may have said why: that is read before the failure is told.
                Poll::Ready(read) => Poll::Ready(read),
            }
        })
        .await
    }

    /// Writes all that is ready, or reads what is there, whatever comes first.
    #[cfg(feature = "smtp")]
    pub(super) async fn flush_or_read(&mut self) -> Result<(), Error<M::Error>> {
        self.tell_failure().await?;
        self.in_time(|connection, cx| match connection.poll_drain(cx) {
            Poll::Pending => match connection.poll_read(cx, 1) {
                // A peer that closed its half may still read: that is not told again and again.
                Poll::Ready(Ok(0)) => Poll::Pending,
                read => read.map_ok(|_| ()),
            },
            drained => drained,
        })
        .await
    }

    /// Reads what is there. 0: the peer closed its half.
    fn poll_read(&mut self, cx: &mut Context<'_>, hint: usize) -> Poll<io::Result<usize>> {
        let free = self.input.make_room(hint);
        let Poll::Ready(read) = poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.input.octets) else {
            self.input.rest();
            return Poll::Pending;
        };
        match read {
            // TLS without its closing alert: whether something was cut, the machine knows better.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(0)),
            Ok(octets @ 1..) => {
                self.input.learn(octets, free);
                self.received += octets as u64;
                Poll::Ready(Ok(octets))
            }
            ended => Poll::Ready(ended),
        }
    }

    /// Polls until ready, or until the machine's patience ends.
    pub(super) async fn in_time<T>(
        &mut self,
        mut poll: impl FnMut(&mut Self, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Result<T, Error<M::Error>> {
        let done = poll_fn(|cx| match poll(self, cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => self.timer().sleep.as_mut().poll(cx).map(|()| None),
        })
        .await;
        match done {
            Some(done) => Ok(done?),
            None => {
                self.give_up();
                self.tell_failure().await?;
                Err(Error::TimedOut)
            }
        }
    }

    /// Has the machine's patience ended?
    pub(super) fn is_late(&mut self) -> bool {
        self.timer().sleep.deadline() <= Instant::now()
    }

    /// The timer: it starts anew in a new period, and stood still while the host had an event to handle.
    fn timer(&mut self) -> &mut Timer {
        let patience = self.machine.patience();
        let deadline = || Instant::now() + patience.limit;
        let new = || Timer { period: patience.period, sleep: Box::pin(sleep_until(deadline())) };
        let timer = self.timer.get_or_insert_with(new);
        let told = self.told.take();
        if timer.period != patience.period {
            timer.period = patience.period;
            timer.sleep.as_mut().reset(deadline());
        } else if let Some(told) = told {
            let later = timer.sleep.deadline() + told.elapsed();
            timer.sleep.as_mut().reset(later);
        }
        timer
    }

    /// Writes until nothing is ready to be written and the stream holds nothing back.
    pub(super) fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.machine.transmit().has_remaining() {
            let transmit = self.machine.transmit();
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
