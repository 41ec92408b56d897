//! Deletes secrets that nothing may open any more: those of a disconnected account as soon as the app was removed at
//! the provider, all others after their retention period (`retention`). Version numbers continue.

use domain::IntegrationId;

use crate::{Result, TenantTx};

/// Deletes the revoked secrets of one integration and returns how many.
pub async fn remove_ended(tx: &mut TenantTx, integration: IntegrationId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"with gone as (delete from credentials where integration_id = $1 and revoked_at is not null returning version),
                kept as (update integrations set last_secret_version = greatest(last_secret_version, (select max(version) from gone))
                         where id = $1 and exists (select from gone) returning id)
           select count(*) as "gone!" from gone"#,
        integration.0
    )
    .fetch_one(tx.conn())
    .await?)
}
