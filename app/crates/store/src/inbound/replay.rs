//! How is read again what was not done? The item waits once more and belongs to nobody, its body counts as received, and
//! work is queued, all in one transaction. The item is then done by the code and the connections of today.

use domain::InboundEventId;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{WaitingItem, work};
use crate::{DbRole, Error, PlatformTx, Result, TenantTx, found, queue};

/// Lets an item of any agency, or of none, be done again.
///
/// # Errors
/// `Stale` if it waits, was done, or cannot be done however often it is read.
pub async fn replay_item_platform(tx: &mut PlatformTx, item: Uuid) -> Result<()> {
    let event = wait_again(tx.conn(), item).await?;
    queue::add_platform(tx, None, &work(event)).await?;
    Ok(())
}

/// Lets an item of the transaction's business be done again. It continues under the worker's role meanwhile, because a
/// page may give no item back.
///
/// # Errors
/// As [`replay_item_platform`].
pub async fn replay_item(tx: &mut TenantTx, item: Uuid) -> Result<()> {
    let role = tx.role();
    tx.become_role(DbRole::Worker).await?;
    let event = wait_again(tx.conn(), item).await?;
    queue::add_many(tx, &[work(event)]).await?;
    tx.become_role(role).await
}

/// Lets a body be read again that was put aside as a whole.
///
/// # Errors
/// `NotFound` if there is none such.
pub async fn replay_body(tx: &mut PlatformTx, body: InboundEventId) -> Result<()> {
    let set = sqlx::query!(
        "update inbound_events set state = 'received', attempts = 0, error = null, done_at = null where id = $1 and state = 'quarantined'",
        body.0
    );
    found(set.execute(tx.conn()).await?.rows_affected())?;
    queue::add_platform(tx, None, &work(body)).await?;
    Ok(())
}

/// Makes an item wait, and its body count as received. Returns the body.
async fn wait_again(conn: &mut PgConnection, item: Uuid) -> Result<InboundEventId> {
    let event = sqlx::query_scalar!(
        r#"select event_id as "event: InboundEventId" from inbound_items
           where id = $1 and outcome in ('unroutable', 'quarantined') and kind <> 'unreadable' for update"#,
        item
    );
    let event = event.fetch_optional(&mut *conn).await?.ok_or(Error::Stale)?;
    let set = sqlx::query!(
        "update inbound_items set outcome = 'waiting', agency_id = null, sub_account_id = null, integration_id = null,
           attempts = 0, error = null, processed_at = null where id = $1",
        item
    );
    found(set.execute(&mut *conn).await?.rows_affected())?;
    let received = sqlx::query!(
        "update inbound_events set state = 'received', attempts = 0, error = null, done_at = null where id = $1",
        event.0
    );
    found(received.execute(conn).await?.rows_affected())?;
    Ok(event)
}

/// The items of a body that wait, in their order, with what they say.
pub async fn kept(tx: &mut TenantTx, event: InboundEventId) -> Result<Vec<(WaitingItem, Value)>> {
    let rows = sqlx::query!(
        "select id, position, attempts, payload from inbound_items
         where event_id = $1 and agency_id is null and outcome = 'waiting' order by position",
        event.0
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    let items = rows.into_iter().map(|row| {
        let item = WaitingItem { id: row.id, position: row.position, attempts: row.attempts };
        (item, row.payload)
    });
    Ok(items.collect())
}
