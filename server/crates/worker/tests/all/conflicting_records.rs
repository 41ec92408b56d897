//! Whatever our own records refuse leads to an end that a person sees: an answer that names somebody else's
//! location, a location that is connected elsewhere, and a secret that cannot be decrypted.

use std::time::Duration;

use domain::JobId;
use domain::provisioning::{JobStatus, Question, Step};
use serde_json::{Value, json};
use simulator::demo;
use store::provisioning::{self as rows, Claim};
use store::{TenantTx, integrations};

use crate::harness::{Harness, fault, small_order};

/// The question that a job waits with.
async fn question(harness: &Harness, job: JobId) -> Question {
    let view = harness.job(job).await;
    view.question.unwrap_or_else(|| unreachable!("a question: {:?} {:?}", view.row.status, view.row.error))
}

async fn answer(harness: &Harness, job: JobId, choice: &str, value: &str) {
    harness.resume(job, json!({"answer": {"choice": choice, "value": value}})).await;
    harness.run().await;
}

/// Returns a job whose create may or may not have happened and left no marker, and the id of a location that
/// belongs to another job.
async fn unclear(harness: &Harness, broken: &Value) -> (JobId, String) {
    harness.forbid_markers_in_names().await;
    let first = harness.start(&small_order("First Dental")).await;
    harness.run().await;
    let theirs = harness.job(first).await.row.location_id.unwrap();
    harness.sim.faults(fault("POST", "/locations/", broken)).unwrap();
    let second = harness.start(&small_order("Second Dental")).await;
    harness.run().await;
    (second, theirs)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_of_another_job_is_asked_for_again_and_the_job_can_be_cancelled() {
    let harness = Harness::of(demo::TIDEWATER).await;
    let first = harness.start(&small_order("First Dental")).await;
    harness.run().await;
    answer(&harness, first, "adopt", demo::TIDEWATER_ONE).await;
    assert_eq!(harness.status(first).await, JobStatus::Completed);
    let second = harness.start(&small_order("Second Dental")).await;
    harness.run().await;
    answer(&harness, second, "adopt", demo::TIDEWATER_ONE).await;
    let asked = question(&harness, second).await;
    assert_eq!(asked.step, Step::CreateLocation);
    let error = &asked.fields[0].detail;
    assert!(error.contains(demo::TIDEWATER_ONE) && error.contains("job #1"), "{error}");
    // HighLevel refused to create a location, which proves nothing, so the job searches for it before it ends.
    assert_eq!(harness.cancel(second).await.unwrap(), JobStatus::Pending);
    harness.run().await;
    assert_eq!(harness.status(second).await, JobStatus::Cancelled);
    assert_eq!(harness.job(first).await.row.location_id.as_deref(), Some(demo::TIDEWATER_ONE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undoing_does_not_stumble_over_a_wrong_answer() {
    let harness = Harness::new().await;
    let (job, theirs) = unclear(&harness, &json!({"fault": "status", "status": 502})).await;
    answer(&harness, job, "adopt", &theirs).await;
    assert!(question(&harness, job).await.fields[0].detail.contains("job #1"));
    harness.cancel(job).await.unwrap();
    harness.run().await;
    for wrong in [theirs.as_str(), "NoSuchLocation000001"] {
        // The only open question is still whether the job's own location exists.
        let asked = question(&harness, job).await;
        assert!(asked.choices.iter().any(|choice| choice.key == "denied"), "{asked:?}");
        answer(&harness, job, "adopt", wrong).await;
    }
    let asked = question(&harness, job).await;
    let denied = asked.choices.iter().find(|choice| choice.key == "denied").unwrap();
    answer(&harness, job, "denied", denied.value.as_ref().unwrap()).await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
    assert_eq!(harness.locations("[parked]").len(), 0);
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_jobs_location_is_taken_without_claiming_to_have_created_it() {
    let harness = Harness::new().await;
    harness.forbid_markers_in_names().await;
    let first = harness.start(&small_order("First Dental")).await;
    let mortal = harness.worker.ended_by(|step, _| step > Step::CreateLocation);
    worker::testing::run_due(&mortal).await;
    harness.cancel(first).await.unwrap();
    harness.advance(Duration::from_secs(61)).await;
    harness.run().await;
    assert_eq!(harness.status(first).await, JobStatus::Cancelled);
    let parked = harness.locations("[parked]")[0]["id"].as_str().unwrap().to_owned();
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 502}))).unwrap();
    let second = harness.start(&small_order("Second Dental")).await;
    harness.run().await;
    answer(&harness, second, "adopt", &parked).await;
    let view = harness.job(second).await;
    assert!(view.effects.iter().any(|effect| effect.state.key() == "ABANDONED"), "{:?}", view.effects);
    assert_eq!(view.row.location_id, Some(parked), "{:?} {:?}", view.row.error, view.question);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_of_its_own_that_was_given_to_another_job_is_asked_about_and_left_alone_by_undoing() {
    let harness = Harness::new().await;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "reset_after"}))).unwrap();
    let job = harness.start(&small_order("Lost Dental")).await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(harness.status(job).await, JobStatus::Retrying);
    let location = harness.locations("Lost Dental")[0]["id"].as_str().unwrap().to_owned();
    let other = harness.start(&small_order("Lost Dental")).await;
    let mut tx = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    let claim = rows::claim(&mut tx, other, uuid::Uuid::now_v7(), Duration::from_secs(60)).await.unwrap();
    let Claim::Mine(running) = claim else { unreachable!("the claim succeeds: {claim:?}") };
    rows::set_location(&mut tx, &running.fence, &location).await.unwrap();
    tx.commit().await.unwrap();
    harness.run().await;
    let asked = question(&harness, job).await;
    assert!(asked.what.contains(&location) && asked.what.contains("job #2"), "{}", asked.what);
    harness.cancel(job).await.unwrap();
    harness.run().await;
    assert_eq!((harness.status(job).await, harness.status(other).await), (JobStatus::Cancelled, JobStatus::Completed));
    assert_eq!(harness.locations("Lost Dental")[0]["name"], "Lost Dental", "not parked: it is the other job's");
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_that_is_connected_elsewhere_is_a_question() {
    let harness = Harness::of(demo::TIDEWATER).await;
    let elsewhere = harness.another_agency().await;
    let mut tx = TenantTx::begin(&harness.work, Harness::scope_of(elsewhere)).await.unwrap();
    integrations::upsert_location(&mut tx, None, demo::TIDEWATER_ONE, demo::TIDEWATER, None).await.unwrap();
    tx.commit().await.unwrap();
    let job = harness.start(&small_order("Foreign Dental")).await;
    harness.run().await;
    answer(&harness, job, "adopt", demo::TIDEWATER_ONE).await;
    let asked = question(&harness, job).await;
    assert_eq!(asked.step, Step::MintToken);
    assert!(asked.what.contains("another client"), "{}", asked.what);
    harness.cancel(job).await.unwrap();
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Cancelled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_does_not_open_fails_the_job_within_its_retries() {
    let harness = Harness::new().await;
    harness.db.execute("update credentials set sealed_access = sealed_access || '\\x00'").await;
    let job = harness.start(&small_order("Sealed Dental")).await;
    harness.run().await;
    let row = harness.job(job).await.row;
    assert_eq!((row.status, row.retry_count), (JobStatus::Failed, 3));
    assert!(row.error.as_deref().is_some_and(|error| error.contains("sealed value")), "{:?}", row.error);
    harness.undo(job).await.unwrap();
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Cancelled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_even_be_written_down_fails_the_job() {
    let harness = Harness::new().await;
    let body = r#"{"statusCode":422,"message":["phone \u0000 must be valid"],"error":"Unprocessable Entity"}"#;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 422, "body": body}))).unwrap();
    let job = harness.start(&small_order("Zero Dental")).await;
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Failed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undoing_gives_a_location_that_was_taken_over_its_values_back() {
    let harness = Harness::of(demo::TIDEWATER).await;
    let given = |text: &str| domain::provisioning::NewJob {
        custom_values: [("Booking link".to_owned(), text.to_owned())].into(),
        ..small_order("Bakery")
    };
    let spelled = |text: &str| domain::provisioning::NewJob {
        custom_values: [("booking  LINK".to_owned(), text.to_owned())].into(),
        ..small_order("Bakery")
    };
    let first = harness.start(&given("https://old.example")).await;
    harness.run().await;
    answer(&harness, first, "adopt", demo::TIDEWATER_ONE).await;
    assert_eq!(harness.locations("Tidewater Bakery").len(), 1, "it keeps the name it had");
    harness.db.execute("update provisioning_jobs set location_id = null").await;
    harness.db.execute("delete from integrations where parent_platform_id is not null").await;
    harness.db.execute("update sub_accounts set deleted_at = now(), ghl_location_id = null").await;
    let job = harness.start(&spelled("https://new.example")).await;
    harness.run().await;
    harness.resume(job, json!({"answer": {"choice": "adopt", "value": demo::TIDEWATER_ONE}})).await;
    let mortal = harness.worker.ended_by(|step, _| step >= Step::Verify);
    worker::testing::run_due(&mortal).await;
    harness.advance(Duration::from_secs(61)).await;
    let now = harness.in_location("customValues", demo::TIDEWATER_ONE).remove(0);
    assert_eq!((&now["name"], &now["value"]), (&json!("Booking link"), &json!("https://new.example")));
    harness.cancel(job).await.unwrap();
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
    assert_eq!(harness.in_location("customValues", demo::TIDEWATER_ONE)[0]["value"], "https://old.example");
    assert_eq!(harness.locations("Tidewater Bakery").len(), 1, "nor is it renamed");
    let alive = rows::testing::leftovers_of_cancelled(&harness.db, Some(job)).await;
    assert!(alive.is_empty(), "{alive:?}");
    harness.judge().await;
}
