//! `mail send` to Postfix, Dovecot and `mail-server`, and to servers that are not who they should be.

use std::net::SocketAddr;
use std::path::Path;

use super::Scenario;
use crate::binary;
use crate::failure::{During, Outcome, ensure};
use crate::message;
use crate::process::{Finished, Program, python};
use crate::readback;
use crate::server::{ALICE, BOB, FOREIGN, PASSWORD, Server, Service, UNKNOWN};
use crate::servers::{self, Dovecot, Flaw, Identity, Postfix};
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("client: Postfix, `mail send` by STARTTLS, an outcome for each recipient", postfix),
    Scenario::new("client: Postfix, `mail send` with attachments, as Python reads them", composed),
    Scenario::new("client: Postfix with an expired certificate, `mail send` refuses", |stage| {
        distrusted(stage, Flaw::Expired, "certificate expired")
    }),
    Scenario::new("client: Postfix with a certificate for another name, `mail send` refuses", |stage| {
        distrusted(stage, Flaw::OtherName, "certificate not valid for name \"127.0.0.1\"")
    }),
    Scenario::new("client: Postfix with a certificate of nobody known, `mail send` refuses", |stage| {
        distrusted(stage, Flaw::Unknown, "UnknownIssuer")
    }),
    Scenario::new("client: Dovecot, `mail send` by LMTP, an outcome for each recipient", lmtp),
    Scenario::new("client: Dovecot, `mail send` by LMTP at a Unix socket", lmtp_socket),
    Scenario::new("client: `mail send` by submission, STARTTLS and TLS, with a login", submission),
];

/// `mail send` from somebody elsewhere, with these arguments.
fn send(address: SocketAddr, trusted: &Path, arguments: &[&str]) -> Outcome<Program> {
    let program = Program::at(&binary::mail()?).args(["send", "--server", &address.to_string()]);
    Ok(program.arg("--ca").arg(trusted).args(["--from", FOREIGN]).args(arguments))
}

/// Sends every sample to Alice, to someone unknown and to Bob, who has a line each.
fn sent_to_three(address: SocketAddr, stage: &Stage, trusted: &Path, more: &[&str]) -> Outcome {
    for sample in message::samples() {
        let file = stage.write("sample.eml", &sample.octets)?;
        let file = file.display().to_string();
        let arguments = ["--to", ALICE, "--cc", UNKNOWN, "--bcc", BOB, "--raw", &file];
        let told = send(address, trusted, &[more, &arguments].concat())?.run()?;
        let lines: Vec<String> = told.text().lines().map(str::to_owned).collect();
        let begins = |line: usize, begin: &str| lines.get(line).is_some_and(|line| line.starts_with(begin));
        ensure!(
            begins(0, &format!("accepted  {ALICE}   250  "))
                && begins(2, &format!("accepted  {BOB}     250  ")),
            "`{}`: {told}",
            sample.name
        );
        ensure!(begins(1, &format!("refused   {UNKNOWN}  550  5.1.1 ")), "`{}`: {told}", sample.name);
        ensure!(told.status.code() == Some(69), "`{}`: {told}", sample.name);
    }
    Ok(())
}

fn postfix(stage: &Stage) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start(stage, &identity)?;
    let _postfix = Postfix::start(stage, &identity)?;
    sent_to_three(servers::address("POSTFIX_SMTP")?, stage, &identity.certificate, &["--tls", "required"])?;
    let log = std::fs::read_to_string(stage.path("postfix.log"))?;
    ensure!(log.contains("TLS connection established from"), "Postfix' log tells of no TLS");
    delivered(&dovecot)
}

fn lmtp(stage: &Stage) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start(stage, &identity)?;
    let address = servers::address("DOVECOT_LMTP")?;
    sent_to_three(address, stage, &identity.certificate, &["--tls", "never", "--lmtp"])?;
    delivered(&dovecot)
}

fn lmtp_socket(stage: &Stage) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start(stage, &identity)?;
    for sample in message::samples() {
        Program::at(&binary::mail()?)
            .args(["send", "--from", FOREIGN, "--to", ALICE, "--bcc", BOB, "--raw"])
            .arg(stage.write("sample.eml", &sample.octets)?)
            .arg("--socket")
            .arg(dovecot.lmtp_socket())
            .succeed()?
            .says(&format!("accepted  {BOB} "))?;
    }
    delivered(&dovecot)
}

fn delivered(dovecot: &Dovecot) -> Outcome {
    let samples = message::samples();
    for account in [ALICE, BOB] {
        let stored = dovecot.delivered(account, samples.len())?;
        message::check_all_present(&stored, &samples, &["Return-Path", "Received"])
            .during(format!("in the mail of {account}"))?;
    }
    Ok(())
}

fn composed(stage: &Stage) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start(stage, &identity)?;
    let _postfix = Postfix::start(stage, &identity)?;
    let attached =
        stage.write("Gr\u{fc}n & co.bin", (0..=255_u8).cycle().take(100_000).collect::<Vec<u8>>())?;
    let program = Program::at(&binary::mail()?)
        .args([
            "send",
            "--server",
            &servers::address("POSTFIX_SMTP")?.to_string(),
            "--tls",
            "opportunistic",
            "--ca",
        ])
        .arg(&identity.certificate)
        .args(["--from", &format!("J\u{fc}rgen M\u{fc}ller, \"JM\" <{FOREIGN}>")])
        .args(["--to", &format!("\"Doe, Alice\" <{ALICE}>"), "--bcc", BOB])
        .args([
            "--subject",
            "\u{65e5}\u{672c}\u{8a9e} and a subject that does not fit a line of a header, at all",
        ])
        .args(["--notify", "failure,delay", "--ret", "hdrs", "--attach"])
        .arg(&attached)
        .input("Gr\u{fc}\u{df}e\n\nFrom me\n.\n");
    program.succeed()?.says(&format!("accepted  {ALICE}"))?;
    for account in [ALICE, BOB] {
        let stored = dovecot.delivered(account, 1)?.concat();
        let file = stage.write("stored.eml", &stored)?;
        python("composed.py")?.arg(file).arg(&attached).succeed().during(format!("the mail of {account}"))?;
    }
    Ok(())
}

fn distrusted(stage: &Stage, flaw: Flaw, why: &str) -> Outcome {
    let (identity, trusted) = Identity::flawed(stage, flaw)?;
    let _postfix = Postfix::start(stage, &identity)?;
    let address = servers::address("POSTFIX_SMTP")?;
    let body = stage.write("body", "hi\n")?.display().to_string();
    // Where TLS is only wanted, a server that offers it must still be who it says.
    for tls in ["required", "opportunistic"] {
        let told = send(address, &trusted, &["--tls", tls, "--to", ALICE, "--body", &body])?.run()?;
        told.says("mail: no secure connection to 127.0.0.1: invalid peer certificate: ")?;
        told.says(why)?;
        ensure!(told.status.code() == Some(69), "{told}");
    }
    let log = std::fs::read_to_string(stage.path("postfix.log"))?;
    ensure!(!log.contains("from=<"), "Postfix was given a message");
    Ok(())
}

fn submission(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    let certificate = server.certificate();
    for (number, sample) in samples.iter().enumerate() {
        let file = stage.write("sample.eml", &sample.octets)?.display().to_string();
        let (service, tls) = match number % 2 {
            0 => (Service::Submission, "required"),
            _ => (Service::Submissions, "implicit"),
        };
        let run = |password: &str| -> Outcome<Finished> {
            let arguments = ["--tls", tls, "--user", ALICE, "--to", BOB, "--raw", &file, "--trace"];
            let program = Program::at(&binary::mail()?).args(["send", "--from", ALICE, "--server"]);
            let program = program.arg(server.address(service).to_string()).arg("--ca").arg(&certificate);
            program.args(arguments).env("MAIL_PASSWORD", password).run()
        };
        let told = run(PASSWORD)?;
        told.says(&format!("accepted  {BOB}  250  "))?;
        ensure!(!told.text().contains(PASSWORD), "the trace holds the password: {told}");
        if number < 2 {
            let refused = run("wrong")?;
            refused.says(&format!("mail: cannot log in as {ALICE}: refused by the server: 535"))?;
            ensure!(refused.status.code() == Some(77), "{refused}");
        }
    }
    readback::expect(stage, &server, BOB, &samples)
}
