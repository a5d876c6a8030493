//! Errors with their causes.
use std::{error::Error, fmt};

/// An error and all that led to it: `cannot create /var/mail: Permission denied (os error 13)`.
#[derive(Debug, Clone, Copy)]
pub struct Causes<'a>(pub &'a dyn Error);

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{OpenMode, SqliteStore};

    #[test]
    fn what_the_system_said_is_told() {
        let error = SqliteStore::open("/dev/null/x".as_ref(), OpenMode::Admin).unwrap_err();
        let told = Causes(&error).to_string();
        assert!(told.starts_with("cannot create folder /dev/null/x: Not a directory"), "{told}");
    }
}
