//! POP3: hands out an account's INBOX.
use super::connect;
use crate::{
    auth::{self, Exchange, Outcome},
    server::{Service, Shared, Welcome},
    store::{Body, Maildrop, MaildropError, Message, Store, Uid},
};
use pop3_proto::{
    Ask, CleartextLogin, DropListing, Implementation, Leniency, Mechanism, Mechanisms, MessageNumber, Offer,
    ProtocolError, Reason, ScanListing, Secret, Security, ServerConfig, Stale, Text, TopLines, UniqueId,
    UniqueIdListing, Upload,
    server::{Auth, AuthAnswer, Entry, Event, Listing, Quit, Rejection, Request, Server},
};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_codec::{Connection, WriteFailure};

/// Serves one connection.
pub async fn serve<S: Store>(service: Service, socket: TcpStream, shared: &Shared<S>, welcome: Welcome) {
    let server = Server::new(server_config(service, shared));
    let connection = match connect(service, socket, shared, server).await {
        Ok(connection) => connection,
        Err(error) => return tracing::info!(%error, "no TLS"),
    };
    let session = Session { connection, shared, welcome, exchange: None, maildrop: None };
    if let Err(error) = session.run().await {
        tracing::info!(%error, "session ended");
    }
}

fn server_config<S>(service: Service, shared: &Shared<S>) -> ServerConfig {
    let mut server = ServerConfig::default();
    server.security = if service.is_tls() { Security::Tls } else { Security::Clear };
    server.stls = if service.is_tls() { Offer::No } else { Offer::Yes };
    let names = auth::MECHANISMS.iter().filter_map(|name| Mechanism::new(name).ok());
    server.mechanisms = Mechanisms::new(names).unwrap_or_default();
    if shared.config.auth.allow_cleartext_login {
        server.cleartext = CleartextLogin::Allow;
    }
    server.implementation = Implementation::new(Text::from_static(env!("CARGO_PKG_NAME"))).ok();
    server.leniency = Leniency::LENIENT;
    server
}

/// Why a session ended early.
#[derive(Debug, Error)]
enum SessionError {
    #[error(transparent)]
    Connection(#[from] tokio_codec::Error<ProtocolError>),
    #[error(transparent)]
    Write(#[from] WriteFailure<ProtocolError>),
    #[error("a message could not be read: {0}")]
    Store(#[from] crate::store::StoreError),
    #[error("a listing or message could not be sent: {0}")]
    Unsent(String),
    #[error("a question was answered that was not open")]
    Stale,
}

impl<T> From<Stale<T>> for SessionError {
    fn from(_: Stale<T>) -> Self {
        Self::Stale
    }
}

/// One connection.
struct Session<'a, S: Store> {
    connection: Connection<TcpStream, Server>,
    shared: &'a Shared<S>,
    welcome: Welcome,
    exchange: Option<Exchange>,
    maildrop: Option<S::Maildrop>,
}

impl<S: Store> Session<'_, S> {
    async fn run(mut self) -> Result<(), SessionError> {
        let stop = self.shared.stop.clone();
        loop {
            let event = tokio::select! {
                biased;
                event = self.connection.next() => event?,
                // Whoever is between two commands is told; nothing is deleted without QUIT.
                () = stop.cancelled() => {
                    self.connection.close(Reason::Shutdown).await;
                    return Ok(());
                }
            };
            match event {
                Some(event) => self.handle(event).await?,
                None => return Ok(()),
            }
        }
    }

    fn server(&mut self) -> &mut Server {
        self.connection.machine()
    }

    async fn handle(&mut self, event: Event) -> Result<(), SessionError> {
        match event {
            Event::Connect(ask) if self.welcome == Welcome::Full => {
                tracing::warn!("too many connections");
                self.server().reject(ask, Rejection::TEMPORARY_FAILURE)?;
            }
            Event::Connect(ask) => self.server().accept(ask, ())?,
            Event::StartTls(ask) => {
                let upgrade = self.server().accept(ask, ())?;
                self.connection.accept_tls(upgrade, self.shared.tls.clone()).await?;
            }
            Event::Login(ask) => {
                let (name, password) =
                    (ask.name.as_text().to_str_lossy().into_owned(), ask.password.as_bytes());
                let password = password.into();
                match self.log_in(&name, password).await {
                    Ok(listing) => self.server().accept(ask, listing)?,
                    Err(rejection) => self.server().reject(ask, rejection)?,
                }
            }
            Event::Auth(ask) => self.auth(ask).await?,
            Event::AuthResponse(ask) => {
                let octets = ask.octets.clone();
                self.step(ask, Some(octets)).await?;
            }
            Event::AuthCancelled => self.exchange = None,
            Event::List(ask) => match self.size(ask.message) {
                Some(octets) => self.server().accept(ask, octets)?,
                None => self.server().reject(ask, Rejection::TEMPORARY_FAILURE)?,
            },
            Event::Uidl(ask) => match self.message(ask.message).map(unique_id) {
                Some(Ok(id)) => self.server().accept(ask, id)?,
                _ => self.server().reject(ask, Rejection::TEMPORARY_FAILURE)?,
            },
            Event::ListAll(ask) => {
                let listing = self.server().accept(ask, ())?;
                let entry = |message, of: &Message| Some(ScanListing { message, octets: of.size });
                self.list(listing, entry).await?;
            }
            Event::UidlAll(ask) => {
                let listing = self.server().accept(ask, ())?;
                let entry =
                    |message, of: &Message| Some(UniqueIdListing { message, id: unique_id(of).ok()? });
                self.list(listing, entry).await?;
            }
            Event::Retr(ask) => match self.open(ask.message).await {
                Some(body) => {
                    let upload = self.server().accept(ask, body.size())?;
                    self.send(upload, body, None).await?;
                }
                None => self.server().reject(ask, Rejection::TEMPORARY_FAILURE)?,
            },
            Event::Top(ask) => match self.open(ask.message).await {
                Some(body) => {
                    let top = TopLines::new(ask.lines);
                    let upload = self.server().accept(ask, ())?;
                    self.send(upload, body, Some(top)).await?;
                }
                None => self.server().reject(ask, Rejection::TEMPORARY_FAILURE)?,
            },
            Event::Dele(ask) => match self.size(ask.message) {
                Some(octets) => self.server().accept(ask, octets)?,
                None => self.server().reject(ask, Rejection::TEMPORARY_FAILURE)?,
            },
            Event::Quit(ask) => self.quit(ask).await?,
            _ => {}
        }
        Ok(())
    }

    async fn auth(&mut self, ask: Ask<Auth>) -> Result<(), SessionError> {
        match Exchange::start(ask.mechanism.as_str()) {
            Ok(exchange) => self.exchange = Some(exchange),
            Err(_) => return Ok(self.server().reject(ask, Rejection::AUTHENTICATION_FAILED)?),
        }
        let initial = ask.initial.clone();
        self.step(ask, initial).await
    }

    /// One step of the exchange.
    async fn step<T>(&mut self, ask: Ask<T>, said: Option<Secret>) -> Result<(), SessionError>
    where
        T: Request<Answer = AuthAnswer, Grant = ()>,
    {
        let outcome =
            self.exchange.as_mut().map(|exchange| exchange.step(said.as_ref().map(Secret::as_bytes)));
        let offer = match outcome {
            Some(Outcome::Challenge(octets)) => {
                return Ok(self.server().accept(ask, AuthAnswer::Challenge(octets))?);
            }
            Some(Outcome::Verify(offer)) => offer,
            Some(Outcome::Failed(error)) => {
                tracing::info!(%error, "login failed");
                self.exchange = None;
                return Ok(self.server().reject(ask, Rejection::AUTHENTICATION_FAILED)?);
            }
            None => return Ok(self.server().reject(ask, Rejection::AUTHENTICATION_FAILED)?),
        };
        self.exchange = None;
        match self.log_in(&offer.name, offer.password).await {
            Ok(listing) => Ok(self.server().accept(ask, AuthAnswer::Success(listing))?),
            Err(rejection) => Ok(self.server().reject(ask, rejection)?),
        }
    }

    /// Checks the password and locks the maildrop.
    async fn log_in(
        &mut self,
        name: &str,
        password: crate::accounts::Password,
    ) -> Result<DropListing, Rejection> {
        let account = match auth::login(&self.shared.store, name, password).await {
            Ok(Some(account)) => account,
            Ok(None) => {
                tracing::info!(?name, "login failed");
                return Err(Rejection::AUTHENTICATION_FAILED);
            }
            Err(error) => {
                tracing::error!(%error, "cannot check a login");
                return Err(Rejection::TEMPORARY_FAILURE);
            }
        };
        let maildrop = match self.shared.store.maildrop(account.id).await {
            Ok(maildrop) => maildrop,
            Err(MaildropError::InUse) => return Err(Rejection::IN_USE),
            Err(error) => {
                tracing::error!(%error, "cannot open a maildrop");
                return Err(Rejection::TEMPORARY_FAILURE);
            }
        };
        let messages = maildrop.messages();
        // Message numbers have 32 bits; what is beyond them comes when these are gone.
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        let octets = messages.iter().map(|message| message.size).sum();
        tracing::info!(account = %account.address, messages = count, "logged in");
        self.maildrop = Some(maildrop);
        Ok(DropListing { messages: count, octets })
    }

    fn message(&self, number: MessageNumber) -> Option<&Message> {
        self.maildrop.as_ref()?.messages().get(number.index())
    }

    fn size(&self, number: MessageNumber) -> Option<u64> {
        self.message(number).map(|message| message.size)
    }

    async fn open(&self, number: MessageNumber) -> Option<<S::Maildrop as Maildrop>::Body> {
        let maildrop = self.maildrop.as_ref()?;
        match maildrop.open(maildrop.messages().get(number.index())?).await {
            Ok(body) => Some(body),
            Err(error) => {
                tracing::error!(%error, "cannot open a message");
                None
            }
        }
    }

    /// Sends a message, or the top of it.
    async fn send(
        &mut self,
        mut upload: Upload,
        mut body: impl Body,
        mut top: Option<TopLines>,
    ) -> Result<(), SessionError> {
        while let Some(mut chunk) = body.next().await? {
            if let Some(top) = &mut top {
                chunk = top.next(chunk);
            }
            self.connection.write(&mut upload, chunk).await?;
            if top.as_ref().is_some_and(TopLines::is_done) {
                break;
            }
        }
        self.connection.finish(upload).map_err(|error| SessionError::Unsent(error.to_string()))
    }

    /// Sends a listing.
    async fn list<E: Entry + Clone>(
        &mut self,
        mut listing: Listing<E>,
        entry: impl Fn(MessageNumber, &Message) -> Option<E>,
    ) -> Result<(), SessionError> {
        let unsent = |error: &dyn std::fmt::Display| SessionError::Unsent(error.to_string());
        let mut number = 0;
        loop {
            number += 1;
            let Some((message, of)) =
                MessageNumber::new(number).and_then(|number| Some((number, self.message(number)?)))
            else {
                break;
            };
            let Some(entry) = entry(message, of) else { continue };
            loop {
                match self.server().entry(&mut listing, &entry) {
                    Ok(()) => break,
                    Err(pop3_proto::EntryError::Blocked { .. }) => self.connection.flush().await?,
                    Err(error) => return Err(unsent(&error)),
                }
            }
        }
        self.server().finish_listing(listing).map_err(|error| unsent(&error))
    }

    async fn quit(&mut self, ask: Ask<Quit>) -> Result<(), SessionError> {
        let marked: Vec<Uid> =
            ask.deleted.iter().filter_map(|number| Some(self.message(number)?.uid)).collect();
        let removed = match &mut self.maildrop {
            Some(maildrop) if !marked.is_empty() => maildrop.delete(&marked).await,
            _ => Ok(()),
        };
        // The lock is given up before the client hears that the session is over.
        self.maildrop = None;
        match removed {
            Ok(()) => {
                if !marked.is_empty() {
                    tracing::info!(messages = marked.len(), "deleted");
                }
                Ok(self.server().accept(ask, ())?)
            }
            Err(error) => {
                tracing::error!(%error, "cannot delete messages");
                Ok(self.server().reject(ask, Rejection::NOT_REMOVED)?)
            }
        }
    }
}

fn unique_id(message: &Message) -> Result<UniqueId, pop3_proto::InvalidUniqueId> {
    UniqueId::new(message.unique_id())
}
