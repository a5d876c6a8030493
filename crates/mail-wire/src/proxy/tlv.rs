//! What a header of version 2 tells beside the addresses: type, length, value.
use alloc::vec::Vec;

pub(super) const ALPN: u8 = 0x01;
pub(super) const AUTHORITY: u8 = 0x02;
pub(super) const CRC32C: u8 = 0x03;
pub(super) const NOOP: u8 = 0x04;
pub(super) const UNIQUE_ID: u8 = 0x05;
pub(super) const SSL: u8 = 0x20;
pub(super) const SSL_VERSION: u8 = 0x21;
pub(super) const SSL_CN: u8 = 0x22;
pub(super) const SSL_CIPHER: u8 = 0x23;
pub(super) const SSL_SIG_ALG: u8 = 0x24;
pub(super) const SSL_KEY_ALG: u8 = 0x25;
pub(super) const NETNS: u8 = 0x30;

/// Octets of the longest name of a connection.
const MAX_UNIQUE_ID: usize = 128;

/// Something that is told beside the addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Tlv<'a> {
    /// The application's protocol that was agreed on in TLS.
    Alpn(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::octets::serialize"))] &'a [u8]),
    /// The name of the server that the client asked for.
    Authority(&'a str),
    /// The checksum of the header, which is right.
    Crc32c(u32),
    /// Nothing: so many octets are passed over.
    Noop(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::octets::serialize"))] &'a [u8]),
    /// What the proxy calls the connection, at most 128 octets.
    UniqueId(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::octets::serialize"))] &'a [u8]),
    /// The TLS that the proxy has taken off.
    Ssl(Ssl<'a>),
    /// The name of the network namespace, in ASCII.
    Netns(&'a str),
    /// Of another type, private or of a later version.
    Other {
        /// Its type.
        kind: u8,
        /// Its value.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::octets::serialize"))]
        value: &'a [u8],
    },
}

/// The TLS that a proxy has taken off a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ssl<'a> {
    client: u8,
    verify: u32,
    /// Well-formed.
    tlvs: &'a [u8],
}

/// Something behind the addresses is cut, not what its type asks for, or a second checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("TLV of type {kind:#04x} in a PROXY header is malformed")]
pub struct BadTlv {
    /// Its type.
    pub kind: u8,
}

impl<'a> Ssl<'a> {
    /// What a proxy tells: bits of what the client did, the result of verifying its certificate, which is 0 where that
    /// was good, and TLVs of their own types.
    ///
    /// # Errors
    /// The TLVs are not well-formed.
    pub fn new(client: u8, verify: u32, tlvs: &'a [u8]) -> Result<Self, BadTlv> {
        check_lengths(tlvs)?;
        Ok(Self { client, verify, tlvs })
    }

    /// Did the client speak TLS?
    pub fn is_tls(self) -> bool {
        self.client & 0x01 != 0
    }

    /// Did the client show a certificate, in this connection or in the session that it resumes?
    pub fn has_certificate(self) -> bool {
        self.client & 0x06 != 0
    }

    /// Did the client show a certificate that was found to be good?
    pub fn is_verified(self) -> bool {
        self.has_certificate() && self.verify == 0
    }

    /// The version of TLS, as `TLSv1.3`.
    pub fn version(self) -> Option<&'a str> {
        self.text(SSL_VERSION)
    }

    /// The common name of the client's certificate.
    pub fn cn(self) -> Option<&'a str> {
        self.text(SSL_CN)
    }

    /// The cipher suite.
    pub fn cipher(self) -> Option<&'a str> {
        self.text(SSL_CIPHER)
    }

    /// The algorithm that the client's certificate is signed with.
    pub fn sig_alg(self) -> Option<&'a str> {
        self.text(SSL_SIG_ALG)
    }

    /// The algorithm of the key of the client's certificate.
    pub fn key_alg(self) -> Option<&'a str> {
        self.text(SSL_KEY_ALG)
    }

    /// All that is told of it, each with its type.
    pub fn tlvs(self) -> impl Iterator<Item = (u8, &'a [u8])> {
        pairs(self.tlvs)
    }

    fn text(self, kind: u8) -> Option<&'a str> {
        let (_, value) = self.tlvs().find(|(found, _)| *found == kind)?;
        core::str::from_utf8(value).ok()
    }
}

impl<'a> Tlv<'a> {
    /// Its type.
    pub fn kind(self) -> u8 {
        match self {
            Self::Alpn(_) => ALPN,
            Self::Authority(_) => AUTHORITY,
            Self::Crc32c(_) => CRC32C,
            Self::Noop(_) => NOOP,
            Self::UniqueId(_) => UNIQUE_ID,
            Self::Ssl(_) => SSL,
            Self::Netns(_) => NETNS,
            Self::Other { kind, .. } => kind,
        }
    }

    /// As its type has it.
    fn of(kind: u8, value: &'a [u8]) -> Result<Self, BadTlv> {
        let text = || core::str::from_utf8(value).map_err(|_| BadTlv { kind });
        match kind {
            ALPN => Ok(Self::Alpn(value)),
            AUTHORITY => text().map(Self::Authority),
            CRC32C => {
                value.try_into().map(|sum| Self::Crc32c(u32::from_be_bytes(sum))).map_err(|_| BadTlv { kind })
            }
            NOOP => Ok(Self::Noop(value)),
            UNIQUE_ID if value.len() > MAX_UNIQUE_ID => Err(BadTlv { kind }),
            UNIQUE_ID => Ok(Self::UniqueId(value)),
            SSL => {
                let (fixed, tlvs) = value.split_first_chunk().ok_or(BadTlv { kind })?;
                let [client, verify @ ..]: &[u8; 5] = fixed;
                Ssl::new(*client, u32::from_be_bytes(*verify), tlvs).map(Self::Ssl)
            }
            NETNS if !value.is_ascii() => Err(BadTlv { kind }),
            NETNS => text().map(Self::Netns),
            _ => Ok(Self::Other { kind, value }),
        }
    }

    /// Writes it behind others.
    pub(super) fn write(self, out: &mut Vec<u8>) -> Result<(), BadTlv> {
        let kind = self.kind();
        out.extend_from_slice(&[kind, 0, 0]);
        let start = out.len();
        match self {
            Self::Alpn(value) | Self::Noop(value) | Self::UniqueId(value) | Self::Other { value, .. } => {
                out.extend_from_slice(value);
            }
            Self::Authority(text) | Self::Netns(text) => out.extend_from_slice(text.as_bytes()),
            Self::Crc32c(sum) => out.extend_from_slice(&sum.to_be_bytes()),
            Self::Ssl(ssl) => {
                out.push(ssl.client);
                out.extend_from_slice(&ssl.verify.to_be_bytes());
                out.extend_from_slice(ssl.tlvs);
            }
        }
        let length = u16::try_from(out.len() - start).map_err(|_| BadTlv { kind })?;
        out.splice(start - 2..start, length.to_be_bytes());
        Ok(())
    }
}

/// The first TLV and what is behind it. `None`: there is none, or it is cut.
pub(super) fn first(tlvs: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([kind, high, low], rest) = tlvs.split_first_chunk()?;
    let (value, behind) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
    Some((*kind, value, behind))
}

/// Each with its type.
fn pairs(tlvs: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut left = tlvs;
    core::iter::from_fn(move || {
        let (kind, value, behind) = first(left)?;
        left = behind;
        Some((kind, value))
    })
}

/// All of them, which were checked before.
pub(super) fn all(tlvs: &[u8]) -> impl Iterator<Item = Tlv<'_>> {
    pairs(tlvs).filter_map(|(kind, value)| Tlv::of(kind, value).ok())
}

/// Is each of them whole, and what its type asks for? And is there one checksum at most?
pub(super) fn check(tlvs: &[u8]) -> Result<(), BadTlv> {
    check_lengths(tlvs)?;
    if pairs(tlvs).filter(|(kind, _)| *kind == CRC32C).nth(1).is_some() {
        return Err(BadTlv { kind: CRC32C });
    }
    pairs(tlvs).try_for_each(|(kind, value)| Tlv::of(kind, value).map(|_| ()))
}

/// Is each of them whole?
fn check_lengths(tlvs: &[u8]) -> Result<(), BadTlv> {
    let mut left = tlvs;
    while let Some((_, _, behind)) = first(left) {
        left = behind;
    }
    left.first().map_or(Ok(()), |kind| Err(BadTlv { kind: *kind }))
}
