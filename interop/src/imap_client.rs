//! Sessions of the workspace's own IMAP client machine.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use imap_proto::response::{StatusKind, Untagged};
use imap_proto::{
    Append, AppendMessage, BodySection, ClientConfig, Command, Fetch, FetchItem, FetchItems, MailboxName,
    MessageData, Numbering, Search, SearchKey, Section, Seen, SequenceSet, client::Event,
};
use tokio_codec::imap::{self, Answer, Session};
use tokio_codec::rustls::{
    self, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio_codec::sasl::{Credentials, Policy, Secret};

use crate::failure::{During, Outcome, ensure, fail};
use crate::servers::{Dovecot, Identity};
use crate::stage::Stage;
use crate::target::ImapTarget;

/// No conversation of a scenario takes longer.
const DEADLINE: Duration = Duration::from_secs(120);

/// How a connection comes to TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Implicit,
    StartTls,
}

/// A Dovecot with all that it offers.
pub(crate) fn with_dovecot(stage: &Stage, scenario: impl FnOnce(&ImapTarget) -> Outcome) -> Outcome {
    let identity = Identity::create(stage)?;
    let _dovecot = Dovecot::start(stage, &identity)?;
    scenario(&ImapTarget::of_dovecot(&identity.certificate)?)
}

/// Holds a conversation.
pub(crate) fn converse<T>(conversation: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match tokio::time::timeout(DEADLINE, conversation).await {
            Ok(outcome) => outcome,
            Err(_) => fail!("the conversation did not end within {DEADLINE:?}"),
        }
    })
}

/// Trusts the server's certificate and nothing else.
pub(crate) fn trust(target: &ImapTarget) -> Outcome<Arc<rustls::ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&target.certificate)? {
        roots.add(certificate?)?;
    }
    Ok(Arc::new(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

/// Connects, without a login.
pub(crate) async fn connect(target: &ImapTarget, way: Way) -> Outcome<Session> {
    let (tls, name) = (trust(target)?, ServerName::try_from("localhost")?);
    let config = ClientConfig::default();
    let session = match way {
        Way::Implicit => imap::connect_tls(target.imaps, config, tls, name).await,
        Way::StartTls => imap::connect_starttls(target.imap, config, tls, name).await,
    };
    session.during(format!("connecting by {way:?}"))
}

/// Connects and logs in.
pub(crate) async fn open(target: &ImapTarget, way: Way) -> Outcome<Session> {
    let mut session = connect(target, way).await?;
    login(&mut session, target, target.password).await.during("logging in")?;
    Ok(session)
}

/// Logs in by the strongest mechanism that is offered.
pub(crate) async fn login(session: &mut Session, target: &ImapTarget, password: &str) -> Outcome {
    let credentials = Credentials::password(target.user, Secret::copy_from(password.as_bytes()))?;
    Ok(imap::login(session, credentials, &Policy::default()).await?)
}

/// Says a command that must succeed, and whose answer must be readable.
pub(crate) async fn must(session: &mut Session, command: Command) -> Outcome<Answer> {
    let said = format!("{command:?}");
    let answer = imap::run(session, command).await.during(&said)?;
    ensure!(answer.status.kind() == StatusKind::Ok, "{said} was answered {:?}", answer.status);
    ensure!(answer.invalid == 0, "{} responses to {said} could not be read", answer.invalid);
    Ok(answer)
}

/// UIDs found by a search.
pub(crate) async fn search(session: &mut Session, key: SearchKey) -> Outcome<Vec<u32>> {
    let answer = must(session, Command::Search(Box::new(Search::new(Numbering::Uid, vec![key])))).await?;
    let found = answer.untagged.iter().find_map(|told| match told {
        Untagged::Search(search) => Some(search.numbers.clone()),
        _ => None,
    });
    Ok(found.unwrap_or_default())
}

/// Appends a message as it is read.
pub(crate) async fn append(session: &mut Session, mailbox: &str, octets: &[u8]) -> Outcome {
    let message = AppendMessage::new(MessageData::Announced(octets.len() as u64));
    let append = Append::new(MailboxName::new(mailbox)?, message);
    imap::append(session, append, &mut &*octets).await?.accepted().during("APPEND")?;
    Ok(())
}

/// `UID FETCH` of the whole message, without a mark on it.
pub(crate) fn whole(uid: u32) -> Outcome<Command> {
    let section = BodySection { seen: Seen::Keep, section: Section::WHOLE, partial: None };
    fetch(Numbering::Uid, uid, [FetchItem::Section(section)])
}

/// FETCH of these items.
pub(crate) fn fetch(
    numbering: Numbering,
    number: u32,
    items: impl IntoIterator<Item = FetchItem>,
) -> Outcome<Command> {
    match (SequenceSet::from_numbers([number]), FetchItems::new(items)) {
        (Some(set), Some(items)) => Ok(Command::Fetch(Fetch { numbering, set, items })),
        _ => fail!("nothing to fetch of {number}"),
    }
}

/// Fetches a message and compares it as it comes; nothing of it is kept.
pub(crate) async fn compare(session: &mut Session, uid: u32, with: &[u8]) -> Outcome {
    use imap_proto::response::{FetchItem, Payload};
    let mut left = with;
    let mut take = |piece: &[u8]| -> Outcome {
        match left.strip_prefix(piece) {
            Some(rest) => left = rest,
            None => fail!("octet {} or one soon behind it is another", with.len() - left.len()),
        }
        Ok(())
    };
    let mut running = imap::begin(session, whole(uid)?)?;
    while let Some(event) = running.next().await? {
        match event {
            Event::Payload(piece) => take(&piece)?,
            Event::Untagged(Untagged::Fetch(fetch)) => {
                for item in &fetch.items {
                    if let FetchItem::Content(content) = item {
                        if let Payload::Whole(octets) = &content.payload {
                            take(octets)?;
                        }
                    }
                }
            }
            Event::Invalid { error, .. } => fail!("a response could not be read: {error}"),
            _ => {}
        }
    }
    let kind = running.status().map(imap_proto::response::Status::kind);
    ensure!(kind == Some(StatusKind::Ok), "FETCH was answered {:?}", running.status());
    ensure!(left.is_empty(), "{} octets are missing", left.len());
    Ok(())
}
