//! Finding without changing.
use super::{Branch, Item, Node, Tree, locate};
use alloc::vec::Vec;
use core::slice;

/// Goes through the items of a tree from the first to the last, or skips a leaf at a time.
#[derive(Debug)]
pub(crate) struct Cursor<'a, T> {
    /// What is still to come, of each level.
    path: Vec<slice::Iter<'a, Branch<T>>>,
    leaf: &'a [T],
    at: usize,
}

impl<'a, T> Cursor<'a, T> {
    /// The item in hand. `None`: there is no more.
    pub(crate) fn item(&self) -> Option<&'a T> {
        self.leaf.get(self.at)
    }

    /// Goes on to the next.
    pub(crate) fn advance(&mut self) {
        self.at += 1;
        if self.at >= self.leaf.len() {
            self.skip_leaf();
        }
    }

    /// Goes on to the next leaf.
    pub(crate) fn skip_leaf(&mut self) {
        (self.leaf, self.at) = (&[], 0);
        while let Some(level) = self.path.last_mut() {
            match level.next() {
                Some(branch) => {
                    if self.enter(&branch.node) {
                        return;
                    }
                }
                None => drop(self.path.pop()),
            }
        }
    }

    /// Are both at the start of a leaf, and is it one and the same, shared by both trees?
    pub(crate) fn shares_leaf(&self, other: &Self) -> bool {
        self.at == 0 && other.at == 0 && core::ptr::eq(self.leaf, other.leaf)
    }

    fn enter(&mut self, node: &'a Node<T>) -> bool {
        match node {
            Node::Leaf(items) => {
                (self.leaf, self.at) = (items, 0);
                !items.is_empty()
            }
            Node::Inner(branches) => {
                self.path.push(branches.iter());
                false
            }
        }
    }
}

impl<T: Item> Tree<T> {
    /// All items, from the first on.
    pub(crate) fn cursor(&self) -> Cursor<'_, T> {
        let mut cursor = Cursor { path: Vec::new(), leaf: &[], at: 0 };
        if !cursor.enter(&self.root.node) {
            cursor.skip_leaf();
        }
        cursor
    }

    /// The item that holds a position, and how far in.
    pub(crate) fn at(&self, position: u32) -> Option<(&T, u32)> {
        let (mut node, mut left) = (&*self.root.node, position);
        loop {
            match node {
                Node::Leaf(items) => {
                    let (at, offset) = locate(items.iter().map(T::weight), left)?;
                    return items.get(at).map(|item| (item, offset));
                }
                Node::Inner(branches) => {
                    let (at, offset) = locate(branches.iter().map(|branch| branch.sum.weight), left)?;
                    (node, left) = (&*branches.get(at)?.node, offset);
                }
            }
        }
    }

    /// The item of a UID, and the UID's position.
    pub(crate) fn find(&self, uid: u32) -> Option<(u32, &T)> {
        let (mut node, mut position) = (&*self.root.node, 0_u32);
        if uid == 0 {
            return None;
        }
        loop {
            match node {
                Node::Leaf(items) => {
                    for item in items {
                        if item.last() >= uid {
                            let offset = uid.checked_sub(item.first())?;
                            return Some((position.saturating_add(offset), item));
                        }
                        position = position.saturating_add(item.weight());
                    }
                    return None;
                }
                Node::Inner(branches) => {
                    let mut found = None;
                    for branch in branches {
                        if branch.sum.last >= uid {
                            found = Some(&*branch.node);
                            break;
                        }
                        position = position.saturating_add(branch.sum.weight);
                    }
                    node = found?;
                }
            }
        }
    }

    /// The position of the first known UID of at least `uid`; how many messages there are when there is none.
    pub(crate) fn lower_bound(&self, uid: u32) -> u32 {
        let (mut node, mut position) = (&*self.root.node, 0_u32);
        'down: loop {
            match node {
                Node::Leaf(items) => {
                    for item in items {
                        if item.last() >= uid {
                            return position.saturating_add(uid.saturating_sub(item.first()));
                        }
                        position = position.saturating_add(item.weight());
                    }
                    return self.weight();
                }
                Node::Inner(branches) => {
                    for branch in branches {
                        if branch.sum.last >= uid {
                            node = &branch.node;
                            continue 'down;
                        }
                        position = position.saturating_add(branch.sum.weight);
                    }
                    return self.weight();
                }
            }
        }
    }

    /// The last item whose first UID is at most `uid`, and the position where it starts.
    pub(crate) fn last_from(&self, uid: u32) -> Option<(u32, &T)> {
        let starts_by = |first: u32| first != 0 && first <= uid;
        let (mut node, mut position) = (&*self.root.node, 0_u32);
        loop {
            match node {
                Node::Leaf(items) => {
                    let at = items.iter().rposition(|item| starts_by(item.first()))?;
                    let before: u32 = items.iter().take(at).map(T::weight).sum();
                    return items.get(at).map(|item| (position.saturating_add(before), item));
                }
                Node::Inner(branches) => {
                    let at = branches.iter().rposition(|branch| starts_by(branch.sum.first))?;
                    let before: u32 = branches.iter().take(at).map(|branch| branch.sum.weight).sum();
                    (node, position) = (&*branches.get(at)?.node, position.saturating_add(before));
                }
            }
        }
    }

    /// Shows all items whose MODSEQ is higher than this, in order: O(log n) for each of them.
    pub(crate) fn changed_since<'a>(&'a self, modseq: u64, show: &mut impl FnMut(&'a T)) {
        Self::changed_in(&self.root.node, modseq, show);
    }

    fn changed_in<'a>(node: &'a Node<T>, modseq: u64, show: &mut impl FnMut(&'a T)) {
        match node {
            Node::Leaf(items) => items.iter().filter(|item| item.modseq() > modseq).for_each(show),
            Node::Inner(branches) => {
                for branch in branches.iter().filter(|branch| branch.sum.modseq > modseq) {
                    Self::changed_in(&branch.node, modseq, show);
                }
            }
        }
    }
}
