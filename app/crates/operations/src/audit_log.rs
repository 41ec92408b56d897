//! Downloads the audit log of an agency, which the log itself records.

use domain::audit::Entry;
use domain::page::{ListQuery, MOST_ROWS, Page};
use domain::permission::Right;
use store::audit::{self, Act};

use crate::{Actor, Refusal};

/// Records that the actor downloads the log.
///
/// # Errors
/// `Forbidden` if the actor may not read the log.
pub async fn begin_download(actor: &Actor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AuditRead)?.begin().await?;
    let agency = tx.agency()?;
    audit::record(&mut tx, Act::new("audit.downloaded", "agency").object(agency)).await?;
    Ok(tx.commit().await?)
}

/// One page of the entries that a query asks for, newest first. Between two pages no transaction is open, however
/// slowly the file is read.
///
/// # Errors
/// `Forbidden` if the actor may not read the log.
pub async fn page(actor: &Actor, query: &ListQuery) -> Result<Page<Entry>, Refusal> {
    let mut tx = actor.require(Right::AuditRead)?.begin().await?;
    let query = ListQuery { limit: MOST_ROWS, ..query.clone() };
    let page = audit::list(&mut tx, &query).await?;
    tx.commit().await?;
    Ok(page)
}
