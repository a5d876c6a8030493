//! What a server offers.
use crate::{
    Code, Deviation, DeviationKind, Deviations, Leniency, Mechanism, Reply,
    grammar::{
        Tolerance,
        ehlo::{self, Line},
    },
};
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;
use mail_wire::{
    Output, ParseError, Text,
    span::{self, Key, LONG, fold},
};

/// What a server offers: its reply to EHLO or LHLO, without the greeting on the first line
/// ([RFC 5321 §4.1.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1)).
///
/// A client [parses](Self::parse) it, a server builds it and [replies](Self::reply) with it.
///
/// ```
/// use smtp_proto::{Capabilities, Extension, Mechanism, Text};
/// let offer = Capabilities::new()
///     .with(Extension::Pipelining)
///     .with_size(10_240_000)
///     .with_auth([Mechanism::PLAIN, Mechanism::LOGIN]);
/// let mut wire = Vec::new();
/// offer.reply(&Text::from_static("mx.example.org")).encode(&mut wire);
/// assert_eq!(wire, b"250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 AUTH PLAIN LOGIN\r\n");
/// assert!(offer.has(Extension::Auth) && !offer.has(Extension::StartTls));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    offered: Offered,
    size: Option<u64>,
    mechanisms: Vec<Mechanism>,
    /// Parameters of the others, by extension.
    parameters: Vec<(Extension, Text)>,
    others: Vec<Text>,
}

/// Most mechanisms that are kept: without a limit, looking for duplicates would cost the square of what a peer sends.
const MAX_MECHANISMS: usize = 64;

/// One bit an [`Extension`].
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Offered(u32);

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

            const KEYS: &[Key] = &[$(fold($keyword.as_bytes()),)*];

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
    /// VRFY.
    Vrfy = "VRFY",
    /// EXPN.
    Expn = "EXPN",
    /// HELP.
    Help = "HELP",
}

/// A set of that many fits its bits.
const _: () = assert!(Extension::ALL.len() <= u32::BITS as usize);

impl Extension {
    /// By its EHLO keyword, in any case.
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        Self::from_octets(keyword.as_bytes())
    }

    pub(crate) fn from_octets(keyword: &[u8]) -> Option<Self> {
        let key = fold(keyword);
        let of_key = Self::ALL.iter().zip(Self::KEYS).filter(|(_, other)| **other == key);
        // A long keyword has the key of all long ones.
        let mut of_key = of_key.map(|(extension, _)| *extension);
        of_key.find(|extension| key != LONG || keyword.eq_ignore_ascii_case(extension.keyword().as_bytes()))
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

impl Capabilities {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the reply to EHLO or LHLO.
    ///
    /// # Errors
    /// A line does not follow the grammar, or the parameters of a known keyword do not, and that is not
    /// tolerated. Offsets are counted from behind the reply code.
    pub fn parse(reply: &Reply, leniency: Leniency, deviations: &mut Deviations) -> Result<Self, ParseError> {
        let mut capabilities = Self::new();
        // rule rfc5321 4.1.1.1 greeting-line: the first line is no offer [instead: reply.shared_lines().peekable()]
        let mut lines = reply.shared_lines().skip(1).peekable();
        while let Some(mut line) = lines.next() {
            if line.is_empty() && lines.peek().is_none() {
                // A code alone: it only ends the reply.
                break;
            }
            let blanks = line.iter().rev().take_while(|octet| **octet == b' ').count();
            if blanks > 0 && leniency.tolerates(DeviationKind::ExtraSpaces) {
                line.truncate(line.len() - blanks);
                deviations.push(Deviation { kind: DeviationKind::ExtraSpaces, offset: line.len() });
            }
            let mut tolerance = Tolerance::new(&line, leniency, deviations);
            match span::parse(&line, |i| ehlo::ehlo_line(i, &mut tolerance)) {
                Ok(line) => capabilities.add(line),
                Err(error) => {
                    if !tolerance.tolerate(DeviationKind::OddCapability, span::Span::new(&line)) {
                        return Err(error);
                    }
                    // Texts of a reply hold no CR, LF or NUL.
                    capabilities.others.extend(Text::new(line).ok().filter(|line| !line.is_empty()));
                }
            }
        }
        Ok(capabilities)
    }

    /// The reply to EHLO or LHLO: `greeting` is the server's name, and perhaps some words behind a space.
    ///
    /// Its lines are never wrapped, since each one is a keyword.
    pub fn reply(&self, greeting: &Text) -> Reply {
        let known = Extension::ALL
            .iter()
            .filter(|extension| self.has(**extension))
            .map(|extension| self.line(*extension));
        let others = self.others.iter().map(|line| line.clone().into_bytes());
        Reply::verbatim(Code::OK, [greeting.clone().into_bytes()].into_iter().chain(known).chain(others))
    }

    /// Is this extension offered?
    pub fn has(&self, extension: Extension) -> bool {
        self.offered.0 & 1 << extension as u32 != 0
    }

    /// The largest message in octets. `None`: no limit was told
    /// ([RFC 1870 §4](https://www.rfc-editor.org/rfc/rfc1870#section-4)).
    pub fn size_limit(&self) -> Option<u64> {
        // rule rfc1870 3 size-zero: a SIZE of 0 is no limit [instead: self.size]
        self.size.filter(|octets| *octets != 0)
    }

    /// The SASL mechanisms.
    pub fn mechanisms(&self) -> &[Mechanism] {
        &self.mechanisms
    }

    /// The parameters of an extension, as they were written; not those of `SIZE` and `AUTH`, which are typed.
    pub fn parameters(&self, extension: Extension) -> Option<&Text> {
        self.parameters.iter().find(|(of, _)| *of == extension).map(|(_, parameters)| parameters)
    }

    /// Lines with other keywords, as they were written.
    pub fn others(&self) -> impl Iterator<Item = &Text> {
        self.others.iter()
    }

    /// Offers this too.
    #[must_use]
    pub fn with(mut self, extension: Extension) -> Self {
        self.offered.0 |= 1 << extension as u32;
        self
    }

    /// Offers `SIZE`, with the largest message in octets; 0 is no limit.
    #[must_use]
    pub fn with_size(mut self, octets: u64) -> Self {
        self.size = Some(octets);
        self.with(Extension::Size)
    }

    /// Offers `AUTH` with these mechanisms, and those that were there.
    #[must_use]
    pub fn with_auth(mut self, mechanisms: impl IntoIterator<Item = Mechanism>) -> Self {
        self.add(Line::Auth(mechanisms.into_iter().collect()));
        self
    }

    /// Offers what this line says: a keyword, and perhaps parameters.
    ///
    /// # Errors
    /// It does not follow the grammar.
    pub fn with_line(mut self, line: &str) -> Result<Self, ParseError> {
        let line = Bytes::copy_from_slice(line.as_bytes());
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&line, Leniency::STRICT, &mut deviations);
        let line = span::parse(&line, |i| ehlo::ehlo_line(i, &mut tolerance))?;
        self.add(line);
        Ok(self)
    }

    /// Withdraws this.
    #[must_use]
    pub fn without(mut self, extension: Extension) -> Self {
        self.offered.0 &= !(1 << extension as u32);
        match extension {
            Extension::Size => self.size = None,
            Extension::Auth => self.mechanisms.clear(),
            _ => self.parameters.retain(|(of, _)| *of != extension),
        }
        self
    }

    fn add(&mut self, line: Line) {
        let (extension, parameters) = match line {
            Line::Size(octets) => {
                self.size = self.size.or(octets);
                (Extension::Size, None)
            }
            Line::Auth(mechanisms) => {
                for mechanism in mechanisms {
                    if self.mechanisms.len() < MAX_MECHANISMS && !self.mechanisms.contains(&mechanism) {
                        self.mechanisms.push(mechanism);
                    }
                }
                (Extension::Auth, None)
            }
            Line::Known(extension, parameters) => (extension, parameters),
            Line::Other(line) => return self.others.push(line),
        };
        self.offered.0 |= 1 << extension as u32;
        if let Some(parameters) = parameters {
            match self.parameters.binary_search_by_key(&extension, |(of, _)| *of) {
                // Said twice: the first counts.
                Ok(_) => {}
                Err(at) => self.parameters.insert(at, (extension, parameters)),
            }
        }
    }

    /// The line that offers this.
    fn line(&self, extension: Extension) -> Bytes {
        let mut line = Vec::from(extension.keyword());
        match (extension, self.size, self.parameters(extension)) {
            (Extension::Auth, ..) => {
                for mechanism in &self.mechanisms {
                    line.push(b' ');
                    line.extend_from_slice(mechanism.as_str().as_bytes());
                }
            }
            (Extension::Size, Some(octets), _) => {
                line.push(b' ');
                line.number(octets);
            }
            (_, _, Some(parameters)) => {
                line.push(b' ');
                line.extend_from_slice(parameters.as_bytes());
            }
            _ => {}
        }
        line.into()
    }
}

impl fmt::Debug for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offered = Extension::ALL.iter().filter(|extension| self.0 & 1 << **extension as u32 != 0);
        f.debug_set().entries(offered).finish()
    }
}
