//! What has been fed and not been read.
use crate::{
    show::Show,
    unit::{Failure, Outcome, Unit},
};
use bytes::{Buf, BytesMut};

/// How much of what was read is kept to show where a unit failed.
const KEPT: usize = 128 << 10;

/// The octets of one side of a session, with their places in the stream.
pub(crate) struct Stream {
    /// What waits to be read. Readers take from its front, and nobody but [`feed`](Self::feed) adds to it.
    pub(crate) input: BytesMut,
    /// Octets fed so far.
    fed: u64,
    /// Where the unit in hand starts.
    start: u64,
    is_over: bool,
    /// The last octets that were fed; kept where they are shown.
    kept: Option<BytesMut>,
}

impl Stream {
    pub(crate) fn new(show: Show) -> Self {
        let kept = (show == Show::Coloured).then(BytesMut::new);
        Self { input: BytesMut::new(), fed: 0, start: 0, is_over: false, kept }
    }

    pub(crate) fn feed(&mut self, piece: &[u8]) {
        self.input.extend_from_slice(piece);
        self.fed += piece.len() as u64;
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(piece);
            kept.advance(kept.len().saturating_sub(KEPT));
        }
    }

    /// No more will be fed.
    pub(crate) fn end(&mut self) {
        self.is_over = true;
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Where the first octet that waits stands in the stream.
    pub(crate) fn taken(&self) -> u64 {
        self.fed - self.input.len() as u64
    }

    /// Where the unit in hand starts.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// The unit in hand ends here.
    pub(crate) fn unit(&mut self, outcome: Outcome) -> Unit {
        let offset = self.start;
        self.start = self.taken();
        Unit { offset, length: self.start - offset, outcome }
    }

    /// At the end of the stream, the unit in hand, if there is one: it lacks what is `expected`.
    pub(crate) fn cut(&mut self, expected: &str) -> Option<Unit> {
        self.input.clear();
        let failure = Failure { error: "cut".into(), offset: self.fed, expected: expected.into() };
        (self.start < self.fed).then(|| self.unit(Outcome::Failed(failure)))
    }

    /// The line around an octet: what stands before the octet, and what from there on. `None`: it is not kept.
    pub(crate) fn around(&self, offset: u64) -> Option<(&[u8], &[u8])> {
        let kept = self.kept.as_ref()?;
        let at = usize::try_from(offset.checked_sub(self.fed - kept.len() as u64)?).ok()?;
        let (before, behind) = kept.split_at_checked(at)?;
        let line = before.iter().rposition(|octet| *octet == b'\n').map_or(0, |lf| lf + 1);
        let end = behind.iter().position(|octet| *octet == b'\n').map_or(behind.len(), |lf| lf + 1);
        Some((before.get(line..)?, behind.get(..end)?))
    }
}
