//! The list of sub-accounts that can be imported: those that no client of the agency has and no job is setting up.

use domain::imports::{ImportStatus, Importable};
use domain::page::{ListQuery, Page};
use uuid::Uuid;

use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Result, TenantTx};

/// The sort orders that `list` accepts.
pub const ORDERS: &[&str] = &["name"];

/// The sub-accounts of the agency's company that are no clients, without those of which a job is making a client.
pub static LIST: List = List {
    key: "importable",
    from: "ghl_locations l",
    id: "l.id",
    agency: Some("l.agency_id"),
    always: "not exists (select from sub_accounts b where b.agency_id = l.agency_id and b.ghl_location_id = l.ghl_location_id and b.deleted_at is null)
             and not exists (select from provisioning_jobs j where j.agency_id = l.agency_id and j.location_id = l.ghl_location_id
               and j.status <> 'CANCELLED' and j.sub_account_id is null and j.finished_at is null)",
    views: &[View::new("", ""), View::new("failed", "l.import_state = 'failed'")],
    search: Search::new("l.name || e'\\n' || coalesce(l.city, '') || e'\\n' || coalesce(l.email, '')")
        .whole(&["lower(l.ghl_location_id)"]),
    filters: &[
        Filter::new("city", "l.city", Kind::Text),
        Filter::new("state", "l.state", Kind::Text),
        Filter::new("country", "l.country", Kind::Text),
        Filter::new("added", "l.added_at", Kind::Time),
    ],
    keys: &[Key::text("name", "left(lower(l.name), 200)")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A sub-account that a job may continue with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// HighLevel's id of it.
    pub location: String,
    /// Its name.
    pub name: String,
    /// Its city.
    pub city: Option<String>,
}

/// The sub-accounts of the connected company that no client and no other job has, newest first.
pub async fn offered(tx: &mut TenantTx, most: i64) -> Result<Vec<Offered>> {
    let agency = tx.agency()?;
    let offered = sqlx::query_as!(
        Offered,
        "select l.ghl_location_id as location, l.name, l.city
         from ghl_locations l join location_lists s on s.agency_id = l.agency_id
         where l.agency_id = $1
           and exists (select from integrations i where i.agency_id = $1 and i.sub_account_id is null and i.parent_platform_id is null and i.is_active
             and i.type = 'GOHIGHLEVEL' and i.platform_id = s.company_id)
           and not exists (select from sub_accounts b where b.agency_id = $1 and b.ghl_location_id = l.ghl_location_id)
           and not exists (select from provisioning_jobs j where j.agency_id = $1 and j.location_id = l.ghl_location_id and j.status <> 'CANCELLED')
         order by l.added_at desc nulls last, l.id limit $2",
        agency.0,
        most
    );
    Ok(offered.fetch_all(tx.conn()).await?)
}

/// The order of a page is by our own id of the row, which nobody else sees.
struct Line {
    id: Uuid,
    row: Importable,
}

/// A page of the sub-accounts that are no clients, by name. `q` is part of a name, a city or an address, or a whole id
/// of HighLevel; `view` is `failed`.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Importable>> {
    let (agency, within) = (tx.agency()?, Within::of(tx));
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = sqlx::query!(
        r#"select l.id, l.ghl_location_id, l.name, l.email, l.phone, l.city, l.state, l.country, l.timezone, l.added_at, l.import_state, l.import_error,
                  (select b.name from sub_accounts b where b.agency_id = l.agency_id and b.ghl_location_id = l.ghl_location_id and b.deleted_at is not null
                   order by b.deleted_at desc limit 1) as in_trash
           from ghl_locations l where l.agency_id = $1 and l.id = any ($2)"#,
        agency.0,
        &found.ids
    )
    .fetch_all(tx.conn())
    .await?;
    let lines = rows.into_iter().map(|row| Line {
        id: row.id,
        row: Importable {
            location_id: row.ghl_location_id,
            name: row.name,
            email: row.email,
            phone: row.phone,
            city: row.city,
            state: row.state,
            country: row.country,
            timezone: row.timezone,
            added_at: row.added_at,
            status: match row.import_state.as_deref() {
                Some("waiting") => ImportStatus::Waiting,
                Some("failed") => ImportStatus::Failed,
                _ => ImportStatus::New,
            },
            reason: row.import_error,
            in_trash: row.in_trash,
        },
    });
    let page = found.page(lines.collect(), |line: &Line| line.id);
    let rows = page.rows.into_iter().map(|line| line.row).collect();
    Ok(Page { rows, next: page.next, total: page.total })
}

/// The e-mail addresses that HighLevel's list has for these locations: location and address.
pub async fn emails(tx: &mut TenantTx, locations: &[String]) -> Result<Vec<(String, String)>> {
    let agency = tx.agency()?;
    let rows = sqlx::query!(
        r#"select ghl_location_id, email as "email!" from ghl_locations
           where agency_id = $1 and ghl_location_id = any($2) and email is not null"#,
        agency.0,
        locations
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.ghl_location_id, row.email)).collect())
}
