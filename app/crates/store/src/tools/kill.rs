//! Are the tools of a business stopped: by itself, or by the platform for everybody?

use domain::BusinessId;
use domain::tools::Stopped;
use serde_json::json;
use uuid::Uuid;

use crate::messaging::outgoing::business;
use crate::{Db, PlatformTx, Result, Scope, TenantTx, new_id, outbox};

/// Which switches are set.
pub async fn state(tx: &mut TenantTx) -> Result<Stopped> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select exists (select from tool_stops where sub_account_id = $1) as "business!", exists (select from tool_stop) as "all!""#,
        business.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Stopped { business: row.business, all: row.all })
}

/// Which of these businesses are stopped: each by itself, or all by the platform.
pub async fn stopped(db: &Db, businesses: impl IntoIterator<Item = BusinessId>) -> Result<Vec<BusinessId>> {
    let mut stopped = Vec::new();
    for business in businesses {
        let mut tx = TenantTx::begin(db, Scope::Business { user: None, business }).await?;
        if state(&mut tx).await?.is_stopped() {
            stopped.push(business);
        }
        tx.commit().await?;
    }
    Ok(stopped)
}

/// Stops every tool of the business. Returns false if it was stopped before.
pub async fn stop(tx: &mut TenantTx) -> Result<bool> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "insert into tool_stops (id, sub_account_id) values ($1, $2) on conflict (sub_account_id) do nothing",
        new_id::<Uuid>(),
        business.0
    )
    .execute(tx.conn())
    .await?;
    told(tx).await?;
    Ok(done.rows_affected() > 0)
}

/// Lets the tools of the business run again. Returns false if they were not stopped.
pub async fn resume(tx: &mut TenantTx) -> Result<bool> {
    let business = business(tx)?;
    let done = sqlx::query!("delete from tool_stops where sub_account_id = $1", business.0).execute(tx.conn()).await?;
    told(tx).await?;
    Ok(done.rows_affected() > 0)
}

async fn told(tx: &mut TenantTx) -> Result<()> {
    let business = business(tx)?;
    outbox::add(tx, "tool_policy.changed", Some(business.0), &json!({})).await
}

/// Whether the platform stopped the tools of everybody.
pub async fn all_stopped(tx: &mut PlatformTx) -> Result<bool> {
    let stopped = sqlx::query_scalar!(r#"select exists (select from tool_stop) as "stopped!""#);
    Ok(stopped.fetch_one(tx.conn()).await?)
}

/// Stops the tools of everybody. Returns false if they were stopped before.
pub async fn stop_all(tx: &mut PlatformTx) -> Result<bool> {
    let done = sqlx::query!("insert into tool_stop default values on conflict do nothing").execute(tx.conn()).await?;
    outbox::add_platform(tx, "tool_policy.changed", None, None, &json!({})).await?;
    Ok(done.rows_affected() > 0)
}

/// Lets the tools of everybody run again. Returns false if they were not stopped.
pub async fn resume_all(tx: &mut PlatformTx) -> Result<bool> {
    let done = sqlx::query!("delete from tool_stop").execute(tx.conn()).await?;
    outbox::add_platform(tx, "tool_policy.changed", None, None, &json!({})).await?;
    Ok(done.rows_affected() > 0)
}
