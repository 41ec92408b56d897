//! When was the log of calls of a business last looked through, and did it fit? Each look is kept for the page of the owner.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::BusinessId;

use super::chain::{self, ChainLook};
use crate::due::{DueBusinesses, FOUND, outside_trash};
use crate::messaging::outgoing::business;
use crate::{Db, Result, TenantTx, removal};

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

/// The businesses whose log nobody looked through for this long, in the order of their ids, behind one of them. Those in the
/// trash are left out.
pub async fn due(db: &Db, age: Duration, after: Option<BusinessId>) -> Result<DueBusinesses> {
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
    outside_trash(db, &due).await
}
