//! Does the worker of a job still live? It says so over connections of its own, so that work which has used up all others does not
//! lose the claims of this process.

use std::time::Duration;

use domain::identity::Reach;
use store::provisioning as rows;
use store::{Scope, TenantTx};
use tokio_util::sync::CancellationToken;

use super::engine::LEASE;
use crate::Worker;
use crate::time_scale::secs;

const HEARTBEAT: Duration = secs(15);

/// Keeps the claim alive; two misses in a row, or somebody else's claim, end it.
pub async fn heartbeat(worker: Worker, fence: rows::Fence, lost: CancellationToken) {
    let mut misses = 0;
    loop {
        tokio::time::sleep(worker.time_scale.of(HEARTBEAT)).await;
        match send_heartbeat(&worker, &fence).await {
            Ok(true) => misses = 0,
            Ok(false) => return lost.cancel(),
            Err(_) if misses == 0 => misses = 1,
            Err(_) => return lost.cancel(),
        }
    }
}

/// One sign of life, over connections that work cannot use up.
pub async fn send_heartbeat(worker: &Worker, fence: &rows::Fence) -> store::Result<bool> {
    let scope = Scope::Agency { user: None, agency: fence.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&worker.heartbeat_db, scope).await?;
    let kept = rows::heartbeat(&mut tx, fence, worker.time_scale.of(LEASE)).await?;
    tx.commit().await?;
    Ok(kept)
}
