//! The questions of a server session, and what each answer does.
use super::{
    Server, Task,
    answer::{Ack, AuthAnswer, Delivered, Outcomes, Rejection, known},
    body::Body,
    chunk,
    inquiry::{Expn, Vrfy},
    proxy::{XClient, XForward},
    transaction::{Addresses, Content, Transaction},
};
use crate::{
    Bdat, Capabilities, Class, ClientName, Code, EnhancedCode, Etrn, Mail, Mechanism, Rcpt, Reply,
    config::Protocol, parameters::Known, state::Verb,
};
use alloc::{vec, vec::Vec};
use mail_wire::{Secret, Text, Upgrade};

/// A client that has connected.
#[derive(Debug)]
#[non_exhaustive]
pub struct Connect;

/// EHLO, HELO or LHLO.
#[derive(Debug)]
#[non_exhaustive]
pub struct Hello {
    /// Who the client says it is.
    pub name: ClientName,
    /// Which of the three verbs it used.
    pub dialect: Dialect,
}

/// What a client and a server have agreed to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SMTP without extensions, by HELO.
    Smtp,
    /// SMTP with extensions, by EHLO.
    Esmtp,
    /// LMTP, by LHLO.
    Lmtp,
}

/// STARTTLS.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartTls;

/// AUTH, which begins an exchange.
#[derive(Debug)]
#[non_exhaustive]
pub struct Auth {
    /// One of the mechanisms on offer.
    pub mechanism: Mechanism,
    /// The initial response; absent is not the same as empty.
    pub initial: Option<Secret>,
}

/// A response to a challenge.
#[derive(Debug)]
#[non_exhaustive]
pub struct AuthResponse {
    /// The mechanism's octets.
    pub octets: Secret,
}

/// DATA or a first BDAT, with at least one recipient accepted.
#[derive(Debug)]
#[non_exhaustive]
pub struct Data {
    /// The first chunk, where the message comes by BDAT
    /// ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)): it may hold any octets then.
    pub chunk: Option<Bdat>,
}

/// A message that has come whole.
#[derive(Debug)]
#[non_exhaustive]
pub struct Message {
    /// Its length in octets: of all its chunks, or with CRLFs counted and stuffed dots not.
    pub octets: u64,
    /// How many recipients were accepted.
    pub recipients: u32,
}

/// A question that a server session asks: what its answer holds, and what accepting it grants.
///
/// Sealed: the requests are those of this module, with [`Mail`], [`Rcpt`] and [`Etrn`].
pub trait Request: Sized + sealed::Sealed {
    /// What accepting needs to know.
    type Answer;
    /// What accepting gives.
    type Grant;
    #[doc(hidden)]
    fn accepted(self, server: &mut Server, answer: Self::Answer, _: sealed::Key) -> Self::Grant;
    #[doc(hidden)]
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.resume();
        server.refuse(&rejection);
    }
}

pub(super) mod sealed {
    pub trait Sealed {}
    /// Only this crate has one, so that only `accept` and `reject` move a session.
    #[derive(Debug)]
    pub struct Key(pub(in crate::server) ());
}

macro_rules! sealed { ($($request:ty),*) => { $(impl sealed::Sealed for $request {})* } }
sealed!(
    Connect,
    Hello,
    StartTls,
    Auth,
    AuthResponse,
    Mail,
    Rcpt,
    Data,
    Message,
    Vrfy,
    Expn,
    Etrn,
    XClient,
    XForward
);

impl Request for Connect {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        server.resume();
        // rule rfc5321 4.3.1 greets-first: no command is taken before the greeting
        server.advance(Verb::Greet);
        server.greet();
    }

    /// The greeting is a refusal. Behind 421 and 521 ([RFC 7504](https://www.rfc-editor.org/rfc/rfc7504)) the
    /// connection ends; else the client may say QUIT.
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.resume();
        // rule rfc5321 3.1 refused-waits-for-quit: behind a greeting of 554 QUIT is awaited, and the rest hears 503
        server.advance(Verb::Refuse);
        if rejection.reply().code() == Code::NO_MAIL {
            server.end();
        }
        server.say(rejection.reply());
    }
}

impl Request for Hello {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        server.resume();
        // rule rfc5321 4.1.4 ehlo-resets: EHLO gives up a transaction that was open, as RSET does
        server.advance(Verb::Hello);
        let again = server.dialect.is_some();
        // rule rfc5321 3.2 helo-remembered: behind HELO no service extension is in force
        server.dialect = Some(self.dialect);
        server.transaction.failed = 0;
        server.parameters = match self.dialect {
            // rule rfc5321 3.2 no-parameters-behind-helo: behind HELO parameters hear 555, those of RCPT too
            Dialect::Smtp => Known::NONE,
            Dialect::Esmtp | Dialect::Lmtp => super::offer::parameters(&server.config, server.state),
        };
        let name = server.config.hostname.clone();
        match self.dialect {
            Dialect::Smtp => server.say(&Reply::new(Code::OK, name)),
            Dialect::Esmtp | Dialect::Lmtp => {
                let reply = server.offered().reply(&name);
                server.say(&reply);
            }
        }
        if again {
            server.count_idle();
        }
    }
}

impl Request for StartTls {
    type Answer = ();
    type Grant = Upgrade;
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) -> Upgrade {
        // rule rfc3207 4 nothing-but-tls: behind the 220 nothing but the handshake may come
        server.advance(Verb::StartTls);
        server.task = Task::Upgrading;
        // rule rfc3207 4 starttls-220: STARTTLS that may be had hears 220
        server.say(&known(Code::READY, EnhancedCode::success(0, 0), Text::from_static("ready to start TLS")));
        server.mark.upgrade()
    }
}

/// What both steps of an exchange do.
fn authenticate(server: &mut Server, answer: AuthAnswer) {
    match answer {
        AuthAnswer::Challenge(octets) => {
            server.task = Task::AuthResponse;
            // rule rfc4954 4 challenge-334: a challenge is a 334 with base64 and nothing else
            server.say(&Reply::from_challenge(&octets));
        }
        AuthAnswer::Success => {
            server.resume();
            // rule rfc4954 4 login-stands: a login that succeeded stands, and AUTH is offered no more
            server.advance(Verb::AuthSuccess);
            // rule rfc4954 6 success-235: a login that succeeds hears 235 2.7.0
            server.say(&known(
                Code::AUTHENTICATED,
                EnhancedCode::success(7, 0),
                Text::from_static("authenticated"),
            ));
        }
    }
}

impl Request for Auth {
    type Answer = AuthAnswer;
    type Grant = ();
    fn accepted(self, server: &mut Server, answer: AuthAnswer, _: sealed::Key) {
        authenticate(server, answer);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.end_auth(rejection);
    }
}

impl Request for AuthResponse {
    type Answer = AuthAnswer;
    type Grant = ();
    fn accepted(self, server: &mut Server, answer: AuthAnswer, _: sealed::Key) {
        authenticate(server, answer);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.end_auth(rejection);
    }
}

impl Request for Mail {
    type Answer = Ack;
    type Grant = ();
    fn accepted(self, server: &mut Server, ack: Ack, _: sealed::Key) {
        server.resume();
        // rule rfc5321 3.3 mail-begins: an accepted MAIL begins a transaction
        server.advance(Verb::Mail);
        server.transaction = Transaction::default();
        // rule rfc6531 3.4 smtputf8-of-the-transaction: SMTPUTF8 allows addresses of its transaction, and of no other
        if self.parameters().smtputf8() {
            server.transaction.addresses = Addresses::Utf8;
        }
        if self.parameters().body() == Some(crate::Body::BinaryMime) {
            server.transaction.content = Content::Octets;
        }
        server.acknowledge(ack, EnhancedCode::success(1, 0), "sender ok");
    }
}

impl Request for Rcpt {
    type Answer = Ack;
    type Grant = ();
    fn accepted(self, server: &mut Server, ack: Ack, _: sealed::Key) {
        server.resume();
        // rule rfc2920 3.2 data-needs-recipients: DATA is accepted only where a recipient was
        server.advance(Verb::Rcpt);
        if server.config.max_domains > 0 {
            // rule rfc9422 4.3 domains-counted: the domains of recipients count for the session
            server.domains.insert(&self);
        }
        server.say(&ack.recipient_reply());
    }

    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.resume();
        server.refuse_recipient(&rejection);
    }
}

impl Request for Data {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        if let Some(chunk) = self.chunk {
            return server.take_chunk(chunk);
        }
        let body = Body::new(server.recipients(), server.config.longest_message(), server.config.bare);
        server.advance(Verb::Data);
        server.task = Task::Body(body);
        // rule rfc5321 4.1.1.4 data-354: DATA that is accepted hears 354
        server.say(&Reply::new(Code::START_MAIL, Text::from_static("end with a line that holds a dot")));
    }

    /// What stands behind a refused DATA would be a message read as commands.
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        if let Some(chunk) = self.chunk {
            return chunk::rejected(server, chunk, rejection);
        }
        // rule rfc5321 3.3 early-message-to-host: a message behind a DATA that the host refused is not read as commands
        server.task = Task::DataRefused;
        // rule rfc5321 7.8 data-refusals: a DATA that the host refuses counts as a refusal too
        server.refuse(&rejection);
    }
}

impl Request for Message {
    type Answer = Delivered;
    type Grant = ();
    fn accepted(self, server: &mut Server, Delivered(outcomes): Delivered, _: sealed::Key) {
        let outcomes = match (server.config.protocol, outcomes) {
            (_, Outcomes::All(ack)) => vec![Ok(ack); server.answers(self.recipients)],
            (Protocol::Lmtp, Outcomes::Each(mut each)) => {
                // rule rfc2033 4.2 reply-per-recipient: each accepted recipient gets a reply, also one the host forgot
                each.resize(server.answers(self.recipients), Err(Rejection::local_error()));
                each
            }
            (Protocol::Smtp, Outcomes::Each(each)) => {
                vec![one_of(each)]
            }
        };
        server.end_data();
        if outcomes.iter().any(Result::is_ok) {
            server.refusals = 0;
        }
        for outcome in outcomes {
            match outcome {
                Ok(ack) => server.acknowledge(ack, EnhancedCode::success(0, 0), "message taken"),
                // rule rfc5321 3.8 421-closes: a 421 to a message ends the session
                Err(rejection) if rejection.reply().code() == Code::NOT_AVAILABLE => {
                    server.unavailable(rejection);
                }
                Err(rejection) => server.say(rejection.reply()),
            }
        }
    }

    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.end_data();
        // rule rfc2033 4.2 refusal-per-recipient: a message refused as a whole is refused for each recipient
        server.say_to_each(self.recipients, rejection.reply());
    }
}

/// SMTP's one answer for all recipients: good news if there is any, else what may be tried again.
fn one_of(outcomes: Vec<Result<Ack, Rejection>>) -> Result<Ack, Rejection> {
    let rank = |outcome: &Result<Ack, Rejection>| match outcome {
        Ok(_) => 0,
        // rule rfc5321 4.2.5 transient-first: where one recipient may succeed later, the one answer is 4yz
        Err(rejection) if rejection.reply().code().class() == Class::Transient => 1,
        Err(_) => 2,
    };
    outcomes.into_iter().min_by_key(rank).unwrap_or_else(|| Err(Rejection::local_error()))
}

impl Server {
    /// 421 ends the session, which one recipient of several in LMTP cannot.
    fn unavailable(&mut self, rejection: Rejection) {
        match self.config.protocol {
            Protocol::Smtp => {
                self.say(rejection.reply());
                self.end();
            }
            Protocol::Lmtp => self.say(Rejection::local_error().reply()),
        }
    }

    fn acknowledge(&mut self, ack: Ack, enhanced: EnhancedCode, usual: &'static str) {
        self.say(&ack.reply(enhanced, usual));
    }

    fn end_auth(&mut self, rejection: Rejection) {
        self.resume();
        // rule rfc4954 4 failed-login: a login that failed leaves the session as it was
        self.advance(Verb::AuthFailure);
        self.say(rejection.reply());
        self.failed_logins += 1;
        // rule rfc4954 9 failed-logins-counted: a client whose logins fail again and again is given up
        self.count_error();
    }

    /// What an EHLO or LHLO reply offers in this state.
    pub(super) fn offered(&self) -> Capabilities {
        super::offer::offered(&self.config, self.state)
    }
}
