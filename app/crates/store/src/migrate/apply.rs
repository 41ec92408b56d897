//! Applies migrations while the product runs. Each migration waits only briefly for its locks, so no queries queue up
//! behind it, and retries when it did not get them or when it and a request waited for each other. A migration that
//! builds an index on a large table runs outside a transaction (`-- no-transaction` in its first line, one statement
//! per file) and blocks nobody.

use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migration};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor};

use super::Row;
use crate::{Error, Result};

const TABLE: &str = "_sqlx_migrations";
/// Id of the advisory lock. The value is arbitrary. Two processes that apply migrations at once wait for each
/// other.
const LOCK: i64 = 0x5317_0002;
/// The line in a migration's header that says which programs still work with its schema. It names the last
/// migration that the oldest such program has.
const OLDEST: &str = "-- oldest program: ";

/// How long and how often a migration waits for others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long it waits for a lock before it lets all others go on.
    pub lock: Duration,
    /// Pause between two attempts. It grows with each attempt.
    pub pause: Duration,
    /// Number of attempts.
    pub tries: u32,
}

impl Patience {
    /// The values for `slipway migrate`, which gives up after about three minutes.
    pub(super) const USUAL: Self = Self { lock: Duration::from_secs(2), pause: Duration::from_secs(1), tries: 15 };
}

/// Applies the missing migrations, oldest first. Two processes that apply at once wait for each other.
pub(super) async fn missing(conn: &mut PgConnection, known: &[Migration], patience: Patience) -> Result<()> {
    // The lock is polled and never waited for. The concurrent build of an index waits for every statement that
    // began before it, and a statement that waited for this lock would be one of them.
    while !sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "mine!""#, LOCK).fetch_one(&mut *conn).await? {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    conn.ensure_migrations_table(TABLE).await.map_err(failed)?;
    // In this column a program that is older than a migration reads whether it may go on. The default fills it
    // when the migration is recorded.
    conn.execute("alter table _sqlx_migrations add column if not exists oldest_program bigint").await?;
    conn.execute("alter table _sqlx_migrations alter column oldest_program set default nullif(current_setting('slipway.oldest_program', true), '')::bigint").await?;
    let applied = conn.list_applied_migrations(TABLE).await.map_err(failed)?;
    for migration in known {
        match applied.iter().find(|done| done.version == migration.version) {
            None => apply_with_retries(conn, migration, patience).await?,
            Some(done) if done.checksum == migration.checksum => {}
            Some(_) => {
                let version = migration.version;
                return Err(Error::Refused(format!(
                    "the migrations: {version} was applied with another text than this program has"
                )));
            }
        }
    }
    sqlx::query!("select pg_advisory_unlock($1)", LOCK).fetch_one(&mut *conn).await?;
    Ok(())
}

async fn apply_with_retries(conn: &mut PgConnection, migration: &Migration, patience: Patience) -> Result<()> {
    let mut tries = 1;
    loop {
        match apply(conn, migration, patience.lock).await {
            Err(error) if error.waited_too_long() && tries < patience.tries => {
                tracing::info!(
                    event = "migrate.waiting_for_lock",
                    version = migration.version,
                    tries,
                    "a table is in use by others; trying again in a moment"
                );
                tokio::time::sleep(patience.pause * tries).await;
                tries += 1;
            }
            done => return done,
        }
    }
}

async fn apply(conn: &mut PgConnection, migration: &Migration, lock: Duration) -> Result<()> {
    // The concurrent build of an index waits for all earlier transactions, and nobody waits for it.
    let lock = if migration.no_tx { Duration::ZERO } else { lock };
    sqlx::query!(
        "select set_config('lock_timeout', $1, false) as lock, set_config('slipway.oldest_program', $2, false) as oldest",
        lock.as_millis().to_string(),
        oldest_program(migration.sql.as_str()).map_or_else(String::new, |version| version.to_string())
    )
    .fetch_one(&mut *conn)
    .await?;
    if migration.no_tx {
        drop_half_built(conn).await?;
    }
    conn.apply(TABLE, migration).await.map_err(failed)?;
    Ok(())
}

/// The oldest program that still works after a migration, as its header says. `None` if the header says nothing.
pub(super) fn oldest_program(sql: &str) -> Option<i64> {
    let head = sql.lines().take_while(|line| line.starts_with("--") || line.trim().is_empty());
    head.filter_map(|line| line.strip_prefix(OLDEST)).find_map(|version| version.trim().parse().ok())
}

/// Drops invalid indexes. An index whose build was interrupted stays behind. The database maintains it, no query
/// uses it, and its name prevents a new build.
async fn drop_half_built(conn: &mut PgConnection) -> Result<()> {
    let names = sqlx::query_scalar!(
        r#"select i.indexrelid::regclass::text as "name!" from pg_index i join pg_class c on c.oid = i.indexrelid
           where not i.indisvalid and c.relnamespace = 'public'::regnamespace and c.relkind = 'i'"#
    )
    .fetch_all(&mut *conn)
    .await?;
    for name in names {
        // The catalog returns the name quoted.
        conn.execute(AssertSqlSafe(format!("drop index concurrently if exists {name}"))).await?;
    }
    Ok(())
}

/// All migrations that the database has, each with the oldest program that it names.
pub(super) async fn applied(conn: &mut PgConnection) -> Result<Vec<Row>> {
    // A database that was migrated by an earlier program does not have this column yet.
    let rows = sqlx::query_as!(
        Row,
        r#"select version, (to_jsonb(m) ->> 'oldest_program')::bigint as oldest_program from _sqlx_migrations m where success order by version"#
    );
    Ok(rows.fetch_all(conn).await?)
}

fn failed(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => Error::Refused(format!("the migrations: {other}")),
    }
}

/// Builds a migration for a test.
#[cfg(all(test, feature = "testing"))]
pub(super) fn made_up(version: i64, sql: &'static str, no_tx: bool) -> Migration {
    use sqlx::SqlSafeStr;
    let kind = sqlx::migrate::MigrationType::Simple;
    Migration::new(version, "made up".into(), kind, sql.into_sql_str(), no_tx)
}
