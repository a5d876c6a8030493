//! How values are written that are not just their fields. What holds for all is told at
//! [`mail_wire::octets`].
use crate::{
    AString, Address, BodyPart, BodyStructure, Date, DateTime, Deviation, Deviations, Disposition, Enable,
    Envelope, FetchItems, Flag, Flags, IdFields, MailboxName, SearchReturn, Section, SeqNumber, SeqRange,
    SequenceSet, StatusItem, StatusItems,
    response::{Attribute, Attributes, Capabilities, Capability, Raw},
};
use alloc::{borrow::Cow, vec::Vec};
use bytes::Bytes;
use core::fmt;
use mail_wire::octets::{self, Octets};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A string that is perhaps not there.
struct NString<'a>(Option<Cow<'a, [u8]>>);

/// A parameter of a part, or a field of ID.
#[derive(Serialize)]
struct Named<N, V> {
    name: N,
    value: V,
}

/// What a set is made of, in its own spelling.
struct Range(SeqRange);

/// Octets in a box.
pub(crate) fn boxed<S: Serializer>(octets: &impl AsRef<Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
    octets::serialize(octets.as_ref(), serializer)
}

impl Serialize for NString<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_deref().map(Octets).serialize(serializer)
    }
}

impl Serialize for AString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        octets::serialize(self, serializer)
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        octets::serialize(&self.as_bytes(), serializer)
    }
}

/// The name for people, whichever way it was encoded; one that cannot be decoded is octets.
impl Serialize for MailboxName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.to_str() {
            _ if self.is_inbox() => serializer.serialize_str("INBOX"),
            Ok(name) => serializer.serialize_str(&name),
            Err(_) => octets::undecoded(&self.to_wire(crate::Encoding::ModifiedUtf7), serializer),
        }
    }
}

/// `"2015-01-31"`
impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Dashed(*self))
    }
}

/// `"2015-01-31T16:53:35+08:00"`
impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (sign, zone) = (if self.zone() < 0 { '-' } else { '+' }, self.zone().unsigned_abs());
        serializer.collect_str(&format_args!(
            "{}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
            Dashed(self.date()),
            self.hour(),
            self.minute(),
            self.second(),
            zone / 60,
            zone % 60
        ))
    }
}

/// A date as [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) has it.
struct Dashed(Date);

impl fmt::Display for Dashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

/// As IMAP has it: `"\\Seen"`, `"$Junk"`.
impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keyword(keyword) => keyword.serialize(serializer),
            system => serializer.serialize_str(system.as_str()),
        }
    }
}

/// A list of flags, `"\\*"` last where new keywords can be made.
impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wildcard = self.allows_new_keywords().then_some(&b"\\*"[..]);
        serializer.collect_seq(self.all_names().chain(wildcard).map(Octets))
    }
}

/// A list of names and values.
impl Serialize for IdFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|(name, value)| Named { name, value }))
    }
}

/// `7`, or `"*"`.
impl Serialize for SeqNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.number() {
            Some(number) => serializer.serialize_u32(number),
            None => serializer.serialize_str("*"),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.first(), self.0.last()) {
            (first, last) if first == last => first.fmt(f),
            (first, last) => write!(f, "{first}:{last}"),
        }
    }
}

/// As IMAP has it: `"3:7"`.
impl Serialize for SeqRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Range(*self))
    }
}

/// As IMAP has it: `"1,3:7,10:*"`, and `"$"` for the saved one.
impl Serialize for SequenceSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for StatusItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for StatusItems {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A list of items; a macro is what it stands for.
impl Serialize for FetchItems {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A list of names.
impl Serialize for Enable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

/// A list of what is asked for: `["MIN","MAX"]`.
impl Serialize for SearchReturn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let asked = Self::NAMES.iter().filter(|(_, option)| self.contains(*option));
        serializer.collect_seq(asked.map(|(name, _)| name))
    }
}

impl Serialize for Section {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Section", 3)?;
        fields.serialize_field("part", &self.part().collect::<Vec<_>>())?;
        fields.serialize_field("text", &self.text())?;
        fields.serialize_field("fields", &self.fields().collect::<Vec<_>>())?;
        fields.end()
    }
}

impl Serialize for Address<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Address", 5)?;
        fields.serialize_field("kind", &self.kind())?;
        fields.serialize_field("name", &NString(self.name()))?;
        fields.serialize_field("route", &NString(self.route()))?;
        fields.serialize_field("mailbox", &NString(self.mailbox()))?;
        fields.serialize_field("host", &NString(self.host()))?;
        fields.end()
    }
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Envelope", 10)?;
        fields.serialize_field("date", &NString(self.date()))?;
        fields.serialize_field("subject", &NString(self.subject()))?;
        fields.serialize_field("from", &self.from().collect::<Vec<_>>())?;
        fields.serialize_field("sender", &self.sender().collect::<Vec<_>>())?;
        fields.serialize_field("reply_to", &self.reply_to().collect::<Vec<_>>())?;
        fields.serialize_field("to", &self.to().collect::<Vec<_>>())?;
        fields.serialize_field("cc", &self.cc().collect::<Vec<_>>())?;
        fields.serialize_field("bcc", &self.bcc().collect::<Vec<_>>())?;
        fields.serialize_field("in_reply_to", &NString(self.in_reply_to()))?;
        fields.serialize_field("message_id", &NString(self.message_id()))?;
        fields.end()
    }
}

/// The whole as a tree: its root, with what it holds in `children`.
impl Serialize for BodyStructure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.root().serialize(serializer)
    }
}

fn parameters<'a>(
    list: impl Iterator<Item = (Cow<'a, [u8]>, Cow<'a, [u8]>)>,
) -> Vec<Named<NString<'a>, NString<'a>>> {
    list.map(|(name, value)| Named { name: NString(Some(name)), value: NString(Some(value)) }).collect()
}

impl Serialize for BodyPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("BodyPart", 16)?;
        fields.serialize_field("kind", &self.kind())?;
        fields.serialize_field("media_type", &NString(Some(self.media_type())))?;
        fields.serialize_field("subtype", &NString(Some(self.subtype())))?;
        fields.serialize_field("parameters", &parameters(self.parameters()))?;
        fields.serialize_field("id", &NString(self.id()))?;
        fields.serialize_field("description", &NString(self.description()))?;
        fields.serialize_field("encoding", &NString(self.encoding()))?;
        fields.serialize_field("octets", &self.octets())?;
        fields.serialize_field("lines", &self.lines())?;
        fields.serialize_field("md5", &NString(self.md5()))?;
        fields.serialize_field("disposition", &self.disposition())?;
        let languages: Vec<_> = self.languages().map(|language| NString(Some(language))).collect();
        fields.serialize_field("languages", &languages)?;
        fields.serialize_field("location", &NString(self.location()))?;
        fields.serialize_field("extensions", &self.extensions().map(Octets))?;
        fields.serialize_field("envelope", &self.envelope())?;
        fields.serialize_field("children", &self.children().collect::<Vec<_>>())?;
        fields.end()
    }
}

impl Serialize for Disposition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Disposition", 2)?;
        fields.serialize_field("kind", &NString(Some(self.kind())))?;
        fields.serialize_field("parameters", &parameters(self.parameters()))?;
        fields.end()
    }
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A list of names, those that are known first.
impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = self.iter().map(|attribute| Octets(attribute.as_str().as_bytes()));
        serializer.collect_seq(known.chain(self.others().iter().map(|other| Octets(other.as_bytes()))))
    }
}

/// Its name, as a server tells it.
impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Capabilities", 3)?;
        fields.serialize_field("capabilities", &self.iter().collect::<Vec<_>>())?;
        fields.serialize_field("mechanisms", self.mechanisms())?;
        fields.serialize_field("others", self.others())?;
        fields.end()
    }
}

/// A list of those that are listed.
impl Serialize for Deviations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().collect::<Vec<Deviation>>())
    }
}
