//! What the command line can ask for.
use crate::{
    accounts::Credentials,
    config::Config,
    demo,
    server::Server,
    store::{Address, FolderName, Known, OpenMode, SqliteStore, Store},
    tls,
};
use smtp_proto::Mailbox;
use std::{
    error::Error,
    io::{self, BufRead, IsTerminal, Write},
};
use tokio::{
    runtime::{self, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_codec::sasl::Secret;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

type Done = Result<(), Box<dyn Error>>;

/// Serves until SIGINT or SIGTERM; a second one ends it at once.
///
/// # Errors
///
/// The data folder, the certificate or a port cannot be had.
pub fn serve(config: Config) -> Done {
    tracing_subscriber::fmt()
        .with_max_level(config.level()?)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // They would be told on standard error, which panics when that is what is closed.
        .log_internal_errors(false)
        .init();
    let store = SqliteStore::open(&config.data, OpenMode::Serve)?;
    let tls = tls::server_config(&config)?;
    runtime()?.block_on(async {
        let stop = CancellationToken::new();
        // Before anything is promised: a signal that comes early must not kill.
        let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        let server = Server::bind(config, store.clone(), tls, stop.clone()).await?;
        demo::welcome(&store, server.addresses(), server.config()).await?;
        let orders = async {
            told(&mut signals).await;
            tracing::info!("stopping: running transactions may end");
            stop.cancel();
            told(&mut signals).await;
        };
        tokio::select! {
            () = server.run() => tracing::info!("stopped"),
            () = orders => tracing::warn!("told twice: stopped in the midst of some sessions"),
        }
        Ok(())
    })
}

/// Waits for one of two signals.
async fn told([one, other]: &mut [Signal; 2]) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

/// Adds an account whose password is the first line of standard input.
///
/// # Errors
///
/// The address or the password is not one, the account exists, or the store cannot be written.
pub fn add_account(config: &Config, address: &str) -> Done {
    let mailbox =
        Mailbox::new(address).map_err(|error| format!("'{address}' is not a mail address: {error}"))?;
    let address = Address::try_from(&mailbox)?;
    let credentials = typed_credentials()?;
    let store = SqliteStore::open(&config.data, OpenMode::Admin)?;
    runtime()?.block_on(store.add_account(&address, &credentials))?;
    print(&format!("added {address}\n"))
}

/// Gives an account another password: the first line of standard input.
///
/// # Errors
///
/// There is no such store or account, the password is not one, or the store cannot be written.
pub fn set_password(config: &Config, address: &str) -> Done {
    let store = existing(config)?;
    let address: Address = address.parse()?;
    let new = typed_credentials()?;
    runtime()?.block_on(async {
        loop {
            match store.credentials(&address.to_string()).await? {
                Known::Account(_, kept) if kept == new => return print(&format!("changed {address}\n")),
                // A login may make the old ones anew meanwhile.
                Known::Account(account, old) => store.renew_credentials(account.id, &old, &new).await?,
                Known::Nobody { .. } => return Err(format!("there is no account {address}").into()),
            }
        }
    })
}

/// Lists the accounts.
///
/// # Errors
///
/// There is no store, or it cannot be read.
pub fn list_accounts(config: &Config) -> Done {
    let store = existing(config)?;
    let accounts = runtime()?.block_on(store.accounts())?;
    print(&accounts.iter().map(|account| format!("{}\n", account.address)).collect::<String>())
}

/// Shows the envelopes of a folder: for each message a line with its UID, then the commands that SMTP took.
///
/// # Errors
///
/// There is no such store, account or folder, or it cannot be read.
pub fn show_envelopes(config: &Config, address: &str, folder: &str) -> Done {
    let store = existing(config)?;
    let envelopes = runtime()?.block_on(async {
        let account = store.account(&address.parse()?).await?;
        let account = account.ok_or_else(|| format!("there is no account {address}"))?;
        Ok::<_, Box<dyn Error>>(store.envelopes(account, &FolderName::from(folder)).await?)
    })?;
    print(&envelopes.iter().map(|(uid, envelope)| format!("{uid}\n{envelope}\n")).collect::<String>())
}

/// Of the password that the first line of standard input is.
fn typed_credentials() -> Result<Credentials, Box<dyn Error>> {
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line)?;
    Ok(Credentials::new(&Secret::copy_from(line.trim_end_matches(['\r', '\n']).as_bytes()))?)
}

/// A store that was there before.
fn existing(config: &Config) -> Result<SqliteStore, Box<dyn Error>> {
    if !config.data.exists() {
        return Err(format!("there is no folder {}", config.data.display()).into());
    }
    Ok(SqliteStore::open(&config.data, OpenMode::Admin)?)
}

/// Prints to standard output. That nobody reads it, or not to its end, is no failure.
fn print(text: &str) -> Done {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn runtime() -> io::Result<Runtime> {
    runtime::Builder::new_multi_thread().enable_all().build()
}
