//! mpop fetches a maildrop into a Maildir or an mbox.

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message::{self, Sample};
use crate::process::Program;
use crate::readback;
use crate::server::{ALICE, BOB, PASSWORD, Server, Service, TOKEN};
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
    Scenario::new("mpop: pop3 STLS and pop3s, AUTH PLAIN, LOGIN, SCRAM-SHA-1 and SCRAM-SHA-256", mechanisms),
    Scenario::new("mpop: pop3s, AUTH OAUTHBEARER and XOAUTH2", by_token),
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

fn mechanisms(stage: &Stage) -> Outcome {
    let (server, samples) = filled(stage)?;
    for mechanism in ["plain", "login", "scram-sha-1", "scram-sha-256"] {
        for (service, stls) in [(Service::Pop3, "on"), (Service::Pop3s, "off")] {
            let name = format!("{mechanism}-{stls}");
            let into = format!("maildir {}", maildir(stage, &name)?);
            let options = format!("auth {mechanism}\nonly_new off\nkeep on");
            run(stage, &server, service, stls, &options, &into).during(&name)?;
            check(stage, &name, &samples).during(&name)?;
            let wrong = format!("{options}\npassword wrong");
            let refused = program(stage, &server, service, stls, &wrong, &into)?.refuse()?;
            refused.says("authentication failed").during(&name)?;
        }
    }
    Ok(())
}

fn by_token(stage: &Stage) -> Outcome {
    let server = Server::start_with_tokens(stage)?;
    let samples = message::samples();
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    for sample in &samples {
        session.deliver(BOB, &[ALICE], &sample.octets)?.expect(250)?;
    }
    for mechanism in ["oauthbearer", "xoauth2"] {
        let into = format!("maildir {}", maildir(stage, mechanism)?);
        let options = format!("auth {mechanism}\nuser {ALICE}\nonly_new off\nkeep on");
        let good = format!("{options}\npassword {TOKEN}");
        run(stage, &server, Service::Pop3s, "off", &good, &into).during(mechanism)?;
        check(stage, mechanism, &samples)?;
        program(stage, &server, Service::Pop3s, "off", &format!("{options}\npassword stale"), &into)?
            .refuse()?;
    }
    Ok(())
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

fn run(stage: &Stage, server: &Server, service: Service, stls: &str, options: &str, into: &str) -> Outcome {
    program(stage, server, service, stls, options, into)?.succeed().map(|_| ())
}

/// mpop with a configuration of its own; of what is said twice the last counts.
fn program(
    stage: &Stage,
    server: &Server,
    service: Service,
    stls: &str,
    options: &str,
    into: &str,
) -> Outcome<Program> {
    let configuration = format!(
        "account default\nhost 127.0.0.1\nport {}\nuser {BOB}\npassword {PASSWORD}\nauth user\ntls on\n\
         tls_starttls {stls}\ntls_trust_file {}\nreceived_header off\nuidls_file {}\n{options}\ndelivery {into}\n",
        server.port(service),
        server.certificate().display(),
        stage.path("uidls").display()
    );
    let file = stage.write_private("mpoprc", configuration)?;
    Ok(Program::new("mpop")?.arg("--file").arg(file))
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
