//! Finds integrations. It finds the ids first and then reads all facts in one statement, so every answer shows the same
//! facts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::business::Business;
use domain::credential::{Credential, CredentialKind, Slot};
use domain::identity::Reach;
use domain::integration::{Integration, Kind, LocationCounts};
use domain::{AgencyId, BusinessId, CredentialId, IntegrationId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Db, Error, PlatformTx, Result, Scope, TenantTx};

/// Returns one integration that this scope may see.
pub async fn get(tx: &mut TenantTx, id: IntegrationId) -> Result<Integration> {
    of_ids(tx.conn(), &[id.0]).await?.pop().ok_or(Error::NotFound)
}

/// The same, which nobody connects, renews or ends until this transaction ends.
pub async fn hold(tx: &mut TenantTx, id: IntegrationId) -> Result<Integration> {
    sqlx::query!("select id from integrations where id = $1 for update", id.0).fetch_one(tx.conn()).await?;
    get(tx, id).await
}

/// The agency's integration with its own HighLevel company: the active one, otherwise the last one.
pub async fn company(tx: &mut TenantTx) -> Result<Option<Integration>> {
    let agency = tx.agency()?;
    let id = sqlx::query_scalar!(
        "select id from integrations where agency_id = $1 and sub_account_id is null and type = 'GOHIGHLEVEL' and parent_platform_id is null
         order by is_active desc, connected_at desc nulls last limit 1",
        agency.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(of_ids(tx.conn(), id.as_slice()).await?.pop())
}

/// The business's own channels: its active ones, and of each account that it disconnected the last connection.
pub async fn of_channels(tx: &mut TenantTx) -> Result<Vec<Integration>> {
    let business = tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))?;
    let ids = sqlx::query_scalar!(
        "select id from integrations where sub_account_id = $1 and type in ('WHATSAPP', 'INSTAGRAM', 'FACEBOOK') order by type, created_at",
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = of_ids(tx.conn(), &ids).await?;
    found.sort_by_key(|one| ids.iter().position(|id| *id == one.id.0));
    Ok(found)
}

/// The domain that HighLevel returned for a company of the agency: the company with this id at the provider, or
/// with `None` the active one. It is untrusted text until `domain::agency::app_address` accepts it.
pub async fn domain(tx: &mut TenantTx, company: Option<&str>) -> Result<Option<String>> {
    let agency = tx.agency()?;
    let domain = sqlx::query_scalar!(
        "select platform_domain from integrations where agency_id = $1 and sub_account_id is null and type = 'GOHIGHLEVEL' and parent_platform_id is null
         and ($2::text is null or platform_id = $2) order by is_active desc, connected_at desc nulls last limit 1",
        agency.0,
        company
    );
    Ok(domain.fetch_optional(tx.conn()).await?.flatten())
}

/// Counts the agency's integrations with locations that are not disconnected, by whether they are paused or have a problem
/// of their own. What is paused on purpose needs nobody, whatever its provider says.
pub async fn counts(tx: &mut TenantTx) -> Result<LocationCounts> {
    let agency = tx.agency()?;
    let counts = sqlx::query_as!(
        LocationCounts,
        r#"select count(*) as "all!", count(*) filter (where paused_at is not null) as "paused!",
                  count(*) filter (where paused_at is null and (needs_reauth_at is not null or suspended_at is not null
                    or last_error_at > coalesce(last_ok_at, '-infinity') or scopes_missing <> '{}')) as "troubled!"
           from integrations where agency_id = $1 and parent_platform_id is not null and disconnected_at is null"#,
        agency.0
    );
    Ok(counts.fetch_one(tx.conn()).await?)
}

/// Counts the active locations of businesses that belong to another company than this one, given by its id at the
/// provider. We cannot reach them while this company is the connected one.
pub async fn count_in_other_companies(tx: &mut TenantTx, company: &str) -> Result<i64> {
    let agency = tx.agency()?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from integrations where agency_id = $1 and type = 'GOHIGHLEVEL' and sub_account_id is not null
           and is_active and parent_platform_id <> $2"#,
        agency.0,
        company
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

/// The active companies of any agency from which nothing was heard for `quiet`. It returns ids only, because each
/// company is then checked in the scope of its own agency. It returns one page, after `after`.
pub async fn quiet_companies(
    db: &Db,
    quiet: Duration,
    after: Option<IntegrationId>,
) -> Result<Vec<(AgencyId, IntegrationId)>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select i.id as "id: IntegrationId", i.agency_id as "agency: AgencyId" from integrations i join agencies a on a.id = i.agency_id
           where i.type = 'GOHIGHLEVEL' and i.sub_account_id is null and i.parent_platform_id is null and i.is_active
             and i.disconnected_at is null and i.needs_reauth_at is null and i.paused_at is null and a.deleted_at is null
             and (i.limited_until is null or i.limited_until not between now() and now() + interval '3 days')
             and greatest(i.connected_at, i.last_ok_at, i.last_error_at) not between
               now() - case when i.suspended_at is null then make_interval(secs => $1) else interval '1 hour' end and now() + interval '1 hour'
             and ($2::uuid is null or i.id > $2) order by i.id limit 500"#,
        quiet.as_secs_f64(),
        after.map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.agency, row.id)).collect())
}

/// Integrations of businesses that must be connected again or that the provider suspended, latest first. A start
/// page names each of them. It leaves them out while the company's own integration must be connected again,
/// because that is the cause.
pub async fn troubled(tx: &mut TenantTx, most: i64) -> Result<Vec<Integration>> {
    let agency = tx.agency()?;
    let ids = sqlx::query_scalar!(
        "select i.id from integrations i left join sub_accounts b on b.id = i.sub_account_id
         where i.agency_id = $1 and i.parent_platform_id is not null and i.is_active and i.paused_at is null and b.deleted_at is null
           and (i.needs_reauth_at is not null or i.suspended_at is not null)
           and not exists (select from integrations k where k.agency_id = $1 and k.sub_account_id is null and k.parent_platform_id is null
             and k.platform_id = i.parent_platform_id and k.is_active and k.needs_reauth_at is not null)
         order by coalesce(i.needs_reauth_at, i.suspended_at) desc, i.id limit $2",
        agency.0,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    of_ids(tx.conn(), &ids).await
}

/// The integration of a HighLevel location: the active one, otherwise the last one.
pub async fn location(tx: &mut TenantTx, location: &str) -> Result<Option<Integration>> {
    find(tx, Kind::Gohighlevel, location).await
}

/// The integration of a business's location, for the business itself, which sees nothing of its agency's company. It is
/// read in the agency's scope, for this one business, because the state of the location depends on the company.
pub async fn for_business(db: &Db, business: &Business) -> Result<Option<Integration>> {
    let Some(id) = &business.ghl_location_id else { return Ok(None) };
    let (agency, listed) = (business.agency, vec![business.id]);
    let mut tx = TenantTx::begin(db, Scope::Agency { user: None, agency, reach: Reach::Listed, listed }).await?;
    let found = location(&mut tx, id).await?;
    tx.commit().await?;
    Ok(found.filter(|found| found.business == Some(business.id)))
}

/// The integration of an account, by its id at the provider: the active one, otherwise the last one.
pub async fn find(tx: &mut TenantTx, kind: Kind, platform_id: &str) -> Result<Option<Integration>> {
    let id = sqlx::query_scalar!(
        "select id from integrations where type = $1 and platform_id = $2 order by is_active desc, connected_at desc nulls last limit 1",
        kind as Kind,
        platform_id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(of_ids(tx.conn(), id.as_slice()).await?.pop())
}

struct Row {
    id: IntegrationId,
    agency: AgencyId,
    business: Option<BusinessId>,
    kind: Kind,
    is_active: bool,
    platform_id: String,
    platform_name: Option<String>,
    parent_platform_id: Option<String>,
    scopes_granted: Vec<String>,
    scopes_missing: Vec<String>,
    setup_step: Option<String>,
    setup_error: Option<String>,
    token_expires_at: Option<DateTime<Utc>>,
    connected_at: Option<DateTime<Utc>>,
    connected_by: Option<UserId>,
    first_event_at: Option<DateTime<Utc>>,
    last_event_at: Option<DateTime<Utc>>,
    last_ok_at: Option<DateTime<Utc>>,
    last_error_at: Option<DateTime<Utc>>,
    last_error_code: Option<String>,
    needs_reauth_at: Option<DateTime<Utc>>,
    paused_at: Option<DateTime<Utc>>,
    disconnected_at: Option<DateTime<Utc>>,
    suspended_at: Option<DateTime<Utc>>,
    limited_until: Option<DateTime<Utc>>,
    installs_future_locations: Option<bool>,
    uninstall_asked_at: Option<DateTime<Utc>>,
    uninstalled_at: Option<DateTime<Utc>>,
    uninstall_error: Option<String>,
}

/// The facts about these integrations, newest first, each with its current secret without the value. A location has its
/// company with it, as far as the transaction sees that.
pub(crate) async fn of_ids(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Integration>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (mut wanted, others): (Vec<_>, Vec<_>) =
        with_companies(conn, ids).await?.into_iter().partition(|one| ids.contains(&one.id.0));
    let companies: Vec<Integration> = wanted.iter().chain(&others).filter(|one| is_company(one)).cloned().collect();
    for location in wanted.iter_mut().filter(|one| one.parent_platform_id.is_some()) {
        let own = |company: &&Integration| {
            company.agency == location.agency
                && company.kind == location.kind
                && Some(&company.platform_id) == location.parent_platform_id.as_ref()
        };
        let latest = companies.iter().filter(own).max_by_key(|company| (company.is_active, company.connected_at));
        location.company = latest.cloned().map(Box::new);
    }
    Ok(wanted)
}

const fn is_company(one: &Integration) -> bool {
    one.business.is_none() && one.parent_platform_id.is_none()
}

/// These integrations, and those of their companies.
async fn with_companies(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Integration>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: IntegrationId", agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", type as "kind: Kind", is_active, platform_id,
                  platform_name, parent_platform_id, scopes_granted, scopes_missing, setup_step, setup_error, token_expires_at, connected_at, connected_by as "connected_by: UserId",
                  first_event_at, last_event_at, last_ok_at, last_error_at, last_error_code, needs_reauth_at, paused_at, disconnected_at,
                  suspended_at, limited_until, installs_future_locations, uninstall_asked_at, uninstalled_at, uninstall_error
           from integrations
           where id in (select unnest($1::uuid[]) union all
             select k.id from integrations c join integrations k on k.agency_id = c.agency_id and k.type = c.type and k.platform_id = c.parent_platform_id
             where c.id = any ($1) and k.sub_account_id is null and k.parent_platform_id is null)
           order by id desc"#,
        ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let all: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let mut secrets = in_use(conn, &all).await?;
    let connections = rows.into_iter().map(|row| {
        let at = secrets.iter().position(|secret| secret.integration == row.id);
        Integration {
            id: row.id,
            agency: row.agency,
            business: row.business,
            kind: row.kind,
            is_active: row.is_active,
            platform_id: row.platform_id,
            platform_name: row.platform_name,
            parent_platform_id: row.parent_platform_id,
            scopes_granted: row.scopes_granted,
            scopes_missing: row.scopes_missing,
            setup_step: row.setup_step,
            setup_error: row.setup_error,
            credential: at.map(|at| secrets.swap_remove(at)),
            token_expires_at: row.token_expires_at,
            connected_at: row.connected_at,
            connected_by: row.connected_by,
            first_event_at: row.first_event_at,
            last_event_at: row.last_event_at,
            last_ok_at: row.last_ok_at,
            last_error_at: row.last_error_at,
            last_error_code: row.last_error_code,
            needs_reauth_at: row.needs_reauth_at,
            paused_at: row.paused_at,
            disconnected_at: row.disconnected_at,
            suspended_at: row.suspended_at,
            limited_until: row.limited_until,
            installs_future_locations: row.installs_future_locations,
            uninstall_asked_at: row.uninstall_asked_at,
            uninstalled_at: row.uninstalled_at,
            uninstall_error: row.uninstall_error,
            company: None,
        }
    });
    Ok(connections.collect())
}

async fn in_use(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Credential>> {
    let rows = sqlx::query!(
        r#"select id as "id: CredentialId", integration_id as "integration: IntegrationId", version, kind, fingerprint, scopes, issued_at, expires_at, refresh_expires_at, last_used_at, refreshable as "refreshable!"
           from credentials where integration_id = any ($1) and slot = 'current' and revoked_at is null"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    let secrets = rows.into_iter().filter_map(|row| {
        let kind = CredentialKind::parse(&row.kind)?;
        Some(Credential {
            id: row.id,
            integration: row.integration,
            version: row.version,
            slot: Slot::Current,
            kind,
            fingerprint: row.fingerprint,
            scopes: row.scopes,
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            refresh_expires_at: row.refresh_expires_at,
            last_used_at: row.last_used_at,
            refreshable: row.refreshable,
        })
    });
    Ok(secrets.collect())
}
