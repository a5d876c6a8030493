//! IMAP.
pub(crate) mod client;
mod quotes;
pub(crate) mod server;

use crate::{
    cli::Mode,
    unit::{Deviation, Failure},
};
use imap_proto::{
    Deviations, Dialect, Leniency,
    frame::{Breach, LineEnding, Rules, Strays},
};

/// How units are found. Both sides are framed as responses are: a literal follows whether or not somebody asked for it,
/// since somebody did.
fn rules(mode: Mode) -> Rules {
    let mut rules = Rules::client();
    // What streams costs no memory, whatever its size.
    rules.limits.literal = u64::MAX;
    rules.limits.swallow = u64::MAX;
    if mode == Mode::Lenient {
        rules.ending = LineEnding::CrlfOrLf;
        rules.strays = Strays::Pass;
    }
    rules
}

fn dialect(mode: Mode) -> Dialect {
    Dialect::new(match mode {
        Mode::Strict => Leniency::STRICT,
        Mode::Lenient => Leniency::LENIENT,
    })
}

/// Are strings and names UTF-8 once this is enabled? ([RFC 6855](https://www.rfc-editor.org/rfc/rfc6855),
/// [RFC 9051](https://www.rfc-editor.org/rfc/rfc9051))
fn enables_utf8(name: &str) -> bool {
    ["UTF8=ACCEPT", "UTF8=ONLY", "IMAP4REV2"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// What was tolerated in a unit, or a part of one, that starts at `base`.
fn told(deviations: &Deviations, base: u64) -> impl Iterator<Item = Deviation> {
    deviations.iter().map(move |it| Deviation::new(&it.kind, base, it.offset))
}

/// A unit of which `head` octets from `base` on are there cannot be framed.
fn breached(breach: &Breach, base: u64, head: usize) -> Failure {
    let (offset, error, expected) = match breach {
        Breach::BareLf { offset } => (*offset, "bare LF".into(), "CRLF"),
        Breach::BareCr { offset } => (*offset, "bare CR".into(), "CRLF"),
        Breach::Nul { offset } => (*offset, "NUL outside of a literal".into(), "no NUL"),
        _ => (head, breach.to_string(), "a unit that can be held"),
    };
    Failure { error, offset: base + offset as u64, expected: expected.into() }
}

/// Does a unit end in a bare LF? That was tolerated, and is told.
fn bare_end(unit: &[u8], base: u64) -> Option<Deviation> {
    let lf = unit.strip_suffix(b"\n").filter(|line| !line.ends_with(b"\r"))?;
    Some(Deviation { kind: "BareLf".into(), offset: base + lf.len() as u64 })
}
