//! Is an echo one of the messages that we sent? It is if it carries our own id of the message, or if it comes while the call
//! for the same text has no answer yet. So a message of ours stands in its thread once, whatever comes first.

use domain::messaging::Channel;
use domain::messaging::inbound::InboundMessage;
use domain::{ConversationId, MessageId};
use uuid::Uuid;

use super::channels::ChannelRow;
use super::incoming::external_id;
use super::{early, outgoing};
use crate::{Result, TenantTx};

/// Our own message that an echo repeats. It gets the platform's id, which says that it went out.
pub(super) async fn own(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    conversation: ConversationId,
    echo: &InboundMessage,
) -> Result<Option<MessageId>> {
    let Some(id) = external_id(&echo.id) else { return Ok(None) };
    let correlation = echo.details["correlation"].as_str();
    if let Some(own) = correlated(tx, channel, correlation, id).await? {
        return Ok(Some(own));
    }
    // WhatsApp echoes only what was typed in its app, and Messenger returns our own id.
    if channel.kind != Channel::Instagram {
        return Ok(None);
    }
    let own = sqlx::query_scalar!(
        r#"select s.message_id as "message: MessageId" from message_sends s join messages m on m.sub_account_id = s.sub_account_id and m.id = s.message_id
           where s.sub_account_id = $1 and s.channel_id = $2 and s.conversation_id = $3 and s.state in ('sending', 'in_doubt')
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

/// The message of this channel that we gave this id with the call: that of the message, or of its place in the queue. It
/// gets the platform's id if it has none.
pub(super) async fn correlated(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    correlation: Option<&str>,
    external_id: &str,
) -> Result<Option<MessageId>> {
    let Some(given) = correlation.and_then(|text| text.trim().parse::<Uuid>().ok()) else { return Ok(None) };
    let row = sqlx::query!(
        r#"select m.id as "id: MessageId", m.external_id from message_sends s join messages m on m.sub_account_id = s.sub_account_id and m.id = s.message_id
           where s.sub_account_id = $1 and s.channel_id = $2 and (s.message_id = $3 or s.id = $3) for no key update"#,
        channel.business.0,
        channel.id.0,
        given
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.external_id.is_none() {
        went_out(tx, channel, row.id, external_id).await?;
    }
    Ok(Some(row.id))
}

/// Stores that the platform has a message, before the answer to our call said so or although it never did.
async fn went_out(tx: &mut TenantTx, channel: &ChannelRow, own: MessageId, external_id: &str) -> Result<()> {
    let conversation = sqlx::query_scalar!(
        r#"update messages set external_id = $3, sent_at = coalesce(sent_at, now()),
             status = case when status in ('pending', 'held') or status = 'failed' and error_code = 'unclear' then 'sent' else status end,
             error_text = case when error_code = 'unclear' then null else error_text end, error_code = nullif(error_code, 'unclear')
           where sub_account_id = $1 and id = $2 returning conversation_id as "id: ConversationId""#,
        channel.business.0,
        own.0,
        external_id
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "update message_sends set state = 'accepted', error_code = null, decided_at = now() where sub_account_id = $1 and message_id = $2
           and (state in ('sending', 'in_doubt') or state = 'failed' and error_code = 'unclear')",
        channel.business.0,
        own.0
    )
    .execute(tx.conn())
    .await?;
    early::apply(tx, channel.business, own, external_id).await?;
    outgoing::changed(tx, conversation).await
}
