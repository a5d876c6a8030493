//! The workspace's own IMAP client machine, and `mail` built on it, talk to Dovecot and to the server of this run.

use std::io::Read;
use std::path::Path;
use std::process::{Command as Process, Stdio};
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
};

use super::Scenario;
use crate::binary;
use crate::failure::{During, Failure, Outcome, ensure, fail};
use crate::imap_client::{Way, append, compare, connect, converse, fetch, must, open, trust};
use crate::message;
use crate::process::{Background, Program};
use crate::servers::{Dovecot, Identity};
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("client: Dovecot imap STARTTLS", |stage| {
        with_dovecot(stage, |target| session(target, Way::StartTls))
    }),
    Scenario::new("client: Dovecot imaps", |stage| {
        with_dovecot(stage, |target| session(target, Way::Implicit))
    }),
    Scenario::new("client: Dovecot imap, a literal that waits", |stage| with_dovecot(stage, literal)),
    Scenario::new("client: Dovecot, `mail` lists, shows and watches", |stage| {
        with_dovecot(stage, |target| program(stage, target))
    }),
    Scenario::new("client: Dovecot, `mail` saves 50 MB in the memory of 1 MB", |stage| {
        with_dovecot(stage, |target| memory(stage, target))
    }),
    Scenario::imap("client: imap STARTTLS", |_, target| session(target, Way::StartTls)),
    Scenario::imap("client: imaps", |_, target| session(target, Way::Implicit)),
    Scenario::imap("client: a literal that waits", |_, target| literal(target)),
    Scenario::imap("client: `mail` lists, shows and watches", program),
    Scenario::imap("client: `mail` saves 50 MB in the memory of 1 MB", memory),
];

/// How soon one who idles is told of a new message.
const SOON: Duration = Duration::from_secs(2);

/// A Dovecot with all that it offers.
fn with_dovecot(stage: &Stage, scenario: impl FnOnce(&ImapTarget) -> Outcome) -> Outcome {
    let identity = Identity::create(stage)?;
    let _dovecot = Dovecot::start(stage, &identity)?;
    scenario(&ImapTarget::of_dovecot(&identity.certificate)?)
}

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

async fn logins(target: &ImapTarget, way: Way) -> Outcome {
    let mut session = connect(target, way).await?;
    let offered = session.machine().capabilities().cloned().unwrap_or_default();
    ensure!(offered.has(Capability::Imap4Rev1), "the server offers {offered:?}");
    let refused = imap::login(&mut session, target.user, "wrong").await;
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

/// Numbers found by a search.
async fn search(session: &mut Session, key: SearchKey) -> Outcome<Vec<u32>> {
    let answer = must(session, Command::Search(Box::new(Search::new(Numbering::Uid, vec![key])))).await?;
    let found = answer.untagged.iter().find_map(|told| match told {
        Untagged::Search(search) => Some(search.numbers.clone()),
        _ => None,
    });
    Ok(found.unwrap_or_default())
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

/// `mail`, told where the server is.
fn mail(target: &ImapTarget, program: &Path) -> Vec<String> {
    let certificate = target.certificate.display().to_string();
    [
        &program.display().to_string(),
        "--server",
        &target.imaps.to_string(),
        "--user",
        target.user,
        "--ca",
        &certificate,
    ]
    .map(str::to_owned)
    .to_vec()
}

fn run(target: &ImapTarget, arguments: &[&str]) -> Outcome<Program> {
    let path = binary::mail()?;
    let common = mail(target, &path);
    let common = common.get(1..).unwrap_or_default();
    Ok(Program::at(&path).args(common).args(arguments).env("MAIL_PASSWORD", target.password))
}

fn program(stage: &Stage, target: &ImapTarget) -> Outcome {
    let message = concat!(
        "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.test>\r\nSubject: =?utf-8?B?5pel5pys6Kqe?=\r\nMIME-Version: 1.0\r\n",
        "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        "Gr=FC=DFe\r\n",
    );
    target.deliver([message])?;
    let listed = run(target, &["list", "--unseen"])?.succeed()?;
    listed.says("  N     J\u{fc}rgen ")?;
    listed.says("  \u{65e5}\u{672c}\u{8a9e}\n")?;
    run(target, &["list", "--folders"])?.succeed()?.says("INBOX")?;
    let uid = listed.text().split_whitespace().next().unwrap_or_default().to_owned();
    run(target, &["show", &uid])?.succeed()?.says("\n\nGr\u{fc}\u{df}e\n")?;
    run(target, &["show", &uid, "--headers"])?
        .succeed()?
        .says("Content-Type: text/plain; charset=iso-8859-1")?;
    // Nothing of that is a change.
    run(target, &["list", "--unseen"])?.succeed()?.says(&uid)?;
    run(target, &["show", "4000000000"])?.refuse()?.says("INBOX has no message 4000000000")?;
    let by_starttls = ["list", "--tls", "starttls", "--server", &target.imap.to_string()];
    let starttls = Program::at(&binary::mail()?)
        .args(by_starttls)
        .args(["--user", target.user, "--ca"])
        .arg(&target.certificate)
        .env("MAIL_PASSWORD", target.password);
    starttls.succeed()?.says("\u{65e5}\u{672c}\u{8a9e}")?;
    watched(stage, target)
}

fn watched(stage: &Stage, target: &ImapTarget) -> Outcome {
    let path = binary::mail()?;
    let (told, trace) = (stage.path("watch.out"), stage.path("watch.log"));
    let mut command = Process::new(&path);
    command.args(mail(target, &path).get(1..).unwrap_or_default()).args(["watch", "--trace"]);
    command.env("MAIL_PASSWORD", target.password);
    command.stdout(std::fs::File::create(&told)?).stderr(std::fs::File::create(&trace)?);
    let mut watcher = Background::start(&mut command)?;
    let wait_for = |file: &Path, text: &str| -> Outcome {
        for _ in 0..500 {
            if std::fs::read_to_string(file)?.contains(text) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        fail!("`{text}` does not come")
    };
    wait_for(&trace, "mail: watching INBOX")?;
    target.deliver(["From: Eve <e@example.test>\r\nSubject: watched\r\n\r\n\r\n"])?;
    wait_for(&told, "Eve                       watched")?;
    watcher.terminate()?;
    let status = watcher.wait(Duration::from_secs(10))?;
    ensure!(status.is_some_and(|status| status.success()), "`mail watch` ended with {status:?}");
    Ok(())
}

fn memory(stage: &Stage, target: &ImapTarget) -> Outcome {
    let (small, large) = (peak(target, 1 << 20)?, peak(target, 50 << 20)?);
    stage.note(format!("{small} KiB at most for 1 MB, {large} KiB for 50 MB"));
    ensure!(large < 20_000, "`mail show --raw` held {large} KiB");
    ensure!(large < small + 2_000, "{small} KiB for 1 MB, {large} KiB for 50 MB");
    Ok(())
}

/// Appends a message of so many octets, and tells what `mail` holds at most to hand it on, in KiB.
fn peak(target: &ImapTarget, octets: usize) -> Outcome<u64> {
    let message = message::large(octets);
    let uid = converse(async {
        let mut session = open(target, Way::Implicit).await?;
        append(&mut session, "INBOX", &message).await?;
        must(&mut session, Command::Examine(MailboxName::INBOX)).await?;
        let found = search(&mut session, SearchKey::All).await?;
        imap::logout(&mut session).await?;
        found.last().copied().ok_or_else(|| Failure::new("the message is not there"))
    })?;
    let path = binary::mail()?;
    let mut command = Process::new(&path);
    command.args(mail(target, &path).get(1..).unwrap_or_default());
    command.args(["show", &uid.to_string(), "--raw"]).env("MAIL_PASSWORD", target.password);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take();
    let showing = Showing(child);
    let Some(mut stdout) = stdout else { fail!("no pipe") };
    let mut shown = vec![0; message.len()];
    // All but what the pipe holds at most: the program waits to write the rest, and can be looked at.
    let (most, rest) = shown.split_at_mut(message.len().saturating_sub(128 * 1024));
    stdout.read_exact(most).during("reading the message")?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", showing.0.id()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    let peak = peak.ok_or_else(|| Failure::new("the system tells no VmHWM"))?.parse()?;
    stdout.read_exact(rest)?;
    let mut behind = Vec::new();
    stdout.read_to_end(&mut behind)?;
    ensure!(shown == message && behind.is_empty(), "`mail show --raw` shows another message");
    Ok(peak)
}

/// A process that ends with the scenario.
struct Showing(std::process::Child);

impl Drop for Showing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
