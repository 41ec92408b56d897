//! Computes retry delays with full jitter: a random time up to a limit that doubles with each attempt. The values
//! are in `provisioning/plan.rs` and `background_jobs.rs`.

use std::time::Duration;

use crate::time_scale::{hours, secs};

/// Maximum back-off that we choose ourselves.
pub const CAP: Duration = secs(120);

/// If HighLevel demands a longer wait than this, the daily limit is treated as used up.
pub const TOLD_CAP: Duration = hours(1);

/// The wait before the next attempt after `failures` failed ones: a random time up to `base · 2^failures`, at most
/// [`CAP`].
#[must_use]
pub fn full_jitter(base: Duration, failures: u32) -> Duration {
    bound(base, failures).mul_f64(rand::random_range(0.0..=1.0))
}

/// The longest that [`full_jitter`] waits; usually it is half of it.
pub(crate) fn bound(base: Duration, failures: u32) -> Duration {
    base.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(CAP)
}

/// A poll interval with up to 20 % jitter either way, so that many jobs do not poll at the same moment.
#[must_use]
pub fn around(interval: Duration) -> Duration {
    interval.mul_f64(rand::random_range(0.8..=1.2))
}

/// The wait before the next call when HighLevel has been failing for `lasting`: half of that time, from two
/// seconds up to [`CAP`]. A short outage is soon over; in a long one we do not call every second.
#[must_use]
pub fn outage(lasting: Duration) -> Duration {
    around((lasting / 2).clamp(secs(2), CAP))
}

/// At least this wait, up to 20 % more, so that callers that were told the same wait do not come back together.
#[must_use]
pub fn after(wait: Duration) -> Duration {
    wait.mul_f64(rand::random_range(1.0..=1.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_double_up_to_the_cap() {
        let bounds: Vec<_> = (0..9).map(|n| bound(secs(1), n).as_secs()).collect();
        assert_eq!(bounds, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
        assert_eq!(bound(secs(60), 1), CAP);
        for failures in 0..40 {
            assert!(full_jitter(secs(1), failures) <= CAP);
        }
    }

    #[test]
    fn an_outage_is_asked_after_ever_more_slowly() {
        let (mut lasting, mut asked) = (Duration::ZERO, 0);
        while lasting < secs(900) {
            lasting += outage(lasting);
            asked += 1;
        }
        assert!((12..60).contains(&asked), "{asked} looks in a quarter of an hour");
    }

    #[test]
    fn polls_stay_near_their_interval() {
        for _ in 0..100 {
            let wait = around(secs(10));
            assert!(wait >= secs(8) && wait <= secs(12));
        }
    }
}
