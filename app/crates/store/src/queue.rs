//! Who does what next? Work is a row with ids: ready, scheduled, leased or dead, and it moves between those tables.
//! The queue row is only the invitation. What may be decided is fenced on the subject itself, so a row that runs twice
//! does no harm.
//!
//! Ours and not a ready-made queue: work is enqueued in the caller's tenant transaction under row-level security, and the
//! claim is fair between agencies by an index probe per tenant; none of the queues on our sqlx does both.

use domain::work::Kind;
use domain::{AgencyId, BusinessId};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

use crate::{Db, Error, Result, Scope, TenantTx, new_id};

mod batch;
mod claim;
mod depth;
mod moves;
mod single;

pub use batch::{add_many, complete_many};
pub use claim::{Claimer, claim};
pub use depth::{Depth, GivenUp, answers, dead_rows, depth, given_up};
pub use moves::{hurry, promote_due, recover_expired, release, tidy};
pub(crate) use single::wake_job;

/// How long a claim usually holds without a heartbeat.
pub const LEASE: Duration = Duration::from_secs(60);

/// Something to be done. It belongs to the agency and business of the transaction that adds it.
#[derive(Clone, Debug)]
pub struct Work {
    kind: Kind,
    subject: Option<Uuid>,
    payload: Value,
    priority: i16,
    dedupe: Option<String>,
}

impl Work {
    /// Ordinary work of a kind; the kind knows its queue.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { kind, subject: None, payload: Value::Object(serde_json::Map::new()), priority: 100, dedupe: None }
    }

    /// What it is about: a job, an integration.
    #[must_use]
    pub fn subject(mut self, id: impl Into<Uuid>) -> Self {
        self.subject = Some(id.into());
        self
    }

    /// Ids and small numbers, at most 1 KiB; never client data.
    #[must_use]
    pub fn payload(mut self, payload: Value) -> Self {
        self.payload = payload;
        self
    }

    /// Lower goes first; 100 is ordinary.
    #[must_use]
    pub const fn priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// Kept single while it waits: the same key is not added twice.
    #[must_use]
    pub fn once(mut self, key: impl Into<String>) -> Self {
        self.dedupe = Some(key.into());
        self
    }
}

/// Fairness is between agencies; work of none counts as one tenant, the last.
fn tenant_key(agency: Option<AgencyId>) -> Uuid {
    agency.map_or(Uuid::max(), Uuid::from)
}

/// Work this process holds until the lease ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The row.
    pub id: Uuid,
    /// The word of its kind; one that this version does not know is left to a newer one.
    pub kind: String,
    /// The agency it belongs to.
    pub agency: Option<AgencyId>,
    /// The business it belongs to.
    pub business: Option<BusinessId>,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// Its ids and small numbers.
    pub payload: Value,
    /// How often it was claimed, this time included.
    pub attempt: i32,
    /// Which tenant it counts for.
    pub tenant_key: Uuid,
}

/// Adds work that may run at once, in the caller's transaction. False when the same already waits; it goes on waiting until this
/// transaction ends, so whoever takes it sees what was changed here.
pub async fn add(tx: &mut TenantTx, work: &Work) -> Result<bool> {
    single::or_held(tx, work, None).await
}

/// No conflict target: naming one would need the right to read the queue, which pages do not have.
async fn insert_ready(tx: &mut TenantTx, work: &Work) -> Result<bool> {
    let (agency, business) = (tx.home().await?, tx.business());
    let tenant = tenant_key(agency);
    let added = sqlx::query!(
        "insert into work_ready (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, dedupe_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        new_id::<Uuid>(),
        work.kind.queue().key(),
        tenant,
        work.priority,
        work.kind.key(),
        agency.map(|id| id.0),
        business.map(|id| id.0),
        work.subject,
        work.payload,
        work.dedupe,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    tx.notices().work(work.kind.queue().key());
    Ok(added == 1)
}

/// Adds work for later. False when the same is already scheduled.
pub async fn add_in(tx: &mut TenantTx, work: &Work, delay: Duration) -> Result<bool> {
    single::or_held(tx, work, Some(delay)).await
}

async fn insert_scheduled(tx: &mut TenantTx, work: &Work, delay: Duration) -> Result<bool> {
    let (agency, business) = (tx.home().await?, tx.business());
    let tenant = tenant_key(agency);
    let added = sqlx::query!(
        "insert into work_scheduled (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, dedupe_key, run_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11)) on conflict do nothing",
        new_id::<Uuid>(),
        work.kind.queue().key(),
        tenant,
        work.priority,
        work.kind.key(),
        agency.map(|id| id.0),
        business.map(|id| id.0),
        work.subject,
        work.payload,
        work.dedupe,
        delay.as_secs_f64(),
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(added == 1)
}

/// Extends every lease of this process in one statement; returns the rows it still holds. One that is missing is lost.
pub async fn heartbeat(db: &Db, owner: Uuid, lease: Duration) -> Result<Vec<Uuid>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let held = sqlx::query_scalar!(
        "with quick as materialized (select set_config('synchronous_commit', 'off', true))
         update work_leases set lease_until = now() + make_interval(secs => $2) from quick where lease_owner = $1 returning id",
        owner,
        lease.as_secs_f64()
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(held)
}

/// Done, in the transaction of what was done. `Stale` when the lease was lost.
pub async fn complete(tx: &mut TenantTx, id: Uuid, owner: Uuid) -> Result<()> {
    let done = sqlx::query!("delete from work_leases where id = $1 and lease_owner = $2", id, owner)
        .execute(tx.conn())
        .await?;
    held(done.rows_affected())
}

/// Not now: the same row again after a delay. `Stale` when the lease was lost.
pub async fn reschedule(tx: &mut TenantTx, id: Uuid, owner: Uuid, delay: Duration) -> Result<()> {
    later(tx, id, owner, delay, true).await
}

/// The same, as if it had not been taken: it could not even begin, so this counts as no try.
pub async fn postpone(tx: &mut TenantTx, id: Uuid, owner: Uuid, delay: Duration) -> Result<()> {
    later(tx, id, owner, delay, false).await
}

/// Counts the tries of work this process holds from one on, if that was not done before; gives whether it was done now.
pub async fn count_anew(db: &Db, id: Uuid, owner: Uuid) -> Result<bool> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let done = sqlx::query!(
        r#"update work_leases set attempt = 1, payload = payload || '{"anew": true}' where id = $1 and lease_owner = $2 and not payload ? 'anew'"#,
        id,
        owner
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Of a job one invitation is enough: when another comes no later, this one is not kept. That one's own look at the job decides when
/// it comes again.
async fn later(tx: &mut TenantTx, id: Uuid, owner: Uuid, delay: Duration, counts: bool) -> Result<()> {
    let moved = sqlx::query!(
        "with gone as (delete from work_leases where id = $1 and lease_owner = $2 returning *),
              kept as (insert into work_scheduled (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key, run_at)
                select id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, attempt - $4, dedupe_key, now() + make_interval(secs => $3)
                from gone where kind <> $5 or not exists (select from work_scheduled s
                  where s.subject_id = gone.subject_id and s.kind = $5 and s.run_at <= now() + make_interval(secs => $3))
                on conflict do nothing)
         select id from gone",
        id,
        owner,
        delay.as_secs_f64(),
        i32::from(!counts),
        Kind::RunJob.key()
    )
    .fetch_all(tx.conn())
    .await?;
    held(moved.len() as u64)
}

/// Gave up: kept where a person sees it and can run it again. `Stale` when the lease was lost.
pub async fn bury(tx: &mut TenantTx, id: Uuid, owner: Uuid, cause: &str) -> Result<()> {
    let cause: String = cause.chars().take(2000).collect();
    let moved = sqlx::query!(
        "with gone as (delete from work_leases where id = $1 and lease_owner = $2 returning *)
         insert into work_dead (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key, cause)
         select id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key, $3 from gone",
        id,
        owner,
        cause
    )
    .execute(tx.conn())
    .await?;
    held(moved.rows_affected())
}

const fn held(rows: u64) -> Result<()> {
    if rows == 0 { Err(Error::Stale) } else { Ok(()) }
}
