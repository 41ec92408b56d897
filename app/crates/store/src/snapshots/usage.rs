//! How have clients fared that were created from a snapshot? Numbers over the agency's jobs.

use std::collections::BTreeMap;

use domain::SnapshotId;
use domain::snapshot::SnapshotUse;

use crate::{Result, TenantTx};

/// The use of these snapshots. One that no job used is not among them. A duration is counted from a job's first step.
pub async fn usage(tx: &mut TenantTx, ids: &[SnapshotId]) -> Result<BTreeMap<SnapshotId, SnapshotUse>> {
    let agency = tx.agency()?;
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select snapshot_id as "id!: SnapshotId", count(*) filter (where status = 'COMPLETED') as "succeeded!",
                  count(*) filter (where status in ('COMPLETED', 'FAILED', 'CANCELLED')) as "ended!", max(created_at) as last_used_at,
                  percentile_cont(0.5) within group (order by extract(epoch from finished_at - coalesce(started_at, created_at))::float8)
                    filter (where status = 'COMPLETED') as median
           from provisioning_jobs where agency_id = $1 and snapshot_id = any($2) group by snapshot_id"#,
        agency.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let used = rows.into_iter().map(|row| {
        let used = SnapshotUse {
            succeeded: row.succeeded,
            ended: row.ended,
            median_seconds: row.median,
            last_used_at: row.last_used_at,
        };
        (row.id, used)
    });
    Ok(used.collect())
}
