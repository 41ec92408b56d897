//! Is an echo one of the messages that we sent? It is if it carries our own id of the message, or if it comes while nobody
//! knows what became of the call for the same text. So a message of ours stands in its thread once, whatever comes first,
//! and one that is about to be sent again goes out no second time.

use chrono::{DateTime, Utc};
use domain::messaging::Channel;
use domain::messaging::inbound::InboundMessage;
use domain::{ConversationId, MessageId};
use uuid::Uuid;

use super::changes::in_thread;
use super::channels::ChannelRow;
use super::incoming::external_id;
use super::{early, outgoing, undelivered};
use crate::{Result, TenantTx, usage};

/// Our own message that an echo repeats. It gets the platform's id, which says that it went out.
pub(super) async fn own(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    conversation: ConversationId,
    echo: &InboundMessage,
) -> Result<Option<MessageId>> {
    let Some(id) = external_id(&echo.id) else { return Ok(None) };
    let correlation = echo.details["correlation"].as_str();
    if let Some(own) = correlated(tx, channel, correlation, id, None).await? {
        return Ok(Some(own.message));
    }
    // WhatsApp echoes only what was typed in its app, and Messenger returns our own id.
    if channel.kind != Channel::Instagram {
        return Ok(None);
    }
    let own = sqlx::query_scalar!(
        r#"select s.message_id as "message: MessageId" from message_sends s join messages m on m.sub_account_id = s.sub_account_id and m.id = s.message_id
           where s.sub_account_id = $1 and s.channel_id = $2 and s.conversation_id = $3
             and (s.state in ('sending', 'in_doubt')
               or s.state in ('queued', 'held', 'failed') and coalesce(s.unclear_at, case when s.error_code = 'unclear' then s.sent_at end) > now() - interval '1 day')
             and m.external_id is null and btrim(m.body) = btrim($4) and (m.body <> '' or m.kind = $5)
           order by s.seq limit 1 for no key update"#,
        channel.business.0,
        channel.id.0,
        conversation.0,
        echo.text,
        echo.kind
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(own) = own {
        went_out(tx, channel, own, id).await?;
    }
    Ok(own)
}

/// A message of ours that the platform names by the id that we gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The message.
    pub message: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Whether what is said concerns an attempt that failed and was followed by another one.
    pub is_former: bool,
}

/// The message of this channel that we gave this id with the call: that of the message, or of its place in the queue. It
/// gets the platform's id if it has none. With `failed_at` the platform says that an attempt failed: if that was the one
/// of which nobody knew, the next one goes out all the same. Times of a platform are whole seconds.
pub(super) async fn correlated(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    correlation: Option<&str>,
    external_id: &str,
    failed_at: Option<DateTime<Utc>>,
) -> Result<Option<Named>> {
    let Some(given) = correlation.and_then(|text| text.trim().parse::<Uuid>().ok()) else { return Ok(None) };
    let row = sqlx::query!(
        r#"select s.id as place, m.id as "id: MessageId", m.conversation_id as "conversation: ConversationId", m.external_id, $4 = any (s.former_ids) as "is_former!",
                  coalesce(s.unclear_at is not null and $5::timestamptz is not null
                    and (s.state in ('queued', 'held') or s.state in ('sending', 'in_doubt') and $5 < s.sent_at - interval '5 seconds'), false) as "fails_former!"
           from message_sends s join messages m on m.sub_account_id = s.sub_account_id and m.id = s.message_id
           where s.sub_account_id = $1 and s.channel_id = $2 and (s.message_id = $3 or s.id = $3) for no key update"#,
        channel.business.0,
        channel.id.0,
        given,
        external_id,
        failed_at
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_former = row.is_former || row.external_id.is_none() && row.fails_former;
    if is_former && !row.is_former {
        sqlx::query!(
            "update message_sends set former_ids = array_append(former_ids, $3) where sub_account_id = $1 and id = $2",
            channel.business.0,
            row.place,
            external_id
        )
        .execute(tx.conn())
        .await?;
    }
    if row.external_id.is_none() && !is_former {
        went_out(tx, channel, row.id, external_id).await?;
    }
    Ok(Some(Named { message: row.id, conversation: row.conversation, is_former }))
}

/// Stores that the platform has a message, before the answer to our call said so or although it never did. If the message
/// waits to be sent again, or was taken out of the queue, it does so no more: it went out.
async fn went_out(tx: &mut TenantTx, channel: &ChannelRow, own: MessageId, external_id: &str) -> Result<()> {
    let row = sqlx::query!(
        r#"update messages m set external_id = $3, sent_at = coalesce(m.sent_at, now()),
             status = case when m.status in ('pending', 'held', 'cancelled', 'failed') then 'sent' else m.status end, error_text = null, error_code = null
           from messages was where was.sub_account_id = $1 and was.id = $2 and m.sub_account_id = $1 and m.id = $2
           returning m.conversation_id as "conversation: ConversationId", was.status = 'failed' as "had_failed!""#,
        channel.business.0,
        own.0,
        external_id
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "update message_sends set state = 'accepted', error_code = null, hold_reason = null, decided_at = now() where sub_account_id = $1 and message_id = $2
           and state <> 'accepted' and (sent_at is not null or unclear_at is not null)",
        channel.business.0,
        own.0
    )
    .execute(tx.conn())
    .await?;
    if row.had_failed && undelivered::show(tx, channel.business, own).await? {
        outgoing::changed(tx, row.conversation).await?;
    }
    early::apply(tx, channel.business, own, external_id).await?;
    in_thread(tx, row.conversation).await?;
    usage::sent(tx, channel.business, own).await
}
