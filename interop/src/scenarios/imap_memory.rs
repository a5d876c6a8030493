//! What large folders and many waiting sessions cost the server in memory.

use super::Scenario;
use crate::failure::{During, Outcome, ensure, fail};
use crate::process::Program;
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::imap("imap: flags and envelopes of 10000 messages in 10 MB of memory", large_folder),
    Scenario::imap_in_clear("imap: 1000 sessions in IDLE, each in 16 KiB of memory", |stage, target| {
        let octets = idle(stage, target, 1000, "no")?;
        ensure!(octets < 16 * 1024, "{octets} octets for each session in IDLE");
        Ok(())
    }),
    Scenario::imap("imap: 300 sessions in IDLE over TLS", |stage, target| {
        idle(stage, target, 300, "yes").map(|_| ())
    }),
];

const MESSAGES: usize = 10_000;

fn large_folder(stage: &Stage, target: &ImapTarget) -> Outcome {
    target.fill(MESSAGES, message)?;
    let script = measuring(target, "imap_many_messages.py")?.args(["--count", &MESSAGES.to_string()]);
    let (figures, times) = told(script)?;
    let [cold, warm] = figures[..] else { fail!("two figures were expected and not {figures:?}") };
    stage.note(format!("{cold} KiB more at the first fetch, {warm} KiB at the second, {times}"));
    let most = cold.max(warm) * 1024;
    ensure!(most < 10_000_000, "the server's memory grew by {most} octets during a fetch");
    Ok(())
}

/// Returns the octets of a session.
fn idle(stage: &Stage, target: &ImapTarget, count: i64, tls: &str) -> Outcome<i64> {
    let script = measuring(target, "imap_many_sessions.py")?.args(["--tls", tls]);
    let (figures, times) = told(script.args(["--count", &count.to_string()]))?;
    let [grown] = figures[..] else { fail!("one figure was expected and not {figures:?}") };
    let octets = grown * 1024 / count;
    stage.note(format!("{octets} octets for each session, {times}"));
    Ok(octets)
}

/// A script that measures the server's process, if one process serves all sessions.
fn measuring(target: &ImapTarget, name: &str) -> Outcome<Program> {
    let process = target.process.map_or("none".to_owned(), |process| process.to_string());
    Ok(target.script(name)?.args(["--process", &process]))
}

/// The numbers on the first line that a script prints, and its second line.
fn told(script: Program) -> Outcome<(Vec<i64>, String)> {
    let output = script.succeed()?.text();
    let mut lines = output.lines();
    let numbers = lines.next().unwrap_or_default().split(' ').map(str::parse::<i64>);
    let numbers = numbers.collect::<Result<_, _>>().during("reading what was measured")?;
    Ok((numbers, lines.next().unwrap_or_default().to_owned()))
}

fn message(number: usize) -> Vec<u8> {
    let head = format!(
        "From: Sender Name <sender@example.test>\r\nTo: Somebody <alice@example.test>, carol@example.test\r\n\
         Subject: filled {number:05}\r\nDate: Mon, 5 Jan 2026 10:20:30 +0000\r\n\
         Message-ID: <number{number}@x.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
    );
    format!("{head}\r\n{}", "some lines of text\r\n".repeat(40)).into_bytes()
}
