//! What lenient parsing tolerated.

/// A departure from the grammar that [`Leniency`](crate::Leniency) can tolerate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum DeviationKind {
    // In commands and responses alike.
    /// Several spaces where one is due, or one where none is: `1 FETCH (UID 7  FLAGS () )`.
    ExtraSpaces,
    /// Spaces at the end of a unit.
    TrailingSpaces,
    /// Octets above 0x7F where ASCII is due, or ones that are no UTF-8 where that is.
    EightBit,
    /// A backslash in a quoted string that escapes neither `"` nor `\`. It stands for itself.
    LooseEscape,
    /// CR or LF in a quoted string.
    LineBreakInQuoted,
    /// NUL in a literal that is no `literal8`.
    NulInLiteral,
    /// A `literal8` where only a literal may stand: `BODY[] ~{3}`.
    Literal8,
    /// A literal whose announcement ends in LF alone.
    BareLfBehindLiteral,
    /// A line that ends in LF alone.
    BareLf,
    /// A number that begins with zero where that may not be: `FETCH 01`.
    LeadingZero,
    /// A day of one digit where two places are due: `"4-Jan-2015 16:53:35 +0800"`.
    ShortDay,
    /// `]` in a flag: `OIB-Seen-[Gmail]/Sent`.
    BracketInFlag,
    /// `\*` among flags that are not the permanent ones.
    WildcardFlag,
    // In commands.
    /// `\Recent` among the flags to set. Nobody can set it, so it means nothing.
    RecentFlag,
    // In responses.
    /// No space where one is due: `a1 OK[READ-WRITE]`.
    MissingSpace,
    /// Neither text nor the space in front of it: `a1 OK`, `+`.
    MissingText,
    /// Octets behind the end of a response: `* ID NIL+`.
    TrailingOctets,
    /// A quotation mark that is neither escaped nor the end of its string: `("TEXT" "HTML"" NIL ..`.
    UnescapedQuote,
    /// An atom, or several words, where a string is due: `* LIST () "/" Sent Items`.
    UnquotedString,
    /// NIL where a string is due.
    NilString,
    /// A number below zero. It means zero.
    NegativeNumber,
    /// Zero where a number above it is due.
    ZeroNumber,
    /// A list of nothing where NIL, or at least one item, is due: `()` for no addresses.
    EmptyList,
    /// Fewer fields than a structure has: an envelope without Message-ID, a date without its zone, which is read as UTC.
    MissingField,
    /// No parentheses where some are due: `MODSEQ 5`.
    MissingParenthesis,
    /// A string for a disposition: `"inline"` for `("inline" NIL)`.
    BareDisposition,
    /// A `message/rfc822` without envelope, or NIL for one.
    MissingEnvelope,
    /// A multipart of no parts.
    ChildlessMultipart,
    /// A response code that does not follow the grammar. It is kept as it is.
    OddCode,
    /// A response code without the `* OK` in front of it.
    MissingStatus,
    /// A capability that is no atom, or `LITERAL +` for `LITERAL+`.
    OddCapability,
    /// An attribute of a mailbox that is no flag: `\\Foo]`.
    OddAttribute,
    /// A hierarchy delimiter that is none: `""` for NIL, or a backslash that is not escaped.
    OddDelimiter,
    /// A section in a form that commands have and responses do not: `BODY.PEEK[]`, `BODY[]<0.100>`.
    OddSection,
    /// An item of FETCH that was given up.
    InvalidItem,
    /// A response that was given up.
    InvalidResponse,
    /// A message number or a UID that cannot be, after what was told before.
    Contradiction,
}

/// One thing that was tolerated, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Deviation {
    /// What.
    pub kind: DeviationKind,
    /// Where, counted in octets from the start of the unit.
    pub offset: usize,
}

/// What was tolerated: the first eight, and how many more there were.
///
/// It holds no heap memory, whatever a peer sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deviations {
    listed: [Option<Deviation>; 8],
    unlisted: usize,
}

impl Deviations {
    /// None yet.
    pub const fn new() -> Self {
        Self { listed: [None; 8], unlisted: 0 }
    }

    /// Adds one; past the eighth it is only counted.
    pub fn push(&mut self, deviation: Deviation) {
        match self.listed.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(deviation),
            None => self.unlisted = self.unlisted.saturating_add(1),
        }
    }

    /// Forgets those from this offset on: what they were for was given up. Those that are not listed stay counted.
    pub(crate) fn forget_from(&mut self, offset: usize) {
        for place in &mut self.listed {
            *place = place.filter(|deviation| deviation.offset < offset);
        }
    }

    /// Was nothing tolerated?
    pub fn is_empty(&self) -> bool {
        self.listed.first().is_none_or(Option::is_none)
    }

    /// The first eight, in the order they were met.
    pub fn iter(&self) -> impl Iterator<Item = Deviation> + '_ {
        self.listed.iter().flatten().copied()
    }

    /// How many there were besides the first eight.
    pub fn unlisted(&self) -> usize {
        self.unlisted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_bounded_and_tells_what_it_left_out() {
        let mut deviations = Deviations::new();
        assert!(deviations.is_empty());
        for offset in 0..11 {
            deviations.push(Deviation { kind: DeviationKind::ExtraSpaces, offset });
        }
        assert!(deviations.iter().map(|deviation| deviation.offset).eq(0..8));
        assert_eq!(deviations.unlisted(), 3);
        assert!(!deviations.is_empty());
    }
}
