//! Runs real mail programs against this workspace.
//!
//! `cargo run -p interop` builds `mail-server`, runs every scenario and exits with 1 if one failed.
//! `cargo run -p interop -- NAME..` runs those whose name contains one of the `NAME`s, `--list` lists them.
//! `--reference` runs the IMAP scenarios against Dovecot instead: it proves the scenarios, not the server.
//!
//! Each scenario starts what it needs in a temporary folder of its own and stops it again, however it ends.
//! A program that is not installed fails its scenarios and says how to install it. The environment variable
//! `INTEROP_MAIL_SERVER` names a `mail-server` to run instead of building one, `INTEROP_MAIL` a `mail`.

mod binary;
mod client;
mod delivery;
mod failure;
mod folder;
mod imap;
mod imap_client;
mod message;
mod node;
mod pop3;
mod ports;
mod process;
mod readback;
mod runner;
mod scenarios;
mod server;
mod servers;
mod smtp;
mod stage;
mod target;
mod wire;

use std::process::ExitCode;

use target::Subject;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut subject = Subject::MailServer;
    arguments.retain(|argument| {
        let reference = argument == "--reference";
        if reference {
            subject = Subject::Dovecot;
        }
        !reference
    });
    if arguments.iter().any(|argument| argument == "--list") {
        for scenario in scenarios::all(subject) {
            println!("{}", scenario.name);
        }
        return ExitCode::SUCCESS;
    }
    if let Some(unknown) = arguments.iter().find(|argument| argument.starts_with('-')) {
        eprintln!("unknown option {unknown}\nusage: interop [--list] [--reference] [NAME..]");
        return ExitCode::from(2);
    }
    runner::run(&arguments, subject)
}
