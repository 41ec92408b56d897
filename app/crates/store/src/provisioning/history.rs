//! Inserts past jobs as example data for charts, lists and typical durations. Nothing runs for them; their rows pass
//! through the same legal states as those of a real job.

use chrono::{DateTime, Duration, Utc};
use domain::business::Business;
use domain::provisioning::{JobStatus, NewJob, Step, StepStatus};
use domain::{AgencyId, BusinessId, JobId};
use uuid::Uuid;

use super::agency;
use crate::{Db, Error, PlatformTx, Result, TenantTx, found, new_id};

/// The key of the job that is created last of all example data. If this job exists, all example data exists.
pub const LAST: &str = "demo";

/// How the time of a typical job is divided among its steps, in percent. Waiting for the snapshot takes most of
/// it.
const SHARES: [i32; 11] = [1, 1, 1, 3, 84, 2, 2, 2, 1, 2, 1];

/// How a past job ended.
#[derive(Clone, Debug)]
pub enum PastEnd {
    /// It created this business.
    Created(Box<Business>),
    /// A person cancelled it before its first step.
    Cancelled,
    /// It failed at this step for this reason. The steps before it succeeded.
    Failed(Step, &'static str),
}

/// A job that ended some time ago. It was started by the person of the transaction.
#[derive(Clone, Debug)]
pub struct PastJob {
    /// The order.
    pub order: NewJob,
    /// How it ended.
    pub end: PastEnd,
    /// When it was started.
    pub began: DateTime<Utc>,
    /// How long it took.
    pub took: Duration,
    /// Idempotency key, unique within the agency.
    pub key: String,
}

impl PastJob {
    const fn status(&self) -> JobStatus {
        match self.end {
            PastEnd::Created(_) => JobStatus::Completed,
            PastEnd::Cancelled => JobStatus::Cancelled,
            PastEnd::Failed(..) => JobStatus::Failed,
        }
    }

    const fn made(&self) -> Option<&Business> {
        match &self.end {
            PastEnd::Created(made) => Some(made),
            PastEnd::Cancelled | PastEnd::Failed(..) => None,
        }
    }

    /// The status in which it left a step; `None` if it never began the step.
    fn status_of(&self, step: Step) -> Option<StepStatus> {
        match self.end {
            PastEnd::Created(_) if step.needs_snapshot() && self.order.snapshot_id.is_none() => {
                Some(StepStatus::Skipped)
            }
            PastEnd::Created(_) => Some(StepStatus::Completed),
            PastEnd::Failed(at, _) if step == at => Some(StepStatus::Failed),
            PastEnd::Failed(at, _) if step.position() < at.position() => Some(StepStatus::Completed),
            PastEnd::Cancelled | PastEnd::Failed(..) => None,
        }
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

/// True if the example data is complete: the agency with this slug has the job that is created last.
pub async fn is_complete(db: &Db, slug: &str) -> Result<bool> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let complete = sqlx::query_scalar!(
        r#"select exists (select from provisioning_jobs j join agencies a on a.id = j.agency_id
                          where a.slug = $1 and a.deleted_at is null and j.idempotency_key = $2) as "complete!""#,
        slug,
        LAST
    );
    let complete = complete.fetch_one(tx.conn()).await?;
    tx.commit().await?;
    Ok(complete)
}

/// Adds a job that has ended.
pub async fn add(tx: &mut TenantTx, past: &PastJob) -> Result<JobId> {
    let (agency, user) = (agency(tx)?, tx.user());
    let checked = past.order.check().map_err(|_| Error::Refused("the order of a past job".into()))?;
    let job: JobId = new_id();
    sqlx::query!(
        "insert into provisioning_jobs (id, agency_id, client_data_json, snapshot_id, created_at, idempotency_key, requested_by) values ($1, $2, $3, $4, $5, $6, $7)",
        job.0,
        agency.0,
        checked.to_stored(),
        checked.snapshot_id.map(|id| id.0),
        past.began,
        past.key,
        user.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    steps(tx, job, past).await?;
    if !matches!(past.end, PastEnd::Cancelled) {
        sqlx::query!(
            "update provisioning_jobs set status = 'IN_PROGRESS', started_at = $3 where agency_id = $1 and id = $2",
            agency.0,
            job.0,
            past.began
        )
        .execute(tx.conn())
        .await?;
    }
    let (step, error) = match past.end {
        PastEnd::Failed(step, error) => (Some(step.key()), Some(error)),
        PastEnd::Created(_) | PastEnd::Cancelled => (None, None),
    };
    sqlx::query!(
        "update provisioning_jobs set status = $3::text::provisioning_job_status, started_at = $4::timestamptz, finished_at = $4::timestamptz + make_interval(secs => $5),
                sub_account_id = $6, location_id = $7, current_step = $8, error_message = $9
         where agency_id = $1 and id = $2",
        agency.0,
        job.0,
        past.status().key(),
        past.began,
        past.took.num_seconds() as f64,
        past.made().map(|made| made.id.0),
        past.made().and_then(|made| made.ghl_location_id.as_deref()),
        step,
        error
    )
    .execute(tx.conn())
    .await?;
    Ok(job)
}

/// Writes one row per step. Each step begins when the one before it ended; the step that failed ends with the job.
async fn steps(tx: &mut TenantTx, job: JobId, past: &PastJob) -> Result<()> {
    let agency = agency(tx)?;
    let mut at = past.began;
    for ((position, step), share) in (1_i16..).zip(Step::ALL).zip(SHARES) {
        let status = past.status_of(step);
        let end = match status {
            Some(StepStatus::Failed) => past.began + past.took,
            Some(StepStatus::Completed) => at + past.took * share / 100,
            _ => at,
        };
        let ran = matches!(status, Some(StepStatus::Completed | StepStatus::Failed));
        let id: Uuid = new_id();
        sqlx::query!(
            "insert into provisioning_steps (id, agency_id, job_id, step, position, status, attempts, started_at, finished_at)
             values ($1, $2, $3, $4, $5, $6::text::provisioning_step_status, $7, $8, $9)",
            id,
            agency.0,
            job.0,
            step.key(),
            position,
            status.map(StepStatus::key),
            i32::from(ran),
            status.map(|_| at),
            status.map(|_| end)
        )
        .execute(tx.conn())
        .await?;
        if let PastEnd::Failed(failed, why) = past.end
            && failed == step
        {
            failed_attempt(tx, job, (id, step), (at, end), why).await?;
        }
        at = end;
    }
    Ok(())
}

/// Writes the attempt of the step that failed, and the line of the log that says so.
async fn failed_attempt(
    tx: &mut TenantTx,
    job: JobId,
    (id, step): (Uuid, Step),
    (began, ended): (DateTime<Utc>, DateTime<Utc>),
    why: &str,
) -> Result<()> {
    let agency = agency(tx)?;
    sqlx::query!(
        "insert into provisioning_attempts (id, agency_id, step_id, attempt, lease_owner, outcome, error_class, error_detail, started_at, finished_at)
         values ($1, $2, $3, 1, $1, 'gave_up', 'down', $4, $5, $6)",
        new_id::<Uuid>(),
        agency.0,
        id,
        why,
        began,
        ended
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        r#"insert into provisioning_logs (agency_id, job_id, "timestamp", step, status, level, attempt, message)
           values ($1, $2, $3, $4, 'FAILED', 'error', 1, $5)"#,
        agency.0,
        job.0,
        ended,
        step.key(),
        why
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
