//! Runs all due work in a test, then moves time to the next due item, until nothing is left.

use std::time::Duration;

use domain::{AgencyId, IntegrationId};
use store::listen::Listener;
use store::provisioning::Fence;
use store::queue::{self, Claimer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::Worker;
use crate::background_jobs::QUEUES;

/// Does everything that is due now and gives how many pieces that were. Pieces run one after the other.
pub async fn run_due(worker: &Worker) -> usize {
    let mut done = 0;
    loop {
        crate::queue::tidy(worker).await;
        let mut items = Vec::new();
        for (queue, most, per_tenant) in QUEUES {
            let mut claimer = Claimer {
                per_tenant,
                most,
                lease: worker.time_scale.of(queue::LEASE),
                ..Claimer::new(queue, worker.me)
            };
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

/// Does everything there is to do, moving time to what is due next: `until_next` says how far that is, `advance` moves there.
pub async fn run_until_idle<N, A>(worker: &Worker, until_next: impl Fn() -> N, advance: impl Fn(Duration) -> A)
where
    N: Future<Output = Option<Duration>>,
    A: Future<Output = ()>,
{
    // Far more turns than any job takes; a test that gets there has found an endless one.
    for _ in 0..2_000 {
        run_due(worker).await;
        let Some(left) = until_next().await else { return };
        advance(left + Duration::from_millis(5)).await;
    }
    unreachable!("the queue never becomes idle");
}

/// One sign of life, as the process gives it for all its work and for this job; whether the job is still its own.
pub async fn send_heartbeat(worker: &Worker, fence: &Fence) -> store::Result<bool> {
    queue::heartbeat(&worker.heartbeat_db, worker.me, worker.time_scale.of(queue::LEASE)).await?;
    crate::provisioning::heartbeat::send_heartbeat(worker, fence).await
}

/// Keeps opened secrets for as long as the handle lives, as a started worker does.
pub fn follow(worker: &Worker, listener: &Listener) -> AbortOnDropHandle<()> {
    crate::queue::follow(worker, listener)
}

/// This process stood still for longer than any call may take, just now.
pub fn stand_still(worker: &Worker) {
    worker.stood_still.store(true, std::sync::atomic::Ordering::SeqCst);
}

/// Runs every periodic job once, whether it is due or not, and waits for all.
pub async fn run_periodic(worker: &Worker) -> Result<(), String> {
    crate::periodic::all_now(worker).await.map_err(|failed| failed.cause)
}

/// Renews an agency's tokens although they are still good.
pub async fn renew(worker: &Worker, agency: AgencyId) -> Result<(), String> {
    let read = crate::integrations::tokens::company(worker, agency).await.map_err(|why| format!("{why:?}"))?;
    crate::integrations::tokens::renew(worker, agency, read.secret).await.map_err(|why| format!("{why:?}"))
}

/// Renews the tokens of an agency's connection unless somebody did since this version, as a call does whose token ended.
pub async fn renew_since(
    worker: &Worker,
    agency: AgencyId,
    integration: IntegrationId,
    version: i32,
) -> Result<(), String> {
    let renewed = crate::integrations::refresh::refresh(worker, agency, None, integration, version).await;
    renewed.map_err(|why| format!("{why:?}"))
}
