//! Handles a queue row of the previous version, which asked for all periodic work at once: it runs every periodic job.

use store::queue::Claimed;

use crate::Worker;
use crate::background_jobs::Failed;
use crate::periodic;

/// Runs every periodic job once. This version puts no such row into the queue; one that lies there is done and goes.
pub async fn sweep(worker: &Worker, _: &Claimed) -> Result<(), Failed> {
    periodic::all_now(worker).await
}
