//! Operations on provisioning jobs: start, retry, resume, cancel and undo.

use domain::JobId;
use domain::field::FieldError;
use domain::permission::Right;
use domain::provisioning::{Checked, JobStatus, Operation, Resume};
use store::agencies;
use store::provisioning::{self as jobs, RequestKey, Start, Started};
use store::tenant::TenantTx;

use crate::{Actor, Refusal};

/// Starts a job. The same key with the same order returns the same job.
///
/// # Errors
/// `Duplicate` if the order resembles a business or job of the agency and does not say `create_anyway`; `Invalid` if the
/// snapshot is not offered; `KeyReused` if the key belongs to another order; `State` if the agency is paused.
pub async fn start(actor: &Actor, order: &Checked, key: Option<&str>) -> Result<Started, Refusal> {
    let allowed = actor.require(Right::Provision)?;
    if agencies::is_paused(allowed.db(), allowed.scope()).await? {
        let text = "Your agency is paused, so no new jobs can start. Ask your Slipway administrator.";
        return Err(Refusal::State(text.to_owned()));
    }
    let key = key.map(|key| RequestKey { key, token: actor.token_id() });
    match jobs::start_unless_duplicate(allowed.db(), allowed.scope(), order, key).await {
        Ok(Start::Started(started)) => Ok(started),
        Ok(Start::Duplicates(found)) => Err(Refusal::Duplicate(found)),
        Err(store::Error::Taken(constraint)) if constraint == jobs::KEY_TAKEN => Err(Refusal::KeyReused),
        Err(store::Error::Refused(what)) if what == "snapshot_id" => Err(Refusal::Invalid(vec![FieldError::new(
            "/snapshot_id",
            "This snapshot is no longer available. Choose another one, or none.",
        )])),
        Err(error) => Err(error.into()),
    }
}

/// What became of an operation on several jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Jobs that it changed.
    pub done: usize,
    /// Jobs whose state does not allow it any more.
    pub late: usize,
    /// The status of the last job that it changed.
    pub status: JobStatus,
}

/// Applies an operation to every job whose state allows it, in one transaction.
///
/// # Errors
/// `State` if no job allows it; `NotFound` if one of them does not exist. Then nothing is changed.
pub async fn apply(actor: &Actor, operation: Operation, ids: &[JobId]) -> Result<Applied, Refusal> {
    let mut tx = actor.require(Right::Provision)?.begin().await?;
    let (mut done, mut late, mut last) = (0, 0, None);
    for id in ids {
        match one(&mut tx, operation, *id).await {
            Ok(status) => {
                done += 1;
                last = Some(status);
            }
            Err(store::Error::Stale) => late += 1,
            Err(other) => return Err(other.into()),
        }
    }
    let Some(status) = last else { return Err(Refusal::State(forbidden(operation, ids.len()))) };
    tx.commit().await?;
    Ok(Applied { done, late, status })
}

async fn one(tx: &mut TenantTx, operation: Operation, id: JobId) -> store::Result<JobStatus> {
    match operation {
        Operation::Retry => jobs::retry(tx, id).await,
        // A job that has stopped cannot be cancelled, so what it made is undone at once.
        Operation::Cancel => match jobs::cancel(tx, id).await {
            Err(store::Error::Stale) => jobs::undo(tx, id).await,
            other => other,
        },
        Operation::Undo => jobs::undo(tx, id).await,
        // Resuming needs its input: see `resume`.
        Operation::Resume => Err(store::Error::Stale),
    }
}

/// Resumes a job with changed input, with an answer, or without the failed step.
///
/// # Errors
/// `Invalid` with the fields that are wrong; `State` if the job's state does not allow it.
pub async fn resume(actor: &Actor, id: JobId, with: &Resume) -> Result<JobStatus, Refusal> {
    let mut tx = actor.require(Right::Provision)?.begin().await?;
    let status = match jobs::resume(&mut tx, id, with).await {
        Ok(Ok(status)) => status,
        Ok(Err(errors)) => return Err(Refusal::Invalid(errors)),
        Err(store::Error::Stale) => return Err(Refusal::State(forbidden(Operation::Resume, 1))),
        Err(store::Error::Unreadable(_)) => {
            let text =
                "The stored order of this job can't be read, so it can't continue. Cancel it and start a new job.";
            return Err(Refusal::State(text.to_owned()));
        }
        Err(other) => return Err(other.into()),
    };
    tx.commit().await?;
    Ok(status)
}

/// Why no job was changed, as a sentence.
fn forbidden(operation: Operation, jobs: usize) -> String {
    match (jobs, operation) {
        (0, _) => "Select at least one job first.".to_owned(),
        (1, Operation::Retry) => "This job is already running, or it has ended. Nothing was changed.".to_owned(),
        (1, Operation::Cancel) => "This job was already canceled or done. There's nothing to cancel.".to_owned(),
        (1, Operation::Resume) => "This job has already resumed, or it has ended. Nothing was changed.".to_owned(),
        (1, Operation::Undo) => "This job has already resumed, or it has ended. Nothing was rolled back.".to_owned(),
        (n, _) => format!("None of the {n} jobs is in a state that allows this. Nothing was changed."),
    }
}
