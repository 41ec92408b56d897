//! Claims and runs work from the queue. A notice wakes the loop at once for the queue that it names. The end of a
//! work item wakes it too if more work waits. A poll every two seconds is the safety net. Twice a second one
//! process enqueues work that is due and reclaims the work of dead workers.

use std::time::Duration;

use domain::work::{Kind, Queue};
use store::listen::{self, Listener};
use store::queue::{self, Claimed, Eras};
use store::{Scope, TenantTx};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use crate::background_jobs::{self, BackgroundJob, Failed};
use crate::integrations::{imports, locations, uninstall};
use crate::provisioning::engine;
use crate::time_scale::secs;
use crate::{Worker, assistant, channels, clients, mailing, messages, periodic, retry, webhooks};

mod capacity;
mod wake;

use capacity::QueueCapacity;
use wake::Notes;

/// With its jitter of 20 % it ends within two seconds, which is what a lost notice may cost.
const POLL: Duration = Duration::from_millis(1650);
const TIDY: Duration = Duration::from_millis(500);
/// Delay before an item of a kind that this version does not know is offered again.
const UNKNOWN: Duration = secs(30);
/// Delay before the next claim after work of a tenant was left to another process.
const AGAIN: Duration = Duration::from_millis(50);
const HEARTBEAT: Duration = secs(15);
/// How long running work may continue after the process was asked to stop. The process has 25 s in all.
const SHUTDOWN_GRACE: Duration = secs(22);
/// Maximum number of rows moved by one statement.
const TIDY_BATCH: i64 = 500;

/// Runs until `shutdown`, then waits for running work.
pub async fn work(worker: Worker, shutdown: CancellationToken) {
    let listener = listen(&worker).await;
    let _following = listener.as_ref().map(|listener| follow(&worker, listener));
    let _beats = AbortOnDropHandle::new(tokio::spawn(heartbeats(worker.clone())));
    let mut notes = Notes::new(listener, &worker);
    let mut queues = QueueCapacity::new(&worker);
    let mut running: JoinSet<Queue> = JoinSet::new();
    let periodic = AbortOnDropHandle::new(tokio::spawn(periodic::schedule(worker.clone(), shutdown.clone())));
    let (mut poll, mut tidy_at, mut eras) = (Instant::now(), Instant::now(), Eras::default());
    while !shutdown.is_cancelled() {
        let now = Instant::now();
        // When the database's disk is full, the database accepts no writes, so nothing is claimed.
        let able = store::disk::has_room(&worker.heartbeat_db).await;
        queues.keep_current(&worker).await;
        if able && now >= tidy_at {
            queues.named(tidy(&worker, &mut eras).await.iter());
            tidy_at = now + worker.time_scale.guard(retry::around(TIDY));
        }
        if now >= poll {
            queues.all();
            poll = now + worker.time_scale.guard(retry::around(POLL));
        }
        let mut next = poll;
        if able {
            next = next.min(tidy_at);
            if turn(&worker, &mut queues, &mut running, &shutdown).await {
                next = next.min(now + worker.time_scale.guard(retry::around(AGAIN)));
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep_until(next) => {}
            () = notes.heard(&mut queues) => {}
            Some(ended) = running.join_next() => queues.ended(ended),
        }
        while let Some(ended) = running.try_join_next() {
            queues.ended(ended);
        }
    }
    // Jobs release themselves before this timeout. Work that still runs after it is aborted and released with the
    // rest.
    let _ = tokio::time::timeout(worker.time_scale.guard(SHUTDOWN_GRACE), async {
        while running.join_next().await.is_some() {}
    })
    .await;
    let _ = tokio::time::timeout(worker.time_scale.guard(secs(1)), running.shutdown()).await;
    if let Err(error) = queue::release(&worker.db, worker.me).await {
        tracing::warn!(%error, "work could not be given back; its leases end by themselves");
    }
    // The scheduler stops by itself and releases the jobs that it holds.
    let _ = tokio::time::timeout(worker.time_scale.guard(secs(2)), periodic).await;
    worker.tasks_to_finish.close();
    worker.tasks_to_finish.wait().await;
}

/// Claims as much as there is room for, from the queues that may have work. Returns true if the caller should try
/// again in a moment.
async fn turn(
    worker: &Worker,
    queues: &mut QueueCapacity,
    running: &mut JoinSet<Queue>,
    stopping: &CancellationToken,
) -> bool {
    let mut contended = Vec::new();
    while let Some(claimer) = queues.next_due() {
        if stopping.is_cancelled() {
            return false;
        }
        let queue = claimer.queue;
        let claimed = queue::claim(&worker.db, claimer).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "no work could be claimed; trying again in a moment");
            Vec::new()
        });
        if claimer.contended {
            contended.push(queue.key());
        }
        for item in claimed {
            queues.begun(queue);
            let (worker, stopping) = (worker.clone(), stopping.clone());
            running.spawn(async move {
                run(worker, item, stopping).await;
                queue
            });
        }
    }
    queues.named(contended.iter());
    !contended.is_empty()
}

/// Moves due items and items of dead workers to the ready queues. Returns the names of the queues that got work.
pub async fn tidy(worker: &Worker, eras: &mut Eras) -> std::collections::BTreeSet<String> {
    queue::promote_and_recover(&worker.db, eras, TIDY_BATCH).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the queue could not be tidied; trying again in a moment");
        std::collections::BTreeSet::new()
    })
}

/// Runs one work item. A panic counts as a failure of the item and does not stop the worker.
pub async fn run(worker: Worker, item: Claimed, stopping: CancellationToken) {
    let (inner, again) = (worker.clone(), item.clone());
    let span = tracing::info_span!(
        "work",
        kind = item.kind,
        agency = shown(item.agency),
        business = shown(item.business),
        subject = shown(item.subject),
        attempt = item.attempt
    );
    // The work runs in its own task, so that a panic is caught. The task is aborted when this future is dropped.
    let task = tokio::spawn(async move { dispatch(&inner, &item, &stopping).await }.instrument(span));
    let done = AbortOnDropHandle::new(task).await;
    let Err(error) = done else { return };
    tracing::error!(kind = again.kind, subject = ?again.subject, %error, "work ended in a panic");
    match Kind::parse(&again.kind).and_then(background_jobs::of) {
        Some(background_job) => {
            end(&worker, &again, Some(background_job), Err(Failed::new("it ended in a panic"))).await
        }
        // A provisioning job is never moved to the dead queue: its next claim continues from its stored rows.
        None => release_item(&worker, &again, secs(60)).await,
    }
}

/// Formats an id for the log; `None` stays `None`.
fn shown(id: Option<impl ToString>) -> Option<String> {
    id.map(|id| id.to_string())
}

async fn dispatch(worker: &Worker, item: &Claimed, stopping: &CancellationToken) {
    match Kind::parse(&item.kind) {
        Some(Kind::RunJob) => engine::carry_on(worker, item, stopping).await,
        // An item of a kind that this version does not know is left for a newer version, with all its attempts.
        None => end(worker, item, None, Err(Failed::held("a newer version brought this kind of work", UNKNOWN))).await,
        Some(kind) => {
            let background_job = background_jobs::of(kind);
            let Some(item) = &counted(worker, item, background_job).await else {
                return release_item(worker, item, secs(2)).await;
            };
            let done = match (background_job, held_back(worker, item, kind)) {
                (None, _) => return,
                // An attempt is counted when the item is claimed. This item has used all of them and no run
                // recorded an end.
                (Some(background_job), _) if item.attempt > background_job.tries => {
                    Ok(Err(Failed::new("each process that worked on it ended in the middle, and nobody knows why")))
                }
                (Some(_), Some(held)) => Ok(Err(held)),
                (Some(background_job), None) => {
                    tokio::time::timeout(
                        worker.time_scale.guard(background_job.deadline),
                        (background_job.run)(worker, item),
                    )
                    .await
                }
            };
            end(worker, item, background_job, done.unwrap_or_else(|_| Err(Failed::new("it took too long")))).await;
        }
    }
}

/// The item with its corrected attempt count. A process of the previous version counts an attempt whenever it
/// claims an item of a kind that it does not know, although it does not run it. An item with more attempts than
/// allowed therefore starts again at one, once. `None` if the database is unavailable.
async fn counted(worker: &Worker, item: &Claimed, background_job: Option<&BackgroundJob>) -> Option<Claimed> {
    if background_job.is_none_or(|background_job| item.attempt <= background_job.tries) {
        return Some(item.clone());
    }
    let anew = queue::reset_attempts(&worker.db, item.id, worker.me).await;
    let anew =
        anew.inspect_err(|error| tracing::warn!(%error, "the tries of a piece of work could not be read")).ok()?;
    Some(Claimed { attempt: if anew { 1 } else { item.attempt }, ..item.clone() })
}

/// Asks the retry budget of the provider that the item calls, before the item runs again. Returns a hold if many calls
/// to that provider are being repeated already. The assistant asks by itself: an answer may not wait for long.
fn held_back(worker: &Worker, item: &Claimed, kind: Kind) -> Option<Failed> {
    let asks_itself = matches!(kind, Kind::AnswerConversation | Kind::RehearseCase);
    let provider = kind.provider().filter(|_| item.attempt > 1 && !asks_itself)?;
    let wait = worker.outbound.repeat(provider.key(), item.agency?.0).err()?;
    Some(Failed::held(format!("many calls to {} were repeated in the last minute", provider.name()), wait))
}

/// Completes, reschedules or buries an item.
async fn end(worker: &Worker, item: &Claimed, background_job: Option<&BackgroundJob>, done: Result<(), Failed>) {
    let ended = async {
        // It has a transaction of its own, so it comes before the other one: nothing holds two connections.
        if let (Err(Failed { hold: None, .. }), Some(given_up)) =
            (&done, background_job.filter(|background_job| item.attempt >= background_job.tries))
        {
            put_aside(worker, item, given_up.kind).await?;
        }
        let mut tx = TenantTx::begin(&worker.db, Scope::Open).await?;
        match (done, background_job) {
            (Ok(()), Some(BackgroundJob { again: Some(interval), .. })) => {
                queue::reschedule(&mut tx, item.id, worker.me, worker.time_scale.of(retry::around(*interval))).await?;
            }
            (Ok(()), _) => queue::complete(&mut tx, item.id, worker.me).await?,
            (Err(Failed { hold: Some(wait), cause }), _) => {
                tracing::info!(kind = item.kind, subject = ?item.subject, cause, "work waits");
                queue::postpone(&mut tx, item.id, worker.me, worker.time_scale.of(retry::after(wait))).await?;
            }
            (Err(failed), Some(background_job)) if item.attempt >= background_job.tries => {
                queue::give_up(&mut tx, item.id, worker.me, &failed.cause).await?;
            }
            (Err(failed), background_job) => {
                let base = background_job.map_or(secs(60), |background_job| background_job.base);
                let delay = retry::full_jitter(base, u32::try_from(item.attempt).unwrap_or(1));
                tracing::warn!(kind = item.kind, subject = ?item.subject, attempt = item.attempt, cause = failed.cause, "work will be tried again");
                queue::reschedule(&mut tx, item.id, worker.me, worker.time_scale.of(delay)).await?;
            }
        }
        tx.commit().await
    };
    match ended.await {
        Ok(()) | Err(store::Error::Stale) => {}
        Err(error) => {
            tracing::warn!(kind = item.kind, %error, "the end of a piece of work could not be written; it runs again soon");
            release_item(worker, item, secs(2)).await;
        }
    }
}

/// Says where people look that nobody tries this work any more.
async fn put_aside(worker: &Worker, item: &Claimed, kind: Kind) -> store::Result<()> {
    match kind {
        Kind::UninstallApp => uninstall::put_aside(worker, item).await,
        Kind::UpdateLocation | Kind::OffboardBusiness => clients::put_aside(worker, item).await,
        Kind::SetUpChannel => channels::put_aside(worker, item).await,
        Kind::FetchMedia => messages::put_media_aside(worker, item).await,
        Kind::AnswerConversation => assistant::give_up(worker, item).await,
        Kind::ReadKnowledge => assistant::give_up_source(worker, item).await,
        Kind::RehearseCase => assistant::give_up_rehearsal(worker, item).await,
        Kind::SendMail => {
            mailing::give_up(worker, item).await;
            Ok(())
        }
        Kind::SendWebhook => webhooks::give_up(worker, item).await,
        Kind::SyncLocations => locations::give_up(worker, item).await,
        Kind::ImportLocations => imports::give_up(worker, item).await,
        _ => Ok(()),
    }
}

/// Releases an item that nobody in this process works on any more. The process's heartbeat would keep the item's
/// lease alive forever, so this retries until the row is released or belongs to another process.
pub async fn release_item(worker: &Worker, item: &Claimed, delay: Duration) {
    let delay = worker.time_scale.of(delay);
    loop {
        let moved = async {
            let mut tx = TenantTx::begin(&worker.db, Scope::Open).await?;
            queue::reschedule(&mut tx, item.id, worker.me, delay).await?;
            tx.commit().await
        };
        match moved.await {
            Ok(()) | Err(store::Error::Stale) => return,
            Err(_) => tokio::time::sleep(worker.time_scale.of(secs(1))).await,
        }
    }
}

/// Sends heartbeats for all work of this process. It uses separate connections, which work cannot use up.
async fn heartbeats(worker: Worker) {
    loop {
        tokio::time::sleep(worker.time_scale.guard(HEARTBEAT)).await;
        if let Err(error) =
            queue::heartbeat(&worker.heartbeat_db, worker.me, worker.time_scale.guard(queue::LEASE)).await
        {
            tracing::warn!(%error, "a heartbeat was missed");
        }
    }
}

async fn listen(worker: &Worker) -> Option<Listener> {
    match listen::start(&worker.db).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            tracing::warn!(%error, "no notices of new work; polling alone");
            None
        }
    }
}

/// Keeps decrypted credentials in the cache for as long as this task receives notices of changes to them.
pub fn follow(worker: &Worker, listener: &Listener) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(worker.cache.clone().follow(listener.clone())))
}
