//! Real servers that our client machines talk to, from the templates in `interop/servers`.

mod dovecot;
mod exim;
mod maildir;
mod postfix;
mod sink;

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Outcome, ensure, fail};
use crate::process::Program;
use crate::stage::Stage;

pub(crate) use dovecot::Dovecot;
pub(crate) use exim::{Exim, EximServer, Transport};
pub(crate) use postfix::Postfix;
pub(crate) use sink::Sink;

/// How long a server may take until it listens, and a message until it is delivered.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listener of a real server, by its name in `ports.env`.
pub(crate) fn address(name: &str) -> Outcome<SocketAddr> {
    let lines = include_str!("../servers/ports.env").lines();
    let port = lines.filter_map(|line| line.split_once('=')).find(|(found, _)| *found == name);
    match port {
        Some((_, port)) => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?))),
        None => fail!("ports.env has no {name}"),
    }
}

/// A certificate for localhost, 127.0.0.1 and 127.0.0.2, signed by itself, and its key.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    key: PathBuf,
}

impl Identity {
    pub(crate) fn create(stage: &Stage) -> Outcome<Self> {
        let identity = Self { certificate: stage.path("server.pem"), key: stage.path("server.key") };
        Program::new("openssl")?
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args(["-days", "30", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
            .arg(&identity.key)
            .arg("-out")
            .arg(&identity.certificate)
            .succeed()?;
        Ok(identity)
    }
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    Expired,
    /// It is somebody else's.
    OtherName,
    /// Nobody who is trusted has signed it.
    Unknown,
}

impl Identity {
    /// An identity that is not to be trusted, and the certificate that is.
    pub(crate) fn flawed(stage: &Stage, flaw: Flaw) -> Outcome<(Self, PathBuf)> {
        let identity = Self { certificate: stage.path("flawed.pem"), key: stage.path("flawed.key") };
        let names = match flaw {
            Flaw::OtherName => "DNS:other.test",
            Flaw::Expired | Flaw::Unknown => "DNS:localhost,IP:127.0.0.1",
        };
        let request = stage.path("flawed.csr");
        Program::new("openssl")?
            .args([
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=flawed",
            ])
            .arg("-keyout")
            .arg(&identity.key)
            .arg("-out")
            .arg(&request)
            .succeed()?;
        // Only `ca` makes certificates of another time.
        let folder = stage.path("flawed");
        std::fs::create_dir(&folder)?;
        std::fs::write(folder.join("index"), "")?;
        let configuration = stage.write(
            "flawed.cnf",
            format!(
                "[ca]\ndefault_ca = own\n[own]\ndatabase = {0}/index\nnew_certs_dir = {0}\nrand_serial = yes\n\
                 default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n[leaf]\n\
                 basicConstraints = critical,CA:FALSE\nsubjectAltName = {names}\n",
                folder.display()
            ),
        )?;
        let period = match flaw {
            Flaw::Expired => ["20200101000000Z", "20210101000000Z"],
            Flaw::OtherName | Flaw::Unknown => ["20200101000000Z", "20490101000000Z"],
        };
        Program::new("openssl")?
            .args(["ca", "-batch", "-selfsign", "-notext", "-extensions", "leaf", "-config"])
            .arg(configuration)
            .args(["-startdate", period[0], "-enddate", period[1], "-keyfile"])
            .arg(&identity.key)
            .arg("-in")
            .arg(request)
            .arg("-out")
            .arg(&identity.certificate)
            .succeed()?;
        let trusted = match flaw {
            Flaw::Unknown => Self::create(stage)?.certificate,
            Flaw::Expired | Flaw::OtherName => identity.certificate.clone(),
        };
        Ok((identity, trusted))
    }
}

/// Fills in a template: its own folder and log, the identity, the ports.
fn render(template: &str, stage: &Stage, base: &Path, log: &Path, identity: &Identity) -> String {
    let mut text = template
        .replace("@FOLDER@", &stage.folder().display().to_string())
        .replace("@BASE@", &base.display().to_string())
        .replace("@LOG@", &log.display().to_string())
        .replace("@CERTIFICATE@", &identity.certificate.display().to_string())
        .replace("@KEY@", &identity.key.display().to_string());
    for (name, port) in include_str!("../servers/ports.env").lines().filter_map(|line| line.split_once('=')) {
        text = text.replace(&format!("@{name}@"), port);
    }
    text
}

/// Fails if something listens already: what a run that was killed left behind, or a second run.
fn ensure_free(name: &str) -> Outcome {
    let address = address(name)?;
    ensure!(TcpStream::connect(address).is_err(), "port {} of {name} is taken", address.port());
    Ok(())
}

fn wait_until_it_listens(name: &str) -> Outcome {
    let address = address(name)?;
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        ensure!(Instant::now() < deadline, "{name} does not listen on {address}");
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
