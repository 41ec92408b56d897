//! Claims work from a queue, fairly between tenants. Agencies take turns, starting after the one served last, and
//! each runs at most its share across all processes.

use std::time::Duration;

use domain::work::Queue;
use domain::{AgencyId, BusinessId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::eras::{self, COUNTED, Walked};
use super::{Claimed, LEASE, QueueLimits};
use crate::{Db, Result, Scope, TenantTx};

/// A claim whose first tenants are all served by other processes looks at the next ones so often.
const LOOKS_FURTHER: usize = 3;

/// A process that claims work from one queue.
#[derive(Clone, Debug)]
pub struct Claimer {
    /// The queue.
    pub queue: Queue,
    /// Id of the process, random at each start.
    pub owner: Uuid,
    /// Maximum number of items that run for one tenant, across all processes.
    pub per_tenant: i64,
    /// The setting by which an agency may have chosen another number.
    pub per_tenant_setting: Option<String>,
    /// Maximum number of items per claim.
    pub max_items: i32,
    /// How long a claim lasts without a heartbeat.
    pub lease: Duration,
    /// The tenant served last. It starts at random, so that processes begin at different tenants.
    pub after: Uuid,
    /// Whether the last claim left work in the queue: more than it had room for, or work of tenants whose share is
    /// running. Then the end of any item of the queue is a reason to claim again.
    pub more: bool,
    /// Whether another process was just serving a tenant that has work. It may leave some of that work, so there
    /// is a reason to claim again in a moment.
    pub contended: bool,
    /// What its claims walked over, which decides when the next era begins.
    pub walked: Walked,
}

impl Claimer {
    /// Creates a claimer of a queue for `owner`, with the usual lease.
    #[must_use]
    pub fn new(queue: Queue, owner: Uuid) -> Self {
        Self {
            queue,
            owner,
            per_tenant: 3,
            per_tenant_setting: None,
            max_items: 10,
            lease: LEASE,
            after: Uuid::from_u128(rand::random()),
            more: true,
            contended: false,
            walked: Walked::default(),
        }
    }

    /// Creates a claimer of a queue with these limits, which has room for all that one process may run.
    #[must_use]
    pub fn of(limits: &QueueLimits, owner: Uuid) -> Self {
        Self {
            per_tenant: limits.per_agency,
            per_tenant_setting: limits.per_agency_setting.clone(),
            max_items: limits.at_once,
            ..Self::new(limits.queue, owner)
        }
    }
}

/// Claims work, fairly between tenants: it starts after the tenant served last, and each tenant gets at most its
/// share.
pub async fn claim(db: &Db, claimer: &mut Claimer) -> Result<Vec<Claimed>> {
    step_around_dead_rows(db, &mut claimer.walked).await;
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let found = find(tx.conn(), claimer).await?;
    let Found { ref tenants, contended, waits, others, era, entries, .. } = found;
    let taken = if tenants.is_empty() { Vec::new() } else { take(tx.conn(), claimer, tenants, era).await? };
    let filled = i32::try_from(taken.len()).is_ok_and(|taken| taken >= claimer.max_items);
    let more = match (filled, taken.is_empty()) {
        (true, _) => true,
        (false, true) => waits,
        (false, false) => others || left(tx.conn(), claimer.queue, tenants).await?,
    };
    tx.commit().await?;
    (claimer.more, claimer.contended) = (more, contended);
    claimer.walked.count(era, entries);
    let served = |tenant: &&Uuid| taken.iter().any(|work| work.tenant_key == **tenant);
    if let Some(last) = tenants.iter().rev().find(served) {
        claimer.after = *last;
    }
    Ok(taken)
}

/// Begins a new era if the former claims walked over enough. A failure costs nothing but time.
async fn step_around_dead_rows(db: &Db, walked: &mut Walked) {
    let Some(most) = walked.worth_moving() else { return };
    let begun = eras::advance(db, most).await.unwrap_or_else(|error| {
        tracing::warn!(event = "queue.era_not_begun", %error, "claims go on walking over dead rows");
        false
    });
    if !begun {
        walked.refuse();
    }
}

/// What a claim finds in a queue before it takes work.
struct Found {
    /// The next tenants that have work and room, in turn. We hold their locks until the claim is committed.
    tenants: Vec<Uuid>,
    /// Whether another process holds the lock of another such tenant.
    contended: bool,
    /// Whether the queue has any work at all.
    waits: bool,
    /// Whether another tenant may have work: one whose share is running, one that another process holds, or one that
    /// was not looked at because enough were found.
    others: bool,
    /// The last tenant that was looked at and has work and room, if there may be others behind it.
    last: Option<Uuid>,
    /// The present era before anything else was looked at.
    era: i32,
    /// Entries of the index that were read, most of which led to dead rows.
    entries: i64,
}

/// Finds the next tenants that have work and room. Where other processes serve all that were found, it looks for those
/// behind them, a few times.
async fn find(conn: &mut PgConnection, claimer: &Claimer) -> Result<Found> {
    let mut found = lock_tenants_with_capacity(conn, claimer, claimer.after).await?;
    for _ in 0..LOOKS_FURTHER {
        let Some(last) = found.last.filter(|_| found.tenants.is_empty()) else { break };
        let next = lock_tenants_with_capacity(conn, claimer, last).await?;
        found = Found { contended: true, waits: true, others: true, entries: found.entries + next.entries, ..next };
    }
    Ok(found)
}

/// Finds the next tenants that have work and room, and locks each of them against other claims until this claim is
/// committed. Two claims at once would both count the running work before either of them is visible, and together
/// run too much. A tenant that is locked is skipped.
///
/// It is a loose index scan with one probe per tenant that has work. It ends when enough tenants are found. The
/// tenants that it skips already run all they may, so there are never more of them than running items.
///
/// Each probe walks over the dead rows before the next live one, and an old snapshot keeps them. So it looks at the
/// present [era](super::eras) and the one before, and whatever else a claim asks about the queue is read from the tenants
/// that these probes found.
async fn lock_tenants_with_capacity(conn: &mut PgConnection, claimer: &Claimer, after: Uuid) -> Result<Found> {
    // A claim that a crash of the database undoes is work that comes back, as when its lease ends. So the commit
    // does not wait for the disk. The statements that follow read in the order of the index and are planned once: to
    // plan them for each claim's tenants takes longer than the claim.
    let row = sqlx::query!(
        r#"with recursive present as materialized (select pg_sequence_last_value('work_era'::regclass)::int as era,
             pg_stat_get_xact_tuples_returned('work_ready_by_era'::regclass) as entries),
           eras as materialized (select e.era from present p cross join lateral (values (p.era), (p.era - 1)) e (era)),
           fore as (
             (select n.tenant_key from eras e cross join lateral (
               select r.tenant_key from work_ready r where r.era = e.era and r.lane = $1 and r.tenant_key > $4 order by r.tenant_key limit 1) n order by 1 limit 1)
             union all
             select (select n.tenant_key from eras e cross join lateral (
               select r.tenant_key from work_ready r where r.era = e.era and r.lane = $1 and r.tenant_key > t.tenant_key order by r.tenant_key limit 1) n order by 1 limit 1)
             from fore t where t.tenant_key is not null),
           back as (
             (select n.tenant_key from eras e cross join lateral (
               select r.tenant_key from work_ready r where r.era = e.era and r.lane = $1 and r.tenant_key <= $4 order by r.tenant_key limit 1) n order by 1 limit 1)
             union all
             select (select n.tenant_key from eras e cross join lateral (
               select r.tenant_key from work_ready r where r.era = e.era and r.lane = $1 and r.tenant_key > t.tenant_key and r.tenant_key <= $4 order by r.tenant_key limit 1) n
               order by 1 limit 1)
             from back t where t.tenant_key is not null),
           ring as (
             select t.tenant_key, case
               when (select count(*) from work_leases l where l.era = any(array(select generate_series(p.era - $6::int, p.era) from present p)) and l.lane = $1 and l.tenant_key = t.tenant_key)
                 < coalesce(lookup.agency_share(t.tenant_key, $5), $2)
               then pg_try_advisory_xact_lock(hashtextextended('claim:' || $1 || t.tenant_key::text, 0)) end as mine
             from (select tenant_key from fore union all select tenant_key from back) t where t.tenant_key is not null),
           roomy as (select tenant_key, mine from ring where mine is not null limit $3)
           select coalesce(array_agg(tenant_key) filter (where mine), '{}') as "tenants!", coalesce(bool_or(not mine), false) as "contended!",
             (select tenant_key from fore limit 1) is not null or (select tenant_key from back limit 1) is not null as "waits!",
             case when count(*) < $3 then exists (select from ring where mine is distinct from true) else true end as "others!",
             case when count(*) = $3 then (array_agg(tenant_key))[$3] end as last, (select era from present) as "era!",
             pg_stat_get_xact_tuples_returned('work_ready_by_era'::regclass) - (select entries from present) as "entries!",
             set_config('synchronous_commit', 'off', true) as quick, set_config('enable_seqscan', 'off', true) as indexed,
             set_config('enable_bitmapscan', 'off', true) as ordered, set_config('plan_cache_mode', 'force_generic_plan', true) as planned
           from roomy"#,
        claimer.queue.key(),
        claimer.per_tenant,
        i64::from(claimer.max_items),
        after,
        claimer.per_tenant_setting.as_deref(),
        COUNTED,
    )
    .fetch_one(conn)
    .await?;
    let (last, era, entries) = (row.last, row.era, row.entries);
    Ok(Found {
        tenants: row.tenants,
        contended: row.contended,
        waits: row.waits,
        others: row.others,
        last,
        era,
        entries,
    })
}

/// Takes the first items of each of these tenants, up to what each may run. It is a separate statement, because
/// only a statement that begins after the locks were taken sees what their former holders took. Locked rows cannot
/// move, so they are deleted by their `ctid`. Leases are counted from an era on that was the present one before this
/// statement began, so an era that begins meanwhile hides none.
async fn take(conn: &mut PgConnection, claimer: &Claimer, tenants: &[Uuid], era: i32) -> Result<Vec<Claimed>> {
    let rows = sqlx::query_as!(
        Claimed,
        r#"with present as materialized (select pg_sequence_last_value('work_era'::regclass)::int as era),
           room as materialized (
             select t.tenant_key, least($3, greatest(0, coalesce(lookup.agency_share(t.tenant_key, $7), $2) - (select count(*) from work_leases l
               where l.era = any(array(select generate_series($8::int, p.era) from present p)) and l.lane = $1 and l.tenant_key = t.tenant_key))) as room
             from unnest($5::uuid[]) as t (tenant_key)),
           pick as (
             select r.place from room t cross join lateral (
               select f.place from present p cross join lateral (values (p.era), (p.era - 1)) e (era) cross join lateral (
                 select r.ctid as place, r.priority, r.ready_at, r.id from work_ready r where r.era = e.era and r.lane = $1 and r.tenant_key = t.tenant_key
                 order by r.priority, r.ready_at, r.id limit t.room for update skip locked) f
               order by f.priority, f.ready_at, f.id limit t.room) r limit $3),
           taken as (delete from work_ready where ctid = any(array(select place from pick)) returning *)
           insert into work_leases (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key, lease_owner, lease_until)
           select id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt + 1, dedupe_key, $4, now() + make_interval(secs => $6) from taken
           returning id, kind, agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", subject_id as subject, payload, attempt, tenant_key"#,
        claimer.queue.key(),
        claimer.per_tenant,
        i64::from(claimer.max_items),
        claimer.owner,
        tenants,
        claimer.lease.as_secs_f64(),
        claimer.per_tenant_setting.as_deref(),
        era - COUNTED,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Whether these tenants have more work. It looks at their rows alone, so a backlog or dead rows of others are never
/// scanned.
async fn left(conn: &mut PgConnection, queue: Queue, tenants: &[Uuid]) -> Result<bool> {
    let left = sqlx::query_scalar!(
        r#"select exists (select from unnest($2::uuid[]) as t (tenant_key)
             cross join (values (pg_sequence_last_value('work_era'::regclass)::int), (pg_sequence_last_value('work_era'::regclass)::int - 1)) e (era)
             cross join lateral (select from work_ready r where r.era = e.era and r.lane = $1 and r.tenant_key = t.tenant_key
               order by r.priority, r.ready_at, r.id limit 1) n) as "left!""#,
        queue.key(),
        tenants
    );
    Ok(left.fetch_one(conn).await?)
}
