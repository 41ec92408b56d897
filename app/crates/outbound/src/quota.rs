//! Parses the rate-limit headers of a response. Any of them may be missing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;

/// HighLevel's six rate-limit headers and `Retry-After`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Calls allowed per short window.
    pub max: Option<u32>,
    /// Calls left in the short window.
    pub remaining: Option<u32>,
    /// Length of the short window.
    pub interval: Option<Duration>,
    /// Calls allowed per day.
    pub daily_limit: Option<u32>,
    /// Calls left today.
    pub daily_remaining: Option<u32>,
    /// Time until the daily count is reset.
    pub daily_reset: Option<Duration>,
    /// `Retry-After`, as a duration from now.
    pub retry_after: Option<Duration>,
}

/// How long to send nothing after a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Time to wait, from now.
    pub wait: Duration,
    /// True if the daily limit is used up, not only the short window.
    pub daily: bool,
}

/// The longest wait that a provider can impose on us. If more is needed, a person is asked.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
/// Length of HighLevel's window, used when the headers do not state it.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(10);
/// Used when the daily limit is used up and the headers do not say when it is reset.
const DEFAULT_DAILY_WAIT: Duration = LONGEST_WAIT;

impl Pause {
    /// The wait plus up to a tenth, so that calls that were refused together do not return together.
    pub fn jittered(&self) -> Duration {
        self.wait.mul_f64(1.0 + rand::random_range(0.0..0.1))
    }
}

impl Quota {
    /// Reads the headers. A header that is missing or is not a number becomes `None`.
    pub fn read(headers: &HeaderMap, now: DateTime<Utc>) -> Self {
        let millis = |name| number(headers, name).map(Duration::from_millis);
        let count = |name| number(headers, name).map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        Self {
            max: count("x-ratelimit-max"),
            remaining: count("x-ratelimit-remaining"),
            interval: millis("x-ratelimit-interval-milliseconds"),
            daily_limit: count("x-ratelimit-limit-daily"),
            daily_remaining: count("x-ratelimit-daily-remaining"),
            daily_reset: millis("x-ratelimit-daily-reset"),
            retry_after: retry_after(headers, now),
        }
    }

    /// How long to wait after a 429: the time the provider states, or else the length of the window.
    pub fn pause(&self) -> Pause {
        let daily = self.daily_remaining == Some(0);
        let wait = match self.retry_after {
            Some(wait) => wait,
            None if daily => self.daily_reset.unwrap_or(DEFAULT_DAILY_WAIT),
            None => self.interval.unwrap_or(DEFAULT_INTERVAL),
        };
        Pause { wait: wait.min(LONGEST_WAIT), daily }
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    // Some providers send a negative count to mean "used up"; it is read as zero.
    if text.starts_with('-') { Some(0) } else { text.parse().ok() }
}

/// Reads `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    Some((at.with_timezone(&Utc) - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-01-05T10:00:00Z").unwrap().into()
    }

    fn read(pairs: &[(&'static str, &str)]) -> Quota {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        Quota::read(&headers, now())
    }

    #[test]
    fn all_six_headers_are_read() {
        let quota = read(&[
            ("x-ratelimit-max", "100"),
            ("x-ratelimit-remaining", "7"),
            ("x-ratelimit-interval-milliseconds", "10000"),
            ("x-ratelimit-limit-daily", "200000"),
            ("x-ratelimit-daily-remaining", "199993"),
            ("x-ratelimit-daily-reset", "3600000"),
        ]);
        assert_eq!(quota.max, Some(100));
        assert_eq!(quota.remaining, Some(7));
        assert_eq!(quota.interval, Some(Duration::from_secs(10)));
        assert_eq!(quota.daily_limit, Some(200_000));
        assert_eq!(quota.daily_remaining, Some(199_993));
        assert_eq!(quota.daily_reset, Some(Duration::from_secs(3600)));
        assert!(!quota.pause().daily);
    }

    #[test]
    fn a_429_waits_as_told_else_one_window() {
        let secs = Duration::from_secs;
        assert_eq!(read(&[]).pause(), Pause { wait: secs(10), daily: false });
        assert_eq!(read(&[("retry-after", "7")]).pause().wait, secs(7));
        let date = read(&[("retry-after", "Mon, 05 Jan 2026 10:00:30 GMT")]);
        assert_eq!(date.pause().wait, secs(30));
        let past = read(&[("retry-after", "Mon, 05 Jan 2026 09:00:30 GMT")]);
        assert_eq!(past.pause().wait, secs(0));
        let over = [("x-ratelimit-daily-remaining", "0"), ("x-ratelimit-daily-reset", "60000")];
        assert_eq!(read(&over).pause(), Pause { wait: secs(60), daily: true });
        assert_eq!(read(&[("retry-after", "999999")]).pause().wait, secs(3600), "capped at an hour");
        assert_eq!(read(&[("x-ratelimit-daily-remaining", "-3")]).pause().wait, secs(3600));
    }

    #[test]
    fn nonsense_is_left_out() {
        assert_eq!(read(&[("x-ratelimit-max", "many"), ("retry-after", "soon")]), Quota::default());
    }
}
