//! Which answers did the assistant write? The list of a business, newest first, and one answer with its trace.

use chrono::{DateTime, Utc};
use domain::assistant::view::{AnswerLine, AnswerView};
use domain::assistant::{AnswerState, Source, Trace};
use domain::messaging::{AiMode, Channel};
use domain::page::{ListQuery, Page};
use domain::{AnswerId, ConversationId, MessageId};
use serde_json::Value;
use uuid::Uuid;

use crate::messaging::outgoing::business;
use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Result, TenantTx};

/// The sort orders that `list` accepts.
pub const ORDERS: &[&str] = &["-newest"];

/// The keys of states, for the filter.
const STATES: &[&str] = &["thinking", "drafted", "sent", "edited", "dismissed", "dropped", "handed_over", "failed"];

/// The answers of one business. No agency reads them beside it.
pub static LIST: List = List {
    key: "answers",
    from: "ai_answers a join conversations c on c.sub_account_id = a.sub_account_id and c.id = a.conversation_id",
    id: "a.id",
    business: Some("a.sub_account_id"),
    views: &[
        View::new("", ""),
        View::new("drafted", "a.state = 'drafted'"),
        View::new("sent", "a.state in ('sent', 'edited')"),
        View::new("handed_over", "a.state = 'handed_over'"),
        View::new("failed", "a.state = 'failed'"),
    ],
    search: Search::new("c.contact_name || e'\\n' || coalesce(a.draft, '')"),
    filters: &[
        Filter::new("state", "a.state", Kind::Choice(STATES)),
        Filter::new("conversation", "a.conversation_id", Kind::Id),
        Filter::new("created", "a.created_at", Kind::Time),
    ],
    keys: &[Key::time("newest", "a.created_at")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A page of the answers of the business in scope. `q` is part of a name or of an answer.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<AnswerLine>> {
    business(tx)?;
    let within = Within::of(tx);
    let found = LIST.find(tx.conn(), within, query).await?;
    let lines = rows(tx, &found.ids).await?.into_iter().map(|row| row.view(Some(PREVIEW)).line).collect();
    Ok(found.page(lines, |line: &AnswerLine| line.id.0))
}

/// The most characters of a text in the list.
const PREVIEW: usize = 200;

/// One answer with its trace.
pub(super) async fn one(tx: &mut TenantTx, id: AnswerId) -> Result<AnswerView> {
    let row = rows(tx, &[id.0]).await?.pop().ok_or(crate::Error::NotFound)?;
    Ok(row.view(None))
}

struct Row {
    id: AnswerId,
    conversation: ConversationId,
    contact_name: String,
    channel: Channel,
    mode: String,
    state: String,
    question: Option<String>,
    draft: Option<String>,
    reason: Option<String>,
    created_at: DateTime<Utc>,
    trigger: MessageId,
    version: i32,
    sources: Value,
    trace: Value,
    provider: Option<String>,
    model: Option<String>,
    prompt_tokens: i32,
    completion_tokens: i32,
    priced_tokens: i32,
    cost_micros: i64,
    latency_ms: Option<i32>,
    reply: Option<MessageId>,
    decided_by: Option<String>,
    decided_at: Option<DateTime<Utc>>,
}

async fn rows(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Row>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id as "id: AnswerId", a.conversation_id as "conversation: ConversationId", c.contact_name, c.type as "channel: Channel", a.mode, a.state,
                  coalesce(nullif(m.body, ''), '[' || m.kind || ']') as question, a.draft, a.reason, a.created_at, a.trigger_message_id as "trigger: MessageId", a.version,
                  a.sources as "sources: Value", a.trace as "trace: Value", a.provider, a.model, a.prompt_tokens, a.completion_tokens, a.priced_tokens, a.cost_micros, a.latency_ms,
                  a.reply_message_id as "reply: MessageId", coalesce(nullif(u.name, ''), u.email) as "decided_by?", a.decided_at
           from ai_answers a join conversations c on c.sub_account_id = a.sub_account_id and c.id = a.conversation_id
             join messages m on m.sub_account_id = a.sub_account_id and m.id = a.trigger_message_id left join users u on u.id = a.decided_by
           where a.sub_account_id = $1 and a.id = any ($2)"#,
        business.0,
        ids
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

impl Row {
    /// The answer, with texts of at most so many characters.
    fn view(self, most: Option<usize>) -> AnswerView {
        let text = |text: Option<String>| -> String {
            text.unwrap_or_default().chars().take(most.unwrap_or(usize::MAX)).collect()
        };
        let line = AnswerLine {
            id: self.id,
            conversation: self.conversation,
            contact_name: self.contact_name,
            channel: self.channel,
            mode: AiMode::parse(&self.mode).unwrap_or(AiMode::Draft),
            state: AnswerState::parse(&self.state).unwrap_or(AnswerState::Failed),
            question: text(self.question),
            text: text(self.draft),
            reason: self.reason.unwrap_or_default(),
            tokens: i64::from(self.prompt_tokens) + i64::from(self.completion_tokens),
            created_at: self.created_at,
        };
        AnswerView {
            line,
            trigger: self.trigger,
            version: self.version,
            sources: read_sources(self.sources),
            trace: serde_json::from_value::<Trace>(self.trace).unwrap_or_default(),
            provider: self.provider.unwrap_or_default(),
            model: self.model.unwrap_or_default(),
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens,
            priced_tokens: self.priced_tokens,
            cost_micros: self.cost_micros,
            latency_ms: self.latency_ms,
            reply: self.reply,
            decided_by: self.decided_by,
            decided_at: self.decided_at,
        }
    }
}

/// The sources as they are stored. Those that another version wrote in a form of its own are left out.
pub(super) fn read_sources(stored: Value) -> Vec<Source> {
    let Value::Array(sources) = stored else { return Vec::new() };
    sources.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect()
}
