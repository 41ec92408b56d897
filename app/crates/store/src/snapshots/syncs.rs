//! What is known about reading HighLevel's list of snapshots: when somebody asked for it, when it worked, why it did
//! not.

use domain::snapshot::sync::{SyncFacts, SyncFailure};
use serde_json::json;

use crate::audit::{self, Act};
use crate::{Result, TenantTx, outbox};

/// The facts about the agency's list.
pub async fn facts(tx: &mut TenantTx) -> Result<SyncFacts> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        "select asked_at, synced_at, listed, failed_at, failure, detail from snapshot_syncs where agency_id = $1",
        agency.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map_or_else(SyncFacts::default, |row| SyncFacts {
        asked_at: row.asked_at,
        synced_at: row.synced_at,
        listed: row.listed,
        failed_at: row.failed_at,
        failure: row.failure.as_deref().map(SyncFailure::parse),
        detail: row.detail,
    }))
}

/// Notes that the list was asked for. Whoever queues the sync calls it, in the same transaction.
pub async fn asked(tx: &mut TenantTx) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "insert into snapshot_syncs (agency_id, asked_at) values ($1, clock_timestamp())
         on conflict (agency_id) do update set asked_at = excluded.asked_at",
        agency.0
    )
    .execute(tx.conn())
    .await?;
    outbox::add(tx, "snapshots.changed", Some(agency.0), &json!({})).await
}

/// Notes that the list could not be read. `detail` is what HighLevel said, without secrets. The audit log gets one row
/// for each request and cause, however often it is tried.
pub async fn failed(tx: &mut TenantTx, failure: SyncFailure, detail: Option<&str>) -> Result<()> {
    let agency = tx.agency()?;
    let is_new = sqlx::query_scalar!(
        r#"with was as (select asked_at, failed_at, failure from snapshot_syncs where agency_id = $1 for update)
           insert into snapshot_syncs (agency_id, failed_at, failure, detail)
           select $1, clock_timestamp(), $2, left($3, 500) from (select count(*) from was) looked_first
           on conflict (agency_id) do update set failed_at = excluded.failed_at, failure = excluded.failure, detail = excluded.detail
           returning coalesce((select failed_at is null or failed_at < asked_at or failure is distinct from $2 from was), true) as "new!""#,
        agency.0,
        failure.key(),
        detail
    )
    .fetch_one(tx.conn())
    .await?;
    if is_new {
        let payload = json!({ "cause": failure.key() });
        audit::record(tx, Act::new("snapshots.sync_failed", "agency").object(agency).payload(payload)).await?;
    }
    outbox::add(tx, "snapshots.changed", Some(agency.0), &json!({})).await
}

/// Notes that the list was read. The caller writes audit and outbox.
pub(super) async fn synced(tx: &mut TenantTx, listed: usize) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "insert into snapshot_syncs (agency_id, synced_at, listed) values ($1, clock_timestamp(), $2)
         on conflict (agency_id) do update set synced_at = excluded.synced_at, listed = excluded.listed, failed_at = null, failure = null, detail = null",
        agency.0,
        i32::try_from(listed).unwrap_or(i32::MAX)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
