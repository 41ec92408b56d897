//! Which scheduled messages were forgotten? Their work was lost, or their business came out of the trash. Each minute whatever
//! is due is handed to the queue.

use store::messaging::at_their_time;

use super::jobs::Tally;
use super::{Budget, Done};
use crate::Worker;
use crate::failed::Failed;
use crate::messages::release_scheduled;

/// Hands over what is due in every business.
pub async fn release(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let due = at_their_time::due_businesses(&worker.db, after).await?;
        for (agency, business) in due.found {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            tally.count(release_scheduled(worker, agency, business, None).await);
        }
        after = due.next;
        if after.is_none() {
            return tally.done();
        }
    }
}
