//! Is work claimed once, fairly, and never lost?
#![expect(clippy::disallowed_methods, reason = "several at once is what is tested")]

use std::collections::HashSet;
use std::time::Duration;

use domain::AgencyId;
use domain::identity::Reach;
use domain::work::{Kind, Queue};
use store::queue::{self, Claimed, Claimer, LEASE, Work};
use store::testing::TestDb;
use store::{Db, DbRole, Error, Scope, TenantTx, listen, new_id, outbox};
use uuid::Uuid;

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] }
}

async fn claim(db: &Db, owner: Uuid, per_tenant: i64, max_items: i32) -> store::Result<Vec<Claimed>> {
    queue::claim(db, &mut Claimer { per_tenant, max_items, ..Claimer::new(Queue::Background, owner) }).await
}

fn work() -> Work {
    Work::new(Kind::CheckIntegration).subject(new_id::<Uuid>())
}

async fn add(db: &Db, agency: AgencyId, n: usize) {
    let mut tx = TenantTx::begin(db, scope(agency)).await.unwrap();
    for _ in 0..n {
        assert!(queue::add(&mut tx, &work()).await.unwrap());
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_page_adds_work_and_cannot_take_any() {
    let test = TestDb::new().await;
    let (web, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let mut tx = TenantTx::begin(&web, scope(mine)).await.unwrap();
    let once = work().once("same");
    assert!(queue::add(&mut tx, &once).await.unwrap());
    assert!(!queue::add(&mut tx, &once).await.unwrap(), "the same waits already");
    tx.commit().await.unwrap();
    let taken = claim(&web, new_id(), 5, 5).await;
    assert!(taken.map_or(true, |taken| taken.is_empty()));
}

#[tokio::test]
async fn four_claimers_take_each_row_once() {
    let test = TestDb::new().await;
    let worker = test.sized(DbRole::Worker, 8).await;
    for _ in 0..6 {
        add(&worker, test.agency().await, 20).await;
    }
    let claimers = (0..4).map(|_| {
        let db = worker.clone();
        tokio::spawn(async move {
            let (owner, mut mine) = (new_id(), Vec::new());
            loop {
                let taken = claim(&db, owner, 100, 7).await.unwrap();
                if taken.is_empty() {
                    return mine;
                }
                let mut tx = TenantTx::begin(&db, Scope::Open).await.unwrap();
                for work in &taken {
                    queue::complete(&mut tx, work.id, owner).await.unwrap();
                }
                tx.commit().await.unwrap();
                mine.extend(taken.into_iter().map(|work| work.id));
            }
        })
    });
    let mut all = Vec::new();
    for claimer in claimers.collect::<Vec<_>>() {
        all.extend(claimer.await.unwrap());
    }
    assert_eq!(all.len(), 120);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 120, "no row twice");
    assert_eq!(queue::depth(&worker).await.unwrap().leased, 0);
}

#[tokio::test]
async fn a_small_agency_is_not_kept_waiting_by_a_big_one() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    let (big, small) = (test.agency().await, test.agency().await);
    add(&worker, big, 500).await;
    add(&worker, small, 2).await;
    let taken = claim(&worker, new_id(), 3, 10).await.unwrap();
    let of = |agency: AgencyId| taken.iter().filter(|work| work.agency == Some(agency)).count();
    assert_eq!((of(big), of(small)), (3, 2), "at most three for one agency, and the small one is served at once");
    let more = claim(&worker, new_id(), 3, 10).await.unwrap();
    assert!(more.is_empty(), "the cap counts what is leased already");
}

#[tokio::test]
async fn a_lost_lease_decides_nothing_and_the_work_comes_back() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    add(&worker, test.agency().await, 1).await;
    let owner = new_id();
    let work = claim(&worker, owner, 5, 5).await.unwrap().remove(0);
    assert_eq!(queue::heartbeat(&worker, owner, LEASE).await.unwrap(), [work.id]);
    assert_eq!(queue::recover_expired(&worker, 100).await.unwrap(), 0);
    test.execute("update work_leases set lease_until = now() - interval '1 second'").await;
    assert_eq!(queue::recover_expired(&worker, 100).await.unwrap(), 1);
    let again = claim(&worker, new_id(), 5, 5).await.unwrap().remove(0);
    assert_eq!((again.id, again.attempt), (work.id, 2));
    let mut tx = TenantTx::begin(&worker, Scope::Open).await.unwrap();
    assert!(matches!(queue::complete(&mut tx, work.id, owner).await, Err(Error::Stale)));
    assert!(matches!(queue::reschedule(&mut tx, work.id, owner, Duration::ZERO).await, Err(Error::Stale)));
    assert!(matches!(queue::give_up(&mut tx, work.id, owner, "x").await, Err(Error::Stale)));
    assert!(queue::heartbeat(&worker, owner, LEASE).await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_recovers_work_holds_nothing_of_former_eras_while_it_waits() {
    let test = TestDb::new().await;
    let (worker, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let (lost, former) = (work().once("lost"), work().once("former"));
    for (one, is_taken) in [(&lost, true), (&former, false)] {
        let mut tx = TenantTx::begin(&worker, scope(mine)).await.unwrap();
        assert!(queue::add(&mut tx, one).await.unwrap());
        tx.commit().await.unwrap();
        if is_taken {
            assert_eq!(claim(&worker, new_id(), 5, 5).await.unwrap().len(), 1);
        }
    }
    test.execute("update work_leases set lease_until = now() - interval '1 second'").await;
    test.execute("select setval('work_era', 10)").await;
    let mut adds = TenantTx::begin(&worker, scope(mine)).await.unwrap();
    assert!(queue::add(&mut adds, &lost).await.unwrap());
    let mut eras = queue::Eras::default();
    let recovers = queue::promote_and_recover(&worker, &mut eras, 10);
    let goes_on = async {
        while !test.waits_for_a_lock().await {
            tokio::task::yield_now().await;
        }
        let is_new = queue::add(&mut adds, &former).await;
        adds.commit().await.unwrap();
        is_new
    };
    let (recovered, is_new) = tokio::join!(recovers, goes_on);
    assert!(recovered.is_ok() && matches!(is_new, Ok(false)), "{recovered:?} {is_new:?}");
    assert_eq!(claim(&worker, new_id(), 5, 5).await.unwrap().len(), 2, "each once");
}

#[tokio::test]
async fn later_comes_when_it_is_due_and_sooner_when_hurried() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    let (agency, subject, owner) = (test.agency().await, new_id::<Uuid>(), new_id());
    let mut tx = TenantTx::begin(&worker, scope(agency)).await.unwrap();
    queue::add_in(&mut tx, &Work::new(Kind::CheckIntegration).subject(subject), Duration::from_secs(3600))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(queue::promote_due(&worker, 10).await.unwrap(), 0);
    assert_eq!(queue::make_due_now(&worker, subject).await.unwrap(), 1);
    assert_eq!(queue::promote_due(&worker, 10).await.unwrap(), 1);
    let work = claim(&worker, owner, 5, 5).await.unwrap().remove(0);
    let mut tx = TenantTx::begin(&worker, scope(agency)).await.unwrap();
    queue::reschedule(&mut tx, work.id, owner, Duration::ZERO).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(queue::promote_due(&worker, 10).await.unwrap(), 1);
    let work = claim(&worker, owner, 5, 5).await.unwrap().remove(0);
    let mut tx = TenantTx::begin(&worker, scope(agency)).await.unwrap();
    queue::give_up(&mut tx, work.id, owner, "no use").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(queue::depth(&worker).await.unwrap().dead, 1);
}

/// Transaction numbers belong to the whole server, so other tests may hold a row back for a moment.
async fn told(db: &Db, about: Uuid, start: &outbox::OutboxCursor, n: usize) -> Vec<outbox::OutboxEvent> {
    let wanted = async {
        loop {
            let rows = outbox::tail(db, about, start, 10).await.unwrap();
            if rows.len() >= n {
                return rows;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wanted).await.expect("it is told in the end")
}

#[tokio::test]
async fn what_commits_late_is_not_skipped_and_listeners_hear_of_it() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let mut notes = listen::start(&db).await.unwrap().subscribe();
    let start = outbox::now(&db).await.unwrap();
    let (none, about) = (serde_json::json!({}), new_id::<Uuid>());
    let mut slow = TenantTx::begin(&db, scope(agency)).await.unwrap();
    outbox::add(&mut slow, "slow.first", Some(about), &none).await.unwrap();
    let mut fast = TenantTx::begin(&db, scope(agency)).await.unwrap();
    outbox::add(&mut fast, "fast.second", Some(about), &none).await.unwrap();
    outbox::add(&mut fast, "other.third", Some(new_id()), &none).await.unwrap();
    fast.commit().await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(60), notes.recv()).await.unwrap().unwrap();
    assert!(matches!(heard, listen::Note::Happened { ref topic, .. } if topic == "fast.second"), "{heard:?}");
    assert!(outbox::tail(&db, about, &start, 10).await.unwrap().is_empty(), "an older one is still open");
    slow.commit().await.unwrap();
    let topics: Vec<_> = told(&db, about, &start, 2).await.into_iter().map(|event| event.topic).collect();
    assert_eq!(topics, ["slow.first", "fast.second"]);
}

#[tokio::test]
async fn a_listener_whose_connection_is_killed_says_so_and_hears_again() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let mut notes = listen::start(&db).await.unwrap().subscribe();
    test.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'LISTEN%'").await;
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(60), notes.recv()).await.unwrap().unwrap(),
        listen::Note::Reconnected
    );
    let mut tx = TenantTx::begin(&db, scope(agency)).await.unwrap();
    outbox::add(&mut tx, "thing.done", None, &serde_json::json!({})).await.unwrap();
    outbox::add(&mut tx, "thing.done", None, &serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();
    let mut heard = async || tokio::time::timeout(Duration::from_secs(60), notes.recv()).await.unwrap().unwrap();
    assert!(
        matches!(heard().await, listen::Note::Happened { topic, agency: Some(of), .. } if topic == "thing.done" && of == agency)
    );
    let mut tx = TenantTx::begin(&db, scope(agency)).await.unwrap();
    queue::add(&mut tx, &work()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        heard().await,
        listen::Note::Work(Queue::Background.key().into()),
        "equal notices of one transaction are one"
    );
}

#[tokio::test]
async fn what_no_notice_said_is_found_in_the_outbox() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let mut notes = listen::start(&db).await.unwrap().subscribe();
    // As from a process that ended between its commit and the notice.
    test.execute("insert into outbox_events (topic, subject_id) values ('integration.changed', '00000000-0000-0000-0000-000000000007')").await;
    let mut heard = async || tokio::time::timeout(Duration::from_secs(60), notes.recv()).await.unwrap().unwrap();
    let id = Uuid::from_u128(7);
    assert!(matches!(heard().await, listen::Note::Happened { subject: Some(of), .. } if of == id));
    assert_eq!(heard().await, listen::Note::Credential(domain::IntegrationId(id)), "its secrets may be others now");
}

/// A transaction with NOTIFY holds one lock of the whole server while it commits.
#[test]
fn one_place_alone_sends_notices() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut senders) = (vec![root.join("src"), root.join("../../../migrations")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if std::fs::read_to_string(&entry).is_ok_and(|text| text.contains("pg_notify")) {
                senders.push(entry.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    assert_eq!(senders, ["notices.rs"]);
}

#[tokio::test]
async fn a_business_acts_under_its_agency_without_naming_it() {
    let test = TestDb::new().await;
    let web = test.db(DbRole::Web).await;
    let agency = test.agency().await;
    let business = test.business(agency).await;
    let start = outbox::now(&web).await.unwrap();
    let mut tx = TenantTx::begin(&web, Scope::Business { user: None, business }).await.unwrap();
    queue::add(&mut tx, &work()).await.unwrap();
    let about: Uuid = new_id();
    outbox::add(&mut tx, "thing.done", Some(about), &serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();
    let taken = claim(&test.db(DbRole::Worker).await, new_id(), 5, 5).await.unwrap();
    assert_eq!((taken[0].agency, taken[0].business), (Some(agency), Some(business)));
    let happened = told(&web, about, &start, 1).await;
    assert_eq!((happened[0].agency, happened[0].business), (Some(agency), Some(business)));
}

#[tokio::test]
async fn many_at_once_obey_the_rules_of_one() {
    let test = TestDb::new().await;
    let (web, worker, mine) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await, test.agency().await);
    let mut tx = TenantTx::begin(&web, scope(mine)).await.unwrap();
    let works = [work().once("same"), work().once("same"), work(), work()];
    assert_eq!(queue::add_many(&mut tx, &works).await.unwrap(), 3, "the same waits already");
    tx.commit().await.unwrap();
    let (owner, other) = (new_id(), new_id());
    let mut taken: Vec<Uuid> = claim(&worker, owner, 9, 9).await.unwrap().into_iter().map(|work| work.id).collect();
    assert_eq!(taken.len(), 3);
    let mut tx = TenantTx::begin(&worker, Scope::Open).await.unwrap();
    assert!(
        queue::complete_many(&mut tx, &taken, other).await.unwrap().is_empty(),
        "another's lease is not ours to end"
    );
    let mut done = queue::complete_many(&mut tx, &taken, owner).await.unwrap();
    assert!(queue::complete_many(&mut tx, &taken, owner).await.unwrap().is_empty(), "what is done is not done again");
    tx.commit().await.unwrap();
    taken.sort_unstable();
    done.sort_unstable();
    assert_eq!(taken, done);
    assert_eq!(queue::depth(&worker).await.unwrap().leased, 0);
}

#[tokio::test]
async fn what_could_not_begin_counts_no_try_and_what_failed_counts_one() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    add(&worker, test.agency().await, 1).await;
    let owner = new_id();
    for (postponed, attempt) in [(true, 1), (false, 1), (true, 2), (false, 2), (false, 3)] {
        let taken = claim(&worker, owner, 1, 1).await.unwrap().remove(0);
        assert_eq!(taken.attempt, attempt);
        let mut tx = TenantTx::begin(&worker, Scope::Open).await.unwrap();
        match postponed {
            true => queue::postpone(&mut tx, taken.id, owner, Duration::ZERO).await.unwrap(),
            false => queue::reschedule(&mut tx, taken.id, owner, Duration::ZERO).await.unwrap(),
        }
        tx.commit().await.unwrap();
        queue::promote_due(&worker, 10).await.unwrap();
    }
}
