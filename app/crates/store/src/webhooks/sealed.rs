//! The secrets of webhook endpoints: what signs the deliveries, and the whole address of Slack's. How are they made,
//! opened, and sealed anew with another key?

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::webhooks::{Format, masked};
use domain::{AgencyId, WebhookId};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::Due;
use crate::vault::{AssociatedData, Vault};
use crate::{Db, Error, Result, Scope, TenantTx};

/// Bytes of a secret. Standard Webhooks asks for 24 to 64.
const BYTES: usize = 32;

/// A sealed secret with what may be shown.
pub(super) struct Made {
    /// The secret, for the one time that it is shown. `None` for Slack.
    pub secret: Option<SecretString>,
    pub sealed: Vec<u8>,
    pub key_id: i32,
    /// The address as people see it.
    pub shown: String,
    /// Scheme and host, for the audit log.
    pub host: String,
}

const fn associated_data(agency: AgencyId, id: WebhookId) -> AssociatedData {
    AssociatedData { table: "webhook_endpoints", column: "secret", row: id.0, agency: Some(agency), business: None }
}

/// Makes the secret of an endpoint at this checked address and seals it.
pub(super) async fn make(vault: &Vault, agency: AgencyId, id: WebhookId, format: Format, url: &str) -> Result<Made> {
    let parsed = domain::webhooks::address(url).map_err(|_| Error::Refused("url".to_owned()))?;
    let host = parsed.origin().ascii_serialization();
    let (secret, shown) = match format {
        Format::Json => (fresh(), url.to_owned()),
        Format::Slack => (SecretString::from(url), masked(&parsed)),
    };
    let (sealed, key_id) = vault.seal(&associated_data(agency, id), secret.expose_secret().as_bytes()).await?;
    Ok(Made { secret: (format == Format::Json).then_some(secret), sealed, key_id, shown, host })
}

/// A new secret: `whsec_` and base64.
fn fresh() -> SecretString {
    let mut bytes = Zeroizing::new([0_u8; BYTES]);
    rand::fill(&mut *bytes);
    SecretString::from(format!("whsec_{}", STANDARD.encode(*bytes)))
}

/// The secret of the endpoint of a delivery: what signs, or the address of Slack's.
pub async fn opened(vault: &Vault, due: &Due) -> Result<SecretString> {
    vault.open(&associated_data(due.agency, due.endpoint), &due.sealed).await
}

/// The secrets that sign a delivery: the present one first, then the one before while its time is not over.
pub async fn signing_secrets(vault: &Vault, due: &Due) -> Result<Vec<SecretString>> {
    let mut secrets = vec![opened(vault, due).await?];
    if let Some(previous) = &due.sealed_previous {
        secrets.push(vault.open(&associated_data(due.agency, due.endpoint), previous).await?);
    }
    Ok(secrets)
}

/// The endpoints of the agency with a secret that another key than this one sealed.
pub(crate) async fn old_keys(tx: &mut TenantTx, key: i32) -> Result<Vec<WebhookId>> {
    let agency = tx.agency()?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: WebhookId" from webhook_endpoints where agency_id = $1 and removed_at is null and (key_id <> $2 or previous_key_id <> $2) order by id"#,
        agency.0,
        key
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Seals the secrets of an endpoint again with the present key. One that was removed meanwhile is skipped.
pub(crate) async fn reseal(db: &Db, vault: &Vault, scope: Scope, id: WebhookId) -> Result<()> {
    let mut tx = TenantTx::begin(db, scope).await?;
    let agency = tx.agency()?;
    let row = sqlx::query!(
        "select sealed_secret, sealed_previous from webhook_endpoints where agency_id = $1 and id = $2 and removed_at is null for update",
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(()) };
    let place = associated_data(agency, id);
    let (sealed, key) = vault.seal(&place, &vault.open_bytes(&place, &row.sealed_secret).await?).await?;
    let previous = match row.sealed_previous {
        Some(previous) => Some(vault.seal(&place, &vault.open_bytes(&place, &previous).await?).await?),
        None => None,
    };
    let (sealed_previous, previous_key) = previous.unzip();
    sqlx::query!(
        "update webhook_endpoints set sealed_secret = $3, key_id = $4, sealed_previous = $5, previous_key_id = $6 where agency_id = $1 and id = $2",
        agency.0,
        id.0,
        sealed,
        key,
        sealed_previous,
        previous_key
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
