//! Keeps one provider's circuit breakers and retry budgets, one of each for an agency, so failures of one agency never
//! block another. Each process has its own. Calls that belong to no agency always pass and are not counted.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::breaker::{Admission, Breaker, FailureCount, Tolerance};
use crate::budget::Budget;

/// When at least this many agencies are stored, idle ones are removed.
const MANY: usize = 1024;

/// An open circuit breaker: an agency's calls to this provider are blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenCircuit {
    /// The provider.
    pub provider: &'static str,
    /// The agency.
    pub agency: Uuid,
    /// How many calls had failed when the breaker opened.
    pub counted: FailureCount,
    /// Time until the next probe call is let through.
    pub wait: Duration,
}

pub(crate) struct CircuitBreakers {
    provider: &'static str,
    tolerance: Tolerance,
    origin: Instant,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    agencies: HashMap<Uuid, (Breaker, Budget)>,
    opened: u64,
}

/// Permission for one call; [`CircuitBreakers::ended`] reports its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallPermit {
    agency: Option<Uuid>,
    /// Set if this call is a probe: how many calls had failed when the breaker opened.
    pub(crate) probe: Option<FailureCount>,
}

impl CircuitBreakers {
    pub(crate) fn new(provider: &'static str, tolerance: Tolerance) -> Self {
        Self { provider, tolerance, origin: Instant::now(), kept: Mutex::default() }
    }

    /// Allows a call, or returns how long it must wait and why.
    pub(crate) fn admit(&self, agency: Option<Uuid>) -> Result<CallPermit, (Duration, FailureCount)> {
        let Some(agency) = agency else { return Ok(CallPermit { agency: None, probe: None }) };
        self.with(agency, |now, breaker, budget| {
            let probe = match breaker.admit(now, &self.tolerance) {
                Admission::Allow => None,
                Admission::Probe(counted) => Some(counted),
                Admission::Wait(wait, counted) => return Err((wait, counted)),
            };
            budget.call(now, &self.tolerance);
            Ok(CallPermit { agency: Some(agency), probe })
        })
    }

    /// Reports that a call ended and whether it failed.
    pub(crate) fn ended(&self, permit: CallPermit, failed: bool) {
        let Some(agency) = permit.agency else { return };
        let opened =
            self.with(agency, |now, breaker, _| breaker.ended(now, permit.probe.is_some(), failed, &self.tolerance));
        if opened {
            self.kept().opened += 1;
        }
    }

    /// Allows the repetition of a failed call, or returns how long until one is allowed.
    pub(crate) fn repeat(&self, agency: Uuid) -> Result<(), Duration> {
        self.with(agency, |now, _, budget| budget.repeat(now, &self.tolerance))
    }

    /// All open circuits, and how many circuits opened since the process started.
    pub(crate) fn open_circuits(&self) -> (Vec<OpenCircuit>, u64) {
        let now = self.origin.elapsed();
        let kept = self.kept();
        let open = kept.agencies.iter().filter_map(|(agency, (breaker, _))| {
            let (counted, wait) = breaker.is_open(now)?;
            Some(OpenCircuit { provider: self.provider, agency: *agency, counted, wait })
        });
        (open.collect(), kept.opened)
    }

    fn with<T>(&self, agency: Uuid, act: impl FnOnce(Duration, &mut Breaker, &mut Budget) -> T) -> T {
        let now = self.origin.elapsed();
        let mut kept = self.kept();
        if kept.agencies.len() >= MANY && !kept.agencies.contains_key(&agency) {
            kept.agencies.retain(|_, (breaker, budget)| {
                !breaker.is_idle(now, &self.tolerance) || !budget.is_idle(now, &self.tolerance)
            });
        }
        let (breaker, budget) = kept.agencies.entry(agency).or_default();
        act(now, breaker, budget)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
