//! `APPEND`.
use super::Command;
use crate::{
    CommandError, DateTime, Deviations, Dialect, Flags, MailboxName, Tag,
    grammar::{self, Tolerance},
};
use alloc::{vec, vec::Vec};
use bytes::Bytes;
use mail_wire::{ParseError, span};

/// `APPEND`: puts a message into a mailbox, or several
/// ([RFC 9051 §6.3.12](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.12),
/// [RFC 3502](https://www.rfc-editor.org/rfc/rfc3502)).
///
/// A message that is too large to be held streams: the unit is cut behind the announcement of its literal,
/// [`parse_head`](Self::parse_head) reads what stands before it, and [`resume`](Self::resume) what stands behind its
/// octets.
///
/// ```
/// use imap_proto::{Append, Deviations, Dialect, MessageData, Tail};
/// let (dialect, mut deviations) = (Dialect::default(), Deviations::new());
/// let head = bytes::Bytes::from_static(b"a1 APPEND Sent (\\Seen) {1000000}\r\n");
/// let (_, mut append) = Append::parse_head(&head, &dialect, &mut deviations)?;
/// assert_eq!(append.announced(), Some(1_000_000));
/// // .. a million octets ..
/// append.resume(&bytes::Bytes::new(), Tail::End, &dialect, &mut deviations)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Append {
    mailbox: MailboxName,
    /// At least one.
    messages: Vec<AppendMessage>,
}

/// A message that is put into a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AppendMessage {
    /// Its flags. `\Recent` and `\*` cannot be set, and are not sent.
    pub flags: Flags,
    /// When it came in; `None` for now.
    pub date: Option<DateTime>,
    /// How it is sent.
    pub kind: MessageKind,
    /// Its octets.
    pub data: MessageData,
}

/// How a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum MessageKind {
    /// As a literal: it holds no NUL. Nobody looks at a message that streams.
    #[default]
    Text,
    /// As a `literal8`: it may hold NUL ([RFC 3516 §4.4](https://www.rfc-editor.org/rfc/rfc3516#section-4.4)).
    Binary,
    /// As `UTF8 (~{n})`: its header is UTF-8 ([RFC 6855 §4](https://www.rfc-editor.org/rfc/rfc6855#section-4)).
    Utf8,
}

/// The octets of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum MessageData {
    /// All of them.
    #[cfg_attr(feature = "serde", serde(serialize_with = "mail_wire::octets::serialize"))]
    Whole(Bytes),
    /// They stream: so many.
    Announced(u64),
}

/// Where a piece of a unit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tail {
    /// At the unit's end; its last CRLF is off.
    End,
    /// Behind the announcement of a literal that streams.
    Literal,
}

impl AppendMessage {
    /// A message without flags that comes in now.
    pub fn new(data: MessageData) -> Self {
        Self { flags: Flags::NONE, date: None, kind: MessageKind::Text, data }
    }

    /// Sets its flags.
    #[must_use]
    pub fn with_flags(self, flags: Flags) -> Self {
        Self { flags, ..self }
    }

    /// Sets when it came in.
    #[must_use]
    pub fn with_date(self, date: DateTime) -> Self {
        Self { date: Some(date), ..self }
    }

    /// Sets how it is sent.
    #[must_use]
    pub fn with_kind(self, kind: MessageKind) -> Self {
        Self { kind, ..self }
    }
}

impl Append {
    /// Puts this message into this mailbox.
    pub fn new(mailbox: MailboxName, message: AppendMessage) -> Self {
        Self { mailbox, messages: vec![message] }
    }

    /// Into this mailbox.
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The messages: all, or those that have been read so far.
    pub fn messages(&self) -> &[AppendMessage] {
        &self.messages
    }

    /// Adds a message.
    pub fn push(&mut self, message: AppendMessage) {
        self.messages.push(message);
    }

    /// How many octets are to follow: the last message streams.
    pub fn announced(&self) -> Option<u64> {
        match self.messages.last()?.data {
            MessageData::Announced(octets) => Some(octets),
            MessageData::Whole(_) => None,
        }
    }

    /// Reads an APPEND up to a message that streams: the unit, cut behind the announcement of that literal.
    ///
    /// # Errors
    /// It is no APPEND, or the literal is not a message: nothing else may stream.
    pub fn parse_head(
        head: &Bytes,
        dialect: &Dialect,
        deviations: &mut Deviations,
    ) -> Result<(Tag, Self), CommandError> {
        match Command::read(head, Tail::Literal, dialect, deviations)? {
            (tag, Command::Append(append)) => Ok((tag, *append)),
            (tag, _) => {
                let error =
                    ParseError { offset: head.len(), found: None, expected: "a command that streams" };
                Err(CommandError { tag: Some(tag), error })
            }
        }
    }

    /// Reads what stands behind the octets of a message that streamed: more messages, or nothing.
    ///
    /// # Errors
    /// It does not follow the grammar.
    pub fn resume(
        &mut self,
        rest: &Bytes,
        tail: Tail,
        dialect: &Dialect,
        deviations: &mut Deviations,
    ) -> Result<(), ParseError> {
        let behind = self.messages.last().map_or(MessageKind::Text, |message| message.kind);
        let mut tolerance = Tolerance::new(rest, dialect, deviations);
        let messages = &mut self.messages;
        span::parse(rest, |i| grammar::command::append::rest(i, behind, tail, messages, &mut tolerance))
    }

    /// Of a mailbox and at least one message.
    pub(crate) fn from_checked(mailbox: MailboxName, messages: Vec<AppendMessage>) -> Self {
        Self { mailbox, messages }
    }
}
