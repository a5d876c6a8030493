//! What a server says.
mod code;
mod enhanced;
mod lines;
mod reader;
mod registry;
mod verdict;

use crate::{Deviations, Leniency, grammar};
use alloc::{string::String, vec::Vec};
use bytes::{Bytes, BytesMut};
pub use code::{Class, Code, InvalidCode};
use core::fmt;
pub use enhanced::{EnhancedClass, EnhancedCode};
pub(crate) use lines::{Lines, cut};
use mail_wire::{ParseError, Secret, Text, sasl};
pub use reader::{ReplyError, ReplyReader};

/// A reply: a code, perhaps an enhanced code, and lines of text
/// ([RFC 5321 §4.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2)).
///
/// Text that begins with an enhanced code of the same class as the reply holds just that: it becomes
/// [`enhanced`](Self::enhanced), and is written on every line, as
/// [RFC 2034 §4](https://www.rfc-editor.org/rfc/rfc2034#section-4) asks.
///
/// ```
/// use smtp_proto::{Code, EnhancedCode, Reply, Text};
/// let reply = Reply::new(Code::MAILBOX_UNAVAILABLE, Text::from_static("5.1.1 No such user"));
/// assert_eq!(reply.enhanced(), Some(EnhancedCode::permanent(1, 1)));
/// assert!(reply.lines().eq([b"No such user"]));
///
/// let mut wire = Vec::new();
/// reply.encode(&mut wire);
/// assert_eq!(wire, b"550 5.1.1 No such user\r\n");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reply {
    code: Code,
    enhanced: Option<EnhancedCode>,
    pub(crate) lines: Lines,
}

/// An enhanced code must be of the same class as its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enhanced code {enhanced} in a reply with code {code}")]
pub struct ClassMismatch {
    /// The reply's code.
    pub code: Code,
    /// The enhanced code.
    pub enhanced: EnhancedCode,
}

/// Longest line of a reply, CRLF counted ([RFC 5321 §4.5.3.1.5](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.5)).
const MAX_LINE: usize = 512;
/// Octets of text on a line: what `550-5.999.999 ` and CRLF leave.
const ROOM: usize = MAX_LINE - 14 - 2;

impl Reply {
    /// A reply of one line of text, wrapped where that is too long.
    pub fn new(code: Code, text: Text) -> Self {
        Self::from_lines(code, [text])
    }

    /// A reply of several lines, each wrapped where it is too long.
    pub fn from_lines(code: Code, lines: impl IntoIterator<Item = Text>) -> Self {
        Self::from_raw(code, Lines::of(wrap(join(lines.into_iter().map(Text::into_bytes))), 0), true)
    }

    /// Reads a whole reply as it stands on the wire, all lines of it, and shares its block.
    ///
    /// A [`ReplyReader`] does the same for lines that come one by one.
    ///
    /// ```
    /// use smtp_proto::{Bytes, Deviations, Leniency, Reply};
    /// let wire = Bytes::from_static(b"250-mx.example.org\r\n250 PIPELINING\r\n");
    /// let reply = Reply::parse(&wire, Leniency::STRICT, &mut Deviations::new())?;
    /// assert!(reply.lines().eq(["mx.example.org", "PIPELINING"].map(str::as_bytes)));
    /// # Ok::<(), smtp_proto::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// It is not one reply and nothing else, each line of it with its CRLF. The error's place is counted from the
    /// start of the block; those of deviations from the start of their line.
    pub fn parse(block: &Bytes, leniency: Leniency, deviations: &mut Deviations) -> Result<Self, ParseError> {
        reader::whole(block, leniency, deviations)
    }

    /// A reply with an enhanced code, wrapped where it is too long.
    ///
    /// # Errors
    /// The two codes are not of one class: 250 goes with 2.1.5, 550 with 5.1.1, 354 with none.
    pub fn with_enhanced(code: Code, enhanced: EnhancedCode, text: Text) -> Result<Self, ClassMismatch> {
        // rule rfc2034 4 classes-agree: both codes of a reply are of one class
        if !enhanced.fits(code) {
            return Err(ClassMismatch { code, enhanced });
        }
        Ok(Self { code, enhanced: Some(enhanced), lines: Lines::of(wrap(text.into_bytes()), 0) })
    }

    /// A 334 that asks for the next octets of a SASL exchange
    /// ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)). It is never wrapped.
    pub fn from_challenge(octets: &[u8]) -> Self {
        let mut text = Vec::new();
        sasl::encode(octets, &mut text);
        Self { code: Code::CHALLENGE, enhanced: None, lines: Lines::of(text.into(), 0) }
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The enhanced code: of the first line that has one of the reply's class.
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.enhanced
    }

    /// The lines of text, at least one, without codes. Not always UTF-8.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter()
    }

    /// The octets of a challenge: the text of a 334 is base64.
    ///
    /// # Errors
    /// It is not.
    pub fn challenge(&self) -> Result<Secret, sasl::NotBase64> {
        // The end of a line is no base64.
        sasl::decode(self.lines.block().get(self.lines.front()..).unwrap_or_default())
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { lines: self.lines.detach(), ..*self }
    }

    /// Of lines as they stand behind the code: with an enhanced code in front of some of them, perhaps.
    #[inline]
    fn from_raw(code: Code, lines: Lines, leads: bool) -> Self {
        // 3yz has no enhanced code.
        if leads && code.class() != Class::Intermediate {
            return Self::with_leading(code, lines);
        }
        Self { code, enhanced: None, lines }
    }

    /// Looks for an enhanced code in front of the lines.
    fn with_leading(code: Code, lines: Lines) -> Self {
        let leading = |line: &[u8]| grammar::reply::leading_code(line, code);
        let Some((enhanced, octets)) = lines.iter().find_map(leading) else {
            return Self { code, enhanced: None, lines };
        };
        if is_alike(&lines, octets) {
            return Self { code, enhanced: Some(enhanced), lines: lines.with_front(octets + 1) };
        }
        let bare = |line: Bytes| match leading(&line) {
            // rule rfc2034 4 code-taken-off: the enhanced code in front of each line is no part of its text
            Some((code, octets)) if code == enhanced => line.slice(line.len().min(usize::from(octets) + 1)..),
            _ => line,
        };
        Self { code, enhanced: Some(enhanced), lines: Lines::of(join(lines.shared().map(bare)), 0) }
    }

    /// Lines as they are: neither wrapped nor searched for an enhanced code.
    pub(crate) fn verbatim(code: Code, lines: impl IntoIterator<Item = Bytes>) -> Self {
        Self { code, enhanced: None, lines: Lines::of(join(lines), 0) }
    }
}

/// Does each line begin with the same so many octets and a space, so that these need only be passed over? An only line
/// may end with them.
fn is_alike(lines: &Lines, octets: u8) -> bool {
    let mut all = lines.iter();
    let first = all.next().and_then(|line| line.split_at_checked(octets.into()));
    match (first, all.next()) {
        (Some((_, [] | [b' ', ..])), None) => true,
        (Some((first, _)), Some(_)) => {
            lines.iter().all(|line| matches!(line.strip_prefix(first), Some([b' ', ..])))
        }
        _ => false,
    }
}

/// Breaks lines that are too long: at a space if there is one, else between two characters.
fn wrap(text: Bytes) -> Bytes {
    if text.split(|octet| *octet == b'\n').all(|line| line.len() <= ROOM) {
        return text;
    }
    let mut wrapped = BytesMut::with_capacity(text.len() + 8);
    for mut line in text.split(|octet| *octet == b'\n') {
        // rule rfc5321 4.5.3.1.5 reply-512: a line of a reply has at most 512 octets
        while let Some((head, _)) = line.split_at_checked(ROOM + 1) {
            let space = head.iter().rposition(|octet| *octet == b' ').filter(|at| *at > ROOM / 2);
            let (head, tail) = line.split_at(space.unwrap_or_else(|| character_start(line, ROOM)));
            wrapped.extend_from_slice(head);
            wrapped.extend_from_slice(b"\n");
            // The line's end stands for the space.
            line = if space.is_some() { tail.get(1..).unwrap_or_default() } else { tail };
        }
        wrapped.extend_from_slice(line);
        wrapped.extend_from_slice(b"\n");
    }
    wrapped.truncate(wrapped.len().saturating_sub(1));
    wrapped.freeze()
}

/// Where the character starts that octet `at` is part of, if the text is UTF-8.
fn character_start(text: &[u8], at: usize) -> usize {
    let starts = |at: &usize| text.get(*at).is_none_or(|octet| octet & 0xc0 != 0x80);
    (at.saturating_sub(3)..=at).rev().find(starts).unwrap_or(at)
}

/// Joins lines with LF; a single one is shared, not copied.
fn join(lines: impl IntoIterator<Item = Bytes>) -> Bytes {
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    let Some(second) = lines.next() else { return first };
    let mut text = BytesMut::from(first);
    for line in [second].into_iter().chain(lines) {
        text.extend_from_slice(b"\n");
        text.extend_from_slice(&line);
    }
    text.freeze()
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} ", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, "{enhanced} ")?;
        }
        for (at, line) in self.lines().enumerate() {
            f.write_str(if at == 0 { "\"" } else { "\\n" })?;
            fmt::Display::fmt(&line.escape_ascii(), f)?;
        }
        f.write_str("\")")
    }
}

/// Code, enhanced code and lines, on one line.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        for line in self.lines().filter(|line| !line.is_empty()) {
            write!(f, " {}", String::from_utf8_lossy(line))?;
        }
        Ok(())
    }
}
