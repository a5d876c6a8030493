//! Postfix hands mail on to `mail-server`, several messages over a connection.

use std::thread;
use std::time::{Duration, Instant};

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message;
use crate::readback::{self, TRACE};
use crate::server::{BOB, FOREIGN, Server, Service};
use crate::servers::{self, Identity, Postfix};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("postfix: hands on to SMTP, STARTTLS, DSN", |stage| run(stage, Service::Smtp, "smtp")),
    Scenario::new("postfix: hands on to LMTP, DSN", |stage| run(stage, Service::Lmtp, "lmtp")),
];

/// Postfix works off its queue when it likes to.
const PATIENCE: Duration = Duration::from_secs(30);

fn run(stage: &Stage, service: Service, client: &str) -> Outcome {
    let server = Server::start(stage)?;
    let identity = Identity::create(stage)?;
    let transport = match service {
        Service::Lmtp => format!("{client}:inet:{}", server.address(service)),
        _ => format!("{client}:[127.0.0.1]:{}", server.port(service)),
    };
    let _postfix = Postfix::relaying(stage, &identity, &transport)?;
    let samples = message::samples();
    let mut session = Smtp::greet(servers::address("POSTFIX_SMTP")?)?;
    for (number, sample) in samples.iter().enumerate() {
        for (line, code) in [
            (format!("MAIL FROM:<{FOREIGN}> BODY=8BITMIME RET=HDRS ENVID=id{number}"), 250),
            (format!("RCPT TO:<{BOB}> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;robert@old.test"), 250),
            ("DATA".to_owned(), 354),
        ] {
            session.command(&line)?.expect(code).during(&line)?;
        }
        session.send(message::stuffed(&sample.octets))?;
        session.command(".")?.expect(250)?;
    }
    session.command("QUIT")?;

    let deadline = Instant::now() + PATIENCE;
    while server.envelopes(BOB)?.matches("MAIL FROM:").count() < samples.len() {
        ensure!(Instant::now() < deadline, "Postfix did not hand on all messages");
        thread::sleep(Duration::from_millis(50));
    }
    message::check_all_present(&readback::maildrop(stage, &server, BOB)?, &samples, TRACE)?;
    let told = server.envelopes(BOB)?;
    let rcpt = format!("RCPT TO:<{BOB}> ORCPT=rfc822;robert@old.test NOTIFY=SUCCESS,DELAY");
    ensure!(told.matches(&rcpt).count() == samples.len(), "the envelopes are {told}");
    ensure!(told.contains(" RET=HDRS") && told.contains(" ENVID=id0"), "the envelopes are {told}");
    let log = std::fs::read_to_string(stage.path("postfix.log"))?;
    let encrypted = log.contains("TLS connection established to");
    ensure!(encrypted == (service == Service::Smtp), "Postfix' log tells of TLS: {encrypted}");
    Ok(())
}
