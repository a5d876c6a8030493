//! Cut by its server or by SIGKILL, at any point: each message is there once, octet for octet, afterwards.
use crate::{
    folders, mail, octets, scratch,
    server::{Behaviour, Message, Server},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Cuts of each test; there are eight.
const CUTS: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Maildir,
    Mbox,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Keep,
    Delete,
}

fn messages() -> Vec<Message> {
    let large: String = (0..400).map(|line| format!("{line}: {}\r\n", "x".repeat(line % 70))).collect();
    let bodies = [
        "one\r\n",
        ".\r\n..\r\n.x\r\n\r\n.\r\n",
        "From a\r\n>From b\r\n>>From c\r\nFrom\r\n From d\r\n",
        &large,
        "",
        "Gr\u{fc}\u{df}e\r\n\r\n\r\n",
        "last\r\n",
    ];
    crate::messages(&bodies)
}

/// A target of its own, and how `mail` is run for it.
struct Case {
    folder: PathBuf,
    target: Target,
    fate: Fate,
    server: Server,
}

impl Case {
    fn new(name: &str, target: Target, fate: Fate) -> Self {
        let folder = scratch(&format!("{name}-{target:?}-{fate:?}"));
        Self { folder, target, fate, server: Server::start(messages()) }
    }

    /// As on the first day.
    fn clean(&self) {
        let _ = fs::remove_dir_all(&self.folder);
        fs::create_dir_all(&self.folder).unwrap();
        self.server.fill(&messages());
        self.server.behave(Behaviour::default());
    }

    fn path(&self) -> PathBuf {
        self.folder.join("target")
    }

    fn command(&self) -> Command {
        let mut command = mail(&self.server);
        command.args(["--batch", "3"]);
        command.arg(if self.target == Target::Maildir { "--maildir" } else { "--mbox" }).arg(self.path());
        if self.fate == Fate::Delete {
            command.arg("--delete");
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// A run that nobody cuts, and what is there then.
    fn complete(&self, when: &str) {
        self.server.behave(Behaviour::default());
        let output = self.command().stderr(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{when}: {output:?}");
        let expected = octets(&messages());
        let found = found(self.target, &self.path());
        let subjects = |messages: &[Vec<u8>]| -> Vec<String> {
            messages.iter().map(|message| String::from_utf8_lossy(&message[..10]).into_owned()).collect()
        };
        assert!(found == expected, "{when}: {:?} are there", subjects(&found));
        let left = if self.fate == Fate::Delete { Vec::new() } else { messages() };
        assert!(self.server.messages() == left, "{when}: the server has other messages");
    }
}

fn found(target: Target, path: &Path) -> Vec<Vec<u8>> {
    match target {
        Target::Maildir => folders::maildir(path),
        Target::Mbox => folders::mbox(path),
    }
}

/// The server cuts a session after more and more octets: from the greeting up to the answer to QUIT.
fn cut_by_the_server(target: Target, fate: Fate) {
    let case = Case::new("server", target, fate);
    case.clean();
    // What a whole session takes, and a little more.
    let whole = 600 + messages().iter().map(|message| message.octets.len() + 20).sum::<usize>();
    for number in 0..CUTS {
        case.clean();
        // The end, where messages are deleted, octet by octet.
        let at = if number % 2 == 0 { 1 + whole * number / CUTS } else { whole - 150 - 3 * number };
        case.server.behave(Behaviour { cut: Some(at), ..Behaviour::default() });
        let status = case.command().status().unwrap();
        assert!(matches!(status.code(), Some(0 | 75)), "cut at {at}: {status:?}");
        case.complete(&format!("cut at {at}"));
    }
}

/// SIGKILL comes later and later.
fn killed(target: Target, fate: Fate) {
    let case = Case::new("kill", target, fate);
    case.clean();
    let begun = Instant::now();
    case.complete("before");
    // The machine may be busy with something else now, or then.
    let whole = begun.elapsed().min(Duration::from_millis(100));
    for number in (0..CUTS as u32).step_by(2) {
        case.clean();
        // One is killed, and so is the next, which mends what the first has left.
        for later in [0, 1] {
            let mut child = case.command().spawn().unwrap();
            thread::sleep(whole * (number + later) / (CUTS as u32));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        case.complete(&format!("killed after {number} of {CUTS} parts of {whole:?}"));
    }
}

#[test]
fn no_message_is_lost_or_doubled_in_a_maildir_when_the_server_hangs_up() {
    cut_by_the_server(Target::Maildir, Fate::Keep);
}

#[test]
fn no_message_is_lost_or_doubled_in_a_maildir_when_the_server_hangs_up_and_deletes() {
    cut_by_the_server(Target::Maildir, Fate::Delete);
}

#[test]
fn no_message_is_lost_or_doubled_in_an_mbox_when_the_server_hangs_up() {
    cut_by_the_server(Target::Mbox, Fate::Keep);
}

#[test]
fn no_message_is_lost_or_doubled_in_an_mbox_when_the_server_hangs_up_and_deletes() {
    cut_by_the_server(Target::Mbox, Fate::Delete);
}

#[test]
fn no_message_is_lost_or_doubled_in_a_maildir_when_the_program_is_killed() {
    killed(Target::Maildir, Fate::Keep);
}

#[test]
fn no_message_is_lost_or_doubled_in_a_maildir_when_the_program_is_killed_and_deletes() {
    killed(Target::Maildir, Fate::Delete);
}

#[test]
fn no_message_is_lost_or_doubled_in_an_mbox_when_the_program_is_killed() {
    killed(Target::Mbox, Fate::Keep);
}

#[test]
fn no_message_is_lost_or_doubled_in_an_mbox_when_the_program_is_killed_and_deletes() {
    killed(Target::Mbox, Fate::Delete);
}
