//! What ends without an answer? Answers that something newer overtook, and conversations of whoever wants no automatic
//! messages.

use domain::messaging::AiMode;
use domain::{ChannelId, ConversationId, MessageId};
use serde_json::json;

use super::turn::Facts;
use crate::messaging::outgoing::{business, changed};
use crate::messaging::trimmed::trimmed;
use crate::messaging::unanswered;
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

/// Gives up the drafts of a channel on which the assistant is switched off. Conversations with a mode of their own keep
/// theirs.
pub async fn drop_of_channel(tx: &mut TenantTx, channel: ChannelId, reason: &str) -> Result<()> {
    let business = business(tx)?;
    let dropped = sqlx::query_scalar!(
        r#"update ai_answers a set state = 'dropped', reason = $3, decided_at = now() from conversations c
           where a.sub_account_id = $1 and a.state = 'drafted' and c.sub_account_id = $1 and c.id = a.conversation_id and c.channel_id = $2 and c.ai_mode is null
           returning a.conversation_id as "conversation: ConversationId""#,
        business.0,
        channel.0,
        trimmed(reason, 500)
    )
    .fetch_all(tx.conn())
    .await?;
    for conversation in dropped {
        changed(tx, conversation).await?;
    }
    Ok(())
}

/// Keeps which messages a note quotes, so that the note ends with them.
pub async fn quotes(tx: &mut TenantTx, note: MessageId, of: &[MessageId]) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update messages set details = $3 where sub_account_id = $1 and id = $2 and direction = 'internal'",
        business.0,
        note.0,
        json!({ "of": of })
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Leaves to people who wants no automatic messages and writes again. What is said here tells whether that is so.
pub async fn leave_refused(tx: &mut TenantTx, facts: &Facts) -> Result<()> {
    let business = business(tx)?;
    let (Some(since), Some(newest)) = (facts.opted_out_at, facts.newest_inbound) else { return Ok(()) };
    let waits = sqlx::query_scalar!(
        r#"select exists (select from messages m join conversations c on c.sub_account_id = m.sub_account_id and c.id = m.conversation_id
             where m.sub_account_id = $1 and m.id = $2 and m.created_at > $3 and c.waiting_since is not null) as "waits!""#,
        business.0,
        newest.0,
        since
    )
    .fetch_one(tx.conn())
    .await?;
    if waits && facts.is_active && facts.mode != AiMode::Off {
        unanswered::leave(tx, facts.conversation, newest, "The customer wants no automatic messages.").await?;
    }
    Ok(())
}
