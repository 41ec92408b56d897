//! Downloads the log of a provisioning job, which the audit log records.

use domain::JobId;
use domain::permission::Right;
use domain::provisioning::{JobRow, LogLine};
use store::audit::{self, Act};
use store::provisioning::{self as jobs, LogQuery};

use crate::{Actor, Refusal};

/// Log lines read by one query.
const PAGE: u16 = 2_000;

/// Most queries of one download. A job with a longer log has repeated itself over and over.
const PAGES: usize = 25;

/// Returns the job and its log lines, newest first.
///
/// # Errors
/// `NotFound` if there is no such job.
pub async fn download(actor: &Actor, job: JobId) -> Result<(JobRow, Vec<LogLine>), Refusal> {
    let mut tx = actor.require(Right::ProvisionRead)?.begin().await?;
    let row = jobs::row(&mut tx, job).await?;
    let mut lines = Vec::new();
    let mut query = LogQuery { limit: PAGE, ..LogQuery::default() };
    for _ in 0..PAGES {
        let page = jobs::log(&mut tx, job, &query).await?;
        lines.extend(page.rows);
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    audit::record(&mut tx, Act::new("job.log_downloaded", "job").object(job)).await?;
    tx.commit().await?;
    Ok((row, lines))
}
