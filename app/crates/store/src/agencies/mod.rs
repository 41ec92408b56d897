//! Agencies: an agency's own row, its settings, and the platform's list of all agencies.

mod brand;
pub mod for_business;
mod list;

use domain::AgencyId;
use domain::agency::{Agency, NewAgency, PlatformCounts, Settings, app_address};
use domain::audit::Outcome;
use domain::audit::details::BEFORE;
use serde_json::json;

pub(crate) use self::brand::brand_of;
pub use self::brand::{brand, hold_brand, logo, set_brand, set_logo};
pub(crate) use self::list::rows;
pub use self::list::{LIST, ORDERS, list};
use crate::audit::{self, Act};
use crate::{Db, Error, PlatformTx, Result, Scope, TenantTx, found, integrations, new_id};

/// The agency this scope acts in.
pub async fn get(tx: &mut TenantTx) -> Result<Agency> {
    let id = tx.agency()?;
    let agency = sqlx::query_as!(
        Agency,
        r#"select id as "id: AgencyId", name, slug, status, ghl_agency_id, token_expires_at, created_at, deleted_at from agencies where id = $1"#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(agency)
}

/// Finds an agency by its id or slug. `None` when there is none, or when it is in the trash.
pub async fn find_ref(tx: &mut PlatformTx, named: &str) -> Result<Option<Agency>> {
    let agency = sqlx::query_as!(
        Agency,
        r#"select id as "id: AgencyId", name, slug, status, ghl_agency_id, token_expires_at, created_at, deleted_at
           from agencies where (id = $1 or slug = $2) and deleted_at is null order by id = $1 desc limit 1"#,
        named.parse::<AgencyId>().ok().map(|id| id.0),
        named
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(agency)
}

/// Adds an agency. Returns `Taken("agencies_slug_key")` when the slug is in use.
pub async fn add(tx: &mut PlatformTx, new: &NewAgency) -> Result<AgencyId> {
    let id: AgencyId = new_id();
    sqlx::query!("insert into agencies (id, name, slug) values ($1, $2, $3)", id.0, new.name.trim(), new.slug)
        .execute(tx.conn())
        .await?;
    let act =
        Act::new("agency.added", "agency").object(id).payload(json!({ "name": new.name.trim(), "slug": new.slug }));
    audit::record_platform(tx, Some(id), act).await?;
    Ok(id)
}

/// The ids of all agencies, including those in the trash.
pub async fn ids(tx: &mut PlatformTx) -> Result<Vec<AgencyId>> {
    Ok(sqlx::query_scalar!(r#"select id as "id: AgencyId" from agencies order by id"#).fetch_all(tx.conn()).await?)
}

/// Pauses an agency (`paused`) or reactivates it (`active`).
pub async fn set_status(tx: &mut PlatformTx, agency: AgencyId, status: &str, reason: &str) -> Result<()> {
    let done = sqlx::query!(
        "update agencies set status = $2 where id = $1 and deleted_at is null and $2 <> 'deleted'",
        agency.0,
        status
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    let act = Act::new("agency.status", "agency")
        .object(agency)
        .payload(json!({ "status": status }))
        .ended(Outcome::Ok, reason);
    audit::record_platform(tx, Some(agency), act).await
}

/// Whether the platform paused the agency of this scope.
pub async fn is_paused(db: &Db, scope: &Scope) -> Result<bool> {
    let mut tx = TenantTx::begin(db, scope.clone()).await?;
    let Some(agency) = tx.home().await? else { return Ok(false) };
    let paused = sqlx::query_scalar!(
        r#"select exists (select from agencies where id = $1 and status = 'paused') as "paused!""#,
        agency.0
    );
    Ok(paused.fetch_one(tx.conn()).await?)
}

/// Moves an agency to the trash, or restores it within 30 days. Moving it to the trash revokes its API tokens for
/// good.
pub async fn set_deleted(tx: &mut PlatformTx, agency: AgencyId, deleted: bool) -> Result<()> {
    let by = tx.user().map(|id| id.0);
    let done = sqlx::query!(
        "update agencies set deleted_at = case when $2 then now() end, deleted_by = case when $2 then $3::uuid end,
           status = case when $2 then 'deleted' else 'active' end where id = $1 and (deleted_at is null) = $2",
        agency.0,
        deleted,
        by
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    if deleted {
        sqlx::query!("update api_tokens set revoked_at = now() where agency_id = $1 and revoked_at is null", agency.0)
            .execute(tx.conn())
            .await?;
    }
    let action = if deleted { "agency.deleted" } else { "agency.restored" };
    audit::record_platform(tx, Some(agency), Act::new(action, "agency").object(agency)).await
}

/// Counts of the whole platform.
pub async fn platform_counts(tx: &mut PlatformTx) -> Result<PlatformCounts> {
    let counts = sqlx::query_as!(
        PlatformCounts,
        r#"select (select count(*) from agencies where deleted_at is null) as "agencies!",
                  (select count(*) from sub_accounts where deleted_at is null) as "businesses!",
                  (select count(*) from users where deleted_at is null and disabled_at is null) as "people!",
                  (select count(*) from provisioning_jobs where finished_at is null) as "open_jobs!",
                  (select count(*) from provisioning_jobs where status = 'FAILED') as "failed_jobs!",
                  (select count(*) from integrations where is_active and needs_reauth_at is not null) as "broken_connections!""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(counts)
}

/// Changes the agency's name.
pub async fn rename(tx: &mut TenantTx, name: &str) -> Result<()> {
    let id = tx.agency()?;
    let before = sqlx::query_scalar!("select name from agencies where id = $1 for update", id.0);
    let before = before.fetch_optional(tx.conn()).await?.ok_or(Error::NotFound)?;
    sqlx::query!("update agencies set name = $2 where id = $1", id.0, name.trim()).execute(tx.conn()).await?;
    let payload = json!({ "name": name.trim(), BEFORE: { "name": before } });
    audit::record(tx, Act::new("agency.renamed", "agency").object(id).payload(payload)).await
}

/// The agency's settings for its jobs. A setting that the agency never changed has its default value.
pub async fn settings(tx: &mut TenantTx) -> Result<Settings> {
    let id = tx.agency()?;
    let value =
        sqlx::query_scalar!("select settings_json from agencies where id = $1", id.0).fetch_one(tx.conn()).await?;
    Ok(serde_json::from_value::<Settings>(value).unwrap_or_default().within_limits())
}

/// The URL of a location in HighLevel's web application. The host is the first of these that exists: the address
/// that the agency typed, the domain that HighLevel gave for the company, and `installation`, the address of this
/// installation. `company` is the company's id at the provider; `None` means the company in use.
pub async fn location_page(
    tx: &mut TenantTx,
    installation: &str,
    company: Option<&str>,
    location: &str,
) -> Result<String> {
    let mut settings = settings(tx).await?;
    if settings.app_address.is_empty() {
        settings.app_address = own_address(tx, company).await?.unwrap_or_default();
    }
    Ok(settings.location_page(installation, location))
}

/// The root of HighLevel's web application for the agency's people: as `location_page` finds it.
pub async fn highlevel_address(tx: &mut TenantTx, installation: &str) -> Result<String> {
    let typed = settings(tx).await?.app_address;
    if !typed.is_empty() {
        return Ok(typed);
    }
    Ok(own_address(tx, None).await?.unwrap_or_else(|| installation.to_owned()))
}

/// The address at which a company's people open HighLevel, as HighLevel gave it. `None` when it gave none that is
/// valid.
pub async fn own_address(tx: &mut TenantTx, company: Option<&str>) -> Result<Option<String>> {
    let given = integrations::domain(tx, company).await?;
    Ok(given.and_then(|given| app_address(&given)).filter(|address| !address.is_empty()))
}

/// Changes the settings. Other values in the same column stay.
pub async fn set_settings(tx: &mut TenantTx, settings: &Settings) -> Result<()> {
    let before = self::settings(tx).await?;
    let (id, settings) = (tx.agency()?, json!(settings.within_limits()));
    let done = sqlx::query!("update agencies set settings_json = settings_json || $2 where id = $1", id.0, settings)
        .execute(tx.conn())
        .await?;
    found(done.rows_affected())?;
    let mut payload = settings;
    payload[BEFORE] = json!(before);
    audit::record(tx, Act::new("agency.settings", "agency").object(id).payload(payload)).await
}

/// The id of the HighLevel company that the agency works with, or worked with last.
pub async fn known_company(tx: &mut TenantTx) -> Result<Option<String>> {
    let id = tx.agency()?;
    let known =
        sqlx::query_scalar!("select ghl_agency_id from agencies where id = $1", id.0).fetch_one(tx.conn()).await?;
    Ok(known)
}

/// Stores which HighLevel company the agency is. A company belongs to one agency; otherwise this returns
/// `Taken("agencies_ghl_agency_id_key")`.
pub(crate) async fn set_company(tx: &mut TenantTx, company: &str) -> Result<()> {
    let id = tx.agency()?;
    sqlx::query!(
        "update agencies set ghl_agency_id = $2 where id = $1 and ghl_agency_id is distinct from $2",
        id.0,
        company
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[cfg(all(test, feature = "testing"))]
mod tests;
