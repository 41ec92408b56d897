//! Operations on snapshots: read HighLevel's list again, make one available for new clients, describe it.

use domain::SnapshotId;
use domain::permission::Right;
use domain::snapshot::sync::SyncFailure;
use domain::work::Kind;
use store::audit::{self, Act};
use store::queue::{self, Work};
use store::{integrations, snapshots};

use crate::{Actor, Refusal};

/// Queues a background job that reads the list from HighLevel again. One that waits for its next try begins now.
///
/// # Errors
/// `State` if HighLevel is not connected, or must be connected again.
pub async fn sync(actor: &Actor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::SnapshotsManage)?.begin().await?;
    let company = integrations::company(&mut tx)
        .await?
        .filter(|own| own.is_active)
        .ok_or_else(|| Refusal::State("HighLevel isn't connected. Connect it first.".to_owned()))?;
    if company.needs_reauth_at.is_some() {
        return Err(Refusal::State(SyncFailure::Reconnect.words().to_owned()));
    }
    let work = Work::new(Kind::SyncSnapshots).subject(company.id.0);
    queue::add_at_once(&mut tx, &work.once(format!("snapshots:{}", company.id))).await?;
    snapshots::syncs::asked(&mut tx).await?;
    let agency = tx.agency()?;
    audit::record(&mut tx, Act::new("snapshots.sync_asked", "agency").object(agency)).await?;
    Ok(tx.commit().await?)
}

/// Offers a snapshot for new clients, or stops offering it.
///
/// # Errors
/// `NotFound` if there is no such snapshot.
pub async fn set_active(actor: &Actor, snapshot: SnapshotId, active: bool) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::SnapshotsManage)?.begin().await?;
    snapshots::set_active(&mut tx, snapshot, active).await?;
    Ok(tx.commit().await?)
}

/// Sets what HighLevel has no field for: a niche to find the snapshot by, and the agency's description of it.
///
/// # Errors
/// `NotFound` if there is no such snapshot.
pub async fn describe(actor: &Actor, snapshot: SnapshotId, niche: &str, description: &str) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::SnapshotsManage)?.begin().await?;
    snapshots::describe(&mut tx, snapshot, Some(niche), Some(description)).await?;
    Ok(tx.commit().await?)
}
