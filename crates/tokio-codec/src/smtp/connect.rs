//! The first words of a session.
use super::{Error, Session, ask, event};
use crate::open;
use smtp_proto::{
    ClientConfig, ClientName, Code, Command, Protocol, Security,
    client::{Client, Event},
};
use std::sync::Arc;
use tokio::net::ToSocketAddrs;
use tokio_rustls::rustls::{self, pki_types::ServerName};

/// Connects in clear and says EHLO, or LHLO where `config` says LMTP.
///
/// Where the configuration's [`tls`](ClientConfig::tls) is `Required`, as it is by default, nothing may be sent in
/// clear: take [`connect_starttls`] then.
///
/// ```no_run
/// # async fn lmtp() -> Result<(), Box<dyn std::error::Error>> {
/// use smtp_proto::{ClientConfig, ClientName, Protocol, TlsPolicy};
/// let config =
///     ClientConfig { protocol: Protocol::Lmtp, tls: TlsPolicy::Opportunistic, ..ClientConfig::default() };
/// let us = ClientName::new("localhost")?;
/// let mut session = tokio_codec::smtp::connect("127.0.0.1:24", config, us).await?;
/// println!("{:?}", session.machine().capabilities());
/// # Ok(()) }
/// ```
///
/// # Errors
/// The connection failed, or the server refused it.
pub async fn connect(
    address: impl ToSocketAddrs,
    config: ClientConfig,
    name: ClientName,
) -> Result<Session, Error> {
    let config = ClientConfig { security: Security::Clear, ..config };
    let protocol = config.protocol;
    let mut session = open::clear(address, Client::new(config)).await?;
    greet(&mut session, protocol, name).await?;
    Ok(session)
}

/// Connects, turns TLS on, and says EHLO again: ports 25 and 587. Never falls back to clear.
///
/// `server` is the name that the certificate must have.
///
/// ```no_run
/// # async fn relay(tls: std::sync::Arc<tokio_codec::rustls::ClientConfig>) -> Result<(), Box<dyn std::error::Error>> {
/// use smtp_proto::{ClientConfig, ClientName};
/// let us = ClientName::new("client.example.org")?;
/// let server = "mx.example.net".try_into()?;
/// let session =
///     tokio_codec::smtp::connect_starttls(("mx.example.net", 25), ClientConfig::default(), us, tls, server).await?;
/// assert!(session.stream().tls().is_some());
/// # Ok(()) }
/// ```
///
/// # Errors
/// The connection failed, the server refused it or does not offer STARTTLS, or its certificate is not valid.
pub async fn connect_starttls(
    address: impl ToSocketAddrs,
    config: ClientConfig,
    name: ClientName,
    tls: Arc<rustls::ClientConfig>,
    server: ServerName<'static>,
) -> Result<Session, Error> {
    let protocol = config.protocol;
    let mut session = connect(address, config, name.clone()).await?;
    if let Event::Upgrade { upgrade, .. } = ask(&mut session, Command::StartTls).await? {
        session.connect_tls(upgrade, tls, server).await?;
    }
    // rule rfc3207 4.2 hello-behind-tls: behind TLS a client says EHLO again
    hello(&mut session, protocol, name).await?;
    Ok(session)
}

/// Connects by TLS from the start, and says EHLO: port 465.
///
/// `server` is the name that the certificate must have.
///
/// ```no_run
/// # async fn submit(tls: std::sync::Arc<tokio_codec::rustls::ClientConfig>) -> Result<(), Box<dyn std::error::Error>> {
/// use smtp_proto::{ClientConfig, ClientName};
/// let us = ClientName::new("client.example.org")?;
/// let server = "mail.example.net".try_into()?;
/// let session =
///     tokio_codec::smtp::connect_tls(("mail.example.net", 465), ClientConfig::default(), us, tls, server).await?;
/// assert!(session.stream().tls().is_some());
/// # Ok(()) }
/// ```
///
/// # Errors
/// The connection failed, the server refused it, or its certificate is not valid.
pub async fn connect_tls(
    address: impl ToSocketAddrs,
    config: ClientConfig,
    name: ClientName,
    tls: Arc<rustls::ClientConfig>,
    server: ServerName<'static>,
) -> Result<Session, Error> {
    let config = ClientConfig { security: Security::Tls, ..config };
    let protocol = config.protocol;
    let mut session = open::tls(address, Client::new(config), tls, server).await?;
    greet(&mut session, protocol, name).await?;
    Ok(session)
}

/// Says QUIT, and waits until the server has closed the session.
///
/// # Errors
/// The connection failed. What was sent before stays sent.
pub async fn quit(session: &mut Session) -> Result<(), Error> {
    session.machine().send(Command::Quit)?;
    while session.next().await?.is_some() {}
    Ok(())
}

async fn greet(session: &mut Session, protocol: Protocol, name: ClientName) -> Result<(), Error> {
    match event(session).await? {
        Event::Greeting(reply) if reply.code() == Code::READY => hello(session, protocol, name).await,
        Event::Greeting(reply) => Err(Error::Refused(reply)),
        _ => Err(Error::Closed),
    }
}

async fn hello(session: &mut Session, protocol: Protocol, name: ClientName) -> Result<(), Error> {
    let command = match protocol {
        Protocol::Smtp => Command::Ehlo(name),
        Protocol::Lmtp => Command::Lhlo(name),
    };
    ask(session, command).await.map(drop)
}
