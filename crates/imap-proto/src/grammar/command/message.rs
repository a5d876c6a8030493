//! `STORE`, `COPY` and `MOVE`.
use super::super::{
    Tolerance,
    flag::{Gathered, Use, flag, flag_list},
    is_over,
    leaf::{Key, key, name},
    sequence::sequence_set,
    space,
};
use super::of_mailbox;
use crate::{Copy, Flags, Numbering, Report, Store, StoreAction};
use mail_wire::span::{Expected, Parsed, Span, expected};

const FLAGS: Key = key(b"FLAGS");
const FLAGS_SILENT: Key = key(b"FLAGS.SILENT");

/// `copy = "COPY" SP sequence-set SP mailbox`, and `move` alike
#[inline]
pub(super) fn copy<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    numbering: Numbering,
    tolerance: &mut Tolerance<'_>,
) -> Result<Copy, nom::Err<Expected>> {
    let (i, ()) = space(i, tolerance)?;
    let (i, set) = sequence_set(i, tolerance)?;
    let mailbox = of_mailbox(i, rest, tolerance)?;
    Ok(Copy { numbering, set, mailbox })
}

/// `store = "STORE" SP sequence-set SP store-att-flags`, where
/// `store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))`
pub(super) fn store<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    numbering: Numbering,
    tolerance: &mut Tolerance<'_>,
) -> Result<Store, nom::Err<Expected>> {
    let (i, ()) = space(i, tolerance)?;
    let (i, set) = sequence_set(i, tolerance)?;
    let (i, ()) = space(i, tolerance)?;
    let (at, action) = match i.first() {
        // rule rfc3501 6.4.6 adds: +FLAGS adds flags
        Some(b'+') => (i.part(1).0, StoreAction::Add),
        // rule rfc3501 6.4.6 removes: -FLAGS removes flags
        Some(b'-') => (i.part(1).0, StoreAction::Remove),
        _ => (i, StoreAction::Replace),
    };
    let (behind, report) = match name(at) {
        Ok((rest, (_, FLAGS))) => (rest, Report::Told),
        // rule rfc3501 6.4.6 silent-is-read: .SILENT asks for no answer
        Ok((rest, (_, FLAGS_SILENT))) => (rest, Report::Silent),
        _ => return expected(i, "FLAGS or FLAGS.SILENT, '+' or '-' before it"),
    };
    let (i, ()) = space(behind, tolerance)?;
    let (behind, flags) = match i.first() {
        // rule rfc3501 9 store-without-parentheses: the flags of STORE may stand in parentheses
        Some(b'(') => flag_list(i, Use::Set, tolerance)?,
        _ => bare_flags(i, tolerance)?,
    };
    *rest = behind;
    Ok(Store { numbering, set, action, report, flags })
}

/// `flag *(SP flag)`
fn bare_flags<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Flags> {
    let mut gathered = Gathered::default();
    let (mut i, ()) = flag(i, Use::Set, &mut gathered, tolerance)?;
    while !is_over(i) {
        let (rest, ()) = space(i, tolerance)?;
        (i, ()) = flag(rest, Use::Set, &mut gathered, tolerance)?;
    }
    Ok((i, gathered.into_flags()?))
}
