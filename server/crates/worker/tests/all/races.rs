//! An accepted cancel takes effect whatever the job was doing at that time, and an agency in the trash provisions
//! nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::JobId;
use domain::provisioning::{JobStatus, Step};
use serde_json::json;
use store::{PlatformTx, TenantTx, agencies, provisioning};
use worker::{KillPoint, Worker};

use crate::harness::{Harness, fault, full_order, small_order};

/// A worker whose job is cancelled once, when the worker passes this point of this step.
fn cancelled_at(harness: &Harness, job: JobId, step: Step, point: KillPoint) -> Worker {
    let (web, scope, done) = (harness.web.clone(), harness.scope(), Arc::new(AtomicBool::new(false)));
    let cancel = async move |web: store::Db, scope: store::Scope| {
        let mut tx = TenantTx::begin(&web, scope).await.unwrap();
        assert_eq!(provisioning::cancel(&mut tx, job).await.unwrap(), JobStatus::InProgress);
        tx.commit().await.unwrap();
    };
    harness.worker.ended_by(move |at, passed| {
        if at == step && passed == point && !done.swap(true, Ordering::SeqCst) {
            let now = cancel(web.clone(), scope.clone());
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(now));
        }
        false
    })
}

async fn assert_parked(harness: &Harness, job: JobId, name: &str) {
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{name}: {:?} {:?}", view.row.error, view.question);
    assert_eq!(harness.locations(name)[0]["name"], format!("[parked] {name}"));
    assert_eq!(harness.businesses(name).await, 0, "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_during_the_last_step_is_not_lost() {
    let harness = Harness::new().await;
    for point in [KillPoint::C2, KillPoint::C3, KillPoint::C5, KillPoint::C6, KillPoint::Written] {
        let name = format!("Late {point:?} Dental");
        let job = harness.start(&small_order(&name)).await;
        harness.run_as(&cancelled_at(&harness, job, Step::Finish, point)).await;
        assert_parked(&harness, job, &name).await;
    }
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_during_a_call_that_is_refused_asks_nobody() {
    let harness = Harness::new().await;
    let refused = json!({"fault": "status", "status": 422});
    harness.sim.faults(fault("POST", "/locations/", &refused)).unwrap();
    let job = harness.start(&small_order("Refused Dental")).await;
    harness.run_as(&cancelled_at(&harness, job, Step::CreateLocation, KillPoint::C2)).await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
    assert_eq!(harness.locations("Refused Dental").len(), 0);

    harness.sim.faults(fault("POST", "/locations/*/tags", &refused)).unwrap();
    let job = harness.start(&full_order(&harness, "Tagged Dental")).await;
    harness.run_as(&cancelled_at(&harness, job, Step::FillValues, KillPoint::C2)).await;
    assert_parked(&harness, job, "Tagged Dental").await;
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_during_a_failure_does_not_bite_later() {
    let harness = Harness::new().await;
    let mut tx = harness.tx().await;
    let settings = domain::agency::Settings { max_retries: 0, ..Default::default() };
    agencies::set_settings(&mut tx, &settings).await.unwrap();
    tx.commit().await.unwrap();
    harness.sim.faults(fault("GET", "/locations/*/tags", &json!({"fault": "status", "status": 500}))).unwrap();
    let job = harness.start(&full_order(&harness, "Failing Dental")).await;
    harness.run_as(&cancelled_at(&harness, job, Step::FillValues, KillPoint::Written)).await;
    assert_parked(&harness, job, "Failing Dental").await;
    assert!(matches!(harness.retry(job).await, Err(store::Error::Stale)), "nothing is left that could be tried again");
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_during_a_wait_does_not_wait_first() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Waiting Dental")).await;
    let worker = cancelled_at(&harness, job, Step::WaitSnapshot, KillPoint::Written);
    worker::testing::run_due(&worker).await;
    assert_parked(&harness, job, "Waiting Dental").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_asks_while_it_is_undone_is_carried_on_by_another_cancel() {
    let harness = Harness::new().await;
    harness.forbid_markers_in_names().await;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 502}))).unwrap();
    let job = harness.start(&small_order("Unclear Dental")).await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(harness.cancel(job).await.unwrap(), JobStatus::InProgress);
    assert_eq!(harness.cancel(job).await.unwrap(), JobStatus::InProgress, "it is in hand already");
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::AwaitingInput);
    assert_eq!(harness.cancel(job).await.unwrap(), JobStatus::Pending, "it is not ignored");
    harness.run().await;
    let question = harness.job(job).await.question.unwrap();
    let denied = question.choices.into_iter().find(|choice| choice.key == "denied").unwrap();
    harness.resume(job, json!({"answer": {"choice": "denied", "value": denied.value}})).await;
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Cancelled);
}

async fn set_deleted(harness: &Harness, deleted: bool) {
    let mut tx = PlatformTx::begin(&harness.web, None).await.unwrap();
    agencies::set_deleted(&mut tx, harness.agency, deleted).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_in_the_trash_provisions_nothing_until_it_is_restored() {
    let harness = Harness::new().await;
    let job = harness.start(&small_order("Trashed Dental")).await;
    set_deleted(&harness, true).await;
    for _ in 0..3 {
        worker::testing::run_due(&harness.worker).await;
        harness.advance(Duration::from_secs(1000)).await;
    }
    assert_eq!((harness.status(job).await, harness.created("Trashed Dental")), (JobStatus::Pending, 0));
    set_deleted(&harness, false).await;
    harness.run().await;
    assert_eq!((harness.status(job).await, harness.created("Trashed Dental")), (JobStatus::Completed, 1));
}
