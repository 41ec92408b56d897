//! What did the assistant make of a message? One answer to each, from its beginning to what a person decided about it, and
//! the counts by which it is held back.

use domain::assistant::view::{AnswerView, DraftView};
use domain::assistant::{AnswerState, LONGEST_ANSWER, Source, Trace};
use domain::messaging::AiMode;
use domain::{AnswerId, ConversationId, MessageId, UserId};
use serde_json::{Value, json};

pub use super::list::list;
use super::list::{self, read_sources};
pub use crate::messaging::ending::drop_drafts;
use crate::messaging::outgoing::{business, changed};
use crate::messaging::trimmed::{storable, trimmed};
use crate::{Error, Result, TenantTx, new_id, usage};

/// An answer that is begun.
#[derive(Clone, Copy, Debug)]
pub struct NewAnswer {
    /// The conversation.
    pub conversation: ConversationId,
    /// The message that it answers: the customer's newest.
    pub trigger: MessageId,
    /// The version of the settings; 0 for those that nobody published.
    pub version: i32,
    /// Whether it becomes a draft or is sent.
    pub mode: AiMode,
}

/// How an answer ends, or waits for a person.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// What becomes of it.
    pub state: AnswerState,
    /// Its text.
    pub text: Option<&'a str>,
    /// Why: the key of a reason to hand over, or a word of ours.
    pub reason: Option<&'a str>,
    /// What it is taken from.
    pub sources: &'a [Source],
    /// Its steps.
    pub trace: &'a Trace,
    /// Who wrote it: `local`, `openai` or `anthropic`.
    pub provider: Option<&'a str>,
    /// The model, as its provider calls it.
    pub model: Option<&'a str>,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<u32>,
    /// The first message that was sent with it.
    pub reply: Option<MessageId>,
}

/// Begins the answer to a message. One that was begun before and never ended is gone on with. `None` if the message has
/// one that ended, or a draft.
pub async fn begin(tx: &mut TenantTx, new: &NewAnswer) -> Result<Option<AnswerId>> {
    let business = business(tx)?;
    let begun = sqlx::query_scalar!(
        r#"insert into ai_answers (id, sub_account_id, conversation_id, trigger_message_id, version, mode) values ($1, $2, $3, $4, $5, $6)
           on conflict (sub_account_id, conversation_id, trigger_message_id) do update set version = excluded.version, mode = excluded.mode where ai_answers.state = 'thinking'
           returning id as "id: AnswerId""#,
        new_id::<AnswerId>().0,
        business.0,
        new.conversation.0,
        new.trigger.0,
        new.version,
        new.mode.key()
    );
    Ok(begun.fetch_optional(tx.conn()).await?)
}

/// Ends an answer, or leaves it as a draft. Texts that are too long are cut. Returns `Stale` if it ended before.
pub async fn finish(tx: &mut TenantTx, id: AnswerId, outcome: &Outcome<'_>) -> Result<()> {
    let business = business(tx)?;
    let (sources, trace) = (storable(&json!(outcome.sources)), storable(&json!(outcome.trace)));
    let conversation = sqlx::query_scalar!(
        r#"update ai_answers set state = $3, draft = $4, reason = $5, sources = $6, trace = $7, provider = $8, model = $9, latency_ms = $10, reply_message_id = $11
           where sub_account_id = $1 and id = $2 and state = 'thinking' returning conversation_id as "conversation: ConversationId""#,
        business.0,
        id.0,
        outcome.state.key(),
        outcome.text.map(|text| trimmed(text, LONGEST_ANSWER)),
        outcome.reason.map(|reason| trimmed(reason, 500)),
        sources,
        trace,
        outcome.provider.map(|provider| trimmed(provider, 24)),
        outcome.model.map(|model| trimmed(model, 120)),
        outcome.latency_ms.map(|ms| i32::try_from(ms).unwrap_or(i32::MAX)),
        outcome.reply.map(|message| message.0)
    )
    .fetch_optional(tx.conn())
    .await?;
    changed(tx, conversation.ok_or(Error::Stale)?).await?;
    usage::answered(tx, business, outcome.state == AnswerState::Sent).await
}

/// The draft that waits in a conversation, the newest if there are several. One that a newer message of the customer overtook
/// waits no more.
pub async fn draft(tx: &mut TenantTx, conversation: ConversationId) -> Result<Option<DraftView>> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select id as "id: AnswerId", trigger_message_id as "trigger: MessageId", draft as "draft!", sources as "sources: Value", created_at from ai_answers
           where sub_account_id = $1 and conversation_id = $2 and state = 'drafted' and draft is not null
             and not exists (select from messages t join messages n on n.sub_account_id = t.sub_account_id and n.conversation_id = t.conversation_id
               where t.sub_account_id = $1 and t.id = trigger_message_id and n.direction = 'in' and n.sender = 'contact' and n.kind not in ('system', 'unsupported')
                 and n.revoked_at is null and (n.happened_at, n.id) > (t.happened_at, t.id))
           order by created_at desc, id desc limit 1"#,
        business.0,
        conversation.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| DraftView {
        answer: row.id,
        trigger: row.trigger,
        text: row.draft,
        sources: read_sources(row.sources),
        created_at: row.created_at,
    }))
}

/// One answer with its trace.
pub async fn get(tx: &mut TenantTx, id: AnswerId) -> Result<AnswerView> {
    list::one(tx, id).await
}

/// Says what a person decided about a draft, and which message was sent for it. Returns `Stale` if it waits no more.
pub async fn decide(
    tx: &mut TenantTx,
    id: AnswerId,
    state: AnswerState,
    by: UserId,
    reply: Option<MessageId>,
) -> Result<()> {
    let business = business(tx)?;
    let conversation = sqlx::query_scalar!(
        r#"update ai_answers set state = $3, decided_by = $4, decided_at = now(), reply_message_id = $5
           where sub_account_id = $1 and id = $2 and state = 'drafted' returning conversation_id as "conversation: ConversationId""#,
        business.0,
        id.0,
        state.key(),
        by.0,
        reply.map(|message| message.0)
    )
    .fetch_optional(tx.conn())
    .await?;
    changed(tx, conversation.ok_or(Error::Stale)?).await?;
    usage::answered(tx, business, matches!(state, AnswerState::Sent | AnswerState::Edited)).await
}

/// Number of automatic answers in a conversation, without those that never arrived, since a person of the business last wrote,
/// or gave the conversation back.
pub async fn replies_in_a_row(tx: &mut TenantTx, conversation: ConversationId) -> Result<i64> {
    let business = business(tx)?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ai_answers where sub_account_id = $1 and conversation_id = $2 and state = 'sent' and decided_by is null
             and not exists (select from messages m where m.sub_account_id = $1 and m.id = reply_message_id and m.status in ('failed', 'cancelled'))
             and created_at > (select greatest('-infinity', ai_since, last_person_at) from conversations where sub_account_id = $1 and id = $2)"#,
        business.0,
        conversation.0
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Number of automatic answers in a conversation within the last hour.
pub async fn replies_last_hour(tx: &mut TenantTx, conversation: ConversationId) -> Result<i64> {
    let business = business(tx)?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ai_answers where sub_account_id = $1 and conversation_id = $2 and state = 'sent' and decided_by is null
             and not exists (select from messages m where m.sub_account_id = $1 and m.id = reply_message_id and m.status in ('failed', 'cancelled'))
             and created_at > now() - interval '1 hour'"#,
        business.0,
        conversation.0
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Number of answers in a conversation within the last hour that a model was paid for, whatever became of them.
pub async fn asked_last_hour(tx: &mut TenantTx, conversation: ConversationId) -> Result<i64> {
    let business = business(tx)?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ai_answers where sub_account_id = $1 and conversation_id = $2 and prompt_tokens > 0 and created_at > now() - interval '1 hour'"#,
        business.0,
        conversation.0
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Whether the assistant ever answered in a conversation by itself: whoever was told once that no person answers knows it.
pub async fn answered_before(tx: &mut TenantTx, conversation: ConversationId) -> Result<bool> {
    let business = business(tx)?;
    let is_known = sqlx::query_scalar!(
        r#"select exists (select from ai_answers where sub_account_id = $1 and conversation_id = $2 and state = 'sent' and decided_by is null
             and not exists (select from messages m where m.sub_account_id = $1 and m.id = reply_message_id and m.status in ('failed', 'cancelled'))) as "is_known!""#,
        business.0,
        conversation.0
    );
    Ok(is_known.fetch_one(tx.conn()).await?)
}
