//! What if we talk to a replica? After a failover an old connection may end at a server that only reads. The first refusal to write
//! ends the trust in every connection that is older than it; each is closed when it would be used next, and a new one is made.

use std::sync::Mutex;
use std::time::{Duration, Instant};

static SEEN: Mutex<Option<Instant>> = Mutex::new(None);

/// Somebody was told that a transaction may only read.
pub(crate) fn seen() {
    *SEEN.lock().unwrap_or_else(|broken| broken.into_inner()) = Some(Instant::now());
}

/// Whether a connection of this age was made after that.
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
        seen();
        assert!(is_trusted(Duration::ZERO));
        assert!(!is_trusted(Duration::from_secs(60)));
    }
}
