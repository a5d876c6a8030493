//! The grammar of commands.
use crate::{Command, Leniency};
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::fuzzing::Input;

/// A strict reader takes only what a lenient one takes, with the same value; what was read is written as one line
/// and means the same again.
pub(super) fn read(input: Input<'_>) {
    for line in lines(input.octets) {
        let strict = Command::parse(&line);
        let lenient = Command::parse_lenient(&line, Leniency::LENIENT);
        if let Ok(command) = &strict {
            assert_eq!(lenient.as_ref(), Ok(&(command.clone(), None)));
        }
        let Ok((command, deviation)) = lenient else { continue };
        assert!(strict.is_ok() || deviation.is_some(), "tolerated in silence: {}", line.escape_ascii());
        assert_is_one_line(&command);
    }
}

/// The lines of a stream, as a framer hands them out.
pub(super) fn lines(stream: &[u8]) -> impl Iterator<Item = Bytes> + '_ {
    stream.split(|octet| *octet == b'\n').filter_map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_line = !line.iter().any(|octet| matches!(octet, b'\r' | 0));
        is_line.then(|| Bytes::copy_from_slice(line))
    })
}

/// It is written as one line, which reads back equal.
pub(super) fn assert_is_one_line(command: &Command) {
    let mut wire = Vec::new();
    command.encode(&mut wire);
    assert_eq!(Command::parse(&one_line(&wire)).as_ref(), Ok(command), "{}", wire.escape_ascii());
}

/// The one line that was written, without its CRLF.
pub(super) fn one_line(wire: &[u8]) -> Bytes {
    let line = wire.strip_suffix(b"\r\n").unwrap();
    assert!(!line.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)), "{}", wire.escape_ascii());
    Bytes::copy_from_slice(line)
}
