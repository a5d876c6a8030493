//! IMAP: hands out an account's folders, to many clients at once.
mod answer;
mod append;
mod changes;
mod fetch;
mod folders;
mod part;
mod pattern;
mod search;
mod selected;
mod summaries;

use super::{
    SessionError, connect,
    login::{Denied, Guests, Login, Rights, Step},
};
use crate::{
    causes::Causes,
    server::{Service, Shared, Welcome},
    store::{AccountId, Store},
};
use append::Appending;
use imap_proto::{
    AString, Ask, CleartextLogin, FinishError, Leniency, Offer, Reason, Security, ServerConfig, State, Text,
    response::{Capabilities, Capability, Code, Namespace, Namespaces, Untagged},
    server::{AuthAnswer, Completion, Event, Rejection, Request, Running, Server, StreamError, TellError},
};
use selected::Selected;
use std::{future, net::SocketAddr};
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
    let login = Login::new(shared, peer.ip(), Guests::Allowed);
    let session = Session {
        connection,
        shared,
        welcome,
        login,
        account: None,
        rights: Rights::All,
        selected: None,
        appending: None,
    };
    if let Err(error) = session.run().await {
        tracing::info!(error = %Causes(&error), "session ended");
    }
}

fn server_config<S>(service: Service, shared: &Shared<S>) -> ServerConfig {
    let mut server = ServerConfig::default();
    server.security = if service.is_tls() { Security::Tls } else { Security::Clear };
    server.starttls = if service.is_tls() { Offer::No } else { Offer::Yes };
    if shared.config.auth.allow_cleartext_login {
        server.cleartext = CleartextLogin::Allow;
    }
    let offered = server.capabilities.clone().without(Capability::LiteralMinus);
    server.capabilities = [
        Capability::LiteralPlus,
        Capability::SpecialUse,
        Capability::ESearch,
        Capability::MultiAppend,
        Capability::StatusSize,
    ]
    .into_iter()
    .fold(offered, Capabilities::with);
    let name = AString::try_from("name").ok().zip(AString::try_from(env!("CARGO_PKG_NAME")).ok());
    server.id = name.map(|(name, value)| (name, Some(value))).into_iter().collect();
    server.namespaces = Some(namespaces());
    server.limits.literal = shared.config.limits.max_message;
    server.leniency = Leniency::LENIENT;
    server
}

/// One's own folders, and no one else's.
fn namespaces() -> Namespaces {
    let prefix = AString::default();
    let personal = Namespace { prefix, delimiter: Some(pattern::DELIMITER), extensions: Vec::new() };
    Namespaces { personal: vec![personal], ..Namespaces::default() }
}

/// `[LIMIT]`: the client has had its share of connections.
fn come_back_later() -> Rejection {
    let text = Text::from_static("too many connections from your address, try again later");
    Rejection::no(text).with_code(Code::Limit)
}

impl From<FinishError> for SessionError {
    fn from(error: FinishError) -> Self {
        Self::Unsent(error.to_string())
    }
}

impl From<TellError> for SessionError {
    fn from(error: TellError) -> Self {
        Self::Unsent(error.to_string())
    }
}

impl<T> From<StreamError<T>> for SessionError {
    fn from(error: StreamError<T>) -> Self {
        Self::Unsent(error.to_string())
    }
}

impl From<Denied> for Rejection {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused => Self::AUTHENTICATION_FAILED,
            Denied::Failed => Self::UNAVAILABLE,
        }
    }
}

/// One connection.
struct Session<'a, S: Store> {
    connection: Connection<TcpStream, Server>,
    shared: &'a Shared<S>,
    welcome: Welcome,
    login: Login<'a, S>,
    /// Who has logged in.
    account: Option<AccountId>,
    rights: Rights,
    selected: Option<Selected<S::Folder>>,
    appending: Option<Appending<S::Incoming>>,
}

impl<S: Store> Session<'_, S> {
    async fn run(mut self) -> Result<(), SessionError> {
        self.offer_logins().await;
        let stop = self.shared.stop.clone();
        loop {
            let idling = matches!(self.server().state(), State::Idling(_));
            let changed = async {
                match &mut self.selected {
                    Some(selected) if idling => selected.changed().await,
                    _ => future::pending().await,
                }
            };
            tokio::select! {
                biased;
                event = self.connection.next() => match event? {
                    // Boxed: what a command needs while it is carried out, a thousand sessions that idle do not hold.
                    Some(event) => Box::pin(self.handle(event)).await?,
                    None => return Ok(()),
                },
                () = stop.cancelled() => {
                    self.connection.close(Reason::Shutdown).await;
                    return Ok(());
                }
                () = changed => Box::pin(self.tell_changes()).await?,
            }
        }
    }

    fn server(&mut self) -> &mut Server {
        self.connection.machine()
    }

    async fn handle(&mut self, event: Event) -> Result<(), SessionError> {
        match event {
            Event::Connect(ask) => match self.welcome {
                Welcome::Yes => self.server().accept(ask, imap_proto::server::Welcome::Ok)?,
                Welcome::Full => self.server().reject(ask, Rejection::UNAVAILABLE)?,
                Welcome::NotNow => self.server().reject(ask, come_back_later())?,
            },
            Event::StartTls(ask) => {
                let upgrade = self.server().accept(ask, ())?;
                tokio::select! {
                    upgraded = self.connection.accept_tls(upgrade, self.shared.tls(Service::Imap)) => upgraded?,
                    () = self.shared.stop.cancelled() => return Err(SessionError::Stopped),
                }
                self.offer_logins().await;
            }
            Event::Login(ask) => {
                let name = ask.username.to_str_lossy().into_owned();
                let account = self.login.check(&name, ask.password.as_bytes()).await;
                let logged_in = account.map(|account| self.account = Some(account.id));
                self.answer(ask, logged_in.map_err(Into::into))?;
            }
            Event::Authenticate(ask) => {
                let channel = self.connection.channel();
                let step = self.login.begin(ask.mechanism, ask.initial.as_ref(), channel).await;
                self.authenticate(ask, step)?;
            }
            Event::AuthResponse(ask) => {
                let step = self.login.step(Some(&ask.octets)).await;
                self.authenticate(ask, step)?;
            }
            Event::AuthCancelled => self.login.cancel(),
            Event::Select(ask) => self.select(ask).await?,
            Event::Close(ask) => self.close(ask).await?,
            Event::Unselect(ask) => {
                self.selected = None;
                self.server().accept(ask, ())?;
            }
            Event::Noop(ask) => self.do_nothing(ask).await?,
            Event::Check(ask) => self.do_nothing(ask).await?,
            Event::Idle(ask) => {
                self.server().accept(ask, ())?;
                self.tell_changes().await?;
            }
            Event::List(ask) => self.list(ask).await?,
            Event::Lsub(ask) => self.lsub(ask).await?,
            Event::Status(ask) => self.status(ask).await?,
            Event::NextMessage(ask) => self.next_message(ask).await?,
            Event::Payload(octets) => self.appended(octets).await,
            Event::AppendEnd(ask) => self.append_end(ask).await?,
            Event::AppendAborted => self.appending = None,
            Event::Search(ask) => self.search(ask).await?,
            Event::Fetch(ask) => self.fetch(ask).await?,
            event => self.change(event).await?,
        }
        Ok(())
    }

    async fn offer_logins(&mut self) {
        let offered = self.login.offered(&self.connection).await;
        self.server().offer_mechanisms(offered);
    }

    /// What would change the mail.
    async fn change(&mut self, event: Event) -> Result<(), SessionError> {
        macro_rules! changes {
            ($($event:ident => $method:ident),*) => {
                match event {
                    $(Event::$event(ask) => match self.may_change(ask)? {
                        Some(ask) => self.$method(ask).await,
                        None => Ok(()),
                    },)*
                    _ => Ok(()),
                }
            };
        }
        changes! {
            Create => create, Delete => delete, Rename => rename, Subscribe => subscribe, Unsubscribe => unsubscribe,
            Append => append, Store => store, Copy => copy, Move => r#move, Expunge => expunge, UidExpunge => uid_expunge
        }
    }

    /// Answers a question that grants nothing.
    fn answer<T>(&mut self, ask: Ask<T>, answer: Result<T::Answer, Rejection>) -> Result<(), SessionError>
    where
        T: Request<Grant = ()>,
    {
        match answer {
            Ok(answer) => Ok(self.server().accept(ask, answer)?),
            Err(rejection) => Ok(self.server().reject(ask, rejection)?),
        }
    }

    /// Answers a step of an exchange.
    fn authenticate<T>(&mut self, ask: Ask<T>, step: Result<Step, Denied>) -> Result<(), SessionError>
    where
        T: Request<Answer = AuthAnswer, Grant = ()>,
    {
        let answer = match step {
            Ok(Step::Challenge(octets)) => Ok(AuthAnswer::Challenge(octets)),
            Ok(Step::LoggedIn(account, rights)) => {
                (self.account, self.rights) = (Some(account.id), rights);
                Ok(AuthAnswer::Success)
            }
            Err(denied) => Err(denied.into()),
        };
        self.answer(ask, answer)
    }

    /// May the client change something? If it is a guest, it has heard that it may not.
    fn may_change<T: Request>(&mut self, ask: Ask<T>) -> Result<Option<Ask<T>>, SessionError> {
        if self.rights == Rights::All {
            return Ok(Some(ask));
        }
        self.server().reject(ask, Rejection::NO_PERMISSION)?;
        Ok(None)
    }

    /// Whose folders these are.
    fn account(&self) -> Result<AccountId, SessionError> {
        // The machine lets no command through that needs a login before there was one.
        self.account.ok_or(SessionError::Stale)
    }

    /// NOOP and CHECK: what is new is told.
    async fn do_nothing<T>(&mut self, ask: Ask<T>) -> Result<(), SessionError>
    where
        T: Request<Answer = (), Grant = Running<T>>,
    {
        let running = self.server().accept(ask, ())?;
        self.complete(running, Completion::OK).await
    }

    /// Ends a command. What is new is told before, as far as it may be.
    async fn complete<T>(&mut self, running: Running<T>, completion: Completion) -> Result<(), SessionError> {
        self.tell_changes().await?;
        Ok(self.server().complete(running, completion)?)
    }
}

impl<S: Store> Session<'_, S> {
    /// Tells something that a command asked for.
    async fn data<T>(&mut self, running: &Running<T>, mut untagged: Untagged) -> Result<(), SessionError> {
        loop {
            match self.server().data(running, untagged) {
                Ok(()) => return Ok(()),
                Err(TellError::Blocked { untagged: back, .. }) => untagged = back,
                Err(error) => return Err(error.into()),
            }
            self.connection.flush().await?;
        }
    }
}
