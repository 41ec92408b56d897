//! Limits calls in a sliding window that all processes share: how many calls to an outside service may be sent
//! now? One row per key holds a timestamp for each place that is taken: when its call was answered or, while the
//! call is in progress, the latest time at which it can be answered. A place is free again `interval` after its
//! timestamp. The row is locked for one short statement, and only the database's clock counts. A timestamp further
//! ahead than any call may last was written while that clock was ahead, and is ignored.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// The limits of an outside service.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Calls allowed in any `interval`.
    pub burst: u32,
    /// Length of the sliding window.
    pub interval: Duration,
    /// Calls allowed in a day (UTC).
    pub daily: u32,
    /// Longest time that a call may take.
    pub hold: Duration,
}

/// The result of `take`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The places granted; fewer than wanted when the window is full.
    pub places: Vec<i64>,
    /// Places taken now, including these.
    pub used: u32,
    /// Time until the next place is free; zero when all wanted places were granted.
    pub wait: Duration,
    /// Whether the calls of the day are used up.
    pub day_over: bool,
}

/// Takes up to `want` places and leaves `spare` of the burst free. The caller must pass each place to `answered`.
pub async fn take(db: &Db, key: &str, want: u32, spare: u32, limit: &Limit) -> Result<Taken> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let room = limit.burst.saturating_sub(spare);
    let taken = match window(&mut tx, key, want, room, limit).await? {
        Some(taken) => taken,
        None => {
            sqlx::query!("insert into rate_windows (key) values ($1) on conflict do nothing", key)
                .execute(tx.conn())
                .await?;
            window(&mut tx, key, want, room, limit).await?.ok_or(crate::Error::NotFound)?
        }
    };
    tx.commit().await?;
    Ok(taken)
}

async fn window(tx: &mut TenantTx, key: &str, want: u32, room: u32, limit: &Limit) -> Result<Option<Taken>> {
    let row = sqlx::query!(
        r#"with held as materialized (select key, sent_at, day, day_count from rate_windows where key = $1 for update),
                clock as materialized (select clock_timestamp() as t, (clock_timestamp() at time zone 'UTC')::date as today from held),
                live as (select coalesce(array_agg(x order by x) filter (where x > c.t - make_interval(secs => $2) and x <= c.t + make_interval(secs => $6 + $2)), '{}') as at
                         from clock c left join (select unnest(sent_at) as x from held) u on true),
                n as (select greatest(0, least($3::int, $4::int - cardinality(l.at), $5::int - case when h.day = c.today then h.day_count else 0 end)) as n,
                             case when h.day = c.today then h.day_count else 0 end as used_today, l.at, c.t, c.today from held h, clock c, live l),
                fresh as (select coalesce(array_agg(greatest(n.t + make_interval(secs => $6), n.at[cardinality(n.at)]) + g * interval '1 microsecond' order by g), '{}') as at
                          from n, generate_series(1, (select n from n)) g)
           update rate_windows w set sent_at = n.at || fresh.at, day = n.today, day_count = n.used_today + n.n
           from n, fresh where w.key = $1
           returning fresh.at as "fresh!: Vec<DateTime<Utc>>", w.sent_at as "live!: Vec<DateTime<Utc>>", n.t as "now!", w.day_count"#,
        key,
        limit.interval.as_secs_f64(),
        i32::try_from(want).unwrap_or(i32::MAX),
        i32::try_from(room).unwrap_or(i32::MAX),
        i32::try_from(limit.daily).unwrap_or(i32::MAX),
        limit.hold.as_secs_f64(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| {
        let day_over = i64::from(row.day_count) >= i64::from(limit.daily);
        let short = row.fresh.len() < want as usize;
        let wait = if short { until_free(&row.live, room, limit.interval, row.now, day_over) } else { Duration::ZERO };
        Taken {
            places: row.fresh.iter().map(DateTime::timestamp_micros).collect(),
            used: u32::try_from(row.live.len()).unwrap_or(u32::MAX),
            wait,
            day_over,
        }
    }))
}

/// Time until the next place is free. When the window is full, that is when the oldest place over the limit
/// expires; when the day is used up, it is midnight UTC.
fn until_free(live: &[DateTime<Utc>], room: u32, interval: Duration, now: DateTime<Utc>, day_over: bool) -> Duration {
    if day_over {
        let tomorrow = (now.date_naive() + chrono::Days::new(1)).and_time(chrono::NaiveTime::MIN).and_utc();
        return (tomorrow - now).to_std().unwrap_or_default();
    }
    let mut live = live.to_vec();
    live.sort_unstable();
    let first = live.len().saturating_sub(room as usize);
    let free_at = live.get(first).map(|at| *at + interval);
    free_at.and_then(|at| (at - now).to_std().ok()).unwrap_or(interval)
}

/// Records that the calls of these places were answered just now. `interval` counts from this time.
pub async fn answered(db: &Db, key: &str, places: &[i64]) -> Result<()> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    for place in places {
        let Some(at) = DateTime::from_timestamp_micros(*place) else { continue };
        sqlx::query!(
            "update rate_windows set sent_at = array_replace(sent_at, $2, least(clock_timestamp(), $2)) where key = $1",
            key,
            at
        )
        .execute(tx.conn())
        .await?;
    }
    tx.commit().await
}
