//! Which sources are read without being asked for? Pages that were last read a week ago, and sources that wait although nobody
//! works on them.

use std::time::Duration;

use domain::assistant::sources::REREAD;
use store::assistant::sources::{self, Due};

use crate::Worker;
use crate::batch::{Budget, Done};
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::hours;

/// A source that waits for longer than this has lost its work.
const LOST: Duration = hours(2);

/// Lets workers read what is due.
pub async fn read_due(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut done, mut after) = (Done::default(), None);
    let mut failed = None;
    loop {
        let found = sources::due(&worker.db, worker.time_scale.of(REREAD), worker.time_scale.of(LOST), after).await?;
        for one in found.due {
            if !budget.is_left() {
                return Ok(Done { more: true, ..done });
            }
            match take_up(worker, one).await {
                Ok(()) => done.rows += 1,
                // The others are taken up all the same.
                Err(error) => failed = Some(error),
            }
        }
        after = found.next;
        if after.is_none() {
            return failed.map_or(Ok(done), |error| Err(error.into()));
        }
    }
}

async fn take_up(worker: &Worker, due: Due) -> store::Result<()> {
    let mut tx = tenant_tx(worker, due.agency, Some(due.business)).await?;
    sources::take_up(&mut tx, due.id).await?;
    tx.commit().await
}
