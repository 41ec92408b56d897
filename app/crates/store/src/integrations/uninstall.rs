//! Records whether the app was removed at the provider after a disconnect. The transaction of the disconnect requests
//! the removal, the queue performs it, and success and failure are both recorded.

use chrono::{DateTime, Utc};
use domain::IntegrationId;
use domain::work::Kind;
use serde_json::json;

use super::changed;
use crate::audit::Act;
use crate::queue::{self, Work};
use crate::{Result, TenantTx};

/// Queues the removal of the app at the provider. Returns false and queues nothing if no consent created this
/// integration: a private token is revoked by the person who created it.
pub async fn ask_uninstall(tx: &mut TenantTx, id: IntegrationId) -> Result<bool> {
    let done = sqlx::query!(
        "update integrations set uninstall_asked_at = now(), uninstalled_at = null, uninstall_error = null
         where id = $1 and not is_active and exists (select from credentials where integration_id = $1 and kind in ('oauth_company', 'oauth_location'))",
        id.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    queue::add(tx, &Work::new(Kind::UninstallApp).subject(id.0).once(format!("uninstall:{id}"))).await?;
    Ok(true)
}

/// Records that the background job gave up removing the app; `why` is a sentence without secrets. It changes
/// nothing for an integration that was connected again, or for a removal whose result is known.
pub async fn uninstall_given_up(tx: &mut TenantTx, id: IntegrationId, why: &str) -> Result<()> {
    let done = sqlx::query!(
        "update integrations set uninstall_error = left($2, 200)
         where id = $1 and not is_active and uninstall_asked_at is not null and uninstalled_at is null and uninstall_error is null",
        id.0,
        why
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    let act = Act::new("integration.uninstall", "integration").payload(json!({ "error": why }));
    changed(tx, id, act).await
}

/// Records the result of the removal that was requested at `asked`. `error` says in a sentence without secrets why
/// it failed; `None` means that the app was removed. Returns false and writes nothing if the integration was
/// connected again meanwhile, or if its removal was requested anew. Until the transaction ends nobody else can
/// connect it again.
pub async fn uninstall_ended(
    tx: &mut TenantTx,
    id: IntegrationId,
    asked: DateTime<Utc>,
    error: Option<&str>,
) -> Result<bool> {
    let done = sqlx::query!(
        "update integrations set uninstalled_at = case when $2::text is null then now() end, uninstall_error = left($2, 200)
         where id = $1 and not is_active and uninstall_asked_at = $3",
        id.0,
        error,
        asked
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let act = Act::new("integration.uninstall", "integration").payload(json!({ "error": error }));
    changed(tx, id, act).await.map(|()| true)
}

/// Queues a check of an integration. The app was removed at the provider while the integration was being connected
/// again, so the check finds out whether the new tokens survived.
pub async fn queue_check(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    let check = Work::new(Kind::CheckIntegration).subject(id.0);
    queue::add(tx, &check.once(format!("check:{id}"))).await.map(|_| ())
}
