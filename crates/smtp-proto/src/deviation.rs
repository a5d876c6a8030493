//! What lenient parsing tolerated.

/// A departure from the grammar that [`Leniency`](crate::Leniency) can tolerate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum DeviationKind {
    /// White space after the colon: `MAIL FROM: <a@example.org>`.
    SpaceAfterColon,
    /// Several spaces where one is due.
    ExtraSpaces,
    /// A path without its brackets: `MAIL FROM:a@example.org`.
    PathWithoutBrackets,
    /// A local part with a dot at its start or end, or two in a row: `a..b@example.org`.
    LooseDots,
    /// A local part of more than 64 octets.
    LongLocalPart,
    /// An underscore in a domain name.
    UnderscoreInDomain,
    /// A client name that is neither a domain name nor an address literal: `EHLO [IPV6:fe80::1]`, `EHLO my pc`.
    OddClientName,
    /// No client name at all: `EHLO`.
    MissingClientName,
    /// An EHLO line that says `AUTH=LOGIN` for `AUTH LOGIN`.
    AuthEquals,
    /// An EHLO line that does not follow the grammar, or one whose parameters do not fit its keyword: it is kept as it
    /// came, where no other tolerance explains it.
    OddCapability,
    /// Several codes in one reply; the one on the last line counts.
    CodesDiffer,
    /// A line without a reply code.
    MissingCode,
    /// A reply code whose second digit is above 5.
    OddCode,
    /// Reply text that is not UTF-8.
    TextCharset,
    /// A line of a reply that ends in a bare LF.
    BareLf,
}

/// One thing that was tolerated, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Deviation {
    /// What.
    pub kind: DeviationKind,
    /// Where, counted in octets from the start of the line.
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
