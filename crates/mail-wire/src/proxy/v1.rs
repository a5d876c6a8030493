//! Version 1: a line of text.
use super::{Addresses, Header, HeaderError, Transport};
use crate::{
    Output,
    class::{DIGIT, VISIBLE, run},
    span::{self, Parsed, Span, expected, some, sp},
};
use alloc::{format, string::String, vec::Vec};
use bytes::BytesMut;
use core::net::{Ipv4Addr, Ipv6Addr};

/// What such a header begins with.
pub(crate) const SIGNATURE: &[u8] = b"PROXY ";

/// Octets of the longest line, with its CRLF.
const MAX_LINE: usize = 107;

/// Takes a line that begins with the signature.
pub(super) fn parse(input: &mut BytesMut) -> Result<Option<Header>, HeaderError> {
    let start = input.get(..MAX_LINE).unwrap_or(input);
    let Some(end) = memchr::memchr(b'\n', start) else {
        return if start.len() == MAX_LINE { Err(HeaderError::LongLine) } else { Ok(None) };
    };
    let line = start.get(..end).unwrap_or_default();
    let addresses = span::parse_text(line, proxy_line).map_err(HeaderError::BadLine)?;
    let _ = input.split_to(end + 1);
    Ok(Some(Header { version: super::Version::One, addresses, tlvs: bytes::Bytes::new() }))
}

/// `"PROXY" SP ( "TCP4" / "TCP6" / "UNKNOWN" ) [ SP source SP destination SP source-port SP destination-port ] CR`, where
/// anything may stand behind `UNKNOWN`; the LF has been found.
fn proxy_line(i: Span<'_>) -> Parsed<'_, Addresses> {
    let (i, _) = i.part(SIGNATURE.len());
    let transport = Transport::Stream;
    let (start, family) = word(i)?;
    match family {
        "TCP4" => {
            let (rest, (source, destination)) = pair(start, ipv4)?;
            let (rest, (source_port, destination_port)) = pair(rest, port)?;
            let addresses = Addresses::Inet { transport, source, destination, source_port, destination_port };
            carriage_return(rest).map(|(rest, ())| (rest, addresses))
        }
        "TCP6" => {
            let (rest, (source, destination)) = pair(start, ipv6)?;
            let (rest, (source_port, destination_port)) = pair(rest, port)?;
            let addresses =
                Addresses::Inet6 { transport, source, destination, source_port, destination_port };
            carriage_return(rest).map(|(rest, ())| (rest, addresses))
        }
        "UNKNOWN" => {
            // What stands there is not looked at.
            let left = start.text().iter().position(|octet| *octet == b'\r').unwrap_or(start.text().len());
            carriage_return(start.part(left).0).map(|(rest, ())| (rest, Addresses::Unknown))
        }
        _ => expected(i, "TCP4, TCP6 or UNKNOWN"),
    }
}

/// What stands in front of the LF, and nowhere else.
fn carriage_return(i: Span<'_>) -> Parsed<'_, ()> {
    span::octet(b'\r', "CRLF")(i)
}

/// Two of a kind, each behind a space.
fn pair<'a, T>(i: Span<'a>, rule: impl Fn(Span<'a>) -> Parsed<'a, T>) -> Parsed<'a, (T, T)> {
    let (i, ()) = sp(i)?;
    let (i, source) = rule(i)?;
    let (i, ()) = sp(i)?;
    let (i, destination) = rule(i)?;
    Ok((i, (source, destination)))
}

/// Visible ASCII, up to a space.
fn word(i: Span<'_>) -> Parsed<'_, &str> {
    let (rest, word) = some(VISIBLE, "a word")(i)?;
    Ok((rest, core::str::from_utf8(word.text()).unwrap_or_default()))
}

/// Four numbers up to 255, without zeros in front.
fn ipv4(i: Span<'_>) -> Parsed<'_, Ipv4Addr> {
    let (rest, address) = word(i)?;
    address.parse().map_or_else(|_| expected(i, "an IPv4 address"), |address| Ok((rest, address)))
}

fn ipv6(i: Span<'_>) -> Parsed<'_, Ipv6Addr> {
    let (rest, address) = word(i)?;
    address.parse().map_or_else(|_| expected(i, "an IPv6 address"), |address| Ok((rest, address)))
}

/// A number below 65,536, without zeros in front.
fn port(i: Span<'_>) -> Parsed<'_, u16> {
    let (rest, digits) = i.part(run(i.text(), DIGIT));
    let text = core::str::from_utf8(digits.text()).unwrap_or_default();
    match text.parse() {
        Ok(port) if text.len() == 1 || !text.starts_with('0') => Ok((rest, port)),
        _ => expected(i, "a port"),
    }
}

/// Writes the line.
pub(super) fn encode(addresses: &Addresses, out: &mut impl Output) {
    out.text(SIGNATURE);
    match addresses {
        Addresses::Inet { source, destination, source_port, destination_port, .. } => {
            let line = format!("TCP4 {source} {destination} {source_port} {destination_port}\r\n");
            out.text(line.as_bytes());
        }
        Addresses::Inet6 { source, destination, source_port, destination_port, .. } => {
            let (source, destination) = (groups(source), groups(destination));
            let line = format!("TCP6 {source} {destination} {source_port} {destination_port}\r\n");
            out.text(line.as_bytes());
        }
        // Others are told by version 2 alone.
        _ => out.text(b"UNKNOWN\r\n"),
    }
}

/// An IPv6 address of hexadecimal groups alone: the other form, with an IPv4 address at the end, has none of the
/// protocol's grammar.
fn groups(address: &Ipv6Addr) -> String {
    let usual = format!("{address}");
    if !usual.contains('.') {
        return usual;
    }
    address.segments().iter().map(|group| format!("{group:x}")).collect::<Vec<_>>().join(":")
}
