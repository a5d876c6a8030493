//! Headers of proxies.
use super::{Input, same_under_any_cut};
use crate::proxy::{Addresses, Header, HeaderError, Tlv};
use alloc::vec::Vec;
use bytes::BytesMut;
use core::net::SocketAddr;

/// The same header is read however the stream is cut, and the same is left behind it; it is written as one that reads
/// back equal. Any octets make one header.
pub(super) fn read(mut input: Input<'_>) {
    let limit = 16 + usize::from(input.dice.among(200)) * 4;
    let (octets, mut dice) = (input.octets, input.dice.clone());
    let (found, _) = same_under_any_cut(input, |pieces| taken(pieces, limit));
    if let Ok(Some(header)) = found {
        assert_reads_back(&header);
    }
    let (one, other) = octets.split_at(octets.len() / 2);
    let address = |octets: &[u8], port| match octets.first_chunk::<16>() {
        Some(address) => SocketAddr::from((*address, port)),
        None => SocketAddr::from(([192, 0, 2, octets.len() as u8], port)),
    };
    let addresses = Addresses::tcp(address(one, 25), address(other, 51_234));
    Header::v1(addresses.clone()).iter().for_each(assert_reads_back);
    let mut header = Header::v2(addresses);
    for tlv in [Tlv::UniqueId(one), Tlv::Other { kind: dice.among(255), value: other }, Tlv::Noop(one)] {
        header = header.clone().with_tlv(tlv).unwrap_or(header);
        header = header.clone().with_checksum().unwrap_or(header);
        assert_reads_back(&header);
    }
}

fn taken(pieces: &[&[u8]], limit: usize) -> (Result<Option<Header>, HeaderError>, Vec<u8>) {
    let (mut input, mut found) = (BytesMut::new(), Ok(None));
    for piece in pieces {
        input.extend_from_slice(piece);
        if matches!(found, Ok(None)) {
            let before = input.len();
            found = Header::parse(&mut input, limit);
            assert!(input.len() == before || matches!(found, Ok(Some(_))), "taken for nothing");
        }
        assert!(!matches!(found, Ok(None)) || input.len() <= limit.max(107), "{} octets wait", input.len());
    }
    (found, input.to_vec())
}

fn assert_reads_back(header: &Header) {
    let mut wire = Vec::new();
    header.encode(&mut wire);
    let mut input = BytesMut::from(&[&wire[..], b"behind"].concat()[..]);
    let again = Header::parse(&mut input, usize::MAX);
    assert_eq!(again.as_ref(), Ok(&Some(header.clone())), "{}", wire.escape_ascii());
    assert_eq!(&input[..], b"behind");
}
