//! Measures how full the queue is and how late its work is, for metrics and the platform page.

use chrono::{DateTime, Utc};

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// How many rows are in each table of the queue, for metrics and the platform page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Items that can run now.
    pub ready: i64,
    /// Items that can run later.
    pub scheduled: i64,
    /// Items that a worker is running.
    pub leased: i64,
    /// Items that were given up.
    pub dead: i64,
    /// When the oldest item that can run now became ready. `None` if there is none.
    pub oldest_ready: Option<DateTime<Utc>>,
}

/// Counts the rows of the queue.
pub async fn depth(db: &Db) -> Result<Depth> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let depth = sqlx::query_as!(
        Depth,
        r#"select (select count(*) from work_ready) as "ready!", (select count(*) from work_scheduled) as "scheduled!",
                  (select count(*) from work_leases) as "leased!", (select count(*) from work_dead) as "dead!",
                  (select min(ready_at) from work_ready) as oldest_ready"#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(depth)
}

/// Work of one kind that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// Key of the kind.
    pub kind: String,
    /// How many items there are.
    pub count: i64,
    /// When the last one was given up.
    pub last_at: DateTime<Utc>,
    /// Cause of the last one, in words without secrets.
    pub cause: String,
}

/// The work that was given up and is still stored, by kind, latest first.
pub async fn given_up(db: &Db) -> Result<Vec<GivenUp>> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let rows = sqlx::query_as!(
        GivenUp,
        r#"select kind, count(*) as "count!", max(died_at) as "last_at!", (array_agg(cause order by died_at desc, id))[1] as "cause!"
           from work_dead group by kind order by max(died_at) desc, kind"#
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Checks that the queue can be read. The cost does not grow with the queue.
pub async fn check_readable(db: &Db) -> Result<bool> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    sqlx::query_scalar!(
        r#"select exists (select from work_ready) or exists (select from work_scheduled) or exists (select from work_leases) as "any!""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(true)
}

/// Dead rows that were not vacuumed yet, for each table that changes often. An old snapshot keeps them: that of a
/// dump, a report or a forgotten session.
pub async fn dead_rows(db: &Db) -> Result<Vec<(String, i64)>> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let rows = sqlx::query!(
        r#"select relname::text as "table!", n_dead_tup as "dead!" from pg_stat_user_tables
           where relname in ('work_ready', 'work_scheduled', 'work_leases', 'outbox_events', 'rate_windows', 'request_counts', 'provisioning_jobs', 'provisioning_steps')
           order by 1"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.table, row.dead)).collect())
}
