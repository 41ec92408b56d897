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

/// Has the background remove the app at the provider. False, and nothing is asked, when no consent brought this connection: a
/// private token is revoked by whoever made it.
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

/// The background cannot remove the app any more; `why` says so in a sentence without secrets. Says nothing of a connection that was
/// made again, or of a removal whose end is known.
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

/// How the removal at the provider ended that was asked for at `asked`; `error` says why it did not come about, in a sentence without
/// secrets. False, and nothing is written, when the connection was made again meanwhile, or when its removal was asked for anew. Until
/// the transaction ends nobody else makes it again.
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

/// The app was removed at the provider while the connection was being made again: whether its new tokens survived that is asked.
pub async fn ask_whether_it_works(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    let check = Work::new(Kind::CheckIntegration).subject(id.0);
    queue::add(tx, &check.once(format!("check:{id}"))).await.map(|_| ())
}
