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
mod people;
mod place;
mod read;
mod reconnected;
mod rest;
mod rows;
mod start;
mod steps;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "testing")]
pub mod writes;

pub(crate) use archive::archive;
pub use ask::{cancel, resume, retry, undo};
pub use claim::{Claim, Fence, Running, RunningStep, claim, heartbeat, release};
pub use duplicates::duplicates;
pub use effects::{
    Effect, MarkedIn, NewEffect, SearchOutcome, Source, abandon, all_effects, answered, confirm, effects_of, looked,
    observations, observe, open, refuse,
};
pub use late::{GivenUp, appeared, extra, given_up};
pub use list::{ORDERS, counts, knows_cursor, list, of_business, open_jobs};
pub use logs::{LogQuery, calls, line, log};
pub use people::{hold_person, keep_person, release_people};
pub use place::{Others, others, set_business, set_location};
pub use read::{get, hold, typical, typicals};
pub use reconnected::{WaitingJobs, healed, reconnected, resume_waiting};
pub use rest::{Again, again, outage, wait};
pub use rows::row;
pub use start::{RequestKey, Started, fingerprint, start, start_whole, started};
pub use steps::{Begun, Cause, ask, begin, cancelled, complete, fail, finish, save_output, skip, undone};

use domain::provisioning::{JobStatus, Step};
use domain::work::Kind;
use domain::{AgencyId, JobId};

use crate::audit::{self, Act};
use crate::queue::{self, Work};
use crate::{Result, TenantTx, outbox};

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
