//! What is told of a unit.
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;
use smtp_proto::ParseError;

/// A unit of the stream. Units lie end to end: there is no octet that belongs to none.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) outcome: Outcome,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    Read { kind: String, value: Value, deviations: Vec<Deviation> },
    Failed(Failure),
}

/// What was tolerated, and where in the stream.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Deviation {
    pub(crate) kind: String,
    pub(crate) offset: u64,
}

/// Why a unit could not be read.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) error: String,
    /// Where in the stream.
    pub(crate) offset: u64,
    pub(crate) expected: String,
}

impl Unit {
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }
}

impl Outcome {
    /// A value that is an enum: its variant is the kind, what it holds the value.
    pub(crate) fn variant(value: &impl Serialize, deviations: Vec<Deviation>) -> Self {
        let (kind, value) = variant(value);
        Self::Read { kind, value, deviations }
    }

    /// A value of this kind.
    pub(crate) fn of(kind: &str, value: &impl Serialize, deviations: Vec<Deviation>) -> Self {
        Self::Read { kind: kind.into(), value: json(value), deviations }
    }
}

impl Deviation {
    /// What was tolerated at `offset` of what starts at `base` of the stream.
    pub(crate) fn new(kind: &impl Serialize, base: u64, offset: usize) -> Self {
        Self { kind: variant(kind).0, offset: base + offset as u64 }
    }
}

impl Failure {
    /// What starts at `base` of the stream does not follow the grammar.
    pub(crate) fn syntax(error: &ParseError, base: u64) -> Self {
        let ParseError { offset, found, expected } = *error;
        let found = found.map_or("the end".into(), |octet| format!("'{}'", octet.escape_ascii()));
        Self {
            error: format!("expected {expected}, found {found}"),
            offset: base + offset as u64,
            expected: expected.into(),
        }
    }

    /// The same, with a word on what is wrong in front.
    pub(crate) fn within(self, what: &str) -> Self {
        Self { error: format!("{what}: {}", self.error), ..self }
    }
}

/// The variant of an enum, and what it holds.
pub(crate) fn variant(value: &impl Serialize) -> (String, Value) {
    match json(value) {
        Value::String(name) => (name, Value::Null),
        Value::Object(map) if map.len() == 1 => map.into_iter().next().unwrap_or_default(),
        other => ("Other".into(), other),
    }
}

pub(crate) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("maps of the crates' values have strings as keys")
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Unit", 6)?;
        fields.serialize_field("offset", &self.offset)?;
        fields.serialize_field("length", &self.length)?;
        fields.serialize_field("ok", &!self.has_failed())?;
        match &self.outcome {
            Outcome::Read { kind, value, deviations } => {
                fields.serialize_field("kind", kind)?;
                fields.serialize_field("value", value)?;
                fields.serialize_field("deviations", deviations)?;
            }
            Outcome::Failed(Failure { error, offset, expected }) => {
                fields.serialize_field("error", error)?;
                fields.serialize_field("error_offset", offset)?;
                fields.serialize_field("expected", expected)?;
            }
        }
        fields.end()
    }
}
