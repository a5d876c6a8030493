//! `docs/benchmarks.md`: what stands between two lines of it is written anew.
use super::{
    machine, plot,
    table::{self, Ratio},
};
use crate::contest::Row;
use std::{fmt::Write, fs, path::Path, time::Duration};

const BEGIN: &str = "<!-- written by `cargo bench -p benches`: begin -->";
const END: &str = "<!-- written by `cargo bench -p benches`: end -->";

/// Writes the page and its plot.
pub(crate) fn write(raced: &[(Row, Vec<Duration>)]) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page = fs::read_to_string(docs.join("benchmarks.md")).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, behind) = rest.split_once(END).unwrap();
    let ratios = table::ratios(raced);
    let written = format!("{before}{BEGIN}\n{}{END}{behind}", region(raced, &ratios));
    fs::write(docs.join("benchmarks.md"), written).unwrap();
    fs::write(docs.join("benchmarks.svg"), plot::draw(&ratios)).unwrap();
    println!("\nwritten: docs/benchmarks.md, docs/benchmarks.svg");
}

fn region(raced: &[(Row, Vec<Duration>)], ratios: &[Ratio<'_>]) -> String {
    let mut text = String::from("\n");
    for fact in machine::facts() {
        writeln!(text, "- {fact}").unwrap();
    }
    text += "\n![How many times as fast as the best peer](benchmarks.svg)\n";
    text +=
        "\n### Ratios\n\n| row | work | ours | beside | ratio | wanted | |\n|---|---|---|---|---|---|---|\n";
    for Ratio { row, ours, than, reached, wanted } in ratios {
        let verdict = verdict(*reached, *wanted);
        let (reached, wanted) = (figure(*reached), figure(*wanted));
        writeln!(text, "| {} | {} | {ours} | {than} | {reached} | {wanted} | {verdict} |", row.id, row.work)
            .unwrap();
    }
    let missed = |row: &Row| ratios.iter().any(|it| it.row.id == row.id && it.reached < it.wanted);
    if raced.iter().any(|(row, _)| missed(row)) {
        text += "\n### Why some are missed\n\n";
        for (row, _) in raced.iter().filter(|(row, _)| missed(row)) {
            let why = if row.why.is_empty() { "no reason is known." } else { row.why };
            writeln!(text, "- **{}**: {why}", row.id).unwrap();
        }
    }
    text += "\n### Times\n\n| row | | whose | of one | speed |\n|---|---|---|---|---|\n";
    for (row, times) in raced {
        for (one, time) in row.contestants.iter().zip(times) {
            let (each, speed) = (table::time(row, *time), table::speed(row, *time));
            writeln!(text, "| {} | {} | {} | {each} | {speed} |", row.id, one.name, table::side(one.side))
                .unwrap();
        }
    }
    text + "\n"
}

/// How far from what was wanted.
fn verdict(reached: f64, wanted: f64) -> String {
    if reached >= wanted {
        String::new()
    } else {
        format!("missed by {:.0} %", (1.0 - reached / wanted) * 100.0)
    }
}

fn figure(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}x") } else { format!("{ratio:.0}x") }
}
