//! The platform's list of all agencies, with counts of what each holds.

use domain::AgencyId;
use domain::agency::{Agency, AgencyRow};
use domain::integration;
use domain::page::{ListQuery, Page};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::page::{Filter, Key, Kind, List, OtherView, Search, View, Within};
use crate::{PlatformTx, Result, integrations};

/// The sort orders that `list` accepts. The first one is the default.
pub const ORDERS: &[&str] = &["-created", "name"];

/// All agencies.
pub static LIST: List = List {
    key: "agencies",
    from: "agencies a",
    id: "a.id",
    views: &[
        View::new("", "a.deleted_at is null"),
        View::new("active", "a.deleted_at is null and a.status = 'active'"),
        View::new("paused", "a.deleted_at is null and a.status = 'paused'"),
        View::new("trash", "a.deleted_at is not null"),
    ],
    other_view: OtherView::Nothing,
    search: Search::new("a.name || e'\\n' || a.slug").whole(&["lower(a.ghl_agency_id)"]),
    filters: &[
        Filter::new("status", "a.status", Kind::Choice(&["active", "paused", "deleted"])),
        Filter::new("created", "a.created_at", Kind::Time),
        Filter::new("company", "a.ghl_agency_id", Kind::Text),
    ],
    keys: &[Key::time("created", "a.created_at"), Key::text("name", "left(lower(a.name), 200)")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A page of all agencies, in one of the `ORDERS`. `q` is part of a name or slug, or a whole company id of
/// HighLevel; `view` is a status or `trash`.
pub async fn list(tx: &mut PlatformTx, query: &ListQuery) -> Result<Page<AgencyRow>> {
    let found = LIST.find(tx.conn(), Within::default(), query).await?;
    let rows = rows(tx.conn(), &found.ids).await?;
    Ok(found.page(rows, |row| row.agency.id.0))
}

/// The rows of these agencies, in no order.
pub(crate) async fn rows(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<AgencyRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select a.id as "id: AgencyId", a.name, a.slug, a.status, a.ghl_agency_id, a.token_expires_at, a.created_at, a.deleted_at,
                  (select count(*) from sub_accounts b where b.agency_id = a.id and b.deleted_at is null) as "businesses!",
                  (select count(*) from user_agency_memberships m where m.agency_id = a.id and m.deleted_at is null) as "people!",
                  (select count(*) from provisioning_jobs j where j.agency_id = a.id and j.finished_at is null) as "open_jobs!",
                  (select count(*) from provisioning_jobs j where j.agency_id = a.id and j.created_at > now() - interval '7 days') as "jobs_week!",
                  (select i.id from integrations i where i.agency_id = a.id and i.sub_account_id is null and i.type = 'GOHIGHLEVEL' and i.parent_platform_id is null
                   order by i.is_active desc, i.connected_at desc nulls last limit 1) as company, now() as "now!"
           from agencies a where a.id = any ($1)"#,
        ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let companies: Vec<_> = rows.iter().filter_map(|row| row.company).collect();
    let facts = integrations::of_ids(conn, &companies).await?;
    let lines = rows.into_iter().map(|row| {
        let company = facts.iter().find(|facts| Some(facts.id.0) == row.company);
        AgencyRow {
            agency: Agency {
                id: row.id,
                name: row.name,
                slug: row.slug,
                status: row.status,
                ghl_agency_id: row.ghl_agency_id,
                token_expires_at: row.token_expires_at,
                created_at: row.created_at,
                deleted_at: row.deleted_at,
            },
            businesses: row.businesses,
            people: row.people,
            open_jobs: row.open_jobs,
            jobs_week: row.jobs_week,
            highlevel: integration::state(company, row.now).state,
        }
    });
    Ok(lines.collect())
}
