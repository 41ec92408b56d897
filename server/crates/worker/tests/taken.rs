//! Whatever our own records refuse comes to an end a person sees: an answer that names somebody else's location, a location that
//! is connected elsewhere, a secret that does not open.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod stage;

use std::time::Duration;

use domain::JobId;
use domain::provisioning::{JobStatus, Question, Step};
use serde_json::{Value, json};
use simulator::demo;
use stage::{Stage, fault, small_order};
use store::provisioning::{self as rows, Claim};
use store::{TenantTx, integrations};

/// The question a job rests at.
async fn question(stage: &Stage, job: JobId) -> Question {
    let view = stage.job(job).await;
    view.question.unwrap_or_else(|| unreachable!("a question: {:?} {:?}", view.row.status, view.row.error))
}

async fn answer(stage: &Stage, job: JobId, choice: &str, value: &str) {
    stage.resume(job, json!({"answer": {"choice": choice, "value": value}})).await;
    stage.run().await;
}

/// A job whose create may not have happened and left no mark, and the location another job has.
async fn unclear(stage: &Stage, broken: &Value) -> (JobId, String) {
    stage.forbid_markers_in_names().await;
    let first = stage.start(&small_order("First Dental")).await;
    stage.run().await;
    let theirs = stage.job(first).await.row.location_id.unwrap();
    stage.sim.faults(fault("POST", "/locations/", broken)).unwrap();
    let second = stage.start(&small_order("Second Dental")).await;
    stage.run().await;
    (second, theirs)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_of_another_job_is_asked_for_again_and_the_job_can_be_cancelled() {
    let stage = Stage::of(demo::TIDEWATER).await;
    let first = stage.start(&small_order("First Dental")).await;
    stage.run().await;
    answer(&stage, first, "adopt", demo::TIDEWATER_ONE).await;
    assert_eq!(stage.status(first).await, JobStatus::Completed);
    let second = stage.start(&small_order("Second Dental")).await;
    stage.run().await;
    answer(&stage, second, "adopt", demo::TIDEWATER_ONE).await;
    let asked = question(&stage, second).await;
    assert_eq!(asked.step, Step::CreateLocation);
    assert!(asked.what.contains(demo::TIDEWATER_ONE) && asked.what.contains("job #1"), "{}", asked.what);
    // HighLevel refused to create one, which is no proof: it is looked for before the job ends.
    assert_eq!(stage.cancel(second).await.unwrap(), JobStatus::Pending);
    stage.run().await;
    assert_eq!(stage.status(second).await, JobStatus::Cancelled);
    assert_eq!(stage.job(first).await.row.location_id.as_deref(), Some(demo::TIDEWATER_ONE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undoing_does_not_stumble_over_a_wrong_answer() {
    let stage = Stage::new().await;
    let (job, theirs) = unclear(&stage, &json!({"fault": "status", "status": 502})).await;
    answer(&stage, job, "adopt", &theirs).await;
    assert!(question(&stage, job).await.what.contains("job #1"));
    stage.cancel(job).await.unwrap();
    stage.run().await;
    for wrong in [theirs.as_str(), "NoSuchLocation000001"] {
        // Whether its own location exists is still open, and only that.
        let asked = question(&stage, job).await;
        assert!(asked.choices.iter().any(|choice| choice.key == "denied"), "{asked:?}");
        answer(&stage, job, "adopt", wrong).await;
    }
    let asked = question(&stage, job).await;
    let denied = asked.choices.iter().find(|choice| choice.key == "denied").unwrap();
    answer(&stage, job, "denied", denied.value.as_ref().unwrap()).await;
    let view = stage.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
    assert_eq!(stage.locations("[parked]").len(), 0);
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_jobs_location_is_taken_without_claiming_to_have_created_it() {
    let stage = Stage::new().await;
    stage.forbid_markers_in_names().await;
    let first = stage.start(&small_order("First Dental")).await;
    let mortal = stage.worker.ended_by(|step, _| step > Step::CreateLocation);
    worker::testing::run_due(&mortal).await;
    stage.cancel(first).await.unwrap();
    stage.advance(Duration::from_secs(61)).await;
    stage.run().await;
    assert_eq!(stage.status(first).await, JobStatus::Cancelled);
    let parked = stage.locations("[parked]")[0]["id"].as_str().unwrap().to_owned();
    stage.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 502}))).unwrap();
    let second = stage.start(&small_order("Second Dental")).await;
    stage.run().await;
    answer(&stage, second, "adopt", &parked).await;
    let view = stage.job(second).await;
    assert!(view.effects.iter().any(|effect| effect.state.key() == "ABANDONED"), "{:?}", view.effects);
    assert_eq!(view.row.location_id, Some(parked), "{:?} {:?}", view.row.error, view.question);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_of_its_own_that_was_given_to_another_job_is_asked_about_and_left_alone_by_undoing() {
    let stage = Stage::new().await;
    stage.sim.faults(fault("POST", "/locations/", &json!({"fault": "reset_after"}))).unwrap();
    let job = stage.start(&small_order("Lost Dental")).await;
    worker::testing::run_due(&stage.worker).await;
    assert_eq!(stage.status(job).await, JobStatus::Retrying);
    let location = stage.locations("Lost Dental")[0]["id"].as_str().unwrap().to_owned();
    let other = stage.start(&small_order("Lost Dental")).await;
    let mut tx = TenantTx::begin(&stage.work, stage.scope()).await.unwrap();
    let claim = rows::claim(&mut tx, other, uuid::Uuid::now_v7(), Duration::from_secs(60)).await.unwrap();
    let Claim::Mine(running) = claim else { unreachable!("the claim succeeds: {claim:?}") };
    rows::set_location(&mut tx, &running.fence, &location).await.unwrap();
    tx.commit().await.unwrap();
    stage.run().await;
    let asked = question(&stage, job).await;
    assert!(asked.what.contains(&location) && asked.what.contains("job #2"), "{}", asked.what);
    stage.cancel(job).await.unwrap();
    stage.run().await;
    assert_eq!((stage.status(job).await, stage.status(other).await), (JobStatus::Cancelled, JobStatus::Completed));
    assert_eq!(stage.locations("Lost Dental")[0]["name"], "Lost Dental", "not parked: it is the other job's");
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_that_is_connected_elsewhere_is_a_question() {
    let stage = Stage::of(demo::TIDEWATER).await;
    let elsewhere = stage.another_agency().await;
    let mut tx = TenantTx::begin(&stage.work, Stage::scope_of(elsewhere)).await.unwrap();
    integrations::upsert_location(&mut tx, None, demo::TIDEWATER_ONE, demo::TIDEWATER, None).await.unwrap();
    tx.commit().await.unwrap();
    let job = stage.start(&small_order("Foreign Dental")).await;
    stage.run().await;
    answer(&stage, job, "adopt", demo::TIDEWATER_ONE).await;
    let asked = question(&stage, job).await;
    assert_eq!(asked.step, Step::MintToken);
    assert!(asked.what.contains("another business"), "{}", asked.what);
    stage.cancel(job).await.unwrap();
    stage.run().await;
    assert_eq!(stage.status(job).await, JobStatus::Cancelled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_does_not_open_fails_the_job_within_its_retries() {
    let stage = Stage::new().await;
    stage.db.execute("update credentials set sealed_access = sealed_access || '\\x00'").await;
    let job = stage.start(&small_order("Sealed Dental")).await;
    stage.run().await;
    let row = stage.job(job).await.row;
    assert_eq!((row.status, row.retry_count), (JobStatus::Failed, 3));
    assert!(row.error.as_deref().is_some_and(|error| error.contains("sealed value")), "{:?}", row.error);
    stage.undo(job).await.unwrap();
    stage.run().await;
    assert_eq!(stage.status(job).await, JobStatus::Cancelled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_even_be_written_down_fails_the_job() {
    let stage = Stage::new().await;
    let body = r#"{"statusCode":422,"message":["phone \u0000 must be valid"],"error":"Unprocessable Entity"}"#;
    stage.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 422, "body": body}))).unwrap();
    let job = stage.start(&small_order("Zero Dental")).await;
    stage.run().await;
    assert_eq!(stage.status(job).await, JobStatus::Failed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undoing_gives_a_location_that_was_taken_over_its_values_back() {
    let stage = Stage::of(demo::TIDEWATER).await;
    let given = |text: &str| domain::provisioning::NewJob {
        custom_values: [("Booking link".to_owned(), text.to_owned())].into(),
        ..small_order("Bakery")
    };
    let spelled = |text: &str| domain::provisioning::NewJob {
        custom_values: [("booking  LINK".to_owned(), text.to_owned())].into(),
        ..small_order("Bakery")
    };
    let first = stage.start(&given("https://old.example")).await;
    stage.run().await;
    answer(&stage, first, "adopt", demo::TIDEWATER_ONE).await;
    assert_eq!(stage.locations("Tidewater Bakery").len(), 1, "it keeps the name it had");
    stage.db.execute("update provisioning_jobs set location_id = null").await;
    stage.db.execute("delete from integrations where parent_platform_id is not null").await;
    stage.db.execute("update sub_accounts set deleted_at = now(), ghl_location_id = null").await;
    let job = stage.start(&spelled("https://new.example")).await;
    stage.run().await;
    stage.resume(job, json!({"answer": {"choice": "adopt", "value": demo::TIDEWATER_ONE}})).await;
    let mortal = stage.worker.ended_by(|step, _| step >= Step::Verify);
    worker::testing::run_due(&mortal).await;
    stage.advance(Duration::from_secs(61)).await;
    let now = stage.in_location("customValues", demo::TIDEWATER_ONE).remove(0);
    assert_eq!((&now["name"], &now["value"]), (&json!("Booking link"), &json!("https://new.example")));
    stage.cancel(job).await.unwrap();
    stage.run().await;
    let view = stage.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
    assert_eq!(stage.in_location("customValues", demo::TIDEWATER_ONE)[0]["value"], "https://old.example");
    assert_eq!(stage.locations("Tidewater Bakery").len(), 1, "nor is it renamed");
    let alive = rows::testing::alive(&stage.db, Some(job)).await;
    assert!(alive.is_empty(), "{alive:?}");
    stage.judge().await;
}
