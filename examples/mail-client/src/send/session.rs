//! A session that delivers one message.
use super::{Error, source::Source, traced::Traced};
use crate::{
    account::{Account, Fallback, Reach, Route},
    progress::Progress,
};
use bytes::{Bytes, BytesMut};
use smtp_proto::{
    Auth, CleartextLogin, ClientConfig, ClientName, Mechanism, Protocol, Security, Step, TlsPolicy, Upload,
    delivery::{Delivery, Event, Message, Report},
    sasl::Response,
};
use std::{path::Path, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    time::timeout,
};
use tokio_codec::{Connection, WriteFailure, sasl::Client};
use tokio_rustls::TlsConnector;

/// Says goodbye for no longer than that: what was wanted is done.
const GOODBYE: Duration = Duration::from_secs(5);
/// A TLS handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// A message from so many octets on has a bar.
const LARGE: u64 = 256 << 10;

/// What a session runs over: TCP, or a Unix socket.
trait Socket: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket for S {}

/// A session that delivers.
pub(super) struct Session<'a> {
    connection: Connection<Box<dyn Socket>, Traced>,
    reach: &'a Reach,
    /// Octets of the message, where they are so many that somebody waits for them; else 0.
    large: u64,
}

impl<'a> Session<'a> {
    /// Connects, and comes to the point where messages can be sent.
    pub(super) async fn open(
        reach: &'a Reach,
        local: Option<&Path>,
        protocol: Protocol,
        name: ClientName,
    ) -> Result<Self, Error> {
        let mut config = ClientConfig { protocol, ..ClientConfig::default() };
        let socket = match local {
            Some(path) => local_socket(reach, path).await?,
            None => socket(reach).await?,
        };
        config.tls = match (&reach.route, reach.fallback) {
            (Route::Clear, _) => TlsPolicy::Never,
            (Route::StartTls(..), Fallback::Clear) => TlsPolicy::Opportunistic,
            _ => TlsPolicy::Required,
        };
        if matches!(reach.route, Route::Clear) {
            // That nobody says it unaware, the command line has seen to.
            config.cleartext = CleartextLogin::Allow;
        }
        let connection = if let Route::Implicit(tls, server) = &reach.route {
            config.security = Security::Tls;
            let handshake = TlsConnector::from(tls.clone()).connect(server.clone(), socket);
            let tls = timeout(HANDSHAKE, handshake).await.map_err(|_| tokio_codec::Error::TimedOut)?;
            let machine = Traced::new(Delivery::new(config, name), reach.trace);
            Connection::over_tls(
                tls.map_err(|source| Error::Tls { host: reach.host.clone(), source })?,
                machine,
            )
        } else {
            Connection::new(socket, Traced::new(Delivery::new(config, name), reach.trace))
        };
        let mut session = Self { connection, reach, large: 0 };
        session.ready().await?;
        Ok(session)
    }

    async fn ready(&mut self) -> Result<(), Error> {
        loop {
            match self.event().await? {
                Event::Ready => return Ok(()),
                Event::Unusable(why) => return Err(Error::Unusable(why)),
                Event::Upgrade(upgrade) => {
                    let Route::StartTls(tls, name) = &self.reach.route else { return Err(Error::Closed) };
                    let upgraded = self.connection.connect_tls(upgrade, tls.clone(), name.clone()).await;
                    upgraded.map_err(|error| match error {
                        tokio_codec::Error::Io(source) => {
                            Error::Tls { host: self.reach.host.clone(), source }
                        }
                        error => Error::Session(error),
                    })?;
                }
                _ => {}
            }
        }
    }

    /// Logs in, by the strongest mechanism that the server offers.
    pub(super) async fn login(&mut self, account: &Account) -> Result<(), Error> {
        let channel = self.connection.channel();
        let delivery = self.connection.machine().delivery();
        let offered: Vec<Mechanism> =
            delivery.capabilities().map(|offered| offered.mechanisms().collect()).unwrap_or_default();
        let mut client = Client::select(&offered, account.credentials()?, &account.policy(), &channel)
            .map_err(|none| Error::NoMechanism(Box::new(none)))?;
        let auth = Auth {
            mechanism: client.mechanism(),
            initial: client.initial(tokio_codec::sasl::Protocol::Smtp),
        };
        let user = account.user();
        self.reach.trace.note(format_args!("logging in as {user} with the {} ***", account.secret()));
        self.connection.machine().secret().login(auth)?;
        loop {
            match self.event().await? {
                Event::Challenge(challenge) => {
                    let answer = client.step(challenge.as_bytes());
                    let response =
                        answer.as_ref().map_or(Response::Cancel, |said| Response::Data(said.clone()));
                    // A challenge waits: it was just told.
                    let _ = self.connection.machine().secret().respond(&response);
                    if let Err(error) = answer {
                        self.reach.trace.note(format_args!("the login was cancelled: {error}"));
                    }
                }
                Event::LoggedIn(_) => return Ok(client.finish()?),
                Event::LoginRefused(reply) => return Err(Error::Login { user: user.to_owned(), reply }),
                _ => {}
            }
        }
    }

    /// Delivers a message, and says goodbye. What became of it is told also where the session failed.
    pub(super) async fn deliver(
        mut self,
        message: Message,
        octets: u64,
        source: &Source,
        progress: &Progress,
    ) -> Result<(Report, Option<Error>), Error> {
        self.large = if octets >= LARGE { octets } else { 0 };
        self.connection.machine().delivery().deliver(message)?;
        loop {
            match self.event().await {
                Ok(Event::Body(upload)) => self.body(upload, source, progress).await?,
                Ok(Event::Report(report)) => return Ok((report, self.close().await)),
                Ok(_) => {}
                // The machine knows what was on its way when the connection failed.
                Err(error) => match self.last_report() {
                    Some(report) => return Ok((report, Some(error))),
                    None => return Err(error),
                },
            }
        }
    }

    /// What became of the message, as far as is known when the connection has failed.
    fn last_report(&mut self) -> Option<Report> {
        let (delivery, mut nothing) = (self.connection.machine().delivery(), BytesMut::new());
        // It was not: that is why this is called.
        let _ = delivery.receive_eof(&nothing);
        loop {
            match delivery.receive(&mut nothing) {
                Ok(Step::Event(Event::Report(report))) => return Some(report),
                Ok(Step::Event(_)) => {}
                _ => return None,
            }
        }
    }

    /// Sends the octets of the message.
    async fn body(&mut self, mut upload: Upload, source: &Source, progress: &Progress) -> Result<(), Error> {
        let mut octets = source.open()?;
        progress.begin(self.large);
        while let Some(piece) = octets.next().map_err(|source| Error::read("the message", source))? {
            progress.add(piece.len());
            match self.connection.write(&mut upload, Bytes::from(piece)).await {
                Ok(()) => {}
                // The server wants no more of it: the report tells why.
                Err(WriteFailure::Refused(_)) => break,
                // The report tells it.
                Err(WriteFailure::Connection(_)) => return Ok(()),
            }
        }
        progress.end();
        // Where the session is over, the report tells it.
        let _ = self.connection.finish(upload);
        Ok(())
    }

    /// Says goodbye, and tells what the session had failed by.
    async fn close(mut self) -> Option<Error> {
        let _ = self.connection.machine().delivery().quit();
        let end = async {
            while let Some(_event) = self.connection.next().await? {}
            Ok(())
        };
        match timeout(GOODBYE, end).await {
            Ok(Err(error)) => Some(Error::Session(error)),
            Ok(Ok(())) | Err(_) => None,
        }
    }

    async fn event(&mut self) -> Result<Event, Error> {
        self.connection.next().await?.ok_or(Error::Closed)
    }
}

async fn socket(reach: &Reach) -> Result<Box<dyn Socket>, Error> {
    reach.trace.note(format_args!("connecting to {}:{}", reach.host, reach.port));
    let failed = |source| Error::Connect { host: reach.host.clone(), port: reach.port, source };
    let socket = TcpStream::connect((reach.host.as_str(), reach.port)).await.map_err(failed)?;
    socket.set_nodelay(true).map_err(failed)?;
    Ok(Box::new(socket))
}

async fn local_socket(reach: &Reach, path: &Path) -> Result<Box<dyn Socket>, Error> {
    reach.trace.note(format_args!("connecting to {}", path.display()));
    let failed = |source| Error::Socket { path: path.to_owned(), source };
    Ok(Box::new(UnixStream::connect(path).await.map_err(failed)?))
}
