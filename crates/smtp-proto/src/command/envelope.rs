//! MAIL and RCPT.
use super::last;
use crate::{
    Body, DeliverBy, ForwardPath, Hold, MailParameters, Mailbox, Notify, Priority, RcptParameters, Ret,
    ReversePath, Submitter, Tracking, ValidSince,
    grammar::{
        command::Envelope,
        delivery,
        parameter::{ParametersPlace, mail_parameters, rcpt_parameters},
    },
    parameters::{Known, List, Listed},
};
use bytes::Bytes;
use core::fmt;
use mail_wire::ParseError;

/// `MAIL FROM:`, with its parameters.
#[derive(Clone)]
pub struct Mail {
    from: ReversePath,
    parameters: List,
}

impl Mail {
    /// Without parameters.
    pub fn new(from: impl Into<ReversePath>) -> Self {
        Self { from: from.into(), parameters: List::default() }
    }

    /// Where failures are reported to.
    pub fn from(&self) -> &ReversePath {
        &self.from
    }

    /// The parameters of extensions.
    pub fn parameters(&self) -> MailParameters<'_> {
        MailParameters::of(self.listed())
    }

    /// `SIZE`: the message will have about so many octets, CRLFs counted, dots not doubled
    /// ([RFC 1870 §6](https://www.rfc-editor.org/rfc/rfc1870#section-6)).
    #[must_use]
    pub fn with_size(self, octets: u64) -> Self {
        Self { parameters: self.listed().set_number(Known::SIZE, octets), ..self }
    }

    /// `BODY`: what the message is made of ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    #[must_use]
    pub fn with_body(self, body: Body) -> Self {
        Self { parameters: self.listed().set(Known::BODY, Some(body.keyword().as_bytes())), ..self }
    }

    /// `SMTPUTF8`: an address or a header field is not ASCII ([RFC 6531 §3.4](https://www.rfc-editor.org/rfc/rfc6531#section-3.4)).
    #[must_use]
    pub fn with_smtputf8(self) -> Self {
        Self { parameters: self.listed().set(Known::SMTPUTF8, None), ..self }
    }

    /// `AUTH`: who first submitted the message ([RFC 4954 §5](https://www.rfc-editor.org/rfc/rfc4954#section-5)).
    #[must_use]
    pub fn with_auth(self, submitter: &Submitter) -> Self {
        Self { parameters: self.listed().set_auth(submitter), ..self }
    }

    /// `RET`: how much of the message a notification of failure returns ([RFC 3461 §4.3](https://www.rfc-editor.org/rfc/rfc3461#section-4.3)).
    #[must_use]
    pub fn with_ret(self, ret: Ret) -> Self {
        Self { parameters: self.listed().set(Known::RET, Some(ret.keyword().as_bytes())), ..self }
    }

    /// `ENVID`: what notifications call the transaction ([RFC 3461 §4.4](https://www.rfc-editor.org/rfc/rfc3461#section-4.4)).
    ///
    /// # Errors
    /// It is empty, not printable ASCII, or has more than 100 octets as xtext.
    pub fn with_envid(self, envid: &str) -> Result<Self, ParseError> {
        Ok(Self { parameters: self.listed().set_envid(envid)?, ..self })
    }

    /// `BY`: by when the message must be delivered ([RFC 2852 §4](https://www.rfc-editor.org/rfc/rfc2852#section-4)).
    #[must_use]
    pub fn with_by(self, by: DeliverBy) -> Self {
        Self { parameters: self.listed().set_by(by), ..self }
    }

    /// `MT-PRIORITY`: how urgent the message is ([RFC 6710 §3](https://www.rfc-editor.org/rfc/rfc6710#section-3)).
    #[must_use]
    pub fn with_priority(self, priority: Priority) -> Self {
        Self { parameters: self.listed().set_priority(priority), ..self }
    }

    /// `HOLDFOR` or `HOLDUNTIL`: how long the message is held ([RFC 4865 §4](https://www.rfc-editor.org/rfc/rfc4865#section-4)). The other one goes.
    ///
    /// # Errors
    /// There are more than nine digits, or the time is not in UTC.
    pub fn with_hold(self, hold: Hold<'_>) -> Result<Self, ParseError> {
        Ok(Self { parameters: self.listed().set_hold(hold)?, ..self })
    }

    /// `REQUIRETLS`: TLS is demanded on the whole way ([RFC 8689 §2](https://www.rfc-editor.org/rfc/rfc8689#section-2)).
    #[must_use]
    pub fn with_requiretls(self) -> Self {
        Self { parameters: self.listed().set(Known::REQUIRETLS, None), ..self }
    }

    /// `SOLICIT`: which kinds of unwanted mail the message is of, with commas between ([RFC 3865 §2](https://www.rfc-editor.org/rfc/rfc3865#section-2)).
    ///
    /// # Errors
    /// They do not follow the grammar, or have more than 1000 octets.
    pub fn with_solicit(self, keywords: &str) -> Result<Self, ParseError> {
        Ok(Self {
            parameters: self.listed().set_checked(
                Known::SOLICIT,
                keywords.as_bytes(),
                delivery::solicit_value,
            )?,
            ..self
        })
    }

    /// `MTRK`: how the message may be tracked ([RFC 3885 §3](https://www.rfc-editor.org/rfc/rfc3885#section-3)).
    ///
    /// # Errors
    /// The certifier is not base64 without padding, or the timeout has more than nine digits.
    pub fn with_mtrk(self, tracking: Tracking<'_>) -> Result<Self, ParseError> {
        Ok(Self { parameters: self.listed().set_mtrk(tracking)?, ..self })
    }

    /// `TRANSID`: names the transaction ([RFC 1845 §2](https://www.rfc-editor.org/rfc/rfc1845#section-2)).
    ///
    /// # Errors
    /// It does not follow the grammar, or has more than 80 octets.
    pub fn with_transid(self, transid: &str) -> Result<Self, ParseError> {
        Ok(Self {
            parameters: self.listed().set_checked(
                Known::TRANSID,
                transid.as_bytes(),
                delivery::transid_value,
            )?,
            ..self
        })
    }

    /// `CONPERM`: the message may be converted ([RFC 4141 §4](https://www.rfc-editor.org/rfc/rfc4141#section-4)).
    #[must_use]
    pub fn with_conperm(self) -> Self {
        Self { parameters: self.listed().set(Known::CONPERM, None), ..self }
    }

    /// `SUBMITTER`: who is responsible for the message ([RFC 4405 §4](https://www.rfc-editor.org/rfc/rfc4405#section-4)).
    #[must_use]
    pub fn with_submitter(self, mailbox: &Mailbox) -> Self {
        Self { parameters: self.listed().set_submitter(mailbox), ..self }
    }

    /// Any parameter, by the same rules as those that were read.
    ///
    /// # Errors
    /// Keyword or value does not follow the grammar, or the keyword is there already.
    pub fn with(self, keyword: &str, value: Option<&str>) -> Result<Self, ParseError> {
        let parameters = self.listed().with(keyword, value, mail_parameters)?;
        Ok(Self { parameters, ..self })
    }

    /// Of the line that its places were found in.
    #[inline]
    pub(super) fn of(envelope: &Envelope, line: Bytes) -> Self {
        if envelope.path.is_none() {
            return Self { from: ReversePath::Null, parameters: own(envelope.parameters, line) };
        }
        let from = ReversePath::of(envelope.path, line);
        let parameters = List::of(envelope.parameters, from.kept());
        Self { from, parameters }
    }

    fn listed(&self) -> Listed<'_> {
        self.parameters.listed(self.from.kept())
    }
}

impl PartialEq for Mail {
    fn eq(&self, other: &Self) -> bool {
        self.from == other.from && self.parameters() == other.parameters()
    }
}

impl Eq for Mail {}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, parameters) = (&self.from, self.parameters());
        f.debug_struct("Mail").field("from", from).field("parameters", &parameters).finish()
    }
}

/// `RCPT TO:`, with its parameters.
#[derive(Clone)]
pub struct Rcpt {
    to: ForwardPath,
    parameters: List,
}

impl Rcpt {
    /// Without parameters.
    pub fn new(to: impl Into<ForwardPath>) -> Self {
        Self { to: to.into(), parameters: List::default() }
    }

    /// Who is to receive the message.
    pub fn to(&self) -> &ForwardPath {
        &self.to
    }

    /// The parameters of extensions.
    pub fn parameters(&self) -> RcptParameters<'_> {
        RcptParameters::of(self.listed())
    }

    /// `NOTIFY`: what the sender is to be told ([RFC 3461 §4.1](https://www.rfc-editor.org/rfc/rfc3461#section-4.1)).
    #[must_use]
    pub fn with_notify(self, notify: Notify) -> Self {
        Self { parameters: self.listed().set(Known::NOTIFY, Some(notify.as_str().as_bytes())), ..self }
    }

    /// `ORCPT`: the address that the message was first sent to, of a type as `rfc822` or `utf-8` ([RFC 3461 §4.2](https://www.rfc-editor.org/rfc/rfc3461#section-4.2)).
    ///
    /// # Errors
    /// The type is no atom, the address is empty or may not stand there, or both have more than 500 octets as written.
    pub fn with_orcpt(self, address_type: &str, address: &str) -> Result<Self, ParseError> {
        Ok(Self { parameters: self.listed().set_orcpt(address_type, address)?, ..self })
    }

    /// `RRVS`: since when the mailbox must have had its owner ([RFC 7293 §3](https://www.rfc-editor.org/rfc/rfc7293#section-3)).
    #[must_use]
    pub fn with_rrvs(self, since: ValidSince<'_>) -> Self {
        Self { parameters: self.listed().set_rrvs(since), ..self }
    }

    /// `CONNEG`: asks what the recipient's system can show ([RFC 4141 §5](https://www.rfc-editor.org/rfc/rfc4141#section-5)).
    #[must_use]
    pub fn with_conneg(self) -> Self {
        Self { parameters: self.listed().set(Known::CONNEG, None), ..self }
    }

    /// Any parameter, by the same rules as those that were read.
    ///
    /// # Errors
    /// Keyword or value does not follow the grammar, or the keyword is there already.
    pub fn with(self, keyword: &str, value: Option<&str>) -> Result<Self, ParseError> {
        let parameters = self.listed().with(keyword, value, rcpt_parameters)?;
        Ok(Self { parameters, ..self })
    }

    /// Of the line that its places were found in.
    #[inline]
    pub(super) fn of(envelope: &Envelope, line: Bytes) -> Self {
        if envelope.path.is_none() {
            return Self { to: ForwardPath::Postmaster, parameters: own(envelope.parameters, line) };
        }
        let to = ForwardPath::of(envelope.path, line);
        let parameters = List::of(envelope.parameters, to.kept());
        Self { to, parameters }
    }

    fn listed(&self) -> Listed<'_> {
        self.parameters.listed(self.to.kept())
    }
}

impl PartialEq for Rcpt {
    fn eq(&self, other: &Self) -> bool {
        self.to == other.to && self.parameters() == other.parameters()
    }
}

impl Eq for Rcpt {}

impl fmt::Debug for Rcpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (to, parameters) = (&self.to, self.parameters());
        f.debug_struct("Rcpt").field("to", to).field("parameters", &parameters).finish()
    }
}

/// Parameters behind a path that keeps no text. Where there are none, nothing of the line is kept.
fn own(place: ParametersPlace, line: Bytes) -> List {
    if place.left == 0 { List::default() } else { List::of_own(place, last(line, place.left)) }
}
