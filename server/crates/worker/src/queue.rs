//! Takes work from the queue. A notice wakes the loop at once for the queue it names, and so does the end of a piece of
//! work when more waits; a poll every two seconds is the safety net. Twice a second one process moves due work and
//! takes back the work of dead workers.

use std::time::Duration;

use domain::work::{Kind, Queue};
use outbound::About;
use store::listen::{self, Listener};
use store::queue::{self, Claimed};
use store::{Scope, TenantTx};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use crate::background_jobs::{self, BackgroundJob, Failed};
use crate::integrations::uninstall;
use crate::provisioning::engine;
use crate::time_scale::secs;
use crate::{Worker, periodic, retry};

mod capacity;
mod wake;

use capacity::QueueCapacity;
use wake::Notes;

const POLL: Duration = secs(2);
const TIDY: Duration = Duration::from_millis(500);
/// Before work of a kind that this version does not know is offered again.
const UNKNOWN: Duration = secs(30);
/// After work of a tenant was left to another process.
const AGAIN: Duration = Duration::from_millis(50);
const HEARTBEAT: Duration = secs(15);
/// So long work may go on after the process was asked to end, of the 25 s it has.
const LAST: Duration = secs(22);
/// Rows moved in one statement.
const MOST_MOVED: i64 = 500;

/// Works until `shutdown`, then waits for what runs.
pub async fn work(worker: Worker, shutdown: CancellationToken) {
    let listener = listen(&worker).await;
    let _following = listener.as_ref().map(|listener| follow(&worker, listener));
    let _beats = AbortOnDropHandle::new(tokio::spawn(heartbeats(worker.clone())));
    let mut notes = Notes::new(listener, &worker);
    let mut queues = QueueCapacity::new(&worker);
    let mut running: JoinSet<Queue> = JoinSet::new();
    let periodic = AbortOnDropHandle::new(tokio::spawn(periodic::schedule(worker.clone(), shutdown.clone())));
    let (mut poll, mut tidy_at) = (Instant::now(), Instant::now());
    while !shutdown.is_cancelled() {
        let now = Instant::now();
        // With no room on its disk the database takes nothing that work would write.
        let able = store::disk::has_room(&worker.heartbeat_db).await;
        if able && now >= tidy_at {
            queues.named(tidy(&worker).await.iter());
            tidy_at = now + worker.time_scale.of(retry::around(TIDY));
        }
        if now >= poll {
            queues.all();
            poll = now + worker.time_scale.of(retry::around(POLL));
        }
        let mut next = poll;
        if able {
            next = next.min(tidy_at);
            if turn(&worker, &mut queues, &mut running, &shutdown).await {
                next = next.min(now + worker.time_scale.of(retry::around(AGAIN)));
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
    // Jobs give themselves back before that; what else still runs is ended here, and its work given back with the rest.
    let _ =
        tokio::time::timeout(worker.time_scale.of(LAST), async { while running.join_next().await.is_some() {} }).await;
    let _ = tokio::time::timeout(worker.time_scale.of(secs(1)), running.shutdown()).await;
    if let Err(error) = queue::release(&worker.db, worker.me).await {
        tracing::warn!(%error, "work could not be given back; its leases end by themselves");
    }
    // It ends by itself, and gives back what it holds.
    let _ = tokio::time::timeout(worker.time_scale.of(secs(2)), periodic).await;
    worker.kept.close();
    worker.kept.wait().await;
}

/// One turn: claims what there is room for in the queues that are worth a look. Whether to look again in a moment.
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

/// Moves what is due and what dead workers left; gives the queues that got work.
pub async fn tidy(worker: &Worker) -> std::collections::BTreeSet<String> {
    queue::tidy(&worker.db, MOST_MOVED).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the queue could not be tidied; trying again in a moment");
        std::collections::BTreeSet::new()
    })
}

/// Does one piece of work. A panic in it is a failure of that work, not of the worker.
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
    // A task of its own catches a panic; it ends with this one.
    let task = tokio::spawn(async move { dispatch(&inner, &item, &stopping).await }.instrument(span));
    let done = AbortOnDropHandle::new(task).await;
    let Err(error) = done else { return };
    tracing::error!(kind = again.kind, subject = ?again.subject, %error, "work ended in a panic");
    match Kind::parse(&again.kind).and_then(background_jobs::of) {
        Some(background_job) => {
            end(&worker, &again, Some(background_job), Err(Failed::new("it ended in a panic"))).await
        }
        // A job is never put aside: its next claim begins where its rows stand.
        None => let_go(&worker, &again, secs(60)).await,
    }
}

/// An id for the log, or nothing.
fn shown(id: Option<impl ToString>) -> Option<String> {
    id.map(|id| id.to_string())
}

async fn dispatch(worker: &Worker, item: &Claimed, stopping: &CancellationToken) {
    match Kind::parse(&item.kind) {
        Some(Kind::RunJob) => engine::carry_on(worker, item, stopping).await,
        // Work of a kind this version does not know is left for a newer one, which has all its tries.
        None => end(worker, item, None, Err(Failed::held("a newer version brought this kind of work", UNKNOWN))).await,
        Some(kind) => {
            let background_job = background_jobs::of(kind);
            let Some(item) = &counted(worker, item, background_job).await else {
                return let_go(worker, item, secs(2)).await;
            };
            let done = match (background_job, held_back(worker, item, kind)) {
                (None, _) => return,
                // Every try is counted when it is claimed, and one that fails is counted out where it ends.
                (Some(background_job), _) if item.attempt > background_job.tries => {
                    Ok(Err(Failed::new("each process that worked on it ended in the middle, and nobody knows why")))
                }
                (Some(_), Some(held)) => Ok(Err(held)),
                (Some(background_job), None) => {
                    tokio::time::timeout(
                        worker.time_scale.of(background_job.deadline),
                        (background_job.run)(worker, item),
                    )
                    .await
                }
            };
            end(worker, item, background_job, done.unwrap_or_else(|_| Err(Failed::new("it took too long")))).await;
        }
    }
}

/// The work with the tries that count. Processes of the version before count one whenever they claim work of a kind that they do not
/// know, without trying: what had more than it may have is counted anew, once. None while the database is away.
async fn counted(worker: &Worker, item: &Claimed, background_job: Option<&BackgroundJob>) -> Option<Claimed> {
    if background_job.is_none_or(|background_job| item.attempt <= background_job.tries) {
        return Some(item.clone());
    }
    let anew = queue::count_anew(&worker.db, item.id, worker.me).await;
    let anew =
        anew.inspect_err(|error| tracing::warn!(%error, "the tries of a piece of work could not be read")).ok()?;
    Some(Claimed { attempt: if anew { 1 } else { item.attempt }, ..item.clone() })
}

/// A second try of something that calls outside asks first: where much is repeated already, it waits.
fn held_back(worker: &Worker, item: &Claimed, kind: Kind) -> Option<Failed> {
    if item.attempt <= 1 || kind.queue() != Queue::Background {
        return None;
    }
    let about = About { agency: item.agency.map(|id| id.0), ..About::default() };
    let wait = worker.ghl.repeat(&about).err()?;
    Some(Failed::held("many calls to HighLevel were repeated in the last minute", wait))
}

/// Completes, repeats or puts aside.
async fn end(worker: &Worker, item: &Claimed, background_job: Option<&BackgroundJob>, done: Result<(), Failed>) {
    let ended = async {
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
                if background_job.kind == Kind::UninstallApp {
                    uninstall::put_aside(worker, item).await?;
                }
                queue::bury(&mut tx, item.id, worker.me, &failed.cause).await?
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
            let_go(worker, item, secs(2)).await;
        }
    }
}

/// Gives a piece of work back that nobody here works on any more. The process's heartbeat would keep its lease alive for
/// ever, so this does not rest until the row is given back or somebody else's.
pub async fn let_go(worker: &Worker, item: &Claimed, delay: Duration) {
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

/// Says for all work of this process that it lives, over connections that the work cannot use up.
async fn heartbeats(worker: Worker) {
    loop {
        tokio::time::sleep(worker.time_scale.of(HEARTBEAT)).await;
        if let Err(error) = queue::heartbeat(&worker.heartbeat_db, worker.me, worker.time_scale.of(queue::LEASE)).await
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

/// Opened secrets are kept only while changes to them are heard of.
pub fn follow(worker: &Worker, listener: &Listener) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(worker.cache.clone().follow(listener.clone())))
}
