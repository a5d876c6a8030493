//! The workspace's own IMAP client machine talks to Dovecot, and to the server of this run.

use std::thread;
use std::time::Duration;

use imap_proto::client::Event;
use imap_proto::mailbox::ClientView;
use imap_proto::response::{Capability, Code, StatusKind, Untagged};
use imap_proto::{
    AString, Authenticate, ClientConfig, Command, Copy, FetchItem, Flag, List, Login as LoginCommand,
    MailboxName, Mechanism, Numbering, Report, Search, SearchKey, Secret, SequenceSet, Store, StoreAction,
    client::Client, response,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_codec::{
    Connection,
    imap::{self, Session},
    rustls::pki_types::ServerName,
    sasl::{Credentials, Policy},
};

use super::Scenario;
use crate::failure::{During, Failure, Outcome, ensure, fail};
use crate::imap_client::{
    Way, append, compare, connect, converse, fetch, must, open, search, trust, with_dovecot,
};
use crate::message;
use crate::process::python;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("client: Dovecot imap STARTTLS", |stage| {
        with_dovecot(stage, |target| session(target, Way::StartTls))
    }),
    Scenario::new("client: Dovecot imaps", |stage| {
        with_dovecot(stage, |target| session(target, Way::Implicit))
    }),
    Scenario::new("client: Dovecot imap, a literal that waits", |stage| with_dovecot(stage, literal)),
    Scenario::new("client: Dovecot imaps, every mechanism, and no other once one was refused", |stage| {
        with_dovecot(stage, mechanisms)
    }),
    Scenario::imap("client: imap STARTTLS", |_, target| session(target, Way::StartTls)),
    Scenario::imap("client: imaps", |_, target| session(target, Way::Implicit)),
    Scenario::imap("client: imap, a literal that waits", |_, target| literal(target)),
];

/// How soon one who idles is told of a new message.
const SOON: Duration = Duration::from_secs(2);

fn session(target: &ImapTarget, way: Way) -> Outcome {
    converse(async {
        logins(target, way).await.during("logging in")?;
        let mut session = open(target, way).await?;
        mailboxes(&mut session).await.during("mailboxes")?;
        messages(&mut session).await.during("messages")?;
        large(&mut session).await.during("a large message")?;
        pipelined(&mut session).await.during("commands at once")?;
        news(target, way, &mut session).await.during("IDLE")?;
        imap::logout(&mut session).await.during("LOGOUT")?;
        Ok(())
    })
}

/// Logs in by each mechanism that Dovecot has, the first one chosen by nobody.
fn mechanisms(target: &ImapTarget) -> Outcome {
    let token = |seconds: &str| -> Outcome<Secret> {
        let said = python("bearer.py")?.args(["--user", target.user, "--seconds", seconds]).succeed()?;
        Ok(Secret::copy_from(said.text().trim().as_bytes()))
    };
    let [good, stale] = [token("600")?, token("-100")?];
    let password =
        |password: &str| Credentials::password(target.user, Secret::copy_from(password.as_bytes()));
    let by_token = |token: &Secret| Credentials::token(target.user, token.clone());
    converse(async {
        let plain = [Mechanism::SCRAM_SHA_256, Mechanism::SCRAM_SHA_1, Mechanism::PLAIN, Mechanism::LOGIN];
        for mechanism in plain {
            let only = Policy::default().only(&[mechanism]);
            let wrong = password("wrong")?;
            login(target, [wrong, password(target.password)?], &only).await.during(mechanism)?;
        }
        for mechanism in [Mechanism::OAUTHBEARER, Mechanism::XOAUTH2] {
            let only = Policy::default().only(&[mechanism]);
            login(target, [by_token(&stale)?, by_token(&good)?], &only).await.during(mechanism)?;
        }
        login(target, [password("wrong")?, password(target.password)?], &Policy::default()).await
    })
}

/// The wrong credentials are refused, the right ones are good, on one connection each.
async fn login(target: &ImapTarget, [wrong, right]: [Credentials; 2], policy: &Policy) -> Outcome {
    let mut session = connect(target, Way::Implicit).await?;
    let refused = imap::login(&mut session, wrong, policy).await;
    ensure!(matches!(refused, Err(imap::Error::Refused(_))), "what is wrong: {refused:?}");
    let mut session = connect(target, Way::Implicit).await?;
    imap::login(&mut session, right, policy).await?;
    imap::logout(&mut session).await?;
    Ok(())
}

async fn logins(target: &ImapTarget, way: Way) -> Outcome {
    let mut session = connect(target, way).await?;
    let offered = session.machine().capabilities().cloned().unwrap_or_default();
    ensure!(offered.has(Capability::Imap4Rev1), "the server offers {offered:?}");
    let wrong = Credentials::password(target.user, Secret::copy_from(b"wrong"))?;
    let refused = imap::login(&mut session, wrong, &Policy::default()).await;
    ensure!(matches!(refused, Err(imap::Error::Refused(_))), "a wrong password: {refused:?}");
    let octets = format!("\0{}\0{}", target.user, target.password).into_bytes();
    let plain = Authenticate { mechanism: Mechanism::PLAIN, initial: Some(Secret::from(octets)) };
    must(&mut session, Command::Authenticate(plain)).await?;
    imap::logout(&mut session).await?;

    let mut session = connect(target, way).await?;
    must(&mut session, Command::Login(LoginCommand::new(target.user, target.password)?)).await?;
    let answer = must(&mut session, Command::Capability).await?;
    ensure!(
        answer.untagged.iter().any(|told| matches!(told, Untagged::Capability(_))),
        "CAPABILITY told {:?}",
        answer.untagged
    );
    imap::logout(&mut session).await?;
    Ok(())
}

/// A password that no quoted string can hold, said before anything is known of LITERAL+.
fn literal(target: &ImapTarget) -> Outcome {
    converse(async {
        let machine = Client::new(ClientConfig::default());
        let mut session = Connection::new(TcpStream::connect(target.imap).await?, machine);
        ensure!(matches!(session.next().await?, Some(Event::Greeting(_))), "no greeting");
        if session.machine().capabilities().is_none() {
            must(&mut session, Command::Capability).await?;
        }
        session.machine().send(Command::StartTls)?;
        let Some(Event::Upgrade { upgrade, .. }) = session.next().await? else { fail!("no STARTTLS") };
        session.connect_tls(upgrade, trust(target)?, ServerName::try_from("localhost")?).await?;
        ensure!(session.machine().capabilities().is_none(), "what was told in clear is known still");
        let odd = LoginCommand::new(target.user, "o\u{308}dd \"pass\\word\"\r\n")?;
        let answer = imap::run(&mut session, Command::Login(odd)).await?;
        ensure!(answer.status.kind() == StatusKind::No, "the odd password: {:?}", answer.status);
        must(&mut session, Command::Login(LoginCommand::new(target.user, target.password)?)).await?;
        imap::logout(&mut session).await?;
        Ok(())
    })
}

/// Not ASCII, with what is special in patterns, quoted strings and modified UTF-7.
const ODD: &str = "Entw\u{fc}rfe & \"Co\" \u{65e5}\u{672c}";

async fn mailboxes(session: &mut Session) -> Outcome {
    for name in [ODD, "copies", "moved"] {
        must(session, Command::Create(MailboxName::new(name)?)).await?;
    }
    let all = List { reference: MailboxName::new("")?, pattern: MailboxName::new("*")? };
    let answer = must(session, Command::List(all)).await?;
    let mut names = Vec::new();
    for told in &answer.untagged {
        if let Untagged::List(list) = told {
            names.push(list.mailbox.to_str()?.into_owned());
        }
    }
    for name in ["INBOX", ODD, "copies", "moved"] {
        ensure!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
    append(session, ODD, b"Subject: odd\r\n\r\nodd\r\n").await?;
    must(session, Command::Select(MailboxName::new(ODD)?)).await?;
    let messages = session.machine().mailbox().map(ClientView::messages);
    ensure!(messages == Some(1), "{ODD} has {messages:?} messages");
    must(session, Command::Close).await?;
    must(session, Command::Delete(MailboxName::new(ODD)?)).await?;
    Ok(())
}

fn subject(text: &str) -> Outcome<SearchKey> {
    Ok(SearchKey::Subject(AString::try_from(text)?))
}

fn set(number: u32) -> Outcome<SequenceSet> {
    SequenceSet::from_numbers([number]).ok_or_else(|| Failure::new("0 is nobody's number"))
}

async fn messages(session: &mut Session) -> Outcome {
    for subject in ["one", "two", "three"] {
        let message = format!("From: Fred <fred@example.test>\r\nSubject: {subject}\r\n\r\n{subject}\r\n");
        append(session, "INBOX", message.as_bytes()).await?;
    }
    must(session, Command::Select(MailboxName::INBOX)).await?;
    let found = search(session, subject("two")?).await?;
    let [uid] = found[..] else { fail!("`two` is found as {found:?}") };

    let items = [FetchItem::Uid, FetchItem::Flags, FetchItem::Envelope, FetchItem::BodyStructure];
    let answer = must(session, fetch(Numbering::Uid, uid, items)?).await?;
    let items = answer.untagged.iter().find_map(|told| match told {
        Untagged::Fetch(fetch) => Some(&fetch.items),
        _ => None,
    });
    let items = items.ok_or_else(|| Failure::new("FETCH told nothing"))?;
    let has = |wanted: fn(&response::FetchItem) -> bool| items.iter().any(wanted);
    ensure!(
        has(|item| matches!(item, response::FetchItem::Flags(flags) if !flags.contains(&Flag::Seen)))
            && has(|item| matches!(item, response::FetchItem::Envelope(envelope)
                if envelope.subject().as_deref() == Some(b"two")
                    && envelope.from().next().and_then(imap_proto::Address::name).as_deref() == Some(b"Fred")))
            && has(|item| matches!(item, response::FetchItem::BodyStructure(body)
                if body.root().is("text", "plain") && body.root().octets() == 5)),
        "FETCH told {items:?}"
    );

    let store = |flag| -> Outcome<Command> {
        let (numbering, action, report) = (Numbering::Uid, StoreAction::Add, Report::Told);
        let (set, flags) = (set(uid)?, flag);
        Ok(Command::Store(Store { numbering, set, action, report, flags }))
    };
    let answer = must(session, store(Flag::Flagged.into())?).await?;
    let is_told = answer.untagged.iter().any(|told| match told {
        Untagged::Fetch(fetch) => fetch
            .items
            .iter()
            .any(|item| matches!(item, response::FetchItem::Flags(flags) if flags.contains(&Flag::Flagged))),
        _ => false,
    });
    ensure!(is_told, "STORE told {:?}", answer.untagged);

    let copy = |to: &str| -> Outcome<Copy> {
        Ok(Copy { numbering: Numbering::Uid, set: set(uid)?, mailbox: MailboxName::new(to)? })
    };
    let answer = must(session, Command::Copy(copy("copies")?)).await?;
    ensure!(matches!(answer.status.code(), Some(Code::CopyUid(_))), "COPY was answered {:?}", answer.status);
    must(session, Command::Move(copy("moved")?)).await?;
    ensure!(search(session, subject("two")?).await?.is_empty(), "`two` was moved and is there");

    let found = search(session, subject("three")?).await?;
    let [uid] = found[..] else { fail!("`three` is found as {found:?}") };
    let (numbering, action, report) = (Numbering::Uid, StoreAction::Add, Report::Silent);
    let flags = Flag::Deleted.into();
    must(session, Command::Store(Store { numbering, set: set(uid)?, action, report, flags })).await?;
    let answer = must(session, Command::Expunge).await?;
    ensure!(answer.untagged.contains(&Untagged::Expunge(2)), "EXPUNGE told {:?}", answer.untagged);
    let messages = session.machine().mailbox().map(ClientView::messages);
    ensure!(messages == Some(1), "INBOX has {messages:?} messages");
    Ok(())
}

async fn large(session: &mut Session) -> Outcome {
    let message = message::large(10 << 20);
    append(session, "copies", &message).await?;
    must(session, Command::Select(MailboxName::new("copies")?)).await?;
    let found = search(session, SearchKey::Larger(1 << 20)).await?;
    let [uid] = found[..] else { fail!("the large message is found as {found:?}") };
    compare(session, uid, &message).await?;
    must(session, Command::Select(MailboxName::INBOX)).await?;
    Ok(())
}

/// Commands that go out together, each with its own answer, in whatever order.
async fn pipelined(session: &mut Session) -> Outcome {
    let mut waiting = Vec::new();
    for _ in 0..10 {
        let machine = session.machine();
        waiting.push(machine.send(fetch(Numbering::Sequence, 1, [FetchItem::Flags])?)?);
        waiting.push(machine.send(Command::Noop)?);
        let all = Search::new(Numbering::Uid, vec![SearchKey::All]);
        waiting.push(machine.send(Command::Search(Box::new(all)))?);
    }
    while !waiting.is_empty() {
        match session.next().await? {
            Some(Event::Completed { tag, status }) => {
                ensure!(status.kind() == StatusKind::Ok, "{tag} was answered {status:?}");
                ensure!(waiting.contains(&tag), "{tag} was answered twice");
                waiting.retain(|waits| *waits != tag);
            }
            Some(Event::Untagged(_)) => {}
            other => fail!("among the answers came {other:?}"),
        }
    }
    Ok(())
}

/// Who idles is told of what another session appends, and of what is delivered.
async fn news(target: &ImapTarget, way: Way, session: &mut Session) -> Outcome {
    let mut other = open(target, way).await?;
    let mut expected = session.machine().mailbox().map_or(0, ClientView::messages);
    let mut idle = imap::idle(session)?;
    // Once it idles, and not before.
    let _ = timeout(Duration::from_millis(300), idle.next()).await;
    expected += 1;
    append(&mut other, "INBOX", b"Subject: news\r\n\r\nappended\r\n").await?;
    told(&mut idle, expected).await.during("an APPEND")?;
    expected += 1;
    let delivery = target.clone();
    let delivering = thread::spawn(move || delivery.deliver([b"Subject: news\r\n\r\ndelivered\r\n"]));
    told(&mut idle, expected).await.during("a delivery")?;
    delivering.join().map_err(|_| Failure::new("the delivery panicked"))??;
    idle.done().collect().await?.accepted()?;
    imap::logout(&mut other).await?;
    Ok(())
}

async fn told(idle: &mut imap::Idle<'_>, expected: u32) -> Outcome {
    let waiting = async {
        loop {
            if let Event::Untagged(Untagged::Exists(messages)) = idle.next().await? {
                if messages >= expected {
                    return Ok::<_, Failure>(());
                }
            }
        }
    };
    match timeout(SOON, waiting).await {
        Ok(outcome) => outcome,
        Err(_) => fail!("not told within {SOON:?}"),
    }
}
