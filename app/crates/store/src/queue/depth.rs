//! How full is the queue, and how late? For gauges and the platform screen.

use chrono::{DateTime, Utc};

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// How much lies where, for gauges and the platform screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Runnable now.
    pub ready: i64,
    /// Runnable later.
    pub scheduled: i64,
    /// Being done.
    pub leased: i64,
    /// Given up.
    pub dead: i64,
    /// When the oldest runnable row became so.
    pub oldest_ready: Option<DateTime<Utc>>,
}

/// Counts the queue.
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
    /// The word of the kind.
    pub kind: String,
    /// How many pieces lie there.
    pub count: i64,
    /// When the last was given up.
    pub last_at: DateTime<Utc>,
    /// Why that one was, in words without secrets.
    pub cause: String,
}

/// What was given up and lies there still, by kind, the latest first.
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

/// Whether the queue can be read, at a cost that does not grow with it.
pub async fn answers(db: &Db) -> Result<bool> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    sqlx::query_scalar!(
        r#"select exists (select from work_ready) or exists (select from work_scheduled) or exists (select from work_leases) as "any!""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(true)
}

/// Rows that are dead and not yet cleared away, of each table that changes much. An old snapshot keeps them: a dump, a report, a
/// session that was forgotten.
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
