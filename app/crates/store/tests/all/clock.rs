//! Does everything go on after the database's clock was ahead for a while? What was written then lies in the
//! future when the clock is right again. The tests move all times of all tables there, and then check that
//! everything that waits for a time goes on.

use std::time::Duration;

use domain::work::{Kind, Queue};
use store::periodic::{self, Ended, JobDefinition};
use store::queue::{self, Claimer, Work};
use store::rate_windows::Limit;
use store::testing::TestDb;
use store::throttle::{self, Key};
use store::{Db, DbRole, Scope, TenantTx, rate_windows, request_counts};
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);
const JOBS: [JobDefinition; 3] = [
    JobDefinition { name: "a", title: "A", every: MINUTE, overdue: Duration::from_secs(900), lease: MINUTE },
    JobDefinition {
        name: "b",
        title: "B",
        every: Duration::from_secs(6 * 3600),
        overdue: Duration::from_secs(90_000),
        lease: MINUTE,
    },
    JobDefinition { name: "c", title: "C", every: MINUTE, overdue: Duration::from_secs(900), lease: MINUTE },
];

async fn overdue(db: &Db) -> Vec<String> {
    let late = periodic::list(db).await.unwrap().into_iter().filter(|job| job.overdue);
    late.map(|job| job.name).collect()
}

#[tokio::test]
async fn periodic_jobs_are_overdue_at_once_and_run_again() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let (gone, here) = (Uuid::now_v7(), Uuid::now_v7());
    periodic::register(&db, &JOBS).await.unwrap();
    let former = JobDefinition { name: "former", title: "Of a version before", ..JOBS[0] };
    periodic::register(&db, &[former]).await.unwrap();
    assert_eq!(periodic::claim(&db, gone, &JOBS, 10).await.unwrap().len(), 3);
    // The third job was running in a process that no longer exists.
    for name in ["a", "b"] {
        let next = JOBS.iter().find(|job| job.name == name).unwrap().every;
        periodic::finish(&db, gone, name, (&Ended::Succeeded(1), MINUTE), next).await.unwrap();
    }
    assert!(overdue(&db).await.is_empty());
    assert!(periodic::claim(&db, here, &JOBS, 10).await.unwrap().is_empty());
    test.clock_was_ahead().await;
    assert_eq!(overdue(&db).await.len(), 4, "nobody says that all is well");
    periodic::register(&db, &JOBS).await.unwrap();
    let mut taken = periodic::claim(&db, here, &JOBS, 10).await.unwrap();
    taken.sort_unstable();
    assert_eq!(taken, ["a", "b", "c"]);
    for job in &JOBS {
        periodic::finish(&db, here, job.name, (&Ended::Succeeded(1), MINUTE), job.every).await.unwrap();
    }
    assert_eq!(overdue(&db).await, ["former"]);
    // A job that no version knows any more is forgotten as usual, and hides no other job until then.
    test.execute("update periodic_jobs set known_at = known_at - interval '61 minutes'").await;
    periodic::register(&db, &JOBS).await.unwrap();
    let known = periodic::list(&db).await.unwrap();
    assert_eq!(known.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(known.iter().all(|job| !job.overdue));
}

#[tokio::test]
async fn work_that_waits_or_is_held_comes_back() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    let scope = || Scope::Agency { user: None, agency, reach: domain::identity::Reach::All, listed: vec![] };
    let mut tx = TenantTx::begin(&db, scope()).await.unwrap();
    queue::add(&mut tx, &Work::new(Kind::SyncSnapshots)).await.unwrap();
    tx.commit().await.unwrap();
    let mut lost = Claimer::new(Queue::Background, Uuid::now_v7());
    assert_eq!(queue::claim(&db, &mut lost).await.unwrap().len(), 1);
    let mut tx = TenantTx::begin(&db, scope()).await.unwrap();
    queue::add(&mut tx, &Work::new(Kind::SyncSnapshots)).await.unwrap();
    queue::add_in(&mut tx, &Work::new(Kind::CheckIntegration), MINUTE).await.unwrap();
    tx.commit().await.unwrap();
    test.clock_was_ahead().await;
    queue::promote_and_recover(&db, &mut queue::Eras::default(), 100).await.unwrap();
    let mut claimer = Claimer::new(Queue::Background, Uuid::now_v7());
    assert_eq!(queue::claim(&db, &mut claimer).await.unwrap().len(), 3);
    // Work that is scheduled for tomorrow still waits.
    let mut tx = TenantTx::begin(&db, scope()).await.unwrap();
    queue::add_in(&mut tx, &Work::new(Kind::CheckIntegration), Duration::from_secs(30 * 3600)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(queue::promote_and_recover(&db, &mut queue::Eras::default(), 100).await.unwrap().is_empty());
}

#[tokio::test]
async fn limits_of_calls_and_of_requests_count_from_now() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let limit = Limit { burst: 10, interval: Duration::from_secs(10), daily: 1000, hold: MINUTE };
    assert_eq!(rate_windows::take(&db, "k", 10, 0, &limit).await.unwrap().places.len(), 10);
    for _ in 0..3 {
        assert!(request_counts::count(&db, "k", 3).await.unwrap().allowed);
    }
    test.clock_was_ahead().await;
    let taken = rate_windows::take(&db, "k", 10, 0, &limit).await.unwrap();
    assert_eq!((taken.places.len(), taken.used), (10, 10));
    let none = rate_windows::take(&db, "k", 1, 0, &limit).await.unwrap();
    assert!(none.places.is_empty() && none.wait < 3 * MINUTE, "{none:?}");
    let full = request_counts::count(&db, "k", 3).await.unwrap();
    assert!(!full.allowed && full.wait <= 2 * MINUTE, "{full:?}");
    test.execute("update request_counts set began = began - interval '2 minutes'").await;
    assert!(request_counts::count(&db, "k", 3).await.unwrap().allowed, "its minutes pass again");
}

#[tokio::test]
async fn nobody_is_locked_out_and_no_day_lasts_a_year() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (door, mails) = (Key::of("account", "ann"), Key::of("mails", "ann"));
    while throttle::take(&db, door).await.unwrap().is_ok() {}
    // The waits are long, so that none ends while the test runs.
    test.execute("update auth_throttles set failures = 13").await;
    assert!(throttle::count_daily(&db, &[(mails, 1)]).await.unwrap().is_ok());
    assert!(throttle::count_daily(&db, &[(mails, 1)]).await.unwrap().is_err());
    test.clock_was_ahead().await;
    assert!(throttle::take(&db, door).await.unwrap().is_ok(), "one that was blocked until next year");
    let wait = throttle::take(&db, door).await.unwrap().unwrap_err();
    assert!(wait <= Duration::from_secs(900), "and guesses are slow as ever: {wait:?}");
    assert!(throttle::count_daily(&db, &[(mails, 1)]).await.unwrap().is_ok());
    assert!(throttle::count_daily(&db, &[(mails, 1)]).await.unwrap().is_err());
}
