//! Jobs survive while HighLevel hardly answers, and leases survive while the worker's connections are used up.

use std::time::Duration;

use domain::provisioning::JobStatus;
use domain::work::Kind;
use outbound::Tolerance;
use serde_json::json;
use simulator::demo;
use store::TenantTx;
use store::provisioning::{self as rows, Claim};
use store::queue::{self, Work};

use crate::harness::{Harness, fault, full_order, small_order};

const HOUR: Duration = Duration::from_secs(3600);

fn down(times: u32) -> serde_json::Value {
    let mut rules = fault("GET", "/companies/*", &json!({"fault": "status", "status": 503}));
    rules[0]["times"] = json!(times);
    rules
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_postpones_every_job_and_fails_none() {
    let probe_interval = Duration::from_millis(10);
    let tolerance = Tolerance { window: HOUR, min_calls: 6, probe_interval, ..Tolerance::default() };
    let harness = Harness::bearing(demo::HARBOR, tolerance).await;
    // Far more failures than all jobs together have retries.
    harness.sim.faults(down(40)).unwrap();
    let mut jobs = Vec::new();
    for n in 0..4 {
        jobs.push(harness.start(&small_order(&format!("Patient {n} Dental"))).await);
    }
    harness.run().await;
    for job in jobs {
        let view = harness.job(job).await;
        assert_eq!(view.row.status, JobStatus::Completed, "{:?}", view.row.error);
    }
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_held_back_says_why_and_another_agency_goes_on() {
    let tolerance = Tolerance { window: HOUR, min_calls: 2, probe_interval: HOUR, ..Tolerance::default() };
    let harness = Harness::bearing(demo::HARBOR, tolerance).await;
    harness.sim.faults(down(2)).unwrap();
    let job = harness.start(&small_order("Held Dental")).await;
    for _ in 0..3 {
        worker::testing::run_due(&harness.worker).await;
        harness.advance(Duration::from_secs(130)).await;
    }
    let row = harness.job(job).await.row;
    assert_eq!((row.status, row.retry_count), (JobStatus::Retrying, 0), "an outage uses up no retry");
    let waiting = row.waiting.unwrap();
    assert!(waiting.reason.contains("not answering for this agency: 2 of the last 2 calls failed"), "{waiting:?}");
    // However long it lasts, nobody is asked and nothing fails.
    for _ in 0..5 {
        harness.advance(2 * HOUR).await;
        worker::testing::run_due(&harness.worker).await;
        assert_eq!(harness.status(job).await, JobStatus::Retrying);
    }
    let other = harness.another_agency().await;
    let theirs = harness.start_in(other, &small_order("Other Dental")).await;
    for _ in 0..20 {
        worker::testing::run_due(&harness.worker).await;
        harness.advance(Duration::from_secs(16)).await;
    }
    assert_eq!(harness.status(job).await, JobStatus::Retrying);
    let mut tx = TenantTx::begin(&harness.web, Harness::scope_of(other)).await.unwrap();
    let view = rows::get(&mut tx, theirs).await.unwrap();
    assert_eq!(view.row.status, JobStatus::Completed, "{:?} {:?}", view.row.error, view.question);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_much_is_repeated_already_the_next_try_waits_its_turn() {
    let harness =
        Harness::bearing(demo::HARBOR, Tolerance { min_retries: 1, retry_window: HOUR, ..Tolerance::default() }).await;
    harness.sim.faults(down(2)).unwrap();
    let job = harness.start(&small_order("Second Dental")).await;
    for _ in 0..3 {
        worker::testing::run_due(&harness.worker).await;
        harness.advance(Duration::from_secs(130)).await;
    }
    let row = harness.job(job).await.row;
    let waiting = row.waiting.unwrap();
    assert!(waiting.reason.contains("waits its turn") && waiting.is_retry, "{waiting:?}");
    assert_eq!(row.status, JobStatus::Retrying);
    assert_eq!(harness.job(job).await.steps[0].attempts.len(), 2, "the third try has not begun");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_much_is_repeated_already_only_work_that_calls_that_provider_waits() {
    let harness =
        Harness::bearing(demo::HARBOR, Tolerance { min_retries: 1, retry_window: HOUR, ..Tolerance::default() }).await;
    let works = [
        Work::new(Kind::SyncSnapshots),
        Work::new(Kind::SyncSnapshots),
        Work::new(Kind::ResumeJobs).subject(harness.integration.0).payload(json!({ "granted": true, "before": null })),
        Work::new(Kind::SendMail).payload(json!({ "mail": "invite_owner" })),
    ];
    let mut tx = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    queue::add_many(&mut tx, &works).await.unwrap();
    tx.commit().await.unwrap();
    // Each of them failed once before.
    harness.db.execute("update work_ready set attempt = 1").await;
    worker::testing::run_due(&harness.worker).await;
    let left = queue::depth(&harness.work).await.unwrap();
    assert_eq!(
        (left.scheduled, left.ready + left.leased + left.dead),
        (1, 0),
        "one sync was repeated, the other waits"
    );
    assert_eq!(harness.mails.sent().len(), 1);
}

/// Every call of a full job fails for ten minutes while nobody else calls, so the circuit breaker sees too few
/// calls to open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_minutes_of_trouble_fail_no_lone_job_and_ask_nobody() {
    let harness = Harness::bearing(
        demo::HARBOR,
        Tolerance { min_calls: u32::MAX, min_retries: u32::MAX, ..Tolerance::default() },
    )
    .await;
    for (number, (method, path)) in
        [("GET", "/companies/*"), ("GET", "/locations/*/tags"), ("POST", "/users/"), ("PUT", "/locations/*")]
            .into_iter()
            .enumerate()
    {
        for (kind, trouble) in
            [json!({"fault": "status", "status": 503}), json!({"fault": "reset_before"})].iter().enumerate()
        {
            let mut rules = fault(method, path, trouble);
            rules[0]["times"] = json!(100_000);
            harness.sim.faults(rules).unwrap();
            let job = harness.start(&full_order(&harness, &format!("Outage {number} {kind} Dental"))).await;
            let mut lasted = Duration::ZERO;
            while lasted < Duration::from_secs(600) {
                worker::testing::run_due(&harness.worker).await;
                harness.advance(Duration::from_secs(10)).await;
                lasted += Duration::from_secs(10);
            }
            let row = harness.job(job).await.row;
            assert_eq!(row.status, JobStatus::Retrying, "{method} {path}: {:?}", row.error);
            harness.sim.clear_faults().unwrap();
            harness.run().await;
            let view = harness.job(job).await;
            assert_eq!(
                view.row.status,
                JobStatus::Completed,
                "{method} {path}: {:?} {:?}",
                view.row.error,
                view.question
            );
        }
    }
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_whose_connections_are_used_up_still_says_that_it_lives() {
    let harness = Harness::new().await;
    let job = harness.start(&small_order("Busy Dental")).await;
    let mut tx = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    let claim = rows::claim(&mut tx, job, uuid::Uuid::now_v7(), Duration::from_secs(60)).await.unwrap();
    tx.commit().await.unwrap();
    let Claim::Mine(running) = claim else { unreachable!("the claim succeeds") };
    let mut all = Vec::new();
    for _ in 0..12 {
        all.push(TenantTx::begin(&harness.work, harness.scope()).await.unwrap());
    }
    let one_more = TenantTx::begin(&harness.work, harness.scope());
    let one_more = tokio::time::timeout(Duration::from_millis(100), one_more).await;
    assert!(one_more.is_err(), "every connection for work is taken");
    assert!(worker::testing::send_heartbeat(&harness.worker, &running.fence).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_five_minutes_open_the_companys_secret_once() {
    let harness = Harness::new().await;
    let notes = store::listen::start(&harness.work).await.unwrap();
    let _following = worker::testing::follow(&harness.worker, &notes);
    for n in 0..3 {
        let job = harness.start(&small_order(&format!("Cached {n} Dental"))).await;
        harness.run().await;
        assert_eq!(harness.status(job).await, JobStatus::Completed);
    }
    assert_eq!(harness.opened("provisioning").await, 1);
}
