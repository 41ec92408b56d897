//! Which location and which business are a job's own, and what have other jobs of the agency to do with a location?

use domain::{BusinessId, JobId};

use super::steps::hold;
use super::{Fence, agency};
use crate::{Result, TenantTx};

/// The location is known for certain.
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

/// The business exists.
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

/// Which job but this one has a location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// The number of the job whose location it is; cancelled jobs have none.
    pub has: Option<i64>,
    /// Whether another job, be it cancelled, is known to have created it.
    pub created: bool,
}

/// What other jobs of the agency have to do with a location.
pub async fn others(tx: &mut TenantTx, job: JobId, location: &str) -> Result<Others> {
    let agency = agency(tx)?;
    Ok(sqlx::query_as!(
        Others,
        r#"select (select j.number from provisioning_jobs j where j.agency_id = $1 and j.id <> $2 and j.location_id = $3 and j.status <> 'CANCELLED' limit 1) as has,
                  exists (select from effects e where e.agency_id = $1 and e.job_id is distinct from $2 and e.kind = 'create_location' and e.state = 'CONFIRMED' and e.provider_ref = $3) as "created!""#,
        agency.0,
        job.0,
        location
    )
    .fetch_one(tx.conn())
    .await?)
}
