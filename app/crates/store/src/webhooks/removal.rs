//! How does a webhook endpoint go? It ends at once, with its secrets, and nobody sees it any more. Retention deletes
//! its log, which may be long, in pieces, and then its row.

use std::time::Duration;

use domain::WebhookId;
use domain::webhooks::{Webhook, host};
use serde_json::json;

use super::{get, notify};
use crate::{Db, PlatformTx, Result, TenantTx, found};

/// Each delivery takes its attempts with it, so a piece has fewer of them.
const ATTEMPTS: i64 = 10;

/// Removes an endpoint with its log and returns what it was.
pub async fn remove(tx: &mut TenantTx, id: WebhookId) -> Result<Webhook> {
    let agency = tx.agency()?;
    let before = get(tx, id).await?;
    let done = sqlx::query!(
        "update webhook_endpoints set removed_at = now(), disabled_at = coalesce(disabled_at, now()), disabled_because = coalesce(disabled_because, 'person'),
           sealed_secret = '', sealed_previous = null, previous_key_id = null, previous_until = null
         where agency_id = $1 and id = $2 and removed_at is null",
        agency.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    notify(tx, id, "webhook.removed", json!({ "host": host(&before.url), "format": before.format })).await?;
    Ok(before)
}

/// Deletes at most so many deliveries that are older than this, or else of removed endpoints, or else removed endpoints
/// themselves. Returns how many rows it deleted.
pub(crate) async fn erase(db: &Db, age: Duration, most: i64) -> Result<u64> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let old = sqlx::query!(
        "delete from webhook_deliveries where id = any(array(select id from webhook_deliveries where created_at < now() - make_interval(secs => $1) order by created_at limit $2))",
        age.as_secs_f64(),
        most
    );
    let mut gone = old.execute(tx.conn()).await?.rows_affected();
    // A secret that no longer signs is not kept.
    sqlx::query!(
        "update webhook_endpoints set sealed_previous = null, previous_key_id = null, previous_until = null where previous_until < now()"
    )
    .execute(tx.conn())
    .await?;
    if gone == 0 {
        gone = erase_removed(&mut tx, most).await?;
    }
    tx.commit().await?;
    Ok(gone)
}

async fn erase_removed(tx: &mut PlatformTx, most: i64) -> Result<u64> {
    let deliveries = sqlx::query!(
        "delete from webhook_deliveries where id = any(array(select d.id from webhook_endpoints e
           join webhook_deliveries d on d.agency_id = e.agency_id and d.endpoint_id = e.id where e.removed_at is not null limit $1))",
        (most / ATTEMPTS).max(1)
    );
    let gone = deliveries.execute(tx.conn()).await?.rows_affected();
    if gone > 0 {
        return Ok(gone);
    }
    let endpoints = sqlx::query!(
        "delete from webhook_endpoints where id = any(array(select id from webhook_endpoints where removed_at is not null limit $1))",
        most
    );
    Ok(endpoints.execute(tx.conn()).await?.rows_affected())
}
