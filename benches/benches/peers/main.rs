//! Measures the parsers beside their peers: the same octets, the same meaning, the same run.
//!
//! `cargo bench -p benches` runs all rows, prints the table and writes `docs/benchmarks.md` with its plot.
//! `cargo bench -p benches -- c` runs the rows whose name is `c` and prints their table alone;
//! `cargo bench -p benches -- --criterion` hands the rows to criterion instead, for its statistics.
//!
//! Before a row is timed, all results are checked to mean the same: nobody wins by skipping work.
#![expect(clippy::unwrap_used, reason = "what cannot go on should fail")]
mod contest;
mod imap;
mod pop3;
mod report;
mod smtp;

use contest::{Row, Turn};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::time::Duration;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asks = |option: &str| arguments.iter().any(|argument| argument == option);
    let only: Vec<&str> = arguments.iter().map(String::as_str).filter(|it| !it.starts_with('-')).collect();
    let makers = imap::ROWS.iter().chain(smtp::ROWS).chain(pop3::ROWS);
    let rows = makers.filter(|it| only.is_empty() || only.contains(&it.id)).map(|it| (it.make)());
    if asks("--criterion") {
        let mut criterion = Criterion::default()
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_secs(1))
            .sample_size(20);
        rows.for_each(|row| measure(&mut criterion, row));
    } else if asks("--bench") {
        let mut raced = Vec::new();
        for mut row in rows {
            let times = row.race();
            report::table::print(&row, &times);
            raced.push((row, times));
        }
        report::table::print_ratios(&raced);
        if only.is_empty() {
            report::page::write(&raced);
        }
    } else {
        // `cargo test --benches`: each contestant once, after its check.
        for mut row in rows {
            row.contestants.iter_mut().for_each(|one| {
                one.turn.run(1);
            });
        }
    }
}

/// Hands the contestants of a row to criterion.
fn measure(criterion: &mut Criterion, row: Row) {
    let mut group = criterion.benchmark_group(row.id);
    group.throughput(Throughput::Bytes(row.octets as u64));
    for mut one in row.contestants {
        let side = report::table::side(one.side);
        group.bench_function(BenchmarkId::new(one.name, side), |bencher| match &mut one.turn {
            Turn::Whole(work) => bencher.iter(work),
            Turn::Clocked(work) => bencher.iter_custom(|times| (0..times).map(|_| work()).sum()),
        });
    }
    group.finish();
}
