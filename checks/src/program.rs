//! Builds a program of tests and runs some of its tests, for a limited time.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::tree::{Program, Target};

/// Where programs are built and run.
#[derive(Debug)]
pub struct Bench {
    /// The tree whose code is built.
    pub tree: PathBuf,
    /// Cargo's folder for what it builds.
    pub target: PathBuf,
    /// What tests say goes into a file here.
    pub output: PathBuf,
    /// How long the tests of a program may take. A program that takes longer is killed: it has failed.
    pub limit: Duration,
    /// What `proptest` draws from.
    pub seed: u64,
}

/// How much memory tests may have, in KiB: code that lacks a rule may never end to ask for more.
const MEMORY: usize = 8 * 1024 * 1024;

/// What came of a build.
#[derive(Debug)]
pub enum Built {
    /// The program.
    Executable(PathBuf),
    /// It does not compile; the first line that says why.
    Refused(String),
}

/// What came of running tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// All that were run have passed; how many there were.
    Passed(usize),
    /// One has failed, or the program died.
    Failed,
    /// It was killed at the limit.
    TimedOut,
}

impl Bench {
    /// Builds `program`.
    ///
    /// # Errors
    ///
    /// If cargo cannot be run.
    pub fn build(&self, program: &Program) -> io::Result<Built> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
        let mut command = Command::new(cargo);
        command.args(["test", "--no-run", "--quiet", "--message-format", "json-render-diagnostics"]);
        command.args(["--package", &program.package]).arg("--target-dir").arg(&self.target);
        match &program.target {
            Target::Lib => command.arg("--lib"),
            Target::Bin(name) => command.args(["--bin", name]),
            Target::Test(name) => command.args(["--test", name]),
        };
        // One file of a package changes from build to build, and nobody debugs the programs.
        command
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS");
        let output = command.current_dir(&self.tree).stdin(Stdio::null()).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let why = said.lines().find(|line| line.starts_with("error")).unwrap_or("cargo says nothing");
            return Ok(Built::Refused(why.to_owned()));
        }
        let executable = executable(&String::from_utf8_lossy(&output.stdout));
        executable.map(Built::Executable).ok_or_else(|| io::Error::other("cargo named no program of tests"))
    }

    /// Runs the tests of `executable` that are called `names`.
    ///
    /// # Errors
    ///
    /// If it cannot be run.
    pub fn run(&self, program: &Program, executable: &Path, names: &[&str]) -> io::Result<Ran> {
        let folder = self.tree.join(&program.folder);
        let out = File::create(&self.output)?;
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {MEMORY} 2>&-; exec \"$0\" --exact \"$@\"")]);
        command.arg(executable).args(names);
        command.env("CARGO_MANIFEST_DIR", &folder).env("PROPTEST_RNG_SEED", self.seed.to_string());
        command.stdin(Stdio::null()).stderr(out.try_clone()?).stdout(out);
        match self.wait(command.current_dir(folder))? {
            None => Ok(Ran::TimedOut),
            Some(status) if status.success() => Ok(Ran::Passed(passed(&fs::read_to_string(&self.output)?))),
            Some(_) => Ok(Ran::Failed),
        }
    }

    /// `None` says that it was killed.
    fn wait(&self, command: &mut Command) -> io::Result<Option<ExitStatus>> {
        let mut child = command.spawn()?;
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if start.elapsed() > self.limit {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The program of tests that cargo's messages name; a package's binaries are built beside it, and are named too.
fn executable(messages: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let (_, profile) = line.split_once("\"profile\":{")?;
        let (profile, _) = profile.split_once('}')?;
        let (_, path) = line.rsplit_once("\"executable\":\"")?;
        let (path, _) = path.split_once('"')?;
        profile.contains("\"test\":true").then(|| PathBuf::from(path))
    })
}

/// `test result: ok. 3 passed; ..`
fn passed(said: &str) -> usize {
    let result = said.lines().rfind(|line| line.starts_with("test result: ok. ")).unwrap_or_default();
    result.split_whitespace().nth(3).and_then(|count| count.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_of_tests_is_found_beside_the_binaries() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"mail","test":true},"profile":{"opt_level":"0","test":false},"executable":"/t/mail"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"codecs","test":true},"profile":{"opt_level":"0","test":true},"executable":"/t/codecs-1"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages), Some(PathBuf::from("/t/codecs-1")));
        assert_eq!(executable(r#"{"profile":{"test":true},"executable":null}"#), None);
    }

    #[test]
    fn tests_that_were_run_are_counted() {
        let said = "\nrunning 2 tests\n..\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 7 filtered out\n";
        assert_eq!(passed(said), 2);
        assert_eq!(passed("test result: FAILED. 2 passed; 1 failed"), 0);
    }
}
