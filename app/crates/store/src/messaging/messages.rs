//! What becomes of a message that comes in? It is stored once, in the one conversation of its contact on the channel,
//! whoever wrote it and however often it comes.

use chrono::{DateTime, Utc};
use domain::assistant::rules::{opts_in, opts_out};
use domain::messaging::inbound::{InboundFile, InboundMessage, Origin};
use domain::messaging::{Channel, Direction, MessageStatus};
use domain::work::Kind;
use domain::{AttachmentId, ConversationId, MessageId};
use serde_json::{Value, json};

use super::channels::ChannelRow;
pub use super::edits::{edit, revoke};
use super::incoming::{clock, external_id, follow, happened, open, sides, wakes};
use super::trimmed::{key, storable, trimmed};
use super::{consent, contacts, early, echoes, erasing, outgoing};
use crate::queue::{self, Work};
use crate::{Result, TenantTx, new_id};

/// Number of files of one message that are kept.
const MOST_FILES: usize = 32;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// The message: this one, or the one of ours that it repeats.
    pub message: Option<MessageId>,
    /// Whether it was stored now.
    pub is_new: bool,
    /// Whether the assistant should look at the conversation.
    pub wakes_assistant: bool,
}

/// Stores a message that came in. `None` if nothing tells whose conversation it is. A repeat, and the echo of a message
/// that we sent, change nothing.
pub async fn receive(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    at: Option<DateTime<Utc>>,
    message: &InboundMessage,
) -> Result<Option<Received>> {
    let now = clock(tx).await?;
    let at = happened(at, now);
    let Some(contact) = contacts::resolve(tx, channel, &message.person, at).await? else { return Ok(None) };
    let conversation = open(tx, channel, contact, message, at).await?;
    let known = |message, conversation| {
        Ok(Some(Received { conversation, message: Some(message), is_new: false, wakes_assistant: false }))
    };
    let id = external_id(&message.id);
    if let Some(id) = id
        && let Some((known_as, place)) = early::find(tx, channel, id).await?
        && !erasing::is_under_way(tx, place).await?
    {
        return known(known_as, place);
    }
    if message.origin == Origin::Echo
        && let Some(own) = echoes::own(tx, channel, conversation, message).await?
    {
        return known(own, conversation);
    }
    let stored = insert(tx, channel, conversation, at, message).await?;
    follow(tx, channel, conversation, message, at, now).await?;
    if matches!(message.origin, Origin::Customer | Origin::Standby) && opts_out(&message.text) {
        // Whoever answers here, and whether the assistant has its turn.
        super::ending::opt_out(tx, conversation).await?;
    }
    if matches!(message.origin, Origin::Customer | Origin::Standby) && opts_in(&message.text) {
        consent::wrote(tx, contact, conversation, at).await?;
    }
    attach(tx, channel, stored, &message.attachments).await?;
    if let Some(id) = id {
        early::apply(tx, channel.business, stored, id).await?;
    }
    outgoing::changed(tx, conversation).await?;
    let wakes_assistant = wakes(tx, channel, conversation, message, at, now).await?;
    Ok(Some(Received { conversation, message: Some(stored), is_new: true, wakes_assistant }))
}

async fn insert(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    conversation: ConversationId,
    at: DateTime<Utc>,
    message: &InboundMessage,
) -> Result<MessageId> {
    let (id, (direction, sender)) = (new_id::<MessageId>(), sides(message));
    let status = if direction == Direction::Out { MessageStatus::Sent } else { MessageStatus::Received };
    sqlx::query!(
        "insert into messages (id, sub_account_id, conversation_id, channel, happened_at, direction, sender, kind, body, details, external_id, reply_to, status, sent_at)
         values ($1, $2, $3, $4, $5::timestamptz, $6::text, $7, coalesce(nullif($8, ''), 'text'), $9, $10, $11, $12, $13, case when $6::text = 'out' then $5::timestamptz end)",
        id.0,
        channel.business.0,
        conversation.0,
        channel.kind as Channel,
        at,
        direction.key(),
        sender.key(),
        trimmed(&message.kind, 24),
        trimmed(&message.text, 65_536),
        details(message),
        external_id(&message.id),
        message.reply_to.as_deref().and_then(external_id),
        status.key()
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// The details of a message, always an object.
fn details(message: &InboundMessage) -> Value {
    Some(storable(&message.details)).filter(Value::is_object).unwrap_or_else(|| json!({}))
}

/// Stores the files of a message, and asks workers to fetch them.
async fn attach(tx: &mut TenantTx, channel: &ChannelRow, message: MessageId, files: &[InboundFile]) -> Result<()> {
    for (position, file) in (0_i16..).zip(files.iter().take(MOST_FILES)) {
        let id = new_id::<AttachmentId>();
        let (media, url) = (file.media_id.as_deref(), file.url.as_deref());
        let (media, url) = (media.and_then(|id| key(id, 255)), url.and_then(|url| key(url, 4000)));
        let is_there = media.is_some() || url.is_some();
        sqlx::query!(
            "insert into message_attachments (id, sub_account_id, message_id, position, kind, name, mime, media_id, url, state)
             values ($1, $2, $3, $4, coalesce(nullif($5, ''), 'file'), $6, $7, $8, $9, case when $10 then 'waiting' else 'failed' end)",
            id.0,
            channel.business.0,
            message.0,
            position,
            trimmed(&file.kind, 24),
            trimmed(file.name.as_deref().unwrap_or_default(), 255),
            file.mime.as_deref().map(|mime| trimmed(mime, 127)),
            media,
            url,
            is_there
        )
        .execute(tx.conn())
        .await?;
        if is_there {
            queue::add(tx, &Work::new(Kind::FetchMedia).subject(id).once(format!("media:{id}"))).await?;
        }
    }
    Ok(())
}
