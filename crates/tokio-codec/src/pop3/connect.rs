//! The first words of a session, and the last.
use super::{Error, Session, ask, event};
use crate::open;
use pop3_proto::{
    ClientConfig, Command, Security, Status,
    client::{Client, Event},
};
use std::sync::Arc;
use tokio::net::ToSocketAddrs;
use tokio_rustls::rustls::{self, pki_types::ServerName};

/// Connects in clear, and asks what the server can do.
///
/// Where the configuration's [`tls`](ClientConfig::tls) is `Required`, as it is by default, nobody can log in then: take
/// [`connect_starttls`] or [`connect_tls`].
///
/// # Errors
/// The connection failed, or the server refused it.
pub async fn connect(address: impl ToSocketAddrs, mut config: ClientConfig) -> Result<Session, Error> {
    config.security = Security::Clear;
    let mut session = open::clear(address, Client::new(config)).await?;
    greet(&mut session).await?;
    Ok(session)
}

/// Connects, turns TLS on by STLS, and asks again what the server can do: port 110. Never falls back to clear.
///
/// `server` is the name that the certificate must have.
///
/// # Errors
/// The connection failed, the server refused it or does not offer STLS, or its certificate is not valid.
pub async fn connect_starttls(
    address: impl ToSocketAddrs,
    config: ClientConfig,
    tls: Arc<rustls::ClientConfig>,
    server: ServerName<'static>,
) -> Result<Session, Error> {
    let mut session = connect(address, config).await?;
    if let Event::Upgrade { upgrade, .. } = ask(&mut session, Command::Stls).await? {
        session.connect_tls(upgrade, tls, server).await?;
    }
    know_offers(&mut session).await?;
    Ok(session)
}

/// Connects by TLS from the start, and asks what the server can do: port 995.
///
/// `server` is the name that the certificate must have.
///
/// # Errors
/// The connection failed, the server refused it, or its certificate is not valid.
pub async fn connect_tls(
    address: impl ToSocketAddrs,
    mut config: ClientConfig,
    tls: Arc<rustls::ClientConfig>,
    server: ServerName<'static>,
) -> Result<Session, Error> {
    config.security = Security::Tls;
    let mut session = open::tls(address, Client::new(config), tls, server).await?;
    greet(&mut session).await?;
    Ok(session)
}

/// Says QUIT, and waits for its answer: with it, what was marked deleted has been removed.
///
/// # Errors
/// [`Error::Refused`]: not all of it was removed. After any other error nobody knows whether it was; the next session
/// will show.
pub async fn quit(session: &mut Session) -> Result<(), Error> {
    ask(session, Command::Quit).await?;
    while session.next().await?.is_some() {}
    Ok(())
}

async fn greet(session: &mut Session) -> Result<(), Error> {
    match event(session).await? {
        Event::Greeting(reply) if reply.status == Status::Ok => know_offers(session).await,
        Event::Greeting(reply) => Err(Error::Refused(reply)),
        _ => Err(Error::Closed),
    }
}

/// Asks what the server can do. An old server does not know CAPA, and the session goes on.
async fn know_offers(session: &mut Session) -> Result<(), Error> {
    match ask(session, Command::Capa).await {
        Ok(_) | Err(Error::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
