//! Decides whether a slot in the rate-limit window is free now and, if not, when one will be. It is pure: the
//! caller passes the clock.
//!
//! A slot counts from the moment it is taken until one interval after its call was answered. The provider counts
//! the call at some moment between sending and answer. So all calls that the provider counts within one interval
//! hold their slots here at one common moment, and never more than `burst` slots are held at once. This is true
//! however long the network takes. A window over send times alone does not have this property.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::slots::{Grant, Limits, SlotId};

/// Added to the interval, because the provider may count the last instant of the interval too.
const EDGE: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The slots of one key.
#[derive(Debug)]
pub(crate) struct Window {
    limits: Limits,
    /// When each slot becomes free again.
    held: BTreeMap<SlotId, Duration>,
    next: i64,
    day_ends: Duration,
    day_count: u32,
}

impl Window {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, held: BTreeMap::new(), next: 0, day_ends: Duration::ZERO, day_count: 0 }
    }

    /// Takes up to `want` slots and leaves `spare` free.
    pub(crate) fn take(&mut self, now: Duration, want: u32, spare: u32) -> Grant {
        self.forget(now);
        let used = self.used();
        let today = self.limits.daily.saturating_sub(self.day_count);
        // Even if `spare` covers the whole burst, one slot stays usable; otherwise the key could never send again.
        let room = self.limits.burst.saturating_sub(spare).max(1).saturating_sub(used);
        let give = want.min(room).min(today);
        let free_at = now + self.limits.hold + self.limits.interval + EDGE;
        let places: Vec<SlotId> = (0..i64::from(give)).map(|n| SlotId(self.next + n)).collect();
        self.next += i64::from(give);
        self.day_count += give;
        self.held.extend(places.iter().map(|place| (*place, free_at)));
        let short = give < want;
        let daily = short && today == give;
        let until = if daily { Some(self.day_ends) } else { self.held.values().min().copied() };
        let wait = if short { until.unwrap_or(now).saturating_sub(now) } else { Duration::ZERO };
        Grant { places, used: used + give, wait, daily }
    }

    /// Starts the interval after which the slot becomes free.
    pub(crate) fn answered(&mut self, now: Duration, place: SlotId) {
        if let Some(free_at) = self.held.get_mut(&place) {
            *free_at = (*free_at).min(now + self.limits.interval + EDGE);
        }
    }

    /// True if the window equals a new one and may be dropped.
    pub(crate) fn is_idle(&self, now: Duration) -> bool {
        now >= self.day_ends && self.held.values().all(|free_at| *free_at <= now)
    }

    fn forget(&mut self, now: Duration) {
        self.held.retain(|_, free_at| *free_at > now);
        if now >= self.day_ends {
            self.day_ends = now + DAY;
            self.day_count = 0;
        }
    }

    fn used(&self) -> u32 {
        u32::try_from(self.held.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
