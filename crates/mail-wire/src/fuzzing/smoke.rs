//! Keeps targets alive where nobody fuzzes.
use alloc::vec::Vec;

/// Inputs for each target. Each takes milliseconds at worst.
const INPUTS: usize = 1000;

/// Runs each of so many targets over each seed as it stands, and over a thousand inputs made of their lines.
pub fn smoke(run: fn(&[u8]), targets: usize, seeds: &[impl AsRef<[u8]>]) {
    let lines: Vec<&[u8]> =
        seeds.iter().flat_map(|seed| seed.as_ref().split_inclusive(|octet| *octet == b'\n')).collect();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for target in 0..targets {
        let target = u8::try_from(target).unwrap_or(u8::MAX);
        for seed in seeds {
            run(&[&[target, 0], seed.as_ref()].concat());
        }
        for _ in 0..INPUTS {
            run(&input(target, &lines, &mut random));
        }
    }
}

/// Dice, then lines, of which a few have an octet changed.
fn input(target: u8, lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    let dice = random.below(120);
    let mut input = Vec::from([target, u8::try_from(dice).unwrap_or(0)]);
    input.extend((0..dice).map(|_| random.octet()));
    for _ in 0..random.below(12) {
        let Some(line) = lines.get(random.below(lines.len())) else { continue };
        let from = input.len();
        input.extend_from_slice(line);
        let at = from + random.below(line.len());
        match (random.below(8), input.get_mut(at)) {
            (0, Some(octet)) => *octet = random.octet(),
            (1, Some(octet)) => *octet = b"\r\n\0 {}+\".*<>"[random.below(12)],
            _ => {}
        }
    }
    input
}

/// An xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn octet(&mut self) -> u8 {
        (self.next() >> 24).to_le_bytes()[0]
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % limit.max(1)
    }
}
