//! Integrations with outside accounts: an agency's company, or a location that belongs to a business. Rows store
//! facts only; `domain::integration::state` computes the status from them.

mod checks;
mod evidence;
mod inbound;
mod list;
mod read;
mod setup;
mod trouble;
mod uninstall;

use domain::integration::Kind;
use domain::notifications::Kind as News;
use domain::{BusinessId, IntegrationId};
use serde_json::json;

pub use self::checks::{DueCheck, due_checks, is_needed_elsewhere, record_check};
use self::evidence::observe;
pub use self::evidence::{evidence, strip};
pub use self::inbound::{Consented, connected_by, forget_person, record_event, record_notice};
pub use self::list::{LIST, list};
pub(crate) use self::read::of_ids;
pub use self::read::{
    company, count_in_other_companies, counts, domain, find, for_business, get, hold, location, of_channels,
    quiet_companies, troubled,
};
pub use self::setup::{SetupFacts, set_owner, set_setup, setup_facts, skip_test};
pub use self::trouble::{ends_soon, limited, needs_reauth, record_doubtful_token, suspended};
pub(crate) use self::trouble::{renewed, restored};
pub use self::uninstall::{ask_uninstall, queue_check, uninstall_ended, uninstall_given_up};

use crate::audit::{self, Act};
use crate::{Result, TenantTx, agencies, found, new_id, notifications, outbox};

/// What `Taken` carries when the agency works with another company, which must be disconnected first.
pub const ONE_COMPANY: &str = "integrations_one_company";

/// An account that was just connected.
#[derive(Clone, Debug)]
pub struct NewConnection<'a> {
    /// Kind of the integration.
    pub kind: Kind,
    /// The account's id at the provider.
    pub platform_id: &'a str,
    /// The account's name at the provider.
    pub name: Option<&'a str>,
    /// The provider's id of the account that it belongs to.
    pub parent: Option<&'a str>,
}

/// Stores an integration of the scope's business, or of its agency when the scope has no business. Connecting the
/// same account again reactivates its row; the flag is true when the row is new. Returns
/// `Taken("integrations_owner")` when the account belongs to somebody else, and `Taken(ONE_COMPANY)` when the
/// agency works with another company.
pub async fn upsert(tx: &mut TenantTx, new: &NewConnection<'_>) -> Result<(IntegrationId, bool)> {
    let (agency, business, user) = (tx.agency()?, tx.business(), tx.user());
    let row = sqlx::query!(
        r#"with was as (select needs_reauth_at is not null as lost from integrations where agency_id = $2 and sub_account_id is not distinct from $3 and type = $4 and platform_id = $5)
           insert into integrations as i (id, agency_id, sub_account_id, type, platform_id, platform_name, parent_platform_id, connected_at, connected_by)
           values ($1, $2, $3, $4, $5, $6, $7, now(), $8)
           on conflict (agency_id, sub_account_id, type, platform_id) do update set is_active = true, platform_name = coalesce(excluded.platform_name, i.platform_name),
             parent_platform_id = coalesce(excluded.parent_platform_id, i.parent_platform_id), connected_at = now(), connected_by = excluded.connected_by,
             disconnected_at = null, paused_at = null, needs_reauth_at = null, last_error_at = null, last_error_code = null, setup_step = null, setup_error = null,
             suspended_at = null, limited_until = null, installs_future_locations = null, uninstall_asked_at = null, uninstalled_at = null, uninstall_error = null
           returning i.id as "id: IntegrationId", i.id = $1 as "added!", coalesce((select lost from was), false) as "was_lost!""#,
        new_id::<IntegrationId>().0,
        agency.0,
        business.map(|id| id.0),
        new.kind as Kind,
        new.platform_id,
        new.name.map(|name| domain::text::line(name).chars().take(255).collect::<String>()),
        new.parent,
        user.map(|id| id.0),
    )
    .fetch_one(tx.conn())
    .await?;
    if new.kind == Kind::Gohighlevel && business.is_none() && new.parent.is_none() {
        agencies::set_company(tx, new.platform_id).await?;
    }
    let payload = json!({ "platform_id": new.platform_id, "new": row.added });
    changed(tx, row.id, Act::new("integration.connect", "integration").payload(payload)).await?;
    if row.was_lost {
        restored(tx, row.id).await?;
    }
    Ok((row.id, row.added))
}

/// Stores a HighLevel location. While its business does not exist yet, the row belongs to the agency. The same
/// call in the scope of the business replaces that row with one of the business, and the secrets must be stored
/// again for it.
pub async fn upsert_location(
    tx: &mut TenantTx,
    business: Option<BusinessId>,
    location: &str,
    company: &str,
    name: Option<&str>,
) -> Result<IntegrationId> {
    if business.is_some() {
        let agency = tx.agency()?;
        sqlx::query!(
            "delete from integrations where agency_id = $1 and sub_account_id is null and type = 'GOHIGHLEVEL' and platform_id = $2 and parent_platform_id is not null",
            agency.0,
            location
        )
        .execute(tx.conn())
        .await?;
    }
    let new = NewConnection { kind: Kind::Gohighlevel, platform_id: location, name, parent: Some(company) };
    Ok(upsert(tx, &new).await?.0)
}

/// Stores the provider's current name for the account. The same name again changes nothing.
pub async fn set_name(tx: &mut TenantTx, id: IntegrationId, name: &str) -> Result<()> {
    let done = sqlx::query!(
        "update integrations set platform_name = left($2, 255) where id = $1 and platform_name is distinct from left($2, 255)",
        id.0,
        name
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    changed(tx, id, Act::new("integration.name", "integration").payload(json!({ "name": name }))).await
}

/// Stores the scopes that the provider granted, and those that we asked for and did not get. The same scopes again
/// change nothing.
pub async fn set_scopes(tx: &mut TenantTx, id: IntegrationId, granted: &[String], missing: &[String]) -> Result<()> {
    let done = sqlx::query!(
        "update integrations set scopes_granted = $2, scopes_missing = $3
         where id = $1 and (scopes_granted, scopes_missing) is distinct from ($2::text[], $3::text[])",
        id.0,
        granted,
        missing
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    let payload = json!({ "granted": granted, "missing": missing });
    changed(tx, id, Act::new("integration.scopes", "integration").payload(payload)).await
}

/// Stores whether the consent also installs the app into locations that are created later. `None` means that this
/// is not known and changes nothing; neither does the same value again.
pub async fn set_installs_future(tx: &mut TenantTx, id: IntegrationId, future: Option<bool>) -> Result<()> {
    let Some(future) = future else { return Ok(()) };
    let done = sqlx::query!(
        "update integrations set installs_future_locations = $2 where id = $1 and installs_future_locations is distinct from $2",
        id.0,
        future
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    changed(tx, id, Act::new("integration.future_locations", "integration").payload(json!({ "installs": future })))
        .await
}

/// Stores the domain at which a company's people open HighLevel. `None` keeps the known domain; the same domain
/// again changes nothing.
pub async fn set_domain(tx: &mut TenantTx, id: IntegrationId, domain: Option<&str>) -> Result<()> {
    let Some(domain) = domain.map(str::trim).filter(|domain| !domain.is_empty()) else { return Ok(()) };
    let done = sqlx::query!(
        "update integrations set platform_domain = left($2, 255) where id = $1 and platform_domain is distinct from left($2, 255)",
        id.0,
        domain
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    changed(tx, id, Act::new("integration.domain", "integration").payload(json!({ "domain": domain }))).await
}

/// Records that a call succeeded. It writes at most once a minute unless the call ends trouble, and adds at most
/// one evidence row an hour unless the call ends trouble. A timestamp that was written while the database's clock
/// was ahead does not prevent this. Where nothing is written, nothing is locked. Returns true when the call ended trouble:
/// an error, a suspension by the provider, or a daily limit.
pub async fn record_success(tx: &mut TenantTx, id: IntegrationId) -> Result<bool> {
    let was = sqlx::query!(
        r#"update integrations i set last_ok_at = clock_timestamp(), last_error_at = case when i.last_error_at is not null then least(i.last_error_at, now()) end, suspended_at = null, limited_until = null
           from (select id, last_ok_at, suspended_at is not null or limited_until is not null or coalesce(last_error_at >= coalesce(last_ok_at, '-infinity'), false) as troubled
                 from integrations where id = $1 and (last_ok_at is null or last_ok_at not between now() - interval '1 minute' and now() + interval '1 minute'
                   or suspended_at is not null or limited_until is not null or coalesce(last_error_at >= coalesce(last_ok_at, '-infinity'), false)) for no key update) was
           where i.id = was.id
           returning was.last_ok_at is null or was.last_ok_at < now() - interval '1 hour' or was.troubled as "news!", was.troubled as "troubled!""#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    if was.as_ref().is_some_and(|was| was.news) {
        observe(tx, id, "call", true, None).await?;
        notify(tx, id).await?;
    }
    Ok(was.is_some_and(|was| was.troubled))
}

/// Records that a call failed because of the integration itself. `code` names the reason in a word or two.
pub async fn failed(tx: &mut TenantTx, id: IntegrationId, code: &str) -> Result<()> {
    let done = sqlx::query!(
        "update integrations set last_error_at = clock_timestamp(), last_error_code = left($2, 64), last_ok_at = case when last_ok_at is not null then least(last_ok_at, now()) end where id = $1",
        id.0,
        code
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    observe(tx, id, "call", false, Some(code)).await?;
    notify(tx, id).await
}

/// Pauses the integration or resumes it.
pub async fn set_paused(tx: &mut TenantTx, id: IntegrationId, paused: bool) -> Result<()> {
    let done = sqlx::query!(
        "update integrations set paused_at = case when $2 then now() end where id = $1 and disconnected_at is null",
        id.0,
        paused
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    changed(tx, id, Act::new("integration.pause", "integration").payload(json!({ "paused": paused }))).await
}

/// Disconnects the integration and revokes its secrets. Its history stays.
pub async fn disconnect(tx: &mut TenantTx, id: IntegrationId, reason: &str) -> Result<()> {
    let done = sqlx::query!("update integrations set is_active = false, disconnected_at = now(), token_expires_at = null where id = $1 and disconnected_at is null", id.0)
        .execute(tx.conn())
        .await?;
    found(done.rows_affected())?;
    sqlx::query!("update credentials set revoked_at = now() where integration_id = $1 and revoked_at is null", id.0)
        .execute(tx.conn())
        .await?;
    notifications::settle(tx, id, &[News::ConnectionLost, News::ConnectionEnding]).await?;
    changed(tx, id, Act::new("integration.disconnect", "integration").payload(json!({ "reason": reason }))).await
}

/// Deletes the integration with its secrets and its history, for a location that a job stored and must forget.
pub async fn remove(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    let done = sqlx::query!("delete from integrations where id = $1", id.0).execute(tx.conn()).await?;
    found(done.rows_affected())?;
    notifications::settle(tx, id, &[News::ConnectionLost, News::ConnectionEnding]).await?;
    changed(tx, id, Act::new("integration.remove", "integration")).await
}

/// Makes every process drop its cached secrets of this integration after the transaction commits.
pub(crate) fn evict(tx: &mut TenantTx, id: IntegrationId) {
    tx.notices().credential(id);
}

/// Writes the audit row, notifies live pages, and makes every process read the integration again before using it.
async fn changed(tx: &mut TenantTx, id: IntegrationId, act: Act) -> Result<()> {
    evict(tx, id);
    audit::record(tx, act.object(id)).await?;
    notify(tx, id).await
}

async fn notify(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    outbox::add(tx, "integration.changed", Some(id.0), &json!({})).await
}

#[cfg(all(test, feature = "testing"))]
mod tests;
