//! What do pages show of rehearsals? Their list, one with its questions, and the test chat that a person is in.

use chrono::{DateTime, Utc};
use domain::assistant::Trace;
use domain::assistant::rehearsal::{CaseState, CaseView, Mark, RunKind, RunLine, RunState, RunView, Tally};
use domain::messaging::Sender;
use domain::{ConversationId, RehearsalCaseId, RehearsalId, UserId};
use serde_json::Value;

use super::super::list::read_sources;
use crate::messaging::outgoing::business;
use crate::{Error, Result, TenantTx};

/// The most rehearsals of the list: more than a business begins in the days that they are kept.
const LISTED: i64 = 50;

struct Row {
    id: RehearsalId,
    kind: String,
    state: String,
    is_published: bool,
    settings: Value,
    created_at: DateTime<Utc>,
    by: Option<String>,
    states: Vec<String>,
}

impl Row {
    fn line(&self) -> RunLine {
        let states = self.states.iter().map(|state| CaseState::parse(state).unwrap_or(CaseState::Failed));
        let tally = Tally::of(states);
        // The last question may be gone with its message.
        let state = RunState::parse(&self.state).filter(|state| *state != RunState::Running || tally.waiting > 0);
        RunLine {
            id: self.id,
            state: state.unwrap_or(RunState::Done),
            is_published: self.is_published,
            created_at: self.created_at,
            by: self.by.clone(),
            tally,
        }
    }
}

/// The rehearsals of the business, the newest first.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<RunLine>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Row,
        r#"select r.id as "id: RehearsalId", r.kind, r.state, r.is_published, r.settings as "settings: Value", r.created_at, coalesce(nullif(u.name, ''), u.email) as "by?",
                  array(select c.state from ai_rehearsal_cases c where c.sub_account_id = $1 and c.rehearsal_id = r.id order by c.position) as "states!"
           from ai_rehearsals r left join users u on u.id = r.user_id
           where r.sub_account_id = $1 and r.kind = 'rehearsal' order by r.created_at desc, r.id desc limit $2"#,
        business.0,
        LISTED
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.iter().map(Row::line).collect())
}

/// A rehearsal or test chat with its questions. Returns `NotFound` if there is none.
pub async fn get(tx: &mut TenantTx, id: RehearsalId) -> Result<RunView> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Row,
        r#"select r.id as "id: RehearsalId", r.kind, r.state, r.is_published, r.settings as "settings: Value", r.created_at, coalesce(nullif(u.name, ''), u.email) as "by?",
                  array(select c.state from ai_rehearsal_cases c where c.sub_account_id = $1 and c.rehearsal_id = r.id order by c.position) as "states!"
           from ai_rehearsals r left join users u on u.id = r.user_id where r.sub_account_id = $1 and r.id = $2"#,
        business.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    let (line, kind) = (row.line(), RunKind::parse(&row.kind).ok_or(Error::NotFound)?);
    let settings = serde_json::from_value(row.settings)
        .map_err(|error| Error::Unreadable(format!("settings of a rehearsal: {error}")))?;
    Ok(RunView { line, kind, settings, cases: cases(tx, id).await? })
}

/// The test chat that a person began last, if that is less than a day ago.
pub async fn chat(tx: &mut TenantTx, of: UserId) -> Result<Option<RunView>> {
    let business = business(tx)?;
    let id = sqlx::query_scalar!(
        r#"select id as "id: RehearsalId" from ai_rehearsals where sub_account_id = $1 and kind = 'chat' and user_id = $2 and created_at > now() - interval '1 day'
           order by created_at desc, id desc limit 1"#,
        business.0,
        of.0
    );
    match id.fetch_optional(tx.conn()).await? {
        Some(id) => Ok(Some(get(tx, id).await?)),
        None => Ok(None),
    }
}

struct CaseRow {
    id: RehearsalCaseId,
    conversation: Option<ConversationId>,
    question: String,
    then_text: String,
    then_sender: Option<String>,
    state: String,
    answer: String,
    reason: String,
    sources: Value,
    trace: Value,
    provider: String,
    model: String,
    prompt_tokens: i32,
    completion_tokens: i32,
    cost_micros: Option<i64>,
    latency_ms: Option<i32>,
    mark: Option<String>,
}

impl From<CaseRow> for CaseView {
    fn from(row: CaseRow) -> Self {
        Self {
            id: row.id,
            conversation: row.conversation,
            question: row.question,
            then_text: row.then_text,
            then_sender: row.then_sender.as_deref().and_then(Sender::parse),
            state: CaseState::parse(&row.state).unwrap_or(CaseState::Failed),
            answer: row.answer,
            reason: row.reason,
            sources: read_sources(row.sources),
            trace: serde_json::from_value::<Trace>(row.trace).unwrap_or_default(),
            provider: row.provider,
            model: row.model,
            prompt_tokens: row.prompt_tokens,
            completion_tokens: row.completion_tokens,
            cost_micros: row.cost_micros,
            latency_ms: row.latency_ms,
            mark: row.mark.as_deref().and_then(Mark::parse),
        }
    }
}

async fn cases(tx: &mut TenantTx, run: RehearsalId) -> Result<Vec<CaseView>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        CaseRow,
        r#"select c.id as "id: RehearsalCaseId", m.conversation_id as "conversation?: ConversationId", c.question, c.then_text, c.then_sender, c.state, c.answer, c.reason,
                  c.sources as "sources: Value", c.trace as "trace: Value", c.provider, c.model, c.prompt_tokens, c.completion_tokens, c.cost_micros, c.latency_ms, c.mark
           from ai_rehearsal_cases c left join messages m on m.sub_account_id = c.sub_account_id and m.id = c.trigger_message_id
           where c.sub_account_id = $1 and c.rehearsal_id = $2 order by c.position"#,
        business.0,
        run.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(CaseView::from).collect())
}
