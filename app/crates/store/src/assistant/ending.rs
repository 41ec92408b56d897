//! What ends without an answer? Answers that something newer overtook, and automatic messages to whoever wants none.

use domain::{ConversationId, MessageId};

use crate::messaging::outgoing::{business, changed};
use crate::messaging::trimmed::trimmed;
use crate::{Result, TenantTx};

/// Gives up every answer of a conversation that did not end, drafts among them, except the one to this message. Returns how
/// many there were.
pub async fn drop_older(
    tx: &mut TenantTx,
    conversation: ConversationId,
    except: Option<MessageId>,
    reason: &str,
) -> Result<u64> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update ai_answers set state = 'dropped', reason = $4, decided_at = now()
         where sub_account_id = $1 and conversation_id = $2 and state in ('thinking', 'drafted') and trigger_message_id is distinct from $3",
        business.0,
        conversation.0,
        except.map(|message| message.0),
        trimmed(reason, 500)
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() > 0 {
        changed(tx, conversation).await?;
    }
    Ok(done.rows_affected())
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
