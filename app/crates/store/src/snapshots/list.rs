//! The list of an agency's snapshots.

use domain::SnapshotId;
use domain::page::{ListQuery, Page};
use domain::snapshot::Snapshot;

use crate::page::{Filter, Key, Kind, List, OtherView, Search, View, Within};
use crate::{Result, TenantTx};

/// The sort orders that `list` accepts. The first one is the default.
pub const ORDERS: &[&str] = &["name", "-created"];

/// An agency's snapshots.
pub static LIST: List = List {
    key: "snapshots",
    from: "snapshots s",
    id: "s.id",
    agency: Some("s.agency_id"),
    views: &[View::new("", ""), View::new("active", "s.is_active"), View::new("inactive", "not s.is_active")],
    other_view: OtherView::Text { prefix: "niche:", column: "s.niche" },
    search: Search::new("s.name || e'\\n' || coalesce(s.niche, '') || e'\\n' || coalesce(s.description, '')")
        .whole(&["lower(s.ghl_snapshot_id)"]),
    filters: &[
        Filter::new("niche", "s.niche", Kind::Text),
        Filter::new("kind", "s.kind", Kind::Text),
        Filter::new("offered", "s.is_active", Kind::Bool),
        Filter::new("created", "s.created_at", Kind::Time),
        Filter::new("seen", "s.last_seen_at", Kind::Time),
    ],
    keys: &[Key::text("name", "left(lower(s.name), 200)"), Key::time("created", "s.created_at")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A page of the agency's snapshots, in one of the `ORDERS`. `q` is part of a name, niche or description, or a
/// whole id of HighLevel; `view` is `active`, `inactive`, or `niche:` and a niche.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Snapshot>> {
    let (agency, within) = (tx.agency()?, Within::of(tx));
    let found = LIST.find(tx.conn(), within, query).await?;
    if found.ids.is_empty() {
        return Ok(found.page(Vec::new(), |row: &Snapshot| row.id.0));
    }
    let rows = sqlx::query_as!(
        Snapshot,
        r#"select id as "id: SnapshotId", ghl_snapshot_id, name, niche, description, is_active, kind, last_seen_at, created_at
           from snapshots where agency_id = $1 and id = any ($2)"#,
        agency.0,
        &found.ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.page(rows, |row| row.id.0))
}
