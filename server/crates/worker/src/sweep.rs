//! Handles a queue row of the previous version, which requested all periodic work at once. It runs every periodic
//! job.

use store::queue::Claimed;

use crate::Worker;
use crate::failed::Failed;
use crate::periodic;

/// Runs every periodic job once. This version enqueues no such row; it only handles those that are left in the
/// queue.
pub async fn sweep(worker: &Worker, _: &Claimed) -> Result<(), Failed> {
    periodic::all_now(worker).await
}
