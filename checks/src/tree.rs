//! The files of a workspace: its sources, their packages, and the program that a test is part of.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The `.rs` files under `root`, as paths from it, in order. Hidden folders and those of cargo's output are left out.
///
/// # Errors
///
/// As reading the folders.
pub fn sources(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    walk(root, Path::new(""), &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !is_hidden && entry.file_name() != "target" && !entry.path().join("CACHEDIR.TAG").exists() {
                walk(root, &path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// A program of tests that cargo builds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Program {
    /// The package's name.
    pub package: String,
    /// The package's folder, from the root.
    pub folder: PathBuf,
    /// Which of the package's programs.
    pub target: Target,
}

/// Which of a package's programs of tests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The library's unit tests.
    Lib,
    /// A binary's unit tests.
    Bin(String),
    /// `tests/NAME.rs` or `tests/NAME/main.rs`.
    Test(String),
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-p {} ", self.package)?;
        match &self.target {
            Target::Lib => f.write_str("--lib"),
            Target::Bin(name) => write!(f, "--bin {name}"),
            Target::Test(name) => write!(f, "--test {name}"),
        }
    }
}

/// The program that the tests in `file` are part of, and the modules that it has them in, each with `::` behind it.
///
/// # Errors
///
/// Says why there is none: a module that several programs share has no program of its own.
pub fn program(root: &Path, file: &Path) -> Result<(Program, String), String> {
    let (folder, package) = package(root, file)?;
    let inner = file.strip_prefix(&folder).map_err(|error| error.to_string())?;
    let mut parts: Vec<_> = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let within = if parts.is_empty() { String::new() } else { parts.remove(0) };
    let is_there = |path: &str| root.join(&folder).join(path).exists();
    let target = match (within.as_str(), parts.as_mut_slice()) {
        ("src", [main]) if main == "main.rs" => Target::Bin(binary(root, &folder, &package)),
        ("src", _) if is_there("src/lib.rs") => Target::Lib,
        ("src", _) if is_there("src/main.rs") => Target::Bin(binary(root, &folder, &package)),
        ("tests", [single]) => {
            let name = single.trim_end_matches(".rs").to_owned();
            parts.clear();
            Target::Test(name)
        }
        ("tests", [name, ..]) if is_there(&format!("tests/{name}/main.rs")) => Target::Test(parts.remove(0)),
        _ => return Err("cargo builds no program of tests of this file alone".to_owned()),
    };
    if let Some(last) = parts.pop() {
        let module = last.trim_end_matches(".rs");
        if !(module == "mod" || parts.is_empty() && matches!(module, "lib" | "main")) {
            parts.push(module.to_owned());
        }
    }
    let modules = parts.iter().map(|part| format!("{part}::")).collect();
    Ok((Program { package, folder, target }, modules))
}

/// Whether `file` is part of tests alone: `tests/session.rs`, `src/state/tests.rs`.
#[must_use]
pub fn is_of_tests(file: &Path) -> bool {
    file.with_extension("").iter().any(|part| part == "tests")
}

/// The folder and the name of the package that `file` belongs to.
///
/// # Errors
///
/// If there is none, or it has no name.
pub fn package(root: &Path, file: &Path) -> Result<(PathBuf, String), String> {
    for folder in file.ancestors().skip(1) {
        let Ok(manifest) = fs::read_to_string(root.join(folder).join("Cargo.toml")) else {
            continue;
        };
        if let Some(name) = entry(&manifest, "[package]", "name") {
            return Ok((folder.to_owned(), name.to_owned()));
        }
    }
    Err("the file belongs to no package".to_owned())
}

/// The name of the binary that `src/main.rs` is.
fn binary(root: &Path, folder: &Path, package: &str) -> String {
    let manifest = fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap_or_default();
    entry(&manifest, "[[bin]]", "name").unwrap_or(package).to_owned()
}

/// The string that `key` has in a table of a manifest.
fn entry<'a>(manifest: &'a str, table: &str, key: &str) -> Option<&'a str> {
    let lines = manifest.lines().skip_while(|line| line.trim() != table).skip(1);
    let value = lines.take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (found, value) = line.split_once('=')?;
        (found.trim() == key).then_some(value)
    })?;
    value.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The root of this workspace.
    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn found(file: &str) -> (String, String) {
        let (program, modules) = program(&root(), Path::new(file)).unwrap();
        (program.to_string(), modules)
    }

    #[test]
    fn a_test_is_looked_for_in_the_program_that_has_it() {
        for (file, program, modules) in [
            ("crates/pop3-proto/src/lib.rs", "-p pop3-proto --lib", ""),
            ("crates/pop3-proto/src/state.rs", "-p pop3-proto --lib", "state::"),
            ("crates/pop3-proto/src/server/mod.rs", "-p pop3-proto --lib", "server::"),
            ("crates/imap-proto/src/state/tests.rs", "-p imap-proto --lib", "state::tests::"),
            ("crates/pop3-proto/tests/session.rs", "-p pop3-proto --test session", ""),
            ("crates/imap-proto/tests/client/main.rs", "-p imap-proto --test client", ""),
            ("crates/imap-proto/tests/client/idle.rs", "-p imap-proto --test client", "idle::"),
            ("crates/imap-proto/tests/client/pair/mod.rs", "-p imap-proto --test client", "pair::"),
            ("examples/mail-client/src/main.rs", "-p mail-client --bin mail", ""),
            ("interop/src/binary.rs", "-p interop --bin interop", "binary::"),
        ] {
            assert_eq!(found(file), (program.to_owned(), modules.to_owned()), "{file}");
        }
    }

    #[test]
    fn a_test_in_a_shared_module_has_no_program() {
        assert!(program(&root(), Path::new("crates/pop3-proto/tests/common/mod.rs")).is_err());
    }

    #[test]
    fn code_of_tests_is_told_from_other_code() {
        for (file, is_of_tests) in [
            ("crates/pop3-proto/tests/session.rs", true),
            ("crates/pop3-proto/tests/rules/client.rs", true),
            ("crates/imap-proto/src/state/tests.rs", true),
            ("crates/imap-proto/src/state/mod.rs", false),
            ("checks/src/tests_of.rs", false),
        ] {
            assert_eq!(super::is_of_tests(Path::new(file)), is_of_tests, "{file}");
        }
    }

    #[test]
    fn sources_are_found_but_not_what_cargo_has_built() {
        let sources = sources(&root()).unwrap();
        assert!(sources.contains(&PathBuf::from("crates/mail-wire/src/dot/mod.rs")));
        assert!(sources.contains(&PathBuf::from("checks/src/tree.rs")));
        assert!(!sources.iter().any(|path| path.iter().any(|part| part == "target")));
    }
}
