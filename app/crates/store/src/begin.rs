//! Begins transactions so that a caller that goes away in the middle leaves none open.

use sqlx::{PgPool, Postgres, Transaction};

use crate::Result;

/// Begins a transaction in a task of its own. sqlx counts a transaction only once the database has answered to `BEGIN`. If
/// its caller is dropped before that, sqlx rolls nothing back: the connection returns to the pool with an open transaction,
/// and in the next one `now()` is as old as the one that was left. The task goes on to the answer instead, and what it then
/// holds is rolled back.
#[expect(clippy::disallowed_methods, reason = "the task ends with the answer to `BEGIN`, also when its caller is gone")]
pub(crate) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    match tokio::spawn(async move { pool.begin().await }).await {
        Ok(begun) => Ok(begun?),
        // The runtime is shutting down, or the task panicked.
        Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
    }
}
