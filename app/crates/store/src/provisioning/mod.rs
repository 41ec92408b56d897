//! Jobs, their steps, their outside writes and their log, as rows.
//! People make requests (`ask`), and workers decide (`steps`, `effects`). Every decision carries a [`Fence`] and
//! changes nothing once another worker has claimed the job. A worker that lost its claim may still write only
//! observations.

mod archive;
mod ask;
mod claim;
mod duplicates;
mod effects;
pub mod history;
mod late;
mod list;
mod logs;
mod news;
mod people;
mod place;
mod read;
mod reconnected;
mod rows;
mod start;
mod steps;
#[cfg(feature = "testing")]
pub mod testing;
mod unreadable;
mod waiting;
#[cfg(feature = "testing")]
pub mod writes;

pub(crate) use archive::archive;
pub use ask::{cancel, resume, retry, undo};
pub use claim::{Claim, Fence, Running, RunningStep, claim, heartbeat, release};
pub use duplicates::duplicates;
pub use effects::{
    Effect, MarkedIn, NewEffect, SearchOutcome, Source, abandon, all_effects, call_in_flight, confirm, effects_of,
    observations, observe, record_empty_search, record_failed_response, record_write, refuse,
};
pub use late::{GivenUp, extra, given_up, record_late_location};
pub use list::{LIST, ORDERS, counts, counts_of, list, of_business, open_jobs};
pub use logs::{LogQuery, calls, line, log};
pub use people::{hold_person, keep_person, release_people};
pub use place::{LocationUse, others, set_business, set_location};
pub use read::{get, hold, typical, typicals};
pub use reconnected::{
    JobsToReconnect, WaitingJobs, ask_to_reconnect, reconnected, resume_after_recovery, resume_waiting,
};
pub use rows::row;
pub use start::{KEY_TAKEN, RequestKey, Start, Started, fingerprint, start, start_unless_duplicate};
pub use steps::{Begun, Cause, ask, begin, cancelled, complete, fail, finish, save_output, skip, undone};
pub use waiting::{Again, outage, retry_later, wait};

use domain::provisioning::{JobStatus, NewJob, Step};
use domain::work::Kind;
use domain::{AgencyId, JobId, SnapshotId};
use serde_json::Value;
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, outbox};

/// The order that a job row stores.
pub(crate) fn order(stored: Value, snapshot: Option<Uuid>) -> Result<NewJob> {
    NewJob::from_stored(stored, snapshot.map(SnapshotId))
        .map_err(|error| Error::Unreadable(format!("order of a job: {error}")))
}

/// Makes a worker look at the job now. If there is nothing to do, the worker ends at once.
async fn wake(tx: &mut TenantTx, job: JobId) -> Result<()> {
    queue::add(tx, &Work::new(Kind::RunJob).subject(job)).await.map(|_| ())
}

/// Tells live pages that the job changed.
async fn notify(tx: &mut TenantTx, job: JobId, status: Option<JobStatus>, step: Option<Step>) -> Result<()> {
    let payload = serde_json::json!({ "status": status.map(JobStatus::key), "step": step.map(Step::key) });
    outbox::add(tx, "provisioning.job", Some(job.0), &payload).await
}

/// Writes the audit row of a person's request.
async fn record(tx: &mut TenantTx, action: &'static str, job: JobId) -> Result<()> {
    audit::record(tx, Act::new(action, "job").object(job)).await
}

/// The agency in which the scope acts.
fn agency(tx: &TenantTx) -> Result<AgencyId> {
    tx.agency()
}
