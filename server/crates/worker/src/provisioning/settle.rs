//! Decides what follows when a step stops: the job waits, retries, asks a person or ends, and the queue item changes in
//! the same transaction. A decision here never overrides a person who asked to stop the job.

use std::time::Duration;

use domain::provisioning::Question;
use store::TenantTx;
use store::provisioning::{self as rows, Again, Cause};
use store::queue::{self, Claimed};

use super::plan::{self, Otherwise};
use super::run::Run;
use super::step::{self, Stop};
use crate::integrations::tokens;
use crate::retry;
use crate::time_scale::secs;

/// Cause class for an integration that can renew its token but whose renewed token is refused.
const UNAUTHORISED: &str = "not_accepted";

/// Records what follows from a stop and updates the work item in the same transaction. Returns [`Stop::Cancel`] if
/// a person wants the job stopped; nothing is recorded then, and the job is undone first.
pub(super) async fn settle(run: &mut Run, item: &Claimed, stop: Stop) -> Result<(), Stop> {
    let row = plan::of(run.step);
    match stop {
        Stop::Wait { reason, .. } | Stop::Hold { reason, .. } if run.undoing && run.trouble() > plan::OUTAGE => {
            let what = format!("Rolling back takes longer than {} minutes. {reason}", minutes(plan::OUTAGE));
            ask(run, item, step::decide(run.step, &what, "Everything rolled back so far stays rolled back.")).await
        }
        Stop::Wait { reason, delay } if row.deadline < run.elapsed() => overdue(run, item, &reason, delay).await,
        Stop::Wait { reason, delay } => rest(run, item, (&reason, false), delay).await,
        Stop::Hold { reason, delay } => rest(run, item, (&reason, true), delay).await,
        Stop::Again(cause) => again(run, item, cause).await,
        Stop::Outage(cause) => outage(run, item, cause).await,
        Stop::Unauthorised => {
            // The integration's card shows the same problem as the job, and the integration is checked again soon.
            tokens::schedule_check_after_refusal(&run.worker, run.job.fence.agency).await?;
            outage(run, item, refused_anew()).await
        }
        Stop::Ask(question) | Stop::Scope(question) => ask(run, item, *question).await,
        Stop::GiveUp(cause) => give_up(run, item, cause).await,
        Stop::Trouble(error) => trouble(run, item, error).await,
        other => Err(other),
    }
}

/// The token was renewed successfully and HighLevel still refuses it. That is not a question for a person yet.
fn refused_anew() -> Cause {
    let detail = "HighLevel rejects our access although it was just renewed; retrying.";
    Cause { class: UNAUTHORISED, detail: detail.into() }
}

async fn rest(run: &Run, item: &Claimed, why: (&str, bool), delay: Duration) -> Result<(), Stop> {
    let delay = run.worker.time_scale.of(delay.max(Duration::from_millis(200)));
    let mut tx = run.tx().await?;
    if !rows::wait(&mut tx, &run.job.fence, (run.step, run.undoing), why, delay).await? {
        return Err(Stop::Cancel);
    }
    move_item(&mut tx, run, item, delay).await?;
    run.commit(tx).await
}

/// HighLevel fails or is unreachable: the job waits with growing pauses and gives up only after the limit.
async fn outage(run: &Run, item: &Claimed, cause: Cause) -> Result<(), Stop> {
    let most = if run.undoing { plan::OUTAGE } else { plan::OUTAGE.max(plan::of(run.step).deadline) };
    if run.trouble() > most {
        return match cause.class {
            UNAUTHORISED => not_accepted(run, item).await,
            _ => give_up(run, item, cause).await,
        };
    }
    let delay = run.worker.time_scale.of(retry::outage(run.trouble()));
    let mut tx = run.tx().await?;
    if !rows::outage(&mut tx, &run.job.fence, (run.step, run.undoing), &cause, delay).await? {
        return Err(Stop::Cancel);
    }
    move_item(&mut tx, run, item, delay).await?;
    run.commit(tx).await
}

/// HighLevel has refused the token for too long although it can be renewed.
async fn not_accepted(run: &Run, item: &Claimed) -> Result<(), Stop> {
    // If the integration works otherwise, the answer "connect again" would come by itself again and again, so a
    // person decides.
    let kept = if run.undoing {
        "Everything rolled back so far stays rolled back."
    } else {
        "Everything done so far is kept."
    };
    let question = if run.undoing || tokens::is_integration_working(&run.worker, run.job.fence.agency).await {
        step::decide(run.step, "HighLevel rejects our access here although it was renewed and works elsewhere.", kept)
    } else {
        step::reconnect(run.step, "HighLevel has disconnected us.")
    };
    ask(run, item, question).await
}

/// The step does not succeed: the job fails, or a person is asked. A job that is being undone always asks, because
/// a person can always end it.
async fn give_up(run: &Run, item: &Claimed, cause: Cause) -> Result<(), Stop> {
    match plan::of(run.step).otherwise {
        Otherwise::Fail if !run.undoing => fail(run, item, cause).await,
        _ => ask(run, item, step::decide(run.step, &cause.detail, "Everything done so far is kept.")).await,
    }
}

const fn minutes(time: Duration) -> u64 {
    time.as_secs() / 60
}

/// Handles a wait that lasted longer than its step may. A step that gathers evidence about a write is never cut
/// short; every other wait becomes a question.
async fn overdue(run: &mut Run, item: &Claimed, reason: &str, delay: Duration) -> Result<(), Stop> {
    if plan::of(run.step).otherwise == Otherwise::Fail {
        return rest(run, item, (reason, false), delay).await;
    }
    let what = format!("This takes longer than {} minutes. {reason}", minutes(plan::of(run.step).deadline));
    ask(run, item, step::decide(run.step, &what, "Everything done so far is kept.")).await
}

async fn again(run: &mut Run, item: &Claimed, cause: Cause) -> Result<(), Stop> {
    let row = plan::of(run.step);
    let failures = u32::try_from(run.job.retries).unwrap_or(0);
    let delay =
        run.worker.time_scale.of(retry::full_jitter(row.tries.base(), failures).max(Duration::from_millis(200)));
    let mut tx = run.tx().await?;
    let at = (run.step, run.undoing);
    match rows::retry_later(&mut tx, &run.job.fence, at, &cause, delay, row.tries.retries()).await? {
        Again::Later => {
            move_item(&mut tx, run, item, delay).await?;
            return run.commit(tx).await;
        }
        Again::Stopped => return Err(Stop::Cancel),
        Again::Exhausted => drop(tx),
    }
    give_up(run, item, cause).await
}

async fn ask(run: &Run, item: &Claimed, question: Question) -> Result<(), Stop> {
    let question = if run.undoing { step::while_undoing(question) } else { question };
    let mut tx = run.tx().await?;
    if !rows::ask(&mut tx, &run.job.fence, &question, run.undoing).await? {
        return Err(Stop::Cancel);
    }
    finish_item(&mut tx, run, item).await?;
    run.commit(tx).await
}

/// Ends the job as failed, with the cause for a person to see.
pub(super) async fn fail(run: &Run, item: &Claimed, cause: Cause) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    if !rows::fail(&mut tx, &run.job.fence, (run.step, run.undoing), &cause).await? {
        return Err(Stop::Cancel);
    }
    finish_item(&mut tx, run, item).await?;
    run.commit(tx).await
}

/// Our own database was unavailable. Nothing is decided; the job is released and retried soon.
async fn trouble(run: &Run, item: &Claimed, error: store::Error) -> Result<(), Stop> {
    tracing::warn!(job = %run.job.fence.job, step = run.step.key(), %error, "the database was in the way of a step");
    let delay = run.worker.time_scale.of(secs(2));
    let mut tx = run.tx().await?;
    rows::release(&mut tx, &run.job.fence).await?;
    move_item(&mut tx, run, item, delay).await?;
    run.commit(tx).await
}

/// Completes the item in the transaction of the decision. If another process holds the item by now, that process
/// finds a job that it may not claim.
pub(super) async fn finish_item(tx: &mut TenantTx, run: &Run, item: &Claimed) -> Result<(), Stop> {
    match queue::complete(tx, item.id, run.worker.me).await {
        Ok(()) | Err(store::Error::Stale) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn move_item(tx: &mut TenantTx, run: &Run, item: &Claimed, delay: Duration) -> Result<(), Stop> {
    match queue::reschedule(tx, item.id, run.worker.me, delay).await {
        Ok(()) | Err(store::Error::Stale) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
