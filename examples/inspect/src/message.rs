//! A message up to its end of data: told by its length, never held.
use crate::{
    cli::Mode,
    stream::Stream,
    unit::{Deviation, Failure, Outcome, Unit},
};
use bytes::Buf;
use smtp_proto::dot::{Bare, BareLineEnding, DotDecoder, Dotted};

/// What ends a line of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// CRLF: a bare CR or LF is content, where it is tolerated.
    Crlf,
    /// LF, since that ended the status line in front of it.
    Lf,
}

/// Is every dot at the start of a line one of two?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stuffing {
    /// It is: the first is taken away, as the RFCs ask.
    Always,
    /// Where one stands alone it is content, if that is tolerated: some POP3 servers do not stuff.
    Perhaps,
}

/// A message that is being read.
pub(crate) struct Message {
    mode: Mode,
    stuffing: Stuffing,
    reading: Reading,
    /// Where it starts in the stream.
    start: u64,
    /// Its octets, un-stuffed.
    octets: u64,
    deviations: Vec<Deviation>,
    failure: Option<Failure>,
    /// The last octet of the piece before was a CR.
    after_cr: bool,
}

enum Reading {
    Dots(DotDecoder),
    /// At the start of a line that ends in LF?
    Lines {
        at_start: bool,
    },
}

/// Most deviations that are told of a message.
const MAX_DEVIATIONS: usize = 8;

impl Message {
    pub(crate) fn new(mode: Mode, ending: Ending, stuffing: Stuffing, stream: &Stream) -> Self {
        let reading = match (ending, mode) {
            (Ending::Lf, _) => Reading::Lines { at_start: true },
            (Ending::Crlf, Mode::Strict) => Reading::Dots(DotDecoder::new(Bare::Reject)),
            (Ending::Crlf, Mode::Lenient) => Reading::Dots(DotDecoder::new(Bare::Pass)),
        };
        Self {
            mode,
            stuffing,
            reading,
            start: stream.taken(),
            octets: 0,
            deviations: Vec::new(),
            failure: None,
            after_cr: false,
        }
    }

    /// The message, once its end is there. `None`: it is not.
    pub(crate) fn next(&mut self, stream: &mut Stream) -> Option<Unit> {
        loop {
            let ended = match &mut self.reading {
                Reading::Lines { at_start } => match lines(stream, at_start) {
                    Taken::Octets(octets) => {
                        self.octets += octets;
                        false
                    }
                    Taken::End => true,
                    Taken::Nothing => return None,
                },
                Reading::Dots(dots) => {
                    let before = dots.taken();
                    // A line at a time: of several in one piece nobody could tell where a dot was taken out.
                    let octets = match self.stuffing {
                        Stuffing::Perhaps => stream.input.iter().position(|octet| *octet == b'\n'),
                        _ => None,
                    };
                    let behind = stream.input.split_off(octets.map_or(stream.input.len(), |lf| lf + 1));
                    let found = dots.next(&mut stream.input);
                    let is_all = behind.is_empty();
                    stream.input.unsplit(behind);
                    match found {
                        Dotted::NeedInput if is_all => return None,
                        Dotted::NeedInput => false,
                        Dotted::End => true,
                        Dotted::Refused(bare) => {
                            self.refused(bare);
                            false
                        }
                        Dotted::Payload(piece) => {
                            let piece_start = self.start + dots.taken() - piece.len() as u64;
                            // A dot was taken in front of it that stuffs nothing?
                            let is_stuffed = dots.taken() - before > piece.len() as u64;
                            self.payload(&piece, piece_start, is_stuffed);
                            false
                        }
                    }
                }
            };
            if ended {
                let outcome = match self.failure.take() {
                    Some(failure) => Outcome::Failed(failure),
                    None => {
                        let value = serde_json::json!({ "octets": self.octets });
                        Outcome::of("Message", &value, std::mem::take(&mut self.deviations))
                    }
                };
                return Some(stream.unit(outcome));
            }
        }
    }

    fn refused(&mut self, bare: BareLineEnding) {
        let (offset, error) = match bare {
            BareLineEnding::Cr(offset) => (offset, "bare CR in the message"),
            BareLineEnding::Lf(offset) => (offset, "bare LF in the message"),
        };
        let offset = self.start + offset;
        self.failure = Some(Failure { error: error.into(), offset, expected: "CRLF".into() });
    }

    fn payload(&mut self, piece: &[u8], start: u64, is_stuffed: bool) {
        self.octets += piece.len() as u64;
        if self.mode == Mode::Strict {
            return;
        }
        // Whoever stuffs doubles a dot: this one was content, and its sender does not stuff.
        if is_stuffed && self.stuffing == Stuffing::Perhaps && piece.first() != Some(&b'.') {
            self.octets += 1;
            self.deviation("MissingStuffing", start - 1);
        }
        for (at, octet) in piece.iter().enumerate() {
            match octet {
                b'\n' if !self.after_cr => self.deviation("BareLf", start + at as u64),
                b'\n' => {}
                _ if self.after_cr => self.deviation("BareCr", (start + at as u64).saturating_sub(1)),
                _ => {}
            }
            self.after_cr = *octet == b'\r';
        }
    }

    fn deviation(&mut self, kind: &str, offset: u64) {
        if self.deviations.len() < MAX_DEVIATIONS {
            self.deviations.push(Deviation { kind: kind.into(), offset });
        }
    }
}

/// What was taken of a message whose lines end in LF.
enum Taken {
    Octets(u64),
    End,
    Nothing,
}

fn lines(stream: &mut Stream, at_start: &mut bool) -> Taken {
    let input = &mut stream.input;
    let skipped = match &input[..] {
        [b'.', b'\n', ..] if *at_start => {
            input.advance(2);
            return Taken::End;
        }
        [b'.', b'\r', b'\n', ..] if *at_start => {
            input.advance(3);
            return Taken::End;
        }
        [] => return Taken::Nothing,
        [b'.'] | [b'.', b'\r'] if *at_start => return Taken::Nothing,
        [b'.', b'.', ..] if *at_start => 1,
        _ => 0,
    };
    input.advance(skipped);
    let lf = input.iter().position(|octet| *octet == b'\n');
    let octets = lf.map_or(input.len(), |lf| lf + 1);
    input.advance(octets);
    *at_start = lf.is_some();
    Taken::Octets(octets as u64)
}
