//! Commands that have no variant.
use crate::{Deviations, Dialect, Leniency, grammar};
use bytes::Bytes;
use core::{
    fmt,
    hash::{Hash, Hasher},
};
use mail_wire::{ParseError, Text, span};

/// A command that [`Command`](crate::Command) has no variant for: of an extension, or of nobody.
///
/// Its arguments are kept as they stand in the unit, literals in place. They may hold secrets: `Debug` does not show
/// them. Whether a literal was synchronising makes no difference.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OtherCommand {
    name: Text,
    #[cfg_attr(feature = "serde", serde(serialize_with = "mail_wire::octets::serialize"))]
    arguments: Bytes,
}

impl OtherCommand {
    /// A command of this name. Literals stand in the arguments as `{n}` CRLF and `n` octets; how they are sent is the
    /// encoder's business.
    ///
    /// ```
    /// use imap_proto::OtherCommand;
    /// assert!(OtherCommand::new("XPIG-LATIN", "").is_ok());
    /// assert!(OtherCommand::new("X", "{4}\r\na\r\nb (c)").is_ok());
    /// assert!(OtherCommand::new("X", "a\r\nb LOGOUT").is_err());
    /// assert!(OtherCommand::new("X", "a {5}").is_err());
    /// ```
    ///
    /// # Errors
    /// The name is not an atom, or is one that [`Command`](crate::Command) has a variant for; or the arguments hold
    /// CR, LF or NUL outside of a literal, or end like one that is to come.
    pub fn new(name: &str, arguments: impl Into<Bytes>) -> Result<Self, ParseError> {
        let name = span::parse(&Bytes::copy_from_slice(name.as_bytes()), grammar::command::other::name)?;
        let (arguments, mut deviations) = (arguments.into(), Deviations::new());
        let dialect = Dialect::new(Leniency::STRICT);
        let mut tolerance = grammar::Tolerance::new(&arguments, &dialect, &mut deviations);
        span::parse(&arguments, |i| grammar::command::other::arguments(i, &mut tolerance))?;
        Ok(Self { name, arguments })
    }

    /// The name, as it was written.
    pub fn name(&self) -> &str {
        // ASCII, checked when it was made.
        self.name.as_str().unwrap_or_default()
    }

    /// What stands behind it and a space.
    pub fn arguments(&self) -> &Bytes {
        &self.arguments
    }

    /// Of what the grammar has checked.
    pub(crate) fn from_checked(name: Text, arguments: Bytes) -> Self {
        Self { name, arguments }
    }
}

impl PartialEq for OtherCommand {
    fn eq(&self, other: &Self) -> bool {
        let pieces = grammar::command::other::pieces;
        self.name.as_bytes().eq_ignore_ascii_case(other.name.as_bytes())
            && pieces(&self.arguments).eq(pieces(&other.arguments))
    }
}

impl Eq for OtherCommand {}

impl Hash for OtherCommand {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.as_bytes().to_ascii_lowercase().hash(state);
        grammar::command::other::pieces(&self.arguments).for_each(|piece| piece.hash(state));
    }
}

impl fmt::Debug for OtherCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OtherCommand({}, {} octets)", self.name, self.arguments.len())
    }
}
