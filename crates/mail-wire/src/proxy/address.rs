//! Both ends of a connection.
use bytes::Bytes;
use core::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Whose connection it is that a proxy passes on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Addresses {
    /// `LOCAL`: the proxy's own, as it makes to see whether the server lives. The addresses of the connection hold.
    Local,
    /// `UNKNOWN`, `UNSPEC`: it is not told. The addresses of the connection hold.
    Unknown,
    /// Of IPv4.
    Inet {
        /// TCP or UDP.
        transport: Transport,
        /// The client's address.
        source: Ipv4Addr,
        /// The address that it connected to.
        destination: Ipv4Addr,
        /// The client's port.
        source_port: u16,
        /// The port that it connected to.
        destination_port: u16,
    },
    /// Of IPv6.
    Inet6 {
        /// TCP or UDP.
        transport: Transport,
        /// The client's address.
        source: Ipv6Addr,
        /// The address that it connected to.
        destination: Ipv6Addr,
        /// The client's port.
        source_port: u16,
        /// The port that it connected to.
        destination_port: u16,
    },
    /// Of sockets of Unix.
    Unix {
        /// A stream or datagrams.
        transport: Transport,
        /// The client's path.
        source: UnixPath,
        /// The path that it connected to.
        destination: UnixPath,
    },
}

/// How octets come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Transport {
    /// As a stream: TCP.
    Stream,
    /// As datagrams: UDP.
    Datagram,
}

/// The path of a socket of Unix: up to 108 octets, without the zeros behind it.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct UnixPath(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::octets::serialize"))] Bytes);

/// A path of a socket has at most 108 octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("path of {0} octets where 108 are allowed")]
pub struct LongPath(pub usize);

impl Addresses {
    /// Of a connection of TCP. Where one address is of IPv4 and the other of IPv6, the former is mapped to the latter.
    pub fn tcp(source: SocketAddr, destination: SocketAddr) -> Self {
        let (transport, source_port, destination_port) =
            (Transport::Stream, source.port(), destination.port());
        match (source.ip(), destination.ip()) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                Self::Inet { transport, source, destination, source_port, destination_port }
            }
            (source, destination) => {
                let (source, destination) = (mapped(source), mapped(destination));
                Self::Inet6 { transport, source, destination, source_port, destination_port }
            }
        }
    }

    /// The client's address and port, where they are told.
    pub fn source(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet { source, source_port, .. } => Some(SocketAddr::from((*source, *source_port))),
            Self::Inet6 { source, source_port, .. } => Some(SocketAddr::from((*source, *source_port))),
            Self::Local | Self::Unknown | Self::Unix { .. } => None,
        }
    }

    /// The address and port that the client connected to, where they are told.
    pub fn destination(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet { destination, destination_port, .. } => {
                Some(SocketAddr::from((*destination, *destination_port)))
            }
            Self::Inet6 { destination, destination_port, .. } => {
                Some(SocketAddr::from((*destination, *destination_port)))
            }
            Self::Local | Self::Unknown | Self::Unix { .. } => None,
        }
    }
}

fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

impl UnixPath {
    /// Octets of a path on the wire.
    pub(super) const OCTETS: usize = 108;

    /// Copies a path. Zeros at its end are left out; one in front stands for an abstract name.
    ///
    /// # Errors
    /// It is longer than 108 octets.
    pub fn new(path: &[u8]) -> Result<Self, LongPath> {
        if path.len() > Self::OCTETS {
            return Err(LongPath(path.len()));
        }
        let octets = path.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
        Ok(Self(Bytes::copy_from_slice(path.get(..octets).unwrap_or_default())))
    }

    /// The path.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for UnixPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}
