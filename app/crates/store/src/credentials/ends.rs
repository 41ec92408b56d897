//! When does a secret end that its provider tells us about only later?

use chrono::{DateTime, Utc};
use domain::IntegrationId;
use serde_json::json;

use crate::integrations::evict;
use crate::{Result, TenantTx, outbox};

/// Stores when this version ends, as the provider says now. The same end again changes nothing, and so does an end of a
/// version that is not in use any more.
pub async fn set_end(
    tx: &mut TenantTx,
    integration: IntegrationId,
    version: i32,
    ends: Option<DateTime<Utc>>,
) -> Result<()> {
    let done = sqlx::query!(
        "with changed as (update credentials set expires_at = $3 where integration_id = $1 and version = $2 and slot = 'current' and revoked_at is null
           and expires_at is distinct from $3 returning integration_id)
         update integrations set token_expires_at = $3 where id in (select integration_id from changed)",
        integration.0,
        version,
        ends
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    evict(tx, integration);
    outbox::add(tx, "integration.changed", Some(integration.0), &json!({})).await
}
