//! Scales time in tests: a testing build may divide every wait, lease and deadline by one number. Other builds always
//! use real time.

use std::time::Duration;

/// The largest divisor of durations that allow for the slowness of the machine.
pub const MOST_GUARDED: f64 = 50.0;

/// The number that every duration is divided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale(f64);

impl TimeScale {
    /// Real time, unless a testing build sets a divisor of at least 1.
    #[must_use]
    pub fn new(scale: f64) -> Self {
        if cfg!(feature = "testing") && scale.is_finite() && scale >= 1.0 { Self(scale) } else { Self(1.0) }
    }

    /// Scales a real duration.
    #[must_use]
    pub fn of(self, real: Duration) -> Duration {
        real.div_f64(self.0)
    }

    /// Scales a lease, a heartbeat, a deadline or the pause between two looks. They allow for the slowness of a machine, which
    /// runs no faster in a test, so the divisor is at most [`MOST_GUARDED`].
    #[must_use]
    pub fn guard(self, real: Duration) -> Duration {
        real.div_f64(self.0.min(MOST_GUARDED))
    }

    /// The unscaled duration of a measured span.
    #[must_use]
    pub fn real(self, measured: Duration) -> Duration {
        measured.mul_f64(self.0)
    }
}

/// `n` seconds.
#[must_use]
pub const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// `n` minutes.
#[must_use]
pub const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// `n` hours.
#[must_use]
pub const fn hours(n: u64) -> Duration {
    Duration::from_secs(3600 * n)
}
