//! How large is the database, how many connections has it, and is its log archived?

use chrono::{DateTime, Utc};

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// Facts about the database that need no special right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseFacts {
    /// Size on disk in bytes.
    pub bytes: i64,
    /// Connections that are open now, of all programs.
    pub connections: i64,
    /// The most connections that it accepts.
    pub most_connections: i64,
    /// Version of Postgres.
    pub version: String,
    /// When the database last archived a piece of its log; `None` if it never did. A backup that can be restored to any
    /// moment needs this.
    pub archived_at: Option<DateTime<Utc>>,
    /// Whether the last attempt to archive failed.
    pub archive_fails: bool,
}

/// Reads the facts.
pub async fn database(db: &Db) -> Result<DatabaseFacts> {
    let mut tx = TenantTx::begin(&db.acting_as(DbRole::Worker), Scope::Open).await?;
    let facts = sqlx::query_as!(
        DatabaseFacts,
        r#"select pg_database_size(current_database()) as "bytes!",
                  (select coalesce(sum(d.numbackends), 0)::bigint from pg_stat_database d) as "connections!",
                  current_setting('max_connections')::bigint as "most_connections!", current_setting('server_version') as "version!",
                  a.last_archived_time as archived_at,
                  coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false) as "archive_fails!"
           from pg_stat_archiver a"#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(facts)
}
