//! Table of all background jobs: what each does, how long one may take and how often it is retried. Change these values
//! here. How many run at once is said by the rows of the queues (`store::queue::limits`). The steps of a provisioning job
//! have their own table in `provisioning/plan.rs`.

use std::time::Duration;

use domain::work::Kind;
use outbound::Boxed;
use store::queue::Claimed;

use crate::Worker;
use crate::integrations::{health, renewals, resume, snapshots, uninstall};
use crate::time_scale::{hours, minutes, secs};
use crate::{late_markers, mailing, sweep};

/// One kind of background work.
pub struct BackgroundJob {
    /// The kind.
    pub kind: Kind,
    /// Maximum duration of one run.
    pub deadline: Duration,
    /// Maximum number of attempts. After the last one the item moves to the dead queue, where a person sees it.
    pub tries: i32,
    /// Base of the back-off between attempts.
    pub base: Duration,
    /// Interval after a successful run, for recurring work.
    pub again: Option<Duration>,
    /// The function that does the work.
    pub run: for<'a> fn(&'a Worker, &'a Claimed) -> Boxed<'a, Result<(), Failed>>,
}

/// All kinds except provisioning jobs, which schedule their own retries.
pub const BACKGROUND_JOBS: &[BackgroundJob] = &[
    background_job(Kind::RefreshCredential, minutes(5), 8, secs(5), None, |worker, item| {
        Box::pin(renewals::renew(worker, item))
    }),
    background_job(Kind::CheckIntegration, minutes(2), 5, secs(10), None, |worker, item| {
        Box::pin(health::check(worker, item))
    }),
    background_job(Kind::SyncSnapshots, minutes(2), 5, secs(10), None, |worker, item| {
        Box::pin(snapshots::sync(worker, item))
    }),
    background_job(Kind::UninstallApp, minutes(2), 6, secs(10), None, |worker, item| {
        Box::pin(uninstall::uninstall(worker, item))
    }),
    background_job(Kind::ResumeJobs, minutes(15), 8, secs(5), None, |worker, item| {
        Box::pin(resume::resume(worker, item))
    }),
    background_job(Kind::SweepMarkers, minutes(2), 50, minutes(2), None, |worker, item| {
        Box::pin(late_markers::sweep(worker, item))
    }),
    // A mail server may be unavailable for hours.
    background_job(Kind::SendMail, minutes(2), 200, secs(10), None, |worker, item| {
        Box::pin(mailing::send(worker, item))
    }),
    // Periodic jobs have their own table, `periodic`. A process of the previous version requests them with this
    // kind.
    background_job(Kind::Sweep, hours(2), 3, secs(10), None, |worker, item| Box::pin(sweep::sweep(worker, item))),
];

const fn background_job(
    kind: Kind,
    deadline: Duration,
    tries: i32,
    base: Duration,
    again: Option<Duration>,
    run: for<'a> fn(&'a Worker, &'a Claimed) -> Boxed<'a, Result<(), Failed>>,
) -> BackgroundJob {
    BackgroundJob { kind, deadline, tries, base, again, run }
}

/// Returns the row of a kind, or `None` for provisioning jobs.
#[must_use]
pub fn of(kind: Kind) -> Option<&'static BackgroundJob> {
    BACKGROUND_JOBS.iter().find(|background_job| background_job.kind == kind)
}

/// Why a run of a background job failed.
#[derive(Debug)]
pub struct Failed {
    /// The cause in words, without secrets.
    pub cause: String,
    /// If set, the item only waits this long (unscaled), and the run does not count as an attempt.
    pub hold: Option<Duration>,
}

impl Failed {
    /// A failed run with this cause.
    #[must_use]
    pub fn new(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), hold: None }
    }

    /// The work could not start yet and is postponed by `wait`.
    #[must_use]
    pub fn held(cause: impl Into<String>, wait: Duration) -> Self {
        Self { cause: cause.into(), hold: Some(wait) }
    }
}

impl From<ghl::Error> for Failed {
    fn from(error: ghl::Error) -> Self {
        let wait = error.until().map(|until| (until - chrono::Utc::now()).to_std().unwrap_or_default());
        Self { cause: error.to_string(), hold: wait }
    }
}

impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_but_jobs_has_one_row() {
        for kind in Kind::ALL {
            let rows = BACKGROUND_JOBS.iter().filter(|background_job| background_job.kind == kind).count();
            assert_eq!(rows, usize::from(kind != Kind::RunJob), "{kind:?}");
        }
    }
}
