//! Limits of the queues, as their rows say: how many items of a queue run at once, in one process and for one agency?

use domain::work::Queue;

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// The limits of one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    /// The queue.
    pub queue: Queue,
    /// Maximum number of items that run in one process.
    pub at_once: i32,
    /// Maximum number of items that run for one agency, across all processes.
    pub per_agency: i64,
    /// The setting by which an agency may have chosen another number; `None` if the queue has none.
    pub per_agency_setting: Option<String>,
}

/// The limits of every queue that this program knows, in the order in which they are claimed. A process reads them
/// once in a while, and each claim is given them.
pub async fn limits(db: &Db) -> Result<Vec<QueueLimits>> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let rows = sqlx::query!("select key, at_once, per_agency, per_agency_setting from queues order by priority, key");
    let rows = rows.fetch_all(tx.conn()).await?.into_iter().filter_map(|row| {
        // A row that only a newer program knows is left to it.
        let queue = Queue::parse(&row.key)?;
        let (at_once, per_agency) = (row.at_once, i64::from(row.per_agency));
        Some(QueueLimits { queue, at_once, per_agency, per_agency_setting: row.per_agency_setting })
    });
    Ok(rows.collect())
}
