//! How may old rows be removed? By the worker alone, in a transaction that says how old they must be; the policies of
//! the tables compare it.

use std::time::Duration;

use sqlx::PgConnection;

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// Begins a transaction that may remove rows of any tenant that are older than this, from the tables that have a
/// rule for it.
pub(crate) async fn begin(db: &Db, age: Duration) -> Result<TenantTx> {
    let mut tx = TenantTx::begin(&db.acting_as(DbRole::Worker), Scope::Open).await?;
    go_on_as_worker(tx.conn(), age).await?;
    Ok(tx)
}

/// From here on the transaction may do what one of `begin` may do, and nothing else.
pub(crate) async fn go_on_as_worker(conn: &mut PgConnection, age: Duration) -> Result<()> {
    sqlx::query!(
        "select set_config('role', $1, true) as role, set_config('app.retention_seconds', $2, true) as seconds",
        DbRole::Worker.name(),
        age.as_secs_f64().to_string()
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}
