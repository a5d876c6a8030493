//! Python's smtplib and poplib, in the scripts of `interop/python`.

use std::path::{Path, PathBuf};

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message::{self, Sample};
use crate::process::{Program, python};
use crate::readback::{self, TRACE};
use crate::server::{ALICE, BOB, PASSWORD, Server, Service, UNKNOWN};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new(
        "python: smtplib, STARTTLS, login, several recipients, 8BITMIME, SMTPUTF8, and poplib, UTF8",
        submission,
    ),
    Scenario::new("python: smtplib LMTP, an answer for each recipient", lmtp),
    Scenario::new("python: smtplib, BDAT with text and with any octets, DSN", |stage| {
        chunking(stage, Service::Smtp, "smtp")
    }),
    Scenario::new("python: smtplib LMTP, BDAT with text and with any octets, DSN", |stage| {
        chunking(stage, Service::Lmtp, "lmtp")
    }),
    Scenario::new("python: poplib, every command, the lock, no deletion without QUIT", maildrop),
    Scenario::new("python: SCRAM of its own by smtplib, imaplib and poplib, tied to the certificate", scram),
    Scenario::new("python: guests read by imaplib and poplib, and change nothing", guests),
    Scenario::new("python: a command sent along with STARTTLS is not answered", |stage| {
        injection(stage, Service::Submission, "smtp")
    }),
    Scenario::new("python: a command sent along with STARTTLS at the SMTP port is not answered", |stage| {
        injection(stage, Service::Smtp, "smtp")
    }),
    Scenario::new("python: a command sent along with STLS is not answered", |stage| {
        injection(stage, Service::Pop3, "pop3")
    }),
];

/// An account that only SMTPUTF8 can name.
const UMLAUT: &str = "d\u{f6}mi@example.test";

fn submission(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    let utf8 = match server.add_account(UMLAUT) {
        Ok(()) => UMLAUT,
        Err(_) => {
            stage.note("SMTPUTF8 left out, the server refuses the account");
            "-"
        }
    };
    script("submission.py", &server, Service::Submission)?
        .arg("--certificate")
        .arg(server.certificate())
        .args(["--user", ALICE, "--password", PASSWORD, "--to", &format!("{ALICE},{BOB}")])
        .args(["--unknown", UNKNOWN, "--utf8", utf8, "--messages"])
        .arg(written(stage, &samples)?)
        .succeed()?;
    readback::expect(stage, &server, BOB, &samples)?;
    if utf8 != "-" {
        let message = "Subject: Gr\u{fc}\u{df}e\r\n\r\nan eine Adresse mit Umlaut\r\n";
        script("utf8.py", &server, Service::Pop3s)?
            .arg("--certificate")
            .arg(server.certificate())
            .args(["--user", UMLAUT, "--password", PASSWORD, "--message"])
            .arg(stage.write("utf8", message)?)
            .succeed()?;
    }
    let partly = Sample { name: "partly refused", octets: b"Subject: partly\r\n\r\nrefused\r\n".to_vec() };
    let alices: Vec<Sample> = samples.into_iter().chain([partly]).collect();
    readback::expect(stage, &server, ALICE, &alices)
}

fn lmtp(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    script("lmtp.py", &server, Service::Lmtp)?
        .args(["--to", &format!("{ALICE},{BOB}"), "--unknown", UNKNOWN, "--messages"])
        .arg(written(stage, &samples)?)
        .succeed()?;
    readback::expect(stage, &server, ALICE, &samples)?;
    readback::expect(stage, &server, BOB, &samples)
}

fn chunking(stage: &Stage, service: Service, protocol: &str) -> Outcome {
    let server = Server::start(stage)?;
    let mut samples = message::samples();
    samples.extend(message::odd_samples().into_iter().filter(|sample| !sample.octets.is_empty()));
    let any: Vec<u8> = (0..=u8::MAX).cycle().take(100_000).collect();
    let binary = [b"Subject: any octets\r\n\r\n.\r\n\n.\n\r.\r".to_vec(), any].concat();
    script("chunking.py", &server, service)?
        .args(["--protocol", protocol, "--to", BOB, "--unknown", UNKNOWN, "--messages"])
        .arg(written(stage, &samples)?)
        .arg("--binary")
        .arg(stage.write("binary", &binary)?)
        .succeed()?;
    // POP3 has no line end but CRLF: whether it is kept, its file tells.
    let stored = files(&server.data().join("bodies"))?;
    let is_kept = |file: &PathBuf| std::fs::read(file).is_ok_and(|octets| octets.ends_with(&binary));
    ensure!(stored.iter().any(is_kept), "the binary message was changed");
    let texts = readback::maildrop(stage, &server, BOB)?;
    ensure!(texts.len() == samples.len() + 1, "{} messages are there", texts.len());
    for (stored, sample) in texts.iter().zip(&samples) {
        message::check_stored(stored, &sample.octets, TRACE).during(format!("message `{}`", sample.name))?;
    }
    let envelopes = server.envelopes(BOB)?;
    let told = format!("RCPT TO:<{BOB}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;{BOB}");
    ensure!(
        envelopes.contains(&told) && envelopes.contains("RET=FULL ENVID=id1"),
        "the envelopes are {envelopes}"
    );
    ensure!(envelopes.contains("BODY=BINARYMIME"), "the envelopes are {envelopes}");
    Ok(())
}

/// All files below a folder.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

fn maildrop(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    for sample in &samples {
        session.deliver(ALICE, &[BOB], &sample.octets)?.expect(250)?;
    }
    python("maildrop.py")?
        .args(["--host", "127.0.0.1", "--pop3", &server.port(Service::Pop3)])
        .args(["--pop3s", &server.port(Service::Pop3s), "--user", BOB, "--password", PASSWORD])
        .arg("--certificate")
        .arg(server.certificate())
        .arg("--messages")
        .arg(written(stage, &samples)?)
        .succeed()
        .map(|_| ())
}

fn scram(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    python("scram.py")?
        .args(["--host", "127.0.0.1", "--submissions", &server.port(Service::Submissions)])
        .args(["--imaps", &server.port(Service::Imaps), "--pop3s", &server.port(Service::Pop3s)])
        .args(["--user", ALICE, "--password", PASSWORD, "--unknown", UNKNOWN, "--certificate"])
        .arg(server.certificate())
        .succeed()
        .map(|_| ())
}

fn guests(stage: &Stage) -> Outcome {
    let mut server = Server::start(stage)?;
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    session.deliver(BOB, &[ALICE], b"Subject: short\r\n\r\ntext\r\n")?.expect(250)?;
    drop(session);
    for offered in ["no", "yes"] {
        python("guest.py")?
            .args(["--host", "127.0.0.1", "--submissions", &server.port(Service::Submissions)])
            .args(["--imaps", &server.port(Service::Imaps), "--pop3s", &server.port(Service::Pop3s)])
            .args(["--user", ALICE, "--password", PASSWORD, "--offered", offered, "--certificate"])
            .arg(server.certificate())
            .succeed()?;
        server.restart_with(stage, &format!("[auth]\nanonymous = '{ALICE}'\n"))?;
    }
    Ok(())
}

fn injection(stage: &Stage, service: Service, protocol: &str) -> Outcome {
    let server = Server::start(stage)?;
    script("injection.py", &server, service)?
        .args(["--protocol", protocol, "--certificate"])
        .arg(server.certificate())
        .succeed()
        .map(|_| ())
}

/// Writes each sample to a file, numbered so that the names sort in the samples' order.
pub(super) fn written(stage: &Stage, samples: &[Sample]) -> Outcome<PathBuf> {
    let folder = stage.path("messages");
    std::fs::create_dir_all(&folder)?;
    for (number, sample) in samples.iter().enumerate() {
        std::fs::write(folder.join(format!("{number:02}")), &sample.octets).during("writing the samples")?;
    }
    Ok(folder)
}

/// A script that talks to one service of the server.
pub(super) fn script(name: &str, server: &Server, service: Service) -> Outcome<Program> {
    Ok(python(name)?.args(["--host", "127.0.0.1", "--port", &server.port(service)]))
}
