//! Names inside of SCRAM and OAUTHBEARER.

/// Writes `saslname`: `,` as `=2C`, `=` as `=3D` ([RFC 5802 §5.1](https://www.rfc-editor.org/rfc/rfc5802#section-5.1)).
pub(crate) fn encode(name: &str) -> String {
    // rule rfc5802 5.1 name-encoded: a comma in a name is sent as =2C, an equals sign as =3D [instead: name.to_owned()]
    name.replace('=', "=3D").replace(',', "=2C")
}

/// Reads `saslname`.
pub(crate) fn decode(octets: &[u8]) -> Option<String> {
    let mut parts = core::str::from_utf8(octets).ok()?.split('=');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        // rule rfc5801 4 saslname: =2C is a comma, =3D an equals sign, no other = [instead: ('=', part)]
        // rule rfc5802 5.1 name-decoded: =2C is a comma, =3D an equals sign, no other = [instead: ('=', part)]
        let (sign, rest) = part
            .strip_prefix("2C")
            .map(|rest| (',', rest))
            .or(part.strip_prefix("3D").map(|rest| ('=', rest)))?;
        name.push(sign);
        name.push_str(rest);
    }
    (!name.is_empty() && !octets.contains(&b',') && !name.contains('\0')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers rfc5802 5.1 name-encoded
    // covers rfc5801 4 saslname
    // covers rfc5802 5.1 name-decoded
    #[test]
    fn names_with_commas_and_equals_signs() {
        for (name, encoded) in
            [("user", "user"), ("a,b", "a=2Cb"), ("a=b", "a=3Db"), ("=2C", "=3D2C"), (",=,", "=2C=3D=2C")]
        {
            assert_eq!(encode(name), encoded);
            assert_eq!(decode(encoded.as_bytes()).as_deref(), Some(name));
        }
        for bad in [&b""[..], b"=", b"a=", b"a=2", b"a=2c", b"a=41", b"\xff", b"a\0b", b"==2C", b"a,b"] {
            assert_eq!(decode(bad), None, "{}", bad.escape_ascii());
        }
    }
}
