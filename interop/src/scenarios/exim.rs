//! Exim delivers to `mail-server`: it sends by BDAT where CHUNKING is offered, and hands on what is asked of
//! notifications.

use super::Scenario;
use crate::failure::{Outcome, ensure};
use crate::message::{self, Sample};
use crate::readback;
use crate::server::{BOB, FOREIGN, Server, UNKNOWN};
use crate::servers::{Exim, Transport};
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("exim: BDAT and DSN to SMTP", |stage| run(stage, Transport::Clear)),
    Scenario::new("exim: BDAT and DSN to SMTP, STARTTLS", |stage| run(stage, Transport::StartTls)),
    Scenario::new("exim: 10 MB in chunks", large),
    Scenario::new("exim: a refused recipient", refused),
];

fn run(stage: &Stage, transport: Transport) -> Outcome {
    let server = Server::start(stage)?;
    let exim = Exim::relaying(stage, &server, transport)?;
    let samples = message::samples();
    exim.submit(session(&samples, BOB))?;
    readback::expect(stage, &server, BOB, &samples)?;
    let log = exim.log()?;
    // `K` tells that a message went out by BDAT, `X=` under which cipher.
    let chunked = log.lines().filter(|line| line.contains(" => ") && line.contains(" K ")).count();
    ensure!(chunked == samples.len(), "{chunked} messages went out by BDAT: {log}");
    let encrypted = log.lines().filter(|line| line.contains(" => ") && line.contains(" X=TLS")).count();
    let wanted = if matches!(transport, Transport::StartTls) { samples.len() } else { 0 };
    ensure!(encrypted == wanted, "{encrypted} messages went out by TLS: {log}");
    let told = server.envelopes(BOB)?;
    let rcpt = format!("RCPT TO:<{BOB}> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;robert@old.test");
    ensure!(told.matches(&rcpt).count() == samples.len(), "the envelopes are {told}");
    ensure!(told.contains(" RET=HDRS ENVID=id0"), "the envelopes are {told}");
    Ok(())
}

fn large(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let exim = Exim::relaying(stage, &server, Transport::Clear)?;
    let samples = [Sample { name: "large", octets: message::large(10_000_000) }];
    exim.submit(session(&samples, BOB))?;
    readback::expect(stage, &server, BOB, &samples)?;
    ensure!(exim.log()?.contains(" K "), "it did not go out by BDAT");
    Ok(())
}

fn refused(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let exim = Exim::relaying(stage, &server, Transport::Clear)?;
    let samples = [Sample { name: "short", octets: b"Subject: short\r\n\r\ntext\r\n".to_vec() }];
    exim.submit(session(&samples, UNKNOWN))?;
    let log = exim.log()?;
    ensure!(log.contains("550 5.1.1 no such mailbox here"), "Exim's log is {log}");
    Ok(())
}

/// A session of SMTP that sends each sample, and asks for notifications.
fn session(samples: &[Sample], to: &str) -> Vec<u8> {
    let mut said = b"EHLO client.example.test\r\n".to_vec();
    for (number, sample) in samples.iter().enumerate() {
        said.extend(format!("MAIL FROM:<{FOREIGN}> RET=HDRS ENVID=id{number}\r\n").into_bytes());
        said.extend(
            format!("RCPT TO:<{to}> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;robert@old.test\r\n").into_bytes(),
        );
        said.extend_from_slice(b"DATA\r\n");
        said.extend(message::stuffed(&sample.octets));
        said.extend_from_slice(b".\r\n");
    }
    said.extend_from_slice(b"QUIT\r\n");
    said
}
