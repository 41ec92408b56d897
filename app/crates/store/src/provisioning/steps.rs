//! Records the result of a step, as decided by the worker that holds the job. Each function is one decision in one
//! transaction: it checks the fence first, then writes the step, the attempt, the log and the notice. Without a
//! valid fence it returns `Stale` and writes nothing.

use std::time::Duration;

use domain::provisioning::{JobStatus, LogLevel, Question, Step, StepStatus, Summary};
use domain::{AgencyId, JobId, StepId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Fence, logs, news, notify};
use crate::{Error, Result, TenantTx, todos};

/// A step that has begun, or that goes on after a wait.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    /// Id of its row.
    pub id: StepId,
    /// Number of this attempt, from 1.
    pub attempt: i32,
    /// How long this attempt has lasted, including waits.
    pub elapsed: Duration,
    /// Whether the job is to be stopped.
    pub cancelling: bool,
}

/// Why something failed, for the log and the attempt.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Kind of the failure, in one word.
    pub class: &'static str,
    /// Description for people.
    pub detail: String,
}

/// Checks the fence and locks the job for this transaction. Returns whether the job is to be stopped.
pub(super) async fn hold(tx: &mut TenantTx, fence: &Fence) -> Result<bool> {
    sqlx::query_scalar!(
        r#"select cancel_requested_at is not null as "cancelling!" from provisioning_jobs
           where agency_id = $1 and id = $2 and attempt = $3 and lease_owner = $4 for update"#,
        fence.agency.0,
        fence.job.0,
        fence.attempt,
        fence.owner
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::Stale)
}

/// Locks the job for a decision and returns whether the decision may be written. It may not if a person wants the
/// job to stop and it is not being undone yet: whatever the decision is, the undo comes first.
pub(super) async fn may_decide(tx: &mut TenantTx, fence: &Fence, undoing: bool) -> Result<bool> {
    Ok(!hold(tx, fence).await? || undoing)
}

/// Begins a step, or continues the attempt that waited.
pub async fn begin(tx: &mut TenantTx, fence: &Fence, step: Step) -> Result<Begun> {
    let cancelling = hold(tx, fence).await?;
    let row = sqlx::query!(
        r#"update provisioning_steps set status = 'STARTED', wait_reason = null, wait_until = null, finished_at = null, started_at = coalesce(started_at, now())
           where agency_id = $1 and job_id = $2 and step = $3
           returning id, attempts, input_json,
             (select extract(epoch from now() - a.started_at)::float8 from provisioning_attempts a where a.agency_id = $1 and a.step_id = provisioning_steps.id and a.finished_at is null order by a.attempt desc limit 1) as open"#,
        fence.agency.0,
        fence.job.0,
        step.key()
    )
    .fetch_one(tx.conn())
    .await?;
    if let Some(elapsed) = row.open {
        if elapsed < 0.0 {
            begins_now(tx, fence.agency, StepId(row.id)).await?;
        }
        let elapsed = Duration::from_secs_f64(elapsed.max(0.0));
        return Ok(Begun { id: StepId(row.id), attempt: row.attempts, elapsed, cancelling });
    }
    let attempt = row.attempts + 1;
    sqlx::query!(
        "with s as (update provisioning_steps set attempts = $4 where agency_id = $1 and id = $2)
         insert into provisioning_attempts (id, agency_id, step_id, attempt, lease_owner, input_json) values ($3, $1, $2, $4, $5, $6)",
        fence.agency.0,
        row.id,
        Uuid::now_v7(),
        attempt,
        fence.owner,
        row.input_json
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update provisioning_jobs set current_step = $3 where agency_id = $1 and id = $2",
        fence.agency.0,
        fence.job.0,
        step.key()
    )
    .execute(tx.conn())
    .await?;
    let message = match (cancelling, attempt) {
        (true, _) => "Rolling this step back.".to_owned(),
        (false, 1) => step.about().to_owned(),
        (false, _) => format!("Attempt {attempt}."),
    };
    logs::write(tx, fence, (Some(step), Some(StepStatus::Started)), LogLevel::Info, &message, None).await?;
    notify(tx, fence.job, Some(JobStatus::InProgress), Some(step)).await?;
    Ok(Begun { id: StepId(row.id), attempt, elapsed: Duration::ZERO, cancelling })
}

/// Resets the start of an open attempt that began while the database's clock was ahead: its time counts from now.
async fn begins_now(tx: &mut TenantTx, agency: AgencyId, step: StepId) -> Result<()> {
    sqlx::query!(
        "update provisioning_attempts set started_at = now() where agency_id = $1 and step_id = $2 and finished_at is null and started_at > now()",
        agency.0,
        step.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Completes the step.
pub async fn finish(tx: &mut TenantTx, fence: &Fence, step: Step, output: &Value, message: &str) -> Result<()> {
    hold(tx, fence).await?;
    end(tx, fence, step, StepStatus::Completed, Some(output)).await?;
    close(tx, fence, step, "done", None).await?;
    sqlx::query!(
        "update provisioning_jobs set retry_count = 0, error_message = null
         where agency_id = $1 and id = $2 and (retry_count > 0 or error_message is not null)",
        fence.agency.0,
        fence.job.0
    )
    .execute(tx.conn())
    .await?;
    logs::write(tx, fence, (Some(step), Some(StepStatus::Completed)), LogLevel::Info, message, Some(output)).await?;
    notify(tx, fence.job, None, Some(step)).await
}

/// Skips the step.
pub async fn skip(tx: &mut TenantTx, fence: &Fence, step: Step, why: &str) -> Result<()> {
    hold(tx, fence).await?;
    end(tx, fence, step, StepStatus::Skipped, None).await?;
    close(tx, fence, step, "done", None).await?;
    logs::write(tx, fence, (Some(step), Some(StepStatus::Skipped)), LogLevel::Info, why, None).await?;
    notify(tx, fence.job, None, Some(step)).await
}

/// Records that what the step made is undone, or that nothing had to be undone. The note says what is left.
pub async fn undone(tx: &mut TenantTx, fence: &Fence, step: Step, note: &Value, message: &str) -> Result<()> {
    hold(tx, fence).await?;
    sqlx::query!(
        "update provisioning_steps set output_json = output_json || jsonb_build_object('undone', $4::jsonb) where agency_id = $1 and job_id = $2 and step = $3",
        fence.agency.0,
        fence.job.0,
        step.key(),
        note
    )
    .execute(tx.conn())
    .await?;
    end(tx, fence, step, StepStatus::Undone, None).await?;
    close(tx, fence, step, "done", None).await?;
    logs::write(tx, fence, (Some(step), Some(StepStatus::Undone)), LogLevel::Info, message, Some(note)).await?;
    notify(tx, fence.job, None, Some(step)).await
}

/// Stores what the step knows so far.
pub async fn save_output(tx: &mut TenantTx, fence: &Fence, step: Step, output: &Value) -> Result<()> {
    hold(tx, fence).await?;
    sqlx::query!(
        "update provisioning_steps set output_json = $4, lost_in_a_row = 0 where agency_id = $1 and job_id = $2 and step = $3",
        fence.agency.0,
        fence.job.0,
        step.key(),
        output
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets the job wait for a person's answer. Returns false and writes nothing if the job must be stopped and undone
/// first.
pub async fn ask(tx: &mut TenantTx, fence: &Fence, question: &Question, undoing: bool) -> Result<bool> {
    if !may_decide(tx, fence, undoing).await? {
        return Ok(false);
    }
    let cause = Cause { class: "asked", detail: question.what.clone() };
    close(tx, fence, question.step, "ask", Some(&cause)).await?;
    let json = serde_json::to_value(question).unwrap_or_else(|_| json!({}));
    logs::write(
        tx,
        fence,
        (Some(question.step), None),
        LogLevel::Warn,
        &format!("{} {}", question.what, question.ask),
        None,
    )
    .await?;
    leave(tx, fence, JobStatus::AwaitingInput, Some(&question.what), Some(&json)).await.map(|()| true)
}

/// Fails the step, and the job with it. Returns false as `ask` does.
pub async fn fail(tx: &mut TenantTx, fence: &Fence, (step, undoing): (Step, bool), cause: &Cause) -> Result<bool> {
    if !may_decide(tx, fence, undoing).await? {
        return Ok(false);
    }
    end(tx, fence, step, StepStatus::Failed, None).await?;
    close(tx, fence, step, "gave_up", Some(cause)).await?;
    logs::write(
        tx,
        fence,
        (Some(step), Some(StepStatus::Failed)),
        LogLevel::Error,
        &cause.detail,
        Some(&json!({ "class": cause.class })),
    )
    .await?;
    leave(tx, fence, JobStatus::Failed, Some(&cause.detail), None).await.map(|()| true)
}

/// Completes the job after all its steps. Returns false as `ask` does.
pub async fn complete(tx: &mut TenantTx, fence: &Fence) -> Result<bool> {
    if !may_decide(tx, fence, false).await? {
        return Ok(false);
    }
    logs::write(tx, fence, (None, None), LogLevel::Info, "The job is done.", None).await?;
    let left = sqlx::query_scalar!(
        "select output_json -> 'summary' from provisioning_steps where agency_id = $1 and job_id = $2 and step = $3",
        fence.agency.0,
        fence.job.0,
        Step::Finish.key()
    )
    .fetch_optional(tx.conn())
    .await?;
    let left = left.flatten().and_then(|summary| serde_json::from_value::<Summary>(summary).ok());
    todos::leave(tx, fence.job, &left.unwrap_or_default(), true).await?;
    leave(tx, fence, JobStatus::Completed, None, None).await.map(|()| true)
}

/// Ends a job after everything that could be undone was undone. The summary stays with the last step.
pub async fn cancelled(tx: &mut TenantTx, fence: &Fence, summary: &Summary) -> Result<()> {
    hold(tx, fence).await?;
    end_cancelled(tx, fence, summary, (LogLevel::Info, "The job is canceled."), None).await
}

/// Ends a job that this worker holds as cancelled, with the last line of its log and what the list shows as its error.
pub(super) async fn end_cancelled(
    tx: &mut TenantTx,
    fence: &Fence,
    summary: &Summary,
    (level, line): (LogLevel, &str),
    error: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "update provisioning_steps set output_json = output_json || jsonb_build_object('summary', $4::jsonb) where agency_id = $1 and job_id = $2 and step = $3",
        fence.agency.0,
        fence.job.0,
        Step::Finish.key(),
        serde_json::to_value(summary).unwrap_or_else(|_| json!({}))
    )
    .execute(tx.conn())
    .await?;
    end_waits(tx, fence.agency, fence.job).await?;
    todos::leave(tx, fence.job, summary, false).await?;
    logs::write(tx, fence, (None, None), level, line, None).await?;
    leave(tx, fence, JobStatus::Cancelled, error, None).await
}

/// Ends all attempts and waits of a job that has ended or that a person resumes. A step that is to be skipped, or
/// left as it is, keeps its count of processes that ended in it, so that it is not tried once more.
pub(super) async fn end_waits(tx: &mut TenantTx, agency: AgencyId, job: JobId) -> Result<()> {
    sqlx::query!(
        "with s as (update provisioning_steps set wait_reason = null, wait_until = null, trouble_since = null,
                      lost_in_a_row = case when input_json ?| array['skip', 'leave'] then lost_in_a_row else 0 end
                    where agency_id = $1 and job_id = $2 and (wait_until is not null or trouble_since is not null or lost_in_a_row > 0))
         update provisioning_attempts set outcome = 'again', finished_at = now()
         where agency_id = $1 and finished_at is null and step_id = any (array(select id from provisioning_steps where agency_id = $1 and job_id = $2))",
        agency.0,
        job.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn end(tx: &mut TenantTx, fence: &Fence, step: Step, status: StepStatus, output: Option<&Value>) -> Result<()> {
    sqlx::query!(
        "update provisioning_steps set status = $4, output_json = coalesce($5, output_json), wait_reason = null, wait_until = null, trouble_since = null,
           lost_in_a_row = 0, started_at = coalesce(started_at, now()), finished_at = now()
         where agency_id = $1 and job_id = $2 and step = $3",
        fence.agency.0,
        fence.job.0,
        step.key(),
        status as StepStatus,
        output
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the open attempt of a step, if there is one.
pub(super) async fn close(
    tx: &mut TenantTx,
    fence: &Fence,
    step: Step,
    outcome: &str,
    cause: Option<&Cause>,
) -> Result<()> {
    sqlx::query!(
        "update provisioning_attempts set outcome = $4, error_class = $5, error_detail = left($6, 4000), finished_at = now()
         where agency_id = $1 and finished_at is null
           and step_id = (select id from provisioning_steps where agency_id = $1 and job_id = $2 and step = $3)",
        fence.agency.0,
        fence.job.0,
        step.key(),
        outcome,
        cause.map(|cause| cause.class),
        cause.map(|cause| cause.detail.as_str())
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Leaves the job in a state in which no worker holds it.
async fn leave(
    tx: &mut TenantTx,
    fence: &Fence,
    status: JobStatus,
    error: Option<&str>,
    question: Option<&Value>,
) -> Result<()> {
    sqlx::query!(
        "update provisioning_jobs set status = $3::provisioning_job_status, error_message = left($4, 4000), question_json = $5, next_attempt_at = null, lease_owner = null, lease_until = null,
           finished_at = case when $3::provisioning_job_status in ('COMPLETED', 'FAILED', 'CANCELLED') then now() end
         where agency_id = $1 and id = $2",
        fence.agency.0,
        fence.job.0,
        status as JobStatus,
        error,
        question
    )
    .execute(tx.conn())
    .await?;
    news::tell(tx, fence, status, error).await?;
    notify(tx, fence.job, Some(status), None).await
}
