//! Orders of the demo world that are really carried out, as soon as a worker runs: one that ends well, and one that asks a
//! person, because HighLevel does not offer its snapshot any more.

use anyhow::Context;
use domain::AgencyId;
use domain::page::ListQuery;
use domain::provisioning::{Client, NewJob};
use domain::snapshot::SeenSnapshot;
use domain::{SnapshotId, UserId};
use store::provisioning::history::LAST;
use store::tenant::TenantTx;

use super::history;
use crate::boot::compose::Core;

/// Key of the order that asks a person.
const ASKING: &str = "demo: Rosewood Med Spa";

/// The snapshot that was deleted in HighLevel after it was chosen.
fn deleted() -> SeenSnapshot {
    SeenSnapshot { ghl_snapshot_id: "MedSpaBooking0000009".to_owned(), name: "Med Spa Booking".to_owned(), kind: None }
}

/// Starts the order whose job asks a person, unless it was started before. `seen` are the snapshots that HighLevel offers.
///
/// # Errors
/// When the database fails.
pub async fn asking(core: &Core, agency: AgencyId, by: UserId, seen: &[SeenSnapshot]) -> anyhow::Result<()> {
    if super::has_job(core, agency, ASKING).await? {
        return Ok(());
    }
    let client = Client {
        first_name: "Rosa".to_owned(),
        last_name: "Wood".to_owned(),
        city: "Tampa".to_owned(),
        state: "FL".to_owned(),
        ..history::client("Rosewood Med Spa", None)
    };
    let mut tx = TenantTx::begin(&core.db, super::scope_of(agency, by)).await?;
    let before: Vec<SeenSnapshot> = seen.iter().cloned().chain([deleted()]).collect();
    store::snapshots::sync(&mut tx, &before).await?;
    let snapshot_id = snapshot(&mut tx, &deleted().name).await?;
    start(&mut tx, NewJob { client, snapshot_id, ..NewJob::default() }, ASKING).await?;
    store::snapshots::sync(&mut tx, seen).await?;
    Ok(tx.commit().await?)
}

/// Starts the order that ends well. It passes the same check as any order, and is the last of the demo world.
///
/// # Errors
/// When the database fails.
pub async fn last(core: &Core, agency: AgencyId, by: UserId) -> anyhow::Result<()> {
    let mut tx = TenantTx::begin(&core.db, super::scope_of(agency, by)).await?;
    let client = Client {
        first_name: "Nora".to_owned(),
        last_name: "Pearl".to_owned(),
        city: "Charleston".to_owned(),
        state: "SC".to_owned(),
        ..history::client("Pearl Dental Studio", None)
    };
    let order = NewJob {
        client,
        snapshot_id: snapshot(&mut tx, simulator::demo::DENTAL).await?,
        custom_values: [("Practice name".to_owned(), "Pearl Dental Studio".to_owned())].into(),
        tags: vec!["dental".to_owned()],
        ..NewJob::default()
    };
    start(&mut tx, order, LAST).await?;
    Ok(tx.commit().await?)
}

async fn start(tx: &mut TenantTx, order: NewJob, key: &str) -> anyhow::Result<()> {
    let checked = order.check().map_err(|wrong| anyhow::anyhow!("an order of the demo is not valid: {wrong:?}"))?;
    store::provisioning::start(tx, &checked, Some(key)).await.context("starting an order of the demo")?;
    Ok(())
}

/// The agency's snapshot with this name.
pub async fn snapshot(tx: &mut TenantTx, name: &str) -> anyhow::Result<Option<SnapshotId>> {
    let snapshots = store::snapshots::list(tx, &ListQuery::default()).await?.rows;
    Ok(snapshots.into_iter().find(|one| one.name == name).map(|one| one.id))
}
