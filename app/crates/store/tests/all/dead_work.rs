//! Does work that was given up run again as if it were new, and never twice?

use domain::identity::Reach;
use domain::work::{Kind, Queue};
use store::queue::{self, Claimer, MOST_RETRIED, Retried, Work, discard_dead, retry_dead};
use store::tenant::{PlatformTx, Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, new_id};
use uuid::Uuid;

const KIND: &str = "integration.check";

async fn retry(db: &Db, kind: &str) -> Retried {
    let mut tx = PlatformTx::begin(db, None).await.unwrap();
    let retried = retry_dead(&mut tx, kind).await.unwrap();
    tx.commit().await.unwrap();
    retried
}

#[tokio::test]
async fn work_runs_again_with_its_first_attempt() {
    let test = TestDb::new().await;
    let (web, worker, agency) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await, test.agency().await);
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let (owner, subject) = (new_id::<Uuid>(), new_id::<Uuid>());
    let mut tx = TenantTx::begin(&worker, scope.clone()).await.unwrap();
    queue::add(&mut tx, &Work::new(Kind::CheckIntegration).subject(subject).once("check")).await.unwrap();
    tx.commit().await.unwrap();
    let mut claimer = Claimer::new(Queue::Background, owner);
    let work = queue::claim(&worker, &mut claimer).await.unwrap().remove(0);
    assert!(queue::reset_attempts(&worker, work.id, owner).await.unwrap());
    let mut tx = TenantTx::begin(&worker, scope).await.unwrap();
    queue::give_up(&mut tx, work.id, owner, "no use").await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(retry(&web, "mail.send").await, Retried::default(), "another kind stays given up");
    assert_eq!(retry(&web, KIND).await, Retried { ready: 1, dropped: 0 });
    assert_eq!(queue::depth(&worker).await.unwrap().dead, 0);
    let again = queue::claim(&worker, &mut claimer).await.unwrap();
    assert_eq!(again, [work], "the same work, with the same attempt as the first time");
}

#[tokio::test]
async fn work_that_waits_already_is_dropped() {
    let test = TestDb::new().await;
    let (web, worker) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    test.execute(
        "insert into work_dead (lane, tenant_key, kind, dedupe_key)
           select 'chores', gen_random_uuid(), 'integration.check', key
           from unnest(array['waits', 'later', 'twice', 'twice', 'new', null, null]) key;
         insert into work_ready (lane, tenant_key, kind, dedupe_key)
           values ('chores', gen_random_uuid(), 'integration.check', 'waits');
         insert into work_scheduled (lane, tenant_key, kind, dedupe_key, run_at)
           values ('chores', gen_random_uuid(), 'integration.check', 'later', now() + interval '1 hour')",
    )
    .await;
    assert_eq!(retry(&web, KIND).await, Retried { ready: 4, dropped: 3 }, "twice, new, and both without a key");
    let depth = queue::depth(&worker).await.unwrap();
    assert_eq!((depth.ready, depth.scheduled, depth.dead), (5, 1, 0));
}

#[tokio::test]
async fn much_work_runs_again_in_parts_and_is_discarded_at_once() {
    const PLANT: &str = "insert into work_dead (lane, tenant_key, kind)
           select 'chores', gen_random_uuid(), 'integration.check' from generate_series(0, 500);
         insert into work_dead (lane, tenant_key, kind) values ('mail', gen_random_uuid(), 'mail.send')";
    let test = TestDb::new().await;
    let (web, worker) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    test.execute(PLANT).await;
    assert_eq!(retry(&web, KIND).await, Retried { ready: MOST_RETRIED, dropped: 0 });
    assert_eq!(retry(&web, KIND).await, Retried { ready: 1, dropped: 0 });
    test.execute(PLANT).await;
    let mut tx = PlatformTx::begin(&web, None).await.unwrap();
    assert_eq!(discard_dead(&mut tx, KIND).await.unwrap(), MOST_RETRIED.unsigned_abs() + 1);
    tx.commit().await.unwrap();
    assert_eq!(queue::depth(&worker).await.unwrap().dead, 2, "another kind stays");
}
