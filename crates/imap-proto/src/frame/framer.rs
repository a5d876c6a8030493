//! The framer, as long as it likes what it sees.
use super::{
    Breach, Limits, LineEnding, Literal, NonSynchronising, Role, Rules, Strays, SwallowedTooMuch, Synchrony,
    free_text::Kind,
};
use bytes::{Bytes, BytesMut};
use memchr::{memchr, memchr2};

/// What the framer found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    /// `input[..n]` runs to the end of the unit, its CRLF included. Take it.
    End(usize),
    /// `input[..n]` ends in the header of a literal longer than [`Limits::inline`]; in a response, also of one that
    /// [`Limits::unit`] has no room for. Nothing is consumed, and it is told again until the answer comes:
    /// [`take`](Framer::take) and [`stream`](Framer::stream), [`inline`](Framer::inline) or
    /// [`refuse`](Framer::refuse).
    Large(usize, Literal),
    /// `input[..n]` ends in the header of a literal that its sender sends when it hears `+`. Told once, by a server's
    /// framer; saying nothing, or [`refuse`](Framer::refuse), keeps what it is (a password, say) from being sent.
    Waits(usize),
    /// A piece of the literal that streams: a slice of the input. The last one may be empty.
    Payload(Bytes, Last),
    /// The unit that `input[..n]` begins cannot be read. Nothing is consumed, and it is told again until
    /// [`refuse`](Framer::refuse), or until the session is given up.
    Broken(usize, Breach),
    /// The unit that was refused is over, and all of it is swallowed.
    Refused,
    /// Nothing can be told before more octets are there; so many would help.
    Need(usize),
}

/// Is it the last piece?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Last {
    /// The literal is complete.
    Yes,
    /// More follows.
    No,
}

/// Finds logical units in what has arrived so far. Some dozens of octets of state, no buffer.
///
/// Between a [`Framed::Need`] and the next call `input` may grow and nothing else: what was looked at is not looked
/// at again.
#[derive(Debug, Clone)]
pub struct Framer {
    pub(super) rules: Rules,
    pub(super) state: State,
    /// Octets of the unit's text before the line in hand.
    pub(super) text: usize,
    pub(super) kind: Kind,
    pub(super) swallowed: u64,
    pub(super) examined: u64,
    /// The unit that was refused last ended at a literal that was to wait.
    pub(super) unasked: bool,
}

/// Where in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// In text: no line ends within `input[line..seen]`.
    Text { line: usize, seen: usize },
    /// In a literal that is held, whose header ends at `head`.
    Inline { head: usize, until: usize, word: Word },
    /// A literal is announced whose header ends at `head`; if `breach` says why, it cannot be taken.
    Announced { head: usize, literal: Literal, breach: Option<Breach> },
    /// The text in `input[line..head]` cannot be taken; no line ends there.
    Broken { line: usize, head: usize, breach: Breach },
    /// The head of the announced literal has been taken.
    Taken { literal: Literal },
    /// In a literal that streams.
    Stream { left: u64 },
    /// In the text of a refused unit: no line ends within `input[..seen]`.
    RefusedText { seen: usize },
    /// In a literal of a refused unit.
    RefusedLiteral { left: u64 },
    /// A refused unit is over.
    RefusedEnd,
    /// A refused unit was too long. There is no way on.
    Lost,
}

/// Does a literal wait for our word?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It follows at once.
    None,
    /// It waits, and that is still to be told.
    Due,
    /// It waits, and that was told.
    Told,
}

/// How many octets to ask for when an end of line is looked for.
pub(super) const LINE_HINT: usize = 512;
/// How many to ask for behind the octets that are missing.
const SLACK: usize = 64;
/// How many to ask for at most where nothing is held.
const BLOCK: usize = 16 << 10;

/// How many octets to ask for when so many are left that are not held.
pub(super) fn block(left: u64) -> usize {
    usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK)) + SLACK
}

impl State {
    const START: Self = Self::Text { line: 0, seen: 0 };
}

impl Framer {
    /// A framer at the start of a unit.
    pub fn new(rules: Rules) -> Self {
        let mut framer = Self {
            rules,
            state: State::START,
            text: 0,
            kind: Kind::Unseen,
            swallowed: 0,
            examined: 0,
            unasked: false,
        };
        framer.start();
        framer
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The limits, to be set anew: a server may allow more when it knows who is there. They hold from the next line
    /// or literal on.
    pub fn limits_mut(&mut self) -> &mut Limits {
        &mut self.rules.limits
    }

    /// Has a unit begun that is not finished?
    pub fn is_inside(&self, input: &BytesMut) -> bool {
        self.has_begun() || !input.is_empty()
    }

    /// Did the unit that was refused last end at a literal that its sender sends when it hears `+`?
    ///
    /// Then what stands behind it in the input came too early: whether it is the literal or a command, nobody can tell.
    pub fn has_refused_literal(&self) -> bool {
        self.unasked
    }

    /// How many octets were looked at in all: linear in what arrived, whatever its cuts.
    ///
    /// Each octet of text is looked at up to three times (for its line's end, for strays, for a response code), one
    /// of a literal never.
    pub fn examined(&self) -> u64 {
        self.examined
    }

    /// Finds what comes next at the front of `input`.
    ///
    /// # Errors
    /// A refused unit is longer than [`Limits::swallow`]. There is no way on.
    pub fn next(&mut self, input: &mut BytesMut) -> Result<Framed, SwallowedTooMuch> {
        loop {
            match self.state {
                State::Text { line, seen } => {
                    if let Some(framed) = self.text(input, line, seen) {
                        return Ok(framed);
                    }
                }
                // rule rfc3501 4.3 word-is-due: a literal that waits is told, so that the server says go on
                State::Inline { head, until, word: Word::Due } => {
                    self.state = State::Inline { head, until, word: Word::Told };
                    return Ok(Framed::Waits(head));
                }
                State::Inline { until, .. } => match until.checked_sub(input.len()) {
                    None | Some(0) => self.state = State::Text { line: until, seen: until },
                    Some(missing) => return Ok(Framed::Need(missing.saturating_add(SLACK))),
                },
                State::Announced { head, breach: Some(breach), .. } | State::Broken { head, breach, .. } => {
                    return Ok(Framed::Broken(head, breach));
                }
                State::Announced { head, literal, breach: None } => return Ok(Framed::Large(head, literal)),
                State::Taken { literal } => return Ok(Framed::Large(0, literal)),
                State::Stream { left } => return Ok(self.payload(input, left)),
                State::RefusedText { .. }
                | State::RefusedLiteral { .. }
                | State::RefusedEnd
                | State::Lost => {
                    return self.swallow(input);
                }
            }
        }
    }

    /// Takes what stands before the announced literal, its header included. Then [`stream`](Self::stream) or
    /// [`refuse`](Self::refuse).
    ///
    /// Takes nothing when no literal is announced.
    pub fn take(&mut self, input: &mut BytesMut) -> Bytes {
        match self.state {
            State::Announced { head, literal, breach: None } => {
                self.state = State::Taken { literal };
                input.split_to(head.min(input.len())).freeze()
            }
            _ => Bytes::new(),
        }
    }

    /// The announced literal flows as [`Framed::Payload`]. What stands before it is dropped unless it was taken.
    ///
    /// A server says `+` now if the literal [waits](Literal::synchrony).
    pub fn stream(&mut self, input: &mut BytesMut) {
        self.take(input);
        if let State::Taken { literal } = self.state {
            self.state = State::Stream { left: literal.len };
        }
    }

    /// The announced literal is waited for after all: it stands where nothing can stream. What follows is told as if
    /// it had been a small one.
    ///
    /// # Errors
    /// The unit would be longer than [`Limits::unit`]. Nothing has happened; the unit can be refused.
    pub fn inline(&mut self) -> Result<(), Breach> {
        let (head, literal) = match self.state {
            State::Announced { head, literal, breach: None } => (head, literal),
            State::Taken { literal } => (0, literal),
            _ => return Ok(()),
        };
        self.state = self.held(head, literal)?;
        Ok(())
    }

    pub(super) fn start(&mut self) {
        self.state = State::START;
        self.text = 0;
        self.swallowed = 0;
        self.kind = match self.rules.role {
            Role::Server => Kind::Data,
            Role::Client => Kind::Unseen,
        };
    }

    pub(super) fn has_begun(&self) -> bool {
        self.state != State::START || self.text > 0
    }

    /// Do a literal's octets come without a word of ours?
    pub(super) fn follows(&self, literal: Literal) -> bool {
        self.rules.role == Role::Client || literal.synchrony == Synchrony::NonSynchronising
    }

    /// Looks for the end of a line. `None`: the state has changed.
    fn text(&mut self, input: &BytesMut, line: usize, seen: usize) -> Option<Framed> {
        let limits = self.rules.limits;
        let unseen = input.get(seen..).unwrap_or_default();
        let found = memchr(b'\n', unseen);
        let end = seen + found.map_or(unseen.len(), |at| at + 1);
        self.examined += (end - seen) as u64;

        // The nearer of two limits speaks, so that it is the same one however the line is cut.
        let longest = line.saturating_add(limits.text.saturating_sub(self.text));
        // rule rfc2683 3.2.1.5 line-limit: a line without end is refused, and costs no more than its limit
        if end > longest.min(limits.unit) {
            let breach = if longest <= limits.unit {
                Breach::TextTooLong { limit: limits.text }
            } else {
                Breach::UnitTooLong { limit: limits.unit }
            };
            return self.broken(input, line, longest.min(limits.unit), breach);
        }
        if found.is_none() {
            self.state = State::Text { line, seen: end };
            return Some(Framed::Need(LINE_HINT));
        }

        let whole = input.get(line..end).unwrap_or_default();
        let with_cr = whole.strip_suffix(b"\r\n");
        // rule rfc3501 2.2 lines-end-in-crlf: a bare LF ends no line
        if with_cr.is_none() && self.rules.ending == LineEnding::Crlf {
            return self.broken(input, line, end, Breach::BareLf { offset: end - 1 });
        }
        let body = with_cr.or_else(|| whole.strip_suffix(b"\n")).unwrap_or(whole);
        if self.rules.strays == Strays::Refuse {
            self.examined += body.len() as u64;
            // rule rfc3501 9 no-nul-no-bare-cr: neither NUL nor a bare CR stands outside of a literal
            if let Some(at) = memchr2(b'\r', 0, body) {
                let offset = line + at;
                let breach =
                    if body.get(at) == Some(&0) { Breach::Nul { offset } } else { Breach::BareCr { offset } };
                return self.broken(input, line, offset + 1, breach);
            }
        }

        self.look(body);
        self.text += end - line;
        match Literal::at_end_of(body) {
            Some(literal) if self.kind != Kind::Free => self.state = self.literal(end, literal),
            _ => {
                self.start();
                return Some(Framed::End(end));
            }
        }
        None
    }

    pub(super) fn look(&mut self, text: &[u8]) {
        if self.kind.is_open() {
            self.examined += text.len() as u64;
            self.kind.look(text);
        }
    }

    fn broken(&mut self, input: &BytesMut, line: usize, head: usize, breach: Breach) -> Option<Framed> {
        self.look(input.get(line..head).unwrap_or_default());
        self.state = State::Broken { line, head, breach };
        None
    }

    /// What becomes of a literal whose header ends at `head`.
    fn literal(&self, head: usize, literal: Literal) -> State {
        let Limits { inline, literal: longest, .. } = self.rules.limits;
        let unasked = self.rules.role == Role::Server && literal.synchrony == Synchrony::NonSynchronising;
        let refused = |breach| State::Announced { head, literal, breach: Some(breach) };
        let announced = State::Announced { head, literal, breach: None };
        match self.rules.non_synchronising {
            // rule rfc7888 3 only-where-offered: a literal that did not wait is taken only where that is offered
            NonSynchronising::Refuse if unasked => refused(Breach::NonSynchronising),
            // rule rfc7888 5 minus-has-4096: with LITERAL- a literal above 4,096 octets has to wait
            NonSynchronising::Minus if unasked && literal.len > 4096 => {
                refused(Breach::AboveLiteralMinus { octets: literal.len })
            }
            _ if literal.len <= inline => match self.held(head, literal) {
                Ok(state) => state,
                // What a server sends is not sent anew: perhaps it can stream.
                Err(_) if self.rules.role == Role::Client && literal.len <= longest => announced,
                Err(breach) => refused(breach),
            },
            // rule rfc7888 4 no-literal-above-the-limit: a literal above the limit is refused
            _ if literal.len > longest => {
                refused(Breach::LiteralTooLong { octets: literal.len, limit: longest.max(inline) })
            }
            _ => announced,
        }
    }

    /// In a literal that is held, if the unit may be that long.
    fn held(&self, head: usize, literal: Literal) -> Result<State, Breach> {
        let limit = self.rules.limits.unit;
        let until = usize::try_from(literal.len).ok().and_then(|len| head.checked_add(len));
        match until {
            Some(until) if until <= limit => {
                let word = if self.follows(literal) { Word::None } else { Word::Due };
                Ok(State::Inline { head, until, word })
            }
            _ => Err(Breach::UnitTooLong { limit }),
        }
    }

    fn payload(&mut self, input: &mut BytesMut, left: u64) -> Framed {
        if input.is_empty() && left > 0 {
            return Framed::Need(block(left));
        }
        let octets = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
        let left = left - octets as u64;
        let last = if left == 0 { Last::Yes } else { Last::No };
        self.state = if left == 0 { State::START } else { State::Stream { left } };
        Framed::Payload(input.split_to(octets).freeze(), last)
    }
}
