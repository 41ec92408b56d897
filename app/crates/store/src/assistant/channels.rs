//! When does the assistant answer by itself on a channel?

use domain::ChannelId;
use domain::assistant::hours::Hours;
use serde_json::json;
use sqlx::types::Json;

use crate::messaging::outgoing::business;
use crate::{Error, Result, TenantTx, found, outbox};

/// The hours of a channel.
pub async fn channel_hours(tx: &mut TenantTx, id: ChannelId) -> Result<Hours> {
    let business = business(tx)?;
    let stored = sqlx::query_scalar!(
        r#"select ai_hours as "hours: serde_json::Value" from channels where sub_account_id = $1 and id = $2"#,
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    read_hours(stored)
}

/// The hours as they are stored.
pub(super) fn read_hours(stored: serde_json::Value) -> Result<Hours> {
    serde_json::from_value(stored).map_err(|error| Error::Unreadable(format!("the hours of a channel: {error}")))
}

/// Sets the hours of a channel.
pub async fn set_channel_hours(tx: &mut TenantTx, id: ChannelId, hours: &Hours) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update channels set ai_hours = $3 where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        Json(hours) as _
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    outbox::add(tx, "channel.changed", Some(id.0), &json!({})).await
}
