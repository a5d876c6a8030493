//! The framer, swallowing what nobody wants up to its real end.
use super::{
    Framed, Framer, LineEnding, Literal, SwallowedTooMuch,
    framer::{LINE_HINT, State, Word, block},
    free_text::Kind,
    literal,
};
use bytes::{Buf, BytesMut};
use memchr::memchr;

impl Framer {
    /// The unit in hand is not wanted: what there is of it is dropped, what is still to come is swallowed, and
    /// [`Framed::Refused`] tells its real end.
    ///
    /// A literal that waits for a word of ours is not sent, so that the unit ends at its header. One that does not
    /// has been sent, or is on its way: it is swallowed, and so is the line behind it with the literals of that line
    /// ([RFC 7888 §3](https://www.rfc-editor.org/rfc/rfc7888#section-3)). In the middle of a literal that streams,
    /// its rest is swallowed.
    ///
    /// Where no unit has begun nothing happens.
    pub fn refuse(&mut self, input: &mut BytesMut) {
        match self.state {
            State::Text { line, seen } => {
                if self.has_begun() || seen > 0 {
                    self.look(input.get(line..seen).unwrap_or_default());
                    self.refuse_text(input, line, seen);
                }
            }
            State::Broken { line, head, .. } => self.refuse_text(input, line, head),
            State::Inline { head, until, word } => {
                input.advance(head.min(input.len()));
                self.state = match word {
                    Word::None => State::RefusedLiteral { left: until.saturating_sub(head) as u64 },
                    Word::Due | Word::Told => State::RefusedEnd,
                };
                self.unasked = word != Word::None;
            }
            State::Announced { head, literal, .. } => {
                input.advance(head.min(input.len()));
                self.refuse_literal(literal);
            }
            State::Taken { literal } => self.refuse_literal(literal),
            State::Stream { left } => {
                self.unasked = false;
                self.state = State::RefusedLiteral { left };
            }
            State::RefusedText { .. } | State::RefusedLiteral { .. } | State::RefusedEnd | State::Lost => {}
        }
    }

    fn refuse_text(&mut self, input: &mut BytesMut, line: usize, seen: usize) {
        self.unasked = false;
        input.advance(line.min(input.len()));
        self.state = State::RefusedText { seen: seen.saturating_sub(line) };
    }

    fn refuse_literal(&mut self, literal: Literal) {
        self.unasked = !self.follows(literal);
        self.state = if self.follows(literal) {
            State::RefusedLiteral { left: literal.len }
        } else {
            State::RefusedEnd
        };
    }

    pub(super) fn swallow(&mut self, input: &mut BytesMut) -> Result<Framed, SwallowedTooMuch> {
        loop {
            match self.state {
                State::RefusedText { seen } => {
                    if self.swallow_text(input, seen)? == Line::Open {
                        return Ok(Framed::Need(LINE_HINT));
                    }
                }
                State::RefusedLiteral { left } => {
                    // Told before its octets come: a literal without end is not worth its first one.
                    // rule rfc7888 4 swallowed-is-bounded: what is swallowed of a refused command is bounded
                    if self.swallowed.saturating_add(left) > self.rules.limits.swallow {
                        return Err(self.lost());
                    }
                    let octets = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
                    self.drop(input, octets)?;
                    let left = left - octets as u64;
                    if left > 0 {
                        self.state = State::RefusedLiteral { left };
                        return Ok(Framed::Need(block(left)));
                    }
                    self.state = State::RefusedText { seen: 0 };
                }
                State::RefusedEnd => {
                    self.start();
                    return Ok(Framed::Refused);
                }
                _ => return Err(self.lost()),
            }
        }
    }

    /// Swallows text up to the end of a line that ends one.
    fn swallow_text(&mut self, input: &mut BytesMut, seen: usize) -> Result<Line, SwallowedTooMuch> {
        let unseen = input.get(seen..).unwrap_or_default();
        let found = memchr(b'\n', unseen);
        let end = seen + found.map_or(unseen.len(), |at| at + 1);
        self.examined += (end - seen) as u64;
        self.look(input.get(seen..end).unwrap_or_default());

        let text = input.get(..end).unwrap_or_default();
        let body = match (found, text.strip_suffix(b"\r\n"), text.strip_suffix(b"\n")) {
            (Some(_), Some(body), _) => Some(body),
            (Some(_), None, body) if self.rules.ending == LineEnding::CrlfOrLf => body,
            _ => None,
        };
        let Some(body) = body else {
            // The last octets stay: they may be the first half of a header.
            let kept = end.min(literal::LONGEST);
            self.drop(input, end - kept)?;
            self.state = State::RefusedText { seen: kept };
            return Ok(if found.is_some() { Line::Over } else { Line::Open });
        };
        let literal =
            // rule rfc7888 3 refused-is-swallowed: literals of a refused command are part of it [instead: None]
            Literal::at_end_of(body).filter(|_| self.kind != Kind::Free);
        self.drop(input, end)?;
        match literal {
            Some(literal) => self.refuse_literal(literal),
            None => self.state = State::RefusedEnd,
        }
        Ok(Line::Over)
    }

    fn drop(&mut self, input: &mut BytesMut, octets: usize) -> Result<(), SwallowedTooMuch> {
        input.advance(octets.min(input.len()));
        self.swallowed = self.swallowed.saturating_add(octets as u64);
        if self.swallowed > self.rules.limits.swallow { Err(self.lost()) } else { Ok(()) }
    }

    fn lost(&mut self) -> SwallowedTooMuch {
        self.state = State::Lost;
        SwallowedTooMuch { limit: self.rules.limits.swallow }
    }
}

/// What became of the text in hand.
#[derive(PartialEq, Eq)]
enum Line {
    /// An LF was found: look on.
    Over,
    /// More octets are needed.
    Open,
}
