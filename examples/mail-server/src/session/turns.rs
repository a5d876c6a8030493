//! Whose turn it is to log in.
use crate::limits::{Exceeded, Network};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Passwords that are hashed at once for one network.
///
/// A check takes tens of milliseconds of one core, and there is one queue for it. Without this, whoever sends
/// passwords over a hundred connections has everybody else wait behind a hundred checks; with it, behind one.
const PASSWORDS: usize = 1;

/// Tokens that the command is asked about at once for one network: of its places others shall have some.
const TOKENS: usize = 4;

/// The logins that are being checked, by network.
///
/// A network may have as many open as may still fail: whoever tries over a hundred connections at once gets no more
/// guesses than one after the other. What takes long is let through a few at a time beside; those who wait for the one
/// do not make others wait for the other.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    networks: Mutex<HashMap<Network, Weak<Queue>>>,
}

/// Those of one network.
#[derive(Debug)]
struct Queue {
    passwords: Arc<Semaphore>,
    tokens: Arc<Semaphore>,
    /// Logins whose outcome nobody knows yet.
    open: Mutex<u64>,
    ended: Notify,
}

/// A login that is being checked. Its outcome must be counted before this is dropped.
#[derive(Debug)]
pub(crate) struct Attempt {
    queue: Arc<Queue>,
    turn: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits until one more of the client's network may fail, if all that are open do.
    ///
    /// `left` says how many may fail that were not counted yet.
    pub(crate) async fn attempt(
        &self,
        client: IpAddr,
        left: impl Fn() -> Result<u64, Exceeded>,
    ) -> Result<Attempt, Exceeded> {
        let queue = self.queue(client);
        loop {
            // Before the look: what ends behind it is heard of.
            let ended = queue.ended.notified();
            {
                let mut open = queue.open.lock().unwrap_or_else(PoisonError::into_inner);
                if *open < left()? {
                    *open += 1;
                    break;
                }
            }
            ended.await;
        }
        Ok(Attempt { queue, turn: None })
    }

    fn queue(&self, client: IpAddr) -> Arc<Queue> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits or is checked holds a strong one. There are never more than connections.
        networks.retain(|_, queue| queue.strong_count() > 0);
        let known = networks.entry(Network::of(client)).or_default();
        known.upgrade().unwrap_or_else(|| {
            let queue = Arc::new(Queue::new());
            *known = Arc::downgrade(&queue);
            queue
        })
    }
}

impl Queue {
    fn new() -> Self {
        let turns = |count| Arc::new(Semaphore::new(count));
        Self {
            passwords: turns(PASSWORDS),
            tokens: turns(TOKENS),
            open: Mutex::default(),
            ended: Notify::new(),
        }
    }
}

impl Attempt {
    /// Waits for the turn to have a password hashed, which lasts as long as the attempt.
    pub(crate) async fn with_password(&mut self) {
        self.turn = Arc::clone(&self.queue.passwords).acquire_owned().await.ok();
    }

    /// Waits for the turn to have a token looked at.
    pub(crate) async fn with_token(&mut self) {
        self.turn = Arc::clone(&self.queue.tokens).acquire_owned().await.ok();
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        *self.queue.open.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.queue.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::Future, time::Duration};
    use tokio::time::timeout;

    const LEFT: fn() -> Result<u64, Exceeded> = || Ok(u64::MAX);

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    async fn hangs<T>(future: impl Future<Output = T>) -> bool {
        timeout(Duration::from_millis(20), future).await.is_err()
    }

    async fn hashing(turns: &Turns, client: &str) -> Attempt {
        let mut attempt = turns.attempt(address(client), LEFT).await.unwrap();
        attempt.with_password().await;
        attempt
    }

    #[tokio::test]
    async fn one_network_does_not_make_another_wait() {
        let turns = Turns::default();
        let first = hashing(&turns, "2001:db8:0:1::1").await;
        assert!(hangs(hashing(&turns, "2001:db8:0:1:ffff::2")).await, "two at once from one network");
        for other in ["2001:db8:0:2::1", "192.0.2.1", "192.0.2.2"] {
            hashing(&turns, other).await;
        }
        drop(first);
        hashing(&turns, "2001:db8:0:1:ffff::2").await;
        hashing(&turns, "192.0.2.1").await;
        assert_eq!(turns.networks.lock().unwrap().len(), 1, "who has left is forgotten");
    }

    #[tokio::test]
    async fn a_token_that_takes_long_makes_no_password_wait_and_leaves_places_for_others() {
        let turns = Turns::default();
        let asking = async |client: &str| {
            let mut attempt = turns.attempt(address(client), LEFT).await.unwrap();
            attempt.with_token().await;
            attempt
        };
        let mut held = Vec::new();
        for _ in 0..TOKENS {
            held.push(asking("192.0.2.1").await);
        }
        assert!(hangs(asking("192.0.2.1")).await);
        hashing(&turns, "192.0.2.1").await;
        asking("192.0.2.2").await;
        held.pop();
        asking("192.0.2.1").await;
    }

    #[tokio::test]
    async fn no_more_logins_are_open_than_may_fail() {
        let turns = Turns::default();
        let client = address("192.0.2.1");
        let left = Mutex::new(2);
        let attempt = || {
            turns.attempt(client, || match *left.lock().unwrap() {
                0 => Err(Exceeded::FailedLogins),
                left => Ok(left),
            })
        };
        let (first, second) = (attempt().await.unwrap(), attempt().await.unwrap());
        assert!(hangs(attempt()).await);
        // One that succeeds makes room for the next, one that fails does not.
        drop(first);
        let third = attempt().await.unwrap();
        *left.lock().unwrap() = 1;
        drop(second);
        assert!(hangs(attempt()).await);
        let (fourth, ()) = tokio::join!(attempt(), async {
            *left.lock().unwrap() = 0;
            drop(third);
        });
        assert_eq!(fourth.unwrap_err(), Exceeded::FailedLogins);
    }
}
