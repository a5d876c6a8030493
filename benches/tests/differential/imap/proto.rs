//! Reads units of IMAP as imap-proto does. What it has read is written again, and that is read here: what it means must
//! be what the unit means.
use super::read;
use crate::meaning::{Answer, Refusal};
use bytes::Bytes;
use peer_imap_proto as peer;
use std::fmt::Write as _;

/// A response.
pub(super) fn response(unit: &Bytes) -> Answer {
    let response = match peer::Response::parse(unit) {
        Ok(([], response)) => response,
        Ok(_) => return Err(Refusal::of_peer("octets left")),
        Err(_) => return Err(Refusal::of_peer("an error")),
    };
    let Some(written) = written(&response) else { return Err(Refusal::of_peer("nothing to compare with")) };
    let written = Bytes::from(written);
    read::response(&written).map_err(|refusal| {
        Refusal::of_peer(format!("reads {} in it, where {refusal} is missing", written.escape_ascii()))
    })
}

fn written(response: &peer::Response<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match response {
        peer::Response::Fetch(number, items) => {
            out.extend(format!("* {number} FETCH (").into_bytes());
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                self::item(&mut out, item)?;
            }
            out.push(b')');
        }
        peer::Response::MailboxData(data) => mailbox_data(&mut out, data)?,
        peer::Response::Expunge(number) => out.extend(format!("* {number} EXPUNGE").into_bytes()),
        peer::Response::Vanished { earlier, uids } => {
            let uids: Vec<String> = uids.iter().map(range).collect();
            let earlier = if *earlier { "(EARLIER) " } else { "" };
            out.extend(format!("* VANISHED {earlier}{}", uids.join(",")).into_bytes());
        }
        peer::Response::Capabilities(all) => {
            out.extend_from_slice(b"* CAPABILITY");
            out.extend(capabilities(all).into_bytes());
        }
        peer::Response::Data { status, outcome } => self::outcome(&mut out, "*", Some(status), outcome)?,
        peer::Response::Done { tag, status, outcome } => {
            self::outcome(&mut out, &tag.0, Some(status), outcome)?;
        }
        peer::Response::Continue(outcome) => self::outcome(&mut out, "+", None, outcome)?,
        peer::Response::Quota(quota) => {
            out.extend_from_slice(b"* QUOTA ");
            string(&mut out, quota.root_name.as_bytes());
            let resources: Vec<String> = quota
                .resources
                .iter()
                .map(|one| {
                    let name = match &one.name {
                        peer::rfc2087::QuotaResourceName::Storage => "STORAGE",
                        peer::rfc2087::QuotaResourceName::Message => "MESSAGE",
                        peer::rfc2087::QuotaResourceName::Atom(name) => name,
                    };
                    format!("{name} {} {}", one.usage, one.limit)
                })
                .collect();
            out.extend(format!(" ({})", resources.join(" ")).into_bytes());
        }
        peer::Response::QuotaRoot(root) => {
            out.extend_from_slice(b"* QUOTAROOT ");
            string(&mut out, root.mailbox_name.as_bytes());
            for root in &root.quota_root_names {
                out.push(b' ');
                string(&mut out, root.as_bytes());
            }
        }
        peer::Response::Id(fields) => {
            out.extend_from_slice(b"* ID ");
            // In no order, and of names that are there twice one is left.
            let mut fields: Vec<_> = fields.iter().flatten().collect();
            fields.sort();
            if fields.is_empty() {
                out.extend_from_slice(b"NIL");
            }
            for (at, (name, value)) in fields.iter().enumerate() {
                out.push(if at == 0 { b'(' } else { b' ' });
                string(&mut out, name.as_bytes());
                out.push(b' ');
                string(&mut out, value.as_bytes());
            }
            if !fields.is_empty() {
                out.push(b')');
            }
        }
        _ => return None,
    }
    out.extend_from_slice(b"\r\n");
    Some(out)
}

fn range(range: &std::ops::RangeInclusive<u32>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{}:{}", range.start(), range.end())
    }
}

fn capabilities(all: &[peer::Capability<'_>]) -> String {
    all.iter().fold(String::new(), |line, one| match one {
        peer::Capability::Imap4rev1 => line + " IMAP4rev1",
        peer::Capability::Auth(name) => line + " AUTH=" + name,
        peer::Capability::Atom(name) => line + " " + name,
    })
}

fn string(out: &mut Vec<u8>, octets: &[u8]) {
    out.extend(format!("{{{}}}\r\n", octets.len()).into_bytes());
    out.extend_from_slice(octets);
}

fn nstring(out: &mut Vec<u8>, octets: Option<&[u8]>) {
    match octets {
        Some(octets) => string(out, octets),
        None => out.extend_from_slice(b"NIL"),
    }
}

fn outcome(
    out: &mut Vec<u8>,
    tag: &str,
    status: Option<&peer::Status>,
    outcome: &peer::Outcome<'_>,
) -> Option<()> {
    use peer::ResponseCode as Code;
    out.extend_from_slice(tag.as_bytes());
    if let Some(status) = status {
        out.extend_from_slice(match status {
            peer::Status::Ok => b" OK",
            peer::Status::No => b" NO",
            peer::Status::Bad => b" BAD",
            peer::Status::PreAuth => b" PREAUTH",
            peer::Status::Bye => b" BYE",
        });
    }
    let set = |members: &[peer::rfc4315::UidSetMember]| {
        let members: Vec<String> = members
            .iter()
            .map(|one| match one {
                peer::rfc4315::UidSetMember::UidRange(uids) => range(uids),
                peer::rfc4315::UidSetMember::Uid(uid) => uid.to_string(),
            })
            .collect();
        members.join(",")
    };
    let code = match &outcome.code {
        None => None,
        Some(code) => Some(match code {
            Code::Alert => "ALERT".into(),
            Code::BadCharset(None) => "BADCHARSET".into(),
            Code::BadCharset(Some(names)) => {
                let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
                format!("BADCHARSET ({})", names.join(" "))
            }
            Code::Capabilities(all) => format!("CAPABILITY{}", capabilities(all)),
            Code::HighestModSeq(number) => format!("HIGHESTMODSEQ {number}"),
            Code::Parse => "PARSE".into(),
            Code::PermanentFlags(flags) => format!("PERMANENTFLAGS ({})", flags.join(" ")),
            Code::ReadOnly => "READ-ONLY".into(),
            Code::ReadWrite => "READ-WRITE".into(),
            Code::TryCreate => "TRYCREATE".into(),
            Code::UidNext(number) => format!("UIDNEXT {number}"),
            Code::UidValidity(number) => format!("UIDVALIDITY {number}"),
            Code::Unseen(number) => format!("UNSEEN {number}"),
            Code::AppendUid(validity, uids) => format!("APPENDUID {validity} {}", set(uids)),
            Code::CopyUid(validity, from, to) => format!("COPYUID {validity} {} {}", set(from), set(to)),
            Code::UidNotSticky => "UIDNOTSTICKY".into(),
            _ => return None,
        }),
    };
    let mut words = code.map_or(String::new(), |code| format!("[{code}] "));
    words += outcome.information.as_deref().unwrap_or_default();
    out.push(b' ');
    out.extend_from_slice(words.as_bytes());
    Some(())
}

fn mailbox_data(out: &mut Vec<u8>, data: &peer::MailboxDatum<'_>) -> Option<()> {
    use peer::{MailboxDatum as Data, NameAttribute as Attribute, StatusAttribute};
    match data {
        Data::Exists(number) => out.extend(format!("* {number} EXISTS").into_bytes()),
        Data::Recent(number) => out.extend(format!("* {number} RECENT").into_bytes()),
        Data::Flags(flags) => out.extend(format!("* FLAGS ({})", flags.join(" ")).into_bytes()),
        Data::Search(numbers) | Data::Sort(numbers) => {
            let name = if matches!(data, Data::Sort(_)) { "SORT" } else { "SEARCH" };
            let numbers: String = numbers.iter().map(|number| format!(" {number}")).collect();
            out.extend(format!("* {name}{numbers}").into_bytes());
        }
        Data::List(list) => {
            let attributes: Vec<&str> = list
                .name_attributes
                .iter()
                .map(|one| match one {
                    Attribute::NoInferiors => "\\NoInferiors",
                    Attribute::NoSelect => "\\NoSelect",
                    Attribute::Marked => "\\Marked",
                    Attribute::Unmarked => "\\Unmarked",
                    Attribute::All => "\\All",
                    Attribute::Archive => "\\Archive",
                    Attribute::Drafts => "\\Drafts",
                    Attribute::Flagged => "\\Flagged",
                    Attribute::Junk => "\\Junk",
                    Attribute::Sent => "\\Sent",
                    Attribute::Trash => "\\Trash",
                    Attribute::Extension(name) => name,
                    _ => "\\unknown",
                })
                .collect();
            out.extend(format!("* LIST ({}) ", attributes.join(" ")).into_bytes());
            match &list.delimiter {
                // It is as it was quoted.
                Some(delimiter) => out.extend(format!("\"{delimiter}\"").into_bytes()),
                None => out.extend_from_slice(b"NIL"),
            }
            out.push(b' ');
            string(out, list.name.as_bytes());
        }
        Data::Status { mailbox, status } => {
            out.extend_from_slice(b"* STATUS ");
            string(out, mailbox.as_bytes());
            let items: Vec<String> = status
                .iter()
                .map(|one| match one {
                    StatusAttribute::HighestModSeq(number) => format!("HIGHESTMODSEQ {number}"),
                    StatusAttribute::Messages(number) => format!("MESSAGES {number}"),
                    StatusAttribute::Recent(number) => format!("RECENT {number}"),
                    StatusAttribute::UidNext(number) => format!("UIDNEXT {number}"),
                    StatusAttribute::UidValidity(number) => format!("UIDVALIDITY {number}"),
                    StatusAttribute::Unseen(number) => format!("UNSEEN {number}"),
                    _ => "UNKNOWN 0".into(),
                })
                .collect();
            out.extend(format!(" ({})", items.join(" ")).into_bytes());
        }
        _ => return None,
    }
    Some(())
}

fn item(out: &mut Vec<u8>, item: &peer::AttributeValue<'_>) -> Option<()> {
    use peer::AttributeValue as Item;
    match item {
        Item::Uid(uid) => out.extend(format!("UID {uid}").into_bytes()),
        Item::Flags(flags) => out.extend(format!("FLAGS ({})", flags.join(" ")).into_bytes()),
        Item::ModSeq(number) => out.extend(format!("MODSEQ ({number})").into_bytes()),
        Item::InternalDate(date) => out.extend(format!("INTERNALDATE \"{date}\"").into_bytes()),
        Item::Rfc822Size(size) => out.extend(format!("RFC822.SIZE {size}").into_bytes()),
        Item::Envelope(envelope) => {
            out.extend_from_slice(b"ENVELOPE ");
            self::envelope(out, envelope);
        }
        Item::BodyStructure(body) => {
            out.extend_from_slice(b"BODYSTRUCTURE ");
            self::body(out, body);
        }
        Item::Rfc822(data) => content(out, "RFC822", data.as_deref()),
        Item::Rfc822Header(data) => content(out, "RFC822.HEADER", data.as_deref()),
        Item::Rfc822Text(data) => content(out, "RFC822.TEXT", data.as_deref()),
        Item::BodySection { section, index, data } => {
            let name = |section: &peer::MessageSection| match section {
                peer::MessageSection::Header => "HEADER",
                peer::MessageSection::Mime => "MIME",
                peer::MessageSection::Text => "TEXT",
            };
            let mut head = String::from("BODY[");
            match section {
                None => {}
                Some(peer::SectionPath::Full(section)) => head += name(section),
                Some(peer::SectionPath::Part(numbers, section)) => {
                    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
                    head += &numbers.join(".");
                    if let Some(section) = section {
                        write!(head, ".{}", name(section)).unwrap();
                    }
                }
            }
            head += "]";
            if let Some(index) = index {
                write!(head, "<{index}>").unwrap();
            }
            content(out, &head, data.as_deref());
        }
        _ => return None,
    }
    Some(())
}

fn content(out: &mut Vec<u8>, name: &str, data: Option<&[u8]>) {
    out.extend_from_slice(name.as_bytes());
    out.push(b' ');
    nstring(out, data);
}

fn envelope(out: &mut Vec<u8>, envelope: &peer::Envelope<'_>) {
    let field = |out: &mut Vec<u8>, octets: Option<&[u8]>, before: u8| {
        out.push(before);
        nstring(out, octets);
    };
    field(out, envelope.date.as_deref(), b'(');
    field(out, envelope.subject.as_deref(), b' ');
    let lists =
        [&envelope.from, &envelope.sender, &envelope.reply_to, &envelope.to, &envelope.cc, &envelope.bcc];
    for list in lists {
        out.push(b' ');
        let Some(list) = list else {
            out.extend_from_slice(b"NIL");
            continue;
        };
        out.push(b'(');
        for address in list {
            field(out, address.name.as_deref(), b'(');
            field(out, address.adl.as_deref(), b' ');
            field(out, address.mailbox.as_deref(), b' ');
            field(out, address.host.as_deref(), b' ');
            out.push(b')');
        }
        out.push(b')');
    }
    field(out, envelope.in_reply_to.as_deref(), b' ');
    field(out, envelope.message_id.as_deref(), b' ');
    out.push(b')');
}

fn parameters(out: &mut Vec<u8>, all: &peer::BodyParams<'_>) {
    let Some(all) = all else { return out.extend_from_slice(b"NIL") };
    for (at, (name, value)) in all.iter().enumerate() {
        out.push(if at == 0 { b'(' } else { b' ' });
        string(out, name.as_bytes());
        out.push(b' ');
        string(out, value.as_bytes());
    }
    out.push(b')');
}

/// A body, as far as it has extension data: one that is missing is not told from NIL.
fn body(out: &mut Vec<u8>, body: &peer::BodyStructure<'_>) {
    let (common, extension) = match body {
        peer::BodyStructure::Basic { common, extension, .. }
        | peer::BodyStructure::Text { common, extension, .. }
        | peer::BodyStructure::Message { common, extension, .. }
        | peer::BodyStructure::Multipart { common, extension, .. } => (common, extension),
    };
    out.push(b'(');
    let other = match body {
        peer::BodyStructure::Multipart { bodies, .. } => {
            bodies.iter().for_each(|part| self::body(out, part));
            out.push(b' ');
            string(out, common.ty.subtype.as_bytes());
            out.push(b' ');
            parameters(out, &common.ty.params);
            None
        }
        peer::BodyStructure::Basic { other, .. }
        | peer::BodyStructure::Text { other, .. }
        | peer::BodyStructure::Message { other, .. } => {
            single_part(out, common, other);
            Some(other)
        }
    };
    match body {
        peer::BodyStructure::Text { lines, .. } => out.extend(format!(" {lines}").into_bytes()),
        peer::BodyStructure::Message { envelope, body, lines, .. } => {
            out.push(b' ');
            self::envelope(out, envelope);
            out.push(b' ');
            self::body(out, body);
            out.extend(format!(" {lines}").into_bytes());
        }
        _ => {}
    }
    if let Some(other) = other {
        out.push(b' ');
        nstring(out, other.md5.as_deref().map(str::as_bytes));
    }
    out.push(b' ');
    match &common.disposition {
        Some(disposition) => {
            out.push(b'(');
            string(out, disposition.ty.as_bytes());
            out.push(b' ');
            parameters(out, &disposition.params);
            out.push(b')');
        }
        None => out.extend_from_slice(b"NIL"),
    }
    out.push(b' ');
    match common.language.as_deref() {
        Some([]) | None => out.extend_from_slice(b"NIL"),
        Some(languages) => {
            for (at, language) in languages.iter().enumerate() {
                out.push(if at == 0 { b'(' } else { b' ' });
                string(out, language.as_bytes());
            }
            out.push(b')');
        }
    }
    out.push(b' ');
    nstring(out, common.location.as_deref().map(str::as_bytes));
    if let Some(extension) = extension {
        out.push(b' ');
        self::extension(out, extension);
    }
    out.push(b')');
}

fn single_part(
    out: &mut Vec<u8>,
    common: &peer::BodyContentCommon<'_>,
    other: &peer::BodyContentSinglePart<'_>,
) {
    string(out, common.ty.ty.as_bytes());
    out.push(b' ');
    string(out, common.ty.subtype.as_bytes());
    out.push(b' ');
    parameters(out, &common.ty.params);
    for text in [&other.id, &other.description] {
        out.push(b' ');
        nstring(out, text.as_deref().map(str::as_bytes));
    }
    let encoding = match &other.transfer_encoding {
        peer::ContentEncoding::SevenBit => "7bit",
        peer::ContentEncoding::EightBit => "8bit",
        peer::ContentEncoding::Binary => "binary",
        peer::ContentEncoding::Base64 => "base64",
        peer::ContentEncoding::QuotedPrintable => "quoted-printable",
        peer::ContentEncoding::Other(name) => name,
    };
    out.push(b' ');
    string(out, encoding.as_bytes());
    out.extend(format!(" {}", other.octets).into_bytes());
}

fn extension(out: &mut Vec<u8>, extension: &peer::BodyExtension<'_>) {
    match extension {
        peer::BodyExtension::Num(number) => out.extend(number.to_string().into_bytes()),
        // It is compared as it stands, and seldom a literal.
        peer::BodyExtension::Str(Some(text)) if !text.contains(['\r', '\n']) => {
            out.extend(format!("\"{text}\"").into_bytes());
        }
        peer::BodyExtension::Str(text) => nstring(out, text.as_deref().map(str::as_bytes)),
        peer::BodyExtension::List(list) => {
            for (at, one) in list.iter().enumerate() {
                out.push(if at == 0 { b'(' } else { b' ' });
                self::extension(out, one);
            }
            out.push(b')');
        }
    }
}
