//! Logging in by SASL, over real TLS: what both sides tie a login to, and what is believed.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::{credentials, listen, tls_of, us};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    join,
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_codec::{
    Connection, LoginError, imap, pop3,
    rustls::{self, SupportedProtocolVersion, pki_types::CertificateDer, version},
    sasl::{
        Accounts, BindingKind, Channel, ChannelBinding, ClientError, Hash, Mechanism, Policy, ScramKeys,
        Secret, Server, ServerConfig, Step,
    },
    smtp,
    wire::Machine,
};
use tokio_rustls::TlsAcceptor;

const EVERY: [Mechanism; 6] = [
    Mechanism::PLAIN,
    Mechanism::LOGIN,
    Mechanism::SCRAM_SHA_1,
    Mechanism::SCRAM_SHA_1_PLUS,
    Mechanism::SCRAM_SHA_256,
    Mechanism::SCRAM_SHA_256_PLUS,
];

/// `mrose`, whose password is `tan staaf`.
struct Mrose;

impl Accounts for Mrose {
    fn keys(&self, name: &str, hash: Hash) -> Option<ScramKeys> {
        let password = Secret::copy_from(b"tan staaf");
        (name == "mrose").then(|| ScramKeys::from_password(hash, &password, b"some salt", 4_096).unwrap())
    }
}

/// Whom a server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Mrose,
    Anybody,
}

/// What a server says of its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Truth,
    FewIterations,
}

/// The server's side of logins on one connection.
struct Host {
    offered: Vec<Mechanism>,
    channel: Channel,
    exchange: Option<Server>,
    takes: Takes,
    says: Says,
    /// What was begun, and what it came to.
    log: Vec<String>,
}

impl Host {
    fn begin(&mut self, mechanism: Mechanism, initial: Option<&Secret>) -> Option<Vec<u8>> {
        let config = ServerConfig::new(Secret::copy_from(b"of this server")).mechanisms(&self.offered);
        self.log.push(mechanism.to_string());
        self.exchange = Some(Server::begin(mechanism, &config, &self.channel).unwrap());
        self.step(initial)
    }

    /// A challenge; none when it is over.
    fn step(&mut self, said: Option<&Secret>) -> Option<Vec<u8>> {
        match self.exchange.as_mut().unwrap().step(said.map(Secret::as_bytes), &Mrose) {
            Step::Challenge(challenge) if self.says == Says::FewIterations => {
                return Some(challenge.as_str().unwrap().replace("i=4096", "i=1").into_bytes());
            }
            Step::Challenge(challenge) => return Some(challenge.as_bytes().to_vec()),
            Step::Done(identity) => self.log.push(identity.authorization),
            Step::Failed(failure) => self.log.push(failure.to_string()),
        }
        None
    }

    fn believes(&self) -> bool {
        self.takes == Takes::Anybody || self.log.last().is_some_and(|last| last == "mrose")
    }
}

/// A server with a certificate, and what its client needs.
struct House {
    listener: TcpListener,
    address: SocketAddr,
    ours: Arc<rustls::ServerConfig>,
    theirs: Arc<rustls::ClientConfig>,
    certificate: CertificateDer<'static>,
}

impl House {
    async fn new(version: &'static SupportedProtocolVersion) -> Self {
        let (listener, address) = listen().await;
        let (ours, theirs, certificate) = tls_of(version);
        Self { listener, address, ours, theirs, certificate }
    }

    /// Accepts a connection, and what the server knows of it.
    async fn accept<M: Machine>(&self, machine: M) -> (Connection<TcpStream, M>, Host) {
        let io = self.listener.accept().await.unwrap().0;
        let tls = TlsAcceptor::from(Arc::clone(&self.ours)).accept(io).await.unwrap();
        let connection = Connection::over_tls(tls, machine);
        let end_point = ChannelBinding::tls_server_end_point(&self.certificate).unwrap();
        let channel = connection.channel().binding(end_point);
        (
            connection,
            Host {
                offered: EVERY.to_vec(),
                channel,
                exchange: None,
                takes: Takes::Mrose,
                says: Says::Truth,
                log: Vec::new(),
            },
        )
    }
}

/// Both at once, for no longer than that.
async fn both<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    timeout(Duration::from_secs(30), async { join!(one, other) }).await.unwrap()
}

async fn serve_smtp(house: &House, change: impl FnOnce(&mut Host)) -> Vec<String> {
    use smtp_proto::{
        Authentication, Security, Text,
        server::{AuthAnswer, Event, Rejection},
    };
    let mut config = smtp_proto::ServerConfig::new(Text::from_static("mx.example.net"));
    config.security = Security::Tls;
    config.authentication = Authentication { mechanisms: EVERY.to_vec(), ..Authentication::default() };
    let (mut connection, mut host) = house.accept(smtp_proto::server::Server::new(config)).await;
    change(&mut host);
    while let Ok(Some(event)) = connection.next().await {
        let machine = connection.machine();
        match event {
            Event::Connect(ask) => machine.accept(ask, ()).unwrap(),
            Event::Hello(ask) => machine.accept(ask, ()).unwrap(),
            Event::Auth(ask) => match host.begin(ask.mechanism, ask.initial.as_ref()) {
                Some(challenge) => machine.accept(ask, AuthAnswer::Challenge(challenge)).unwrap(),
                None if host.believes() => machine.accept(ask, AuthAnswer::Success).unwrap(),
                None => machine.reject(ask, Rejection::bad_credentials()).unwrap(),
            },
            Event::AuthResponse(ask) => match host.step(Some(&ask.octets)) {
                Some(challenge) => machine.accept(ask, AuthAnswer::Challenge(challenge)).unwrap(),
                None if host.believes() => machine.accept(ask, AuthAnswer::Success).unwrap(),
                None => machine.reject(ask, Rejection::bad_credentials()).unwrap(),
            },
            Event::AuthCancelled => host.log.push("cancelled".into()),
            _ => {}
        }
    }
    host.log
}

async fn serve_pop3(house: &House, refusal: pop3_proto::server::Rejection) -> Vec<String> {
    use pop3_proto::{
        DropListing, Mechanisms, Security,
        server::{AuthAnswer, Event},
    };
    let mut config = pop3_proto::ServerConfig::default();
    config.security = Security::Tls;
    config.mechanisms = Mechanisms::new(EVERY).unwrap();
    let nothing = DropListing { messages: 0, octets: 0 };
    let (mut connection, mut host) = house.accept(pop3_proto::server::Server::new(config)).await;
    while let Ok(Some(event)) = connection.next().await {
        let machine = connection.machine();
        match event {
            Event::Connect(ask) => machine.accept(ask, ()).unwrap(),
            Event::Auth(ask) => match host.begin(ask.mechanism, ask.initial.as_ref()) {
                Some(challenge) => machine.accept(ask, AuthAnswer::Challenge(challenge)).unwrap(),
                None => machine.reject(ask, refusal.clone()).unwrap(),
            },
            Event::AuthResponse(ask) => match host.step(Some(&ask.octets)) {
                Some(challenge) => machine.accept(ask, AuthAnswer::Challenge(challenge)).unwrap(),
                None if host.believes() => machine.accept(ask, AuthAnswer::Success(nothing)).unwrap(),
                None => machine.reject(ask, refusal.clone()).unwrap(),
            },
            Event::AuthCancelled => host.log.push("cancelled".into()),
            Event::Quit(ask) => machine.accept(ask, ()).unwrap(),
            _ => {}
        }
    }
    host.log
}

async fn serve_imap(house: &House) -> Vec<String> {
    use imap_proto::{
        Security,
        response::Capabilities,
        server::{AuthAnswer, Event, Rejection, Welcome},
    };
    let mut config = imap_proto::ServerConfig::default();
    config.security = Security::Tls;
    config.capabilities = EVERY.into_iter().fold(config.capabilities, Capabilities::with_mechanism);
    let (mut connection, mut host) = house.accept(imap_proto::server::Server::new(config)).await;
    while let Ok(Some(event)) = connection.next().await {
        let machine = connection.machine();
        match event {
            Event::Connect(ask) => machine.accept(ask, Welcome::Ok).unwrap(),
            Event::Authenticate(ask) => match host.begin(ask.mechanism, ask.initial.as_ref()) {
                Some(challenge) => machine.accept(ask, AuthAnswer::Challenge(challenge)).unwrap(),
                None => machine.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
            },
            Event::AuthResponse(ask) => match host.step(Some(&ask.octets)) {
                Some(challenge) => machine.accept(ask, AuthAnswer::Challenge(challenge)).unwrap(),
                None if host.believes() => machine.accept(ask, AuthAnswer::Success).unwrap(),
                None => machine.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
            },
            _ => {}
        }
    }
    host.log
}

async fn connect(house: &House) -> smtp::Session {
    let config = smtp_proto::ClientConfig::default();
    let name = "localhost".try_into().unwrap();
    smtp::connect_tls(house.address, config, us(), house.theirs.clone(), name).await.unwrap()
}

/// Logs in once by SMTP; what the server wrote down, and what the client made of it.
async fn submit(
    house: &House,
    password: &str,
    policy: &Policy,
    change: impl FnOnce(&mut Host),
) -> (Vec<String>, Result<(), smtp::Error>) {
    both(serve_smtp(house, change), async {
        let mut session = connect(house).await;
        let result = smtp::login(&mut session, credentials("mrose", password), policy).await;
        smtp::quit(&mut session).await.unwrap();
        result
    })
    .await
}

fn kinds(channel: &Channel) -> Vec<BindingKind> {
    channel.bindings().iter().map(ChannelBinding::kind).collect()
}

// covers rfc9266 2 exporter-label
// covers rfc9266 3 default
// covers rfc9266 4.2 not-below-tls-1-3
#[tokio::test]
async fn both_sides_of_a_connection_know_what_ties_a_login_to_it() {
    use BindingKind::{TlsExporter, TlsServerEndPoint};
    for (version, has) in
        [(&version::TLS13, &[TlsExporter, TlsServerEndPoint][..]), (&version::TLS12, &[TlsServerEndPoint])]
    {
        let house = House::new(version).await;
        let machine = || smtp_proto::server::Server::new(common::server_config());
        let tls = async {
            let connector = tokio_rustls::TlsConnector::from(house.theirs.clone());
            let io = TcpStream::connect(house.address).await.unwrap();
            connector.connect("localhost".try_into().unwrap(), io).await.unwrap()
        };
        let ((server, host), tls) = both(house.accept(machine()), tls).await;
        // What TLS exports is asked of the other end, by itself.
        let exported =
            tls.get_ref().1.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b""));
        let client = Connection::over_tls(tls, smtp_proto::client::Client::new(common::client_config()));
        assert_eq!(client.channel(), host.channel);
        assert_eq!(kinds(&client.channel()), has);
        let exporter = has.contains(&TlsExporter).then(|| ChannelBinding::tls_exporter(&exported.unwrap()));
        assert_eq!(server.channel().bindings().first(), exporter.as_ref());
    }
    let io = tokio::io::duplex(1).0;
    let clear = Connection::new(io, smtp_proto::client::Client::new(common::client_config()));
    assert_eq!(clear.channel(), Channel::clear());
}

#[tokio::test]
async fn the_strongest_mechanism_logs_in_by_each_protocol() {
    for version in [&version::TLS13, &version::TLS12] {
        let house = House::new(version).await;
        let told = ["SCRAM-SHA-256-PLUS", "mrose"];
        let (log, result) = submit(&house, "tan staaf", &Policy::default(), |_| {}).await;
        result.unwrap();
        assert_eq!(log, told);
        let mrose = || credentials("mrose", "tan staaf");
        let log = both(serve_pop3(&house, pop3_proto::server::Rejection::AUTHENTICATION_FAILED), async {
            let (config, name) = (pop3_proto::ClientConfig::default(), "localhost".try_into().unwrap());
            let mut session =
                pop3::connect_tls(house.address, config, house.theirs.clone(), name).await.unwrap();
            pop3::login(&mut session, mrose(), &Policy::default()).await.unwrap();
            pop3::quit(&mut session).await.unwrap();
        });
        assert_eq!(log.await.0, told);
        let log = both(serve_imap(&house), async {
            let (config, name) = (imap_proto::ClientConfig::default(), "localhost".try_into().unwrap());
            let mut session =
                imap::connect_tls(house.address, config, house.theirs.clone(), name).await.unwrap();
            imap::login(&mut session, mrose(), &Policy::default()).await.unwrap();
            imap::logout(&mut session).await.unwrap();
        });
        assert_eq!(log.await.0, told);
    }
}

#[tokio::test]
async fn no_weaker_mechanism_is_tried_once_the_server_has_refused() {
    let house = House::new(&version::TLS13).await;
    let (log, result) = submit(&house, "wrong", &Policy::default(), |_| {}).await;
    assert_eq!(log, ["SCRAM-SHA-256-PLUS", "credentials refused"]);
    assert!(matches!(result.unwrap_err(), smtp::Error::Refused(_)));
}

/// A server that names no code may have refused the form alone, but not once it has seen the proof.
#[tokio::test]
async fn a_proof_that_was_refused_is_not_made_again() {
    let house = House::new(&version::TLS13).await;
    let refusal = pop3_proto::server::Rejection::new(pop3_proto::ReplyText::from_static("no"));
    let (log, error) = both(serve_pop3(&house, refusal), async {
        let (config, name) = (pop3_proto::ClientConfig::default(), "localhost".try_into().unwrap());
        let mut session = pop3::connect_tls(house.address, config, house.theirs.clone(), name).await.unwrap();
        let mrose = credentials("mrose", "wrong");
        let error = pop3::login(&mut session, mrose, &Policy::default()).await.unwrap_err();
        pop3::quit(&mut session).await.unwrap();
        error
    })
    .await;
    assert_eq!(log, ["SCRAM-SHA-256-PLUS", "credentials refused"]);
    assert_eq!(error.to_string(), "refused by the server: no");
}

#[tokio::test]
async fn who_stands_between_two_connections_is_found_out() {
    let house = House::new(&version::TLS13).await;
    let other = Channel::tls().binding(ChannelBinding::tls_exporter(&[7; 32]));
    let (log, result) = submit(&house, "tan staaf", &Policy::default(), |host| host.channel = other).await;
    assert_eq!(log, ["SCRAM-SHA-256-PLUS", "channel binding does not fit"]);
    assert!(matches!(result.unwrap_err(), smtp::Error::Refused(_)));
}

#[tokio::test]
async fn a_server_that_agrees_without_its_proof_is_not_believed() {
    let house = House::new(&version::TLS13).await;
    let (_, result) = submit(&house, "wrong", &Policy::default(), |host| host.takes = Takes::Anybody).await;
    let error = result.unwrap_err();
    assert!(
        matches!(&error, smtp::Error::Login(LoginError::Exchange(ClientError::ServerUnproved))),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_asks_for_too_little_is_left() {
    let house = House::new(&version::TLS13).await;
    let (log, result) =
        submit(&house, "tan staaf", &Policy::default(), |host| host.says = Says::FewIterations).await;
    assert_eq!(log, ["SCRAM-SHA-256-PLUS", "cancelled"]);
    let error = result.unwrap_err();
    assert!(
        matches!(&error, smtp::Error::Login(LoginError::Exchange(ClientError::Iterations(1)))),
        "{error}"
    );
}

#[tokio::test]
async fn a_policy_chooses_among_what_is_offered() {
    let house = House::new(&version::TLS13).await;
    let only = |mechanism| Policy::default().only(&[mechanism]);
    let (log, result) = submit(&house, "tan staaf", &only(Mechanism::SCRAM_SHA_1), |_| {}).await;
    result.unwrap();
    assert_eq!(log, ["SCRAM-SHA-1", "mrose"]);
    let (log, result) = submit(&house, "tan staaf", &only(Mechanism::CRAM_MD5), |_| {}).await;
    assert_eq!(log, [""; 0]);
    assert!(matches!(result.unwrap_err(), smtp::Error::Login(LoginError::NoMechanism(_))));
}
