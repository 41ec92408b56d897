//! Two traits for rate-limit slots and their simple implementations. The client asks `Slots`; `Ledger` stores the
//! slots, in this process or in a row that several processes share.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::governor::window::Window;
use crate::quota::Quota;
use crate::report::Priority;

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

impl Limits {
    /// HighLevel's limit: 100 calls in any 10 s and 200 000 a day, per app and location or company (API
    /// documentation, rate limits).
    pub fn highlevel() -> Self {
        Self { burst: 100, interval: Duration::from_secs(10), daily: 200_000, hold: Duration::from_secs(45) }
    }
}

/// A slot in the window. Its number is assigned by the ledger that granted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub i64);

/// Permission to make one call.
#[derive(Debug)]
pub struct Slot(pub(crate) Option<SlotId>);

/// No slot became free within the time the caller was willing to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// Time until a slot may be free.
    pub wait: Duration,
    /// True if the daily limit is used up.
    pub daily: bool,
}

/// What a response said about the rate limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitFeedback {
    /// The rate-limit headers of the response.
    pub quota: Quota,
    /// True if the response was a 429.
    pub limited: bool,
}

/// Grants permission to call.
pub trait Slots: Send + Sync {
    /// Waits at most `patience` for a slot of `key`.
    fn take<'a>(&'a self, key: &'a str, priority: Priority, patience: Duration) -> Boxed<'a, Result<Slot, Full>>;
    /// Reports that the call is over; the headers of its response correct the count.
    fn settle<'a>(&'a self, key: &'a str, slot: Slot, feedback: LimitFeedback) -> Boxed<'a, ()>;
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

/// Stores slots. With Postgres, each method is one short statement on one row.
pub trait Ledger: Send + Sync {
    /// Takes up to `want` slots of `key` and leaves `spare` of the burst free. A slot counts until `interval`
    /// after its call was answered. If the call is never answered, the slot counts until `hold + interval` after
    /// it was taken.
    fn take<'a>(&'a self, key: &'a str, want: u32, spare: u32) -> Boxed<'a, Result<Grant, LedgerDown>>;
    /// Reports that the call of this slot was answered just now.
    fn release_after_interval<'a>(&'a self, key: &'a str, place: SlotId) -> Boxed<'a, ()>;
}

/// Applies no limit, for providers and tests without one.
#[derive(Clone, Copy, Debug)]
pub struct NoLimit;

impl Slots for NoLimit {
    fn take<'a>(&'a self, _: &'a str, _: Priority, _: Duration) -> Boxed<'a, Result<Slot, Full>> {
        Box::pin(std::future::ready(Ok(Slot(None))))
    }

    fn settle<'a>(&'a self, _: &'a str, _: Slot, _: LimitFeedback) -> Boxed<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// When more keys than this are stored, idle ones are removed.
const MANY_KEYS: usize = 1024;

/// A ledger that stores slots in this process only.
#[derive(Debug)]
pub struct LocalLedger {
    limits: Limits,
    origin: Instant,
    windows: Mutex<HashMap<String, Window>>,
}

impl LocalLedger {
    /// Creates a ledger in which every slot is free.
    pub fn new(limits: Limits) -> Self {
        Self { limits, origin: Instant::now(), windows: Mutex::default() }
    }

    fn with<T>(&self, key: &str, act: impl FnOnce(&mut Window, Duration) -> T) -> T {
        let mut windows = self.windows.lock().unwrap_or_else(|broken| broken.into_inner());
        let now = self.origin.elapsed();
        if windows.len() > MANY_KEYS && !windows.contains_key(key) {
            windows.retain(|_, window| !window.is_idle(now));
        }
        let window = windows.entry(key.to_owned()).or_insert_with(|| Window::new(self.limits));
        act(window, now)
    }
}

impl Ledger for LocalLedger {
    fn take<'a>(&'a self, key: &'a str, want: u32, spare: u32) -> Boxed<'a, Result<Grant, LedgerDown>> {
        let grant = self.with(key, |window, now| window.take(now, want, spare));
        Box::pin(std::future::ready(Ok(grant)))
    }

    fn release_after_interval<'a>(&'a self, key: &'a str, place: SlotId) -> Boxed<'a, ()> {
        self.with(key, |window, now| window.answered(now, place));
        Box::pin(std::future::ready(()))
    }
}
