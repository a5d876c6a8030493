//! What the end-to-end tests share: a folder, a server in this process, and clients to talk to it.

#![allow(dead_code, reason = "each test binary takes what it needs")]
#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

pub(crate) mod client;
pub(crate) mod imap;
pub(crate) mod wire;

use mail_server::{
    accounts::Credentials,
    config::{Config, Endpoint},
    limits::Clock,
    server::{Server, Service},
    store::{AccountId, OpenMode, SqliteStore, Store},
    tls::{self, Tls},
};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{task::JoinHandle, time::timeout};
use tokio_codec::rustls::{
    ClientConfig, DEFAULT_VERSIONS, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_codec::sasl::Secret;
use tokio_util::sync::CancellationToken;

/// The password of all accounts that these tests add.
pub(crate) const PASSWORD: &str = "correct horse";

/// Longer than anything here takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A folder of the test's own, removed when it ends.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mail-server-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A configuration whose ports are any that are free.
pub(crate) fn config(dir: &TempDir) -> Config {
    let mut config = Config { data: dir.path().join("data"), ..Config::default() };
    let any = Endpoint::At(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listen = &mut config.listen;
    for endpoint in [
        &mut listen.smtp,
        &mut listen.submission,
        &mut listen.submissions,
        &mut listen.lmtp,
        &mut listen.imap,
        &mut listen.imaps,
        &mut listen.pop3,
        &mut listen.pop3s,
    ] {
        *endpoint = any;
    }
    config
}

/// Hashing is slow, and what these tests ask is not whether two accounts have different salts.
pub(crate) fn credentials() -> &'static Credentials {
    static CREDENTIALS: OnceLock<Credentials> = OnceLock::new();
    CREDENTIALS.get_or_init(|| Credentials::new(&Secret::copy_from(PASSWORD.as_bytes())).unwrap())
}

/// A server that runs in this process, with the account `alice@example.org`.
pub(crate) struct Running {
    pub(crate) store: SqliteStore,
    pub(crate) alice: AccountId,
    stop: CancellationToken,
    addresses: Vec<(Service, SocketAddr)>,
    trust: Arc<ClientConfig>,
    server: JoinHandle<()>,
    dir: TempDir,
}

impl Running {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server whose configuration is changed by `change`.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(change, |store| store).await
    }

    /// The same, with limits that are counted by this clock.
    pub(crate) async fn start_at(clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_all(clock, change, |_| {}, |store| store).await
    }

    /// The same as [`start_with`](Self::start_with), and its TLS by `secure`.
    pub(crate) async fn start_by_tls(
        change: impl FnOnce(&mut Config),
        secure: impl FnOnce(&mut Tls),
    ) -> Self {
        Self::start_all(Clock::system(), change, secure, |store| store).await
    }

    /// Starts a server on what `wrap` makes of the store.
    pub(crate) async fn start_on<S: Store>(
        change: impl FnOnce(&mut Config),
        wrap: impl FnOnce(SqliteStore) -> S,
    ) -> Self {
        Self::start_all(Clock::system(), change, |_| {}, wrap).await
    }

    async fn start_all<S: Store>(
        clock: Clock,
        change: impl FnOnce(&mut Config),
        secure: impl FnOnce(&mut Tls),
        wrap: impl FnOnce(SqliteStore) -> S,
    ) -> Self {
        let dir = TempDir::new();
        let mut config = config(&dir);
        change(&mut config);
        let store = SqliteStore::open(&config.data, OpenMode::Serve).unwrap();
        let alice = store.add_account(&"alice@example.org".parse().unwrap(), credentials()).await.unwrap();
        let mut tls = tls::server_config(&config).unwrap();
        secure(&mut tls);
        let trust = trust(&config.data.join("cert.pem"));
        let stop = CancellationToken::new();
        let server =
            Server::bind(config, wrap(store.clone()), tls, stop.clone()).await.unwrap().with_clock(clock);
        let services = [
            Service::Smtp,
            Service::Submission,
            Service::Submissions,
            Service::Lmtp,
            Service::Imap,
            Service::Imaps,
            Service::Pop3,
            Service::Pop3s,
        ];
        let addresses = services
            .into_iter()
            .filter_map(|service| Some((service, server.addresses().of(service)?)))
            .collect();
        let server = tokio::spawn(server.run());
        Self { store, alice, stop, addresses, trust, server, dir }
    }

    pub(crate) async fn add(&self, address: &str) {
        self.store.add_account(&address.parse().unwrap(), credentials()).await.unwrap();
    }

    pub(crate) fn address(&self, service: Service) -> SocketAddr {
        self.addresses.iter().find(|(known, _)| *known == service).unwrap().1
    }

    /// The folder of its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// What a client must trust.
    pub(crate) fn trust(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.trust)
    }

    /// A connection in clear, or by TLS where the service is; its greeting is read.
    pub(crate) async fn connect(&self, service: Service) -> wire::Wire {
        let mut wire = self.connect_unheard(service).await;
        let greeting = wire.line().await;
        assert!(greeting.starts_with("220 ") || greeting.starts_with("+OK"), "{greeting}");
        wire
    }

    /// The same, with the greeting still to be read.
    pub(crate) async fn connect_unheard(&self, service: Service) -> wire::Wire {
        let wire = wire::Wire::connect(self.address(service)).await;
        if service.is_tls() { wire.into_tls(self.trust()).await } else { wire }
    }

    /// A POP3 session that has logged in.
    pub(crate) async fn pop3(&self, name: &str) -> wire::Wire {
        let mut wire = self.connect(Service::Pop3s).await;
        wire.says(&format!("USER {name}"), "+OK").await;
        wire.says(&format!("PASS {PASSWORD}"), "+OK").await;
        wire
    }

    /// All messages of an account, in their order.
    pub(crate) async fn read_back(&self, name: &str) -> Vec<Vec<u8>> {
        let mut wire = self.pop3(name).await;
        wire.send("STAT\r\n").await;
        let stat = wire.line().await;
        let count: u32 = stat.split(' ').nth(1).unwrap().parse().unwrap();
        let mut messages = Vec::new();
        for number in 1..=count {
            messages.push(wire.retrieve(number).await);
        }
        wire.says("QUIT", "+OK").await;
        messages
    }

    /// Tells the server to stop, without waiting for it.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the server has stopped.
    pub(crate) async fn stopped(self) -> TempDir {
        timeout(PATIENCE, self.server).await.expect("the server still runs").unwrap();
        self.dir
    }
}

/// Somebody who vouches for clients' certificates.
pub(crate) struct Ca(Issuer<'static, KeyPair>, String);

impl Ca {
    pub(crate) fn new() -> Self {
        let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::default());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self(Issuer::new(params, key), pem)
    }

    /// What the server must know of it.
    pub(crate) fn pem(&self) -> &str {
        &self.1
    }

    /// A client of `server` that shows a certificate with these addresses.
    pub(crate) fn client(&self, server: &Running, addresses: &[&str]) -> Arc<ClientConfig> {
        self.client_by(server, addresses, DEFAULT_VERSIONS)
    }

    /// The same, by these versions of TLS.
    pub(crate) fn client_by(
        &self,
        server: &Running,
        addresses: &[&str],
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ClientConfig> {
        let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::default());
        let name = |address: &&str| SanType::Rfc822Name((*address).try_into().unwrap());
        params.subject_alt_names = addresses.iter().map(name).collect();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.0).unwrap().der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let trusting = ClientConfig::builder_with_protocol_versions(versions)
            .with_root_certificates(roots(&server.data().join("cert.pem")));
        Arc::new(trusting.with_client_auth_cert(vec![certificate], key).unwrap())
    }
}

/// Trusts this certificate alone.
pub(crate) fn trust(certificate: &Path) -> Arc<ClientConfig> {
    trust_by(certificate, DEFAULT_VERSIONS)
}

/// The same, by these versions of TLS.
pub(crate) fn trust_by(
    certificate: &Path,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_protocol_versions(versions);
    Arc::new(builder.with_root_certificates(roots(certificate)).with_no_client_auth())
}

fn roots(certificate: &Path) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(certificate).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    roots
}
