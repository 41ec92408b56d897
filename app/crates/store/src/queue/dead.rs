//! Work that was given up: runs it again, or deletes it, when a person of the platform says so.

use crate::{PlatformTx, Result};

/// Largest number of items that one call runs again.
pub const MOST_RETRIED: i64 = 500;

/// What became of work that was to run again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Items that can run now.
    pub ready: i64,
    /// Items that were dropped, because the same work waited already.
    pub dropped: i64,
}

/// Makes work of one kind that was given up ready again, the oldest first. Its attempts are counted from one. An item is
/// dropped if work with its key waits or is scheduled already.
pub async fn retry_dead(tx: &mut PlatformTx, kind: &str) -> Result<Retried> {
    let moved = sqlx::query!(
        r#"with chosen as (select id from work_dead where kind = $1 order by died_at, id limit $2 for update skip locked),
                gone as (delete from work_dead where id in (select id from chosen) returning *),
                added as (insert into work_ready (id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id, payload, dedupe_key)
                  select id, lane, tenant_key, priority, kind, agency_id, sub_account_id, subject_id,
                         case jsonb_typeof(payload) when 'object' then payload - 'anew' else payload end, dedupe_key
                  from gone where not exists (select from work_scheduled s where s.dedupe_key = gone.dedupe_key)
                  on conflict do nothing returning lane)
           select (select count(*) from gone) as "gone!", (select count(*) from added) as "ready!",
                  (select coalesce(array_agg(distinct lane), '{}') from added) as "lanes!""#,
        kind,
        MOST_RETRIED
    )
    .fetch_one(tx.conn())
    .await?;
    for lane in &moved.lanes {
        tx.notices().work(lane);
    }
    Ok(Retried { ready: moved.ready, dropped: moved.gone - moved.ready })
}

/// Deletes the work of one kind that was given up. Returns the number of items.
pub async fn discard_dead(tx: &mut PlatformTx, kind: &str) -> Result<u64> {
    let gone = sqlx::query!("delete from work_dead where kind = $1", kind).execute(tx.conn()).await?;
    Ok(gone.rows_affected())
}
