//! The table of the classes.
use crate::{
    class::Right,
    contest::{Contest, Report},
};
use std::fmt::Write;

const HEAD: &str = "\
# Differences from other parsers

What the parsers of this workspace read otherwise than their peers, on generated inputs: valid units, and mutations of
them. Whoever comes from one of these crates sees here what will change.

The tests of `benches/tests/differential` make the inputs, and write this page with `DIFFERENTIAL_WRITE=1 cargo test -p
benches --test differential`. They fail where a difference belongs to no class, where a class is shown by no input, and
where this page is out of date. All is read strictly: nothing is tolerated. The count is how many inputs of the fixed
seed show the class, and the example is the shortest of them.
";

/// The page.
pub(crate) fn write(reports: &[Report]) -> String {
    let mut page = String::from(HEAD);
    for Report { contest, taken, refused, found, .. } in reports {
        let Contest { peer, kind, classes, .. } = contest;
        let others: usize = found.iter().map(|found| found.count).sum();
        write!(
            page,
            "\n## {kind}: {peer}\n\nBoth take {taken} inputs and both refuse {refused}; {others} differences.\n",
        )
        .unwrap();
        if classes.is_empty() {
            continue;
        }
        page += "\n| class | count | right | example | here | there | why |\n|---|---|---|---|---|---|---|\n";
        for (class, found) in classes.iter().zip(found) {
            let Some((example, difference)) = &found.example else { continue };
            let right = match class.right {
                Right::Ours => "here",
                Right::Theirs => "there",
                Right::Both => "both",
            };
            let [here, there] = difference.answers();
            let example = example.escape_ascii().to_string();
            writeln!(
                page,
                "| {} | {} | {right} | {} | {} | {} | {} ({}) |",
                class.name,
                found.count,
                code(&example),
                code(&here),
                code(&there),
                class.why,
                class.rfc,
            )
            .unwrap();
        }
    }
    page
}

/// As code in a cell, shortened.
fn code(text: &str) -> String {
    let mut short: String = text.chars().take(160).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`` {} ``", short.replace('|', "\\|"))
}
