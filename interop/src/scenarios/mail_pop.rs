//! `mail pop` fetches maildrops of Dovecot, and of `mail-server`, and is killed while it does.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::Scenario;
use crate::binary;
use crate::failure::{During, Outcome, ensure};
use crate::message;
use crate::process::{Background, Finished, Program};
use crate::server::{ALICE, BOB, Login, PASSWORD, Server, Service};
use crate::servers::{self, Dovecot, Identity};
use crate::smtp::Smtp;
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("client: Dovecot, `mail pop` by TLS, STLS and in clear, kept then deleted", dovecot),
    Scenario::new("client: `mail pop` by TLS and STLS, kept then deleted", mail_server),
    Scenario::new("client: `mail pop` into a Maildir, killed until it is done", |stage| {
        killed(stage, "--maildir")
    }),
    Scenario::new("client: `mail pop` into an mbox, killed until it is done", |stage| {
        killed(stage, "--mbox")
    }),
];

/// Where a maildrop is.
struct Maildrop {
    pop3: SocketAddr,
    pop3s: SocketAddr,
    certificate: PathBuf,
    /// The header fields that a delivery puts before a message.
    trace: &'static [&'static str],
}

/// `mail pop` with these arguments.
fn pop(address: SocketAddr, user: &str, arguments: &[&str]) -> Outcome<Program> {
    let program = Program::at(&binary::mail()?).args(["pop", "--server", &address.to_string()]);
    Ok(program.args(["--user", user]).args(arguments).env("MAIL_PASSWORD", PASSWORD))
}

fn dovecot(stage: &Stage) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start_as_reference(stage, &identity, Login::Anywhere)?;
    let target = ImapTarget::of_dovecot(&identity.certificate)?;
    target.deliver(message::samples().iter().map(|sample| sample.octets.clone()))?;
    let pop3 = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), servers::address("DOVECOT_POP3")?.port()));
    let certificate = identity.certificate.clone();
    let maildrop = Maildrop { pop3, pop3s: target.pop3s, certificate, trace: target.trace };
    let clear = stage.path("clear").display().to_string();
    let said = pop(pop3, ALICE, &["--tls", "off", "--allow-cleartext", "--maildir", &clear])?.succeed()?;
    said.says(&format!("{} new, 0 fetched before", message::samples().len()))?;
    fetched(stage, &maildrop, ALICE)?;
    drop(dovecot);
    Ok(())
}

fn mail_server(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    for sample in message::samples() {
        session.deliver(ALICE, &[BOB], &sample.octets)?.expect(250)?;
    }
    let (pop3, pop3s) = (server.address(Service::Pop3), server.address(Service::Pop3s));
    let trace = crate::readback::TRACE;
    fetched(stage, &Maildrop { pop3, pop3s, certificate: server.certificate(), trace }, BOB)
}

/// Fetches the samples: into a Maildir by TLS, and again; then into an mbox by STLS, to be deleted.
fn fetched(stage: &Stage, maildrop: &Maildrop, user: &str) -> Outcome {
    let samples = message::samples();
    let count = samples.len();
    let certificate = maildrop.certificate.display().to_string();
    let (maildir, mbox) = (stage.path("maildir"), stage.path("mbox"));
    let paths = [maildir.display().to_string(), mbox.display().to_string()];
    let kept = |password: &str| -> Outcome<Finished> {
        let program = pop(maildrop.pop3s, user, &["--ca", &certificate, "--maildir", &paths[0], "--trace"])?;
        program.env("MAIL_PASSWORD", password).run()
    };
    kept(PASSWORD)?.says(&format!("{count} new, 0 fetched before, 0 deleted"))?;
    let told = kept(PASSWORD)?;
    told.says(&format!("0 new, {count} fetched before, 0 deleted"))?;
    ensure!(!told.text().contains(PASSWORD), "the trace holds the password: {told}");
    message::check_all_present(&in_maildir(&maildir)?, &samples, maildrop.trace).during("in the Maildir")?;
    let refused = kept("wrong")?;
    refused.says("cannot log in as")?;
    ensure!(refused.status.code() == Some(77), "a wrong password: {refused}");
    // Nobody vouches for the certificate.
    let untrusted = pop(maildrop.pop3s, user, &["--maildir", &paths[0]])?.refuse()?;
    ensure!(untrusted.status.code() == Some(69), "a certificate that is not trusted: {untrusted}");
    let deleted = || {
        pop(
            maildrop.pop3,
            user,
            &["--tls", "starttls", "--ca", &certificate, "--mbox", &paths[1], "--delete"],
        )
    };
    deleted()?.succeed()?.says(&format!("{count} new, 0 fetched before, {count} deleted"))?;
    deleted()?.succeed()?.says("0 new, 0 fetched before, 0 deleted")?;
    message::check_all_present(&in_mbox(&mbox)?, &samples, maildrop.trace).during("in the mbox")
}

/// Messages of the loop.
const MESSAGES: usize = 150;

/// Kills `mail pop --delete` again and again while it fetches, until a run comes to its end.
fn killed(stage: &Stage, option: &str) -> Outcome {
    let server = Server::start_in_clear(stage)?;
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    for number in 0..MESSAGES {
        let text = format!("Subject: number {number}\r\n\r\n.{}\r\nFrom here\r\n", "x".repeat(number * 7));
        session.deliver(ALICE, &[BOB], text.as_bytes())?.expect(250)?;
    }
    let path = stage.path("target");
    let binary = binary::mail()?;
    let mut command = Command::new(binary);
    command.args(["pop", "--server", &server.address(Service::Pop3).to_string(), "--user", BOB]);
    command.args(["--tls", "off", "--allow-cleartext", "--delete", "--batch", "5", option]).arg(&path);
    command.env("MAIL_PASSWORD", PASSWORD).stdout(Stdio::null()).stderr(Stdio::null());
    let mut kills: u32 = 0;
    loop {
        let mut run = Background::start(&mut command)?;
        // Longer and longer, or none would come to its end on a slow machine.
        let status = run.wait(Duration::from_micros(4_000 + 500 * u64::from(kills)))?;
        match status {
            Some(status) if status.success() => break,
            // The maildrop may still be locked by the session of the one before.
            Some(_) => thread::sleep(Duration::from_millis(5)),
            None => {
                run.kill()?;
                kills += 1;
            }
        }
        ensure!(kills < 2_000, "it does not come to its end");
    }
    let found = if option == "--mbox" { in_mbox(&path)? } else { in_maildir(&path)? };
    ensure!(found.len() == MESSAGES, "{} messages are there and not {MESSAGES}", found.len());
    for number in 0..MESSAGES {
        let text =
            format!("\r\nSubject: number {number}\r\n\r\n.{}\r\nFrom here\r\n", "x".repeat(number * 7));
        let count = found.iter().filter(|message| message.ends_with(text.as_bytes())).count();
        ensure!(count == 1, "message {number} is there {count} times");
    }
    stage.note(format!("killed {kills} times"));
    Ok(())
}

fn in_maildir(root: &Path) -> Outcome<Vec<Vec<u8>>> {
    let mut messages = Vec::new();
    for entry in fs::read_dir(root.join("new"))? {
        messages.push(fs::read(entry?.path())?);
    }
    Ok(messages)
}

/// The messages of an mbox, as Python reads them: a second opinion of what begins and ends one.
fn in_mbox(path: &Path) -> Outcome<Vec<Vec<u8>>> {
    let script = concat!(
        "import mailbox, sys\n",
        "box = mailbox.mbox(sys.argv[1], create=False)\n",
        "for key in box.iterkeys(): print(box.get_bytes(key).hex())\n",
    );
    let read = Program::new("python3")?.args(["-c", script]).arg(path).succeed()?;
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    text.lines().map(|line| Ok(message::with_crlf(&unquoted(&hex(line)?)))).collect()
}

fn hex(line: &str) -> Outcome<Vec<u8>> {
    let octet = |at: usize| u8::from_str_radix(line.get(at..at + 2).unwrap_or_default(), 16);
    (0..line.len()).step_by(2).map(|at| Ok(octet(at)?)).collect()
}

/// Takes one `>` away where it stands before `From `, behind any number of its like.
fn unquoted(message: &[u8]) -> Vec<u8> {
    let line = |line: &[u8]| {
        let behind = line.iter().position(|octet| *octet != b'>').unwrap_or(0);
        let is_quoted = behind > 0 && line.get(behind..).is_some_and(|line| line.starts_with(b"From "));
        line.get(usize::from(is_quoted)..).unwrap_or_default().to_vec()
    };
    message.split_inclusive(|octet| *octet == b'\n').flat_map(line).collect()
}
