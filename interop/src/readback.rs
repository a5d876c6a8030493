//! Reads maildrops of the server under test with curl over POP3S.

use std::path::PathBuf;

use crate::failure::{During, Outcome, ensure};
use crate::message::{self, Sample};
use crate::process::Program;
use crate::server::{PASSWORD, Server, Service};
use crate::stage::Stage;

/// The fields that the server puts before a message.
pub(crate) const TRACE: &[&str] = &["Return-Path", "Received"];

/// curl, quiet but for errors, trusting the server's certificate and nothing else.
pub(crate) fn curl(server: &Server) -> Outcome<Program> {
    let program = Program::new("curl")?.args(["--silent", "--show-error", "--max-time", "60", "--disable"]);
    Ok(program.arg("--cacert").arg(server.certificate()))
}

/// The URL of a maildrop, or of a message in it, over POP3S.
pub(crate) fn pop3s_url(server: &Server, message: impl std::fmt::Display) -> String {
    format!("pop3s://{}/{message}", server.address(Service::Pop3s))
}

/// Reads the account's maildrop over POP3S: every message, as curl writes it.
pub(crate) fn maildrop(stage: &Stage, server: &Server, account: &str) -> Outcome<Vec<Vec<u8>>> {
    let user = format!("{account}:{PASSWORD}");
    let list = curl(server)?.args(["--user", &user, &pop3s_url(server, "")]).succeed()?;
    // curl shows an empty listing as one empty line.
    let count = String::from_utf8_lossy(&list.stdout).lines().filter(|line| !line.is_empty()).count();
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut retrieve = curl(server)?.args(["--user", &user]);
    for number in 1..=count {
        retrieve = retrieve.arg(pop3s_url(server, number)).arg("--output").arg(copy(stage, number));
    }
    retrieve.succeed()?;
    (1..=count).map(|number| Ok(std::fs::read(copy(stage, number))?)).collect()
}

fn copy(stage: &Stage, number: usize) -> PathBuf {
    stage.path(format!("retrieved-{number}"))
}

/// Fails unless the account's maildrop holds exactly these messages, in this order, octet for octet.
pub(crate) fn expect(stage: &Stage, server: &Server, account: &str, sent: &[Sample]) -> Outcome {
    let stored = maildrop(stage, server, account).during(format!("reading the mail of {account}"))?;
    ensure!(stored.len() == sent.len(), "{account} has {} messages and not {}", stored.len(), sent.len());
    for (stored, sample) in stored.iter().zip(sent) {
        message::check_stored(stored, &sample.octets, TRACE).during(format!("message `{}`", sample.name))?;
    }
    Ok(())
}
