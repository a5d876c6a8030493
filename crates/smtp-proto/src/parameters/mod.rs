//! What extensions add to MAIL and RCPT.
mod delivery;
mod dsn;
mod known;
mod list;
mod time;
mod value;

pub use delivery::{ByMode, DeliverBy, Hold, Priority, Tracking, Unsupported, ValidSince};
pub use dsn::{Notify, OriginalRecipient, Ret};
pub(crate) use known::{Known, is_same};
pub(crate) use list::{List, Listed};
pub use time::DateTime;
pub use value::{Body, Submitter};

use crate::{Mailbox, grammar, xtext};
use alloc::vec::Vec;
use core::fmt;
use mail_wire::{Output, ParseError, Text};

/// The parameters of MAIL: `esmtp-param *(SP esmtp-param)`
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
///
/// Typed ones were checked when they were read, so their accessors cannot fail; none stands twice. Two lists are
/// equal when they hold the same values in the same order, however the keywords are capitalised.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MailParameters<'a>(Listed<'a>);

/// The parameters of RCPT, as [`MailParameters`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RcptParameters<'a>(Listed<'a>);

impl<'a> MailParameters<'a> {
    /// `SIZE`: about how many octets the message has ([RFC 1870 §6](https://www.rfc-editor.org/rfc/rfc1870#section-6)).
    pub fn size(self) -> Option<u64> {
        self.0.value(Known::SIZE)?.parse().ok()
    }

    /// `BODY`: what the message is made of.
    pub fn body(self) -> Option<Body> {
        Body::from_keyword(self.0.value(Known::BODY)?.as_bytes())
    }

    /// `SMTPUTF8`: may addresses and header fields be UTF-8? ([RFC 6531 §3.4](https://www.rfc-editor.org/rfc/rfc6531#section-3.4))
    pub fn smtputf8(self) -> bool {
        self.0.known().has(Known::SMTPUTF8)
    }

    /// `AUTH`: who first submitted the message. Decoded anew each time.
    pub fn auth(self) -> Option<Submitter> {
        let text = xtext::decode(self.0.value(Known::AUTH)?.as_bytes()).ok()?;
        grammar::parameter::submitter(text).ok()
    }

    /// `RET`: how much of the message a notification of failure returns.
    pub fn ret(self) -> Option<Ret> {
        Ret::from_keyword(self.0.value(Known::RET)?.as_bytes())
    }

    /// `ENVID`: what notifications call the transaction
    /// ([RFC 3461 §4.4](https://www.rfc-editor.org/rfc/rfc3461#section-4.4)). Decoded anew each time.
    pub fn envid(self) -> Option<Text> {
        xtext::decode(self.0.value(Known::ENVID)?.as_bytes()).ok()
    }

    /// `BY`: by when the message must be delivered.
    pub fn by(self) -> Option<DeliverBy> {
        delivery::by(self.0.value(Known::BY)?)
    }

    /// `MT-PRIORITY`: how urgent the message is.
    pub fn priority(self) -> Option<Priority> {
        self.0.value(Known::MT_PRIORITY)?.parse().ok()
    }

    /// `HOLDFOR` or `HOLDUNTIL`: how long the message is held. At most one of them stands.
    pub fn hold(self) -> Option<Hold<'a>> {
        match self.0.value(Known::HOLDFOR) {
            Some(seconds) => seconds.parse().ok().map(Hold::For),
            None => self.0.value(Known::HOLDUNTIL).map(DateTime::from_checked).map(Hold::Until),
        }
    }

    /// `REQUIRETLS`: is TLS demanded on the whole way?
    /// ([RFC 8689 §2](https://www.rfc-editor.org/rfc/rfc8689#section-2))
    pub fn requiretls(self) -> bool {
        self.0.known().has(Known::REQUIRETLS)
    }

    /// `SOLICIT`: which kinds of unwanted mail the message is of
    /// ([RFC 3865 §2](https://www.rfc-editor.org/rfc/rfc3865#section-2)).
    pub fn solicit(self) -> impl Iterator<Item = &'a str> {
        self.0.value(Known::SOLICIT).into_iter().flat_map(|words| words.split(','))
    }

    /// `MTRK`: how the message may be tracked.
    pub fn mtrk(self) -> Option<Tracking<'a>> {
        self.0.value(Known::MTRK).map(Tracking::from_checked)
    }

    /// `TRANSID`: names the transaction, with `<` and `>`, so that it can be resumed
    /// ([RFC 1845 §2](https://www.rfc-editor.org/rfc/rfc1845#section-2)).
    pub fn transid(self) -> Option<&'a str> {
        self.0.value(Known::TRANSID)
    }

    /// `CONPERM`: may the message be converted? ([RFC 4141 §4](https://www.rfc-editor.org/rfc/rfc4141#section-4))
    pub fn conperm(self) -> bool {
        self.0.known().has(Known::CONPERM)
    }

    /// `SUBMITTER`: who is responsible for the message
    /// ([RFC 4405 §4](https://www.rfc-editor.org/rfc/rfc4405#section-4)). Decoded anew each time.
    pub fn submitter(self) -> Option<Mailbox> {
        let text = xtext::decode(self.0.value(Known::SUBMITTER)?.as_bytes()).ok()?;
        match grammar::parameter::submitter(text).ok()? {
            Submitter::Mailbox(mailbox) => Some(mailbox),
            Submitter::Unknown => None,
        }
    }

    /// All, in order: keyword as it was written, and value.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter()
    }

    /// Those that this library has no type for. A server that does not know them either answers 555
    /// ([RFC 5321 §4.1.1.11](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.11)).
    pub fn unknown(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter().filter(|(keyword, _)| Known::of_mail(keyword.as_bytes()).is_none())
    }

    /// Is there none?
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn of(listed: Listed<'a>) -> Self {
        Self(listed)
    }

    /// The keyword of the first one that is none of these.
    pub(crate) fn not_among(self, offered: Known) -> Option<&'a str> {
        self.0.not_among(offered, Known::of_mail)
    }

    pub(crate) fn known(self) -> Known {
        self.0.known()
    }
}

impl<'a> RcptParameters<'a> {
    /// `NOTIFY`: what the sender is to be told.
    pub fn notify(self) -> Option<Notify> {
        self.0.value(Known::NOTIFY).map(Notify::from_checked)
    }

    /// `ORCPT`: the address that the message was first sent to.
    pub fn orcpt(self) -> Option<OriginalRecipient<'a>> {
        self.0.value(Known::ORCPT).and_then(OriginalRecipient::from_checked)
    }

    /// `RRVS`: since when the mailbox must have had its owner.
    pub fn rrvs(self) -> Option<ValidSince<'a>> {
        self.0.value(Known::RRVS).map(ValidSince::from_checked)
    }

    /// `CONNEG`: is the recipient's system asked what it can show?
    /// ([RFC 4141 §5](https://www.rfc-editor.org/rfc/rfc4141#section-5))
    pub fn conneg(self) -> bool {
        self.0.known().has(Known::CONNEG)
    }

    /// All, in order: keyword as it was written, and value.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter()
    }

    /// Those that this library has no type for. A server that does not know them either answers 555
    /// ([RFC 5321 §4.1.1.11](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.11)).
    pub fn unknown(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter().filter(|(keyword, _)| Known::of_rcpt(keyword.as_bytes()).is_none())
    }

    /// Is there none?
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn of(listed: Listed<'a>) -> Self {
        Self(listed)
    }

    /// The keyword of the first one that is none of these.
    pub(crate) fn not_among(self, offered: Known) -> Option<&'a str> {
        self.0.not_among(offered, Known::of_rcpt)
    }

    pub(crate) fn known(self) -> Known {
        self.0.known()
    }
}

impl fmt::Debug for MailParameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for RcptParameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// What is set, for the builders of MAIL and RCPT.
impl Listed<'_> {
    pub(crate) fn set_number(self, known: Known, number: u64) -> List {
        let mut digits = Vec::with_capacity(20);
        digits.number(number);
        self.set(known, Some(&digits))
    }

    pub(crate) fn set_auth(self, submitter: &Submitter) -> List {
        let mut value = Vec::new();
        match submitter {
            Submitter::Unknown => value.text(b"<>"),
            Submitter::Mailbox(mailbox) => xtext::encode(mailbox.as_str().as_bytes(), &mut value),
        }
        self.set(Known::AUTH, Some(&value))
    }

    pub(crate) fn set_submitter(self, mailbox: &Mailbox) -> List {
        let mut value = Vec::new();
        xtext::encode(mailbox.as_str().as_bytes(), &mut value);
        self.set(Known::SUBMITTER, Some(&value))
    }

    pub(crate) fn set_envid(self, envid: &str) -> Result<List, ParseError> {
        let mut value = Vec::new();
        xtext::encode(envid.as_bytes(), &mut value);
        self.set_checked(Known::ENVID, &value, grammar::dsn::envid_value)
    }

    pub(crate) fn set_by(self, by: DeliverBy) -> List {
        let mut value = Vec::new();
        by.encode(&mut value);
        self.set(Known::BY, Some(&value))
    }

    pub(crate) fn set_priority(self, priority: Priority) -> List {
        let mut value = Vec::new();
        if priority.number() < 0 {
            value.push(b'-');
        }
        value.number(u64::from(priority.number().unsigned_abs()));
        self.set(Known::MT_PRIORITY, Some(&value))
    }

    pub(crate) fn set_hold(self, hold: Hold<'_>) -> Result<List, ParseError> {
        match hold {
            Hold::For(seconds) => {
                let mut digits = Vec::with_capacity(10);
                digits.number(u64::from(seconds));
                self.set_checked(Known::HOLDFOR, &digits, grammar::delivery::holdfor_value)
            }
            Hold::Until(time) => self.set_checked(
                Known::HOLDUNTIL,
                time.as_str().as_bytes(),
                grammar::delivery::holduntil_value,
            ),
        }
    }

    pub(crate) fn set_mtrk(self, tracking: Tracking<'_>) -> Result<List, ParseError> {
        let mut value = Vec::from(tracking.certifier.as_bytes());
        if let Some(timeout) = tracking.timeout {
            value.push(b':');
            value.number(u64::from(timeout));
        }
        self.set_checked(Known::MTRK, &value, grammar::delivery::mtrk_value)
    }

    pub(crate) fn set_orcpt(self, address_type: &str, address: &str) -> Result<List, ParseError> {
        let mut value = Vec::new();
        OriginalRecipient::encode(address_type, address, &mut value)?;
        self.set_checked(Known::ORCPT, &value, grammar::dsn::orcpt_value)
    }

    pub(crate) fn set_rrvs(self, since: ValidSince<'_>) -> List {
        let mut value = Vec::new();
        since.encode(&mut value);
        self.set(Known::RRVS, Some(&value))
    }
}
