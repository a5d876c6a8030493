//! SIGTERM: who is idle is told, who is sending may end.

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message::{self, Sample};
use crate::readback;
use crate::server::{ALICE, BOB, Server, Service};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] =
    &[Scenario::new("shutdown: SIGTERM says 421 to the idle and lets a transaction end", run)];

fn run(stage: &Stage) -> Outcome {
    let mut server = Server::start(stage)?;
    let sample = Sample { name: "sent across SIGTERM", octets: message::large(200_000) };
    let data = message::stuffed(&sample.octets);
    let (first, second) = data.split_at(100_000);

    let mut idle = Smtp::greet(server.address(Service::Smtp))?;
    let mut sender = Smtp::greet(server.address(Service::Smtp))?;
    sender.begin(ALICE, &[BOB])?.expect(354)?;
    sender.send(first)?;

    server.terminate()?;
    idle.reply().during("waiting for the idle connection's 421")?.expect(421)?;
    ensure!(idle.finish()?.is_empty(), "the server says more after 421");

    sender.send(second)?;
    sender.send(".\r\n")?;
    sender.reply().during("ending the transaction after SIGTERM")?.expect(250)?;
    drop(sender);

    let status = server.wait()?;
    ensure!(status.success(), "the server ended with {status}");
    server.restart()?;
    readback::expect(stage, &server, BOB, &[sample])
}
