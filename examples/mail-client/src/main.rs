//! The command `mail`: reads mailboxes by IMAP, fetches maildrops by POP3, sends by SMTP.
mod account;
mod causes;
mod cli;
mod decode;
mod durable;
mod exit;
mod folders;
mod header;
mod list;
mod password;
mod pop;
mod progress;
mod send;
mod session;
mod show;
mod structure;
mod text;
mod tls;
mod trace;
mod watch;

use account::{Account, Ports, Reach};
use causes::Causes;
use cli::{Cli, Command};
use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    let Cli { options, command } = match Cli::told() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(exit::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match run(&options, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody listens the exit code tells it alone. The server's words may stand in it.
            let told = text::line(&Causes(&*error).to_string());
            let _ = writeln!(io::stderr(), "mail: {told}");
            ExitCode::from(exit::code(&*error))
        }
    }
}

fn run(options: &cli::Options, command: Command) -> Result<(), Box<dyn Error>> {
    if let Command::Send(send) = &command {
        let ports = if send.lmtp { Ports::LMTP } else { Ports::SMTP };
        // Without an account nobody logs in.
        if options.user.is_none() {
            let is_local = send.socket.is_some();
            let reach = if is_local { Reach::local(options) } else { Reach::new(options, ports)? };
            return Ok(runtime()?.block_on(send::send(&reach, None, send))?);
        }
        let account = Account::new(options, ports)?;
        return Ok(runtime()?.block_on(send::send(account.reach(), Some(&account), send))?);
    }
    let ports = match command {
        Command::Pop(_) => Ports::POP3,
        _ => Ports::IMAP,
    };
    let account = Account::new(options, ports)?;
    runtime()?.block_on(async {
        match command {
            Command::List(list) if list.folders => folders::list(&account).await,
            Command::List(list) => list::list(&account, &list).await,
            Command::Pop(options) => Ok(pop::pop(&account, &options).await?),
            // It needs no account.
            Command::Send(_) => Ok(()),
            Command::Show(show) => show::show(&account, &show).await,
            Command::Watch(watch) => watch::watch(&account, &watch.mailbox).await,
        }
    })
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
