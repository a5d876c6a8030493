//! `mail`, the client of this workspace, reads mailboxes of Dovecot, and of the server of this run.

use std::io::Read;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use imap_proto::{Command, MailboxName, SearchKey};
use tokio_codec::imap;

use super::Scenario;
use crate::binary;
use crate::failure::{During, Failure, Outcome, ensure, fail};
use crate::imap_client::{Way, append, converse, must, open, search, with_dovecot};
use crate::message;
use crate::process::{Background, Program};
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("client: Dovecot, `mail` lists, shows and watches", |stage| {
        with_dovecot(stage, |target| program(stage, target))
    }),
    Scenario::new("client: Dovecot, `mail` saves 50 MB in the memory of 1 MB", |stage| {
        with_dovecot(stage, |target| memory(stage, target))
    }),
    Scenario::imap("client: `mail` lists, shows and watches", program),
    Scenario::imap("client: `mail` saves 50 MB in the memory of 1 MB", memory),
];

/// Where the server is, and who logs in.
fn account(target: &ImapTarget) -> [String; 6] {
    let certificate = target.certificate.display().to_string();
    let address = target.imaps.to_string();
    ["--server", &address, "--user", target.user, "--ca", &certificate].map(str::to_owned)
}

/// `mail` with these arguments.
fn run(target: &ImapTarget, arguments: &[&str]) -> Outcome<Program> {
    let program = Program::at(&binary::mail()?).args(account(target)).args(arguments);
    Ok(program.env("MAIL_PASSWORD", target.password))
}

fn program(stage: &Stage, target: &ImapTarget) -> Outcome {
    let message = concat!(
        "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.test>\r\nSubject: =?utf-8?B?5pel5pys6Kqe?=\r\nMIME-Version: 1.0\r\n",
        "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        "Gr=FC=DFe\r\n",
    );
    target.deliver([message])?;
    let listed = run(target, &["list", "--unseen"])?.succeed()?;
    listed.says("  N     J\u{fc}rgen ")?;
    listed.says("  \u{65e5}\u{672c}\u{8a9e}\n")?;
    run(target, &["list", "--folders"])?.succeed()?.says("INBOX")?;
    let uid = listed.text().split_whitespace().next().unwrap_or_default().to_owned();
    run(target, &["show", &uid])?.succeed()?.says("\n\nGr\u{fc}\u{df}e\n")?;
    run(target, &["show", &uid, "--headers"])?
        .succeed()?
        .says("Content-Type: text/plain; charset=iso-8859-1")?;
    // Nothing of that is a change.
    run(target, &["list", "--unseen"])?.succeed()?.says(&uid)?;
    run(target, &["show", "4000000000"])?.refuse()?.says("INBOX has no message 4000000000")?;
    let by_starttls = ["list", "--tls", "starttls", "--server", &target.imap.to_string()];
    let starttls = Program::at(&binary::mail()?)
        .args(by_starttls)
        .args(["--user", target.user, "--ca"])
        .arg(&target.certificate)
        .env("MAIL_PASSWORD", target.password);
    starttls.succeed()?.says("\u{65e5}\u{672c}\u{8a9e}")?;
    watched(stage, target)
}

fn watched(stage: &Stage, target: &ImapTarget) -> Outcome {
    let (told, trace) = (stage.path("watch.out"), stage.path("watch.log"));
    let mut command = Process::new(binary::mail()?);
    command.args(account(target)).args(["watch", "--trace"]);
    command.env("MAIL_PASSWORD", target.password);
    command.stdout(std::fs::File::create(&told)?).stderr(std::fs::File::create(&trace)?);
    let mut watcher = Background::start(&mut command)?;
    let wait_for = |file: &Path, text: &str| -> Outcome {
        for _ in 0..500 {
            if std::fs::read_to_string(file)?.contains(text) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        fail!("`{text}` does not come")
    };
    wait_for(&trace, "mail: watching INBOX")?;
    target.deliver(["From: Eve <e@example.test>\r\nSubject: watched\r\n\r\n\r\n"])?;
    wait_for(&told, "Eve                       watched")?;
    watcher.terminate()?;
    let status = watcher.wait(Duration::from_secs(10))?;
    ensure!(status.is_some_and(|status| status.success()), "`mail watch` ended with {status:?}");
    Ok(())
}

fn memory(stage: &Stage, target: &ImapTarget) -> Outcome {
    let (small, large) = (peak(target, 1 << 20)?, peak(target, 50 << 20)?);
    stage.note(format!("{small} KiB at most for 1 MB, {large} KiB for 50 MB"));
    ensure!(large < 20_000, "`mail show --raw` held {large} KiB");
    ensure!(large < small + 2_000, "{small} KiB for 1 MB, {large} KiB for 50 MB");
    Ok(())
}

/// Appends a message of so many octets, and tells what `mail` holds at most to hand it on, in KiB.
fn peak(target: &ImapTarget, octets: usize) -> Outcome<u64> {
    let message = message::large(octets);
    let uid = converse(async {
        let mut session = open(target, Way::Implicit).await?;
        append(&mut session, "INBOX", &message).await?;
        must(&mut session, Command::Examine(MailboxName::INBOX)).await?;
        let found = search(&mut session, SearchKey::All).await?;
        imap::logout(&mut session).await?;
        found.last().copied().ok_or_else(|| Failure::new("the message is not there"))
    })?;
    let mut command = Process::new(binary::mail()?);
    command.args(account(target));
    command.args(["show", &uid.to_string(), "--raw"]).env("MAIL_PASSWORD", target.password);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take();
    let showing = Showing(child);
    let Some(mut stdout) = stdout else { fail!("no pipe") };
    let mut shown = vec![0; message.len()];
    // All but what the pipe holds at most: the program waits to write the rest, and can be looked at.
    let (most, rest) = shown.split_at_mut(message.len().saturating_sub(128 * 1024));
    stdout.read_exact(most).during("reading the message")?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", showing.0.id()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    let peak = peak.ok_or_else(|| Failure::new("the system tells no VmHWM"))?.parse()?;
    stdout.read_exact(rest)?;
    let mut behind = Vec::new();
    stdout.read_to_end(&mut behind)?;
    ensure!(shown == message && behind.is_empty(), "`mail show --raw` shows another message");
    Ok(peak)
}

/// A process that ends with the scenario.
struct Showing(std::process::Child);

impl Drop for Showing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
