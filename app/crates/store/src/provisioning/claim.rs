//! Claims jobs for workers. A claim has a number and a worker name (the fencing token) and must be renewed by
//! heartbeats. Only the database clock decides when it expires; a worker whose token is outdated can change nothing.

use std::time::Duration;

use domain::provisioning::{JobStatus, NewJob, Step, StepStatus};
use domain::{AgencyId, BusinessId, JobId, SnapshotId, StepId, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::{agency, notify, order, unreadable};
use crate::{Error, Result, TenantTx};

/// How often a worker checks whether an agency in the trash was restored. Until then the agency's jobs stay as
/// they are.
const TRASH_LOOK: Duration = Duration::from_secs(900);

/// A job waits at most until the next day's calls. A longer wait was written while the database's clock was ahead.
const LONGEST_REST: Duration = Duration::from_secs(3 * 24 * 3600);

/// Proof of a claim. Every decision carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// Agency of the job.
    pub agency: AgencyId,
    /// The job.
    pub job: JobId,
    /// The number of this claim.
    pub attempt: i32,
    /// The process that claimed it. The id is random per process start.
    pub owner: Uuid,
}

/// Result of asking for a job.
#[derive(Debug)]
pub enum Claim {
    /// The job is ours.
    Mine(Box<Running>),
    /// Another worker holds it, its time has not come, or its agency is in the trash. Ask again after this time.
    Later(Duration),
    /// There is nothing to do: the job has ended, waits for a person, or is gone.
    Over,
}

/// A claimed job with everything that the engine needs.
#[derive(Clone, Debug)]
pub struct Running {
    /// The claim.
    pub fence: Fence,
    /// Its number within the agency.
    pub number: i64,
    /// The order in its current form.
    pub order: NewJob,
    /// HighLevel's id and the name of the snapshot.
    pub snapshot: Option<(String, String)>,
    /// The location, once known.
    pub location: Option<String>,
    /// The business, once created.
    pub business: Option<BusinessId>,
    /// Whether it must be stopped and undone.
    pub cancelling: bool,
    /// Retries of the current step that were used up by failures.
    pub retries: i32,
    /// How many retries are allowed.
    pub max_retries: i32,
    /// The person who started it.
    pub requested_by: Option<UserId>,
    /// Its steps, in order.
    pub steps: Vec<RunningStep>,
    /// The step in which the former process ended without giving the job back. `None` if it gave the job back or
    /// let it wait.
    pub lost_step: Option<Step>,
}

/// A step of a claimed job.
#[derive(Clone, Debug)]
pub struct RunningStep {
    /// Id of its row.
    pub id: StepId,
    /// Which step.
    pub step: Step,
    /// Its state. `None` before it begins.
    pub status: Option<StepStatus>,
    /// Whether an attempt has begun and not ended.
    pub trying: bool,
    /// How long HighLevel has been failing this step. `None` if there is no trouble.
    pub trouble: Option<Duration>,
    /// How many processes in a row ended in the middle of it, with nothing done in between.
    pub lost_in_a_row: i32,
    /// Answers and requests of a person.
    pub input: Value,
    /// What it found or made.
    pub output: Value,
}

/// Claims a job, if it is free and due. The lease must be longer than the longest outside call. After an error the
/// transaction must not be committed. A job that is to be undone and whose order cannot be read ends here as cancelled.
pub async fn claim(tx: &mut TenantTx, job: JobId, owner: Uuid, lease: Duration) -> Result<Claim> {
    let agency = agency(tx)?;
    let Some(row) = sqlx::query!(
        r#"select status as "status: JobStatus", number, client_data_json, snapshot_id, location_id, sub_account_id, cancel_requested_at is not null as "cancelling!",
                  retry_count, max_retries, requested_by, attempt, lease_owner is not null as "held!",
                  coalesce(extract(epoch from lease_until - now()), 0)::float8 as "leased!", coalesce(extract(epoch from next_attempt_at - now()), 0)::float8 as "early!",
                  exists (select from agencies a where a.id = $1 and a.deleted_at is not null) as "in_trash!"
           from provisioning_jobs where agency_id = $1 and id = $2 for update"#,
        agency.0,
        job.0
    )
    .fetch_optional(tx.conn())
    .await?
    else {
        return Ok(Claim::Over);
    };
    if row.status.is_finished() || row.status == JobStatus::AwaitingInput {
        return Ok(Claim::Over);
    }
    let (wait, most) =
        if row.status == JobStatus::Retrying { (row.early, LONGEST_REST) } else { (row.leased, lease * 2) };
    if wait > 0.0 && wait <= most.as_secs_f64() {
        return Ok(Claim::Later(Duration::from_secs_f64(wait)));
    }
    if row.in_trash {
        return Ok(Claim::Later(TRASH_LOOK));
    }
    let lost_step = match row.status {
        JobStatus::InProgress => close_open(tx, job, row.held).await?,
        _ => None,
    };
    take(tx, job, owner, lease).await?;
    let fence = Fence { agency, job, attempt: row.attempt + 1, owner };
    let order = match order(row.client_data_json, row.snapshot_id) {
        Err(Error::Unreadable(_)) if row.cancelling => {
            unreadable::cancel(tx, &fence, row.location_id.as_deref(), row.sub_account_id.is_some()).await?;
            return Ok(Claim::Over);
        }
        // Any other job whose order cannot be read stays as it is; its work comes back.
        read => read?,
    };
    let snapshot_id = row.snapshot_id.map(SnapshotId);
    Ok(Claim::Mine(Box::new(Running {
        fence,
        number: row.number,
        order,
        snapshot: snapshot(tx, snapshot_id).await?,
        location: row.location_id,
        business: row.sub_account_id.map(BusinessId),
        cancelling: row.cancelling,
        retries: row.retry_count,
        max_retries: row.max_retries,
        requested_by: row.requested_by.map(UserId),
        steps: steps(tx, job).await?,
        lost_step,
    })))
}

async fn take(tx: &mut TenantTx, job: JobId, owner: Uuid, lease: Duration) -> Result<()> {
    let agency = agency(tx)?;
    sqlx::query!(
        "update provisioning_jobs set status = 'IN_PROGRESS', attempt = attempt + 1, lease_owner = $3, lease_until = now() + make_interval(secs => $4),
           next_attempt_at = null, started_at = coalesce(started_at, now())
         where agency_id = $1 and id = $2",
        agency.0,
        job.0,
        owner,
        lease.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    notify(tx, job, Some(JobStatus::InProgress), None).await
}

/// Closes the attempts that were still open when the job had no worker any more. With `vanished`, the worker ended
/// while it held the claim: its attempt counts as lost, and its step is returned. A worker that was asked to stop
/// gave its claim back first.
async fn close_open(tx: &mut TenantTx, job: JobId, vanished: bool) -> Result<Option<Step>> {
    let agency = agency(tx)?;
    let steps = sqlx::query_scalar!(
        r#"with ended as (
             update provisioning_attempts set finished_at = now(), outcome = case when $3 then 'lost' else 'again' end, error_class = case when $3 then 'lost' else 'given_back' end,
               error_detail = case when $3 then 'The worker stopped in the middle; another one took over.' else 'The worker was asked to end and gave the job back.' end
             where agency_id = $1 and finished_at is null and step_id = any (array(select id from provisioning_steps where agency_id = $1 and job_id = $2)) returning step_id)
           update provisioning_steps s set lost_in_a_row = s.lost_in_a_row + 1 where s.agency_id = $1 and s.job_id = $2 and $3 and s.id in (select step_id from ended) returning s.step"#,
        agency.0,
        job.0,
        vanished
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(steps.last().and_then(|step| Step::parse(step)))
}

async fn snapshot(tx: &mut TenantTx, id: Option<SnapshotId>) -> Result<Option<(String, String)>> {
    let agency = agency(tx)?;
    let Some(id) = id else { return Ok(None) };
    let row =
        sqlx::query!("select ghl_snapshot_id, name from snapshots where agency_id = $1 and id = $2", agency.0, id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|row| (row.ghl_snapshot_id, row.name)))
}

async fn steps(tx: &mut TenantTx, job: JobId) -> Result<Vec<RunningStep>> {
    let agency = agency(tx)?;
    let found = sqlx::query!(
        r#"select id, step, status as "status: StepStatus", input_json, output_json, lost_in_a_row, extract(epoch from now() - trouble_since)::float8 as trouble,
             coalesce((select true from provisioning_attempts a where a.agency_id = $1 and a.step_id = provisioning_steps.id and a.finished_at is null limit 1), false) as "trying!"
           from provisioning_steps where agency_id = $1 and job_id = $2 order by position"#,
        agency.0,
        job.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found
        .into_iter()
        .filter_map(|row| {
            let step = Step::parse(&row.step)?;
            Some(RunningStep {
                id: StepId(row.id),
                step,
                status: row.status,
                trying: row.trying,
                trouble: row.trouble.map(|secs| Duration::from_secs_f64(secs.max(0.0))),
                lost_in_a_row: row.lost_in_a_row,
                input: row.input_json,
                output: row.output_json,
            })
        })
        .collect())
}

/// Extends the lease of a live worker. Returns false if the job is no longer its own.
pub async fn heartbeat(tx: &mut TenantTx, fence: &Fence, lease: Duration) -> Result<bool> {
    let kept = sqlx::query!(
        "update provisioning_jobs set lease_until = now() + make_interval(secs => $5)
         where agency_id = $1 and id = $2 and attempt = $3 and lease_owner = $4",
        fence.agency.0,
        fence.job.0,
        fence.attempt,
        fence.owner,
        lease.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Gives an unfinished job back, so that any worker may claim it at once. An orderly stop of a process does this.
pub async fn release(tx: &mut TenantTx, fence: &Fence) -> Result<()> {
    sqlx::query!(
        "update provisioning_jobs set lease_owner = null, lease_until = null
         where agency_id = $1 and id = $2 and attempt = $3 and lease_owner = $4",
        fence.agency.0,
        fence.job.0,
        fence.attempt,
        fence.owner
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
