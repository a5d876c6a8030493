//! Decisions of hosts.
use proptest::prelude::*;

/// Decisions of a host, drawn beforehand: a failure shrinks towards a host that agrees to everything.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    faces: std::vec::IntoIter<u8>,
}

impl Dice {
    /// Always way 0.
    pub(crate) fn tame() -> Self {
        Self { faces: Vec::new().into_iter() }
    }

    /// The next decision, below `ways`. Way 0 is the tamest, and the only one once all faces are used up.
    pub(crate) fn among(&mut self, ways: u8) -> u8 {
        self.faces.next().unwrap_or_default() % ways
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: u8) -> bool {
        self.among(times) == times - 1
    }

    /// How many octets come at once.
    pub(crate) fn piece(&mut self) -> usize {
        match self.among(20) {
            0 => 1 << 20,
            octets => usize::from(octets),
        }
    }
}

pub(crate) fn dice() -> impl Strategy<Value = Dice> {
    prop::collection::vec(any::<u8>(), 0..300).prop_map(|faces| Dice { faces: faces.into_iter() })
}
