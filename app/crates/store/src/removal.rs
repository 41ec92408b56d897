//! What is a rule of removal, and how may old rows be removed? By the worker alone, in a transaction that says how old they must be; the policies of
//! the tables compare it.

use std::pin::Pin;
use std::time::Duration;

use sqlx::PgConnection;

use crate::{Db, DbRole, Result, Scope, TenantTx};

/// Removes at most so many rows that are older than an age, and returns how many it removed.
pub type Piece = for<'a> fn(&'a Db, Duration, i64) -> Pin<Box<dyn Future<Output = Result<u64>> + Send + 'a>>;

/// A kind of row that is removed after its time.
pub struct Rule {
    /// Its stable name.
    pub name: &'static str,
    /// The name that people read.
    pub title: &'static str,
    /// The table whose rows have the time, and further tables that lose rows with it.
    pub tables: &'static [&'static str],
    /// The column of the first table from which the age counts.
    pub time: &'static str,
    /// Rows that are older than this are removed.
    pub age: Duration,
    /// Time from one run to the next.
    pub every: Duration,
    /// Removes one batch.
    pub piece: Piece,
}

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

/// Removes a batch in a transaction of the worker. The statement takes the age in seconds and the maximum number
/// of rows.
macro_rules! by_worker {
    ($sql:tt) => {
        |db, age, most| {
            Box::pin(async move {
                let mut tx = $crate::removal::begin(db, age).await?;
                let gone = sqlx::query!($sql, age.as_secs_f64(), most).execute(tx.conn()).await?;
                tx.commit().await?;
                Ok(gone.rows_affected())
            })
        }
    };
}
pub(crate) use by_worker;

/// Like `by_worker`, in the program's own platform scope, for tables whose rows the worker sees only one tenant at
/// a time.
macro_rules! by_platform {
    ($sql:tt) => {
        |db, age, most| {
            Box::pin(async move {
                let mut tx = $crate::PlatformTx::begin(db, None).await?;
                let gone = sqlx::query!($sql, age.as_secs_f64(), most).execute(tx.conn()).await?;
                tx.commit().await?;
                Ok(gone.rows_affected())
            })
        }
    };
}
pub(crate) use by_platform;
