//! The list of businesses that a scope may see, with the state of each one's HighLevel connection.

use domain::business::BusinessRow;
use domain::clients::OwnerState;
use domain::integration;
use domain::page::{ListQuery, Page};
use domain::{AgencyId, BusinessId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::page::{Filter, Key, Kind, List, OtherView, Search, View, Within};
use crate::{PlatformTx, Result, TenantTx, integrations};

/// The sort orders that `list` supports. The first one is the default.
pub const ORDERS: &[&str] = &["name", "-created"];

/// The businesses of an agency, or of all agencies.
pub static LIST: List = List {
    key: "businesses",
    from: "sub_accounts b",
    id: "b.id",
    agency: Some("b.agency_id"),
    views: &[
        View::new("", "b.deleted_at is null"),
        View::new("active", "b.deleted_at is null and b.status = 'active'"),
        View::new("trial", "b.deleted_at is null and b.status = 'trial'"),
        View::new("paused", "b.deleted_at is null and b.status = 'paused'"),
        View::new("archived", "b.deleted_at is null and b.status = 'archived'"),
        View::new("trash", "b.deleted_at is not null"),
    ],
    other_view: OtherView::Nothing,
    search: Search::new(
        "b.name || e'\\n' || b.slug || e'\\n' || coalesce(b.email, '') || e'\\n' || coalesce(b.phone, '')",
    )
    .whole(&["lower(b.ghl_location_id)"]),
    filters: &[
        Filter::new("status", "b.status", Kind::Choice(&["trial", "active", "paused", "archived", "deleted"])),
        Filter::new("created", "b.created_at", Kind::Time),
        Filter::new("city", "b.city", Kind::Text),
        Filter::new("country", "b.country", Kind::Text),
        Filter::new("location", "b.ghl_location_id", Kind::Text),
        Filter::new("agency", "b.agency_id", Kind::Id),
    ],
    keys: &[Key::text("name", "left(lower(b.name), 200)"), Key::time("created", "b.created_at")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// Lists the businesses that this scope may see, in one of `ORDERS`. `q` searches name, slug, email, phone and
/// location id; `view` is a status or `trash`.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<BusinessRow>> {
    let within = Within::of(tx);
    read(tx.conn(), within, query).await
}

/// Lists the businesses of one agency, or of every agency with `None`, in platform scope.
pub async fn list_platform(
    tx: &mut PlatformTx,
    agency: Option<AgencyId>,
    query: &ListQuery,
) -> Result<Page<BusinessRow>> {
    read(tx.conn(), Within::platform(agency), query).await
}

async fn read(conn: &mut PgConnection, within: Within, query: &ListQuery) -> Result<Page<BusinessRow>> {
    let found = LIST.find(conn, within, query).await?;
    let rows = rows(conn, &found.ids).await?;
    Ok(found.page(rows, |row| row.id.0))
}

/// The rows of these businesses, in no order.
pub(crate) async fn rows(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<BusinessRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select b.id as "id!: BusinessId", b.agency_id as "agency!: AgencyId", a.name as "agency_name?", b.name as "name!", b.slug as "slug!", b.status as "status!",
                  b.ghl_location_id, b.email, b.phone, b.city, b.country, b.created_at as "created_at!", b.deleted_at,
                  b.owner_invited_at, job.snapshot as "snapshot?", greatest(b.updated_at, job.updated_at) as "last_activity!",
                  exists (select from user_sub_account_memberships m where m.agency_id = b.agency_id and m.sub_account_id = b.id and m.kind = 'member'
                          and m.status = 'active' and m.deleted_at is null) as "joined!",
                  (select i.id from integrations i where i.agency_id = b.agency_id and i.sub_account_id = b.id and i.type = 'GOHIGHLEVEL'
                   order by i.is_active desc, i.connected_at desc nulls last limit 1) as connection, now() as "now!"
           from sub_accounts b left join agencies a on a.id = b.agency_id
           left join lateral (select s.name as snapshot, j.updated_at from provisioning_jobs j left join snapshots s on s.agency_id = j.agency_id and s.id = j.snapshot_id
                              where j.agency_id = b.agency_id and j.sub_account_id = b.id order by j.created_at desc limit 1) job on true
           where b.id = any ($1)"#,
        ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let connections: Vec<_> = rows.iter().filter_map(|row| row.connection).collect();
    let facts = integrations::of_ids(conn, &connections).await?;
    let lines = rows.into_iter().map(|row| {
        let connection = facts.iter().find(|facts| Some(facts.id.0) == row.connection);
        BusinessRow {
            id: row.id,
            agency: row.agency,
            agency_name: row.agency_name,
            name: row.name,
            slug: row.slug,
            status: row.status,
            ghl_location_id: row.ghl_location_id,
            email: row.email,
            phone: row.phone,
            city: row.city,
            country: row.country,
            highlevel: integration::state(connection, row.now).state,
            snapshot: row.snapshot,
            owner: match (row.joined, row.owner_invited_at) {
                (true, _) => OwnerState::Joined,
                (false, Some(_)) => OwnerState::Invited,
                (false, None) => OwnerState::Nobody,
            },
            owner_invited_at: row.owner_invited_at,
            created_at: row.created_at,
            last_activity_at: row.last_activity,
            deleted_at: row.deleted_at,
        }
    });
    Ok(lines.collect())
}
