//! When is a delivery sent again, and when is an endpoint left alone? All waits of outgoing webhooks are here.

use std::time::Duration;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

const fn hours(n: u64) -> Duration {
    Duration::from_secs(3600 * n)
}

/// The waits between the attempts. With the fifth that is added at random they end within [`ROUND`].
pub const WAITS: [Duration; 11] = [
    secs(5),
    secs(30),
    secs(120),
    secs(600),
    secs(1800),
    hours(1),
    hours(3),
    hours(6),
    hours(12),
    hours(16),
    hours(20),
];

/// How often a delivery is sent at most, until somebody replays it.
pub const ATTEMPTS: i32 = 12;

/// How long a delivery is tried.
pub const ROUND: Duration = hours(72);

/// An endpoint whose deliveries all failed for so long is turned off.
pub const FAILING: Duration = hours(5 * 24);

/// How long an answer may take, from the connection to the end of what is kept of it.
pub const DEADLINE: Duration = secs(10);

/// How long deliveries carry signatures by two secrets after a rotation.
pub const BOTH_SECRETS: Duration = hours(24);

/// The longest wait that an endpoint may ask for (`Retry-After`).
pub const ASKED_WAIT: Duration = hours(1);

/// An endpoint that failed so often in a row gets one delivery at a time.
pub const TOLERATED: i32 = 3;

/// The wait after this many attempts of a round. `None` if there is no further attempt.
#[must_use]
pub fn next_wait(attempts: i32, asked: Option<Duration>) -> Option<Duration> {
    let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let wait = *WAITS.get(place)?;
    Some(asked.map_or(wait, |asked| wait.max(asked.min(ASKED_WAIT))))
}

/// How long an endpoint that failed so often in a row is left alone before the next delivery is tried: a minute after
/// the third failure, ten minutes at most.
#[must_use]
pub fn pause(failures: i32) -> Duration {
    let steps = u32::try_from(failures.saturating_sub(TOLERATED)).unwrap_or(0);
    secs(60).saturating_mul(2_u32.saturating_pow(steps.min(8))).min(secs(600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_attempts_of_a_delivery_fall_into_three_days() {
        assert_eq!(usize::try_from(ATTEMPTS).unwrap(), WAITS.len() + 1);
        let longest: Duration = WAITS.iter().map(|wait| wait.mul_f64(1.2)).sum();
        assert!(longest < ROUND, "{longest:?}");
        assert!(longest > hours(60), "an outage of a weekend is bridged: {longest:?}");
        assert!(WAITS.is_sorted());
        assert_eq!(next_wait(1, None), Some(secs(5)));
        assert_eq!(next_wait(ATTEMPTS - 1, None), Some(hours(20)));
        assert_eq!(next_wait(ATTEMPTS, None), None);
        assert_eq!((next_wait(0, None), next_wait(-3, None)), (None, None));
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept_within_bounds() {
        assert_eq!(next_wait(1, Some(secs(90))), Some(secs(90)));
        assert_eq!(next_wait(1, Some(hours(48))), Some(ASKED_WAIT));
        assert_eq!(next_wait(5, Some(secs(1))), Some(secs(1800)), "never sooner than without");
    }

    #[test]
    fn a_dead_endpoint_is_asked_ever_more_slowly() {
        let pauses: Vec<u64> = (0..9).map(|failures| pause(failures).as_secs()).collect();
        assert_eq!(pauses, [60, 60, 60, 60, 120, 240, 480, 600, 600]);
        assert_eq!(pause(i32::MAX), secs(600));
    }
}
