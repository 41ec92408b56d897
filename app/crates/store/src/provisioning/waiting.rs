//! Lets a job wait, as decided by the worker that holds it: for a poll or a limit, because of an outside problem,
//! or until the next attempt. The job is then `RETRYING`, and no worker holds it.

use std::time::Duration;

use domain::provisioning::{JobStatus, LogLevel, Step};
use serde_json::json;

use super::steps::{Cause, close, may_decide};
use super::{Fence, logs, notify};
use crate::{Result, TenantTx};

/// Result of asking for another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The step is tried again after the delay.
    Later,
    /// All allowed attempts are used up. Nothing was decided.
    Exhausted,
    /// A person wants the job to stop. Nothing was decided.
    Stopped,
}

/// Lets the step wait (for a poll, a limit or evidence) and gives the job back until then. `held` means that no
/// call could be made, so the wait says nothing about earlier trouble. Returns false and writes nothing if the job
/// must be stopped and undone first; this holds for every decision that leaves the job.
pub async fn wait(
    tx: &mut TenantTx,
    fence: &Fence,
    (step, undoing): (Step, bool),
    (reason, held): (&str, bool),
    delay: Duration,
) -> Result<bool> {
    if !may_decide(tx, fence, undoing).await? {
        return Ok(false);
    }
    logs::write(
        tx,
        fence,
        (Some(step), None),
        LogLevel::Info,
        reason,
        Some(&json!({ "wait_seconds": delay.as_secs_f64() })),
    )
    .await?;
    // During an undo, whatever keeps the job from ending counts as trouble, so that a person is asked after a
    // while.
    let wait_reason = match (undoing, held) {
        (true, _) => WaitReason::Trouble,
        (false, true) => WaitReason::Held,
        (false, false) => WaitReason::Poll,
    };
    set_waiting(tx, fence, (step, wait_reason, held), reason, delay).await.map(|()| true)
}

/// HighLevel fails or cannot be reached: the attempt ends, the next one begins after the delay, and no retry is
/// used up.
pub async fn outage(
    tx: &mut TenantTx,
    fence: &Fence,
    (step, undoing): (Step, bool),
    cause: &Cause,
    delay: Duration,
) -> Result<bool> {
    if !may_decide(tx, fence, undoing).await? {
        return Ok(false);
    }
    close(tx, fence, step, "again", Some(cause)).await?;
    let details = json!({ "class": cause.class, "wait_seconds": delay.as_secs_f64() });
    logs::write(tx, fence, (Some(step), None), LogLevel::Warn, &cause.detail, Some(&details)).await?;
    set_waiting(tx, fence, (step, WaitReason::Trouble, false), &cause.detail, delay).await.map(|()| true)
}

/// The attempt failed: the next one begins after the delay, unless all retries are used up.
pub async fn retry_later(
    tx: &mut TenantTx,
    fence: &Fence,
    (step, undoing): (Step, bool),
    cause: &Cause,
    delay: Duration,
    most: i32,
) -> Result<Again> {
    if !may_decide(tx, fence, undoing).await? {
        return Ok(Again::Stopped);
    }
    let row = sqlx::query!(
        "select retry_count, max_retries from provisioning_jobs where agency_id = $1 and id = $2",
        fence.agency.0,
        fence.job.0
    )
    .fetch_one(tx.conn())
    .await?;
    if row.retry_count >= row.max_retries.min(most) {
        return Ok(Again::Exhausted);
    }
    close(tx, fence, step, "again", Some(cause)).await?;
    let details = json!({ "class": cause.class, "wait_seconds": delay.as_secs_f64() });
    logs::write(tx, fence, (Some(step), None), LogLevel::Warn, &cause.detail, Some(&details)).await?;
    set_waiting(tx, fence, (step, WaitReason::Retry, false), &cause.detail, delay).await?;
    Ok(Again::Later)
}

/// Why a job waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WaitReason {
    /// A poll, a limit, or evidence that is still to come.
    Poll,
    /// No call could be made.
    Held,
    /// HighLevel fails or accepts no call. The time since when is stored.
    Trouble,
    /// A failure that uses up a retry.
    Retry,
}

/// Sets the job to `RETRYING` until the delay is over, and gives the lease back. `held` means that nothing was
/// done, so processes that ended in the step before still count.
async fn set_waiting(
    tx: &mut TenantTx,
    fence: &Fence,
    (step, wait_reason, held): (Step, WaitReason, bool),
    reason: &str,
    delay: Duration,
) -> Result<()> {
    let delay = delay.as_secs_f64();
    sqlx::query!(
        "update provisioning_steps set wait_reason = left($4, 200), wait_until = now() + make_interval(secs => $5),
           trouble_since = case when $6 then least(coalesce(trouble_since, now()), now()) when $7 then trouble_since end,
           lost_in_a_row = case when $8 then lost_in_a_row else 0 end
         where agency_id = $1 and job_id = $2 and step = $3",
        fence.agency.0,
        fence.job.0,
        step.key(),
        reason,
        delay,
        wait_reason == WaitReason::Trouble,
        wait_reason == WaitReason::Held,
        held
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update provisioning_jobs set status = 'RETRYING', next_attempt_at = now() + make_interval(secs => $3), retry_count = retry_count + $4, lease_owner = null, lease_until = null,
           error_message = case when $6 then left($5, 4000) else error_message end
         where agency_id = $1 and id = $2",
        fence.agency.0,
        fence.job.0,
        delay,
        i32::from(wait_reason == WaitReason::Retry),
        reason,
        matches!(wait_reason, WaitReason::Trouble | WaitReason::Retry)
    )
    .execute(tx.conn())
    .await?;
    notify(tx, fence.job, Some(JobStatus::Retrying), Some(step)).await
}
