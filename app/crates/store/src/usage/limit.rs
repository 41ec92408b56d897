//! How many messages a month may a business send, and how many tokens a day may it spend? Its agency says so.

use domain::BusinessId;
use serde_json::json;

use crate::{Result, TenantTx, found, outbox};

/// Sets the limit of a business outside the trash. People are told anew when the other limit comes near.
pub async fn set_limit(tx: &mut TenantTx, business: BusinessId, limit: i64) -> Result<()> {
    let done = sqlx::query!(
        "update sub_accounts set message_limit = $2 where id = $1 and deleted_at is null and status <> 'deleted'",
        business.0,
        limit
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    sqlx::query!(
        "update usage_counters set warned_at = null, stopped_at = null
         where sub_account_id = $1 and period = 'month' and period_start = date_trunc('month', now() at time zone 'UTC')::date",
        business.0
    )
    .execute(tx.conn())
    .await?;
    outbox::add(tx, "business.changed", Some(business.0), &json!({})).await
}

/// Sets how many tokens a day a business outside the trash may spend. People are told anew when the other limit comes near.
pub async fn set_token_limit(tx: &mut TenantTx, business: BusinessId, limit: i64) -> Result<()> {
    let done = sqlx::query!(
        "update sub_accounts set token_limit = $2 where id = $1 and deleted_at is null and status <> 'deleted'",
        business.0,
        limit
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    sqlx::query!(
        "update usage_counters set warned_at = null, stopped_at = null
         where sub_account_id = $1 and period = 'day' and period_start = (now() at time zone 'UTC')::date",
        business.0
    )
    .execute(tx.conn())
    .await?;
    outbox::add(tx, "business.changed", Some(business.0), &json!({})).await
}
