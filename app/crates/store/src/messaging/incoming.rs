//! What does a message that arrives change in its conversation? Its place in the list, who waits, the window, and whether
//! the assistant wakes. A message that arrives late changes nothing that a newer one decided.

use chrono::{DateTime, TimeDelta, Utc};
use domain::messaging::inbound::{InboundMessage, Origin};
use domain::messaging::{AiMode, Channel, Direction, Owner, Sender, window};
use domain::{BusinessId, ContactId, ConversationId, MessageId};

use super::channels::ChannelRow;
use super::trimmed::{key, preview};
use super::{conversations, ending, identities};
use crate::{Error, Result, TenantTx, new_id};

/// A message that is older than this when it arrives is a repeat from the past and wakes no assistant.
const FRESH: TimeDelta = TimeDelta::minutes(5);
/// How long the assistant keeps silent after somebody of the business answered in the platform's own app.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// When something happened: by the platform, but never later than now.
pub(super) fn happened(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    at.unwrap_or(now).min(now)
}

/// The time by the database's clock.
pub(super) async fn clock(tx: &mut TenantTx) -> Result<DateTime<Utc>> {
    Ok(sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(tx.conn()).await?)
}

/// The conversation of a contact on a channel, locked until the transaction ends. It is added if there is none; one that
/// begins with the past is closed. Answers go to the address that the message came from: a phone number, once it is known.
pub(super) async fn open(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    contact: ContactId,
    message: &InboundMessage,
    at: DateTime<Utc>,
) -> Result<ConversationId> {
    let ids = identities::of(channel, &message.person);
    let Some(address) = ids.first() else { return Err(Error::Refused("a message of nobody".into())) };
    let is_number = address.kind == "wa_id";
    let row = sqlx::query!(
        r#"insert into conversations (id, sub_account_id, agency_id, channel_id, contact_id, type, status, last_message_at, external_address)
           values ($1, $2, $3, $4, $5, $6, case when $7 then 'closed' else 'open' end, $8, $9)
           on conflict (sub_account_id, channel_id, contact_id) do update set external_address =
             case when $10 or conversations.type <> 'WHATSAPP' or conversations.external_address !~ '^[0-9]+$' then excluded.external_address else conversations.external_address end
           returning id as "id: ConversationId", xmax::text = '0' as "is_new!""#,
        new_id::<ConversationId>().0,
        channel.business.0,
        channel.agency.0,
        channel.id.0,
        contact.0,
        channel.kind as Channel,
        message.origin == Origin::History,
        at,
        address.id,
        is_number
    )
    .fetch_one(tx.conn())
    .await?;
    if row.is_new {
        conversations::show_name(tx, channel.business, contact).await?;
    }
    Ok(row.id)
}

/// Whether a message of the past was written by the business.
fn is_outgoing(message: &InboundMessage) -> bool {
    message.details["outgoing"].as_bool() == Some(true)
}

/// Which way a message went, and who wrote it.
pub(super) fn sides(message: &InboundMessage) -> (Direction, Sender) {
    match message.origin {
        Origin::Echo => (Direction::Out, Sender::Echo),
        Origin::History if is_outgoing(message) => (Direction::Out, Sender::Echo),
        Origin::Customer | Origin::Standby | Origin::History => (Direction::In, Sender::Contact),
    }
}

/// Changes the line of the conversation for a new message.
pub(super) async fn follow(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    conversation: ConversationId,
    message: &InboundMessage,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (direction, sender) = sides(message);
    let speaks = matches!(message.origin, Origin::Customer | Origin::Standby) && message.kind != "system";
    sqlx::query!(
        "update conversations set last_preview = case when $3 >= last_message_at or last_direction is null then $4 else last_preview end,
           last_direction = case when $3 >= last_message_at or last_direction is null then $5 else last_direction end,
           last_sender = case when $3 >= last_message_at or last_direction is null then $6 else last_sender end,
           last_message_at = greatest(last_message_at, $3),
           unread = unread + case when $7 then 1 else 0 end,
           status = case when $7 then 'open' else status end, snoozed_until = case when $7 then null else snoozed_until end,
           window_closes_at = case when $7 then greatest(window_closes_at, $8::timestamptz) else window_closes_at end
         where sub_account_id = $1 and id = $2",
        channel.business.0,
        conversation.0,
        at,
        preview(&message.kind, &message.text),
        direction.key(),
        sender.key(),
        speaks,
        window::closes(channel.kind, at, now)
    )
    .execute(tx.conn())
    .await?;
    match message.origin {
        Origin::Customer if speaks => wait(tx, channel.business, conversation, at).await,
        Origin::Echo => answered(tx, channel.business, conversation, at).await,
        Origin::Customer | Origin::Standby | Origin::History => Ok(()),
    }
}

/// The customer waits since this message, unless an answer is newer.
async fn wait(tx: &mut TenantTx, business: BusinessId, id: ConversationId, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update conversations set waiting_since = least(waiting_since, $3) where sub_account_id = $1 and id = $2
           and not exists (select from messages where sub_account_id = $1 and conversation_id = $2 and direction = 'out' and happened_at > $3
             and sender in ('person', 'assistant', 'echo') and status not in ('failed', 'cancelled'))",
        business.0,
        id.0,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Somebody of the business answered elsewhere, and has read what came before. The assistant keeps silent for a while.
async fn answered(tx: &mut TenantTx, business: BusinessId, id: ConversationId, at: DateTime<Utc>) -> Result<()> {
    let done = sqlx::query!(
        "update conversations set waiting_since = null, unread = 0, ai_state = case when ai_state = 'waiting_human' then 'human' else ai_state end,
           ai_paused_until = greatest(ai_paused_until, $4)
         where sub_account_id = $1 and id = $2
           and not exists (select from messages where sub_account_id = $1 and conversation_id = $2 and direction = 'in' and happened_at > $3)",
        business.0,
        id.0,
        at,
        at + PAUSE
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() > 0 {
        ending::drop_drafts(tx, id, "Somebody answered in the platform's own app.").await?;
    }
    Ok(())
}

/// Ends the pause that an echo began which is a message of the assistant itself.
pub(super) async fn take_back_pause(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update conversations c set ai_paused_until = null from messages m
         where m.sub_account_id = $1 and m.id = $2 and m.sender = 'assistant' and c.sub_account_id = $1 and c.id = m.conversation_id and c.ai_paused_until = $3",
        business.0,
        message.0,
        at + PAUSE
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether the assistant should look at the conversation because of this message: a customer said something new, and it
/// is the assistant's turn.
pub(super) async fn wakes(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    conversation: ConversationId,
    message: &InboundMessage,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let is_content = !matches!(message.kind.as_str(), "system" | "unsupported");
    if message.origin != Origin::Customer || !is_content || now - at > FRESH || !channel.active {
        return Ok(false);
    }
    let row = sqlx::query!(
        r#"select ai_mode, ai_state, coalesce(ai_paused_until > $3, false) as "is_paused!" from conversations where sub_account_id = $1 and id = $2"#,
        channel.business.0,
        conversation.0,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    let mode = row.ai_mode.as_deref().and_then(AiMode::parse).unwrap_or(channel.ai_mode);
    Ok(mode != AiMode::Off && row.ai_state == Owner::Bot.key() && !row.is_paused)
}

/// The platform's id of a message, if it fits the column.
pub(super) fn external_id(id: &str) -> Option<&str> {
    key(id, 512)
}
