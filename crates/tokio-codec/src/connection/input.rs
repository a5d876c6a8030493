//! The read block.
use bytes::BytesMut;

/// Octets asked of the socket at once: few while little comes, and more each time that a read fills its block.
const SMALLEST: usize = 4 * 1024;
const LARGEST: usize = 64 * 1024;

/// What has been read and not yet consumed, and room for more.
///
/// Room is made here and not by `BytesMut::reserve`, which never makes a block smaller than an earlier one.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) octets: BytesMut,
    /// Octets to ask for at the next read.
    block: usize,
    /// The size of the block that `octets` lies in.
    held: usize,
}

impl Default for Input {
    fn default() -> Self {
        Self { octets: BytesMut::new(), block: SMALLEST, held: 0 }
    }
}

impl Input {
    /// Makes room for a read, and returns how much there is.
    pub(super) fn make_room(&mut self, hint: usize) -> usize {
        let unread = self.octets.len();
        if self.octets.capacity() - unread < hint.clamp(1, SMALLEST) {
            // An unfinished unit doubles its block each time, so that copying it is linear.
            let wanted = hint.max(self.block).max(unread);
            let fits = self.held <= unread + 2 * wanted;
            if !fits || !self.octets.try_reclaim(wanted) {
                self.replace(unread + wanted);
            }
        }
        self.octets.capacity() - unread
    }

    /// A read brought so many octets where there was room for `free`.
    pub(super) fn learn(&mut self, octets: usize, free: usize) {
        let block = if octets == free { self.block * 2 } else { octets };
        self.block = block.clamp(SMALLEST, LARGEST);
    }

    /// Nothing is there to be read: the room goes back to the heap.
    ///
    /// A unit that grows octet by octet keeps its room, or it would be copied at each.
    pub(super) fn rest(&mut self) {
        let unread = self.octets.len();
        if unread == 0 || self.held > 2 * (unread + SMALLEST) {
            self.replace(unread);
        }
    }

    fn replace(&mut self, size: usize) {
        let mut octets = BytesMut::with_capacity(size);
        octets.extend_from_slice(&self.octets);
        self.octets = octets;
        self.held = size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    /// Reads `octets` octets into `input`, in as few reads as it has room for.
    fn read(input: &mut Input, mut octets: usize) {
        while octets > 0 {
            let free = input.make_room(512);
            let n = free.min(octets);
            input.octets.extend_from_slice(&vec![b'x'; n]);
            assert!(input.octets.len() <= input.held, "the block is as large as it is counted");
            input.learn(n, free);
            octets -= n;
        }
    }

    #[test]
    fn blocks_grow_while_much_comes_and_are_given_back_when_nothing_does() {
        let mut input = Input::default();
        let mut kept: Vec<Bytes> = Vec::new();
        for _ in 0..20 {
            read(&mut input, 64 * 1024);
            kept.push(input.octets.split().freeze());
        }
        assert_eq!(input.block, LARGEST);
        input.rest();
        assert_eq!(input.octets.capacity(), 0);
        read(&mut input, 10);
        input.octets.clear();
        assert!(input.make_room(512) <= LARGEST);
        input.rest();
        assert!(input.make_room(512) <= SMALLEST, "one small read is enough to ask for little again");
    }

    #[test]
    fn a_large_block_is_not_held_for_a_few_octets() {
        let mut input = Input::default();
        read(&mut input, 1 << 20);
        let _ = input.octets.split_to((1 << 20) - 5);
        input.rest();
        assert_eq!((input.octets.capacity(), &input.octets[..]), (5, &b"xxxxx"[..]));
    }

    #[test]
    fn a_unit_that_comes_octet_by_octet_is_copied_a_few_times_only() {
        let mut input = Input::default();
        let (mut blocks, mut last) = (0, std::ptr::null());
        for _ in 0..100_000 {
            read(&mut input, 1);
            input.rest();
            blocks += usize::from(input.octets.as_ptr() != last);
            last = input.octets.as_ptr();
        }
        assert!(blocks < 20, "{blocks}");
    }
}
