//! The simulator's clock: real time plus an offset, or frozen so that a test controls it.
//!
//! Delays are divided by the time scale. Timestamps are not, because callers compare them with their own clock.

use chrono::{DateTime, TimeDelta, Utc};

/// The one clock of a simulator.
#[derive(Debug, Clone)]
pub struct Clock {
    frozen_at: Option<DateTime<Utc>>,
    advanced: TimeDelta,
    scale: f64,
}

impl Clock {
    /// Creates a clock that runs, or one that is frozen at the current time.
    pub fn new(frozen: bool, scale: f64) -> Self {
        let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
        Self { frozen_at: frozen.then(Utc::now), advanced: TimeDelta::zero(), scale }
    }

    /// The current time.
    pub fn now(&self) -> DateTime<Utc> {
        self.frozen_at.unwrap_or_else(Utc::now) + self.advanced
    }

    /// How far the clock has been moved forward, in milliseconds.
    pub fn advanced_ms(&self) -> i64 {
        self.advanced.num_milliseconds()
    }

    /// Sets how far the clock has been moved forward, in milliseconds. Limited to the range from 0 to 100 years.
    pub fn set_advanced(&mut self, milliseconds: i64) {
        // A century is more than any test needs and keeps every date representable.
        self.advanced = TimeDelta::milliseconds(milliseconds.clamp(0, 3_155_760_000_000));
    }

    /// A simulated delay, divided by the time scale.
    pub fn delay(&self, milliseconds: u64) -> TimeDelta {
        let scaled = std::time::Duration::from_millis(milliseconds).div_f64(self.scale);
        TimeDelta::from_std(scaled).unwrap_or(TimeDelta::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let mut clock = Clock::new(true, 50.0);
        let before = clock.now();
        assert_eq!(clock.now(), before);
        clock.set_advanced(1_500);
        assert_eq!((clock.now() - before).num_milliseconds(), 1_500);
    }

    #[test]
    fn delays_are_divided_by_the_scale_and_a_senseless_scale_is_one() {
        assert_eq!(Clock::new(true, 50.0).delay(10_000).num_milliseconds(), 200);
        assert_eq!(Clock::new(true, 0.0).delay(10_000).num_milliseconds(), 10_000);
    }
}
