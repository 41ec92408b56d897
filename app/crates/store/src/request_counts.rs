//! Counts the API requests that a tenant's programs sent in the last minute. Each tenant has two numbers: for the
//! current minute and for the previous one. The previous minute counts in proportion to the part of it that is
//! less than a minute ago, as if its requests had come evenly. Minutes begin with a tenant's first request. Only
//! the database's clock counts.

use std::time::Duration;

use crate::{Db, DbRole, Result, Scope, TenantTx};

const MINUTE: f64 = 60.0;

/// The result of counting a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// Whether the request is within the limit. A request over the limit is not counted.
    pub allowed: bool,
    /// Requests that count now, including this one if it is allowed.
    pub used: u32,
    /// Time until one more request is allowed; zero when this one was.
    pub wait: Duration,
}

/// Counts a request of this key, if fewer than `most` were counted in the last minute.
pub async fn count(db: &Db, key: &str, most: u32) -> Result<Counted> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let counted = match counted(&mut tx, key, most).await? {
        Some(counted) => counted,
        None => {
            sqlx::query!(
                "insert into request_counts (key, began, count, before) values ($1, clock_timestamp(), 0, 0) on conflict do nothing",
                key
            )
            .execute(tx.conn())
            .await?;
            counted(&mut tx, key, most).await?.ok_or(crate::Error::NotFound)?
        }
    };
    tx.commit().await?;
    Ok(counted)
}

/// Counts a request in a transaction of the worker. `None` if no request of this key was counted yet.
pub(crate) async fn counted(tx: &mut TenantTx, key: &str, most: u32) -> Result<Option<Counted>> {
    // A minute that begins in the future was stored while the clock was ahead: it begins now and keeps its count.
    // A few more requests after a crash of the database do no harm, so the commit does not wait for the disk.
    let row = sqlx::query!(
        r#"with held as materialized (select began, count, before, set_config('synchronous_commit', 'off', true) as quick from request_counts where key = $1 for update),
                clock as materialized (select extract(epoch from clock_timestamp() - began)::float8 / 60 as minutes from held),
                state as (select case when c.minutes < 1 then h.count else 0 end as count,
                                 case when c.minutes < 1 then h.before when c.minutes < 2 then h.count else 0 end as before,
                                 case when c.minutes < 0 then clock_timestamp() when c.minutes < 1 then h.began when c.minutes < 2 then h.began + interval '1 minute' else clock_timestamp() end as began,
                                 case when c.minutes < 1 then greatest(c.minutes, 0) when c.minutes < 2 then c.minutes - 1 else 0 end as gone
                          from held h, clock c),
                judged as (select s.*, s.count + s.before * (1 - s.gone) + 1 <= $2::int as allowed from state s)
           update request_counts w set began = j.began, before = j.before, count = j.count + case when j.allowed then 1 else 0 end
           from judged j where w.key = $1
           returning j.allowed as "allowed!", w.count, w.before, j.gone as "gone!""#,
        key,
        i32::try_from(most).unwrap_or(i32::MAX)
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| {
        let (count, before) = (f64::from(row.count), f64::from(row.before));
        let used = (count + before * (1.0 - row.gone)).ceil().max(0.0);
        let wait = if row.allowed { 0.0 } else { MINUTE * until_one_more(count, before, row.gone, f64::from(most)) };
        Counted {
            allowed: row.allowed,
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, and not below zero")]
            used: used as u32,
            wait: Duration::from_secs_f64(wait.max(0.0)),
        }
    }))
}

/// Minutes until one more request is allowed, when the part `gone` of the current minute is over.
fn until_one_more(count: f64, before: f64, gone: f64, most: f64) -> f64 {
    if count + 1.0 <= most && before > 0.0 {
        return 1.0 - (most - count - 1.0) / before - gone;
    }
    // It is not allowed in this minute. In the next minute, this one is the previous one.
    (1.0 - gone) + (1.0 - (most - 1.0) / count).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_is_allowed_when_enough_is_a_minute_ago() {
        let near = |wait: f64, wanted: f64| assert!((wait - wanted).abs() < 1e-9, "{wait} is not {wanted}");
        near(until_one_more(60.0, 0.0, 0.25, 60.0), 0.75 + 1.0 / 60.0);
        near(until_one_more(29.0, 60.0, 0.25, 60.0), 0.25);
        near(until_one_more(0.0, 60.0, 0.0, 60.0), 1.0 / 60.0);
    }
}
