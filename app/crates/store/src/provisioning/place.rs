//! Stores which location and which business are a job's own, and finds out how other jobs of the agency use a
//! location.

use domain::{BusinessId, JobId};

use super::steps::hold;
use super::{Fence, agency};
use crate::{Result, TenantTx};

/// Stores the job's location, once it is known for certain.
pub async fn set_location(tx: &mut TenantTx, fence: &Fence, location: &str) -> Result<()> {
    hold(tx, fence).await?;
    sqlx::query!(
        "update provisioning_jobs set location_id = $3 where agency_id = $1 and id = $2",
        fence.agency.0,
        fence.job.0,
        location
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores the job's business, once it exists.
pub async fn set_business(tx: &mut TenantTx, fence: &Fence, business: BusinessId) -> Result<()> {
    hold(tx, fence).await?;
    sqlx::query!(
        "update provisioning_jobs set sub_account_id = $3 where agency_id = $1 and id = $2",
        fence.agency.0,
        fence.job.0,
        business.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How other jobs of the agency use a location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocationUse {
    /// Number of the job that has the location. `None` if no other job has it; cancelled jobs do not count.
    pub has: Option<i64>,
    /// Whether another job is known to have created it. A cancelled job counts, too.
    pub created: bool,
}

/// Finds out how other jobs of the agency use a location.
pub async fn others(tx: &mut TenantTx, job: JobId, location: &str) -> Result<LocationUse> {
    let agency = agency(tx)?;
    Ok(sqlx::query_as!(
        LocationUse,
        r#"select (select j.number from provisioning_jobs j where j.agency_id = $1 and j.id <> $2 and j.location_id = $3 and j.status <> 'CANCELLED' limit 1) as has,
                  exists (select from effects e where e.agency_id = $1 and e.job_id is distinct from $2 and e.kind = 'create_location' and e.state = 'CONFIRMED' and e.provider_ref = $3) as "created!""#,
        agency.0,
        job.0,
        location
    )
    .fetch_one(tx.conn())
    .await?)
}
