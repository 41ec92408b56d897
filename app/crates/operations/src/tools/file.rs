//! Downloads the log of the calls of a business, which the audit log records.

use domain::page::{ListQuery, MOST_ROWS, Page};
use domain::permission::Right;
use domain::tools::CallLine;
use store::audit::{self, Act};
use store::tools::calls;

use crate::{BusinessActor, Refusal};

/// Records that the actor downloads the log.
///
/// # Errors
/// `Forbidden` if the actor may not read the log.
pub async fn begin_download(actor: &BusinessActor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ToolsApprove)?.begin().await?;
    audit::record(&mut tx, Act::new("tool_log.downloaded", "business").object(actor.access().id)).await?;
    Ok(tx.commit().await?)
}

/// One page of the calls that a query asks for, newest first. Between two pages no transaction is open, however slowly
/// the file is read.
///
/// # Errors
/// `Forbidden` if the actor may not read the log.
pub async fn page(actor: &BusinessActor, query: &ListQuery) -> Result<Page<CallLine>, Refusal> {
    let mut tx = actor.require(Right::ToolsApprove)?.begin().await?;
    let query = ListQuery { limit: MOST_ROWS, ..query.clone() };
    let page = calls::list(&mut tx, &query).await?;
    tx.commit().await?;
    Ok(page)
}
