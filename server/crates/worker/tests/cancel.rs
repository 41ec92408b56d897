//! Cancelling leaves nothing: after every step, interrupted anywhere, asked twice.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod stage;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::JobId;
use domain::provisioning::{Button, JobStatus, Step};
use serde_json::json;
use stage::{Stage, fault, full_order, small_order};
use store::TenantTx;
use store::provisioning as rows;
use worker::{KillPoint, testing};

/// Nothing of the job is left but a parked location that a person is told about.
async fn assert_undone(stage: &Stage, job: JobId, name: &str) {
    let view = stage.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{name}: {:?} {:?}", view.row.error, view.question);
    let summary = view.summary.expect("a summary of what was undone");
    for location in stage.locations(name) {
        assert_eq!(location["name"], format!("[parked] {name}"));
        let id = location["id"].as_str().unwrap();
        assert!(stage.in_location("tags", id).iter().all(|tag| tag["name"] != "vip"), "{name}: our tag is left");
        assert!(summary.todo.iter().any(|todo| todo.what.contains(id)), "{name}: nobody is told about {id}");
    }
    assert!(stage.locations(name).len() <= 1, "{name}");
    assert_eq!(stage.businesses(name).await, 0, "{name}: the business is left");
    let alive = store::provisioning::testing::alive(&stage.db, Some(job)).await;
    assert!(alive.is_empty(), "{name}: {alive:?}");
    stage.judge().await;
}

/// Runs a job until a worker passes the end of a step, and leaves it there.
async fn run_behind(stage: &Stage, step: Step) {
    let mortal = stage.worker.ended_by(move |at, point| at > step && point == KillPoint::Written);
    for _ in 0..6 {
        testing::run_due(&mortal).await;
        stage.advance(Duration::from_secs(16)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_after_any_step_it_leaves_nothing() {
    let stage = Stage::new().await;
    for step in &Step::ALL[..10] {
        let name = format!("Cancelled {} Dental", step.position());
        let job = stage.start(&full_order(&stage, &name)).await;
        run_behind(&stage, *step).await;
        stage.cancel(job).await.unwrap();
        stage.run_as(&stage.worker.restarted()).await;
        assert_undone(&stage, job, &name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interrupted_while_undoing_another_worker_undoes_the_rest_once() {
    let stage = Stage::new().await;
    for n in (1..40).step_by(2) {
        let name = format!("Interrupted {n} Dental");
        let job = stage.start(&full_order(&stage, &name)).await;
        run_behind(&stage, Step::CreateBusiness).await;
        stage.cancel(job).await.unwrap();
        let passed = Arc::new(AtomicUsize::new(0));
        let count = passed.clone();
        let mortal = stage
            .worker
            .ended_by(move |_, point| point == KillPoint::Written && count.fetch_add(1, Ordering::SeqCst) + 1 == n);
        stage.advance(Duration::from_secs(61)).await;
        testing::run_due(&mortal).await;
        stage.run_as(&stage.worker.restarted()).await;
        assert_undone(&stage, job, &name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_in_doubt_is_settled_before_it_is_undone() {
    let stage = Stage::new().await;
    stage.sim.faults(fault("POST", "/locations/", &json!({"fault": "reset_after"}))).unwrap();
    stage.sim.knobs(&json!({"search_lag_ms": 40_000})).unwrap();
    let job = stage.start(&full_order(&stage, "Doubtful Dental")).await;
    testing::run_due(&stage.worker).await;
    assert_eq!(stage.status(job).await, JobStatus::Retrying);
    assert_eq!(stage.cancel(job).await.unwrap(), JobStatus::InProgress);
    stage.run().await;
    assert_undone(&stage, job, "Doubtful Dental").await;
    assert_eq!(stage.locations("[parked] Doubtful Dental").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nothing_made_it_ends_at_once_and_an_ended_job_allows_no_operation() {
    let stage = Stage::new().await;
    let job = stage.start(&small_order("Early Dental")).await;
    assert_eq!(stage.cancel(job).await.unwrap(), JobStatus::Cancelled);
    stage.run().await;
    assert_eq!(stage.locations("Early Dental").len(), 0);
    assert!(matches!(stage.cancel(job).await, Err(store::Error::Stale)));
    assert!(matches!(stage.undo(job).await, Err(store::Error::Stale)));
    assert!(matches!(stage.retry(job).await, Err(store::Error::Stale)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_job_can_be_undone_instead_of_retried() {
    let bears = outbound::Tolerance { least: u32::MAX, floor: u32::MAX, ..Default::default() };
    let stage = Stage::bearing(simulator::demo::HARBOR, bears).await;
    let rule = json!([{ "match": { "method": "GET", "path": "/locations/*/tags" }, "times": 100_000, "fault": "status", "status": 500 }]);
    stage.sim.faults(rule).unwrap();
    let job = stage.start(&full_order(&stage, "Failing Dental")).await;
    stage.run().await;
    let view = stage.job(job).await;
    assert_eq!(view.row.status, JobStatus::Failed, "{:?}", view.row.error);
    let tries = view.steps[Step::FillValues as usize].attempts.len();
    assert!(tries > 10, "half an hour of trouble is waited out first: {tries} tries");
    assert!(view.failure.is_some_and(|card| card.effect.contains("exists in HighLevel")));
    stage.sim.clear_faults().unwrap();
    assert_eq!(stage.undo(job).await.unwrap(), JobStatus::Pending);
    stage.run().await;
    assert_undone(&stage, job, "Failing Dental").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_failed_while_it_was_undone_says_what_can_be_left_and_ends_with_it() {
    let stage = Stage::new().await;
    let job = stage.start(&full_order(&stage, "Twice Failed Dental")).await;
    run_behind(&stage, Step::CreateUsers).await;
    stage.cancel(job).await.unwrap();
    stage.advance(Duration::from_secs(61)).await;
    let mut tx = TenantTx::begin(&stage.work, stage.scope()).await.unwrap();
    let claim = rows::claim(&mut tx, job, store::new_id(), Duration::from_secs(60)).await.unwrap();
    let rows::Claim::Mine(running) = claim else { panic!("{claim:?}") };
    rows::begin(&mut tx, &running.fence, Step::CreateUsers).await.unwrap();
    let cause = rows::Cause { class: "records", detail: "It could not be written down.".into() };
    rows::fail(&mut tx, &running.fence, (Step::CreateUsers, true), &cause).await.unwrap();
    tx.commit().await.unwrap();
    let failure = stage.job(job).await.failure.expect("a failure");
    assert!(failure.undoing);
    assert_eq!(failure.actions, [Button::Retry, Button::Skip, Button::StartOver]);
    // HighLevel lets nobody be taken out, so undoing it again would not do.
    let refused = |method: &str| json!({ "match": { "method": method, "prefix": "/users/" }, "times": 1000, "fault": "status", "status": 403 });
    stage.sim.faults(json!([refused("PUT"), refused("DELETE")])).unwrap();
    stage.resume(job, json!({"skip": true})).await;
    stage.run().await;
    let view = stage.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
}
