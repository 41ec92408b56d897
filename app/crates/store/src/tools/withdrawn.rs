//! What becomes of decisions about the tools of a server that its agency removed? Another server may have its prefix next, and
//! nobody decided anything about that one.

use std::time::Duration;

use uuid::Uuid;

use crate::removal::go_on_as_worker;
use crate::{Result, TenantTx};

/// Takes back, in every business of the agency, what was chosen and asked for tools whose names begin with this prefix. What
/// waits or was approved is over at once, and ended like all that nobody decided in time. From here on the transaction acts as
/// the worker, because an agency writes into no business.
pub(crate) async fn withdraw(tx: &mut TenantTx, prefix: &str) -> Result<()> {
    let (agency, names) = (tx.agency()?, format!("{prefix}_"));
    let businesses: Vec<Uuid> =
        sqlx::query_scalar!("select id from sub_accounts where agency_id = $1", agency.0).fetch_all(tx.conn()).await?;
    go_on_as_worker(tx.conn(), Duration::ZERO).await?;
    sqlx::query!(
        "delete from tool_policies where sub_account_id = any ($1) and starts_with(tool, $2)",
        &businesses,
        names
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update tool_approvals set expires_at = now()
         where sub_account_id = any ($1) and starts_with(tool, $2) and state in ('waiting', 'approved') and expires_at > now()",
        &businesses,
        names
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
