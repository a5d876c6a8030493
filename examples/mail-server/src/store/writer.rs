//! The one thread that writes to the database.
//!
//! Whatever waits when the thread comes round goes into one transaction: a hundred deliveries that arrive
//! together share one commit, and so one wait for the disk. Each [`Work`] runs inside a savepoint of its own,
//! so that one that fails takes nothing with it but itself.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::error::StoreError;

/// How much work may wait; whoever brings more waits at the door. A waiting delivery is some hundred octets.
const QUEUE: usize = 1024;

/// How much work goes into one transaction, at most.
const BATCH: usize = 256;

/// A change to the database.
pub(super) trait Work: Send + 'static {
    /// What the one who asked for it gets to know.
    type Output: Send + 'static;

    /// Makes the change; an error undoes all of it.
    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output>;

    /// Learns how it ended, before the one who asked does.
    fn settle(self, fate: Fate);
}

/// How the transaction of a [`Work`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is durable.
    Committed,
    /// It never happened.
    Undone,
    /// The commit itself failed: what was written may or may not be there after a crash.
    Unknown,
}

/// The way to the writing thread. Dropping it lets the thread finish what waits, and waits for that.
#[derive(Debug)]
pub(super) struct Writer {
    /// `None` once dropping has begun.
    jobs: Option<mpsc::UnboundedSender<Box<dyn Job>>>,
    /// A place in the queue each.
    places: Arc<Semaphore>,
    commits: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let (jobs, queue) = mpsc::unbounded_channel();
        let commits = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&commits);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(connection, queue, &counter))?;
        let places = Arc::new(Semaphore::new(QUEUE));
        Ok(Self { jobs: Some(jobs), places, commits, thread: Mutex::new(Some(thread)) })
    }

    /// Has `work` done, and answers when it is durable.
    pub(super) async fn write<W: Work>(&self, work: W) -> Result<W::Output, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| StoreError::Stopped)?;
        let answer = self.queue(work, Some(place));
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    /// Has `work` done some time, and waits for nothing: for what cannot pile up, since it passes by the door.
    pub(super) fn post<W: Work>(&self, work: W) {
        drop(self.queue(work, None));
    }

    fn queue<W: Work>(
        &self,
        work: W,
        place: Option<OwnedSemaphorePermit>,
    ) -> oneshot::Receiver<Result<W::Output, StoreError>> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Queued { work, result: None, reply, _place: place });
        // Where no thread takes it, the reply is dropped, and the answer says that the store has stopped.
        let _ = self.jobs.as_ref().map(|jobs| jobs.send(job));
        answer
    }

    /// How many transactions were committed so far.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // A thread that panicked has nothing left to finish.
        let _ = thread.map(JoinHandle::join);
    }
}

fn run(mut connection: Connection, mut queue: mpsc::UnboundedReceiver<Box<dyn Job>>, commits: &AtomicU64) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
        let outcome = commit(&mut connection, &mut batch);
        if outcome.is_ok() {
            commits.fetch_add(1, Ordering::Relaxed);
        }
        for job in batch.drain(..) {
            job.settle(outcome.clone());
        }
    }
}

fn commit(connection: &mut Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        let applied = job.apply(&mut transaction);
        // After some errors (disk full, I/O) SQLite has undone the whole transaction by itself. What follows
        // would run outside of it, so the batch ends here.
        if transaction.is_autocommit() {
            return Err(applied.err().unwrap_or(StoreError::Stopped));
        }
    }
    Ok(transaction.commit()?)
}

/// A [`Work`] of any kind, with the one who waits for it.
trait Job: Send {
    /// Does the work inside a savepoint, and keeps what came of it.
    fn apply(&mut self, transaction: &mut Transaction<'_>) -> Result<(), StoreError>;

    /// Tells the work, and the one who waits, how the transaction ended.
    fn settle(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Queued<W: Work> {
    work: W,
    /// `None` until it was applied.
    result: Option<Result<W::Output, StoreError>>,
    reply: oneshot::Sender<Result<W::Output, StoreError>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl<W: Work> Job for Queued<W> {
    fn apply(&mut self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
        let result = in_savepoint(transaction, |database| self.work.apply(database));
        let applied = result.as_ref().map(drop).map_err(StoreError::clone);
        self.result = Some(result);
        applied
    }

    fn settle(self: Box<Self>, commit: Result<(), StoreError>) {
        let Self { work, result, reply, _place } = *self;
        let (fate, answer) = match (result, commit) {
            (Some(Ok(output)), Ok(())) => (Fate::Committed, Ok(output)),
            (Some(Ok(_)), Err(error)) => (Fate::Unknown, Err(error)),
            (Some(Err(error)), _) | (None, Err(error)) => (Fate::Undone, Err(error)),
            (None, Ok(())) => (Fate::Undone, Err(StoreError::Stopped)),
        };
        work.settle(fate);
        // Whoever asked may have gone; the work is done all the same.
        let _ = reply.send(answer);
    }
}

/// Runs `change` so that its error undoes what it did, and nothing else.
fn in_savepoint<T>(
    transaction: &mut Transaction<'_>,
    change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    // Dropped without a commit, a savepoint is rolled back.
    let savepoint = transaction.savepoint()?;
    let output = change(&savepoint)?;
    savepoint.commit()?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Panics;

    impl Work for Panics {
        type Output = ();

        fn apply(&mut self, _: &Connection) -> rusqlite::Result<()> {
            panic!("on purpose");
        }

        fn settle(self, _: Fate) {}
    }

    #[tokio::test]
    async fn a_writer_that_died_answers_with_an_error() {
        let writer = Writer::start(Connection::open_in_memory().unwrap()).unwrap();
        for _ in 0..3 {
            assert!(matches!(writer.write(Panics).await, Err(StoreError::Stopped)));
        }
        assert_eq!(writer.commits(), 0);
    }
}
