//! How is something counted that a business used? Once, however often its cause is reported, and people are told of a limit
//! in the same transaction.

use chrono::{DateTime, Utc};
use domain::notifications::Kind;
use domain::usage::{Level, grouped, level};
use domain::{BusinessId, MessageId};

use crate::events::{self, Event};
use crate::{Result, TenantTx};

/// What one cause adds.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    messages: i64,
    answers: i64,
    tokens: i64,
}

/// Counts a message that the platform took. One that was counted before, or that somebody wrote elsewhere, adds nothing.
/// Other locks of the transaction come first: the counter is one row for the whole business.
pub(crate) async fn sent(tx: &mut TenantTx, business: BusinessId, message: MessageId) -> Result<()> {
    let done = sqlx::query!(
        "update messages set counted_at = now() where sub_account_id = $1 and id = $2 and direction = 'out' and sender <> 'echo' and counted_at is null",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    add(tx, business, Used { messages: 1, ..Used::default() }).await
}

/// Counts what an answer of the assistant cost, and the answer if it was sent. The caller does so once for each.
pub(crate) async fn answered(tx: &mut TenantTx, business: BusinessId, is_sent: bool, tokens: i64) -> Result<()> {
    if !is_sent && tokens <= 0 {
        return Ok(());
    }
    add(tx, business, Used { answers: i64::from(is_sent), tokens: tokens.max(0), ..Used::default() }).await
}

/// The counter of this month after something was added.
struct MonthRow {
    period: String,
    label: String,
    messages: i64,
    warned_at: Option<DateTime<Utc>>,
    stopped_at: Option<DateTime<Utc>>,
    name: String,
    limit: i64,
}

async fn add(tx: &mut TenantTx, business: BusinessId, used: Used) -> Result<()> {
    let rows = sqlx::query_as!(
        MonthRow,
        r#"insert into usage_counters as u (agency_id, sub_account_id, period, period_start, messages, answers, tokens)
           select b.agency_id, b.id, p.period, p.begun, $2::bigint, $3::bigint, $4::bigint from sub_accounts b
             cross join (values ('month', date_trunc('month', now() at time zone 'UTC')::date), ('day', (now() at time zone 'UTC')::date)) p (period, begun)
           where b.id = $1
           on conflict (sub_account_id, period, period_start) do update set messages = u.messages + excluded.messages, answers = u.answers + excluded.answers,
             tokens = u.tokens + excluded.tokens
           returning u.period as "period!", to_char(u.period_start, 'YYYY-MM') as "label!", u.messages as "messages!", u.warned_at, u.stopped_at,
             (select name from sub_accounts where id = u.sub_account_id) as "name!", (select message_limit from sub_accounts where id = u.sub_account_id) as "limit!""#,
        business.0,
        used.messages,
        used.answers,
        used.tokens
    )
    .fetch_all(tx.conn())
    .await?;
    match rows.into_iter().find(|row| row.period == "month") {
        // A business by itself does not see who manages its agency: the next message that a worker counts tells them.
        Some(month) if used.messages > 0 && tx.agency().is_ok() => tell(tx, business, &month).await,
        _ => Ok(()),
    }
}

/// Tells who manages the agency that the limit comes near or is reached, each once in a month and for a limit.
async fn tell(tx: &mut TenantTx, business: BusinessId, month: &MonthRow) -> Result<()> {
    let level = level(month.messages, month.limit);
    let is_told = match level {
        Level::Free => true,
        Level::Near => month.warned_at.is_some() || month.stopped_at.is_some(),
        Level::Reached => month.stopped_at.is_some(),
    };
    if is_told {
        return Ok(());
    }
    let reached = level == Level::Reached;
    sqlx::query!(
        "update usage_counters set warned_at = coalesce(warned_at, now()), stopped_at = case when $2 then now() end
         where sub_account_id = $1 and period = 'month' and period_start = date_trunc('month', now() at time zone 'UTC')::date",
        business.0,
        reached
    )
    .execute(tx.conn())
    .await?;
    let (sent, limit) = (grouped(month.messages, ','), grouped(month.limit, ','));
    let detail = if reached {
        format!("{sent} of {limit} messages are sent. The assistant writes drafts only; people can still answer.")
    } else {
        format!("{sent} of {limit} messages are sent.")
    };
    let stage = if reached { "reached" } else { "near" };
    let event = Event {
        kind: Kind::UsageLimit,
        key: format!("{}:{business}:{}:{limit}:{stage}", Kind::UsageLimit, month.label),
        subject: Some(business.0),
        business: Some(business),
        to: None,
        title: &month.name,
        detail: &detail,
    };
    events::tell(tx, &event).await?;
    tracing::info!(event = "usage.limit", %business, messages = month.messages, limit = month.limit, reached, "a business comes near its limit of messages");
    Ok(())
}
