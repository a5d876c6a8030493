//! What is read in certificates: how a server's is hashed, for `tls-server-end-point`, and whose a client's is, for
//! EXTERNAL. Whether they are to be trusted was TLS's to say.
use core::iter;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
/// `[0]`, explicit.
const FIRST: u8 = 0xa0;
/// `[3]`, explicit: extensions.
const EXTENSIONS: u8 = 0xa3;
/// `[1]`, implicit, of a `GeneralName`.
const RFC822_NAME: u8 = 0x81;
/// `id-ce-subjectAltName`
const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1d\x11";

/// How a certificate is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// Hashes a certificate as [RFC 5929 §4.1](https://www.rfc-editor.org/rfc/rfc5929#section-4.1) asks.
pub(crate) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    Some(match function(certificate)? {
        Function::Sha224 => Sha224::digest(certificate).to_vec(),
        Function::Sha256 => Sha256::digest(certificate).to_vec(),
        Function::Sha384 => Sha384::digest(certificate).to_vec(),
        Function::Sha512 => Sha512::digest(certificate).to_vec(),
    })
}

/// The mail addresses that a certificate was made out to: each `rfc822Name` of its subjectAltName
/// ([RFC 5280 §4.2.1.6](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6)), given as DER.
///
/// A host asks this of the certificate that a client has shown, and TLS has found good, to know who logs in by EXTERNAL.
/// Names in the subject, where addresses stood long ago, do not count.
///
/// Who resumes a session of TLS shows no certificate again, and what it showed may have expired since then: that is the
/// host's to look at.
pub fn certificate_addresses(certificate: &[u8]) -> Vec<String> {
    let address = |(tag, octets): (u8, &[u8])| {
        let text = core::str::from_utf8(octets).ok().filter(|_| tag == RFC822_NAME)?;
        let is_plain = text.is_ascii() && !text.contains(|octet: char| octet.is_ascii_control());
        is_plain.then(|| text.to_owned())
    };
    values(alternative_names(certificate).unwrap_or_default()).filter_map(address).collect()
}

/// `SubjectAltName ::= GeneralNames`, the content.
fn alternative_names(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = value(certificate, SEQUENCE)?;
    let (to_be_signed, _) = value(certificate, SEQUENCE)?;
    let (_, extensions) = values(to_be_signed).find(|(tag, _)| *tag == EXTENSIONS)?;
    let (extensions, _) = value(extensions, SEQUENCE)?;
    // `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`
    let is_wanted = |extension: &&[u8]| {
        value(extension, OBJECT_IDENTIFIER).is_some_and(|(name, _)| name == SUBJECT_ALT_NAME)
    };
    let extension = values(extensions).map(|(_, extension)| extension).find(is_wanted)?;
    let (_, names) = values(extension).find(|(tag, _)| *tag == OCTET_STRING)?;
    Some(value(names, SEQUENCE)?.0)
}

/// `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }`
/// ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1))
fn function(certificate: &[u8]) -> Option<Function> {
    let (certificate, _) = value(certificate, SEQUENCE)?;
    let (_, behind) = value(certificate, SEQUENCE)?;
    let (algorithm, parameters) = algorithm(behind)?;
    match algorithm {
        // rule rfc5929 4.1 old-hash: in place of MD5 and SHA-1 a certificate is hashed by SHA-256
        // With RSA: md5, sha1. With ECDSA: SHA1.
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"
        | b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"
        | b"\x2a\x86\x48\xce\x3d\x04\x01" => Some(Function::Sha256),
        // rule rfc5929 4.1 its-hash: else a certificate is hashed as its signature is
        // With RSA: sha224, sha256, sha384, sha512.
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e" => Some(Function::Sha224),
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b" => Some(Function::Sha256),
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c" => Some(Function::Sha384),
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d" => Some(Function::Sha512),
        // With ECDSA: the same.
        b"\x2a\x86\x48\xce\x3d\x04\x03\x01" => Some(Function::Sha224),
        b"\x2a\x86\x48\xce\x3d\x04\x03\x02" => Some(Function::Sha256),
        b"\x2a\x86\x48\xce\x3d\x04\x03\x03" => Some(Function::Sha384),
        b"\x2a\x86\x48\xce\x3d\x04\x03\x04" => Some(Function::Sha512),
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" => pss(parameters),
        _ => None,
    }
}

/// `RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] HashAlgorithm DEFAULT sha1Identifier, .. }`
/// ([RFC 4055 §3.1](https://www.rfc-editor.org/rfc/rfc4055#section-3.1))
fn pss(parameters: &[u8]) -> Option<Function> {
    let (parameters, _) = value(parameters, SEQUENCE)?;
    let Some((hash, _)) = value(parameters, FIRST) else { return Some(Function::Sha256) };
    match algorithm(hash)?.0 {
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x04" => Some(Function::Sha224),
        b"\x2b\x0e\x03\x02\x1a" | b"\x60\x86\x48\x01\x65\x03\x04\x02\x01" => Some(Function::Sha256),
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x02" => Some(Function::Sha384),
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x03" => Some(Function::Sha512),
        _ => None,
    }
}

/// `AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }`, both parts.
fn algorithm(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (identifier, _) = value(octets, SEQUENCE)?;
    value(identifier, OBJECT_IDENTIFIER)
}

/// The content of a value that has this tag, and what comes behind it.
fn value(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, behind) = any_value(octets)?;
    (found == tag).then_some((content, behind))
}

/// The values that stand one behind the other: tags and contents.
fn values(mut octets: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    iter::from_fn(move || {
        let (tag, content, behind) = any_value(octets)?;
        octets = behind;
        Some((tag, content))
    })
}

fn any_value(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, octets) = octets.split_first()?;
    let (first, octets) = octets.split_first()?;
    let (length, octets) = match usize::from(*first) {
        short @ ..=0x7f => (short, octets),
        // Longer lengths than of four octets no certificate has.
        long @ 0x81..=0x84 => {
            let (length, octets) = octets.split_at_checked(long - 0x80)?;
            let length = length.iter().fold(0_u32, |sum, octet| sum << 8 | u32::from(*octet));
            (usize::try_from(length).ok()?, octets)
        }
        _ => return None,
    };
    let (content, behind) = octets.split_at_checked(length)?;
    Some((*tag, content, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], content].concat()
    }

    /// A certificate of which nothing is true but the name of its algorithm.
    fn certificate(identifier: &[u8], parameters: &[u8]) -> Vec<u8> {
        let identifier = [&tagged(OBJECT_IDENTIFIER, identifier), parameters].concat();
        let parts = [tagged(SEQUENCE, &[7; 300]), tagged(SEQUENCE, &identifier), tagged(3, &[0; 70])];
        tagged(SEQUENCE, &parts.concat())
    }

    // covers rfc5929 4.1 old-hash
    // covers rfc5929 4.1 its-hash
    #[test]
    fn a_certificate_is_hashed_as_its_signature_is() {
        const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01";
        const ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04";
        for (base, end, expected) in [
            (RSA, &b"\x04"[..], Some(Function::Sha256)),
            (RSA, b"\x05", Some(Function::Sha256)),
            (RSA, b"\x0b", Some(Function::Sha256)),
            (RSA, b"\x0c", Some(Function::Sha384)),
            (RSA, b"\x0d", Some(Function::Sha512)),
            (RSA, b"\x0e", Some(Function::Sha224)),
            (ECDSA, b"\x01", Some(Function::Sha256)),
            (ECDSA, b"\x03\x01", Some(Function::Sha224)),
            (ECDSA, b"\x03\x02", Some(Function::Sha256)),
            (ECDSA, b"\x03\x03", Some(Function::Sha384)),
            (ECDSA, b"\x03\x04", Some(Function::Sha512)),
            // Ed25519 hashes in a way of its own: RFC 5929 says nothing of it.
            (b"\x2b\x65", b"\x70", None),
        ] {
            let certificate = certificate(&[base, end].concat(), b"");
            assert_eq!(function(&certificate), expected, "{}", end.escape_ascii());
            let octets = match expected {
                Some(Function::Sha224) => Some(28),
                Some(Function::Sha256) => Some(32),
                Some(Function::Sha384) => Some(48),
                Some(Function::Sha512) => Some(64),
                None => None,
            };
            assert_eq!(hash(&certificate).map(|hash| hash.len()), octets);
        }
    }

    // covers rfc5929 4.1 its-hash
    #[test]
    fn pss_names_its_hash_among_its_parameters() {
        const PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
        const SHA_2: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02";
        for (hash, expected) in [
            ([SHA_2, b"\x01"].concat(), Some(Function::Sha256)),
            ([SHA_2, b"\x02"].concat(), Some(Function::Sha384)),
            ([SHA_2, b"\x03"].concat(), Some(Function::Sha512)),
            ([SHA_2, b"\x04"].concat(), Some(Function::Sha224)),
            (b"\x2b\x0e\x03\x02\x1a".to_vec(), Some(Function::Sha256)),
            ([SHA_2, b"\x08"].concat(), None),
        ] {
            let hash = tagged(FIRST, &tagged(SEQUENCE, &tagged(OBJECT_IDENTIFIER, &hash)));
            assert_eq!(function(&certificate(PSS, &tagged(SEQUENCE, &hash))), expected);
        }
        assert_eq!(function(&certificate(PSS, &tagged(SEQUENCE, b""))), Some(Function::Sha256));
        assert_eq!(function(&certificate(PSS, b"")), None);
    }

    /// A certificate that has such an extension, and others around it.
    fn certificate_of(identifier: &[u8], critical: &[u8], names: &[u8]) -> Vec<u8> {
        let extension = |identifier: &[u8], critical: &[u8], content: &[u8]| {
            let (identifier, content) =
                (tagged(OBJECT_IDENTIFIER, identifier), tagged(OCTET_STRING, content));
            tagged(SEQUENCE, &[&identifier, critical, &content].concat())
        };
        let extensions = [
            extension(b"\x55\x1d\x0f", b"\x01\x01\xff", b"\x03\x02\x05\xa0"),
            extension(identifier, critical, &tagged(SEQUENCE, names)),
            extension(b"\x55\x1d\x25", b"", &tagged(SEQUENCE, b"")),
        ];
        let extensions = tagged(EXTENSIONS, &tagged(SEQUENCE, &extensions.concat()));
        let fields = [tagged(FIRST, b"\x02\x01\x02"), tagged(2, b"\x07"), tagged(SEQUENCE, b""), extensions];
        tagged(SEQUENCE, &tagged(SEQUENCE, &fields.concat()))
    }

    #[test]
    fn a_certificate_is_whose_its_alternative_names_say() {
        let name = |tag, text: &[u8]| tagged(tag, text);
        let names = [
            name(RFC822_NAME, b"ann@example.org"),
            name(0x82, b"mail.example.org"),
            name(RFC822_NAME, b"\"ann b\"@example.net"),
        ]
        .concat();
        for critical in [&b""[..], b"\x01\x01\xff"] {
            let certificate = certificate_of(SUBJECT_ALT_NAME, critical, &names);
            assert_eq!(certificate_addresses(&certificate), ["ann@example.org", "\"ann b\"@example.net"]);
        }
        // The issuer's names are another extension.
        for (identifier, names) in [
            (&b"\x55\x1d\x12"[..], &names[..]),
            (SUBJECT_ALT_NAME, &name(RFC822_NAME, b"ann@example.org\0@example.net")),
            (SUBJECT_ALT_NAME, &name(RFC822_NAME, b"\xff@example.org")),
            (SUBJECT_ALT_NAME, b""),
        ] {
            assert!(certificate_addresses(&certificate_of(identifier, b"", names)).is_empty());
        }
        assert!(certificate_addresses(&certificate(b"\x2b\x65\x70", b"")).is_empty());
    }

    #[test]
    fn what_is_cut_is_no_certificate() {
        let whole = certificate(b"\x2a\x86\x48\xce\x3d\x04\x03\x02", b"");
        for end in 0..whole.len() {
            assert_eq!(hash(&whole[..end]), None);
        }
        let whole = certificate_of(SUBJECT_ALT_NAME, b"", &tagged(RFC822_NAME, b"ann@example.org"));
        for end in 0..whole.len() {
            assert!(certificate_addresses(&whole[..end]).is_empty());
        }
        for bad in [&b"\x30\x80"[..], b"\x30\x85\0\0\0\0\0", b"\x30\x84\xff\xff\xff\xff", b"\x31\0"] {
            assert_eq!(hash(bad), None);
        }
    }
}
