//! Postfix' load generator: a thousand deliveries in parallel sessions.

use super::Scenario;
use crate::failure::{Outcome, ensure};
use crate::pop3::Pop3;
use crate::process::Program;
use crate::server::{BOB, FOREIGN, Server, Service};
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("smtp-source: 1000 messages in 20 sessions over SMTP", |stage| {
        load(stage, Service::Smtp, &["-s", "20"])
    }),
    Scenario::new("smtp-source: 1000 messages in 1000 sessions at once over SMTP", |stage| {
        load(stage, Service::Smtp, &["-s", "1000"])
    }),
    Scenario::new("smtp-source: 1000 messages in 20 sessions that stay over SMTP", |stage| {
        load(stage, Service::Smtp, &["-s", "20", "-d"])
    }),
    Scenario::new("smtp-source: 1000 messages in 20 sessions over LMTP", |stage| {
        load(stage, Service::Lmtp, &["-s", "20", "-L"])
    }),
];

const MESSAGES: usize = 1000;

fn load(stage: &Stage, service: Service, options: &[&str]) -> Outcome {
    let server = Server::start_in_clear(stage)?;
    let target = format!("inet:{}", server.address(service));
    // smtp-source looks for a main.cf, which a machine without a configured Postfix lacks.
    stage.write("main.cf", "")?;
    let started = std::time::Instant::now();
    Program::new("smtp-source")?
        .env("MAIL_CONFIG", stage.folder())
        .args(["-m", &MESSAGES.to_string(), "-l", "4096", "-M", "client.example.test"])
        .args(["-f", FOREIGN, "-t", BOB])
        .args(options)
        .arg(target)
        .succeed()?;
    let rate = MESSAGES as f64 / started.elapsed().as_secs_f64();
    let mut session = Pop3::login(server.address(Service::Pop3), BOB)?;
    let count = session.count()?;
    ensure!(count == MESSAGES, "{count} messages are there and not {MESSAGES}");
    session.quit()?;
    stage.note(format!("{rate:.0} messages a second"));
    Ok(())
}
