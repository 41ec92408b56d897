//! How far may a periodic job go in one run, and how far did it come?

use std::time::Duration;

use tokio::time::Instant;

/// The result of one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    /// Number of rows removed, linked or enqueued.
    pub rows: u64,
    /// True if more work is left; the job then continues in a moment.
    pub more: bool,
}

/// The time until which a run may start new batches.
#[derive(Clone, Copy, Debug)]
pub struct Budget(Instant);

impl Budget {
    /// Half of a deadline, so that the last batch has the other half.
    pub(crate) fn of(deadline: Duration) -> Self {
        Self(Instant::now() + deadline / 2)
    }

    /// Returns true if another batch may start.
    #[must_use]
    pub fn is_left(self) -> bool {
        Instant::now() < self.0
    }
}
