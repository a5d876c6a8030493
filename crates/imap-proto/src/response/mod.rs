//! What a server says.
mod capability;
mod fetch;
mod mailbox_data;
mod raw;
mod search;
mod status;

use crate::{
    Deviations, Dialect, Flags, IdFields, Tag, Tail,
    grammar::{self, Tolerance},
};
use alloc::{boxed::Box, vec::Vec};
use bytes::Bytes;
pub use capability::{Capabilities, Capability};
pub use fetch::{BinarySize, Content, ContentKind, Fetch, FetchItem, FetchSink, OtherItem, Payload};
use mail_wire::{ParseError, Text, span};
pub use mailbox_data::{
    Attribute, Attributes, List, ListExtended, ListKind, Namespace, Namespaces, Quota, QuotaResource,
    QuotaRoot, StatusData, StatusItem,
};
pub use raw::Raw;
pub use search::{ESearch, ESearchItem, Numbers, Search, Vanished, VanishedWhen};
pub use status::{AppendUid, Code, CopyUid, OtherCode, Status, StatusKind};

/// What a server says ([RFC 9051 §7](https://www.rfc-editor.org/rfc/rfc9051#section-7)): 32 octets, whatever it is.
///
/// ```
/// use bytes::Bytes;
/// use imap_proto::{Deviations, Dialect, Flag, response::{FetchItem, Response, Untagged}};
/// let unit = Bytes::from_static(b"* 12 FETCH (UID 4827 FLAGS (\\Seen))");
/// let response = Response::parse(&unit, &Dialect::default(), &mut Deviations::new())?;
/// let Response::Untagged(Untagged::Fetch(fetch)) = response else { panic!() };
/// assert_eq!(fetch.number, 12);
/// assert_eq!(fetch.items, [FetchItem::Uid(4827), FetchItem::Flags(Flag::Seen.into())]);
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Response {
    /// A command is done.
    Tagged(Box<Tagged>),
    /// `*`: something the client should know.
    Untagged(Untagged),
    /// `+`: the client may go on.
    Continuation(Box<Continuation>),
}

/// A command is done: how it fared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tagged {
    /// The tag of the command.
    pub tag: Tag,
    /// How it fared.
    pub status: Status,
}

/// Something the client should know, whether it asked or not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Untagged {
    /// `OK`, `NO`, `BAD`, `BYE`, or `PREAUTH` in a greeting.
    Status(Box<Status>),
    /// `CAPABILITY`
    Capability(Box<Capabilities>),
    /// `ENABLED` ([RFC 5161](https://www.rfc-editor.org/rfc/rfc5161)).
    Enabled(Box<Capabilities>),
    /// `LIST`, `LSUB`
    List(Box<List>),
    /// `STATUS`
    MailboxStatus(Box<StatusData>),
    /// `NAMESPACE`
    Namespace(Box<Namespaces>),
    /// `FLAGS`: those that the mailbox knows.
    Flags(Box<Flags>),
    /// `SEARCH`
    Search(Box<Search>),
    /// `SORT` ([RFC 5256](https://www.rfc-editor.org/rfc/rfc5256)).
    Sort(Box<Search>),
    /// `ESEARCH`
    ESearch(Box<ESearch>),
    /// `EXISTS`: so many messages are there.
    Exists(u32),
    /// `RECENT`: so many of them are new, of IMAP4rev1.
    Recent(u32),
    /// `EXPUNGE`: the message of this number is gone; 0 where that was tolerated.
    Expunge(u32),
    /// `VANISHED` ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)).
    Vanished(Box<Vanished>),
    /// `FETCH`
    Fetch(Fetch),
    /// `ID`: what the server calls itself ([RFC 2971](https://www.rfc-editor.org/rfc/rfc2971)).
    Id(IdFields),
    /// `QUOTA` ([RFC 9208](https://www.rfc-editor.org/rfc/rfc9208)).
    Quota(Box<Quota>),
    /// `QUOTAROOT` ([RFC 9208](https://www.rfc-editor.org/rfc/rfc9208)).
    QuotaRoot(Box<QuotaRoot>),
    /// A response that this crate does not know.
    Other(Box<OtherResponse>),
}

/// A response that this crate does not know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OtherResponse {
    number: Option<u32>,
    name: Text,
    data: Raw,
}

/// The client may go on: with a literal, with the next step of a SASL exchange, or to idle
/// ([RFC 9051 §7.6](https://www.rfc-editor.org/rfc/rfc9051#section-7.6)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Continuation {
    code: Option<Code>,
    text: Text,
}

/// The first thing a server says ([RFC 9051 §7.1](https://www.rfc-editor.org/rfc/rfc9051#section-7.1)): its kind
/// is OK, PREAUTH or BYE.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Greeting(Status);

impl Response {
    /// Reads a unit: a line with its literals, with or without the CRLF at its end.
    ///
    /// # Errors
    /// It does not follow the grammar, as far as that is not tolerated.
    pub fn parse(unit: &Bytes, dialect: &Dialect, deviations: &mut Deviations) -> Result<Self, ParseError> {
        let mut items = Vec::new();
        let mut response = Self::parse_into(unit, dialect, deviations, &mut items)?;
        if let Self::Untagged(Untagged::Fetch(fetch)) = &mut response {
            fetch.items = items;
        }
        Ok(response)
    }

    /// Reads a unit, and gives the items of a FETCH to `sink` one at a time: the one that is returned has none.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); the sink has been given what came before.
    pub fn parse_into(
        unit: &Bytes,
        dialect: &Dialect,
        deviations: &mut Deviations,
        sink: &mut impl FetchSink,
    ) -> Result<Self, ParseError> {
        let mut tolerance = Tolerance::new(unit, dialect, deviations);
        span::parse_whole(unit, |i| grammar::response::line::response(i, sink, &mut tolerance))
    }
}

impl Fetch {
    /// Reads the text of a FETCH up to a literal that streams, its announcement included, and gives the items to
    /// `sink`: the last is a [`Content`] with [`Payload::Streamed`]. Returns the number of the message.
    ///
    /// # Errors
    /// It is no FETCH, or its literal may not stream; the sink may have been given some items.
    pub fn parse_head(
        head: &Bytes,
        dialect: &Dialect,
        deviations: &mut Deviations,
        sink: &mut impl FetchSink,
    ) -> Result<u32, ParseError> {
        grammar::response::whole(head, dialect, deviations, |i, t| {
            grammar::response::line::fetch_head(i, sink, t)
        })
    }

    /// Reads the text of a FETCH behind a literal that streamed, up to the end of the unit or to the next one.
    ///
    /// # Errors
    /// It does not follow the grammar, or the literal at its end may not stream.
    pub fn parse_rest(
        rest: &Bytes,
        tail: Tail,
        dialect: &Dialect,
        deviations: &mut Deviations,
        sink: &mut impl FetchSink,
    ) -> Result<(), ParseError> {
        grammar::response::whole(rest, dialect, deviations, |i, t| {
            grammar::response::line::fetch_rest(i, tail, sink, t)
        })
    }
}

impl Greeting {
    /// A greeting. `None` for a status that greets nobody: NO and BAD.
    pub fn new(status: Status) -> Option<Self> {
        let greets = matches!(status.kind(), StatusKind::Ok | StatusKind::PreAuth | StatusKind::Bye);
        greets.then_some(Self(status))
    }

    /// Reads a unit.
    ///
    /// # Errors
    /// It is no greeting, as far as that is not tolerated.
    pub fn parse(unit: &Bytes, dialect: &Dialect, deviations: &mut Deviations) -> Result<Self, ParseError> {
        let mut tolerance = Tolerance::new(unit, dialect, deviations);
        span::parse_whole(unit, |i| grammar::response::line::greeting(i, &mut tolerance)).map(Self)
    }

    /// What it says.
    pub fn status(&self) -> &Status {
        &self.0
    }

    /// What it says.
    pub fn into_status(self) -> Status {
        self.0
    }
}

impl Continuation {
    /// With this text, which may begin with a response code.
    ///
    /// # Errors
    /// The text begins with `[`, and not with a response code.
    pub fn new(text: Text) -> Result<Self, ParseError> {
        let status = Status::new(StatusKind::Ok, text)?;
        Ok(Self { code: status.code().cloned(), text: status.text().clone() })
    }

    /// Asks for the next octets of a SASL exchange.
    pub fn from_challenge(octets: &[u8]) -> Self {
        let mut text = Vec::new();
        mail_wire::sasl::encode(octets, &mut text);
        // Base64 holds nothing that a text may not.
        Self { code: None, text: Text::new(text).unwrap_or_default() }
    }

    /// Of what the grammar has found.
    pub(crate) fn from_checked(code: Option<Code>, text: Text) -> Self {
        Self { code, text }
    }

    /// What it says to a program.
    pub fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// What it says to a human, or a challenge in base64.
    pub fn text(&self) -> &Text {
        &self.text
    }
}

impl OtherResponse {
    /// A response of this name, with perhaps a number in front and data behind it.
    ///
    /// # Errors
    /// The name is that of a response that is known, or no atom.
    pub fn new(number: Option<u32>, name: &str, data: &Raw) -> Result<Self, ParseError> {
        let mut text = Vec::new();
        if let Some(number) = number {
            mail_wire::Output::number(&mut text, number.into());
            text.push(b' ');
        }
        text.extend_from_slice(name.as_bytes());
        if !data.is_empty() {
            text.push(b' ');
            text.extend_from_slice(data.as_bytes());
        }
        let mut deviations = Deviations::new();
        let rule = grammar::response::line::other_response;
        grammar::response::whole(&text.into(), &Dialect::default(), &mut deviations, rule)
    }

    /// Of what the grammar has found.
    pub(crate) fn from_checked(number: Option<u32>, name: Text, data: Raw) -> Self {
        Self { number, name, data }
    }

    /// The number in front of its name: `* 5 XFOO`.
    pub fn number(&self) -> Option<u32> {
        self.number
    }

    /// Its name.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// What stands behind its name.
    pub fn data(&self) -> &Raw {
        &self.data
    }
}
