//! What proves that nobody changed the log of what AI agents did? Once a day the chain of each business is looked through, and
//! the owner sees when that was and whether it fitted.

use std::time::Duration;

use domain::{AgencyId, BusinessId};
use store::tools::checks;

use super::jobs::Tally;
use super::{Budget, Done};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::hours;

/// A log that nobody looked through for this long is looked through.
const LOOKED: Duration = hours(24);

/// Looks through every log that is due.
pub async fn check(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let due = checks::due(&worker.db, worker.time_scale.of(LOOKED), after).await?;
        for (agency, business) in due.found {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            tally.count(check_one(worker, agency, business).await);
        }
        after = due.next;
        if after.is_none() {
            return tally.done();
        }
    }
}

async fn check_one(worker: &Worker, agency: AgencyId, business: BusinessId) -> store::Result<()> {
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let look = checks::check(&mut tx).await?;
    tx.commit().await?;
    if let Some(first) = look.faults.first() {
        let faults = look.faults.len();
        tracing::error!(event = "tools.log_broken", %business, faults, first, "the log of what AI agents did was changed outside of the product");
    }
    Ok(())
}
