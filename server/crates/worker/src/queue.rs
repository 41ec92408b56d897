//! Who takes work from the queue, and when? A notice wakes the loop at once; a poll every two seconds makes sure. Each turn
//! moves what is due, takes back what dead workers left, and claims as much of each lane as there is room for.

use std::collections::HashMap;
use std::time::Duration;

use domain::work::{Kind, Lane};
use outbound::About;
use store::listen::{self, Note};
use store::queue::{self, Claimed, Claimer};
use store::{Scope, TenantTx};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use crate::chores::{self, Chore, Failed, LANES};
use crate::pace::secs;
use crate::provisioning::engine;
use crate::{Worker, periodic, retry};

const POLL: Duration = secs(2);
const HEARTBEAT: Duration = secs(15);
/// So long work may go on after the process was asked to end, of the 25 s it has.
const LAST: Duration = secs(22);
/// Rows moved in one statement.
const MOST_MOVED: i64 = 500;

/// Works until `shutdown`, then waits for what runs.
pub async fn work(worker: Worker, shutdown: CancellationToken) {
    let mut notes = listen(&worker).await;
    let _following = notes.as_ref().map(|notes| follow(&worker, notes.resubscribe()));
    let _beats = AbortOnDropHandle::new(tokio::spawn(heartbeats(worker.clone())));
    let mut lanes: Vec<Claimer> =
        LANES.iter().map(|(lane, most, per_tenant)| claimer(&worker, *lane, *most, *per_tenant)).collect();
    let mut running: JoinSet<Lane> = JoinSet::new();
    let mut busy: HashMap<&'static str, i32> = HashMap::new();
    let periodic = AbortOnDropHandle::new(tokio::spawn(periodic::schedule(worker.clone(), shutdown.clone())));
    while !shutdown.is_cancelled() {
        turn(&worker, &mut lanes, &mut running, &mut busy, &shutdown).await;
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(worker.pace.of(POLL)) => {}
            () = woken(&mut notes) => {}
            Some(ended) = running.join_next() => free(&mut busy, ended),
        }
        while let Some(ended) = running.try_join_next() {
            free(&mut busy, ended);
        }
    }
    // Jobs give themselves back before that; what else still runs is ended here, and its work given back with the rest.
    let _ = tokio::time::timeout(worker.pace.of(LAST), async { while running.join_next().await.is_some() {} }).await;
    let _ = tokio::time::timeout(worker.pace.of(secs(1)), running.shutdown()).await;
    if let Err(error) = queue::release(&worker.db, worker.me).await {
        tracing::warn!(%error, "work could not be given back; its leases end by themselves");
    }
    // It ends by itself, and gives back what it holds.
    let _ = tokio::time::timeout(worker.pace.of(secs(2)), periodic).await;
    worker.kept.close();
    worker.kept.wait().await;
}

fn claimer(worker: &Worker, lane: Lane, most: i32, per_tenant: i64) -> Claimer {
    Claimer { per_tenant, most, lease: worker.pace.of(queue::LEASE), ..Claimer::new(lane, worker.me) }
}

fn free(busy: &mut HashMap<&'static str, i32>, ended: Result<Lane, tokio::task::JoinError>) {
    match ended {
        Ok(lane) => *busy.entry(lane.key()).or_default() -= 1,
        // A panic is caught inside `run`; only an aborted task ends up here, and nothing aborts them while this is asked.
        Err(error) => tracing::error!(%error, "a piece of work ended without saying so"),
    }
}

/// One turn: move what is due, take back what is lost, claim what there is room for.
async fn turn(
    worker: &Worker,
    lanes: &mut [Claimer],
    running: &mut JoinSet<Lane>,
    busy: &mut HashMap<&'static str, i32>,
    stopping: &CancellationToken,
) {
    tidy(worker).await;
    for (claimer, (lane, at_once, _)) in lanes.iter_mut().zip(LANES) {
        if stopping.is_cancelled() {
            return;
        }
        claimer.most = at_once - busy.get(lane.key()).copied().unwrap_or_default();
        if claimer.most <= 0 {
            continue;
        }
        for item in claim(worker, claimer).await {
            *busy.entry(lane.key()).or_default() += 1;
            let (worker, stopping) = (worker.clone(), stopping.clone());
            running.spawn(async move {
                run(worker, item, stopping).await;
                lane
            });
        }
    }
}

/// Moves what is due and what dead workers left.
pub async fn tidy(worker: &Worker) {
    let moved = async {
        queue::promote_due(&worker.db, MOST_MOVED).await?;
        queue::recover_expired(&worker.db, MOST_MOVED).await
    };
    if let Err(error) = moved.await {
        tracing::warn!(%error, "the queue could not be tidied; trying again in a moment");
    }
}

async fn claim(worker: &Worker, claimer: &mut Claimer) -> Vec<Claimed> {
    queue::claim(&worker.db, claimer).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "no work could be claimed; trying again in a moment");
        Vec::new()
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
    match Kind::parse(&again.kind).and_then(chores::of) {
        Some(chore) => end(&worker, &again, Some(chore), Err(Failed::new("it ended in a panic"))).await,
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
        // Work of a kind this version does not know is left for a newer one.
        None => end(worker, item, None, Err(Failed::new("unknown kind of work"))).await,
        Some(kind) => {
            let chore = chores::of(kind);
            let done = match (chore, held_back(worker, item, kind)) {
                (None, _) => return,
                (Some(_), Some(held)) => Ok(Err(held)),
                (Some(chore), None) => {
                    tokio::time::timeout(worker.pace.of(chore.deadline), (chore.run)(worker, item)).await
                }
            };
            end(worker, item, chore, done.unwrap_or_else(|_| Err(Failed::new("it took too long")))).await;
        }
    }
}

/// A second try of something that calls outside asks first: where much is repeated already, it waits.
fn held_back(worker: &Worker, item: &Claimed, kind: Kind) -> Option<Failed> {
    if item.attempt <= 1 || kind.lane() != Lane::Chores {
        return None;
    }
    let about = About { agency: item.agency.map(|id| id.0), ..About::default() };
    let wait = worker.ghl.repeat(&about).err()?;
    Some(Failed::held("many calls to HighLevel were repeated in the last minute", wait))
}

/// Completes, repeats or puts aside.
async fn end(worker: &Worker, item: &Claimed, chore: Option<&Chore>, done: Result<(), Failed>) {
    let ended = async {
        let mut tx = TenantTx::begin(&worker.db, Scope::Open).await?;
        match (done, chore) {
            (Ok(()), Some(Chore { again: Some(interval), .. })) => {
                queue::reschedule(&mut tx, item.id, worker.me, worker.pace.of(retry::around(*interval))).await?;
            }
            (Ok(()), _) => queue::complete(&mut tx, item.id, worker.me).await?,
            (Err(Failed { hold: Some(wait), cause }), _) => {
                tracing::info!(kind = item.kind, subject = ?item.subject, cause, "work waits");
                queue::postpone(&mut tx, item.id, worker.me, worker.pace.of(retry::after(wait))).await?;
            }
            (Err(failed), Some(chore)) if item.attempt >= chore.tries => {
                queue::bury(&mut tx, item.id, worker.me, &failed.cause).await?
            }
            (Err(failed), chore) => {
                let base = chore.map_or(secs(60), |chore| chore.base);
                let delay = retry::full_jitter(base, u32::try_from(item.attempt).unwrap_or(1));
                tracing::warn!(kind = item.kind, subject = ?item.subject, attempt = item.attempt, cause = failed.cause, "work will be tried again");
                queue::reschedule(&mut tx, item.id, worker.me, worker.pace.of(delay)).await?;
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
    let delay = worker.pace.of(delay);
    loop {
        let moved = async {
            let mut tx = TenantTx::begin(&worker.db, Scope::Open).await?;
            queue::reschedule(&mut tx, item.id, worker.me, delay).await?;
            tx.commit().await
        };
        match moved.await {
            Ok(()) | Err(store::Error::Stale) => return,
            Err(_) => tokio::time::sleep(worker.pace.of(secs(1))).await,
        }
    }
}

/// Says for all work of this process that it lives, over connections that the work cannot use up.
async fn heartbeats(worker: Worker) {
    loop {
        tokio::time::sleep(worker.pace.of(HEARTBEAT)).await;
        if let Err(error) = queue::heartbeat(&worker.pulse, worker.me, worker.pace.of(queue::LEASE)).await {
            tracing::warn!(%error, "a heartbeat was missed");
        }
    }
}

async fn listen(worker: &Worker) -> Option<broadcast::Receiver<Note>> {
    match listen::start(&worker.db).await {
        Ok(notes) => Some(notes.subscribe()),
        Err(error) => {
            tracing::warn!(%error, "no notices of new work; polling alone");
            None
        }
    }
}

/// Opened secrets are kept only while changes to them are heard of.
pub fn follow(worker: &Worker, notes: broadcast::Receiver<Note>) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(worker.cache.clone().follow(notes)))
}

/// Ready when there is new work. Without notices it never is, and the poll does it.
async fn woken(notes: &mut Option<broadcast::Receiver<Note>>) {
    loop {
        let Some(inbox) = notes else { return std::future::pending().await };
        match inbox.recv().await {
            Ok(Note::Work(_) | Note::Reconnected) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => *notes = None,
        }
    }
}
