//! The order of system calls behind a 250, or an OK to APPEND: the message is durable before anyone is told so.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::Scenario;
use crate::failure::{During, Outcome, ensure, fail};
use crate::imap::Imap;
use crate::server::{BOB, FOREIGN, Server, Service};
use crate::smtp::Smtp;
use crate::stage::Stage;
use trace::{Call, Trace};

mod trace;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("strace: body, rename, folder and commit are synced before SMTP's 250", |stage| {
        run(stage, Service::Smtp, "EHLO")
    }),
    Scenario::new("strace: body, rename, folder and commit are synced before LMTP's 250", |stage| {
        run(stage, Service::Lmtp, "LHLO")
    }),
    Scenario::new("strace: body, rename, folder and commit are synced before the last chunk's 250", chunks),
    Scenario::new("strace: body, rename, folder and commit are synced before APPEND's OK", append),
];

fn run(stage: &Stage, service: Service, greeting: &str) -> Outcome {
    let file = stage.path("strace.log");
    let mut server = Server::start_traced(stage, file.clone())?;
    let mut session = Smtp::connect(server.address(service))?;
    session.command(&format!("{greeting} client.example.test"))?.expect(250)?;
    session.deliver(FOREIGN, &[BOB], b"Subject: traced\r\n\r\ntext\r\n")?.expect(250)?;
    session.command("QUIT")?.expect(221)?;
    end(&mut server, &file, "354", "250")
}

fn chunks(stage: &Stage) -> Outcome {
    let file = stage.path("strace.log");
    let mut server = Server::start_traced(stage, file.clone())?;
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    session.envelope(FOREIGN, &[BOB])?.expect(250)?;
    let (first, last) = ("Subject: traced\r\n", "\r\ntext\r\n");
    session.send(format!("BDAT {}\r\n{first}", first.len()))?;
    session.reply()?.expect(250)?;
    session.send(format!("BDAT {} LAST\r\n{last}", last.len()))?;
    session.reply()?.expect(250)?;
    session.command("QUIT")?.expect(221)?;
    end(&mut server, &file, &format!("250 2.0.0 {} octets", first.len()), "250 2.0.0 message")
}

fn append(stage: &Stage) -> Outcome {
    let file = stage.path("strace.log");
    let mut server = Server::start_traced(stage, file.clone())?;
    let mut session = Imap::login(server.address(Service::Imap), BOB)?;
    let message = b"Subject: traced\r\n\r\ntext\r\n";
    let refusal = session.begin_append("INBOX", message.len())?.err();
    ensure!(refusal.is_none(), "APPEND was answered {refusal:?}");
    session.send(message)?;
    session.send(b"\r\n")?;
    let answer = session.status()?;
    ensure!(answer.is_ok(), "APPEND was answered {answer}");
    end(&mut server, &file, "+ ", &format!("{} OK", session.tag()))
}

/// Ends the server and checks what it did between the go-ahead for the message and the answer to it.
fn end(server: &mut Server, file: &Path, go_ahead: &str, answer: &str) -> Outcome {
    server.terminate()?;
    server.wait()?;
    let trace = Trace::parse(&finished(file)?);
    let data = server.data().canonicalize()?.display().to_string();
    check(&trace, &data, go_ahead, answer).during(format!("see {}", file.display()))
}

/// The whole trace. strace is not our child: it ends, and has written all, shortly after the server.
fn finished(file: &Path) -> Outcome<String> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let text = String::from_utf8_lossy(&std::fs::read(file)?).into_owned();
        let last = text.lines().last().unwrap_or_default();
        if last.contains("+++ exited") || Instant::now() > deadline {
            return Ok(text);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Fails unless each step was over before the next one began.
fn check(trace: &Trace, data: &str, go_ahead: &str, answer: &str) -> Outcome {
    let go_ahead = trace.first(0, "the go-ahead", |call| call.writes_to_socket(go_ahead))?;
    let told = trace.first(go_ahead.end, "the answer", |call| call.writes_to_socket(answer))?;

    let body = trace.first(go_ahead.start, "the sync of the body", |call| {
        call.syncs() && call.path().is_some_and(|path| path.starts_with(data) && !of_database(path))
    })?;
    let rename = trace.first(body.end, "the rename of the body", Call::renames)?;
    let [from, to] = rename.quoted().try_into().unwrap_or_default();
    let Some((folder, _)) = to.rsplit_once('/') else {
        fail!("the rename at {} names no folder", rename.time)
    };
    ensure!(body.path() == Some(&from), "{:?} was synced but {from} renamed", body.path());
    let folder = trace.first(rename.end, "the sync of the folder", |call| {
        call.syncs() && call.path().is_some_and(|path| path == folder)
    })?;
    // The log may be synced more than once, its header first: what counts is the last write before the answer.
    let in_log = |call: &Call| call.path().is_some_and(|path| path.ends_with("-wal"));
    let record = trace.last(folder.end, told.start, "a write to the database's log", |call| {
        call.writes() && in_log(call)
    })?;
    let commit =
        trace.first(record.end, "the sync of the database's log", |call| call.syncs() && in_log(call))?;
    ensure!(
        commit.end < told.start,
        "the answer was written at {} before the commit was synced at {}",
        told.time,
        commit.time
    );
    Ok(())
}

fn of_database(path: &str) -> bool {
    path.ends_with("-wal")
        || path.ends_with("-shm")
        || path.ends_with("-journal")
        || path.contains(".db")
        || path.contains(".sqlite")
}

#[cfg(test)]
mod tests;
