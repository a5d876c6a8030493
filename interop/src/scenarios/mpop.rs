//! mpop fetches a maildrop into a Maildir or an mbox.

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message::{self, Sample};
use crate::process::Program;
use crate::readback;
use crate::server::{ALICE, BOB, PASSWORD, Server, Service};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("mpop: pop3 STLS into a Maildir, keep on then keep off", |stage| {
        fetch(stage, Service::Pop3, "on")
    }),
    Scenario::new("mpop: pop3s into a Maildir, keep on then keep off", |stage| {
        fetch(stage, Service::Pop3s, "off")
    }),
    Scenario::new("mpop: pop3s into an mbox", mbox),
];

fn fetch(stage: &Stage, service: Service, stls: &str) -> Outcome {
    let (server, samples) = filled(stage)?;
    let kept = maildir(stage, "kept")?;
    run(stage, &server, service, stls, "keep on", &format!("maildir {kept}"))?;
    check(stage, "kept", &samples)?;
    readback::expect(stage, &server, BOB, &samples).during("after mpop with `keep on`")?;

    // What was fetched once is not fetched again.
    run(stage, &server, service, stls, "keep on", &format!("maildir {kept}"))?;
    check(stage, "kept", &samples).during("fetched twice")?;

    let moved = maildir(stage, "moved")?;
    run(stage, &server, service, stls, "keep off\nonly_new off", &format!("maildir {moved}"))?;
    check(stage, "moved", &samples)?;
    readback::expect(stage, &server, BOB, &[]).during("after mpop with `keep off`")
}

fn mbox(stage: &Stage) -> Outcome {
    let (server, samples) = filled(stage)?;
    let path = stage.path("mbox");
    run(stage, &server, Service::Pop3s, "off", "keep off", &format!("mbox {}", path.display()))?;
    let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
    let found = text.lines().filter(|line| line.starts_with("From ")).count();
    ensure!(found == samples.len(), "the mbox holds {found} messages and not {}", samples.len());
    readback::expect(stage, &server, BOB, &[])
}

/// A server whose Bob has the samples.
fn filled(stage: &Stage) -> Outcome<(Server, Vec<Sample>)> {
    let server = Server::start(stage)?;
    let samples = message::samples();
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    for sample in &samples {
        session.deliver(ALICE, &[BOB], &sample.octets)?.expect(250)?;
    }
    Ok((server, samples))
}

fn run(stage: &Stage, server: &Server, service: Service, stls: &str, keep: &str, into: &str) -> Outcome {
    let configuration = format!(
        "account default\nhost 127.0.0.1\nport {}\nuser {BOB}\npassword {PASSWORD}\nauth user\ntls on\n\
         tls_starttls {stls}\ntls_trust_file {}\nreceived_header off\nuidls_file {}\n{keep}\ndelivery {into}\n",
        server.port(service),
        server.certificate().display(),
        stage.path("uidls").display()
    );
    let file = stage.write_private("mpoprc", configuration)?;
    Program::new("mpop")?.arg("--file").arg(file).succeed().map(|_| ())
}

fn maildir(stage: &Stage, name: &str) -> Outcome<String> {
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(stage.path(name).join(part))?;
    }
    Ok(stage.path(name).display().to_string())
}

/// Fails unless the Maildir holds the samples, in the order of their names. mpop writes LF for CRLF, which loses
/// nothing, because the samples have no LF alone.
fn check(stage: &Stage, name: &str, samples: &[Sample]) -> Outcome {
    let entries = std::fs::read_dir(stage.path(name).join("new"))?;
    let mut fetched = Vec::new();
    for entry in entries {
        fetched.push(message::with_crlf(&std::fs::read(entry?.path())?));
    }
    ensure!(
        fetched.len() == samples.len(),
        "{} messages were fetched and not {}",
        fetched.len(),
        samples.len()
    );
    message::check_all_present(&fetched, samples, readback::TRACE)
}
