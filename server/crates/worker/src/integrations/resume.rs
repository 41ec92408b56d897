//! Resumes all jobs that waited for an integration, once it works again. Each batch has its own transaction. If
//! the work is interrupted, the next run starts again with the jobs that still wait.

use domain::IntegrationId;
use store::provisioning::{self as rows, WaitingJobs};
use store::queue::Claimed;

use super::tokens::agency_tx;
use crate::Worker;
use crate::failed::Failed;

/// Resumes waiting jobs until none is left or the integration stops working again.
pub async fn resume(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(integration)) = (item.agency, item.subject.map(IntegrationId)) else { return Ok(()) };
    let waiting: WaitingJobs = serde_json::from_value(item.payload.clone())
        .map_err(|_| Failed::new("it does not say which jobs are meant"))?;
    let mut after = None;
    loop {
        let mut tx = agency_tx(worker, agency).await?;
        let last = rows::resume_waiting(&mut tx, integration, &waiting, after).await?;
        tx.commit().await?;
        match last {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}
