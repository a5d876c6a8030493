//! ENVELOPE.
use super::{
    address::{Address, AddressFields, AddressPlaces},
    resolve::{Octets, resolve},
};
use crate::{Deviations, Dialect, encode, grammar};
use alloc::{borrow::Cow, vec::Vec};
use bytes::Bytes;
use core::{
    fmt,
    hash::{Hash, Hasher},
};
use mail_wire::{ParseError, Place};

/// The envelope of a message: what its header says about who wrote what to whom
/// ([RFC 9051 §7.5.2](https://www.rfc-editor.org/rfc/rfc9051#section-7.5.2)).
///
/// It is its own text and the places of its strings in it. Two are equal when they say the same, however it was
/// written. One that was parsed keeps the block alive that it was read in; [`detach`](Self::detach) copies just
/// its octets.
///
/// ```
/// use imap_proto::{AddressFields, Envelope, EnvelopeFields};
/// let from = [AddressFields::mailbox(b"jane", b"example.org").with_name(b"Jane \"J\" Doe")];
/// let envelope = Envelope::new(&EnvelopeFields {
///     subject: Some(b"Hello"),
///     from: &from,
///     ..EnvelopeFields::default()
/// })?;
/// assert_eq!(envelope.subject().as_deref(), Some(&b"Hello"[..]));
/// assert_eq!(envelope.from().next().and_then(|jane| jane.name()).as_deref(), Some(&b"Jane \"J\" Doe"[..]));
/// assert_eq!(envelope.message_id(), None);
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Envelope {
    pub(crate) text: Bytes,
    pub(crate) date: Place,
    pub(crate) subject: Place,
    pub(crate) in_reply_to: Place,
    pub(crate) message_id: Place,
    /// Those of From, Sender, Reply-To, To, Cc and Bcc, one behind the other.
    pub(crate) addresses: Vec<AddressPlaces>,
    /// Where the addresses of each field end in `addresses`.
    pub(crate) ends: [u16; 6],
}

/// The strings to make an [`Envelope`] of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct EnvelopeFields<'a> {
    /// The Date field, as it was written.
    pub date: Option<&'a [u8]>,
    /// The Subject field.
    pub subject: Option<&'a [u8]>,
    /// The From field.
    pub from: &'a [AddressFields<'a>],
    /// The Sender field; servers put From here where there is none.
    pub sender: &'a [AddressFields<'a>],
    /// The Reply-To field; servers put From here where there is none.
    pub reply_to: &'a [AddressFields<'a>],
    /// The To field.
    pub to: &'a [AddressFields<'a>],
    /// The Cc field.
    pub cc: &'a [AddressFields<'a>],
    /// The Bcc field.
    pub bcc: &'a [AddressFields<'a>],
    /// The In-Reply-To field.
    pub in_reply_to: Option<&'a [u8]>,
    /// The Message-ID field.
    pub message_id: Option<&'a [u8]>,
}

impl Envelope {
    /// Makes an envelope of its strings.
    ///
    /// # Errors
    /// It would be too large: more than 65,535 addresses, or strings of 2 GiB.
    pub fn new(fields: &EnvelopeFields<'_>) -> Result<Self, ParseError> {
        let mut text = Vec::new();
        encode::response::envelope::fields(fields, &mut text);
        Self::parse(&text.into(), &grammar::response::CANONICAL, &mut Deviations::new())
    }

    /// Reads an envelope, from its opening parenthesis to its closing one, and shares its octets.
    ///
    /// # Errors
    /// It does not follow the grammar, as far as that is not tolerated.
    pub fn parse(text: &Bytes, dialect: &Dialect, deviations: &mut Deviations) -> Result<Self, ParseError> {
        grammar::response::whole(text, dialect, deviations, grammar::response::envelope::envelope)
    }

    /// The Date field, as it was written.
    pub fn date(&self) -> Option<Cow<'_, [u8]>> {
        resolve(&self.text, self.date)
    }

    /// The Subject field.
    pub fn subject(&self) -> Option<Cow<'_, [u8]>> {
        resolve(&self.text, self.subject)
    }

    /// The In-Reply-To field.
    pub fn in_reply_to(&self) -> Option<Cow<'_, [u8]>> {
        resolve(&self.text, self.in_reply_to)
    }

    /// The Message-ID field.
    pub fn message_id(&self) -> Option<Cow<'_, [u8]>> {
        resolve(&self.text, self.message_id)
    }

    /// The From field.
    pub fn from(&self) -> impl ExactSizeIterator<Item = Address<'_>> {
        self.field(0)
    }

    /// The Sender field.
    pub fn sender(&self) -> impl ExactSizeIterator<Item = Address<'_>> {
        self.field(1)
    }

    /// The Reply-To field.
    pub fn reply_to(&self) -> impl ExactSizeIterator<Item = Address<'_>> {
        self.field(2)
    }

    /// The To field.
    pub fn to(&self) -> impl ExactSizeIterator<Item = Address<'_>> {
        self.field(3)
    }

    /// The Cc field.
    pub fn cc(&self) -> impl ExactSizeIterator<Item = Address<'_>> {
        self.field(4)
    }

    /// The Bcc field.
    pub fn bcc(&self) -> impl ExactSizeIterator<Item = Address<'_>> {
        self.field(5)
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { text: Bytes::copy_from_slice(&self.text), ..self.clone() }
    }

    /// From, Sender, Reply-To, To, Cc and Bcc are fields 0 to 5.
    pub(crate) fn field(&self, field: usize) -> impl ExactSizeIterator<Item = Address<'_>> {
        let start = field.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(field).copied().unwrap_or(start);
        let places = self.addresses.get(usize::from(start)..usize::from(end)).unwrap_or_default();
        places.iter().map(|places| Address::new(&self.text, places))
    }

    /// Date, Subject, In-Reply-To and Message-ID.
    fn strings(&self) -> [Option<Cow<'_, [u8]>>; 4] {
        [self.date(), self.subject(), self.in_reply_to(), self.message_id()]
    }

    fn all_addresses(&self) -> impl Iterator<Item = Address<'_>> {
        self.addresses.iter().map(|places| Address::new(&self.text, places))
    }
}

impl PartialEq for Envelope {
    fn eq(&self, other: &Self) -> bool {
        self.ends == other.ends
            && self.strings() == other.strings()
            && self.all_addresses().eq(other.all_addresses())
    }
}

impl Eq for Envelope {}

impl Hash for Envelope {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.ends.hash(state);
        self.strings().hash(state);
        self.all_addresses().for_each(|address| address.hash(state));
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Envelope");
        let names = ["date", "subject", "in_reply_to", "message_id"];
        for (name, string) in names.iter().zip(self.strings()) {
            if let Some(octets) = string {
                fields.field(name, &Octets(&octets));
            }
        }
        for (field, name) in ["from", "sender", "reply_to", "to", "cc", "bcc"].iter().enumerate() {
            let addresses: Vec<_> = self.field(field).collect();
            if !addresses.is_empty() {
                fields.field(name, &addresses);
            }
        }
        fields.finish()
    }
}
