//! What did a business use in this month, and day by day? And each client of an agency?

use chrono::NaiveDate;
use domain::BusinessId;
use domain::usage::{ClientMonth, Day, Month, Today};
use uuid::Uuid;

use crate::{Error, Result, TenantTx};

fn business(tx: &TenantTx) -> Result<BusinessId> {
    tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))
}

/// What the business in scope used in this month.
pub async fn month(tx: &mut TenantTx) -> Result<Month> {
    let business = business(tx)?;
    let month = sqlx::query_as!(
        Month,
        r#"select coalesce(u.messages, 0) as "messages!", coalesce(u.answers, 0) as "answers!", coalesce(u.tokens, 0) as "tokens!",
                  coalesce(u.priced_tokens, 0) as "priced_tokens!", coalesce(u.cost_micros, 0) as "cost_micros!", b.message_limit as "limit!"
           from sub_accounts b left join usage_counters u on u.sub_account_id = b.id and u.period = 'month'
             and u.period_start = date_trunc('month', now() at time zone 'UTC')::date
           where b.id = $1"#,
        business.0
    );
    Ok(month.fetch_one(tx.conn()).await?)
}

/// What the business in scope used in each of the last days, oldest first; the last one is not over.
pub async fn days(tx: &mut TenantTx, count: i32) -> Result<Vec<Day>> {
    let business = business(tx)?;
    let days = sqlx::query_as!(
        Day,
        r#"select d.day as "day!", coalesce(u.messages, 0) as "messages!", coalesce(u.answers, 0) as "answers!"
           from (select (now() at time zone 'UTC')::date - n as day from generate_series(0, $2::int - 1) as n) d
             left join usage_counters u on u.sub_account_id = $1 and u.period = 'day' and u.period_start = d.day
           order by d.day"#,
        business.0,
        count
    );
    Ok(days.fetch_all(tx.conn()).await?)
}

/// The tokens that the business in scope spent in this day, and the limit that its agency set.
pub async fn today(tx: &mut TenantTx) -> Result<Today> {
    let business = business(tx)?;
    let today = sqlx::query_as!(
        Today,
        r#"select coalesce(u.tokens, 0) as "tokens!", b.token_limit as "limit!"
           from sub_accounts b left join usage_counters u on u.sub_account_id = b.id and u.period = 'day' and u.period_start = (now() at time zone 'UTC')::date
           where b.id = $1"#,
        business.0
    );
    Ok(today.fetch_one(tx.conn()).await?)
}

/// What these clients used in the month that begins on this day of UTC, and of their tokens today, those that the scope may
/// see, in no order.
pub async fn of_clients(tx: &mut TenantTx, clients: &[BusinessId], month: NaiveDate) -> Result<Vec<ClientMonth>> {
    let ids: Vec<Uuid> = clients.iter().map(|client| client.0).collect();
    let rows = sqlx::query!(
        r#"select b.id as "business!: BusinessId", coalesce(u.messages, 0) as "messages!", coalesce(u.answers, 0) as "answers!", coalesce(u.tokens, 0) as "tokens!",
                  coalesce(u.priced_tokens, 0) as "priced_tokens!", coalesce(u.cost_micros, 0) as "cost_micros!", b.message_limit as "limit!",
                  coalesce(d.tokens, 0) as "today!", b.token_limit as "token_limit!"
           from sub_accounts b left join usage_counters u on u.sub_account_id = b.id and u.period = 'month'
             and u.period_start = $2
             left join usage_counters d on d.sub_account_id = b.id and d.period = 'day' and d.period_start = (now() at time zone 'UTC')::date
           where b.id = any ($1)"#,
        &ids,
        month
    )
    .fetch_all(tx.conn())
    .await?;
    let months = rows.into_iter().map(|row| {
        let month = Month {
            messages: row.messages,
            answers: row.answers,
            tokens: row.tokens,
            priced_tokens: row.priced_tokens,
            cost_micros: row.cost_micros,
            limit: row.limit,
        };
        ClientMonth { business: row.business, month, today: Today { tokens: row.today, limit: row.token_limit } }
    });
    Ok(months.collect())
}
