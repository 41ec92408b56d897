//! Runs a job: claims it, runs its steps, and lets `settle.rs` record the consequence when a step stops. Cancelling
//! runs the plan backwards. If this worker dies at any point, the next worker continues from the stored rows.

use std::time::Duration;

use domain::JobId;
use domain::provisioning::{EffectState, LogLevel, Step, StepStatus, Summary};
use domain::{AgencyId, identity::Reach};
use store::provisioning::{self as rows, Claim};
use store::queue::{self, Claimed};
use store::{Scope, TenantTx};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::crashes;
use super::heartbeat;
use super::manual_todos;
use super::plan::{self, Undo};
use super::run::Run;
use super::settle::{self, finish_item};
use super::step::{self, Made, Stop};
use super::steps;
use crate::Worker;
use crate::kill_points::KillPoint;
use crate::queue::release_item;
use crate::time_scale::secs;

/// How long a claim lasts without a heartbeat: longer than any call may take.
pub const LEASE: Duration = secs(60);

/// Continues the job of a work item as far as possible now. The last decision completes or reschedules the item.
pub async fn carry_on(worker: &Worker, item: &Claimed, stopping: &CancellationToken) {
    let (Some(agency), Some(job)) = (item.agency, item.subject.map(JobId)) else {
        return drop_item(worker, item).await;
    };
    match claim(worker, agency, job).await {
        Ok(Claim::Mine(running)) => {
            drive_with_heartbeat(Run::new(worker.clone(), *running, stopping.clone()), item, stopping).await;
        }
        Ok(Claim::Later(delay)) => release_item(worker, item, worker.time_scale.real(delay)).await,
        Ok(Claim::Over) => drop_item(worker, item).await,
        Err(error) => {
            tracing::warn!(%job, %error, "a job could not be claimed; its work comes back soon");
            // An error that does not pass by itself needs a person who reads this log; there is no need to log it
            // every two seconds.
            release_item(worker, item, if error.is_retryable() { secs(2) } else { secs(60) }).await;
        }
    }
}

async fn claim(worker: &Worker, agency: AgencyId, job: JobId) -> store::Result<Claim> {
    let mut tx = agency_tx(worker, agency).await?;
    let claim = rows::claim(&mut tx, job, worker.me, worker.time_scale.guard(LEASE)).await?;
    tx.commit().await?;
    Ok(claim)
}

async fn agency_tx(worker: &Worker, agency: AgencyId) -> store::Result<TenantTx> {
    TenantTx::begin(&worker.db, Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }).await
}

async fn drop_item(worker: &Worker, item: &Claimed) {
    let done = async {
        let mut tx = TenantTx::begin(&worker.db, Scope::Open).await?;
        queue::complete(&mut tx, item.id, worker.me).await?;
        tx.commit().await
    };
    if done.await.is_err() {
        release_item(worker, item, secs(2)).await;
    }
}

/// Runs the job until it waits or ends, or until the claim is lost.
async fn drive_with_heartbeat(mut run: Run, item: &Claimed, stopping: &CancellationToken) {
    let (worker, fence, lost) = (run.worker.clone(), run.job.fence, CancellationToken::new());
    // The task ends with this function in every case, so that no heartbeat continues for work that panicked.
    let _heartbeat = AbortOnDropHandle::new(tokio::spawn(heartbeat::heartbeat(worker.clone(), fence, lost.clone())));
    tokio::select! {
        end = drive(&mut run, item) => match end {
            Err(Stop::Leaving) => release(&worker, fence, item).await,
            end => release_undecided(&worker, item, end).await,
        },
        () = lost.cancelled() => release_undecided(&worker, item, Err(Stop::Lost)).await,
        () = give_back(stopping, &worker) => release(&worker, fence, item).await,
    }
}

/// Releases the work item when nothing could be decided. The next claim checks the current state.
async fn release_undecided(worker: &Worker, item: &Claimed, end: Result<(), Stop>) {
    match end {
        Ok(()) => {}
        #[cfg(feature = "testing")]
        Err(Stop::Died) => {}
        Err(stop) => {
            tracing::warn!(subject = ?item.subject, ?stop, "a job was left as it is");
            release_item(worker, item, secs(2)).await;
        }
    }
}

/// Completes when the worker was asked to stop and the time to finish the current step is over. Releasing the job
/// then still fits into the 25 s in which the process must end.
async fn give_back(stopping: &CancellationToken, worker: &Worker) {
    stopping.cancelled().await;
    tokio::time::sleep(worker.time_scale.guard(secs(20))).await;
}

async fn release(worker: &Worker, fence: rows::Fence, item: &Claimed) {
    let released = async {
        let mut tx = agency_tx(worker, fence.agency).await?;
        rows::release(&mut tx, &fence).await?;
        queue::reschedule(&mut tx, item.id, worker.me, Duration::ZERO).await?;
        tx.commit().await
    };
    if let Err(error) = released.await {
        tracing::warn!(%error, "a job could not be given back; its lease will end by itself");
    }
}

/// Runs the remaining steps, forward or backward, and records how that ended.
async fn drive(run: &mut Run, item: &Claimed) -> Result<(), Stop> {
    run.kill_point(KillPoint::Written)?;
    let ended = match (crashes::judge(run), run.job.cancelling) {
        (Err(stop), _) => settle::settle(run, item, stop).await,
        (Ok(()), true) => Err(Stop::Cancel),
        (Ok(()), false) => match forward(run, item).await {
            Err(stop) => settle::settle(run, item, stop).await,
            done => done,
        },
    };
    let ended = match ended {
        Err(Stop::Cancel) => match backward(run, item).await {
            Err(stop) => settle::settle(run, item, stop).await,
            done => done,
        },
        other => other,
    };
    match ended {
        // The consequence could not be recorded as decided, but the failure can.
        Err(Stop::Again(cause)) => settle::fail(run, item, cause).await,
        other => other,
    }
}

async fn forward(run: &mut Run, item: &Claimed) -> Result<(), Stop> {
    for step in Step::ALL {
        run.step = step;
        if run.row(step).is_some_and(|row| row.status.is_some_and(StepStatus::is_over)) {
            continue;
        }
        if step.needs_snapshot() && run.job.order.snapshot_id.is_none() {
            skip(run, "No snapshot was ordered.").await?;
            continue;
        }
        take_step(run).await?;
    }
    let mut tx = run.tx().await?;
    if !rows::complete(&mut tx, &run.job.fence).await? {
        return Err(Stop::Cancel);
    }
    finish_item(&mut tx, run, item).await?;
    run.commit(tx).await
}

/// Runs one step: start, check, make, finish. A refused token is renewed once.
async fn take_step(run: &mut Run) -> Result<(), Stop> {
    run.may_begin()?;
    run.may_repeat()?;
    begin(run).await?;
    if run.begun.is_some_and(|begun| begun.cancelling) {
        return Err(Stop::Cancel);
    }
    let made = match look_and_make(run).await {
        Err(Stop::Unauthorised) => {
            run.line(LogLevel::Warn, "HighLevel rejected our access; renewing it once.", None).await?;
            run.renew().await?;
            look_and_make(run).await
        }
        Err(Stop::Scope(_)) if run.mints_anew() => look_and_make(run).await,
        other => other,
    };
    match made? {
        Some(made) => finish(run, made).await,
        None => skip(run, run.step.skip_consequence().unwrap_or("Skipped on request.")).await,
    }
}

/// Returns `None` if a person asked to skip the step. Even then, writes with an unknown outcome are settled first,
/// as far as HighLevel answers: skipping a step must not depend on the system that makes the step fail. A step
/// that ended one process after another is not started again for this.
async fn look_and_make(run: &mut Run) -> Result<Option<Made>, Stop> {
    let skips = run.input().get("skip").is_some() && run.step.skip_consequence().is_some();
    if skips && crashes::is_given_up(run) {
        return match manual_todos::give_up_unsettled_writes(run, &crashes::stop(run.step)).await {
            Err(Stop::Wait { reason, delay }) => Err(Stop::Hold { reason, delay }),
            done => done.map(|()| None),
        };
    }
    run.kill_point(KillPoint::Begun)?;
    match steps::find(run.step, run).await {
        Ok(Some(found)) => Ok(Some(found)),
        Ok(None) if skips => Ok(None),
        Ok(None) => steps::make(run.step, run).await.map(Some),
        Err(stop) if skips && stop.is_outside() => {
            manual_todos::give_up_unsettled_writes(run, &stop).await.map(|()| None)
        }
        Err(stop) => Err(stop),
    }
}

async fn begin(run: &mut Run) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    let begun = rows::begin(&mut tx, &run.job.fence, run.step).await?;
    run.commit(tx).await?;
    run.begun = Some(begun);
    run.mark(run.step, StepStatus::Started, None);
    Ok(())
}

async fn finish(run: &mut Run, made: Made) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    apply(&mut tx, run, &made).await?;
    rows::finish(&mut tx, &run.job.fence, run.step, &made.output, &made.message).await?;
    run.commit(tx).await?;
    keep(run, &made);
    run.job.retries = 0;
    run.mark(run.step, StepStatus::Completed, Some(made.output));
    run.kill_point(KillPoint::C6)
}

/// Records the decisions that belong to the end of a step.
async fn apply(tx: &mut TenantTx, run: &Run, made: &Made) -> Result<(), Stop> {
    for (effect, id) in &made.confirmed {
        rows::confirm(tx, &run.job.fence, *effect, id).await?;
    }
    if let Some(location) = &made.location {
        rows::set_location(tx, &run.job.fence, location).await?;
    }
    if let Some(business) = made.business {
        rows::set_business(tx, &run.job.fence, business).await?;
    }
    Ok(())
}

fn keep(run: &mut Run, made: &Made) {
    run.job.location = made.location.clone().or_else(|| run.job.location.take());
    run.job.business = made.business.or(run.job.business);
}

async fn skip(run: &mut Run, why: &str) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    rows::skip(&mut tx, &run.job.fence, run.step, why).await?;
    run.commit(tx).await?;
    run.mark(run.step, StepStatus::Skipped, None);
    Ok(())
}

/// Undoes the steps that started, the last one first. Writes in doubt are settled before they are undone.
async fn backward(run: &mut Run, item: &Claimed) -> Result<(), Stop> {
    run.undoing = true;
    for step in Step::ALL.into_iter().rev() {
        run.step = step;
        let status = run.row(step).and_then(|row| row.status);
        if matches!(status, None | Some(StepStatus::Undone))
            || (plan::of(step).undo == Undo::Nothing && !in_doubt(run).await?)
        {
            continue;
        }
        run.may_begin()?;
        begin(run).await?;
        let undone = undo_step(run).await?;
        let message =
            if undone.done.is_empty() { "There was nothing to roll back.".to_owned() } else { undone.done.join(" ") };
        let mut tx = run.tx().await?;
        rows::undone(&mut tx, &run.job.fence, step, &step::note(&undone), &message).await?;
        run.commit(tx).await?;
        let mut output = run.output(step);
        if let Some(output) = output.as_object_mut() {
            output.insert("undone".into(), step::note(&undone));
        }
        run.mark(step, StepStatus::Undone, Some(output));
    }
    let summary = undone_summary(run);
    let mut tx = run.tx().await?;
    rows::cancelled(&mut tx, &run.job.fence, &summary).await?;
    finish_item(&mut tx, run, item).await?;
    run.commit(tx).await
}

async fn in_doubt(run: &Run) -> Result<bool, Stop> {
    Ok(run.effects().await?.iter().any(|effect| effect.state == EffectState::InDoubt))
}

/// Undoes a step. If HighLevel does not allow that and a person chose to leave the step as it is, the step stays
/// as it is.
async fn undo_step(run: &mut Run) -> Result<step::Undone, Stop> {
    let leaves = run.input().get("leave").is_some();
    if leaves && crashes::is_given_up(run) {
        return manual_todos::leave_as_is(run, &crashes::stop(run.step)).await;
    }
    let undone = match undo(run).await {
        Err(Stop::Unauthorised) => match run.renew().await {
            Ok(()) => undo(run).await,
            Err(stop) => Err(stop),
        },
        Err(Stop::Scope(_)) if run.mints_anew() => undo(run).await,
        other => other,
    };
    match undone {
        Err(stop) if stop.is_outside() && leaves => manual_todos::leave_as_is(run, &stop).await,
        other => other,
    }
}

async fn undo(run: &mut Run) -> Result<step::Undone, Stop> {
    run.kill_point(KillPoint::Begun)?;
    if let Some(made) = steps::find(run.step, run).await? {
        let mut tx = run.tx().await?;
        apply(&mut tx, run, &made).await?;
        run.commit(tx).await?;
        keep(run, &made);
    }
    steps::undo(run.step, run).await
}

/// Collects the result for each item from the notes of the undone steps.
fn undone_summary(run: &Run) -> Summary {
    let mut summary = Summary::default();
    for row in &run.job.steps {
        let note = row.output.get("undone").cloned().unwrap_or_default();
        if let Ok(part) = serde_json::from_value::<Summary>(note) {
            summary.done.extend(part.done);
            summary.todo.extend(part.todo);
        }
    }
    summary
}
