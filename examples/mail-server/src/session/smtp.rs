//! SMTP, submission and LMTP: takes mail for local accounts.
use super::{
    connect,
    trace::{Protocol, Trace},
};
use crate::{
    auth::{self, Exchange, Outcome},
    server::{Service, Shared, Welcome},
    store::{Account, AccountId, Address, Incoming, Recipient, Store, StoreError},
};
use bytes::Bytes;
use smtp_proto::{
    Ask, Authentication, CleartextLogin, ClientName, ForwardPath, Leniency, Mail, Mailbox, Mechanism, Offer,
    Phase, ProtocolError, Rcpt, Reason, Requirement, ReversePath, Secret, Security, ServerConfig, Stale,
    Text,
    server::{
        Ack, Auth, AuthAnswer, AuthResponse, Data, Delivered, Event, Hello, Message, Rejection, Request,
        Server,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    future,
    net::SocketAddr,
    time::SystemTime,
};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_codec::Connection;

/// Serves one connection.
pub async fn serve<S: Store>(
    service: Service,
    socket: TcpStream,
    peer: SocketAddr,
    shared: &Shared<S>,
    welcome: Welcome,
) {
    let server = Server::new(server_config(service, shared));
    let connection = match connect(service, socket, shared, server).await {
        Ok(connection) => connection,
        Err(error) => return tracing::info!(%error, "no TLS"),
    };
    let session = Session {
        connection,
        shared,
        service,
        peer,
        welcome,
        client_name: None,
        account: None,
        exchange: None,
        transaction: Transaction::default(),
    };
    if let Err(error) = session.run().await {
        tracing::info!(%error, "session ended");
    }
}

fn server_config<S>(service: Service, shared: &Shared<S>) -> ServerConfig {
    let config = &shared.config;
    let is_submission = matches!(service, Service::Submission | Service::Submissions);
    let mut server = ServerConfig::new(Text::try_from(config.hostname.as_str()).unwrap_or_default());
    server.protocol = match service {
        Service::Lmtp => smtp_proto::Protocol::Lmtp,
        _ => smtp_proto::Protocol::Smtp,
    };
    server.security = if service.is_tls() { Security::Tls } else { Security::Clear };
    server.starttls = if service.is_tls() { Offer::No } else { Offer::Yes };
    // Nobody logs in where mail is taken from anybody, or from the site's own servers.
    if is_submission {
        let names = auth::MECHANISMS.iter().filter_map(|name| Mechanism::new(name).ok());
        server.authentication = Authentication {
            mechanisms: names.collect(),
            cleartext: if config.auth.allow_cleartext_login {
                CleartextLogin::Allow
            } else {
                CleartextLogin::Refuse
            },
            requirement: Requirement::Required,
        };
    }
    server.max_message = config.limits.max_message;
    server.max_recipients = config.limits.max_recipients;
    server.leniency = Leniency::LENIENT;
    server
}

/// Why a session ended early.
#[derive(Debug, Error)]
enum SessionError {
    #[error(transparent)]
    Connection(#[from] tokio_codec::Error<ProtocolError>),
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
    service: Service,
    peer: SocketAddr,
    welcome: Welcome,
    client_name: Option<ClientName>,
    account: Option<Account>,
    exchange: Option<Exchange>,
    transaction: Transaction<S::Incoming>,
}

/// A message on its way in, and whom it is for.
struct Transaction<I> {
    sender: ReversePath,
    is_utf8: bool,
    recipients: Vec<AccountId>,
    /// The recipient as the client said it, while there is but one.
    named: Option<String>,
    /// The message, or why it cannot be kept.
    incoming: Option<Result<I, StoreError>>,
}

impl<I> Default for Transaction<I> {
    fn default() -> Self {
        Self {
            sender: ReversePath::Null,
            is_utf8: false,
            recipients: Vec::new(),
            named: None,
            incoming: None,
        }
    }
}

impl<S: Store> Session<'_, S> {
    async fn run(mut self) -> Result<(), SessionError> {
        let stop = self.shared.stop.clone();
        loop {
            let is_running =
                matches!(self.server().state().phase, Phase::Transaction { .. } | Phase::Payload);
            let stopped = async { if is_running { future::pending().await } else { stop.cancelled().await } };
            let event = tokio::select! {
                // What has come is answered before the session is told to end.
                biased;
                event = self.connection.next() => event?,
                () = stopped => {
                    self.connection.close(Reason::Shutdown).await;
                    return Ok(());
                }
            };
            match event {
                Some(event) => self.handle(event).await?,
                None => return Ok(()),
            }
            // A transaction that has just ended was the last.
            let is_between = matches!(self.server().state().phase, Phase::Start | Phase::Ready);
            if stop.is_cancelled() && is_running && is_between {
                self.connection.close(Reason::Shutdown).await;
                return Ok(());
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
                self.server().reject(ask, Rejection::closing())?;
            }
            Event::Connect(ask) => self.server().accept(ask, ())?,
            Event::Hello(ask) => self.hello(ask)?,
            Event::StartTls(ask) => {
                let upgrade = self.server().accept(ask, ())?;
                self.client_name = None;
                self.connection.accept_tls(upgrade, self.shared.tls.clone()).await?;
            }
            Event::Auth(ask) => self.auth(ask).await?,
            Event::AuthResponse(ask) => self.auth_response(ask).await?,
            Event::AuthCancelled => self.exchange = None,
            Event::Mail(ask) => self.mail(ask)?,
            Event::Rcpt(ask) => self.rcpt(ask).await?,
            Event::Data(ask) => self.data(ask).await?,
            Event::Payload(piece) => self.payload(piece).await,
            Event::Discarded(why) => {
                tracing::info!(%why, "message refused");
                self.transaction = Transaction::default();
            }
            Event::Message(ask) => self.message(ask).await?,
            Event::Reset => self.transaction = Transaction::default(),
            _ => {}
        }
        Ok(())
    }

    fn hello(&mut self, ask: Ask<Hello>) -> Result<(), SessionError> {
        self.transaction = Transaction::default();
        self.client_name = Some(ask.name.detach());
        Ok(self.server().accept(ask, ())?)
    }

    async fn auth(&mut self, ask: Ask<Auth>) -> Result<(), SessionError> {
        match Exchange::start(ask.mechanism.as_str()) {
            Ok(exchange) => self.exchange = Some(exchange),
            Err(_) => return Ok(self.server().reject(ask, Rejection::bad_credentials())?),
        }
        let initial = ask.initial.clone();
        self.step(ask, initial).await
    }

    async fn auth_response(&mut self, ask: Ask<AuthResponse>) -> Result<(), SessionError> {
        let octets = ask.octets.clone();
        self.step(ask, Some(octets)).await
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
                return self.login_failed(ask);
            }
            None => return self.login_failed(ask),
        };
        match auth::login(&self.shared.store, &offer.name, offer.password).await {
            Ok(Some(account)) => {
                tracing::info!(account = %account.address, "logged in");
                self.account = Some(account);
                self.exchange = None;
                Ok(self.server().accept(ask, AuthAnswer::Success)?)
            }
            Ok(None) => {
                tracing::info!(name = ?offer.name, "login failed");
                self.login_failed(ask)
            }
            Err(error) => {
                tracing::error!(%error, "cannot check a login");
                self.exchange = None;
                Ok(self.server().reject(ask, Rejection::local_error())?)
            }
        }
    }

    fn login_failed<T: Request>(&mut self, ask: Ask<T>) -> Result<(), SessionError> {
        self.exchange = None;
        Ok(self.server().reject(ask, Rejection::bad_credentials())?)
    }

    fn mail(&mut self, ask: Ask<Mail>) -> Result<(), SessionError> {
        self.transaction = Transaction {
            sender: ask.from.clone(),
            is_utf8: ask.parameters.smtputf8(),
            ..Transaction::default()
        };
        Ok(self.server().accept(ask, Ack::default())?)
    }

    async fn rcpt(&mut self, ask: Ask<Rcpt>) -> Result<(), SessionError> {
        match resolve(&self.shared.store, &ask.to).await {
            Ok(Ok((account, name))) => {
                let transaction = &mut self.transaction;
                transaction.named = transaction.recipients.is_empty().then_some(name);
                transaction.recipients.push(account);
                Ok(self.server().accept(ask, Ack::default())?)
            }
            Ok(Err(rejection)) => Ok(self.server().reject(ask, rejection)?),
            Err(error) => {
                tracing::error!(%error, "cannot look up a recipient");
                Ok(self.server().reject(ask, Rejection::local_error())?)
            }
        }
    }

    async fn data(&mut self, ask: Ask<Data>) -> Result<(), SessionError> {
        match self.open().await {
            Ok(incoming) => {
                self.transaction.incoming = Some(Ok(incoming));
                Ok(self.server().accept(ask, ())?)
            }
            Err(error) => {
                tracing::error!(%error, "cannot take a message");
                Ok(self.server().reject(ask, refusal(&error))?)
            }
        }
    }

    /// Begins a message in the store, with its trace fields.
    async fn open(&mut self) -> Result<S::Incoming, StoreError> {
        let mut incoming = self.shared.store.incoming().await?;
        let state = self.server().state();
        let dialect = self.server().dialect();
        let sender = match &self.transaction.sender {
            ReversePath::Null => "",
            ReversePath::Path(path) => path.mailbox().as_str(),
        };
        let trace = Trace {
            return_path: sender,
            client_name: self.client_name.as_ref(),
            client: self.peer.ip(),
            hostname: &self.shared.config.hostname,
            protocol: Protocol {
                dialect,
                is_utf8: self.transaction.is_utf8,
                is_tls: state.security == Security::Tls,
                is_authenticated: self.account.is_some(),
            },
            recipient: self.transaction.named.as_deref(),
            received_at: SystemTime::now(),
        };
        incoming.write(Bytes::from(trace.fields())).await?;
        Ok(incoming)
    }

    /// Keeps a piece. Once that fails the rest is let go by, and the message refused at its end.
    async fn payload(&mut self, piece: Bytes) {
        if let Some(Ok(incoming)) = &mut self.transaction.incoming {
            if let Err(error) = incoming.write(piece).await {
                tracing::error!(%error, "cannot keep a message");
                self.transaction.incoming = Some(Err(error));
            }
        }
    }

    /// Says yes when the message is durable, and not before.
    async fn message(&mut self, ask: Ask<Message>) -> Result<(), SessionError> {
        let transaction = std::mem::take(&mut self.transaction);
        // An account that was named twice gets the message once.
        let accounts: BTreeSet<_> = transaction.recipients.iter().copied().collect();
        let recipients: Vec<_> = accounts.iter().copied().map(Recipient::inbox).collect();
        let delivered = match transaction.incoming {
            Some(Ok(incoming)) => self.shared.store.deliver(incoming, &recipients, SystemTime::now()).await,
            Some(Err(error)) => Err(error),
            None => Err(StoreError::Stopped),
        };
        match delivered {
            Ok(outcomes) => {
                let safe = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
                let service = self.service;
                tracing::info!(%service, octets = ask.octets, recipients = safe, "message taken");
                let outcomes: BTreeMap<_, _> = accounts.into_iter().zip(outcomes).collect();
                let each = transaction.recipients.iter().map(|account| match outcomes.get(account) {
                    Some(Ok(_)) => Ok(Ack::default()),
                    Some(Err(_)) | None => Err(Rejection::mailbox_unavailable()),
                });
                Ok(self.server().accept(ask, Delivered::each(each.collect()))?)
            }
            Err(error) => {
                tracing::error!(%error, "cannot keep a message");
                Ok(self.server().reject(ask, refusal(&error))?)
            }
        }
    }
}

/// Whose mailbox `path` is, and what it is called.
async fn resolve<S: Store>(
    store: &S,
    path: &ForwardPath,
) -> Result<Result<(AccountId, String), Rejection>, StoreError> {
    let mailbox = match path {
        ForwardPath::Path(path) => path.mailbox(),
        ForwardPath::Postmaster => {
            let account = postmaster(store).await?.ok_or_else(Rejection::mailbox_unavailable);
            return Ok(account.map(|account| (account, "postmaster".to_owned())));
        }
    };
    let Some(address) = address(mailbox) else { return Ok(Err(Rejection::relaying_denied())) };
    if let Some(account) = store.account(&address).await? {
        return Ok(Ok((account, mailbox.as_str().to_owned())));
    }
    if !store.has_domain(address.domain()).await? {
        return Ok(Err(Rejection::relaying_denied()));
    }
    let account = if address.local_part() == "postmaster" { postmaster(store).await? } else { None };
    let found = account.map(|account| (account, mailbox.as_str().to_owned()));
    Ok(found.ok_or_else(Rejection::mailbox_unavailable))
}

/// Who reads the postmaster's mail: an account of that name, or the oldest. Every server has one
/// (RFC 5321 section 4.5.1).
async fn postmaster<S: Store>(store: &S) -> Result<Option<AccountId>, StoreError> {
    let accounts = store.accounts().await?;
    let named = accounts.iter().find(|account| account.address.local_part() == "postmaster");
    Ok(named.or(accounts.iter().min_by_key(|account| account.id)).map(|account| account.id))
}

/// What the store calls `mailbox`; `None` for what can be nobody's here.
fn address(mailbox: &Mailbox) -> Option<Address> {
    Address::new(&mailbox.local_part_unquoted(), &mailbox.domain().to_string()).ok()
}

/// What a client hears of a failure: always to try again.
fn refusal(error: &StoreError) -> Rejection {
    match error {
        StoreError::Full => Rejection::no_room(),
        _ => Rejection::local_error(),
    }
}
