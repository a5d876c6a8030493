//! The server under test: started on free ports over a folder of its own, and ended with the scenario.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{During, Outcome, ensure, fail};
use crate::ports;
use crate::process::{Background, Program, find};
use crate::stage::Stage;

pub(crate) const ALICE: &str = "alice@example.test";
pub(crate) const BOB: &str = "bob@example.test";
/// A local domain, but no such account.
pub(crate) const UNKNOWN: &str = "nobody@example.test";
/// An address of a domain that is not the server's.
pub(crate) const FOREIGN: &str = "someone@elsewhere.test";
/// The password of every account.
pub(crate) const PASSWORD: &str = "pass-word.7";
/// The one token that is good, and Alice's, where the server takes tokens.
pub(crate) const TOKEN: &str = "ya29.vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg";
/// How Alice logs in with an initial response: NUL, name, NUL, password in base64.
pub(crate) const AUTH_PLAIN: &str = "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABwYXNzLXdvcmQuNw==";

/// How long the server may take until it listens, and to end after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether the server takes a login over an unencrypted connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    OverTls,
    Anywhere,
}

/// What the server listens for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Smtp,
    Submission,
    Submissions,
    Lmtp,
    Pop3,
    Pop3s,
    Imap,
    Imaps,
}

impl Service {
    const ALL: [Self; 8] = [
        Self::Smtp,
        Self::Submission,
        Self::Submissions,
        Self::Lmtp,
        Self::Pop3,
        Self::Pop3s,
        Self::Imap,
        Self::Imaps,
    ];

    fn option(self) -> &'static str {
        match self {
            Self::Smtp => "--smtp",
            Self::Submission => "--submission",
            Self::Submissions => "--submissions",
            Self::Lmtp => "--lmtp",
            Self::Pop3 => "--pop3",
            Self::Pop3s => "--pop3s",
            Self::Imap => "--imap",
            Self::Imaps => "--imaps",
        }
    }
}

/// A running `mail-server` with the accounts of Alice and Bob.
pub(crate) struct Server {
    binary: PathBuf,
    data: PathBuf,
    log: PathBuf,
    trace: Option<PathBuf>,
    config: Option<PathBuf>,
    login: Login,
    addresses: Vec<(Service, SocketAddr)>,
    process: Background,
}

impl Server {
    /// Starts a server that takes logins over TLS alone.
    pub(crate) fn start(stage: &Stage) -> Outcome<Self> {
        Self::launch(stage, Login::OverTls, None)
    }

    /// Starts a server that takes [`TOKEN`] too.
    pub(crate) fn start_with_tokens(stage: &Stage) -> Outcome<Self> {
        let check = format!("read -r name; read -r token; test \"$token\" = {TOKEN} && echo {ALICE}");
        Self::start_with(stage, &format!("[auth]\ntoken_command = '{check}'\n"))
    }

    /// Starts a server that takes logins over TLS alone, with this in its configuration.
    pub(crate) fn start_with(stage: &Stage, config: &str) -> Outcome<Self> {
        let config = stage.write_private("mail-server.toml", config)?;
        Self::launch_as(stage, Login::OverTls, None, Some(config))
    }

    /// Starts a server that takes logins without TLS too, for clients of this harness, which speak none.
    pub(crate) fn start_in_clear(stage: &Stage) -> Outcome<Self> {
        Self::launch(stage, Login::Anywhere, None)
    }

    /// Starts a server whose system calls are written to `trace`.
    pub(crate) fn start_traced(stage: &Stage, trace: PathBuf) -> Outcome<Self> {
        Self::launch(stage, Login::Anywhere, Some(trace))
    }

    pub(crate) fn launch(stage: &Stage, login: Login, trace: Option<PathBuf>) -> Outcome<Self> {
        Self::launch_as(stage, login, trace, None)
    }

    fn launch_as(
        stage: &Stage,
        login: Login,
        trace: Option<PathBuf>,
        config: Option<PathBuf>,
    ) -> Outcome<Self> {
        let mut addresses = Vec::new();
        for service in Service::ALL {
            addresses.push((service, SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?))));
        }
        let (data, log) = (stage.path("data"), stage.path("mail-server.log"));
        let binary = stage.mail_server().to_owned();
        let process = spawn(&binary, &data, &log, trace.as_deref(), config.as_deref(), login, &addresses)?;
        let mut server = Self { binary, data, log, trace, config, login, addresses, process };
        server.wait_until_it_listens()?;
        server.add_account(ALICE)?;
        server.add_account(BOB)?;
        Ok(server)
    }

    /// Adds an account while the server runs.
    pub(crate) fn add_account(&self, name: &str) -> Outcome {
        let program = Program::at(&self.binary).args(["account", "add", name, "--password-stdin", "--data"]);
        program.arg(&self.data).input(format!("{PASSWORD}\n")).succeed().map(|_| ())
    }

    /// What SMTP or LMTP said of the messages in an account's INBOX.
    pub(crate) fn envelopes(&self, account: &str) -> Outcome<String> {
        let program = Program::at(&self.binary).args(["envelopes", account, "--data"]).arg(&self.data);
        Ok(String::from_utf8_lossy(&program.succeed()?.stdout).into_owned())
    }

    pub(crate) fn address(&self, service: Service) -> SocketAddr {
        let found = self.addresses.iter().find(|(listed, _)| *listed == service);
        found.map(|(_, address)| *address).expect("every service of Service::ALL was given an address")
    }

    pub(crate) fn port(&self, service: Service) -> String {
        self.address(service).port().to_string()
    }

    /// The server's self-signed certificate, which clients are told to trust.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.data.join("cert.pem")
    }

    /// The folder that holds the server's whole state.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The most memory that the process held so far, in octets (`VmHWM`).
    pub(crate) fn peak_memory(&self) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let Some(kibibytes) = line.and_then(|line| line.trim().strip_suffix(" kB")) else {
            fail!("/proc tells no VmHWM")
        };
        Ok(kibibytes.trim().parse::<u64>()? * 1024)
    }

    /// Sends SIGTERM, without waiting for the end.
    pub(crate) fn terminate(&self) -> Outcome {
        self.process.terminate()
    }

    /// Waits until the process has ended.
    pub(crate) fn wait(&mut self) -> Outcome<ExitStatus> {
        match self.process.wait(PATIENCE)? {
            Some(status) => Ok(status),
            None => fail!("the server still runs {PATIENCE:?} after it was told to end"),
        }
    }

    /// Ends the process by SIGKILL: nothing that it had in mind is done any more.
    pub(crate) fn kill(&mut self) -> Outcome {
        ensure!(self.process.wait(Duration::ZERO)?.is_none(), "the server had ended by itself");
        Ok(self.process.kill()?)
    }

    /// Starts anew on the same folder and the same ports.
    pub(crate) fn restart(&mut self) -> Outcome {
        let (trace, config) = (self.trace.as_deref(), self.config.as_deref());
        self.process =
            spawn(&self.binary, &self.data, &self.log, trace, config, self.login, &self.addresses)?;
        self.wait_until_it_listens()
    }

    /// Ends the process, and starts it anew with this in its configuration.
    pub(crate) fn restart_with(&mut self, stage: &Stage, config: &str) -> Outcome {
        self.terminate()?;
        self.wait()?;
        self.config = Some(stage.write_private("mail-server.toml", config)?);
        self.restart()
    }

    fn wait_until_it_listens(&mut self) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        for (_, address) in self.addresses.clone() {
            while TcpStream::connect(address).is_err() {
                if let Some(status) = self.process.wait(Duration::ZERO)? {
                    fail!("the server ended at its start: {status}");
                }
                ensure!(Instant::now() < deadline, "the server does not listen on {address}");
                thread::sleep(Duration::from_millis(2));
            }
        }
        Ok(())
    }
}

/// The system calls that tell in which order a message is made durable and acknowledged.
const TRACED: &str = "trace=openat,close,write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range,\
                      rename,renameat,renameat2,linkat,unlink,sendto,sendmsg";

fn spawn(
    binary: &Path,
    data: &Path,
    log: &Path,
    trace: Option<&Path>,
    config: Option<&Path>,
    login: Login,
    addresses: &[(Service, SocketAddr)],
) -> Outcome<Background> {
    let mut command = match trace {
        None => Command::new(binary),
        Some(trace) => {
            // -D makes the server, not strace, the child: its id is the one to signal, and strace ends with it.
            let mut strace = Command::new(find("strace")?);
            strace.args(["-D", "-f", "-y", "-y", "-tt", "-s", "256", "-e", TRACED, "-o"]);
            strace.arg(trace).arg(binary);
            strace
        }
    };
    command.arg("--data").arg(data);
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    for (service, address) in addresses {
        command.args([service.option(), &address.to_string()]);
    }
    if login == Login::Anywhere {
        command.arg("--allow-cleartext-login");
    }
    let log = File::options().create(true).append(true).open(log).during("opening the server's log")?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Background::start(&mut command)
}
