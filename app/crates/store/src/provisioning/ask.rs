//! Requests to a job by a person or the API: retry, resume, cancel and undo. A request never changes a job that a
//! worker is running, except for the cancel flag. `Stale` means that the job's state forbids the request.

use domain::JobId;
use domain::field::FieldError;
use domain::notifications::Kind;
use domain::provisioning::{Answer, JobStatus, NewJob, Operation, Question, QuestionKind, Resume, Step};
use serde_json::{Value, json};
use uuid::Uuid;

use super::steps::end_waits;
use super::{agency, notify, order, record};
use crate::queue::wake_job;
use crate::{Error, Result, TenantTx, notifications};

/// The current state of a job, locked until the transaction ends.
struct Held {
    job: JobId,
    status: JobStatus,
    cancelling: bool,
    step: Option<Step>,
    stored: Value,
    snapshot: Option<Uuid>,
    question: Option<Question>,
    /// Whether anything exists, or may exist, that must be undone.
    made_something: bool,
}

async fn hold(tx: &mut TenantTx, job: JobId) -> Result<Held> {
    let agency = agency(tx)?;
    let row = sqlx::query!(
        r#"select status as "status: JobStatus", cancel_requested_at is not null as "cancelling!", current_step, client_data_json, snapshot_id, question_json,
                  archived_at is not null as "archived!", location_id is not null or sub_account_id is not null
                  or exists (select from effects e where e.agency_id = $1 and e.job_id = $2 and e.state in ('IN_DOUBT', 'CONFIRMED')) as "made_something!"
           from provisioning_jobs where agency_id = $1 and id = $2 for update"#,
        agency.0,
        job.0
    )
    .fetch_one(tx.conn())
    .await?;
    // The data that the job needs to go on was removed.
    if row.archived {
        return Err(Error::Stale);
    }
    Ok(Held {
        job,
        status: row.status,
        cancelling: row.cancelling,
        step: row.current_step.as_deref().and_then(Step::parse),
        stored: row.client_data_json,
        snapshot: row.snapshot_id,
        question: row.question_json.and_then(|json| serde_json::from_value(json).ok()),
        made_something: row.made_something,
    })
}

impl Held {
    /// Refuses an operation that the job's state forbids.
    fn allow(self, operation: Operation) -> Result<Self> {
        if self.status.allows(operation) { Ok(self) } else { Err(Error::Stale) }
    }
}

/// Puts the job into a state and clears what belonged to the former state.
async fn put(tx: &mut TenantTx, held: &Held, status: JobStatus, cancel: bool) -> Result<JobStatus> {
    let agency = agency(tx)?;
    sqlx::query!(
        "update provisioning_jobs set status = $3::provisioning_job_status, question_json = null, retry_count = 0, next_attempt_at = null, lease_owner = null, lease_until = null,
           error_message = case when $3::provisioning_job_status in ('PENDING', 'IN_PROGRESS') then null else error_message end,
           finished_at = case when $3::provisioning_job_status = 'CANCELLED' then now() end,
           cancel_requested_at = case when $4 then coalesce(cancel_requested_at, now()) else cancel_requested_at end
         where agency_id = $1 and id = $2",
        agency.0,
        held.job.0,
        status as JobStatus,
        cancel
    )
    .execute(tx.conn())
    .await?;
    // A person's request ends the current wait: its attempt does not count as lost, and earlier trouble no longer
    // counts.
    end_waits(tx, agency, held.job).await?;
    notifications::settle(tx, held.job, &[Kind::JobFailed, Kind::JobNeedsInput]).await?;
    notify(tx, held.job, Some(status), held.step).await?;
    if status != JobStatus::Cancelled {
        wake_job(tx, held.job.0).await?;
    }
    Ok(status)
}

/// Repeats the failed step, or ends the current wait.
pub async fn retry(tx: &mut TenantTx, job: JobId) -> Result<JobStatus> {
    let held = hold(tx, job).await?.allow(Operation::Retry)?;
    record(tx, "provisioning.retry", job).await?;
    if held.status == JobStatus::Failed {
        return put(tx, &held, JobStatus::Pending, false).await;
    }
    let agency = agency(tx)?;
    sqlx::query!(
        "update provisioning_jobs set next_attempt_at = now() where agency_id = $1 and id = $2",
        agency.0,
        job.0
    )
    .execute(tx.conn())
    .await?;
    wake_job(tx, job.0).await?;
    Ok(held.status)
}

/// Stops the job after the current call and undoes what it made. A job that made nothing ends at once.
pub async fn cancel(tx: &mut TenantTx, job: JobId) -> Result<JobStatus> {
    let held = hold(tx, job).await?.allow(Operation::Cancel)?;
    // A worker already handles the cancellation. A job that waits for an answer during its undo goes on with the
    // undo instead.
    if held.cancelling && matches!(held.status, JobStatus::Pending | JobStatus::InProgress | JobStatus::Retrying) {
        return Ok(held.status);
    }
    record(tx, "provisioning.cancel", job).await?;
    if held.status == JobStatus::InProgress {
        let agency = agency(tx)?;
        sqlx::query!(
            "update provisioning_jobs set cancel_requested_at = now() where agency_id = $1 and id = $2",
            agency.0,
            job.0
        )
        .execute(tx.conn())
        .await?;
        notify(tx, job, Some(held.status), held.step).await?;
        return Ok(held.status);
    }
    let next = match held.status {
        _ if !held.made_something => JobStatus::Cancelled,
        JobStatus::Retrying => JobStatus::InProgress,
        JobStatus::AwaitingInput | JobStatus::Pending => JobStatus::Pending,
        other => other,
    };
    put(tx, &held, next, true).await
}

/// Undoes what a stopped job made.
pub async fn undo(tx: &mut TenantTx, job: JobId) -> Result<JobStatus> {
    let held = hold(tx, job).await?.allow(Operation::Undo)?;
    record(tx, "provisioning.undo", job).await?;
    put(tx, &held, JobStatus::Pending, true).await
}

/// Resumes a job with changed input, with an answer, or without the step. The inner error names the fields that
/// cannot be accepted.
pub async fn resume(
    tx: &mut TenantTx,
    job: JobId,
    with: &Resume,
) -> Result<std::result::Result<JobStatus, Vec<FieldError>>> {
    let held = hold(tx, job).await?.allow(Operation::Resume)?;
    // A job that waits for an answer during its undo accepts answers and goes on with the undo.
    let skip = with.skip || with.answer.as_ref().is_some_and(|answer| answer.choice == "skip");
    let order = match changed(&held, order(held.stored.clone(), held.snapshot)?, with, skip) {
        Ok(order) => order,
        Err(errors) => return Ok(Err(errors)),
    };
    let answer = match with.answer.as_ref().filter(|_| !skip).map(|answer| accepted(&held, answer)).transpose() {
        Ok(answer) => answer,
        Err(error) => return Ok(Err(vec![error])),
    };
    store_order(tx, &held, order.as_ref()).await?;
    if let Some(step) = held.step {
        let wish = match (skip, held.cancelling, answer) {
            // During an undo, to skip a step means that what it made stays where it is.
            (true, true, _) => json!({ "leave": true }),
            (true, false, _) => json!({ "skip": true }),
            (false, _, Some(answer)) => answer,
            (false, _, None) => json!({}),
        };
        store_input(tx, job, step, &wish).await?;
    }
    record(tx, "provisioning.resume", job).await?;
    put(tx, &held, JobStatus::Pending, false).await.map(Ok)
}

/// Resumes one job, unless it asks a different question by now or somebody else was faster. Returns whether it was
/// resumed.
pub(super) async fn resume_reconnected(tx: &mut TenantTx, job: JobId) -> Result<bool> {
    let asks = |held: &Held| held.question.as_ref().is_some_and(|question| question.kind == QuestionKind::Reconnect);
    if !hold(tx, job).await.is_ok_and(|held| asks(&held)) {
        return Ok(false);
    }
    let again = Answer { choice: "again".to_owned(), value: None };
    match resume(tx, job, &Resume { answer: Some(again), ..Resume::default() }).await {
        Ok(done) => Ok(done.is_ok()),
        Err(Error::Stale | Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns the order with the changes applied and checked. `None` if nothing changes.
fn changed(
    held: &Held,
    stored: NewJob,
    with: &Resume,
    skip: bool,
) -> std::result::Result<Option<NewJob>, Vec<FieldError>> {
    let mut order = stored.clone();
    if skip {
        match held.step {
            Some(_) if held.cancelling => {}
            Some(step) if step.skip_consequence().is_some() => {}
            _ => return Err(vec![FieldError::new("/skip", "This step cannot be left out.")]),
        }
        if held.step == Some(Step::ValidateSnapshot) && !held.cancelling {
            order.snapshot_id = None;
        }
    }
    if let Some(change) = &with.input {
        order.client = change.apply(&order.client);
        order = order
            .check()
            .map_err(|errors| {
                errors
                    .into_iter()
                    .map(|error| FieldError::new(error.pointer.replacen("/client/", "/input/", 1), error.detail))
                    .collect::<Vec<_>>()
            })?
            .into_inner();
    }
    Ok(Some(order).filter(|order| *order != stored))
}

/// Returns the answer as the step gets it, if it is one of the choices and contains the value that the choice needs. A
/// typed value may be wrong, so its question goes along and can be asked again.
fn accepted(held: &Held, answer: &Answer) -> std::result::Result<Value, FieldError> {
    let choices = held.question.as_ref().map(|question| question.choices.as_slice()).unwrap_or_default();
    let wrong = || FieldError::new("/answer", "Answer with one of the choices of the question.");
    let choice = choices
        .iter()
        .find(|choice| {
            choice.key == answer.choice
                && (choice.needs.is_some()
                    || choice.value.is_none()
                    || answer.value.is_none()
                    || choice.value == answer.value)
        })
        .ok_or_else(wrong)?;
    let typed = answer.value.as_deref().map(domain::text::line).filter(|value| !value.is_empty());
    let value = typed.or_else(|| choice.value.clone());
    if let (Some(what), None) = (&choice.needs, &value) {
        return Err(FieldError::new("/answer/value", format!("Enter the {}.", what.replacen("Sub", "sub", 1))));
    }
    if value.as_deref().is_some_and(|value| !domain::text::fits(value, 255)) {
        return Err(FieldError::new("/answer/value", domain::text::TextError::Long(255).say("")));
    }
    let given = json!({ "choice": choice.key, "value": value });
    Ok(match held.question.as_ref().filter(|_| choice.needs.is_some()) {
        Some(question) => json!({ "answer": given, "asked": question }),
        None => json!({ "answer": given }),
    })
}

async fn store_order(tx: &mut TenantTx, held: &Held, order: Option<&NewJob>) -> Result<()> {
    let Some(order) = order else { return Ok(()) };
    let agency = agency(tx)?;
    sqlx::query!(
        "update provisioning_jobs set client_data_json = client_data_json || $3, snapshot_id = $4 where agency_id = $1 and id = $2",
        agency.0,
        held.job.0,
        order.replace_stored(&held.stored),
        order.snapshot_id.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores the person's request with the step. The worker resolves every write in doubt before it skips the step.
async fn store_input(tx: &mut TenantTx, job: JobId, step: Step, wish: &Value) -> Result<()> {
    let agency = agency(tx)?;
    sqlx::query!(
        "update provisioning_steps set input_json = input_json - 'skip' - 'leave' - 'answer' - 'asked' || $4
         where agency_id = $1 and job_id = $2 and step = $3",
        agency.0,
        job.0,
        step.key(),
        wish
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
