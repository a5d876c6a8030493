//! A session that delivers meets what Postfix' `smtp-sink` can be told to do wrong.

use std::time::Duration;

use bytes::Bytes;
use smtp_proto::delivery::{Message, Outcome as Ending, Report, Verdict};
use smtp_proto::{ClientConfig, Mail, Mailbox, Notify, Rcpt, Timeouts, TlsPolicy};
use tokio_codec::smtp::{self, Error, Session};

use super::Scenario;
use crate::client::Protocol;
use crate::delivery;
use crate::failure::{During, Outcome, ensure};
use crate::imap_client::converse;
use crate::message;
use crate::server::{ALICE, BOB, FOREIGN};
use crate::servers::Sink;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("delivery: smtp-sink, with less than everything offered", |stage| run(stage, OFFERS)),
    Scenario::new("delivery: smtp-sink, refusals of each command", |stage| run(stage, REFUSALS)),
    Scenario::new("delivery: smtp-sink, the end after each command", |stage| run(stage, ENDS)),
    Scenario::new("delivery: smtp-sink, slow and silent", |stage| run(stage, DELAYS)),
];

/// What `smtp-sink` is told, what is sent twice in one session, and what is heard of it: of the connection where it
/// cannot be used; else of each message, and of QUIT. A message goes to three: they end alike, or as is said.
struct Row(&'static str, Letter, &'static str);

#[derive(Clone, Copy)]
enum Letter {
    Ascii,
    EightBit,
    /// More than sockets hold.
    Large,
}

use Letter::{Ascii, EightBit, Large};

const RECIPIENTS: [&str; 3] = [ALICE, BOB, "carol@example.test"];

const OFFERS: &[Row] = &[
    Row("", Ascii, "delivered, delivered, bye"),
    Row("", EightBit, "delivered, delivered, bye"),
    Row("", Large, "delivered, delivered, bye"),
    Row("-a", Ascii, "delivered, delivered, bye"),
    Row("-C -F", Ascii, "delivered, delivered, bye"),
    Row("-e", Ascii, "delivered without Dsn, delivered without Dsn, bye"),
    Row("-e", EightBit, "never: unsent, never: unsent, bye"),
    Row("-E", Ascii, "delivered, delivered, bye"),
    Row("-h mx.example.net", Ascii, "delivered, delivered, bye"),
    Row("-L", Ascii, "delivered, delivered, bye"),
    Row("-L", Large, "delivered, delivered, bye"),
    Row("-L -p", Ascii, "delivered, delivered, bye"),
    Row("-N", Ascii, "delivered without Dsn, delivered without Dsn, bye"),
    Row("-p", Ascii, "delivered, delivered, bye"),
    Row("-p", Large, "delivered, delivered, bye"),
    Row("-P", Ascii, "delivered without Dsn, delivered without Dsn, bye"),
    Row("-T 1024", Large, "delivered, delivered, bye"),
    Row("-8", Ascii, "delivered, delivered, bye"),
    Row("-8", EightBit, "never: unsent, never: unsent, bye"),
];

const REFUSALS: &[Row] = &[
    Row("-f CONNECT", Ascii, "unusable"),
    Row("-f EHLO", Ascii, "delivered without Dsn, delivered without Dsn, bye"),
    Row("-f EHLO,HELO", Ascii, "unusable"),
    Row("-f MAIL", Ascii, "never: Mail, never: Mail, bye"),
    Row("-f RCPT", Ascii, "never: Rcpt, never: Rcpt, bye"),
    Row("-f DATA", Ascii, "never: Data, never: Data, bye"),
    Row("-f RCPT,RSET", Ascii, "never: Rcpt, later: unsent, no bye"),
    Row("-f DATA,RSET", Ascii, "never: Data, later: unsent, no bye"),
    Row("-f .", Ascii, "never: Message, never: Message, bye"),
    Row("-f .", Large, "never: Message, never: Message, bye"),
    Row("-f QUIT", Ascii, "delivered, delivered, bye"),
    Row("-L -f LHLO", Ascii, "unusable"),
    Row("-L -f .", Ascii, "never: Message, never: Message, bye"),
    Row("-r CONNECT", Ascii, "unusable"),
    Row("-r EHLO", Ascii, "unusable"),
    Row("-r MAIL", Ascii, "later: Mail, later: Mail, bye"),
    Row("-r RCPT", Ascii, "later: Rcpt, later: Rcpt, bye"),
    Row("-r DATA", Ascii, "later: Data, later: Data, bye"),
    Row("-r .", Ascii, "later: Message, later: Message, bye"),
    Row("-L -r .", Ascii, "later: Message, later: Message, bye"),
];

const ENDS: &[Row] = &[
    Row("-q CONNECT", Ascii, "closed"),
    Row("-q EHLO", Ascii, "closed"),
    Row("-q MAIL", Ascii, "later: unsent, over"),
    Row("-q RCPT", Ascii, "later: unsent, over"),
    Row("-q DATA", Ascii, "later: unsent, over"),
    Row("-q .", Ascii, "unknown, over"),
    Row("-q .", Large, "unknown, over"),
    Row("-q QUIT", Ascii, "delivered, delivered, no bye"),
    Row("-L -q .", Ascii, "unknown, over"),
    Row("-Q CONNECT", Ascii, "unusable"),
    Row("-Q EHLO", Ascii, "unusable"),
    Row("-Q MAIL", Ascii, "later: Mail, over"),
    Row("-Q RCPT", Ascii, "later: Rcpt then later: unsent, over"),
    Row("-Q DATA", Ascii, "later: Data, over"),
    Row("-Q .", Ascii, "later: Message, over"),
    Row("-Q .", Large, "later: Message, over"),
    Row("-Q QUIT", Ascii, "delivered, delivered, bye"),
    Row("-L -Q .", Ascii, "later: Message then unknown, over"),
    Row("-A 0", Ascii, "never: Message, over"),
    Row("-A 0", Large, "never: Message, over"),
    Row("-A 1", Large, "never: Message, over"),
];

// Where it pipelines, an answer with `-W` comes behind the next one.
const DELAYS: &[Row] = &[
    Row("-w 1", Ascii, "delivered, delivered, bye"),
    Row("-H 1", Large, "delivered, delivered, bye"),
    Row("-H 1 -T 1024", Large, "delivered, delivered, bye"),
    Row("-p -W RCPT:1", Ascii, "delivered, delivered, bye"),
    Row("-w 60", Ascii, "later: unsent, over"),
    Row("-H 60 -T 1024", Large, "later: unsent, over"),
    Row("-W CONNECT:60", Ascii, "silent"),
    Row("-W EHLO:60", Ascii, "silent"),
    Row("-p -W MAIL:60", Ascii, "later: unsent, over"),
    Row("-p -W RCPT:60", Ascii, "later: unsent, over"),
    Row("-p -W .:60", Ascii, "unknown, over"),
    Row("-L -W .:60", Ascii, "unknown, over"),
];

/// How long the session waits for an answer: longer than what is slow, and not as long as what is silent.
const PATIENCE: Duration = Duration::from_secs(3);

fn run(stage: &Stage, rows: &[Row]) -> Outcome {
    let mut wrong = Vec::new();
    for Row(options, letter, expected) in rows {
        let sink = Sink::start(stage, options)?;
        let protocol = if options.contains("-L") { Protocol::Lmtp } else { Protocol::Smtp };
        let told = converse(hear(&sink, protocol, *letter)).during(format!("smtp-sink {options}"))?;
        // Whether an end is noticed before the next message or with it is a matter of time.
        let noticed_late = expected.replace(", over", ", later: unsent, no bye");
        if told != *expected && told != noticed_late {
            wrong.push(format!("smtp-sink {options}: {told}, and not {expected}"));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    stage.note(format!("{} ways", rows.len()));
    Ok(())
}

/// What is heard of two messages in one session.
async fn hear(sink: &Sink, protocol: Protocol, letter: Letter) -> Outcome<String> {
    let timeouts = Timeouts {
        greeting: PATIENCE,
        command: PATIENCE,
        data: PATIENCE,
        block: PATIENCE,
        message: PATIENCE,
    };
    let config = ClientConfig { tls: TlsPolicy::Never, timeouts, ..delivery::config(protocol) };
    let mut session = match smtp::connect(sink.address(), config, delivery::name()?).await {
        Ok(session) => session,
        Err(Error::Unusable(_)) => return Ok("unusable".to_owned()),
        Err(Error::Connection(tokio_codec::Error::Cut(_))) => return Ok("closed".to_owned()),
        Err(Error::Connection(tokio_codec::Error::TimedOut)) => return Ok("silent".to_owned()),
        Err(error) => return Err(error.into()),
    };
    let octets = match letter {
        Ascii => b"Subject: ascii\r\n\r\n.text\r\n".to_vec(),
        EightBit => "Subject: eight bits\r\n\r\nGr\u{fc}\u{df}e\r\n".into(),
        Large => message::large(12_000_000),
    };
    let octets = Bytes::from(octets);
    let mut told = Vec::new();
    for _ in 0..2 {
        match smtp::deliver(&mut session, envelope()?, octets.clone()).await {
            Ok(report) | Err(Error::Interrupted { report, .. }) => told.push(summary(&report)?),
            Err(Error::NotDelivered(_)) => {
                told.push("over".to_owned());
                return Ok(told.join(", "));
            }
            Err(error) => return Err(error.into()),
        }
    }
    told.push(farewell(&mut session).await);
    Ok(told.join(", "))
}

async fn farewell(session: &mut Session) -> String {
    match smtp::quit(session).await {
        Ok(()) => "bye".to_owned(),
        Err(_) => "no bye".to_owned(),
    }
}

fn envelope() -> Outcome<Message> {
    let to = |to: &&str| Ok(Rcpt::new(Mailbox::new(to)?).with_notify(Notify::FAILURE));
    let recipients: Outcome<_> = RECIPIENTS.iter().map(to).collect();
    Ok(Message::new(Mail::new(Mailbox::new(FOREIGN)?), recipients?))
}

/// How it ended for the recipients, each of whom is told of once; what is the same for neighbours is said once.
fn summary(report: &Report) -> Outcome<String> {
    let mut endings: Vec<String> = report.outcomes.iter().map(ending).collect();
    ensure!(endings.len() == RECIPIENTS.len(), "the outcomes are {:?}", report.outcomes);
    let omitted: String = report.omitted.iter().map(|extension| format!(" without {extension:?}")).collect();
    endings.dedup();
    Ok(format!("{}{omitted}", endings.join(" then ")))
}

fn ending(of_one: &Ending) -> String {
    let verdict = match of_one.verdict() {
        Verdict::Delivered => return "delivered".to_owned(),
        Verdict::Unknown => return "unknown".to_owned(),
        Verdict::Later => "later",
        Verdict::Never => "never",
    };
    match of_one {
        Ending::Refused { at, .. } => format!("{verdict}: {at:?}"),
        _ => format!("{verdict}: unsent"),
    }
}
