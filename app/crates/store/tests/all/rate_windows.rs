//! Do all processes together keep the provider's rate limit exactly?
#![expect(clippy::disallowed_methods, reason = "several at once is what is tested")]

use std::time::{Duration, Instant};

use store::DbRole;
use store::rate_windows::{Limit, answered, take};
use store::testing::TestDb;

const LIMIT: Limit =
    Limit { burst: 20, interval: Duration::from_millis(400), daily: 1000, hold: Duration::from_secs(45) };

#[tokio::test]
async fn no_window_ever_holds_more_than_the_burst() {
    let test = TestDb::new().await;
    let db = test.sized(DbRole::Web, 8).await;
    let start = Instant::now();
    let tasks = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut sent = Vec::new();
            while start.elapsed() < Duration::from_millis(1500) {
                let taken = take(&db, "app:loc", 3, 0, &LIMIT).await.unwrap();
                assert!(taken.used <= 20, "{taken:?}");
                if taken.places.is_empty() {
                    tokio::time::sleep(taken.wait.min(Duration::from_millis(100))).await;
                } else {
                    sent.extend(taken.places.iter().map(|_| start.elapsed()));
                    answered(&db, "app:loc", &taken.places).await.unwrap();
                }
            }
            sent
        })
    });
    let mut sent = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        sent.extend(task.await.unwrap());
    }
    sent.sort();
    for window in sent.windows(21) {
        assert!(window[20] - window[0] > Duration::from_millis(380), "21 within {:?}", window[20] - window[0]);
    }
    assert!(sent.len() >= 60, "and the limit is used: {}", sent.len());
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
    let last = take(&db, "k2", 12, 0, &Limit { burst: 100, ..limit }).await.unwrap();
    assert_eq!((last.places.len(), last.day_over, last.wait), (12, true, Duration::ZERO));
    let none = take(&db, "k2", 1, 0, &Limit { burst: 100, ..limit }).await.unwrap();
    assert!(none.places.is_empty() && none.day_over && none.wait > Duration::from_secs(20), "{none:?}");
}
