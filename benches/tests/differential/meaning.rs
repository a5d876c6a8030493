//! What a unit means, in words that all parsers have.
use std::{collections::BTreeMap, fmt};

/// What a parser makes of a unit.
pub(crate) type Answer = Result<Meaning, Refusal>;

/// What a unit means: names of fields, and their values as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Meaning(BTreeMap<String, String>);

impl Meaning {
    /// With a field more.
    pub(crate) fn with(mut self, field: impl Into<String>, value: impl fmt::Display) -> Self {
        self.0.insert(field.into(), value.to_string());
        self
    }

    /// With a field more where there is a value.
    pub(crate) fn with_some(self, field: impl Into<String>, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }

    /// The value of a field.
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// The value of a field; nothing where there is none.
    pub(crate) fn field(&self, field: &str) -> &str {
        self.get(field).unwrap_or_default()
    }

    /// The fields that differ: name, the value here, the value there.
    pub(crate) fn differences(&self, other: &Self) -> Vec<(String, String, String)> {
        let mut names: Vec<&String> = self.0.keys().chain(other.0.keys()).collect();
        names.sort();
        names.dedup();
        let value = |of: &Self, name: &str| of.0.get(name).map_or("(none)", String::as_str).to_string();
        names
            .into_iter()
            .map(|name| (name.clone(), value(self, name), value(other, name)))
            .filter(|(_, here, there)| here != there)
            .collect()
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&fields.join(" "))
    }
}

/// Why a unit was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The rule that was expected, or what is wrong.
    pub(crate) rule: String,
    /// Where, counted from the start of the unit; 0 where the parser does not say.
    pub(crate) offset: usize,
}

impl Refusal {
    /// A peer's, which does not say where.
    pub(crate) fn of_peer(rule: impl fmt::Display) -> Self {
        Self { rule: rule.to_string(), offset: 0 }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.rule, self.offset)
    }
}

/// Octets as text.
pub(crate) fn text(octets: &[u8]) -> String {
    octets.escape_ascii().to_string()
}
