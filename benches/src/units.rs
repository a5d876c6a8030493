//! Units of a protocol, one behind the other as they stand in a read block.
use bytes::Bytes;

/// Units of a protocol, one behind the other as they stand in a read block.
#[derive(Debug, Clone)]
pub struct Units {
    block: Bytes,
    each: Vec<Bytes>,
}

impl Units {
    /// Of these texts, each with its CRLF.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let (mut block, mut ends) = (Vec::new(), vec![0]);
        for text in texts {
            block.extend_from_slice(text.as_bytes());
            ends.push(block.len());
        }
        let block = Bytes::from(block);
        let each = ends.windows(2).map(|place| block.slice(place[0]..place[1])).collect();
        Self { block, each }
    }

    /// All of them.
    pub fn block(&self) -> &Bytes {
        &self.block
    }

    /// One after the other, CRLF included: slices of the block.
    pub fn each(&self) -> &[Bytes] {
        &self.each
    }

    /// One after the other, without CRLF: what a line framer hands out.
    pub fn lines(&self) -> Vec<Bytes> {
        self.each.iter().map(|unit| unit.slice(..unit.len().saturating_sub(2))).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.each.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }
}
