//! How does a message to a customer enter the queue? Message, place in the queue and the work that sends it are written
//! in one transaction, so none is there without the others. A note stays inside the business.

use chrono::{DateTime, Utc};
use domain::messaging::window::{Window, window};
use domain::messaging::{AiMode, Channel, MessageStatus, Owner, Sender, length};
use domain::work::Kind;
use domain::{BusinessId, ChannelId, ConversationId, MessageId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::trimmed::{preview, storable, trimmed};
use super::{locks, own_files, unanswered, undelivered};
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, new_id, outbox, usage};

/// The kind of a message that is an approved template: the only one that may be sent outside of the window.
pub const TEMPLATE: &str = "template";

/// A message that is to be sent to the customer of a conversation.
#[derive(Clone, Debug)]
pub struct NewOutgoing<'a> {
    /// The conversation.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub sender: Sender,
    /// The person, if one wrote it.
    pub user: Option<UserId>,
    /// `text`, [`TEMPLATE`], or what its file is: `image`, `video`, `audio` or `document`.
    pub kind: &'a str,
    /// The text as the customer reads it.
    pub body: &'a str,
    /// The details of the kind: a template's name, language, category and parameters.
    pub details: Value,
    /// The message of the conversation that it answers.
    pub reply_to: Option<MessageId>,
}

/// What decides whether a conversation may be written to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The conversation.
    pub conversation: ConversationId,
    /// The inbox.
    pub channel: ChannelId,
    /// The kind of channel.
    pub kind: Channel,
    /// The platform's id of the account.
    pub account: String,
    /// Whether the inbox is in use.
    pub active: bool,
    /// Whether nothing is sent until the connection works again.
    pub held: bool,
    /// Who answers.
    pub owner: Owner,
    /// What the assistant may do here; `None` as much as on the whole channel.
    pub ai_mode: Option<AiMode>,
    /// Until when the assistant keeps silent because a person answered.
    pub ai_paused_until: Option<DateTime<Utc>>,
    /// Since when the contact wants no automatic messages.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// Since when the contact wants no marketing.
    pub marketing_refused_at: Option<DateTime<Utc>>,
    /// What may be sent.
    pub window: Window,
}

impl Place {
    /// Whether the customer may not be sent advertising.
    #[must_use]
    pub const fn refuses_marketing(&self) -> bool {
        self.marketing_refused_at.is_some() || self.opted_out_at.is_some()
    }
}

pub(crate) fn business(tx: &TenantTx) -> Result<BusinessId> {
    tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))
}

/// Reads where a conversation takes place and locks it, so that messages are added to it one after the other.
pub async fn place(tx: &mut TenantTx, conversation: ConversationId) -> Result<Place> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select c.channel_id as "channel: ChannelId", c.type as "kind: Channel", h.external_id, h.is_active, h.hold_since is not null as "held!", c.ai_state, c.ai_mode, c.ai_paused_until,
                  c.window_closes_at, h.late_answers, p.opted_out_at, p.marketing_refused_at, now() as "now!"
           from conversations c join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
             join contacts p on p.sub_account_id = c.sub_account_id and p.id = c.contact_id
           where c.sub_account_id = $1 and c.id = $2 for no key update of c"#,
        business.0,
        conversation.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Place {
        conversation,
        channel: row.channel,
        kind: row.kind,
        account: row.external_id,
        active: row.is_active,
        held: row.held,
        owner: Owner::parse(&row.ai_state).unwrap_or(Owner::Human),
        ai_mode: row.ai_mode.as_deref().and_then(AiMode::parse),
        ai_paused_until: row.ai_paused_until,
        opted_out_at: row.opted_out_at,
        marketing_refused_at: row.marketing_refused_at,
        window: window(row.kind, row.window_closes_at, row.late_answers, row.now),
    })
}

/// Writes a message and puts it into the queue of its channel, behind everything that its conversation has there. While
/// the connection does not work it is held. A visitor of a web chat fetches it from us, so there it counts as sent at once.
/// Whether it may be sent now is the caller's to judge ([`place`]); it is judged again before it is sent. Returns `Refused`
/// for a text that one message does not hold.
pub async fn add(tx: &mut TenantTx, new: &NewOutgoing<'_>) -> Result<MessageId> {
    let (business, place) = (business(tx)?, place(tx, new.conversation).await?);
    if new.kind != TEMPLATE && !length::fits(place.kind, new.body) {
        return Err(Error::Refused("the length of a message".into()));
    }
    let id = new_id::<MessageId>();
    let status = match (place.kind, place.held) {
        (Channel::Webchat, _) => MessageStatus::Sent,
        (_, true) => MessageStatus::Held,
        (_, false) => MessageStatus::Pending,
    };
    sqlx::query!(
        "insert into messages (id, sub_account_id, conversation_id, channel, happened_at, direction, sender, sender_user_id, kind, body, details, reply_to, status, sent_at)
         values ($1, $2, $3, $4, clock_timestamp(), 'out', $5, $6, $7, $8, $9,
           (select external_id from messages where sub_account_id = $2 and conversation_id = $3 and id = $10), $11::text, case when $11::text = 'sent' then now() end)",
        id.0,
        business.0,
        new.conversation.0,
        place.kind as Channel,
        new.sender.key(),
        new.user.map(|user| user.0),
        trimmed(new.kind, 24),
        trimmed(new.body, 65_536),
        storable(&new.details),
        new.reply_to.map(|message| message.0),
        status.key()
    )
    .execute(tx.conn())
    .await?;
    follow(tx, business, new).await?;
    if status != MessageStatus::Sent {
        enqueue(tx, business, id, &place).await?;
    }
    changed(tx, new.conversation).await?;
    if status == MessageStatus::Sent {
        usage::sent(tx, business, id).await?;
    }
    Ok(id)
}

/// Gives a message its place in the queue of its channel, and asks a worker to look at it unless it is held.
async fn enqueue(tx: &mut TenantTx, business: BusinessId, id: MessageId, place: &Place) -> Result<()> {
    sqlx::query!(
        "insert into message_sends (sub_account_id, message_id, conversation_id, channel_id, state, hold_reason)
         values ($1, $2, $3, $4, case when $5 then 'held' else 'queued' end, case when $5 then 'connection' end)",
        business.0,
        id.0,
        place.conversation.0,
        place.channel.0,
        place.held
    )
    .execute(tx.conn())
    .await?;
    if place.held { Ok(()) } else { wake(tx, place.channel).await }
}

/// Shows the message in the line of its conversation. A person or the assistant answers the customer with it; a person
/// has also seen what came before, and the assistant keeps silent for an hour.
async fn follow(tx: &mut TenantTx, business: BusinessId, new: &NewOutgoing<'_>) -> Result<()> {
    sqlx::query!(
        "update conversations set last_message_at = greatest(last_message_at, clock_timestamp()), last_preview = $3, last_direction = 'out', last_sender = $4, last_failed_at = null,
           waiting_since = case when $4 in ('person', 'assistant') then null else waiting_since end, unread = case when $4 = 'person' then 0 else unread end,
           ai_state = case when $4 = 'person' and ai_state = 'waiting_human' then 'human' else ai_state end,
           last_person_at = case when $5 then greatest(last_person_at, clock_timestamp()) else last_person_at end,
           ai_paused_until = case when $4 = 'person' then now() + interval '1 hour' else ai_paused_until end
         where sub_account_id = $1 and id = $2",
        business.0,
        new.conversation.0,
        preview(new.kind, new.body),
        new.sender.key(),
        new.sender == Sender::Person || new.user.is_some()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes a note that the customer never sees. One of nobody in person is the assistant's.
pub async fn note(
    tx: &mut TenantTx,
    conversation: ConversationId,
    user: Option<UserId>,
    body: &str,
) -> Result<MessageId> {
    let (business, place) = (business(tx)?, place(tx, conversation).await?);
    let (id, sender) = (new_id::<MessageId>(), if user.is_some() { Sender::Person } else { Sender::Assistant });
    sqlx::query!(
        "insert into messages (id, sub_account_id, conversation_id, channel, happened_at, direction, sender, sender_user_id, kind, body)
         values ($1, $2, $3, $4, clock_timestamp(), 'internal', $5, $6, 'note', $7)",
        id.0,
        business.0,
        conversation.0,
        place.kind as Channel,
        sender.key(),
        user.map(|user| user.0),
        trimmed(body, 65_536)
    )
    .execute(tx.conn())
    .await?;
    changed(tx, conversation).await?;
    Ok(id)
}

/// A message of ours, as far as its acts need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnMessage {
    /// The conversation.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub sender: Sender,
    /// What it is.
    pub kind: String,
    /// The category of its template, if it is one.
    pub category: Option<String>,
    /// How far it has come.
    pub status: MessageStatus,
}

/// One of our messages of this business.
pub async fn own(tx: &mut TenantTx, id: MessageId) -> Result<OwnMessage> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select conversation_id as "conversation: ConversationId", sender, kind, details #>> '{template,category}' as category, status from messages
           where sub_account_id = $1 and id = $2 and direction = 'out'"#,
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(OwnMessage {
        conversation: row.conversation,
        sender: Sender::parse(&row.sender).unwrap_or(Sender::System),
        kind: row.kind,
        category: row.category,
        status: MessageStatus::parse(&row.status).unwrap_or(MessageStatus::Received),
    })
}

/// Puts a message that failed back into the queue, as the same message. What the platform says of an attempt that failed
/// no longer concerns it; what it says of one that nobody knows the end of still does. An automatic
/// answer is that of the person who sends it again. Returns `Stale` if it did not fail, or was never ours to send.
pub async fn retry(tx: &mut TenantTx, id: MessageId) -> Result<()> {
    let (business, own) = (business(tx)?, own(tx, id).await?);
    let place = place(tx, own.conversation).await?;
    let user = tx.user().map(|user| user.0);
    let again = sqlx::query!(
        "update message_sends s set state = case when $3 then 'held' else 'queued' end, hold_reason = case when $3 then 'connection' end, attempts = 0, not_before = now(),
           unclear_at = case when s.error_code = 'unclear' then s.sent_at else s.unclear_at end,
           former_ids = case when m.external_id is null then s.former_ids else array_append(s.former_ids, m.external_id) end,
           sent_at = null, error_code = null, decided_at = null
         from messages m where s.sub_account_id = $1 and s.message_id = $2 and s.state in ('failed', 'accepted')
           and m.sub_account_id = $1 and m.id = $2 and m.status = 'failed'",
        business.0,
        id.0,
        place.held
    )
    .execute(tx.conn())
    .await?;
    if again.rows_affected() == 0 {
        return Err(Error::Stale);
    }
    own_files::forget_upload(tx, id).await?;
    sqlx::query!(
        "update messages set status = case when $3 then 'held' else 'pending' end, external_id = null, error_code = null, error_text = null, sent_at = null, delivered_at = null, read_at = null,
           sender_user_id = case when sender = 'assistant' then coalesce(sender_user_id, $4) else sender_user_id end
         where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        place.held,
        user
    )
    .execute(tx.conn())
    .await?;
    begins_anew(tx, business, id).await?;
    undelivered::show(tx, business, id).await?;
    if !place.held {
        wake(tx, place.channel).await?;
    }
    changed(tx, own.conversation).await
}

/// Keeps that a message which is sent again was not read yet, and that a person stands behind it who sent it in place of the
/// assistant.
async fn begins_anew(tx: &mut TenantTx, business: BusinessId, message: MessageId) -> Result<()> {
    sqlx::query!(
        "update conversations c set read_up_to = least(c.read_up_to, case when c.read_up_to is not null then m.happened_at - interval '1 microsecond' end),
           last_person_at = case when m.sender = 'person' or m.sender_user_id is not null then greatest(c.last_person_at, m.happened_at) else c.last_person_at end
         from messages m where m.sub_account_id = $1 and m.id = $2 and c.sub_account_id = $1 and c.id = m.conversation_id",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a message out of the queue. Whom it would have answered waits again. Returns `Stale` if it was sent, or is being
/// sent.
pub async fn cancel(tx: &mut TenantTx, id: MessageId) -> Result<ConversationId> {
    let (business, own) = (business(tx)?, own(tx, id).await?);
    locks::line(tx, own.conversation).await?;
    let done = sqlx::query!(
        "update message_sends set state = 'cancelled', decided_at = now() where sub_account_id = $1 and message_id = $2 and state in ('queued', 'held')",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::Stale);
    }
    sqlx::query!(
        "update messages set status = 'cancelled' where sub_account_id = $1 and id = $2 and status in ('pending', 'held')",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    unanswered::waits_again(tx, business, id).await?;
    changed(tx, own.conversation).await?;
    Ok(own.conversation)
}

/// Asks a worker to look at what waits for a channel.
pub(super) async fn wake(tx: &mut TenantTx, channel: ChannelId) -> Result<()> {
    let work = Work::new(Kind::SendMessages).subject(channel.0).priority(10).once(format!("send:{channel}"));
    queue::add(tx, &work).await.map(|_| ())
}

/// Tells whoever looks at a conversation that it changed.
pub(crate) async fn changed(tx: &mut TenantTx, conversation: ConversationId) -> Result<()> {
    let subject: Uuid = conversation.0;
    outbox::add(tx, "conversation.changed", Some(subject), &json!({})).await
}
