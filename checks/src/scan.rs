//! Rust source as tokens: enough of the language to know what is code, what a comment and which brackets match.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `// ..` without its line end, or `/* .. */`.
    Comment,
    /// An identifier, a keyword or a number.
    Word,
    /// A string, a character or an octet in quotes, with its prefix.
    Literal,
    /// `'a`.
    Lifetime,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// Any other sign; those of two and three characters are one token.
    Sign,
}

/// A token, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: &'a str,
    /// Its first octet in the source.
    pub start: usize,
}

impl Token<'_> {
    /// The octet after its last.
    #[must_use]
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is code, and `text`.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.text == text && !matches!(self.kind, Kind::Comment | Kind::Literal)
    }
}

/// Longest first, so that `..=` is not `..` and `=`. `<<` and `>>` are left out: they are mostly brackets of types.
const SIGNS: [&str; 21] = [
    "..=", "...", "&&", "||", "=>", "==", "!=", "<=", ">=", "->", "::", "..", "+=", "-=", "*=", "/=", "%=",
    "^=", "|=", "&=", "<-",
];

/// The tokens of `source`, without the white space. What is never closed ends with the source.
#[must_use]
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = source[start..].chars().next() {
        if first.is_whitespace() {
            start += first.len_utf8();
            continue;
        }
        let (kind, length) = token(&source[start..], first);
        tokens.push(Token { kind, text: &source[start..start + length], start });
        start += length;
    }
    tokens
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if let Some(length) = literal(rest) {
        return (Kind::Literal, length);
    }
    if first == '\'' {
        return (Kind::Lifetime, 1 + word(&rest[1..]));
    }
    let length = word(rest);
    if length > 0 {
        let raw = &rest[..length] == "r" && rest[1..].starts_with('#');
        return (Kind::Word, if raw { 2 + word(&rest[2..]) } else { length });
    }
    match first {
        '(' | '[' | '{' => (Kind::Open, 1),
        ')' | ']' | '}' => (Kind::Close, 1),
        _ => {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            (Kind::Sign, sign.map_or(first.len_utf8(), |sign| sign.len()))
        }
    }
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
}

/// They nest.
fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if here.starts_with(b"*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of the literal that `rest` begins with, if it does.
fn literal(rest: &str) -> Option<usize> {
    let prefix = rest.find(|c: char| !matches!(c, 'b' | 'c' | 'r')).unwrap_or(rest.len());
    let (letters, quoted) = rest.split_at(prefix);
    match (letters, quoted.as_bytes().first()?) {
        ("" | "b" | "c", b'"') => Some(prefix + escaped(quoted, b'"')),
        ("r" | "br" | "cr", b'"' | b'#') => {
            let hashes = quoted.bytes().take_while(|octet| *octet == b'#').count();
            let body = quoted[hashes..].strip_prefix('"')?;
            let end = format!("\"{}", &quoted[..hashes]);
            let length = body.find(&end).map_or(body.len(), |at| at + end.len());
            Some(prefix + hashes + 1 + length)
        }
        ("" | "b", b'\'') => {
            let mut characters = quoted[1..].chars();
            let is_character = characters.next()? == '\\' || characters.next()? == '\'';
            is_character.then(|| prefix + escaped(quoted, b'\''))
        }
        _ => None,
    }
}

/// The length of what stands between two `quote`s, with them; `\` takes the next octet with it.
fn escaped(rest: &str, quote: u8) -> usize {
    let mut at = 1;
    while let Some(octet) = rest.as_bytes().get(at) {
        match octet {
            b'\\' => at += 2,
            octet if *octet == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<(Kind, &str)> {
        tokens(source).iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn brackets_in_strings_are_not_brackets() {
        use Kind::{Close, Literal, Open, Sign, Word};
        assert_eq!(
            texts(r##"f("{ \" }", r#"" ("#, b"[", br"\", '}', b'\'')"##),
            [
                (Word, "f"),
                (Open, "("),
                (Literal, r#""{ \" }""#),
                (Sign, ","),
                (Literal, r##"r#"" ("#"##),
                (Sign, ","),
                (Literal, r#"b"[""#),
                (Sign, ","),
                (Literal, r#"br"\""#),
                (Sign, ","),
                (Literal, "'}'"),
                (Sign, ","),
                (Literal, r"b'\''"),
                (Close, ")"),
            ]
        );
    }

    #[test]
    fn a_lifetime_does_not_begin_a_character() {
        use Kind::{Lifetime, Literal, Open, Sign, Word};
        assert_eq!(
            texts("<'a>(&'a '{' 'é' r#in b'a'"),
            [
                (Sign, "<"),
                (Lifetime, "'a"),
                (Sign, ">"),
                (Open, "("),
                (Sign, "&"),
                (Lifetime, "'a"),
                (Literal, "'{'"),
                (Literal, "'é'"),
                (Word, "r#in"),
                (Literal, "b'a'"),
            ]
        );
    }

    #[test]
    fn comments_hide_what_they_hold() {
        use Kind::{Comment, Word};
        assert_eq!(
            texts("a // \"{\nb /* { /* ' */ \" */ c // end"),
            [
                (Word, "a"),
                (Comment, "// \"{"),
                (Word, "b"),
                (Comment, "/* { /* ' */ \" */"),
                (Word, "c"),
                (Comment, "// end"),
            ]
        );
    }

    #[test]
    fn signs_are_read_whole() {
        let texts: Vec<_> = tokens("a => b..=c && d::e || !f | g").iter().map(|token| token.text).collect();
        assert_eq!(texts, ["a", "=>", "b", "..=", "c", "&&", "d", "::", "e", "||", "!", "f", "|", "g"]);
    }

    #[test]
    fn what_is_never_closed_ends_with_the_source() {
        for source in ["\"abc", "r#\"abc\"", "/* /* */", "'", "b'\\", "'\\", "br", "r#"] {
            let read: String = tokens(source).iter().map(|token| token.text).collect();
            assert_eq!(read.replace(' ', ""), source.replace(' ', ""));
        }
    }
}
