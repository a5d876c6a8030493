//! swaks sends over every way in; curl reads back over POP3S.

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message::{self, Sample};
use crate::process::{Finished, Program};
use crate::readback;
use crate::server::{ALICE, AUTH_PLAIN, BOB, FOREIGN, PASSWORD, Server, Service, UNKNOWN};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("swaks: clear to SMTP, read back with curl POP3S", |stage| {
        deliver(stage, Service::Smtp, &[], None)
    }),
    Scenario::new("swaks: STARTTLS to SMTP", |stage| deliver(stage, Service::Smtp, &["--tls"], None)),
    Scenario::new("swaks: PIPELINING to SMTP", |stage| deliver(stage, Service::Smtp, &["--pipeline"], None)),
    Scenario::new("swaks: STARTTLS to submission, AUTH PLAIN", |stage| {
        deliver(stage, Service::Submission, &["--tls"], Some("PLAIN"))
    }),
    Scenario::new("swaks: STARTTLS to submission, AUTH LOGIN", |stage| {
        deliver(stage, Service::Submission, &["--tls"], Some("LOGIN"))
    }),
    Scenario::new("swaks: TLS to submissions, AUTH PLAIN, PIPELINING", |stage| {
        deliver(stage, Service::Submissions, &["--tls-on-connect", "--pipeline"], Some("PLAIN"))
    }),
    Scenario::new("swaks: LMTP", |stage| deliver(stage, Service::Lmtp, &["--protocol", "LMTP"], None)),
    Scenario::new("swaks: two recipients get the same message", two_recipients),
    Scenario::new("swaks: AUTH without TLS is refused", auth_in_clear),
    Scenario::new("swaks: a wrong password is refused", wrong_password),
    Scenario::new("swaks: submission without AUTH is refused", no_auth),
    Scenario::new("swaks: an unknown recipient is refused with 550", unknown_recipient),
    Scenario::new("swaks: relaying to a foreign domain is refused", foreign_domain),
];

/// Sends every sample from Alice to Bob and reads them back.
fn deliver(stage: &Stage, service: Service, transport: &[&str], mechanism: Option<&str>) -> Outcome {
    let server = Server::start(stage)?;
    let mut samples = message::samples();
    // The data of an empty message is a lone dot, which swaks takes for the name of a file.
    samples.extend(message::odd_samples().into_iter().filter(|sample| !sample.octets.is_empty()));
    for sample in &samples {
        let mut program = swaks(stage, &server, service, BOB, sample)?.args(transport);
        if let Some(mechanism) = mechanism {
            program = program.args(login(mechanism, PASSWORD));
        }
        program.succeed().during(format!("message `{}`", sample.name))?;
    }
    readback::expect(stage, &server, BOB, &samples)?;
    readback::expect(stage, &server, ALICE, &[])
}

fn two_recipients(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    for sample in &samples {
        swaks(stage, &server, Service::Smtp, &format!("{ALICE},{BOB}"), sample)?.succeed()?;
    }
    readback::expect(stage, &server, ALICE, &samples)?;
    readback::expect(stage, &server, BOB, &samples)
}

/// swaks itself refuses to log in where AUTH is not offered, so the command is also said by hand.
fn auth_in_clear(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    plain(stage, &server, Service::Submission, BOB)?.args(login("PLAIN", PASSWORD)).refuse()?;
    for service in [Service::Submission, Service::Smtp] {
        let reply = Smtp::greet(server.address(service))?.command(AUTH_PLAIN)?;
        ensure!((500..600).contains(&reply.code), "AUTH in clear was answered with `{reply}`");
    }
    Ok(())
}

fn wrong_password(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    for mechanism in ["PLAIN", "LOGIN"] {
        let program = plain(stage, &server, Service::Submission, BOB)?.arg("--tls");
        refused_with("535", &program.args(login(mechanism, "wrong")).refuse()?)?;
    }
    readback::expect(stage, &server, BOB, &[])
}

fn no_auth(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    plain(stage, &server, Service::Submission, BOB)?.refuse()?;
    for (service, tls) in [(Service::Submission, "--tls"), (Service::Submissions, "--tls-on-connect")] {
        refused_with("530", &plain(stage, &server, service, BOB)?.arg(tls).refuse()?)?;
    }
    readback::expect(stage, &server, BOB, &[])
}

fn unknown_recipient(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    refused_with("550", &plain(stage, &server, Service::Smtp, UNKNOWN)?.refuse()?)?;
    let lmtp = plain(stage, &server, Service::Lmtp, UNKNOWN)?.args(["--protocol", "LMTP"]);
    refused_with("550", &lmtp.refuse()?)
}

fn foreign_domain(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let submission = plain(stage, &server, Service::Submission, FOREIGN)?.arg("--tls");
    refused_with("5", &submission.args(login("PLAIN", PASSWORD)).refuse()?)?;
    refused_with("5", &plain(stage, &server, Service::Smtp, FOREIGN)?.refuse()?)
}

/// swaks marks what it takes for a refusal with `<**`, or under TLS with `<~*`.
fn refused_with(code: &str, finished: &Finished) -> Outcome {
    let text = finished.text();
    let mut refusals =
        text.lines().filter_map(|line| line.strip_prefix("<** ").or(line.strip_prefix("<~* ")));
    ensure!(refusals.any(|line| line.starts_with(code)), "a refusal with {code} was expected: {finished}");
    Ok(())
}

fn login(mechanism: &str, password: &str) -> [String; 6] {
    ["--auth", mechanism, "--auth-user", ALICE, "--auth-password", password].map(str::to_owned)
}

fn plain(stage: &Stage, server: &Server, service: Service, to: &str) -> Outcome<Program> {
    let sample = Sample { name: "short", octets: b"Subject: short\r\n\r\ntext\r\n".to_vec() };
    swaks(stage, server, service, to, &sample)
}

/// The data goes out as it stands: swaks would otherwise expand `%` words and `\n` in it.
fn swaks(stage: &Stage, server: &Server, service: Service, to: &str, sample: &Sample) -> Outcome<Program> {
    let mut data = message::stuffed(&sample.octets);
    data.push(b'.');
    let data = stage.write("swaks-data", data)?;
    let program = Program::new("swaks")?
        .args(["--server", "127.0.0.1", "--port", &server.port(service)])
        .args(["--helo", "client.example.test", "--timeout", "20", "--from", ALICE, "--to", to])
        .args(["--tls-verify", "--tls-ca-path"])
        .arg(server.certificate())
        .args(["--no-data-fixup", "--data", &format!("@{}", data.display())]);
    Ok(program)
}
