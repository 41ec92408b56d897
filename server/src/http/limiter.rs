//! Limits how many of something one key may hold at once and how often one key may act. Counts live in this process,
//! have bounded memory, and are released when the holder finishes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts how many permits are held under each key.
#[derive(Debug)]
pub struct Limiter<K>(Arc<Mutex<HashMap<K, usize>>>);

impl<K> Clone for Limiter<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K> Default for Limiter<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Clone + Eq + Hash> Limiter<K> {
    /// Takes a permit that counts once under each of these keys. Each key is given with its limit.
    ///
    /// # Errors
    /// The first key that has reached its limit. Then the call counts under none of the keys.
    pub fn acquire(&self, wanted: &[(K, usize)]) -> Result<Permit<K>, K> {
        let mut held = locked(&self.0);
        if let Some((full, _)) = wanted.iter().find(|(key, most)| held.get(key).is_some_and(|count| count >= most)) {
            return Err(full.clone());
        }
        for (key, _) in wanted {
            *held.entry(key.clone()).or_default() += 1;
        }
        Ok(Permit { limiter: self.clone(), keys: wanted.iter().map(|(key, _)| key.clone()).collect() })
    }

    /// Number of keys under which a permit is held.
    #[must_use]
    pub fn len(&self) -> usize {
        locked(&self.0).len()
    }

    /// True if no permit is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Counts under its keys until it is dropped.
#[derive(Debug)]
pub struct Permit<K: Clone + Eq + Hash> {
    limiter: Limiter<K>,
    keys: Vec<K>,
}

impl<K: Clone + Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut held = locked(&self.limiter.0);
        for key in &self.keys {
            if let Some(count) = held.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    held.remove(key);
                }
            }
        }
    }
}

/// Most keys that are counted in one window. Further keys are not counted in it.
const KEYS: usize = 100_000;

/// Counts events under each key in windows of equal length.
#[derive(Debug)]
pub struct Rate<K> {
    window: Duration,
    counts: Mutex<(Instant, HashMap<K, u32>)>,
}

impl<K: Clone + Eq + Hash> Rate<K> {
    /// Creates a counter without events.
    #[must_use]
    pub fn new(window: Duration) -> Self {
        Self { window, counts: Mutex::new((Instant::now(), HashMap::new())) }
    }

    /// Counts one event under each of these keys.
    pub fn count(&self, keys: impl IntoIterator<Item = K>) {
        let mut counts = self.current();
        for key in keys {
            if counts.1.len() < KEYS || counts.1.contains_key(&key) {
                *counts.1.entry(key).or_default() += 1;
            }
        }
    }

    /// Returns how long to wait if one of these keys has reached its limit; `None` if none has.
    #[must_use]
    pub fn wait(&self, limits: &[(K, u32)]) -> Option<Duration> {
        let counts = self.current();
        let full = limits.iter().any(|(key, most)| counts.1.get(key).is_some_and(|count| count >= most));
        full.then(|| self.window.saturating_sub(counts.0.elapsed()))
    }

    /// Returns the counts of the current window, after starting a new one if the last one has ended.
    fn current(&self) -> MutexGuard<'_, (Instant, HashMap<K, u32>)> {
        let mut counts = locked(&self.counts);
        if counts.0.elapsed() >= self.window {
            *counts = (Instant::now(), HashMap::new());
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_or_none_and_nothing_is_kept_of_what_is_given_back() {
        let limiter = Limiter::default();
        let first = limiter.acquire(&[("ann", 2), ("harbor", 3)]).unwrap();
        let second = limiter.acquire(&[("ann", 2), ("harbor", 3)]).unwrap();
        assert_eq!(limiter.acquire(&[("harbor", 3), ("ann", 2)]).unwrap_err(), "ann");
        let third = limiter.acquire(&[("bob", 2), ("harbor", 3)]).unwrap();
        assert_eq!(limiter.acquire(&[("cat", 2), ("harbor", 3)]).unwrap_err(), "harbor");
        drop(second);
        let again = limiter.acquire(&[("ann", 2), ("harbor", 3)]).unwrap();
        drop((first, third, again));
        assert!(limiter.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_ends_and_everybody_begins_anew() {
        let rate = Rate::new(Duration::from_secs(600));
        for _ in 0..3 {
            assert_eq!(rate.wait(&[("ann", 3)]), None);
            rate.count(["ann"]);
        }
        tokio::time::advance(Duration::from_secs(200)).await;
        assert_eq!(rate.wait(&[("bob", 3), ("ann", 3)]), Some(Duration::from_secs(400)));
        assert_eq!(rate.wait(&[("bob", 3)]), None);
        tokio::time::advance(Duration::from_secs(400)).await;
        assert_eq!(rate.wait(&[("ann", 3)]), None);
    }
}
