//! Writes seeds into fuzz/corpus/: inputs for each target of each binary, of the sessions in testdata and in the tests.
use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};
use test_support::{Script, Who};

/// Inputs for each target of a crate, of what client and server say.
type Seeds = fn(&[u8], &[u8]) -> Vec<Vec<u8>>;

fn main() -> Result<(), Box<dyn Error>> {
    let crates: [(&str, Seeds); 3] = [
        ("smtp", smtp_proto::fuzzing::seeds),
        ("pop3", pop3_proto::fuzzing::seeds),
        ("imap", imap_proto::fuzzing::seeds),
    ];
    for (protocol, seeds) in crates {
        let mut scripts = Vec::new();
        read(&root().join("testdata").join(protocol), "txt", &mut |text| scripts.push(Script::parse(text)))?;
        let tests = root().join("crates").join(format!("{protocol}-proto")).join("tests");
        read(&tests, "rs", &mut |text| scripts.extend(scripts_in(text)))?;
        write(protocol, protocol, &scripts, seeds)?;
        write("wire", protocol, &scripts, mail_wire::fuzzing::seeds)?;
    }
    let folder = root().join("fuzz/corpus/sasl");
    fs::create_dir_all(&folder)?;
    for (number, seed) in mail_sasl::fuzzing::seeds().iter().enumerate() {
        fs::write(folder.join(format!("exchange-{number}")), seed)?;
    }
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads the files below a folder that have this ending.
fn read(folder: &Path, ending: &str, take: &mut dyn FnMut(&str)) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(&path, ending, take)?;
        } else if path.extension().is_some_and(|found| found == ending) {
            take(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// The scripts that stand in a source text: neighbouring lines of which each is one of a script.
fn scripts_in(source: &str) -> Vec<Script> {
    let mut scripts = vec![String::new()];
    for line in source.lines().map(|line| without_end_of_literal(line.trim())) {
        // What Rust alone unescapes is left out.
        let is_said =
            ["C:", "S:", "C>", "S>"].iter().any(|who| line.starts_with(who)) && !line.contains("\\u{");
        let is_mark = line == "--- TLS ---" || line == "--- EOF ---";
        match scripts.last_mut() {
            Some(script) if is_said || is_mark => {
                script.push_str(line);
                script.push('\n');
            }
            Some(script) if !script.is_empty() => scripts.push(String::new()),
            _ => {}
        }
    }
    scripts.iter().map(|text| Script::parse(text)).collect()
}

/// A line without the quote that ends the literal behind it, and what follows: quotes of the line itself are paired.
fn without_end_of_literal(line: &str) -> &str {
    let is_paired = line.matches('"').count() % 2 == 0;
    if is_paired { line } else { line.rsplit_once('"').map_or(line, |(line, _)| line.trim_end()) }
}

/// Each input once, however many scripts it is of.
fn write(binary: &str, protocol: &str, scripts: &[Script], seeds: Seeds) -> Result<(), Box<dyn Error>> {
    let folder = root().join("fuzz/corpus").join(binary);
    fs::create_dir_all(&folder)?;
    let mut inputs = BTreeMap::new();
    for script in scripts {
        let (client, server) = (script.said_by(Who::Client), script.said_by(Who::Server));
        for seed in seeds(&client, &server) {
            let number = inputs.len();
            inputs.entry(seed).or_insert(number);
        }
    }
    for (seed, number) in inputs {
        fs::write(folder.join(format!("{protocol}-{number:04}")), seed)?;
    }
    Ok(())
}
