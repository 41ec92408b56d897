//! HighLevel's templates as we last read them. A row is never deleted, because old jobs refer to it; it is only no
//! longer offered.

use chrono::{DateTime, Utc};
use domain::SnapshotId;
use domain::page::{ListQuery, Page};
use domain::snapshot::{SeenSnapshot, Snapshot, Synced};
use serde_json::json;

use crate::audit::{self, Act};
use crate::page::Cursor;
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

/// The position after which a page of snapshots begins: a name, a time and an id.
type After = (String, DateTime<Utc>, SnapshotId);

/// Whether `list` can read the query's cursor.
#[must_use]
pub fn knows_cursor(query: &ListQuery) -> bool {
    Cursor::is_readable::<After>(query)
}

/// The sort orders that `list` accepts. The first one is the default.
pub const ORDERS: &[&str] = &["name", "-created"];

/// A page of the agency's snapshots, in one of the `ORDERS`. `q` is part of a name, niche or description, or a
/// whole id of HighLevel; `view` is `active`, `inactive`, or `niche:` and a niche.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Snapshot>> {
    let agency = tx.agency()?;
    let after: Option<After> = Cursor::read(query);
    let (name, at, id) = after.map_or((None, None, None), |(name, at, id)| (Some(name), Some(at), Some(id.0)));
    let q = domain::text::line(&query.q);
    let rows = sqlx::query!(
        r#"select id as "id: SnapshotId", ghl_snapshot_id, name, lower(name) as "key!", niche, description, is_active, kind, last_seen_at, created_at
           from snapshots
           where agency_id = $1 and case $2 when '' then true when 'active' then is_active when 'inactive' then not is_active else 'niche:' || niche = $2 end
             and ($3 = '' or strpos(folded(name), folded($3)) > 0 or strpos(folded(niche), folded($3)) > 0 or strpos(folded(description), folded($3)) > 0 or lower(ghl_snapshot_id) = lower($3))
             and case when $4 then $6::timestamptz is null or (created_at, id) < ($6, $7) else $5::text is null or (lower(name), id) > ($5, $7) end
           order by case when $4 then created_at end desc, case when $4 then id end desc, lower(name), id limit $8"#,
        agency.0,
        query.view,
        q,
        query.order(ORDERS) == "-created",
        name,
        at,
        id,
        query.size() + 1,
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from snapshots
           where agency_id = $1 and case $2 when '' then true when 'active' then is_active when 'inactive' then not is_active else 'niche:' || niche = $2 end
             and ($3 = '' or strpos(folded(name), folded($3)) > 0 or strpos(folded(niche), folded($3)) > 0 or strpos(folded(description), folded($3)) > 0 or lower(ghl_snapshot_id) = lower($3))"#,
        agency.0,
        query.view,
        q
    )
    .fetch_one(tx.conn())
    .await?;
    let rows = rows.into_iter().map(|row| {
        let snapshot = Snapshot {
            id: row.id,
            ghl_snapshot_id: row.ghl_snapshot_id,
            name: row.name,
            niche: row.niche,
            description: row.description,
            is_active: row.is_active,
            kind: row.kind,
            last_seen_at: row.last_seen_at,
            created_at: row.created_at,
        };
        (row.key, snapshot)
    });
    let page = Cursor::page(rows.collect(), query, |(key, row)| (key.clone(), row.created_at, row.id));
    Ok(Page { rows: page.rows.into_iter().map(|(_, row)| row).collect(), next: page.next, total: Some(total) })
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
