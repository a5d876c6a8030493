//! Deletes rules, one at a time, and runs the tests that say they cover them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::copy;
use crate::draw::draw;
use crate::piece::mutated;
use crate::program::{Bench, Built, Ran};
use crate::table::{Row, Table};
use crate::tree::Program;

/// Which rules are deleted, and how long their tests may run.
#[derive(Debug, Clone)]
pub struct Choice {
    /// How many, drawn at random; 0 is all.
    pub rows: usize,
    /// What the drawing depends on.
    pub seed: u64,
    /// The words that a rule's name begins with: `rfc5321 4.5.2`.
    pub only: Option<String>,
    /// The package that a rule stands in.
    pub package: Option<String>,
    /// How long the tests of a rule may run. Code that lacks a rule may never end: then it is caught.
    pub limit: Duration,
}

impl Default for Choice {
    /// All rules, and a minute for each.
    fn default() -> Self {
        Self { rows: 0, seed: 0, only: None, package: None, limit: Duration::from_secs(60) }
    }
}

/// What came of a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// A test has failed, as it must.
    Caught,
    /// All tests have passed without the rule.
    Survived,
    /// What is left is no program: the marker is wrong.
    NoProgram(String),
    /// The tests do not pass, or are not there, while the rule is.
    NoTest(String),
}

/// Deletes the rules of `choice` in a copy of the tree at `root`, which stands in `work`, and says what came of each.
///
/// Returns how many of them were not caught.
///
/// # Errors
///
/// If there is no rule to delete, and as locking `work`, copying the tree, running cargo and writing to `out`.
pub fn mutate(
    root: &Path,
    work: &Path,
    table: &Table,
    choice: &Choice,
    out: &mut dyn Write,
) -> io::Result<usize> {
    fs::create_dir_all(work)?;
    let work = work.canonicalize()?;
    let _lock = lock(&work, out)?;
    let bench = Bench {
        tree: work.join("tree"),
        target: work.join("target"),
        output: work.join("output.txt"),
        limit: choice.limit,
        seed: choice.seed,
    };
    let rows = draw(table.rows.iter().filter(|row| choice.has(row)).collect(), choice.rows, choice.seed);
    if rows.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no rule is called so"));
    }
    writeln!(out, "{} of {} rules, with --seed {}", rows.len(), table.rows.len(), choice.seed)?;
    copy::copy(root, &bench.tree)?;
    let whole = unmutated(&bench, &rows, out)?;
    let mut wrong = 0;
    for row in rows {
        let start = Instant::now();
        let outcome = match whole.get(&row.rule.name.to_string()) {
            Some(fault) => Outcome::NoTest(fault.clone()),
            None => delete(&bench, row)?,
        };
        let (word, why) = match &outcome {
            Outcome::Caught => ("caught", String::new()),
            Outcome::Survived => ("SURVIVED", format!("{} passed without it", names(row))),
            Outcome::NoProgram(why) => ("does not compile", why.clone()),
            Outcome::NoTest(why) => ("no test", why.clone()),
        };
        wrong += usize::from(outcome != Outcome::Caught);
        let seconds = start.elapsed().as_secs_f64();
        let place = format!("{}:{}", row.file.display(), row.rule.line);
        writeln!(out, "{word:<9} {seconds:5.1} s  {}  {place}", row.rule.name)?;
        if !why.is_empty() {
            writeln!(out, "    {why}")?;
        }
        out.flush()?;
    }
    writeln!(
        out,
        "{}",
        if wrong == 0 { "each rule is missed by a test".to_owned() } else { format!("{wrong} failed") }
    )?;
    Ok(wrong)
}

/// Waits until no other run works here: each would see what the other has deleted.
#[expect(clippy::incompatible_msrv, reason = "the libraries keep to 1.85, not what checks them")]
fn lock(work: &Path, out: &mut dyn Write) -> io::Result<File> {
    let file = File::create(work.join("lock"))?;
    if file.try_lock().is_err() {
        writeln!(out, "waiting for another run in {}", work.display())?;
        out.flush()?;
        file.lock()?;
    }
    Ok(file)
}

impl Choice {
    fn has(&self, row: &Row) -> bool {
        let name = format!("{} ", row.rule.name);
        self.only.as_ref().is_none_or(|only| name.starts_with(&format!("{} ", only.trim())))
            && self.package.as_ref().is_none_or(|package| row.package == *package)
    }
}

fn names(row: &Row) -> String {
    row.tests.iter().map(|test| test.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The tests of `row`, by their programs. Those of the rule's own package come first: they are built soonest.
fn programs(row: &Row) -> Vec<(&Program, Vec<&str>)> {
    let mut programs: BTreeMap<&Program, Vec<&str>> = BTreeMap::new();
    for test in &row.tests {
        programs.entry(&test.program).or_default().push(&test.name);
    }
    let mut programs: Vec<_> = programs.into_iter().collect();
    programs.sort_by_key(|(program, _)| program.package != row.package);
    programs
}

/// Runs all tests of `rows` while nothing is deleted: a test that always fails would catch anything, and one that is
/// not there nothing. Returns what is wrong, by the rules' names.
fn unmutated(bench: &Bench, rows: &[&Row], out: &mut dyn Write) -> io::Result<BTreeMap<String, String>> {
    let mut faults = BTreeMap::new();
    let mut tests: BTreeMap<&Program, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        for (program, names) in programs(row) {
            tests.entry(program).or_default().extend(names);
        }
        if row.tests.is_empty() {
            faults.insert(row.rule.name.to_string(), "no test covers it".to_owned());
        }
    }
    for (program, names) in tests {
        let start = Instant::now();
        let built = bench.build(program)?;
        for name in check(bench, program, &built, &names.into_iter().collect::<Vec<_>>())? {
            for row in rows {
                if row.tests.iter().any(|test| test.program == *program && test.name == name.0) {
                    faults.insert(row.rule.name.to_string(), format!("{program}, {}: {}", name.0, name.1));
                }
            }
        }
        writeln!(out, "built     {:5.1} s  {program}", start.elapsed().as_secs_f64())?;
        out.flush()?;
    }
    Ok(faults)
}

/// The tests that do not pass, each with what is wrong.
fn check<'a>(
    bench: &Bench,
    program: &Program,
    built: &Built,
    names: &[&'a str],
) -> io::Result<Vec<(&'a str, String)>> {
    let executable = match built {
        Built::Executable(executable) => executable,
        Built::Refused(why) => return Ok(names.iter().map(|name| (*name, why.clone())).collect()),
    };
    if bench.run(program, executable, names)? == Ran::Passed(names.len()) {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    for name in names {
        let fault = match bench.run(program, executable, &[name])? {
            Ran::Passed(1) => continue,
            Ran::Passed(_) => "there is no such test",
            Ran::Failed => "the test fails while the rule is kept",
            Ran::TimedOut => "the test does not end while the rule is kept",
        };
        faults.push((*name, fault.to_owned()));
    }
    Ok(faults)
}

fn delete(bench: &Bench, row: &Row) -> io::Result<Outcome> {
    let file = bench.tree.join(&row.file);
    let source = fs::read_to_string(&file)?;
    let Some(mutant) = mutated(&source, &row.rule) else {
        return Ok(Outcome::NoProgram("there is no code behind the marker".to_owned()));
    };
    let _restore = Restore { file: &file, source: &source };
    fs::write(&file, mutant)?;
    for (program, names) in programs(row) {
        let executable: PathBuf = match bench.build(program)? {
            Built::Executable(executable) => executable,
            Built::Refused(why) => return Ok(Outcome::NoProgram(why)),
        };
        match bench.run(program, &executable, &names)? {
            Ran::Passed(_) => {}
            Ran::Failed | Ran::TimedOut => return Ok(Outcome::Caught),
        }
    }
    Ok(Outcome::Survived)
}

/// Gives a file its text back. If that fails, the next run's copy does it.
struct Restore<'a> {
    file: &'a Path,
    source: &'a str,
}

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        let _ = fs::write(self.file, self.source);
    }
}
