//! What the documents say of tests is so.

use std::{fs, path::Path};

/// Each file that is named, with the name behind it if there is one.
fn named(text: &str) -> Vec<(&str, Option<&str>)> {
    // Every second piece stands between backticks.
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let is_file = |quoted: &str| quoted.ends_with(".rs") && quoted.contains('/');
    let mut named = Vec::new();
    for (at, file) in quoted.iter().enumerate().filter(|(_, quoted)| is_file(quoted)) {
        let test = quoted.get(at + 1).copied().filter(|test| test.contains('_') && !is_file(test));
        named.push((*file, test));
    }
    named
}

#[test]
fn the_tests_that_hold_threats_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = fs::read_to_string(root.join("docs/threats.md")).unwrap();
    let named = named(&text);
    assert!(named.len() > 50, "{} files are named", named.len());
    for (file, test) in named {
        let source = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        if let Some(test) = test {
            assert!(source.contains(&format!("fn {test}(")), "{file} has no {test}");
        }
    }
}
