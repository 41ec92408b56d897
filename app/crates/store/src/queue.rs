//! Who does what next? Work is a row with ids: ready, scheduled, leased or dead, and it moves between those tables.
//! The queue row is only the invitation. What may be decided is fenced on the subject itself, so a row that runs twice
//! does no harm.
//!
//! Ours and not a ready-made queue: work is enqueued in the caller's tenant transaction under row-level security, and the
//! claim is fair between agencies by an index probe per tenant; none of the queues on our sqlx does both.

use domain::work::{Kind, Lane};
use domain::{AgencyId, BusinessId};
use serde_json::Value;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

use crate::{Db, DbRole, Error, Result, Scope, TenantTx, new_id};

mod batch;
mod depth;

pub use batch::{add_many, complete_many};
pub use depth::{Depth, depth};

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
    /// Ordinary work of a kind; the kind knows its lane.
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

/// Adds work that may run at once, in the caller's transaction. False when the same already waits.
pub async fn add(tx: &mut TenantTx, work: &Work) -> Result<bool> {
    let (agency, business) = (tx.home().await?, tx.business());
    let tenant = tenant_key(agency);
    // One trip tells the listeners too: equal notices of one transaction reach them once, when it commits. No conflict target:
    // naming one would need the right to read the queue, which pages do not have.
    let added = sqlx::query!(
        "with told as materialized (select pg_notify('slipway', 'w ' || $2::text))
         insert into work_ready (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, dedupe_key)
         select $1::uuid, $2::text, $3::uuid, $4::smallint, $5::text, $6::uuid, $7::uuid, $8::uuid, $9::jsonb, $10::text from told
         on conflict do nothing",
        new_id::<Uuid>(),
        work.kind.lane().key(),
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
    Ok(added == 1)
}

/// Adds work for later. False when the same is already scheduled.
pub async fn add_in(tx: &mut TenantTx, work: &Work, delay: Duration) -> Result<bool> {
    let (agency, business) = (tx.home().await?, tx.business());
    let tenant = tenant_key(agency);
    let added = sqlx::query!(
        "insert into work_scheduled (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, dedupe_key, run_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11)) on conflict do nothing",
        new_id::<Uuid>(),
        work.kind.lane().key(),
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

/// Equal notices of one transaction reach listeners once.
async fn wake(conn: &mut PgConnection, lane: &str) -> Result<()> {
    sqlx::query!("select pg_notify('slipway', 'w ' || $1)", lane).execute(conn).await?;
    Ok(())
}

/// One process taking work from one lane.
#[derive(Clone, Debug)]
pub struct Claimer {
    /// The lane.
    pub lane: Lane,
    /// The process; random at each start.
    pub owner: Uuid,
    /// At most this many running for one tenant, all processes together; of jobs an agency may have chosen another number.
    pub per_tenant: i64,
    /// At most this many at once.
    pub most: i32,
    /// How long a claim holds without a heartbeat.
    pub lease: Duration,
    /// The tenant served last; starts at random, so that processes begin at different tenants.
    pub after: Uuid,
}

impl Claimer {
    /// Takes from a lane as `owner`, with the usual lease.
    #[must_use]
    pub fn new(lane: Lane, owner: Uuid) -> Self {
        Self { lane, owner, per_tenant: 3, most: 10, lease: LEASE, after: Uuid::from_u128(rand::random()) }
    }
}

/// Takes work, fairly between tenants: on from the one served last, each at most its share.
pub async fn claim(db: &Db, claimer: &mut Claimer) -> Result<Vec<Claimed>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let mut taken = claim_after(tx.conn(), claimer, claimer.after).await?;
    if taken.is_empty() && !claimer.after.is_nil() {
        taken = claim_after(tx.conn(), claimer, Uuid::nil()).await?;
    }
    tx.commit().await?;
    claimer.after = taken.iter().map(|work| work.tenant_key).max().unwrap_or_default();
    Ok(taken)
}

async fn claim_after(conn: &mut PgConnection, claimer: &Claimer, after: Uuid) -> Result<Vec<Claimed>> {
    // A loose scan, one index probe per tenant that has work; then the head of each tenant, skipping what others lock. Locked
    // rows stay where they are, so they are deleted by their place.
    let rows = sqlx::query_as!(
        Claimed,
        r#"with recursive tenants as (
             (select tenant_key from work_ready where lane = $1 and tenant_key > $5 order by tenant_key limit 1)
             union all
             select (select r.tenant_key from work_ready r where r.lane = $1 and r.tenant_key > t.tenant_key order by r.tenant_key limit 1)
             from tenants t where t.tenant_key is not null),
           pick as (
             select r.place from (select tenant_key from tenants where tenant_key is not null limit 4 * $3) t cross join lateral (
               select r.ctid as place from work_ready r where r.lane = $1 and r.tenant_key = t.tenant_key order by priority, ready_at, id
               limit greatest(0, case when $1 = 'provisioning' then coalesce(lookup.jobs_at_once(t.tenant_key), $2) else $2 end
                 - (select count(*) from work_leases l where l.lane = $1 and l.tenant_key = t.tenant_key))
               for update skip locked) r limit $3),
           taken as (delete from work_ready where ctid = any(array(select place from pick)) returning *)
           insert into work_leases (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key, lease_owner, lease_until)
           select id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt + 1, dedupe_key, $4, now() + make_interval(secs => $6) from taken
           returning id, kind, agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", subject_id as subject, payload, attempt, tenant_key"#,
        claimer.lane.key(),
        claimer.per_tenant,
        claimer.most,
        claimer.owner,
        after,
        claimer.lease.as_secs_f64(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Extends every lease of this process in one statement; returns the rows it still holds. One that is missing is lost.
pub async fn heartbeat(db: &Db, owner: Uuid, lease: Duration) -> Result<Vec<Uuid>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let held = sqlx::query_scalar!(
        "update work_leases set lease_until = now() + make_interval(secs => $2) where lease_owner = $1 returning id",
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

async fn later(tx: &mut TenantTx, id: Uuid, owner: Uuid, delay: Duration, counts: bool) -> Result<()> {
    let moved = sqlx::query!(
        "with gone as (delete from work_leases where id = $1 and lease_owner = $2 returning *),
              kept as (insert into work_scheduled (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key, run_at)
                select id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, attempt - $4, dedupe_key, now() + make_interval(secs => $3)
                from gone on conflict do nothing)
         select id from gone",
        id,
        owner,
        delay.as_secs_f64(),
        i32::from(!counts)
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

/// Gives up every lease of a process that stops, so that another takes the work at once.
pub async fn release(db: &Db, owner: Uuid) -> Result<u64> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let back = back_to_ready(tx.conn(), Some(owner), 10_000).await?;
    tx.commit().await?;
    Ok(back)
}

/// Moves work whose lease ended back to ready. Any process may do it, often.
pub async fn recover_expired(db: &Db, most: i64) -> Result<u64> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let back = back_to_ready(tx.conn(), None, most).await?;
    tx.commit().await?;
    Ok(back)
}

async fn back_to_ready(conn: &mut PgConnection, owner: Option<Uuid>, most: i64) -> Result<u64> {
    let lanes = sqlx::query_scalar!(
        r#"with old as (select id from work_leases where case when $1::uuid is null then lease_until < now() else lease_owner = $1 end
                        order by id limit $2 for update skip locked),
                gone as (delete from work_leases l using old where l.id = old.id returning l.*),
                kept as (insert into work_ready (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key)
                  select id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key
                  from gone on conflict do nothing)
           select lane from gone"#,
        owner,
        most
    )
    .fetch_all(&mut *conn)
    .await?;
    notify_lanes(conn, lanes).await
}

/// Moves scheduled work that is due to ready. Any process may do it, often.
pub async fn promote_due(db: &Db, most: i64) -> Result<u64> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let lanes = sqlx::query_scalar!(
        "with due as (select id from work_scheduled where run_at <= now() order by run_at, id limit $1 for update skip locked),
              gone as (delete from work_scheduled s using due where s.id = due.id returning s.*),
              kept as (insert into work_ready (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key)
                select id, lane, tenant_key, priority, run_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key
                from gone on conflict do nothing)
         select lane from gone",
        most
    )
    .fetch_all(tx.conn())
    .await?;
    let moved = notify_lanes(tx.conn(), lanes).await?;
    tx.commit().await?;
    Ok(moved)
}

async fn notify_lanes(conn: &mut PgConnection, mut lanes: Vec<String>) -> Result<u64> {
    let moved = lanes.len() as u64;
    lanes.sort_unstable();
    lanes.dedup();
    for lane in lanes {
        wake(conn, &lane).await?;
    }
    Ok(moved)
}

/// Runs scheduled work about a subject now ("retry now"). Works from a page too: it asks, the worker moves.
pub async fn hurry(db: &Db, subject: Uuid) -> Result<u64> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let moved =
        sqlx::query!("update work_scheduled set run_at = now() where subject_id = $1 and run_at > now()", subject)
            .execute(tx.conn())
            .await?
            .rows_affected();
    tx.commit().await?;
    Ok(moved)
}
