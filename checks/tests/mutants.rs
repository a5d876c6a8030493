//! A small project whose tests notice that one rule is gone, and that another is not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use checks::mutate::{Choice, mutate};
use checks::{listed, page, table};

const LIBRARY: &str = r#"//! Reads lines.

/// The line without its dot.
pub fn line(line: &str) -> Option<&str> {
    // rule rfc1 2.1 limit: a line has at most 8 octets
    if line.len() > 8 {
        return None;
    }
    // rule rfc1 2.2 dot: a dot at the start of a line is taken away
    if let Some(rest) = line.strip_prefix('.') { return Some(rest); }
    // rule rfc1 2.3 value: this marker cannot be right
    Some(line)
}

/// The length of the first word.
pub fn word(line: &str) -> usize {
    let mut at = 0;
    while line.as_bytes().get(at).is_some_and(|octet| *octet != b' ') {
        // rule rfc1 2.4 forward: each octet is read once
        at += 1;
    }
    // rule rfc1 2.5 broken: its test fails whatever the code does
    at = at.max(0);
    at
}

#[cfg(test)]
mod tests {
    // covers rfc1 2.2 dot
    #[test]
    fn weak() {
        assert!(super::line(".a").is_some());
    }

    // covers rfc1 2.5 broken
    #[test]
    fn wrong() {
        assert_eq!(super::word("a"), 2);
    }
}
"#;

const TESTS: &str = r#"use tiny::{line, word};

// covers rfc1 2.1 limit
// covers rfc1 2.3 value
#[test]
fn a_long_line_is_refused() {
    assert_eq!(line("123456789"), None);
}

// covers rfc1 2.4 forward
#[test]
fn a_word_ends_with_a_space() {
    assert_eq!(word("ab cd"), 2);
}
"#;

const SECTIONS: &str = "# Lines\n1 | Words | no rule: prose\n2.1 | Limits |\n2.2 | Dots |\n2.3 | Values |\n2.4 | Work |\n2.5 | More |\n";

/// The small project, in a folder of its own.
fn project(name: &str) -> io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&root);
    for folder in ["src", "tests", "docs/rfc-sections"] {
        fs::create_dir_all(root.join(folder))?;
    }
    fs::write(root.join("Cargo.toml"), "[workspace]\n\n[package]\nname = \"tiny\"\nedition = \"2021\"\n")?;
    fs::write(root.join(".gitignore"), "/target\n")?;
    fs::write(root.join("src/lib.rs"), LIBRARY)?;
    fs::write(root.join("tests/lines.rs"), TESTS)?;
    fs::write(root.join("docs/rfc-sections/rfc1.txt"), SECTIONS)?;
    let status = Command::new("git").args(["init", "--quiet"]).current_dir(&root).status()?;
    assert!(status.success());
    Ok(root)
}

/// How many rules were not caught, and what is said of each.
fn said(root: &Path, choice: &Choice) -> io::Result<(usize, String)> {
    let table = table::read(root)?;
    let mut out = Vec::new();
    let wrong = mutate(root, &root.join("target/mutants"), &table, choice, &mut out)?;
    Ok((wrong, String::from_utf8_lossy(&out).into_owned()))
}

#[test]
fn a_rule_whose_test_does_not_miss_it_survives() {
    let root = project("mutants").unwrap();
    let limit = Duration::from_secs(3);
    let choice = |only: &str| Choice { only: Some(only.to_owned()), limit, ..Choice::default() };
    for (only, wrong, expected) in [
        ("rfc1 2.1", 0, "caught "),
        ("rfc1 2.2", 1, "    tests::weak passed without it"),
        ("rfc1 2.3 value", 1, "does not compile"),
        ("rfc1 2.4", 0, "caught "),
        ("rfc1 2.5", 1, "-p tiny --lib, tests::wrong: the test fails while the rule is kept"),
    ] {
        let (found, said) = said(&root, &choice(only)).unwrap();
        assert_eq!(found, wrong, "{said}");
        assert!(said.contains("1 of 5 rules"), "{said}");
        assert!(said.contains(expected), "{said}");
    }
    assert!(said(&root, &choice("rfc1 9")).is_err(), "a rule that is not there is not caught");
    assert_eq!(fs::read_to_string(root.join("src/lib.rs")).unwrap(), LIBRARY);
    assert_eq!(fs::read_to_string(root.join("target/mutants/tree/src/lib.rs")).unwrap(), LIBRARY);
}

#[test]
fn a_run_waits_for_another_whose_deletions_it_would_see() {
    let root = project("together").unwrap();
    let work = root.join("target/mutants");
    fs::create_dir_all(&work).unwrap();
    let other = fs::File::create(work.join("lock")).unwrap();
    other.lock().unwrap();
    let choice = Choice { only: Some("rfc1 2.1".into()), ..Choice::default() };
    std::thread::scope(|scope| {
        let run = scope.spawn(|| said(&root, &choice).unwrap());
        std::thread::sleep(Duration::from_millis(300));
        assert!(!work.join("tree").exists(), "it does not wait");
        drop(other);
        let (wrong, said) = run.join().unwrap();
        assert_eq!(wrong, 0, "{said}");
        assert!(said.starts_with("waiting for another run in "), "{said}");
    });
}

#[test]
fn a_run_that_was_killed_leaves_nothing_for_the_next() {
    let root = project("a killed run").unwrap();
    let choice = Choice { only: Some("rfc1 2.1".into()), ..Choice::default() };
    assert_eq!(said(&root, &choice).unwrap().0, 0);
    let copy = root.join("target/mutants/tree/src/lib.rs");
    fs::write(&copy, LIBRARY.replace("return None;", "")).unwrap();
    fs::write(root.join("target/mutants/tree/src/extra.rs"), "").unwrap();
    let (wrong, said) = said(&root, &choice).unwrap();
    assert_eq!(wrong, 0, "{said}");
    assert_eq!(fs::read_to_string(copy).unwrap(), LIBRARY);
    assert!(!root.join("target/mutants/tree/src/extra.rs").exists());
}

#[test]
fn a_test_that_cargo_does_not_run_covers_nothing() {
    let root = project("listed").unwrap();
    let faults =
        |root: &Path| listed::faults(root, &root.join("target"), &table::read(root).unwrap()).unwrap();
    assert_eq!(faults(&root), Vec::<String>::new());
    fs::write(root.join("src/lib.rs"), LIBRARY.replace("#[cfg(test)]", "#[cfg(any())]")).unwrap();
    fs::write(root.join("tests/lines.rs"), TESTS.replace("#[test]", "#[test]\n#[cfg_attr(all(), ignore)]"))
        .unwrap();
    assert_eq!(
        faults(&root),
        [
            "src/lib.rs: cargo does not run tests::weak, which covers rfc1 2.2 dot",
            "src/lib.rs: cargo does not run tests::wrong, which covers rfc1 2.5 broken",
            "tests/lines.rs: cargo does not run a_long_line_is_refused, which covers rfc1 2.1 limit",
            "tests/lines.rs: cargo does not run a_long_line_is_refused, which covers rfc1 2.3 value",
            "tests/lines.rs: cargo does not run a_word_ends_with_a_space, which covers rfc1 2.4 forward",
        ]
    );
}

#[test]
fn a_page_that_is_out_of_date_is_a_fault() {
    let root = project("page").unwrap();
    let mut table = table::read(&root).unwrap();
    assert_eq!(table.faults, Vec::<String>::new());
    assert_eq!(page::check(&root, &table).unwrap().len(), 1);
    page::write(&root, &table).unwrap();
    assert_eq!(page::check(&root, &table).unwrap(), Vec::<String>::new());

    let tests = root.join("tests/lines.rs");
    fs::write(&tests, TESTS.replace("// covers rfc1 2.4 forward", "// covers rfc1 2.4 backward")).unwrap();
    fs::write(
        root.join("docs/rfc-sections/rfc1.txt"),
        SECTIONS.replace("no rule: prose", "").replace("2.5 |", "2.6 |"),
    )
    .unwrap();
    table = table::read(&root).unwrap();
    assert_eq!(
        table.faults,
        [
            "tests/lines.rs:10: there is no rule rfc1 2.4 backward",
            "src/lib.rs:19: no test covers rfc1 2.4 forward",
            "src/lib.rs:22: rfc1 2.5 is not in docs/rfc-sections",
            "rfc1 1 has neither a rule nor a remark",
            "rfc1 2.6 has neither a rule nor a remark",
        ]
    );

    fs::write(root.join("src/lib.rs"), format!("{LIBRARY}// rule rfc1 2.1 limit: nothing follows\n"))
        .unwrap();
    table = table::read(&root).unwrap();
    let nothing = "src/lib.rs:41: there is no code behind the marker";
    let twice = "src/lib.rs:41: rfc1 2.1 limit stands at src/lib.rs:5 too";
    assert_eq!(table.faults[..2], [nothing, twice]);

    fs::write(root.join("src/lib.rs"), LIBRARY).unwrap();
    fs::write(root.join("docs/rfc-sections/rfc1.txt"), SECTIONS.replace("Limits |", "Limits | not yet"))
        .unwrap();
    fs::write(&tests, TESTS).unwrap();
    table = table::read(&root).unwrap();
    assert_eq!(table.faults, ["rfc1 2.1 has rules: its remark must go (coverage --write)"]);
    table::drop_remarks(&root, &table).unwrap();
    assert_eq!(fs::read_to_string(root.join("docs/rfc-sections/rfc1.txt")).unwrap(), SECTIONS);
}
