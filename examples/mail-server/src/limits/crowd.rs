//! How many connections each network has at once.
use super::Network;
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The networks that are connected, and how often.
///
/// A network that is not connected has no row, so there are never more of them than connections, which
/// `limits.max_connections` counts.
#[derive(Debug)]
pub(super) struct Crowd {
    rows: Arc<Mutex<HashMap<Network, u32>>>,
    most: u32,
}

/// A connection that counts, until this is dropped.
#[derive(Debug)]
pub struct Seat {
    rows: Arc<Mutex<HashMap<Network, u32>>>,
    network: Network,
}

impl Crowd {
    /// So many connections for each network.
    pub(super) fn new(most: u32) -> Self {
        Self { rows: Arc::default(), most }
    }

    /// One more connection, if there is room for it.
    pub(super) fn enter(&self, network: Network) -> Option<Seat> {
        let mut rows = lock(&self.rows);
        let seats = rows.entry(network).or_default();
        if *seats >= self.most {
            return None;
        }
        *seats += 1;
        Some(Seat { rows: Arc::clone(&self.rows), network })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Entry::Occupied(mut row) = lock(&self.rows).entry(self.network) {
            *row.get_mut() -= 1;
            if *row.get() == 0 {
                row.remove();
            }
        }
    }
}

fn lock(rows: &Mutex<HashMap<Network, u32>>) -> MutexGuard<'_, HashMap<Network, u32>> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_left_is_forgotten() {
        let crowd = Crowd::new(2);
        let network = |last| Network::of([192, 0, 2, last].into());
        let seats: Vec<_> = (0..100).flat_map(|last| [network(last); 2]).map(|of| crowd.enter(of)).collect();
        assert!(seats.iter().all(Option::is_some) && crowd.enter(network(7)).is_none());
        assert_eq!(lock(&crowd.rows).len(), 100);
        drop(seats);
        assert_eq!(lock(&crowd.rows).len(), 0);
    }
}
