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
    pub(crate) fn call(&mut self, now: Duration, bears: &Tolerance) {
        forget(&mut self.calls, now, bears);
        self.calls.push_back(now);
    }

    /// Permission to repeat a call that failed, or how long until it is allowed.
    pub(crate) fn repeat(&mut self, now: Duration, bears: &Tolerance) -> Result<(), Duration> {
        forget(&mut self.calls, now, bears);
        forget(&mut self.repeated, now, bears);
        let allowed = (self.calls.len() / 10).max(bears.floor as usize).max(1);
        // This repeat must be a minute old before there is room for another.
        match self.repeated.len().checked_sub(allowed).and_then(|over| self.repeated.get(over)) {
            Some(at) => Err((*at + bears.minute).saturating_sub(now)),
            None => {
                self.repeated.push_back(now);
                Ok(())
            }
        }
    }

    /// True if the budget equals a new one and may be dropped.
    pub(crate) fn is_idle(&self, now: Duration, bears: &Tolerance) -> bool {
        self.calls.back().max(self.repeated.back()).is_none_or(|at| *at + bears.minute <= now)
    }
}

fn forget(times: &mut VecDeque<Duration>, now: Duration, bears: &Tolerance) {
    while times.pop_front_if(|at| *at + bears.minute <= now).is_some() {}
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
        let bears = Tolerance { floor: 3, ..Tolerance::default() };
        let mut budget = Budget::default();
        for second in 0..3 {
            assert_eq!(budget.repeat(secs(second), &bears), Ok(()));
        }
        assert_eq!(budget.repeat(secs(10), &bears), Err(secs(50)));
        assert_eq!(budget.repeat(secs(60), &bears), Ok(()));
        assert_eq!(budget.repeat(secs(60), &bears), Err(secs(1)));
    }

    #[test]
    fn in_no_minute_more_than_a_tenth_of_the_calls_is_repeated() {
        let bears = Tolerance::default();
        for seed in 1..=500 {
            let mut random = TestRandom::seed(seed);
            let (mut budget, mut now) = (Budget::default(), Duration::ZERO);
            let (mut calls, mut repeated) = (Vec::new(), Vec::new());
            for _ in 0..2_000 {
                now += Duration::from_millis(random.next(400));
                if random.next(3) > 0 {
                    budget.call(now, &bears);
                    calls.push(now);
                    continue;
                }
                let lately = |all: &[Duration]| all.iter().filter(|at| **at + bears.minute > now).count();
                let allowed = (lately(&calls) / 10).max(20);
                match budget.repeat(now, &bears) {
                    Ok(()) => {
                        assert!(lately(&repeated) < allowed, "seed {seed}");
                        repeated.push(now);
                    }
                    Err(wait) => {
                        assert_eq!(lately(&repeated).max(allowed), lately(&repeated), "seed {seed}: refused with room");
                        assert!(wait > Duration::ZERO && wait <= bears.minute, "seed {seed}: {wait:?}");
                    }
                }
            }
        }
    }
}
