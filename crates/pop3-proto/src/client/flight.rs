//! Commands on their way, and what each waits for.
use super::event::Ticket;
use crate::{
    Command, InitialResponse, State,
    state::{Outcome, Verb},
};
use mail_wire::{Output, Secret, sasl};

/// Longest command line, CRLF counted ([RFC 2449 §4](https://www.rfc-editor.org/rfc/rfc2449#section-4)).
const MAX_LINE: usize = 255;

/// A command whose reply has not come.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) ticket: Ticket,
    pub(super) awaits: Awaits,
    /// Where its last octet stands, counted from the session's first one: before that is sent nothing answers it.
    pub(super) last: u64,
}

/// What a reply answers.
#[derive(Debug)]
pub(super) enum Awaits {
    /// No command: the server speaks first.
    Greeting,
    /// A status line.
    Status(Verb),
    /// A status line whose words are a listing.
    Listing(Verb),
    /// Lines behind the status line.
    Lines(Verb),
    /// An exchange.
    Auth(Initial),
}

/// What has become of the initial response of an AUTH.
#[derive(Debug)]
pub(super) enum Initial {
    /// Octets of the mechanism were said.
    Said,
    /// It did not fit the line: it is said when the server asks for it.
    Deferred(Secret),
    /// There is none.
    Absent,
}

impl Awaits {
    /// What the reply to a command of this row answers.
    pub(super) fn of(command: &Command, verb: Verb) -> Self {
        match (command, verb) {
            (Command::Stat | Command::List(Some(_)) | Command::Uidl(Some(_)) | Command::Lang(Some(_)), _) => {
                Self::Listing(verb)
            }
            (
                _,
                Verb::Capa | Verb::AuthList | Verb::List | Verb::Uidl | Verb::Retr | Verb::Top | Verb::Lang,
            ) => Self::Lines(verb),
            (Command::Auth { initial: Some(_), .. }, _) => Self::Auth(Initial::Said),
            (Command::Auth { initial: None, .. }, _) => Self::Auth(Initial::Absent),
            _ => Self::Status(verb),
        }
    }

    /// The row of the table, in a session that stands here.
    pub(super) fn verb(&self, state: State) -> Verb {
        match self {
            Self::Greeting => Verb::Greet,
            Self::Status(verb) | Self::Listing(verb) | Self::Lines(verb) => *verb,
            Self::Auth(_) if state == State::Exchange => Verb::Respond,
            Self::Auth(_) => Verb::Auth,
        }
    }
}

/// Does what this command brings change what may be said behind it?
pub(super) fn is_barrier(verb: Verb) -> bool {
    verb == Verb::Quit
        // rule rfc2595 4 client-waits-for-stls: nothing is said behind STLS before its reply
        || verb == Verb::Stls
        // rule rfc5034 4 client-waits-for-auth: no command is said behind AUTH before its exchange is over
        || matches!(verb, Verb::Auth | Verb::Respond)
}

/// Where a session stands when a command is said and succeeds.
pub(super) fn succeeds(state: State, verb: Verb) -> Option<State> {
    state.after(verb, Outcome::Said).and_then(|said| said.after(verb, Outcome::Ok)).ok()
}

/// Takes out an initial response that does not fit the line, or is not wanted there.
pub(super) fn fitted(command: Command, place: InitialResponse) -> (Command, Option<Secret>) {
    match command {
        Command::Auth { mechanism, initial: Some(initial) } => {
            let before = "AUTH ".len() + mechanism.as_str().len() + " ".len();
            let line = before + sasl::initial_len(initial.as_bytes().len()) + "\r\n".len();
            // rule rfc5034 4 initial-response-fits: an initial response that passes the line is said behind it
            if line > MAX_LINE || place == InitialResponse::Behind {
                return (Command::Auth { mechanism, initial: None }, Some(initial));
            }
            (Command::Auth { mechanism, initial: Some(initial) }, None)
        }
        command => (command, None),
    }
}

/// Does the line fit what every server takes? An AUTH always does, once it is [`fitted`].
pub(super) fn fits(command: &Command) -> bool {
    let mut line = Length(0);
    if !matches!(command, Command::Auth { .. }) {
        command.encode(&mut line);
    }
    line.0 <= MAX_LINE
}

/// Counts what is encoded.
struct Length(usize);

impl Output for Length {
    fn text(&mut self, text: &[u8]) {
        self.0 += text.len();
    }
}
