//! A retry budget: repeated calls may be at most a tenth of all calls, so our retries never overload the provider. It
//! is pure: the caller passes the clock.

use std::collections::VecDeque;
use std::time::Duration;

use crate::breaker::Tolerance;

/// Calls and repeats of the last minute, to one provider for one agency.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    calls: VecDeque<Duration>,
    repeated: VecDeque<Duration>,
}

impl Budget {
    /// Records a call.
    pub(crate) fn call(&mut self, now: Duration, tolerance: &Tolerance) {
        forget(&mut self.calls, now, tolerance);
        self.calls.push_back(now);
    }

    /// Permission to repeat a call that failed, or how long until it is allowed.
    pub(crate) fn repeat(&mut self, now: Duration, tolerance: &Tolerance) -> Result<(), Duration> {
        forget(&mut self.calls, now, tolerance);
        forget(&mut self.repeated, now, tolerance);
        let allowed = (self.calls.len() / 10).max(tolerance.min_retries as usize).max(1);
        // This repeat must be a minute old before there is room for another.
        match self.repeated.len().checked_sub(allowed).and_then(|over| self.repeated.get(over)) {
            Some(at) => Err((*at + tolerance.retry_window).saturating_sub(now)),
            None => {
                self.repeated.push_back(now);
                Ok(())
            }
        }
    }

    /// True if the budget equals a new one and may be dropped.
    pub(crate) fn is_idle(&self, now: Duration, tolerance: &Tolerance) -> bool {
        self.calls.back().max(self.repeated.back()).is_none_or(|at| *at + tolerance.retry_window <= now)
    }
}

fn forget(times: &mut VecDeque<Duration>, now: Duration, tolerance: &Tolerance) {
    while times.pop_front_if(|at| *at + tolerance.retry_window <= now).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_random::TestRandom;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_few_repetitions_are_always_allowed_and_then_one_waits_for_the_first_to_grow_old() {
        let tolerance = Tolerance { min_retries: 3, ..Tolerance::default() };
        let mut budget = Budget::default();
        for second in 0..3 {
            assert_eq!(budget.repeat(secs(second), &tolerance), Ok(()));
        }
        assert_eq!(budget.repeat(secs(10), &tolerance), Err(secs(50)));
        assert_eq!(budget.repeat(secs(60), &tolerance), Ok(()));
        assert_eq!(budget.repeat(secs(60), &tolerance), Err(secs(1)));
    }

    #[test]
    fn in_no_minute_more_than_a_tenth_of_the_calls_is_repeated() {
        let tolerance = Tolerance::default();
        for seed in 1..=500 {
            let mut random = TestRandom::seed(seed);
            let (mut budget, mut now) = (Budget::default(), Duration::ZERO);
            let (mut calls, mut repeated) = (Vec::new(), Vec::new());
            for _ in 0..2_000 {
                now += Duration::from_millis(random.next(400));
                if random.next(3) > 0 {
                    budget.call(now, &tolerance);
                    calls.push(now);
                    continue;
                }
                let lately = |all: &[Duration]| all.iter().filter(|at| **at + tolerance.retry_window > now).count();
                let allowed = (lately(&calls) / 10).max(20);
                match budget.repeat(now, &tolerance) {
                    Ok(()) => {
                        assert!(lately(&repeated) < allowed, "seed {seed}");
                        repeated.push(now);
                    }
                    Err(wait) => {
                        assert_eq!(lately(&repeated).max(allowed), lately(&repeated), "seed {seed}: refused with room");
                        assert!(wait > Duration::ZERO && wait <= tolerance.retry_window, "seed {seed}: {wait:?}");
                    }
                }
            }
        }
    }
}
