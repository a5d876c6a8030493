//! Checks of this workspace that the compiler does not do: `checks coverage` holds the rules in the sources against the
//! RFCs, `checks listed` against the tests that cargo runs, `checks mutate` deletes rules and looks whether a test notices, `checks api` lists what each library shows.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use checks::mutate::{Choice, mutate};
use checks::{api, listed, page, table};
use clap::Parser;

/// Checks of this workspace that the compiler does not do.
#[derive(Debug, Parser)]
enum Command {
    /// Checks that docs/rfc-coverage.md says what the sources say.
    Coverage {
        /// Writes it instead.
        #[arg(long)]
        write: bool,
    },
    /// Checks that cargo runs each test that covers a rule.
    Listed,
    /// Deletes rules in a copy of the tree, and runs the tests that cover them: one must fail.
    Mutate {
        /// How many rules, drawn at random; 0 is all.
        #[arg(long, default_value_t = 0, value_name = "N")]
        rows: usize,
        /// Draws as an earlier run did.
        #[arg(long, value_name = "S")]
        seed: Option<u64>,
        /// Only rules whose name begins so: "rfc5321 4.5.2".
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
        /// Only rules in this package.
        #[arg(long = "crate", value_name = "PACKAGE")]
        package: Option<String>,
    },
    /// Writes what each library shows, an item a line.
    Api {
        /// Where to.
        #[arg(default_value = "docs/api")]
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> io::Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let mut table = table::read(&root)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let wrong = match command {
        Command::Api { folder } => {
            api::write(&folder).map_err(io::Error::other)?;
            0
        }
        Command::Coverage { write } => {
            if write {
                table::drop_remarks(&root, &table)?;
                table = table::read(&root)?;
                page::write(&root, &table)?;
            }
            told(&page::check(&root, &table)?)
        }
        Command::Listed => told(&listed::faults(&root, &target, &table)?),
        Command::Mutate { rows, seed, only, package } => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let seed = seed.unwrap_or(u64::from(now.subsec_nanos()));
            let choice = Choice { rows, seed, only, package, ..Choice::default() };
            mutate(&root, &target.join("mutants"), &table, &choice, &mut io::stdout().lock())?
        }
    };
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many faults there are, all of them told.
fn told(faults: &[String]) -> usize {
    faults.iter().for_each(|fault| eprintln!("{fault}"));
    faults.len()
}
