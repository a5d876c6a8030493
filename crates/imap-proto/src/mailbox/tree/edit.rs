//! Changing: down to a leaf, and up again with the new sums.
use super::{Branch, FANOUT, Item, Node, Sum, Tree, locate};
use alloc::{sync::Arc, vec, vec::Vec};

/// What an item becomes: nothing, or up to three items.
pub(crate) type Pieces<T> = [Option<T>; 3];

impl<T: Item> Tree<T> {
    /// Adds an item behind all others.
    pub(crate) fn push(&mut self, item: T) {
        let sibling = push(&mut self.root, item);
        self.grow(sibling);
    }

    /// Replaces the item that holds a position, told with how far in, by its pieces.
    pub(crate) fn splice(&mut self, position: u32, change: impl FnOnce(&T, u32) -> Pieces<T>) {
        let sibling = splice(&mut self.root, position, change);
        self.grow(sibling);
        self.flatten();
    }

    fn grow(&mut self, sibling: Option<Branch<T>>) {
        if let Some(sibling) = sibling {
            let root = core::mem::replace(&mut self.root, Branch::new(Node::Leaf(Vec::new())));
            self.root = Branch::new(Node::Inner(vec![root, sibling]));
        }
    }

    /// Takes levels away that have one branch, or none.
    fn flatten(&mut self) {
        while let Node::Inner(branches) = &*self.root.node {
            match branches.as_slice() {
                [] => self.root = Branch::new(Node::Leaf(Vec::new())),
                [only] => self.root = only.clone(),
                _ => return,
            }
        }
    }
}

/// Returns what did not fit any more.
fn push<T: Item>(branch: &mut Branch<T>, item: T) -> Option<Branch<T>> {
    let sum = Sum::of_item(&item);
    let sibling = match Arc::make_mut(&mut branch.node) {
        Node::Leaf(items) if items.len() >= T::LEAF => Some(Node::Leaf(vec![item])),
        Node::Leaf(items) => {
            items.push(item);
            None
        }
        Node::Inner(branches) => {
            let sibling = match branches.last_mut() {
                Some(last) => push(last, item),
                None => Some(Branch::new(Node::Leaf(vec![item]))),
            };
            match sibling {
                Some(sibling) if branches.len() >= FANOUT => Some(Node::Inner(vec![sibling])),
                Some(sibling) => {
                    branches.push(sibling);
                    None
                }
                None => None,
            }
        }
    };
    if sibling.is_none() {
        branch.sum = branch.sum.and(sum);
    }
    sibling.map(Branch::new)
}

fn splice<T: Item>(
    branch: &mut Branch<T>,
    position: u32,
    change: impl FnOnce(&T, u32) -> Pieces<T>,
) -> Option<Branch<T>> {
    let node = Arc::make_mut(&mut branch.node);
    let sibling = match node {
        Node::Leaf(items) => {
            let (at, offset) = locate(items.iter().map(T::weight), position)?;
            let pieces = change(items.get(at)?, offset);
            items.splice(at..=at, pieces.into_iter().flatten());
            split(items, T::LEAF, at).map(Node::Leaf)
        }
        Node::Inner(branches) => {
            let (at, offset) = locate(branches.iter().map(|branch| branch.sum.weight), position)?;
            match splice(branches.get_mut(at)?, offset, change) {
                Some(sibling) => branches.insert(at + 1, sibling),
                None => tidy(branches, at),
            }
            split(branches, FANOUT, at).map(Node::Inner)
        }
    };
    branch.sum = Sum::of(node);
    sibling.map(Branch::new)
}

/// The second half of what is too long. Where it grows at its end, the first half stays nearly full, since nothing
/// more may come to it.
fn split<E>(entries: &mut Vec<E>, most: usize, grown_at: usize) -> Option<Vec<E>> {
    let len = entries.len();
    if len <= most {
        return None;
    }
    let first = if grown_at * 8 >= len * 7 { len * 7 / 8 } else { len / 2 };
    let half = entries.split_off(first);
    entries.shrink_to(most);
    Some(half)
}

/// Takes a branch away that is empty, and joins one that is nearly so with a neighbour.
fn tidy<T: Item>(branches: &mut Vec<Branch<T>>, at: usize) {
    let len = |at: usize| branches.get(at).map(|branch| branch.node.len());
    let Some(entries) = len(at) else { return };
    let most = match branches.get(at).map(|branch| &*branch.node) {
        Some(Node::Leaf(_)) => T::LEAF,
        _ => FANOUT,
    };
    if entries == 0 {
        branches.remove(at);
    } else if entries < most / 4 {
        let joins =
            |left: usize| matches!((len(left), len(left + 1)), (Some(a), Some(b)) if a + b <= most * 3 / 4);
        let left = [Some(at), at.checked_sub(1)].into_iter().flatten().find(|left| joins(*left));
        if let Some(left) = left {
            let right = branches.remove(left + 1);
            if let Some(left) = branches.get_mut(left) {
                left.join(right);
            }
        }
    }
}

impl<T: Item> Branch<T> {
    /// Takes what stands under its right neighbour, which is as deep.
    fn join(&mut self, right: Self) {
        let node = Arc::make_mut(&mut self.node);
        match (node, Arc::unwrap_or_clone(right.node)) {
            (Node::Leaf(left), Node::Leaf(right)) => left.extend(right),
            (Node::Inner(left), Node::Inner(right)) => left.extend(right),
            _ => debug_assert!(false, "leaves are equally deep"),
        }
        self.sum = self.sum.and(right.sum);
    }
}
