//! The first words of a session, and the last.
use super::{Error, Session, event};
use crate::open;
use smtp_proto::{
    ClientConfig, ClientName, Security, TlsPolicy,
    delivery::{Delivery, Event, Unusable},
};
use std::sync::Arc;
use tokio::net::ToSocketAddrs;
use tokio_rustls::rustls::{self, pki_types::ServerName};

/// Connects in clear, and says EHLO, or LHLO where `config` says LMTP. TLS is not asked for.
///
/// Where the configuration's [`tls`](ClientConfig::tls) is `Required`, as it is by default, nothing may be sent in
/// clear: take [`connect_starttls`] then.
///
/// ```no_run
/// # async fn lmtp() -> Result<(), Box<dyn std::error::Error>> {
/// use smtp_proto::{ClientConfig, ClientName, Protocol, TlsPolicy};
/// let config = ClientConfig { protocol: Protocol::Lmtp, tls: TlsPolicy::Never, ..ClientConfig::default() };
/// let us = ClientName::new("localhost")?;
/// let mut session = tokio_codec::smtp::connect("127.0.0.1:24", config, us).await?;
/// println!("{:?}", session.machine().capabilities());
/// # Ok(()) }
/// ```
///
/// # Errors
/// The connection failed, the server refused it, or TLS is required.
pub async fn connect(
    address: impl ToSocketAddrs,
    config: ClientConfig,
    name: ClientName,
) -> Result<Session, Error> {
    if config.tls == TlsPolicy::Required {
        return Err(Unusable::NoTls.into());
    }
    let config = ClientConfig { security: Security::Clear, tls: TlsPolicy::Never, ..config };
    let mut session = open::clear(address, Delivery::new(config, name)).await?;
    ready(&mut session, None).await?;
    Ok(session)
}

/// Connects, turns TLS on, and says EHLO again: ports 25 and 587.
///
/// Where the configuration's [`tls`](ClientConfig::tls) is `Required`, as it is by default, the session never goes on in
/// clear; where it is `Opportunistic` it does, if the server does not offer TLS. `server` is the name that the
/// certificate must have.
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
    let config = ClientConfig { security: Security::Clear, ..config };
    let mut session = open::clear(address, Delivery::new(config, name)).await?;
    ready(&mut session, Some((tls, server))).await?;
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
    let mut session = open::tls(address, Delivery::new(config, name), tls, server).await?;
    ready(&mut session, None).await?;
    Ok(session)
}

/// Says QUIT, and waits until the server has closed the session.
///
/// # Errors
/// The connection failed. What was sent before stays sent.
pub async fn quit(session: &mut Session) -> Result<(), Error> {
    session.machine().quit()?;
    while session.next().await?.is_some() {}
    Ok(())
}

/// Waits until messages may be delivered.
async fn ready(
    session: &mut Session,
    tls: Option<(Arc<rustls::ClientConfig>, ServerName<'static>)>,
) -> Result<(), Error> {
    let mut tls = tls;
    loop {
        match event(session).await? {
            Event::Ready => return Ok(()),
            Event::Unusable(why) => {
                // The QUIT is written.
                while session.next().await?.is_some() {}
                return Err(why.into());
            }
            Event::Upgrade(upgrade) => {
                let Some((tls, server)) = tls.take() else { return Err(Unusable::NoTls.into()) };
                session.connect_tls(upgrade, tls, server).await?;
            }
            _ => {}
        }
    }
}
