//! Decisions of hosts and of the network.
use alloc::vec::Vec;

/// Decisions, taken from the front of an input: a failure shrinks towards a host that agrees to everything.
#[derive(Debug, Clone)]
pub struct Dice<'a> {
    faces: &'a [u8],
}

impl<'a> Dice<'a> {
    /// Dice that fall so.
    pub fn new(faces: &'a [u8]) -> Self {
        Self { faces }
    }

    /// Is no decision left but the tamest?
    pub fn is_empty(&self) -> bool {
        self.faces.is_empty()
    }

    /// The next decision, below `ways`. Way 0 is the tamest, and the only one once all faces are used up.
    pub fn among(&mut self, ways: u8) -> u8 {
        let Some((face, rest)) = self.faces.split_first() else { return 0 };
        self.faces = rest;
        face % ways
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: u8) -> bool {
        self.among(times) == times - 1
    }

    /// The next of these; the first one once all faces are used up.
    ///
    /// # Panics
    /// There is none.
    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        let at = self.among(u8::try_from(choices.len()).unwrap_or(u8::MAX));
        choices.get(usize::from(at)).cloned().unwrap_or_else(|| panic!("nothing to choose from"))
    }

    /// A number of 32 bits.
    pub fn number(&mut self) -> u32 {
        (0..4).fold(0, |number, _| number << 8 | u32::from(self.among(u8::MAX)))
    }

    /// Octets whose number the dice say, below `limit`.
    pub fn octets(&mut self, limit: u8) -> &'a [u8] {
        let len = usize::from(self.among(limit)).min(self.faces.len());
        let (octets, rest) = self.faces.split_at(len);
        self.faces = rest;
        octets
    }

    /// How many octets come at once.
    pub fn piece(&mut self) -> usize {
        match self.among(20) {
            0 => 1 << 20,
            octets => usize::from(octets),
        }
    }

    /// Cuts these octets at up to seven places.
    pub fn pieces<'o>(&mut self, octets: &'o [u8]) -> Vec<&'o [u8]> {
        let (mut pieces, mut rest) = (Vec::new(), octets);
        for _ in 0..self.among(8) {
            let at = usize::from(self.among(u8::MAX)) * 256 + usize::from(self.among(u8::MAX));
            let (piece, behind) = rest.split_at(at % (rest.len() + 1));
            pieces.push(piece);
            rest = behind;
        }
        pieces.push(rest);
        pieces
    }
}
