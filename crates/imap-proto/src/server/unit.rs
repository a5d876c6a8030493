//! Units of the client: what the framer finds.
use super::{Event, Rejection, Server, State, Task};
use crate::{
    Command, CommandError, Deviations, ProtocolError, Tag,
    frame::{Breach, Framed, Last, Literal, SwallowedTooMuch, Synchrony},
    parse_done,
    response::{Code, Status, StatusKind},
    state::{Outcome, Verb},
};
use alloc::boxed::Box;
use bytes::{Bytes, BytesMut};
use mail_wire::Text;

/// What became of what the framer found.
pub(super) enum Framing {
    Event(Event),
    /// It is done with; look on.
    Done,
    /// It has to wait for commands that are open.
    Wait,
    /// So many octets more would help.
    Need(usize),
}

/// What the unit in hand is, as far as a literal in it made us look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No literal has been met in it.
    Unseen,
    /// An APPEND, behind its mailbox or not.
    Append,
    /// Another.
    Other,
}

/// A unit that is swallowed.
#[derive(Debug)]
pub(super) struct Refusing {
    tag: Option<Tag>,
    rejection: Rejection,
    blame: Blame,
}

/// What a refusal counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// An error of the client.
    Error,
    /// A login that failed.
    Login,
    /// Nothing: the host has refused.
    Nothing,
}

impl Server {
    pub(super) fn framed(&mut self, framed: Framed, input: &mut BytesMut) -> Result<Framing, ProtocolError> {
        Ok(match framed {
            Framed::Need(octets) => Framing::Need(octets),
            Framed::End(octets) => {
                let mut unit = input.split_to(octets.min(input.len())).freeze();
                unit.truncate(unit.len().saturating_sub(2));
                self.kind = Kind::Unseen;
                self.tick();
                self.unit(&unit)
            }
            Framed::Payload(octets, last) => {
                self.alive(octets.len() as u64);
                if last == Last::Yes {
                    self.message_is_here();
                }
                Framing::Event(Event::Payload(octets))
            }
            Framed::Waits(head) => self.waits(head, input),
            Framed::Large(head, literal) => self.large(head, literal, input),
            Framed::Broken(head, breach) => {
                let tag = tag_of(input.get(..head).unwrap_or_default());
                self.refuse_unit(input, tag, breached(&breach))
            }
            Framed::Refused => {
                self.kind = Kind::Unseen;
                let early = self.framer.has_refused_literal() && !input.is_empty();
                let Task::Refusing(refused) = core::mem::replace(&mut self.task, Task::Reading) else {
                    return Ok(Framing::Done);
                };
                // rule rfc3501 4.3 literal-too-early: octets that had to wait for a word are no commands
                if early {
                    return Err(self.early());
                }
                self.refused(*refused);
                Framing::Done
            }
        })
    }

    /// A whole unit, without its CRLF.
    fn unit(&mut self, unit: &Bytes) -> Framing {
        self.deviations = Deviations::new();
        let event = match core::mem::replace(&mut self.task, Task::Reading) {
            Task::Exchange(tag) => Some(self.response(tag, unit)),
            Task::Idling(tag) => {
                self.idle_ended(tag, parse_done(unit).is_ok());
                Some(Event::IdleEnded)
            }
            Task::Appending => self.append_rest(unit),
            _ => return self.command_unit(unit),
        };
        event.map_or(Framing::Done, Framing::Event)
    }

    fn idle_ended(&mut self, tag: Tag, done: bool) {
        if done {
            self.advance(Verb::Done, Outcome::Ok);
            // rule rfc2177 3 done-is-answered: DONE is answered at once, with the tag of IDLE
            self.tagged(tag, Status::with_kind(StatusKind::Ok, "IDLE completed"));
        } else {
            self.advance(Verb::Done, Outcome::Bad);
            self.refuse(Some(tag), not_done());
        }
    }

    fn command_unit(&mut self, unit: &Bytes) -> Framing {
        match Command::parse(unit, &self.dialect, &mut self.deviations) {
            Ok((tag, command)) if self.may_join(&command) => {
                self.dispatch(tag, command).map_or(Framing::Done, Framing::Event)
            }
            Ok((tag, command)) => {
                self.waiting = Some(Box::new((tag, command)));
                Framing::Wait
            }
            Err(CommandError { tag, error }) => {
                // rule rfc3501 2.2.1 syntax-is-bad: what breaks the syntax is answered BAD, with its tag
                self.refuse(tag, Rejection::own(StatusKind::Bad, format_args!("{error}")));
                Framing::Done
            }
        }
    }

    /// A literal that is held waits for our word.
    fn waits(&mut self, head: usize, input: &mut BytesMut) -> Framing {
        if let Some(refused) = self.look(head, input) {
            return refused;
        }
        // rule rfc3501 2.2.1 asks-for-literals: a client that waits with a literal is told to go on
        self.go_on("ready for literal");
        Framing::Done
    }

    /// A literal is announced: it streams, or is held.
    fn large(&mut self, head: usize, literal: Literal, input: &mut BytesMut) -> Framing {
        let first = self.kind == Kind::Unseen && !matches!(self.task, Task::Appending);
        // rule rfc3501 2.2.1 refused-before-its-literal: what may not stand is refused before more of it is asked for
        if let Some(refused) = self.look(head, input) {
            return refused;
        }
        let appends = matches!(self.task, Task::Appending)
            || (self.kind == Kind::Append
                && !(first && names_mailbox(input.get(..head).unwrap_or_default())));
        if appends {
            if !self.open.is_empty() {
                return Framing::Wait;
            }
            return self.append_head(literal, input);
        }
        let limit = self.config.limits.inline;
        let breach = match literal.len {
            // rule rfc7888 4 literal-limit: a literal that is too large is refused, and the session goes on
            octets if octets > limit => Some(Breach::LiteralTooLong { octets, limit }),
            _ => self.framer.inline().err(),
        };
        match breach {
            Some(breach) => {
                let tag = tag_of(input.get(..head).unwrap_or_default());
                self.refuse_unit(input, tag, breached(&breach))
            }
            None => Framing::Done,
        }
    }

    /// At the first literal of a unit: looks what it is, and refuses what would be refused anyway, before anything is
    /// asked for.
    fn look(&mut self, head: usize, input: &mut BytesMut) -> Option<Framing> {
        if matches!(self.task, Task::Exchange(_)) {
            let rejection = Rejection::bad(Text::from_static("expected base64"));
            return Some(self.refuse_unit(input, None, rejection));
        }
        if self.kind != Kind::Unseen || matches!(self.task, Task::Appending) {
            return None;
        }
        let text = input.get(..head).unwrap_or_default();
        let Some(verb) = verb_of(text) else {
            let rejection = Rejection::own(StatusKind::Bad, format_args!("expected a tag and a command"));
            let tag = tag_of(text);
            return Some(self.refuse_unit(input, tag, rejection));
        };
        self.kind = if verb == Verb::Append { Kind::Append } else { Kind::Other };
        // While the client idles nothing may stand, and what it says is refused as no DONE.
        match self.policy(verb) {
            Ok(()) => None,
            Err(rejection) => {
                let tag = tag_of(text);
                Some(self.refuse_unit(input, tag, rejection))
            }
        }
    }

    /// The unit in hand is refused: it is swallowed to its real end, then answered.
    pub(super) fn refuse_unit(
        &mut self,
        input: &mut BytesMut,
        tag: Option<Tag>,
        rejection: Rejection,
    ) -> Framing {
        self.framer.refuse(input);
        self.give_up(tag, rejection).map_or(Framing::Done, Framing::Event)
    }

    /// The unit in hand is being swallowed: what it was part of is over.
    pub(super) fn give_up(&mut self, tag: Option<Tag>, rejection: Rejection) -> Option<Event> {
        let (tag, rejection, blame, event) = match core::mem::replace(&mut self.task, Task::Reading) {
            Task::Exchange(tag) => {
                self.advance(Verb::Respond, Outcome::Bad);
                (Some(tag), rejection, Blame::Login, Some(Event::AuthCancelled))
            }
            Task::Idling(tag) => {
                self.advance(Verb::Done, Outcome::Bad);
                (Some(tag), not_done(), Blame::Error, Some(Event::IdleEnded))
            }
            Task::Appending => {
                let tag = self.appending.take().map(|appending| appending.tag);
                (tag, rejection, Blame::Error, Some(Event::AppendAborted))
            }
            _ => (tag, rejection, Blame::Error, None),
        };
        self.swallow(tag, rejection, blame);
        event
    }

    /// What is swallowed is answered so when its end is there.
    pub(super) fn swallow(&mut self, tag: Option<Tag>, rejection: Rejection, blame: Blame) {
        self.task = Task::Refusing(Box::new(Refusing { tag, rejection, blame }));
    }

    fn refused(&mut self, refused: Refusing) {
        self.answer_refused(refused.tag, refused.rejection);
        match refused.blame {
            Blame::Error => self.count_error(),
            Blame::Login => self.count_failed_login(),
            Blame::Nothing => {}
        }
    }

    /// Octets stand behind a literal that was not asked for: they must not be read as commands.
    fn early(&mut self) -> ProtocolError {
        self.bye(Rejection::no(Text::from_static("a literal came that was not asked for")));
        self.fail(ProtocolError::EarlyLiteral)
    }

    pub(super) fn endless(&mut self, endless: SwallowedTooMuch) -> ProtocolError {
        self.bye(Rejection::own(StatusKind::No, format_args!("{endless}")));
        self.state = State::Closed;
        self.fail(endless.into())
    }

    /// Is the sender of this literal waiting?
    pub(super) fn is_waiting(literal: Literal) -> bool {
        literal.synchrony == Synchrony::Synchronising
    }
}

fn not_done() -> Rejection {
    Rejection::bad(Text::from_static("expected DONE"))
}

/// NO where it is too much, BAD where it is wrong: so is a literal that LITERAL- does not allow
/// ([RFC 7888 §5](https://www.rfc-editor.org/rfc/rfc7888#section-5)).
fn breached(breach: &Breach) -> Rejection {
    let kind = match breach {
        Breach::LiteralTooLong { .. } | Breach::UnitTooLong { .. } => StatusKind::No,
        _ => StatusKind::Bad,
    };
    let rejection = Rejection::own(kind, format_args!("{breach}"));
    // rule rfc7888 5 too-big: the answer to a literal that is too large bears TOOBIG
    if breach.is_too_big() { rejection.with_code(Code::TooBig) } else { rejection }
}

/// The tag at the front of a unit, whatever follows it.
fn tag_of(text: &[u8]) -> Option<Tag> {
    let tag = text.split(|octet| *octet == b' ').next()?;
    if tag.len() == text.len() {
        return None;
    }
    core::str::from_utf8(tag).ok().and_then(|tag| Tag::new(tag).ok())
}

/// The verb of a command, as far as it is there.
fn verb_of(text: &[u8]) -> Option<Verb> {
    let mut words = words(text).skip(1);
    let name = words.next()?;
    Some(Verb::named(if name.eq_ignore_ascii_case(b"UID") { words.next().unwrap_or(name) } else { name }))
}

/// Is the literal that `text` ends in all there is behind APPEND: the name of the mailbox?
fn names_mailbox(text: &[u8]) -> bool {
    words(text).nth(2).is_some_and(|word| word.first() == Some(&b'{'))
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|octet| matches!(octet, b' ' | b'\r' | b'\n')).filter(|word| !word.is_empty())
}
