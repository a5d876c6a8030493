//! Lines of a stream, with their places.
use crate::{
    cli::Mode,
    stream::Stream,
    unit::{Deviation, Failure},
};
use bytes::Bytes;
use smtp_proto::line::{Broken, Framed, LineEnding, LineFramer};

/// Longest line that is read, whatever a session would allow.
const MAX_LINE: usize = 1 << 20;

/// Finds lines.
pub(crate) struct Lines {
    framer: LineFramer,
    /// Where the line in hand starts in the stream.
    start: Option<u64>,
}

/// What was found.
pub(crate) enum Found {
    Line(Line),
    /// A line that is none; all of it is taken.
    Broken(Failure),
    /// It does not end in what is there.
    Need,
}

/// A line, without its end.
pub(crate) struct Line {
    pub(crate) text: Bytes,
    /// Where it starts in the stream.
    pub(crate) start: u64,
    /// It ends in a bare LF, which was tolerated.
    pub(crate) bare: Option<Deviation>,
}

impl Lines {
    /// Lines of a client, which end in CRLF whatever is tolerated.
    pub(crate) fn of_client() -> Self {
        Self { framer: LineFramer::new(MAX_LINE, LineEnding::Crlf), start: None }
    }

    /// Lines of a server, which may end in a bare LF where that is tolerated.
    pub(crate) fn of_server(mode: Mode) -> Self {
        let ending = if mode == Mode::Lenient { LineEnding::CrlfOrLf } else { LineEnding::Crlf };
        Self { framer: LineFramer::new(MAX_LINE, ending), start: None }
    }

    pub(crate) fn next(&mut self, stream: &mut Stream) -> Found {
        let start = *self.start.get_or_insert(stream.taken());
        let framed = self.framer.next(&mut stream.input);
        if framed == Framed::NeedInput {
            return Found::Need;
        }
        self.start = None;
        match framed {
            Framed::NeedInput => Found::Need,
            Framed::Broken(broken) => Found::Broken(failure(broken, start)),
            Framed::Line(text) => {
                let end = start + text.len() as u64;
                let bare =
                    (stream.taken() == end + 1).then(|| Deviation { kind: "BareLf".into(), offset: end });
                Found::Line(Line { text, start, bare })
            }
        }
    }
}

fn failure(broken: Broken, start: u64) -> Failure {
    let (offset, error, expected) = match broken {
        Broken::TooLong { limit } => {
            (limit, "line too long".into(), format!("a line of at most {limit} octets"))
        }
        Broken::BareCr { offset } => (offset, "bare CR".into(), "CRLF".into()),
        Broken::BareLf { offset } => (offset, "bare LF".into(), "CRLF".into()),
        Broken::Nul { offset } => (offset, "NUL in a line".into(), "no NUL".into()),
    };
    Failure { error, offset: start + offset as u64, expected }
}
