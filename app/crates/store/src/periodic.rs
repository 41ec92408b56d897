//! Schedules periodic jobs: one row per job with due time, claim and last result. One process claims a job for a while;
//! if that process dies, the claim expires. The worker defines what the jobs do and how often they run.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// A job as the running version defines it.
#[derive(Clone, Copy, Debug)]
pub struct JobDefinition {
    /// Its stable name.
    pub name: &'static str,
    /// The name that people read.
    pub title: &'static str,
    /// Time from the end of one run to the next run.
    pub every: Duration,
    /// The job is overdue when it did not succeed for this long.
    pub overdue: Duration,
    /// How long a run may take before another process may claim the job.
    pub lease: Duration,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// It succeeded and processed this many rows.
    Succeeded(u64),
    /// It failed. Carries the reason, without secrets.
    Failed(String),
}

/// The stored state of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its stable name.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// Time between two runs, in seconds.
    pub every_seconds: f64,
    /// When it is due next.
    pub due_at: DateTime<Utc>,
    /// Whether a process runs it now.
    pub running: bool,
    /// When it last succeeded.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// Seconds since it last succeeded, or since it was first registered.
    pub quiet_seconds: f64,
    /// How long its last run took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Rows that its last successful run processed.
    pub rows_done: Option<i64>,
    /// Failed runs since the last successful one.
    pub failures: i32,
    /// Why the last run failed. `None` after a successful one.
    pub last_error: Option<String>,
    /// Whether it has gone too long without a successful run.
    pub overdue: bool,
}

async fn open(db: &Db) -> Result<TenantTx> {
    TenantTx::begin(&db.acting_as(DbRole::Worker), Scope::Open).await
}

/// Registers the jobs, or registers them again. A process that runs jobs calls this about once a minute. A job
/// that no running version registers any more is never overdue. A registration that was written while a clock was
/// ahead counts from now.
pub async fn register(db: &Db, jobs: &[JobDefinition]) -> Result<()> {
    let mut jobs = jobs.to_vec();
    jobs.sort_by_key(|job| job.name);
    let text =
        |field: fn(&JobDefinition) -> &'static str| jobs.iter().map(|job| field(job).to_owned()).collect::<Vec<_>>();
    let seconds =
        |field: fn(&JobDefinition) -> Duration| jobs.iter().map(|job| field(job).as_secs_f64()).collect::<Vec<_>>();
    let mut tx = open(db).await?;
    sqlx::query!(
        "insert into periodic_jobs as p (name, title, every_seconds, overdue_seconds)
         select k.name, k.title, k.every, k.overdue from unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) k(name, title, every, overdue) order by k.name
         on conflict (name) do update set title = excluded.title, every_seconds = excluded.every_seconds, overdue_seconds = excluded.overdue_seconds, known_at = now()",
        &text(|job| job.name),
        &text(|job| job.title),
        &seconds(|job| job.every),
        &seconds(|job| job.overdue)
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("update periodic_jobs set known_at = now() where known_at > now() + interval '5 minutes'")
        .execute(tx.conn())
        .await?;
    tx.commit().await
}

/// Claims up to `most` jobs that are due and that no process runs, the longest due first. When the former runner
/// of a job never reported how its run ended, that run counts as failed. A due time or lease that is further ahead
/// than any run sets it was written while the database's clock was ahead, and is ignored.
pub async fn claim(db: &Db, owner: Uuid, jobs: &[JobDefinition], most: i64) -> Result<Vec<String>> {
    let names: Vec<String> = jobs.iter().map(|job| job.name.to_owned()).collect();
    let leases: Vec<f64> = jobs.iter().map(|job| job.lease.as_secs_f64()).collect();
    let mut tx = open(db).await?;
    let taken = sqlx::query_scalar!(
        "with known as (select * from unnest($2::text[], $3::float8[]) k(name, lease)),
              due as (select p.name from periodic_jobs p join known k on k.name = p.name
                      where (p.due_at <= now() or p.due_at > now() + 2 * make_interval(secs => p.every_seconds))
                        and (p.lease_until is null or p.lease_until < now() or p.lease_until > now() + 2 * make_interval(secs => k.lease))
                      order by p.due_at, p.name limit $4 for update of p skip locked)
         update periodic_jobs p set lease_owner = $1, lease_until = now() + make_interval(secs => k.lease), started_at = now(),
           failures = p.failures + (p.lease_owner is not null)::int,
           last_error = case when p.lease_owner is null then p.last_error else 'The process that ran it ended in the middle.' end,
           last_error_at = case when p.lease_owner is null then p.last_error_at else now() end
         from due, known k where p.name = due.name and k.name = p.name returning p.name",
        owner,
        &names,
        &leases,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(taken)
}

/// Stores how a run ended and when the job is due next. Stores nothing for a process that lost its claim
/// meanwhile.
pub async fn finish(db: &Db, owner: Uuid, name: &str, (ended, took): (&Ended, Duration), next: Duration) -> Result<()> {
    let (rows, error) = match ended {
        Ended::Succeeded(rows) => (Some(i64::try_from(*rows).unwrap_or(i64::MAX)), None),
        Ended::Failed(why) => (None, Some(why.chars().take(2000).collect::<String>())),
    };
    let mut tx = open(db).await?;
    sqlx::query!(
        "update periodic_jobs set lease_owner = null, lease_until = null, finished_at = now(), duration_ms = $3, due_at = now() + make_interval(secs => $6),
           rows_done = coalesce($4, rows_done), succeeded_at = case when $5::text is null then now() else succeeded_at end,
           failures = case when $5::text is null then 0 else failures + 1 end, last_error = $5,
           last_error_at = case when $5::text is null then last_error_at else now() end
         where name = $1 and lease_owner = $2",
        name,
        owner,
        i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        rows,
        error,
        next.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Gives up the claims of a process that stops. Another process may claim these jobs at once.
pub async fn release(db: &Db, owner: Uuid) -> Result<()> {
    let mut tx = open(db).await?;
    sqlx::query!(
        "update periodic_jobs set lease_owner = null, lease_until = null, due_at = now() where lease_owner = $1",
        owner
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Makes every job due now.
pub async fn make_all_due(db: &Db) -> Result<()> {
    let mut tx = open(db).await?;
    sqlx::query!("update periodic_jobs set due_at = now() where due_at > now()").execute(tx.conn()).await?;
    tx.commit().await
}

/// Every job that a running version knows, by title.
pub async fn list(db: &Db) -> Result<Vec<State>> {
    let mut tx = open(db).await?;
    let rows = sqlx::query_as!(
        State,
        r#"select name, title, every_seconds, due_at, lease_until is not null and lease_until > now() as "running!", succeeded_at,
                  extract(epoch from now() - coalesce(succeeded_at, created_at))::float8 as "quiet_seconds!", duration_ms, rows_done, failures,
                  last_error, coalesce(succeeded_at, created_at) + make_interval(secs => overdue_seconds) < now()
                    or coalesce(succeeded_at, created_at) > now() + make_interval(secs => every_seconds) as "overdue!"
           from periodic_jobs where known_at > (select max(known_at) from periodic_jobs) - interval '1 hour' order by title"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
