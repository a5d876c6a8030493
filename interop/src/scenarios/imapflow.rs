//! imapflow, the IMAP client that most programs on Node.js use.

use std::path::{Path, PathBuf};

use super::Scenario;
use crate::failure::{During, Outcome, fail};
use crate::process::Program;
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::imap("imapflow: imaps, IDLE, fetch, search, flags, move, append", |stage, target| {
        run(stage, target, "connect")
    }),
    Scenario::imap("imapflow: imap, STARTTLS, IDLE, fetch, search, flags, move, append", |stage, target| {
        run(stage, target, "start")
    }),
];

fn run(stage: &Stage, target: &ImapTarget, tls: &str) -> Outcome {
    let script = installed()?.join("imapflow.js");
    let program = Program::new("node")?.arg(script).args(["--tls", tls]);
    target.tell(program).succeed()?;
    target.expect_folder(stage, "INBOX", &[("number 1", "$Noted \\Seen")])?;
    target.expect_folder(stage, "Archive", &[("number 2", ""), ("appended", "\\Seen")])
}

/// Installs what `interop/node/package-lock.json` names, once, beside the binary, and returns the folder.
fn installed() -> Outcome<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let Some(beside) = std::env::current_exe()?.parent().map(Path::to_owned) else {
        fail!("this program stands in no folder")
    };
    let folder = beside.join("interop-node");
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(source.join("imapflow.js"), folder.join("imapflow.js"))?;
    let lock = std::fs::read(source.join("package-lock.json"))?;
    // Written last, so that an installation which was cut short is made anew.
    let done = folder.join("installed.json");
    if std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(folder);
    }
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(source.join(name), folder.join(name))?;
    }
    Program::new("npm")?
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
        .arg(&folder)
        .succeed()
        .during("installing what interop/node/package-lock.json names")?;
    std::fs::write(done, lock)?;
    Ok(folder)
}
