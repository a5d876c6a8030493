//! Sessions that deliver, of `tokio_codec::smtp`.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use smtp_proto::delivery::{Message, Report, Verdict};
use smtp_proto::{ClientConfig, ClientName, Mail, Mailbox, Mechanism, Rcpt, TlsPolicy};
use tokio_codec::rustls::{
    self, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio_codec::sasl::{Credentials, Policy, Secret};
use tokio_codec::smtp::{self, Session};

use crate::client::{Login, Protocol, Target, Tls};
use crate::failure::{During, Outcome, ensure};

/// Who says EHLO.
pub(crate) fn name() -> Outcome<ClientName> {
    Ok(ClientName::new("client.example.org")?)
}

/// What the session is to speak.
pub(crate) fn config(protocol: Protocol) -> ClientConfig {
    let protocol = match protocol {
        Protocol::Smtp => smtp_proto::Protocol::Smtp,
        Protocol::Lmtp => smtp_proto::Protocol::Lmtp,
    };
    ClientConfig { protocol, ..ClientConfig::default() }
}

/// Connects and logs in, as the target has it.
pub(crate) async fn open(target: &Target) -> Outcome<Session> {
    let config = config(target.protocol);
    let mut session = match &target.tls {
        Tls::Never => {
            smtp::connect(target.address, ClientConfig { tls: TlsPolicy::Never, ..config }, name()?).await?
        }
        Tls::StartTls(certificate) => {
            let server = ServerName::try_from("localhost")?;
            smtp::connect_starttls(target.address, config, name()?, trust(certificate)?, server).await?
        }
    };
    if let Some(login) = &target.login {
        log_in(&mut session, login).await?.during("logging in")?;
    }
    Ok(session)
}

/// Logs in by the login's mechanism alone.
pub(crate) async fn log_in(session: &mut Session, login: &Login) -> Outcome<Result<(), smtp::Error>> {
    let credentials = Credentials::password(&login.user, Secret::copy_from(login.password.as_bytes()))?;
    let only = Policy::default().only(&[Mechanism::new(login.mechanism)?]);
    Ok(smtp::login(session, credentials, &only).await)
}

/// Trusts this certificate and nothing else.
fn trust(certificate: &Path) -> Outcome<Arc<rustls::ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(certificate)? {
        roots.add(certificate?)?;
    }
    Ok(Arc::new(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

/// A message for these recipients, of whom nothing more is said.
pub(crate) fn message(from: &str, to: &[&str]) -> Outcome<Message> {
    let recipients: Outcome<_> = to.iter().map(|to| Ok(Rcpt::new(Mailbox::new(to)?))).collect();
    Ok(Message::new(Mail::new(Mailbox::new(from)?), recipients?))
}

/// Delivers a message, which must end in these verdicts, in the order of its recipients.
pub(crate) async fn deliver(
    session: &mut Session,
    message: Message,
    octets: &[u8],
    verdicts: &[Verdict],
) -> Outcome<Report> {
    let report = smtp::deliver(session, message, Bytes::copy_from_slice(octets)).await?;
    let told: Vec<Verdict> = report.outcomes.iter().map(smtp_proto::delivery::Outcome::verdict).collect();
    ensure!(told == verdicts, "the outcomes are {:?}", report.outcomes);
    Ok(report)
}
