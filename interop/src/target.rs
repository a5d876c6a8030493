//! The server that an IMAP scenario talks to, whichever it is: `mail-server`, or Dovecot to prove the scenario by.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::thread;

use crate::client::Protocol;
use crate::failure::{During, Failure, Outcome, ensure, fail};
use crate::process::{Program, python};
use crate::readback::TRACE;
use crate::server::{ALICE, FOREIGN, Login, PASSWORD, Server, Service};
use crate::servers::{self, Dovecot, Identity};
use crate::smtp::Smtp;
use crate::stage::Stage;

/// Which server the IMAP scenarios run against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The one under test.
    MailServer,
    /// Dovecot: a scenario that fails there asks for something that is not IMAP.
    Dovecot,
}

/// All that a scenario needs to know of the server and of the account that it uses.
#[derive(Clone, Debug)]
pub(crate) struct ImapTarget {
    pub(crate) imap: SocketAddr,
    pub(crate) imaps: SocketAddr,
    pub(crate) pop3s: SocketAddr,
    /// Where mail for the account is taken without login: by SMTP, or where there is none by LMTP.
    pub(crate) delivery: (Protocol, SocketAddr),
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    /// The header fields that a delivery puts before a message.
    pub(crate) trace: &'static [&'static str],
    /// The server's certificate, for the name `localhost` and for its address.
    pub(crate) certificate: PathBuf,
    /// The process that serves all sessions, if there is such a one.
    pub(crate) process: Option<u32>,
}

/// A message as a folder shows it.
#[derive(Debug)]
pub(crate) struct Stored {
    /// All but `\Recent`, as the server writes them.
    pub(crate) flags: BTreeSet<String>,
    pub(crate) octets: Vec<u8>,
}

impl Stored {
    pub(crate) fn flags(&self) -> String {
        self.flags.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// The value of a header field that stands on one line.
    pub(crate) fn field(&self, name: &str) -> String {
        let text = String::from_utf8_lossy(&self.octets).into_owned();
        let mut lines = text.lines().take_while(|line| !line.is_empty());
        let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned));
        found.unwrap_or_default()
    }
}

/// Keeps the server running while a scenario uses it.
enum Running {
    MailServer(Server),
    Dovecot { _dovecot: Dovecot, certificate: PathBuf },
}

/// Starts the subject of this run and hands its target to the scenario.
pub(crate) fn with_target(
    stage: &Stage,
    login: Login,
    scenario: fn(&Stage, &ImapTarget) -> Outcome,
) -> Outcome {
    let running = match stage.subject() {
        Subject::MailServer => Running::MailServer(Server::launch(stage, login, None)?),
        Subject::Dovecot => {
            let identity = Identity::create(stage)?;
            let certificate = identity.certificate.clone();
            Running::Dovecot { _dovecot: Dovecot::start_as_reference(stage, &identity, login)?, certificate }
        }
    };
    let target = match &running {
        Running::MailServer(server) => ImapTarget::of_mail_server(server),
        Running::Dovecot { certificate, .. } => ImapTarget::of_dovecot(certificate)?,
    };
    scenario(stage, &target)
}

impl ImapTarget {
    pub(crate) fn of_mail_server(server: &Server) -> Self {
        Self {
            imap: server.address(Service::Imap),
            imaps: server.address(Service::Imaps),
            pop3s: server.address(Service::Pop3s),
            delivery: (Protocol::Smtp, server.address(Service::Smtp)),
            user: ALICE,
            password: PASSWORD,
            trace: TRACE,
            certificate: server.certificate(),
            process: Some(server.process_id()),
        }
    }

    pub(crate) fn of_dovecot(certificate: &Path) -> Outcome<Self> {
        // To Dovecot, a client at the server's own address is as good as one over TLS: the server gets another one.
        let host = Ipv4Addr::new(127, 0, 0, 2);
        let address = |name| -> Outcome<SocketAddr> { Ok((host, servers::address(name)?.port()).into()) };
        Ok(Self {
            imap: address("DOVECOT_IMAP")?,
            imaps: address("DOVECOT_IMAPS")?,
            pop3s: address("DOVECOT_POP3S")?,
            delivery: (Protocol::Lmtp, address("DOVECOT_LMTP")?),
            user: ALICE,
            password: PASSWORD,
            trace: &["Return-Path", "Delivered-To", "Received"],
            certificate: certificate.to_owned(),
            process: None,
        })
    }

    /// `imap://ADDRESS:PORT/PATH`
    pub(crate) fn imap_url(&self, path: &str) -> String {
        format!("imap://{}/{path}", self.imap)
    }

    /// `imaps://ADDRESS:PORT/PATH`
    pub(crate) fn imaps_url(&self, path: &str) -> String {
        format!("imaps://{}/{path}", self.imaps)
    }

    /// A script of `interop/python` that is told where the server is, and who logs in.
    pub(crate) fn script(&self, name: &str) -> Outcome<Program> {
        Ok(self.tell(python(name)?))
    }

    /// Tells a program of this tree where the server is, and who logs in.
    pub(crate) fn tell(&self, program: Program) -> Program {
        let (protocol, delivery) = self.delivery;
        let protocol = if protocol == Protocol::Lmtp { "lmtp" } else { "smtp" };
        program
            .args(["--host", &self.imap.ip().to_string()])
            .args(["--imap", &self.imap.port().to_string(), "--imaps", &self.imaps.port().to_string()])
            .args(["--pop3s", &self.pop3s.port().to_string()])
            .args(["--delivery", &format!("{protocol}:{}", delivery.port())])
            .args(["--user", self.user, "--password", self.password, "--certificate"])
            .arg(&self.certificate)
    }

    /// Delivers messages to the account over several sessions at once, in whatever order.
    pub(crate) fn fill(&self, count: usize, message: fn(usize) -> Vec<u8>) -> Outcome {
        const SESSIONS: usize = 16;
        let senders: Vec<_> = (0..SESSIONS)
            .map(|first| {
                let target = self.clone();
                thread::spawn(move || -> Outcome {
                    let mut session = target.deliverer()?;
                    for number in (first..count).step_by(SESSIONS) {
                        session.deliver(FOREIGN, &[target.user], &message(number))?.expect(250)?;
                    }
                    Ok(())
                })
            })
            .collect();
        let gone = |_| Failure::new("a sender panicked");
        senders.into_iter().try_for_each(|sender| sender.join().map_err(gone)?).during("filling the folder")
    }

    /// Delivers messages to the account, one after the other.
    pub(crate) fn deliver<M: AsRef<[u8]>>(&self, messages: impl IntoIterator<Item = M>) -> Outcome {
        let mut session = self.deliverer()?;
        for message in messages {
            session.deliver(FOREIGN, &[self.user], message.as_ref())?.expect(250)?;
        }
        Ok(())
    }

    fn deliverer(&self) -> Outcome<Smtp> {
        let (protocol, address) = self.delivery;
        let mut session = Smtp::connect(address)?;
        let greeting = if protocol == Protocol::Lmtp { "LHLO" } else { "EHLO" };
        session.command(&format!("{greeting} client.example.test"))?.expect(250)?;
        Ok(session)
    }

    /// Reads a folder with Python's imaplib: every message, in the folder's order, without a change to any.
    pub(crate) fn folder(&self, stage: &Stage, name: &str) -> Outcome<Vec<Stored>> {
        let into = stage.path("folder");
        if into.exists() {
            std::fs::remove_dir_all(&into)?;
        }
        std::fs::create_dir(&into)?;
        let listing = self.script("imap_dump.py")?.args(["--folder", name, "--into"]).arg(&into).succeed()?;
        let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
        let stored = listing.lines().map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            let Some(file) = words.next() else { fail!("imap_dump.py says nothing") };
            let flags = words.filter(|word| !word.is_empty()).collect();
            Ok(Stored { flags, octets: std::fs::read(into.join(file))? })
        });
        stored.collect::<Outcome<_>>().during(format!("reading {name}"))
    }

    /// Fails unless a folder holds messages with just these subjects and flags, in whatever order.
    pub(crate) fn expect_folder(&self, stage: &Stage, name: &str, expected: &[(&str, &str)]) -> Outcome {
        let stored = self.folder(stage, name)?;
        let mut found: Vec<(String, String)> =
            stored.iter().map(|stored| (stored.field("Subject"), stored.flags())).collect();
        let mut expected: Vec<(String, String)> =
            expected.iter().map(|(subject, flags)| ((*subject).to_owned(), (*flags).to_owned())).collect();
        found.sort();
        expected.sort();
        ensure!(found == expected, "{name} holds {found:?} and not {expected:?}");
        Ok(())
    }
}
