//! The deadline of a call. For a write that must not be repeated it counts from the moment the write was recorded,
//! so a frozen process or a suspended machine cannot send the write hours later, after other processes have given
//! it up. The monotonic clock stops during suspend, so the wall clock is checked as well; the one that advanced
//! further decides.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// A point in time, measured by two clocks.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    steady: Instant,
    wall: SystemTime,
}

tokio::task_local! {
    static WITHIN: Deadline;
}

impl Deadline {
    /// The deadline this long from now.
    #[must_use]
    pub fn after(total: Duration) -> Self {
        Self { steady: Instant::now() + total, wall: SystemTime::now() + total }
    }

    /// True if the deadline has passed by either clock.
    #[must_use]
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.steady || SystemTime::now() >= self.wall
    }

    /// Makes every call inside `work` end by this deadline, or by its own if that is sooner. A call that has not
    /// been sent by then is never sent.
    pub async fn bounds<F: Future>(self, work: F) -> F::Output {
        WITHIN.scope(self, work).await
    }

    /// The deadline of a call that may take this long from now, limited by the enclosing [`Deadline::bounds`].
    pub(crate) fn of_call(total: Duration) -> Self {
        let own = Self::after(total);
        WITHIN
            .try_with(|given| Self { steady: own.steady.min(given.steady), wall: own.wall.min(given.wall) })
            .unwrap_or(own)
    }

    /// Completes when the deadline has passed by the monotonic clock.
    pub(crate) async fn passed(&self) {
        tokio::time::sleep_until(self.steady).await;
    }
}

/// The time, as people read it.
pub(crate) fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_sooner_deadline_counts_and_the_wall_clock_too() {
        let hour = Duration::from_secs(3600);
        assert!(!Deadline::of_call(hour).is_over());
        assert!(Deadline::after(Duration::ZERO).is_over());
        assert!(Deadline::after(Duration::ZERO).bounds(async { Deadline::of_call(hour) }).await.is_over());
        assert!(Deadline::after(hour).bounds(async { Deadline::of_call(Duration::ZERO) }).await.is_over());
        let slept = Deadline { wall: SystemTime::now(), ..Deadline::after(hour) };
        assert!(slept.is_over(), "the machine slept, and the steady clock did not see it");
    }
}
