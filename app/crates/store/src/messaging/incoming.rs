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

/// A conversation, and where answers go.
struct Line {
    id: ConversationId,
    address: String,
}

/// The conversation of a contact on a channel, locked behind its contact until the transaction ends. It is added if there is
/// none; one that begins with the past is closed. Answers go to the address that the message came from: a phone number, once
/// it is known.
pub(super) async fn open(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    contact: ContactId,
    message: &InboundMessage,
    at: DateTime<Utc>,
) -> Result<ConversationId> {
    let ids = identities::of(channel, &message.person);
    let Some(address) = ids.first() else { return Err(Error::Refused("a message of nobody".into())) };
    let line = match locked(tx, channel, contact).await? {
        Some(line) => line,
        None => {
            // Somebody may have taken the person out of this contact at the same moment.
            if !identities::holders(tx, channel.business, &ids).await?.0.contains(&contact) {
                return Err(Error::Stale);
            }
            if let Some(id) = begin(tx, channel, contact, message.origin, (at, address.id.as_str())).await? {
                return Ok(id);
            }
            // Somebody else began it at the same moment.
            locked(tx, channel, contact).await?.ok_or(Error::Stale)?
        }
    };
    let is_final = channel.kind == Channel::Whatsapp && line.address.bytes().all(|byte| byte.is_ascii_digit());
    if line.address != address.id && (address.kind == "wa_id" || !is_final) {
        sqlx::query!(
            "update conversations set external_address = $3 where sub_account_id = $1 and id = $2",
            channel.business.0,
            line.id.0,
            address.id
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(line.id)
}

/// Adds a conversation. `None` if there is one.
async fn begin(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    contact: ContactId,
    origin: Origin,
    (at, address): (DateTime<Utc>, &str),
) -> Result<Option<ConversationId>> {
    let id = sqlx::query_scalar!(
        r#"insert into conversations (id, sub_account_id, agency_id, channel_id, contact_id, type, status, last_message_at, external_address)
           values ($1, $2, $3, $4, $5, $6, case when $7 then 'closed' else 'open' end, $8, $9)
           on conflict (sub_account_id, channel_id, contact_id) do nothing returning id as "id: ConversationId""#,
        new_id::<ConversationId>().0,
        channel.business.0,
        channel.agency.0,
        channel.id.0,
        contact.0,
        channel.kind as Channel,
        origin == Origin::History,
        at,
        address
    )
    .fetch_optional(tx.conn())
    .await?;
    if id.is_some() {
        conversations::show_name(tx, channel.business, contact).await?;
    }
    Ok(id)
}

async fn locked(tx: &mut TenantTx, channel: &ChannelRow, contact: ContactId) -> Result<Option<Line>> {
    let line = sqlx::query_as!(
        Line,
        r#"select c.id as "id: ConversationId", c.external_address as address from conversations c
           where c.sub_account_id = $1 and c.channel_id = $2
             and c.contact_id = (select id from contacts where sub_account_id = $1 and id = $3 for no key update)
           for no key update of c"#,
        channel.business.0,
        channel.id.0,
        contact.0
    );
    Ok(line.fetch_optional(tx.conn()).await?)
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

/// Changes the line of the conversation for a new message, in one write. The customer waits since the message, unless an answer
/// is newer. Somebody of the business who answered elsewhere has read what came before, and the assistant keeps silent for a
/// while.
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
    let is_answered = sqlx::query_scalar!(
        r#"with new as materialized (select
             $9 and not exists (select from messages where sub_account_id = $1 and conversation_id = $2 and direction = 'out' and happened_at > $3
               and sender in ('person', 'assistant', 'echo') and status not in ('failed', 'cancelled')) as waits,
             $10 and not exists (select from messages where sub_account_id = $1 and conversation_id = $2 and direction = 'in' and happened_at > $3) as answered)
           update conversations c set last_preview = case when $3 >= last_message_at or last_direction is null then $4 else last_preview end,
             last_direction = case when $3 >= last_message_at or last_direction is null then $5 else last_direction end,
             last_sender = case when $3 >= last_message_at or last_direction is null then $6 else last_sender end,
             last_message_at = greatest(last_message_at, $3),
             last_person_at = case when $6 = 'echo' then greatest(last_person_at, $3) else last_person_at end,
             read_up_to = case when $5 = 'out' and read_up_to >= $3 then $3 - interval '1 microsecond' else read_up_to end,
             unread = case when s.answered then 0 when $7 then unread + 1 else unread end,
             waiting_since = case when s.answered then null when s.waits then least(waiting_since, $3) else waiting_since end,
             status = case when $7 then 'open' else status end, snoozed_until = case when $7 then null else snoozed_until end,
             window_closes_at = case when $7 then greatest(window_closes_at, $8::timestamptz) else window_closes_at end,
             ai_state = case when s.answered and ai_state = 'waiting_human' then 'human' else ai_state end,
             ai_paused_until = case when s.answered then greatest(ai_paused_until, $11) else ai_paused_until end
           from new s where c.sub_account_id = $1 and c.id = $2 returning s.answered as "answered!""#,
        channel.business.0,
        conversation.0,
        at,
        preview(&message.kind, &message.text),
        direction.key(),
        sender.key(),
        speaks,
        window::closes(channel.kind, at, now),
        message.origin == Origin::Customer && speaks,
        message.origin == Origin::Echo,
        at + PAUSE
    )
    .fetch_one(tx.conn())
    .await?;
    if is_answered {
        ending::drop_drafts(tx, conversation, "Somebody answered in the platform's own app.").await?;
    }
    Ok(())
}

/// Takes back what an echo began that is a message of the assistant itself: the pause, and that a person wrote then.
pub(super) async fn take_back_pause(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update conversations c set ai_paused_until = case when c.ai_paused_until = $3 then null else c.ai_paused_until end,
           last_person_at = case when c.last_person_at = $4 then (select max(p.happened_at) from messages p where p.sub_account_id = $1 and p.conversation_id = c.id
             and p.direction = 'out' and (p.sender in ('person', 'echo') or p.sender_user_id is not null)) else c.last_person_at end
         from messages m
         where m.sub_account_id = $1 and m.id = $2 and m.sender = 'assistant' and c.sub_account_id = $1 and c.id = m.conversation_id
           and (c.ai_paused_until = $3 or c.last_person_at = $4)",
        business.0,
        message.0,
        at + PAUSE,
        at
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
