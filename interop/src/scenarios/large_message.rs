//! A message of 50 MB in and out, while the server holds only a little of it at any time.

use super::Scenario;
use super::python::script;
use crate::failure::{Outcome, ensure};
use crate::message::{self, Sample};
use crate::readback;
use crate::server::{ALICE, BOB, PASSWORD, Server, Service};
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] =
    &[Scenario::new("large message: 50 MB in over submissions, out over POP3S, in little memory", run)];

const SIZE: usize = 50_000_000;
/// The most that the server may hold at its peak.
const MEMORY: u64 = 30_000_000;

fn run(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let sample = Sample { name: "large", octets: message::large(SIZE) };
    let file = stage.write("large-message", &sample.octets)?;
    script("large.py", &server, Service::Submissions)?
        .args(["--user", ALICE, "--password", PASSWORD, "--to", BOB, "--certificate"])
        .arg(server.certificate())
        .arg("--message")
        .arg(file)
        .succeed()?;
    let received = server.peak_memory()?;
    readback::expect(stage, &server, BOB, &[sample])?;
    let sent = server.peak_memory()?;
    let megabytes = |octets: u64| format!("{:.1} MB", octets as f64 / 1e6);
    stage.note(format!(
        "peak memory {} after receiving, {} after sending",
        megabytes(received),
        megabytes(sent)
    ));
    ensure!(sent < MEMORY, "the server held {}, more than {}", megabytes(sent), megabytes(MEMORY));
    Ok(())
}
