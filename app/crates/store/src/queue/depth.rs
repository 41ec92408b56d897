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
