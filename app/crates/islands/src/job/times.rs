//! How long does a job take, how much is left, and which step is slower than usual? Every answer depends on the moment that
//! it is asked for, so that server and browser show the same.

use chrono::{DateTime, TimeDelta, Utc};
use domain::provisioning::{JobStatus, StepStatus, Typical};
use kit::time::span;

use super::state::{JobState, StepState};

/// Text such as "Usually takes 3–5 min"; `None` while there is no history.
#[must_use]
pub fn usually(typical: Typical) -> Option<String> {
    typical.p50.map(|half| kit::time::usually(half, typical.p90))
}

/// Text such as "usually 12s", to the second, for one step; `None` while there is no history.
#[must_use]
pub fn step_usually(typical: Typical) -> Option<String> {
    typical.p50.map(|half| format!("usually {}", span(millis(half) / 1000 * 1000)))
}

/// Converts seconds to whole milliseconds.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the length of a job fits an i64")]
pub fn millis(seconds: f64) -> i64 {
    (seconds.max(0.0) * 1000.0).round() as i64
}

/// When the job will be done if it takes the usual time: the rest of the current step plus all later steps. `None`
/// unless the job is queued, running or retrying, and while there is no history.
#[must_use]
pub fn left(job: &JobState, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !matches!(job.row.status, JobStatus::Pending | JobStatus::InProgress | JobStatus::Retrying) || job.row.cancelling
    {
        return None;
    }
    let mut seconds = 0.0;
    let mut known = false;
    for step in &job.steps {
        let open = match step.status {
            None => Some(0.0),
            Some(StepStatus::Started) => step.tried_since.map(|since| (at - since).as_seconds_f64()),
            Some(_) => None,
        };
        let skipped = step.step.needs_snapshot() && job.row.snapshot.is_none();
        if let (Some(gone), Some(p50), false) = (open, step.typical.p50, skipped) {
            seconds += (p50 - gone).max(0.0);
            known = true;
        }
    }
    known.then(|| at + TimeDelta::milliseconds(millis(seconds)))
}

/// A step counts as stuck after this many times its 90th percentile.
const STUCK: i64 = 3;

/// True if a running step has taken longer than nine in ten did.
#[must_use]
pub fn is_slow(step: &StepState, at: DateTime<Utc>) -> bool {
    takes_longer(step, at, 1)
}

/// True if a running step has taken more than three times as long as nine in ten did.
#[must_use]
pub fn is_stuck(step: &StepState, at: DateTime<Utc>) -> bool {
    takes_longer(step, at, STUCK)
}

fn takes_longer(step: &StepState, at: DateTime<Utc>, times: i64) -> bool {
    let (Some(StepStatus::Started), None, Some(since), Some(p90)) =
        (step.status, step.finished_at, step.tried_since, step.typical.p90)
    else {
        return false;
    };
    (at - since).num_milliseconds() > times * millis(p90).max(2_000)
}
