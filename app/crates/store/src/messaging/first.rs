//! Which message of a channel comes first? The oldest one of a conversation that has none on its way.

use chrono::{DateTime, Utc};
use domain::messaging::Sender;
use domain::{BusinessId, ChannelId, ConversationId, MessageId};
use serde_json::Value;
use uuid::Uuid;

use crate::{Result, TenantTx};

/// A message that waits, as its queue, its conversation and its contact say.
pub(super) struct Row {
    pub id: Uuid,
    pub message: MessageId,
    pub conversation: ConversationId,
    pub waited_since: DateTime<Utc>,
    pub kind: String,
    pub sender: String,
    pub is_of_person: bool,
    pub body: String,
    pub details: Value,
    pub reply_to: Option<String>,
    pub address: String,
    pub window_closes_at: Option<DateTime<Utc>>,
    pub is_opted_out: bool,
    pub refuses_marketing: bool,
    pub has_arrived: bool,
    pub is_overtaken: bool,
    pub now: DateTime<Utc>,
}

impl Row {
    /// Whether the assistant wrote it and no person read it.
    pub fn is_automatic(&self) -> bool {
        Sender::parse(&self.sender) == Some(Sender::Assistant) && !self.is_of_person
    }
}

/// The first message of a conversation that has none on its way. An automatic answer is overtaken if a person answered
/// since, or answers here from now on, or if the assistant may say nothing by itself any more.
pub(super) async fn first(tx: &mut TenantTx, business: BusinessId, channel: ChannelId) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select s.id, s.message_id as "message: MessageId", s.conversation_id as "conversation: ConversationId", coalesce(s.not_before, s.created_at) as "waited_since!",
                  m.kind, m.sender, m.sender_user_id is not null as "is_of_person!", m.body, m.details, m.reply_to, c.external_address as address, c.window_closes_at,
                  p.opted_out_at is not null as "is_opted_out!", p.marketing_refused_at is not null as "refuses_marketing!", m.external_id is not null as "has_arrived!",
                  m.sender = 'assistant' and m.sender_user_id is null and (coalesce(p.opted_out_at > m.happened_at, false) or coalesce(c.ai_mode, h.ai_mode) <> 'auto' or c.ai_state = 'human'
                    or exists (select from messages a where a.sub_account_id = $1 and a.conversation_id = s.conversation_id and a.direction = 'out' and a.happened_at > m.happened_at
                      and (a.sender in ('person', 'echo') or a.sender_user_id is not null) and a.status not in ('failed', 'cancelled'))) as "is_overtaken!", now() as "now!"
           from message_sends s join messages m on m.sub_account_id = s.sub_account_id and m.id = s.message_id
             join conversations c on c.sub_account_id = s.sub_account_id and c.id = s.conversation_id
             join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
             join contacts p on p.sub_account_id = c.sub_account_id and p.id = c.contact_id
           where s.sub_account_id = $1 and s.channel_id = $2 and s.state = 'queued' and (s.not_before is null or s.not_before <= now())
             and not exists (select from message_sends b where b.sub_account_id = $1 and b.channel_id = $2 and b.conversation_id = s.conversation_id
               and b.state in ('queued', 'held', 'sending') and b.id <> s.id and (b.seq < s.seq or b.state = 'sending'))
           order by s.seq limit 1"#,
        business.0,
        channel.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}
