//! How is something counted that a business used? Once, however often its cause is reported, and people are told of a limit
//! in the same transaction.

use chrono::{DateTime, NaiveDate, Utc};
use domain::usage::Today;
use domain::{BusinessId, MessageId};

use super::told::{self, Counter, Unit};
use crate::{Result, TenantTx};

/// What one cause adds.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    messages: i64,
    answers: i64,
    tokens: i64,
    priced_tokens: i64,
    micros: i64,
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
    add(tx, business, Used { messages: 1, ..Used::default() }, 0).await
}

/// Counts an answer of the assistant if it was sent. The caller does so once for each.
pub(crate) async fn answered(tx: &mut TenantTx, business: BusinessId, is_sent: bool) -> Result<()> {
    if !is_sent {
        return Ok(());
    }
    add(tx, business, Used { answers: 1, ..Used::default() }, 0).await
}

/// Counts a call of the language model: its tokens, and what they cost in millionths of a US dollar, if that is known. `own`
/// is what the business lets its assistant spend in a day; 0 if it says nothing.
pub(crate) async fn asked(
    tx: &mut TenantTx,
    business: BusinessId,
    tokens: i64,
    micros: Option<i64>,
    own: u32,
) -> Result<()> {
    if tokens <= 0 {
        return Ok(());
    }
    let priced_tokens = if micros.is_some() { tokens } else { 0 };
    let micros = micros.unwrap_or(0).max(0);
    add(tx, business, Used { tokens, priced_tokens, micros, ..Used::default() }, own).await
}

/// A counter of a day or month after something was added.
struct Row {
    period: String,
    begun: NaiveDate,
    label: String,
    messages: i64,
    tokens: i64,
    warned_at: Option<DateTime<Utc>>,
    stopped_at: Option<DateTime<Utc>>,
    name: String,
    message_limit: i64,
    token_limit: i64,
}

async fn add(tx: &mut TenantTx, business: BusinessId, used: Used, own: u32) -> Result<()> {
    let rows = sqlx::query_as!(
        Row,
        r#"insert into usage_counters as u (agency_id, sub_account_id, period, period_start, messages, answers, tokens, priced_tokens, cost_micros)
           select b.agency_id, b.id, p.period, p.begun, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6::bigint from sub_accounts b
             cross join (values ('month', date_trunc('month', now() at time zone 'UTC')::date), ('day', (now() at time zone 'UTC')::date)) p (period, begun)
           where b.id = $1
           on conflict (sub_account_id, period, period_start) do update set messages = u.messages + excluded.messages, answers = u.answers + excluded.answers,
             tokens = u.tokens + excluded.tokens, priced_tokens = u.priced_tokens + excluded.priced_tokens, cost_micros = u.cost_micros + excluded.cost_micros
           returning u.period as "period!", u.period_start as "begun!", to_char(u.period_start, case u.period when 'day' then 'YYYY-MM-DD' else 'YYYY-MM' end) as "label!",
             u.messages as "messages!", u.tokens as "tokens!", u.warned_at, u.stopped_at, (select name from sub_accounts where id = u.sub_account_id) as "name!",
             (select message_limit from sub_accounts where id = u.sub_account_id) as "message_limit!", (select token_limit from sub_accounts where id = u.sub_account_id) as "token_limit!""#,
        business.0,
        used.messages,
        used.answers,
        used.tokens,
        used.priced_tokens,
        used.micros
    )
    .fetch_all(tx.conn())
    .await?;
    // A business by itself does not see who manages its agency: the next one that a worker counts tells them.
    if tx.agency().is_err() {
        return Ok(());
    }
    for row in rows {
        let counter = match (row.period == "month", used) {
            (true, Used { messages: 1.., .. }) => row.messages(),
            (false, Used { tokens: 1.., .. }) => row.tokens(own),
            _ => continue,
        };
        told::tell(tx, business, &counter).await?;
    }
    Ok(())
}

impl Row {
    /// The messages of a month.
    fn messages(self) -> Counter {
        let (used, limit) = (self.messages, self.message_limit);
        self.counter(Unit::Messages, used, limit)
    }

    /// The tokens of a day, under the lower one of both limits.
    fn tokens(self, own: u32) -> Counter {
        let today = Today { tokens: self.tokens, limit: self.token_limit }.within(own);
        self.counter(Unit::Tokens, today.tokens, today.limit)
    }

    fn counter(self, unit: Unit, used: i64, limit: i64) -> Counter {
        let Self { period, begun, label, warned_at, stopped_at, name, .. } = self;
        Counter {
            unit,
            period,
            begun,
            label,
            used,
            limit,
            is_warned: warned_at.is_some(),
            is_stopped: stopped_at.is_some(),
            name,
        }
    }
}
