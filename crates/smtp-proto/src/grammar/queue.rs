//! What ETRN names ([RFC 1985 §5](https://www.rfc-editor.org/rfc/rfc1985#section-5)).
use super::{Tolerance, domain};
use mail_wire::{
    class::VISIBLE,
    span::{Parsed, Span, some},
};

/// `[option-character] node-name`: behind `#` the name of a queue, of which the server alone knows the grammar; else
/// a domain, or an address literal.
pub(crate) fn etrn<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    match i.first() {
        // rule rfc1985 5.3 any-queue: behind '#' any name of a queue may stand
        Some(b'#') => some(VISIBLE, "the name of a queue")(i.part(1).0).map(|(rest, _)| (rest, ())),
        // rule rfc1985 5.3 subdomains: behind '@' a domain stands
        Some(b'@') => domain::ascii_domain(i.part(1).0, tolerance),
        // rule rfc1985 5 fully-qualified: a node is named by its domain [instead: Ok((i.part(i.text().len()).0, ()))]
        _ => domain::ascii_domain(i, tolerance),
    }
}
