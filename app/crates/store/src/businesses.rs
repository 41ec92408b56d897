//! Businesses: the clients an agency sees, and the one a transaction may write.
//! Reading many happens in agency scope; writing needs the scope of that one (`Scope::Client` or `Scope::Business`).

use domain::business::{Business, Details, NewBusiness};
use domain::page::{ListQuery, Page};
use domain::{AgencyId, BusinessId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::page::Cursor;
use crate::{Error, PlatformTx, Result, TenantTx, found, outbox};

/// How many numbered slugs are tried before a name counts as taken.
const SLUGS: u32 = 200;

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
    created_at: chrono::DateTime<chrono::Utc>,
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
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

async fn named(conn: &mut PgConnection, agency: Option<AgencyId>, named: &str) -> Result<Vec<Business>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: BusinessId", agency_id as "agency: AgencyId", name, slug, status, ghl_location_id, email, phone, website, address, city, state,
                  postal_code, country, timezone, notes, created_at, deleted_at
           from sub_accounts where deleted_at is null and ($1::uuid is null or agency_id = $1) and case when $2::uuid is null then slug = $3 else id = $2 end limit 20"#,
        agency.map(|id| id.0),
        Uuid::parse_str(named).ok(),
        named
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Business::from).collect())
}

/// The business an address names, by id or slug, among those this scope sees.
pub async fn find_ref(tx: &mut TenantTx, name: &str) -> Result<Option<Business>> {
    let agency = tx.agency().ok();
    Ok(named(tx.conn(), agency, name).await?.into_iter().next())
}

/// Businesses of any agency with this id or slug; a slug may be used by several agencies.
pub async fn find_anywhere(tx: &mut PlatformTx, name: &str) -> Result<Vec<Business>> {
    named(tx.conn(), None, name).await
}

/// A business this scope sees.
pub async fn get(tx: &mut TenantTx, business: BusinessId) -> Result<Business> {
    find_ref(tx, &business.to_string()).await?.ok_or(Error::NotFound)
}

/// A page of the businesses this scope sees. `q` looks in name, slug, address and location id; `view` is a status or
/// `trash`; `sort` is `name` (default) or `created` (newest first).
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Business>> {
    let agency = tx.agency().ok();
    select(tx.conn(), agency, query).await
}

/// A page of all businesses, under platform scope.
pub async fn list_platform(tx: &mut PlatformTx, agency: Option<AgencyId>, query: &ListQuery) -> Result<Page<Business>> {
    select(tx.conn(), agency, query).await
}

async fn select(conn: &mut PgConnection, agency: Option<AgencyId>, query: &ListQuery) -> Result<Page<Business>> {
    // One sort key as text keeps both orders in one statement; the cursor of one order means nothing in the other.
    let by_name = query.sort != "created";
    let after: Option<(bool, String, BusinessId)> = Cursor::read(query).filter(|(order, ..)| *order == by_name);
    let (text, id) = after.map_or((None, None), |(_, text, id)| (Some(text), Some(id.0)));
    let rows = if by_name {
        by_name_after(conn, agency, query, text, id).await?
    } else {
        newest_after(conn, agency, query, text, id).await?
    };
    let businesses = rows.into_iter().map(Business::from).collect();
    Ok(Cursor::page(businesses, query, |last: &Business| {
        (by_name, if by_name { last.name.clone() } else { last.created_at.to_rfc3339() }, last.id)
    }))
}

async fn by_name_after(
    conn: &mut PgConnection,
    agency: Option<AgencyId>,
    query: &ListQuery,
    name: Option<String>,
    id: Option<Uuid>,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: BusinessId", agency_id as "agency: AgencyId", name, slug, status, ghl_location_id, email, phone, website, address, city, state,
                  postal_code, country, timezone, notes, created_at, deleted_at
           from sub_accounts where ($1::uuid is null or agency_id = $1)
             and case when $2::text = 'trash' then deleted_at is not null else deleted_at is null and ($2 = '' or status = $2) end
             and ($3::text = '' or strpos(lower(name), lower($3)) > 0 or strpos(slug, lower($3)) > 0 or strpos(lower(email), lower($3)) > 0 or ghl_location_id = $3)
             and ($4::text is null or (name, id) > ($4, $5))
           order by name, id limit $6"#,
        agency.map(|id| id.0),
        query.view,
        query.q.trim(),
        name,
        id,
        query.size() + 1
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

async fn newest_after(
    conn: &mut PgConnection,
    agency: Option<AgencyId>,
    query: &ListQuery,
    created: Option<String>,
    id: Option<Uuid>,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: BusinessId", agency_id as "agency: AgencyId", name, slug, status, ghl_location_id, email, phone, website, address, city, state,
                  postal_code, country, timezone, notes, created_at, deleted_at
           from sub_accounts where ($1::uuid is null or agency_id = $1)
             and case when $2::text = 'trash' then deleted_at is not null else deleted_at is null and ($2 = '' or status = $2) end
             and ($3::text = '' or strpos(lower(name), lower($3)) > 0 or strpos(slug, lower($3)) > 0 or strpos(lower(email), lower($3)) > 0 or ghl_location_id = $3)
             and ($4::text is null or (created_at, id) < ($4::text::timestamptz, $5))
           order by created_at desc, id desc limit $6"#,
        agency.map(|id| id.0),
        query.view,
        query.q.trim(),
        created,
        id,
        query.size() + 1
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// How many businesses this scope sees.
pub async fn count(tx: &mut TenantTx) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "n!" from sub_accounts where deleted_at is null"#).fetch_one(tx.conn()).await?)
}

fn current(tx: &TenantTx) -> Result<BusinessId> {
    tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))
}

/// Makes the business whose new id is the one of this transaction's scope. Adding it again changes nothing and says so
/// with false. `Taken("sub_accounts_location")` when its location belongs to another.
pub async fn add(tx: &mut TenantTx, new: &NewBusiness) -> Result<bool> {
    let (agency, id) = (tx.agency()?, current(tx)?);
    if get(tx, id).await.is_ok() {
        return Ok(false);
    }
    for number in 1..=SLUGS {
        let slug = if number == 1 { new.slug.clone() } else { format!("{}-{number}", new.slug) };
        if insert(tx.conn(), agency, id, new, &slug).await? {
            audit::record(tx, Act::new("business.added", "business").object(id)).await?;
            tell(tx, id).await?;
            return Ok(true);
        }
    }
    Err(Error::Taken("sub_accounts_agency_id_slug_key".into()))
}

async fn insert(conn: &mut PgConnection, agency: AgencyId, id: BusinessId, new: &NewBusiness, slug: &str) -> Result<bool> {
    let d = &new.details;
    let made = sqlx::query!(
        "insert into sub_accounts (id, agency_id, name, slug, ghl_location_id, email, phone, website, address, city, state, postal_code, country, timezone, notes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce($14, 'UTC'), $15) on conflict (agency_id, slug) do nothing",
        id.0,
        agency.0,
        new.name,
        slug,
        new.ghl_location_id,
        d.email,
        d.phone,
        d.website,
        d.address,
        d.city,
        d.state,
        d.postal_code,
        d.country,
        d.timezone,
        d.notes
    )
    .execute(conn)
    .await?;
    Ok(made.rows_affected() == 1)
}

async fn tell(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    outbox::add(tx, "business.changed", Some(id.0), &serde_json::json!({})).await
}

/// Changes name and details of the business of this transaction.
pub async fn change(tx: &mut TenantTx, name: &str, d: &Details) -> Result<()> {
    let id = current(tx)?;
    let changed = sqlx::query!(
        "update sub_accounts set name = $2, email = $3, phone = $4, website = $5, address = $6, city = $7, state = $8, postal_code = $9, country = $10,
           timezone = coalesce($11, 'UTC'), notes = $12 where id = $1 and deleted_at is null",
        id.0,
        name,
        d.email,
        d.phone,
        d.website,
        d.address,
        d.city,
        d.state,
        d.postal_code,
        d.country,
        d.timezone,
        d.notes
    )
    .execute(tx.conn())
    .await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("business.changed", "business").object(id)).await?;
    tell(tx, id).await
}

/// Names the owner of the business of this transaction.
pub async fn set_owner(tx: &mut TenantTx, owner: UserId) -> Result<()> {
    let id = current(tx)?;
    let changed = sqlx::query!("update sub_accounts set owner_user_id = $2 where id = $1", id.0, owner.0).execute(tx.conn()).await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("business.owner", "business").object(id).payload(serde_json::json!({ "owner": owner }))).await
}

/// Names HighLevel's location of the business of this transaction. `Taken` when it belongs to another.
pub async fn set_location(tx: &mut TenantTx, location: &str) -> Result<()> {
    let id = current(tx)?;
    let changed = sqlx::query!("update sub_accounts set ghl_location_id = $2 where id = $1", id.0, location).execute(tx.conn()).await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("business.location", "business").object(id).payload(serde_json::json!({ "location": location }))).await?;
    tell(tx, id).await
}

/// Sets `trial`, `active` or `paused`.
pub async fn set_status(tx: &mut TenantTx, status: &str) -> Result<()> {
    let id = current(tx)?;
    let changed = sqlx::query!("update sub_accounts set status = $2 where id = $1 and deleted_at is null", id.0, status).execute(tx.conn()).await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("business.status", "business").object(id).payload(serde_json::json!({ "status": status }))).await?;
    tell(tx, id).await
}

/// Puts the business of this transaction into the trash, or takes it out again within its thirty days.
pub async fn set_deleted(tx: &mut TenantTx, deleted: bool) -> Result<()> {
    let (id, by) = (current(tx)?, tx.user().map(|id| id.0));
    let changed = sqlx::query!(
        "update sub_accounts set deleted_at = case when $2 then now() end, deleted_by = case when $2 then $3::uuid end,
           status = case when $2 then 'deleted' else 'active' end where id = $1 and (deleted_at is null) = $2",
        id.0,
        deleted,
        by
    )
    .execute(tx.conn())
    .await?;
    found(changed.rows_affected())?;
    let action = if deleted { "business.deleted" } else { "business.restored" };
    audit::record(tx, Act::new(action, "business").object(id)).await?;
    tell(tx, id).await
}
