//! What a client says.
mod argument;
mod attributes;
mod chunk;
mod envelope;
mod queue;
mod told;

use crate::{
    ClientName, CommandError, Deviations, Fault, Leniency,
    grammar::{
        self, Tolerance, attribute,
        command::{self, Verb},
    },
};
pub use argument::{Argument, OtherCommand};
pub use attributes::ClientAttributes;
use bytes::{Buf, Bytes};
pub use chunk::{Bdat, Burl, Chunk};
pub use envelope::{Mail, Rcpt};
use mail_wire::{
    Frame, Mechanism, Secret, Text, class,
    span::{self, Span},
};
pub use queue::{Atrn, Etrn, Queues};
pub use told::{Source, Told};

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
    /// `BDAT`: a chunk of the message follows ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)).
    Bdat(Bdat),
    /// `ETRN`: asks for what waits ([RFC 1985 §5](https://www.rfc-editor.org/rfc/rfc1985#section-5)).
    Etrn(Etrn),
    /// `ATRN`: asks for what waits, over this connection ([RFC 2645 §5.2.1](https://www.rfc-editor.org/rfc/rfc2645#section-5.2.1)).
    Atrn(Atrn),
    /// `BURL`: a piece of the message stands elsewhere ([RFC 4468 §3](https://www.rfc-editor.org/rfc/rfc4468#section-3)).
    Burl(Burl),
    /// `XCLIENT`: who the client is for whom this connection stands ([Postfix](https://www.postfix.org/XCLIENT_README.html)).
    XClient(ClientAttributes),
    /// `XFORWARD`: whom the message came from, for the log ([Postfix](https://www.postfix.org/XFORWARD_README.html)).
    XForward(ClientAttributes),
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
        let tolerance = &mut Tolerance::new(&line, leniency, deviations);
        let found = match command::verb(&line) {
            Verb::Mail => {
                let envelope = span::parse_text(&line, |i| command::mail(behind(i), tolerance, &mut fault));
                envelope.map(|envelope| Self::Mail(Mail::of(&envelope, line)))
            }
            Verb::Rcpt => {
                let envelope = span::parse_text(&line, |i| command::rcpt(behind(i), tolerance, &mut fault));
                envelope.map(|envelope| Self::Rcpt(Rcpt::of(&envelope, line)))
            }
            verb @ (Verb::Ehlo | Verb::Helo | Verb::Lhlo) => {
                let left = span::parse_text(&line, |i| command::hello(behind(i), tolerance));
                left.map(|left| ClientName::from_checked(last(line, left))).map(|name| match verb {
                    Verb::Ehlo => Self::Ehlo(name),
                    Verb::Helo => Self::Helo(name),
                    _ => Self::Lhlo(name),
                })
            }
            verb => return Self::seldom(verb, line, leniency, deviations),
        };
        found.map_err(|error| CommandError { error, fault })
    }

    /// One of those that most messages come without.
    #[cold]
    fn seldom(
        verb: Verb,
        line: Bytes,
        leniency: Leniency,
        deviations: &mut Deviations,
    ) -> Result<Self, CommandError> {
        let mut fault = Fault::Argument;
        let tolerance = &mut Tolerance::new(&line, leniency, deviations);
        let found = match verb {
            Verb::Auth => {
                span::parse_text(&line, |i| command::auth(behind(i), tolerance, &mut fault)).map(Self::Auth)
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
            Verb::Bdat => {
                span::parse_text(&line, |i| grammar::chunk::bdat(behind(i), tolerance)).map(Self::Bdat)
            }
            Verb::Etrn => {
                let left = span::parse_text(&line, |i| grammar::queue::etrn(behind(i), tolerance));
                left.map(|left| Self::Etrn(Etrn::of(last(line, left))))
            }
            Verb::Atrn => {
                let left = span::parse_text(&line, |i| grammar::queue::atrn(behind(i), tolerance));
                left.map(|left| Self::Atrn(Atrn::of(last(line, left))))
            }
            Verb::Burl => {
                let places = span::parse_text(&line, |i| grammar::chunk::burl(behind(i), tolerance));
                places.map(|(start, end, chunk)| {
                    let mut url = last(line, start);
                    url.truncate(start.saturating_sub(end));
                    Self::Burl(Burl::from_checked(url, chunk))
                })
            }
            Verb::XClient => {
                let left = span::parse_text(&line, |i| attribute::behind_verb(i.part(7).0, tolerance));
                left.map(|left| Self::XClient(ClientAttributes::of(last(line, left))))
            }
            Verb::XForward => {
                let left = span::parse_text(&line, |i| attribute::behind_verb(i.part(8).0, tolerance));
                left.map(|left| Self::XForward(ClientAttributes::of(last(line, left))))
            }
            _ => {
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

/// `AUTH`: a mechanism and, where the client speaks first, its first octets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Auth {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// The initial response, decoded. An empty one is not an absent one.
    pub initial: Option<Secret>,
}
