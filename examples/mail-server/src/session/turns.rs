//! Whose turn it is to log in.
use crate::limits::Network;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One password at a time from each network.
///
/// A check takes tens of milliseconds of one core, and there is one queue for it. Without this, whoever sends
/// passwords over a hundred connections has everybody else wait behind a hundred checks; with it, behind one.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    networks: Mutex<HashMap<Network, Weak<Semaphore>>>,
}

impl Turns {
    /// Waits until no other connection from the client's network is having a password checked.
    ///
    /// The turn ends when what is returned is dropped.
    pub(crate) async fn wait(&self, client: IpAddr) -> Option<OwnedSemaphorePermit> {
        let turn = {
            let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever waits or checks holds a strong one. There are never more than connections.
            networks.retain(|_, turn| turn.strong_count() > 0);
            let known = networks.entry(Network::of(client)).or_default();
            known.upgrade().unwrap_or_else(|| {
                let turn = Arc::new(Semaphore::new(1));
                *known = Arc::downgrade(&turn);
                turn
            })
        };
        turn.acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn one_network_does_not_make_another_wait() {
        let turns = Turns::default();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = turns.wait(address("2001:db8:0:1::1")).await;
        let same = turns.wait(address("2001:db8:0:1:ffff::2"));
        assert!(timeout(Duration::from_millis(20), same).await.is_err(), "two at once from one network");
        for other in ["2001:db8:0:2::1", "192.0.2.1", "192.0.2.2"] {
            assert!(turns.wait(address(other)).await.is_some());
        }
        drop(first);
        assert!(turns.wait(address("2001:db8:0:1:ffff::2")).await.is_some());
        turns.wait(address("192.0.2.1")).await;
        assert_eq!(turns.networks.lock().unwrap().len(), 1, "who has left is forgotten");
    }
}
