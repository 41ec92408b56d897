//! Adds work under platform scope, and answers whether work of a key is still in the queue.

use domain::AgencyId;
use sqlx::PgConnection;

use super::{Work, insert_row};
use crate::{DbRole, PlatformTx, Result, TenantTx};

/// Like `add`, under platform scope, for one agency or none. Returns false when the same work already waits; it may
/// then run before this transaction ends.
pub async fn add_platform(tx: &mut PlatformTx, agency: Option<AgencyId>, work: &Work) -> Result<bool> {
    let added = insert_row(tx.conn(), (agency, None), work).await?;
    tx.notices().work(work.kind.queue().key());
    Ok(added)
}

/// Whether work with this key waits, is scheduled, or runs just now. Work that was given up does not count. It switches
/// to the worker role, because a page may not read the queue.
pub async fn is_queued(tx: &mut TenantTx, key: &str) -> Result<bool> {
    let role = tx.role();
    tx.become_role(DbRole::Worker).await?;
    let queued = find(tx.conn(), key).await?;
    tx.become_role(role).await?;
    Ok(queued)
}

/// Like `is_queued`, under platform scope.
pub async fn is_queued_platform(tx: &mut PlatformTx, key: &str) -> Result<bool> {
    find(tx.conn(), key).await
}

async fn find(conn: &mut PgConnection, key: &str) -> Result<bool> {
    let queued = sqlx::query_scalar!(
        r#"select exists (select from work_ready where dedupe_key = $1) or exists (select from work_scheduled where dedupe_key = $1)
             or exists (select from work_leases where dedupe_key = $1) as "queued!""#,
        key
    );
    Ok(queued.fetch_one(conn).await?)
}
