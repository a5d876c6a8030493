//! Version 2: octets.
use super::{
    Addresses, Header, HeaderError, Transport, UnixPath, Version,
    checksum::crc32c,
    tlv::{self, BadTlv, CRC32C, Tlv},
};
use crate::Output;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use core::net::{Ipv4Addr, Ipv6Addr};

/// What such a header begins with: no line of any protocol.
pub(crate) const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// Octets of the signature, the command, the family, and the length of what follows.
const FIXED: usize = 16;

const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;

const UNSPEC: u8 = 0x00;
const TCP4: u8 = 0x11;
const UDP4: u8 = 0x12;
const TCP6: u8 = 0x21;
const UDP6: u8 = 0x22;
const UNIX_STREAM: u8 = 0x31;
const UNIX_DATAGRAM: u8 = 0x32;

/// Takes a header that begins with the signature.
pub(super) fn parse(input: &mut BytesMut, limit: usize) -> Result<Option<Header>, HeaderError> {
    let Some(([.., command, family, high, low], behind)) = input.split_first_chunk::<FIXED>() else {
        return Ok(None);
    };
    let octets = FIXED + usize::from(u16::from_be_bytes([*high, *low]));
    if octets > limit {
        return Err(HeaderError::TooLong { octets, limit });
    }
    let Some(block) = behind.get(..octets - FIXED) else { return Ok(None) };
    let (addresses, tlvs) = match *command {
        // "The receiver must discard the protocol block including the family".
        LOCAL => (Addresses::Local, Bytes::new()),
        PROXY => {
            let (addresses, left) = addresses(*family, block)?;
            tlv::check(left).map_err(HeaderError::BadTlv)?;
            let front = octets - left.len();
            if checksum_differs(input.get(..octets).unwrap_or_default(), front) {
                return Err(HeaderError::BadChecksum);
            }
            let block = input.split_to(octets).freeze();
            return Ok(Some(Header { version: Version::Two, addresses, tlvs: block.slice(front..) }));
        }
        other => return Err(HeaderError::BadCommand(other)),
    };
    let _ = input.split_to(octets);
    Ok(Some(Header { version: Version::Two, addresses, tlvs }))
}

/// The addresses in front of a block, and what is left behind them.
fn addresses(family: u8, block: &[u8]) -> Result<(Addresses, &[u8]), HeaderError> {
    let transport = if family & 0x0f == 1 { Transport::Stream } else { Transport::Datagram };
    match family {
        UNSPEC => Ok((Addresses::Unknown, block)),
        TCP4 | UDP4 => {
            let ([a, b, c, d, e, f, g, h, ports @ ..], left) = first::<12>(block)?;
            let (source_port, destination_port) = both(*ports);
            let (source, destination) = (Ipv4Addr::new(*a, *b, *c, *d), Ipv4Addr::new(*e, *f, *g, *h));
            Ok((Addresses::Inet { transport, source, destination, source_port, destination_port }, left))
        }
        TCP6 | UDP6 => {
            let (source, left) = first::<16>(block)?;
            let (destination, left) = first::<16>(left)?;
            let (ports, left) = first::<4>(left)?;
            let (source_port, destination_port) = both(*ports);
            let (source, destination) = (Ipv6Addr::from(*source), Ipv6Addr::from(*destination));
            Ok((Addresses::Inet6 { transport, source, destination, source_port, destination_port }, left))
        }
        UNIX_STREAM | UNIX_DATAGRAM => {
            let (source, left) = first::<{ UnixPath::OCTETS }>(block)?;
            let (destination, left) = first::<{ UnixPath::OCTETS }>(left)?;
            let path = |octets: &[u8]| UnixPath::new(octets).map_err(|_| HeaderError::ShortAddresses);
            Ok((Addresses::Unix { transport, source: path(source)?, destination: path(destination)? }, left))
        }
        other => Err(HeaderError::BadFamily(other)),
    }
}

fn first<const N: usize>(block: &[u8]) -> Result<(&[u8; N], &[u8]), HeaderError> {
    block.split_first_chunk().ok_or(HeaderError::ShortAddresses)
}

fn both([a, b, c, d]: [u8; 4]) -> (u16, u16) {
    (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

/// Is there a checksum among the TLVs, which start at `front`, that is not the one of this header?
fn checksum_differs(header: &[u8], front: usize) -> bool {
    match place_of_checksum(header.get(front..).unwrap_or_default()) {
        Some((at, told)) => told != checksum(header, front + at),
        None => false,
    }
}

/// Where the checksum of these TLVs stands, and what it is.
fn place_of_checksum(tlvs: &[u8]) -> Option<(usize, u32)> {
    let mut left = tlvs;
    while let Some((kind, value, behind)) = tlv::first(left) {
        if kind == CRC32C {
            let told = u32::from_be_bytes(value.try_into().ok()?);
            return Some((tlvs.len() - behind.len() - value.len(), told));
        }
        left = behind;
    }
    None
}

/// The checksum of a header whose own one stands at `at`, where it counts as zero.
fn checksum(header: &[u8], at: usize) -> u32 {
    let own = at..at + 4;
    crc32c(header.iter().enumerate().map(|(place, octet)| if own.contains(&place) { 0 } else { *octet }))
}

/// The same header with one more TLV. Its checksum is made anew.
pub(super) fn with_tlv(header: Header, tlv: Tlv<'_>) -> Result<Header, BadTlv> {
    let bad = BadTlv { kind: tlv.kind() };
    if header.version == Version::One || header.addresses == Addresses::Local {
        return Err(bad);
    }
    let mut tlvs = Vec::from(&header.tlvs[..]);
    tlv.write(&mut tlvs)?;
    tlv::check(&tlvs)?;
    let mut whole = Vec::new();
    let told = Header { tlvs: Bytes::new(), ..header };
    encode(&told, &mut whole);
    let front = whole.len();
    whole.extend_from_slice(&tlvs);
    let length = u16::try_from(whole.len() - FIXED).map_err(|_| bad)?;
    whole.splice(FIXED - 2..FIXED, length.to_be_bytes());
    if let Some((at, _)) = place_of_checksum(&tlvs) {
        let sum = checksum(&whole, front + at);
        tlvs.splice(at..at + 4, sum.to_be_bytes());
    }
    Ok(Header { tlvs: tlvs.into(), ..told })
}

/// Writes the header.
pub(super) fn encode(header: &Header, out: &mut impl Output) {
    let mut block = Vec::new();
    let family = write(&header.addresses, &mut block);
    block.extend_from_slice(&header.tlvs);
    let command = if header.addresses == Addresses::Local { LOCAL } else { PROXY };
    // Whatever can be made fits: `with_tlv` looks.
    let [high, low] = u16::try_from(block.len()).unwrap_or(u16::MAX).to_be_bytes();
    out.text(SIGNATURE);
    out.text(&[command, family, high, low]);
    out.text(&block);
}

/// Writes addresses, and returns of which family they are.
fn write(addresses: &Addresses, block: &mut Vec<u8>) -> u8 {
    let of = |transport: &Transport, stream: u8, datagram: u8| match transport {
        Transport::Stream => stream,
        Transport::Datagram => datagram,
    };
    match addresses {
        Addresses::Local | Addresses::Unknown => UNSPEC,
        Addresses::Inet { transport, source, destination, source_port, destination_port } => {
            block.extend([source.octets(), destination.octets()].concat());
            block.extend([source_port.to_be_bytes(), destination_port.to_be_bytes()].concat());
            of(transport, TCP4, UDP4)
        }
        Addresses::Inet6 { transport, source, destination, source_port, destination_port } => {
            block.extend([source.octets(), destination.octets()].concat());
            block.extend([source_port.to_be_bytes(), destination_port.to_be_bytes()].concat());
            of(transport, TCP6, UDP6)
        }
        Addresses::Unix { transport, source, destination } => {
            for path in [source, destination] {
                let octets = path.as_bytes();
                block.extend_from_slice(octets);
                block.extend((octets.len()..UnixPath::OCTETS).map(|_| 0));
            }
            of(transport, UNIX_STREAM, UNIX_DATAGRAM)
        }
    }
}
