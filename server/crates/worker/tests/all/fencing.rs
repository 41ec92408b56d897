//! A worker that lost its claim cannot decide anything, and a race between renewals never loses a refresh chain.

use std::sync::Arc;
use std::time::Duration;

use domain::EffectId;
use domain::provisioning::{JobStatus, Step};
use domain::work::Kind;
use serde_json::json;
use store::provisioning::{self as rows, Claim, Fence, Source};
use store::queue::{self, Work};
use store::{Scope, TenantTx};
use uuid::Uuid;

use crate::harness::{Harness, fault, small_order};

async fn claim(harness: &Harness, job: domain::JobId, owner: Uuid) -> Claim {
    let mut tx = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    let claim = rows::claim(&mut tx, job, owner, Duration::from_secs(60)).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

fn fence(claim: Claim) -> Fence {
    let Claim::Mine(running) = claim else { unreachable!("the claim succeeds: {claim:?}") };
    running.fence
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_worker_decides_nothing_but_may_still_say_what_it_saw() {
    let harness = Harness::new().await;
    let job = harness.start(&small_order("Paused Dental")).await;
    let paused = fence(claim(&harness, job, Uuid::now_v7()).await);
    let mut tx = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    let begun = rows::begin(&mut tx, &paused, Step::CreateLocation).await.unwrap();
    let effect: EffectId = store::new_id();
    let new = rows::NewEffect {
        id: effect,
        kind: "create_location",
        marker: "0123456789",
        marked_in: None,
        request_hash: [0; 32],
        provider_ref: None,
        step: begun.id,
        settle: Duration::from_secs(120),
    };
    assert!(rows::record_write(&mut tx, &paused, &new, false).await.unwrap());
    tx.commit().await.unwrap();

    assert!(matches!(claim(&harness, job, Uuid::now_v7()).await, Claim::Later(_)), "the lease holds");
    harness.advance(Duration::from_secs(61)).await;
    let next = fence(claim(&harness, job, Uuid::now_v7()).await);
    assert_eq!(next.attempt, paused.attempt + 1);

    let mut tx = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    let stale = |result: store::Result<()>| assert!(matches!(result, Err(store::Error::Stale)), "{result:?}");
    stale(rows::finish(&mut tx, &paused, Step::CreateLocation, &json!({}), "done").await);
    stale(rows::confirm(&mut tx, &paused, effect, "L1").await);
    stale(rows::refuse(&mut tx, &paused, effect).await);
    stale(rows::set_location(&mut tx, &paused, "L1").await);
    stale(rows::complete(&mut tx, &paused).await.map(|_| ()));
    stale(rows::begin(&mut tx, &paused, Step::Finish).await.map(|_| ()));
    assert!(!rows::heartbeat(&mut tx, &paused, Duration::from_secs(60)).await.unwrap());
    rows::observe(&mut tx, effect, Source::Answer, "L1", paused.owner).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    assert_eq!(rows::observations(&mut tx, effect).await.unwrap(), ["L1"]);
}

/// How often the simulator exchanged a refresh token for a new one.
fn refreshes(harness: &Harness) -> usize {
    let journal = harness.sim.journal();
    let asked = |call: &&serde_json::Value| {
        call["path"] == "/oauth/token" && call["body"]["grant_type"] == "refresh_token" && call["outcome"] == "executed"
    };
    journal.iter().filter(asked).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_nobody_used_for_a_day_are_renewed_once() {
    let harness = Harness::new().await;
    harness.db.execute("update credentials set issued_at = now() - interval '25 hours', last_used_at = null").await;
    let mut tx = TenantTx::begin(&harness.work, Scope::Open).await.unwrap();
    queue::add(&mut tx, &Work::new(Kind::Sweep).once("sweep")).await.unwrap();
    tx.commit().await.unwrap();
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(refreshes(&harness), 1);
    harness.advance(Duration::from_secs(600)).await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!((harness.version().await, refreshes(&harness)), (2, 1), "new ones are left alone for a day");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_in_each_of_two_processes_one_renews_and_no_chain_is_lost() {
    let harness = Harness::new().await;
    let processes = [harness.another_process().await, harness.another_process().await];
    for round in 1..=3 {
        let version = harness.version().await;
        let start = Arc::new(tokio::sync::Barrier::new(200));
        let tasks: Vec<_> = (0..200)
            .map(|n| {
                let (worker, start) = (processes[n % 2].clone(), start.clone());
                let (agency, integration) = (harness.agency, harness.integration);
                tokio::spawn(async move {
                    start.wait().await;
                    worker::testing::renew_since(&worker, agency, integration, version).await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!((harness.version().await, refreshes(&harness)), (version + 1, round), "one renewal a round");
    }
    assert_eq!(harness.opened("renewal").await, 3, "whoever waits looks at the number only");
    // A broken chain would be refused here.
    harness.sim.expire(&json!({"what": "access"})).unwrap();
    let job = harness.start(&small_order("Renewed Dental")).await;
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_knows_the_same_transitions_as_the_type() {
    let harness = Harness::new().await;
    let mut rows = rows::testing::transitions(&harness.db).await;
    let mut ours = domain::provisioning::JOB_TRANSITIONS.to_vec();
    rows.sort_by_key(|pair| (pair.0.key(), pair.1.key()));
    ours.sort_by_key(|pair| (pair.0.key(), pair.1.key()));
    assert_eq!(rows, ours);
}

/// Tries every state followed by every other state on one job. The guard refuses by name whatever the table of
/// transitions does not contain.
const PAIRS: &str = r"
  do $$
  declare was provisioning_job_status; becomes provisioning_job_status; taken boolean; why text;
  begin
    for was, becomes in
      select a, b from unnest(enum_range(null::provisioning_job_status)) a, unnest(enum_range(null::provisioning_job_status)) b
    loop
      -- A test puts the job into its first state past the guard.
      perform set_config('session_replication_role', 'replica', true);
      update provisioning_jobs set status = was, question_json = case when was = 'AWAITING_INPUT' then '{}'::jsonb end,
        finished_at = case when was in ('COMPLETED', 'FAILED', 'CANCELLED') then now() end;
      perform set_config('session_replication_role', 'origin', true);
      begin
        update provisioning_jobs set status = becomes, question_json = case when becomes = 'AWAITING_INPUT' then '{}'::jsonb end,
          finished_at = case when becomes in ('COMPLETED', 'FAILED', 'CANCELLED') then now() end;
        taken := true;
      exception when check_violation then
        get stacked diagnostics why = constraint_name;
        if why <> 'job_transition' then raise exception '% to % was refused by %', was, becomes, why; end if;
        taken := false;
      end;
      if taken <> (was = becomes or exists (select from job_transitions t where t.from_status = was and t.to_status = becomes)) then
        raise exception '% to %: taken is %', was, becomes, taken;
      end if;
    end loop;
  end $$";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_state_follows_another_that_it_may_not_follow() {
    let harness = Harness::new().await;
    harness.start(&small_order("Guarded Dental")).await;
    harness.db.execute(PAIRS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_gives_the_same_job_and_another_order_is_refused() {
    let harness = Harness::new().await;
    let order = small_order("Keyed Dental").check().unwrap();
    let mut tx = harness.tx().await;
    let first = rows::start(&mut tx, &order, Some("key-1")).await.unwrap();
    let again = rows::start(&mut tx, &order, Some("key-1")).await.unwrap();
    assert_eq!((first.job, false, true), (again.job, first.repeated, again.repeated));
    let other = small_order("Other Dental").check().unwrap();
    assert!(matches!(rows::start(&mut tx, &other, Some("key-1")).await, Err(store::Error::Taken(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_that_appears_after_we_were_sure_is_told_to_a_person() {
    let harness = Harness::new().await;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 502}))).unwrap();
    let job = harness.start(&small_order("Ghost Dental")).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!((view.row.status, view.effects[0].state.key()), (JobStatus::Completed, "ABSENT"));
    harness.create_behind_our_back(&format!("Ghost Dental ·{}", view.effects[0].marker)).await;
    // A refused token is renewed here as for every other call.
    harness.sim.expire(&json!({"what": "access"})).unwrap();
    harness.advance(Duration::from_secs(700)).await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(harness.version().await, 2);
    let extra = harness.job(job).await.extra;
    assert_eq!(extra.len(), 1, "{extra:?}");
    let lately = rows::extra(&mut harness.tx().await, None).await.unwrap();
    assert_eq!(lately, extra, "the agency's page shows the same");
}
