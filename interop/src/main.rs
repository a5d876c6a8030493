//! Runs real mail programs against this workspace.
//!
//! `cargo run -p interop` builds `mail-server`, runs every scenario and exits with 1 if one failed.
//! `cargo run -p interop -- NAME..` runs those whose name contains one of the `NAME`s, `--list` lists them.
//!
//! Each scenario starts what it needs in a temporary folder of its own and stops it again, however it ends.
//! A program that is not installed fails its scenarios and says how to install it. The environment variable
//! `INTEROP_MAIL_SERVER` names a `mail-server` to run instead of building one.

mod binary;
mod client;
mod failure;
mod folder;
mod message;
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
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        for scenario in scenarios::all() {
            println!("{}", scenario.name);
        }
        return ExitCode::SUCCESS;
    }
    if let Some(unknown) = arguments.iter().find(|argument| argument.starts_with('-')) {
        eprintln!("unknown option {unknown}\nusage: interop [--list] [NAME..]");
        return ExitCode::from(2);
    }
    runner::run(&arguments)
}
