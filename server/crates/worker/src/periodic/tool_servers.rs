//! The periodic job that has each tool server asked which tools it has, so that a new or broken tool is seen without anybody
//! looking.

use std::time::Duration;

use store::tool_servers;

use super::Done;
use super::jobs::Tally;
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::agency_tx;
use crate::time_scale::hours;

/// A server that was not asked for this long is asked again; later if it did not answer the last times.
const ASKED: Duration = hours(1);

/// Enqueues questions to the servers that were not asked for a while.
pub async fn ask(worker: &Worker) -> Result<Done, Failed> {
    let mut tally = Tally::default();
    let mut after = None;
    loop {
        let due = tool_servers::due(&worker.db, worker.time_scale.of(ASKED), after).await?;
        let Some((_, last)) = due.last().copied() else { return tally.done() };
        after = Some(last);
        for (agency, server) in due {
            let enqueued = async {
                let mut tx = agency_tx(worker, agency).await?;
                match tool_servers::ask(&mut tx, server).await {
                    // It was removed meanwhile.
                    Err(store::Error::NotFound) => return Ok(()),
                    asked => asked?,
                }
                tx.commit().await
            };
            tally.count(enqueued.await);
        }
    }
}
