//! A sender: one connection, one message after the other, until the connection breaks.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::parcel::Parcel;
use crate::failure::{Outcome, fail};
use crate::message;
use crate::server::FOREIGN;
use crate::smtp::Smtp;

/// Octets sent at a time, and the pause behind them: sending takes a while, so that kills hit it too.
const BLOCK: usize = 2048;
const PAUSE: Duration = Duration::from_micros(50);

/// How far a sender had come with the message in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The final dot is not sent.
    Sending,
    /// The final dot is sent, the reply to it is not read.
    Waiting,
    /// The 250 is read, the next body not begun.
    Acknowledged,
}

/// What a sender saw until its connection broke.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) phase: Phase,
    /// Those whose 250 was read.
    pub(super) acknowledged: Vec<Parcel>,
    /// The one whose body was begun, but whose 250 was not read.
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
    address: SocketAddr,
    next: Arc<AtomicU64>,
    announce: Option<mpsc::Sender<()>>,
    report: Report,
}

impl Sender {
    /// A sender that takes the numbers of its messages from `next` and announces the start of each transaction.
    pub(super) fn new(address: SocketAddr, next: Arc<AtomicU64>, announce: Option<mpsc::Sender<()>>) -> Self {
        let report = Report {
            phase: Phase::Sending,
            acknowledged: Vec::new(),
            unacknowledged: None,
            time: Duration::ZERO,
        };
        Self { address, next, announce, report }
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
        let mut session = Smtp::greet(self.address)?;
        loop {
            let parcel = Parcel(self.next.fetch_add(1, Ordering::Relaxed));
            let mut data = message::stuffed(&parcel.message());
            data.extend_from_slice(b".\r\n");
            if let Some(announce) = &self.announce {
                // Nobody listens any more once the kill was aimed.
                let _ = announce.send(());
            }
            let started = Instant::now();
            let go_ahead = session.begin(FOREIGN, parcel.recipients())?;
            if go_ahead.code != 354 {
                return Ok(go_ahead.to_string());
            }
            self.report.phase = Phase::Sending;
            self.report.unacknowledged = Some(parcel);
            for block in data.chunks(BLOCK) {
                session.send(block)?;
                thread::sleep(PAUSE);
            }
            self.report.phase = Phase::Waiting;
            let reply = session.reply()?;
            if reply.code != 250 {
                return Ok(reply.to_string());
            }
            self.report.phase = Phase::Acknowledged;
            self.report.unacknowledged = None;
            self.report.acknowledged.push(parcel);
            self.report.time += started.elapsed();
        }
    }
}
