//! A host that delivers messages one after the other, and writes down what comes of them.
use bytes::Bytes;
use smtp_proto::{
    Auth, CleartextLogin, ClientConfig, ClientName, Leniency, Mail, Mailbox, Mechanism, Protocol, Rcpt,
    Secret, TlsPolicy, Upload, WriteError,
    delivery::{Delivery, Event, Message, Outcome},
    sasl::Response,
};
use std::collections::VecDeque;
use test_support::{Host, Idle, Log, Script, run_client};

/// TLS and login as the caller likes.
pub(crate) fn open() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        leniency: Leniency::STRICT,
        ..ClientConfig::default()
    }
}

pub(crate) fn lmtp() -> ClientConfig {
    ClientConfig { protocol: Protocol::Lmtp, ..open() }
}

pub(crate) fn mail() -> Mail {
    Mail::new(Mailbox::new("ann@example.org").unwrap())
}

pub(crate) fn rcpt(to: &str) -> Rcpt {
    Rcpt::new(Mailbox::new(to).unwrap())
}

/// To these at `x.example`, or where they say.
pub(crate) fn to(recipients: &[&str]) -> Message {
    of(mail(), recipients)
}

pub(crate) fn of(mail: Mail, recipients: &[&str]) -> Message {
    let at = |name: &&str| if name.contains('@') { rcpt(name) } else { rcpt(&format!("{name}@x.example")) };
    Message::new(mail, recipients.iter().map(at).collect())
}

pub(crate) fn new(config: ClientConfig) -> Delivery {
    Delivery::new(config, ClientName::new("c.example").unwrap())
}

/// Delivers messages, then quits.
pub(crate) struct Sends {
    messages: VecDeque<Message>,
    pieces: Vec<Bytes>,
    writing: Option<(Upload, VecDeque<Bytes>)>,
    login: Option<Auth>,
}

impl Sends {
    pub(crate) fn new(messages: impl IntoIterator<Item = Message>) -> Self {
        Self {
            messages: messages.into_iter().collect(),
            pieces: vec![Bytes::from_static(b"hi\r\n.dot\r\n")],
            writing: None,
            login: None,
        }
    }

    pub(crate) fn body(self, pieces: &[&'static [u8]]) -> Self {
        Self { pieces: pieces.iter().copied().map(Bytes::from_static).collect(), ..self }
    }

    pub(crate) fn login(self, initial: Option<&[u8]>) -> Self {
        let auth = Auth { mechanism: Mechanism::PLAIN, initial: initial.map(Secret::copy_from) };
        Self { login: Some(auth), ..self }
    }

    fn next(&mut self, delivery: &mut Delivery, log: &mut Log) {
        let done = match (self.login.take(), self.messages.pop_front()) {
            (Some(auth), message) => {
                self.messages.extend(message);
                delivery.login(auth).map_err(|error| error.to_string())
            }
            (None, Some(message)) => delivery.deliver(message).map_err(|error| error.to_string()),
            (None, None) => delivery.quit().map_err(|error| error.to_string()),
        };
        if let Err(error) = done {
            log.note(error);
        }
    }
}

impl Host<Delivery> for Sends {
    fn event(&mut self, delivery: &mut Delivery, event: Event, log: &mut Log) {
        match event {
            Event::Upgrade(upgrade) => log.upgrade(upgrade),
            Event::Ready => {
                log.note("ready");
                self.next(delivery, log);
            }
            Event::Body(upload) => {
                log.note("body");
                self.writing = Some((upload, self.pieces.iter().cloned().collect()));
            }
            Event::Report(report) => {
                report.outcomes.iter().for_each(|outcome| log.note(told(outcome)));
                if !report.omitted.is_empty() {
                    log.note(format!("omitted {:?}", report.omitted));
                }
                self.next(delivery, log);
            }
            Event::Challenge(challenge) => {
                log.note(format!("challenge {}", challenge.as_str().unwrap()));
                delivery.respond(&Response::Data(Secret::copy_from(b"\0me\0pw"))).unwrap();
            }
            Event::LoggedIn(reply) => {
                log.note(format!("logged in {}", reply.code()));
                self.next(delivery, log);
            }
            Event::LoginRefused(reply) => {
                log.note(format!("login refused {}", reply.code()));
                self.next(delivery, log);
            }
            Event::Unusable(why) => log.note(format!("unusable: {why}")),
            other => log.note(format!("{other:?}")),
        }
    }

    fn idle(&mut self, delivery: &mut Delivery, log: &mut Log) -> Idle {
        let Some((mut upload, mut pieces)) = self.writing.take() else { return Idle::Quiet };
        let Some(piece) = pieces.pop_front() else {
            if let Err(error) = delivery.finish(upload) {
                log.note(error.to_string());
            }
            return Idle::Busy;
        };
        match delivery.write(&mut upload, piece) {
            Ok(()) => {}
            Err(WriteError::Blocked { chunk, .. }) => pieces.push_front(chunk),
            Err(error @ WriteError::Refused { .. }) => {
                log.note(error.to_string());
                pieces.clear();
            }
            Err(error) => {
                log.note(error.to_string());
                return Idle::Busy;
            }
        }
        self.writing = Some((upload, pieces));
        Idle::Busy
    }
}

/// One line of an outcome.
pub(crate) fn told(outcome: &Outcome) -> String {
    let verdict = outcome.verdict();
    match outcome {
        Outcome::Accepted(reply) => format!("accepted {}", reply.code()),
        Outcome::Refused { at, reply } => format!("{at:?} {} {verdict:?}", reply.code()),
        Outcome::Unsent(unsent) => format!("{verdict:?} {} {unsent}", outcome.enhanced()),
        other => format!("{other:?}"),
    }
}

/// What comes of messages in this session, under every cut.
pub(crate) fn delivers(script: &str, config: &ClientConfig, sends: impl Fn() -> Sends) -> Vec<String> {
    run_client(&Script::parse(script), || (new(config.clone()), sends()))
}

/// A session of a server that offers this, with one message.
pub(crate) fn one(offers: &str, session: &str, message: &Message) -> Vec<String> {
    let script = format!("{}{session}", greeting(offers));
    let mut log = delivers(&script, &open(), || Sends::new([message.clone()]));
    assert_eq!(log.remove(0), "ready");
    log
}

/// Up to the reply to EHLO.
pub(crate) fn greeting(offers: &str) -> String {
    let offers: String = offers.split(',').map(|offer| format!("S: 250-{offer}\n")).collect();
    format!("S: 220 s.example\nC: EHLO c.example\nS: 250-s.example\n{offers}S: 250 HELP\n")
}

/// MAIL, RCPT for these and DATA.
fn commands(recipients: &[&str]) -> Vec<String> {
    let at = |name: &&str| if name.contains('@') { (*name).to_owned() } else { format!("{name}@x.example") };
    let rcpt = |name: &&str| format!("C: RCPT TO:<{}>\n", at(name));
    let mail = "C: MAIL FROM:<ann@example.org>\n".to_owned();
    [mail].into_iter().chain(recipients.iter().map(rcpt)).chain(["C: DATA\n".to_owned()]).collect()
}

/// MAIL, RCPT for these and DATA in one group, and what each of them hears.
pub(crate) fn group(recipients: &[&str], replies: &[&str]) -> String {
    assert_eq!(replies.len(), recipients.len() + 2, "each command has a reply");
    let replies = replies.iter().map(|reply| format!("S: {reply}\n"));
    commands(recipients).into_iter().chain(replies).collect()
}

/// The same without PIPELINING, up to the last reply.
pub(crate) fn one_by_one(recipients: &[&str], replies: &[&str]) -> String {
    let pairs = commands(recipients).into_iter().zip(replies);
    pairs.map(|(command, reply)| format!("{command}S: {reply}\n")).collect()
}

/// A message to these that is taken, its commands in one group.
pub(crate) fn taken(recipients: &[&str]) -> String {
    let replies = [&vec!["250 ok"; recipients.len() + 1][..], &["354 go"]].concat();
    group(recipients, &replies) + BODY + "S: 250 queued\n"
}

/// The body that is sent, as it is sent by DATA.
pub(crate) const BODY: &str = "C: hi\nC: ..dot\nC: .\n";

pub(crate) const QUIT: &str = "C: QUIT\nS: 221 bye\n";
