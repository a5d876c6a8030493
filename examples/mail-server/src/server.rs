//! Listens, and gives each connection its session.
use crate::{
    auth::Logins,
    config::{Config, Endpoint},
    limits::{Client, Clock, Limiter, Seat},
    session::{Turns, imap, pop3, smtp},
    store::{Account, Address, Store},
    tls::Tls,
    tokens::Tokens,
};
use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_codec::rustls::ServerConfig;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

/// How long to wait before accepting again when the system is out of something.
const BREATHER: Duration = Duration::from_millis(50);

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Takes mail for local accounts.
    Smtp,
    /// Takes mail from those who log in, after STARTTLS.
    Submission,
    /// The same, by TLS from the start.
    Submissions,
    /// Takes mail from other servers of the same site.
    Lmtp,
    /// Hands mail out and keeps it, with STARTTLS.
    Imap,
    /// The same, by TLS from the start.
    Imaps,
    /// Hands mail out, with STLS.
    Pop3,
    /// The same, by TLS from the start.
    Pop3s,
}

impl Service {
    /// Is the connection TLS from its start?
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Submissions | Self::Imaps | Self::Pop3s)
    }

    /// Does one log in there? Not where mail is taken from anybody, or from the site's own servers.
    pub fn has_login(self) -> bool {
        !matches!(self, Self::Smtp | Self::Lmtp)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp => "smtp",
            Self::Submission => "submission",
            Self::Submissions => "submissions",
            Self::Lmtp => "lmtp",
            Self::Imap => "imap",
            Self::Imaps => "imaps",
            Self::Pop3 => "pop3",
            Self::Pop3s => "pop3s",
        })
    }
}

/// Where the services listen; a port that was given as 0 is known here.
#[derive(Debug, Default)]
pub struct Addresses(Vec<(Service, SocketAddr)>);

impl Addresses {
    #[cfg(test)]
    pub(crate) fn listening(service: Service, address: SocketAddr) -> Self {
        Self(vec![(service, address)])
    }

    /// Where `service` listens, if it does.
    pub fn of(&self, service: Service) -> Option<SocketAddr> {
        self.0.iter().find(|(listening, _)| *listening == service).map(|(_, address)| *address)
    }
}

/// What all sessions share.
#[derive(Debug)]
pub struct Shared<S> {
    /// What the server was told.
    pub config: Config,
    /// Where mail lives.
    pub store: S,
    /// The certificate.
    pub tls: Tls,
    /// How clients may log in.
    pub logins: Logins,
    /// Cancelled when the server is to stop.
    pub stop: CancellationToken,
    /// How much each client may do.
    pub limiter: Limiter,
    pub(crate) turns: Turns,
    connections: Arc<Semaphore>,
}

/// A server that listens.
#[derive(Debug)]
pub struct Server<S> {
    shared: Shared<S>,
    listeners: Vec<(Service, TcpListener)>,
    addresses: Addresses,
}

impl<S: Store> Server<S> {
    /// Takes the ports.
    ///
    /// # Errors
    ///
    /// One of them cannot be had, none is asked for, or the store cannot be read.
    pub async fn bind(config: Config, store: S, tls: Tls, stop: CancellationToken) -> io::Result<Self> {
        let listen = &config.listen;
        let endpoints = [
            (Service::Smtp, listen.smtp),
            (Service::Submission, listen.submission),
            (Service::Submissions, listen.submissions),
            (Service::Lmtp, listen.lmtp),
            (Service::Imap, listen.imap),
            (Service::Imaps, listen.imaps),
            (Service::Pop3, listen.pop3),
            (Service::Pop3s, listen.pop3s),
        ];
        let (mut listeners, mut addresses) = (Vec::new(), Addresses::default());
        for (service, endpoint) in endpoints {
            let Endpoint::At(address) = endpoint else { continue };
            let listener = TcpListener::bind(address)
                .await
                .map_err(|error| io::Error::new(error.kind(), format!("{service} on {address}: {error}")))?;
            let address = listener.local_addr()?;
            tracing::info!(%service, %address, "listening");
            addresses.0.push((service, address));
            listeners.push((service, listener));
        }
        if listeners.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "every port is off"));
        }
        let most = config.limits.max_connections.min(Semaphore::MAX_PERMITS);
        let connections = Arc::new(Semaphore::new(most));
        let outdated = store.outdated_credentials().await.map_err(io::Error::other)?;
        if outdated > 0 {
            tracing::warn!(
                accounts = outdated,
                "keys of an earlier version, until they log in with their password"
            );
        }
        let tokens = config.auth.token_command.as_deref().map(Tokens::new);
        let guest = match &config.auth.anonymous {
            Some(address) => Some(account(&store, address).await?),
            None => None,
        };
        let logins = Logins::new(store.login_secret().await.map_err(io::Error::other)?, tokens, guest);
        let (limiter, turns) = (Limiter::new(&config.limits, Clock::system()), Turns::default());
        let shared = Shared { config, store, tls, logins, stop, limiter, turns, connections };
        Ok(Self { shared, listeners, addresses })
    }

    /// Counts by this clock how often clients do something.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.shared.limiter = Limiter::new(&self.shared.config.limits, clock);
        self
    }

    /// Where the services listen.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What the server was told.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Serves until it is told to stop, then waits for running transactions. No session goes on behind it.
    pub async fn run(self) {
        let shared = Arc::new(self.shared);
        let sessions = Sessions { tracker: TaskTracker::new(), cut: CancellationToken::new() };
        // However this ends: the sessions are cut when it is dropped half-way, too.
        let cut = sessions.cut.clone().drop_guard();
        let listeners = TaskTracker::new();
        for (service, listener) in self.listeners {
            listeners.spawn(listen(service, listener, Arc::clone(&shared), sessions.clone()));
        }
        listeners.close();
        listeners.wait().await;
        sessions.tracker.close();
        let grace = shared.config.limits.shutdown_grace();
        if timeout(grace, sessions.tracker.wait()).await.is_err() {
            tracing::warn!(sessions = sessions.tracker.len(), "stopped in the midst of some sessions");
        }
        drop(cut);
        sessions.tracker.wait().await;
    }
}

/// The account of an address, which must be there.
async fn account<S: Store>(store: &S, address: &str) -> io::Result<Account> {
    let parsed: Address = address.parse().map_err(io::Error::other)?;
    let found = store.account(&parsed).await.map_err(io::Error::other)?;
    let id = found.ok_or_else(|| io::Error::other(format!("there is no account {address} for guests")))?;
    Ok(Account { id, address: parsed })
}

/// The sessions that run.
#[derive(Debug, Clone)]
struct Sessions {
    tracker: TaskTracker,
    /// Cancelled when those that went on after `stop` have had their time.
    cut: CancellationToken,
}

/// Accepts connections until the server stops.
async fn listen<S: Store>(
    service: Service,
    listener: TcpListener,
    shared: Arc<Shared<S>>,
    sessions: Sessions,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stop.cancelled() => return,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%service, %error, "cannot accept a connection");
                sleep(BREATHER).await;
                continue;
            }
        };
        // Who is not let in is told so by the session itself: nobody waits unheard.
        let place = shared.place(service, peer.ip());
        let welcome = place.as_ref().map_or_else(|welcome| *welcome, |_| Welcome::Yes);
        let (shared, cut) = (Arc::clone(&shared), sessions.cut.clone());
        let span = tracing::info_span!("session", %service, %peer);
        let session = async move {
            tokio::select! {
                () = converse(service, socket, peer, &shared, welcome) => {}
                () = cut.cancelled() => tracing::info!("cut"),
            }
            drop(place);
        };
        sessions.tracker.spawn(session.instrument(span));
    }
}

/// Is there room for one more?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcome {
    /// There is.
    Yes,
    /// As many as may be are connected.
    Full,
    /// The client has had its share.
    NotNow,
}

/// One of the connections that there may be at once. It is free again when this is dropped.
#[derive(Debug)]
struct Place {
    _among_all: OwnedSemaphorePermit,
    _of_client: Option<Seat>,
}

impl<S> Shared<S> {
    /// Whom the limits by address hold for on a connection to `service`.
    ///
    /// Whoever reaches LMTP is one of the site's own servers, and brings the mail of many.
    pub(crate) fn client(&self, service: Service, address: IpAddr) -> Client {
        if service == Service::Lmtp { Client::Trusted } else { self.limiter.client(address) }
    }

    /// The server's side of TLS on a connection to `service`.
    pub(crate) fn tls(&self, service: Service) -> Arc<ServerConfig> {
        Arc::clone(if service.has_login() { &self.tls.login } else { &self.tls.open })
    }

    /// Makes room for a connection, or says why there is none.
    fn place(&self, service: Service, address: IpAddr) -> Result<Place, Welcome> {
        let client = self.limiter.connect(self.client(service, address));
        let of_client = client.map_err(|exceeded| {
            tracing::info!(%exceeded, %service, %address, "refused");
            Welcome::NotNow
        })?;
        let among_all = Arc::clone(&self.connections).try_acquire_owned().map_err(|_| {
            tracing::warn!(%service, %address, "too many connections");
            Welcome::Full
        })?;
        Ok(Place { _among_all: among_all, _of_client: of_client })
    }
}

async fn converse<S: Store>(
    service: Service,
    socket: TcpStream,
    peer: SocketAddr,
    shared: &Shared<S>,
    welcome: Welcome,
) {
    // A handshake is dearer than all the rest of a connection: none is made to say no.
    if welcome != Welcome::Yes && service.is_tls() {
        return;
    }
    // Replies are short and waited for.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "gone already");
        return;
    }
    tracing::debug!("connected");
    match service {
        Service::Imap | Service::Imaps => imap::serve(service, socket, peer, shared, welcome).await,
        Service::Pop3 | Service::Pop3s => pop3::serve(service, socket, peer, shared, welcome).await,
        _ => smtp::serve(service, socket, peer, shared, welcome).await,
    }
    tracing::debug!("disconnected");
}
