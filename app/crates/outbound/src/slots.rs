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

/// A provider's limit per key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls per interval.
    pub burst: u32,
    /// The interval.
    pub interval: Duration,
    /// Calls per day.
    pub daily: u32,
    /// How long a call may be under way: an unanswered place counts this long plus one interval.
    pub hold: Duration,
}

impl Limits {
    /// HighLevel: 100 in any 10 s and 200 000 a day, per app and location or company (API documentation, rate limits).
    pub fn highlevel() -> Self {
        Self { burst: 100, interval: Duration::from_secs(10), daily: 200_000, hold: Duration::from_secs(45) }
    }
}

/// A place in the window, named by the ledger that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(pub i64);

/// Leave to make one call.
#[derive(Debug)]
pub struct Slot(pub(crate) Option<Place>);

/// No place within the caller's patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// Until a place may be free.
    pub wait: Duration,
    /// The day's count is used up.
    pub daily: bool,
}

/// What a call told us about the limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitFeedback {
    /// The headers.
    pub quota: Quota,
    /// It was answered 429.
    pub limited: bool,
}

/// Hands out leave to call.
pub trait Slots: Send + Sync {
    /// Waits at most `patience` for a place of `key`.
    fn take<'a>(&'a self, key: &'a str, priority: Priority, patience: Duration) -> Boxed<'a, Result<Slot, Full>>;
    /// The call is over; its headers correct the count.
    fn settle<'a>(&'a self, key: &'a str, slot: Slot, feedback: LimitFeedback) -> Boxed<'a, ()>;
}

/// What a ledger gave.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// At most as many as wanted.
    pub places: Vec<Place>,
    /// Places in use now, these included.
    pub used: u32,
    /// When fewer than wanted were given: until the next one is free.
    pub wait: Duration,
    /// The day's count is used up.
    pub daily: bool,
}

/// The ledger could not be asked; nothing may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerDown;

/// Remembers places. Over Postgres each method is one short statement on one row.
pub trait Ledger: Send + Sync {
    /// Takes up to `want` places of `key`, leaving `spare` of the burst untouched.
    /// A place counts until `interval` after it was answered; one never answered, until `hold + interval` after it was taken.
    fn take<'a>(&'a self, key: &'a str, want: u32, spare: u32) -> Boxed<'a, Result<Grant, LedgerDown>>;
    /// This place was answered just now.
    fn answered<'a>(&'a self, key: &'a str, place: Place) -> Boxed<'a, ()>;
}

/// No limit at all, for providers and tests without one.
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

/// Keys beyond this are looked through for idle ones.
const MANY_KEYS: usize = 1024;

/// Places remembered in this process alone.
#[derive(Debug)]
pub struct LocalLedger {
    limits: Limits,
    origin: Instant,
    windows: Mutex<HashMap<String, Window>>,
}

impl LocalLedger {
    /// Empty windows.
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

    fn answered<'a>(&'a self, key: &'a str, place: Place) -> Boxed<'a, ()> {
        self.with(key, |window, now| window.answered(now, place));
        Box::pin(std::future::ready(()))
    }
}
