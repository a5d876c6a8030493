//! Un-stuffing: from the wire to payload.
use super::scan::{BOTH, Scan};
use bytes::{Buf, Bytes, BytesMut};

/// What to do with a CR or an LF outside of a CRLF on the way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Bare {
    /// The payload is refused: it is swallowed up to its true end.
    #[default]
    Reject,
    /// Each becomes CRLF. A dot behind it is content: stuffing was judged on what the peer sent.
    Normalise,
    /// It is content.
    Pass,
}

/// A CR or an LF outside of a CRLF. Octets are counted as they stand on the wire, stuffing included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum BareLineEnding {
    /// A CR without its LF.
    #[error("bare CR at octet {0} of the payload")]
    Cr(u64),
    /// An LF without its CR.
    #[error("bare LF at octet {0} of the payload")]
    Lf(u64),
}

/// What the decoder found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dotted {
    /// A piece of the payload: a slice of the input, in which short lines with a dot in front were moved together.
    Payload(Bytes),
    /// The payload breaks [`Bare::Reject`]: told once, behind what stands in front of the breach, and no payload
    /// follows. The end still does.
    Refused(BareLineEnding),
    /// The end of data, which is taken.
    End,
    /// What comes next is not there yet.
    NeedInput,
}

/// Reads dot-stuffed payload. A few octets of state, no buffer: up to three octets wait in the input.
#[derive(Debug, Clone)]
pub struct DotDecoder {
    bare: Bare,
    keeps_lone_dots: bool,
    at_line_start: bool,
    swallowing: bool,
    /// Octets taken from the wire.
    taken: u64,
    /// Where the dot in front of the last piece stood that stuffed nothing.
    lone_dot: Option<u64>,
}

/// Longest piece behind a stuffed dot that is moved to what stands before it. A shared piece of its own costs as much
/// as moving some hundred octets.
const MOVED: usize = 512;

/// Stands for a bare CR or LF that was normalised.
static CRLF: &[u8] = b"\r\n";

impl DotDecoder {
    /// A decoder at the start of a payload, where a dot is at the start of a line.
    pub fn new(bare: Bare) -> Self {
        Self {
            bare,
            keeps_lone_dots: false,
            at_line_start: true,
            swallowing: false,
            taken: 0,
            lone_dot: None,
        }
    }

    /// The same, but for a dot at the start of a line that no dot follows: it is content.
    ///
    /// Whoever stuffs doubles such a dot, so that nothing of a sender that does is read otherwise; the RFCs have it
    /// taken away all the same. [`lone_dot`](Self::lone_dot) tells of each.
    #[must_use]
    pub fn keeping_lone_dots(self) -> Self {
        Self { keeps_lone_dots: true, ..self }
    }

    /// From here on a CR and an LF outside of a CRLF is content, also the one that was refused.
    pub fn pass(&mut self) {
        self.bare = Bare::Pass;
        self.swallowing = false;
    }

    /// Where the dot stands that the last [`Dotted::Payload`] begins with, if its sender has not stuffed it: one that
    /// [`keeping_lone_dots`](Self::keeping_lone_dots) kept. Each begins a piece of its own.
    pub fn lone_dot(&self) -> Option<u64> {
        self.lone_dot
    }

    /// No more payload is wanted: what follows is swallowed up to the true end.
    pub fn swallow(&mut self) {
        self.swallowing = true;
    }

    /// Octets taken from the wire so far, stuffing and swallowed ones counted.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes what can be told from the front of `input`.
    pub fn next(&mut self, input: &mut BytesMut) -> Dotted {
        self.lone_dot = None;
        loop {
            if self.at_line_start {
                match &input[..] {
                    // rule rfc5321 4.1.1.4 end-read: a line that holds a dot ends the message
                    // rule rfc1939 3 end-of-lines: a line that is a lone dot ends a multi-line reply
                    [b'.', b'\r', b'\n', ..] => {
                        self.skip(input, 3);
                        return Dotted::End;
                    }
                    [] | [b'.'] | [b'.', b'\r'] => return Dotted::NeedInput,
                    [b'.', next, ..] if self.keeps_lone_dots && *next != b'.' => {
                        self.lone_dot = Some(self.taken);
                        self.at_line_start = false;
                    }
                    // rule rfc5321 4.5.2 dot-unstuffed: a dot at the start of a longer line is taken away
                    // rule rfc1939 3 dot-unstuffed: a dot at the start of a line is taken away
                    [b'.', ..] => {
                        self.skip(input, 1);
                        self.at_line_start = false;
                    }
                    _ => {}
                }
            }
            match self.content(input) {
                Some(Dotted::Payload(_)) if self.swallowing => {}
                Some(found) => return found,
                None => {}
            }
        }
    }

    /// Takes content up to the end of data, a bare line ending, or the last octet that can be told.
    /// `None`: taken, and nothing to tell.
    fn content(&mut self, input: &mut BytesMut) -> Option<Dotted> {
        let mut scan = Scan::<BOTH>::default();
        let mut piece = Piece::default();
        // An LF in front has no CR before it: a CR is never taken without its LF.
        let mut in_front = input.first().filter(|octet| **octet == b'\n').map(|_| 0);
        let mut behind_dot = None;
        loop {
            let end = if piece.is_moved() { input.len().min(piece.from + MOVED) } else { input.len() };
            let bare = match in_front.take() {
                Some(place) => place,
                None => {
                    let text = input.get(..end).unwrap_or_default();
                    let found = match behind_dot.take() {
                        Some(from) => scan.next_line(text, from),
                        None => scan.next(text),
                    };
                    let Some(at) = found else {
                        if end < input.len() {
                            // What comes is long enough to be a piece of its own.
                            return Some(self.take(input, piece, piece.from));
                        }
                        let end = end - usize::from(input.last() == Some(&b'\r'));
                        let nothing = piece.is_empty(end);
                        return Some(if nothing { Dotted::NeedInput } else { self.take(input, piece, end) });
                    };
                    match input.get(at..).unwrap_or_default() {
                        [b'\n', b'.', behind @ ..] => {
                            // A dot behind a bare LF that passed starts no line.
                            if !piece.ends_in_crlf(input, at + 1) {
                                continue;
                            }
                            match behind {
                                // Two dots, as they should be.
                                [b'.', ..] => {}
                                [] | [b'\r'] | [b'\r', b'\n', ..] => {
                                    return Some(self.take(input, piece, at + 1));
                                }
                                _ if self.keeps_lone_dots => {
                                    return Some(self.take(input, piece, at + 1));
                                }
                                _ => {}
                            }
                            piece.close(input, at + 1);
                            piece.from = at + 2;
                            behind_dot = Some(piece.from);
                            continue;
                        }
                        // The special pair is told from its first octet: `x LF` is a bare LF one further.
                        [b'\r', ..] => at,
                        _ => at + 1,
                    }
                }
            };
            match self.bare {
                Bare::Pass => {}
                Bare::Reject if self.swallowing => {}
                // What stands in front comes first, whether or not a cut stands between.
                Bare::Reject | Bare::Normalise if !piece.is_empty(bare) => {
                    return Some(self.take(input, piece, bare));
                }
                Bare::Normalise => {
                    self.skip(input, 1);
                    self.at_line_start = false;
                    return Some(Dotted::Payload(Bytes::from_static(CRLF)));
                }
                // rule rfc5321 2.3.8 bare-refused: a bare CR or LF ends no line [instead: {}]
                Bare::Reject => {
                    let is_cr = input.first() == Some(&b'\r');
                    let told = if is_cr { BareLineEnding::Cr } else { BareLineEnding::Lf };
                    self.swallowing = true;
                    return Some(Dotted::Refused(told(self.taken)));
                }
            }
        }
    }

    /// Takes content up to `end`. A line starts behind CRLF and behind nothing else.
    fn take(&mut self, input: &mut BytesMut, mut piece: Piece, end: usize) -> Dotted {
        // rule rfc5321 4.1.1.4 no-other-end: behind a bare LF no line starts [instead: input[..end].ends_with(b"\n")]
        self.at_line_start = piece.ends_in_crlf(input, end);
        piece.close(input, end);
        let payload = input.split_to(piece.kept);
        input.advance(end - piece.kept);
        self.taken += end as u64;
        Dotted::Payload(payload.freeze())
    }

    fn skip(&mut self, input: &mut BytesMut, octets: usize) {
        input.advance(octets);
        self.taken += octets as u64;
    }
}

/// Content at the front of the input, from which stuffed dots are taken out.
#[derive(Debug, Clone, Copy, Default)]
struct Piece {
    /// `input[..kept]` is content.
    kept: usize,
    /// `input[from..]` stands behind the last stuffed dot: it is still to be moved, to `kept`.
    from: usize,
}

impl Piece {
    fn is_moved(self) -> bool {
        self.from > self.kept
    }

    /// Is there no content before `end`?
    fn is_empty(self, end: usize) -> bool {
        self.kept + end == self.from
    }

    /// Does a line start at `end`? The dot that was taken out belongs to its line.
    fn ends_in_crlf(self, input: &[u8], end: usize) -> bool {
        input.get(self.from..end).is_some_and(|last| last.ends_with(CRLF))
    }

    /// Moves what stands before `end` to the rest.
    fn close(&mut self, input: &mut [u8], end: usize) {
        if self.is_moved() {
            input.copy_within(self.from..end, self.kept);
        }
        self.kept += end - self.from;
        self.from = end;
    }
}
