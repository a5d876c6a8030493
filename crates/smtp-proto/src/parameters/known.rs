//! The parameters that have a type, and the extensions that brought them.
use crate::Extension;

/// Which of the typed parameters a list holds: one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Known(u32);

macro_rules! parameters {
    ($($name:ident = $bit:literal, $keyword:literal, by $extension:ident;)*) => {
        impl Known {
            $(pub(crate) const $name: Self = Self(1 << $bit);)*

            /// Each, with the extension that has to be offered for it.
            pub(crate) const EXTENSIONS: &[(Self, Extension)] = &[$((Self::$name, Extension::$extension),)*];

            /// How this one is written.
            pub(crate) fn keyword(self) -> &'static str {
                match self {
                    $(Self::$name => $keyword,)*
                    _ => "",
                }
            }
        }
    };
}

parameters! {
    SIZE = 0, "SIZE", by Size;
    BODY = 1, "BODY", by EightBitMime;
    SMTPUTF8 = 2, "SMTPUTF8", by SmtpUtf8;
    AUTH = 3, "AUTH", by Auth;
    RET = 4, "RET", by Dsn;
    ENVID = 5, "ENVID", by Dsn;
    BY = 6, "BY", by DeliverBy;
    MT_PRIORITY = 7, "MT-PRIORITY", by MtPriority;
    HOLDFOR = 8, "HOLDFOR", by FutureRelease;
    HOLDUNTIL = 9, "HOLDUNTIL", by FutureRelease;
    REQUIRETLS = 10, "REQUIRETLS", by RequireTls;
    SOLICIT = 11, "SOLICIT", by NoSoliciting;
    MTRK = 12, "MTRK", by Mtrk;
    TRANSID = 13, "TRANSID", by Checkpoint;
    CONPERM = 14, "CONPERM", by ConPerm;
    SUBMITTER = 15, "SUBMITTER", by Submitter;
    NOTIFY = 16, "NOTIFY", by Dsn;
    ORCPT = 17, "ORCPT", by Dsn;
    RRVS = 18, "RRVS", by Rrvs;
    CONNEG = 19, "CONNEG", by ConNeg;
}

impl Known {
    pub(crate) const NONE: Self = Self(0);

    const SELDOM_OF_MAIL: &[Self] = &[
        Self::AUTH,
        Self::RET,
        Self::ENVID,
        Self::BY,
        Self::MT_PRIORITY,
        Self::HOLDFOR,
        Self::HOLDUNTIL,
        Self::REQUIRETLS,
        Self::SOLICIT,
        Self::MTRK,
        Self::TRANSID,
        Self::CONPERM,
        Self::SUBMITTER,
    ];
    const SELDOM_OF_RCPT: &[Self] = &[Self::RRVS, Self::CONNEG];

    /// What this keyword is in MAIL. Those that most clients say are compared first.
    #[inline]
    pub(crate) fn of_mail(keyword: &[u8]) -> Option<Self> {
        match keyword.len() {
            4 if is_keyword(keyword, b"SIZE") => Some(Self::SIZE),
            4 if is_keyword(keyword, b"BODY") => Some(Self::BODY),
            8 if is_keyword(keyword, b"SMTPUTF8") => Some(Self::SMTPUTF8),
            _ => Self::named(keyword, Self::SELDOM_OF_MAIL),
        }
    }

    /// What this keyword is in RCPT.
    #[inline]
    pub(crate) fn of_rcpt(keyword: &[u8]) -> Option<Self> {
        match keyword.len() {
            6 if is_keyword(keyword, b"NOTIFY") => Some(Self::NOTIFY),
            5 if is_keyword(keyword, b"ORCPT") => Some(Self::ORCPT),
            _ => Self::named(keyword, Self::SELDOM_OF_RCPT),
        }
    }

    #[cold]
    fn named(keyword: &[u8], among: &[Self]) -> Option<Self> {
        among.iter().copied().find(|one| one.keyword().as_bytes().eq_ignore_ascii_case(keyword))
    }

    /// Those of which at most one may stand in a command, where this is one of them.
    #[inline]
    pub(crate) fn excludes(self) -> Self {
        let hold = Self::HOLDFOR.with(Self::HOLDUNTIL);
        if hold.has(self) { hold } else { self }
    }

    /// Is this the keyword of one of them?
    pub(crate) fn names(self, keyword: &str) -> bool {
        let keyword = keyword.as_bytes();
        self.has(Self::of_mail(keyword).or(Self::of_rcpt(keyword)).unwrap_or(Self::NONE))
    }

    #[inline]
    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[inline]
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

/// Is this the same keyword, in whatever case?
#[inline]
pub(super) fn is_keyword<const OCTETS: usize>(octets: &[u8], keyword: &[u8; OCTETS]) -> bool {
    octets.try_into().is_ok_and(|octets| is_same(octets, keyword))
}

/// Are these the same letters in whatever case? All are looked at at once. Where the second are digits or hyphens, the
/// first must be letters, digits or hyphens too.
#[inline]
pub(crate) fn is_same<const OCTETS: usize>(octets: &[u8; OCTETS], letters: &[u8; OCTETS]) -> bool {
    let differs = |differs, (octet, letter): (&u8, &u8)| differs | (octet ^ letter) & !0x20;
    octets.iter().zip(letters).fold(0, differs) == 0
}
