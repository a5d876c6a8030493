//! A message behind `+OK`, up to its lone dot.
use bytes::{Buf, Bytes, BytesMut};
use mail_wire::dot::{Bare, BareLineEnding, DotDecoder, Dotted};

/// A message on its way in.
#[derive(Debug)]
pub(super) enum Message {
    /// Its lines end in CRLF, as they should.
    Dots(DotDecoder),
    /// Its lines end in LF, as its status line did.
    Lines(Lines),
}

/// What comes next of a message.
pub(super) enum Piece {
    /// Octets of it; where the dot stands that they begin with, if that was not stuffed.
    Payload(Bytes, Option<u64>),
    /// A CR or LF outside of CRLF.
    Bare(BareLineEnding),
    /// The lone dot, which is taken.
    End,
    /// It is not there yet.
    NeedInput,
}

/// Reads lines that end in LF.
#[derive(Debug)]
pub(super) struct Lines {
    at_line_start: bool,
    /// Octets taken from the wire.
    taken: u64,
}

impl Message {
    /// With lines that end in CRLF. What a server that does not stuff puts at the start of a line is kept, if that is
    /// tolerated.
    pub(super) fn new(tolerates_lone_dots: bool) -> Self {
        let dots = DotDecoder::new(Bare::Reject);
        Self::Dots(if tolerates_lone_dots { dots.keeping_lone_dots() } else { dots })
    }

    /// With lines that end in LF.
    pub(super) fn of_lines() -> Self {
        Self::Lines(Lines { at_line_start: true, taken: 0 })
    }

    /// What was refused is content, and all that is like it.
    pub(super) fn pass(&mut self) {
        if let Self::Dots(dots) = self {
            dots.pass();
        }
    }

    pub(super) fn next(&mut self, input: &mut BytesMut) -> Piece {
        match self {
            Self::Dots(dots) => match dots.next(input) {
                Dotted::Payload(piece) => Piece::Payload(piece, dots.lone_dot()),
                Dotted::Refused(bare) => Piece::Bare(bare),
                Dotted::End => Piece::End,
                Dotted::NeedInput => Piece::NeedInput,
            },
            Self::Lines(lines) => lines.next(input),
        }
    }
}

impl Lines {
    fn next(&mut self, input: &mut BytesMut) -> Piece {
        let (mut lone_dot, mut stuffed) = (None, 0);
        if self.at_line_start {
            match &input[..] {
                [b'.', b'\n', ..] | [b'.', b'\r', b'\n', ..] => {
                    input.advance(if input.starts_with(b".\n") { 2 } else { 3 });
                    return Piece::End;
                }
                [] | [b'.'] | [b'.', b'\r'] => return Piece::NeedInput,
                [b'.', b'.', ..] => stuffed = 1,
                [b'.', ..] => lone_dot = Some(self.taken),
                _ => {}
            }
        }
        input.advance(stuffed);
        if input.is_empty() {
            return Piece::NeedInput;
        }
        let line_feed = memchr::memchr(b'\n', input);
        self.at_line_start = line_feed.is_some();
        let piece = input.split_to(line_feed.map_or(input.len(), |at| at + 1)).freeze();
        self.taken += (stuffed + piece.len()) as u64;
        Piece::Payload(piece, lone_dot)
    }
}
