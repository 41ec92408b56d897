//! Inserts past jobs as example data for charts, lists and typical durations. Nothing runs for them; their rows pass
//! through the same legal states as those of a real job.

use chrono::{DateTime, Duration, Utc};
use domain::business::Business;
use domain::provisioning::{JobStatus, NewJob, Step};
use domain::{AgencyId, BusinessId, JobId};
use uuid::Uuid;

use super::agency;
use crate::{Error, PlatformTx, Result, TenantTx, found, new_id};

/// The key of the job that is created last of all example data. If this job exists, all example data exists.
pub const LAST: &str = "demo";

/// How the time of a typical job is divided among its steps, in percent. Waiting for the snapshot takes most of
/// it.
const SHARES: [i32; 11] = [1, 1, 2, 4, 62, 8, 9, 4, 3, 4, 2];

/// A job that ended some time ago.
#[derive(Clone, Debug)]
pub struct PastJob {
    /// The order.
    pub order: NewJob,
    /// The business that it created. `None` if the job was cancelled.
    pub made: Option<Business>,
    /// When it was started.
    pub began: DateTime<Utc>,
    /// How long it took.
    pub took: Duration,
    /// Idempotency key, unique within the agency.
    pub key: String,
}

impl PastJob {
    const fn status(&self) -> JobStatus {
        if self.made.is_some() { JobStatus::Completed } else { JobStatus::Cancelled }
    }
}

/// Sets the creation time of a business. The transaction must be allowed to write the business.
pub async fn made_at(tx: &mut TenantTx, business: BusinessId, at: DateTime<Utc>) -> Result<()> {
    let done = sqlx::query!("update sub_accounts set created_at = $2 where id = $1", business.0, at)
        .execute(tx.conn())
        .await?;
    found(done.rows_affected())
}

/// Whether an agency has a job with this key.
pub async fn known(tx: &mut PlatformTx, agency: AgencyId, key: &str) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from provisioning_jobs where agency_id = $1 and idempotency_key = $2) as "known!""#,
        agency.0,
        key
    );
    Ok(known.fetch_one(tx.conn()).await?)
}

/// Adds a job that has ended.
pub async fn add(tx: &mut TenantTx, past: &PastJob) -> Result<JobId> {
    let agency = agency(tx)?;
    let checked = past.order.check().map_err(|_| Error::Refused("the order of a past job".into()))?;
    let job: JobId = new_id();
    sqlx::query!(
        "insert into provisioning_jobs (id, agency_id, client_data_json, snapshot_id, created_at, idempotency_key) values ($1, $2, $3, $4, $5, $6)",
        job.0,
        agency.0,
        checked.to_stored(),
        checked.snapshot_id.map(|id| id.0),
        past.began,
        past.key
    )
    .execute(tx.conn())
    .await?;
    steps(tx, job, past, checked.snapshot_id.is_some()).await?;
    let seconds = past.took.num_seconds() as f64;
    if past.made.is_some() {
        sqlx::query!(
            "update provisioning_jobs set status = 'IN_PROGRESS', started_at = $3 where agency_id = $1 and id = $2",
            agency.0,
            job.0,
            past.began
        )
        .execute(tx.conn())
        .await?;
    }
    sqlx::query!(
        "update provisioning_jobs set status = $3::text::provisioning_job_status, started_at = $4::timestamptz, finished_at = $4::timestamptz + make_interval(secs => $5),
                sub_account_id = $6, location_id = $7
         where agency_id = $1 and id = $2",
        agency.0,
        job.0,
        past.status().key(),
        past.began,
        seconds,
        past.made.as_ref().map(|made| made.id.0),
        past.made.as_ref().and_then(|made| made.ghl_location_id.as_deref())
    )
    .execute(tx.conn())
    .await?;
    Ok(job)
}

/// Writes one row per step. Each step begins when the one before it ended.
async fn steps(tx: &mut TenantTx, job: JobId, past: &PastJob, with_snapshot: bool) -> Result<()> {
    let agency = agency(tx)?;
    let mut at = past.began;
    for ((position, step), share) in (1_i16..).zip(Step::ALL).zip(SHARES) {
        let ran = past.made.is_some() && (with_snapshot || !step.needs_snapshot());
        let end = if ran { at + past.took * share / 100 } else { at };
        let status = match (past.status(), ran) {
            (JobStatus::Completed, true) => Some("COMPLETED"),
            (JobStatus::Completed, false) => Some("SKIPPED"),
            _ => None,
        };
        sqlx::query!(
            "insert into provisioning_steps (id, agency_id, job_id, step, position, status, attempts, started_at, finished_at)
             values ($1, $2, $3, $4, $5, $6::text::provisioning_step_status, $7, $8, $9)",
            new_id::<Uuid>(),
            agency.0,
            job.0,
            step.key(),
            position,
            status,
            i32::from(ran),
            status.map(|_| at),
            status.map(|_| end)
        )
        .execute(tx.conn())
        .await?;
        at = end;
    }
    Ok(())
}
