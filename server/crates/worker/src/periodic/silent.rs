//! What ends a conversation that nobody closed? Silence: after a month without a word it leaves the list of open ones, unless
//! somebody waits in it or has not read it.

use std::time::Duration;

use domain::{AgencyId, BusinessId};
use store::messaging::silent;

use super::jobs::Tally;
use super::{Budget, Done};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::hours;

/// A conversation that is silent for longer than this is over.
const SILENT: Duration = hours(30 * 24);

/// Closes the conversations that are over.
pub async fn close(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let found = silent::businesses(&worker.db, worker.time_scale.of(SILENT), after).await?;
        let Some((_, last)) = found.last().copied() else { return tally.done() };
        after = Some(last);
        for (agency, business) in found {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            tally.count(close_of(worker, agency, business, budget).await);
        }
    }
}

/// Closes those of one business, some of them in each transaction.
async fn close_of(worker: &Worker, agency: AgencyId, business: BusinessId, budget: Budget) -> store::Result<()> {
    loop {
        let mut tx = tenant_tx(worker, agency, Some(business)).await?;
        let closed = silent::close(&mut tx, worker.time_scale.of(SILENT)).await?;
        tx.commit().await?;
        if closed < silent::CLOSED || !budget.is_left() {
            return Ok(());
        }
    }
}
