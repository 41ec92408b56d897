//! What becomes of a message that its writer changes or deletes, before or after it came? Its content is replaced or
//! removed, and its place stays.

use chrono::{DateTime, Utc};
use domain::messaging::inbound::Person;
use domain::{BusinessId, ConversationId, MessageId};

use super::channels::ChannelRow;
use super::early::{self, Said};
use super::incoming::{clock, external_id, happened};
use super::outgoing;
use super::trimmed::{preview, trimmed};
use crate::{Result, TenantTx};

/// Replaces the text of a message. `None` if it has not come yet; it gets this text then.
pub async fn edit(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    _person: &Person,
    target: &str,
    text: &str,
    at: Option<DateTime<Utc>>,
) -> Result<Option<ConversationId>> {
    let Some(target) = external_id(target) else { return Ok(None) };
    let at = happened(at, clock(tx).await?);
    let found = early::find_or_keep(tx, channel, target, at, &Said::Edit(trimmed(text, 65_536))).await?;
    let Some((message, conversation)) = found else { return Ok(None) };
    change(tx, channel.business, message, text, at).await?;
    outgoing::changed(tx, conversation).await?;
    Ok(Some(conversation))
}

/// Removes the content of a message. `None` if it has not come yet; it is stored without content then.
pub async fn revoke(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    _person: &Person,
    target: &str,
) -> Result<Option<ConversationId>> {
    let Some(target) = external_id(target) else { return Ok(None) };
    let at = clock(tx).await?;
    let Some((message, conversation)) = early::find_or_keep(tx, channel, target, at, &Said::Revoke).await? else {
        return Ok(None);
    };
    remove(tx, channel.business, message, at).await?;
    outgoing::changed(tx, conversation).await?;
    Ok(Some(conversation))
}

/// The latest change counts, and a deleted message stays deleted.
pub(super) async fn change(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
    text: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    let body = trimmed(text, 65_536);
    let changed = sqlx::query!(
        "update messages set body = $3, edited_at = $4 where sub_account_id = $1 and id = $2 and revoked_at is null and (edited_at is null or edited_at <= $4) returning kind",
        business.0,
        message.0,
        body,
        at
    )
    .fetch_optional(tx.conn())
    .await?;
    match changed {
        Some(row) => show(tx, business, message, &preview(&row.kind, &body)).await,
        None => Ok(()),
    }
}

/// Nothing of the content is kept, and nothing that quotes it: its writer took it back.
pub(super) async fn remove(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update messages set body = '', details = '{}', revoked_at = coalesce(revoked_at, $3) where sub_account_id = $1 and id = $2",
        business.0,
        message.0,
        at
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from message_attachments where sub_account_id = $1 and message_id = $2 and sha256 is null",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    // A stored file is erased before its row, which names it.
    sqlx::query!(
        "update message_attachments set removed_at = now(), name = '', media_id = null, url = null
         where sub_account_id = $1 and message_id = $2 and removed_at is null",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    super::ending::forget(tx, business, message).await?;
    show(tx, business, message, "[deleted]").await
}

/// Shows this text in the line of the conversation, if the message is its last one.
async fn show(tx: &mut TenantTx, business: BusinessId, message: MessageId, text: &str) -> Result<()> {
    sqlx::query!(
        "update conversations c set last_preview = $3 from messages m
         where m.sub_account_id = $1 and m.id = $2 and c.sub_account_id = $1 and c.id = m.conversation_id and m.direction <> 'internal'
           and not exists (select from messages o where o.sub_account_id = $1 and o.conversation_id = c.id and o.direction <> 'internal'
             and (o.happened_at, o.id) > (m.happened_at, m.id))",
        business.0,
        message.0,
        text
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
