use super::*;
use crate::mailbox::runs::{Run, Uids};
use std::{collections::BTreeSet, vec::Vec};

/// Numbers that look random, the same ones each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32) % n.max(1)
    }
}

/// All leaves are equally deep, no node is empty or too full, all sums are right. Returns depth, leaves and items.
fn check<T: Item>(branch: &Branch<T>, is_root: bool) -> (usize, usize, usize) {
    let sum = Sum::of(&branch.node);
    let found = (branch.sum.weight, branch.sum.first, branch.sum.last, branch.sum.modseq);
    assert_eq!(found, (sum.weight, sum.first, sum.last, sum.modseq));
    match &*branch.node {
        Node::Leaf(items) => {
            assert!(items.len() <= T::LEAF && (is_root || !items.is_empty()));
            assert!(
                items.capacity() <= 2 * T::LEAF,
                "{} items need room for {}",
                items.len(),
                items.capacity()
            );
            (1, 1, items.len())
        }
        Node::Inner(branches) => {
            assert!(branches.len() <= FANOUT && branches.len() > usize::from(is_root));
            let below: Vec<_> = branches.iter().map(|branch| check(branch, false)).collect();
            assert!(below.iter().all(|(depth, ..)| *depth == below[0].0), "leaves are equally deep");
            (below[0].0 + 1, below.iter().map(|b| b.1).sum(), below.iter().map(|b| b.2).sum())
        }
    }
}

fn all(uids: &Uids) -> Vec<u32> {
    uids.runs_from(0).flat_map(|run| run.first..=run.last()).collect()
}

#[test]
fn uids_are_as_a_sorted_set_through_growth_and_decay() {
    let (mut dice, mut next, mut uids, mut set) = (Dice(1), 1, Uids::new(), BTreeSet::new());
    let mut snapshots = Vec::new();
    for phase in 0..6 {
        for round in 0..20_000 {
            // Grows in even phases, shrinks in odd ones.
            if dice.below(10) < if phase % 2 == 0 { 8 } else { 1 } || set.is_empty() {
                next += 1 + dice.below(3);
                uids.push(Run { first: next, len: 1 });
                set.insert(next);
            } else {
                let uid = dice.below(next + 1);
                uids.remove(uid);
                set.remove(&uid);
                let gone = set.range(uid..).next().copied().unwrap_or(0);
                uids.remove(gone);
                set.remove(&gone);
            }
            if round % 5_000 == 0 {
                snapshots.push((uids.clone(), set.clone()));
            }
        }
        check(&uids.tree().root, true);
        assert!(all(&uids).iter().eq(&set));
    }
    for (uids, set) in &snapshots {
        check(&uids.tree().root, true);
        assert!(all(uids).iter().eq(set), "a snapshot is as it was");
    }
    // Every UID has its place, every place its UID.
    for (position, uid) in set.iter().enumerate() {
        let position = position as u32;
        assert_eq!(
            (uids.position(*uid), uids.run_at(position).map(|run| run.first)),
            (Some(position), Some(*uid))
        );
        assert_eq!((uids.lower_bound(*uid), uids.upper_bound(*uid)), (position, position + 1));
    }
    for uid in (0..next + 2).filter(|uid| !set.contains(uid)) {
        let position = set.range(..uid).count() as u32;
        assert_eq!(
            (uids.position(uid), uids.lower_bound(uid), uids.upper_bound(uid)),
            (None, position, position)
        );
        if position > 200 {
            break;
        }
    }
    let (old, then) = &snapshots[2];
    let missing: Vec<u32> = old.without(&uids).iter().flat_map(|run| run.first..=run.last()).collect();
    assert!(missing.iter().eq(then.difference(&set)));
    let added: Vec<u32> = uids.without(old).iter().flat_map(|run| run.first..=run.last()).collect();
    assert!(added.iter().eq(set.difference(then)));
}

#[test]
fn what_one_has_and_another_has_not() {
    let uids = |runs: &[(u32, u32)]| {
        let mut uids = Uids::new();
        runs.iter().for_each(|(first, len)| uids.push(Run { first: *first, len: *len }));
        uids
    };
    for (one, other, missing) in [
        (&[(1, 9)][..], &[(1, 9)][..], &[][..]),
        (&[(1, 9)], &[(2, 3), (7, 1)], &[(1, 1), (5, 2), (8, 2)]),
        (&[(2, 3), (7, 1)], &[(1, 9)], &[]),
        (&[(2, 3), (7, 5)], &[(1, 9)], &[(10, 2)]),
        (&[(5, 5)], &[(1, 2), (20, 2)], &[(5, 5)]),
        (&[(1, 2)], &[], &[(1, 2)]),
        (&[], &[(1, 2)], &[]),
    ] {
        let found: Vec<_> = uids(one).without(&uids(other)).iter().map(|run| (run.first, run.len)).collect();
        assert_eq!(found, missing, "{one:?} without {other:?}");
    }
}

#[test]
fn a_mailbox_that_was_emptied_is_small_again() {
    let mut uids = Uids::new();
    for uid in (1..=100_000).step_by(2) {
        uids.push(Run { first: uid, len: 1 });
    }
    let (depth, leaves, items) = check(&uids.tree().root, true);
    assert_eq!((depth, items), (4, 50_000));
    assert_eq!(leaves, 50_000_usize.div_ceil(Run::LEAF), "appending fills leaves");
    for uid in (1..=100_000).step_by(2).filter(|uid| uid % 100 != 1) {
        uids.remove(uid);
    }
    let (_, leaves, items) = check(&uids.tree().root, true);
    assert_eq!(items, 1000);
    assert!(leaves < 100, "{leaves} leaves");
    for uid in (1..=100_000).step_by(100) {
        uids.remove(uid);
    }
    assert_eq!(check(&uids.tree().root, true), (1, 1, 0));
}

#[test]
fn what_changed_is_found_by_its_modseq() {
    #[derive(Clone)]
    struct Changed(u32, u64);
    impl Item for Changed {
        const LEAF: usize = 4;
        fn weight(&self) -> u32 {
            1
        }
        fn first(&self) -> u32 {
            self.0
        }
        fn last(&self) -> u32 {
            self.0
        }
        fn modseq(&self) -> u64 {
            self.1
        }
    }
    let (mut dice, mut tree) = (Dice(2), Tree::new());
    for uid in 1..=1000 {
        tree.push(Changed(uid, 1));
    }
    let mut modseqs = std::vec![1; 1000];
    for modseq in 2..500 {
        let position = dice.below(1000);
        tree.splice(position, |item, _| [Some(Changed(item.0, modseq)), None, None]);
        modseqs[position as usize] = modseq;
    }
    check(&tree.root, true);
    for since in [0, 1, 2, 250, 498, 499] {
        let mut found = Vec::new();
        tree.changed_since(since, &mut |item| found.push(item.0));
        let expected = (1..=1000).filter(|uid| modseqs[*uid as usize - 1] > since);
        assert!(found.into_iter().eq(expected), "since {since}");
    }
}
