//! Who the peer is.
use crate::AString;
use alloc::vec::Vec;

/// Fields of ID: which software speaks ([RFC 2971](https://www.rfc-editor.org/rfc/rfc2971)). None is `NIL`.
///
/// ```
/// use imap_proto::{AString, IdFields};
/// let fields = IdFields::from_iter([(AString::try_from("name")?, Some(AString::try_from("sodr")?))]);
/// assert_eq!(fields.get("NAME").unwrap(), "sodr");
/// # Ok::<(), imap_proto::InvalidString>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct IdFields(Vec<(AString, Option<AString>)>);

impl IdFields {
    /// Tells nothing: `NIL`.
    pub const NIL: Self = Self(Vec::new());

    /// The value of a field, whose name is the same in any case.
    pub fn get(&self, name: &str) -> Option<&AString> {
        let mut fields =
            self.0.iter().filter(|(field, _)| field.as_bytes().eq_ignore_ascii_case(name.as_bytes()));
        fields.next()?.1.as_ref()
    }

    /// All, in order: name and value, `None` for NIL.
    pub fn iter(&self) -> impl Iterator<Item = (&AString, Option<&AString>)> {
        self.0.iter().map(|(name, value)| (name, value.as_ref()))
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(AString, Option<AString>)> for IdFields {
    fn from_iter<I: IntoIterator<Item = (AString, Option<AString>)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}
