//! Whole responses: each is exactly one, whatever it holds.
use super::code;
use crate::{
    Flags, Wire,
    encode::{Hold, writer::Writer},
    response::{
        Capabilities, Continuation, ESearch, ESearchItem, Greeting, Namespace, Numbers, Raw, Response,
        Search, Status, Untagged, VanishedWhen,
    },
};
use mail_wire::{Output, Text};

impl Response {
    /// Writes the response, with its CRLF.
    ///
    /// Of a FETCH with a payload that streams, write the pieces with
    /// [`Fetch::encode_head`](crate::response::Fetch::encode_head) instead: here such a payload
    /// is written as NIL.
    pub fn encode(&self, wire: &Wire, out: &mut impl Hold) {
        let mut out = Writer::response(wire, out);
        match self {
            Self::Tagged(done) => {
                out.text(done.tag.as_str().as_bytes());
                out.text(b" ");
                done.status.write(&mut out);
            }
            Self::Untagged(data) => {
                out.text(b"* ");
                data.write(&mut out);
            }
            Self::Continuation(continuation) => continuation.write(&mut out),
        }
        out.end();
    }
}

impl Greeting {
    /// Writes the greeting, with its CRLF.
    pub fn encode(&self, wire: &Wire, out: &mut impl Hold) {
        let mut out = Writer::response(wire, out);
        out.text(b"* ");
        self.status().write(&mut out);
        out.end();
    }
}

impl Continuation {
    /// `continue-req = "+" SP (resp-text / base64)`
    fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        out.text(b"+ ");
        resp_text(self.code(), self.text(), out);
    }
}

impl Status {
    /// `("OK" / "NO" / "BAD" / "PREAUTH" / "BYE") SP resp-text`
    fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        out.text(self.kind().as_str().as_bytes());
        out.text(b" ");
        resp_text(self.code(), self.text(), out);
    }
}

/// `resp-text = ["[" resp-text-code "]" SP] [text]`
fn resp_text<O: Hold>(code: Option<&crate::response::Code>, text: &Text, out: &mut Writer<'_, O>) {
    // rule rfc3501 7.1 code-in-brackets: a response code stands in brackets before the text
    if let Some(code) = code {
        out.text(b"[");
        code::write(code, out);
        out.text(b"] ");
    }
    out.text(text.as_bytes());
}

impl Untagged {
    fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        match self {
            Self::Status(status) => status.write(out),
            Self::Capability(list) => {
                out.text(b"CAPABILITY");
                capabilities(list, out);
            }
            Self::Enabled(list) => {
                out.text(b"ENABLED");
                capabilities(list, out);
            }
            Self::List(list) => list.write(out),
            Self::MailboxStatus(status) => status.write(out),
            Self::Namespace(namespaces) => {
                out.text(b"NAMESPACE");
                for list in [&namespaces.personal, &namespaces.other_users, &namespaces.shared] {
                    namespace(list, out);
                }
            }
            Self::Flags(flags) => {
                out.text(b"FLAGS ");
                flag_list(flags, out);
            }
            Self::Search(found) => search(b"SEARCH", found, out),
            Self::Sort(found) => search(b"SORT", found, out),
            Self::ESearch(found) => esearch(found, out),
            Self::Exists(number) => numbered(*number, b"EXISTS", out),
            Self::Recent(number) => numbered(*number, b"RECENT", out),
            Self::Expunge(number) => numbered(*number, b"EXPUNGE", out),
            Self::Vanished(vanished) => {
                let earlier = vanished.when == VanishedWhen::Earlier;
                out.text(if earlier { b"VANISHED (EARLIER) " } else { b"VANISHED " });
                out.sequence_set(&vanished.uids);
            }
            Self::Fetch(fetch) => fetch.write(out),
            Self::Id(fields) => {
                out.text(b"ID ");
                out.id_fields(fields);
            }
            Self::Quota(quota) => {
                out.text(b"QUOTA ");
                out.astring(quota.root.as_bytes());
                out.text(b" ");
                out.list(&quota.resources, |resource, out| {
                    out.text(resource.name.as_bytes());
                    out.text(b" ");
                    out.number(resource.usage);
                    out.text(b" ");
                    out.number(resource.limit);
                });
            }
            Self::QuotaRoot(roots) => {
                out.text(b"QUOTAROOT ");
                out.mailbox(&roots.mailbox);
                for root in &roots.roots {
                    out.text(b" ");
                    out.astring(root.as_bytes());
                }
            }
            Self::Other(other) => {
                if let Some(number) = other.number() {
                    out.number(number.into());
                    out.text(b" ");
                }
                out.text(other.name().as_bytes());
                if !other.data().is_empty() {
                    out.text(b" ");
                    raw(other.data(), out);
                }
            }
        }
    }
}

/// `"(" [flag *(SP flag)] ")"`, with `\*` where new keywords can be made.
pub(super) fn flag_list<O: Hold>(flags: &Flags, out: &mut Writer<'_, O>) {
    let wildcard = flags.allows_new_keywords().then_some(&b"\\*"[..]);
    out.list(flags.all_names().chain(wildcard), |name, out| out.text(name));
}

/// Data of an unknown kind, as it came.
pub(super) fn raw<O: Hold>(raw: &Raw, out: &mut Writer<'_, O>) {
    out.text(raw.as_bytes());
}

/// `*(SP capability)`
pub(super) fn capabilities<O: Hold>(list: &Capabilities, out: &mut Writer<'_, O>) {
    for capability in list.iter() {
        out.text(b" ");
        out.text(capability.as_str().as_bytes());
    }
    for mechanism in list.mechanisms() {
        out.text(b" AUTH=");
        out.text(mechanism.as_str().as_bytes());
    }
    for other in list.others() {
        out.text(b" ");
        out.text(other.as_bytes());
    }
}

fn numbered<O: Hold>(number: u32, name: &[u8], out: &mut Writer<'_, O>) {
    out.number(number.into());
    out.text(b" ");
    out.text(name);
}

/// `name *(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"]`
fn search<O: Hold>(name: &[u8], found: &Search, out: &mut Writer<'_, O>) {
    out.text(name);
    for number in &found.numbers {
        out.text(b" ");
        out.number((*number).into());
    }
    // rule rfc7162 3.1.6 modseq-of-search: SEARCH tells the highest MODSEQ in parentheses
    if let Some(value) = found.mod_seq {
        out.text(b" (MODSEQ ");
        out.number(value);
        out.text(b")");
    }
}

/// `"ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)`
fn esearch<O: Hold>(found: &ESearch, out: &mut Writer<'_, O>) {
    out.text(b"ESEARCH");
    // rule rfc9051 7.3.4 esearch-names-its-command: ESEARCH names the command that it answers
    if let Some(tag) = &found.tag {
        out.text(b" (TAG ");
        out.string(tag.as_bytes());
        out.text(b")");
    }
    // rule rfc9051 7.3.4 esearch-uid: ESEARCH says UID where its numbers are UIDs
    if found.numbers == Numbers::Uids {
        out.text(b" UID");
    }
    for item in &found.items {
        out.text(b" ");
        match item {
            ESearchItem::Min(number) => named(b"MIN ", (*number).into(), out),
            ESearchItem::Max(number) => named(b"MAX ", (*number).into(), out),
            ESearchItem::Count(number) => named(b"COUNT ", (*number).into(), out),
            ESearchItem::ModSeq(value) => named(b"MODSEQ ", *value, out),
            ESearchItem::All(set) => {
                out.text(b"ALL ");
                out.sequence_set(set);
            }
            ESearchItem::Other(name, value) => {
                out.text(name.as_bytes());
                out.text(b" ");
                raw(value, out);
            }
        }
    }
}

pub(super) fn named<O: Hold>(name: &[u8], number: u64, out: &mut Writer<'_, O>) {
    out.text(name);
    out.number(number);
}

/// `SP (nil / "(" 1*namespace-descr ")")`
fn namespace<O: Hold>(list: &[Namespace], out: &mut Writer<'_, O>) {
    // rule rfc2342 5 no-namespace-is-nil: a class without namespaces is NIL
    if list.is_empty() {
        return out.text(b" NIL");
    }
    out.text(b" (");
    for namespace in list {
        out.text(b"(");
        out.string(namespace.prefix.as_bytes());
        out.text(b" ");
        super::mailbox_data::delimiter(namespace.delimiter, out);
        for (name, values) in &namespace.extensions {
            out.text(b" ");
            out.string(name.as_bytes());
            out.text(b" ");
            out.list(values, |value, out| out.string(value.as_bytes()));
        }
        out.text(b")");
    }
    out.text(b")");
}
