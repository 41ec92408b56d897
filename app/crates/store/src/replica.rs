//! Detects connections that are not to be used again. After a failover an old connection may lead to a server that only
//! reads, and a transaction that began by half may be open. After the first refused write, and after a failed begin, no
//! older connection is trusted; each is closed before its next use and replaced by a new one.

use std::sync::Mutex;
use std::time::{Duration, Instant};

static SEEN: Mutex<Option<Instant>> = Mutex::new(None);

/// Records that the database refused a write because the transaction may only read.
pub(crate) fn record_read_only() {
    *SEEN.lock().unwrap_or_else(|broken| broken.into_inner()) = Some(Instant::now());
}

/// Records that a transaction could not begin, and perhaps is open without anybody knowing.
pub(crate) fn record_failed_begin() {
    record_read_only();
}

/// Whether a connection of this age was made after the last refused write or failed begin.
pub(crate) fn is_trusted(age: Duration) -> bool {
    let seen = *SEEN.lock().unwrap_or_else(|broken| broken.into_inner());
    seen.is_none_or(|at| age < at.elapsed())
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::fixtures::{agency, begin, company};
    use crate::testing::TestDb;
    use crate::{DbRole, integrations};

    #[tokio::test]
    async fn a_connection_that_only_reads_is_used_once_and_no_more() {
        let test = TestDb::new().await;
        let (db, id) = (test.sized(DbRole::Web, 1).await, test.agency().await);
        let mut tx = begin(&db, agency(id)).await;
        sqlx::query!("set session characteristics as transaction read only").execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = begin(&db, agency(id)).await;
        let refused = integrations::upsert(&mut tx, &company("C1")).await.unwrap_err();
        assert!(refused.is_unavailable(), "{refused}");
        drop(tx);
        let mut tx = begin(&db, agency(id)).await;
        integrations::upsert(&mut tx, &company("C1")).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[test]
    fn what_is_younger_than_the_refusal_is_trusted() {
        record_read_only();
        assert!(is_trusted(Duration::ZERO));
        assert!(!is_trusted(Duration::from_secs(60)));
    }
}
