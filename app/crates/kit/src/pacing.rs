//! Decides when a page may fetch itself again after a change. After a quiet time it fetches at once; then at
//! intervals that grow with the cost of a fetch to the server, so that the open windows of a busy agency leave
//! room for its other requests. All times are in milliseconds.

/// Changes closer together than this are answered by one fetch.
const SETTLE: f64 = 100.0;
/// Minimum interval between two fetches.
const LEAST: f64 = 1000.0;
/// The interval is also at least this many times the duration of the last fetch.
const TIMES: f64 = 5.0;
/// Minimum interval after the answer 429 or 503; it doubles with each further such answer.
const BUSY: f64 = 5000.0;
/// Maximum wait.
const MOST: f64 = 60_000.0;
/// A random part of up to this fraction is added to each interval, so that windows do not fetch at the same time.
const JITTER: f64 = 0.25;

/// Result of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The server answered, or the fetch failed.
    Done,
    /// The server answered 429 or 503.
    Busy,
}

/// The fetch intervals of one page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pacing {
    /// The current interval.
    interval: f64,
    /// When the intervals of all fetches so far are over.
    due: f64,
    /// Number of answers 429 or 503 in a row, counted up to 5.
    busy: i32,
}

impl Pacing {
    /// How long to wait before the next fetch. After a quiet time two fetches may be close together: the fetch of
    /// a page that has just opened must not delay the first change that the page hears of.
    #[must_use]
    pub fn wait(&self, now: f64) -> f64 {
        let credit = if self.busy == 0 { self.interval } else { 0.0 };
        (self.due - credit - now).clamp(SETTLE, MOST)
    }

    /// The intervals after a fetch that began at `began` and ended now; `random` is between 0 and 1.
    #[must_use]
    pub fn after(self, began: f64, now: f64, fetched: Fetched, random: f64) -> Self {
        let busy = if fetched == Fetched::Busy { (self.busy + 1).min(5) } else { 0 };
        let asked = if busy > 0 { BUSY * f64::from(1 << (busy - 1)) } else { 0.0 };
        let least = ((now - began) * TIMES).max(LEAST).max(asked);
        // Written out: a fused multiplication is emulated in the browser by code that every page would load.
        let interval = (least + least * JITTER * random).min(MOST);
        let due = (self.due.max(began) + interval).min(now + interval + interval);
        Self { interval, due, busy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a page fetches if changes arrive all the time and each fetch takes `takes`.
    fn fetches(until: f64, takes: f64, fetched: Fetched) -> Vec<f64> {
        let (mut pacing, mut now, mut at) = (Pacing::default(), 0.0, Vec::new());
        while now < until {
            now += pacing.wait(now);
            at.push(now);
            pacing = pacing.after(now, now + takes, fetched, 0.0);
            now += takes;
        }
        at
    }

    #[test]
    fn a_quiet_page_shows_the_first_change_at_once() {
        let mut pacing = Pacing::default();
        assert!(pacing.wait(5_000.0) <= 150.0);
        // The page's own fetch at opening does not delay the first change.
        pacing = pacing.after(5_100.0, 5_140.0, Fetched::Done, 1.0);
        assert!(pacing.wait(5_200.0) <= 150.0, "{pacing:?}");
        pacing = pacing.after(5_300.0, 5_340.0, Fetched::Done, 1.0);
        assert!(pacing.wait(5_400.0) > 500.0, "the one after it waits: {pacing:?}");
        assert!(pacing.wait(9_000.0) <= 150.0, "and after a pause none does: {pacing:?}");
    }

    #[test]
    fn a_busy_page_fetches_once_a_second_and_less_often_what_is_dear() {
        let at = fetches(60_000.0, 40.0, Fetched::Done);
        assert!((58..=64).contains(&at.len()), "{} fetches a minute", at.len());
        assert!(at.windows(2).skip(2).all(|two| two[1] - two[0] >= LEAST - 1.0), "{at:?}");
        let dear = fetches(60_000.0, 1_000.0, Fetched::Done);
        assert!(dear.len() <= 14, "a fetch that takes a second comes every five: {dear:?}");
    }

    #[test]
    fn a_server_that_asks_for_patience_gets_it_and_no_wait_is_endless() {
        let at = fetches(300_000.0, 10.0, Fetched::Busy);
        assert!(at.len() <= 10, "{at:?}");
        let mut pacing = Pacing::default();
        for _ in 0..20 {
            pacing = pacing.after(0.0, 100_000.0, Fetched::Busy, 1.0);
        }
        assert!(pacing.wait(100_000.0) <= MOST && pacing.wait(-1e9) <= MOST, "also when the clock is set back");
        let well = pacing.after(200_000.0, 200_010.0, Fetched::Done, 0.0);
        assert!(well.wait(200_010.0) <= LEAST, "{well:?}");
    }
}
