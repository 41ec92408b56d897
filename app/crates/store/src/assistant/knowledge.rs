//! What does the assistant of a business know? Questions with their answers, texts, and what pages and files say; all are cut
//! into the passages that are searched.

use chrono::{DateTime, Utc};
use domain::KnowledgeId;
use domain::assistant::sources::{Problem, SourceState};
use domain::assistant::view::{KnowledgeLine, KnowledgeView};
use domain::assistant::{KnowledgeKind, passages};
use domain::page::{ListQuery, Page};
use serde_json::json;

pub use super::search::{Passage, search};
use crate::messaging::outgoing::business;
use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Error, Result, TenantTx, found, new_id, outbox};

/// What `Refused` carries when a business has as many passages as a search reads in time.
pub const FULL: &str = "knowledge_full";
/// The most passages of a business.
const MOST_PASSAGES: i64 = 5000;

/// The sort orders that `list` accepts.
pub const ORDERS: &[&str] = &["-updated"];

/// What one business knows. No agency reads it beside it.
pub static LIST: List = List {
    key: "knowledge",
    from: "knowledge k",
    id: "k.id",
    business: Some("k.sub_account_id"),
    views: &[
        View::new("", ""),
        View::new("qa", "k.kind = 'qa'"),
        View::new("text", "k.kind = 'text'"),
        View::new("page", "k.kind = 'page'"),
        View::new("file", "k.kind = 'file'"),
    ],
    search: Search::new("k.title || e'\\n' || k.question || e'\\n' || k.origin || e'\\n' || k.content"),
    filters: &[Filter::new("kind", "k.kind", Kind::Choice(&["qa", "text", "page", "file"]))],
    keys: &[Key::time("updated", "k.updated_at")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

struct Row {
    id: KnowledgeId,
    kind: String,
    title: String,
    content: String,
    passages: i64,
    origin: String,
    state: String,
    updated_at: DateTime<Utc>,
}

/// A page of what the business in scope knows, what was changed last first. `q` is part of a title, question or text.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<KnowledgeLine>> {
    let business = business(tx)?;
    let within = Within::of(tx);
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"select k.id as "id: KnowledgeId", k.kind, coalesce(nullif(k.title, ''), nullif(k.question, ''), k.origin) as "title!", left(k.content, 200) as "content!",
                  (select count(*) from knowledge_passages p where p.sub_account_id = $1 and p.knowledge_id = k.id) as "passages!", k.origin, k.state, k.updated_at
           from knowledge k where k.sub_account_id = $1 and k.id = any ($2)"#,
        business.0,
        &found.ids
    )
    .fetch_all(tx.conn())
    .await?;
    let lines = rows.into_iter().map(|row| KnowledgeLine {
        id: row.id,
        kind: kind(&row.kind),
        title: row.title,
        content: row.content,
        passages: row.passages,
        origin: row.origin,
        state: state(&row.state),
        updated_at: row.updated_at,
    });
    Ok(found.page(lines.collect(), |line: &KnowledgeLine| line.id.0))
}

/// Whether the business told its assistant anything. Drafts are the beginning of every channel: without anything to draft
/// from, people are not bothered by hand-overs.
pub async fn knows_anything(tx: &mut TenantTx) -> Result<bool> {
    let business = business(tx)?;
    let known = sqlx::query_scalar!(
        r#"select exists (select from knowledge_passages where sub_account_id = $1) as "known!""#,
        business.0
    );
    Ok(known.fetch_one(tx.conn()).await?)
}

fn kind(stored: &str) -> KnowledgeKind {
    KnowledgeKind::parse(stored).unwrap_or(KnowledgeKind::Text)
}

fn state(stored: &str) -> SourceState {
    SourceState::parse(stored).unwrap_or(SourceState::Ready)
}

/// One source with its passages.
pub async fn get(tx: &mut TenantTx, id: KnowledgeId) -> Result<KnowledgeView> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select k.kind, k.title, k.question, k.content, k.origin, k.state, k.problem, k.read_at, k.updated_at,
                  array(select p.content from knowledge_passages p where p.sub_account_id = $1 and p.knowledge_id = $2 order by p.position) as "passages!: Vec<String>"
           from knowledge k where k.sub_account_id = $1 and k.id = $2"#,
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(KnowledgeView {
        id,
        kind: kind(&row.kind),
        title: row.title,
        question: row.question,
        content: row.content,
        passages: row.passages,
        origin: row.origin,
        state: state(&row.state),
        problem: row.problem.as_deref().and_then(Problem::parse),
        read_at: row.read_at,
        updated_at: row.updated_at,
    })
}

/// Adds a question and its answer. Both are checked. Returns `Refused(FULL)` if the business has too many passages.
pub async fn add_qa(tx: &mut TenantTx, question: &str, answer: &str) -> Result<KnowledgeId> {
    add(tx, KnowledgeKind::Qa, question, answer).await
}

/// Adds a text with its title. Both are checked. Returns `Refused(FULL)` if the business has too many passages.
pub async fn add_text(tx: &mut TenantTx, title: &str, content: &str) -> Result<KnowledgeId> {
    add(tx, KnowledgeKind::Text, title, content).await
}

async fn add(tx: &mut TenantTx, kind: KnowledgeKind, heading: &str, content: &str) -> Result<KnowledgeId> {
    let (business, id) = (business(tx)?, new_id::<KnowledgeId>());
    sqlx::query!(
        "insert into knowledge (id, sub_account_id, kind, title, question, content)
         values ($1, $2, $3, case when $3 = 'text' then $4::text else '' end, case when $3 = 'qa' then $4::text else '' end, $5)",
        id.0,
        business.0,
        kind.key(),
        heading,
        content
    )
    .execute(tx.conn())
    .await?;
    cut(tx, id, heading, content).await?;
    changed(tx, id).await?;
    Ok(id)
}

/// Changes a source: its title or question, and its text or answer. Returns `Refused(FULL)` if the business has too many
/// passages.
pub async fn change(tx: &mut TenantTx, id: KnowledgeId, heading: &str, content: &str) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update knowledge set title = case when kind = 'text' then $3 else '' end, question = case when kind = 'qa' then $3 else '' end, content = $4
         where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        heading,
        content
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    cut(tx, id, heading, content).await?;
    changed(tx, id).await
}

/// Removes a source. Answers that were taken from it keep what they said.
pub async fn delete(tx: &mut TenantTx, id: KnowledgeId) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!("delete from knowledge where sub_account_id = $1 and id = $2", business.0, id.0)
        .execute(tx.conn())
        .await?;
    found(done.rows_affected())?;
    changed(tx, id).await
}

/// Replaces the passages of a source. Returns `Refused(FULL)` if the business has too many of them.
pub(super) async fn cut(tx: &mut TenantTx, id: KnowledgeId, heading: &str, content: &str) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!("delete from knowledge_passages where sub_account_id = $1 and knowledge_id = $2", business.0, id.0)
        .execute(tx.conn())
        .await?;
    let passages = passages::split(content);
    sqlx::query!(
        "insert into knowledge_passages (sub_account_id, knowledge_id, position, heading, content)
         select $1, $2, n - 1, $3, content from unnest($4::text[]) with ordinality as p (content, n)",
        business.0,
        id.0,
        heading,
        &passages
    )
    .execute(tx.conn())
    .await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from knowledge_passages where sub_account_id = $1"#,
        business.0
    )
    .fetch_one(tx.conn())
    .await?;
    if count > MOST_PASSAGES { Err(Error::Refused(FULL.to_owned())) } else { Ok(()) }
}

pub(super) async fn changed(tx: &mut TenantTx, id: KnowledgeId) -> Result<()> {
    outbox::add(tx, "knowledge.changed", Some(id.0), &json!({})).await
}
