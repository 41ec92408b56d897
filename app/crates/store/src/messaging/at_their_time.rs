//! What becomes of a scheduled message at its time? It is handed to the queue as a message of the person who wrote it, who
//! need not be there: what the customer wrote meanwhile still waits. People are told when it is not sent.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::messaging::{Sender, length};
use domain::notifications::Kind as News;
use domain::{BusinessId, ChannelId, ConversationId, MessageId, ScheduledId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::enclosed;
use super::ending::drop_drafts;
use super::outgoing::{self, NewOutgoing, Place, TEMPLATE, business};
use super::scheduled::{Acted, MOST, ended};
use crate::due::{DueBusinesses, FOUND, outside_trash};
use crate::events::{self, Event};
use crate::{Db, Result, TenantTx, removal};

/// The detail by which a message says which scheduled one it was.
const MARK: &str = "scheduled";

/// A scheduled message whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its row.
    pub id: ScheduledId,
    /// The conversation.
    pub conversation: ConversationId,
}

/// The businesses with messages whose time has come, in the order of their ids, behind one of them. Those in the trash are
/// left out.
pub async fn due_businesses(db: &Db, after: Option<BusinessId>) -> Result<DueBusinesses> {
    let mut tx = removal::begin(db, Duration::ZERO).await?;
    let due = sqlx::query_scalar!(
        r#"select distinct sub_account_id as "business: BusinessId" from scheduled_messages
           where state = 'waiting' and send_at <= now() and ($1::uuid is null or sub_account_id > $1) order by 1 limit $2"#,
        after.map(|id| id.0),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    outside_trash(db, &due).await
}

/// The messages of the business, or of one of its channels, whose time has come. One waits on while an automatic answer is
/// on its way in its conversation, which it would overtake, and while the business is in the trash.
pub async fn due(tx: &mut TenantTx, channel: Option<ChannelId>) -> Result<Vec<Due>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Due,
        r#"select s.id as "id: ScheduledId", s.conversation_id as "conversation: ConversationId" from scheduled_messages s
             join conversations c on c.sub_account_id = s.sub_account_id and c.id = s.conversation_id
           where s.sub_account_id = $1 and s.state = 'waiting' and s.send_at <= now() and ($2::uuid is null or c.channel_id = $2)
             and exists (select from sub_accounts b where b.id = $1 and b.deleted_at is null)
             and not exists (select from message_sends q join messages m on m.sub_account_id = q.sub_account_id and m.id = q.message_id
               where q.sub_account_id = $1 and q.conversation_id = s.conversation_id and q.state in ('queued', 'sending') and m.sender = 'assistant' and m.sender_user_id is null)
           order by s.send_at, s.id limit $3"#,
        business.0,
        channel.map(|id| id.0),
        MOST
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// A scheduled message as it is handed over.
struct Row {
    kind: String,
    body: String,
    details: Value,
    reply_to: Option<MessageId>,
    user: Option<UserId>,
    chosen_at: DateTime<Utc>,
    is_late: bool,
    is_refused: bool,
}

/// The message if it still waits, locked. The conversation is locked before it, as everywhere.
async fn waiting(tx: &mut TenantTx, business: BusinessId, one: Due, is_due: bool) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select kind, body, details, reply_to as "reply_to: MessageId", sender_user_id as "user: UserId", chosen_at, send_at < now() - interval '24 hours' as "is_late!",
                  exists (select from conversations c join contacts p on p.sub_account_id = c.sub_account_id and p.id = c.contact_id
                    where c.sub_account_id = $1 and c.id = $3 and p.opted_out_at > scheduled_messages.chosen_at) as "is_refused!"
           from scheduled_messages where sub_account_id = $1 and id = $2 and conversation_id = $3
             and case when $4 then state = 'waiting' and send_at <= now() else state in ('waiting', 'missed') end for update"#,
        business.0,
        one.id.0,
        one.conversation.0,
        is_due
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Hands a message whose time has come to the queue. One that could not be handed over for a day means something else by
/// now, and a customer who wants no automatic messages since a person chose the time may not want it: both are left to people.
/// Does nothing if it does not wait any more.
pub async fn release(tx: &mut TenantTx, one: Due) -> Result<()> {
    let (business, place) = (business(tx)?, outgoing::place(tx, one.conversation).await?);
    let Some(row) = waiting(tx, business, one, true).await? else { return Ok(()) };
    if row.is_late || row.is_refused {
        return miss(tx, business, one).await;
    }
    let before = before(tx, business, one.conversation, row.chosen_at).await?;
    hand_over(tx, business, &place, one, &row).await?;
    keep(tx, business, one.conversation, &before).await
}

/// Hands a message to the queue before its time, because a person asks for it, or after it was not sent at its time.
pub async fn send_now(tx: &mut TenantTx, id: ScheduledId, conversation: ConversationId) -> Result<Acted> {
    let (business, place) = (business(tx)?, outgoing::place(tx, conversation).await?);
    let one = Due { id, conversation };
    let Some(row) = waiting(tx, business, one, false).await? else { return ended(tx, business, id).await };
    hand_over(tx, business, &place, one, &row).await?;
    drop_drafts(tx, conversation, "A person answered.").await?;
    Ok(Acted::Done(conversation))
}

/// Writes the message, as several ones if one of the channel does not hold it, and one for each of its files, and removes the
/// text that waited.
async fn hand_over(tx: &mut TenantTx, business: BusinessId, place: &Place, one: Due, row: &Row) -> Result<()> {
    let mut details = row.details.clone();
    let files = enclosed::take(&mut details);
    if let Value::Object(fields) = &mut details {
        fields.insert(MARK.to_owned(), json!(one.id));
    }
    let parts = if row.kind == TEMPLATE { vec![row.body.clone()] } else { length::split(place.kind, &row.body) };
    for (at, part) in parts.iter().enumerate() {
        let new = NewOutgoing {
            conversation: one.conversation,
            sender: Sender::Person,
            user: row.user,
            kind: &row.kind,
            body: part,
            details: details.clone(),
            reply_to: row.reply_to.filter(|_| at == 0),
        };
        outgoing::add(tx, &new).await?;
    }
    let (conversation, sender) = (one.conversation, Sender::Person);
    let behind = NewOutgoing {
        conversation,
        sender,
        user: row.user,
        kind: &row.kind,
        body: &row.body,
        details,
        reply_to: row.reply_to,
    };
    enclosed::lock(tx, &files).await?;
    enclosed::queue(tx, &behind, &files).await?;
    sqlx::query!(
        "update scheduled_messages set state = 'sent', body = '', details = '{}' where sub_account_id = $1 and id = $2",
        business.0,
        one.id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What a conversation said before the message went out.
struct Before {
    unread: i32,
    waiting_since: Option<DateTime<Utc>>,
    ai_state: String,
    ai_paused_until: Option<DateTime<Utc>>,
    wrote_since: bool,
}

async fn before(
    tx: &mut TenantTx,
    business: BusinessId,
    conversation: ConversationId,
    chosen_at: DateTime<Utc>,
) -> Result<Before> {
    let row = sqlx::query_as!(
        Before,
        r#"select unread, waiting_since, ai_state, ai_paused_until, exists (select from messages m where m.sub_account_id = $1 and m.conversation_id = $2 and m.direction = 'in'
             and m.created_at > $3 and m.happened_at > $3 - interval '1 day') as "wrote_since!"
           from conversations where sub_account_id = $1 and id = $2"#,
        business.0,
        conversation.0,
        chosen_at
    );
    Ok(row.fetch_one(tx.conn()).await?)
}

/// Nobody sits there when the message goes out, so the assistant is not silent because of it. A customer who wrote since
/// the person chose the time waits on, unread, for whoever it was.
async fn keep(tx: &mut TenantTx, business: BusinessId, conversation: ConversationId, before: &Before) -> Result<()> {
    sqlx::query!(
        "update conversations set ai_paused_until = $3, unread = case when $4 then $5 else unread end, waiting_since = case when $4 then $6 else waiting_since end,
           ai_state = case when $4 then $7 else ai_state end
         where sub_account_id = $1 and id = $2",
        business.0,
        conversation.0,
        before.ai_paused_until,
        before.wrote_since,
        before.unread,
        before.waiting_since,
        before.ai_state
    )
    .execute(tx.conn())
    .await?;
    if !before.wrote_since {
        drop_drafts(tx, conversation, "A scheduled message was sent.").await?;
    }
    Ok(())
}

/// Leaves a message to people that could not be handed over at its time.
async fn miss(tx: &mut TenantTx, business: BusinessId, one: Due) -> Result<()> {
    sqlx::query!(
        "update scheduled_messages set state = 'missed' where sub_account_id = $1 and id = $2",
        business.0,
        one.id.0
    )
    .execute(tx.conn())
    .await?;
    tell(tx, business, one.conversation, one.id.0).await
}

/// Tells people of a message that was scheduled and failed. Does nothing for other messages.
pub(super) async fn failed(tx: &mut TenantTx, business: BusinessId, message: MessageId) -> Result<()> {
    match scheduled(tx, business, message).await? {
        Some((conversation, id)) => tell(tx, business, conversation, id).await,
        None => Ok(()),
    }
}

/// Whether a message was scheduled, so that people were told in that name when it failed.
pub(super) async fn was_scheduled(tx: &mut TenantTx, business: BusinessId, message: MessageId) -> Result<bool> {
    Ok(scheduled(tx, business, message).await?.is_some())
}

/// The conversation of a message, and which scheduled one it was, if it was one.
async fn scheduled(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
) -> Result<Option<(ConversationId, Uuid)>> {
    let row = sqlx::query!(
        r#"select conversation_id as "conversation: ConversationId", details ->> 'scheduled' as "id!" from messages
           where sub_account_id = $1 and id = $2 and details ->> 'scheduled' is not null"#,
        business.0,
        message.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.and_then(|row| Some((row.conversation, row.id.parse().ok()?))))
}

/// Shows the conversation as unread and open, and tells who is told of customers that wait. Once for a scheduled message,
/// whatever number of messages it became.
async fn tell(tx: &mut TenantTx, business: BusinessId, conversation: ConversationId, id: Uuid) -> Result<()> {
    let name = sqlx::query_scalar!(
        r#"update conversations set unread = greatest(unread, 1), status = 'open', snoozed_until = null where sub_account_id = $1 and id = $2
           returning coalesce((select name from sub_accounts where id = $1), '') as "name!""#,
        business.0,
        conversation.0
    )
    .fetch_one(tx.conn())
    .await?;
    let event = Event {
        kind: News::ConversationHandedOver,
        key: format!("{}:{id}", News::ConversationHandedOver),
        subject: Some(conversation.0),
        business: Some(business),
        to: None,
        title: &name,
        detail: "A scheduled message was not sent.",
    };
    events::tell(tx, &event).await?;
    outgoing::changed(tx, conversation).await
}
