//! A circuit breaker. It is pure: the caller passes the clock. It opens when half of the latest calls failed, then lets
//! one probe call through now and then, and closes when a probe succeeds. A call that began before the breaker opened
//! and ends later has no effect; only a probe does.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// How many failures are tolerated before calls are blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// Only calls that ended within this time are counted.
    pub window: Duration,
    /// With fewer calls than this, the breaker never opens.
    pub min_calls: u32,
    /// While the breaker is open, one probe call is let through this often.
    pub probe_interval: Duration,
    /// Repeats within this time are limited to a tenth of the calls within it.
    pub retry_window: Duration,
    /// This many repeats are always allowed, however few calls there are. It is as many as it takes to open the
    /// breaker, which blocks everything, so that no job uses up its retries.
    pub min_retries: u32,
}

impl Tolerance {
    /// The same with every duration divided by this factor, for builds in which time runs faster.
    #[must_use]
    pub fn faster(self, by: f64) -> Self {
        let scaled = |time: Duration| time.div_f64(by);
        Self {
            window: scaled(self.window),
            probe_interval: scaled(self.probe_interval),
            retry_window: scaled(self.retry_window),
            ..self
        }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        let secs = Duration::from_secs;
        Self { window: secs(30), min_calls: 20, probe_interval: secs(15), retry_window: secs(60), min_retries: 20 }
    }
}

/// How many calls had failed when the breaker opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureCount {
    /// Number of calls that failed.
    pub failed: u32,
    /// Number of calls that were counted.
    pub of: u32,
}

impl fmt::Display for FailureCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of the last {} calls failed", self.failed, self.of)
    }
}

/// Whether a call may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It may be sent.
    Allow,
    /// It may be sent as a probe; its result decides whether the breaker closes.
    Probe(FailureCount),
    /// It may not be sent before this time has passed.
    Wait(Duration, FailureCount),
}

/// The latest calls to one provider for one agency.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    /// When each call ended and whether it failed; oldest first.
    calls: VecDeque<(Duration, bool)>,
    failed: u32,
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    next_probe: Duration,
    counted: FailureCount,
}

impl Breaker {
    /// Decides whether a call may be sent now.
    pub(crate) fn admit(&mut self, now: Duration, tolerance: &Tolerance) -> Admission {
        match &mut self.open {
            None => Admission::Allow,
            Some(open) if now < open.next_probe => Admission::Wait(open.next_probe - now, open.counted),
            Some(open) => {
                open.next_probe = now + tolerance.probe_interval;
                Admission::Probe(open.counted)
            }
        }
    }

    /// Records that a call ended. Returns true if this opened the breaker.
    pub(crate) fn ended(&mut self, now: Duration, probe: bool, failed: bool, tolerance: &Tolerance) -> bool {
        if self.open.is_some() {
            if probe && !failed {
                *self = Self::default();
            }
            return false;
        }
        self.forget(now, tolerance);
        self.calls.push_back((now, failed));
        self.failed += u32::from(failed);
        let counted = FailureCount { failed: self.failed, of: u32::try_from(self.calls.len()).unwrap_or(u32::MAX) };
        if counted.of < tolerance.min_calls || counted.failed * 2 < counted.of {
            return false;
        }
        self.open = Some(Open { next_probe: now + tolerance.probe_interval, counted });
        true
    }

    /// While the breaker is open: how many calls had failed, and the time until the next probe.
    pub(crate) fn is_open(&self, now: Duration) -> Option<(FailureCount, Duration)> {
        self.open.map(|open| (open.counted, open.next_probe.saturating_sub(now)))
    }

    /// True if the breaker equals a new one and may be dropped.
    pub(crate) fn is_idle(&self, now: Duration, tolerance: &Tolerance) -> bool {
        self.open.is_none() && self.calls.back().is_none_or(|(at, _)| *at + tolerance.window <= now)
    }

    fn forget(&mut self, now: Duration, tolerance: &Tolerance) {
        while let Some((_, failed)) = self.calls.pop_front_if(|(at, _)| *at + tolerance.window <= now) {
            self.failed -= u32::from(failed);
        }
    }
}

#[cfg(test)]
mod tests;
