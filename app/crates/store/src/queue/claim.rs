//! Who takes work, and whose? Agencies in turn, on from the one served last, each at most its share, all processes together.

use std::time::Duration;

use domain::work::Queue;
use domain::{AgencyId, BusinessId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Claimed, LEASE};
use crate::{Db, Result, Scope, TenantTx};

/// One process taking work from one queue.
#[derive(Clone, Debug)]
pub struct Claimer {
    /// The queue.
    pub queue: Queue,
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
    /// Whether the last claim left work in the queue: more than there was room for, or of tenants that have their share running. Then
    /// the end of any piece of the queue is a reason to look again.
    pub more: bool,
    /// Whether another process was just serving a tenant that has work, which may leave some: a reason to look again in a moment.
    pub contended: bool,
}

impl Claimer {
    /// Takes from a queue as `owner`, with the usual lease.
    #[must_use]
    pub fn new(queue: Queue, owner: Uuid) -> Self {
        let after = Uuid::from_u128(rand::random());
        Self { queue, owner, per_tenant: 3, most: 10, lease: LEASE, after, more: true, contended: false }
    }
}

/// Takes work, fairly between tenants: on from the one served last, each at most its share.
pub async fn claim(db: &Db, claimer: &mut Claimer) -> Result<Vec<Claimed>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let Found { tenants, contended, waits } = with_room(tx.conn(), claimer).await?;
    let taken = if tenants.is_empty() { Vec::new() } else { take(tx.conn(), claimer, &tenants).await? };
    let filled = i32::try_from(taken.len()).is_ok_and(|taken| taken >= claimer.most);
    let more = match (filled, taken.is_empty()) {
        (true, _) => true,
        (false, true) => waits,
        (false, false) => left(tx.conn(), claimer.queue).await?,
    };
    tx.commit().await?;
    (claimer.more, claimer.contended) = (more, contended);
    let served = |tenant: &&Uuid| taken.iter().any(|work| work.tenant_key == **tenant);
    if let Some(last) = tenants.iter().rev().find(served) {
        claimer.after = *last;
    }
    Ok(taken)
}

/// What a look at a queue finds.
struct Found {
    /// The next tenants that have work and room, in turn; ours until the claim is committed.
    tenants: Vec<Uuid>,
    /// Whether another such tenant is another process's just now.
    contended: bool,
    /// Whether the queue has any work at all.
    waits: bool,
}

/// The next tenants that have work and room. Each is locked against other claims
/// until this one is committed: two at once would both count what runs before either is to be seen, and together run too much. One
/// that is locked is passed over.
///
/// A loose scan, one index probe per tenant that has work. It ends when enough are found; those it passes over have all they may
/// have running, so there are never more of them than pieces of work that run.
async fn with_room(conn: &mut PgConnection, claimer: &Claimer) -> Result<Found> {
    // A claim that a crash of the database undoes is work that comes again, as when its lease ends; nobody waits for the disk.
    let row = sqlx::query!(
        r#"with recursive fore as (
             (select tenant_key from work_ready where lane = $1 and tenant_key > $4 order by tenant_key limit 1)
             union all
             select (select r.tenant_key from work_ready r where r.lane = $1 and r.tenant_key > t.tenant_key order by r.tenant_key limit 1)
             from fore t where t.tenant_key is not null),
           back as (
             (select tenant_key from work_ready where lane = $1 and tenant_key <= $4 order by tenant_key limit 1)
             union all
             select (select r.tenant_key from work_ready r where r.lane = $1 and r.tenant_key > t.tenant_key and r.tenant_key <= $4 order by r.tenant_key limit 1)
             from back t where t.tenant_key is not null),
           ring as (
             select t.tenant_key, case
               when (select count(*) from work_leases l where l.lane = $1 and l.tenant_key = t.tenant_key)
                 < case when $1 = 'provisioning' then coalesce(lookup.jobs_at_once(t.tenant_key), $2) else $2 end
               then pg_try_advisory_xact_lock(hashtextextended('claim:' || $1 || t.tenant_key::text, 0)) end as mine
             from (select tenant_key from fore union all select tenant_key from back) t where t.tenant_key is not null),
           roomy as (select tenant_key, mine from ring where mine is not null limit $3)
           select coalesce(array_agg(tenant_key) filter (where mine), '{}') as "tenants!", coalesce(bool_or(not mine), false) as "contended!",
             (select tenant_key from work_ready where lane = $1 order by tenant_key limit 1) is not null as "waits!", set_config('synchronous_commit', 'off', true) as quick
           from roomy"#,
        claimer.queue.key(),
        claimer.per_tenant,
        i64::from(claimer.most),
        claimer.after,
    )
    .fetch_one(conn)
    .await?;
    Ok(Found { tenants: row.tenants, contended: row.contended, waits: row.waits })
}

/// The first of each of these tenants, up to what each may have running. A statement of its own: only what begins after the locks
/// were had sees what those who had them before took. Locked rows stay where they are, so they are deleted by their place.
async fn take(conn: &mut PgConnection, claimer: &Claimer, tenants: &[Uuid]) -> Result<Vec<Claimed>> {
    let rows = sqlx::query_as!(
        Claimed,
        r#"with pick as (
             select r.place from unnest($5::uuid[]) as t (tenant_key) cross join lateral (
               select r.ctid as place from work_ready r where r.lane = $1 and r.tenant_key = t.tenant_key order by priority, ready_at, id
               limit greatest(0, case when $1 = 'provisioning' then coalesce(lookup.jobs_at_once(t.tenant_key), $2) else $2 end
                 - (select count(*) from work_leases l where l.lane = $1 and l.tenant_key = t.tenant_key))
               for update skip locked) r limit $3),
           taken as (delete from work_ready where ctid = any(array(select place from pick)) returning *)
           insert into work_leases (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key, lease_owner, lease_until)
           select id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt + 1, dedupe_key, $4, now() + make_interval(secs => $6) from taken
           returning id, kind, agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", subject_id as subject, payload, attempt, tenant_key"#,
        claimer.queue.key(),
        claimer.per_tenant,
        i64::from(claimer.most),
        claimer.owner,
        tenants,
        claimer.lease.as_secs_f64(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Asked so that the index answers: another queue's backlog is never read through.
async fn left(conn: &mut PgConnection, queue: Queue) -> Result<bool> {
    let left = sqlx::query_scalar!(
        r#"select (select tenant_key from work_ready where lane = $1 order by tenant_key limit 1) is not null as "left!""#,
        queue.key()
    );
    Ok(left.fetch_one(conn).await?)
}
