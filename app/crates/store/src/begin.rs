//! Begins transactions so that a caller that goes away in the middle leaves none open.

use sqlx::{AssertSqlSafe, PgPool, Postgres, SqlSafeStr as _, Transaction};

use crate::{Result, replica};

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

/// The same with these statements, the first of which is `BEGIN`: all of them cost one round trip. They hold no text that anybody
/// sent. Where one of them fails, the connection may be left in a transaction that sqlx does not know of; so no connection that is
/// open at that moment is used again.
#[expect(clippy::disallowed_methods, reason = "the task ends with the answer to `BEGIN`, also when its caller is gone")]
pub(crate) async fn begin_with(pool: &PgPool, statements: String) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move {
        let connection = pool.acquire().await?;
        let begun = Transaction::<Postgres>::begin(connection, Some(AssertSqlSafe(statements).into_sql_str())).await;
        if let Err(error) = &begun {
            replica::record_failed_begin();
            tracing::warn!(event = "db.not_begun", %error, "a transaction could not begin; open connections are replaced");
        }
        begun
    });
    match begun.await {
        Ok(begun) => Ok(begun?),
        // The runtime is shutting down, or the task panicked.
        Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::DbRole;
    use crate::fixtures::{agency, begin};
    use crate::testing::TestDb;

    #[tokio::test]
    async fn a_begin_that_fails_in_the_middle_leaves_no_open_transaction_behind() {
        let test = TestDb::new().await;
        let (db, id) = (test.sized(DbRole::Web, 1).await, test.agency().await);
        let failed = begin_with(db.pool(), "BEGIN; select 1 / 0".to_owned()).await;
        assert!(failed.is_err());
        let mut tx = begin(&db, agency(id)).await;
        let one = sqlx::query_scalar!(r#"select 1 as "one!""#).fetch_one(tx.conn()).await.unwrap();
        assert_eq!(one, 1);
        tx.commit().await.unwrap();
    }
}
