//! Logging in, whichever protocol asks.
use super::turns::Attempt;
use crate::{
    causes::Causes,
    server::Shared,
    store::{Account, Address, Known, Store, StoreError},
};
use smtp_proto::Mailbox;
use std::{error::Error, net::IpAddr};
use tokio::net::TcpStream;
use tokio_codec::{
    Connection,
    sasl::{Answer, Channel, Mechanism, Progress, Question, Secret, Security, Server, certificate_addresses},
    wire::Machine,
};

/// Characters of a name that go into the log. A client may say some thousand.
const LOGGED: usize = 64;

/// Addresses of a certificate that are looked for.
const ADDRESSES: usize = 16;

/// What is next in an exchange.
pub(super) enum Step {
    /// The client is to answer this.
    Challenge(Vec<u8>),
    /// The client is who it says.
    LoggedIn(Account, Rights),
}

/// What one may do with the account's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    /// It is one's own.
    All,
    /// A guest reads it, and changes nothing.
    Read,
}

/// May somebody come without a name, where the server is told to let them?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guests {
    Allowed,
    /// Nobody sends mail without saying who it is.
    Refused,
}

/// Why nobody has logged in. Each protocol has its words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// The client is not who it says, or said nothing of use.
    Refused,
    /// Nobody could tell.
    Failed,
}

/// One session's way to log in.
pub(super) struct Login<'a, S> {
    shared: &'a Shared<S>,
    client: IpAddr,
    guests: Guests,
    /// Whose certificate the client has shown.
    shown: Vec<Account>,
    exchange: Option<Exchange>,
}

/// An exchange, and whose secret it is about.
struct Exchange {
    server: Server,
    name: String,
    account: Option<Account>,
    rights: Rights,
    /// What is being checked, until its outcome is counted.
    attempt: Option<Attempt>,
    /// Was it counted as failed, though the client may still say something?
    is_counted: bool,
}

impl<'a, S: Store> Login<'a, S> {
    pub(super) fn new(shared: &'a Shared<S>, client: IpAddr, guests: Guests) -> Self {
        Self { shared, client, guests, shown: Vec::new(), exchange: None }
    }

    /// Looks at the connection, and tells what it offers: `-PLUS` only where the server can check what the client binds
    /// to ([RFC 5802 §6](https://www.rfc-editor.org/rfc/rfc5802#section-6)), EXTERNAL only where it has shown whose it is.
    pub(super) async fn offered<M: Machine>(
        &mut self,
        connection: &Connection<TcpStream, M>,
    ) -> Vec<Mechanism> {
        self.shown.clear();
        let tls = connection.stream().tls().map(|tls| tls.get_ref().1);
        if let Some(certificate) = tls.and_then(|tls| self.shared.tls.good(tls.peer_certificates()?)) {
            for address in certificate_addresses(certificate).iter().take(ADDRESSES) {
                let account = self.account_shown(address).await;
                self.shown.extend(account.filter(|account| !self.shown.contains(account)));
            }
        }
        let mut offered = self.shared.logins.config().offered(&self.bound(connection.channel()));
        offered.retain(|mechanism| match *mechanism {
            Mechanism::EXTERNAL => !self.shown.is_empty(),
            Mechanism::ANONYMOUS => self.guests == Guests::Allowed,
            _ => true,
        });
        offered
    }

    /// The account of an address in a certificate that TLS has found good.
    async fn account_shown(&self, address: &str) -> Option<Account> {
        let address = Address::try_from(&Mailbox::new(address).ok()?).ok()?;
        let id = self.shared.store.account(&address).await.map_err(|error| cannot_tell(&error)).ok()??;
        Some(Account { id, address })
    }

    /// The certificate is known here, and not to TLS, which could have shown another.
    fn bound(&self, channel: Channel) -> Channel {
        match &self.shared.tls.end_point {
            Some(end_point) if channel.security() == Security::Tls => channel.binding(end_point.clone()),
            // In clear nobody was shown the certificate.
            _ => channel,
        }
    }

    /// Begins an exchange over such a connection, with the client's initial response if it sent one.
    pub(super) async fn begin(
        &mut self,
        mechanism: Mechanism,
        initial: Option<&Secret>,
        channel: Channel,
    ) -> Result<Step, Denied> {
        self.exchange = Server::begin(mechanism, self.shared.logins.config(), &self.bound(channel))
            .map(|server| Exchange {
                server,
                name: String::new(),
                account: None,
                rights: Rights::All,
                attempt: None,
                is_counted: false,
            })
            .map_err(|error| tracing::info!(%error, "login failed"))
            .ok();
        self.step(initial).await
    }

    /// Takes the client's answer to a challenge.
    pub(super) async fn step(&mut self, said: Option<&Secret>) -> Result<Step, Denied> {
        let Some(mut exchange) = self.exchange.take() else { return Err(Denied::Refused) };
        if !exchange.is_counted {
            // Others of the network may have failed since the exchange began.
            exchange.attempt = Some(self.attempt().await?);
        }
        let mut progress = exchange.server.receive(said.map(Secret::as_bytes));
        let mut is_refused = false;
        loop {
            progress = match progress {
                Progress::Ask(question) => {
                    let answer = self.know(&mut exchange, question).await?;
                    is_refused = answer == Answer::Refused;
                    exchange.server.answer(answer)
                }
                Progress::Challenge(challenge) => {
                    if is_refused {
                        // The client has heard it: it need not end the exchange.
                        self.failed(&exchange.name);
                        exchange.is_counted = true;
                    }
                    exchange.attempt = None;
                    self.exchange = Some(exchange);
                    return Ok(Step::Challenge(challenge.as_bytes().to_vec()));
                }
                Progress::Done(_) => {
                    let account = self.ended(&exchange.name, exchange.account)?;
                    return Ok(Step::LoggedIn(account, exchange.rights));
                }
                Progress::Failed(failure) => {
                    tracing::debug!(%failure, "exchange failed");
                    if exchange.is_counted {
                        return Err(Denied::Refused);
                    }
                    self.failed(&exchange.name);
                    return Err(Denied::Refused);
                }
            }
        }
    }

    /// The client gave its exchange up.
    pub(super) fn cancel(&mut self) {
        self.exchange = None;
    }

    /// Checks a name and a password that came by no mechanism.
    pub(super) async fn check(&self, name: &str, password: &[u8]) -> Result<Account, Denied> {
        let mut attempt = self.attempt().await?;
        attempt.with_password().await;
        // A mechanism prepares the name, and keys the password.
        let account = match stringprep::saslprep(name) {
            Ok(name) => self.whose(&name, Secret::copy_from(password)).await?,
            Err(_) => None,
        };
        self.ended(name, account)
    }

    /// Waits until the client's network may fail once more; refuses where it has failed too often.
    async fn attempt(&self) -> Result<Attempt, Denied> {
        let limiter = &self.shared.limiter;
        let client = limiter.client(self.client);
        self.shared.turns.attempt(self.client, || limiter.login(client)).await.map_err(|exceeded| {
            tracing::info!(%exceeded, "refused");
            Denied::Failed
        })
    }

    fn ended(&self, name: &str, account: Option<Account>) -> Result<Account, Denied> {
        if let Some(account) = &account {
            tracing::info!(account = ?account.address.to_string(), "logged in");
        } else {
            self.failed(name);
        }
        account.ok_or(Denied::Refused)
    }

    fn failed(&self, name: &str) {
        let limiter = &self.shared.limiter;
        limiter.login_failed(limiter.client(self.client));
        tracing::info!(name = ?shown(name), "login failed");
    }

    /// What a mechanism wants to know.
    async fn know(&self, exchange: &mut Exchange, question: Question) -> Result<Answer, Denied> {
        let store = &self.shared.store;
        Ok(match question {
            Question::Password { name, password } => {
                if let Some(attempt) = &mut exchange.attempt {
                    attempt.with_password().await;
                }
                exchange.account = self.whose(&name, password).await?;
                exchange.name = name;
                granted(exchange.account.as_ref())
            }
            Question::Keys { name, hash } => {
                let known = store.credentials(&name).await.map_err(|error| cannot_tell(&error))?;
                exchange.name = name;
                match known {
                    Known::Account(account, credentials) => {
                        exchange.account = Some(account);
                        Answer::Keys(credentials.keys(hash).clone())
                    }
                    Known::Nobody { called } => Answer::Unknown { called },
                }
            }
            Question::Token { name, token } => {
                if let Some(attempt) = &mut exchange.attempt {
                    attempt.with_token().await;
                }
                let account = self.whose_token(name.as_deref(), &token).await;
                exchange.account = account.map_err(|error| cannot_tell(&*error))?;
                exchange.name = name.unwrap_or_default();
                granted(exchange.account.as_ref())
            }
            Question::External { authorization } => {
                exchange.account = match &authorization {
                    Some(name) => {
                        let wanted = self.account(name).await.map_err(|error| cannot_tell(&error))?;
                        wanted.filter(|wanted| self.shown.contains(wanted))
                    }
                    // One whose certificate is good for several says which.
                    None if self.shown.len() == 1 => self.shown.first().cloned(),
                    None => None,
                };
                exchange.name = authorization.unwrap_or_default();
                granted(exchange.account.as_ref())
            }
            Question::Anonymous { trace } => {
                tracing::info!(trace = ?shown(&trace), "a guest");
                exchange.rights = Rights::Read;
                exchange.account =
                    self.shared.logins.guest().filter(|_| self.guests == Guests::Allowed).cloned();
                granted(exchange.account.as_ref())
            }
            // An account acts as itself alone, but may have been called in two ways.
            Question::ActAs { other, .. } => {
                match self.account(&other).await.map_err(|error| cannot_tell(&error))? {
                    Some(account) if exchange.account.as_ref() == Some(&account) => granted(Some(&account)),
                    _ => Answer::Refused,
                }
            }
            _ => Answer::Refused,
        })
    }

    /// The command has the last word, but no client gets another account than it asked for.
    async fn whose_token(
        &self,
        name: Option<&str>,
        token: &Secret,
    ) -> Result<Option<Account>, Box<dyn Error + Send + Sync>> {
        let Some(tokens) = self.shared.logins.tokens() else { return Ok(None) };
        let Some(found) = tokens.whose(name, token).await? else { return Ok(None) };
        let account = self.account(&found).await?;
        match name {
            Some(name) if self.account(name).await? != account => Ok(None),
            _ => Ok(account),
        }
    }

    async fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        match self.shared.store.credentials(name).await? {
            Known::Account(account, _) => Ok(Some(account)),
            Known::Nobody { .. } => Ok(None),
        }
    }

    async fn whose(&self, name: &str, password: Secret) -> Result<Option<Account>, Denied> {
        let account = self.shared.logins.check(&self.shared.store, name, password).await;
        account.map_err(|error| cannot_tell(&error))
    }
}

fn granted(account: Option<&Account>) -> Answer {
    account.map_or(Answer::Refused, |account| Answer::Granted(account.address.to_string()))
}

fn cannot_tell(error: &(dyn Error + 'static)) -> Denied {
    tracing::error!(error = %Causes(error), "cannot check a login");
    Denied::Failed
}

/// As much of a name as goes into the log, where it is quoted: a client may call itself anything, a line end included.
fn shown(name: &str) -> String {
    name.chars().take(LOGGED).collect()
}
