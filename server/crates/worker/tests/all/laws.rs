//! The rules of provisioning, checked for every step of the plan: running twice equals running once, any call may
//! fail, and the worker may die at any point.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::provisioning::{JobStatus, Step, StepStatus};
use serde_json::{Value, json};
use store::provisioning::testing as time;
use worker::KillPoint;

use crate::harness::{Harness, fault, faults, full_order, small_order};

/// The job is completed, its location exists once under its final name, and everything ordered exists once.
async fn assert_done(harness: &Harness, job: domain::JobId, name: &str) {
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{name}: {:?} {:?}", view.row.error, view.question);
    let found = harness.locations(name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    assert_eq!(found[0]["name"], name);
    let id = found[0]["id"].as_str().unwrap();
    assert_eq!(view.row.location_id.as_deref(), Some(id));
    assert!(view.row.business.is_some());
    if !view.order.tags.is_empty() {
        let named =
            |table: &str, name: &str| harness.in_location(table, id).iter().filter(|row| row["name"] == name).count();
        assert_eq!((named("tags", "vip"), named("customValues", "Booking link")), (1, 1), "{name}");
        assert_eq!(harness.people(id).len(), 1, "{name}: {:?}", harness.people(id));
    }
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_with_everything_completes_all_eleven_steps() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Bright Smiles")).await;
    harness.run().await;
    assert_done(&harness, job, "Bright Smiles").await;
    let view = harness.job(job).await;
    assert!(view.steps.iter().all(|step| step.status == Some(StepStatus::Completed)), "{:?}", view.steps);
    assert_eq!(harness.mails.sent().len(), 1);
    assert!(view.summary.is_some_and(|summary| !summary.todo.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_without_a_snapshot_skips_its_two_steps() {
    let harness = Harness::new().await;
    let job = harness.start(&small_order("Plain Yoga")).await;
    harness.run().await;
    assert_done(&harness, job, "Plain Yoga").await;
    let view = harness.job(job).await;
    for step in [Step::ValidateSnapshot, Step::WaitSnapshot] {
        assert_eq!(view.steps[step as usize].status, Some(StepStatus::Skipped));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeating_any_step_changes_nothing() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Twice Dental")).await;
    harness.run().await;
    for step in Step::ALL {
        for forget in [false, true] {
            time::forget_step(&harness.db, job, step, forget).await;
            harness.run().await;
            assert_done(&harness, job, "Twice Dental").await;
        }
    }
}

/// Every call that the plan makes.
const CALLS: [(&str, &str); 15] = [
    ("GET", "/oauth/installedLocations"),
    ("GET", "/companies/*"),
    ("GET", "/snapshots/"),
    ("POST", "/locations/"),
    ("GET", "/snapshots/snapshot-status/*/location/*"),
    ("POST", "/oauth/locationToken"),
    ("GET", "/locations/*/customValues"),
    ("POST", "/locations/*/customValues"),
    ("GET", "/locations/*/tags"),
    ("POST", "/locations/*/tags"),
    ("POST", "/users/search/filter-by-email"),
    ("POST", "/users/"),
    ("GET", "/locations/*"),
    ("PUT", "/locations/*"),
    ("GET", "/locations/search"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_anywhere_it_still_happens_once() {
    let faults = faults();
    let harness = Harness::hurried().await;
    for (number, (method, path)) in CALLS.into_iter().enumerate() {
        for (kind, broken) in faults.iter().enumerate() {
            let name = format!("Broken {number} {kind} Clinic");
            harness.sim.faults(fault(method, path, broken)).unwrap();
            let job = harness.start(&full_order(&harness, &name)).await;
            harness.run().await;
            harness.sim.clear_faults().unwrap();
            assert_done(&harness, job, &name).await;
        }
    }
}

/// Kills a worker when it passes a point for the n-th time, counted over the whole job.
fn ended_at(
    harness: &Harness,
    n: usize,
    at: impl Fn(Step, KillPoint) -> bool + Send + Sync + 'static,
) -> (worker::Worker, Arc<AtomicUsize>) {
    let passed = Arc::new(AtomicUsize::new(0));
    let count = passed.clone();
    let worker =
        harness.worker.ended_by(move |step, point| at(step, point) && count.fetch_add(1, Ordering::SeqCst) + 1 == n);
    (worker, passed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_after_any_row_written_another_worker_goes_on() {
    let harness = Harness::new().await;
    let (counting, passed) = ended_at(&harness, usize::MAX, |_, point| point == KillPoint::Written);
    harness.start(&full_order(&harness, "Counted Dental")).await;
    harness.run_as(&counting).await;
    let all = passed.load(Ordering::SeqCst);
    assert!(all > 30, "a job writes more than {all} times");
    for n in 1..=all {
        let name = format!("Ended {n} Dental");
        let job = harness.start(&full_order(&harness, &name)).await;
        let (mortal, _) = ended_at(&harness, n, |_, point| point == KillPoint::Written);
        worker::testing::run_due(&mortal).await;
        harness.run_as(&harness.worker.restarted()).await;
        assert_done(&harness, job, &name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_at_any_point_of_any_write_it_happens_once() {
    let harness = Harness::new().await;
    for step in Step::ALL {
        for point in KillPoint::CALLS {
            let name = format!("Point {} {point:?} Dental", step.position());
            let job = harness.start(&full_order(&harness, &name)).await;
            let (mortal, _) = ended_at(&harness, 1, move |at, passed| at == step && passed == point);
            // The job waits for the snapshot, so the mortal worker needs several rounds to get past it.
            for _ in 0..6 {
                worker::testing::run_due(&mortal).await;
                harness.advance(std::time::Duration::from_secs(16)).await;
            }
            harness.run_as(&harness.worker.restarted()).await;
            assert_done(&harness, job, &name).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_share_many_jobs_and_make_each_client_once() {
    let harness = Harness::new().await;
    let mut jobs = Vec::new();
    for n in 0..8 {
        let name = format!("Shared {n} Dental");
        jobs.push((harness.start(&full_order(&harness, &name)).await, name));
    }
    let (one, two) = (harness.worker.restarted(), harness.worker.restarted());
    for _ in 0..40 {
        tokio::join!(worker::testing::run_due(&one), worker::testing::run_due(&two));
        harness.advance(std::time::Duration::from_secs(16)).await;
    }
    for (job, name) in jobs {
        assert_done(&harness, job, &name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_that_shows_late_is_found_and_not_made_again() {
    let harness = Harness::new().await;
    harness.sim.knobs(&json!({"search_lag_ms": 50_000})).unwrap();
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "reset_after"}))).unwrap();
    let job = harness.start(&full_order(&harness, "Late Dental")).await;
    harness.run().await;
    assert_done(&harness, job, "Late Dental").await;
    let found = harness.job(job).await.steps[Step::CreateLocation as usize].output.clone();
    assert_eq!(found["found"], Value::Bool(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_never_happened_is_sent_again_only_after_two_minutes() {
    let harness = Harness::new().await;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 502}))).unwrap();
    let job = harness.start(&small_order("Absent Dental")).await;
    worker::testing::run_due(&harness.worker).await;
    harness.advance(std::time::Duration::from_secs(100)).await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(harness.locations("Absent Dental").len(), 0, "too early to be sure");
    harness.run().await;
    assert_done(&harness, job, "Absent Dental").await;
    let states: Vec<_> = harness
        .job(job)
        .await
        .effects
        .iter()
        .filter(|effect| effect.kind == "create_location")
        .map(|effect| effect.state.key())
        .collect();
    assert_eq!(states, ["ABSENT", "CONFIRMED"]);
}
