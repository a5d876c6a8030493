//! Sessions as text.
use std::{fs, path::Path};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// `C:`
    Client,
    /// `S:`
    Server,
}

impl Who {
    /// The other one.
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// The letter in a script.
    pub fn letter(self) -> char {
        match self {
            Self::Client => 'C',
            Self::Server => 'S',
        }
    }
}

/// One line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Someone says these octets.
    Said {
        /// Who.
        who: Who,
        /// What, CRLF included where the script implies it.
        octets: Vec<u8>,
        /// The line of the script, counted from one.
        line: usize,
    },
    /// `--- TLS ---`: both have agreed to upgrade the transport, and it is done here.
    Upgrade {
        /// The line of the script.
        line: usize,
    },
    /// `--- EOF ---`: the peer of the machine under test closes its half.
    Eof {
        /// The line of the script.
        line: usize,
    },
}

/// A session that reads like the RFC.
///
/// | line | meaning |
/// |---|---|
/// | `C: text` | the client says `text` and CRLF |
/// | `S: text` | the server does |
/// | `C> text`, `S> text` | the same without CRLF |
/// | `--- TLS ---` | the transport is upgraded |
/// | `--- EOF ---` | the peer of the machine under test closes its half |
/// | `# ...`, empty | nothing |
///
/// Blanks in front of a line do not count. In `text` stand `\r \n \t \0 \\ \xNN` for octets; a blank at the end
/// of a line is an error, since nobody would see it: write `\x20`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    steps: Vec<Step>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Panics
    /// A line of the text is none of a script.
    pub fn parse(text: &str) -> Self {
        let steps = text.lines().enumerate().filter_map(|(at, text)| step(text, at + 1)).collect();
        Self { steps }
    }

    /// Reads a script of the workspace's `testdata`, such as `smtp/rfc5321-d1.txt`.
    ///
    /// # Panics
    /// There is no such file, or it is no script.
    pub fn load(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }

    /// Adds octets that someone says, for what is too long or too odd to be written out.
    #[must_use]
    pub fn say(mut self, who: Who, octets: impl Into<Vec<u8>>) -> Self {
        let line = self.steps.len() + 1;
        self.steps.push(Step::Said { who, octets: octets.into(), line });
        self
    }

    /// Adds the steps of another script.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        self.steps.extend_from_slice(&other.steps);
        self
    }

    /// The steps, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// All that one of the two says, joined.
    pub fn said_by(&self, speaker: Who) -> Vec<u8> {
        let mut all = Vec::new();
        for step in &self.steps {
            match step {
                Step::Said { who, octets, .. } if *who == speaker => all.extend_from_slice(octets),
                _ => {}
            }
        }
        all
    }
}

fn step(text: &str, line: usize) -> Option<Step> {
    let text = text.trim_start();
    match text.trim_end() {
        "" => return None,
        "--- TLS ---" => return Some(Step::Upgrade { line }),
        "--- EOF ---" => return Some(Step::Eof { line }),
        _ if text.starts_with('#') => return None,
        _ => {}
    }
    let (who, end, said) = match text.split_at_checked(2) {
        Some(("C:", said)) => (Who::Client, "\r\n", said),
        Some(("S:", said)) => (Who::Server, "\r\n", said),
        Some(("C>", said)) => (Who::Client, "", said),
        Some(("S>", said)) => (Who::Server, "", said),
        _ => panic!("script line {line}: neither C: nor S: nor a marker: {text}"),
    };
    let said = said.strip_prefix(' ').unwrap_or(said);
    assert!(!said.ends_with([' ', '\t']), "script line {line}: write \\x20 for a blank at the end: {text}");
    let mut octets = unescape(said).unwrap_or_else(|what| panic!("script line {line}: {what}: {text}"));
    octets.extend_from_slice(end.as_bytes());
    Some(Step::Said { who, octets, line })
}

fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        octets.extend_from_slice(plain.as_bytes());
        let mut behind = escape.chars();
        octets.push(match behind.next() {
            Some('r') => b'\r',
            Some('n') => b'\n',
            Some('t') => b'\t',
            Some('0') => 0,
            Some('\\') => b'\\',
            Some('x') => {
                let digits = behind.as_str().get(..2).ok_or("two digits behind \\x")?;
                behind = behind.as_str()[2..].chars();
                u8::from_str_radix(digits, 16).map_err(|_| format!("two digits behind \\x, not {digits}"))?
            }
            other => return Err(format!("no escape: \\{}", other.map(String::from).unwrap_or_default())),
        });
        rest = behind.as_str();
    }
    octets.extend_from_slice(rest.as_bytes());
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<u8> {
        match Script::parse(text).steps() {
            [Step::Said { octets, .. }] => octets.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_like_the_rfc() {
        let script = Script::parse(
            "# greeting\n    S: 220 hi\n\n    C: NOOP\n    --- TLS ---\n    C> ab\n    C:\n    --- EOF ---\n",
        );
        assert_eq!(
            script.steps(),
            [
                Step::Said { who: Who::Server, octets: b"220 hi\r\n".to_vec(), line: 2 },
                Step::Said { who: Who::Client, octets: b"NOOP\r\n".to_vec(), line: 4 },
                Step::Upgrade { line: 5 },
                Step::Said { who: Who::Client, octets: b"ab".to_vec(), line: 6 },
                Step::Said { who: Who::Client, octets: b"\r\n".to_vec(), line: 7 },
                Step::Eof { line: 8 },
            ]
        );
        assert_eq!(script.said_by(Who::Client), b"NOOP\r\nab\r\n");
    }

    #[test]
    fn octets_that_no_editor_shows_are_escaped() {
        assert_eq!(said(r"C> a\0b\r\n\t\\\xfF\x20"), b"a\0b\r\n\t\\\xff ");
        assert_eq!(said("C> é"), "é".as_bytes());
        assert_eq!(said("C>  two blanks"), b" two blanks");
    }

    #[test]
    #[should_panic(expected = "script line 2: write \\x20 for a blank at the end")]
    fn a_blank_that_nobody_sees_is_an_error() {
        let _ = Script::parse("S: 220 hi\nC: NOOP ");
    }

    #[test]
    #[should_panic(expected = "script line 1: no escape: \\q")]
    fn an_escape_that_means_nothing_is_an_error() {
        let _ = Script::parse(r"C: \q");
    }

    #[test]
    #[should_panic(expected = "script line 1: neither C: nor S: nor a marker")]
    fn a_line_of_nobody_is_an_error() {
        let _ = Script::parse("NOOP");
    }
}
