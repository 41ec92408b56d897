//! An answer from HighLevel does not prove what HighLevel did. Whatever it answers, nothing is created twice and
//! nothing is missed. A worker that was suspended sends no write that others have given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::provisioning::{JobStatus, Step};
use serde_json::json;
use worker::KillPoint;

use crate::harness::{Harness, fault, full_order, small_order};

/// Every write of the plan, in forward order.
const WRITES: [(&str, &str); 5] = [
    ("POST", "/locations/"),
    ("POST", "/locations/*/customValues"),
    ("POST", "/locations/*/tags"),
    ("POST", "/users/"),
    ("PUT", "/locations/*"),
];

/// The job is completed, and everything exists exactly once.
async fn assert_done(harness: &Harness, job: domain::JobId, name: &str) {
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{name}: {:?} {:?}", view.row.error, view.question);
    let found = harness.locations(name);
    assert_eq!((found.len(), &found[0]["name"]), (1, &json!(name)));
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_answered_what_happened_happened_once() {
    let harness = Harness::new().await;
    for (number, (method, path)) in WRITES.into_iter().enumerate() {
        for status in [400, 401, 403, 404, 409, 422, 429] {
            let name = format!("Answered {number} {status} Clinic");
            let broken = json!({"fault": "status", "status": status, "executed": true});
            harness.sim.faults(fault(method, path, &broken)).unwrap();
            let job = harness.start(&full_order(&harness, &name)).await;
            for _ in 0..3 {
                harness.run().await;
                if harness.status(job).await == JobStatus::AwaitingInput {
                    harness.resume(job, json!({"answer": "again"})).await;
                }
            }
            assert_done(&harness, job, &name).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_answered_cancelling_leaves_no_location_unseen() {
    let harness = Harness::new().await;
    // Search shows a new location late, so the first search after the answer finds nothing.
    harness.sim.knobs(&json!({"search_lag_ms": 50_000})).unwrap();
    for status in [400, 403, 404, 409, 422] {
        let name = format!("Orphan {status} Clinic");
        let broken = json!({"fault": "status", "status": status, "executed": true});
        harness.sim.faults(fault("POST", "/locations/", &broken)).unwrap();
        let job = harness.start(&small_order(&name)).await;
        worker::testing::run_due(&harness.worker).await;
        let view = harness.job(job).await;
        assert_eq!(view.row.status, JobStatus::AwaitingInput, "{:?}", view.row.error);
        harness.cancel(job).await.unwrap();
        harness.run().await;
        let view = harness.job(job).await;
        assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
        assert_eq!(harness.locations(&name)[0]["name"], format!("[parked] {name}"));
        assert!(view.summary.unwrap().todo.iter().any(|todo| todo.what.contains("Delete sub-account")));
    }
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_made_in_spite_of_a_refusal_is_on_the_list_when_it_is_undone() {
    let harness = Harness::new().await;
    let broken = json!({"fault": "status", "status": 422, "executed": true});
    harness.sim.faults(fault("POST", "/users/", &broken)).unwrap();
    let job = harness.start(&full_order(&harness, "Ghost Clinic")).await;
    // The check directly after the answer fails too.
    let mortal = harness.worker.ended_by(|step, point| step == Step::CreateUsers && point == KillPoint::C2);
    for _ in 0..6 {
        worker::testing::run_due(&mortal).await;
        harness.advance(std::time::Duration::from_secs(16)).await;
    }
    harness.advance(std::time::Duration::from_secs(61)).await;
    worker::testing::run_due(&harness.worker.restarted()).await;
    harness.cancel(job).await.ok();
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
    let made = harness.people(view.row.location_id.as_deref().unwrap()).len();
    let told = view.summary.unwrap().todo.iter().filter(|todo| todo.what.starts_with("Remove ")).count();
    assert_eq!(made, told, "each person who was made is on the list");
    harness.judge().await;
}

/// A worker is suspended between recording and sending its write. Meanwhile another worker searches, gives the
/// write up and creates the client.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_that_stood_still_sends_nothing_any_more() {
    let harness = Arc::new(Harness::new().await);
    let job = harness.start(&small_order("Frozen Dental")).await;
    let stood = Arc::new(AtomicUsize::new(0));
    let (inner, count) = (harness.clone(), stood.clone());
    let frozen = harness.worker.ended_by(move |step, point| {
        if step == Step::CreateLocation && point == KillPoint::C2 && count.fetch_add(1, Ordering::SeqCst) == 0 {
            let harness = inner.clone();
            let meanwhile = async move {
                harness.advance(std::time::Duration::from_secs(200)).await;
                harness.run_as(&harness.worker.restarted()).await;
            };
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(meanwhile));
            worker::testing::stand_still(&inner.worker);
        }
        false
    });
    worker::testing::run_due(&frozen).await;
    harness.run().await;
    assert_eq!((stood.load(Ordering::SeqCst), harness.created("Frozen Dental")), (1, 1));
    assert_done(&harness, job, "Frozen Dental").await;
}
