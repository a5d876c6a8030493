//! Which lines of a response end in free text, where `{5}` means nothing.
use memchr::memchr;

/// What the text of a unit is, as far as it has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first line has not been seen.
    Unseen,
    /// Data: what looks like a literal is one.
    Data,
    /// In the response code of a status response: `* NO [BADCHARSET (`. Data, until `]`.
    Code,
    /// For people to read, up to the unit's end.
    Free,
}

impl Kind {
    /// Is more text needed to know?
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Unseen | Self::Code)
    }

    /// Looks at more of the unit's text, which never is that of a literal.
    pub(super) fn look(&mut self, text: &[u8]) {
        *self = match *self {
            Self::Unseen => Self::of_first_line(text),
            Self::Code if memchr(b']', text).is_some() => Self::Free,
            kind => kind,
        }
    }

    /// `continue-req = "+" SP ..`, `response-tagged = tag SP resp-cond-state CRLF`,
    /// `resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text`, `resp-text = ["[" resp-text-code "]" SP] text`.
    fn of_first_line(line: &[u8]) -> Self {
        let (tag, rest) = word(line);
        let (status, text) = word(rest);
        let names: [&[u8]; 5] = [b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"];
        // rule rfc3501 7 no-literal-in-text: what looks like a literal in the text of a continuation request is none
        if tag.starts_with(b"+") {
            return Self::Free;
        }
        if !names.iter().any(|name| status.eq_ignore_ascii_case(name)) {
            return Self::Data;
        }
        // rule rfc3501 7.1 a-code-may-hold-literals: a response code that is open may end in a literal
        if text.trim_ascii_start().starts_with(b"[") && memchr(b']', text).is_none() {
            return Self::Code;
        }
        Self::Free
    }
}

/// The first word, and what stands behind it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_text_is_free_behind_its_code() {
        for (line, kind) in [
            ("* OK see {5}", Kind::Free),
            ("a1 no what {5}", Kind::Free),
            ("* BYE {5}", Kind::Free),
            ("+ go {5}", Kind::Free),
            ("+", Kind::Free),
            ("*  OK  see {5}", Kind::Free),
            ("* OK [ALERT] see [this {5}", Kind::Free),
            ("* NO [BADCHARSET ({5}", Kind::Code),
            ("* LIST () \"/\" {5}", Kind::Data),
            ("* 1 FETCH (BODY[] {5}", Kind::Data),
            ("* OKAY {5}", Kind::Data),
            ("", Kind::Data),
        ] {
            let mut found = Kind::Unseen;
            found.look(line.as_bytes());
            assert_eq!(found, kind, "{line}");
        }
    }

    #[test]
    fn a_code_closes_behind_its_literals() {
        let mut kind = Kind::Code;
        kind.look(b" utf-8 {5}");
        assert_eq!(kind, Kind::Code);
        kind.look(b")] no {5}");
        assert_eq!(kind, Kind::Free);
    }
}
