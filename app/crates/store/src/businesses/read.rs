//! Reads one business by any of its names, or a page of the list that a scope may see.

use chrono::{DateTime, Utc};
use domain::business::{Business, BusinessCounts, BusinessRow, Details};
use domain::integration;
use domain::page::{ListQuery, Page};
use domain::{AgencyId, BusinessId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::page::Cursor;
use crate::{Error, PlatformTx, Result, TenantTx, integrations};

struct Row {
    id: BusinessId,
    agency: AgencyId,
    name: String,
    slug: String,
    status: String,
    ghl_location_id: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    website: Option<String>,
    address: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    timezone: String,
    notes: Option<String>,
    created_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
}

impl From<Row> for Business {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            agency: row.agency,
            name: row.name,
            slug: row.slug,
            status: row.status,
            ghl_location_id: row.ghl_location_id,
            details: Details {
                email: row.email,
                phone: row.phone,
                website: row.website,
                address: row.address,
                city: row.city,
                state: row.state,
                postal_code: row.postal_code,
                country: row.country,
                timezone: Some(row.timezone),
                notes: row.notes,
            },
            created_at: row.created_at,
            deleted_at: row.deleted_at,
        }
    }
}

/// The names to find a business by. One match is enough; a match by id takes precedence.
#[derive(Default)]
struct Named<'a> {
    id: Option<Uuid>,
    slug: Option<&'a str>,
    location: Option<&'a str>,
    trash: bool,
}

async fn one(tx: &mut TenantTx, named: Named<'_>) -> Result<Option<Business>> {
    let agency = tx.agency().ok().map(|id| id.0);
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: BusinessId", agency_id as "agency: AgencyId", name, slug, status, ghl_location_id, email, phone, website, address, city, state,
                  postal_code, country, timezone, notes, created_at, deleted_at
           from sub_accounts where (id = $1 or slug = $2 or ghl_location_id = $3) and ($4::uuid is null or agency_id = $4) and ($5 or deleted_at is null)
           order by id = $1 desc limit 1"#,
        named.id,
        named.slug,
        named.location,
        agency,
        named.trash
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(Business::from))
}

/// Returns one business that this scope may see. A business in the trash is included, so that it can be viewed and
/// restored.
pub async fn get(tx: &mut TenantTx, id: BusinessId) -> Result<Business> {
    one(tx, Named { id: Some(id.0), trash: true, ..Named::default() }).await?.ok_or(Error::NotFound)
}

/// Finds a business by id or slug, among those that this scope may see.
pub async fn find_ref(tx: &mut TenantTx, named: &str) -> Result<Option<Business>> {
    one(tx, Named { id: named.parse().ok(), slug: Some(named), ..Named::default() }).await
}

/// Finds the business that has this HighLevel location, among those that this scope may see.
pub async fn find_location(tx: &mut TenantTx, location: &str) -> Result<Option<Business>> {
    one(tx, Named { location: Some(location), ..Named::default() }).await
}

/// Finds businesses of any agency by id or slug. Several agencies may use the same slug.
pub async fn find_anywhere(tx: &mut PlatformTx, named: &str) -> Result<Vec<Business>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: BusinessId", agency_id as "agency: AgencyId", name, slug, status, ghl_location_id, email, phone, website, address, city, state,
                  postal_code, country, timezone, notes, created_at, deleted_at
           from sub_accounts where (id = $1 or slug = $2) and deleted_at is null order by created_at limit 20"#,
        named.parse::<BusinessId>().ok().map(|id| id.0),
        named
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Business::from).collect())
}

/// Position at which a page of businesses starts: after this name, time and id.
type After = (String, DateTime<Utc>, BusinessId);

/// Whether `list` can read the query's cursor.
#[must_use]
pub fn knows_cursor(query: &ListQuery) -> bool {
    Cursor::is_readable::<After>(query)
}

/// The sort orders that `list` supports. The first one is the default.
pub const ORDERS: &[&str] = &["name", "-created"];

/// Lists the businesses that this scope may see, in one of `ORDERS`. `q` searches name, slug, email, phone and
/// location id; `view` is a status or `trash`.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<BusinessRow>> {
    let agency = tx.agency().ok();
    select(tx.conn(), agency, query).await
}

/// Lists the businesses of one agency, or of every agency with `None`, in platform scope.
pub async fn list_platform(
    tx: &mut PlatformTx,
    agency: Option<AgencyId>,
    query: &ListQuery,
) -> Result<Page<BusinessRow>> {
    select(tx.conn(), agency, query).await
}

async fn select(conn: &mut PgConnection, agency: Option<AgencyId>, query: &ListQuery) -> Result<Page<BusinessRow>> {
    let after: Option<After> = Cursor::read(query);
    let (name, at, id) = after.map_or((None, None, None), |(name, at, id)| (Some(name), Some(at), Some(id.0)));
    let rows = sqlx::query!(
        r#"select b.id as "id: BusinessId", b.agency_id as "agency: AgencyId", a.name as "agency_name?", b.name, lower(b.name) as "key!", b.slug, b.status,
                  b.ghl_location_id, b.email, b.phone, b.city, b.country, b.created_at, b.deleted_at,
                  (select i.id from integrations i where i.agency_id = b.agency_id and i.sub_account_id = b.id and i.type = 'GOHIGHLEVEL'
                   order by i.is_active desc, i.connected_at desc nulls last limit 1) as connection, now() as "now!"
           from sub_accounts b left join agencies a on a.id = b.agency_id
           where ($1::uuid is null or b.agency_id = $1)
             and (b.deleted_at is not null) = ($2 = 'trash') and ($2 in ('', 'trash') or b.status = $2)
             and ($3 = '' or strpos(folded(b.name), folded($3)) > 0 or strpos(b.slug, lower($3)) > 0 or strpos(lower(b.email), lower($3)) > 0 or strpos(b.phone, $3) > 0 or lower(b.ghl_location_id) = lower($3))
             and case when $4 then $6::timestamptz is null or (b.created_at, b.id) < ($6, $7)
                      else $5::text is null or (lower(b.name), b.id) > ($5, $7) end
           order by case when $4 then b.created_at end desc, case when $4 then b.id end desc, lower(b.name), b.id limit $8"#,
        agency.map(|id| id.0),
        query.view,
        domain::text::line(&query.q),
        query.order(ORDERS) == "-created",
        name,
        at,
        id,
        query.size() + 1,
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<_> = rows.iter().filter_map(|row| row.connection).collect();
    let facts = integrations::of_ids(&mut *conn, &ids).await?;
    let lines = rows.into_iter().map(|row| {
        let connection = facts.iter().find(|facts| Some(facts.id.0) == row.connection);
        let line = BusinessRow {
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
            created_at: row.created_at,
            deleted_at: row.deleted_at,
        };
        (row.key, line)
    });
    let page = Cursor::page(lines.collect(), query, |(key, row)| (key.clone(), row.created_at, row.id));
    let total = Some(count(conn, agency, query).await?);
    Ok(Page { rows: page.rows.into_iter().map(|(_, row)| row).collect(), next: page.next, total })
}

async fn count(conn: &mut PgConnection, agency: Option<AgencyId>, query: &ListQuery) -> Result<i64> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from sub_accounts b where ($1::uuid is null or b.agency_id = $1)
             and (b.deleted_at is not null) = ($2 = 'trash') and ($2 in ('', 'trash') or b.status = $2)
             and ($3 = '' or strpos(folded(b.name), folded($3)) > 0 or strpos(b.slug, lower($3)) > 0 or strpos(lower(b.email), lower($3)) > 0 or strpos(b.phone, $3) > 0 or lower(b.ghl_location_id) = lower($3))"#,
        agency.map(|id| id.0),
        query.view,
        domain::text::line(&query.q)
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// Counts the businesses that this scope may see, by status.
pub async fn counts(tx: &mut TenantTx) -> Result<BusinessCounts> {
    let agency = tx.agency()?;
    let counts = sqlx::query_as!(
        BusinessCounts,
        r#"select count(*) filter (where deleted_at is null) as "all!", count(*) filter (where deleted_at is null and status = 'active') as "active!",
                  count(*) filter (where deleted_at is null and status = 'trial') as "trial!",
                  count(*) filter (where deleted_at is null and status = 'paused') as "paused!", count(*) filter (where deleted_at is not null) as "deleted!"
           from sub_accounts where agency_id = $1"#,
        agency.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(counts)
}
