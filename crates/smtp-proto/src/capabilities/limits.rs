//! How much a server takes.
use crate::grammar::offer;
use core::num::NonZeroU32;
use mail_wire::span;

/// What a server says that it takes, in its reply to EHLO: `LIMITS`
/// ([RFC 9422](https://www.rfc-editor.org/rfc/rfc9422)).
///
/// A limit that does not follow the grammar is none, as the RFC has it.
///
/// ```
/// use smtp_proto::Capabilities;
/// let offer = Capabilities::new().with_line("LIMITS MAILMAX=1000 RCPTMAX=50000 NEW")?;
/// assert_eq!(offer.limits().rcptmax().map(u32::from), Some(50_000));
/// assert_eq!(offer.limits().rcptdomainmax(), None);
/// assert!(offer.limits().unknown().eq([("NEW", None)]));
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits<'a>(&'a str);

const MAILMAX: &str = "MAILMAX";
const RCPTMAX: &str = "RCPTMAX";
const RCPTDOMAINMAX: &str = "RCPTDOMAINMAX";

impl<'a> Limits<'a> {
    /// How many transactions it takes in one session, refused ones counted too
    /// ([RFC 9422 §4.1](https://www.rfc-editor.org/rfc/rfc9422#section-4.1)).
    pub fn mailmax(self) -> Option<NonZeroU32> {
        self.number(MAILMAX)
    }

    /// How many RCPT it takes in one transaction, refused ones counted too
    /// ([RFC 9422 §4.2](https://www.rfc-editor.org/rfc/rfc9422#section-4.2)).
    pub fn rcptmax(self) -> Option<NonZeroU32> {
        self.number(RCPTMAX)
    }

    /// In how many different domains recipients of one session may be
    /// ([RFC 9422 §4.3](https://www.rfc-editor.org/rfc/rfc9422#section-4.3)).
    pub fn rcptdomainmax(self) -> Option<NonZeroU32> {
        self.number(RCPTDOMAINMAX)
    }

    /// All that were told, as they were written.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let limits = self.0.split(' ').filter(|limit| !limit.is_empty());
        limits.map(|limit| match limit.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (limit, None),
        })
    }

    /// Limits of later RFCs.
    pub fn unknown(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let is_known = |name: &str| {
            [MAILMAX, RCPTMAX, RCPTDOMAINMAX].iter().any(|known| name.eq_ignore_ascii_case(known))
        };
        self.iter().filter(move |(name, _)| !is_known(name))
    }

    /// Of what stands behind the keyword.
    pub(super) fn of(parameters: &'a str) -> Self {
        match span::parse_text(parameters.as_bytes(), offer::limits_param) {
            Ok(()) => Self(parameters),
            // rule rfc9422 3.7 ignored-as-a-whole: LIMITS against the grammar tell nothing [instead: Self(parameters)]
            Err(_) => Self::default(),
        }
    }

    fn number(self, limit: &str) -> Option<NonZeroU32> {
        let (_, value) = self.iter().find(|(name, _)| name.eq_ignore_ascii_case(limit))?;
        // rule rfc9422 3.7 ignored-alone: a limit whose value is none is not told, and others stand [instead: 1]
        let number = span::parse_text(value?.as_bytes(), offer::limit_value).ok()?;
        NonZeroU32::new(number)
    }
}
