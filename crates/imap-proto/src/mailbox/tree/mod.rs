//! A sequence that is cheap to keep old states of: a B+ tree of shared chunks.
//!
//! Cloning one is O(1). A change copies the chunks on its way down that another clone still holds, and edits those
//! in place that no other does. Items have a weight (how many messages they stand for), UIDs and a MODSEQ; every
//! branch knows their sum, so that a position, a UID or what changed since a MODSEQ is found in O(log n).
mod edit;
mod find;

use alloc::{sync::Arc, vec::Vec};

/// What a [`Tree`] is made of: one message, or messages that follow each other.
pub(super) trait Item: Clone {
    /// Most items of a leaf.
    const LEAF: usize;
    /// How many messages it stands for: at least one.
    fn weight(&self) -> u32;
    /// Its lowest UID; 0 when it has none.
    fn first(&self) -> u32;
    /// Its highest UID; 0 when it has none.
    fn last(&self) -> u32;
    /// Its MODSEQ.
    fn modseq(&self) -> u64 {
        0
    }
}

/// Most branches of an inner node.
const FANOUT: usize = 16;

/// A sequence of items in the order of their UIDs.
#[derive(Debug, Clone)]
pub(super) struct Tree<T> {
    root: Branch<T>,
}

#[derive(Debug, Clone)]
struct Branch<T> {
    node: Arc<Node<T>>,
    sum: Sum,
}

/// All leaves are equally deep.
#[derive(Debug, Clone)]
enum Node<T> {
    Leaf(Vec<T>),
    Inner(Vec<Branch<T>>),
}

/// What stands under a branch.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    weight: u32,
    first: u32,
    last: u32,
    modseq: u64,
}

impl<T: Item> Tree<T> {
    pub(super) fn new() -> Self {
        Self { root: Branch::new(Node::Leaf(Vec::new())) }
    }

    /// How many messages.
    pub(super) fn weight(&self) -> u32 {
        self.root.sum.weight
    }

    /// The highest UID; 0 when there is none.
    pub(super) fn last(&self) -> u32 {
        self.root.sum.last
    }
}

impl<T: Item> Branch<T> {
    fn new(node: Node<T>) -> Self {
        Self { sum: Sum::of(&node), node: Arc::new(node) }
    }
}

impl<T> Node<T> {
    /// Items or branches.
    fn len(&self) -> usize {
        match self {
            Self::Leaf(items) => items.len(),
            Self::Inner(branches) => branches.len(),
        }
    }
}

impl Sum {
    fn of<T: Item>(node: &Node<T>) -> Self {
        match node {
            Node::Leaf(items) => items.iter().map(Self::of_item).fold(Self::default(), Self::and),
            Node::Inner(branches) => {
                branches.iter().map(|branch| branch.sum).fold(Self::default(), Self::and)
            }
        }
    }

    fn of_item(item: &impl Item) -> Self {
        Self { weight: item.weight(), first: item.first(), last: item.last(), modseq: item.modseq() }
    }

    fn and(self, next: Self) -> Self {
        Self {
            weight: self.weight.saturating_add(next.weight),
            first: if self.first == 0 { next.first } else { self.first },
            last: self.last.max(next.last),
            modseq: self.modseq.max(next.modseq),
        }
    }
}

/// The entry that holds `position`, and how far in.
fn locate(weights: impl Iterator<Item = u32>, position: u32) -> Option<(usize, u32)> {
    let mut left = position;
    for (at, weight) in weights.enumerate() {
        match left.checked_sub(weight) {
            None => return Some((at, left)),
            Some(rest) => left = rest,
        }
    }
    None
}

#[cfg(test)]
mod tests;
