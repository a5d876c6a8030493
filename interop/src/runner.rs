//! Runs scenarios one after the other and tells how they went.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use crate::binary;
use crate::failure::{Failure, Outcome};
use crate::scenarios::{self, Scenario};
use crate::stage::Stage;
use crate::target::Subject;

/// Lines shown of each log of a failed scenario.
const LOG_TAIL: usize = 30;

/// Runs the scenarios whose name contains one of `names`, or all when there are none.
pub(crate) fn run(names: &[String], subject: Subject) -> ExitCode {
    let chosen: Vec<Scenario> = scenarios::all(subject)
        .into_iter()
        .filter(|scenario| names.is_empty() || names.iter().any(|name| scenario.name.contains(name.as_str())))
        .collect();
    if chosen.is_empty() {
        eprintln!("no scenario has such a name; --list shows them");
        return ExitCode::from(2);
    }
    let mail_server = match subject {
        Subject::MailServer => binary::mail_server(),
        Subject::Dovecot => Ok(PathBuf::new()),
    };
    let mail_server = match mail_server {
        Ok(path) => path,
        Err(failure) => {
            eprintln!("{failure}");
            return ExitCode::FAILURE;
        }
    };
    let total = chosen.len();
    let passed = chosen.iter().filter(|scenario| passes(scenario, &mail_server, subject)).count();
    println!("{passed} passed, {} failed", total - passed);
    if passed == total { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn passes(scenario: &Scenario, mail_server: &Path, subject: Subject) -> bool {
    let started = Instant::now();
    let stage = match Stage::new(mail_server, subject) {
        Ok(stage) => stage,
        Err(failure) => {
            println!("FAIL {}\n     {failure}", scenario.name);
            return false;
        }
    };
    let outcome = guarded(scenario, &stage);
    let seconds = started.elapsed().as_secs_f64();
    match outcome {
        Ok(()) => {
            let notes: String = stage.notes().iter().map(|note| format!(": {note}")).collect();
            println!("ok   {} ({seconds:.1} s){notes}", scenario.name);
            if let Err(error) = stage.remove() {
                println!("     its folder stays: {error}");
            }
            true
        }
        Err(failure) => {
            println!("FAIL {} ({seconds:.1} s)\n{}", scenario.name, indented(&failure.to_string()));
            report(&stage);
            false
        }
    }
}

/// A panic of a scenario is a failure like any other; unwinding has stopped what the scenario started.
fn guarded(scenario: &Scenario, stage: &Stage) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| scenario.run(stage)))
        .unwrap_or_else(|_| Err(Failure::new("the scenario panicked, see above")))
}

fn report(stage: &Stage) {
    for note in stage.notes() {
        println!("     note: {note}");
    }
    for log in stage.logs() {
        println!("     the end of {}:", log.display());
        let text = std::fs::read(&log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        for line in lines.iter().skip(lines.len().saturating_sub(LOG_TAIL)) {
            println!("       {line}");
        }
    }
    println!("     its folder: {}", stage.folder().display());
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("     {line}")).collect::<Vec<_>>().join("\n")
}
