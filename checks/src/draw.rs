//! Draws some of many, the same ones for the same seed.

/// Numbers that look random: Steele, Lea and Flood's SplitMix64.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }
}

/// `count` of `all`, in their order; 0 is all of them.
#[must_use]
pub fn draw<T>(all: Vec<T>, count: usize, seed: u64) -> Vec<T> {
    if count == 0 || count >= all.len() {
        return all;
    }
    let mut random = Random(seed);
    let (mut left, mut wanted) = (all.len(), count);
    let mut drawn = all;
    drawn.retain(|_| {
        let is_drawn = random.below(left) < wanted;
        left -= 1;
        wanted -= usize::from(is_drawn);
        is_drawn
    });
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_again_and_all_are_drawn_by_some_seed() {
        let all: Vec<_> = (0..20).collect();
        let mut seen = [false; 20];
        for seed in 0..50 {
            let drawn = draw(all.clone(), 3, seed);
            assert_eq!(drawn, draw(all.clone(), 3, seed));
            assert_eq!(drawn.len(), 3);
            assert!(drawn.is_sorted());
            drawn.iter().for_each(|at| seen[*at] = true);
        }
        assert_eq!(seen, [true; 20]);
        assert_eq!(draw(all.clone(), 0, 1), all);
        assert_eq!(draw(all.clone(), 21, 1), all);
    }
}
