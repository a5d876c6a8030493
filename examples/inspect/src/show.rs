//! How units are printed: lines of JSON, and on a terminal colours and what went wrong where.
use crate::{
    stream::Stream,
    unit::{Outcome, Unit},
};
use std::{
    ffi::OsString,
    io::{self, Write},
};

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// A program.
    Plain,
    /// A terminal.
    Coloured,
}

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// Most octets shown before the one that failed, and from there on.
const BEFORE: usize = 60;
const BEHIND: usize = 20;

impl Show {
    /// On a terminal, where the environment holds this `NO_COLOR`: set to something, it is as for a program.
    pub(crate) fn terminal(no_color: Option<OsString>) -> Self {
        if no_color.is_none_or(|value| value.is_empty()) { Self::Coloured } else { Self::Plain }
    }

    pub(crate) fn unit(self, unit: &Unit, stream: &Stream, output: &mut impl Write) -> io::Result<()> {
        let line = serde_json::to_string(unit)?;
        if self == Self::Plain {
            return writeln!(output, "{line}");
        }
        let line = harmless(&line);
        match &unit.outcome {
            Outcome::Read { deviations, .. } => {
                let colour = if deviations.is_empty() { GREEN } else { YELLOW };
                writeln!(output, "{colour}{line}{RESET}")
            }
            Outcome::Failed(failure) => {
                writeln!(output, "{RED}{line}{RESET}")?;
                let Some((before, behind)) = stream.around(failure.offset) else { return Ok(()) };
                let before = before.get(before.len().saturating_sub(BEFORE)..).unwrap_or_default();
                let before = before.escape_ascii().to_string();
                let behind = behind.get(..BEHIND.min(behind.len())).unwrap_or_default();
                writeln!(output, "  {before}{}", behind.escape_ascii())?;
                writeln!(output, "  {:1$}{BOLD}^ {2}{RESET}", "", before.len(), failure.error)
            }
        }
    }
}

/// The same JSON, without characters that a terminal may obey.
fn harmless(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for character in line.chars() {
        if character.is_control() {
            shown.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Failure;

    #[test]
    fn the_caret_stands_under_the_octet_that_failed() {
        let mut stream = Stream::new(Show::Coloured);
        stream.feed(b"first\r\nNO\tOP x\r\nlast");
        let failure = Failure { error: "oh".into(), offset: 10, expected: "x".into() };
        let unit = Unit { offset: 7, length: 9, outcome: Outcome::Failed(failure) };
        let mut shown = Vec::new();
        Show::Coloured.unit(&unit, &stream, &mut shown).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[1], "  NO\\tOP x\\r\\n");
        // Octet 10 is the first O of OP: behind `NO` and the two characters that stand for the tab.
        assert_eq!(lines[2], format!("      {BOLD}^ oh{RESET}"));
    }

    #[test]
    fn who_wants_no_colours_gets_none() {
        assert_eq!(Show::terminal(None), Show::Coloured);
        assert_eq!(Show::terminal(Some("".into())), Show::Coloured);
        assert_eq!(Show::terminal(Some("1".into())), Show::Plain);
    }

    #[test]
    fn a_terminal_is_told_nothing_to_obey() {
        // JSON escapes ESC, but not the control character that means the same as ESC and a bracket.
        let line = serde_json::to_string("\u{9b}31m\u{1b}[31m").unwrap();
        assert_eq!(harmless(&line), r#""\u009b31m\u001b[31m""#);
    }
}
