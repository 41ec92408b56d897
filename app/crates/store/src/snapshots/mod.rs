//! HighLevel's templates as we last read them. A row is never deleted, because old jobs refer to it; it is only no
//! longer offered.

mod list;
pub mod syncs;
mod usage;

use domain::SnapshotId;
use domain::snapshot::{SeenSnapshot, Snapshot, Synced};
use serde_json::json;

pub use self::list::{LIST, ORDERS, list};
pub use self::usage::usage;
use crate::audit::{self, Act};
use crate::{Result, TenantTx, found, outbox};

/// One of the agency's snapshots.
pub async fn get(tx: &mut TenantTx, id: SnapshotId) -> Result<Snapshot> {
    let agency = tx.agency()?;
    let snapshot = sqlx::query_as!(
        Snapshot,
        r#"select id as "id: SnapshotId", ghl_snapshot_id, name, niche, description, is_active, kind, last_seen_at, created_at
           from snapshots where agency_id = $1 and id = $2"#,
        agency.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(snapshot)
}

/// The snapshots that a new job may use, by name.
pub async fn offered(tx: &mut TenantTx) -> Result<Vec<Snapshot>> {
    let agency = tx.agency()?;
    let snapshots = sqlx::query_as!(
        Snapshot,
        r#"select id as "id: SnapshotId", ghl_snapshot_id, name, niche, description, is_active, kind, last_seen_at, created_at
           from snapshots where agency_id = $1 and is_active order by lower(name), id limit 1000"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(snapshots)
}

/// The niches in use, for the filter.
pub async fn niches(tx: &mut TenantTx) -> Result<Vec<String>> {
    let agency = tx.agency()?;
    let niches = sqlx::query_scalar!(
        r#"select distinct niche as "niche!" from snapshots where agency_id = $1 and niche is not null order by 1"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(niches)
}

/// Stores what HighLevel lists now. A snapshot that it no longer lists is kept and no longer offered. When it
/// comes back, it is offered again, unless a person had deactivated it while it was listed.
pub async fn sync(tx: &mut TenantTx, seen: &[SeenSnapshot]) -> Result<Synced> {
    let agency = tx.agency()?;
    // Two concurrent syncs take turns, so that one does not mark as gone what the other has seen.
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('snapshots:' || $1::text, 0)) as locked",
        agency.to_string()
    )
    .fetch_one(tx.conn())
    .await?;
    let ids: Vec<String> = seen.iter().map(|one| one.ghl_snapshot_id.clone()).collect();
    let names: Vec<String> =
        seen.iter().map(|one| if one.name.trim().is_empty() { "Untitled".into() } else { one.name.clone() }).collect();
    let kinds: Vec<Option<String>> = seen.iter().map(|one| one.kind.clone()).collect();
    let row = sqlx::query!(
        r#"with seen as (select distinct on (id) id, left(name, 255) as name, left(kind, 16) as kind from unnest($2::text[], $3::text[], $4::text[]) as s (id, name, kind)),
                last as materialized (select max(last_seen_at) as at, clock_timestamp() as now from snapshots where agency_id = $1),
                added as (insert into snapshots (id, agency_id, ghl_snapshot_id, name, kind, last_seen_at)
                  select gen_random_uuid(), $1, s.id, s.name, s.kind, l.now from seen s cross join last l
                  where not exists (select from snapshots k where k.agency_id = $1 and k.ghl_snapshot_id = s.id) returning id),
                again as (update snapshots k set name = s.name, kind = s.kind, last_seen_at = l.now, is_active = k.is_active or k.last_seen_at < l.at
                  from seen s cross join last l, snapshots was where k.agency_id = $1 and k.ghl_snapshot_id = s.id and was.id = k.id
                  returning (was.name, was.kind, was.is_active) is distinct from (k.name, k.kind, k.is_active) as changed),
                gone as (update snapshots k set is_active = false where k.agency_id = $1 and k.is_active and not exists (select from seen s where s.id = k.ghl_snapshot_id) returning k.id)
           select (select count(*) from added) as "added!", (select count(*) from again where changed) as "changed!", (select count(*) from gone) as "gone!""#,
        agency.0,
        &ids,
        &names,
        &kinds as &[Option<String>],
    )
    .fetch_one(tx.conn())
    .await?;
    syncs::synced(tx, ids.len()).await?;
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let synced = Synced { added: number(row.added), changed: number(row.changed), gone: number(row.gone) };
    audit::record(tx, Act::new("snapshots.synced", "agency").object(agency).payload(json!(synced))).await?;
    outbox::add(tx, "snapshots.synced", Some(agency.0), &json!(synced)).await?;
    Ok(synced)
}

/// Offers it for new jobs, or stops offering it. Old jobs keep it either way.
pub async fn set_active(tx: &mut TenantTx, id: SnapshotId, active: bool) -> Result<()> {
    let agency = tx.agency()?;
    let done =
        sqlx::query!("update snapshots set is_active = $3 where agency_id = $1 and id = $2", agency.0, id.0, active)
            .execute(tx.conn())
            .await?;
    found(done.rows_affected())?;
    notify(tx, id, if active { "snapshot.offered" } else { "snapshot.withdrawn" }).await
}

/// Sets the niche and our description, for which HighLevel has no fields.
pub async fn describe(tx: &mut TenantTx, id: SnapshotId, niche: Option<&str>, description: Option<&str>) -> Result<()> {
    let agency = tx.agency()?;
    let done = sqlx::query!(
        "update snapshots set niche = nullif($3, ''), description = nullif($4, '') where agency_id = $1 and id = $2",
        agency.0,
        id.0,
        niche.map(str::trim),
        description.map(str::trim)
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    notify(tx, id, "snapshot.described").await
}

async fn notify(tx: &mut TenantTx, id: SnapshotId, action: &'static str) -> Result<()> {
    audit::record(tx, Act::new(action, "snapshot").object(id)).await?;
    outbox::add(tx, "snapshots.changed", Some(id.0), &json!({})).await
}

#[cfg(all(test, feature = "testing"))]
mod tests;
