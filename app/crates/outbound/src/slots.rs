//! The slots of a rate limit and where they are stored: in this process, or in rows that several processes share.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::governor::window::Window;
use crate::quota::Quota;

/// A future behind a pointer, so that the traits can be used as `dyn`.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A provider's rate limit for one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls allowed per interval.
    pub burst: u32,
    /// Length of the interval.
    pub interval: Duration,
    /// Calls allowed per day.
    pub daily: u32,
    /// Longest time a call may be in progress. A slot whose call is never answered counts for this time plus one
    /// interval.
    pub hold: Duration,
}

/// A slot in the window. Its number is assigned by the ledger that granted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub i64);

/// No slot became free within the time the caller was willing to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// Time until a slot may be free.
    pub wait: Duration,
    /// True if the daily limit is used up.
    pub daily: bool,
}

/// What a response said about the rate limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LimitFeedback {
    /// The rate-limit headers of the response.
    pub quota: Quota,
    /// True if the response was a 429.
    pub limited: bool,
}

/// The result of asking a ledger for slots.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// The granted slots; at most as many as requested.
    pub places: Vec<SlotId>,
    /// Slots in use now, including the granted ones.
    pub used: u32,
    /// If fewer slots were granted than requested: the time until the next one is free.
    pub wait: Duration,
    /// True if the daily limit is used up.
    pub daily: bool,
}

/// The ledger could not be reached, so nothing may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerDown;

/// Stores the slots of all keys. A key belongs to one rate window, so its limits are always the same. With Postgres,
/// each method is one short statement on one row.
pub trait Ledger: Send + Sync {
    /// Takes up to `want` slots of `key` and leaves `spare` of the burst free. A slot counts until `interval`
    /// after its call was answered. If the call is never answered, the slot counts until `hold + interval` after
    /// it was taken.
    fn take<'a>(
        &'a self,
        key: &'a str,
        want: u32,
        spare: u32,
        limits: &'a Limits,
    ) -> Boxed<'a, Result<Grant, LedgerDown>>;
    /// Reports that the call of this slot was answered just now.
    fn release_after_interval<'a>(&'a self, key: &'a str, place: SlotId) -> Boxed<'a, ()>;
}

/// When more keys than this are stored, idle ones are removed.
const MANY_KEYS: usize = 1024;

/// A ledger that stores slots in this process only.
#[derive(Debug)]
pub struct LocalLedger {
    origin: Instant,
    windows: Mutex<HashMap<String, Window>>,
}

impl Default for LocalLedger {
    /// A ledger in which every slot is free.
    fn default() -> Self {
        Self { origin: Instant::now(), windows: Mutex::default() }
    }
}

impl LocalLedger {
    fn windows(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for LocalLedger {
    fn take<'a>(
        &'a self,
        key: &'a str,
        want: u32,
        spare: u32,
        limits: &'a Limits,
    ) -> Boxed<'a, Result<Grant, LedgerDown>> {
        let (mut windows, now) = (self.windows(), self.origin.elapsed());
        if windows.len() > MANY_KEYS && !windows.contains_key(key) {
            windows.retain(|_, window| !window.is_idle(now));
        }
        let grant = windows.entry(key.to_owned()).or_insert_with(|| Window::new(*limits)).take(now, want, spare);
        Box::pin(std::future::ready(Ok(grant)))
    }

    fn release_after_interval<'a>(&'a self, key: &'a str, place: SlotId) -> Boxed<'a, ()> {
        if let Some(window) = self.windows().get_mut(key) {
            window.answered(self.origin.elapsed(), place);
        }
        Box::pin(std::future::ready(()))
    }
}
