//! The work queue: which process may claim the next item of work? An item is a row of ids in the table for ready,
//! scheduled, leased or dead work, and it moves between those tables. The row only asks a worker to look at the
//! subject. Every decision is fenced on the subject itself, so a row that runs twice does no harm.
//!
//! We do not use an existing queue: work is enqueued in the caller's tenant transaction under row-level security,
//! and claims are fair between agencies with one index probe per tenant. No existing queue for our version of sqlx
//! does both.

use domain::work::Kind;
use domain::{AgencyId, BusinessId};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

use crate::{Db, Error, Result, Scope, TenantTx, new_id};

mod batch;
mod by_queue;
mod claim;
mod dead;
mod depth;
mod eras;
mod limits;
mod moves;
mod platform;
mod single;
#[cfg(all(test, feature = "testing"))]
mod tests;

pub use batch::{add_many, complete_many};
pub use by_queue::{QueueDepth, depths};
pub use claim::{Claimer, claim};
pub use dead::{MOST_RETRIED, Retried, discard_dead, retry_dead};
pub use depth::{Depth, GivenUp, check_readable, dead_rows, depth, given_up};
pub use eras::{Eras, Walked};
pub use limits::{QueueLimits, limits};
pub use moves::{make_due_now, promote_and_recover, promote_due, recover_expired, release};
pub use platform::{add_platform, is_queued, is_queued_platform};
pub use single::add_at_once;
pub(crate) use single::wake_job;

/// How long a claim usually lasts without a heartbeat.
pub const LEASE: Duration = Duration::from_secs(60);

/// An item of work. It belongs to the agency and business of the transaction that adds it.
#[derive(Clone, Debug)]
pub struct Work {
    kind: Kind,
    subject: Option<Uuid>,
    payload: Value,
    priority: i16,
    dedupe: Option<String>,
    turn: Option<Uuid>,
}

impl Work {
    /// Creates work of a kind with normal priority. The kind determines the queue.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let payload = Value::Object(serde_json::Map::new());
        Self { kind, subject: None, payload, priority: 100, dedupe: None, turn: None }
    }

    /// Sets what the work is about: a job or an integration.
    #[must_use]
    pub fn subject(mut self, id: impl Into<Uuid>) -> Self {
        self.subject = Some(id.into());
        self
    }

    /// Sets the payload: ids and small numbers, at most 1 KiB, and never data of a business.
    #[must_use]
    pub fn payload(mut self, payload: Value) -> Self {
        self.payload = payload;
        self
    }

    /// Sets the priority. Lower numbers run first; 100 is normal.
    #[must_use]
    pub const fn priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// Sets a key under which the work waits only once: while it waits, the same key is not added again.
    #[must_use]
    pub fn once(mut self, key: impl Into<String>) -> Self {
        self.dedupe = Some(key.into());
        self
    }

    /// Lets work without an agency take turns with other such work: what has the same key counts as one tenant.
    #[must_use]
    pub fn turn_of(mut self, key: &str) -> Self {
        let sum: [u8; 32] = Sha256::digest(key).into();
        self.turn = sum.first_chunk().copied().map(Uuid::from_bytes);
        self
    }

    /// The tenant that it counts for.
    fn tenant_key(&self, agency: Option<AgencyId>) -> Uuid {
        match (agency, self.turn) {
            (None, Some(turn)) => turn,
            _ => tenant_key(agency),
        }
    }
}

/// The tenant for fair claims. Claims are fair between agencies; all work without an agency or a turn of its own counts
/// as one tenant, the last.
fn tenant_key(agency: Option<AgencyId>) -> Uuid {
    agency.map_or(Uuid::max(), Uuid::from)
}

/// Work that this process holds until the lease ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Id of the row.
    pub id: Uuid,
    /// Key of its kind. Work of a kind that this version does not know is left to a newer version.
    pub kind: String,
    /// The agency it belongs to.
    pub agency: Option<AgencyId>,
    /// The business it belongs to.
    pub business: Option<BusinessId>,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// Its ids and small numbers.
    pub payload: Value,
    /// How often it was claimed, including this time.
    pub attempt: i32,
    /// The tenant that it counts for.
    pub tenant_key: Uuid,
}

/// Adds work that may run at once, in the caller's transaction. Returns false when the same work already waits.
/// That work then stays where it is until this transaction ends, so the worker that claims it sees the changes
/// made here.
pub async fn add(tx: &mut TenantTx, work: &Work) -> Result<bool> {
    single::insert_or_lock(tx, work, None).await
}

async fn insert_ready(tx: &mut TenantTx, work: &Work) -> Result<bool> {
    let place = (tx.home().await?, tx.business());
    let added = insert_row(tx.conn(), place, work).await?;
    tx.notices().work(work.kind.queue().key());
    Ok(added)
}

/// `on conflict` names no target, because this would need the right to read the queue, which pages do not have.
async fn insert_row(
    conn: &mut PgConnection,
    (agency, business): (Option<AgencyId>, Option<BusinessId>),
    work: &Work,
) -> Result<bool> {
    let added = sqlx::query!(
        "insert into work_ready (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, dedupe_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        new_id::<Uuid>(),
        work.kind.queue().key(),
        work.tenant_key(agency),
        work.priority,
        work.kind.key(),
        agency.map(|id| id.0),
        business.map(|id| id.0),
        work.subject,
        work.payload,
        work.dedupe,
    );
    Ok(added.execute(conn).await?.rows_affected() == 1)
}

/// Adds work that runs after a delay. Returns false when the same work is already scheduled.
pub async fn add_in(tx: &mut TenantTx, work: &Work, delay: Duration) -> Result<bool> {
    single::insert_or_lock(tx, work, Some(delay)).await
}

async fn insert_scheduled(tx: &mut TenantTx, work: &Work, delay: Duration) -> Result<bool> {
    let (agency, business) = (tx.home().await?, tx.business());
    let tenant = work.tenant_key(agency);
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

/// Extends every lease of this process in one statement and returns the ids of the rows that it still holds. A
/// missing row is lost.
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

/// Completes work, in the transaction that stores its result. Returns `Stale` when the lease was lost.
///
/// Here and below, the owner is compared in a form that no index answers, so the row is found by its id. The index of
/// owners leads to every row that the process ever held and that an old snapshot still keeps.
pub async fn complete(tx: &mut TenantTx, id: Uuid, owner: Uuid) -> Result<()> {
    let done = sqlx::query!("delete from work_leases where id = $1 and lease_owner is not distinct from $2", id, owner)
        .execute(tx.conn())
        .await?;
    held(done.rows_affected())
}

/// Schedules the same row again after a delay. Returns `Stale` when the lease was lost.
pub async fn reschedule(tx: &mut TenantTx, id: Uuid, owner: Uuid, delay: Duration) -> Result<()> {
    move_to_scheduled(tx, id, owner, delay, true).await
}

/// Like `reschedule`, but the claim does not count as an attempt, because the work could not even begin.
pub async fn postpone(tx: &mut TenantTx, id: Uuid, owner: Uuid, delay: Duration) -> Result<()> {
    move_to_scheduled(tx, id, owner, delay, false).await
}

/// Counts the attempts of work that this process holds from one again. This works once per row; returns whether it
/// did so now.
pub async fn reset_attempts(db: &Db, id: Uuid, owner: Uuid) -> Result<bool> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let done = sqlx::query!(
        r#"update work_leases set attempt = 1, payload = payload || '{"anew": true}' where id = $1 and lease_owner is not distinct from $2 and not payload ? 'anew'"#,
        id,
        owner
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Moves leased work back to the scheduled rows; `counts` is false when this claim is not to count as an attempt.
/// One scheduled row per job is enough: when another one for the same job is due no later, this one is dropped.
/// The other one looks at the job and decides when it runs again.
async fn move_to_scheduled(tx: &mut TenantTx, id: Uuid, owner: Uuid, delay: Duration, counts: bool) -> Result<()> {
    let moved = sqlx::query!(
        "with gone as (delete from work_leases where id = $1 and lease_owner is not distinct from $2 returning *),
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

/// Gives up on work: moves it to the dead rows, where a person sees it and can run it again. Returns `Stale` when
/// the lease was lost.
pub async fn give_up(tx: &mut TenantTx, id: Uuid, owner: Uuid, cause: &str) -> Result<()> {
    let cause: String = cause.chars().take(2000).collect();
    let moved = sqlx::query!(
        "with gone as (delete from work_leases where id = $1 and lease_owner is not distinct from $2 returning *)
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
