//! What the server is told: defaults, over them the configuration file, over that the command line.
use crate::{cli::Options, limits::Subnet};
use serde::Deserialize;
use smtp_proto::ClientName;
use std::{
    fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};
use thiserror::Error;

/// Where to listen, or that nobody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Endpoint {
    /// Nowhere.
    Off,
    /// On this address and port.
    At(SocketAddr),
}

/// Neither an address with its port nor `off`.
#[derive(Debug, Error)]
#[error("'{0}' is neither ADDR:PORT nor 'off'")]
pub struct InvalidEndpoint(String);

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;
    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        match text {
            "off" => Ok(Self::Off),
            text => text.parse().map(Self::At).map_err(|_| InvalidEndpoint(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Endpoint {
    type Error = InvalidEndpoint;
    fn try_from(text: String) -> Result<Self, InvalidEndpoint> {
        text.parse()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(address) => address.fmt(f),
        }
    }
}

/// Everything the server is told.
///
/// A configuration file holds these names; what it leaves out has its default.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder of the data.
    pub data: PathBuf,
    /// The server's name in greetings and trace fields.
    pub hostname: String,
    /// Where to listen.
    pub listen: Listen,
    /// Whose certificate to show.
    pub tls: Tls,
    /// How mail is taken from anybody.
    pub smtp: Smtp,
    /// How accounts log in.
    pub auth: Auth,
    /// What sessions may cost.
    pub limits: Limits,
    /// How much to log: `error`, `warn`, `info`, `debug` or `trace`.
    pub log: String,
}

/// Where to listen.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// SMTP.
    pub smtp: Endpoint,
    /// Submission with STARTTLS.
    pub submission: Endpoint,
    /// Submission by TLS.
    pub submissions: Endpoint,
    /// LMTP.
    pub lmtp: Endpoint,
    /// IMAP with STARTTLS.
    pub imap: Endpoint,
    /// IMAP by TLS.
    pub imaps: Endpoint,
    /// POP3 with STLS.
    pub pop3: Endpoint,
    /// POP3 by TLS.
    pub pop3s: Endpoint,
}

/// Whose certificate to show. Without files a self-signed one is made in the data folder.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The certificate and its chain (PEM).
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM).
    pub key: Option<PathBuf>,
    /// Who vouches for the certificates of clients (PEM). Without one, nobody logs in by certificate.
    pub client_ca: Option<PathBuf>,
}

/// How mail is taken from anybody.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// How long a client waits for its greeting, in milliseconds. One that says something meanwhile is refused.
    pub greeting_delay_milliseconds: u64,
    /// Is DSN offered? The server keeps what is asked of notifications, and sends none itself.
    pub dsn: bool,
}

/// How accounts log in.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Let passwords cross the network in clear.
    pub allow_cleartext_login: bool,
    /// The command that is asked whose a token of OAuth 2.0 is. Without one, nobody logs in by token.
    pub token_command: Option<String>,
    /// The account that everybody may read who says no name, by IMAP and POP3. Without one, nobody may.
    pub anonymous: Option<String>,
}

/// Without the command, in which a secret may stand.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("allow_cleartext_login", &self.allow_cleartext_login)
            .field("token_command", &self.token_command.as_ref().map(|_| ".."))
            .field("anonymous", &self.anonymous)
            .finish()
    }
}

/// What sessions may cost.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Longest message, in octets.
    pub max_message: u64,
    /// Most recipients of a transaction.
    pub max_recipients: u32,
    /// Most transactions of one session; 0 is no limit.
    pub max_transactions: u32,
    /// Most domains of the recipients of one session; 0 is no limit.
    pub max_domains: u32,
    /// Most connections at once, on all ports together.
    pub max_connections: usize,
    /// How long running transactions may go on when the server is told to stop, in seconds.
    pub shutdown_grace_seconds: u64,
    /// Networks that the limits by address and by account do not hold for.
    pub trusted: Vec<Subnet>,
    /// What one address may do.
    pub address: AddressLimits,
    /// What one account may do, from wherever.
    pub account: AccountLimits,
}

/// What one address may do: one of IPv4, or 64 bits of IPv6.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddressLimits {
    /// Most connections at once, to all ports but LMTP's.
    pub connections: u32,
    /// Most new connections a minute, to the same.
    pub connections_per_minute: u32,
    /// Most transactions a minute that begin without a login.
    pub messages_per_minute: u32,
    /// Most recipients an hour that are named without a login, whether there are such accounts or not.
    pub recipients_per_hour: u32,
    /// Most logins an hour that fail.
    pub failed_logins_per_hour: u32,
}

/// What one account may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountLimits {
    /// Most transactions a minute.
    pub messages_per_minute: u32,
    /// Most recipients an hour.
    pub recipients_per_hour: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "mail-data".into(),
            hostname: "localhost".into(),
            listen: Listen::default(),
            tls: Tls::default(),
            smtp: Smtp::default(),
            auth: Auth::default(),
            limits: Limits::default(),
            log: "info".into(),
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        let loopback = |port| Endpoint::At(SocketAddr::from(([127, 0, 0, 1], port)));
        Self {
            smtp: loopback(2525),
            submission: loopback(2587),
            submissions: loopback(2465),
            lmtp: loopback(2424),
            imap: loopback(2143),
            imaps: loopback(2993),
            pop3: loopback(2110),
            pop3s: loopback(2995),
        }
    }
}

impl Default for Smtp {
    fn default() -> Self {
        Self { greeting_delay_milliseconds: 0, dsn: true }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message: 64 << 20,
            max_recipients: 1000,
            max_transactions: 0,
            max_domains: 0,
            max_connections: 4096,
            shutdown_grace_seconds: 30,
            trusted: Subnet::loopback().into(),
            address: AddressLimits::default(),
            account: AccountLimits::default(),
        }
    }
}

/// Wide enough for an office behind one address, whose programs hold some connections each.
impl Default for AddressLimits {
    fn default() -> Self {
        Self {
            connections: 100,
            connections_per_minute: 300,
            messages_per_minute: 300,
            recipients_per_hour: 5000,
            failed_logins_per_hour: 100,
        }
    }
}

/// More than a person writes, and little for who has stolen a password.
impl Default for AccountLimits {
    fn default() -> Self {
        Self { messages_per_minute: 60, recipients_per_hour: 2000 }
    }
}

impl Smtp {
    /// How long a client waits for its greeting.
    pub fn greeting_delay(&self) -> Duration {
        Duration::from_millis(self.greeting_delay_milliseconds)
    }
}

impl Limits {
    /// How long running transactions may go on when the server is told to stop.
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_seconds)
    }
}

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is not what it should be.
    #[error("{}: {error}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// The name cannot stand in a greeting.
    #[error("'{0}' is not a host name")]
    Hostname(String),
    /// No such level.
    #[error("'{0}' is not a log level: error, warn, info, debug or trace")]
    Log(String),
    /// A limit that lets nothing through.
    #[error("limits.{0} must be at least 1")]
    Zero(&'static str),
    /// A certificate without a key, or the other way round.
    #[error("tls.certificate and tls.key go together")]
    HalfTls,
}

impl Config {
    /// Puts the configuration together.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or something in it or on the command line cannot be.
    pub fn load(options: &Options) -> Result<Self, ConfigError> {
        let mut config = match &options.config {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        config.apply(options);
        config.check()?;
        Ok(config)
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
        toml::from_str(&text)
            .map_err(|error| ConfigError::Invalid { path: path.to_owned(), error: Box::new(error) })
    }

    fn apply(&mut self, options: &Options) {
        fn set<T: Clone>(place: &mut T, said: Option<&T>) {
            if let Some(said) = said {
                *place = said.clone();
            }
        }
        set(&mut self.data, options.data.as_ref());
        set(&mut self.hostname, options.hostname.as_ref());
        set(&mut self.listen.smtp, options.smtp.as_ref());
        set(&mut self.listen.submission, options.submission.as_ref());
        set(&mut self.listen.submissions, options.submissions.as_ref());
        set(&mut self.listen.lmtp, options.lmtp.as_ref());
        set(&mut self.listen.imap, options.imap.as_ref());
        set(&mut self.listen.imaps, options.imaps.as_ref());
        set(&mut self.listen.pop3, options.pop3.as_ref());
        set(&mut self.listen.pop3s, options.pop3s.as_ref());
        self.tls.client_ca = options.client_ca.clone().or(self.tls.client_ca.take());
        set(&mut self.limits.max_message, options.max_message.as_ref());
        self.auth.anonymous = options.anonymous.clone().or(self.auth.anonymous.take());
        self.auth.allow_cleartext_login |= options.allow_cleartext_login;
        if let Some(level) = options.log {
            self.log = level.to_string();
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        // Greetings and trace fields are ASCII, whatever an address may be.
        if !ClientName::new(&self.hostname).is_ok_and(|name| name.domain().is_some()) {
            return Err(ConfigError::Hostname(self.hostname.clone()));
        }
        let Limits { max_message, max_recipients, max_connections, address, account, .. } = &self.limits;
        for (name, is_zero) in [
            ("max_message", *max_message == 0),
            ("max_recipients", *max_recipients == 0),
            ("max_connections", *max_connections == 0),
            ("address.connections", address.connections == 0),
            ("address.connections_per_minute", address.connections_per_minute == 0),
            ("address.messages_per_minute", address.messages_per_minute == 0),
            ("address.recipients_per_hour", address.recipients_per_hour == 0),
            ("address.failed_logins_per_hour", address.failed_logins_per_hour == 0),
            ("account.messages_per_minute", account.messages_per_minute == 0),
            ("account.recipients_per_hour", account.recipients_per_hour == 0),
        ] {
            if is_zero {
                return Err(ConfigError::Zero(name));
            }
        }
        if self.tls.certificate.is_some() != self.tls.key.is_some() {
            return Err(ConfigError::HalfTls);
        }
        self.level().map(drop)
    }

    /// How much to log.
    ///
    /// # Errors
    ///
    /// There is no such level.
    pub fn level(&self) -> Result<tracing::Level, ConfigError> {
        self.log.parse().map_err(|_| ConfigError::Log(self.log.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_file_and_the_file_over_the_defaults() {
        let mut config: Config = toml::from_str(
            "hostname = 'mx.example.net'\n[listen]\nsmtp = '127.0.0.1:25'\npop3 = 'off'\n[limits]\nmax_message = 1000\n",
        )
        .unwrap();
        config.apply(&Options { smtp: Some(Endpoint::Off), ..Options::default() });
        assert_eq!(config.hostname, "mx.example.net");
        assert_eq!(config.listen.smtp, Endpoint::Off);
        assert_eq!(config.listen.pop3, Endpoint::Off);
        assert_eq!(config.limits.max_message, 1000);
        assert_eq!(config.listen.lmtp, Listen::default().lmtp);
        assert!(!config.auth.allow_cleartext_login);
    }

    #[test]
    fn a_misspelt_name_is_told() {
        let error = toml::from_str::<Config>("[listen]\nsmpt = 'off'\n").unwrap_err();
        assert!(error.to_string().contains("smpt"), "{error}");
    }

    #[test]
    fn what_cannot_work_is_refused_at_the_start() {
        let refused = |text: &str| {
            let config: Config = toml::from_str(text).unwrap();
            config.check().unwrap_err().to_string()
        };
        for name in ["", "a b", "-x", "[127.0.0.256]", "m\u{fc}hle.example", "a..b"] {
            assert_eq!(refused(&format!("hostname = '{name}'")), format!("'{name}' is not a host name"));
        }
        for name in ["max_message", "max_recipients", "max_connections"] {
            let why = refused(&format!("[limits]\n{name} = 0"));
            assert_eq!(why, format!("limits.{name} must be at least 1"));
        }
        let why = refused("[limits.account]\nrecipients_per_hour = 0");
        assert_eq!(why, "limits.account.recipients_per_hour must be at least 1");
        assert_eq!(refused("[tls]\nkey = 'key.pem'"), "tls.certificate and tls.key go together");
        assert!(refused("log = 'loud'").starts_with("'loud' is not a log level"));
    }

    #[test]
    fn a_secret_in_the_command_for_tokens_is_not_shown() {
        let config: Config = toml::from_str("[auth]\ntoken_command = 'curl -u id:hunter2'").unwrap();
        let shown = format!("{config:?}");
        assert!(shown.contains(r#"token_command: Some("..")"#) && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn trusted_networks_are_named_anew() {
        let config: Config = toml::from_str("[limits]\ntrusted = ['10.0.0.0/8', '2001:db8::1']").unwrap();
        let trusted: Vec<_> = config.limits.trusted.iter().map(ToString::to_string).collect();
        assert_eq!(trusted, ["10.0.0.0/8", "2001:db8::1/128"]);
        let error = toml::from_str::<Config>("[limits]\ntrusted = ['10.0.0.1/8']").unwrap_err();
        assert!(error.to_string().contains("'10.0.0.1/8' is no network"), "{error}");
    }

    #[test]
    fn an_endpoint_is_an_address_with_a_port_or_off() {
        assert_eq!("off".parse::<Endpoint>().unwrap(), Endpoint::Off);
        assert!("[::1]:25".parse::<Endpoint>().is_ok());
        let error = "25".parse::<Endpoint>().unwrap_err();
        assert_eq!(error.to_string(), "'25' is neither ADDR:PORT nor 'off'");
    }
}
