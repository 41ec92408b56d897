//! Leases a HighLevel user to one job at a time. HighLevel accepts the list of a user's locations only as a whole.
//! A job that reads the list, adds to it and sends it back needs the user for itself during that time; otherwise
//! one of two jobs loses its location.

use std::time::Duration;

use super::{Fence, steps};
use crate::{Result, TenantTx};

/// Takes or renews the lease on a user for this job. Returns how long another job still holds the lease; `None`
/// means that this job has it.
pub async fn hold_person(tx: &mut TenantTx, fence: &Fence, person: &str, hold: Duration) -> Result<Option<Duration>> {
    steps::hold(tx, fence).await?;
    let taken = sqlx::query!(
        "insert into people_leases as l (agency_id, ghl_user_id, job_id, lease_until) values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
         on conflict (agency_id, ghl_user_id) do update set job_id = excluded.job_id, lease_until = excluded.lease_until
         where l.job_id = excluded.job_id or l.lease_until < clock_timestamp() or l.lease_until > clock_timestamp() + 2 * make_interval(secs => $4)",
        fence.agency.0,
        person,
        fence.job.0,
        hold.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(None);
    }
    let left = sqlx::query_scalar!(
        r#"select extract(epoch from lease_until - clock_timestamp())::float8 as "left!" from people_leases where agency_id = $1 and ghl_user_id = $2"#,
        fence.agency.0,
        person
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(Some(Duration::from_secs_f64(left.unwrap_or_default().max(0.0))))
}

/// Extends the lease right before the write. Returns false if another job held the user meanwhile, because then
/// the list that was read is outdated.
pub async fn keep_person(tx: &mut TenantTx, fence: &Fence, person: &str, hold: Duration) -> Result<bool> {
    steps::hold(tx, fence).await?;
    let kept = sqlx::query!(
        "update people_leases set lease_until = clock_timestamp() + make_interval(secs => $4) where agency_id = $1 and ghl_user_id = $2 and job_id = $3",
        fence.agency.0,
        person,
        fence.job.0,
        hold.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Gives back every user that the job holds.
pub async fn release_people(tx: &mut TenantTx, fence: &Fence) -> Result<()> {
    steps::hold(tx, fence).await?;
    sqlx::query!("delete from people_leases where agency_id = $1 and job_id = $2", fence.agency.0, fence.job.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}
