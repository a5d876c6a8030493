//! What a response means, whoever has read it.
//!
//! What a peer has read is written as IMAP again, by its own encoder where it has one, and read by this workspace's
//! parser: it must be the value that the original octets give.
use bytes::Bytes;
use imap_codec::encode::Encoder;
use imap_proto::{Deviations, Dialect, response::Response};
use peer_imap_proto as peer;
use std::fmt::Write;

/// Reads it with this workspace's parser.
pub(super) fn ours(unit: &Bytes) -> Response {
    let mut deviations = Deviations::new();
    let found = Response::parse(unit, &Dialect::default(), &mut deviations).unwrap();
    assert!(deviations.is_empty(), "{}", unit.escape_ascii());
    found
}

/// Asserts that all three read the same in it.
pub(super) fn assert_same(unit: &Bytes) {
    use imap_codec::decode::Decoder;
    let original = ours(unit);
    let (rest, codec) = imap_codec::ResponseCodec::default().decode(unit).unwrap();
    assert!(rest.is_empty());
    let written = imap_codec::ResponseCodec::default().encode(&codec).dump();
    // The peers choose the case of types themselves.
    let folded = |response: &Response| format!("{response:?}").to_lowercase();
    assert_eq!(folded(&ours(&written.into())), folded(&original), "imap-codec");
    let (rest, proto) = peer::Response::parse(unit).unwrap();
    assert!(rest.is_empty());
    assert_eq!(folded(&ours(&Bytes::from(write(&proto)))), folded(&original), "imap-proto");
}

/// Writes what imap-proto has read.
fn write(response: &peer::Response<'_>) -> String {
    match response {
        peer::Response::Fetch(number, items) => {
            let items: Vec<String> = items.iter().map(item).collect();
            format!("* {number} FETCH ({})\r\n", items.join(" "))
        }
        peer::Response::MailboxData(peer::MailboxDatum::List(list)) => {
            let attributes: Vec<String> =
                list.name_attributes.iter().map(|one| format!("\\{one:?}")).collect();
            let attributes = attributes.join(" ").replace("\\Extension(\"", "").replace("\")", "");
            let attributes = attributes.replace("\\\\", "\\");
            let delimiter = list.delimiter.as_ref().map_or("NIL".into(), |one| format!("\"{one}\""));
            format!("* LIST ({attributes}) {delimiter} \"{}\"\r\n", list.name)
        }
        peer::Response::MailboxData(peer::MailboxDatum::Search(numbers)) => {
            let mut line = String::from("* SEARCH");
            numbers.iter().for_each(|number| write!(line, " {number}").unwrap());
            line + "\r\n"
        }
        peer::Response::MailboxData(peer::MailboxDatum::Exists(number)) => format!("* {number} EXISTS\r\n"),
        peer::Response::Capabilities(all) => {
            let mut line = String::from("* CAPABILITY");
            for one in all {
                match one {
                    peer::Capability::Imap4rev1 => line += " IMAP4rev1",
                    peer::Capability::Auth(name) => write!(line, " AUTH={name}").unwrap(),
                    peer::Capability::Atom(name) => write!(line, " {name}").unwrap(),
                }
            }
            line + "\r\n"
        }
        peer::Response::Data { status, outcome } => status_line("*", status, outcome),
        peer::Response::Done { tag, status, outcome } => status_line(&tag.0, status, outcome),
        other => panic!("no row reads {other:?}"),
    }
}

fn status_line(tag: &str, status: &peer::Status, outcome: &peer::Outcome<'_>) -> String {
    let code = match &outcome.code {
        Some(peer::ResponseCode::UidValidity(number)) => format!("[UIDVALIDITY {number}] "),
        Some(peer::ResponseCode::UidNext(number)) => format!("[UIDNEXT {number}] "),
        Some(peer::ResponseCode::ReadWrite) => "[READ-WRITE] ".into(),
        Some(peer::ResponseCode::PermanentFlags(flags)) => format!("[PERMANENTFLAGS ({})] ", flags.join(" ")),
        other => panic!("no row reads {other:?}"),
    };
    let status = format!("{status:?}").to_uppercase();
    format!("{tag} {status} {code}{}\r\n", outcome.information.as_deref().unwrap_or_default().trim_start())
}

fn item(item: &peer::AttributeValue<'_>) -> String {
    use peer::AttributeValue as Item;
    match item {
        Item::Uid(uid) => format!("UID {uid}"),
        Item::Flags(flags) => format!("FLAGS ({})", flags.join(" ")),
        Item::ModSeq(number) => format!("MODSEQ ({number})"),
        Item::InternalDate(date) => format!("INTERNALDATE \"{date}\""),
        Item::Rfc822Size(size) => format!("RFC822.SIZE {size}"),
        Item::Envelope(envelope) => format!("ENVELOPE {}", self::envelope(envelope)),
        Item::BodyStructure(body) => format!("BODYSTRUCTURE {}", self::body(body)),
        other => panic!("no row reads {other:?}"),
    }
}

fn nstring(text: Option<&[u8]>) -> String {
    text.map_or("NIL".into(), |text| format!("\"{}\"", text.escape_ascii()))
}

fn envelope(envelope: &peer::Envelope<'_>) -> String {
    let addresses = |list: &Option<Vec<peer::Address<'_>>>| {
        let Some(list) = list else { return "NIL".into() };
        let one = |address: &peer::Address<'_>| {
            let peer::Address { name, adl, mailbox, host } = address;
            let fields = [name, adl, mailbox, host].map(|field| nstring(field.as_deref()));
            format!("({})", fields.join(" "))
        };
        format!("({})", list.iter().map(one).collect::<String>())
    };
    [
        nstring(envelope.date.as_deref()),
        nstring(envelope.subject.as_deref()),
        addresses(&envelope.from),
        addresses(&envelope.sender),
        addresses(&envelope.reply_to),
        addresses(&envelope.to),
        addresses(&envelope.cc),
        addresses(&envelope.bcc),
        nstring(envelope.in_reply_to.as_deref()),
        format!("{})", nstring(envelope.message_id.as_deref())),
    ]
    .join(" ")
    .replacen("", "(", 1)
}

fn body(body: &peer::BodyStructure<'_>) -> String {
    let text = |text: &Option<std::borrow::Cow<'_, str>>| nstring(text.as_deref().map(str::as_bytes));
    let parameters = |all: &peer::BodyParams<'_>| {
        let Some(all) = all else { return "NIL".into() };
        let all: Vec<String> = all.iter().map(|(name, value)| format!("\"{name}\" \"{value}\"")).collect();
        format!("({})", all.join(" "))
    };
    let disposition = |common: &peer::BodyContentCommon<'_>| {
        common
            .disposition
            .as_ref()
            .map_or("NIL".into(), |it| format!("(\"{}\" {})", it.ty, parameters(&it.params)))
    };
    let (common, other, lines) = match body {
        peer::BodyStructure::Multipart { common, bodies, .. } => {
            let bodies: String = bodies.iter().map(self::body).collect();
            let peer::ContentType { subtype, params, .. } = &common.ty;
            return format!(
                "({bodies} \"{subtype}\" {} {} NIL NIL)",
                parameters(params),
                disposition(common)
            );
        }
        peer::BodyStructure::Basic { common, other, .. } => (common, other, String::new()),
        peer::BodyStructure::Text { common, other, lines, .. } => (common, other, format!(" {lines}")),
        other => panic!("no row reads {other:?}"),
    };
    let encoding = match &other.transfer_encoding {
        peer::ContentEncoding::QuotedPrintable => "quoted-printable",
        peer::ContentEncoding::Base64 => "base64",
        other => panic!("no row reads {other:?}"),
    };
    format!(
        "(\"{}\" \"{}\" {} {} {} \"{encoding}\" {}{lines} {} {} NIL NIL)",
        common.ty.ty,
        common.ty.subtype,
        parameters(&common.ty.params),
        text(&other.id),
        text(&other.description),
        other.octets,
        text(&other.md5),
        disposition(common),
    )
}
