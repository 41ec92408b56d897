//! During a rolling deploy an older and a newer version work on the same jobs. A job that the newer one ordered is done
//! by workers of this version, a person changes it on a page of this version, and nothing that only the newer version
//! knows is lost.

use domain::JobId;
use domain::provisioning::{JobStatus, QuestionKind};
use serde_json::{Value, json};

use crate::harness::{Harness, fault, full_order};

/// What a newer version stores beside the order as this version knows it: at the top level and in a user.
const NEWER: &str = r#"update provisioning_jobs set client_data_json = jsonb_set(
    client_data_json || '{"loyalty": {"number": "7", "since": [2026]}, "channel": "website"}',
    '{users,0}', (client_data_json #> '{users,0}') || '{"nickname": "Tessie", "phone": {"mobile": "+13055550101"}}')"#;

/// The order as the job's row holds it.
async fn stored(harness: &Harness, job: JobId) -> Value {
    store::provisioning::testing::stored_order(&harness.db, job).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_version_changes_and_finishes_a_job_of_a_newer_one_and_loses_nothing() {
    let harness = Harness::new().await;
    let body = r#"{"statusCode":422,"message":["phone must be a valid phone number"],"error":"Unprocessable Entity"}"#;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 422, "body": body}))).unwrap();
    let job = harness.start(&full_order(&harness, "Newer Dental")).await;
    harness.db.execute(NEWER).await;
    let ordered = stored(&harness, job).await;
    assert_eq!(ordered["users"][0]["nickname"], "Tessie");

    harness.run().await;
    let question = harness.job(job).await.question.expect("a question");
    assert_eq!(question.kind, QuestionKind::FixInput);
    assert_eq!(stored(&harness, job).await, ordered, "to claim the job changes nothing");
    harness.resume(job, json!({"input": {"phone": "+13055550111", "city": "Miami"}})).await;
    let mut changed = ordered;
    changed["phone"] = "+13055550111".into();
    changed["city"] = "Miami".into();
    assert_eq!(stored(&harness, job).await, changed, "what was changed, and nothing else");

    // The worker that goes on is another process than the one that asked.
    let other = harness.another_process().await;
    harness.run_as(&other).await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?} {:?}", view.row.error, view.question);
    assert_eq!(stored(&harness, job).await, changed, "nor does it lose anything at its end");
    let location = view.row.location_id.unwrap();
    assert_eq!(harness.locations("Newer Dental")[0]["phone"], "+13055550111");
    assert_eq!(harness.people(&location).len(), 1, "the user was made with what this version knows");
    harness.judge().await;
}

/// To leave the snapshot out changes the order, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_is_left_out_loses_nothing_of_the_order_either() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Skipped Dental")).await;
    harness.db.execute(NEWER).await;
    harness.db.execute("update snapshots set ghl_snapshot_id = 'gone-' || id").await;
    let ordered = stored(&harness, job).await;
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::AwaitingInput);
    harness.resume(job, json!({"skip": true})).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?} {:?}", view.row.error, view.question);
    assert!(view.order.snapshot_id.is_none());
    assert_eq!(stored(&harness, job).await, ordered);
}
