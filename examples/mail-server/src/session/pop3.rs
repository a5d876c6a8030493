//! POP3: hands out an account's INBOX.
mod header;

use super::{
    SessionError, connect,
    login::{Denied, Guests, Login, Rights, Step},
};
use crate::{
    causes::Causes,
    server::{Service, Shared, Welcome},
    store::{Account, Body, Maildrop, MaildropError, Message, Store, Uid},
};
use header::Header;
use pop3_proto::{
    Ask, Charset, CleartextLogin, DropListing, Implementation, Language, LanguageTag, Leniency, Mechanisms,
    MessageNumber, Offer, Reason, ReplyText, ResponseCode, ScanListing, Security, ServerConfig, Text,
    TopLines, UniqueId, UniqueIdListing, Upload,
    server::{AuthAnswer, Entry, Event, Listing, Quit, Rejection, Request, Retr, Server, Top},
};
use std::net::SocketAddr;
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
    let session = Session { connection, shared, welcome, login, rights: Rights::All, maildrop: None };
    if let Err(error) = session.run().await {
        tracing::info!(error = %Causes(&error), "session ended");
    }
}

fn server_config<S>(service: Service, shared: &Shared<S>) -> ServerConfig {
    let mut server = ServerConfig::default();
    server.security = if service.is_tls() { Security::Tls } else { Security::Clear };
    server.stls = if service.is_tls() { Offer::No } else { Offer::Yes };
    if shared.config.auth.allow_cleartext_login {
        server.cleartext = CleartextLogin::Allow;
    }
    server.implementation = Implementation::new(Text::from_static(env!("CARGO_PKG_NAME"))).ok();
    server.leniency = Leniency::LENIENT;
    server.utf8 = Some(Charset::Utf8);
    server.languages.extend(english());
    server
}

/// What the server speaks.
fn english() -> Option<Language> {
    let tag = LanguageTag::new("en").ok()?;
    Language::new(tag, Some(Text::from_static("English"))).ok()
}

/// `[SYS/TEMP]`: the client has had its share of connections.
fn come_back_later() -> Rejection {
    let words = "too many connections from your address, try again later";
    let text = ReplyText::with_code(ResponseCode::SysTemp, words);
    text.map_or(Rejection::TEMPORARY_FAILURE, Rejection::new)
}

/// One connection.
struct Session<'a, S: Store> {
    connection: Connection<TcpStream, Server>,
    shared: &'a Shared<S>,
    welcome: Welcome,
    login: Login<'a, S>,
    rights: Rights,
    maildrop: Option<S::Maildrop>,
}

impl<S: Store> Session<'_, S> {
    async fn run(mut self) -> Result<(), SessionError> {
        self.offer_logins().await;
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
            Event::Connect(ask) => match self.welcome {
                Welcome::Yes => self.server().accept(ask, ())?,
                Welcome::Full => self.server().reject(ask, Rejection::TEMPORARY_FAILURE)?,
                Welcome::NotNow => self.server().reject(ask, come_back_later())?,
            },
            Event::StartTls(ask) => {
                let upgrade = self.server().accept(ask, ())?;
                tokio::select! {
                    upgraded = self.connection.accept_tls(upgrade, self.shared.tls(Service::Pop3)) => upgraded?,
                    () = self.shared.stop.cancelled() => return Err(SessionError::Stopped),
                }
                self.offer_logins().await;
            }
            Event::Login(ask) => {
                let name = ask.name.to_str_lossy();
                let listing = match self.login.check(&name, ask.password.as_bytes()).await {
                    Ok(account) => self.logged_in(&account, Rights::All).await,
                    Err(denied) => Err(denied.into()),
                };
                self.answer(ask, listing)?;
            }
            Event::Auth(ask) => {
                let channel = self.connection.channel();
                let step = self.login.begin(ask.mechanism, ask.initial.as_ref(), channel).await;
                self.authenticate(ask, step).await?;
            }
            Event::AuthResponse(ask) => {
                let step = self.login.step(Some(&ask.octets)).await;
                self.authenticate(ask, step).await?;
            }
            Event::AuthCancelled => self.login.cancel(),
            Event::List(ask) => {
                let size = self.size(ask.message);
                self.answer(ask, size)?;
            }
            Event::Uidl(ask) => {
                let id = self.message(ask.message).and_then(unique_id);
                self.answer(ask, id.ok_or(Rejection::TEMPORARY_FAILURE))?;
            }
            Event::ListAll(ask) => {
                let listing = self.server().accept(ask, ())?;
                let entry = |message, of: &Message| Some(ScanListing { message, octets: of.size });
                self.list(listing, entry).await?;
            }
            Event::UidlAll(ask) => {
                let listing = self.server().accept(ask, ())?;
                let entry = |message, of: &Message| Some(UniqueIdListing { message, id: unique_id(of)? });
                self.list(listing, entry).await?;
            }
            Event::Retr(ask) => self.retr(ask).await?,
            Event::Top(ask) => self.top(ask).await?,
            Event::Dele(ask) if self.rights == Rights::Read => {
                let text = ReplyText::from_static("guests delete nothing");
                self.server().reject(ask, Rejection::new(text))?;
            }
            Event::Dele(ask) => {
                let size = self.size(ask.message);
                self.answer(ask, size)?;
            }
            Event::Quit(ask) => self.quit(ask).await?,
            _ => {}
        }
        Ok(())
    }

    async fn offer_logins(&mut self) {
        let offered = self.login.offered(&self.connection).await;
        // One line has room for all that there are.
        self.server().offer_mechanisms(Mechanisms::new(offered).unwrap_or_default());
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
    async fn authenticate<T>(&mut self, ask: Ask<T>, step: Result<Step, Denied>) -> Result<(), SessionError>
    where
        T: Request<Answer = AuthAnswer, Grant = ()>,
    {
        let answer = match step {
            Ok(Step::Challenge(octets)) => Ok(AuthAnswer::Challenge(octets)),
            Ok(Step::LoggedIn(account, rights)) => {
                self.logged_in(&account, rights).await.map(AuthAnswer::Success)
            }
            Err(denied) => Err(denied.into()),
        };
        self.answer(ask, answer)
    }

    /// Opens the maildrop of one who has logged in; it is locked, but for guests.
    async fn logged_in(&mut self, account: &Account, rights: Rights) -> Result<DropListing, Rejection> {
        let maildrop = self.open_maildrop(account, rights).await?;
        self.rights = rights;
        let messages = maildrop.messages();
        // Message numbers have 32 bits; what is beyond them comes when these are gone.
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        let octets = messages.iter().map(|message| message.size).sum();
        self.maildrop = Some(maildrop);
        Ok(DropListing { messages: count, octets })
    }

    async fn open_maildrop(&self, account: &Account, rights: Rights) -> Result<S::Maildrop, Rejection> {
        let opened = match rights {
            Rights::All => self.shared.store.maildrop(account.id).await,
            Rights::Read => self.shared.store.maildrop_to_read(account.id).await,
        };
        match opened {
            Ok(maildrop) => Ok(maildrop),
            Err(MaildropError::InUse) => Err(Rejection::IN_USE),
            Err(error) => {
                tracing::error!(error = %Causes(&error), "cannot open a maildrop");
                Err(Rejection::TEMPORARY_FAILURE)
            }
        }
    }

    fn message(&self, number: MessageNumber) -> Option<&Message> {
        self.maildrop.as_ref()?.messages().get(number.index())
    }

    fn size(&self, number: MessageNumber) -> Result<u64, Rejection> {
        self.message(number).map(|message| message.size).ok_or(Rejection::TEMPORARY_FAILURE)
    }

    async fn open(&self, number: MessageNumber) -> Result<<S::Maildrop as Maildrop>::Body, Rejection> {
        let (Some(maildrop), Some(message)) = (&self.maildrop, self.message(number)) else {
            return Err(Rejection::TEMPORARY_FAILURE);
        };
        maildrop.open(message).await.map_err(|error| {
            tracing::error!(error = %Causes(&error), "cannot open a message");
            Rejection::TEMPORARY_FAILURE
        })
    }

    /// Opens a message for a client that takes it: one who has not said UTF8 takes none with UTF-8 in its header
    /// ([RFC 6856 §2.1](https://www.rfc-editor.org/rfc/rfc6856#section-2.1)).
    async fn open_for_client(
        &mut self,
        number: MessageNumber,
    ) -> Result<Result<<S::Maildrop as Maildrop>::Body, Rejection>, SessionError> {
        let mut body = match self.open(number).await {
            Ok(body) => body,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if self.server().charset() == Charset::Utf8 {
            return Ok(Ok(body));
        }
        let mut header = Header::default();
        while let Some(chunk) = body.next().await? {
            header.take(&chunk);
            if header.has_ended() {
                break;
            }
        }
        if header.holds_utf8() { Ok(Err(Rejection::NEEDS_UTF8)) } else { Ok(self.open(number).await) }
    }

    async fn retr(&mut self, ask: Ask<Retr>) -> Result<(), SessionError> {
        let body = match self.open_for_client(ask.message).await? {
            Ok(body) => body,
            Err(rejection) => return Ok(self.server().reject(ask, rejection)?),
        };
        let upload = self.server().accept(ask, body.size())?;
        self.send(upload, body, None).await
    }

    async fn top(&mut self, ask: Ask<Top>) -> Result<(), SessionError> {
        let body = match self.open_for_client(ask.message).await? {
            Ok(body) => body,
            Err(rejection) => return Ok(self.server().reject(ask, rejection)?),
        };
        let top = TopLines::new(ask.lines);
        let upload = self.server().accept(ask, ())?;
        self.send(upload, body, Some(top)).await
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
                tracing::error!(error = %Causes(&error), "cannot delete messages");
                Ok(self.server().reject(ask, Rejection::NOT_REMOVED)?)
            }
        }
    }
}

impl From<Denied> for Rejection {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused => Self::AUTHENTICATION_FAILED,
            Denied::Failed => Self::TEMPORARY_FAILURE,
        }
    }
}

fn unique_id(message: &Message) -> Option<UniqueId> {
    UniqueId::new(message.unique_id()).ok()
}
