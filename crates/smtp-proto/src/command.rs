//! What a client says.
use crate::{
    Body, ClientName, CommandError, DeliverBy, Deviations, Fault, ForwardPath, Hold, Leniency,
    MailParameters, Mailbox, Notify, Priority, RcptParameters, Ret, ReversePath, Submitter, Tracking,
    ValidSince,
    grammar::{
        Tolerance,
        command::{self, Envelope, Verb},
        delivery,
        parameter::{ParametersPlace, mail_parameters, rcpt_parameters},
    },
    parameters::{Known, List, Listed},
};
use bytes::{Buf, Bytes};
use core::{fmt, str::FromStr};
use mail_wire::{
    Frame, Mechanism, ParseError, Secret, Text, class,
    span::{self, Span},
};

/// A command of SMTP or LMTP: one value is always exactly one line on the wire.
///
/// ```
/// use smtp_proto::{Command, Mail, Mailbox};
/// let mail = Mail::new(Mailbox::new("a@example.org")?).with_size(1024);
/// let mut line = Vec::new();
/// Command::Mail(mail).encode(&mut line);
/// assert_eq!(line, b"MAIL FROM:<a@example.org> SIZE=1024\r\n");
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Command {
    /// `EHLO`: greets, and asks which extensions there are ([RFC 5321 §4.1.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1)).
    Ehlo(ClientName),
    /// `HELO`: greets as before there were extensions.
    Helo(ClientName),
    /// `LHLO`: greets in LMTP ([RFC 2033 §4.1](https://www.rfc-editor.org/rfc/rfc2033#section-4.1)).
    Lhlo(ClientName),
    /// `MAIL`: begins a transaction ([RFC 5321 §4.1.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.2)).
    Mail(Mail),
    /// `RCPT`: names one recipient ([RFC 5321 §4.1.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.3)).
    Rcpt(Rcpt),
    /// `DATA`: the message follows ([RFC 5321 §4.1.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.4)).
    Data,
    /// `RSET`: gives the transaction up ([RFC 5321 §4.1.1.5](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.5)).
    Rset,
    /// `NOOP`: does nothing; its argument is ignored ([RFC 5321 §4.1.1.9](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.9)).
    Noop(Option<Argument>),
    /// `VRFY`: asks about a mailbox ([RFC 5321 §4.1.1.6](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.6)).
    Vrfy(Argument),
    /// `EXPN`: asks who is on a list ([RFC 5321 §4.1.1.7](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.7)).
    Expn(Argument),
    /// `HELP` ([RFC 5321 §4.1.1.8](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.8)).
    Help(Option<Argument>),
    /// `QUIT` ([RFC 5321 §4.1.1.10](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.10)).
    Quit,
    /// `STARTTLS` ([RFC 3207 §4](https://www.rfc-editor.org/rfc/rfc3207#section-4)).
    StartTls,
    /// `AUTH`: begins a SASL exchange ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    Auth(Auth),
    /// Any other line of text.
    Other(OtherCommand),
}

impl Command {
    /// Reads a command line, without its CRLF. White space at its end is no deviation
    /// ([RFC 5321 §4.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1)).
    ///
    /// What `leniency` tolerated is added to `deviations`, also where the command is refused for another reason.
    ///
    /// ```
    /// # use smtp_proto::{Command, Deviations, DeviationKind, Leniency};
    /// let line = bytes::Bytes::from_static(b"MAIL FROM: <a@example.org>");
    /// let mut deviations = Deviations::new();
    /// let command = Command::parse(&line, Leniency::LENIENT, &mut deviations)?;
    /// assert!(matches!(command, Command::Mail(_)));
    /// assert!(deviations.iter().any(|deviation| deviation.kind == DeviationKind::SpaceAfterColon));
    ///
    /// let error = Command::parse(&line, Leniency::STRICT, &mut deviations).unwrap_err();
    /// assert_eq!(error.to_string(), "bad sender address: expected '<' at octet 10, found ' '");
    /// assert_eq!(error.enhanced().to_string(), "5.1.7");
    /// # Ok::<(), smtp_proto::CommandError>(())
    /// ```
    ///
    /// # Errors
    /// The line is not a command, or one whose arguments do not follow the grammar.
    pub fn parse(
        line: impl Frame,
        leniency: Leniency,
        deviations: &mut Deviations,
    ) -> Result<Self, CommandError> {
        let text = line.as_ref();
        let last = text.iter().rposition(|octet| !class::is(*octet, class::BLANK));
        // rule rfc5321 4.1.1 trailing-space: blanks in front of the CRLF are nothing to speak of [instead: text.len()]
        let octets = last.map_or(text.len(), |last| last + 1);
        match command::lone(text.get(..octets).unwrap_or_default()) {
            Some(command) => Ok(command),
            None => Self::with_arguments(line.keep(octets), leniency, deviations),
        }
    }

    /// The octets of the line are held once, whatever the command is made of.
    fn with_arguments(
        line: Bytes,
        leniency: Leniency,
        deviations: &mut Deviations,
    ) -> Result<Self, CommandError> {
        let mut fault = Fault::Argument;
        let verb = command::verb(&line);
        let tolerance = &mut Tolerance::new(&line, leniency, deviations);
        let found = match verb {
            Verb::Mail => {
                let envelope = span::parse_text(&line, |i| command::mail(behind(i), tolerance, &mut fault));
                envelope.map(|envelope| Self::Mail(Mail::of(&envelope, line)))
            }
            Verb::Rcpt => {
                let envelope = span::parse_text(&line, |i| command::rcpt(behind(i), tolerance, &mut fault));
                envelope.map(|envelope| Self::Rcpt(Rcpt::of(&envelope, line)))
            }
            Verb::Auth => {
                span::parse_text(&line, |i| command::auth(behind(i), tolerance, &mut fault)).map(Self::Auth)
            }
            Verb::Ehlo | Verb::Helo | Verb::Lhlo => {
                let left = span::parse_text(&line, |i| command::hello(behind(i), tolerance));
                left.map(|left| ClientName::from_checked(last(line, left))).map(|name| match verb {
                    Verb::Ehlo => Self::Ehlo(name),
                    Verb::Helo => Self::Helo(name),
                    _ => Self::Lhlo(name),
                })
            }
            Verb::Noop | Verb::Vrfy | Verb::Expn | Verb::Help => {
                let left = span::parse_text(&line, |i| command::argument_of(behind(i), tolerance));
                left.map(|left| Argument::of(last(line, left))).map(|argument| match verb {
                    Verb::Noop => Self::Noop(Some(argument)),
                    Verb::Vrfy => Self::Vrfy(argument),
                    Verb::Expn => Self::Expn(argument),
                    _ => Self::Help(Some(argument)),
                })
            }
            Verb::Other => {
                let parts = span::parse_text(&line, |i| command::other(i, tolerance, &mut fault));
                parts.map(|(verb, arguments)| {
                    let arguments = arguments.map(|left| Argument::of(last(line.clone(), left)));
                    Self::Other(OtherCommand::from_checked(text(line.slice(..verb)), arguments))
                })
            }
        };
        found.map_err(|error| CommandError { error, fault })
    }
}

/// What stands behind a verb of four letters.
fn behind(line: Span<'_>) -> Span<'_> {
    line.part(4).0
}

/// The last octets of a line.
fn last(mut line: Bytes, octets: usize) -> Bytes {
    line.advance(line.len().saturating_sub(octets));
    line
}

/// Octets that the grammar has found to be printable.
fn text(octets: Bytes) -> Text {
    Text::new(octets).unwrap_or_default()
}

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
    fn of(envelope: &Envelope, line: Bytes) -> Self {
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
    fn of(envelope: &Envelope, line: Bytes) -> Self {
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

/// `AUTH`: a mechanism and, where the client speaks first, its first octets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Auth {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// The initial response, decoded. An empty one is not an absent one.
    pub initial: Option<Secret>,
}

/// Free text behind a verb: printable, at least one octet, no white space at either end.
///
/// Looser than the RFC's `String`, since people ask `VRFY Jane Doe`. It may hold UTF-8.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Argument(Text);

impl Argument {
    /// Checks and copies it.
    ///
    /// # Errors
    /// It is empty, begins or ends with white space, or is not printable.
    pub fn new(text: &str) -> Result<Self, ParseError> {
        span::parse_text(text.as_bytes(), command::argument)?;
        Ok(Self::of(Bytes::copy_from_slice(text.as_bytes())))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Checked when it was made.
        self.0.as_str().unwrap_or_default()
    }

    /// The text, sharing its octets.
    pub fn as_text(&self) -> &Text {
        &self.0
    }

    /// Of octets that the grammar has checked.
    fn of(octets: Bytes) -> Self {
        Self(text(octets))
    }
}

impl FromStr for Argument {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Argument {
    type Error = ParseError;
    fn try_from(text: &str) -> Result<Self, ParseError> {
        Self::new(text)
    }
}

impl fmt::Debug for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A command that [`Command`] has no variant for: a private one, one of a later RFC, or `GET / HTTP/1.1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OtherCommand {
    verb: Text,
    arguments: Option<Argument>,
}

impl OtherCommand {
    /// A command of this verb.
    ///
    /// # Errors
    /// The verb is empty, holds a space or an octet that is not visible ASCII, or is one that [`Command`] has a
    /// variant for.
    pub fn new(verb: &str, arguments: Option<Argument>) -> Result<Self, ParseError> {
        let verb = span::parse(&Bytes::copy_from_slice(verb.as_bytes()), command::other_verb)?;
        Ok(Self { verb, arguments })
    }

    /// The verb, as it was written.
    pub fn verb(&self) -> &str {
        // Visible ASCII, checked when it was made.
        self.verb.as_str().unwrap_or_default()
    }

    /// What stands behind it.
    pub fn arguments(&self) -> Option<&Argument> {
        self.arguments.as_ref()
    }

    /// Of a verb that the grammar has checked.
    fn from_checked(verb: Text, arguments: Option<Argument>) -> Self {
        Self { verb, arguments }
    }
}
