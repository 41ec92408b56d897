//! Is no wake-up of a job or other work lost, and do repeated wake-ups leave no surplus work behind?

use std::time::Duration;

use domain::identity::Reach;
use domain::provisioning::JobStatus;
use domain::work::{Kind, Queue};
use domain::{AgencyId, JobId};
use store::provisioning::{self, Claim};
use store::queue::{self, Claimed, Claimer, Work};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx, new_id};
use uuid::Uuid;

use crate::orders::start;

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] }
}

async fn claim(db: &Db, queue: Queue, owner: Uuid) -> Vec<Claimed> {
    queue::claim(db, &mut Claimer::new(queue, owner)).await.unwrap()
}

#[tokio::test]
async fn work_that_waits_already_is_taken_only_when_whoever_asked_again_is_done() {
    let test = TestDb::new().await;
    let (web, worker, agency) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await, test.agency().await);
    let work = || Work::new(Kind::SyncSnapshots).once("same");
    let asked = async |later: Option<Duration>| {
        let mut tx = TenantTx::begin(&web, scope(agency)).await.unwrap();
        let new = match later {
            None => queue::add(&mut tx, &work()).await.unwrap(),
            Some(delay) => queue::add_in(&mut tx, &work(), delay).await.unwrap(),
        };
        (tx, new)
    };
    let (tx, new) = asked(None).await;
    assert!(new);
    tx.commit().await.unwrap();
    let (tx, new) = asked(None).await;
    assert!(!new, "the same waits");
    assert!(claim(&worker, Queue::Background, new_id()).await.is_empty(), "what is changed here is not to be seen yet");
    tx.commit().await.unwrap();
    assert_eq!(claim(&worker, Queue::Background, new_id()).await.len(), 1);
    let (tx, new) = asked(None).await;
    assert!(new, "whoever took it may have looked before");
    drop(tx);

    let (tx, _) = asked(Some(Duration::ZERO)).await;
    tx.commit().await.unwrap();
    let (tx, new) = asked(Some(Duration::ZERO)).await;
    assert!(!new);
    assert_eq!(queue::promote_due(&worker, 10).await.unwrap(), 0, "the same of what is due");
    tx.commit().await.unwrap();
    assert_eq!(queue::promote_due(&worker, 10).await.unwrap(), 1);
    // `add_many` obeys the same rule.
    let mut tx = TenantTx::begin(&web, scope(agency)).await.unwrap();
    assert_eq!(queue::add_many(&mut tx, &[work(), work().once("other")]).await.unwrap(), 1);
    assert!(claim(&worker, Queue::Background, new_id()).await.is_empty());
    tx.commit().await.unwrap();
    assert_eq!(claim(&worker, Queue::Background, new_id()).await.len(), 2);
}

/// A job that waits for its next attempt, with its work scheduled.
async fn retrying(test: &TestDb, worker: &Db) -> (AgencyId, JobId) {
    let agency = test.agency().await;
    let job = start(worker, scope(agency), "Bay Dental", "a@b.test").await;
    test.execute(
        "update provisioning_jobs set status = 'IN_PROGRESS'; update provisioning_jobs set status = 'RETRYING', next_attempt_at = now() + interval '1 hour'",
    )
    .await;
    let owner = new_id();
    let item = claim(worker, Queue::Provisioning, owner).await.remove(0);
    put_back(worker, &item, owner, Duration::from_secs(3600)).await;
    (agency, job)
}

async fn put_back(worker: &Db, item: &Claimed, owner: Uuid, delay: Duration) {
    let mut tx = TenantTx::begin(worker, Scope::Open).await.unwrap();
    queue::reschedule(&mut tx, item.id, owner, delay).await.unwrap();
    tx.commit().await.unwrap();
}

async fn retry(db: &Db, agency: AgencyId, job: JobId) {
    let mut tx = TenantTx::begin(db, scope(agency)).await.unwrap();
    assert_eq!(provisioning::retry(&mut tx, job).await.unwrap(), JobStatus::Retrying);
    tx.commit().await.unwrap();
}

async fn invitations(worker: &Db) -> i64 {
    let depth = queue::depth(worker).await.unwrap();
    depth.ready + depth.scheduled + depth.leased
}

#[tokio::test]
async fn hurrying_a_job_again_and_again_leaves_one_invitation() {
    let test = TestDb::new().await;
    let (web, worker) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    let (agency, job) = retrying(&test, &worker).await;
    for _ in 0..5 {
        retry(&web, agency, job).await;
        assert_eq!(invitations(&worker).await, 1);
    }
    queue::promote_and_recover(&worker, &mut queue::Eras::default(), 10).await.unwrap();
    retry(&web, agency, job).await;
    let owner = new_id();
    let item = claim(&worker, Queue::Provisioning, owner).await;
    assert_eq!((item.len(), invitations(&worker).await), (1, 1));

    // A worker that already holds the work may have read the job before this request, so new work is added. But
    // when that worker puts its own work back for later, the work that runs earlier is enough.
    retry(&web, agency, job).await;
    assert_eq!(invitations(&worker).await, 2);
    let second = claim(&worker, Queue::Provisioning, owner).await.remove(0);
    put_back(&worker, &second, owner, Duration::from_secs(10)).await;
    put_back(&worker, &item[0], owner, Duration::from_secs(60)).await;
    assert_eq!(invitations(&worker).await, 1, "another comes earlier");
}

#[tokio::test]
async fn claimed_work_sees_the_retry_request() {
    let test = TestDb::new().await;
    let (web, worker) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    let (agency, job) = retrying(&test, &worker).await;
    test.execute("update work_scheduled set run_at = now()").await;
    queue::promote_and_recover(&worker, &mut queue::Eras::default(), 10).await.unwrap();
    let mut wish = TenantTx::begin(&web, scope(agency)).await.unwrap();
    provisioning::retry(&mut wish, job).await.unwrap();
    // The request is not committed yet, and a worker claims the work that made new work unnecessary.
    assert_eq!(claim(&worker, Queue::Provisioning, new_id()).await.len(), 1);
    let look = async {
        let mut tx = TenantTx::begin(&worker, scope(agency)).await.unwrap();
        let claim = provisioning::claim(&mut tx, job, new_id(), Duration::from_secs(60)).await.unwrap();
        tx.commit().await.unwrap();
        claim
    };
    let (claim, done) = tokio::join!(look, async {
        // The worker waits for the lock on the job's row.
        let waits = "select exists (select from pg_locks where not granted and locktype in ('transactionid', 'tuple') and pid in (select pid from pg_stat_activity where datname = current_database()))";
        #[expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]
        while !sqlx::query_scalar::<_, bool>(waits).fetch_one(test.superuser()).await.unwrap() {}
        wish.commit().await
    });
    done.unwrap();
    assert!(matches!(claim, Claim::Mine(_)), "{claim:?}");
}
