//! Listens, and gives each connection its session.
use crate::{
    config::{Config, Endpoint},
    session::{pop3, smtp},
    store::Store,
};
use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
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
    /// Hands mail out, with STLS.
    Pop3,
    /// The same, by TLS from the start.
    Pop3s,
}

impl Service {
    /// Is the connection TLS from its start?
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Submissions | Self::Pop3s)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp => "smtp",
            Self::Submission => "submission",
            Self::Submissions => "submissions",
            Self::Lmtp => "lmtp",
            Self::Pop3 => "pop3",
            Self::Pop3s => "pop3s",
        })
    }
}

/// Where the services listen; a port that was given as 0 is known here.
#[derive(Debug, Default)]
pub struct Addresses(Vec<(Service, SocketAddr)>);

impl Addresses {
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
    pub tls: Arc<ServerConfig>,
    /// Cancelled when the server is to stop.
    pub stop: CancellationToken,
    connections: Arc<Semaphore>,
}

/// A server that listens.
#[derive(Debug)]
pub struct Server<S> {
    shared: Arc<Shared<S>>,
    listeners: Vec<(Service, TcpListener)>,
    addresses: Addresses,
}

impl<S: Store> Server<S> {
    /// Takes the ports.
    ///
    /// # Errors
    ///
    /// One of them cannot be had.
    pub async fn bind(
        config: Config,
        store: S,
        tls: Arc<ServerConfig>,
        stop: CancellationToken,
    ) -> io::Result<Self> {
        let listen = &config.listen;
        let endpoints = [
            (Service::Smtp, listen.smtp),
            (Service::Submission, listen.submission),
            (Service::Submissions, listen.submissions),
            (Service::Lmtp, listen.lmtp),
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
        let connections = Arc::new(Semaphore::new(config.limits.max_connections));
        let shared = Arc::new(Shared { config, store, tls, stop, connections });
        Ok(Self { shared, listeners, addresses })
    }

    /// Where the services listen.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What the server was told.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Serves until it is told to stop, then waits for running transactions.
    pub async fn run(self) {
        let sessions = TaskTracker::new();
        let listeners = TaskTracker::new();
        for (service, listener) in self.listeners {
            listeners.spawn(listen(service, listener, Arc::clone(&self.shared), sessions.clone()));
        }
        listeners.close();
        listeners.wait().await;
        sessions.close();
        if timeout(self.shared.config.limits.shutdown_grace(), sessions.wait()).await.is_err() {
            tracing::warn!(sessions = sessions.len(), "stopped in the midst of some sessions");
        }
    }
}

/// Accepts connections until the server stops.
async fn listen<S: Store>(
    service: Service,
    listener: TcpListener,
    shared: Arc<Shared<S>>,
    sessions: TaskTracker,
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
        let shared = Arc::clone(&shared);
        let span = tracing::info_span!("session", %service, %peer);
        sessions.spawn(
            async move {
                // A full house is told so by the session itself: nobody waits unheard.
                let place = Arc::clone(&shared.connections).try_acquire_owned().ok();
                let welcome = if place.is_some() { Welcome::Yes } else { Welcome::Full };
                converse(service, socket, peer, &shared, welcome).await;
                drop(place);
            }
            .instrument(span),
        );
    }
}

/// Is there room for one more?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcome {
    /// There is.
    Yes,
    /// As many as may be are connected.
    Full,
}

async fn converse<S: Store>(
    service: Service,
    socket: TcpStream,
    peer: SocketAddr,
    shared: &Shared<S>,
    welcome: Welcome,
) {
    // Replies are short and waited for.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "gone already");
        return;
    }
    tracing::debug!("connected");
    match service {
        Service::Pop3 | Service::Pop3s => pop3::serve(service, socket, shared, welcome).await,
        _ => smtp::serve(service, socket, peer, shared, welcome).await,
    }
    tracing::debug!("disconnected");
}
