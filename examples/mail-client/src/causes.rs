//! Errors with their causes.
use std::{error::Error, fmt};

/// An error and all that led to it: `cannot read /root/password: Permission denied (os error 13)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Causes<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}
