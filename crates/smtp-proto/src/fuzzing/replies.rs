//! The grammar of replies.
use crate::{Capabilities, Class, DateTime, Deviations, Leniency, Reply, ReplyError, ReplyReader};
use alloc::{string::ToString, vec::Vec};
use bytes::Bytes;
use mail_wire::fuzzing::Input;

/// A strict client takes only what a lenient one takes, with the same value; a reply reads back as it was written.
pub(super) fn read(input: Input<'_>) {
    let strict = replies(input.octets, Leniency::STRICT);
    let lenient = replies(input.octets, Leniency::LENIENT);
    if let Ok((strict, deviations)) = &strict {
        assert!(deviations.is_empty(), "tolerated by a strict reader: {deviations:?}");
        let (lenient, deviations) = lenient.as_ref().unwrap();
        assert_eq!(strict, lenient);
        assert!(deviations.is_empty(), "{deviations:?} where nothing is wrong");
    }
    for reply in lenient.iter().flat_map(|(replies, _)| replies) {
        offer(reply);
        assert!(!reply.is_too_many_recipients() || reply.class_to_rcpt() == Class::Transient);
        assert!(reply.enhanced().is_none_or(|code| !code.summary().is_empty()));
        let mut wire = Vec::new();
        reply.encode(&mut wire);
        let again = replies(&wire, Leniency::LENIENT);
        let again = again.unwrap().0;
        assert_eq!(again.len(), 1, "one reply is several: {}", wire.escape_ascii());
        assert_eq!(again[0], *reply, "{}", wire.escape_ascii());
        let whole = Reply::parse(&wire.clone().into(), Leniency::LENIENT, &mut Deviations::new());
        assert_eq!(whole.as_ref(), Ok(reply), "{}", wire.escape_ascii());
        let mut second = Vec::new();
        again[0].encode(&mut second);
        assert_eq!(second.escape_ascii().to_string(), wire.escape_ascii().to_string());
    }
}

pub(super) fn replies(stream: &[u8], leniency: Leniency) -> Result<(Vec<Reply>, Deviations), ReplyError> {
    let (mut reader, mut deviations) = (ReplyReader::new(usize::MAX), Deviations::new());
    let mut replies = Vec::new();
    for line in stream.split_inclusive(|octet| *octet == b'\n') {
        let Some(line) = line.strip_suffix(b"\r\n") else { continue };
        // The framer hands out no others.
        if line.iter().any(|octet| matches!(octet, b'\r' | 0)) {
            continue;
        }
        replies.extend(reader.push(Bytes::copy_from_slice(line), leniency, &mut deviations)?);
    }
    Ok((replies, deviations))
}

/// A strict client takes only offers that a lenient one takes, with the same value.
fn offer(reply: &Reply) {
    let (mut none, mut told) = (Deviations::new(), Deviations::new());
    let strict = Capabilities::parse(reply, Leniency::STRICT, &mut none);
    let lenient = Capabilities::parse(reply, Leniency::LENIENT, &mut told);
    assert!(none.is_empty(), "tolerated by a strict reader: {none:?}");
    if strict.is_ok() {
        assert_eq!(strict, lenient);
    }
    if let Ok(offer) = &lenient {
        is_told_well(offer);
    }
}

/// What stands behind keywords is within what their RFCs allow, or is not told.
fn is_told_well(offer: &Capabilities) {
    let limits = offer.limits();
    for limit in [limits.mailmax(), limits.rcptmax(), limits.rcptdomainmax()].into_iter().flatten() {
        assert!(limit.get() <= 999_999, "{limit}");
    }
    assert!(offer.min_by_time().is_none_or(|seconds| seconds <= 999_999_999));
    assert!(offer.priority_profile().is_none_or(|name| (1..=20).contains(&name.len())));
    if let Some(hold) = offer.max_hold() {
        assert!((1..=999_999_999).contains(&hold.interval));
        assert_eq!(DateTime::new(hold.date_time.as_str()), Ok(hold.date_time));
    }
    let mut words = offer.no_soliciting().chain(offer.burl()).chain(offer.xclient()).chain(offer.xforward());
    assert!(words.all(|word| !word.is_empty() && word.bytes().all(|octet| octet.is_ascii_graphic())));
}
