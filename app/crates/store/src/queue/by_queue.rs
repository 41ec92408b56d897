//! How full is each queue, and how long has its oldest work waited?

use chrono::{DateTime, Utc};

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// How full one queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDepth {
    /// Key of the queue.
    pub queue: String,
    /// Items that can run now or later.
    pub waiting: i64,
    /// Items that a worker is running.
    pub running: i64,
    /// Items that were given up.
    pub failed: i64,
    /// When the oldest item that can run now became ready. `None` if there is none.
    pub oldest_ready: Option<DateTime<Utc>>,
}

/// Every queue in the order in which workers look at them, and queues of another version that still hold work.
pub async fn depths(db: &Db) -> Result<Vec<QueueDepth>> {
    let mut tx = TenantTx::begin(&db.acting_as(DbRole::Worker), Scope::Open).await?;
    let rows = sqlx::query_as!(
        QueueDepth,
        r#"select k.key as "queue!",
                  (select count(*) from work_ready r where r.lane = k.key) + (select count(*) from work_scheduled s where s.lane = k.key) as "waiting!",
                  (select count(*) from work_leases l where l.lane = k.key) as "running!",
                  (select count(*) from work_dead d where d.lane = k.key) as "failed!",
                  (select min(r.ready_at) from work_ready r where r.lane = k.key) as oldest_ready
           from (select key, priority from queues
                 union all select o.lane, 32767::smallint from (select lane from work_ready union select lane from work_scheduled
                   union select lane from work_leases union select lane from work_dead) o where o.lane not in (select key from queues)) k
           order by k.priority, k.key"#
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}
