//! Scripts for Node.js, and the packages of npm that they use.

use std::path::{Path, PathBuf};

use crate::failure::{During, Outcome, fail};
use crate::process::Program;

/// A script of `interop/node`.
pub(crate) fn script(name: &str) -> Outcome<Program> {
    let script = installed(name)?.join(name);
    Ok(Program::new("node")?.arg(script))
}

/// Installs what `interop/node/package-lock.json` names, once, beside the binary, puts the script there and returns the
/// folder.
fn installed(script: &str) -> Outcome<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let Some(beside) = std::env::current_exe()?.parent().map(Path::to_owned) else {
        fail!("this program stands in no folder")
    };
    let folder = beside.join("interop-node");
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(source.join(script), folder.join(script))?;
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
