//! Which messages go to customers at a later time? Each waits in a row of its own, where it keeps nothing else from being
//! sent. At its time it becomes a message like every other, which the queue of its channel judges and sends.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::messaging::Channel;
use domain::messaging::window::{Window, window};
use domain::work::Kind;
use domain::{BusinessId, ChannelId, ConversationId, MessageId, ScheduledId, UserId};
use serde_json::Value;

use super::enclosed;
use super::outgoing::{self, TEMPLATE, business};
use super::trimmed::{storable, trimmed};
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, new_id};

/// The most messages that wait in a business: as many as a page lists.
pub const MOST: i64 = 500;
/// What `Refused` carries when as many wait as may.
pub const FULL: &str = "scheduled_full";

/// Added to a wait, so that its time has surely come.
const MOMENT: Duration = Duration::from_millis(20);

/// A message that is to go out at a later time.
#[derive(Clone, Debug)]
pub struct NewScheduled<'a> {
    /// The conversation.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub user: UserId,
    /// `text` or [`TEMPLATE`].
    pub kind: &'a str,
    /// The text as the customer reads it.
    pub body: &'a str,
    /// The details of a template, the answers to tap, and the files that go with a text ([`enclosed::enclose`]).
    pub details: Value,
    /// The message of the conversation that it answers.
    pub reply_to: Option<MessageId>,
    /// When it goes out.
    pub at: DateTime<Utc>,
}

/// A message that waits for its time, or was not sent at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Its row.
    pub id: ScheduledId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The contact's name, or the best that is known.
    pub contact_name: String,
    /// The kind of channel.
    pub channel: Channel,
    /// `text` or [`TEMPLATE`].
    pub kind: String,
    /// The text as the customer reads it; empty if only files go out.
    pub body: String,
    /// The names of the files that go out behind the text.
    pub files: Vec<String>,
    /// When it goes out, or should have.
    pub at: DateTime<Utc>,
    /// The name of who wrote it, if that person is there.
    pub by: Option<String>,
    /// Whether it could not be sent at its time, and waits for a person.
    pub is_missed: bool,
    /// When the service window closes, or closed.
    pub window_closes_at: Option<DateTime<Utc>>,
    /// Whether the platform granted late answers.
    pub late_answers: bool,
}

impl Scheduled {
    /// Whether it may be sent at a time if the customer does not write again until then.
    #[must_use]
    pub fn may_go(&self, at: DateTime<Utc>) -> bool {
        self.kind == TEMPLATE || window(self.channel, self.window_closes_at, self.late_answers, at).allows_text()
    }
}

/// What became of an act on a message that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acted {
    /// It was done, in this conversation.
    Done(ConversationId),
    /// The message was handed to the queue before.
    Sent,
    /// The message was canceled before.
    Canceled,
}

/// Lets a message wait for its time, with its files, whose locks the transaction holds. Returns `Refused(FULL)` if as many wait as
/// may.
pub async fn add(tx: &mut TenantTx, new: &NewScheduled<'_>) -> Result<ScheduledId> {
    let (business, id) = (business(tx)?, new_id::<ScheduledId>());
    let files = enclosed::take(&mut new.details.clone());
    enclosed::count(tx, business, &files).await?;
    let done = sqlx::query!(
        "insert into scheduled_messages (id, sub_account_id, conversation_id, sender_user_id, kind, body, details, reply_to, send_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9
         where (select count(*) from scheduled_messages where sub_account_id = $2 and state in ('waiting', 'missed')) < $10",
        id.0,
        business.0,
        new.conversation.0,
        new.user.0,
        new.kind,
        trimmed(new.body, 65_536),
        storable(&new.details),
        new.reply_to.map(|message| message.0),
        new.at,
        MOST
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::Refused(FULL.to_owned()));
    }
    wake_at(tx, business, new.conversation, new.at).await?;
    outgoing::changed(tx, new.conversation).await?;
    Ok(id)
}

/// Asks a worker to look at the channel of a conversation at a time.
async fn wake_at(
    tx: &mut TenantTx,
    business: BusinessId,
    conversation: ConversationId,
    at: DateTime<Utc>,
) -> Result<()> {
    let row = sqlx::query!(
        r#"select channel_id as "channel: ChannelId", greatest(extract(epoch from $3::timestamptz - now()), 0)::float8 as "left!" from conversations
           where sub_account_id = $1 and id = $2"#,
        business.0,
        conversation.0,
        at
    )
    .fetch_one(tx.conn())
    .await?;
    // Each time has a key of its own, so that a later one never hides an earlier one.
    let key = format!("send:{}:{}", row.channel, at.timestamp());
    let work = Work::new(Kind::SendMessages).subject(row.channel.0).priority(10).once(key);
    queue::add_in(tx, &work, Duration::from_secs_f64(row.left) + MOMENT).await?;
    Ok(())
}

/// What waits in the business or in one of its conversations, what is due first at the top.
pub async fn list(tx: &mut TenantTx, conversation: Option<ConversationId>) -> Result<Vec<Scheduled>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Scheduled,
        r#"select s.id as "id: ScheduledId", s.conversation_id as "conversation: ConversationId", c.contact_name, c.type as "channel: Channel", s.kind, s.body,
                  array(select f.value ->> 'name' from jsonb_array_elements(s.details -> 'files') f) as "files!", s.send_at as at, coalesce(nullif(u.name, ''), u.email) as "by?", s.state = 'missed' as "is_missed!", c.window_closes_at, h.late_answers
           from scheduled_messages s join conversations c on c.sub_account_id = s.sub_account_id and c.id = s.conversation_id
             join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
             left join users u on u.id = s.sender_user_id
           where s.sub_account_id = $1 and s.state in ('waiting', 'missed') and ($2::uuid is null or s.conversation_id = $2)
           order by s.send_at, s.id limit $3"#,
        business.0,
        conversation.map(|id| id.0),
        MOST
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// The conversation of a scheduled message, and whether it is a template, whatever became of it.
pub async fn place(tx: &mut TenantTx, id: ScheduledId) -> Result<(ConversationId, bool)> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select conversation_id as "conversation: ConversationId", kind from scheduled_messages where sub_account_id = $1 and id = $2"#,
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.conversation, row.kind == TEMPLATE))
}

/// What may be sent in a conversation at a time, if the customer does not write again until then.
pub async fn window_at(tx: &mut TenantTx, conversation: ConversationId, at: DateTime<Utc>) -> Result<Window> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select c.type as "channel: Channel", c.window_closes_at, h.late_answers from conversations c
             join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
           where c.sub_account_id = $1 and c.id = $2"#,
        business.0,
        conversation.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(window(row.channel, row.window_closes_at, row.late_answers, at))
}

/// Gives a message that waits another time. One that was not sent at its time waits again.
pub async fn move_to(tx: &mut TenantTx, id: ScheduledId, at: DateTime<Utc>) -> Result<Acted> {
    let business = business(tx)?;
    let moved = sqlx::query_scalar!(
        r#"update scheduled_messages set state = 'waiting', send_at = $3, chosen_at = now() where sub_account_id = $1 and id = $2 and state in ('waiting', 'missed')
           returning conversation_id as "conversation: ConversationId""#,
        business.0,
        id.0,
        at
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(conversation) = moved else { return ended(tx, business, id).await };
    wake_at(tx, business, conversation, at).await?;
    outgoing::changed(tx, conversation).await?;
    Ok(Acted::Done(conversation))
}

/// Lets a message never go out. Its text is removed, and its files are erased unless something else needs them.
pub async fn cancel(tx: &mut TenantTx, id: ScheduledId) -> Result<Acted> {
    let business = business(tx)?;
    let waits = sqlx::query_scalar!(
        "select details from scheduled_messages where sub_account_id = $1 and id = $2 and state in ('waiting', 'missed') for update",
        business.0,
        id.0
    );
    let Some(mut details) = waits.fetch_optional(tx.conn()).await? else { return ended(tx, business, id).await };
    let files = enclosed::take(&mut details);
    enclosed::lock(tx, &files).await?;
    let gone = sqlx::query_scalar!(
        r#"update scheduled_messages set state = 'cancelled', body = '', details = '{}' where sub_account_id = $1 and id = $2 and state in ('waiting', 'missed')
           returning conversation_id as "conversation: ConversationId""#,
        business.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(conversation) = gone else { return ended(tx, business, id).await };
    enclosed::give_back(tx, business, &files).await?;
    outgoing::changed(tx, conversation).await?;
    Ok(Acted::Done(conversation))
}

/// How a message ended that waits no more. Returns `NotFound` if there was none.
pub(super) async fn ended(tx: &mut TenantTx, business: BusinessId, id: ScheduledId) -> Result<Acted> {
    let state = sqlx::query_scalar!(
        "select state from scheduled_messages where sub_account_id = $1 and id = $2",
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(if state == "cancelled" { Acted::Canceled } else { Acted::Sent })
}
