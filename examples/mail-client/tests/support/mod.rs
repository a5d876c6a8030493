//! Servers that follow a script, and the program.

use rustls::{
    ConfigBuilder, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::PrivateKeyDer,
    server::{WantsServerCert, WebPkiClientVerifier},
};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

/// What is heard, then what is said.
pub(crate) type Script<'a> = Vec<(&'a str, &'a str)>;

pub(crate) const GREETING: (&str, &str) = ("", "* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
pub(crate) const LOGIN: (&str, &str) =
    ("A1 LOGIN fred blurdy\r\n", "A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");

/// Nothing that a test waits for takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

fn follow(io: &mut (impl Read + Write), script: &[(String, Vec<u8>)]) {
    for (heard, said) in script {
        let mut octets = vec![0; heard.len()];
        io.read_exact(&mut octets).unwrap();
        assert_eq!(String::from_utf8(octets).unwrap(), *heard);
        io.write_all(said).unwrap();
        io.flush().unwrap();
    }
}

fn owned<S: AsRef<[u8]>>(script: Vec<(&str, S)>) -> Vec<(String, Vec<u8>)> {
    script.into_iter().map(|(heard, said)| (heard.to_owned(), said.as_ref().to_vec())).collect()
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn accept(listener: &TcpListener) -> TcpStream {
    let socket = listener.accept().unwrap().0;
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// Serves one connection after another, each by its script.
pub(crate) fn serve<S: AsRef<[u8]>>(scripts: Vec<Vec<(&str, S)>>) -> (SocketAddr, JoinHandle<()>) {
    let (listener, address) = listen();
    let scripts: Vec<_> = scripts.into_iter().map(owned).collect();
    let serving = thread::spawn(move || {
        for script in scripts {
            follow(&mut accept(&listener), &script);
        }
    });
    (address, serving)
}

/// A certificate for `localhost`, signed by itself, and its key.
pub(crate) fn identity() -> rcgen::CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed([String::from("localhost")]).unwrap()
}

pub(crate) fn pem(identity: &rcgen::CertifiedKey<rcgen::KeyPair>) -> String {
    identity.cert.pem()
}

/// A server that shows this certificate.
fn shown(
    server: ConfigBuilder<ServerConfig, WantsServerCert>,
    identity: &rcgen::CertifiedKey<rcgen::KeyPair>,
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der()).unwrap();
    Arc::new(server.with_single_cert(vec![identity.cert.der().clone()], key).unwrap())
}

/// Serves TLS: one connection that fails, then one by the script.
pub(crate) fn serve_tls(
    identity: &rcgen::CertifiedKey<rcgen::KeyPair>,
    script: Script<'_>,
) -> (SocketAddr, JoinHandle<()>) {
    let (listener, address) = listen();
    let config = shown(ServerConfig::builder().with_no_client_auth(), identity);
    let script = owned(script);
    let serving = thread::spawn(move || {
        let tls = || {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            StreamOwned::new(connection, accept(&listener))
        };
        assert!(tls().read(&mut [0]).is_err(), "a client that does not trust us has said something");
        follow(&mut tls(), &script);
    });
    (address, serving)
}

/// Serves TLS: one connection by the script, to a client that shows a certificate that `client` vouches for.
pub(crate) fn serve_tls_to(
    client: &rcgen::CertifiedKey<rcgen::KeyPair>,
    identity: &rcgen::CertifiedKey<rcgen::KeyPair>,
    script: Script<'_>,
) -> (SocketAddr, JoinHandle<()>) {
    let (listener, address) = listen();
    let mut roots = RootCertStore::empty();
    roots.add(client.cert.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let config = shown(ServerConfig::builder().with_client_cert_verifier(verifier), identity);
    let script = owned(script);
    let serving = thread::spawn(move || {
        let connection = ServerConnection::new(config).unwrap();
        follow(&mut StreamOwned::new(connection, accept(&listener)), &script);
    });
    (address, serving)
}

/// The program, in clear, as `fred`.
pub(crate) fn clear(address: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mail"));
    command.args(["--server", &address.to_string(), "--user", "fred", "--tls", "off", "--allow-cleartext"]);
    command.env("MAIL_PASSWORD", "blurdy").stdin(Stdio::null());
    command
}

/// A folder of this test.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("mail-{name}"));
    fs::create_dir_all(&folder).unwrap();
    folder
}
