//! The parameters that have a type, and the extensions that brought them.
use crate::Extension;
use mail_wire::span::{Key, fold};

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

        $(const $name: Key = fold($keyword.as_bytes());)*
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

    /// What this keyword is in MAIL.
    #[inline]
    pub(crate) fn of_mail(keyword: Key) -> Option<Self> {
        match keyword {
            SIZE => Some(Self::SIZE),
            BODY => Some(Self::BODY),
            SMTPUTF8 => Some(Self::SMTPUTF8),
            AUTH => Some(Self::AUTH),
            RET => Some(Self::RET),
            ENVID => Some(Self::ENVID),
            BY => Some(Self::BY),
            MT_PRIORITY => Some(Self::MT_PRIORITY),
            HOLDFOR => Some(Self::HOLDFOR),
            HOLDUNTIL => Some(Self::HOLDUNTIL),
            REQUIRETLS => Some(Self::REQUIRETLS),
            SOLICIT => Some(Self::SOLICIT),
            MTRK => Some(Self::MTRK),
            TRANSID => Some(Self::TRANSID),
            CONPERM => Some(Self::CONPERM),
            SUBMITTER => Some(Self::SUBMITTER),
            _ => None,
        }
    }

    /// What this keyword is in RCPT.
    #[inline]
    pub(crate) fn of_rcpt(keyword: Key) -> Option<Self> {
        match keyword {
            NOTIFY => Some(Self::NOTIFY),
            ORCPT => Some(Self::ORCPT),
            RRVS => Some(Self::RRVS),
            CONNEG => Some(Self::CONNEG),
            _ => None,
        }
    }

    /// Those of which at most one may stand in a command, where this is one of them.
    #[inline]
    pub(crate) fn excludes(self) -> Self {
        let hold = Self::HOLDFOR.with(Self::HOLDUNTIL);
        if hold.has(self) { hold } else { self }
    }

    /// Is this the keyword of one of them?
    pub(crate) fn names(self, keyword: &str) -> bool {
        let key = fold(keyword.as_bytes());
        self.has(Self::of_mail(key).or(Self::of_rcpt(key)).unwrap_or(Self::NONE))
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
