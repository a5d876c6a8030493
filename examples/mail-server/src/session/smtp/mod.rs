//! SMTP, submission and LMTP: takes mail for local accounts.
mod recipient;
mod refusal;

use super::{
    SessionError, connect,
    login::{Denied, Guests, Login, Step},
    trace::{Protocol, Trace},
};
use crate::{
    causes::Causes,
    config,
    limits::{Client, Exceeded},
    server::{Service, Shared, Welcome},
    store::{AccountId, Envelope, Incoming, Recipient, Store, StoreError},
};
use bytes::Bytes;
use smtp_proto::{
    Ask, Authentication, Capabilities, CleartextLogin, ClientName, Extension, Identity, Leniency, Mail,
    Offer, Phase, Rcpt, Reason, Requirement, ReversePath, Security, ServerConfig, Text,
    server::{Ack, AuthAnswer, Connect, Data, Delivered, Event, Hello, Message, Rejection, Request, Server},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    future,
    net::SocketAddr,
    time::{Duration, SystemTime},
};
use tokio::{net::TcpStream, time::sleep};
use tokio_codec::Connection;

/// Commands that may be wrong, and logins that may fail, before a session ends: a client tries three ways with one
/// password.
const MAX_ERRORS: u32 = 10;

/// Serves one connection.
pub async fn serve<S: Store>(
    service: Service,
    socket: TcpStream,
    peer: SocketAddr,
    shared: &Shared<S>,
    welcome: Welcome,
) {
    let client = shared.client(service, peer.ip());
    let delay = match service {
        Service::Smtp if client != Client::Trusted => shared.config.smtp.greeting_delay(),
        _ => Duration::ZERO,
    };
    let unwelcome = match welcome {
        Welcome::Yes => None,
        Welcome::Full => Some(Rejection::closing()),
        Welcome::NotNow => Some(refusal::come_back_later()),
    };
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
        unwelcome,
        delay,
        client,
        client_name: None,
        account: None,
        login: Login::new(shared, peer.ip(), Guests::Refused),
        transaction: Transaction::default(),
    };
    if let Err(error) = session.run().await {
        tracing::info!(error = %Causes(&error), "session ended");
    }
}

/// What the host takes care of: it keeps what any of these says of a message with the message.
fn extensions(config: &config::Smtp) -> Capabilities {
    let always = [Extension::Chunking, Extension::BinaryMime, Extension::RequireTls, Extension::Limits];
    let dsn = config.dsn.then_some(Extension::Dsn);
    always.into_iter().chain(dsn).fold(Capabilities::new(), Capabilities::with)
}

fn server_config<S>(service: Service, shared: &Shared<S>) -> ServerConfig {
    let config = &shared.config;
    let mut server = ServerConfig::new(Text::try_from(config.hostname.as_str()).unwrap_or_default());
    server.protocol = match service {
        Service::Lmtp => smtp_proto::Protocol::Lmtp,
        _ => smtp_proto::Protocol::Smtp,
    };
    server.security = if service.is_tls() { Security::Tls } else { Security::Clear };
    server.starttls = if service.is_tls() { Offer::No } else { Offer::Yes };
    if service.has_login() {
        server.authentication = Authentication {
            cleartext: if config.auth.allow_cleartext_login {
                CleartextLogin::Allow
            } else {
                CleartextLogin::Refuse
            },
            requirement: Requirement::Required,
            ..Authentication::default()
        };
    }
    server.extensions = extensions(&config.smtp);
    server.max_message = config.limits.max_message;
    server.max_recipients = config.limits.max_recipients;
    server.max_transactions = config.limits.max_transactions;
    server.max_domains = config.limits.max_domains;
    server.max_errors = MAX_ERRORS;
    server.leniency = Leniency::LENIENT;
    server
}

impl From<Denied> for Rejection {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused => Self::bad_credentials(),
            Denied::Failed => refusal::cannot_tell(),
        }
    }
}

/// One connection.
struct Session<'a, S: Store> {
    connection: Connection<TcpStream, Server>,
    shared: &'a Shared<S>,
    service: Service,
    peer: SocketAddr,
    /// What the client hears in place of a greeting, if anything.
    unwelcome: Option<Rejection>,
    /// How long the client waits for its greeting.
    delay: Duration,
    /// Whom the limits by address hold for.
    client: Client,
    client_name: Option<ClientName>,
    /// Who has logged in.
    account: Option<AccountId>,
    login: Login<'a, S>,
    transaction: Transaction<S::Incoming>,
}

/// A message on its way in, and whom it is for.
struct Transaction<I> {
    envelope: Envelope,
    /// Whose mailbox each recipient is.
    recipients: Vec<AccountId>,
    /// The recipient as the client said it, while there is but one.
    named: Option<String>,
    /// The message, or why it cannot be kept.
    incoming: Option<Result<I, StoreError>>,
}

impl<I> Default for Transaction<I> {
    fn default() -> Self {
        Self { envelope: Envelope::default(), recipients: Vec::new(), named: None, incoming: None }
    }
}

impl<S: Store> Session<'_, S> {
    async fn run(mut self) -> Result<(), SessionError> {
        self.offer_logins().await;
        let stop = self.shared.stop.clone();
        loop {
            let phase = self.server().state().phase;
            let is_running =
                matches!(phase, Phase::Transaction { .. } | Phase::Chunking { .. } | Phase::Payload);
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
            Event::Connect(ask) => self.greet(ask).await?,
            Event::Hello(ask) => self.hello(ask)?,
            Event::StartTls(ask) => {
                let upgrade = self.server().accept(ask, ())?;
                self.client_name = None;
                self.account = None;
                tokio::select! {
                    upgraded = self.connection.accept_tls(upgrade, self.shared.tls(self.service)) => upgraded?,
                    () = self.shared.stop.cancelled() => return Err(SessionError::Stopped),
                }
                self.offer_logins().await;
            }
            Event::Auth(ask) => {
                let channel = self.connection.channel();
                let step = self.login.begin(ask.mechanism, ask.initial.as_ref(), channel).await;
                self.logged_in(ask, step)?;
            }
            Event::AuthResponse(ask) => {
                let step = self.login.step(Some(&ask.octets)).await;
                self.logged_in(ask, step)?;
            }
            Event::AuthCancelled => self.login.cancel(),
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

    async fn offer_logins(&mut self) {
        if self.service.has_login() {
            let offered = self.login.offered(&self.connection).await;
            self.server().offer_mechanisms(offered);
        }
    }

    async fn greet(&mut self, ask: Ask<Connect>) -> Result<(), SessionError> {
        let unwelcome = match self.unwelcome.take() {
            None if !self.delay.is_zero() && self.talks_early().await? => Some(refusal::too_early()),
            unwelcome => unwelcome,
        };
        match unwelcome {
            None => self.server().accept(ask, ())?,
            Some(why) => self.server().reject(ask, why)?,
        }
        Ok(())
    }

    /// Does the client say something while it waits for its greeting? Programs that send spam do not wait.
    async fn talks_early(&mut self) -> Result<bool, SessionError> {
        tokio::select! {
            // What has come by the end of the wait came too early.
            biased;
            told = self.connection.next_unanswered() => Ok(matches!(told?, Some(Event::EarlyTalker))),
            () = sleep(self.delay) => Ok(false),
            () = self.shared.stop.cancelled() => Ok(false),
        }
    }

    fn hello(&mut self, ask: Ask<Hello>) -> Result<(), SessionError> {
        self.transaction = Transaction::default();
        self.client_name = Some(ask.name.detach());
        Ok(self.server().accept(ask, ())?)
    }

    /// Answers a step of an exchange.
    fn logged_in<T>(&mut self, ask: Ask<T>, step: Result<Step, Denied>) -> Result<(), SessionError>
    where
        T: Request<Answer = AuthAnswer, Grant = ()>,
    {
        let answer = match step {
            Ok(Step::Challenge(octets)) => AuthAnswer::Challenge(octets),
            Ok(Step::LoggedIn(account, _)) => {
                self.account = Some(account.id);
                AuthAnswer::Success
            }
            Err(denied) => return Ok(self.server().reject(ask, denied.into())?),
        };
        Ok(self.server().accept(ask, answer)?)
    }

    fn mail(&mut self, ask: Ask<Mail>) -> Result<(), SessionError> {
        if let Err(exceeded) = self.shared.limiter.message(self.client, self.account) {
            return self.refuse(ask, exceeded);
        }
        self.transaction = Transaction::default();
        self.transaction.envelope.mail = ask.clone();
        Ok(self.server().accept(ask, Ack::default())?)
    }

    async fn rcpt(&mut self, ask: Ask<Rcpt>) -> Result<(), SessionError> {
        if let Err(exceeded) = self.shared.limiter.recipient(self.client, self.account) {
            return self.refuse(ask, exceeded);
        }
        match recipient::resolve(&self.shared.store, ask.to()).await {
            Ok(Ok((account, name))) => {
                let transaction = &mut self.transaction;
                transaction.named = transaction.recipients.is_empty().then_some(name);
                transaction.recipients.push(account);
                transaction.envelope.recipients.push(ask.clone());
                Ok(self.server().accept(ask, Ack::default())?)
            }
            Ok(Err(rejection)) => Ok(self.server().reject(ask, rejection)?),
            Err(error) => {
                tracing::error!(error = %Causes(&error), "cannot look up a recipient");
                Ok(self.server().reject(ask, Rejection::local_error())?)
            }
        }
    }

    /// Has the client come back later with what is too much now.
    fn refuse<T: Request>(&mut self, ask: Ask<T>, exceeded: Exceeded) -> Result<(), SessionError> {
        tracing::info!(%exceeded, "refused");
        Ok(self.server().reject(ask, refusal::too_much(exceeded))?)
    }

    async fn data(&mut self, ask: Ask<Data>) -> Result<(), SessionError> {
        match self.open().await {
            Ok(incoming) => {
                self.transaction.incoming = Some(Ok(incoming));
                Ok(self.server().accept(ask, ())?)
            }
            Err(error) => {
                tracing::error!(error = %Causes(&error), "cannot take a message");
                Ok(self.server().reject(ask, refusal::failed(&error))?)
            }
        }
    }

    /// Begins a message in the store, with its trace fields.
    async fn open(&mut self) -> Result<S::Incoming, StoreError> {
        let mut incoming = self.shared.store.incoming().await?;
        let state = self.server().state();
        let dialect = self.server().dialect();
        let mail = &self.transaction.envelope.mail;
        let sender = match mail.from() {
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
                is_utf8: mail.parameters().smtputf8(),
                is_tls: state.security == Security::Tls,
                is_authenticated: state.identity == Identity::Authenticated,
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
                tracing::error!(error = %Causes(&error), "cannot keep a message");
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
            Some(Ok(incoming)) => {
                let (store, received_at) = (&self.shared.store, SystemTime::now());
                store.deliver(incoming, transaction.envelope, &recipients, received_at).await
            }
            Some(Err(error)) => Err(error),
            None => Err(StoreError::Stopped),
        };
        match delivered {
            Ok(outcomes) => {
                let safe = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
                tracing::info!(octets = ask.octets, recipients = safe, "message taken");
                let outcomes: BTreeMap<_, _> = accounts.into_iter().zip(outcomes).collect();
                let each = transaction.recipients.iter().map(|account| match outcomes.get(account) {
                    Some(Ok(_)) => Ok(Ack::default()),
                    Some(Err(_)) | None => Err(Rejection::mailbox_unavailable()),
                });
                Ok(self.server().accept(ask, Delivered::each(each.collect()))?)
            }
            Err(error) => {
                tracing::error!(error = %Causes(&error), "cannot keep a message");
                Ok(self.server().reject(ask, refusal::failed(&error))?)
            }
        }
    }
}
