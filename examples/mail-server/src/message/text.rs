//! What SEARCH looks at.
use super::{
    blob::{DamagedBlob, Reader, Writer},
    content::Content,
    fields::{Field, Fields, unfold},
    walk::{Kind, Part},
};
use mail_parser::{
    HeaderValue,
    decoders::{
        base64::base64_decode, charsets::map::charset_decoder, html::html_to_text,
        quoted_printable::quoted_printable_decode,
    },
    parsers::MessageStream,
};
use std::borrow::Cow;

/// The text of a message, decoded and folded to one case: the fields of its header, and its texts.
///
/// Encoded words, transfer encodings and charsets are undone; of HTML there is what a reader sees. The texts are all
/// parts of type text, and the headers of messages within the message. At most 1 MiB of them is kept, 256 KiB of the
/// header, and as much of the headers of parts: SEARCH does not find what stands behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchText {
    /// Name and value of each field, the name in lower case.
    fields: Vec<(String, String)>,
    body: String,
    /// The headers of parts, which TEXT looks at: names of attachments stand there.
    part_headers: String,
}

/// So many octets of text are kept.
const MAX_BODY: usize = 1 << 20;

/// So many octets of names and values are kept.
const MAX_HEADER: usize = 256 << 10;

impl SearchText {
    /// The version of what [`encode`](Self::encode) writes.
    pub const VERSION: u8 = 1;

    pub(super) fn of(octets: &[u8], parts: &[Part], contents: &[Content]) -> Self {
        let mut text = Self::default();
        let Some(message) = parts.first() else { return text };
        let mut left = MAX_HEADER;
        for field in Fields::new(message.header_of(octets)).filter(|field| field.lines.len() <= MAX_HEADER) {
            let (name, value) = decoded(field);
            let Some(rest) = left.checked_sub(name.len() + value.len()) else { break };
            left = rest;
            text.fields.push((name, value));
        }
        let mut before = Kind::Leaf;
        for (at, (part, content)) in parts.iter().zip(contents).enumerate() {
            // Right behind a message/rfc822 stands its message.
            let (kept, limit) = match before {
                Kind::Message => (&mut text.body, MAX_BODY),
                Kind::Multipart | Kind::Leaf => (&mut text.part_headers, MAX_HEADER),
            };
            if at > 0 && kept.len() < limit {
                for (name, value) in Fields::new(part.header_of(octets)).map(decoded) {
                    push(kept, limit, &format!("{name}: {value}\n"));
                }
            }
            before = part.kind;
            if part.kind == Kind::Leaf && content.is_text() && text.body.len() < MAX_BODY {
                push(&mut text.body, MAX_BODY, &fold(&text_of(part.body_of(octets), content)));
                push(&mut text.body, MAX_BODY, "\n");
            }
        }
        text
    }

    /// The values of the fields of this name, which is in lower case.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Names and values of all fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The texts, behind each other.
    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// The headers of parts, behind each other.
    pub(super) fn part_headers(&self) -> &str {
        &self.part_headers
    }

    /// Writes it as a BLOB.
    pub fn encode(&self) -> Vec<u8> {
        let mut blob = Writer::new(Self::VERSION);
        blob.number(self.fields.len() as u64);
        for (name, value) in &self.fields {
            blob.octets(name.as_bytes());
            blob.octets(value.as_bytes());
        }
        blob.octets(self.body.as_bytes());
        blob.octets(self.part_headers.as_bytes());
        blob.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// The BLOB is damaged, or of another version: then it is to be computed anew.
    pub fn decode(blob: &[u8]) -> Result<Self, DamagedBlob> {
        let mut blob = Reader::new(blob, Self::VERSION)?;
        let fields = (0..blob.count()?)
            .map(|_| Ok((blob.text()?.to_owned(), blob.text()?.to_owned())))
            .collect::<Result<Vec<_>, DamagedBlob>>()?;
        let (body, part_headers) = (blob.text()?.to_owned(), blob.text()?.to_owned());
        blob.finish()?;
        Ok(Self { fields, body, part_headers })
    }
}

/// Adds to what is kept, as much as there is room for.
fn push(kept: &mut String, limit: usize, text: &str) {
    let mut end = text.len().min(limit.saturating_sub(kept.len()));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    kept.push_str(text.get(..end).unwrap_or_default());
}

/// The name in lower case, and the value decoded and folded, of a field.
fn decoded(field: Field<'_>) -> (String, String) {
    let name = String::from_utf8_lossy(field.name).to_ascii_lowercase();
    (name, fold(&words(&unfold(field.value))))
}

/// The encoded words of a value undone ([RFC 2047](https://www.rfc-editor.org/rfc/rfc2047)).
fn words(value: &[u8]) -> Cow<'_, str> {
    if memchr::memmem::find(value, b"=?").is_some() {
        // It ends at a line break that no white space follows.
        let line = [value, b"\r\n"].concat();
        if let HeaderValue::Text(text) = MessageStream::new(&line).parse_unstructured() {
            return Cow::Owned(text.into_owned());
        }
    }
    String::from_utf8_lossy(value)
}

/// A text, its transfer encoding and its charset undone. What does not follow its encoding is taken as it stands.
fn text_of(body: &[u8], content: &Content) -> String {
    // No transfer encoding takes more than four octets for one of text that is kept, line breaks included.
    let body = body.get(..4 * MAX_BODY).unwrap_or(body);
    let encoding = content.encoding.as_deref().unwrap_or_default();
    let decoded = match () {
        () if encoding.eq_ignore_ascii_case("base64") => base64_decode(body),
        () if encoding.eq_ignore_ascii_case("quoted-printable") => quoted_printable_decode(body),
        () => None,
    };
    let octets = decoded.map_or(Cow::Borrowed(body), Cow::Owned);
    // What is told to be ASCII, or nothing, and has more is mostly UTF-8.
    let charset = content.parameter("charset").filter(|charset| !charset.eq_ignore_ascii_case("us-ascii"));
    let decoder = charset.and_then(|charset| charset_decoder(charset.as_bytes()));
    let text =
        decoder.map_or_else(|| String::from_utf8_lossy(&octets).into_owned(), |decode| decode(&octets));
    if content.subtype.eq_ignore_ascii_case("html") { html_to_text(&text) } else { text }
}

/// A text in which letters that differ in case alone are the same.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|octet| !octet.is_ascii()) {
        let (ascii, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
        folded.push_str(ascii);
        let mut letters = behind.chars();
        // Some letters have several lower cases, or upper cases: there and back makes them one.
        folded.extend(letters.next().into_iter().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
        rest = letters.as_str();
    }
    folded.push_str(rest);
    folded.make_ascii_lowercase();
    folded
}
