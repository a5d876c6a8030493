//! What the header of a part says of its content.
use super::{
    fields::{Field, Fields, one_line, unfold},
    lexer::{Lexer, is_space},
    walk::Kind,
};

/// The fields `Content-..` of a part, with the defaults of
/// [RFC 2045 §5.2](https://www.rfc-editor.org/rfc/rfc2045#section-5.2). Of several fields of a name the first counts.
///
/// Strings are as they were written, without quotation marks; octets that are no UTF-8 show as U+FFFD.
#[derive(Debug, Clone, Default)]
pub(super) struct Content {
    pub(super) media_type: String,
    pub(super) subtype: String,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) id: Option<String>,
    pub(super) description: Option<String>,
    pub(super) encoding: Option<String>,
    pub(super) md5: Option<String>,
    pub(super) disposition: Option<(String, Vec<(String, String)>)>,
    pub(super) languages: Vec<String>,
    pub(super) location: Option<String>,
}

/// The type of a part that tells none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DefaultType {
    /// `text/plain; charset=us-ascii`
    Text,
    /// `message/rfc822`, in a multipart/digest.
    Message,
}

impl Content {
    /// So many parameters of a message are told: a structure has room for 65,535.
    pub(super) const MAX_PARAMETERS: usize = 20_000;

    /// Reads a header; what is told of parameters is taken from `parameters`.
    pub(super) fn of(header: &[u8], default: DefaultType, parameters: &mut usize) -> Self {
        let mut content = Self::default();
        let mut seen = 0_u16;
        for field in Fields::new(header) {
            let Some(known) = known(&field) else { continue };
            if seen & 1 << known == 0 {
                seen |= 1 << known;
                content.read(known, field.value, parameters);
            }
        }
        if content.media_type.is_empty() {
            let (media_type, subtype) = match default {
                DefaultType::Text => ("text", "plain"),
                DefaultType::Message => ("message", "rfc822"),
            };
            (content.media_type, content.subtype) = (media_type.into(), subtype.into());
        }
        if content.is_text() && content.parameter("charset").is_none() && *parameters > 0 {
            content.parameters.push(("charset".into(), "us-ascii".into()));
            *parameters -= 1;
        }
        content
    }

    fn read(&mut self, known: usize, value: &[u8], parameters: &mut usize) {
        let line = || Some(lossy(&unfold(value))).filter(|line| !line.is_empty());
        match known {
            TYPE => self.read_type(value, parameters),
            DISPOSITION => {
                let mut lexer = Lexer::new(value);
                lexer.skip_space();
                let kind = lossy(lexer.take_while(is_token));
                if !kind.is_empty() {
                    self.disposition = Some((kind, parameters_of(&mut lexer, parameters)));
                }
            }
            ENCODING => {
                let mut lexer = Lexer::new(value);
                lexer.skip_space();
                self.encoding = Some(lossy(lexer.take_while(is_token))).filter(|token| !token.is_empty());
            }
            LANGUAGE => self.languages = languages(value, parameters),
            ID => self.id = line(),
            DESCRIPTION => self.description = line(),
            MD5 => self.md5 = line(),
            _ => self.location = line(),
        }
    }

    /// `content := type "/" subtype *(";" parameter)`
    fn read_type(&mut self, value: &[u8], parameters: &mut usize) {
        let mut lexer = Lexer::new(value);
        lexer.skip_space();
        let media_type = lexer.take_while(is_token);
        lexer.skip_space();
        let has_subtype = lexer.take(b'/');
        lexer.skip_space();
        let subtype = if has_subtype { lexer.take_while(is_token) } else { b"" };
        if !media_type.is_empty() && !subtype.is_empty() {
            (self.media_type, self.subtype) = (lossy(media_type), lossy(subtype));
            self.parameters = parameters_of(&mut lexer, parameters);
        }
    }

    pub(super) fn kind(&self) -> Kind {
        if self.media_type.eq_ignore_ascii_case("multipart") {
            Kind::Multipart
        } else if self.is_message() {
            Kind::Message
        } else {
            Kind::Leaf
        }
    }

    pub(super) fn is_text(&self) -> bool {
        self.media_type.eq_ignore_ascii_case("text")
    }

    fn is_message(&self) -> bool {
        self.media_type.eq_ignore_ascii_case("message") && self.subtype.eq_ignore_ascii_case("rfc822")
    }

    /// Makes it a part of octets: it is not looked into.
    pub(super) fn become_octets(&mut self) -> Kind {
        (self.media_type, self.subtype) = ("application".into(), "octet-stream".into());
        self.parameters.clear();
        Kind::Leaf
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What the parts of a multipart begin with.
    pub(super) fn boundary(&self) -> Option<&str> {
        self.parameter("boundary").filter(|boundary| !boundary.is_empty())
    }

    /// The type of those of its parts that tell none.
    pub(super) fn default_of_parts(&self) -> DefaultType {
        if self.kind() == Kind::Multipart && self.subtype.eq_ignore_ascii_case("digest") {
            DefaultType::Message
        } else {
            DefaultType::Text
        }
    }
}

const NAMES: [&str; 8] = [
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "Content-Language",
    "Content-ID",
    "Content-Description",
    "Content-MD5",
    "Content-Location",
];
const TYPE: usize = 0;
const DISPOSITION: usize = 1;
const ENCODING: usize = 2;
const LANGUAGE: usize = 3;
const ID: usize = 4;
const DESCRIPTION: usize = 5;
const MD5: usize = 6;

/// Which of [`NAMES`] a field has.
fn known(field: &Field<'_>) -> Option<usize> {
    let prefix = field.name.get(..8)?;
    if !prefix.eq_ignore_ascii_case(b"content-") {
        return None;
    }
    NAMES.iter().position(|name| field.is(name))
}

/// `token` of [RFC 2045 §5.1](https://www.rfc-editor.org/rfc/rfc2045#section-5.1), and octets above ASCII.
fn is_token(octet: u8) -> bool {
    !matches!(
        octet,
        0..=b' '
            | 0x7F
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'@'
            | b','
            | b';'
            | b':'
            | b'\\'
            | b'"'
            | b'/'
            | b'['
            | b']'
            | b'?'
            | b'='
    )
}

/// `*(";" parameter)`. Values of several pieces ([RFC 2231 §3](https://www.rfc-editor.org/rfc/rfc2231#section-3)) are
/// joined; percent signs and charsets stay for the client to read.
fn parameters_of(lexer: &mut Lexer<'_>, left: &mut usize) -> Vec<(String, String)> {
    let (mut plain, mut pieces) = (Vec::new(), Vec::new());
    while *left > plain.len() + pieces.len() {
        lexer.take_while(|octet| octet != b';');
        if !lexer.take(b';') {
            break;
        }
        lexer.skip_space();
        let name = lexer.take_while(is_token);
        lexer.skip_space();
        if name.is_empty() || !lexer.take(b'=') {
            continue;
        }
        lexer.skip_space();
        let value = match lexer.quoted() {
            Some(value) => lossy(&one_line(&value)),
            None => lossy(lexer.take_while(|octet| octet != b';' && !is_space(octet))),
        };
        match Piece::of(name, &value) {
            Some(piece) => pieces.push(piece),
            None => plain.push((lossy(name), value)),
        }
    }
    plain.extend(Piece::join(pieces));
    *left -= plain.len().min(*left);
    plain
}

/// A piece of a value: `name*1=..` or `name*1*=..`.
#[derive(Debug)]
struct Piece {
    name: String,
    number: u16,
    is_extended: bool,
    value: String,
}

impl Piece {
    fn of(name: &[u8], value: &str) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?;
        let (name, is_extended) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
        let (name, number) = name.rsplit_once('*')?;
        let number = number.parse().ok()?;
        Some(Self { name: name.to_owned(), number, is_extended, value: value.to_owned() })
    }

    /// Joins pieces that follow each other from 0 on; others are left out.
    fn join(mut pieces: Vec<Self>) -> Vec<(String, String)> {
        pieces.sort_by(|one, other| {
            let lower = |piece: &Self| piece.name.to_ascii_lowercase();
            lower(one).cmp(&lower(other)).then(one.number.cmp(&other.number))
        });
        let mut joined = Vec::new();
        let same = |one: &Self, other: &Self| one.name.eq_ignore_ascii_case(&other.name);
        for pieces in pieces.chunk_by(same) {
            let mut run =
                pieces.iter().zip(0..).take_while(|(piece, number)| piece.number == *number).peekable();
            let Some((first, _)) = run.peek() else { continue };
            let star = if pieces.iter().any(|piece| piece.is_extended) { "*" } else { "" };
            let name = format!("{}{star}", first.name);
            joined.push((name, run.map(|(piece, _)| piece.value.as_str()).collect()));
        }
        joined
    }
}

/// `Language-List = Language-Tag *("," Language-Tag)`, with comments ([RFC 3282](https://www.rfc-editor.org/rfc/rfc3282)).
fn languages(value: &[u8], left: &mut usize) -> Vec<String> {
    let mut lexer = Lexer::new(value);
    let mut tags = Vec::new();
    while *left > 0 {
        lexer.skip_space();
        let tag = lexer.take_while(is_token);
        if !tag.is_empty() {
            tags.push(lossy(tag));
            *left -= 1;
        }
        lexer.take_while(|octet| octet != b',');
        if !lexer.take(b',') {
            break;
        }
    }
    tags
}

fn lossy(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
