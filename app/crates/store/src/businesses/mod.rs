//! Businesses, the clients of an agency. An agency reads all businesses it may reach, but changes one only in the scope
//! of that business (`Scope::AgencyBusiness` or `Scope::Business`).

mod language;
mod list;
mod location_update;
mod offboarding;
mod read;

use domain::business::{Business, Details, NewBusiness};
use domain::notifications::Kind as News;
use domain::{AgencyId, BusinessId, UserId};
use serde_json::{Value, json};
use sqlx::PgConnection;

pub use self::language::{choose_language, chosen_language, language};
pub(crate) use self::list::rows;
pub use self::list::{LIST, ORDERS, list, list_platform};
pub use self::location_update::{
    Doubtful, Sendable, ask_update, confirm_write, doubtful_writes, fail_update, finish_update, last_update,
    mark_absent, record_write, refuse_write, retry_update, sendable, wait_with_update,
};
pub use self::offboarding::{archive, offboard, offboarding_failed, reactivate, retry_offboarding};
pub(crate) use self::read::Row;
pub use self::read::{counts, find_anywhere, find_location, find_ref, get, hold, running_job, with_location};

use crate::audit::{self, Act};
use crate::events::{self, Event};
use crate::{Error, Result, TenantTx, found, new_id, outbox};

/// How many numbered slugs are tried before the name counts as taken.
const SLUGS: u32 = 200;

/// Adds a business to the scope's agency. In the scope of one business it takes the id of that scope, so a caller
/// can choose the id and continue to write rows of the business; otherwise the business gets a new id. A slug that
/// is taken gets a number. Returns `Taken("sub_accounts_location")` when another business has the location.
pub async fn add(tx: &mut TenantTx, new: &NewBusiness) -> Result<Business> {
    let (agency, before) = (tx.agency()?, tx.business());
    let id = before.unwrap_or_else(new_id);
    // Row-level security lets a transaction read only the business in scope, and the conflict check on the slug
    // needs a row that can be read.
    write_scope(tx.conn(), Some(id)).await?;
    let wish = slug_of(&new.slug, &new.name);
    for number in 1..=SLUGS {
        let slug = if number == 1 { wish.clone() } else { format!("{wish}-{number}") };
        if insert(tx.conn(), agency, id, &slug, new).await? {
            let payload = json!({ "name": new.name.trim(), "slug": slug, "location": new.ghl_location_id });
            notify(tx, id, "business.added", payload).await?;
            let made = get(tx, id).await?;
            write_scope(tx.conn(), before).await?;
            let kind = News::ClientCreated;
            let (key, subject, business) = (format!("{kind}:{id}"), Some(id.0), Some(id));
            let event = Event { kind, key, subject, business, to: None, title: &made.name, detail: "" };
            events::tell(tx, &event).await?;
            return Ok(made);
        }
    }
    Err(Error::Taken("sub_accounts_agency_id_slug_key".into()))
}

/// Sets the business whose rows the transaction may write from here on, among those of its agency.
pub(crate) async fn write_scope(conn: &mut PgConnection, business: Option<BusinessId>) -> Result<()> {
    let id = business.map(|id| id.to_string()).unwrap_or_default();
    sqlx::query!("select set_config('app.current_sub_account_id', $1, true) as set", id).fetch_one(conn).await?;
    Ok(())
}

/// Returns false when the slug is taken.
async fn insert(
    conn: &mut PgConnection,
    agency: AgencyId,
    id: BusinessId,
    slug: &str,
    new: &NewBusiness,
) -> Result<bool> {
    let details = &new.details;
    let done = sqlx::query!(
        "insert into sub_accounts (id, agency_id, name, slug, ghl_location_id, email, phone, website, address, city, state, postal_code, country, timezone, notes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce(nullif($14, ''), 'UTC'), $15) on conflict (agency_id, slug) do nothing",
        id.0,
        agency.0,
        new.name.trim(),
        slug,
        new.ghl_location_id,
        details.email,
        details.phone,
        details.website,
        details.address,
        details.city,
        details.state,
        details.postal_code,
        details.country,
        details.timezone,
        details.notes,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The wanted slug, or one made from the name. It leaves room for a number at the end.
fn slug_of(wanted: &str, name: &str) -> String {
    let from = if wanted.trim().is_empty() { name } else { wanted };
    let mut slug = String::new();
    for letter in from.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let short: String = slug.chars().take(58).collect();
    let short = short.trim_matches('-');
    // A name that looks like an id would be taken for the id of another business.
    match short {
        "" => "client".into(),
        id if id.parse::<uuid::Uuid>().is_ok() => format!("client-{}", &id[..8]),
        name => name.to_owned(),
    }
}

/// Changes the name and the details. `fields` are the names of the members that differ, for the audit log.
pub async fn set_details(
    tx: &mut TenantTx,
    id: BusinessId,
    name: &str,
    details: &Details,
    fields: &[&str],
) -> Result<()> {
    let done = sqlx::query!(
        "update sub_accounts set name = $2, email = $3, phone = $4, website = $5, address = $6, city = $7, state = $8, postal_code = $9, country = $10,
                timezone = coalesce(nullif($11, ''), 'UTC'), notes = $12 where id = $1 and deleted_at is null",
        id.0,
        name.trim(),
        details.email,
        details.phone,
        details.website,
        details.address,
        details.city,
        details.state,
        details.postal_code,
        details.country,
        details.timezone,
        details.notes,
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    notify(tx, id, "business.changed", json!({ "name": name.trim(), "fields": fields })).await
}

/// Sets the HighLevel location. Returns `Taken("sub_accounts_location")` when another business has it.
pub async fn set_location(tx: &mut TenantTx, id: BusinessId, location: &str) -> Result<()> {
    let done = sqlx::query!(
        "update sub_accounts set ghl_location_id = $2 where id = $1 and deleted_at is null",
        id.0,
        location
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    notify(tx, id, "business.location", json!({ "location": location })).await
}

/// Sets the owner.
pub async fn set_owner(tx: &mut TenantTx, id: BusinessId, owner: UserId) -> Result<()> {
    let done =
        sqlx::query!("update sub_accounts set owner_user_id = $2 where id = $1 and deleted_at is null", id.0, owner.0)
            .execute(tx.conn())
            .await?;
    found(done.rows_affected())?;
    notify(tx, id, "business.owner", json!({ "owner": owner })).await
}

/// Sets the status: `paused`, `trial` or `active`. One that is archived or in the trash is not found.
pub async fn set_status(tx: &mut TenantTx, id: BusinessId, status: &str) -> Result<()> {
    let done = sqlx::query!(
        "update sub_accounts set status = $2 where id = $1 and status in ('trial', 'active', 'paused') and $2 in ('trial', 'active', 'paused')",
        id.0,
        status
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    notify(tx, id, "business.status", json!({ "status": status })).await
}

/// Moves a business to the trash, where it stays for 30 days, and revokes its API tokens for good.
pub async fn remove(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    let user = tx.user().map(|id| id.0);
    let done = sqlx::query!("update sub_accounts set former_status = status, status = 'deleted', deleted_at = now(), deleted_by = $2 where id = $1 and deleted_at is null", id.0, user)
        .execute(tx.conn())
        .await?;
    found(done.rows_affected())?;
    revoke_tokens(tx, id).await?;
    notify(tx, id, "business.deleted", json!({})).await
}

/// Restores a business from the trash as it was. Returns `Taken("sub_accounts_location")` when another business has
/// its location by now.
pub async fn restore(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    let unfinished = sqlx::query_scalar!(
        r#"update sub_accounts set status = coalesce(former_status, 'active'), former_status = null, deleted_at = null, deleted_by = null
           where id = $1 and deleted_at is not null returning status = 'archived' and offboarded_at is null as "unfinished!""#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    if unfinished {
        offboarding::queue_offboarding(tx, id).await?;
    }
    location_update::resume(tx, id).await?;
    notify(tx, id, "business.restored", json!({})).await
}

/// Revokes the API tokens of a business. A restored business has none.
async fn revoke_tokens(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    sqlx::query!("update api_tokens set revoked_at = now() where sub_account_id = $1 and revoked_at is null", id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Waits until no other transaction changes the roles in the business of this transaction.
pub(crate) async fn lock_roles(tx: &mut TenantTx) -> Result<()> {
    let Some(business) = tx.business() else { return Ok(()) };
    sqlx::query!("select id from sub_accounts where id = $1 for no key update", business.0)
        .fetch_all(tx.conn())
        .await?;
    Ok(())
}

/// Notes since when an invitation to own the business of this transaction is open. Whoever makes or ends one calls it.
pub(crate) async fn note_owner_invite(tx: &mut TenantTx) -> Result<()> {
    let Some(business) = tx.business() else { return Ok(()) };
    sqlx::query!(
        "update sub_accounts b set owner_invited_at = open.at
         from (select max(created_at) as at from one_time_tokens where sub_account_id = $1 and purpose = 'invite' and used_at is null
               and expires_at > now() and payload ->> 'role' = 'business_owner') open
         where b.id = $1 and b.owner_invited_at is distinct from open.at",
        business.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn notify(tx: &mut TenantTx, id: BusinessId, action: &'static str, payload: Value) -> Result<()> {
    audit::record(tx, Act::new(action, "business").object(id).payload(payload)).await?;
    outbox::add(tx, "business.changed", Some(id.0), &json!({})).await
}

#[cfg(all(test, feature = "testing"))]
mod tests;
