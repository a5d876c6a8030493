//! A sender: one connection, one message after the other, until the connection breaks.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::parcel::Parcel;
use super::route::Route;
use crate::failure::{Outcome, fail};

/// Octets sent at a time, and the pause behind them: sending takes a while, so that kills hit it too.
const BLOCK: usize = 2048;
const PAUSE: Duration = Duration::from_micros(50);

/// How far a sender had come with the message in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The end of the message is not sent.
    Sending,
    /// The end of the message is sent, the answer to it is not read.
    Waiting,
    /// The answer is read, the next body not begun.
    Acknowledged,
}

/// What a sender saw until its connection broke.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) phase: Phase,
    /// Those whose answer was read.
    pub(super) acknowledged: Vec<Parcel>,
    /// The one whose body was begun, but whose answer was not read.
    pub(super) unacknowledged: Option<Parcel>,
    /// The time that all acknowledged transactions took.
    time: Duration,
}

impl Report {
    /// The mean time of a transaction.
    pub(super) fn usual_time(&self) -> Option<Duration> {
        let count = u32::try_from(self.acknowledged.len()).ok()?;
        self.time.checked_div(count)
    }
}

pub(super) struct Sender {
    route: Route,
    next: Arc<AtomicU64>,
    announce: Option<mpsc::Sender<()>>,
    report: Report,
}

impl Sender {
    /// A sender that takes the numbers of its messages from `next` and announces the start of each transaction.
    pub(super) fn new(route: Route, next: Arc<AtomicU64>, announce: Option<mpsc::Sender<()>>) -> Self {
        let report = Report {
            phase: Phase::Sending,
            acknowledged: Vec::new(),
            unacknowledged: None,
            time: Duration::ZERO,
        };
        Self { route, next, announce, report }
    }

    /// Sends until the connection breaks. A refusal is a failure: nothing here deserves one.
    pub(super) fn run(mut self) -> Outcome<Report> {
        match self.deliver_all() {
            Ok(refusal) => fail!("the server refused a message: {refusal}"),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => fail!("the server does not answer"),
            Err(_) => Ok(self.report),
        }
    }

    /// Returns the first refusal, or the error that ended the connection.
    fn deliver_all(&mut self) -> io::Result<String> {
        let mut session = self.route.connect()?;
        loop {
            let parcel = self.route.parcel(self.next.fetch_add(1, Ordering::Relaxed));
            if let Some(announce) = &self.announce {
                // Nobody listens any more once the kill was aimed.
                let _ = announce.send(());
            }
            let started = Instant::now();
            let data = match session.begin(parcel)? {
                Ok(data) => data,
                Err(refusal) => return Ok(refusal),
            };
            self.report.phase = Phase::Sending;
            self.report.unacknowledged = Some(parcel);
            for block in data.chunks(BLOCK) {
                session.send(block)?;
                thread::sleep(PAUSE);
            }
            self.report.phase = Phase::Waiting;
            if let Err(refusal) = session.answer()? {
                return Ok(refusal);
            }
            self.report.phase = Phase::Acknowledged;
            self.report.unacknowledged = None;
            self.report.acknowledged.push(parcel);
            self.report.time += started.elapsed();
        }
    }
}
