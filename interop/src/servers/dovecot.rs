//! Dovecot: LMTP into Maildirs, and submission.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Identity, PATIENCE, ensure_free, render, wait_until_it_listens};
use crate::failure::{During, Outcome, ensure};
use crate::process::{Background, Program, find};
use crate::server::{ALICE, BOB, PASSWORD};
use crate::stage::Stage;

/// A running Dovecot; it ends when this is dropped.
pub(crate) struct Dovecot {
    base: PathBuf,
    master: Background,
}

impl Dovecot {
    /// Starts Dovecot. It must be root, because delivery runs as the user `mail`.
    pub(crate) fn start(stage: &Stage, identity: &Identity) -> Outcome<Self> {
        let program = find("dovecot")?;
        ensure_free("DOVECOT_LMTP")?;
        ensure_free("DOVECOT_SUBMISSION")?;
        let (base, log) = (stage.path("dc"), stage.path("dovecot.log"));
        for folder in ["run", "state", "mail"] {
            std::fs::create_dir_all(base.join(folder))?;
        }
        Program::new("chown")?
            .arg("mail:mail")
            .arg(base.join("mail"))
            .succeed()
            .during("Dovecot needs root")?;
        std::fs::write(
            base.join("users"),
            format!("{ALICE}:{{PLAIN}}{PASSWORD}::::::\n{BOB}:{{PLAIN}}{PASSWORD}::::::\n"),
        )?;
        let configuration = base.join("dovecot.conf");
        let template = include_str!("../../servers/dovecot.conf.in");
        std::fs::write(&configuration, render(template, stage, &base, &log, identity))?;
        let output = File::create(stage.path("dovecot-start.log"))?;
        let mut command = Command::new(program);
        command.arg("-F").arg("-c").arg(configuration);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let dovecot = Self { base, master: Background::start(&mut command)? };
        wait_until_it_listens("DOVECOT_LMTP")?;
        wait_until_it_listens("DOVECOT_SUBMISSION")?;
        Ok(dovecot)
    }

    /// Waits until the account has `count` messages and returns them, in the order of their delivery.
    pub(crate) fn delivered(&self, account: &str, count: usize) -> Outcome<Vec<Vec<u8>>> {
        let name = account.split('@').next().unwrap_or(account);
        let new = self.base.join("mail").join(name).join("Maildir/new");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let files = files(&new);
            if files.len() >= count {
                ensure!(files.len() == count, "{account} has {} messages and not {count}", files.len());
                return files.iter().map(|file| Ok(std::fs::read(file)?)).collect();
            }
            ensure!(Instant::now() < deadline, "{} of {count} messages reached {account}", files.len());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The files of a folder that may not be there yet. The names in a Maildir begin with the time.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

impl Drop for Dovecot {
    /// The master ends its children only when it is asked.
    fn drop(&mut self) {
        let _ = self.master.terminate();
        let _ = self.master.wait(PATIENCE);
    }
}
