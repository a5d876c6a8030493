//! Departures from the grammar that are tolerated.
//!
//! The strict rules run first. What they take means what they say under every leniency; only what they refuse is
//! looked at again, with the departure taken out of it.
use super::{command, response, unique_id_listing};
use crate::{Command, Deviation, DeviationKind, Leniency, Response, UniqueIdListing};
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use mail_wire::{ParseError, Secret, span};

/// A command whose spaces may be too many.
pub(crate) fn lenient_command(
    line: &Bytes,
    leniency: Leniency,
) -> Result<(Command, Option<Deviation>), ParseError> {
    let error = match command(line) {
        Ok(command) => return Ok((command, None)),
        Err(error) => error,
    };
    if !leniency.tolerates(DeviationKind::ExtraSpace) {
        return Err(error);
    }
    let auth = line.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"AUTH"));
    let trimmed = line.slice(..line.len() - line.iter().rev().take_while(|octet| **octet == b' ').count());
    let squeezed = match extra_space(&trimmed) {
        // An initial response is a secret: no copy of it is made that nobody wipes.
        Some(_) if auth => return Err(error),
        Some(_) => squeeze(&trimmed),
        None => trimmed.clone(),
    };
    let offset = extra_space(&trimmed).unwrap_or(trimmed.len());
    match command(&squeezed) {
        Ok(command) => Ok((command, Some(Deviation { kind: DeviationKind::ExtraSpace, offset }))),
        Err(_) => Err(error),
    }
}

/// A unique-id listing with words behind it.
pub(crate) fn lenient_unique_id_listing(
    line: &[u8],
    leniency: Leniency,
) -> Result<(UniqueIdListing, Option<Deviation>), ParseError> {
    let error = match span::parse_text(line, unique_id_listing) {
        Ok(listing) => return Ok((listing, None)),
        Err(error) => error,
    };
    let second_space = line.iter().enumerate().filter(|(_, octet)| **octet == b' ').nth(1);
    let (true, Some((offset, _))) = (leniency.tolerates(DeviationKind::ExtraWords), second_space) else {
        return Err(error);
    };
    match span::parse_text(line.get(..offset).unwrap_or_default(), unique_id_listing) {
        Ok(listing) => Ok((listing, Some(Deviation { kind: DeviationKind::ExtraWords, offset }))),
        Err(_) => Err(error),
    }
}

/// A status line, or a challenge. Some servers say `+ERR`, and some trim the space behind a lone `+`.
pub(crate) fn lenient_response(
    line: &Bytes,
    leniency: Leniency,
) -> Result<(Response, Option<Deviation>), ParseError> {
    let error = match span::parse(line, response) {
        Ok(response) => return Ok((response, None)),
        Err(error) => error,
    };
    if line[..] == *b"+" && leniency.tolerates(DeviationKind::ChallengeWithoutSpace) {
        let deviation = Deviation { kind: DeviationKind::ChallengeWithoutSpace, offset: 1 };
        return Ok((Response::Challenge(Secret::copy_from(b"")), Some(deviation)));
    }
    let is_odd = line.get(..4).is_some_and(|status| status.eq_ignore_ascii_case(b"+ERR"));
    if !is_odd || !leniency.tolerates(DeviationKind::OddStatus) {
        return Err(error);
    }
    let mut meant = BytesMut::from(&line[..]);
    if let Some(sign) = meant.first_mut() {
        *sign = b'-';
    }
    match span::parse(&meant.freeze(), response) {
        Ok(response) => Ok((response, Some(Deviation { kind: DeviationKind::OddStatus, offset: 0 }))),
        Err(_) => Err(error),
    }
}

/// Where a space stands behind a space.
fn extra_space(line: &[u8]) -> Option<usize> {
    line.windows(2).position(|pair| pair == b"  ").map(|at| at + 1)
}

/// Every run of spaces as one.
fn squeeze(line: &[u8]) -> Bytes {
    let mut squeezed: Vec<u8> = Vec::with_capacity(line.len());
    for octet in line {
        if *octet != b' ' || squeezed.last() != Some(&b' ') {
            squeezed.push(*octet);
        }
    }
    squeezed.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageNumber, grammar::tests::line};
    use std::string::ToString;

    #[test]
    fn spaces_too_many_are_tolerated_and_told() {
        let one = MessageNumber::new(1).unwrap();
        for (text, command, offset) in [
            ("STAT ", Command::Stat, 4),
            ("LIST   ", Command::List(None), 4),
            ("LIST  1", Command::List(Some(one)), 5),
            ("TOP 1  0  ", Command::Top { message: one, lines: 0 }, 6),
            ("AUTH ", Command::AuthList, 4),
        ] {
            let strict = Command::parse_lenient(&line(text), Leniency::STRICT);
            assert!(strict.is_err(), "{text}");
            let deviation = Deviation { kind: DeviationKind::ExtraSpace, offset };
            assert_eq!(
                Command::parse_lenient(&line(text), Leniency::LENIENT),
                Ok((command, Some(deviation)))
            );
        }
    }

    #[test]
    fn what_conforms_means_the_same_under_every_leniency() {
        for text in ["PASS  a  b ", "USER m  rose ", "STAT", "TOP 1 0", "XTND  a  b "] {
            let strict = Command::parse(&line(text)).unwrap();
            assert_eq!(Command::parse_lenient(&line(text), Leniency::LENIENT), Ok((strict, None)));
        }
    }

    #[test]
    fn an_empty_argument_is_no_matter_of_leniency() {
        for text in ["USER ", "PASS ", "RETR  ", "AUTH PLAIN  YQ=="] {
            assert!(Command::parse_lenient(&line(text), Leniency::LENIENT).is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_with_a_plus_is_an_error() {
        for (text, meant) in [("+ERR no", "-ERR no"), ("+ERR", "-ERR")] {
            let error = Response::parse_lenient(&line(text), Leniency::STRICT).unwrap_err();
            assert_eq!(error.to_string(), "expected a space at octet 1, found 'E'");
            let deviation = Deviation { kind: DeviationKind::OddStatus, offset: 0 };
            let meant = Response::parse(&line(meant)).unwrap();
            assert_eq!(Response::parse_lenient(&line(text), Leniency::LENIENT), Ok((meant, Some(deviation))));
        }
        for text in ["+ERROR", "+ OK", "ERR"] {
            assert!(Response::parse_lenient(&line(text), Leniency::LENIENT).is_err(), "{text}");
        }
    }

    #[test]
    fn a_plus_alone_is_an_empty_challenge() {
        assert!(Response::parse_lenient(&line("+"), Leniency::STRICT).is_err());
        let deviation = Deviation { kind: DeviationKind::ChallengeWithoutSpace, offset: 1 };
        let challenge = Response::Challenge(Secret::copy_from(b""));
        assert_eq!(Response::parse_lenient(&line("+"), Leniency::LENIENT), Ok((challenge, Some(deviation))));
    }

    #[test]
    fn words_behind_a_unique_id_are_tolerated_and_told() {
        let text = line("2 QhdPYR:00WBw1Ph7x7 2048 octets");
        let error = UniqueIdListing::parse_lenient(&text, Leniency::STRICT).unwrap_err();
        assert_eq!(error.to_string(), "expected the end at octet 20, found ' '");
        let (listing, deviation) = UniqueIdListing::parse_lenient(&text, Leniency::LENIENT).unwrap();
        assert_eq!(listing.id.as_str(), "QhdPYR:00WBw1Ph7x7");
        assert_eq!(deviation, Some(Deviation { kind: DeviationKind::ExtraWords, offset: 20 }));
    }
}
