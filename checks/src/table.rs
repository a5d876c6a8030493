//! Rules, their tests and the sections of the RFCs, held against one another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::marker::{Name, Rule, markers};
use crate::piece::mutated;
use crate::section::{self, Rfc};
use crate::tree::{self, Program};

/// All that is marked in a tree.
#[derive(Debug)]
pub struct Table {
    /// In the order of their names.
    pub rows: Vec<Row>,
    /// The RFCs whose sections are listed.
    pub rfcs: Vec<Rfc>,
    /// What is wrong, a line each.
    pub faults: Vec<String>,
}

/// A rule, and the tests that cover it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The rule.
    pub rule: Rule,
    /// The file that it stands in, from the root.
    pub file: PathBuf,
    /// The package of that file.
    pub package: String,
    /// The tests that cover it.
    pub tests: Vec<Test>,
}

/// A test that covers a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// The program that it is part of.
    pub program: Program,
    /// The file that it stands in, from the root.
    pub file: PathBuf,
    /// Its name in that program: `tests::a_dot_is_taken_away`.
    pub name: String,
}

/// Reads the tree at `root`.
///
/// # Errors
///
/// As reading the files.
pub fn read(root: &Path) -> io::Result<Table> {
    let rfcs = section::read(root)?;
    let mut faults = Vec::new();
    let mut rows: BTreeMap<Name, Row> = BTreeMap::new();
    let mut tests: BTreeMap<Name, Vec<(Test, String)>> = BTreeMap::new();
    for file in tree::sources(root)? {
        let source = fs::read_to_string(root.join(&file))?;
        let found = markers(&source);
        let place = |line: usize| format!("{}:{line}", file.display());
        faults.extend(found.faults.iter().map(|(line, fault)| format!("{}: {fault}", place(*line))));
        for rule in found.rules {
            let place = place(rule.line);
            if mutated(&source, &rule).is_none() {
                faults.push(format!("{place}: there is no code behind the marker"));
            }
            if tree::is_of_tests(&file) {
                faults.push(format!("{place}: a rule is kept by code, not by a test"));
            }
            match tree::package(root, &file) {
                Err(fault) => faults.push(format!("{place}: {fault}")),
                Ok((_, package)) => {
                    let name = rule.name.clone();
                    let row = Row { rule, file: file.clone(), package, tests: Vec::new() };
                    if let Some(other) = rows.insert(name.clone(), row) {
                        let other = format!("{}:{}", other.file.display(), other.rule.line);
                        faults.push(format!("{place}: {name} stands at {other} too"));
                    }
                }
            }
        }
        for cover in found.covers {
            match tree::program(root, &file) {
                Err(fault) => faults.push(format!("{}: {fault}", place(cover.line))),
                Ok((program, modules)) => {
                    let test = Test { program, file: file.clone(), name: modules + &cover.test };
                    tests.entry(cover.name).or_default().push((test, place(cover.line)));
                }
            }
        }
    }
    for (name, tests) in tests {
        match rows.get_mut(&name) {
            Some(row) => {
                row.tests = tests.into_iter().map(|(test, _)| test).collect();
                row.tests.sort();
                row.tests.dedup();
            }
            None => faults.extend(tests.iter().map(|(_, place)| format!("{place}: there is no rule {name}"))),
        }
    }
    let rows: Vec<_> = rows.into_values().collect();
    faults.extend(missing(&rows, &rfcs));
    Ok(Table { rows, rfcs, faults })
}

/// Rules without a test or a section, sections without a rule or a remark.
fn missing(rows: &[Row], rfcs: &[Rfc]) -> Vec<String> {
    let mut faults = Vec::new();
    let listed: BTreeSet<_> = rfcs
        .iter()
        .flat_map(|rfc| rfc.sections.iter().map(|section| (rfc.name.as_str(), section.number.as_str())))
        .collect();
    let mut kept = BTreeSet::new();
    for Row { rule, file, tests, .. } in rows {
        let place = format!("{}:{}", file.display(), rule.line);
        let section = (rule.name.rfc.as_str(), rule.name.section.as_str());
        kept.insert(section);
        if !listed.contains(&section) {
            faults.push(format!("{place}: {} {} is not in {}", section.0, section.1, section::FOLDER));
        }
        if tests.is_empty() {
            faults.push(format!("{place}: no test covers {}", rule.name));
        }
    }
    for rfc in rfcs {
        for section in &rfc.sections {
            let (name, number) = (&rfc.name, &section.number);
            match (kept.contains(&(name.as_str(), number.as_str())), section.remark.is_empty()) {
                (false, true) => faults.push(format!("{name} {number} has neither a rule nor a remark")),
                (true, false) => {
                    faults.push(format!("{name} {number} has rules: its remark must go (coverage --write)"));
                }
                _ => {}
            }
        }
    }
    faults
}

/// Takes the remarks away from sections that have rules now, and writes their lists.
///
/// # Errors
///
/// As writing the files.
pub fn drop_remarks(root: &Path, table: &Table) -> io::Result<()> {
    for rfc in &table.rfcs {
        let mut kept = rfc.clone();
        for section in &mut kept.sections {
            let has_rule =
                |row: &Row| row.rule.name.rfc == rfc.name && row.rule.name.section == section.number;
            if table.rows.iter().any(has_rule) {
                section.remark.clear();
            }
        }
        if kept != *rfc {
            section::write(root, &kept)?;
        }
    }
    Ok(())
}
