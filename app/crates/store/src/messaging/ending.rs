//! What does something new in a conversation end? Drafts of the assistant, what is said of a message that its writer took
//! back, and automatic messages to whoever wants none.

use domain::{BusinessId, ConversationId, MessageId};

use super::outgoing::{business, changed};
use super::trimmed::trimmed;
use crate::{Result, TenantTx};

/// Gives up the drafts of a conversation, because something else came first. Returns how many there were.
pub async fn drop_drafts(tx: &mut TenantTx, conversation: ConversationId, reason: &str) -> Result<u64> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update ai_answers set state = 'dropped', reason = $3, decided_at = now() where sub_account_id = $1 and conversation_id = $2 and state = 'drafted'",
        business.0,
        conversation.0,
        trimmed(reason, 500)
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() > 0 {
        changed(tx, conversation).await?;
    }
    Ok(done.rows_affected())
}

/// Removes what is said of a message that its writer took back: the notes that quote it, an answer that was not sent, and
/// its rehearsals.
pub(crate) async fn forget(tx: &mut TenantTx, business: BusinessId, message: MessageId) -> Result<()> {
    sqlx::query!(
        "update messages n set body = 'Handed over to you. The customer took the message back.', details = '{}' from messages m
         where m.sub_account_id = $1 and m.id = $2 and n.sub_account_id = $1 and n.conversation_id = m.conversation_id and n.direction = 'internal'
           and n.details @> jsonb_build_object('of', jsonb_build_array($2::uuid))",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update ai_answers set trace = '{}', draft = case when state in ('sent', 'edited') then draft end,
           reason = case when state in ('thinking', 'drafted') then 'The customer took the message back.' else reason end,
           decided_at = case when state in ('thinking', 'drafted') then now() else decided_at end,
           state = case when state in ('thinking', 'drafted') then 'dropped' else state end
         where sub_account_id = $1 and trigger_message_id = $2",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from ai_rehearsal_cases where sub_account_id = $1 and trigger_message_id = $2",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps that the contact of a conversation wants no automatic messages. Returns whether that is new.
pub async fn opt_out(tx: &mut TenantTx, conversation: ConversationId) -> Result<bool> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update contacts p set opted_out_at = now() from conversations c
         where c.sub_account_id = $1 and c.id = $2 and p.sub_account_id = $1 and p.id = c.contact_id and p.opted_out_at is null",
        business.0,
        conversation.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() > 0 {
        changed(tx, conversation).await?;
    }
    Ok(done.rows_affected() > 0)
}
