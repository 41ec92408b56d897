//! Versioned secrets of an integration: current, next, backup and former ones. Both tokens of an OAuth pair form one
//! version and are stored together or not at all. Only `open` returns a stored value.

mod cache;
mod due;
mod ends;
mod open;
mod refresh;
mod removed;
mod rotate;
mod route;

use chrono::{DateTime, Utc};
use domain::audit::Outcome;
use domain::credential::{Credential, CredentialKind, Slot};
use domain::{AgencyId, BusinessId, CredentialId, IntegrationId};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use self::cache::{Cache, CachedCredential, CredentialOwner, NoCredential};
pub use self::due::due;
pub use self::ends::set_end;
pub use self::open::{CredentialFacts, Opened, current, current_of_many, open_ended, open_slot, peek};
pub use self::refresh::{put_renewed, record_refused_refresh, release_refresh, take_refresh};
pub use self::removed::remove_ended;
pub use self::rotate::rotate_agency;
pub use self::route::{NoRoute, Route, route};

use crate::audit::{self, Act};
use crate::integrations::{self, evict};
use crate::vault::{AssociatedData, Vault};
use crate::{Error, Result, TenantTx, found, new_id, outbox};

/// A secret to store.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Kind of the secret.
    pub kind: CredentialKind,
    /// The token or key itself.
    pub access: SecretString,
    /// The refresh token, if the secret can be renewed.
    pub refresh: Option<SecretString>,
    /// The scopes that it has at the provider.
    pub scopes: Vec<String>,
    /// When it expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it can no longer be renewed.
    pub refresh_expires_at: Option<DateTime<Utc>>,
}

/// The first digits of a hash of the secret. They distinguish secrets in logs and on pages and give no access.
#[must_use]
pub fn fingerprint(secret: &SecretString) -> String {
    let digits = hex::encode(Sha256::digest(secret.expose_secret().as_bytes()));
    format!("cred:{}", digits.get(..8).unwrap_or_default())
}

/// Stores a secret as the current one and keeps the former one as the previous one. Other processes drop their
/// cached copy when the transaction commits. Returns the number of the new version.
pub async fn put(tx: &mut TenantTx, vault: &Vault, integration: IntegrationId, new: &NewSecret) -> Result<i32> {
    store(tx, vault, integration, Slot::Current, new).await
}

/// Stores a private integration token as the current, next or backup secret.
pub async fn store_pit(
    tx: &mut TenantTx,
    vault: &Vault,
    integration: IntegrationId,
    token: &SecretString,
    slot: Slot,
) -> Result<i32> {
    if slot == Slot::Previous {
        return Err(Error::Refused("credentials_slot".into()));
    }
    let new = NewSecret {
        kind: CredentialKind::Pit,
        access: token.clone(),
        refresh: None,
        scopes: Vec::new(),
        expires_at: None,
        refresh_expires_at: None,
    };
    store(tx, vault, integration, slot, &new).await
}

async fn store(
    tx: &mut TenantTx,
    vault: &Vault,
    integration: IntegrationId,
    slot: Slot,
    new: &NewSecret,
) -> Result<i32> {
    // The lock on the integration's row gives versions consecutive numbers without a conflict.
    let place = sqlx::query!(
        r#"select agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", last_secret_version from integrations where id = $1 for update"#,
        integration.0
    )
    .fetch_one(tx.conn())
    .await?;
    let id: CredentialId = new_id();
    let sealed =
        seal_pair(vault, &associated_data(id, place.agency, place.business), &new.access, new.refresh.as_ref()).await?;
    vacate(tx, integration, slot).await?;
    let version = sqlx::query_scalar!(
        "insert into credentials (id, agency_id, sub_account_id, integration_id, version, slot, kind, key_id, sealed_access, sealed_refresh, fingerprint, scopes, expires_at, refresh_expires_at)
         select $1, $2, $3, $4, greatest(coalesce(max(version), 0), $14) + 1, $5, $6, $7, $8, $9, $10, $11, $12, $13 from credentials where integration_id = $4 returning version",
        id.0,
        place.agency.0,
        place.business.map(|id| id.0),
        integration.0,
        slot.key(),
        new.kind.key(),
        sealed.key_id,
        sealed.access,
        sealed.refresh,
        fingerprint(&new.access),
        &new.scopes,
        new.expires_at,
        new.refresh_expires_at,
        place.last_secret_version,
    )
    .fetch_one(tx.conn())
    .await?;
    if slot == Slot::Current {
        in_use(tx, integration, new.expires_at, &new.scopes).await?;
    }
    let shown = fingerprint(&new.access);
    tracing::info!(%integration, version, credential = shown, "a secret was stored");
    let payload =
        json!({ "integration": integration, "version": version, "slot": slot, "kind": new.kind, "fingerprint": shown });
    notify(tx, integration, Act::new("credential.stored", "credential").object(id).payload(payload)).await?;
    Ok(version)
}

/// Empties a slot: the current secret becomes the previous one, which is kept for 30 days for diagnosis; a secret
/// in another slot is revoked.
async fn vacate(tx: &mut TenantTx, integration: IntegrationId, slot: Slot) -> Result<()> {
    sqlx::query!(
        "update credentials set slot = case when slot = 'current' then 'previous' else slot end, refresh_owner = null, refresh_until = null,
                revoked_at = case when slot = 'current' then revoked_at else now() end
         where integration_id = $1 and slot = $2 and revoked_at is null",
        integration.0,
        slot.key()
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from credentials where integration_id = $1 and slot = 'previous' and updated_at < now() - interval '30 days'", integration.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Records a new current secret on the integration. It ends any trouble with the former secret. How far a channel is set up
/// does not depend on the secret.
async fn in_use(
    tx: &mut TenantTx,
    integration: IntegrationId,
    expires_at: Option<DateTime<Utc>>,
    scopes: &[String],
) -> Result<()> {
    let was = sqlx::query!(
        r#"update integrations i set token_expires_at = $2, scopes_granted = case when $3::text[] = '{}' then i.scopes_granted else $3 end, needs_reauth_at = null, suspended_at = null,
                  connected_at = coalesce(i.connected_at, now()), setup_step = case when i.type = 'GOHIGHLEVEL' then null else i.setup_step end
           from (select needs_reauth_at is not null as lost from integrations where id = $1 for update) was where i.id = $1
           returning was.lost as "lost!", i.type <> 'GOHIGHLEVEL' as "channel!""#,
        integration.0,
        expires_at,
        scopes
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(was) = was else { return Ok(()) };
    if was.channel {
        integrations::renewed(tx, integration).await?;
    }
    if was.lost { integrations::restored(tx, integration).await } else { Ok(()) }
}

/// Both tokens of a pair, sealed under the same key. The row stores the id of that key.
struct Pair {
    key_id: i32,
    access: Vec<u8>,
    refresh: Option<Vec<u8>>,
}

async fn seal_pair(
    vault: &Vault,
    associated_data: &AssociatedData,
    access: &SecretString,
    refresh: Option<&SecretString>,
) -> Result<Pair> {
    // The key may change between the two calls; then both tokens are sealed again with the new key.
    for _ in 0..3 {
        let (sealed, key_id) = vault
            .seal(&AssociatedData { column: "sealed_access", ..*associated_data }, access.expose_secret().as_bytes())
            .await?;
        let Some(refresh) = refresh else { return Ok(Pair { key_id, access: sealed, refresh: None }) };
        let (other, other_id) = vault
            .seal(&AssociatedData { column: "sealed_refresh", ..*associated_data }, refresh.expose_secret().as_bytes())
            .await?;
        if key_id == other_id {
            return Ok(Pair { key_id, access: sealed, refresh: Some(other) });
        }
    }
    Err(Error::Stale)
}

const fn associated_data(id: CredentialId, agency: AgencyId, business: Option<BusinessId>) -> AssociatedData {
    AssociatedData { table: "credentials", column: "sealed_access", row: id.0, agency: Some(agency), business }
}

/// Makes the next or the backup secret the current one and records the reason. The former current secret is kept.
pub async fn promote(tx: &mut TenantTx, integration: IntegrationId, from: Slot, reason: &str) -> Result<i32> {
    if !matches!(from, Slot::Next | Slot::Backup) {
        return Err(Error::Refused("credentials_slot".into()));
    }
    let row = sqlx::query!(
        r#"select id as "id: CredentialId", version, expires_at, scopes from credentials where integration_id = $1 and slot = $2 and revoked_at is null for update"#,
        integration.0,
        from.key()
    )
    .fetch_one(tx.conn())
    .await?;
    vacate(tx, integration, Slot::Current).await?;
    sqlx::query!("update credentials set slot = 'current' where id = $1", row.id.0).execute(tx.conn()).await?;
    in_use(tx, integration, row.expires_at, &row.scopes).await?;
    let payload = json!({ "integration": integration, "version": row.version, "from": from });
    notify(
        tx,
        integration,
        Act::new("credential.promoted", "credential").object(row.id).payload(payload).ended(Outcome::Ok, reason),
    )
    .await?;
    Ok(row.version)
}

/// Revokes one secret. After that only `open_ended` can still open it.
pub async fn revoke(tx: &mut TenantTx, id: CredentialId) -> Result<()> {
    let integration = sqlx::query_scalar!(
        r#"update credentials set revoked_at = now() where id = $1 and revoked_at is null returning integration_id as "id: IntegrationId""#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    notify(tx, integration, Act::new("credential.revoked", "credential").object(id)).await
}

/// Revokes every secret of an integration. It succeeds when there is none left to revoke.
pub async fn revoke_all(tx: &mut TenantTx, integration: IntegrationId) -> Result<()> {
    let done = sqlx::query!(
        "update credentials set revoked_at = now() where integration_id = $1 and revoked_at is null",
        integration.0
    )
    .execute(tx.conn())
    .await?;
    if found(done.rows_affected()).is_err() {
        return Ok(());
    }
    notify(tx, integration, Act::new("credential.revoked", "integration").object(integration)).await
}

/// The versions of an integration's secrets without their values, newest first.
pub async fn list(tx: &mut TenantTx, integration: IntegrationId) -> Result<Vec<Credential>> {
    let rows = sqlx::query!(
        r#"select id as "id: CredentialId", version, slot, kind, fingerprint, scopes, issued_at, expires_at, refresh_expires_at, last_used_at, sealed_refresh is not null as "refreshable!"
           from credentials where integration_id = $1 and revoked_at is null order by version desc limit 100"#,
        integration.0
    )
    .fetch_all(tx.conn())
    .await?;
    let versions = rows.into_iter().filter_map(|row| {
        Some(Credential {
            id: row.id,
            integration,
            version: row.version,
            slot: Slot::parse(&row.slot)?,
            kind: CredentialKind::parse(&row.kind)?,
            fingerprint: row.fingerprint,
            scopes: row.scopes,
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            refresh_expires_at: row.refresh_expires_at,
            last_used_at: row.last_used_at,
            refreshable: row.refreshable,
        })
    });
    Ok(versions.collect())
}

async fn notify(tx: &mut TenantTx, integration: IntegrationId, act: Act) -> Result<()> {
    evict(tx, integration);
    audit::record(tx, act).await?;
    let subject: Uuid = integration.0;
    outbox::add(tx, "integration.changed", Some(subject), &json!({})).await
}

#[cfg(all(test, feature = "testing"))]
mod tests;
#[cfg(all(test, feature = "testing"))]
mod tests_cache;
#[cfg(all(test, feature = "testing"))]
mod tests_channels;
#[cfg(all(test, feature = "testing"))]
mod tests_due;
