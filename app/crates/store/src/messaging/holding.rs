//! What becomes of messages while the connection of their channel does not work? They are held, and go out in their order
//! once it works again.

use domain::{BusinessId, ChannelId, ConversationId, IntegrationId};

use super::channels;
use super::outgoing::{self, business};
use crate::{Result, TenantTx, credentials};

/// Whether a version of an integration's secret is the one in use. A reconnect, which replaces it, waits until this
/// transaction ends. What is said of a former version says nothing of the connection as it is now.
pub async fn is_in_use(tx: &mut TenantTx, integration: IntegrationId, version: i32) -> Result<bool> {
    sqlx::query_scalar!("select id from integrations where id = $1 for no key update", integration.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(credentials::peek(tx, integration).await?.is_some_and(|facts| facts.version == version))
}

/// Holds back everything that waits for a channel, because its connection does not work.
pub async fn hold(tx: &mut TenantTx, channel: ChannelId, reason: &str) -> Result<()> {
    let business = business(tx)?;
    channels::set_hold(tx, channel, true).await?;
    hold_queued(tx, business, channel, reason).await
}

pub(super) async fn hold_queued(
    tx: &mut TenantTx,
    business: BusinessId,
    channel: ChannelId,
    reason: &str,
) -> Result<()> {
    let held = sqlx::query_scalar!(
        r#"with held as (update message_sends set state = 'held', hold_reason = left($3, 64) where sub_account_id = $1 and channel_id = $2 and state = 'queued' returning message_id, conversation_id)
           update messages m set status = 'held' from held where m.sub_account_id = $1 and m.id = held.message_id and m.status = 'pending' returning held.conversation_id as "conversation: ConversationId""#,
        business.0,
        channel.0,
        reason
    )
    .fetch_all(tx.conn())
    .await?;
    told(tx, held).await
}

/// Lets a channel send again after its connection was repaired: what was held goes out in its order. Whatever may no
/// longer be sent by then is dropped with the reason when its turn comes. Returns how many messages were held.
pub async fn release(tx: &mut TenantTx, channel: ChannelId) -> Result<u64> {
    let business = business(tx)?;
    channels::set_hold(tx, channel, false).await?;
    let free = sqlx::query_scalar!(
        r#"with free as (update message_sends set state = 'queued', hold_reason = null where sub_account_id = $1 and channel_id = $2 and state = 'held' returning message_id, conversation_id)
           update messages m set status = 'pending' from free where m.sub_account_id = $1 and m.id = free.message_id and m.status = 'held' returning free.conversation_id as "conversation: ConversationId""#,
        business.0,
        channel.0
    )
    .fetch_all(tx.conn())
    .await?;
    let count = free.len() as u64;
    told(tx, free).await?;
    if count > 0 {
        outgoing::wake(tx, channel).await?;
    }
    Ok(count)
}

async fn told(tx: &mut TenantTx, mut conversations: Vec<ConversationId>) -> Result<()> {
    conversations.sort_unstable_by_key(|id| id.0);
    conversations.dedup();
    for conversation in conversations {
        outgoing::changed(tx, conversation).await?;
    }
    Ok(())
}
