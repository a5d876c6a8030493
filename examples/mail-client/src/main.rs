//! The command `mail`: reads mailboxes by IMAP.
mod account;
mod causes;
mod cli;
mod decode;
mod folders;
mod header;
mod list;
mod password;
mod session;
mod show;
mod structure;
mod text;
mod tls;
mod trace;
mod watch;

use account::Account;
use causes::Causes;
use clap::Parser;
use cli::{Cli, Command};
use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    // What is wrong with the command line ends the program here, with 2.
    let Cli { options, command } = Cli::parse().checked();
    match run(&options, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody listens the exit code tells it alone. The server's words may stand in it.
            let told = text::line(&Causes(&*error).to_string());
            let _ = writeln!(io::stderr(), "mail: {told}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &cli::Options, command: Command) -> Result<(), Box<dyn Error>> {
    let account = Account::new(options)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::List(list) if list.folders => folders::list(&account).await,
            Command::List(list) => list::list(&account, &list).await,
            Command::Show(show) => show::show(&account, &show).await,
            Command::Watch(watch) => watch::watch(&account, &watch.mailbox).await,
        }
    })
}
