//! Sends a message with the workspace's own client machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use smtp_proto::{
    Auth, Body, Class, ClientConfig, ClientName, Code, Command, Extension, Mail, Mailbox, Mechanism, Rcpt,
    Reply, Secret, TlsPolicy,
    client::{Client, Event},
    dot::Outgoing,
    sasl::Response,
};
use tokio::net::TcpStream;
use tokio_codec::{
    Connection,
    rustls::{
        self, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use crate::failure::{Outcome, fail};

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Smtp,
    Lmtp,
}

/// Whether the connection is upgraded.
#[derive(Clone, Debug)]
pub(crate) enum Tls {
    Never,
    /// STARTTLS, trusting this certificate (PEM) alone. The server's name is `localhost`.
    StartTls(PathBuf),
}

/// A login.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// The SASL mechanism, such as `PLAIN`.
    pub(crate) mechanism: &'static str,
    pub(crate) user: String,
    pub(crate) password: String,
}

/// Where to send, and how.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) protocol: Protocol,
    pub(crate) tls: Tls,
    pub(crate) login: Option<Login>,
}

/// From whom, to whom.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
}

/// The server's last word on one recipient: its refusal, or the reply to the message.
#[derive(Clone, Debug)]
pub(crate) struct RecipientOutcome {
    pub(crate) recipient: String,
    pub(crate) code: u16,
    pub(crate) text: String,
}

type Session = Connection<TcpStream, Client>;

/// Sends one message over a connection of its own. The outcomes stand in the order of the recipients.
pub(crate) fn send(target: &Target, envelope: &Envelope, message: &[u8]) -> Outcome<Vec<RecipientOutcome>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(converse(target, envelope, message))
}

async fn converse(target: &Target, envelope: &Envelope, message: &[u8]) -> Outcome<Vec<RecipientOutcome>> {
    let config = ClientConfig {
        protocol: match target.protocol {
            Protocol::Smtp => smtp_proto::Protocol::Smtp,
            Protocol::Lmtp => smtp_proto::Protocol::Lmtp,
        },
        tls: match target.tls {
            Tls::Never => TlsPolicy::Opportunistic,
            Tls::StartTls(_) => TlsPolicy::Required,
        },
        bare: Outgoing::Normalise,
        ..ClientConfig::default()
    };
    let socket = TcpStream::connect(target.address).await?;
    let mut session = Connection::new(socket, Client::new(config));
    match event(&mut session).await? {
        Event::Greeting(reply) if reply.code() == Code::READY => {}
        other => fail!("greeted with {other:?}"),
    }
    hello(&mut session, target.protocol).await?;
    if let Tls::StartTls(certificate) = &target.tls {
        session.machine().send(Command::StartTls)?;
        let Event::Upgrade { upgrade, .. } = event(&mut session).await? else {
            fail!("STARTTLS was refused")
        };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(certificate)? {
            roots.add(certificate?)?;
        }
        let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        session.connect_tls(upgrade, Arc::new(config), ServerName::try_from("localhost")?).await?;
        hello(&mut session, target.protocol).await?;
    }
    if let Some(login) = &target.login {
        log_in(&mut session, login).await?;
    }
    let outcomes = transaction(&mut session, envelope, message).await?;
    session.machine().send(Command::Quit)?;
    while session.next().await?.is_some() {}
    Ok(outcomes)
}

async fn event(session: &mut Session) -> Outcome<Event> {
    match session.next().await? {
        Some(event) => Ok(event),
        None => fail!("the server closed the connection"),
    }
}

/// Sends a command that must succeed.
async fn must(session: &mut Session, command: Command) -> Outcome {
    let said = format!("{command:?}");
    session.machine().send(command)?;
    match event(session).await? {
        Event::Reply { reply, .. } if reply.code().class() == Class::Completion => Ok(()),
        other => fail!("{said} was answered {other:?}"),
    }
}

async fn hello(session: &mut Session, protocol: Protocol) -> Outcome {
    let name = ClientName::new("client.example.org")?;
    let command = match protocol {
        Protocol::Smtp => Command::Ehlo(name),
        Protocol::Lmtp => Command::Lhlo(name),
    };
    must(session, command).await
}

/// PLAIN in one step, LOGIN in two.
async fn log_in(session: &mut Session, login: &Login) -> Outcome {
    let mechanism = Mechanism::new(login.mechanism)?;
    if mechanism == Mechanism::PLAIN {
        let octets = format!("\0{}\0{}", login.user, login.password).into_bytes();
        return must(session, Command::Auth(Auth { mechanism, initial: Some(octets.into()) })).await;
    }
    session.machine().send(Command::Auth(Auth { mechanism, initial: None }))?;
    let mut answers = [&login.user, &login.password].into_iter();
    loop {
        match event(session).await? {
            Event::Challenge { .. } => {
                let Some(answer) = answers.next() else { fail!("one challenge too many") };
                let response = Response::Data(Secret::copy_from(answer.as_bytes()));
                session.machine().respond(&response)?;
            }
            Event::Reply { reply, .. } if reply.code() == Code::AUTHENTICATED => return Ok(()),
            other => fail!("AUTH {mechanism} was answered {other:?}"),
        }
    }
}

/// MAIL, RCPT and DATA in one group where the server pipelines; the machine holds them back where it does not.
async fn transaction(
    session: &mut Session,
    envelope: &Envelope,
    message: &[u8],
) -> Outcome<Vec<RecipientOutcome>> {
    let mut mail = Mail::new(Mailbox::new(&envelope.from)?);
    let offered = session.machine().capabilities().cloned().unwrap_or_default();
    if offered.has(Extension::Size) {
        mail = mail.with_size(message.len() as u64);
    }
    if offered.has(Extension::EightBitMime) && !message.is_ascii() {
        mail = mail.with_body(Body::EightBitMime);
    }
    session.machine().send(Command::Mail(mail))?;
    let mut recipients = Vec::new();
    for recipient in &envelope.to {
        let ticket = session.machine().send(Command::Rcpt(Rcpt::new(Mailbox::new(recipient)?)))?;
        recipients.push((ticket, recipient, None));
    }
    let data = session.machine().send(Command::Data)?;
    let outcome = |recipient: &str, reply: &Reply| RecipientOutcome {
        recipient: recipient.to_owned(),
        code: reply.code().into(),
        text: reply.to_string(),
    };
    // A recipient that was accepted waits for what becomes of the message.
    while recipients.iter().any(|(_, _, outcome)| outcome.is_none()) {
        match event(session).await? {
            Event::Upload { mut upload, .. } => {
                let message = Bytes::copy_from_slice(message);
                for chunk in message.chunks(16 * 1024) {
                    session.write(&mut upload, message.slice_ref(chunk)).await?;
                }
                session.finish(upload)?;
            }
            Event::Reply { ticket, reply } if ticket == data => {
                for (_, recipient, decided) in &mut recipients {
                    decided.get_or_insert_with(|| outcome(recipient, &reply));
                }
            }
            Event::Recipient { recipient: ticket, reply, .. } => {
                for (_, recipient, decided) in recipients.iter_mut().filter(|(of, ..)| *of == ticket) {
                    decided.get_or_insert_with(|| outcome(recipient, &reply));
                }
            }
            Event::Reply { ticket, reply } if reply.code().class() != Class::Completion => {
                let Some((_, recipient, decided)) = recipients.iter_mut().find(|(of, ..)| *of == ticket)
                else {
                    fail!("MAIL was answered {reply}")
                };
                *decided = Some(outcome(recipient, &reply));
            }
            Event::Reply { .. } => {}
            other => fail!("in the midst of a transaction came {other:?}"),
        }
    }
    Ok(recipients.into_iter().filter_map(|(_, _, outcome)| outcome).collect())
}
