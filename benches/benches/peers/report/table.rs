//! The table on the terminal, and what page and plot tell in common.
use crate::contest::{Row, Side, Than};
use std::time::Duration;

/// A row, and the best time of each of its contestants.
pub(crate) struct Ratio<'a> {
    pub(crate) row: &'a Row,
    pub(crate) ours: &'static str,
    pub(crate) than: &'static str,
    pub(crate) reached: f64,
    pub(crate) wanted: f64,
}

/// What a side is called.
pub(crate) fn side(side: Side) -> &'static str {
    match side {
        Side::Ours => "ours, owned",
        Side::Borrowed => "peer, borrowed",
        Side::Owned => "peer, owned",
        Side::Limit => "limit",
    }
}

/// Prints the times of a row.
pub(crate) fn print(row: &Row, times: &[Duration]) {
    println!("{}  {}", row.id, row.work);
    for (one, time) in row.contestants.iter().zip(times) {
        let (time, speed) = (self::time(row, *time), speed(row, *time));
        println!("    {:<52} {:<15} {time:>10} {speed:>11}", one.name, side(one.side));
    }
}

/// Prints the table of ratios.
pub(crate) fn print_ratios(raced: &[(Row, Vec<Duration>)]) {
    println!("\n{:<4} {:<24} {:<52} {:>8} {:>8}", "row", "ours", "beside", "ratio", "wanted");
    for Ratio { row, ours, than, reached, wanted } in ratios(raced) {
        let verdict = if reached < wanted { "missed" } else { "" };
        println!("{:<4} {ours:<24} {than:<52} {reached:>7.2}x {wanted:>7.2}x {verdict}", row.id);
    }
}

/// All ratios that have a mark.
pub(crate) fn ratios(raced: &[(Row, Vec<Duration>)]) -> Vec<Ratio<'_>> {
    let mut ratios = Vec::new();
    for (row, times) in raced {
        for mark in &row.marks {
            let ours = Than::Named(mark.ours).of(row, times);
            if let (Some((ours, our_time)), Some((than, time))) = (ours, mark.than.of(row, times)) {
                let reached = time.as_secs_f64() / our_time.as_secs_f64();
                ratios.push(Ratio { row, ours, than, reached, wanted: mark.wanted });
            }
        }
    }
    ratios
}

/// The time of one item.
pub(crate) fn time(row: &Row, time: Duration) -> String {
    let nanoseconds = time.as_nanos() as f64 / row.items as f64;
    match nanoseconds {
        ..100.0 => format!("{nanoseconds:.1} ns"),
        ..10_000.0 => format!("{nanoseconds:.0} ns"),
        ..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}

/// Octets a second.
pub(crate) fn speed(row: &Row, time: Duration) -> String {
    let speed = row.octets as f64 / time.as_nanos() as f64;
    if speed < 1.0 { format!("{:.0} MB/s", speed * 1e3) } else { format!("{speed:.1} GB/s") }
}
