//! Permissions that are known to be missing are reported before anything is billed, and reconnecting fixes the
//! problem.

use domain::JobId;
use domain::provisioning::{JobStatus, Question, QuestionKind, Step};
use ghl::auth::SCOPES;
use outbound::Tolerance;
use serde_json::json;
use simulator::demo;

use crate::harness::{Harness, fault, full_order, small_order};

async fn question(harness: &Harness, job: JobId) -> Question {
    let view = harness.job(job).await;
    let row = view.row;
    view.question.unwrap_or_else(|| unreachable!("a question: {row:?}"))
}

async fn reconnected(harness: &Harness) -> usize {
    let mut tx = harness.tx().await;
    let company = store::integrations::company(&mut tx).await.unwrap().unwrap();
    let resumed = store::provisioning::reconnected(&mut tx, company.id, None).await.unwrap();
    tx.commit().await.unwrap();
    resumed
}

async fn healed(harness: &Harness) -> usize {
    let mut tx = harness.tx().await;
    let company = store::integrations::company(&mut tx).await.unwrap().unwrap();
    let resumed = store::provisioning::resume_after_recovery(&mut tx, company.id).await.unwrap();
    tx.commit().await.unwrap();
    resumed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_new_locations_do_not_get_is_said_before_anything_is_created() {
    let harness = Harness::new().await;
    harness.consent(demo::HARBOR, false, SCOPES).await;
    let job = harness.start(&small_order("Closed Dental")).await;
    harness.run().await;
    let asked = question(&harness, job).await;
    assert_eq!((asked.step, asked.kind), (Step::CheckPlan, QuestionKind::Reconnect));
    assert!(asked.ask.contains("Install to all future locations"), "{}", asked.ask);
    assert_eq!(harness.created("Closed Dental"), 0);
    assert_eq!(healed(&harness).await, 0, "that the connection works changes nothing");
    harness.connect_again().await;
    assert_eq!(reconnected(&harness).await, 1);
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_stops_only_the_orders_that_need_it_and_before_they_bill() {
    let harness = Harness::new().await;
    let all = ["locations/customValues.write", "users.write", "snapshots.readonly", "locations/tags.write"];
    for (number, lacking) in all.into_iter().enumerate() {
        let granted: Vec<&str> = SCOPES.iter().copied().filter(|scope| *scope != lacking).collect();
        harness.consent(demo::HARBOR, true, &granted).await;
        let name = format!("Less {number} Dental");
        let small = harness.start(&small_order(&name)).await;
        let full = harness.start(&full_order(&harness, &name)).await;
        harness.run().await;
        assert_eq!(harness.status(small).await, JobStatus::Completed, "{lacking} is not needed");
        let asked = question(&harness, full).await;
        assert_eq!((asked.step, asked.kind), (Step::CheckPlan, QuestionKind::Reconnect));
        assert!(asked.what.contains(lacking), "{}", asked.what);
        assert_eq!(harness.created(&name), 1, "only the order that needs less");
        harness.cancel(full).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_stopped_by_a_missing_permission_goes_on_after_connecting_again() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Scoped Dental")).await;
    let mortal = harness.worker.ended_by(|step, _| step >= Step::FillValues);
    for _ in 0..6 {
        worker::testing::run_due(&mortal).await;
        harness.advance(std::time::Duration::from_secs(16)).await;
    }
    // Removed from the location's token, which was minted before.
    harness.sim.expire(&json!({"what": "scope", "scope": "locations/customValues.write"})).unwrap();
    harness.advance(std::time::Duration::from_secs(61)).await;
    harness.run().await;
    let asked = question(&harness, job).await;
    assert_eq!((asked.step, asked.kind), (Step::FillValues, QuestionKind::Reconnect));
    assert!(asked.what.contains("locations/customValues.write"), "{}", asked.what);
    assert_eq!(healed(&harness).await, 0, "nothing was granted");
    harness.connect_again().await;
    assert_eq!(reconnected(&harness).await, 1);
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?} {:?}", view.row.error, view.question);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_heals_by_itself_ends_the_question_about_it() {
    let harness = Harness::new().await;
    harness.db.execute("update integrations set needs_reauth_at = now()").await;
    let job = harness.start(&small_order("Healed Dental")).await;
    harness.run().await;
    assert_eq!(question(&harness, job).await.kind, QuestionKind::Reconnect);
    assert_eq!(healed(&harness).await, 0, "it does not work yet");
    harness.db.execute("update integrations set needs_reauth_at = null").await;
    assert_eq!(healed(&harness).await, 1);
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_although_it_renews_itself_is_waited_out() {
    let harness = Harness::new().await;
    let mut rules = fault("GET", "/companies/*", &json!({"fault": "status", "status": 401}));
    rules[0]["times"] = json!(5);
    harness.sim.faults(rules).unwrap();
    let job = harness.start(&small_order("Refused Dental")).await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(harness.status(job).await, JobStatus::Retrying, "nobody is asked to connect what works");
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
}

/// If a call is always refused, a person is asked once. An integration that works otherwise must not answer the
/// question automatically: the job would retry, wait and ask again without end, and nobody would notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_for_ever_is_asked_once_and_stays_asked() {
    // Every round is short here, so many calls are repeated in one minute.
    let tolerance = Tolerance { min_calls: u32::MAX, min_retries: u32::MAX, ..Tolerance::default() };
    let harness = Harness::bearing(demo::HARBOR, tolerance).await;
    for (number, (method, path, works)) in
        [("GET", "/locations/*/customValues", true), ("GET", "/locations/*/tags", true), ("GET", "/companies/*", false)]
            .into_iter()
            .enumerate()
    {
        let mut rules = fault(method, path, &json!({"fault": "status", "status": 401}));
        rules[0]["times"] = json!(100_000);
        harness.sim.faults(rules).unwrap();
        let job = harness.start(&full_order(&harness, &format!("Shut {number} Dental"))).await;
        let turn = std::time::Duration::from_secs(130);
        for _ in 0..100 {
            worker::testing::run_due(&harness.worker).await;
            if harness.status(job).await == JobStatus::AwaitingInput {
                break;
            }
            harness.advance(turn).await;
        }
        let asked = question(&harness, job).await;
        let kind = if works { QuestionKind::Decide } else { QuestionKind::Reconnect };
        assert_eq!(asked.kind, kind, "{path}: {}", asked.what);
        // Meanwhile the integration is checked.
        for _ in 0..10 {
            harness.advance(turn).await;
            worker::testing::run_due(&harness.worker).await;
            assert_eq!(harness.status(job).await, JobStatus::AwaitingInput, "{path}: nobody answered");
        }
        assert_eq!(question(&harness, job).await, asked, "{path}");
        harness.sim.clear_faults().unwrap();
        harness.resume(job, json!({"answer": "again"})).await;
        harness.run().await;
        assert_eq!(harness.status(job).await, JobStatus::Completed, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_highlevel_pauses_or_limits_for_a_day_goes_on_by_itself() {
    let harness = Harness::new().await;
    let paused = json!({"statusCode": 400, "message": "Location is not active"}).to_string();
    for (number, broken) in [
        json!({"fault": "status", "status": 400, "body": paused}),
        json!({"fault": "status", "status": 401, "body": paused}),
        json!({"fault": "status", "status": 429}),
    ]
    .iter()
    .enumerate()
    {
        let mut rules = fault("GET", "/locations/*/tags", broken);
        rules[0]["times"] = json!(100_000);
        harness.sim.faults(rules).unwrap();
        let job = harness.start(&full_order(&harness, &format!("Paused {number} Dental"))).await;
        for _ in 0..20 {
            worker::testing::run_due(&harness.worker).await;
            harness.advance(std::time::Duration::from_secs(700)).await;
        }
        let row = harness.job(job).await.row;
        assert_eq!(row.status, JobStatus::Retrying, "{broken}: {:?}", row.error);
        harness.sim.clear_faults().unwrap();
        harness.run().await;
        assert_eq!(harness.status(job).await, JobStatus::Completed, "{broken}");
    }
}

/// A thousand jobs may wait for one integration. They resume in batches, none is left, and an interruption does no
/// harm.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_wait_go_on_in_transactions_of_their_own() {
    let harness = Harness::new().await;
    harness.db.execute("update integrations set needs_reauth_at = now()").await;
    for n in 0..70 {
        harness.start(&small_order(&format!("Waiting {n} Dental"))).await;
    }
    harness.run().await;
    let asking = async || {
        let counts = store::provisioning::open_jobs(&harness.web).await.unwrap();
        counts.iter().filter(|(status, _)| *status == JobStatus::AwaitingInput).map(|(_, jobs)| *jobs).sum::<i64>()
    };
    assert_eq!(asking().await, 70);
    harness.db.execute("update integrations set needs_reauth_at = null").await;
    assert_eq!(reconnected(&harness).await, 70);
    assert_eq!(asking().await, 70, "the transaction of the connection touches none of them");
    // The process that resumes them ends after the first batch.
    let waiting = store::provisioning::WaitingJobs { granted: true, before: None };
    let mut tx = store::TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    store::provisioning::resume_waiting(&mut tx, harness.integration, &waiting, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(asking().await, 20);
    // While the agency is in the trash, the jobs themselves wait; only the work that resumes them runs.
    harness.db.execute("update agencies set deleted_at = now()").await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(asking().await, 0);
}

/// A job that used the former integration asks after the others have already resumed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_asks_after_the_reconnect_resumes_too() {
    let harness = Harness::new().await;
    reconnected(&harness).await;
    worker::testing::run_due(&harness.worker).await;
    harness.db.execute("update integrations set needs_reauth_at = now()").await;
    let job = harness.start(&small_order("Late Dental")).await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(question(&harness, job).await.kind, QuestionKind::Reconnect);
    harness.db.execute("update integrations set needs_reauth_at = null").await;
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
}
