//! A session that delivers meets Exim and Dovecot's submission.

use bytes::Bytes;
use smtp_proto::client::{Client, Event};
use smtp_proto::delivery::{Message, Outcome as Ending, Unsent, Verdict};
use smtp_proto::{
    Bdat, Body, Chunk, ClientConfig, Code, Command, Extension, Mail, Mailbox, Notify, Rcpt, Ret, TlsPolicy,
};
use tokio::net::TcpStream;
use tokio_codec::{
    Connection,
    smtp::{self, Session},
};

use super::Scenario;
use crate::client::{Login, Protocol, Target, Tls};
use crate::delivery::{deliver, log_in, message, name, open};
use crate::failure::{During, Outcome, ensure, fail};
use crate::imap_client::converse;
use crate::message::{self as samples, Sample};
use crate::server::{ALICE, BOB, FOREIGN, PASSWORD, UNKNOWN};
use crate::servers::{self, Dovecot, EximServer, Identity, Postfix};
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new(
        "delivery: Exim, accepted, refused, deferred and slow recipients of one message",
        |stage| with_exim(stage, outcomes),
    ),
    Scenario::new("delivery: Exim, more recipients than a transaction may have", |stage| {
        with_exim(stage, many)
    }),
    Scenario::new("delivery: Exim, notifications as they were asked for", |stage| {
        with_exim(stage, notifications)
    }),
    Scenario::new("delivery: Exim, what it does not take", |stage| with_exim(stage, refused)),
    Scenario::new("delivery: Exim, the client machine by BDAT", |stage| with_exim(stage, by_chunks)),
    Scenario::new("delivery: Dovecot submission, STARTTLS and each mechanism", submission),
];

use Verdict::{Delivered, Later, Never};

const TRACE: &[&str] = &["Return-path", "Envelope-to", "Received"];
const SHORT: &[u8] = b"From: <someone@elsewhere.test>\r\nSubject: short\r\n\r\n.text\r\n";

fn with_exim(stage: &Stage, scenario: impl FnOnce(&EximServer, &Target) -> Outcome) -> Outcome {
    let identity = Identity::create(stage)?;
    let exim = EximServer::start(stage, &identity)?;
    let tls = Tls::StartTls(identity.certificate.clone());
    let target = Target { address: exim.address(), protocol: Protocol::Smtp, tls, login: None };
    scenario(&exim, &target)
}

/// Fails unless the mail is these samples.
fn check(stored: &[Vec<u8>], sent: &[Sample]) -> Outcome {
    ensure!(stored.len() == sent.len(), "{} messages are stored, and not {}", stored.len(), sent.len());
    let stored: Vec<Vec<u8>> = stored.iter().map(|message| samples::with_crlf(message)).collect();
    samples::check_all_present(&stored, sent, TRACE)
}

fn outcomes(exim: &EximServer, target: &Target) -> Outcome {
    let to = ["reject", "alice", "defer", "slow", "nobody", "bob"].map(|name| format!("{name}@example.test"));
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    let verdicts = [Never, Delivered, Later, Delivered, Never, Delivered];
    let sent = samples::samples();
    converse(async {
        let mut session = open(target).await?;
        for sample in &sent {
            let report = deliver(&mut session, message(FOREIGN, &to)?, &sample.octets, &verdicts)
                .await
                .during(format!("message `{}`", sample.name))?;
            let said: Vec<String> =
                report.outcomes.iter().filter_map(Ending::reply).map(ToString::to_string).collect();
            ensure!(
                said.first().is_some_and(|said| {
                    said.contains("first line of refusal") && said.contains("second line of refusal")
                }),
                "the replies are {said:?}"
            );
            let codes: Vec<String> =
                report.outcomes.iter().map(|ending| ending.enhanced().to_string()).collect();
            ensure!(
                [0, 2, 4].map(|place| codes[place].as_str()) == ["5.7.1", "4.3.0", "5.1.1"],
                "the enhanced codes are {codes:?}"
            );
        }
        smtp::quit(&mut session).await?;
        Ok(())
    })?;
    // One for each of the three who were accepted.
    let stored = exim.delivered(3 * sent.len())?;
    for whom in ["alice", "slow", "bob"] {
        let field = format!("Envelope-to: {whom}@example.test\n");
        let of_one: Vec<Vec<u8>> = stored
            .iter()
            .filter(|stored| String::from_utf8_lossy(stored).contains(&field))
            .cloned()
            .collect();
        check(&of_one, &sent).during(format!("in the mail of {whom}"))?;
    }
    let log = exim.log()?;
    ensure!(log.contains(" X=TLS1.3"), "Exim's log tells of no TLS: {log}");
    Ok(())
}

fn many(exim: &EximServer, target: &Target) -> Outcome {
    let to: Vec<String> = (0..35).map(|number| format!("user{number}@example.test")).collect();
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    converse(async {
        let mut session = open(target).await?;
        deliver(&mut session, message(FOREIGN, &to)?, SHORT, &[Delivered; 35]).await?;
        smtp::quit(&mut session).await?;
        Ok(())
    })?;
    let stored = exim.delivered(35)?;
    for to in to {
        let field = format!("Envelope-to: {to}\n");
        let count = stored.iter().filter(|stored| String::from_utf8_lossy(stored).contains(&field)).count();
        ensure!(count == 1, "{to} has the message {count} times");
    }
    Ok(())
}

fn notifications(exim: &EximServer, target: &Target) -> Outcome {
    let mail = Mail::new(Mailbox::new(ALICE)?).with_ret(Ret::Headers).with_envid("id+7=x")?;
    let to = |to: &str| -> Outcome<Rcpt> {
        Ok(Rcpt::new(Mailbox::new(to)?).with_orcpt("rfc822", "robert+old@old.test")?)
    };
    let recipients =
        vec![to(BOB)?.with_notify(Notify::SUCCESS), to("carol@example.test")?.with_notify(Notify::NEVER)];
    converse(async {
        let mut session = open(target).await?;
        let asked = Message::new(mail, recipients);
        let report = deliver(&mut session, asked, SHORT, &[Delivered, Delivered]).await?;
        ensure!(report.omitted.is_empty(), "left out were {:?}", report.omitted);
        smtp::quit(&mut session).await?;
        Ok(())
    })?;
    // The message twice, and what Alice is told of Bob's.
    let stored = exim.delivered(3)?;
    let told = stored.iter().map(|stored| String::from_utf8_lossy(stored));
    let Some(told) = told.into_iter().find(|told| told.contains("Envelope-to: alice@example.test\n")) else {
        fail!("nobody told Alice")
    };
    for line in [
        // Exim repeats xtext as it came.
        "Original-Envelope-ID: id+2B7+3Dx",
        "Original-Recipient: rfc822;robert+2Bold@old.test",
        "Final-Recipient: rfc822;bob@example.test",
        "Action: delivered",
    ] {
        ensure!(told.contains(line), "no `{line}` in {told}");
    }
    ensure!(!told.contains("carol@"), "Alice is told of who wanted nothing told: {told}");
    Ok(())
}

fn refused(exim: &EximServer, target: &Target) -> Outcome {
    converse(async {
        let mut session = open(target).await?;
        // Refused behind its end, for all.
        let report =
            deliver(&mut session, message(FOREIGN, &[ALICE, "heavy@example.test"])?, SHORT, &[Never; 2])
                .await?;
        let said: Vec<_> =
            report.outcomes.iter().map(Ending::enhanced).map(|code| code.to_string()).collect();
        ensure!(said == ["5.3.4", "5.3.4"], "the outcomes are {:?}", report.outcomes);
        // It is held against what is offered before anything is said.
        let large = samples::large(6_000_000);
        let report = deliver(&mut session, message(FOREIGN, &[ALICE])?, &large, &[Never]).await?;
        ensure!(
            matches!(report.outcomes[..], [Ending::Unsent(Unsent::TooLarge { .. })]),
            "6 MB: {:?}",
            report.outcomes
        );
        let binary = message(FOREIGN, &[ALICE])?;
        let mail = binary.mail().clone().with_body(Body::BinaryMime);
        let report = deliver(&mut session, binary.with_mail(mail), SHORT, &[Never]).await?;
        ensure!(
            report.outcomes == [Ending::Unsent(Unsent::Needs(Extension::BinaryMime))],
            "binary: {:?}",
            report.outcomes
        );
        deliver(&mut session, message(FOREIGN, &[UNKNOWN])?, SHORT, &[Never]).await?;
        deliver(&mut session, message(FOREIGN, &[BOB])?, SHORT, &[Delivered]).await?;
        // Exim closes behind its answer: who stands before has nothing either, and none of them is lost.
        for (closing, verdict) in [("drop@example.test", Never), ("closing@example.test", Later)] {
            let all = message(FOREIGN, &[ALICE, closing, BOB])?;
            deliver(&mut session, all, SHORT, &[Later, verdict, Later]).await.during(closing)?;
            ensure!(is_over(&mut session).await?, "the session goes on behind {closing}");
            session = open(target).await?;
        }
        Ok(())
    })?;
    exim.delivered(1).map(|_| ())
}

async fn is_over(session: &mut Session) -> Outcome<bool> {
    let more = smtp::deliver(session, message(FOREIGN, &[BOB])?, SHORT).await;
    Ok(matches!(more, Err(smtp::Error::NotDelivered(_))))
}

/// Exim does not offer BINARYMIME, without which a session that delivers takes DATA: the commands are said here.
fn by_chunks(exim: &EximServer, target: &Target) -> Outcome {
    let mut sent = samples::samples();
    sent.push(Sample { name: "large", octets: samples::large(3_000_000) });
    converse(async {
        let config = ClientConfig { tls: TlsPolicy::Never, ..ClientConfig::default() };
        let mut session = Connection::new(TcpStream::connect(target.address).await?, Client::new(config));
        next(&mut session).await?;
        session.machine().send(Command::Ehlo(name()?))?;
        next(&mut session).await?;
        for sample in &sent {
            send_chunks(&mut session, &sample.octets).await.during(format!("message `{}`", sample.name))?;
        }
        session.machine().send(Command::Quit)?;
        while session.next().await?.is_some() {}
        Ok(())
    })?;
    check(&exim.delivered(sent.len())?, &sent)?;
    let log = exim.log()?;
    let chunked = log.lines().filter(|line| line.contains(" <= ") && line.contains(" K ")).count();
    ensure!(chunked == sent.len(), "{chunked} messages came by BDAT: {log}");
    Ok(())
}

type Commands = Connection<TcpStream, Client>;

async fn next(session: &mut Commands) -> Outcome<Event> {
    match session.next().await? {
        Some(event) => Ok(event),
        None => fail!("the server closed the connection"),
    }
}

/// Sends a message in chunks of 100 000 octets, the last one empty.
async fn send_chunks(session: &mut Commands, octets: &[u8]) -> Outcome {
    let mail = Mail::new(Mailbox::new(FOREIGN)?).with_body(Body::EightBitMime);
    session.machine().send(Command::Mail(mail))?;
    session.machine().send(Command::Rcpt(Rcpt::new(Mailbox::new(BOB)?)))?;
    for _ in 0..2 {
        let Event::Reply { .. } = next(session).await? else { fail!("this is no reply") };
    }
    let octets = Bytes::copy_from_slice(octets);
    for chunk in octets.chunks(100_000).chain([&[][..]]) {
        let last = if chunk.is_empty() { Chunk::Last } else { Chunk::More };
        session.machine().send(Command::Bdat(Bdat { length: chunk.len() as u64, chunk: last }))?;
        let Event::Upload { mut upload, .. } = next(session).await? else { fail!("BDAT was not taken") };
        session.write(&mut upload, Bytes::copy_from_slice(chunk)).await?;
        session.finish(upload)?;
        match next(session).await? {
            Event::Reply { reply, .. } if reply.code() == Code::OK => {}
            other => fail!("a chunk was answered {other:?}"),
        }
    }
    Ok(())
}

/// Dovecot's submission takes each command to Postfix and hands back its answer.
fn submission(stage: &Stage) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start(stage, &identity)?;
    let _postfix = Postfix::start(stage, &identity)?;
    let address = servers::address("DOVECOT_SUBMISSION")?;
    let tls = Tls::StartTls(identity.certificate.clone());
    let target = Target { address, protocol: Protocol::Smtp, tls, login: None };
    let sent = samples::samples();
    let mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"];
    converse(async {
        for (number, sample) in sent.iter().enumerate() {
            let mut session = open(&target).await?;
            let login = |password: &str| Login {
                mechanism: mechanisms[number % mechanisms.len()],
                user: ALICE.to_owned(),
                password: password.to_owned(),
            };
            if number < 2 {
                let wrong = log_in(&mut session, &login("wrong")).await?;
                ensure!(matches!(wrong, Err(smtp::Error::Refused(_))), "what is wrong: {wrong:?}");
            }
            log_in(&mut session, &login(PASSWORD)).await?.during(login("").mechanism)?;
            let to = message(ALICE, &[ALICE, UNKNOWN, BOB])?;
            deliver(&mut session, to, &sample.octets, &[Delivered, Never, Delivered])
                .await
                .during(format!("message `{}`", sample.name))?;
            smtp::quit(&mut session).await?;
        }
        Ok(())
    })?;
    for account in [ALICE, BOB] {
        let stored = dovecot.delivered(account, sent.len())?;
        samples::check_all_present(&stored, &sent, &["Return-Path", "Received"])
            .during(format!("in the mail of {account}"))?;
    }
    let log = std::fs::read_to_string(stage.path("dovecot.log"))?;
    for mechanism in mechanisms {
        ensure!(log.contains(&format!("method={mechanism},")), "nobody logged in by {mechanism}");
    }
    Ok(())
}
