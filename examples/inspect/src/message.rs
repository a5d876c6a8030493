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
    /// Those of the piece before were CRLF, or there is none.
    at_line_start: bool,
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
            (Ending::Crlf, Mode::Lenient) => Reading::Dots(DotDecoder::new(Bare::Pass).keeping_lone_dots()),
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
            at_line_start: true,
        }
    }

    /// The message, once its end is there. `None`: it is not.
    pub(crate) fn next(&mut self, stream: &mut Stream) -> Option<Unit> {
        loop {
            let ended = match &mut self.reading {
                Reading::Lines { at_start } => {
                    let place = stream.taken();
                    match lines(stream, at_start) {
                        Taken::Octets { octets, is_lone } => {
                            self.octets += octets;
                            if is_lone {
                                self.deviation("MissingStuffing", place);
                            }
                            false
                        }
                        Taken::End => true,
                        Taken::Nothing => return None,
                    }
                }
                Reading::Dots(dots) => {
                    let place = self.start + dots.taken();
                    match dots.next(&mut stream.input) {
                        Dotted::NeedInput => return None,
                        Dotted::End => true,
                        Dotted::Refused(bare) => {
                            self.refused(bare);
                            false
                        }
                        Dotted::Payload(piece) => {
                            let is_lone = dots.lone_dot().is_some();
                            self.payload(&piece, place, is_lone);
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

    /// A piece that stands at `place` of the stream, with the dots that stuffed it.
    fn payload(&mut self, piece: &[u8], mut place: u64, is_lone: bool) {
        self.octets += piece.len() as u64;
        if self.mode == Mode::Strict {
            return;
        }
        match self.stuffing {
            // Whoever stuffs doubles a dot: this one is content, and its sender does not stuff.
            Stuffing::Perhaps if is_lone => self.deviation("MissingStuffing", place),
            Stuffing::Always if is_lone => self.octets -= 1,
            _ => {}
        }
        for (at, octet) in piece.iter().enumerate() {
            let is_stuffed = self.at_line_start && *octet == b'.' && !(at == 0 && is_lone);
            place += u64::from(is_stuffed);
            match octet {
                b'\n' if !self.after_cr => self.deviation("BareLf", place),
                b'\n' => {}
                _ if self.after_cr => self.deviation("BareCr", place.saturating_sub(1)),
                _ => {}
            }
            self.at_line_start = self.after_cr && *octet == b'\n';
            self.after_cr = *octet == b'\r';
            place += 1;
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
    Octets {
        octets: u64,
        /// They begin with a dot that stuffs nothing.
        is_lone: bool,
    },
    End,
    Nothing,
}

fn lines(stream: &mut Stream, at_start: &mut bool) -> Taken {
    let input = &mut stream.input;
    let (skipped, is_lone) = match &input[..] {
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
        [b'.', b'.', ..] if *at_start => (1, false),
        [b'.', ..] if *at_start => (0, true),
        _ => (0, false),
    };
    input.advance(skipped);
    let lf = input.iter().position(|octet| *octet == b'\n');
    let octets = lf.map_or(input.len(), |lf| lf + 1);
    input.advance(octets);
    *at_start = lf.is_some();
    Taken::Octets { octets: octets as u64, is_lone }
}
