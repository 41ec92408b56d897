//! Leases a credential for renewal. A refresh token works once, so one holder across all processes leases the version
//! it read, makes the call and stores both new tokens together. Whoever finds a newer version reads it instead.

use std::time::Duration;

use domain::IntegrationId;
use serde_json::json;
use uuid::Uuid;

use super::{NewSecret, put};
use crate::audit::{self, Act};
use crate::vault::Vault;
use crate::{Error, Result, TenantTx, integrations};

/// Takes the lease on this version for `hold`. Returns false if somebody holds the lease or the version is no
/// longer current. The same owner cannot take it twice either, because two tasks of one process must not renew at
/// once.
pub async fn take_refresh(
    tx: &mut TenantTx,
    integration: IntegrationId,
    version: i32,
    owner: Uuid,
    hold: Duration,
) -> Result<bool> {
    let done = sqlx::query!(
        "update credentials set refresh_owner = $3, refresh_until = clock_timestamp() + make_interval(secs => $4)
         where integration_id = $1 and version = $2 and slot = 'current' and revoked_at is null and (refresh_until is null or refresh_until < clock_timestamp() or refresh_until > clock_timestamp() + 2 * make_interval(secs => $4))",
        integration.0,
        version,
        owner,
        hold.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the lease back after a failed renewal and counts the failure.
pub async fn release_refresh(tx: &mut TenantTx, integration: IntegrationId, version: i32, owner: Uuid) -> Result<()> {
    let done = sqlx::query!(
        "update credentials set refresh_owner = null, refresh_until = null, refresh_failures = refresh_failures + 1, refresh_failed_at = now()
         where integration_id = $1 and version = $2 and refresh_owner = $3",
        integration.0,
        version,
        owner
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    audit::record(
        tx,
        Act::new("credential.not_renewed", "integration").object(integration).payload(json!({ "version": version })),
    )
    .await
}

/// Returns whether this version is still the current one. If it is, nobody can replace it until the transaction
/// ends. The row of the integration is locked first, as in every transaction that stores a secret.
async fn lock_current_version(tx: &mut TenantTx, integration: IntegrationId, version: i32) -> Result<bool> {
    sqlx::query!("select id from integrations where id = $1 for update", integration.0).fetch_one(tx.conn()).await?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select from credentials where integration_id = $1 and version = $2 and slot = 'current' and revoked_at is null) as "held!""#,
        integration.0,
        version
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Records that the provider no longer renews this version, so that only a person can help. If another version is
/// current by now, it returns false and writes nothing, because the refusal says nothing about that version.
pub async fn record_refused_refresh(
    tx: &mut TenantTx,
    integration: IntegrationId,
    version: i32,
    cause: &str,
) -> Result<bool> {
    if !lock_current_version(tx, integration, version).await? {
        return Ok(false);
    }
    integrations::needs_reauth(tx, integration, cause).await?;
    Ok(true)
}

/// Stores the renewed pair if this version is still the current one. Otherwise it returns `Stale`, and the current
/// version is the better one. It does not matter who holds the lease: a pair that was really renewed exists
/// nowhere else, and the old pair is used up.
pub async fn put_renewed(
    tx: &mut TenantTx,
    vault: &Vault,
    integration: IntegrationId,
    version: i32,
    new: &NewSecret,
) -> Result<i32> {
    if !lock_current_version(tx, integration, version).await? {
        return Err(Error::Stale);
    }
    put(tx, vault, integration, new).await
}
