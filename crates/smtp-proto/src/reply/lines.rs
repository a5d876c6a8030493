//! Lines of a reply, where they came.
use crate::grammar::reply::plain;
use bytes::Bytes;
use core::hash::{Hash, Hasher};

/// At least one line, all of them in one block with LF or CRLF between: no NUL, no other CR or LF.
///
/// They stay as they came, so that a reply of many lines shares its block and copies none of them.
#[derive(Clone, Default)]
pub(crate) struct Lines {
    block: Bytes,
    /// Octets in front of each line that are no text of it, as its code. Only the last line may have fewer.
    front: u8,
}

impl Lines {
    pub(crate) fn of(block: Bytes, front: u8) -> Self {
        Self { block, front }
    }

    /// The lines, without what stands in front of them.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let mut left = Some(&self.block[..]);
        core::iter::from_fn(move || {
            let (line, behind) = cut(left?.get(self.front()..).unwrap_or_default());
            left = behind;
            Some(line)
        })
    }

    /// The same, sharing the block.
    pub(crate) fn shared(&self) -> impl Iterator<Item = Bytes> {
        self.iter().map(|line| self.block.slice_ref(line))
    }

    /// The lines behind the first. `None`: there are none.
    #[inline]
    pub(crate) fn behind_first(&self) -> Option<Self> {
        let (_, behind) = cut(self.block.get(self.front()..)?);
        let start = self.block.len() - behind?.len();
        Some(Self { block: self.block.slice(start..), front: self.front })
    }

    /// The block, with what stands in front of lines.
    #[inline]
    pub(crate) fn block(&self) -> &[u8] {
        &self.block
    }

    /// How many octets stand in front of each line.
    #[inline]
    pub(crate) fn front(&self) -> usize {
        self.front.into()
    }

    /// The same with as many more octets that are no text.
    pub(crate) fn with_front(self, more: u8) -> Self {
        Self { front: self.front.saturating_add(more), ..self }
    }

    /// A copy, free of the block they were read in.
    pub(crate) fn detach(&self) -> Self {
        Self { block: Bytes::copy_from_slice(&self.block), front: self.front }
    }
}

/// The line that `text` begins with, and what is behind its end. `None`: it is the last.
#[inline]
pub(crate) fn cut(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    // What ends plain text is nearly always the end of its line.
    match text.split_at_checked(plain(text)) {
        Some((line, [b'\r', b'\n', behind @ ..] | [b'\n', behind @ ..])) => (line, Some(behind)),
        Some((line, [])) => (line, None),
        _ => odd(text),
    }
}

/// The same of a line that is not plain.
fn odd(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let Some((line, behind)) = memchr::memchr(b'\n', text).and_then(|at| text.split_at_checked(at)) else {
        return (text, None);
    };
    (line.strip_suffix(b"\r").unwrap_or(line), behind.get(1..))
}

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Lines {}

impl Hash for Lines {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.iter().for_each(|line| line.hash(state));
    }
}
