//! Names and passwords in one form, however they were typed.
use mail_wire::Secret;
use zeroize::Zeroizing;

/// A name or a password cannot be prepared by SASLprep ([RFC 4013](https://www.rfc-editor.org/rfc/rfc4013)): it holds
/// what is forbidden there, or nothing is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("characters that SASLprep forbids, or nothing left after it")]
pub struct Unprepared;

/// A name, prepared.
pub(crate) fn name(text: &str) -> Result<String, Unprepared> {
    match stringprep::saslprep(text) {
        // rule rfc5802 5.1 empty-name: a name of which SASLprep leaves nothing is refused
        Ok(prepared) if prepared.is_empty() => Err(Unprepared),
        Ok(prepared) => Ok(prepared.into_owned()),
        Err(_) => Err(Unprepared),
    }
}

/// A password, prepared.
pub(crate) fn password(octets: &[u8]) -> Result<Secret, Unprepared> {
    let text = core::str::from_utf8(octets).map_err(|_| Unprepared)?;
    name(text).map(|prepared| Secret::copy_from(Zeroizing::new(prepared).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers rfc5802 5.1 empty-name
    #[test]
    fn the_examples_of_rfc_4013() {
        for (typed, prepared) in
            [("I\u{ad}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{aa}", "a"), ("\u{2168}", "IX")]
        {
            assert_eq!(name(typed).as_deref(), Ok(prepared));
            assert_eq!(password(typed.as_bytes()).unwrap().as_bytes(), prepared.as_bytes());
        }
        for typed in ["\u{7}", "\u{627}1", "", "\u{ad}"] {
            assert_eq!(name(typed), Err(Unprepared), "{typed:?}");
        }
        assert_eq!(password(b"\xff"), Err(Unprepared));
    }
}
