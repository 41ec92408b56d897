//! Claims and runs periodic jobs. Every process looks each second for due jobs and claims a few. Each job runs in its
//! own task, so a failure, hang or panic affects only that job.

use std::time::Duration;

use store::periodic::{self, Ended, JobDefinition};
use store::platform;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::{Job, all};
use crate::Worker;
use crate::batch::{Budget, Done};
use crate::failed::Failed;
use crate::retry;
use crate::time_scale::secs;

/// How often a process looks for due jobs.
const LOOK: Duration = secs(1);
/// How often a process registers the jobs that it knows.
const KNOWN: Duration = secs(60);
/// Maximum number of jobs claimed at once, so that after a restart they do not all start together.
const AT_A_LOOK: i64 = 3;
/// Delay before a job continues with what did not fit into one run.
const MORE: Duration = secs(5);
/// A failed job is retried after this delay, or at its usual interval if that is shorter.
const AGAIN: Duration = secs(60);

/// Runs due jobs until `shutdown`; then aborts running jobs and releases them.
pub async fn schedule(worker: Worker, shutdown: CancellationToken) {
    let mut running = JoinSet::new();
    let mut said: Option<Instant> = None;
    while !shutdown.is_cancelled() {
        if said.is_none_or(|at| at.elapsed() >= worker.time_scale.of(KNOWN)) {
            match periodic::register(&worker.db, &known(&worker)).await {
                Ok(()) => said = Some(Instant::now()),
                Err(error) => {
                    tracing::warn!(event = "periodic.not_registered", %error, "periodic jobs could not be registered; trying again in a moment");
                }
            }
            report(&worker).await;
        }
        if said.is_some()
            && let Err(error) = due(&worker, &mut running).await
        {
            tracing::warn!(event = "periodic.not_claimed", %error, "periodic jobs could not be claimed; trying again in a moment");
        }
        while running.try_join_next().is_some() {}
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(worker.time_scale.of(LOOK)) => {}
        }
    }
    running.shutdown().await;
    if let Err(error) = platform::gone(&worker.db, worker.me).await {
        tracing::warn!(event = "worker.not_signed_off", %error, "the system page names this process for a day");
    }
    if let Err(error) = periodic::release(&worker.db, worker.me).await {
        tracing::warn!(event = "periodic.not_released", %error, "periodic jobs could not be given back; their claims end by themselves");
    }
}

/// Stores that this process runs, for the system page. Nothing depends on it, so a failure is only logged.
pub(crate) async fn report(worker: &Worker) {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_else(|_| "unnamed".to_owned());
    let host = format!("{}, process {}", host.trim(), std::process::id());
    let every = worker.time_scale.of(KNOWN);
    if let Err(error) = platform::report(&worker.db, worker.me, &host, env!("CARGO_PKG_VERSION"), every).await {
        tracing::warn!(event = "worker.not_reported", %error, "this process could not say that it runs; trying again in a moment");
    }
}

/// Runs every job once, now, and waits for all of them. Serves the queue row with which a process of the previous
/// version requests this.
pub async fn all_now(worker: &Worker) -> Result<(), Failed> {
    periodic::register(&worker.db, &known(worker)).await?;
    periodic::make_all_due(&worker.db).await?;
    let mut running = JoinSet::new();
    while due(worker, &mut running).await? > 0 {
        while running.join_next().await.is_some() {}
    }
    Ok(())
}

fn known(worker: &Worker) -> Vec<JobDefinition> {
    all().map(|job| job.known(worker.time_scale)).collect()
}

/// Claims some due jobs and starts them. Returns how many.
async fn due(worker: &Worker, running: &mut JoinSet<()>) -> store::Result<usize> {
    let taken = periodic::claim(&worker.db, worker.me, &known(worker), AT_A_LOOK).await?;
    for job in all().filter(|job| taken.iter().any(|name| name == job.name)) {
        running.spawn(one(worker.clone(), job));
    }
    Ok(taken.len())
}

/// Runs a job once and records the end in every case.
async fn one(worker: Worker, job: &'static Job) {
    let began = Instant::now();
    let (inner, deadline) = (worker.clone(), deadline(&worker, job));
    // The run has its own task, so that a panic is caught. The task is aborted when this future is dropped.
    let task = tokio::spawn(async move {
        let run = async {
            faults(&inner, job).await?;
            job.run(&inner, Budget::of(deadline)).await
        };
        tokio::time::timeout(deadline, run).await
    });
    let done = match AbortOnDropHandle::new(task).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(Failed::new("It took longer than it may and was ended.")),
        Err(_) => Err(Failed::new("It ended in a panic; the log says where.")),
    };
    let (ended, next) = match done {
        Ok(Done { rows, more: true }) => (Ended::Succeeded(rows), MORE),
        Ok(Done { rows, more: false }) => (Ended::Succeeded(rows), retry::around(job.every)),
        Err(failed) => {
            tracing::error!(
                event = "periodic.failed",
                job = job.name,
                cause = failed.cause,
                "a periodic job failed; the others go on"
            );
            (Ended::Failed(failed.cause), job.every.min(AGAIN))
        }
    };
    if let Ended::Succeeded(rows @ 1..) = ended {
        tracing::info!(event = "periodic.done", job = job.name, rows, "a periodic job did its work");
    }
    let next = worker.time_scale.of(next);
    if let Err(error) = periodic::finish(&worker.db, worker.me, job.name, (&ended, began.elapsed()), next).await {
        tracing::warn!(event = "periodic.not_finished", job = job.name, %error, "the end of a periodic job could not be written; its claim ends by itself");
    }
}

#[cfg(not(feature = "testing"))]
fn deadline(worker: &Worker, job: &Job) -> Duration {
    worker.time_scale.guard(job.deadline)
}

/// Nothing is broken in this build.
#[cfg(not(feature = "testing"))]
fn faults(_: &Worker, _: &Job) -> std::future::Ready<Result<(), Failed>> {
    std::future::ready(Ok(()))
}

#[cfg(feature = "testing")]
pub use broken::{Broken, claim_and_vanish};
#[cfg(feature = "testing")]
use broken::{deadline, faults};

#[cfg(feature = "testing")]
mod broken {
    //! Lets a test break one periodic job of a worker.

    use super::{Duration, Failed, Job, Worker, known, periodic};

    /// The way in which a job is broken.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Broken {
        /// It fails at once.
        Fails,
        /// It panics.
        Panics,
        /// It never ends by itself; its deadline expires at once.
        Hangs,
    }

    fn of(worker: &Worker, job: &Job) -> Option<Broken> {
        worker.broken.filter(|(name, _)| *name == job.name).map(|(_, how)| how)
    }

    pub(super) fn deadline(worker: &Worker, job: &Job) -> Duration {
        if of(worker, job) == Some(Broken::Hangs) { Duration::ZERO } else { worker.time_scale.guard(job.deadline) }
    }

    pub(super) async fn faults(worker: &Worker, job: &Job) -> Result<(), Failed> {
        match of(worker, job) {
            None => Ok(()),
            Some(Broken::Fails) => Err(Failed::new("broken by a test")),
            Some(Broken::Panics) => panic!("broken by a test"),
            Some(Broken::Hangs) => std::future::pending().await,
        }
    }

    /// Claims every due job and does nothing more, like a process that is killed at that moment. Returns their
    /// names.
    pub async fn claim_and_vanish(worker: &Worker) -> store::Result<Vec<String>> {
        periodic::register(&worker.db, &known(worker)).await?;
        periodic::claim(&worker.db, worker.me, &known(worker), 1000).await
    }
}
