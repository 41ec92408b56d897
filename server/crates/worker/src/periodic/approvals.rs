//! What becomes of a call of a tool that waits for a person and that nobody answers? Every few minutes the owners of its business
//! get a mail if it waits for long, and whatever is over in any business is ended, so that lists and open pages show it as
//! expired although no program asks.

use chrono::Utc;
use domain::{AgencyId, BusinessId};
use store::tools::{lapsed, told};

use super::jobs::Tally;
use super::{Budget, Done};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;

/// Ends what is over in every business.
pub async fn lapse(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let over = lapsed::businesses(&worker.db, Utc::now(), after).await?;
        for (agency, business) in over.found {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            tally.count(lapse_in(worker, agency, business, budget).await);
        }
        after = over.next;
        if after.is_none() {
            return tally.done();
        }
    }
}

/// Tells the owners of every business in which a call waits for long.
pub async fn tell(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let due = told::businesses(&worker.db, Utc::now(), after).await?;
        for (agency, business) in due.found {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            tally.count(tell_in(worker, agency, business).await);
        }
        after = due.next;
        if after.is_none() {
            return tally.done();
        }
    }
}

async fn tell_in(worker: &Worker, agency: AgencyId, business: BusinessId) -> store::Result<()> {
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    told::tell(&mut tx, Utc::now()).await?;
    tx.commit().await
}

/// Ends what is over in one business, some of it in each transaction.
async fn lapse_in(worker: &Worker, agency: AgencyId, business: BusinessId, budget: Budget) -> store::Result<()> {
    loop {
        let mut tx = tenant_tx(worker, agency, Some(business)).await?;
        let ended = lapsed::lapse(&mut tx, Utc::now()).await?;
        tx.commit().await?;
        if ended < lapsed::LAPSED || !budget.is_left() {
            return Ok(());
        }
    }
}
