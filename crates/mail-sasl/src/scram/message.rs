//! The messages of SCRAM, checked before rsasl reads them: it panics on some that are cut.
//!
//! Extensions are refused. The optional ones could be ignored, but rsasl leaves them out of what is signed, so that
//! no proof would hold.
use super::{Hash, MAX_ITERATIONS, MIN_ITERATIONS, keys::number, name};
use base64::{Engine, engine::general_purpose::STANDARD};

/// `client-first-message = gs2-header client-first-message-bare`
/// ([RFC 5802 §7](https://www.rfc-editor.org/rfc/rfc5802#section-7)), read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientFirst {
    pub(crate) flag: Flag,
    pub(crate) authorization: Option<String>,
    pub(crate) name: String,
}

/// `gs2-cbind-flag = ("p=" cb-name) / "n" / "y"`
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    /// The client has no channel binding.
    No,
    /// The client has it, and believes that the server has not.
    NotOffered,
    /// It is used, by this name.
    Used(String),
}

/// What a server says of itself that a client does not bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadServerFirst {
    Malformed,
    Iterations(u32),
}

pub(crate) fn client_first(message: &[u8]) -> Option<ClientFirst> {
    let parts: Vec<&[u8]> = message.splitn(5, |octet| *octet == b',').collect();
    let &[flag, authorization, user, nonce] = parts.as_slice() else { return None };
    // rule rfc5801 7 first-octet: what begins with none of the flags is refused [instead: Flag::No]
    // rule rfc5802 5 first-octet: a client's first message begins with n, y or p [instead: Flag::No]
    let flag = match flag {
        b"n" => Flag::No,
        b"y" => Flag::NotOffered,
        _ => Flag::Used(binding_name(flag.strip_prefix(b"p=")?)?),
    };
    let authorization = match authorization {
        b"" => None,
        _ => Some(name::decode(authorization.strip_prefix(b"a=")?)?),
    };
    // rule rfc5802 5.1 mandatory-extension: m= is refused [instead: name::decode(user.get(2..)?)?]
    let name = name::decode(user.strip_prefix(b"n=")?)?;
    is_nonce(nonce.strip_prefix(b"r=")?).then_some(ClientFirst { flag, authorization, name })
}

/// `server-first-message = nonce "," salt "," iteration-count`
pub(crate) fn server_first(message: &[u8]) -> Result<(), BadServerFirst> {
    let iterations = fields(message, [b"r=", b"s=", b"i="])
        .filter(|[nonce, salt, _]| {
            is_nonce(nonce) && STANDARD.decode(salt).is_ok_and(|salt| !salt.is_empty())
        })
        .and_then(|[_, _, iterations]| number(iterations))
        .ok_or(BadServerFirst::Malformed)?;
    // rule rfc7677 4 few-iterations: a client does not take part with fewer than 4096 iterations
    if iterations < MIN_ITERATIONS {
        return Err(BadServerFirst::Iterations(iterations));
    }
    if iterations > MAX_ITERATIONS { Err(BadServerFirst::Iterations(iterations)) } else { Ok(()) }
}

/// `client-final-message = channel-binding "," nonce "," proof`
pub(crate) fn is_client_final(hash: Hash, message: &[u8]) -> bool {
    fields(message, [b"c=", b"r=", b"p="]).is_some_and(|[binding, nonce, proof]| {
        STANDARD.decode(binding).is_ok()
            && is_nonce(nonce)
            && STANDARD.decode(proof).is_ok_and(|proof| proof.len() == hash.len())
    })
}

/// `verifier = "v=" base64`, without extensions.
pub(crate) fn is_verifier(message: &[u8]) -> bool {
    fields(message, [b"v="]).is_some_and(|[verifier]| STANDARD.decode(verifier).is_ok())
}

/// `server-error = "e=" server-error-value`
pub(crate) fn server_error(message: &[u8]) -> Option<String> {
    let value = message.strip_prefix(b"e=")?;
    let told = value.iter().take_while(|octet| octet.is_ascii_graphic() && **octet != b',').take(64);
    Some(told.map(|octet| char::from(*octet)).collect())
}

/// The values of all the attributes, which are just these and in this order.
fn fields<'a, const N: usize>(message: &'a [u8], names: [&[u8]; N]) -> Option<[&'a [u8]; N]> {
    let mut parts = message.split(|octet| *octet == b',');
    let mut values: [&[u8]; N] = [b""; N];
    for (value, name) in values.iter_mut().zip(names) {
        *value = parts.next()?.strip_prefix(name)?;
    }
    parts.next().is_none().then_some(values)
}

/// `printable = %x21-2B / %x2D-7E`, at least one, at most 1,024.
fn is_nonce(nonce: &[u8]) -> bool {
    (1..=1_024).contains(&nonce.len()) && nonce.iter().all(|octet| octet.is_ascii_graphic() && *octet != b',')
}

/// `cb-name = 1*(ALPHA / DIGIT / "." / "-")`
fn binding_name(name: &[u8]) -> Option<String> {
    let fits = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-');
    let text = core::str::from_utf8(name).ok().filter(|_| !name.is_empty() && name.iter().all(fits))?;
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers rfc5801 7 first-octet
    // covers rfc5802 5 first-octet
    // covers rfc5802 5.1 mandatory-extension
    #[test]
    fn first_messages_of_a_client() {
        let read = |flag, authorization: Option<&str>, name: &str| {
            Some(ClientFirst { flag, authorization: authorization.map(Into::into), name: name.into() })
        };
        assert_eq!(client_first(b"n,,n=user,r=fyko"), read(Flag::No, None, "user"));
        assert_eq!(client_first(b"y,a=b=2Cc,n=u=3Dr,r=fyko"), read(Flag::NotOffered, Some("b,c"), "u=r"));
        let used = Flag::Used("tls-exporter".into());
        assert_eq!(client_first(b"p=tls-exporter,,n=user,r=f"), read(used, None, "user"));
        for bad in [
            &b""[..],
            b"n",
            b"n,",
            b"n,,",
            b"n,,n",
            b"n,,n=",
            b"n,,n=user",
            b"n,,n=user,",
            b"n,,n=user,r",
            b"n,,n=user,r=",
            b"n,a,n=user,r=f",
            b"n,a=,n=user,r=f",
            b"n,,m=x,n=user,r=f",
            b"n,,m=user,r=f",
            b"n,,n=user,r=f,x=y",
            b"p=,,n=user,r=f",
            b"p=a b,,n=user,r=f",
            b"z,,n=user,r=f",
            b"n,,n=us=er,r=f",
            b"n,,n=user,r=a b",
            b"n=user,r=f",
        ] {
            assert_eq!(client_first(bad), None, "{}", bad.escape_ascii());
        }
    }

    // covers rfc7677 4 few-iterations
    #[test]
    fn first_messages_of_a_server() {
        assert_eq!(server_first(b"r=ab,s=QSXC,i=4096"), Ok(()));
        for (bad, why) in [
            (&b""[..], BadServerFirst::Malformed),
            (b"r=ab,s=QSXC,i=04096", BadServerFirst::Malformed),
            (b"r=ab,s=QSXC,i=4294967296", BadServerFirst::Malformed),
            (b"r=ab,s=,i=4096", BadServerFirst::Malformed),
            (b"r=ab,s=QSX,i=4096", BadServerFirst::Malformed),
            (b"r=ab,s=QSXC,i=4096,x=y", BadServerFirst::Malformed),
            (b"m=x,r=ab,s=QSXC,i=4096", BadServerFirst::Malformed),
            (b"r=ab,s=QSXC,i=4095", BadServerFirst::Iterations(4_095)),
            (b"r=ab,s=QSXC,i=4294967295", BadServerFirst::Iterations(u32::MAX)),
        ] {
            assert_eq!(server_first(bad), Err(why), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn last_messages() {
        assert!(is_client_final(Hash::Sha1, b"c=biws,r=ab,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="));
        for bad in [
            &b""[..],
            b"c=biws",
            b"c=biws,r=ab",
            b"c=biws,r=ab,p=",
            b"c=biws,r=ab,p=v0X8",
            b"c,r=ab,p=v0X8",
            b"c=biws,r=ab,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=,",
            b"c=biws,r=ab,x=y,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        ] {
            assert!(!is_client_final(Hash::Sha1, bad), "{}", bad.escape_ascii());
        }
        assert!(is_verifier(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="));
        assert!(!is_verifier(b"v") && !is_verifier(b"v=x,") && !is_verifier(b"e=other-error"));
        assert_eq!(server_error(b"e=other-error").as_deref(), Some("other-error"));
        assert_eq!(server_error(b"e"), None);
    }
}
