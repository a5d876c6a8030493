//! The command `mail-server`.
use clap::Parser;
use mail_server::{
    causes::Causes,
    cli::{Account, Cli, Command},
    commands,
    config::Config,
};
use std::{
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    let Cli { options, command } = Cli::parse();
    let done = Config::load(&options).map_err(Into::into).and_then(|config| match command {
        None => commands::serve(config),
        Some(Command::Account(Account::Add { address, .. })) => commands::add_account(&config, &address),
        Some(Command::Account(Account::Password { address, .. })) => {
            commands::set_password(&config, &address)
        }
        Some(Command::Account(Account::List)) => commands::list_accounts(&config),
        Some(Command::Envelopes { address, folder }) => commands::show_envelopes(&config, &address, &folder),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody listens the exit code tells it alone.
            let _ = writeln!(io::stderr(), "mail-server: {}", Causes(&*error));
            ExitCode::FAILURE
        }
    }
}
