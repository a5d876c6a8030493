//! How much one client may ask for: by its address, and once it has logged in by its account.
//!
//! A session asks the [`Limiter`] before it does what costs something, and says "try again later" when that says no.
//! What the limiter knows is held in six tables of 1 MiB, most of it only once it is written to, and in one row for
//! each network that is connected: a flood makes neither grow.
//!
//! ```
//! # use mail_server::{config::Limits, limits::{Clock, Exceeded, Limiter}};
//! let mut limits = Limits::default();
//! limits.address.messages_per_minute = 1;
//! let limiter = Limiter::new(&limits, Clock::system());
//! let client = limiter.client("192.0.2.1".parse()?);
//! assert_eq!(limiter.message(client, None), Ok(()));
//! assert_eq!(limiter.message(client, None), Err(Exceeded::Messages));
//! # Ok::<(), std::net::AddrParseError>(())
//! ```
mod clock;
mod crowd;
mod network;
mod rates;

pub use self::{
    clock::Clock,
    crowd::Seat,
    network::{InvalidSubnet, Network, Subnet},
};

use crate::{config, store::AccountId};
use crowd::Crowd;
use rates::Rates;
use std::{net::IpAddr, time::Duration};
use thiserror::Error;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Whom limits by address hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Nobody: the client is of the site, and no limit holds for it, nor for the account that it logs in to.
    Trusted,
    /// All of this network together.
    Of(Network),
}

/// Which limit a client has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Exceeded {
    /// `connections`: at once.
    #[error("too many connections at once from one address")]
    Connections,
    /// `connections_per_minute`.
    #[error("too many connections a minute from one address")]
    ConnectionRate,
    /// `messages_per_minute`.
    #[error("too many messages a minute")]
    Messages,
    /// `recipients_per_hour`.
    #[error("too many recipients an hour")]
    Recipients,
    /// `failed_logins_per_hour`.
    #[error("too many failed logins an hour from one address")]
    FailedLogins,
}

/// Counts what clients do, and says when it is too much.
#[derive(Debug)]
pub struct Limiter {
    clock: Clock,
    trusted: Vec<Subnet>,
    crowd: Crowd,
    connections: Rates,
    failed_logins: Rates,
    by_address: Sending,
    by_account: Sending,
}

/// What a client sends.
#[derive(Debug)]
struct Sending {
    messages: Rates,
    recipients: Rates,
}

impl Sending {
    fn new(messages_per_minute: u32, recipients_per_hour: u32) -> Self {
        Self {
            messages: Rates::new(messages_per_minute, MINUTE),
            recipients: Rates::new(recipients_per_hour, HOUR),
        }
    }
}

impl Limiter {
    /// A limiter that has seen nobody yet.
    pub fn new(limits: &config::Limits, clock: Clock) -> Self {
        let (address, account) = (&limits.address, &limits.account);
        Self {
            clock,
            trusted: limits.trusted.clone(),
            crowd: Crowd::new(address.connections),
            connections: Rates::new(address.connections_per_minute, MINUTE),
            failed_logins: Rates::new(address.failed_logins_per_hour, HOUR),
            by_address: Sending::new(address.messages_per_minute, address.recipients_per_hour),
            by_account: Sending::new(account.messages_per_minute, account.recipients_per_hour),
        }
    }

    /// Whom the limits by address hold for when this address connects.
    pub fn client(&self, address: IpAddr) -> Client {
        if self.trusted.iter().any(|subnet| subnet.contains(address)) {
            Client::Trusted
        } else {
            Client::Of(Network::of(address))
        }
    }

    /// A connection. It counts as one at once until the seat is dropped.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Connections`] or [`Exceeded::ConnectionRate`].
    pub fn connect(&self, client: Client) -> Result<Option<Seat>, Exceeded> {
        let Client::Of(network) = client else { return Ok(None) };
        if !self.connections.take(&network, self.clock.now()) {
            return Err(Exceeded::ConnectionRate);
        }
        self.crowd.enter(network).map(Some).ok_or(Exceeded::Connections)
    }

    /// A transaction that begins. One who has logged in is known by the account, wherever it comes from.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Messages`].
    pub fn message(&self, client: Client, account: Option<AccountId>) -> Result<(), Exceeded> {
        let taken = self.send(client, account, |sending| &sending.messages);
        if taken { Ok(()) } else { Err(Exceeded::Messages) }
    }

    /// A recipient that is named, whether there is such an account or not.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Recipients`].
    pub fn recipient(&self, client: Client, account: Option<AccountId>) -> Result<(), Exceeded> {
        let taken = self.send(client, account, |sending| &sending.recipients);
        if taken { Ok(()) } else { Err(Exceeded::Recipients) }
    }

    fn send(&self, client: Client, account: Option<AccountId>, rates: fn(&Sending) -> &Rates) -> bool {
        let now = self.clock.now();
        match (client, account) {
            (Client::Trusted, _) => true,
            (Client::Of(_), Some(account)) => rates(&self.by_account).take(&account, now),
            (Client::Of(network), None) => rates(&self.by_address).take(&network, now),
        }
    }

    /// A login that is about to be checked: how many more may fail. Nothing is counted: logins that succeed are free.
    ///
    /// # Errors
    ///
    /// [`Exceeded::FailedLogins`]: none.
    pub fn login(&self, client: Client) -> Result<u64, Exceeded> {
        let Client::Of(network) = client else { return Ok(u64::MAX) };
        match self.failed_logins.left(&network, self.clock.now()) {
            0 => Err(Exceeded::FailedLogins),
            left => Ok(left),
        }
    }

    /// A login that was checked and failed.
    pub fn login_failed(&self, client: Client) {
        if let Client::Of(network) = client {
            self.failed_logins.take(&network, self.clock.now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    fn limits() -> config::Limits {
        let mut limits = config::Limits::default();
        limits.address.connections = 2;
        limits.address.connections_per_minute = 4;
        limits.address.messages_per_minute = 3;
        limits.address.recipients_per_hour = 3;
        limits.address.failed_logins_per_hour = 2;
        limits.account.messages_per_minute = 1;
        limits.account.recipients_per_hour = 1;
        limits
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// A limiter, and the seconds its clock shows.
    fn limiter() -> (Limiter, Arc<AtomicU64>) {
        let seconds = Arc::new(AtomicU64::new(0));
        let shown = Arc::clone(&seconds);
        let clock = Clock::new(move || Duration::from_secs(shown.load(Ordering::Relaxed)));
        (Limiter::new(&limits(), clock), seconds)
    }

    #[test]
    fn an_address_has_so_many_connections_at_once_and_gets_its_places_back() {
        let (limiter, _) = limiter();
        let client = limiter.client(address("192.0.2.1"));
        let first = limiter.connect(client).unwrap();
        let _second = limiter.connect(client).unwrap();
        assert_eq!(limiter.connect(client).unwrap_err(), Exceeded::Connections);
        drop(first);
        assert!(limiter.connect(client).is_ok());
        assert!(limiter.connect(limiter.client(address("192.0.2.2"))).is_ok());
    }

    #[test]
    fn an_address_that_connects_again_and_again_waits() {
        let (limiter, seconds) = limiter();
        let client = limiter.client(address("2001:db8:0:1::1"));
        for _ in 0..4 {
            limiter.connect(client).unwrap();
        }
        let neighbour = limiter.client(address("2001:db8:0:1:ffff::2"));
        assert_eq!(limiter.connect(neighbour).unwrap_err(), Exceeded::ConnectionRate);
        assert!(limiter.connect(limiter.client(address("2001:db8:0:2::1"))).is_ok());
        seconds.store(15, Ordering::Relaxed);
        assert!(limiter.connect(client).is_ok());
        assert_eq!(limiter.connect(client).unwrap_err(), Exceeded::ConnectionRate);
    }

    #[test]
    fn an_account_has_its_own_limits_wherever_it_is_used() {
        let (limiter, seconds) = limiter();
        let (home, office) = (limiter.client(address("192.0.2.1")), limiter.client(address("192.0.2.2")));
        let (alice, bob) = (Some(AccountId(1)), Some(AccountId(2)));
        assert_eq!(limiter.message(home, alice), Ok(()));
        assert_eq!(limiter.message(office, alice), Err(Exceeded::Messages));
        assert_eq!(limiter.recipient(home, alice), Ok(()));
        assert_eq!(limiter.recipient(office, alice), Err(Exceeded::Recipients));
        assert_eq!(limiter.message(office, bob), Ok(()));
        for _ in 0..3 {
            assert_eq!(limiter.message(home, None), Ok(()));
            assert_eq!(limiter.recipient(home, None), Ok(()));
        }
        assert_eq!(limiter.message(home, None), Err(Exceeded::Messages));
        assert_eq!(limiter.recipient(home, None), Err(Exceeded::Recipients));
        seconds.store(60, Ordering::Relaxed);
        assert_eq!(limiter.message(home, alice), Ok(()));
        assert_eq!(limiter.recipient(home, alice), Err(Exceeded::Recipients));
    }

    #[test]
    fn logins_are_counted_when_they_fail_alone() {
        let (limiter, seconds) = limiter();
        let client = limiter.client(address("192.0.2.1"));
        for _ in 0..100 {
            assert_eq!(limiter.login(client), Ok(2));
        }
        limiter.login_failed(client);
        assert_eq!(limiter.login(client), Ok(1));
        limiter.login_failed(client);
        assert_eq!(limiter.login(client), Err(Exceeded::FailedLogins));
        seconds.store(30 * 60, Ordering::Relaxed);
        assert_eq!(limiter.login(client), Ok(1));
    }

    #[test]
    fn nothing_is_counted_for_those_who_are_trusted() {
        let (limiter, _) = limiter();
        for text in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let client = limiter.client(address(text));
            assert_eq!(client, Client::Trusted, "{text}");
            for _ in 0..10 {
                limiter.login_failed(client);
                assert!(limiter.connect(client).unwrap().is_none());
                assert_eq!(limiter.message(client, Some(AccountId(1))), Ok(()));
                assert_eq!(limiter.recipient(client, None), Ok(()));
                assert_eq!(limiter.login(client), Ok(u64::MAX));
            }
        }
    }
}
