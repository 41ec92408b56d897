//! Who waits for people because no automatic answer arrives? The customer whom nobody answered since, and people are told
//! when it failed or is unwanted.

use domain::notifications::Kind;
use domain::{BusinessId, ConversationId, MessageId};

use super::{at_their_time, outgoing, undelivered};
use crate::events::{self, Event};
use crate::{Result, TenantTx};

/// The customer waits again since the last message that has no answer, unless a newer one of the business is on its way
/// or arrived. Returns the conversation, if the message is an automatic answer and the customer waits.
pub(super) async fn waits_again(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
) -> Result<Option<ConversationId>> {
    let waits = sqlx::query_scalar!(
        r#"update conversations c set waiting_since = coalesce(c.waiting_since, m.happened_at) from messages m
           where m.sub_account_id = $1 and m.id = $2 and m.direction = 'out' and m.sender = 'assistant' and m.sender_user_id is null
             and c.sub_account_id = $1 and c.id = m.conversation_id and c.status <> 'closed'
             and not exists (select from messages o where o.sub_account_id = $1 and o.conversation_id = c.id and o.direction = 'out' and o.id <> m.id
               and o.sender in ('person', 'assistant', 'echo') and o.status not in ('failed', 'cancelled') and o.happened_at > m.happened_at)
           returning c.id as "id: ConversationId""#,
        business.0,
        message.0
    );
    Ok(waits.fetch_optional(tx.conn()).await?)
}

/// Shows in the line of its conversation that a message failed. The customer of an automatic answer is left to people, and they
/// are told. They are told of a scheduled message that failed, too.
pub(super) async fn failed(tx: &mut TenantTx, business: BusinessId, message: MessageId) -> Result<()> {
    undelivered::show(tx, business, message).await?;
    at_their_time::failed(tx, business, message).await?;
    match waits_again(tx, business, message).await? {
        Some(conversation) => leave(tx, conversation, message, "An automatic answer could not be sent.").await,
        None => Ok(()),
    }
}

/// Leaves a conversation to people in which it was the assistant's turn, because of a message, and tells them why.
pub(crate) async fn leave(
    tx: &mut TenantTx,
    conversation: ConversationId,
    because: MessageId,
    why: &str,
) -> Result<()> {
    let business = outgoing::business(tx)?;
    let left = sqlx::query_scalar!(
        r#"update conversations set ai_state = 'waiting_human' where sub_account_id = $1 and id = $2 and ai_state = 'bot'
           returning coalesce((select name from sub_accounts where id = $1), '') as "name!""#,
        business.0,
        conversation.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(name) = left else { return Ok(()) };
    let event = Event {
        kind: Kind::ConversationHandedOver,
        key: format!("{}:{because}", Kind::ConversationHandedOver),
        subject: Some(conversation.0),
        business: Some(business),
        to: None,
        title: &name,
        detail: why,
    };
    events::tell(tx, &event).await?;
    outgoing::changed(tx, conversation).await
}
