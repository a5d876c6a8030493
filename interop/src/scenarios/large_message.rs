//! A message of 50 MB in and out, while the server holds only a little of it at any time.

use super::Scenario;
use super::python::script;
use crate::failure::{Outcome, ensure};
use crate::message::{self, Sample};
use crate::readback;
use crate::server::{ALICE, BOB, FOREIGN, PASSWORD, Server, Service};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("large message: 50 MB in over submissions, out over POP3S, in little memory", |stage| {
        run(stage, by_data)
    }),
    Scenario::new("large message: 50 MB in by BDAT, out over POP3S, in little memory", |stage| {
        run(stage, by_chunks)
    }),
];

const SIZE: usize = 50_000_000;
/// The most that the server may hold at its peak.
const MEMORY: u64 = 30_000_000;

fn by_data(stage: &Stage, server: &Server, sample: &Sample) -> Outcome {
    let file = stage.write("large-message", &sample.octets)?;
    script("large.py", server, Service::Submissions)?
        .args(["--user", ALICE, "--password", PASSWORD, "--to", BOB, "--certificate"])
        .arg(server.certificate())
        .arg("--message")
        .arg(file)
        .succeed()
        .map(|_| ())
}

/// In chunks of all sizes, the first of which is nearly half of it.
fn by_chunks(_: &Stage, server: &Server, sample: &Sample) -> Outcome {
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    session.envelope(FOREIGN, &[BOB])?.expect(250)?;
    let mut rest = sample.octets.as_slice();
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(rest.len().div_ceil(2));
        let last = if behind.is_empty() { " LAST" } else { "" };
        session.send(format!("BDAT {}{last}\r\n", chunk.len()))?;
        session.send(chunk)?;
        session.reply()?.expect(250)?;
        rest = behind;
    }
    Ok(())
}

fn run(stage: &Stage, send: fn(&Stage, &Server, &Sample) -> Outcome) -> Outcome {
    let server = Server::start(stage)?;
    let sample = Sample { name: "large", octets: message::large(SIZE) };
    send(stage, &server, &sample)?;
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
