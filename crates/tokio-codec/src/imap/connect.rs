//! The first and the last words of a session.
use super::{Error, Session, running::begin};
use crate::open;
use imap_proto::{
    ClientConfig, Command, Security,
    client::{Client, Event},
    response::{StatusKind, Untagged},
};
use std::sync::Arc;
use tokio::net::ToSocketAddrs;
use tokio_rustls::rustls::{self, pki_types::ServerName};

/// Connects in clear, and knows what the server offers then.
///
/// Where the configuration's [`tls`](ClientConfig::tls) is `Required`, as it is by default, nothing but the way to TLS
/// may be said in clear: take [`connect_starttls`] then. To log in, `cleartext` must allow it too.
///
/// ```no_run
/// # async fn local() -> Result<(), Box<dyn std::error::Error>> {
/// use imap_proto::{CleartextLogin, ClientConfig, TlsPolicy};
/// let config = ClientConfig {
///     tls: TlsPolicy::Opportunistic,
///     cleartext: CleartextLogin::Allow,
///     ..ClientConfig::default()
/// };
/// let mut session = tokio_codec::imap::connect("127.0.0.1:143", config).await?;
/// println!("{:?}", session.machine().capabilities());
/// # Ok(()) }
/// ```
///
/// # Errors
/// The connection failed, or the server refused it.
pub async fn connect(address: impl ToSocketAddrs, config: ClientConfig) -> Result<Session, Error> {
    let config = ClientConfig { security: Security::Clear, ..config };
    let mut session = open::clear(address, Client::new(config)).await?;
    greet(&mut session).await?;
    Ok(session)
}

/// Connects, turns TLS on, and asks again what the server offers: port 143. Never falls back to clear.
///
/// `server` is the name that the certificate must have.
///
/// ```no_run
/// # async fn mailbox(tls: std::sync::Arc<tokio_codec::rustls::ClientConfig>) -> Result<(), Box<dyn std::error::Error>> {
/// use imap_proto::ClientConfig;
/// let server = "mail.example.net".try_into()?;
/// let session =
///     tokio_codec::imap::connect_starttls(("mail.example.net", 143), ClientConfig::default(), tls, server).await?;
/// assert!(session.stream().tls().is_some());
/// # Ok(()) }
/// ```
///
/// # Errors
/// The connection failed, the server refused it or does not offer STARTTLS, or its certificate is not valid.
pub async fn connect_starttls(
    address: impl ToSocketAddrs,
    config: ClientConfig,
    tls: Arc<rustls::ClientConfig>,
    server: ServerName<'static>,
) -> Result<Session, Error> {
    let mut session = connect(address, config).await?;
    let mut starting = begin(&mut session, Command::StartTls)?;
    let upgrade = loop {
        match starting.next().await? {
            Some(Event::Upgrade { upgrade, .. }) => break upgrade,
            Some(_) => {}
            None => {
                let refused = starting.status().cloned().map(Box::new);
                return Err(refused.map_or(Error::Closed, Error::Refused));
            }
        }
    };
    session.connect_tls(upgrade, tls, server).await?;
    // rule rfc3501 6.2.1 offers-behind-tls: what was offered in clear is asked for again under TLS
    know_offers(&mut session).await?;
    Ok(session)
}

/// Connects by TLS from the start, and knows what the server offers then: port 993.
///
/// `server` is the name that the certificate must have.
///
/// ```no_run
/// # async fn mailbox(tls: std::sync::Arc<tokio_codec::rustls::ClientConfig>) -> Result<(), Box<dyn std::error::Error>> {
/// use imap_proto::ClientConfig;
/// let server = "mail.example.net".try_into()?;
/// let session =
///     tokio_codec::imap::connect_tls(("mail.example.net", 993), ClientConfig::default(), tls, server).await?;
/// assert!(session.stream().tls().is_some());
/// # Ok(()) }
/// ```
///
/// # Errors
/// The connection failed, the server refused it, or its certificate is not valid.
pub async fn connect_tls(
    address: impl ToSocketAddrs,
    config: ClientConfig,
    tls: Arc<rustls::ClientConfig>,
    server: ServerName<'static>,
) -> Result<Session, Error> {
    let config = ClientConfig { security: Security::Tls, ..config };
    let mut session = open::tls(address, Client::new(config), tls, server).await?;
    greet(&mut session).await?;
    Ok(session)
}

/// Says LOGOUT, and waits until the server has closed the session. What is still told is passed over.
///
/// # Errors
/// The connection failed. What was done before stays done.
pub async fn logout(session: &mut Session) -> Result<(), Error> {
    session.machine().send(Command::Logout)?;
    while session.next().await?.is_some() {}
    Ok(())
}

async fn greet(session: &mut Session) -> Result<(), Error> {
    loop {
        match session.next().await?.ok_or(Error::Closed)? {
            Event::Greeting(greeting) if greeting.status().kind() == StatusKind::Bye => {
                return Err(Error::Refused(Box::new(greeting.into_status())));
            }
            Event::Greeting(_) => break,
            Event::Untagged(Untagged::Status(status)) if status.kind() == StatusKind::Bye => {
                return Err(Error::Refused(status));
            }
            _ => {}
        }
    }
    know_offers(session).await
}

/// Asks what the server offers, if it has not told it.
pub(super) async fn know_offers(session: &mut Session) -> Result<(), Error> {
    if session.machine().capabilities().is_none() {
        begin(session, Command::Capability)?.accepted().await?;
    }
    Ok(())
}
