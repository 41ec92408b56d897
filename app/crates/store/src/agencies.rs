//! Agencies: as the platform lists them, and as one sees itself.

use domain::AgencyId;
use domain::agency::{Agency, AgencyLine, PlatformCounts};
use domain::page::{ListQuery, Page};
use serde_json::Value;
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::page::Cursor;
use crate::{PlatformTx, Result, TenantTx, found, new_id};

/// The agency an address names, by id or slug, among all.
pub async fn find_ref(tx: &mut PlatformTx, named: &str) -> Result<Option<Agency>> {
    let id = Uuid::parse_str(named).ok();
    let agency = sqlx::query_as!(
        Agency,
        r#"select id as "id: AgencyId", name, slug, status, ghl_agency_id, token_expires_at, created_at, deleted_at
           from agencies where deleted_at is null and case when $1::uuid is null then slug = $2 else id = $1 end"#,
        id,
        named
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(agency)
}

/// The agency of this transaction.
pub async fn get(tx: &mut TenantTx) -> Result<Agency> {
    let agency = sqlx::query_as!(
        Agency,
        r#"select id as "id: AgencyId", name, slug, status, ghl_agency_id, token_expires_at, created_at, deleted_at from agencies where id = $1"#,
        tx.agency()?.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(agency)
}

/// The settings of the agency of this transaction.
pub async fn settings(tx: &mut TenantTx) -> Result<Value> {
    Ok(sqlx::query_scalar!("select settings_json from agencies where id = $1", tx.agency()?.0).fetch_one(tx.conn()).await?)
}

/// Lays fields over the settings of the agency of this transaction.
pub async fn set_settings(tx: &mut TenantTx, fields: &Value) -> Result<()> {
    let agency = tx.agency()?;
    let changed = sqlx::query!("update agencies set settings_json = settings_json || $2 where id = $1", agency.0, fields).execute(tx.conn()).await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("agency.settings", "agency").object(agency).payload(fields.clone())).await
}

/// Names the HighLevel company of the agency of this transaction. `Taken` when another agency has it.
pub async fn set_company(tx: &mut TenantTx, company: &str) -> Result<()> {
    let agency = tx.agency()?;
    let changed = sqlx::query!("update agencies set ghl_agency_id = $2 where id = $1", agency.0, company).execute(tx.conn()).await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("agency.company", "agency").object(agency).payload(serde_json::json!({ "company": company }))).await
}

/// Renames the agency of this transaction.
pub async fn rename(tx: &mut TenantTx, name: &str) -> Result<()> {
    let agency = tx.agency()?;
    let changed = sqlx::query!("update agencies set name = $2 where id = $1", agency.0, name).execute(tx.conn()).await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("agency.renamed", "agency").object(agency)).await
}

/// A page of all agencies, newest first. `q` looks in name, slug and company id; `view` is a status or `trash`.
pub async fn list(tx: &mut PlatformTx, query: &ListQuery) -> Result<Page<AgencyLine>> {
    let after: Option<(chrono::DateTime<chrono::Utc>, AgencyId)> = Cursor::read(query);
    let rows = sqlx::query!(
        r#"select a.id as "id: AgencyId", a.name, a.slug, a.status, a.ghl_agency_id, a.token_expires_at, a.created_at, a.deleted_at,
                  (select count(*) from sub_accounts b where b.agency_id = a.id and b.deleted_at is null) as "businesses!",
                  (select count(*) from user_agency_memberships m where m.agency_id = a.id and m.deleted_at is null) as "people!",
                  (select count(*) from provisioning_jobs j where j.agency_id = a.id and j.finished_at is null) as "open_jobs!"
           from agencies a where case when $1::text = 'trash' then a.deleted_at is not null else a.deleted_at is null and ($1 = '' or a.status = $1) end
             and ($2::text = '' or strpos(lower(a.name), lower($2)) > 0 or strpos(a.slug, lower($2)) > 0 or a.ghl_agency_id = $2)
             and ($3::timestamptz is null or (a.created_at, a.id) < ($3, $4))
           order by a.created_at desc, a.id desc limit $5"#,
        query.view,
        query.q.trim(),
        after.map(|(at, _)| at),
        after.map(|(_, id)| id.0),
        query.size() + 1
    )
    .fetch_all(tx.conn())
    .await?;
    let lines = rows.into_iter().map(|row| AgencyLine {
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
    });
    Ok(Cursor::page(lines.collect(), query, |line| (line.agency.created_at, line.agency.id)))
}

/// A new agency. `Taken` when the slug is.
pub async fn add(tx: &mut PlatformTx, name: &str, slug: &str) -> Result<AgencyId> {
    let id: AgencyId = new_id();
    sqlx::query!("insert into agencies (id, name, slug) values ($1, $2, $3)", id.0, name, slug).execute(tx.conn()).await?;
    audit::record_platform(tx, Some(id), Act::new("agency.added", "agency").object(id)).await?;
    Ok(id)
}

/// Pauses an agency or lets it go on.
pub async fn set_paused(tx: &mut PlatformTx, agency: AgencyId, paused: bool) -> Result<()> {
    let status = if paused { "paused" } else { "active" };
    let changed = sqlx::query!("update agencies set status = $2 where id = $1 and deleted_at is null", agency.0, status).execute(tx.conn()).await?;
    found(changed.rows_affected())?;
    let payload = serde_json::json!({ "status": status });
    audit::record_platform(tx, Some(agency), Act::new("agency.status", "agency").object(agency).payload(payload)).await
}

/// Puts an agency into the trash, or takes it out again within its thirty days.
pub async fn set_deleted(tx: &mut PlatformTx, agency: AgencyId, deleted: bool) -> Result<()> {
    let by = tx.user().map(|id| id.0);
    let changed = sqlx::query!(
        "update agencies set deleted_at = case when $2 then now() end, deleted_by = case when $2 then $3::uuid end,
           status = case when $2 then 'deleted' else 'active' end where id = $1 and (deleted_at is null) = $2",
        agency.0,
        deleted,
        by
    )
    .execute(tx.conn())
    .await?;
    found(changed.rows_affected())?;
    let action = if deleted { "agency.deleted" } else { "agency.restored" };
    audit::record_platform(tx, Some(agency), Act::new(action, "agency").object(agency)).await
}

/// The platform in a few figures.
pub async fn platform_counts(tx: &mut PlatformTx) -> Result<PlatformCounts> {
    let counts = sqlx::query_as!(
        PlatformCounts,
        r#"select (select count(*) from agencies where deleted_at is null) as "agencies!",
                  (select count(*) from sub_accounts where deleted_at is null) as "businesses!",
                  (select count(*) from users where deleted_at is null and disabled_at is null) as "people!",
                  (select count(*) from provisioning_jobs where finished_at is null) as "open_jobs!",
                  (select count(*) from provisioning_jobs where status = 'FAILED') as "failed_jobs!",
                  (select count(*) from integrations where needs_reauth_at is not null and disconnected_at is null) as "broken_connections!""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(counts)
}
