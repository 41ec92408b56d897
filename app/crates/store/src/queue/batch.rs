//! Adds or completes many rows in one statement. The rules are those for a single row; there are only fewer round
//! trips to the database.

use domain::{AgencyId, BusinessId};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

use super::Work;
use super::single::{self, Waits};
use crate::{Result, TenantTx, new_id};

/// Adds work that may run at once, in the caller's transaction. Returns how many items were new. The others
/// already wait, and they stay where they are until this transaction ends.
pub async fn add_many(tx: &mut TenantTx, works: &[Work]) -> Result<u64> {
    let mut added = insert(tx, works).await?;
    let keys: Vec<String> = works.iter().filter_map(|work| work.dedupe.clone()).collect();
    // Work that was claimed between the insert and the lock can no longer be locked, so it is added again.
    while added < works.len() as u64 && !keys.is_empty() {
        let held = single::hold(tx, &keys, Waits::Ready).await?;
        let gone = |work: &&Work| work.dedupe.as_ref().is_some_and(|key| !held.contains(key));
        let missing: Vec<Work> = works.iter().filter(gone).cloned().collect();
        if missing.is_empty() {
            break;
        }
        added += insert(tx, &missing).await?;
    }
    for queue in works.iter().map(|work| work.kind.queue().key()).collect::<BTreeSet<_>>() {
        tx.notices().work(queue);
    }
    Ok(added)
}

async fn insert(tx: &mut TenantTx, works: &[Work]) -> Result<u64> {
    let (agency, business): (Option<AgencyId>, Option<BusinessId>) = (tx.home().await?, tx.business());
    let ids: Vec<Uuid> = works.iter().map(|_| new_id()).collect();
    let tenants: Vec<Uuid> = works.iter().map(|work| work.tenant_key(agency)).collect();
    let queues: Vec<String> = works.iter().map(|work| work.kind.queue().key().to_owned()).collect();
    let kinds: Vec<String> = works.iter().map(|work| work.kind.key().to_owned()).collect();
    let priorities: Vec<i16> = works.iter().map(|work| work.priority).collect();
    let subjects: Vec<Option<Uuid>> = works.iter().map(|work| work.subject).collect();
    let payloads: Vec<Value> = works.iter().map(|work| work.payload.clone()).collect();
    let keys: Vec<Option<String>> = works.iter().map(|work| work.dedupe.clone()).collect();
    let added = sqlx::query!(
        "insert into work_ready (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, dedupe_key)
         select w.id, w.lane, w.tenant, w.priority, w.kind, $2, $3, w.subject, w.payload, w.dedupe
         from unnest($1::uuid[], $4::uuid[], $5::text[], $6::smallint[], $7::text[], $8::uuid[], $9::jsonb[], $10::text[])
           as w (tenant, id, lane, priority, kind, subject, payload, dedupe)
         on conflict do nothing",
        &tenants,
        agency.map(|id| id.0),
        business.map(|id| id.0),
        &ids,
        &queues,
        &priorities,
        &kinds,
        &subjects as &[Option<Uuid>],
        &payloads,
        &keys as &[Option<String>],
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(added)
}

/// Completes work in one transaction. Returns the ids that this process still held. The lease of any other item
/// was lost, and that item runs again or already did.
pub async fn complete_many(tx: &mut TenantTx, ids: &[Uuid], owner: Uuid) -> Result<Vec<Uuid>> {
    let done = sqlx::query_scalar!(
        "delete from work_leases where id = any($1) and lease_owner is not distinct from $2 returning id",
        ids,
        owner
    );
    Ok(done.fetch_all(tx.conn()).await?)
}
