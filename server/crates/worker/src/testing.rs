//! Runs all due work in a test, then advances time to the next due item, until no work is left.

use std::time::Duration;

use domain::work::Queue;
use domain::{AgencyId, IntegrationId};
use store::listen::Listener;
use store::provisioning::Fence;
use store::queue::{self, Claimer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::Worker;

/// Runs everything that is due now, one item after the other. Returns the number of items.
pub async fn run_due(worker: &Worker) -> usize {
    run_due_in(worker, &Queue::ALL).await
}

/// The same for these queues.
pub async fn run_due_in(worker: &Worker, wanted: &[Queue]) -> usize {
    let limits = queue::limits(&worker.db).await.unwrap_or_default();
    let mut done = 0;
    loop {
        crate::queue::tidy(worker, &mut queue::Eras::default()).await;
        let mut items = Vec::new();
        for limits in limits.iter().filter(|limits| wanted.contains(&limits.queue)) {
            let lease = worker.time_scale.guard(queue::LEASE);
            let mut claimer = Claimer { lease, ..Claimer::of(limits, worker.me) };
            items.extend(queue::claim(&worker.db, &mut claimer).await.unwrap_or_default());
        }
        if items.is_empty() {
            return done;
        }
        done += items.len();
        for item in items {
            crate::queue::run(worker.clone(), item, CancellationToken::new()).await;
        }
    }
}

/// Runs all work there is. `until_next` returns the time to the next due item; `advance` moves the clock by that
/// time.
pub async fn run_until_idle<N, A>(worker: &Worker, until_next: impl Fn() -> N, advance: impl Fn(Duration) -> A)
where
    N: Future<Output = Option<Duration>>,
    A: Future<Output = ()>,
{
    // Far more rounds than any job needs. A test that reaches this limit has found an endless loop.
    for _ in 0..2_000 {
        run_due(worker).await;
        let Some(left) = until_next().await else { return };
        advance(left + Duration::from_millis(5)).await;
    }
    unreachable!("the queue never becomes idle");
}

/// Sends one heartbeat of the process for all its work, and one for this job. Returns true if the job still
/// belongs to this worker.
pub async fn send_heartbeat(worker: &Worker, fence: &Fence) -> store::Result<bool> {
    queue::heartbeat(&worker.heartbeat_db, worker.me, worker.time_scale.guard(queue::LEASE)).await?;
    crate::provisioning::heartbeat::send_heartbeat(worker, fence).await
}

/// Keeps decrypted credentials in the cache for as long as the handle lives, as a started worker does.
pub fn follow(worker: &Worker, listener: &Listener) -> AbortOnDropHandle<()> {
    crate::queue::follow(worker, listener)
}

/// Simulates that this process was just suspended for longer than any call may take.
pub fn stand_still(worker: &Worker) {
    worker.simulate_suspension.store(true, std::sync::atomic::Ordering::SeqCst);
}

/// Runs every periodic job once, due or not, and waits for all of them.
pub async fn run_periodic(worker: &Worker) -> Result<(), String> {
    crate::periodic::all_now(worker).await.map_err(|failed| failed.cause)
}

/// Renews an agency's tokens although they are still valid.
pub async fn renew(worker: &Worker, agency: AgencyId) -> Result<(), String> {
    let read = crate::integrations::tokens::company(worker, agency).await.map_err(|why| format!("{why:?}"))?;
    crate::integrations::tokens::renew(worker, agency, read.secret).await.map_err(|why| format!("{why:?}"))
}

/// Renews the tokens of an agency's integration unless somebody renewed them since `version`, as a call does after
/// its token expired.
pub async fn renew_since(
    worker: &Worker,
    agency: AgencyId,
    integration: IntegrationId,
    version: i32,
) -> Result<(), String> {
    let renewed = crate::integrations::refresh::refresh(worker, agency, None, integration, version).await;
    renewed.map_err(|why| format!("{why:?}"))
}
