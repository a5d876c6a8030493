//! Whether cargo runs the tests that say they cover a rule.
//!
//! What stands in a file that no module names, behind a feature that nobody turns on, or behind a `#[cfg]` is read here
//! and run nowhere.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::table::Table;
use crate::tree::{Program, Target};

/// Builds the tests of the workspace at `root` into `target`, and tells of each test in `table` that is none of them, or
/// that is ignored.
///
/// # Errors
///
/// If the tests cannot be built or listed.
pub fn faults(root: &Path, target: &Path, table: &Table) -> io::Result<Vec<String>> {
    let messages = build(root, target)?;
    let mut programs: Vec<&Program> =
        table.rows.iter().flat_map(|row| &row.tests).map(|test| &test.program).collect();
    programs.sort();
    programs.dedup();
    let mut faults = Vec::new();
    for program in programs {
        let executable = messages.lines().find_map(|line| executable(root, program, line));
        let run = match executable {
            Some(executable) => run_by_default(&executable)?,
            None => BTreeSet::new(),
        };
        let tests = table.rows.iter().flat_map(|row| row.tests.iter().map(move |test| (test, row)));
        for (test, row) in tests.filter(|(test, _)| test.program == *program && !run.contains(&test.name)) {
            let file = test.file.display();
            faults.push(format!("{file}: cargo does not run {}, which covers {}", test.name, row.rule.name));
        }
    }
    Ok(faults)
}

/// What cargo says of the programs that it has built.
fn build(root: &Path, target: &Path) -> io::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["test", "--workspace", "--no-run", "--quiet", "--message-format", "json-render-diagnostics"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(root)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other("the tests do not compile"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The executable that a message names, if it is `program`.
fn executable(root: &Path, program: &Program, message: &str) -> Option<PathBuf> {
    let text = |key: &str| {
        let (_, value) = message.split_once(&format!("\"{key}\":\""))?;
        value.split_once('"').map(|(value, _)| value)
    };
    let (_, target) = message.split_once("\"target\":{\"kind\":[\"")?;
    let (kind, target) = target.split_once('"')?;
    let (_, name) = target.split_once("\"name\":\"")?;
    let name = name.split_once('"')?.0;
    let is_meant = match &program.target {
        Target::Lib => kind == "lib",
        Target::Bin(bin) => kind == "bin" && name == bin,
        Target::Test(test) => kind == "test" && name == test,
    };
    let (_, profile) = message.split_once("\"profile\":{")?;
    let is_test = profile.split_once('}')?.0.contains("\"test\":true");
    let manifest = root.join(&program.folder).join("Cargo.toml");
    let is_here = Path::new(text("manifest_path")?).canonicalize().ok()? == manifest.canonicalize().ok()?;
    (is_meant && is_test && is_here).then(|| text("executable").map(PathBuf::from))?
}

/// The names of the tests that are run where nobody asks for more.
fn run_by_default(executable: &Path) -> io::Result<BTreeSet<String>> {
    let mut run = list(executable, &["--list", "--format", "terse"])?;
    for ignored in list(executable, &["--list", "--format", "terse", "--ignored"])? {
        run.remove(&ignored);
    }
    Ok(run)
}

fn list(executable: &Path, arguments: &[&str]) -> io::Result<BTreeSet<String>> {
    let output = Command::new(executable).args(arguments).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}
