//! The page `docs/rfc-coverage.md`.

use std::fmt::{self, Write};
use std::fs;
use std::io;
use std::path::Path;

use crate::section::{Rfc, Section};
use crate::table::{Row, Table};

/// The page, from the root.
pub const PATH: &str = "docs/rfc-coverage.md";

const HEAD: &str = "\
# Which rules of the RFCs are kept, and where

Written by `cargo run -p checks -- coverage --write` from the comments `// rule` and `// covers` in the sources;
`cargo test` fails while it says anything else. Do not edit it by hand.

A row is a rule, the file of the code that keeps it, and the tests that fail when that code is deleted. That they do is
tried, not said: `cargo run -p checks -- mutate` deletes it in a copy of the tree and runs them, `.ci/run` does so for
ten rows drawn at random. Below each table stand the sections for which no rule is marked, with the reason.
`not yet` says that it is not kept, `not marked yet` that nobody has marked the code that keeps it, if there is any.
How a rule is marked is told in [CONTRIBUTING.md](../CONTRIBUTING.md#rules-of-the-rfcs).
";

/// What is wrong with `table` and with the page that stands in the tree at `root`.
///
/// # Errors
///
/// As reading the page; that there is none is a fault, not an error.
pub fn check(root: &Path, table: &Table) -> io::Result<Vec<String>> {
    let mut faults = table.faults.clone();
    let found = match fs::read_to_string(root.join(PATH)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        found => found?,
    };
    if found != page(table) {
        faults.push(format!("{PATH} is out of date: cargo run -p checks -- coverage --write"));
    }
    Ok(faults)
}

/// Writes the page.
///
/// # Errors
///
/// As writing the file.
pub fn write(root: &Path, table: &Table) -> io::Result<()> {
    fs::write(root.join(PATH), page(table))
}

/// The page's text.
#[must_use]
pub fn page(table: &Table) -> String {
    let mut page = HEAD.to_owned();
    let written = counts(&mut page, table)
        .and_then(|()| table.rfcs.iter().try_for_each(|rfc| chapter(&mut page, rfc, table)));
    debug_assert!(written.is_ok(), "a string takes all that is written to it");
    page
}

fn rows<'a>(table: &'a Table, rfc: &'a Rfc) -> impl Iterator<Item = &'a Row> {
    table.rows.iter().filter(|row| row.rule.name.rfc == rfc.name)
}

fn section_rows<'a>(table: &'a Table, rfc: &'a Rfc, section: &'a Section) -> impl Iterator<Item = &'a Row> {
    rows(table, rfc).filter(|row| row.rule.name.section == section.number)
}

fn counts(page: &mut String, table: &Table) -> fmt::Result {
    writeln!(page, "\n| RFC | Title | Rules | Tests | Sections | with rules | not marked yet | not yet |")?;
    writeln!(page, "|---|---|--:|--:|--:|--:|--:|--:|")?;
    for rfc in &table.rfcs {
        let rules = rows(table, rfc).count();
        let mut tests: Vec<_> = rows(table, rfc).flat_map(|row| &row.tests).collect();
        tests.sort();
        tests.dedup();
        let kept =
            rfc.sections.iter().filter(|section| section_rows(table, rfc, section).next().is_some()).count();
        let remarked = |with| rfc.sections.iter().filter(|section| section.remark.starts_with(with)).count();
        let (not_marked, not_yet) = (remarked("not marked yet"), remarked("not yet"));
        let (title, sections) = (&rfc.title, rfc.sections.len());
        let number = number(rfc);
        let tests = tests.len();
        writeln!(
            page,
            "| [{number}](#rfc-{number}) | {title} | {rules} | {tests} | {sections} | {kept} | {not_marked} | {not_yet} |"
        )?;
    }
    Ok(())
}

fn number(rfc: &Rfc) -> &str {
    rfc.name.trim_start_matches("rfc")
}

fn chapter(page: &mut String, rfc: &Rfc, table: &Table) -> fmt::Result {
    writeln!(page, "\n## RFC {}\n\n{}.", number(rfc), rfc.title)?;
    if rows(table, rfc).next().is_some() {
        writeln!(page, "\n| Section | Rule | Code | Tests |\n|---|---|---|---|")?;
    }
    for section in &rfc.sections {
        for (at, row) in section_rows(table, rfc, section).enumerate() {
            let number = &section.number;
            let title = if at == 0 { section.title.as_str() } else { "" };
            let url = format!("https://www.rfc-editor.org/rfc/{}#section-{number}", rfc.name);
            write!(
                page,
                "| {} | `{}`: ",
                format!("[{number}]({url}) {title}").trim_end(),
                row.rule.name.slug
            )?;
            write!(page, "{} | {} | ", cell(&row.rule.sentence), link(&row.file))?;
            writeln!(page, "{} |", tests(row))?;
        }
    }
    let without: Vec<_> = rfc.sections.iter().filter(|section| !section.remark.is_empty()).collect();
    if !without.is_empty() {
        writeln!(page, "\nWithout a rule:\n")?;
    }
    // Neighbours with the same remark stand in one line.
    for group in without.chunk_by(|a, b| a.remark == b.remark) {
        let sections: Vec<_> =
            group.iter().map(|section| format!("{} {}", section.number, section.title)).collect();
        writeln!(page, "- {}: {}", group[0].remark, sections.join(" · "))?;
    }
    Ok(())
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<")
}

fn link(file: &Path) -> String {
    let path = file.to_string_lossy();
    let short = path.trim_start_matches("crates/").trim_start_matches("examples/").replacen("/src/", "/", 1);
    format!("[{short}](../{path})")
}

/// The tests, each file's behind a link to it.
fn tests(row: &Row) -> String {
    let files = row.tests.chunk_by(|a, b| a.file == b.file).map(|tests| {
        let names: Vec<_> = tests.iter().map(|test| format!("`{}`", test.name)).collect();
        format!("{}: {}", link(&tests[0].file), names.join(", "))
    });
    files.collect::<Vec<_>>().join("<br>")
}
