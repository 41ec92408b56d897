//! Reads one business by any of its names and what it is doing, and counts those that a scope may see.

use chrono::{DateTime, Utc};
use domain::business::{Business, BusinessCounts, Details};
use domain::clients::Status;
use domain::{AgencyId, BusinessId};
use serde_json::Value;
use uuid::Uuid;

use crate::{Error, PlatformTx, Result, TenantTx};

/// A business as its row has it.
pub(crate) struct Row {
    pub id: BusinessId,
    pub agency: AgencyId,
    pub name: String,
    pub slug: String,
    pub status: String,
    pub ghl_location_id: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub timezone: String,
    pub notes: Option<String>,
    pub created_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
    pub offboarded_at: Option<DateTime<Utc>>,
    pub offboarding: Option<Value>,
    pub deleted_at: Option<DateTime<Utc>>,
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
            archived_at: row.archived_at,
            offboarded_at: row.offboarded_at,
            offboarding: row.offboarding.and_then(|json| serde_json::from_value(json).ok()),
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
                  postal_code, country, timezone, notes, created_at, archived_at, offboarded_at, offboarding, deleted_at
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

/// The slugs of the businesses with a HighLevel location that this scope may see, the oldest first.
pub async fn with_location(tx: &mut TenantTx) -> Result<Vec<String>> {
    let agency = tx.agency()?;
    let slugs = sqlx::query_scalar!(
        "select slug from sub_accounts where agency_id = $1 and ghl_location_id is not null and deleted_at is null order by created_at, id",
        agency.0
    );
    Ok(slugs.fetch_all(tx.conn()).await?)
}

/// Finds businesses of any agency by id or slug. Several agencies may use the same slug.
pub async fn find_anywhere(tx: &mut PlatformTx, named: &str) -> Result<Vec<Business>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: BusinessId", agency_id as "agency: AgencyId", name, slug, status, ghl_location_id, email, phone, website, address, city, state,
                  postal_code, country, timezone, notes, created_at, archived_at, offboarded_at, offboarding, deleted_at
           from sub_accounts where (id = $1 or slug = $2) and deleted_at is null order by created_at limit 20"#,
        named.parse::<BusinessId>().ok().map(|id| id.0),
        named
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Business::from).collect())
}

/// Counts the businesses that this scope may see, by status.
pub async fn counts(tx: &mut TenantTx) -> Result<BusinessCounts> {
    let agency = tx.agency()?;
    let counts = sqlx::query_as!(
        BusinessCounts,
        r#"select count(*) filter (where deleted_at is null) as "all!", count(*) filter (where deleted_at is null and status = 'active') as "active!",
                  count(*) filter (where deleted_at is null and status = 'trial') as "trial!",
                  count(*) filter (where deleted_at is null and status = 'paused') as "paused!",
                  count(*) filter (where deleted_at is null and status = 'archived') as "archived!", count(*) filter (where deleted_at is not null) as "deleted!"
           from sub_accounts where agency_id = $1"#,
        agency.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(counts)
}

/// The status of a business, locked until the transaction ends. `tx` must be allowed to write it.
pub async fn hold(tx: &mut TenantTx, id: BusinessId) -> Result<Status> {
    let key = sqlx::query_scalar!("select status from sub_accounts where id = $1 for update", id.0)
        .fetch_one(tx.conn())
        .await?;
    Status::parse(&key).ok_or_else(|| Error::Unreadable(format!("the status {key} of business {id}")))
}

/// The number of a job of the business that has not ended, if there is one. A failed job has ended.
pub async fn running_job(tx: &mut TenantTx, id: BusinessId) -> Result<Option<i64>> {
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    Ok(sqlx::query_scalar!(
        "select number from provisioning_jobs where agency_id = $1 and sub_account_id = $2 and status not in ('COMPLETED', 'CANCELLED', 'FAILED')
         order by number desc limit 1",
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?)
}
