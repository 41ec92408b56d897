//! Stores the answers of POST requests by idempotency key. Key, act and answer share one transaction: of two equal
//! concurrent requests the second waits and then gets the answer of the first.

use serde_json::Value;
use uuid::Uuid;

use crate::{Error, Result, TenantTx, new_id};

/// What `begin` found for a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// The key is new: do the act, then call `finish`.
    Fresh(Uuid),
    /// The request was answered before.
    Answered {
        /// Status of the answer.
        status: u16,
        /// Body of the answer.
        body: Value,
    },
    /// The key was used with another request.
    Other,
}

/// Reserves a key of a route for 24 hours.
pub async fn begin(tx: &mut TenantTx, key: &str, route: &str, request_hash: [u8; 32]) -> Result<Begun> {
    let (agency, business, id) = (tx.home().await?.ok_or(Error::NotFound)?, tx.business(), new_id::<Uuid>());
    sqlx::query!(
        "delete from idempotency_keys where agency_id = $1 and sub_account_id is not distinct from $2 and route = $3 and key = $4 and expires_at < now()",
        agency.0,
        business.map(|id| id.0),
        route,
        key
    )
    .execute(tx.conn())
    .await?;
    let taken = sqlx::query!(
        "insert into idempotency_keys (id, agency_id, sub_account_id, key, route, request_hash, expires_at)
         values ($1, $2, $3, $4, $5, $6, now() + interval '24 hours') on conflict do nothing",
        id,
        agency.0,
        business.map(|id| id.0),
        key,
        route,
        &request_hash
    )
    .execute(tx.conn())
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(Begun::Fresh(id));
    }
    let row = sqlx::query!(
        "select request_hash, response_status, response from idempotency_keys
         where agency_id = $1 and sub_account_id is not distinct from $2 and route = $3 and key = $4",
        agency.0,
        business.map(|id| id.0),
        route,
        key
    )
    .fetch_one(tx.conn())
    .await?;
    if row.request_hash != request_hash {
        return Ok(Begun::Other);
    }
    let status = row.response_status.and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    Ok(Begun::Answered { status, body: row.response.unwrap_or(Value::Null) })
}

/// Stores the answer.
pub async fn finish(tx: &mut TenantTx, id: Uuid, status: u16, body: &Value) -> Result<()> {
    sqlx::query!(
        "update idempotency_keys set response_status = $2, response = $3 where id = $1",
        id,
        i32::from(status),
        body
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
