//! One address of an envelope.
use super::resolve::resolve;
use alloc::borrow::Cow;
use core::{
    fmt,
    hash::{Hash, Hasher},
};
use mail_wire::Place;

/// Where the four strings of an address stand in the text of its envelope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddressPlaces {
    pub(crate) name: Place,
    pub(crate) route: Place,
    pub(crate) mailbox: Place,
    pub(crate) host: Place,
}

/// One address of an [`Envelope`](crate::Envelope), or a mark that a group begins or ends
/// ([RFC 3501 §7.4.2](https://www.rfc-editor.org/rfc/rfc3501#section-7.4.2)).
///
/// The strings are octets: names are mostly encoded words of RFC 2047, and some servers send raw UTF-8 or Latin-1.
#[derive(Clone, Copy)]
pub struct Address<'a> {
    text: &'a [u8],
    places: &'a AddressPlaces,
}

/// What an [`Address`] stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum AddressKind {
    /// A mailbox at a host.
    Mailbox,
    /// A group begins; [`Address::mailbox`] is its name.
    GroupStart,
    /// The group ends.
    GroupEnd,
}

/// The strings to make an address of, for [`EnvelopeFields`](crate::EnvelopeFields).
///
/// ```
/// use imap_proto::AddressFields;
/// let undisclosed = [AddressFields::group_start(b"undisclosed-recipients"), AddressFields::GROUP_END];
/// let jane = AddressFields::mailbox(b"jane", b"example.org").with_name(b"Jane Doe");
/// assert_eq!(jane.host, Some(&b"example.org"[..]));
/// # let _ = undisclosed;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AddressFields<'a> {
    /// The display name.
    pub name: Option<&'a [u8]>,
    /// The obsolete source route.
    pub route: Option<&'a [u8]>,
    /// The local part, or the name of a group that begins here.
    pub mailbox: Option<&'a [u8]>,
    /// The domain.
    pub host: Option<&'a [u8]>,
}

impl<'a> AddressFields<'a> {
    /// The end of a group.
    pub const GROUP_END: Self = Self { name: None, route: None, mailbox: None, host: None };

    /// A mailbox at a host.
    pub const fn mailbox(local: &'a [u8], host: &'a [u8]) -> Self {
        Self { mailbox: Some(local), host: Some(host), ..Self::GROUP_END }
    }

    /// The start of a group.
    pub const fn group_start(name: &'a [u8]) -> Self {
        Self { mailbox: Some(name), ..Self::GROUP_END }
    }

    /// With this display name.
    #[must_use]
    pub const fn with_name(self, name: &'a [u8]) -> Self {
        Self { name: Some(name), ..self }
    }
}

impl<'a> Address<'a> {
    pub(crate) fn new(text: &'a [u8], places: &'a AddressPlaces) -> Self {
        Self { text, places }
    }

    /// What it stands for.
    pub fn kind(self) -> AddressKind {
        match (self.places.mailbox.is_nil(), self.places.host.is_nil()) {
            (_, false) => AddressKind::Mailbox,
            (false, true) => AddressKind::GroupStart,
            (true, true) => AddressKind::GroupEnd,
        }
    }

    /// The display name.
    pub fn name(self) -> Option<Cow<'a, [u8]>> {
        resolve(self.text, self.places.name)
    }

    /// The obsolete source route.
    pub fn route(self) -> Option<Cow<'a, [u8]>> {
        resolve(self.text, self.places.route)
    }

    /// The local part without its quotes, or the name of a group that begins here.
    pub fn mailbox(self) -> Option<Cow<'a, [u8]>> {
        resolve(self.text, self.places.mailbox)
    }

    /// The domain.
    pub fn host(self) -> Option<Cow<'a, [u8]>> {
        resolve(self.text, self.places.host)
    }

    /// Name, route, mailbox and host, in the order of the wire.
    pub(crate) fn fields(self) -> [Option<Cow<'a, [u8]>>; 4] {
        [self.name(), self.route(), self.mailbox(), self.host()]
    }
}

impl PartialEq for Address<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.fields() == other.fields()
    }
}

impl Eq for Address<'_> {}

impl Hash for Address<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fields().hash(state);
    }
}

impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for field in self.fields() {
            match field {
                Some(octets) => list.entry(&format_args!("\"{}\"", octets.escape_ascii())),
                None => list.entry(&format_args!("NIL")),
            };
        }
        list.finish()
    }
}
