//! An account on a server, and how to reach it.
use crate::{
    cli::{Options, Tls},
    password::{self, PasswordError},
    session::Mail,
    tls::{self, Identity},
    trace::Trace,
};
use imap_proto::{
    CleartextLogin, ClientConfig, Mechanism, Secret, TlsPolicy,
    response::{Code, StatusKind},
};
use std::{error::Error, sync::Arc};
use thiserror::Error;
use tokio_codec::{
    imap::{self, Session},
    rustls::{self, pki_types::ServerName},
    sasl::{Credentials, InvalidCredentials, Policy},
};

/// An account on a server, and how to reach it.
pub(crate) struct Account {
    reach: Reach,
    user: String,
    key: Key,
    mechanism: Option<Mechanism>,
}

/// A server, and how to reach it.
pub(crate) struct Reach {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) route: Route,
    pub(crate) fallback: Fallback,
    pub(crate) trace: Trace,
}

/// What is done where STARTTLS is not offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// The session ends.
    None,
    /// It goes on in clear, without a login.
    Clear,
}

/// What opens the account.
enum Key {
    Password(Secret),
    Token(Secret),
    /// The command that says a token: they do not last.
    Command(String),
    /// The certificate that TLS shows.
    Certificate,
}

/// How the connection is secured, with what that needs.
pub(crate) enum Route {
    Implicit(Arc<rustls::ClientConfig>, ServerName<'static>),
    StartTls(Arc<rustls::ClientConfig>, ServerName<'static>),
    Clear,
}

/// The ports of a protocol: with TLS from the start, where STARTTLS is said, and in clear.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    implicit: u16,
    starttls: u16,
    clear: u16,
}

impl Ports {
    pub(crate) const IMAP: Self = Self { implicit: 993, starttls: 143, clear: 143 };
    pub(crate) const POP3: Self = Self { implicit: 995, starttls: 110, clear: 110 };
    /// Submission, and relays.
    pub(crate) const SMTP: Self = Self { implicit: 465, starttls: 587, clear: 25 };
    /// Which has none of its own: that of many servers.
    pub(crate) const LMTP: Self = Self { implicit: 24, starttls: 24, clear: 24 };
}

/// Why the account cannot be opened.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    /// There is no session.
    #[error("cannot connect to {host}:{port}")]
    Connect {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// Why.
        source: imap::Error,
    },
    /// There is one, but it is not this user's.
    #[error("cannot log in as {user}")]
    Login {
        /// The user.
        user: String,
        /// Why.
        source: imap::Error,
    },
    /// Nothing could be said.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Why there is nothing to log in with.
#[derive(Debug, Error)]
pub(crate) enum KeyError {
    /// The command that says the token says none.
    #[error("there is no token")]
    Token(#[source] PasswordError),
    /// The name, the password or the token cannot be said.
    #[error("the account's name or its password")]
    Credentials(#[from] InvalidCredentials),
}

impl OpenError {
    /// Is it this user or this password? Then trying again helps nobody.
    pub(crate) fn is_refusal(&self) -> bool {
        use imap::Error::{Credentials, Login, NotSent, Refused};
        match self {
            // The next one may be good.
            Self::Connect { .. } | Self::Key(KeyError::Token(_)) => false,
            Self::Key(KeyError::Credentials(_)) => true,
            Self::Login { source: Refused(status), .. } => {
                let passes = matches!(status.code(), Some(Code::Unavailable | Code::InUse | Code::Limit));
                status.kind() != StatusKind::Bye && !passes
            }
            Self::Login { source, .. } => matches!(source, NotSent(_) | Credentials(_) | Login(_)),
        }
    }
}

impl Reach {
    /// A server on this machine, behind a socket that has no TLS.
    pub(crate) fn local(options: &Options) -> Self {
        let trace = if options.trace { Trace::On } else { Trace::Off };
        let (port, route, fallback) = (Ports::LMTP.clear, Route::Clear, Fallback::None);
        Self { host: "localhost".to_owned(), port, route, fallback, trace }
    }

    /// The server of these options.
    pub(crate) fn new(options: &Options, ports: Ports) -> Result<Self, Box<dyn Error>> {
        let server = options.server.clone().ok_or("no server was told")?;
        let name = || {
            ServerName::try_from(server.host.clone())
                .map_err(|_| format!("{} is neither a host name nor an address", server.host))
        };
        let tls = || {
            let identity = options.cert.as_deref().map(|certificate| Identity {
                certificate,
                key: options.key.as_deref().unwrap_or(certificate),
            });
            tls::config(options.ca.as_deref(), identity)
        };
        let route = match options.tls {
            Tls::Implicit => Route::Implicit(tls()?, name()?),
            Tls::Starttls | Tls::Opportunistic => Route::StartTls(tls()?, name()?),
            Tls::Off => Route::Clear,
        };
        let fallback = if options.tls == Tls::Opportunistic { Fallback::Clear } else { Fallback::None };
        let usual = match options.tls {
            Tls::Implicit => ports.implicit,
            Tls::Starttls => ports.starttls,
            Tls::Opportunistic | Tls::Off => ports.clear,
        };
        let port = server.port.unwrap_or(usual);
        let trace = if options.trace { Trace::On } else { Trace::Off };
        Ok(Self { host: server.host, port, route, fallback, trace })
    }
}

impl Account {
    /// The account of these options. It may ask for the password.
    pub(crate) fn new(options: &Options, ports: Ports) -> Result<Self, Box<dyn Error>> {
        let reach = Reach::new(options, ports)?;
        let user = options.user.clone().ok_or("no user was told")?;
        let is_certificate = options.cert.is_some() && options.password_file.is_none();
        let key = match (&options.token_command, options.token) {
            (Some(command), _) => Key::Command(command.clone()),
            (None, false) if is_certificate => Key::Certificate,
            (None, is_token) => {
                let found = password::find(options.password_file.as_deref(), &user)?;
                if is_token { Key::Token(found) } else { Key::Password(found) }
            }
        };
        Ok(Self { reach, user, key, mechanism: options.mechanism })
    }

    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// What the login is with, in a word.
    pub(crate) fn secret(&self) -> &'static str {
        match self.key {
            Key::Password(_) => "password",
            Key::Token(_) | Key::Command(_) => "token",
            Key::Certificate => "certificate",
        }
    }

    /// Connects and logs in, by IMAP.
    pub(crate) async fn open(&self) -> Result<Mail, OpenError> {
        self.reach.trace.note(format_args!("connecting to {}:{}", self.reach.host, self.reach.port));
        let connected = self.connect().await;
        let mut session = connected.map_err(|source| {
            let host = self.reach.host.clone();
            OpenError::Connect { host, port: self.reach.port, source }
        })?;
        self.reach.trace.offers(&mut session);
        self.reach.trace.note(format_args!("logging in as {} with the {} ***", self.user, self.secret()));
        let logged_in = imap::login(&mut session, self.credentials()?, &self.policy()).await;
        logged_in.map_err(|source| OpenError::Login { user: self.user.clone(), source })?;
        self.reach.trace.offers(&mut session);
        Ok(Mail::new(session, self.reach.trace))
    }

    pub(crate) fn credentials(&self) -> Result<Credentials, KeyError> {
        let token = match &self.key {
            Key::Password(password) => return Ok(Credentials::password(&self.user, password.clone())?),
            Key::Token(token) => token.clone(),
            // Which of those that the certificate is good for, is for the server to check.
            Key::Certificate => return Ok(Credentials::external().acting_as(&self.user)?),
            Key::Command(command) => password::of_command(command).map_err(KeyError::Token)?,
        };
        Ok(Credentials::token(&self.user, token)?.connected_to(&self.reach.host, self.reach.port)?)
    }

    pub(crate) fn policy(&self) -> Policy {
        let policy = match self.reach.route {
            Route::Clear => Policy::default().cleartext(CleartextLogin::Allow),
            Route::Implicit(..) | Route::StartTls(..) => Policy::default(),
        };
        match self.mechanism {
            Some(mechanism) => policy.only(&[mechanism]),
            None => policy,
        }
    }

    async fn connect(&self) -> Result<Session, imap::Error> {
        let address = (self.reach.host.as_str(), self.reach.port);
        let config = ClientConfig::default();
        match &self.reach.route {
            Route::Implicit(tls, name) => imap::connect_tls(address, config, tls.clone(), name.clone()).await,
            Route::StartTls(tls, name) => {
                imap::connect_starttls(address, config, tls.clone(), name.clone()).await
            }
            Route::Clear => {
                let (tls, cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
                imap::connect(address, ClientConfig { tls, cleartext, ..config }).await
            }
        }
    }
}
