//! The grammar of replies and of the lines of listings.
use super::commands::{lines, one_line};
use crate::{Capability, DropListing, Language, Leniency, Reply, Response, ScanListing, UniqueIdListing};
use alloc::vec::Vec;
use mail_wire::fuzzing::Input;

/// What was read is written as one line and reads back equal; a strict reader takes only what a lenient one takes.
pub(super) fn read(input: Input<'_>) {
    for line in lines(input.octets) {
        if let Ok(reply) = Reply::parse(&line) {
            assert_eq!(Response::parse(&line), Ok(Response::Reply(reply.clone())));
            let mut wire = Vec::new();
            reply.encode(&mut wire);
            assert_eq!(Reply::parse(&one_line(&wire)), Ok(reply));
        }
        let (strict, lenient) = (Response::parse(&line), Response::parse_lenient(&line, Leniency::LENIENT));
        if let Ok(response) = &strict {
            assert_eq!(lenient.as_ref(), Ok(&(response.clone(), None)));
        }
        if let Ok((response, deviation)) = lenient {
            assert!(strict.is_ok() || deviation.is_some(), "tolerated in silence: {}", line.escape_ascii());
            let mut wire = Vec::new();
            response.encode(&mut wire);
            assert_eq!(Response::parse(&one_line(&wire)), Ok(response));
        }
        if let Ok(capability) = Capability::parse(&line) {
            let mut wire = Vec::new();
            capability.encode(&mut wire);
            assert_eq!(Capability::parse(&one_line(&wire)), Ok(capability));
        }
        if let Ok(listing) = DropListing::parse(&line) {
            let mut wire = Vec::new();
            listing.encode(&mut wire);
            assert_eq!(DropListing::parse(&wire), Ok(listing));
        }
        if let Ok(listing) = ScanListing::parse(&line) {
            let mut wire = Vec::new();
            listing.encode(&mut wire);
            assert_eq!(ScanListing::parse(&one_line(&wire)), Ok(listing));
        }
        if let Ok(language) = Language::parse(&line) {
            let mut wire = Vec::new();
            language.encode(&mut wire);
            assert_eq!(Language::parse(&one_line(&wire)), Ok(language));
        }
        let (strict, lenient) =
            (UniqueIdListing::parse(&line), UniqueIdListing::parse_lenient(&line, Leniency::LENIENT));
        if let Ok(listing) = &strict {
            assert_eq!(lenient.as_ref(), Ok(&(*listing, None)));
        }
        if let Ok((listing, deviation)) = lenient {
            assert!(strict.is_ok() || deviation.is_some(), "tolerated in silence: {}", line.escape_ascii());
            let mut wire = Vec::new();
            listing.encode(&mut wire);
            assert_eq!(UniqueIdListing::parse(&one_line(&wire)), Ok(listing));
        }
    }
}
