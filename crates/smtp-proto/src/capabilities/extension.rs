//! Extensions that have an EHLO keyword.
use crate::grammar::ehlo;
use core::fmt;

macro_rules! extensions {
    ($($(#[$doc:meta])* $name:ident = $keyword:literal,)*) => {
        /// An extension with an EHLO keyword of its own, in the order a server lists them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Extension {
            $($(#[$doc])* $name,)*
        }

        impl Extension {
            /// All that this library knows.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its EHLO keyword.
            pub const fn keyword(self) -> &'static str {
                match self {
                    $(Self::$name => $keyword,)*
                }
            }
        }
    };
}

extensions! {
    /// Several commands in one write ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)).
    Pipelining = "PIPELINING",
    /// Declares and limits the size of messages ([RFC 1870](https://www.rfc-editor.org/rfc/rfc1870)).
    Size = "SIZE",
    /// Lines of octets above 127 ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    EightBitMime = "8BITMIME",
    /// UTF-8 in addresses and header fields ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)).
    SmtpUtf8 = "SMTPUTF8",
    /// Enhanced codes in replies ([RFC 2034](https://www.rfc-editor.org/rfc/rfc2034)).
    EnhancedStatusCodes = "ENHANCEDSTATUSCODES",
    /// Delivery status notifications ([RFC 3461](https://www.rfc-editor.org/rfc/rfc3461)).
    Dsn = "DSN",
    /// BDAT ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)).
    Chunking = "CHUNKING",
    /// Messages that are not lines ([RFC 3030 §3](https://www.rfc-editor.org/rfc/rfc3030#section-3)).
    BinaryMime = "BINARYMIME",
    /// STARTTLS ([RFC 3207](https://www.rfc-editor.org/rfc/rfc3207)).
    StartTls = "STARTTLS",
    /// AUTH ([RFC 4954](https://www.rfc-editor.org/rfc/rfc4954)).
    Auth = "AUTH",
    /// TLS is demanded on the whole way ([RFC 8689](https://www.rfc-editor.org/rfc/rfc8689)).
    RequireTls = "REQUIRETLS",
    /// Tells limits of transactions ([RFC 9422](https://www.rfc-editor.org/rfc/rfc9422)).
    Limits = "LIMITS",
    /// Delivery by a time ([RFC 2852](https://www.rfc-editor.org/rfc/rfc2852)).
    DeliverBy = "DELIVERBY",
    /// Delivery not before a time ([RFC 4865](https://www.rfc-editor.org/rfc/rfc4865)).
    FutureRelease = "FUTURERELEASE",
    /// Priorities ([RFC 6710](https://www.rfc-editor.org/rfc/rfc6710)).
    MtPriority = "MT-PRIORITY",
    /// Recipients that must have been valid since a time ([RFC 7293](https://www.rfc-editor.org/rfc/rfc7293)).
    Rrvs = "RRVS",
    /// Message tracking ([RFC 3885](https://www.rfc-editor.org/rfc/rfc3885)).
    Mtrk = "MTRK",
    /// Messages by reference ([RFC 4468](https://www.rfc-editor.org/rfc/rfc4468)).
    Burl = "BURL",
    /// Conversion is permitted ([RFC 4141](https://www.rfc-editor.org/rfc/rfc4141)).
    ConPerm = "CONPERM",
    /// Conversion is negotiated ([RFC 4141](https://www.rfc-editor.org/rfc/rfc4141)).
    ConNeg = "CONNEG",
    /// Unwanted kinds of mail ([RFC 3865](https://www.rfc-editor.org/rfc/rfc3865)).
    NoSoliciting = "NO-SOLICITING",
    /// Resuming a transaction ([RFC 1845](https://www.rfc-editor.org/rfc/rfc1845)).
    Checkpoint = "CHECKPOINT",
    /// Who is responsible for a message ([RFC 4405](https://www.rfc-editor.org/rfc/rfc4405)).
    Submitter = "SUBMITTER",
    /// ETRN ([RFC 1985](https://www.rfc-editor.org/rfc/rfc1985)).
    Etrn = "ETRN",
    /// ATRN ([RFC 2645](https://www.rfc-editor.org/rfc/rfc2645)).
    Atrn = "ATRN",
    /// XCLIENT, which no RFC has ([Postfix](https://www.postfix.org/XCLIENT_README.html)).
    XClient = "XCLIENT",
    /// XFORWARD, which no RFC has ([Postfix](https://www.postfix.org/XFORWARD_README.html)).
    XForward = "XFORWARD",
    /// VRFY.
    Vrfy = "VRFY",
    /// EXPN.
    Expn = "EXPN",
    /// HELP.
    Help = "HELP",
    /// SEND, which is obsolete ([RFC 821 §3.4](https://www.rfc-editor.org/rfc/rfc821)).
    Send = "SEND",
    /// SOML, which is obsolete ([RFC 821 §3.4](https://www.rfc-editor.org/rfc/rfc821)).
    Soml = "SOML",
    /// SAML, which is obsolete ([RFC 821 §3.4](https://www.rfc-editor.org/rfc/rfc821)).
    Saml = "SAML",
    /// TURN, which is obsolete ([RFC 821 §3.8](https://www.rfc-editor.org/rfc/rfc821)).
    Turn = "TURN",
    /// VERB: the server tells more of what it does. Of Sendmail.
    Verb = "VERB",
    /// ONEX: one transaction alone will come. Of Sendmail.
    Onex = "ONEX",
    /// UTF-8 in addresses and header fields, as it was before SMTPUTF8; obsolete
    /// ([RFC 5336](https://www.rfc-editor.org/rfc/rfc5336)).
    Utf8Smtp = "UTF8SMTP",
}

impl Extension {
    /// By its EHLO keyword, in any case.
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        Self::from_octets(keyword.as_bytes())
    }

    /// By the first eight octets of its keyword, in any case, the first one lowest, with NUL behind a shorter
    /// one. The others are above 0x20.
    #[inline]
    pub(crate) fn from_front(front: u64) -> Option<Self> {
        let front = front & ANY_CASE;
        let (of, extension) = (*SLOTS.get(slot(front))?)?;
        (of == front).then_some(extension)
    }

    #[inline]
    pub(crate) fn from_octets(keyword: &[u8]) -> Option<Self> {
        let (found, behind) = ehlo::known_keyword(keyword)?;
        behind.is_empty().then_some(found)
    }
}

/// Leaves the bit out that tells upper case from lower. No digit, and no hyphen, becomes by it what another octet above
/// 0x20 becomes.
const ANY_CASE: u64 = !u64::from_ne_bytes([0x20; 8]);

/// With this the front of a keyword tells a slot, and no two tell the same: it was found by trying.
const FACTOR: u64 = 0xd7a0_c961_07b3_cfb1;

/// The known keywords by their fronts, each in its slot.
static SLOTS: [Option<(u64, Extension)>; 128] = slots();

#[inline]
const fn slot(front: u64) -> usize {
    (front.wrapping_mul(FACTOR) >> 57) as usize
}

#[expect(clippy::indexing_slicing, reason = "a slot is below 128")]
const fn slots() -> [Option<(u64, Extension)>; 128] {
    let (mut slots, mut rest) = ([None; 128], Extension::ALL);
    while let [extension, behind @ ..] = rest {
        let front = front(extension.keyword().as_bytes()) & ANY_CASE;
        assert!(slots[slot(front)].is_none(), "another factor is needed");
        slots[slot(front)] = Some((front, *extension));
        rest = behind;
    }
    slots
}

/// The first eight octets of a keyword, the first one lowest, with NUL behind a shorter one.
const fn front(keyword: &[u8]) -> u64 {
    let (mut front, mut rest) = (0, keyword);
    while let [first @ .., last] = rest {
        // Those behind the eighth move out.
        front = front << 8 | *last as u64;
        rest = first;
    }
    front
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

/// Some extensions: one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Offered(u64);

/// A set of that many fits its bits.
const _: () = assert!(Extension::ALL.len() <= u64::BITS as usize);

impl Offered {
    #[inline]
    pub(super) fn has(self, extension: Extension) -> bool {
        self.0 & 1 << extension as u32 != 0
    }

    #[inline]
    pub(super) fn add(&mut self, extension: Extension) {
        self.0 |= 1 << extension as u32;
    }

    pub(super) fn remove(&mut self, extension: Extension) {
        self.0 &= !(1 << extension as u32);
    }

    /// All of them, in the order of [`Extension::ALL`].
    pub(super) fn iter(self) -> impl Iterator<Item = Extension> {
        Extension::ALL.iter().copied().filter(move |extension| self.has(*extension))
    }
}

impl fmt::Debug for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_keyword_is_found_in_any_case_and_nothing_else_is() {
        for extension in Extension::ALL {
            let keyword = extension.keyword().as_bytes();
            for at in 0..=keyword.len() {
                for octet in 0..=255 {
                    let mut octets = Vec::from(keyword);
                    octets.splice(at..keyword.len().min(at + 1), [octet]);
                    let named = |one: &&Extension| one.keyword().as_bytes().eq_ignore_ascii_case(&octets);
                    let expected = Extension::ALL.iter().find(named).copied();
                    assert_eq!(Extension::from_octets(&octets), expected, "{}", octets.escape_ascii());
                }
            }
        }
    }
}
