//! Keeps work unique without losing a wake-up. Work that already waits is not added again. But a worker may take
//! that work at this very moment, look at the subject before this transaction commits, and end. So the row that
//! makes the new one unnecessary is locked until this transaction ends: claims skip it, and the worker that takes
//! it later sees what was changed.

use std::time::Duration;

use domain::work::Kind;
use uuid::Uuid;

use super::{Work, add, insert_ready, insert_scheduled, tenant_key};
use crate::{DbRole, Result, TenantTx};

/// Where the same work may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    Ready,
    Scheduled,
}

/// Inserts work, for now or for after a delay, or locks the same work that already waits. If that work is taken
/// between the two statements, it can no longer be locked, so the insert is repeated. Returns whether the work is
/// new.
pub(super) async fn insert_or_lock(tx: &mut TenantTx, work: &Work, delay: Option<Duration>) -> Result<bool> {
    loop {
        let (new, waits) = match delay {
            None => (insert_ready(tx, work).await?, Waits::Ready),
            Some(delay) => (insert_scheduled(tx, work, delay).await?, Waits::Scheduled),
        };
        let Some(key) = work.dedupe.as_ref().filter(|_| !new) else { return Ok(new) };
        if hold(tx, std::slice::from_ref(key), waits).await?.contains(key) {
            return Ok(false);
        }
    }
}

/// Locks the work that waits under these keys until the transaction ends, and returns its keys. It switches to the
/// worker role, because a page may not read the queue.
pub(super) async fn hold(tx: &mut TenantTx, keys: &[String], waits: Waits) -> Result<Vec<String>> {
    let role = tx.role();
    tx.become_role(DbRole::Worker).await?;
    let held = match waits {
        Waits::Ready => {
            sqlx::query_scalar!(
                r#"select dedupe_key as "key!" from work_ready where dedupe_key = any($1) order by id for key share"#,
                keys
            )
            .fetch_all(tx.conn())
            .await?
        }
        Waits::Scheduled => sqlx::query_scalar!(
            r#"select dedupe_key as "key!" from work_scheduled where dedupe_key = any($1) order by id for key share"#,
            keys
        )
        .fetch_all(tx.conn())
        .await?,
    };
    tx.become_role(role).await?;
    Ok(held)
}

/// Adds work that a person waits for. The same work that waits for its next try becomes due now.
pub async fn add_at_once(tx: &mut TenantTx, work: &Work) -> Result<()> {
    let role = tx.role();
    tx.become_role(DbRole::Worker).await?;
    let hurried =
        sqlx::query!("update work_scheduled set run_at = now() where dedupe_key = $1 and run_at > now()", work.dedupe)
            .execute(tx.conn())
            .await?
            .rows_affected();
    tx.become_role(role).await?;
    if hurried > 0 {
        tx.notices().work(work.kind.queue().key());
        return Ok(());
    }
    add(tx, work).await.map(|_| ())
}

/// Makes a worker look at a job whose wait was ended in this transaction, which holds the lock on the job's row.
/// Work that is scheduled for the job becomes due now. If work already waits, nothing is added: the worker that
/// takes it must wait for the lock on the job's row, and then sees the job's current state. Work that a worker
/// holds does not count, because that worker may have looked at the job before. Work that was left in a former
/// [era](super::eras) is not looked for, because dead rows may be all that is there.
pub(crate) async fn wake_job(tx: &mut TenantTx, job: Uuid) -> Result<()> {
    let (role, tenant) = (tx.role(), tenant_key(tx.home().await?));
    tx.become_role(DbRole::Worker).await?;
    let waits = sqlx::query_scalar!(
        r#"with now_due as (update work_scheduled set run_at = now() where subject_id = $1 and kind = $2 and run_at > now() returning id)
           select exists (select from now_due) or exists (select from work_scheduled where subject_id = $1 and kind = $2)
             or exists (select from work_ready where era = any(array(select generate_series(p.era - 1, p.era) from (select pg_sequence_last_value('work_era'::regclass)::int as era) p))
               and lane = $3 and tenant_key = $4 and subject_id = $1 and kind = $2) as "waits!""#,
        job,
        Kind::RunJob.key(),
        Kind::RunJob.queue().key(),
        tenant
    )
    .fetch_one(tx.conn())
    .await?;
    tx.become_role(role).await?;
    if waits {
        tx.notices().work(Kind::RunJob.queue().key());
        return Ok(());
    }
    add(tx, &Work::new(Kind::RunJob).subject(job)).await.map(|_| ())
}
