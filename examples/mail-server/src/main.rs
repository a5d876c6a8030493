//! The command `mail-server`.
use clap::Parser;
use mail_server::{
    cli::{Account, Cli, Command},
    commands,
    config::Config,
};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Cli { options, command } = Cli::parse();
    let done = Config::load(&options).map_err(Into::into).and_then(|config| match command {
        None => commands::serve(config),
        Some(Command::Account(Account::Add { address, .. })) => commands::add_account(&config, &address),
        Some(Command::Account(Account::List)) => commands::list_accounts(&config),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mail-server: {error}");
            ExitCode::FAILURE
        }
    }
}
