//! What ETRN and ATRN name ([RFC 1985 §5](https://www.rfc-editor.org/rfc/rfc1985#section-5),
//! [RFC 2645 §5.2.1](https://www.rfc-editor.org/rfc/rfc2645#section-5.2.1)).
use super::{Tolerance, domain, space};
use mail_wire::{
    class::VISIBLE,
    span::{Parsed, Span, expected, some},
};

/// `SP etrn-argument`: how many octets are left where the latter starts.
pub(crate) fn etrn<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, usize> {
    let (i, ()) = space(i, tolerance)?;
    etrn_argument(i, tolerance).map(|(rest, ())| (rest, i.text().len()))
}

/// `[option-character] node-name`: behind `#` the name of a queue, of which the server alone knows the grammar; else
/// a domain, or an address literal.
pub(crate) fn etrn_argument<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    match i.first() {
        // rule rfc1985 5.3 any-queue: behind '#' any name of a queue may stand
        Some(b'#') => some(VISIBLE, "the name of a queue")(i.part(1).0).map(|(rest, _)| (rest, ())),
        // rule rfc1985 5.3 subdomains: behind '@' a domain stands
        Some(b'@') => domain::ascii_name(i.part(1).0, tolerance),
        // rule rfc1985 5 fully-qualified: a node is named by its domain [instead: Ok((i.part(i.text().len()).0, ()))]
        _ => domain::ascii_domain(i, tolerance),
    }
}

/// `SP domain *("," domain)`: how many octets are left where the first one starts.
pub(crate) fn atrn<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, usize> {
    let (i, ()) = space(i, tolerance)?;
    atrn_domains(i, tolerance).map(|(rest, ())| (rest, i.text().len()))
}

/// `domain *("," domain)`
fn atrn_domains<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let mut at = i;
    loop {
        let (rest, ()) = atrn_domain(at, tolerance)?;
        match rest.first() {
            // rule rfc2645 5.2.1 domain-list: the domains of ATRN have commas between them
            Some(b',') => at = rest.part(1).0,
            _ => return Ok((rest, ())),
        }
    }
}

/// `domain = sub-domain 1*("." sub-domain)`
pub(crate) fn atrn_domain<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let (rest, ()) = domain::ascii_name(i, tolerance)?;
    // rule rfc2645 5.2.1 two-labels: a domain of ATRN has a dot in it
    if !i.before(rest).text().contains(&b'.') {
        return expected(rest, "'.'");
    }
    Ok((rest, ()))
}
