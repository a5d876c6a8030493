//! The grammar of commands.
use crate::{Command, Deviations, Leniency};
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::fuzzing::Input;

/// A strict reader takes only what a lenient one takes, with the same value; what was read is written as one line
/// and means the same again.
pub(super) fn read(input: Input<'_>) {
    for line in input.octets.split(|octet| *octet == b'\n') {
        line_alone(&Bytes::copy_from_slice(line.strip_suffix(b"\r").unwrap_or(line)));
    }
}

fn line_alone(line: &Bytes) {
    let (mut none, mut told) = (Deviations::new(), Deviations::new());
    let strict = Command::parse(line, Leniency::STRICT, &mut none);
    let lenient = Command::parse(line, Leniency::LENIENT, &mut told);
    assert!(none.is_empty(), "tolerated by a strict reader: {none:?}");
    if strict.is_ok() {
        assert!(told.is_empty(), "{told:?} where nothing is wrong");
        assert_eq!(strict, lenient);
    }
    let Ok(command) = lenient else { return };
    assert!(strict.is_ok() || !told.is_empty(), "tolerated in silence: {}", line.escape_ascii());
    assert_is_one_line(&command);
}

/// It is written as one line, which reads back equal.
pub(super) fn assert_is_one_line(command: &Command) {
    let mut wire = Vec::new();
    command.encode(&mut wire);
    let line = wire.strip_suffix(b"\r\n").unwrap();
    assert!(!line.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)), "{}", wire.escape_ascii());
    let again = Command::parse(Bytes::copy_from_slice(line), Leniency::LENIENT, &mut Deviations::new());
    assert_eq!(again.as_ref(), Ok(command), "{}", wire.escape_ascii());
}
