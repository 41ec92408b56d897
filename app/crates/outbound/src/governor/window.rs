//! Is there a place in the window now, and if not, when? Pure: the clock is given.
//!
//! A place counts from the moment it is taken until one interval after its call was answered. The other side counts the call at some moment
//! between the two. So all calls the other side counts within one interval hold their places at one common moment here, and never more than
//! `burst` do. That holds whatever the network adds or takes; a window over send times alone does not have this property.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::slots::{Grant, Limits, Place};

/// Added to the interval, because the other side may count its last instant too.
const EDGE: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The places of one key.
#[derive(Debug)]
pub(crate) struct Window {
    limits: Limits,
    /// When each place is free again.
    held: BTreeMap<Place, Duration>,
    next: i64,
    day_ends: Duration,
    day_count: u32,
}

impl Window {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, held: BTreeMap::new(), next: 0, day_ends: Duration::ZERO, day_count: 0 }
    }

    /// Up to `want` places, leaving `spare` untouched.
    pub(crate) fn take(&mut self, now: Duration, want: u32, spare: u32) -> Grant {
        self.forget(now);
        let used = self.used();
        let today = self.limits.daily.saturating_sub(self.day_count);
        // However much is to be left alone, one place of the burst stays usable, or a key could never move again.
        let room = self.limits.burst.saturating_sub(spare).max(1).saturating_sub(used);
        let give = want.min(room).min(today);
        let free_at = now + self.limits.hold + self.limits.interval + EDGE;
        let places: Vec<Place> = (0..i64::from(give)).map(|n| Place(self.next + n)).collect();
        self.next += i64::from(give);
        self.day_count += give;
        self.held.extend(places.iter().map(|place| (*place, free_at)));
        let short = give < want;
        let daily = short && today == give;
        let until = if daily { Some(self.day_ends) } else { self.held.values().min().copied() };
        let wait = if short { until.unwrap_or(now).saturating_sub(now) } else { Duration::ZERO };
        Grant { places, used: used + give, wait, daily }
    }

    /// From now on the place's interval runs.
    pub(crate) fn answered(&mut self, now: Duration, place: Place) {
        if let Some(free_at) = self.held.get_mut(&place) {
            *free_at = (*free_at).min(now + self.limits.interval + EDGE);
        }
    }

    /// Nothing here that a new window would not know.
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
