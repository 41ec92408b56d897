//! Which conversation does the assistant look at? Who writes, what was said, and what decides whether it may answer, read
//! again under a lock before anything is sent.

use chrono::{DateTime, Utc};
use domain::assistant::hours::{Hours, clock};
use domain::language::Language;
use domain::messaging::window::{Window, window};
use domain::messaging::{AiMode, Channel, Owner, Sender};
use domain::web_chat::ASSISTANT_SHARE;
use domain::{ChannelId, ContactId, ConversationId, MessageId};

use super::channels::read_hours;
use crate::messaging::locks;
use crate::messaging::outgoing::business;
use crate::{Result, TenantTx};

/// Number of messages of a conversation that the assistant reads.
const MOST: i64 = 30;

/// What decides whether the assistant may answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The conversation.
    pub conversation: ConversationId,
    /// The inbox.
    pub channel: ChannelId,
    /// Whether the inbox is in use, and its business, too.
    pub is_active: bool,
    /// What the assistant may do: in the conversation, or else on the channel. Only drafts once the limit of messages is reached;
    /// for visitors of a web site, once their share of it is.
    pub mode: AiMode,
    /// Who answers.
    pub owner: Owner,
    /// Until when the assistant keeps silent because a person answered.
    pub paused_until: Option<DateTime<Utc>>,
    /// Since when the contact wants no automatic messages. `None` while the message that says so waits for its answer.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// What may be sent.
    pub window: Window,
    /// When the service window closes, or closed.
    pub window_closes_at: Option<DateTime<Utc>>,
    /// When the assistant answers by itself.
    pub hours: Hours,
    /// IANA name of the time zone of the hours.
    pub zone: String,
    /// The customer's newest message.
    pub newest_inbound: Option<MessageId>,
    /// The time by the database's clock.
    pub now: DateTime<Utc>,
}

impl Facts {
    /// Whether the assistant answers by itself at this time. A zone that this program does not know counts as UTC.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.hours.is_open(clock(self.now, self.zone.parse().unwrap_or_default()))
    }
}

/// A conversation as the assistant reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// What decides whether it may answer.
    pub facts: Facts,
    /// The kind of channel.
    pub kind: Channel,
    /// The contact.
    pub contact: ContactId,
    /// The contact's name, or the best we know.
    pub contact_name: String,
    /// The contact's number.
    pub contact_phone: Option<String>,
    /// The contact's mail address.
    pub contact_email: Option<String>,
    /// The name of the business.
    pub business_name: String,
    /// The language of the business.
    pub language: Language,
    /// The last messages that either side wrote, oldest first, without notes and without what never arrived.
    pub messages: Vec<TurnMessage>,
}

/// A message as the assistant reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnMessage {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it.
    pub sender: Sender,
    /// Its text, at most 4000 characters; empty for a message without any.
    pub text: String,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// Reads a conversation.
pub async fn conversation(tx: &mut TenantTx, id: ConversationId) -> Result<Turn> {
    let business = business(tx)?;
    let facts = facts(tx, id).await?;
    let row = sqlx::query!(
        r#"select c.type as "kind: Channel", c.contact_id as "contact: ContactId", c.contact_name, p.phone, p.email, b.name, b.language, b.country
           from conversations c join contacts p on p.sub_account_id = c.sub_account_id and p.id = c.contact_id join sub_accounts b on b.id = c.sub_account_id
           where c.sub_account_id = $1 and c.id = $2"#,
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Turn {
        facts,
        kind: row.kind,
        contact: row.contact,
        contact_name: row.contact_name,
        contact_phone: row.phone,
        contact_email: row.email,
        business_name: row.name,
        language: Language::of_business(row.language.as_deref(), row.country.as_deref()),
        messages: messages(tx, id).await?,
    })
}

async fn messages(tx: &mut TenantTx, id: ConversationId) -> Result<Vec<TurnMessage>> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        r#"select id as "id: MessageId", sender, left(body, 4000) as "text!", happened_at from messages
           where sub_account_id = $1 and conversation_id = $2 and direction in ('in', 'out') and kind <> 'system' and revoked_at is null and status not in ('failed', 'cancelled')
           order by happened_at desc, id desc limit $3"#,
        business.0,
        id.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    let messages = rows.into_iter().rev().map(|row| TurnMessage {
        id: row.id,
        sender: Sender::parse(&row.sender).unwrap_or(Sender::System),
        text: row.text,
        at: row.happened_at,
    });
    Ok(messages.collect())
}

/// Locks a conversation until the transaction ends and reads the facts again: whoever writes to it meanwhile waits. Its
/// contact is locked first, as by whatever comes in.
pub async fn lock(tx: &mut TenantTx, id: ConversationId) -> Result<Facts> {
    locks::conversation(tx, id).await?;
    facts(tx, id).await
}

async fn facts(tx: &mut TenantTx, id: ConversationId) -> Result<Facts> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select c.channel_id as "channel: ChannelId", c.type as "kind: Channel", h.is_active and b.status not in ('paused', 'archived', 'deleted') and b.deleted_at is null as "is_active!",
                  coalesce(c.ai_mode, h.ai_mode) as "mode!", c.ai_state, c.ai_paused_until, c.window_closes_at, h.late_answers, h.ai_hours, b.timezone,
                  case when c.type = 'WEBCHAT' then b.message_limit * $3 / 100 else b.message_limit end <= coalesce((select u.messages from usage_counters u where u.sub_account_id = $1 and u.period = 'month'
                    and u.period_start = date_trunc('month', now() at time zone 'UTC')::date), 0) as "is_used_up!",
                  case when p.opted_out_at is not null and (not exists (select from messages s where s.sub_account_id = $1 and s.conversation_id = $2 and s.direction = 'in' and s.created_at = p.opted_out_at)
                    or exists (select from messages o where o.sub_account_id = $1 and o.conversation_id = $2 and o.direction = 'out' and o.created_at > p.opted_out_at)
                    or exists (select from ai_answers a where a.sub_account_id = $1 and a.conversation_id = $2 and a.state <> 'thinking' and a.created_at >= p.opted_out_at))
                    then p.opted_out_at end as "opted_out_at?",
                  (select m.id from messages m where m.sub_account_id = $1 and m.conversation_id = $2 and m.direction = 'in' and m.sender = 'contact'
                     and m.kind not in ('system', 'unsupported') and m.revoked_at is null order by m.happened_at desc, m.id desc limit 1) as "newest?: MessageId", clock_timestamp() as "now!"
           from conversations c join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
             join contacts p on p.sub_account_id = c.sub_account_id and p.id = c.contact_id join sub_accounts b on b.id = c.sub_account_id
           where c.sub_account_id = $1 and c.id = $2"#,
        business.0,
        id.0,
        ASSISTANT_SHARE
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Facts {
        conversation: id,
        channel: row.channel,
        is_active: row.is_active,
        mode: match AiMode::parse(&row.mode).unwrap_or(AiMode::Off) {
            AiMode::Auto if row.is_used_up => AiMode::Draft,
            mode => mode,
        },
        owner: Owner::parse(&row.ai_state).unwrap_or(Owner::Human),
        paused_until: row.ai_paused_until,
        opted_out_at: row.opted_out_at,
        window: window(row.kind, row.window_closes_at, row.late_answers, row.now),
        window_closes_at: row.window_closes_at,
        hours: read_hours(row.ai_hours)?,
        zone: row.timezone,
        newest_inbound: row.newest,
        now: row.now,
    })
}
