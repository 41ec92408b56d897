//! Cancelling leaves nothing behind: after every step, interrupted at any point, and when requested twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::JobId;
use domain::provisioning::{FailureAction, JobStatus, Step};
use serde_json::json;
use store::TenantTx;
use store::provisioning as rows;
use worker::{KillPoint, testing};

use crate::harness::{Harness, fault, full_order, small_order};

/// Nothing of the job is left except a parked location that is listed for a person.
async fn assert_undone(harness: &Harness, job: JobId, name: &str) {
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{name}: {:?} {:?}", view.row.error, view.question);
    let summary = view.summary.expect("a summary of what was undone");
    for location in harness.locations(name) {
        assert_eq!(location["name"], format!("[parked] {name}"));
        let id = location["id"].as_str().unwrap();
        assert!(harness.in_location("tags", id).iter().all(|tag| tag["name"] != "vip"), "{name}: our tag is left");
        assert!(
            summary.todo.iter().any(|todo| todo.about.as_deref() == Some(id) && todo.why.contains(id)),
            "{name}: nobody is told about {id}"
        );
    }
    assert!(harness.locations(name).len() <= 1, "{name}");
    assert_eq!(harness.businesses(name).await, 0, "{name}: the business is left");
    let alive = store::provisioning::testing::leftovers_of_cancelled(&harness.db, Some(job)).await;
    assert!(alive.is_empty(), "{name}: {alive:?}");
    harness.judge().await;
}

/// Runs a job until a worker passes the end of a step, and kills the worker there.
async fn run_behind(harness: &Harness, step: Step) {
    let mortal = harness.worker.ended_by(move |at, point| at > step && point == KillPoint::Written);
    for _ in 0..6 {
        testing::run_due(&mortal).await;
        harness.advance(Duration::from_secs(16)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_after_any_step_it_leaves_nothing() {
    let harness = Harness::new().await;
    for step in &Step::ALL[..10] {
        let name = format!("Cancelled {} Dental", step.position());
        let job = harness.start(&full_order(&harness, &name)).await;
        run_behind(&harness, *step).await;
        harness.cancel(job).await.unwrap();
        harness.run_as(&harness.worker.restarted()).await;
        assert_undone(&harness, job, &name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interrupted_while_undoing_another_worker_undoes_the_rest_once() {
    let harness = Harness::new().await;
    for n in (1..40).step_by(2) {
        let name = format!("Interrupted {n} Dental");
        let job = harness.start(&full_order(&harness, &name)).await;
        run_behind(&harness, Step::CreateBusiness).await;
        harness.cancel(job).await.unwrap();
        let passed = Arc::new(AtomicUsize::new(0));
        let count = passed.clone();
        let mortal = harness
            .worker
            .ended_by(move |_, point| point == KillPoint::Written && count.fetch_add(1, Ordering::SeqCst) + 1 == n);
        harness.advance(Duration::from_secs(61)).await;
        testing::run_due(&mortal).await;
        harness.run_as(&harness.worker.restarted()).await;
        assert_undone(&harness, job, &name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_in_doubt_is_settled_before_it_is_undone() {
    let harness = Harness::new().await;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "reset_after"}))).unwrap();
    harness.sim.knobs(&json!({"search_lag_ms": 40_000})).unwrap();
    let job = harness.start(&full_order(&harness, "Doubtful Dental")).await;
    testing::run_due(&harness.worker).await;
    assert_eq!(harness.status(job).await, JobStatus::Retrying);
    assert_eq!(harness.cancel(job).await.unwrap(), JobStatus::InProgress);
    harness.run().await;
    assert_undone(&harness, job, "Doubtful Dental").await;
    assert_eq!(harness.locations("[parked] Doubtful Dental").len(), 1);
    // A person ended the wait: no worker was lost, and none was asked to end.
    let view = harness.job(job).await;
    let mut tries = view.steps.iter().flat_map(|step| &step.attempts);
    let is_a_wait = |class: Option<&str>| !matches!(class, Some("lost" | "given_back"));
    assert!(tries.all(|one| is_a_wait(one.error_class.as_deref())), "{:?}", view.steps);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nothing_made_it_ends_at_once_and_an_ended_job_allows_no_operation() {
    let harness = Harness::new().await;
    let job = harness.start(&small_order("Early Dental")).await;
    assert_eq!(harness.cancel(job).await.unwrap(), JobStatus::Cancelled);
    harness.run().await;
    assert_eq!(harness.locations("Early Dental").len(), 0);
    assert!(matches!(harness.cancel(job).await, Err(store::Error::Stale)));
    assert!(matches!(harness.undo(job).await, Err(store::Error::Stale)));
    assert!(matches!(harness.retry(job).await, Err(store::Error::Stale)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_job_can_be_undone_instead_of_retried() {
    let tolerance = outbound::Tolerance { min_calls: u32::MAX, min_retries: u32::MAX, ..Default::default() };
    let harness = Harness::bearing(simulator::demo::HARBOR, tolerance).await;
    let rule = json!([{ "match": { "method": "GET", "path": "/locations/*/tags" }, "times": 100_000, "fault": "status", "status": 500 }]);
    harness.sim.faults(rule).unwrap();
    let job = harness.start(&full_order(&harness, "Failing Dental")).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Failed, "{:?}", view.row.error);
    let tries = view.steps[Step::FillValues as usize].attempts.len();
    assert!(tries > 10, "half an hour of trouble is waited out first: {tries} tries");
    assert!(view.failure.is_some_and(|card| card.effect.contains("exists in HighLevel")));
    harness.sim.clear_faults().unwrap();
    assert_eq!(harness.undo(job).await.unwrap(), JobStatus::Pending);
    harness.run().await;
    assert_undone(&harness, job, "Failing Dental").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_failed_while_it_was_undone_says_what_can_be_left_and_ends_with_it() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Twice Failed Dental")).await;
    run_behind(&harness, Step::CreateUsers).await;
    harness.cancel(job).await.unwrap();
    harness.advance(Duration::from_secs(61)).await;
    let mut tx = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    let claim = rows::claim(&mut tx, job, store::new_id(), Duration::from_secs(60)).await.unwrap();
    let rows::Claim::Mine(running) = claim else { panic!("{claim:?}") };
    rows::begin(&mut tx, &running.fence, Step::CreateUsers).await.unwrap();
    let cause = rows::Cause { class: "records", detail: "It could not be written down.".into() };
    rows::fail(&mut tx, &running.fence, (Step::CreateUsers, true), &cause).await.unwrap();
    tx.commit().await.unwrap();
    let failure = harness.job(job).await.failure.expect("a failure");
    assert!(failure.undoing);
    assert_eq!(failure.actions, [FailureAction::Retry, FailureAction::Skip, FailureAction::StartOver]);
    // HighLevel lets nobody be removed, so undoing again would fail too.
    let refused = |method: &str| json!({ "match": { "method": method, "prefix": "/users/" }, "times": 1000, "fault": "status", "status": 403 });
    harness.sim.faults(json!([refused("PUT"), refused("DELETE")])).unwrap();
    harness.resume(job, json!({"skip": true})).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
}
