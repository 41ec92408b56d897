//! Does cancelling end a job whose stored order cannot be read, whatever its state, and does it say what may be left?

use std::time::Duration;

use domain::JobId;
use domain::identity::Reach;
use domain::provisioning::{EffectState, JobStatus, LogLine};
use store::provisioning::{Claim, LogQuery};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error, new_id, provisioning};

use crate::orders::start;

/// A statement that puts the job into a state, with an order that cannot be read and a location.
macro_rules! state {
    ($set:literal) => {
        concat!(
            "update provisioning_jobs set client_data_json = '{\"name\": 7}', location_id = 'loc-1', lease_owner = null, lease_until = null,
             next_attempt_at = null, cancel_requested_at = null, status = ",
            $set
        )
    };
}

/// Every state in which a job can be cancelled or undone.
const STATES: [(&str, &str); 5] = [
    ("pending", state!("'PENDING', finished_at = null, question_json = null")),
    ("in progress", state!("'IN_PROGRESS', finished_at = null, question_json = null")),
    ("retrying", state!("'RETRYING', finished_at = null, question_json = null")),
    ("asking", state!("'AWAITING_INPUT', finished_at = null, question_json = '{}'")),
    ("failed", state!("'FAILED', finished_at = now(), question_json = null")),
];

/// Two locations that the job is known to have created, one of them by an observation alone, and two writes without a
/// clear answer; also a person of HighLevel whom the job holds.
const WRITES: &str = r"
  insert into effects (agency_id, kind, provider, marker, request_hash, job_id, step_id, state, provider_ref, attempt, lease_owner, decided_at)
  select s.agency_id, e.kind, 'ghl', e.marker, decode('00', 'hex'), s.job_id, s.id, e.state, e.ref, 1, gen_random_uuid(), case when e.state = 'CONFIRMED' then now() end
  from provisioning_steps s cross join (values ('create_location', 'MARK1', 'CONFIRMED', 'loc-2'), ('create_location', 'MARK2', 'IN_DOUBT', null),
    ('create_location', 'MARK3', 'IN_DOUBT', null), ('add_tag', 'MARK4', 'IN_DOUBT', 'loc-1')) e (kind, marker, state, ref) where s.step = 'CREATE_LOCATION';
  insert into effect_observations (agency_id, effect_id, source, provider_ref, observer)
  select agency_id, id, 'answer', 'loc-3', gen_random_uuid() from effects where marker = 'MARK3';
  insert into people_leases (agency_id, ghl_user_id, job_id, lease_until) select agency_id, 'U1', id, now() + interval '1 minute' from provisioning_jobs";

struct World {
    test: TestDb,
    web: Db,
    worker: Db,
    scope: Scope,
    job: JobId,
}

impl World {
    /// One job in a new agency.
    async fn new() -> Self {
        let test = TestDb::new().await;
        let (web, worker, agency) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await, test.agency().await);
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
        let job = start(&web, scope.clone(), "Ada", "ada@same.test").await;
        Self { test, web, worker, scope, job }
    }

    async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.web, self.scope.clone()).await.unwrap()
    }

    async fn is(&self, set: &'static str) {
        self.test.execute("alter table provisioning_jobs disable trigger user").await;
        self.test.execute(set).await;
        self.test.execute("alter table provisioning_jobs enable trigger user").await;
    }

    /// Cancels the job as a person does: a job that has stopped is undone.
    async fn cancel(&self) {
        let mut tx = self.tx().await;
        match provisioning::cancel(&mut tx, self.job).await {
            Err(Error::Stale) => provisioning::undo(&mut tx, self.job).await,
            cancelled => cancelled,
        }
        .unwrap();
        tx.commit().await.unwrap();
    }

    async fn claim(&self) -> store::Result<Claim> {
        let mut tx = TenantTx::begin(&self.worker, self.scope.clone()).await.unwrap();
        let claimed = provisioning::claim(&mut tx, self.job, new_id(), Duration::from_secs(60)).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    async fn status(&self) -> JobStatus {
        provisioning::row(&mut self.tx().await, self.job).await.unwrap().status
    }

    async fn log(&self) -> Vec<LogLine> {
        provisioning::log(&mut self.tx().await, self.job, &LogQuery::default()).await.unwrap().rows
    }

    /// The rows of a table as text.
    async fn rows(&self, table: &str) -> String {
        self.test.contents().await.into_iter().find(|(name, _)| name == table).unwrap().1
    }
}

#[tokio::test]
async fn a_job_whose_order_cannot_be_read_is_cancelled_from_every_state() {
    for (state, set) in STATES {
        let world = World::new().await;
        world.is(set).await;
        let before = world.status().await;
        if provisioning_may_run(before) {
            assert!(matches!(world.claim().await, Err(Error::Unreadable(_))), "{state}");
        }
        assert_eq!(world.status().await, before, "{state}: it stays as it is");
        world.cancel().await;
        assert!(matches!(world.claim().await, Ok(Claim::Over)), "{state}");
        assert_eq!(world.status().await, JobStatus::Cancelled, "{state}");
        let says = |line: &LogLine| line.message.contains("nothing was undone") && line.message.contains("loc-1");
        assert!(world.log().await.iter().any(says), "{state}: the log says what may be left");
        let error = provisioning::row(&mut world.tx().await, world.job).await.unwrap().error;
        let says = |error: String| error.contains("nothing was undone") && error.contains("loc-1");
        assert!(error.is_some_and(says), "{state}: and so does the list");
        let audited = world.rows("audit_events").await;
        assert!(audited.contains("provisioning.not_undone") && audited.contains("loc-1"), "{state}: {audited}");
        assert!(matches!(world.claim().await, Ok(Claim::Over)), "{state}: it has ended for good");
    }
}

/// Whether a worker takes a job in this state.
fn provisioning_may_run(status: JobStatus) -> bool {
    matches!(status, JobStatus::Pending | JobStatus::InProgress | JobStatus::Retrying)
}

#[tokio::test]
async fn every_location_that_the_job_may_have_left_is_named() {
    let world = World::new().await;
    world.is(STATES[0].1).await;
    world.test.execute(WRITES).await;
    world.cancel().await;
    assert!(matches!(world.claim().await, Ok(Claim::Over)));
    let log = world.log().await;
    let line = &log.iter().find(|line| line.message.contains("nothing was undone")).unwrap().message;
    for left in ["loc-1", "loc-2", "loc-3", "MARK2"] {
        assert!(line.contains(left), "{left}: {line}");
    }
    assert!(!line.contains("MARK3"), "its location is known: {line}");
    let effects = provisioning::all_effects(&mut world.tx().await, world.job).await.unwrap();
    let given_up = effects.iter().filter(|effect| effect.state == EffectState::Abandoned).count();
    assert_eq!((effects.len(), given_up), (4, 3), "nothing stays in doubt: {effects:?}");
    assert_eq!(world.rows("people_leases").await, "", "nobody waits for this job");
    assert!(world.rows("work_scheduled").await.contains("provisioning.sweep"), "late locations are looked for");
    let late = provisioning::extra(&mut world.tx().await, Some(world.job)).await.unwrap();
    let late: Vec<&str> = late.iter().map(|extra| extra.location.as_str()).collect();
    assert!(late.contains(&"loc-3"), "{late:?}");
}
