//! Downloads the audit log of an agency, which the log itself records.

use domain::audit::Entry;
use domain::page::{ListQuery, MOST_ROWS};
use domain::permission::Right;
use store::audit::{self, Act};

use crate::{Actor, Refusal};

/// Most pages of one download: ten thousand entries.
const PAGES: usize = 100;

/// Returns the entries that a query asks for, newest first, and whether there are more.
///
/// # Errors
/// `Forbidden` if the actor may not read the log.
pub async fn download(actor: &Actor, query: &ListQuery) -> Result<(Vec<Entry>, bool), Refusal> {
    let mut tx = actor.require(Right::AuditRead)?.begin().await?;
    let mut entries = Vec::new();
    let mut query = ListQuery { limit: MOST_ROWS, cursor: None, ..query.clone() };
    for _ in 0..PAGES {
        let page = audit::list(&mut tx, &query).await?;
        entries.extend(page.rows);
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    let agency = tx.agency()?;
    audit::record(&mut tx, Act::new("audit.downloaded", "agency").object(agency)).await?;
    tx.commit().await?;
    Ok((entries, query.cursor.is_some()))
}
