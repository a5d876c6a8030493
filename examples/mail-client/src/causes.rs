//! Errors with their causes.
use std::{error::Error, fmt};

/// An error and all that led to it: `cannot read /root/password: Permission denied (os error 13)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Causes<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        f.write_str(&told)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            // Some errors tell their cause themselves.
            if !told.ends_with(&text) {
                write!(f, ": {text}")?;
                told = text;
            }
            next = cause.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_codec::{LoginError, imap, sasl};

    #[test]
    fn a_cause_that_was_told_is_not_told_again() {
        let none = sasl::NoMechanism {
            reason: sasl::NoMechanismReason::NotOffered,
            credentials: sasl::Credentials::external(),
        };
        let why = sasl::NoMechanismReason::NotOffered;
        let error = imap::Error::from(LoginError::from(none));
        assert_eq!(Causes(&error).to_string(), format!("cannot log in: {why}"));
    }
}
