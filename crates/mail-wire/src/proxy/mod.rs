//! Who a client is that stands behind a proxy: the header of the [PROXY protocol], versions 1 and 2.
//!
//! A load balancer says it in front of the first octet of a connection, before the server's banner and before TLS. It
//! may say whatever it likes: read it of peers alone that are known to be such a proxy, and of those always. Where it
//! is read of anybody, anybody chooses its own address; where it is not read of a proxy, it is read as commands.
//!
//! ```
//! use mail_wire::proxy::Header;
//! use bytes::BytesMut;
//! let mut input = BytesMut::from("PROXY TCP4 192.0.2.7 198.51.100.1 51234 25\r\nEHLO client.example\r\n");
//! let header = Header::parse(&mut input, Header::LIMIT)?.expect("all of it has come");
//! assert_eq!(header.addresses().source(), "192.0.2.7:51234".parse().ok());
//! assert_eq!(&input[..], b"EHLO client.example\r\n");
//! # Ok::<(), mail_wire::proxy::HeaderError>(())
//! ```
//!
//! [PROXY protocol]: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
mod address;
mod checksum;
mod tlv;
mod v1;
mod v2;
#[cfg(feature = "serde")]
mod written;

use crate::{Output, ParseError};
pub use address::{Addresses, LongPath, Transport, UnixPath};
use bytes::{Bytes, BytesMut};
pub use tlv::{BadTlv, Ssl, Tlv};
pub(crate) use v1::SIGNATURE as V1;
pub(crate) use v2::SIGNATURE as V2;

/// What a proxy says in front of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    version: Version,
    addresses: Addresses,
    /// Well-formed, and with the right checksum if with one.
    tlvs: Bytes,
}

/// How a header is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Version {
    /// A line of text.
    One,
    /// Octets, which can tell more.
    Two,
}

/// A connection does not begin with a header that can be believed: close it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// It begins with something else.
    #[error("no PROXY header: another octet at {offset}")]
    Missing {
        /// Where the first octet stands that does not belong to one.
        offset: usize,
    },
    /// A line without an end.
    #[error("PROXY line longer than 107 octets")]
    LongLine,
    /// A line that does not follow the grammar.
    #[error("bad PROXY line: {0}")]
    BadLine(ParseError),
    /// There is no such version, or no such command of it.
    #[error("version and command of a PROXY header are {0:#04x}")]
    BadCommand(u8),
    /// There is no such family of addresses, or no such transport for it.
    #[error("family and transport of a PROXY header are {0:#04x}")]
    BadFamily(u8),
    /// It is longer than is taken.
    #[error("PROXY header of {octets} octets where {limit} are allowed")]
    TooLong {
        /// How long it is.
        octets: usize,
        /// The limit.
        limit: usize,
    },
    /// It ends before its addresses do.
    #[error("PROXY header ends within its addresses")]
    ShortAddresses,
    /// Something behind the addresses is no TLV, or not what its type says.
    #[error(transparent)]
    BadTlv(BadTlv),
    /// The checksum is not that of these octets.
    #[error("checksum of a PROXY header is wrong")]
    BadChecksum,
}

/// A line cannot tell of datagrams, sockets of Unix, or the proxy itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("version 1 of the PROXY protocol tells of TCP alone")]
pub struct NotTcp;

impl Header {
    /// So many octets are taken where nothing speaks for another limit: all that proxies are known to say, a
    /// certificate of the client included. A header that has not come whole costs no more.
    pub const LIMIT: usize = 4096;

    /// Takes a header from the start of a connection. `None`: more must come; whoever waits for it should do so for
    /// some seconds only. While there is none, and where there is an error, `input` stays as it is.
    ///
    /// `limit` is the longest header of version 2 in octets; one of version 1 has at most 107.
    ///
    /// # Errors
    /// The connection does not begin with a header, as soon as that is known; or with one that is malformed or too
    /// long.
    pub fn parse(input: &mut BytesMut, limit: usize) -> Result<Option<Self>, HeaderError> {
        let same = |signature: &[u8]| input.iter().zip(signature).take_while(|(one, two)| one == two).count();
        match (same(V1), same(V2)) {
            (octets, _) if octets == V1.len() => v1::parse(input),
            (_, octets) if octets == V2.len() => v2::parse(input, limit),
            (one, two) if one.max(two) == input.len() => Ok(None),
            (one, two) => Err(HeaderError::Missing { offset: one.max(two) }),
        }
    }

    /// A header of version 1.
    ///
    /// # Errors
    /// A line cannot tell of these addresses.
    pub fn v1(addresses: Addresses) -> Result<Self, NotTcp> {
        match addresses {
            Addresses::Unknown
            | Addresses::Inet { transport: Transport::Stream, .. }
            | Addresses::Inet6 { transport: Transport::Stream, .. } => {
                Ok(Self { version: Version::One, addresses, tlvs: Bytes::new() })
            }
            _ => Err(NotTcp),
        }
    }

    /// A header of version 2.
    pub fn v2(addresses: Addresses) -> Self {
        Self { version: Version::Two, addresses, tlvs: Bytes::new() }
    }

    /// Tells this too, in version 2.
    ///
    /// # Errors
    /// The header is of version 1 or tells of the proxy itself, it would be longer than 65,551 octets, or the value is
    /// not what its type asks for.
    pub fn with_tlv(self, tlv: Tlv<'_>) -> Result<Self, BadTlv> {
        v2::with_tlv(self, tlv)
    }

    /// Tells the checksum of the header, in version 2: a header that was changed on its way is not believed.
    ///
    /// # Errors
    /// As for [`with_tlv`](Self::with_tlv), or there is a checksum already.
    pub fn with_checksum(self) -> Result<Self, BadTlv> {
        if self.tlvs().any(|tlv| matches!(tlv, Tlv::Crc32c(_))) {
            return Err(BadTlv { kind: tlv::CRC32C });
        }
        v2::with_tlv(self, Tlv::Crc32c(0))
    }

    /// How it was written, or is to be.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whose connection it is.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What is told beside the addresses, in order.
    pub fn tlvs(&self) -> impl Iterator<Item = Tlv<'_>> {
        tlv::all(&self.tlvs)
    }

    /// The application's protocol that was agreed on in TLS, as `smtp`.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.tlvs().find_map(|tlv| if let Tlv::Alpn(name) = tlv { Some(name) } else { None })
    }

    /// The name of the server that the client asked for, in TLS mostly.
    pub fn authority(&self) -> Option<&str> {
        self.tlvs().find_map(|tlv| if let Tlv::Authority(name) = tlv { Some(name) } else { None })
    }

    /// What the proxy calls the connection.
    pub fn unique_id(&self) -> Option<&[u8]> {
        self.tlvs().find_map(|tlv| if let Tlv::UniqueId(id) = tlv { Some(id) } else { None })
    }

    /// The TLS that the proxy has taken off.
    pub fn ssl(&self) -> Option<Ssl<'_>> {
        self.tlvs().find_map(|tlv| if let Tlv::Ssl(ssl) = tlv { Some(ssl) } else { None })
    }

    /// The name of the network namespace that the addresses are of.
    pub fn netns(&self) -> Option<&str> {
        self.tlvs().find_map(|tlv| if let Tlv::Netns(name) = tlv { Some(name) } else { None })
    }

    /// Writes it.
    pub fn encode(&self, out: &mut impl Output) {
        match self.version {
            Version::One => v1::encode(&self.addresses, out),
            Version::Two => v2::encode(self, out),
        }
    }
}
