//! What a client says.
use crate::{
    Body, ClientName, CommandError, Deviations, Fault, ForwardPath, Leniency, MailParameters, RcptParameters,
    ReversePath,
    grammar::{self, Tolerance},
};
use bytes::Bytes;
use core::{fmt, str::FromStr};
use mail_wire::{Mechanism, ParseError, Secret, Text, class, span};

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
        line: &Bytes,
        leniency: Leniency,
        deviations: &mut Deviations,
    ) -> Result<Self, CommandError> {
        let trimmed;
        let line = match line.iter().rposition(|octet| !class::is(*octet, class::BLANK)) {
            // rule rfc5321 4.1.1 trailing-space: blanks at the end are cut [instead: {trimmed = line.clone(); line}]
            Some(last) if last + 1 < line.len() => {
                trimmed = line.slice(..=last);
                &trimmed
            }
            _ => line,
        };
        let mut fault = Fault::Verb;
        let mut tolerance = Tolerance::new(line, leniency, deviations);
        span::parse(line, |i| grammar::command::command(i, &mut tolerance, &mut fault))
            .map_err(|error| CommandError { error, fault })
    }
}

/// `MAIL FROM:`, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Mail {
    /// Where failures are reported to.
    pub from: ReversePath,
    /// The parameters of extensions.
    pub parameters: MailParameters,
}

impl Mail {
    /// Without parameters.
    pub fn new(from: impl Into<ReversePath>) -> Self {
        Self { from: from.into(), parameters: MailParameters::default() }
    }

    /// `SIZE`: the message will have about so many octets, CRLFs counted, dots not doubled
    /// ([RFC 1870 §6](https://www.rfc-editor.org/rfc/rfc1870#section-6)).
    #[must_use]
    pub fn with_size(mut self, octets: u64) -> Self {
        self.parameters.set_size(octets);
        self
    }

    /// `BODY`: what the message is made of ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.parameters.set_body(body);
        self
    }

    /// `SMTPUTF8`: an address or a header field is not ASCII ([RFC 6531 §3.4](https://www.rfc-editor.org/rfc/rfc6531#section-3.4)).
    #[must_use]
    pub fn with_smtputf8(mut self) -> Self {
        self.parameters.set_smtputf8();
        self
    }
}

/// `RCPT TO:`, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Rcpt {
    /// Who is to receive the message.
    pub to: ForwardPath,
    /// The parameters of extensions.
    pub parameters: RcptParameters,
}

impl Rcpt {
    /// Without parameters.
    pub fn new(to: impl Into<ForwardPath>) -> Self {
        Self { to: to.into(), parameters: RcptParameters::default() }
    }
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
        span::parse(&Bytes::copy_from_slice(text.as_bytes()), grammar::command::argument)
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

    /// Of a text that the grammar has checked.
    pub(crate) fn from_checked(text: Text) -> Self {
        Self(text)
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
        let verb = span::parse(&Bytes::copy_from_slice(verb.as_bytes()), grammar::command::other_verb)?;
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
    pub(crate) fn from_checked(verb: Text, arguments: Option<Argument>) -> Self {
        Self { verb, arguments }
    }
}
