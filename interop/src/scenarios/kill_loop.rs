//! SIGKILL at every moment of a delivery: what was acknowledged is there, once and whole.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::Scenario;
use crate::failure::{During, Failure, Outcome, ensure};
use crate::server::{Server, Service};
use crate::stage::Stage;
use ledger::Ledger;
use route::Route;
use sender::{Report, Sender};
use tally::Tally;

mod ledger;
mod parcel;
mod route;
mod sender;
mod tally;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("kill loop: no acknowledged message is lost or doubled by SIGKILL", |stage| {
        run(stage, 200, Route::smtp)
    }),
    Scenario::new("kill loop: no message in chunks is lost or doubled by SIGKILL", |stage| {
        run(stage, 60, Route::chunks)
    }),
    Scenario::new("kill loop: no message whose APPEND was answered is lost or doubled by SIGKILL", |stage| {
        run(stage, 60, Route::append)
    }),
];

const SENDERS: usize = 4;
/// Kills between two readings of the maildrops.
const READING: u32 = 25;
/// How far a kill may be aimed behind the start of a transaction, in parts of the time that one usually takes.
const REACH: f64 = 1.3;
/// No transaction takes longer, unless the server hangs.
const PATIENCE: Duration = Duration::from_secs(20);

fn run(stage: &Stage, kills: u32, route: fn(&Server) -> Route) -> Outcome {
    let mut server = Server::start_in_clear(stage)?;
    let route = route(&server);
    let next = Arc::new(AtomicU64::new(0));
    let mut ledger = Ledger::new(route.trace());
    let mut tally = Tally::default();
    // A guess for the first kill, then a mean of what was measured.
    let mut usual = Duration::from_millis(10);
    let wanted = kills / 20;
    let mut kill = 0;
    // Where a kill hits is chance: a few more, where some part of a transaction was hardly hit.
    while kill < kills || tally.least() < wanted && kill < 3 * kills {
        kill += 1;
        let reports =
            kill_under_load(&mut server, route, &next, kill, usual).during(format!("kill {kill}"))?;
        for (index, report) in reports.into_iter().enumerate() {
            if index == LEADER {
                tally.count(report.phase);
            }
            if let Some(time) = report.usual_time() {
                usual = (usual * 7 + time) / 8;
            }
            ledger.enter(report);
        }
        server.restart().during(format!("starting anew after kill {kill}"))?;
        if kill % READING == 0 {
            ledger.compare(server.address(Service::Pop3)).during(format!("after kill {kill}"))?;
        }
    }
    let found = ledger.compare(server.address(Service::Pop3))?;
    stage.note(format!("{kill} kills: {tally}"));
    stage.note(found.to_string());
    ensure!(tally.least() >= wanted, "the kills do not cover every part of a transaction: {tally}");
    Ok(())
}

/// The sender at whose transactions kills are aimed.
const LEADER: usize = 0;

/// Starts the senders, kills the server within the leader's transaction and returns what each sender saw.
fn kill_under_load(
    server: &mut Server,
    route: Route,
    next: &Arc<AtomicU64>,
    kill: u32,
    usual: Duration,
) -> Outcome<Vec<Report>> {
    let (begun, beginnings) = mpsc::channel();
    let senders: Vec<_> = (0..SENDERS)
        .map(|index| {
            let announce = (index == LEADER).then(|| begun.clone());
            let sender = Sender::new(route, Arc::clone(next), announce);
            thread::spawn(move || sender.run())
        })
        .collect();
    drop(begun);

    // Some kills hit a fresh server, some one that has taken a few messages.
    let begun = (0..=kill % 4).try_for_each(|_| beginnings.recv_timeout(PATIENCE));
    if begun.is_ok() {
        // Multiples of the golden ratio, taken modulo one, fill the interval evenly however many there are.
        let part = (f64::from(kill) * 0.618_033_988_75).fract() * REACH;
        thread::sleep(usual.mul_f64(part));
    }
    let broken = senders.iter().any(thread::JoinHandle::is_finished);
    server.kill()?;
    let gone = |_| Failure::new("a sender panicked");
    let reports = senders.into_iter().map(|sender| sender.join().map_err(gone)?).collect::<Outcome<_>>()?;
    begun.during("waiting for the leader's next transaction")?;
    ensure!(!broken, "the server closed a connection before it was killed");
    Ok(reports)
}
