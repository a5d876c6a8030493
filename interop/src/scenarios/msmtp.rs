//! msmtp sends as a user's own program would.

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message;
use crate::process::Program;
use crate::readback;
use crate::server::{ALICE, BOB, FOREIGN, PASSWORD, Server, Service, TOKEN, UNKNOWN};
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("msmtp: STARTTLS to submission, AUTH PLAIN", |stage| {
        deliver(stage, Service::Submission, "tls on\ntls_starttls on\nauth plain\n")
    }),
    Scenario::new("msmtp: STARTTLS to submission, AUTH LOGIN", |stage| {
        deliver(stage, Service::Submission, "tls on\ntls_starttls on\nauth login\n")
    }),
    Scenario::new("msmtp: STARTTLS to submission, AUTH SCRAM-SHA-256", |stage| {
        deliver(stage, Service::Submission, "tls on\ntls_starttls on\nauth scram-sha-256\n")
    }),
    Scenario::new("msmtp: TLS to submissions, AUTH SCRAM-SHA-1", |stage| {
        deliver(stage, Service::Submissions, "tls on\ntls_starttls off\nauth scram-sha-1\n")
    }),
    Scenario::new("msmtp: TLS to submissions, AUTH OAUTHBEARER and XOAUTH2", by_token),
    Scenario::new("msmtp: a wrong password is refused by each mechanism", wrong_password),
    Scenario::new("msmtp: TLS to submissions, AUTH chosen by msmtp", |stage| {
        deliver(stage, Service::Submissions, "tls on\ntls_starttls off\nauth on\n")
    }),
    Scenario::new("msmtp: LMTP", |stage| deliver(stage, Service::Lmtp, "protocol lmtp\ntls off\nauth off\n")),
    Scenario::new("msmtp: what is asked of notifications is kept", notifications),
    Scenario::new("msmtp: refused recipients are reported", refused),
];

fn deliver(stage: &Stage, service: Service, options: &str) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    for sample in &samples {
        msmtp(stage, &server, service, options)?
            .args([ALICE, BOB])
            .input(sample.octets.clone())
            .succeed()
            .during(format!("message `{}`", sample.name))?;
    }
    readback::expect(stage, &server, ALICE, &samples)?;
    readback::expect(stage, &server, BOB, &samples)
}

fn notifications(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    msmtp(stage, &server, Service::Submission, "tls on\ntls_starttls on\nauth plain\n")?
        .args(["--dsn-notify=delay,success", "--dsn-return=headers", BOB])
        .input("Subject: short\r\n\r\ntext\r\n")
        .succeed()?;
    let told = server.envelopes(BOB)?;
    let is_kept = told.contains(" RET=HDRS") && told.to_lowercase().contains(" notify=delay,success");
    ensure!(is_kept, "the envelope is {told}");
    Ok(())
}

fn by_token(stage: &Stage) -> Outcome {
    let server = Server::start_with_tokens(stage)?;
    let samples = message::samples();
    let (odd, even) = samples.split_at(1);
    for (mechanism, samples) in [("oauthbearer", odd), ("xoauth2", even)] {
        let options = format!("tls on\ntls_starttls off\nauth {mechanism}\n");
        for sample in samples {
            let program = with_password(stage, &server, Service::Submissions, &options, TOKEN)?;
            program.args([BOB]).input(sample.octets.clone()).succeed().during(mechanism)?;
        }
        let program = with_password(stage, &server, Service::Submissions, &options, "stale")?;
        program.args([BOB]).input("Subject: no\r\n\r\n").refuse()?.says("535").during(mechanism)?;
    }
    readback::expect(stage, &server, BOB, &samples)
}

fn wrong_password(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    for mechanism in ["plain", "login", "scram-sha-1", "scram-sha-256"] {
        let options = format!("tls on\ntls_starttls off\nauth {mechanism}\n");
        let program = with_password(stage, &server, Service::Submissions, &options, "wrong")?;
        program.args([BOB]).input("Subject: no\r\n\r\n").refuse()?.says("535").during(mechanism)?;
    }
    readback::expect(stage, &server, BOB, &[])
}

fn refused(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let submission = "tls on\ntls_starttls on\nauth plain\n";
    for recipient in [UNKNOWN, FOREIGN] {
        let program = msmtp(stage, &server, Service::Submission, submission)?;
        let program = program.args([BOB, recipient]).input("Subject: short\r\n\r\ntext\r\n");
        program.refuse()?.says(&format!("recipient address {recipient} not accepted"))?;
    }
    readback::expect(stage, &server, BOB, &[])
}

/// msmtp with a configuration of its own, which adds nothing to a message.
fn msmtp(stage: &Stage, server: &Server, service: Service, options: &str) -> Outcome<Program> {
    with_password(stage, server, service, options, PASSWORD)
}

/// The same with another password, or a token in its place.
fn with_password(
    stage: &Stage,
    server: &Server,
    service: Service,
    options: &str,
    password: &str,
) -> Outcome<Program> {
    let configuration = format!(
        "account default\nhost 127.0.0.1\nport {}\nfrom {ALICE}\nuser {ALICE}\npassword {password}\n\
         tls_trust_file {}\nset_from_header off\nset_date_header off\n{options}",
        server.port(service),
        server.certificate().display()
    );
    let file = stage.write_private("msmtprc", configuration)?;
    Ok(Program::new("msmtp")?.arg("--file").arg(file))
}
