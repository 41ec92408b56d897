//! Rate limits: a true sliding window and a daily count, for each app and each company or location.
//!
//! The counts are kept in memory and rebuilt from the journal after a restart.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::knobs::Knobs;

/// Length of the window in milliseconds, before the time scale.
pub const WINDOW_MS: u64 = 10_000;

/// The state of the rate limits after a call, as the six rate-limit headers report it (HighLevel API §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Whether this call is allowed.
    pub allowed: bool,
    /// Calls allowed in a window.
    pub max: usize,
    /// Calls left in this window.
    pub remaining: usize,
    /// Calls allowed in a day.
    pub daily: usize,
    /// Calls left today.
    pub daily_remaining: usize,
    /// Milliseconds until the day ends (UTC).
    pub daily_reset_ms: i64,
}

/// The counts of every app and company or location.
#[derive(Debug, Default)]
pub struct Limits(HashMap<(String, String), Bucket>);

#[derive(Debug, Default)]
struct Bucket {
    recent: VecDeque<DateTime<Utc>>,
    day: NaiveDate,
    today: usize,
}

impl Limits {
    /// Counts a call unless it exceeds a limit. Refused calls do not count.
    pub fn take(&mut self, app: &str, resource: &str, now: DateTime<Utc>, window: TimeDelta, knobs: &Knobs) -> Rates {
        let bucket = self.0.entry((app.to_owned(), resource.to_owned())).or_default();
        bucket.forget(now, window);
        let allowed = bucket.recent.len() < knobs.rate_max && bucket.today < knobs.daily_max;
        if allowed {
            bucket.recent.push_back(now);
            bucket.today += 1;
        }
        Rates {
            allowed,
            max: knobs.rate_max,
            remaining: knobs.rate_max.saturating_sub(bucket.recent.len()),
            daily: knobs.daily_max,
            daily_remaining: knobs.daily_max.saturating_sub(bucket.today),
            daily_reset_ms: until_midnight(now),
        }
    }

    /// Counts a call from before a restart.
    pub fn remember(&mut self, app: &str, resource: &str, at: DateTime<Utc>, window: TimeDelta) {
        let bucket = self.0.entry((app.to_owned(), resource.to_owned())).or_default();
        bucket.forget(at, window);
        bucket.recent.push_back(at);
        bucket.today += 1;
    }
}

impl Bucket {
    fn forget(&mut self, now: DateTime<Utc>, window: TimeDelta) {
        while self.recent.front().is_some_and(|at| *at + window <= now) {
            self.recent.pop_front();
        }
        if self.day != now.date_naive() {
            self.day = now.date_naive();
            self.today = 0;
        }
    }
}

fn until_midnight(now: DateTime<Utc>) -> i64 {
    86_400_000 - now.timestamp_millis().rem_euclid(86_400_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_window_of_ten_seconds_ever_holds_more_than_the_limit() {
        let knobs = Knobs::default();
        let window = TimeDelta::seconds(10);
        let mut limits = Limits::default();
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut taken = Vec::new();
        for step in 0..4_000 {
            let now = start + TimeDelta::milliseconds(step * 17);
            if limits.take("app", "resource", now, window, &knobs).allowed {
                taken.push(now);
            }
        }
        assert!(taken.windows(101).all(|few| few[100] - few[0] >= window));
        assert!(taken.windows(101).any(|few| few[100] - few[0] < window + TimeDelta::milliseconds(18)));
    }

    #[test]
    fn a_day_ends_at_midnight_and_other_resources_are_not_touched() {
        let knobs = Knobs { daily_max: 2, ..Knobs::default() };
        let window = TimeDelta::seconds(10);
        let mut limits = Limits::default();
        let evening = DateTime::from_timestamp(1_800_057_590, 0).unwrap();
        assert_eq!(until_midnight(evening), 10_000);
        let mut take = |resource, now| limits.take("app", resource, now, window, &knobs);
        assert_eq!(take("a", evening).daily_remaining, 1);
        assert!(take("a", evening).allowed);
        assert!(!take("a", evening).allowed);
        assert!(take("b", evening).allowed);
        assert!(take("a", evening + TimeDelta::seconds(10)).allowed);
    }
}
