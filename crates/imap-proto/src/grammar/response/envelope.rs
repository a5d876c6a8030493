//! ENVELOPE.
use super::{
    goes_on, no_space,
    place::{Ground, inner_nstring, nstring, usual_nstring, usual_sp},
};
use crate::{
    DeviationKind, Envelope,
    grammar::{
        Tolerance,
        leaf::{close, nil, open},
    },
    types::address::AddressPlaces,
};
use alloc::vec::Vec;
use mail_wire::{
    Place,
    span::{Parsed, Span, expected},
};

/// `envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc
/// SP env-in-reply-to SP env-message-id ")"`; missing fields are tolerated.
pub(crate) fn envelope<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Envelope> {
    let ground = Ground::new(i);
    if i.first() != Some(b'(') {
        match nil(i) {
            Ok((rest, ())) if tolerance.tolerate(DeviationKind::MissingEnvelope, i) => {
                return Ok((rest, empty(i, rest)));
            }
            _ => {}
        }
    }
    let (start, ()) = open(i)?;
    let start = no_space(start, tolerance);
    if start.first() == Some(b')') && tolerance.tolerate(DeviationKind::EmptyList, start) {
        let rest = start.part(1).0;
        return Ok((rest, empty(i, rest)));
    }
    let mut fields = Fields { addresses: Vec::new(), at: start, first: true, missing: 0 };
    let date = fields.string(ground, tolerance)?;
    let subject = fields.string(ground, tolerance)?;
    let mut ends = [0; 6];
    for end in &mut ends {
        fields.addresses(ground, tolerance)?;
        // 65,535 addresses: `address` takes no more.
        *end = u16::try_from(fields.addresses.len()).unwrap_or(u16::MAX);
    }
    let in_reply_to = fields.string(ground, tolerance)?;
    let message_id = fields.string(ground, tolerance)?;
    let (rest, ()) = close(no_space(fields.at, tolerance))?;
    let text = i.before(rest);
    let addresses = fields.addresses;
    Ok((rest, Envelope { text: text.share(), date, subject, in_reply_to, message_id, addresses, ends }))
}

/// An envelope of nothing, which stands between these two.
#[cold]
fn empty(i: Span<'_>, rest: Span<'_>) -> Envelope {
    let nil = Place::NIL;
    Envelope {
        text: i.before(rest).share(),
        date: nil,
        subject: nil,
        in_reply_to: nil,
        message_id: nil,
        addresses: Vec::new(),
        ends: [0; 6],
    }
}

/// The fields of an envelope, one after the other.
struct Fields<'a> {
    addresses: Vec<AddressPlaces>,
    at: Span<'a>,
    first: bool,
    /// Fields that are not there.
    missing: u8,
}

/// With fewer fields than seven a list is no envelope.
const MAX_MISSING: u8 = 3;

type Read<T> = Result<T, nom::Err<mail_wire::span::Expected>>;

impl<'a> Fields<'a> {
    /// Is there another field?
    #[inline]
    fn next(&mut self, tolerance: &mut Tolerance<'_>) -> Read<bool> {
        let (at, more) = match self.first {
            true => (self.at, self.at.first() != Some(b')')),
            false => goes_on(self.at, tolerance)?,
        };
        if !more {
            self.missing += 1;
            if self.missing > MAX_MISSING || !tolerance.tolerate(DeviationKind::MissingField, at) {
                return expected(at, "all ten fields of an envelope");
            }
        }
        self.first &= !more;
        self.at = at;
        Ok(more)
    }

    /// `env-date = nstring`, and so `env-subject`, `env-in-reply-to`, `env-message-id`
    #[inline]
    fn string(&mut self, ground: Ground, tolerance: &mut Tolerance<'_>) -> Read<Place> {
        if let Some((rest, place)) = usual_sp(self.at).and_then(|i| usual_nstring(i, ground)) {
            if !self.first {
                self.at = rest;
                return Ok(place);
            }
        }
        if !self.next(tolerance)? {
            return Ok(Place::NIL);
        }
        let (rest, place) = nstring(self.at, ground, tolerance)?;
        self.at = rest;
        Ok(place)
    }

    /// `env-from = "(" 1*address ")" / nil`, and so `env-sender`, `env-reply-to`, `env-to`, `env-cc`, `env-bcc`
    #[inline]
    fn addresses(&mut self, ground: Ground, tolerance: &mut Tolerance<'_>) -> Read<()> {
        match self.at.text() {
            [b' ', b'N', b'I', b'L', b' ', ..] => {
                self.at = self.at.part(4).0;
                return Ok(());
            }
            [b' ', b'(', b'(', ..] => {
                let before = self.addresses.len();
                let mut at = self.at.part(2).0;
                while let Some((rest, places)) = usual_address(at, ground) {
                    if self.addresses.len() >= usize::from(u16::MAX) {
                        return expected(at, "fewer addresses");
                    }
                    push(places, &mut self.addresses);
                    at = rest;
                    if let [b')', b' ', ..] = at.text() {
                        self.at = at.part(1).0;
                        return Ok(());
                    }
                }
                self.addresses.truncate(before);
            }
            _ => {}
        }
        self.odd_addresses(ground, tolerance)
    }

    /// The same, in every spelling.
    #[cold]
    #[inline(never)]
    fn odd_addresses(&mut self, ground: Ground, tolerance: &mut Tolerance<'_>) -> Read<()> {
        let before = self.at;
        if !self.next(tolerance)? {
            return Ok(());
        }
        match self.at.text() {
            [b'(', ..] => {}
            [b'"', b'"', ..] if tolerance.tolerate(DeviationKind::EmptyList, self.at) => {
                self.at = self.at.part(2).0;
                return Ok(());
            }
            // A field is missing: this string is one of those behind.
            [b'"' | b'{', ..] if tolerance.tolerate(DeviationKind::MissingField, self.at) => {
                self.at = before;
                return Ok(());
            }
            _ => {
                (self.at, ()) = nil(self.at)?;
                return Ok(());
            }
        }
        let list = self.at.part(1).0;
        let mut at = no_space(list, tolerance);
        match at.first() {
            Some(b')') if tolerance.tolerate(DeviationKind::EmptyList, at) => {}
            // One address that stands there without a list around it.
            Some(b'"' | b'N' | b'n' | b'{') if tolerance.tolerate(DeviationKind::MissingParenthesis, at) => {
                (self.at, ()) = address(self.at, ground, &mut self.addresses, tolerance)?;
                return Ok(());
            }
            _ => (at, ()) = address(at, ground, &mut self.addresses, tolerance)?,
        }
        loop {
            match at.first() {
                Some(b'(') => (at, ()) = address(at, ground, &mut self.addresses, tolerance)?,
                Some(b' ') if tolerance.tolerate(DeviationKind::ExtraSpaces, at) => {
                    at = at.part(super::spaces(at)).0;
                }
                _ => break,
            }
        }
        (self.at, ()) = close(at)?;
        Ok(())
    }
}

/// `address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"`; missing strings are tolerated.
#[inline]
fn address<'a>(
    i: Span<'a>,
    ground: Ground,
    addresses: &mut Vec<AddressPlaces>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let (at, ()) = open(i)?;
    let (at, name) = nstring(no_space(at, tolerance), ground, tolerance)?;
    let (at, route) = addr_string(at, ground, tolerance)?;
    let (at, mailbox) = addr_string(at, ground, tolerance)?;
    let (at, host) = addr_string(at, ground, tolerance)?;
    let (rest, ()) = close(no_space(at, tolerance))?;
    if addresses.len() >= usize::from(u16::MAX) {
        return expected(i, "fewer addresses");
    }
    push(AddressPlaces { name, route, mailbox, host }, addresses);
    Ok((rest, ()))
}

#[inline(always)]
fn push(address: AddressPlaces, addresses: &mut Vec<AddressPlaces>) {
    if addresses.capacity() == 0 {
        // From, Sender, Reply-To and To are seldom missing; of To and Cc there are often some more.
        addresses.reserve_exact(6);
    }
    addresses.push(address);
}

/// `address`, in the usual spelling.
#[inline(always)]
fn usual_address(i: Span<'_>, ground: Ground) -> Option<(Span<'_>, AddressPlaces)> {
    let [b'(', behind @ ..] = i.text() else { return None };
    let (i, name) = inner_nstring(i.behind(behind), ground)?;
    let (i, route) = inner_nstring(usual_sp(i)?, ground)?;
    let (i, mailbox) = inner_nstring(usual_sp(i)?, ground)?;
    let (i, host) = inner_nstring(usual_sp(i)?, ground)?;
    let [b')', behind @ ..] = i.text() else { return None };
    Some((i.behind(behind), AddressPlaces { name, route, mailbox, host }))
}

/// `SP nstring`
#[inline]
fn addr_string<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    let (i, more) = goes_on(i, tolerance)?;
    if more {
        return nstring(i, ground, tolerance);
    }
    if tolerance.tolerate(DeviationKind::MissingField, i) {
        Ok((i, Place::NIL))
    } else {
        expected(i, "a space")
    }
}
