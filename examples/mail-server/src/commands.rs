//! What the command line can ask for.
use crate::{
    accounts::{Credentials, Password},
    config::Config,
    demo,
    server::Server,
    store::{Address, OpenMode, SqliteStore, Store},
    tls,
};
use std::{
    error::Error,
    io::{self, BufRead, IsTerminal},
};
use tokio::{
    runtime::{self, Runtime},
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

type Done = Result<(), Box<dyn Error>>;

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
///
/// The data folder, the certificate or a port cannot be had.
pub fn serve(config: Config) -> Done {
    tracing_subscriber::fmt()
        .with_max_level(config.level()?)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let store = SqliteStore::open(&config.data, OpenMode::Serve)?;
    let tls = tls::server_config(&config)?;
    runtime()?.block_on(async {
        let stop = CancellationToken::new();
        // Before anything is promised: a signal that comes early must not kill.
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let server = Server::bind(config, store.clone(), tls, stop.clone()).await?;
        demo::welcome(&store, server.addresses(), server.config()).await?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("stopping: running transactions may end");
            stop.cancel();
        });
        server.run().await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// Adds an account whose password is the first line of standard input.
///
/// # Errors
///
/// The address or the password is not one, the account exists, or the store cannot be written.
pub fn add_account(config: &Config, address: &str) -> Done {
    let address: Address = address.parse()?;
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line)?;
    let credentials = Credentials::new(&Password::from(line.trim_end_matches(['\r', '\n'])))?;
    let store = SqliteStore::open(&config.data, OpenMode::Admin)?;
    runtime()?.block_on(store.add_account(&address, &credentials))?;
    println!("added {address}");
    Ok(())
}

/// Lists the accounts.
///
/// # Errors
///
/// The store cannot be read.
pub fn list_accounts(config: &Config) -> Done {
    let store = SqliteStore::open(&config.data, OpenMode::Admin)?;
    for account in runtime()?.block_on(store.accounts())? {
        println!("{}", account.address);
    }
    Ok(())
}

fn runtime() -> io::Result<Runtime> {
    runtime::Builder::new_multi_thread().enable_all().build()
}
