//! Moves work between the tables of the queue without completing it: due work becomes ready, work of a dead
//! process comes back, and work that a person wants at once becomes due now.

use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

use super::eras::{self, Eras};
use crate::{Db, DbRole, Result, Scope, TenantTx};

/// Gives up every lease of a process that stops, so that another process takes the work at once. The work was not
/// tried to its end, so this does not count as an attempt.
pub async fn release(db: &Db, owner: Uuid) -> Result<u64> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let queues = back_to_ready(tx.conn(), Some(owner), 10_000, 0).await?;
    commit_and_notify(tx, queues).await.map(|(count, _)| count)
}

/// Moves work whose lease expired back to ready. Any process may call it, often.
pub async fn recover_expired(db: &Db, most: i64) -> Result<u64> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let queues = back_to_ready(tx.conn(), None, most, 0).await?;
    commit_and_notify(tx, queues).await.map(|(count, _)| count)
}

/// Moves scheduled work that is due to ready. Any process may call it, often.
pub async fn promote_due(db: &Db, most: i64) -> Result<u64> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let queues = promote(tx.conn(), most).await?;
    commit_and_notify(tx, queues).await.map(|(count, _)| count)
}

/// Does both and tidies the eras, unless another process is doing it just now. Returns the queues that got work.
pub async fn promote_and_recover(db: &Db, known: &mut Eras, most: i64) -> Result<BTreeSet<String>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let Some(era) = eras::alone(tx.conn()).await? else { return Ok(BTreeSet::new()) };
    let look = known.look(era);
    let mut queues = promote(tx.conn(), most).await?;
    look.count(tx.conn()).await?;
    queues.extend(back_to_ready(tx.conn(), None, most, look.leases_from()).await?);
    let moved = look.gather(tx.conn()).await?;
    known.looked(&look, moved.len());
    queues.extend(moved);
    commit_and_notify(tx, queues).await.map(|(_, queues)| queues)
}

/// Moves leased work back to ready: that of this owner, or with `None` that whose lease expired. A lease of more
/// than an hour was taken while the database's clock was ahead; a live process resets it to a minute. It looks at the
/// leases of this era and of later ones.
async fn back_to_ready(conn: &mut PgConnection, owner: Option<Uuid>, most: i64, era: i32) -> Result<Vec<String>> {
    let queues = sqlx::query_scalar!(
        r#"with old as materialized (select id from work_leases where era >= $3 and case when $1::uuid is null then lease_until < now() or lease_until > now() + interval '1 hour' else lease_owner = $1 end
                        limit $2 for update skip locked),
                gone as (delete from work_leases where id = any(array(select id from old)) returning *),
                kept as (insert into work_ready (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key)
                  select id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload,
                    case when $1::uuid is null then attempt else greatest(0, attempt - 1) end, dedupe_key
                  from gone on conflict do nothing)
           select lane from gone"#,
        owner,
        most,
        era
    );
    Ok(queues.fetch_all(conn).await?)
}

/// Moves work that is due, and work that lies further ahead than anything waits: it was scheduled while the
/// database's clock was ahead.
async fn promote(conn: &mut PgConnection, most: i64) -> Result<Vec<String>> {
    let queues = sqlx::query_scalar!(
        "with due as (select id from work_scheduled where run_at <= now() order by run_at, id limit $1 for update skip locked),
              ahead as (select id from work_scheduled where run_at > now() + interval '3 days' order by run_at, id limit $1 for update skip locked),
              gone as (delete from work_scheduled where id = any(array(select id from due union all select id from ahead)) returning *),
              kept as (insert into work_ready (id, lane, tenant_key, priority, ready_at, kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key)
                select id, lane, tenant_key, priority, least(run_at, now()), kind, agency_id, sub_account_id, subject_id, payload, attempt, dedupe_key
                from gone on conflict do nothing)
         select lane from gone",
        most
    );
    Ok(queues.fetch_all(conn).await?)
}

/// Commits and notifies the queues. Returns how many rows moved.
pub(super) async fn commit_and_notify(mut tx: TenantTx, queues: Vec<String>) -> Result<(u64, BTreeSet<String>)> {
    let (count, queues) = (queues.len() as u64, queues.into_iter().collect::<BTreeSet<_>>());
    for queue in &queues {
        tx.notices().work(queue);
    }
    tx.commit().await?;
    Ok((count, queues))
}

/// Makes scheduled work about a subject due now ("retry now"). A page may call it, too: it only changes the time,
/// and a worker moves the row.
pub async fn make_due_now(db: &Db, subject: Uuid) -> Result<u64> {
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
