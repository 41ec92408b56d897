//! Which jobs go on when a connection works again? All that asked about it, some at a time: each batch is a transaction of its own,
//! and one that is interrupted begins anew with those that still ask.

use domain::IntegrationId;
use store::provisioning::{self as rows, WaitingJobs};
use store::queue::Claimed;

use super::tokens::agency_tx;
use crate::Worker;
use crate::background_jobs::Failed;

/// Lets them go on, until none is left or the connection does not work any more.
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
