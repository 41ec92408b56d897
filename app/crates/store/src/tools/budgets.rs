//! How much may a token call in a day, and how much did it today? Days are those of UTC.

use domain::ApiTokenId;
use domain::tools::{Budget, Limits};
use serde_json::json;
use uuid::Uuid;

use crate::messaging::outgoing::business;
use crate::{Result, TenantTx, new_id, outbox};

/// The calls in a day of a token for which nobody chose another number.
pub const USUAL_CALLS: i32 = 5000;
/// The calls in a day that change something, of such a token.
pub const USUAL_WRITES: i32 = 500;

/// What a call would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The calls of a day.
    Calls(i32),
    /// The calls of a day that change something.
    Writes(i32),
    /// The money of a day, in millionths.
    Money(i64),
}

/// What a call takes of a day beside itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// It changes something.
    pub writes: bool,
    /// It sends a message that costs.
    pub paid: bool,
}

/// What a token may do in a day, and did today.
pub async fn of_token(tx: &mut TenantTx, token: ApiTokenId) -> Result<Budget> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select (select calls from tool_budgets where sub_account_id = $1 and token_id = $2) as calls,
                  (select writes from tool_budgets where sub_account_id = $1 and token_id = $2) as writes,
                  (select money_micros from tool_budgets where sub_account_id = $1 and token_id = $2) as money,
                  (select price_micros from tool_budgets where sub_account_id = $1 and token_id = $2) as price,
                  (select spent_micros from tool_days where sub_account_id = $1 and token_id = $2 and day = (now() at time zone 'utc')::date) as spent_today,
                  (select calls from tool_days where sub_account_id = $1 and token_id = $2 and day = (now() at time zone 'utc')::date) as calls_today,
                  (select writes from tool_days where sub_account_id = $1 and token_id = $2 and day = (now() at time zone 'utc')::date) as writes_today,
                  (select refused from tool_days where sub_account_id = $1 and token_id = $2 and day = (now() at time zone 'utc')::date) as refused_today"#,
        business.0,
        token.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Budget {
        calls: row.calls.unwrap_or(USUAL_CALLS),
        writes: row.writes.unwrap_or(USUAL_WRITES),
        money: row.money,
        price: row.price.unwrap_or(0),
        spent_today: row.spent_today.unwrap_or(0),
        calls_today: row.calls_today.unwrap_or(0),
        writes_today: row.writes_today.unwrap_or(0),
        refused_today: row.refused_today.unwrap_or(0),
    })
}

/// Stores what a token may do in a day.
pub async fn save(tx: &mut TenantTx, token: ApiTokenId, limits: &Limits) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "insert into tool_budgets (id, sub_account_id, token_id, calls, writes, money_micros, price_micros) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (sub_account_id, token_id) do update
           set calls = excluded.calls, writes = excluded.writes, money_micros = excluded.money_micros, price_micros = excluded.price_micros",
        new_id::<Uuid>(),
        business.0,
        token.0,
        limits.calls,
        limits.writes,
        limits.money,
        limits.price
    )
    .execute(tx.conn())
    .await?;
    outbox::add(tx, "tool_policy.changed", Some(token.0), &json!({})).await
}

/// Counts a call that is refused.
pub async fn count_refused(tx: &mut TenantTx, token: ApiTokenId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "insert into tool_days as d (id, sub_account_id, token_id, day, refused) values ($1, $2, $3, (now() at time zone 'utc')::date, 1)
         on conflict (sub_account_id, token_id, day) do update set refused = d.refused + 1",
        new_id::<Uuid>(),
        business.0,
        token.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts a call that a person approved, whatever is left: it runs, and costs.
pub async fn count(tx: &mut TenantTx, token: ApiTokenId, amount: Amount) -> Result<()> {
    let business = business(tx)?;
    let spends = if amount.paid { of_token(tx, token).await?.price } else { 0 };
    sqlx::query!(
        "insert into tool_days as d (id, sub_account_id, token_id, day, calls, writes, spent_micros)
         values ($1, $2, $3, (now() at time zone 'utc')::date, 1, $4, $5)
         on conflict (sub_account_id, token_id, day) do update
           set calls = d.calls + 1, writes = d.writes + excluded.writes, spent_micros = d.spent_micros + excluded.spent_micros",
        new_id::<Uuid>(),
        business.0,
        token.0,
        i32::from(amount.writes),
        spends
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts a call, if the token has one left. Returns what it would exceed otherwise, and counts nothing then.
pub async fn take(tx: &mut TenantTx, token: ApiTokenId, amount: Amount) -> Result<Option<Over>> {
    let business = business(tx)?;
    let counted = sqlx::query!(
        "with budget as (
           select coalesce(max(calls), $6::int) as calls, coalesce(max(writes), $7::int) as writes, max(money_micros) as money,
                  case when $5 then coalesce(max(price_micros), 0) else 0 end as spends
           from tool_budgets where sub_account_id = $2 and token_id = $3)
         insert into tool_days as d (id, sub_account_id, token_id, day, calls, writes, spent_micros)
         select $1, $2, $3, (now() at time zone 'utc')::date, 1, $4::int, b.spends from budget b
         where b.calls > 0 and b.writes >= $4::int and (b.spends = 0 or b.money is null or b.spends <= b.money)
         on conflict (sub_account_id, token_id, day) do update
           set calls = d.calls + 1, writes = d.writes + excluded.writes, spent_micros = d.spent_micros + excluded.spent_micros
           where d.calls < (select calls from budget) and d.writes + excluded.writes <= (select writes from budget)
             and (excluded.spent_micros = 0 or (select money from budget) is null
               or d.spent_micros + excluded.spent_micros <= (select money from budget))",
        new_id::<Uuid>(),
        business.0,
        token.0,
        i32::from(amount.writes),
        amount.paid,
        USUAL_CALLS,
        USUAL_WRITES
    )
    .execute(tx.conn())
    .await?;
    if counted.rows_affected() > 0 {
        return Ok(None);
    }
    let used = of_token(tx, token).await?;
    let spends = if amount.paid { used.price } else { 0 };
    Ok(Some(match used.money {
        _ if used.calls_today >= used.calls => Over::Calls(used.calls),
        Some(most) if spends > 0 && used.spent_today.saturating_add(spends) > most => Over::Money(most),
        _ => Over::Writes(used.writes),
    }))
}
