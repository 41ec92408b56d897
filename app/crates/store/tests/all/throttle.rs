//! Do guesses get slower, even when many are sent at once?
#![expect(clippy::disallowed_methods, reason = "several at once is what is tested")]

use std::time::Duration;

use store::testing::TestDb;
use store::throttle::{self, Key};
use store::{Db, DbRole};

/// How many of `tries` simultaneous attempts are allowed.
async fn let_through(db: &Db, key: Key, tries: usize) -> usize {
    let tries = (0..tries).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { throttle::take(&db, key).await.unwrap() })
    });
    let mut through = 0;
    for attempt in tries.collect::<Vec<_>>() {
        through += usize::from(attempt.await.unwrap().is_ok());
    }
    through
}

#[tokio::test]
async fn of_guesses_at_once_no_more_are_let_through_than_one_after_the_other() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let key = Key::of("account", "ann@example.test");
    for _ in 0..4 {
        throttle::take(&db, key).await.unwrap().unwrap();
    }
    // The waits are long, so that none ends while the test runs.
    test.execute("update auth_throttles set failures = 13").await;
    assert_eq!(let_through(&db, key, 20).await, 1, "the one that blocks all others");
    let wait = throttle::take(&db, key).await.unwrap().unwrap_err();
    assert!(wait > Duration::from_secs(480) && wait <= Duration::from_secs(512), "2^9 seconds: {wait:?}");
    test.execute("update auth_throttles set blocked_until = now() - interval '1 second', failures = 40").await;
    assert_eq!(let_through(&db, key, 20).await, 1);
    let wait = throttle::take(&db, key).await.unwrap().unwrap_err();
    assert!(
        wait > Duration::from_secs(800) && wait <= Duration::from_secs(900),
        "at most a quarter of an hour: {wait:?}"
    );
    test.execute("alter table auth_throttles disable trigger set_updated_at; update auth_throttles set blocked_until = now() - interval '1 second', updated_at = now() - interval '25 hours'").await;
    assert_eq!(let_through(&db, key, 2).await, 2, "a day without tries forgets them");
}

#[tokio::test]
async fn a_success_forgives_the_account_and_one_try_of_the_address() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (account, address) = (Key::of("account", "ann"), Key::from_address("address", "192.0.2.1")[0]);
    for _ in 0..30 {
        let [here, there] = throttle::take_all(&db, [address, account]).await.unwrap().unwrap();
        throttle::clear(&db, there).await.unwrap();
        throttle::give_back(&db, here).await.unwrap();
    }
    test.execute("update auth_throttles set failures = 30").await;
    let right = throttle::take(&db, address).await.unwrap().unwrap();
    assert_eq!(let_through(&db, address, 1).await, 0);
    throttle::give_back(&db, right).await.unwrap();
    let wrong = throttle::take(&db, address).await.unwrap().unwrap();
    throttle::give_back(&db, right).await.unwrap();
    assert_eq!(let_through(&db, address, 1).await, 0, "what another try blocked stays blocked: {wrong:?}");
    assert!(throttle::take_all(&db, [account, address]).await.unwrap().is_err());
    for _ in 0..4 {
        throttle::take(&db, account).await.unwrap().unwrap();
    }
    assert_eq!(let_through(&db, account, 1).await, 1, "a refusal under one key takes no try under another");
}

#[tokio::test]
async fn whoever_has_a_whole_site_of_ipv6_guesses_no_faster_than_two_callers() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let mut through = 0;
    for network in 0..60 {
        let keys = Key::from_address("address", &format!("2001:db8:1:{network:x}::1"));
        through += usize::from(throttle::take_each(&db, &keys).await.unwrap().is_ok());
        // The waits are long, so that none ends while the test runs.
        test.execute(
            "update auth_throttles set blocked_until = now() + interval '10 minutes' where blocked_until is not null",
        )
        .await;
    }
    assert_eq!(through, 40, "each from a network of its own");
    for (address, free) in [("2001:db8:1:ff::1", false), ("2001:db8:2:1::1", true), ("192.0.2.1", true)] {
        let keys = Key::from_address("address", address);
        assert_eq!(throttle::take_each(&db, &keys).await.unwrap().is_ok(), free, "{address}");
    }
    test.execute("delete from auth_throttles").await;
    for n in 1..=21 {
        let keys = Key::from_address("address", &format!("2001:db8:1:1::{n:x}"));
        assert_eq!(throttle::take_each(&db, &keys).await.unwrap().is_ok(), n < 21, "one network is one caller: {n}");
        test.execute(
            "update auth_throttles set blocked_until = now() + interval '10 minutes' where blocked_until is not null",
        )
        .await;
    }
}
