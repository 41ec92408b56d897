//! In an agency that forbids markers in names, the owner's e-mail address carries the marker. Without an owner, a
//! person decides about an unclear answer.

use domain::provisioning::{JobStatus, QuestionKind, Step};
use serde_json::{Value, json};
use worker::KillPoint;

use crate::harness::{Harness, fault, faults, full_order, small_order};

/// The job is completed. Its location exists once, never had another name than its final one, and has the owner's
/// real address.
async fn assert_done(harness: &Harness, job: domain::JobId, name: &str) {
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{name}: {:?} {:?}", view.row.error, view.question);
    let found = harness.locations(name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    assert_eq!((&found[0]["name"], &found[0]["email"]), (&json!(name), &json!(view.order.client.email)), "{name}");
    let sent = harness.sim.journal();
    let names = |call: &Value| call["body"]["name"].as_str().map(str::to_owned);
    assert!(!sent.iter().filter_map(names).any(|sent| sent.contains('·')), "{name}: a mark in a name");
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_at_the_create_it_still_happens_once() {
    let harness = Harness::hurried().await;
    harness.forbid_markers_in_names().await;
    let faults = faults();
    for (method, path) in [("POST", "/locations/"), ("GET", "/locations/search"), ("PUT", "/locations/*")] {
        for (kind, broken) in faults.iter().enumerate() {
            let name = format!("Tagged {} {kind} Clinic", method.to_lowercase());
            harness.sim.faults(fault(method, path, broken)).unwrap();
            let job = harness.start(&full_order(&harness, &name)).await;
            harness.run().await;
            harness.sim.clear_faults().unwrap();
            assert_done(&harness, job, &name).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_at_any_point_of_create_or_finish_it_happens_once() {
    let harness = Harness::new().await;
    harness.forbid_markers_in_names().await;
    for step in [Step::CreateLocation, Step::Finish] {
        for point in KillPoint::CALLS {
            let name = format!("Tagged {} {point:?} Dental", step.position());
            let job = harness.start(&full_order(&harness, &name)).await;
            let mortal = harness.worker.ended_by(move |at, passed| at == step && passed == point);
            for _ in 0..6 {
                worker::testing::run_due(&mortal).await;
                harness.advance(std::time::Duration::from_secs(16)).await;
            }
            harness.run_as(&harness.worker.restarted()).await;
            assert_done(&harness, job, &name).await;
        }
    }
}

/// Returns a job that has no owner's address, got no clear answer to its create, and now waits with its question.
async fn asked(harness: &Harness, name: &str, broken: &Value) -> domain::JobId {
    harness.sim.faults(fault("POST", "/locations/", broken)).unwrap();
    let job = harness.start(&small_order(name)).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::AwaitingInput, "{:?}", view.row.error);
    assert_eq!(view.question.unwrap().kind, QuestionKind::ChooseLocation);
    job
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_marker_an_unclear_answer_is_asked_and_the_location_offered() {
    let harness = Harness::new().await;
    harness.forbid_markers_in_names().await;
    let job = asked(&harness, "Plain Dental", &json!({"fault": "reset_after"})).await;
    let choices = harness.job(job).await.question.unwrap().choices;
    let there = harness.locations("Plain Dental")[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(choices[0].value.as_ref(), Some(&there), "{choices:?}");
    harness.resume(job, json!({"answer": {"choice": "adopt", "value": there}})).await;
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
    assert_eq!((harness.created("Plain Dental"), harness.locations("Plain Dental").len()), (1, 1));
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_says_no_speaks_of_this_write_and_of_no_later_one() {
    let harness = Harness::new().await;
    harness.forbid_markers_in_names().await;
    let lost = json!({"fault": "status", "status": 502});
    let job = asked(&harness, "Denied Dental", &lost).await;
    for created in [0, 1] {
        let question = harness.job(job).await.question.unwrap();
        let denied = question.choices.iter().find(|choice| choice.key == "denied").unwrap().clone();
        assert_eq!(harness.created("Denied Dental"), 0, "nothing is sent while nobody answers");
        if created == 0 {
            harness.sim.faults(fault("POST", "/locations/", &lost)).unwrap();
        }
        harness.resume(job, json!({"answer": {"choice": "denied", "value": denied.value}})).await;
        harness.run().await;
        assert_eq!(harness.created("Denied Dental"), created);
    }
    assert_eq!(harness.status(job).await, JobStatus::Completed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_stopped_asks_before_it_claims_that_nothing_exists() {
    let harness = Harness::new().await;
    harness.forbid_markers_in_names().await;
    let job = asked(&harness, "Stopped Dental", &json!({"fault": "reset_after"})).await;
    harness.cancel(job).await.unwrap();
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::AwaitingInput, "the location may be there");
    let there = harness.locations("Stopped Dental")[0]["id"].as_str().unwrap().to_owned();
    harness.resume(job, json!({"answer": {"choice": "adopt", "value": there}})).await;
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Cancelled);
    assert_eq!(harness.locations("[parked] Stopped Dental").len(), 1);
}
