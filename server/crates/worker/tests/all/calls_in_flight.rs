//! A call that changes something is known from before its first byte leaves until its outcome is known.

use std::time::Duration;

use domain::JobId;
use domain::provisioning::{CallInFlight, JobStatus, Step, WRITES};
use store::provisioning as rows;
use worker::KillPoint;

use crate::harness::{Harness, full_order, small_order};

async fn in_flight(harness: &Harness, job: JobId) -> Option<CallInFlight> {
    rows::call_in_flight(&mut harness.tx().await, job).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_is_in_flight_while_the_claim_that_recorded_it_lasts() {
    let harness = Harness::new().await;
    let job = harness.start(&small_order("Silent Dental")).await;
    assert_eq!(in_flight(&harness, job).await, None);
    let mortal = harness.worker.ended_by(|step, point| step == Step::CreateLocation && point == KillPoint::C2);
    worker::testing::run_due(&mortal).await;
    let call = in_flight(&harness, job).await.expect("a call");
    assert_eq!((call.method.as_str(), call.endpoint.as_str()), ("POST", "/locations/"));
    // Its worker is gone, so nobody waits for the answer any more: what it did is looked for.
    harness.advance(Duration::from_secs(61)).await;
    assert_eq!(in_flight(&harness, job).await, None);
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
    assert_eq!(in_flight(&harness, job).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_write_names_its_call() {
    for (kind, method, endpoint) in WRITES {
        let known = ghl::OPS.iter().any(|op| op.method.as_str() == method && op.path == endpoint);
        assert!(known, "{kind}: {method} {endpoint} is no call to HighLevel");
    }
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Whole Dental")).await;
    harness.run().await;
    let made = harness.job(job).await.effects;
    assert!(made.len() >= 3, "{made:?}");
    for effect in made {
        assert!(CallInFlight::of_write(&effect.kind, effect.sent_at.unwrap()).is_some(), "{}", effect.kind);
    }
}
