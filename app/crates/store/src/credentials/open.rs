//! Opens a sealed secret and writes an audit row with reader, purpose and credential. A separate transaction writes
//! that row, because the secret was opened even if the caller's transaction rolls back.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::audit::Outcome;
use domain::credential::{CredentialKind, Slot};
use domain::{AgencyId, BusinessId, CredentialId, IntegrationId};
use secrecy::SecretString;
use serde_json::json;

use super::associated_data;
use crate::audit::{self, Act};
use crate::vault::{AssociatedData, Vault};
use crate::{Error, Result, Scope, TenantTx};

/// A secret as stored in the database: sealed, so holding it gives no access.
#[derive(Clone)]
pub(super) struct Sealed {
    pub(super) id: CredentialId,
    pub(super) agency: AgencyId,
    pub(super) business: Option<BusinessId>,
    pub(super) integration: IntegrationId,
    pub(super) version: i32,
    pub(super) kind: CredentialKind,
    pub(super) key_id: i32,
    pub(super) access: Vec<u8>,
    pub(super) refresh: Option<Vec<u8>>,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) refresh_expires_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, version {})", self.id, self.version)
    }
}

impl Sealed {
    /// The opened secret, with what its row says of it.
    fn opened(&self, (access, refresh): (SecretString, Option<SecretString>)) -> Opened {
        Opened {
            id: self.id,
            integration: self.integration,
            version: self.version,
            kind: self.kind,
            access,
            refresh,
            scopes: self.scopes.clone(),
            expires_at: self.expires_at,
            refresh_expires_at: self.refresh_expires_at,
        }
    }
}

/// An opened secret. It is wiped when dropped and never printed.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Id of the version's row.
    pub id: CredentialId,
    /// The integration that it belongs to.
    pub integration: IntegrationId,
    /// Number of the version within the integration.
    pub version: i32,
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

/// What is known about the current secret without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialFacts {
    /// Number of the version within the integration.
    pub version: i32,
    /// Kind of the secret.
    pub kind: CredentialKind,
    /// Whether it can be renewed.
    pub refreshable: bool,
}

/// Reads the facts about the current secret, if there is one. The secret is not opened, so no audit row is
/// written.
pub async fn peek(tx: &mut TenantTx, integration: IntegrationId) -> Result<Option<CredentialFacts>> {
    let row = sqlx::query!(
        r#"select c.version, c.kind, c.refreshable as "refreshable!" from credentials c join integrations i on i.agency_id = c.agency_id and i.id = c.integration_id
           where c.integration_id = $1 and c.slot = 'current' and c.revoked_at is null and i.is_active"#,
        integration.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.and_then(|row| {
        Some(CredentialFacts {
            version: row.version,
            kind: CredentialKind::parse(&row.kind)?,
            refreshable: row.refreshable,
        })
    }))
}

/// Opens the current secret, if there is one. `purpose` says in a word or two what it is opened for.
pub async fn current(
    tx: &mut TenantTx,
    vault: &Vault,
    integration: IntegrationId,
    purpose: &str,
) -> Result<Option<Opened>> {
    open_slot(tx, vault, integration, Slot::Current, purpose).await
}

/// Opens the secret in a slot, if there is one: the next secret to check whether it works, the backup secret to
/// use it.
pub async fn open_slot(
    tx: &mut TenantTx,
    vault: &Vault,
    integration: IntegrationId,
    slot: Slot,
    purpose: &str,
) -> Result<Option<Opened>> {
    let Some(row) = sealed(tx, integration, slot).await? else { return Ok(None) };
    open(vault, tx.scope(), &row, purpose).await.map(Some)
}

/// Opens the current secret, if there is one, for an operation that opens many and writes the one audit row about all of them,
/// whatever becomes of it. One that does not open is noted here, as everywhere.
pub async fn current_of_many(
    tx: &mut TenantTx,
    vault: &Vault,
    integration: IntegrationId,
    purpose: &str,
) -> Result<Option<Opened>> {
    let Some(row) = sealed(tx, integration, Slot::Current).await? else { return Ok(None) };
    let opened = unseal(vault, &row).await;
    if let Err(error) = &opened {
        note(vault, tx.scope(), &row, purpose, Some(error)).await?;
    }
    Ok(Some(row.opened(opened?)))
}

/// The columns of a sealed secret, as read from the database.
struct Row {
    id: CredentialId,
    agency: AgencyId,
    business: Option<BusinessId>,
    version: i32,
    kind: String,
    key_id: i32,
    sealed_access: Vec<u8>,
    sealed_refresh: Option<Vec<u8>>,
    scopes: Vec<String>,
    expires_at: Option<DateTime<Utc>>,
    refresh_expires_at: Option<DateTime<Utc>>,
}

impl Row {
    fn of(self, integration: IntegrationId) -> Result<Sealed> {
        let kind =
            CredentialKind::parse(&self.kind).ok_or_else(|| Error::Sealed(format!("unknown kind {}", self.kind)))?;
        Ok(Sealed {
            id: self.id,
            agency: self.agency,
            business: self.business,
            integration,
            version: self.version,
            kind,
            key_id: self.key_id,
            access: self.sealed_access,
            refresh: self.sealed_refresh,
            scopes: self.scopes,
            expires_at: self.expires_at,
            refresh_expires_at: self.refresh_expires_at,
        })
    }
}

/// Reads the sealed row of a slot. Returns `None` for an integration that was disconnected or is not in this
/// scope.
pub(super) async fn sealed(tx: &mut TenantTx, integration: IntegrationId, slot: Slot) -> Result<Option<Sealed>> {
    let row = sqlx::query_as!(
        Row,
        r#"select c.id as "id: CredentialId", c.agency_id as "agency: AgencyId", c.sub_account_id as "business: BusinessId", c.version, c.kind, c.key_id,
                  c.sealed_access, c.sealed_refresh, c.scopes, c.expires_at, c.refresh_expires_at
           from credentials c join integrations i on i.agency_id = c.agency_id and i.id = c.integration_id
           where c.integration_id = $1 and c.slot = $2 and c.revoked_at is null and i.is_active"#,
        integration.0,
        slot.key()
    );
    row.fetch_optional(tx.conn()).await?.map(|row| row.of(integration)).transpose()
}

/// Opens the last secret that a consent gave to an integration that has been disconnected since, so that the app
/// can be removed at the provider. Returns `None` for an integration that is active again.
pub async fn open_ended(
    tx: &mut TenantTx,
    vault: &Vault,
    integration: IntegrationId,
    purpose: &str,
) -> Result<Option<Opened>> {
    let row = sqlx::query_as!(
        Row,
        r#"select c.id as "id: CredentialId", c.agency_id as "agency: AgencyId", c.sub_account_id as "business: BusinessId", c.version, c.kind, c.key_id,
                  c.sealed_access, c.sealed_refresh, c.scopes, c.expires_at, c.refresh_expires_at
           from credentials c join integrations i on i.agency_id = c.agency_id and i.id = c.integration_id
           where c.integration_id = $1 and c.revoked_at is not null and c.kind in ('oauth_company', 'oauth_location', 'oauth_user', 'oauth_page', 'system_user') and not i.is_active
           order by c.version desc limit 1"#,
        integration.0
    );
    let Some(row) = row.fetch_optional(tx.conn()).await? else { return Ok(None) };
    open(vault, tx.scope(), &row.of(integration)?, purpose).await.map(Some)
}

/// Opens a row that was read before in the same scope.
pub(super) async fn open(vault: &Vault, scope: &Scope, row: &Sealed, purpose: &str) -> Result<Opened> {
    let opened = unseal(vault, row).await;
    note(vault, scope, row, purpose, opened.as_ref().err()).await?;
    Ok(row.opened(opened?))
}

pub(super) async fn unseal(vault: &Vault, row: &Sealed) -> Result<(SecretString, Option<SecretString>)> {
    let associated_data = associated_data(row.id, row.agency, row.business);
    let access = vault.open(&associated_data, &row.access).await?;
    let refresh = match &row.refresh {
        Some(sealed) => {
            Some(vault.open(&AssociatedData { column: "sealed_refresh", ..associated_data }, sealed).await?)
        }
        None => None,
    };
    Ok((access, refresh))
}

/// Writes the audit row that says who opened which secret for what purpose. It also records a secret that did not
/// open, because it may have been tampered with.
async fn note(vault: &Vault, scope: &Scope, row: &Sealed, purpose: &str, failure: Option<&Error>) -> Result<()> {
    let mut tx = TenantTx::begin(vault.db(), scope.clone()).await?;
    let payload = json!({ "purpose": purpose, "integration": row.integration, "version": row.version });
    let act = Act::new("credential.opened", "credential").object(row.id).payload(payload);
    let act = match failure {
        Some(error) => act.ended(Outcome::Failed, &error.to_string()),
        None => act,
    };
    audit::record(&mut tx, act).await?;
    // A row that another transaction is changing is skipped: its time of use is not worth a wait.
    sqlx::query!(
        "update credentials set last_used_at = now() where id = (select id from credentials where id = $1
         and (last_used_at is null or last_used_at < now() - interval '1 minute') for update skip locked)",
        row.id.0
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
