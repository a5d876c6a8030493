//! nodemailer, the client of SMTP that most programs on Node.js use.

use super::Scenario;
use super::python::written;
use crate::failure::{Outcome, ensure};
use crate::message::{self, Sample};
use crate::node;
use crate::readback::{self, TRACE};
use crate::server::{ALICE, BOB, PASSWORD, Server, Service, UNKNOWN};
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("nodemailer: STARTTLS to submission, login, DSN, several recipients", |stage| {
        run(stage, Service::Submission, "starttls", "no")
    }),
    Scenario::new("nodemailer: TLS to submissions, a pool of connections", |stage| {
        run(stage, Service::Submissions, "tls", "yes")
    }),
    Scenario::new("nodemailer: LMTP", |stage| run(stage, Service::Lmtp, "lmtp", "no")),
];

fn run(stage: &Stage, service: Service, transport: &str, pool: &str) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    node::script("nodemailer.js")?
        .args(["--host", "127.0.0.1", "--port", &server.port(service), "--transport", transport])
        .args(["--pool", pool, "--user", ALICE, "--password", PASSWORD, "--to", &format!("{ALICE},{BOB}")])
        .args(["--unknown", UNKNOWN, "--certificate"])
        .arg(server.certificate())
        .arg("--messages")
        .arg(written(stage, &samples)?)
        .succeed()?;
    // A pool sends in whatever order.
    message::check_all_present(&readback::maildrop(stage, &server, BOB)?, &samples, TRACE)?;
    let partly = Sample { name: "partly refused", octets: b"Subject: partly\r\n\r\nrefused\r\n".to_vec() };
    let alices = readback::maildrop(stage, &server, ALICE)?;
    ensure!(alices.len() == samples.len() + 1, "{} messages are there", alices.len());
    let Some(last) = alices.last() else { return Ok(()) };
    message::check_stored(last, &partly.octets, TRACE)?;
    let told = server.envelopes(BOB)?;
    ensure!(
        told.contains(" RET=HDRS ENVID=00") && told.contains(" NOTIFY=SUCCESS,DELAY ORCPT=rfc822;"),
        "the envelopes are {told}"
    );
    Ok(())
}
