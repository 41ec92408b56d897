//! Sends the heartbeat of a job's worker. It uses its own database connections, so work that uses up the other
//! connections cannot cost this process its claims.

use std::time::Duration;

use domain::identity::Reach;
use store::provisioning as rows;
use store::{Scope, TenantTx};
use tokio_util::sync::CancellationToken;

use super::engine::LEASE;
use crate::Worker;
use crate::time_scale::secs;

const HEARTBEAT: Duration = secs(15);

/// Renews the claim periodically. Stops and cancels `lost` after two failures in a row or when another worker has
/// the claim.
pub async fn heartbeat(worker: Worker, fence: rows::Fence, lost: CancellationToken) {
    let mut misses = 0;
    loop {
        tokio::time::sleep(worker.time_scale.guard(HEARTBEAT)).await;
        match send_heartbeat(&worker, &fence).await {
            Ok(true) => misses = 0,
            Ok(false) => return lost.cancel(),
            Err(_) if misses == 0 => misses = 1,
            Err(_) => return lost.cancel(),
        }
    }
}

/// Sends one heartbeat over separate connections, which work cannot use up. Returns true if the claim is still
/// ours.
pub async fn send_heartbeat(worker: &Worker, fence: &rows::Fence) -> store::Result<bool> {
    let scope = Scope::Agency { user: None, agency: fence.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&worker.heartbeat_db, scope).await?;
    let kept = rows::heartbeat(&mut tx, fence, worker.time_scale.guard(LEASE)).await?;
    tx.commit().await?;
    Ok(kept)
}
