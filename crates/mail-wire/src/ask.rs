//! Tokens of a session: each is good for one use, and for that session alone.
use alloc::sync::Arc;
use core::{
    fmt,
    ops::Deref,
    sync::atomic::{AtomicBool, Ordering},
};

/// A session's own mark: it makes the session's tokens, and knows them again.
///
/// Costs one allocation of a few octets a session.
#[derive(Debug, Default)]
pub struct Mark(Arc<AtomicBool>);

/// The part that all tokens share. Dropped unspent, it tells its session.
pub(crate) struct Seal {
    session: Arc<AtomicBool>,
    spent: bool,
}

impl Mark {
    /// A question of this session.
    pub fn ask<T>(&self, request: T) -> Ask<T> {
        Ask { request, seal: self.seal() }
    }

    /// The permission to upgrade this session's transport.
    pub fn upgrade(&self) -> Upgrade {
        Upgrade { seal: self.seal() }
    }

    /// Takes a question back as answered.
    ///
    /// # Errors
    /// It is a question of another session, and comes back.
    pub fn answered<T>(&self, ask: Ask<T>) -> Result<T, Stale<Ask<T>>> {
        if !self.made(&ask.seal) {
            return Err(Stale(ask));
        }
        let Ask { request, seal } = ask;
        seal.spend();
        Ok(request)
    }

    /// Takes an upgrade back as done.
    ///
    /// # Errors
    /// It is of another session, and comes back.
    pub fn upgraded(&self, upgrade: Upgrade) -> Result<(), Stale<Upgrade>> {
        if !self.made(&upgrade.seal) {
            return Err(Stale(upgrade));
        }
        upgrade.seal.spend();
        Ok(())
    }

    /// Was a token of this session dropped without being used?
    pub fn is_abandoned(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn seal(&self) -> Seal {
        Seal { session: Arc::clone(&self.0), spent: false }
    }

    pub(crate) fn made(&self, seal: &Seal) -> bool {
        Arc::ptr_eq(&self.0, &seal.session)
    }
}

impl Seal {
    pub(crate) fn spend(mut self) {
        self.spent = true;
    }
}

impl Drop for Seal {
    fn drop(&mut self) {
        if !self.spent {
            self.session.store(true, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

/// A question to the host, to be answered once, by `accept` or `reject` of the session that asked.
///
/// Reads as the request it carries. Dropping it closes the session with a temporary failure: a peer never
/// waits for an answer that nobody will give.
#[must_use = "the peer waits until this is answered"]
#[derive(Debug)]
pub struct Ask<T> {
    request: T,
    seal: Seal,
}

impl<T> Ask<T> {
    /// Is this a question of the session `mark`?
    pub fn is_of(&self, mark: &Mark) -> bool {
        mark.made(&self.seal)
    }
}

impl<T> Deref for Ask<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.request
    }
}

/// The permission to upgrade a session's transport, to be given back through `upgraded` when that is done.
///
/// Dropping it closes the session: nothing more may be said in clear.
#[must_use = "the session waits for the upgraded transport"]
#[derive(Debug)]
pub struct Upgrade {
    seal: Seal,
}

/// A token was given to a session that did not make it, or that is over. It comes back untouched.
#[derive(thiserror::Error)]
#[error("token of another session, or of one that is over")]
pub struct Stale<T>(pub T);

impl<T> fmt::Debug for Stale<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stale(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_sessions_ask_comes_back_and_stays_good_for_its_own() {
        let (one, other) = (Mark::default(), Mark::default());
        let Stale(ask) = other.answered(one.ask(7)).unwrap_err();
        assert_eq!(*ask, 7);
        assert!(!one.is_abandoned() && !other.is_abandoned());
        assert!(ask.is_of(&one) && !ask.is_of(&other));
        assert_eq!(one.answered(ask).unwrap(), 7);
        assert!(!one.is_abandoned());
    }

    #[test]
    fn a_dropped_ask_tells_its_session_alone() {
        let (one, other) = (Mark::default(), Mark::default());
        drop(one.ask(()));
        assert!(one.is_abandoned() && !other.is_abandoned());
    }

    #[test]
    fn a_dropped_upgrade_tells_its_session_and_a_used_one_does_not() {
        let mark = Mark::default();
        mark.upgraded(mark.upgrade()).unwrap();
        assert!(!mark.is_abandoned());
        drop(mark.upgrade());
        assert!(mark.is_abandoned());
    }

    #[test]
    fn tokens_may_cross_threads() {
        fn is_send<T: Send + 'static>() {}
        is_send::<Ask<u8>>();
        is_send::<Upgrade>();
        is_send::<crate::Upload>();
    }
}
