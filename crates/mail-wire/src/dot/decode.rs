//! Un-stuffing: from the wire to payload.
use super::scan::special;
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
    /// A piece of the payload: a slice of the input.
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
    at_line_start: bool,
    swallowing: bool,
    /// Octets taken from the wire.
    taken: u64,
}

/// Stands for a bare CR or LF that was normalised.
static CRLF: &[u8] = b"\r\n";

impl DotDecoder {
    /// A decoder at the start of a payload, where a dot is at the start of a line.
    pub fn new(bare: Bare) -> Self {
        Self { bare, at_line_start: true, swallowing: false, taken: 0 }
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

    /// Takes content up to a stuffed dot, a bare line ending, or the last octet that can be told.
    /// `None`: taken, and nothing to tell.
    fn content(&mut self, input: &mut BytesMut) -> Option<Dotted> {
        let mut from = 0;
        loop {
            // An LF in front has no CR before it: a CR is never taken without its LF.
            let found = match input.get(from..) {
                Some([b'\n', ..]) if from == 0 => Some(0),
                Some(rest) => special(rest).map(|found| from + found),
                None => None,
            };
            let Some(at) = found else {
                let held = usize::from(input.last() == Some(&b'\r'));
                let end = input.len() - held;
                return Some(if end == 0 { Dotted::NeedInput } else { self.take(input, end) });
            };
            match (input.get(at), input.get(at + 1)) {
                // Is it a dot that starts a line? Not behind a bare LF that passed already; `take` knows.
                (Some(b'\n'), Some(b'.')) if at > 0 => return Some(self.take(input, at + 1)),
                (Some(octet), _) => {
                    // The special pair is told from its first octet: `x LF` is a bare LF one further.
                    let place = if *octet == b'\r' || at == 0 && *octet == b'\n' { at } else { at + 1 };
                    match self.bare {
                        Bare::Pass => from = place + 1,
                        Bare::Reject if self.swallowing => from = place + 1,
                        // What stands in front comes first, whether or not a cut stands between.
                        Bare::Reject | Bare::Normalise if place > 0 => return Some(self.take(input, place)),
                        Bare::Normalise => {
                            self.skip(input, 1);
                            self.at_line_start = false;
                            return Some(Dotted::Payload(Bytes::from_static(CRLF)));
                        }
                        // rule rfc5321 2.3.8 bare-refused: a bare CR or LF ends no line [instead: from = place + 1]
                        Bare::Reject => {
                            let bare = if *octet == b'\r' { BareLineEnding::Cr } else { BareLineEnding::Lf };
                            self.swallowing = true;
                            return Some(Dotted::Refused(bare(self.taken)));
                        }
                    }
                }
                (None, _) => return Some(Dotted::NeedInput),
            }
        }
    }

    /// Takes `octets` of content. A line starts behind CRLF and behind nothing else.
    fn take(&mut self, input: &mut BytesMut, octets: usize) -> Dotted {
        let piece = input.split_to(octets);
        self.taken += octets as u64;
        // rule rfc5321 4.1.1.4 no-other-end: behind a bare LF no line starts [instead: piece.ends_with(b"\n")]
        self.at_line_start = piece.ends_with(CRLF);
        Dotted::Payload(piece.freeze())
    }

    fn skip(&mut self, input: &mut BytesMut, octets: usize) {
        input.advance(octets);
        self.taken += octets as u64;
    }
}
