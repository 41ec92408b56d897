//! How many messages a month may a business send, how many tokens a day may it spend, and how many requests a minute may its
//! programs send? Its agency says so.

use domain::BusinessId;
use serde_json::json;

use crate::{Error, Result, TenantTx, found, outbox};

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

/// Sets how many requests a minute the programs of a business outside the trash may send. A process that answered one of them
/// asks for the limit again half a minute later.
pub async fn set_request_limit(tx: &mut TenantTx, business: BusinessId, limit: i32) -> Result<()> {
    let done = sqlx::query!(
        "update sub_accounts set request_limit = $2 where id = $1 and deleted_at is null and status <> 'deleted'",
        business.0,
        limit
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    outbox::add(tx, "business.changed", Some(business.0), &json!({})).await
}

/// How many requests a minute the programs of a business may send. `NotFound` if the scope does not see the business.
pub async fn request_limit(tx: &mut TenantTx, business: BusinessId) -> Result<i32> {
    let limit = sqlx::query_scalar!("select request_limit from sub_accounts where id = $1", business.0);
    limit.fetch_optional(tx.conn()).await?.ok_or(Error::NotFound)
}
