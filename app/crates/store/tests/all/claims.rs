//! Who is served when many tenants want work? No tenant is forgotten behind those that use their share, and the
//! share holds whichever process claims.
#![expect(clippy::disallowed_methods, reason = "several at once is what is tested")]

use std::collections::BTreeMap;

use domain::AgencyId;
use domain::identity::Reach;
use domain::work::{Kind, Queue};
use store::queue::{self, Claimed, Claimer, Work};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx, new_id};
use uuid::Uuid;

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] }
}

async fn add(db: &Db, agency: AgencyId, n: usize) {
    add_as(db, agency, n, 100).await;
}

async fn add_as(db: &Db, agency: AgencyId, n: usize, priority: i16) {
    let work = |_| Work::new(Kind::CheckIntegration).subject(new_id::<Uuid>()).priority(priority);
    let works: Vec<Work> = (0..n).map(work).collect();
    let mut tx = TenantTx::begin(db, scope(agency)).await.unwrap();
    queue::add_many(&mut tx, &works).await.unwrap();
    tx.commit().await.unwrap();
}

fn claimer(per_tenant: i64, max_items: i32) -> Claimer {
    Claimer { per_tenant, max_items, ..Claimer::new(Queue::Background, new_id()) }
}

fn of(taken: &[Claimed]) -> BTreeMap<Uuid, usize> {
    taken.iter().fold(BTreeMap::new(), |mut counts, work| {
        *counts.entry(work.tenant_key).or_default() += 1;
        counts
    })
}

#[tokio::test]
async fn a_tenant_behind_any_number_of_full_ones_is_served() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    let mut agencies = Vec::new();
    for _ in 0..70 {
        agencies.push(test.agency().await);
    }
    agencies.sort();
    let (last, full) = agencies.split_last().unwrap();
    for agency in full {
        add(&worker, *agency, 3).await;
    }
    let taken = queue::claim(&worker, &mut claimer(2, 1000)).await.unwrap();
    assert_eq!((taken.len(), of(&taken).len()), (138, 69), "each has its share running, and one piece waits");
    add(&worker, *last, 1).await;
    // The claim may begin anywhere in the ring, with room for one item.
    for after in [Uuid::nil(), full[0].0, last.0, Uuid::max()] {
        let mut claimer = Claimer { after, ..claimer(2, 1) };
        let taken = queue::claim(&worker, &mut claimer).await.unwrap();
        assert_eq!(of(&taken), BTreeMap::from([(last.0, 1)]), "after {after}");
        assert_eq!(claimer.after, last.0);
        queue::release(&worker, claimer.owner).await.unwrap();
    }
    let mut nothing = claimer(2, 1);
    queue::claim(&worker, &mut nothing).await.unwrap();
    let again = queue::claim(&worker, &mut nothing).await.unwrap();
    assert!(again.is_empty() && nothing.more && !nothing.contended, "what waits for a share is a reason to look again");
}

#[tokio::test]
async fn turns_go_round_and_nobody_is_passed_over() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    for _ in 0..5 {
        add(&worker, test.agency().await, 4).await;
    }
    let mut claimer = claimer(100, 1);
    let mut served = Vec::new();
    for _ in 0..5 {
        served.extend(of(&queue::claim(&worker, &mut claimer).await.unwrap()).into_keys());
    }
    served.sort();
    served.dedup();
    assert_eq!(served.len(), 5, "five claims of one piece serve five agencies");
    while !queue::claim(&worker, &mut claimer).await.unwrap().is_empty() {}
    assert!(!claimer.more, "an empty lane is no reason to look");
    assert_eq!(queue::depth(&worker).await.unwrap().leased, 20);
}

/// A barrier at the commit of a process that claims work of priority 1: it waits for a lock that the test holds.
async fn held_open(test: &TestDb) -> sqlx::Transaction<'static, sqlx::Postgres> {
    test.execute(
        "create function wait_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(42); return new; end $$;
         create constraint trigger wait_here after insert on work_leases deferrable initially deferred for each row when (new.priority = 1) execute function wait_here()",
    )
    .await;
    let mut tx = test.superuser().begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(42)").execute(&mut *tx).await.unwrap();
    tx
}

#[tokio::test]
async fn a_share_holds_when_two_processes_claim_at_once() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    let (slow, quick) = (test.agency().await, test.agency().await);
    add_as(&worker, slow, 5, 1).await;
    let barrier = held_open(&test).await;
    let (db, mut first) = (worker.clone(), claimer(1, 1));
    let held = tokio::spawn(async move { queue::claim(&db, &mut first).await.unwrap() });
    // It has taken the work and waits at its commit.
    let waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted and objid = 42 and database = (select oid from pg_database where datname = current_database()))";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(test.superuser()).await.unwrap() {}
    let mut second = claimer(1, 10);
    assert!(queue::claim(&worker, &mut second).await.unwrap().is_empty(), "the share of one is taken already");
    assert!(second.contended && second.more, "it looks again in a moment");
    add(&worker, quick, 1).await;
    assert_eq!(of(&queue::claim(&worker, &mut second).await.unwrap()), BTreeMap::from([(quick.0, 1)]));
    barrier.rollback().await.unwrap();
    assert_eq!(of(&held.await.unwrap()), BTreeMap::from([(slow.0, 1)]));
    assert!(queue::claim(&worker, &mut second).await.unwrap().is_empty());
    assert!(!second.contended && second.more);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_holds_in_any_crowd() {
    let test = TestDb::new().await;
    let worker = test.sized(DbRole::Worker, 8).await;
    for _ in 0..3 {
        add(&worker, test.agency().await, 30).await;
    }
    let crowd = (0..8).map(|_| {
        let db = worker.clone();
        tokio::spawn(async move {
            let mut claimer = claimer(2, 3);
            let mut done = 0;
            while claimer.more || claimer.contended {
                let taken = queue::claim(&db, &mut claimer).await.unwrap();
                let mut tx = TenantTx::begin(&db, Scope::Open).await.unwrap();
                for work in &taken {
                    queue::complete(&mut tx, work.id, claimer.owner).await.unwrap();
                }
                tx.commit().await.unwrap();
                done += taken.len();
            }
            done
        })
    });
    let crowd: Vec<_> = crowd.collect();
    let running = "select coalesce(max(n), 0) from (select count(*) as n from work_leases group by tenant_key) t";
    while !crowd.iter().all(tokio::task::JoinHandle::is_finished) {
        let most: i64 = sqlx::query_scalar(running).fetch_one(test.superuser()).await.unwrap();
        assert!(most <= 2, "{most} at once for one agency that may have two");
    }
    let mut done = 0;
    for one in crowd {
        done += one.await.unwrap();
    }
    assert_eq!(done, 90);
}
