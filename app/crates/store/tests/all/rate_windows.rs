//! Do all processes together keep the provider's rate limit exactly?
#![expect(clippy::disallowed_methods, reason = "several at once is what is tested")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use store::DbRole;
use store::rate_windows::{Limit, answered, take};
use store::testing::TestDb;

const LIMIT: Limit =
    Limit { burst: 20, interval: Duration::from_millis(400), daily: 1000, hold: Duration::from_secs(45) };

/// How many calls are made: more than two windows hold.
const CALLS: usize = 80;

#[tokio::test]
async fn no_window_ever_holds_more_than_the_burst() {
    let test = TestDb::new().await;
    let db = test.sized(DbRole::Web, 8).await;
    let (start, made) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let tasks = (0..8).map(|_| {
        let (db, made) = (db.clone(), Arc::clone(&made));
        tokio::spawn(async move {
            let mut sent = Vec::new();
            while made.load(Ordering::SeqCst) < CALLS {
                let taken = take(&db, "app:loc", 3, 0, &LIMIT).await.unwrap();
                assert!(taken.used <= 20, "{taken:?}");
                if taken.places.is_empty() {
                    tokio::time::sleep(taken.wait.min(Duration::from_millis(100))).await;
                } else {
                    sent.extend(taken.places.iter().map(|_| start.elapsed()));
                    made.fetch_add(taken.places.len(), Ordering::SeqCst);
                    answered(&db, "app:loc", &taken.places).await.unwrap();
                }
            }
            sent
        })
    });
    let mut sent = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        let done = tokio::time::timeout(Duration::from_secs(120), task);
        sent.extend(done.await.expect("places become free again").unwrap());
    }
    sent.sort();
    for window in sent.windows(21) {
        assert!(window[20] - window[0] > Duration::from_millis(380), "21 within {:?}", window[20] - window[0]);
    }
    assert!(sent.len() >= CALLS, "{}", sent.len());
}

#[tokio::test]
async fn spare_places_the_day_and_unanswered_calls_count() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let limit = Limit { burst: 10, interval: Duration::from_secs(10), daily: 12, hold: Duration::from_secs(45) };
    let background = take(&db, "k", 100, 4, &limit).await.unwrap();
    assert_eq!((background.places.len(), background.used, background.day_over), (6, 6, false));
    assert!(
        background.wait > Duration::from_secs(50),
        "never answered: they count until they must have ended: {:?}",
        background.wait
    );
    assert_eq!(take(&db, "k", 1, 0, &limit).await.unwrap().places.len(), 1, "a person still gets one");
    answered(&db, "k", &background.places).await.unwrap();
    let wait = take(&db, "k", 100, 4, &limit).await.unwrap().wait;
    assert!(wait < Duration::from_secs(11), "{wait:?}");
    let limit = Limit { burst: 100, ..limit };
    // Once more if a day began meanwhile.
    for key in ["k2", "k3"] {
        let today = db.clock().await.unwrap().date_naive();
        let last = take(&db, key, 12, 0, &limit).await.unwrap();
        let none = take(&db, key, 1, 0, &limit).await.unwrap();
        let now = db.clock().await.unwrap();
        if now.date_naive() != today {
            continue;
        }
        assert_eq!((last.places.len(), last.day_over, last.wait), (12, true, Duration::ZERO));
        let midnight = today.succ_opt().unwrap().and_time(chrono::NaiveTime::MIN).and_utc();
        let left = (midnight - now).to_std().unwrap();
        assert!(none.places.is_empty() && none.day_over && none.wait >= left, "{none:?} {left:?}");
        return;
    }
    unreachable!("two days do not begin in a row");
}
