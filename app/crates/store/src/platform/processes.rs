//! Which worker processes run, and when was each last heard? A process reports about once a minute and removes its row
//! when it stops.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// A worker process as it reported itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The id under which it holds leases.
    pub id: Uuid,
    /// Name of its machine or container.
    pub host: String,
    /// Version of the program.
    pub version: String,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it last reported.
    pub seen_at: DateTime<Utc>,
    /// Whether it missed three reports: it was killed, or cannot reach the database.
    pub is_silent: bool,
}

/// Stores that a process runs. `every` is the time until it reports again.
pub async fn report(db: &Db, id: Uuid, host: &str, version: &str, every: Duration) -> Result<()> {
    let mut tx = TenantTx::begin(&db.acting_as(DbRole::Worker), Scope::Open).await?;
    sqlx::query!(
        "insert into worker_processes (id, host, version, every_seconds) values ($1, left($2, 120), left($3, 40), $4)
         on conflict (id) do update set seen_at = now(), every_seconds = excluded.every_seconds",
        id,
        host,
        version,
        every.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Removes the row of a process that stops.
pub async fn gone(db: &Db, id: Uuid) -> Result<()> {
    let mut tx = TenantTx::begin(&db.acting_as(DbRole::Worker), Scope::Open).await?;
    sqlx::query!("delete from worker_processes where id = $1", id).execute(tx.conn()).await?;
    tx.commit().await
}

/// The processes that run or ended without a word, the last heard first. At most a hundred.
pub async fn processes(db: &Db) -> Result<Vec<Process>> {
    let mut tx = TenantTx::begin(&db.acting_as(DbRole::Worker), Scope::Open).await?;
    let rows = sqlx::query_as!(
        Process,
        r#"select id, host, version, created_at as started_at, seen_at,
                  seen_at + 3 * make_interval(secs => every_seconds) < now() as "is_silent!"
           from worker_processes where seen_at > now() - interval '1 day' order by seen_at desc, id limit 100"#
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}
