//! Programs: found, run to their end under a deadline, or kept in the background and always ended.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{During, Failure, Outcome, ensure, fail};

/// Programs and the Debian packages that hold them, where the names differ.
const PACKAGES: &[(&str, &str)] = &[
    ("smtp-sink", "postfix"),
    ("smtp-source", "postfix"),
    // Debian lets one of it and Postfix be installed: the other is unpacked.
    (
        "exim4",
        "exim4-daemon-light, or beside postfix: apt-get download exim4-daemon-light; dpkg -x exim4-*.deb /opt/exim",
    ),
    ("dovecot", "dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-submissiond"),
    ("getmail", "getmail6"),
    ("getmail_maildir", "getmail6"),
    ("mbsync", "isync"),
    ("offlineimap", "offlineimap3"),
    ("node", "nodejs"),
    ("npm", "nodejs npm"),
];

/// No program of a scenario needs longer.
const DEADLINE: Duration = Duration::from_secs(120);

/// Finds a program, or fails with the command that installs it.
pub(crate) fn find(name: &str) -> Outcome<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into(), "/opt/exim/usr/sbin".into()]);
    let mut candidates = folders.map(|folder| folder.join(name));
    match candidates.find(|candidate| candidate.is_file()) {
        Some(found) => Ok(found),
        None => {
            let package =
                PACKAGES.iter().find(|(program, _)| *program == name).map_or(name, |(_, package)| package);
            fail!("{name} is not installed: apt-get install {package}")
        }
    }
}

/// A script of `interop/python`.
pub(crate) fn python(name: &str) -> Outcome<Program> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name);
    // -B: no compiled copies beside the sources.
    Ok(Program::new("python3")?.arg("-B").arg(path))
}

/// A program that runs to its end.
pub(crate) struct Program {
    name: String,
    command: Command,
    input: Vec<u8>,
}

impl Program {
    pub(crate) fn new(name: &str) -> Outcome<Self> {
        Ok(Self { name: name.to_owned(), command: Command::new(find(name)?), input: Vec::new() })
    }

    /// A program at a known path, outside the search path.
    pub(crate) fn at(path: &Path) -> Self {
        Self { name: path.display().to_string(), command: Command::new(path), input: Vec::new() }
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What the program reads from its standard input; nothing unless told.
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Runs the program, which must end with 0.
    pub(crate) fn succeed(self) -> Outcome<Finished> {
        let finished = self.run()?;
        ensure!(finished.status.success(), "{finished}");
        Ok(finished)
    }

    /// Runs the program, which must end with something else than 0.
    pub(crate) fn refuse(self) -> Outcome<Finished> {
        let finished = self.run()?;
        ensure!(!finished.status.success(), "this should have been refused: {finished}");
        Ok(finished)
    }

    pub(crate) fn run(mut self) -> Outcome<Finished> {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = self.command.spawn().during(format!("starting {}", self.name))?;
        let mut guard = Background { child };
        let child = &mut guard.child;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let input = std::mem::take(&mut self.input);
        // A program that does not read all of its input has its reasons: its exit status tells.
        let feeder = thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
        let output = thread::spawn(move || read_all(stdout));
        let errors = thread::spawn(move || read_all(stderr));
        let status = guard.wait(DEADLINE)?;
        let Some(status) = status else { fail!("{} did not end within {DEADLINE:?}", self.name) };
        // Joined only now that the program has ended: the pipes are closed.
        let _ = feeder.join();
        let gone = || Failure::new("a reader thread panicked");
        let stdout = output.join().map_err(|_| gone())?;
        let stderr = errors.join().map_err(|_| gone())?;
        Ok(Finished { name: self.name, status, stdout, stderr })
    }
}

fn read_all(source: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut source) = source {
        let _ = source.read_to_end(&mut bytes);
    }
    bytes
}

/// A program that has ended, and what it said.
pub(crate) struct Finished {
    name: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Finished {
    /// Standard output and standard error, for a search in them.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(&self.stdout), String::from_utf8_lossy(&self.stderr))
    }

    /// Fails unless the program said `text`.
    pub(crate) fn says(&self, text: &str) -> Outcome {
        ensure!(self.text().contains(text), "`{text}` was expected: {self}");
        Ok(())
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(40)..).unwrap_or_default();
        write!(f, "{} ended with {}; the end of its output:", self.name, self.status)?;
        tail.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// A program in the background. It is killed when this is dropped.
pub(crate) struct Background {
    child: Child,
}

impl Background {
    pub(crate) fn start(command: &mut Command) -> Outcome<Self> {
        let child =
            command.spawn().during(format!("starting {}", command.get_program().to_string_lossy()))?;
        Ok(Self { child })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(&mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }

    /// Asks the program to end (SIGTERM), without waiting for it.
    pub(crate) fn terminate(&self) -> Outcome {
        // The standard library knows SIGKILL alone, and the shell's `kill` is everywhere.
        Program::new("sh")?.args(["-c", &format!("kill -TERM {}", self.id())]).succeed().map(|_| ())
    }

    /// Waits for the program's end, at most for `patience`.
    pub(crate) fn wait(&mut self, patience: Duration) -> Outcome<Option<ExitStatus>> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
