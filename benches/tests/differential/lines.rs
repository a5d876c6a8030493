//! Units of lines that end in CRLF: POP3's and SMTP's.
use crate::meaning::Refusal;
use bytes::{Bytes, BytesMut};
use mail_wire::line::{Framed, LineEnding, LineFramer};

/// The next line.
pub(crate) fn next_line(framer: &mut LineFramer, input: &mut BytesMut) -> Result<Bytes, Refusal> {
    let refused = |rule: &str, offset| Refusal { rule: rule.into(), offset };
    match framer.next(input) {
        Framed::Line(line) => Ok(line),
        Framed::Broken(broken) => {
            use mail_wire::line::Broken;
            Err(match broken {
                Broken::BareCr { offset } => refused("no bare CR", offset),
                Broken::BareLf { offset } => refused("no bare LF", offset),
                Broken::Nul { offset } => refused("no NUL", offset),
                Broken::TooLong { .. } => refused("a shorter line", 0),
            })
        }
        Framed::NeedInput => Err(refused("CRLF", 0)),
    }
}

/// The lines of a unit, and where each starts.
pub(crate) fn lines(unit: &Bytes) -> Result<Vec<(usize, Bytes)>, Refusal> {
    let (mut framer, mut input, mut lines) =
        (LineFramer::new(4096, LineEnding::Crlf), BytesMut::from(&unit[..]), Vec::new());
    while !input.is_empty() {
        let start = unit.len() - input.len();
        let line = next_line(&mut framer, &mut input)
            .map_err(|refusal| Refusal { offset: start + refusal.offset, ..refusal })?;
        lines.push((start, line));
    }
    Ok(lines)
}

/// The one line of a unit.
pub(crate) fn line(unit: &Bytes) -> Result<Bytes, Refusal> {
    match lines(unit)?.as_slice() {
        [(_, line)] => Ok(line.clone()),
        [] => Err(Refusal { rule: "CRLF".into(), offset: 0 }),
        [_, (start, _), ..] => Err(Refusal { rule: "one line".into(), offset: *start }),
    }
}

/// The octets at which this workspace's parser stopped.
pub(crate) fn rest<'a>(input: &'a [u8], refusal: &Refusal) -> &'a [u8] {
    input.get(refusal.offset..).unwrap_or_default()
}

/// Where the first LF without its CR is.
fn bare_lf(input: &[u8]) -> Option<usize> {
    let bare = |at: &usize| at.checked_sub(1).and_then(|before| input.get(before)) != Some(&b'\r');
    input.iter().enumerate().filter(|(_, octet)| **octet == b'\n').map(|(at, _)| at).find(bare)
}

/// Is it refused for a bare LF?
pub(crate) fn refused_for_bare_lf(input: &[u8], refusal: &Refusal) -> bool {
    match refusal.rule.as_str() {
        "no bare LF" => bare_lf(input) == Some(refusal.offset),
        // The last line has no end here.
        "CRLF" => bare_lf(input).is_some_and(|at| at >= refusal.offset),
        "no bare CR or LF" => rest(input, refusal).starts_with(b"\n"),
        _ => false,
    }
}

/// Is it refused for a NUL?
pub(crate) fn refused_for_nul(input: &[u8], refusal: &Refusal) -> bool {
    refusal.rule == "no NUL" && rest(input, refusal).starts_with(b"\0")
}
