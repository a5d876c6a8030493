//! fetchmail fetches a maildrop and hands it to a program.

use super::Scenario;
use crate::failure::{Outcome, ensure};
use crate::message::{self, Sample};
use crate::process::Program;
use crate::readback;
use crate::server::{ALICE, BOB, PASSWORD, Server, Service};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("fetchmail: pop3 STLS", |stage| fetch(stage, Service::Pop3, "")),
    Scenario::new("fetchmail: pop3s", |stage| fetch(stage, Service::Pop3s, "ssl")),
];

/// Fetches twice with `keep`, then without it: the second run finds nothing new, the third empties the maildrop.
fn fetch(stage: &Stage, service: Service, ssl: &str) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    for sample in &samples {
        session.deliver(ALICE, &[BOB], &sample.octets)?.expect(250)?;
    }
    run(stage, &server, service, ssl, "keep", "kept")?.succeed()?;
    check(stage, "kept", &samples)?;
    let again = run(stage, &server, service, ssl, "keep", "again")?.refuse()?;
    ensure!(again.status.code() == Some(NO_MAIL), "nothing new was expected: {again}");
    readback::expect(stage, &server, BOB, &samples)?;
    run(stage, &server, service, ssl, "fetchall nokeep", "moved")?.succeed()?;
    check(stage, "moved", &samples)?;
    readback::expect(stage, &server, BOB, &[])
}

/// The exit status of fetchmail when no mail was fetched.
const NO_MAIL: i32 = 1;

fn run(
    stage: &Stage,
    server: &Server,
    service: Service,
    ssl: &str,
    keep: &str,
    into: &str,
) -> Outcome<Program> {
    let home = stage.path("fetchmail");
    let folder = stage.path(into);
    std::fs::create_dir_all(&home)?;
    std::fs::create_dir_all(&folder)?;
    // One file a message, named by a counter that is the number of files that are there.
    let mda = format!("cd {0} && cat > $(ls | wc -l)", folder.display());
    // fetchmail compares names alone, never the addresses of a certificate.
    let configuration = format!(
        "set invisible\npoll 127.0.0.1 service {} protocol pop3 uidl username \"{BOB}\" password \"{PASSWORD}\" \
         {ssl} sslproto \"TLS1.2+\" sslcertck sslcommonname \"localhost\" sslcertfile \"{}\" {keep} norewrite mda \"{mda}\"\n",
        server.port(service),
        server.certificate().display()
    );
    let file = stage.write_private("fetchmailrc", configuration)?;
    let program = Program::new("fetchmail")?.args(["--nosyslog", "--nodetach", "--fetchmailrc"]);
    Ok(program.arg(file).env("FETCHMAILHOME", home))
}

/// Fails unless the folder holds the samples. fetchmail writes LF for CRLF.
fn check(stage: &Stage, name: &str, samples: &[Sample]) -> Outcome {
    let mut fetched = Vec::new();
    for number in 0..samples.len() {
        fetched.push(message::with_crlf(&std::fs::read(stage.path(name).join(number.to_string()))?));
    }
    message::check_all_present(&fetched, samples, readback::TRACE)
}
