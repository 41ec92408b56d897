//! How does a transaction lock a conversation before it changes what belongs to it? In the order that stands in `messaging`.

use domain::ConversationId;
use uuid::Uuid;

use super::channels::ChannelRow;
use super::incoming::external_id;
use super::outgoing::business;
use crate::{Result, TenantTx};

/// Locks the contact of a conversation and then the conversation until the transaction ends. Locks nothing if the
/// conversation is gone.
pub async fn conversation(tx: &mut TenantTx, id: ConversationId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query_scalar!(
        "select id from contacts where sub_account_id = $1 and id = (select contact_id from conversations where sub_account_id = $1 and id = $2) for no key update",
        business.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    line(tx, id).await
}

/// Locks a conversation alone, for what leaves its contact as it is.
pub(super) async fn line(tx: &mut TenantTx, id: ConversationId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query_scalar!(
        "select id from conversations where sub_account_id = $1 and id = $2 for no key update",
        business.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(())
}

/// Locks conversations, all in the same order.
pub(super) async fn lines(tx: &mut TenantTx, ids: &[Uuid]) -> Result<()> {
    let business = business(tx)?;
    sqlx::query_scalar!(
        "select id from conversations where sub_account_id = $1 and id = any ($2) order by id for no key update",
        business.0,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// Locks the conversation of a message that the platform speaks of, by the platform's id of the message or by the id that we
/// gave it with the call. Locks nothing if no message of the channel is known by either.
pub async fn of_message(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    message: &str,
    correlation: Option<&str>,
) -> Result<()> {
    let Some(message) = external_id(message) else { return Ok(()) };
    let given = correlation.and_then(|text| text.trim().parse::<Uuid>().ok());
    sqlx::query_scalar!(
        "select c.id from conversations c where c.sub_account_id = $1 and c.channel_id = $2 and c.id in (
           select m.conversation_id from messages m where m.sub_account_id = $1 and m.external_id = $3
           union all select s.conversation_id from message_sends s where s.sub_account_id = $1 and (s.message_id = $4 or s.id = $4))
         order by c.id for no key update of c",
        channel.business.0,
        channel.id.0,
        message,
        given
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}
