//! The words of structured header fields ([RFC 5322 §3.2](https://www.rfc-editor.org/rfc/rfc5322#section-3.2)).

/// Reads a field's value from the left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexer<'a>(&'a [u8]);

impl<'a> Lexer<'a> {
    pub(super) fn new(value: &'a [u8]) -> Self {
        Self(value)
    }

    /// The next octet, which is not taken.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Takes this octet, if it is the next.
    pub(super) fn take(&mut self, octet: u8) -> bool {
        match self.0.split_first() {
            Some((found, rest)) if *found == octet => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes all octets that are like this.
    pub(super) fn take_while(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.0.iter().position(|octet| !is(*octet)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, b""));
        self.0 = rest;
        taken
    }

    /// Skips white space and comments; tells the text of the last comment.
    pub(super) fn skip_space(&mut self) -> Option<Vec<u8>> {
        let mut comment = None;
        loop {
            self.take_while(is_space);
            match self.peek() {
                Some(b'(') => comment = Some(self.comment()),
                _ => return comment,
            }
        }
    }

    /// `comment = "(" *([FWS] ccontent) [FWS] ")"`, without its parentheses; an open one ends with the value.
    fn comment(&mut self) -> Vec<u8> {
        let (mut text, mut depth) = (Vec::new(), 0_usize);
        while let Some((octet, rest)) = self.0.split_first() {
            self.0 = rest;
            match octet {
                b'(' if depth == 0 => depth = 1,
                b')' if depth == 1 => break,
                b'(' => {
                    depth += 1;
                    text.push(b'(');
                }
                b')' => {
                    depth -= 1;
                    text.push(b')');
                }
                b'\\' => text.extend(self.escaped()),
                octet => text.push(*octet),
            }
        }
        text
    }

    /// `quoted-string`, if one is next, without its quotation marks and escapes; an open one ends with the value.
    pub(super) fn quoted(&mut self) -> Option<Vec<u8>> {
        if !self.take(b'"') {
            return None;
        }
        let mut text = Vec::new();
        loop {
            text.extend_from_slice(self.take_while(|octet| !matches!(octet, b'"' | b'\\')));
            if !self.take(b'\\') {
                self.take(b'"');
                return Some(text);
            }
            text.extend(self.escaped());
        }
    }

    /// The octet behind a backslash.
    fn escaped(&mut self) -> Option<u8> {
        let (octet, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*octet)
    }
}

pub(super) fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | 0)
}
