//! Does a caller that goes away while it begins a transaction leave none open?

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use store::testing::TestDb;
use store::{DbRole, PlatformTx};

#[tokio::test]
async fn a_transaction_whose_caller_goes_away_is_rolled_back() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    for turns in 0..60 {
        let mut begun = pin!(PlatformTx::begin(&db, None));
        for _ in 0..turns {
            if let Poll::Ready(one) = begun.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                drop(one.unwrap());
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    let none_is_open = async {
        while test.holds_a_transaction().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), none_is_open).await.expect("no transaction stays open");
}
