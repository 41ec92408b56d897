//! How does an agency stop working for a client? People, invitations and API tokens end in the transaction of the act;
//! phone routes and the keys to its location are ended in the background. Everything but tokens and keys comes back with
//! the client.

use domain::BusinessId;
use domain::clients::Offboarding;
use domain::work::Kind;
use serde_json::json;

use super::{notify, revoke_tokens};
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, credentials, found, integrations, outbox};

/// Archives the business of this transaction: its people lose access, its open invitations end, its API tokens are
/// revoked. What is left to end is queued.
pub async fn archive(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    let done = sqlx::query!(
        "update sub_accounts set status = 'archived', archived_at = now(), offboarded_at = null, offboarding = null, owner_invited_at = null
         where id = $1 and deleted_at is null and status <> 'archived'",
        id.0
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    revoke_tokens(tx, id).await?;
    sqlx::query!(
        "update one_time_tokens set expires_at = now() where sub_account_id = $1 and purpose = 'invite' and used_at is null and expires_at > now()",
        id.0
    )
    .execute(tx.conn())
    .await?;
    queue_offboarding(tx, id).await?;
    notify(tx, id, "business.archived", json!({})).await
}

pub(super) async fn queue_offboarding(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    queue::add(tx, &Work::new(Kind::OffboardBusiness).subject(id).once(format!("offboard:{id}"))).await?;
    Ok(())
}

/// Ends what an archived business still has: its phone routes are switched off, and the keys to its location are ended. It
/// may be repeated. Nothing happens if the business is not archived any more; one that was removed meanwhile still is.
pub async fn offboard(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    let archived = sqlx::query_scalar!(
        "select ghl_location_id from sub_accounts
         where id = $1 and (status = 'archived' or (status = 'deleted' and former_status = 'archived')) and offboarded_at is null for update",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(location) = archived else { return Ok(()) };
    let routes =
        sqlx::query!("update phone_routing set is_active = false where sub_account_id = $1 and is_active", id.0)
            .execute(tx.conn())
            .await?
            .rows_affected();
    let (keys, paused) = end_keys(tx, id, location.as_deref()).await?;
    let ended = Offboarding { routes, keys, error: None };
    let mut stored = serde_json::to_value(&ended).unwrap_or_default();
    // A connection that a person had paused stays so when the business comes back.
    stored["paused"] = json!(paused);
    sqlx::query!("update sub_accounts set offboarded_at = now(), offboarding = $2 where id = $1", id.0, stored)
        .execute(tx.conn())
        .await?;
    if routes > 0 {
        outbox::add(tx, "phone_routes.changed", None, &json!({})).await?;
    }
    notify(tx, id, "business.offboarded", json!({ "routes": routes, "keys": keys })).await
}

/// Pauses the connection of the location, so that nothing makes a new key, and ends the keys. Returns their number, and
/// whether the connection went on until now.
async fn end_keys(tx: &mut TenantTx, id: BusinessId, location: Option<&str>) -> Result<(u64, bool)> {
    let Some(location) = location else { return Ok((0, false)) };
    let own = integrations::location(tx, location).await?.filter(|own| own.business == Some(id));
    let Some(own) = own else { return Ok((0, false)) };
    let pauses = own.disconnected_at.is_none() && own.paused_at.is_none();
    if pauses {
        integrations::set_paused(tx, own.id, true).await?;
    }
    let keys = credentials::list(tx, own.id).await?.len();
    credentials::revoke_all(tx, own.id).await?;
    Ok((u64::try_from(keys).unwrap_or(u64::MAX), pauses))
}

/// Says why an archived business could not be offboarded.
pub async fn offboarding_failed(tx: &mut TenantTx, id: BusinessId, why: &str) -> Result<()> {
    let stored = serde_json::to_value(Offboarding { error: Some(why.to_owned()), ..Offboarding::default() });
    sqlx::query!(
        "update sub_accounts set offboarding = $2
         where id = $1 and (status = 'archived' or (status = 'deleted' and former_status = 'archived')) and offboarded_at is null",
        id.0,
        stored.unwrap_or_default()
    )
    .execute(tx.conn())
    .await?;
    outbox::add(tx, "business.changed", Some(id.0), &json!({})).await
}

/// Tries again to offboard an archived business. Returns `Stale` if nothing is left to end.
pub async fn retry_offboarding(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    let again = sqlx::query!(
        "update sub_accounts set offboarding = null where id = $1 and status = 'archived' and offboarded_at is null",
        id.0
    )
    .execute(tx.conn())
    .await?;
    if again.rows_affected() == 0 {
        return Err(Error::Stale);
    }
    queue_offboarding(tx, id).await?;
    notify(tx, id, "business.offboarding_retried", json!({})).await
}

/// Works for an archived business again. Its people have access again, and the connection of its location goes on unless
/// a person paused it; phone routes are switched on by hand.
pub async fn reactivate(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    let paused = sqlx::query_scalar!(
        r#"select coalesce(offboarding ->> 'paused' = 'true', false) as "paused!" from sub_accounts where id = $1 for update"#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    let location = sqlx::query_scalar!(
        "update sub_accounts set status = 'active', archived_at = null, offboarded_at = null, offboarding = null
         where id = $1 and deleted_at is null and status = 'archived' returning ghl_location_id",
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    if let Some(location) = location
        && paused
        && let Some(own) = integrations::location(tx, &location).await?.filter(|own| own.business == Some(id))
        && own.paused_at.is_some()
    {
        integrations::set_paused(tx, own.id, false).await?;
    }
    notify(tx, id, "business.reactivated", json!({})).await
}
