//! How is the assistant asked for nobody? A test chat or a rehearsal begins with the settings that it tries, gets its questions,
//! each of them a piece of work, and may be cancelled; what a person makes of an answer is kept.

use domain::assistant::rehearsal::{LONGEST_THEN, Mark, RunKind};
use domain::assistant::settings::Settings;
use domain::messaging::Sender;
use domain::work::Kind;
use domain::{MessageId, RehearsalCaseId, RehearsalId, UserId};
use serde_json::json;
use sqlx::types::Json;

use crate::messaging::outgoing::business;
use crate::messaging::trimmed::trimmed;
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, new_id, outbox};

/// A test chat or a rehearsal that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    /// What asks.
    pub kind: RunKind,
    /// Whether the settings in use are tried, and not the saved ones.
    pub is_published: bool,
    /// The version in use; 0 if there is none.
    pub version: i32,
    /// The settings that are tried.
    pub settings: &'a Settings,
    /// Who begins it.
    pub by: UserId,
}

/// A question.
#[derive(Clone, Copy, Debug)]
pub struct NewCase<'a> {
    /// Its words. What is longer than 8,000 characters is cut.
    pub question: &'a str,
    /// The customer's message. `None` in a test chat.
    pub trigger: Option<MessageId>,
    /// What was said to it; empty in a test chat.
    pub then_text: &'a str,
    /// Who said it.
    pub then_sender: Option<Sender>,
}

/// The most characters of a question (`ai_rehearsal_cases.question`).
const LONGEST_QUESTION: usize = 8000;

/// Lets other transactions of the business that begin or ask something wait until this one ends, so that what is counted holds.
pub async fn one_at_a_time(tx: &mut TenantTx) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('rehearsal:' || $1::uuid::text, 0)) as locked",
        business.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Begins a test chat or a rehearsal, still without a question.
pub async fn begin(tx: &mut TenantTx, new: &NewRun<'_>) -> Result<RehearsalId> {
    let (business, id) = (business(tx)?, new_id::<RehearsalId>());
    sqlx::query!(
        "insert into ai_rehearsals (id, sub_account_id, kind, is_published, version, settings, user_id) values ($1, $2, $3, $4, $5, $6, $7)",
        id.0,
        business.0,
        new.kind.key(),
        new.is_published,
        new.version,
        Json(new.settings) as _,
        new.by.0
    )
    .execute(tx.conn())
    .await?;
    changed(tx, id).await?;
    Ok(id)
}

/// Adds a question at its place and lets a worker ask it. A test chat that was done goes on.
pub async fn add(tx: &mut TenantTx, run: RehearsalId, position: usize, new: &NewCase<'_>) -> Result<RehearsalCaseId> {
    let (business, id) = (business(tx)?, new_id::<RehearsalCaseId>());
    sqlx::query!(
        "update ai_rehearsals set state = 'running', finished_at = null where sub_account_id = $1 and id = $2 and state = 'done'",
        business.0,
        run.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into ai_rehearsal_cases (id, sub_account_id, rehearsal_id, position, trigger_message_id, question, then_text, then_sender) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        business.0,
        run.0,
        i32::try_from(position).unwrap_or(i32::MAX),
        new.trigger.map(|message| message.0),
        trimmed(new.question, LONGEST_QUESTION),
        trimmed(new.then_text, LONGEST_THEN),
        new.then_sender.map(Sender::key)
    )
    .execute(tx.conn())
    .await?;
    queue::add(tx, &Work::new(Kind::RehearseCase).subject(id.0).once(format!("rehearse:{id}"))).await?;
    changed(tx, run).await?;
    Ok(id)
}

/// Number of runs of this kind that began within the last 24 hours.
pub async fn begun_today(tx: &mut TenantTx, kind: RunKind) -> Result<i64> {
    let business = business(tx)?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ai_rehearsals where sub_account_id = $1 and kind = $2 and created_at > now() - interval '1 day'"#,
        business.0,
        kind.key()
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Whether a rehearsal of the business waits for answers.
pub async fn runs(tx: &mut TenantTx) -> Result<bool> {
    let business = business(tx)?;
    let runs = sqlx::query_scalar!(
        r#"select exists (select from ai_rehearsals r join ai_rehearsal_cases c on c.sub_account_id = r.sub_account_id and c.rehearsal_id = r.id
             where r.sub_account_id = $1 and r.kind = 'rehearsal' and r.state = 'running' and c.state = 'waiting') as "runs!""#,
        business.0
    );
    Ok(runs.fetch_one(tx.conn()).await?)
}

/// Number of questions of test chats within the last 24 hours.
pub async fn asked_today(tx: &mut TenantTx) -> Result<i64> {
    let business = business(tx)?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ai_rehearsal_cases where sub_account_id = $1 and trigger_message_id is null and created_at > now() - interval '1 day'"#,
        business.0
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Cancels a rehearsal: what waits is not asked any more. Returns `NotFound` if there is no such rehearsal, and `Stale` if it
/// ended before.
pub async fn cancel(tx: &mut TenantTx, run: RehearsalId) -> Result<()> {
    let business = business(tx)?;
    let state = sqlx::query_scalar!(
        "select state from ai_rehearsals where sub_account_id = $1 and id = $2 and kind = 'rehearsal' for update",
        business.0,
        run.0
    );
    match state.fetch_optional(tx.conn()).await?.as_deref() {
        None => return Err(Error::NotFound),
        Some("running") => {}
        Some(_) => return Err(Error::Stale),
    }
    sqlx::query!(
        "update ai_rehearsals set state = 'cancelled', finished_at = now() where sub_account_id = $1 and id = $2",
        business.0,
        run.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update ai_rehearsal_cases set state = 'cancelled' where sub_account_id = $1 and rehearsal_id = $2 and state = 'waiting'",
        business.0,
        run.0
    )
    .execute(tx.conn())
    .await?;
    changed(tx, run).await
}

/// Keeps what a person makes of an answer. Returns `NotFound` if there is no such question of a rehearsal that has its result.
pub async fn mark(tx: &mut TenantTx, case: RehearsalCaseId, mark: Mark) -> Result<RehearsalId> {
    let business = business(tx)?;
    let run = sqlx::query_scalar!(
        r#"update ai_rehearsal_cases set mark = $3 where sub_account_id = $1 and id = $2 and trigger_message_id is not null and state in ('answered', 'handed_over', 'quiet')
           returning rehearsal_id as "run: RehearsalId""#,
        business.0,
        case.0,
        mark.key()
    );
    let run = run.fetch_optional(tx.conn()).await?.ok_or(Error::NotFound)?;
    changed(tx, run).await?;
    Ok(run)
}

/// Tells pages that a run changed.
pub(super) async fn changed(tx: &mut TenantTx, run: RehearsalId) -> Result<()> {
    outbox::add(tx, "rehearsal.changed", Some(run.0), &json!({})).await
}
