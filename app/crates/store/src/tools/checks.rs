//! When was the log of calls of a business last looked through, and did it fit? Each look is kept for the page of the owner.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{AgencyId, BusinessId};
use uuid::Uuid;

use super::chain::{self, ChainLook};
use crate::messaging::outgoing::business;
use crate::{Db, PlatformTx, Result, TenantTx, removal};

/// The most businesses that are found at once.
const FOUND: i64 = 500;

/// The last look through a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// When it was. `None` if there was none yet.
    pub at: Option<DateTime<Utc>>,
    /// How much did not fit.
    pub faults: i32,
}

/// The last look through the log of the business. `None` if there is no log.
pub async fn last(tx: &mut TenantTx) -> Result<Option<Checked>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Checked,
        "select verified_at as at, faults from tool_chains where sub_account_id = $1",
        business.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Looks through the log of the business, and keeps what came of it.
pub async fn check(tx: &mut TenantTx) -> Result<ChainLook> {
    let look = chain::verify(tx).await?;
    let business = business(tx)?;
    // The time of the last call is told apart from that of the last look, also where only the row says it.
    sqlx::query!(
        "update tool_chains set verified_at = now(), faults = $2, linked_at = coalesce(linked_at, updated_at) where sub_account_id = $1",
        business.0,
        i32::try_from(look.faults.len()).unwrap_or(i32::MAX)
    )
    .execute(tx.conn())
    .await?;
    Ok(look)
}

/// Some of the businesses whose log is to be looked through, and where the search goes on.
#[derive(Clone, Debug, Default)]
pub struct DueLogs {
    /// The businesses with their agencies.
    pub found: Vec<(AgencyId, BusinessId)>,
    /// Behind which business the next ones are; `None` if these are all.
    pub next: Option<BusinessId>,
}

/// The businesses whose log nobody looked through for this long, in the order of their ids, behind one of them. Those in the
/// trash are left out.
pub async fn due(db: &Db, age: Duration, after: Option<BusinessId>) -> Result<DueLogs> {
    let mut tx = removal::begin(db, Duration::ZERO).await?;
    let due = sqlx::query_scalar!(
        r#"select sub_account_id as "business: BusinessId" from tool_chains
           where (verified_at is null or verified_at not between now() - make_interval(secs => $1) and now() + interval '1 hour')
             and ($2::uuid is null or sub_account_id > $2) order by sub_account_id limit $3"#,
        age.as_secs_f64(),
        after.map(|id| id.0),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    let is_whole = i64::try_from(due.len()).is_ok_and(|count| count < FOUND);
    let next = due.last().copied().filter(|_| !is_whole);
    let ids: Vec<Uuid> = due.iter().map(|business| business.0).collect();
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select b.agency_id as "agency: AgencyId", b.id as "business: BusinessId" from sub_accounts b join agencies a on a.id = b.agency_id and a.deleted_at is null
           where b.id = any ($1) and b.deleted_at is null order by b.id"#,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(DueLogs { found: rows.into_iter().map(|row| (row.agency, row.business)).collect(), next })
}
