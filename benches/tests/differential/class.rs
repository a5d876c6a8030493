//! Classes of differences.
use crate::meaning::{Meaning, Refusal};

/// A class of differences between this workspace's parsers and a peer's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Class {
    /// Its name.
    pub(crate) name: &'static str,
    /// Who is right.
    pub(crate) right: Right,
    /// Why.
    pub(crate) why: &'static str,
    /// Where that stands.
    pub(crate) rfc: &'static str,
    /// Recognises it, and nothing else.
    pub(crate) holds: Holds,
}

/// Who is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// This workspace.
    Ours,
    /// The peer.
    Theirs,
    /// Neither is wrong: the RFC leaves it open, or one of them knows an extension more.
    Both,
}

/// Recognises a class.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Holds {
    /// The peer refuses what is taken here: the input, its meaning here, and why the peer refuses it.
    PeerRefuses(fn(&[u8], &Meaning, &Refusal) -> bool),
    /// The peer takes what is refused here: the input, why, and its meaning there.
    PeerTakes(fn(&[u8], &Refusal, &Meaning) -> bool),
    /// Both take it, and a field differs: the input, and the field.
    Differs(fn(&[u8], &Field) -> bool),
}

/// A field that two parsers read differently.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ours: String,
    pub(crate) theirs: String,
}

/// A difference that an input shows.
#[derive(Debug, Clone)]
pub(crate) enum Difference {
    PeerRefuses { meaning: Meaning, refusal: Refusal },
    PeerTakes { refusal: Refusal, meaning: Meaning },
    Differs(Field),
}

impl Difference {
    /// What is answered here, and what there.
    pub(crate) fn answers(&self) -> [String; 2] {
        match self {
            Self::PeerRefuses { meaning, refusal } => [meaning.to_string(), format!("refused: {refusal}")],
            Self::PeerTakes { refusal, meaning } => [format!("refused: {refusal}"), meaning.to_string()],
            Self::Differs(Field { name, ours, theirs }) => {
                [format!("{name}={}", excerpt(ours, theirs)), format!("{name}={}", excerpt(theirs, ours))]
            }
        }
    }
}

/// What differs of a long text, and a little in front of it.
fn excerpt(text: &str, other: &str) -> String {
    let same = text.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let skipped = same.saturating_sub(30);
    let rest: String = text.chars().skip(skipped).collect();
    if skipped > 60 { format!("… {rest}") } else { text.into() }
}

impl Class {
    /// Is this difference one of the class?
    pub(crate) fn holds(&self, input: &[u8], difference: &Difference) -> bool {
        match (self.holds, difference) {
            (Holds::PeerRefuses(holds), Difference::PeerRefuses { meaning, refusal }) => {
                holds(input, meaning, refusal)
            }
            (Holds::PeerTakes(holds), Difference::PeerTakes { refusal, meaning }) => {
                holds(input, refusal, meaning)
            }
            (Holds::Differs(holds), Difference::Differs(field)) => holds(input, field),
            _ => false,
        }
    }
}
