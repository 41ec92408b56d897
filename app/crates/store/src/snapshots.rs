//! HighLevel's templates as the last sync saw them. A row never goes: old jobs name it; it is only no longer offered.

use domain::page::{ListQuery, Page};
use domain::snapshot::{SeenSnapshot, Snapshot, Synced};
use domain::{AgencyId, SnapshotId};
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::page::Cursor;
use crate::{Result, TenantTx, found, outbox};

/// A page of the agency's snapshots by name. `q` looks in name, niche and HighLevel's id; `view` is empty (offered),
/// `off` or `all`.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Snapshot>> {
    let after: Option<(String, SnapshotId)> = Cursor::read(query);
    let (name, id) = after.map_or((None, None), |(name, id)| (Some(name), Some(id.0)));
    let rows = sqlx::query_as!(
        Snapshot,
        r#"select id as "id: SnapshotId", ghl_snapshot_id, name, niche, description, is_active, kind, last_seen_at, created_at
           from snapshots where agency_id = $1 and case $2::text when 'all' then true when 'off' then not is_active else is_active end
             and ($3::text = '' or strpos(lower(name), lower($3)) > 0 or strpos(lower(niche), lower($3)) > 0 or ghl_snapshot_id = $3)
             and ($4::text is null or (name, id) > ($4, $5))
           order by name, id limit $6"#,
        tx.agency()?.0,
        query.view,
        query.q.trim(),
        name,
        id,
        query.size() + 1
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Cursor::page(rows, query, |last: &Snapshot| (last.name.clone(), last.id)))
}

/// One snapshot of the agency.
pub async fn get(tx: &mut TenantTx, id: SnapshotId) -> Result<Snapshot> {
    let snapshot = sqlx::query_as!(
        Snapshot,
        r#"select id as "id: SnapshotId", ghl_snapshot_id, name, niche, description, is_active, kind, last_seen_at, created_at
           from snapshots where agency_id = $1 and id = $2"#,
        tx.agency()?.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(snapshot)
}

/// Stores what HighLevel lists now. What it no longer lists is kept and no longer offered; one that a person switched off
/// stays off when it is seen again.
pub async fn upsert_many(tx: &mut TenantTx, seen: &[SeenSnapshot]) -> Result<Synced> {
    let agency = tx.agency()?;
    let (ids, names, kinds) = columns(seen);
    let counts = sqlx::query!(
        r#"with fresh as (select * from unnest($2::text[], $3::text[], $4::text[]) as f (ghl_id, name, kind)),
                changed as (select count(*) as n from snapshots s join fresh f on f.ghl_id = s.ghl_snapshot_id
                            where s.agency_id = $1 and (s.name is distinct from f.name or s.kind is distinct from f.kind)),
                known as (select count(*) as n from snapshots s join fresh f on f.ghl_id = s.ghl_snapshot_id where s.agency_id = $1),
                stored as (insert into snapshots as s (id, agency_id, ghl_snapshot_id, name, kind, last_seen_at)
                  select gen_random_uuid(), $1, ghl_id, name, kind, now() from fresh
                  on conflict (agency_id, ghl_snapshot_id) do update set name = excluded.name, kind = excluded.kind, last_seen_at = now()
                  returning s.id)
           select (select n from changed) as "changed!", (select count(*) from stored) - (select n from known) as "added!""#,
        agency.0,
        &ids,
        &names,
        &kinds as &[Option<String>]
    )
    .fetch_one(tx.conn())
    .await?;
    let gone = sqlx::query!(
        "update snapshots set is_active = false where agency_id = $1 and is_active and ghl_snapshot_id <> all ($2)",
        agency.0,
        &ids
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    let n = |n: i64| u32::try_from(n).unwrap_or_default();
    let synced = Synced { added: n(counts.added), changed: n(counts.changed), gone: u32::try_from(gone).unwrap_or_default() };
    outbox::add(tx, "snapshots.synced", None, &serde_json::json!(synced)).await?;
    Ok(synced)
}

/// A list that names one twice counts it once, as its last line says.
fn columns(seen: &[SeenSnapshot]) -> (Vec<String>, Vec<String>, Vec<Option<String>>) {
    let unique: std::collections::BTreeMap<_, _> = seen.iter().map(|one| (&one.ghl_snapshot_id, one)).collect();
    let clip = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    unique
        .into_values()
        .map(|one| {
            let name = if one.name.is_empty() { "Untitled" } else { &one.name };
            (one.ghl_snapshot_id.clone(), (clip(name, 255), one.kind.as_deref().map(|kind| clip(kind, 16))))
        })
        .fold(<(Vec<_>, Vec<_>, Vec<_>)>::default(), |mut all, (id, (name, kind))| {
            all.0.push(id);
            all.1.push(name);
            all.2.push(kind);
            all
        })
}

/// Offers a snapshot for new jobs, or no longer.
pub async fn set_active(tx: &mut TenantTx, id: SnapshotId, active: bool) -> Result<()> {
    let agency = tx.agency()?;
    let changed = sqlx::query!("update snapshots set is_active = $3 where agency_id = $1 and id = $2", agency.0, id.0, active).execute(tx.conn()).await?;
    found(changed.rows_affected())?;
    let action = if active { "snapshot.offered" } else { "snapshot.withdrawn" };
    audit::record(tx, Act::new(action, "snapshot").object(id)).await?;
    outbox::add(tx, "snapshots.changed", Some(id.0), &serde_json::json!({})).await
}

/// Sets what we know about a snapshot and HighLevel does not: niche and description.
pub async fn describe(tx: &mut TenantTx, id: SnapshotId, niche: Option<&str>, description: Option<&str>) -> Result<()> {
    let agency = tx.agency()?;
    let changed = sqlx::query!(
        "update snapshots set niche = $3, description = $4 where agency_id = $1 and id = $2",
        agency.0,
        id.0,
        niche,
        description
    )
    .execute(tx.conn())
    .await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("snapshot.described", "snapshot").object(id)).await
}

/// Niches in use, for the filter.
pub async fn niches(tx: &mut TenantTx) -> Result<Vec<String>> {
    let agency: AgencyId = tx.agency()?;
    let niches = sqlx::query_scalar!(
        r#"select distinct niche as "niche!" from snapshots where agency_id = $1 and is_active and niche is not null order by 1"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(niches)
}

/// Whether any of HighLevel's ids is one of the agency's; used to tell a stranger's id from a withdrawn one.
pub async fn find_by_ghl_id(tx: &mut TenantTx, ghl_id: &str) -> Result<Option<SnapshotId>> {
    let id: Option<Uuid> = sqlx::query_scalar!("select id from snapshots where agency_id = $1 and ghl_snapshot_id = $2", tx.agency()?.0, ghl_id)
        .fetch_optional(tx.conn())
        .await?;
    Ok(id.map(SnapshotId))
}
