//! Exim as a client: it takes messages on its standard input, as any program of its machine may say them, and delivers
//! them to the server under test. It is the peer that says BDAT. And as a server, with a Maildir.

use std::fs::{File, Permissions};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Identity, PATIENCE, maildir};
use crate::failure::{During, Outcome, ensure};
use crate::ports;
use crate::process::{Background, Program, find};
use crate::server::{Server, Service};
use crate::stage::Stage;

/// Whether Exim encrypts.
#[derive(Clone, Copy)]
pub(crate) enum Transport {
    Clear,
    StartTls,
}

/// An Exim with a configuration and a queue of its own. Nothing of it runs between two messages.
pub(crate) struct Exim {
    program: PathBuf,
    configuration: PathBuf,
    log: PathBuf,
}

impl Exim {
    /// Exim must be started by root, and become the user that Debian's package was built for.
    pub(crate) fn relaying(stage: &Stage, server: &Server, transport: Transport) -> Outcome<Self> {
        let program = find("exim4")?;
        let certificate = stage.path("exim/certificate.pem");
        let [log, ..] = prepare(stage, &[(server.certificate(), &certificate)])?;
        let transport = match transport {
            Transport::Clear => "clear",
            Transport::StartTls => "starttls",
        };
        let text = include_str!("../../servers/exim.conf.in")
            .replace("@PROGRAM@", &program.display().to_string())
            .replace("@BASE@", &stage.path("exim").display().to_string())
            .replace("@FOLDER@", &stage.folder().display().to_string())
            .replace("@PORT@", &server.port(Service::Smtp))
            .replace("@TRANSPORT@", transport)
            .replace("@CERTIFICATE@", &certificate.display().to_string());
        let configuration = stage.write("exim.conf", text)?;
        Ok(Self { program, configuration, log })
    }

    /// Has Exim take a session of SMTP, and deliver each message before it takes the next.
    pub(crate) fn submit(&self, session: impl Into<Vec<u8>>) -> Outcome {
        Program::at(&self.program)
            .arg("-C")
            .arg(&self.configuration)
            .args(["-bs", "-odf"])
            .input(session)
            .succeed()
            .map(|_| ())
    }

    /// What it wrote down of its deliveries.
    pub(crate) fn log(&self) -> Outcome<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }
}

/// An Exim that listens; it ends when this is dropped.
pub(crate) struct EximServer {
    address: SocketAddr,
    mail: PathBuf,
    log: PathBuf,
    _daemon: Background,
}

impl EximServer {
    /// Exim must be started by root, and become the user that Debian's package was built for.
    pub(crate) fn start(stage: &Stage, identity: &Identity) -> Outcome<Self> {
        let program = find("exim4")?;
        let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| stage.path("exim").join(name));
        let copies = [(identity.certificate.clone(), &*certificate), (identity.key.clone(), &*key)];
        let [log, ..] = prepare(stage, &copies)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
        let text = include_str!("../../servers/exim-receiving.conf.in")
            .replace("@PROGRAM@", &program.display().to_string())
            .replace("@BASE@", &stage.path("exim").display().to_string())
            .replace("@FOLDER@", &stage.folder().display().to_string())
            .replace("@PORT@", &address.port().to_string())
            .replace("@CERTIFICATE@", &certificate.display().to_string())
            .replace("@KEY@", &key.display().to_string());
        let configuration = stage.write("exim.conf", text)?;
        let output = File::create(stage.path("exim-start.log"))?;
        let mut command = Command::new(program);
        command.arg("-C").arg(configuration).args(["-bdf"]);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let server =
            Self { address, mail: stage.path("exim/mail"), log, _daemon: Background::start(&mut command)? };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            ensure!(Instant::now() < deadline, "Exim does not listen on {address}");
            thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until `count` messages are delivered and returns them, in the order of their delivery.
    pub(crate) fn delivered(&self, count: usize) -> Outcome<Vec<Vec<u8>>> {
        maildir::delivered(&self.mail, "Exim", count)
    }

    /// What it wrote down of the messages that it took.
    pub(crate) fn log(&self) -> Outcome<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }
}

/// Makes Exim's folder, with copies of what its user must read, and its logs.
fn prepare(stage: &Stage, copies: &[(PathBuf, &Path)]) -> Outcome<[PathBuf; 3]> {
    let base = stage.path("exim");
    std::fs::create_dir_all(base.join("spool"))?;
    let logs = ["main", "reject", "panic"].map(|kind| stage.path(format!("exim-{kind}.log")));
    for log in &logs {
        File::create(log)?;
    }
    // The scenario's folder is its owner's alone; who works for Exim comes through.
    std::fs::set_permissions(stage.folder(), Permissions::from_mode(0o711))?;
    for (from, to) in copies {
        std::fs::copy(from, to)?;
    }
    Program::new("chown")?
        .args(["-R", "Debian-exim"])
        .arg(&base)
        .args(&logs)
        .succeed()
        .during("Exim needs root, and its user: useradd --system --no-create-home Debian-exim")?;
    Ok(logs)
}
