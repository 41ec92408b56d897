//! What does a worker read and keep of a question that the assistant answers for nobody? It has one result and one cost,
//! whoever cancels it meanwhile.

use chrono::{DateTime, Utc};
use domain::assistant::rehearsal::CaseState;
use domain::assistant::settings::Settings;
use domain::assistant::{LONGEST_ANSWER, Source, Trace};
use domain::language::Language;
use domain::messaging::Sender;
use domain::{ConversationId, MessageId, RehearsalCaseId, RehearsalId};
use serde_json::{Value, json};

use super::super::turn::TurnMessage;
use super::ask::changed;
use crate::messaging::outgoing::business;
use crate::messaging::trimmed::{storable, trimmed};
use crate::{Error, Result, TenantTx};

/// A question that waits for its answer.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The test chat or rehearsal.
    pub run: RehearsalId,
    /// Its place there.
    pub position: i32,
    /// Its words.
    pub question: String,
    /// The customer's message and its conversation. `None` in a test chat.
    pub past: Option<(MessageId, ConversationId)>,
    /// The settings that are tried.
    pub settings: Settings,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
}

/// A question. `None` if it is gone or does not wait any more.
pub async fn asked(tx: &mut TenantTx, id: RehearsalCaseId) -> Result<Option<Asked>> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select c.rehearsal_id as "run: RehearsalId", c.position, c.question, c.created_at, r.settings as "settings: Value", m.id as "message?: MessageId",
                  m.conversation_id as "conversation?: ConversationId"
           from ai_rehearsal_cases c join ai_rehearsals r on r.sub_account_id = c.sub_account_id and r.id = c.rehearsal_id
             left join messages m on m.sub_account_id = c.sub_account_id and m.id = c.trigger_message_id
           where c.sub_account_id = $1 and c.id = $2 and c.state = 'waiting' and r.state = 'running'"#,
        business.0,
        id.0
    );
    let Some(row) = row.fetch_optional(tx.conn()).await? else { return Ok(None) };
    let settings = serde_json::from_value(row.settings)
        .map_err(|error| Error::Unreadable(format!("settings of a rehearsal: {error}")))?;
    Ok(Some(Asked {
        run: row.run,
        position: row.position,
        question: row.question,
        past: row.message.zip(row.conversation),
        settings,
        created_at: row.created_at,
    }))
}

/// What was said in a test chat before the question at this place, oldest first.
pub async fn said_in_chat(tx: &mut TenantTx, run: RehearsalId, position: i32) -> Result<Vec<TurnMessage>> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        r#"select id as "id: MessageId", question, answer, created_at from ai_rehearsal_cases
           where sub_account_id = $1 and rehearsal_id = $2 and position < $3 and state in ('answered', 'handed_over', 'quiet') order by position"#,
        business.0,
        run.0,
        position
    )
    .fetch_all(tx.conn())
    .await?;
    let said = rows.into_iter().flat_map(|row| {
        let message = |sender, text| TurnMessage { id: row.id, sender, text, at: row.created_at };
        [message(Sender::Contact, row.question), message(Sender::Assistant, row.answer)]
    });
    Ok(said.filter(|message| !message.text.is_empty()).collect())
}

/// The name of the business in scope, and its language.
pub async fn business_facts(tx: &mut TenantTx) -> Result<(String, Language)> {
    let business = business(tx)?;
    let row = sqlx::query!("select name, language, country from sub_accounts where id = $1", business.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound)?;
    Ok((row.name, Language::of_business(row.language.as_deref(), row.country.as_deref())))
}

/// Keeps what is written so far of the answer to a question of a test chat, and tells pages. A question of a rehearsal, and one
/// that has its result, stays as it is.
pub async fn saying(tx: &mut TenantTx, id: RehearsalCaseId, so_far: &str) -> Result<()> {
    let business = business(tx)?;
    let run = sqlx::query_scalar!(
        r#"update ai_rehearsal_cases set answer = $3 where sub_account_id = $1 and id = $2 and state = 'waiting' and trigger_message_id is null and answer <> $3
           returning rehearsal_id as "run: RehearsalId""#,
        business.0,
        id.0,
        trimmed(so_far, LONGEST_ANSWER)
    );
    match run.fetch_optional(tx.conn()).await? {
        Some(run) => changed(tx, run).await,
        None => Ok(()),
    }
}

/// What the assistant would do about a question.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// What becomes of it.
    pub state: CaseState,
    /// What would be said; empty if nothing.
    pub answer: &'a str,
    /// Why: the key of a reason to hand over, or a word of ours; empty without one.
    pub reason: &'a str,
    /// What it is taken from.
    pub sources: &'a [Source],
    /// Its steps.
    pub trace: &'a Trace,
    /// Who wrote it; empty if nobody was asked.
    pub provider: &'a str,
    /// The model; empty if none was asked.
    pub model: &'a str,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the answer.
    pub completion_tokens: u32,
    /// The cost in millionths of a US dollar. `None` if the price is not known.
    pub cost_micros: Option<i64>,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<u32>,
}

fn number(of: u32) -> i32 {
    i32::try_from(of).unwrap_or(i32::MAX)
}

/// Keeps what the assistant would do. One that was cancelled meanwhile stays so, with its cost; one that has its result keeps
/// that one. The last question ends the run.
pub async fn finish(tx: &mut TenantTx, id: RehearsalCaseId, outcome: &Outcome<'_>) -> Result<()> {
    let business = business(tx)?;
    let run = sqlx::query_scalar!(
        r#"select r.id as "id: RehearsalId" from ai_rehearsals r join ai_rehearsal_cases c on c.sub_account_id = r.sub_account_id and c.rehearsal_id = r.id
           where c.sub_account_id = $1 and c.id = $2 for update of r"#,
        business.0,
        id.0
    );
    let Some(run) = run.fetch_optional(tx.conn()).await? else { return Ok(()) };
    let (sources, trace) = (storable(&json!(outcome.sources)), storable(&json!(outcome.trace)));
    sqlx::query!(
        "update ai_rehearsal_cases set state = case when state = 'waiting' then $3 else state end, answer = $4, reason = $5, sources = $6, trace = $7, provider = $8, model = $9,
           prompt_tokens = $10, completion_tokens = $11, cost_micros = $12, latency_ms = $13
         where sub_account_id = $1 and id = $2 and state in ('waiting', 'cancelled') and latency_ms is null",
        business.0,
        id.0,
        outcome.state.key(),
        trimmed(outcome.answer, LONGEST_ANSWER),
        trimmed(outcome.reason, 500),
        sources,
        trace,
        trimmed(outcome.provider, 24),
        trimmed(outcome.model, 120),
        number(outcome.prompt_tokens),
        number(outcome.completion_tokens),
        outcome.cost_micros,
        outcome.latency_ms.map(number)
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update ai_rehearsals r set state = 'done', finished_at = now() where r.sub_account_id = $1 and r.id = $2 and r.state = 'running'
           and not exists (select from ai_rehearsal_cases c where c.sub_account_id = $1 and c.rehearsal_id = $2 and c.state = 'waiting')",
        business.0,
        run.0
    )
    .execute(tx.conn())
    .await?;
    changed(tx, run).await
}
