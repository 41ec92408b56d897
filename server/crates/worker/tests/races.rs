//! A cancel that was accepted is kept, whatever the job was doing when it came; and an agency in the trash provisions nothing.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod stage;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::JobId;
use domain::provisioning::{JobStatus, Step};
use serde_json::json;
use stage::{Stage, fault, full_order, small_order};
use store::{PlatformTx, TenantTx, agencies, provisioning};
use worker::{KillPoint, Worker};

/// A worker under whose hands the job is cancelled once, at this point of this step.
fn cancelled_at(stage: &Stage, job: JobId, step: Step, point: KillPoint) -> Worker {
    let (web, scope, done) = (stage.web.clone(), stage.scope(), Arc::new(AtomicBool::new(false)));
    let cancel = async move |web: store::Db, scope: store::Scope| {
        let mut tx = TenantTx::begin(&web, scope).await.unwrap();
        assert_eq!(provisioning::cancel(&mut tx, job).await.unwrap(), JobStatus::InProgress);
        tx.commit().await.unwrap();
    };
    stage.worker.ended_by(move |at, passed| {
        if at == step && passed == point && !done.swap(true, Ordering::SeqCst) {
            let now = cancel(web.clone(), scope.clone());
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(now));
        }
        false
    })
}

async fn assert_parked(stage: &Stage, job: JobId, name: &str) {
    let view = stage.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{name}: {:?} {:?}", view.row.error, view.question);
    assert_eq!(stage.locations(name)[0]["name"], format!("[parked] {name}"));
    assert_eq!(stage.businesses(name).await, 0, "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_during_the_last_step_is_not_lost() {
    let stage = Stage::new().await;
    for point in [KillPoint::C2, KillPoint::C3, KillPoint::C5, KillPoint::C6, KillPoint::Written] {
        let name = format!("Late {point:?} Dental");
        let job = stage.start(&small_order(&name)).await;
        stage.run_as(&cancelled_at(&stage, job, Step::Finish, point)).await;
        assert_parked(&stage, job, &name).await;
    }
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_during_a_call_that_is_refused_asks_nobody() {
    let stage = Stage::new().await;
    let refused = json!({"fault": "status", "status": 422});
    stage.sim.faults(fault("POST", "/locations/", &refused)).unwrap();
    let job = stage.start(&small_order("Refused Dental")).await;
    stage.run_as(&cancelled_at(&stage, job, Step::CreateLocation, KillPoint::C2)).await;
    let view = stage.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?} {:?}", view.row.error, view.question);
    assert_eq!(stage.locations("Refused Dental").len(), 0);

    stage.sim.faults(fault("POST", "/locations/*/tags", &refused)).unwrap();
    let job = stage.start(&full_order(&stage, "Tagged Dental")).await;
    stage.run_as(&cancelled_at(&stage, job, Step::FillValues, KillPoint::C2)).await;
    assert_parked(&stage, job, "Tagged Dental").await;
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_during_a_failure_does_not_bite_later() {
    let stage = Stage::new().await;
    let mut tx = stage.tx().await;
    let settings = domain::agency::Settings { max_retries: 0, ..Default::default() };
    agencies::set_settings(&mut tx, &settings).await.unwrap();
    tx.commit().await.unwrap();
    stage.sim.faults(fault("GET", "/locations/*/tags", &json!({"fault": "status", "status": 500}))).unwrap();
    let job = stage.start(&full_order(&stage, "Failing Dental")).await;
    stage.run_as(&cancelled_at(&stage, job, Step::FillValues, KillPoint::Written)).await;
    assert_parked(&stage, job, "Failing Dental").await;
    assert!(matches!(stage.retry(job).await, Err(store::Error::Stale)), "nothing is left that could be tried again");
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_during_a_wait_does_not_wait_first() {
    let stage = Stage::new().await;
    let job = stage.start(&full_order(&stage, "Waiting Dental")).await;
    let worker = cancelled_at(&stage, job, Step::WaitSnapshot, KillPoint::Written);
    worker::testing::run_due(&worker).await;
    assert_parked(&stage, job, "Waiting Dental").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_asks_while_it_is_undone_is_carried_on_by_another_cancel() {
    let stage = Stage::new().await;
    stage.forbid_markers_in_names().await;
    stage.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 502}))).unwrap();
    let job = stage.start(&small_order("Unclear Dental")).await;
    worker::testing::run_due(&stage.worker).await;
    assert_eq!(stage.cancel(job).await.unwrap(), JobStatus::InProgress);
    assert_eq!(stage.cancel(job).await.unwrap(), JobStatus::InProgress, "it is in hand already");
    stage.run().await;
    assert_eq!(stage.status(job).await, JobStatus::AwaitingInput);
    assert_eq!(stage.cancel(job).await.unwrap(), JobStatus::Pending, "it is not ignored");
    stage.run().await;
    let question = stage.job(job).await.question.unwrap();
    let denied = question.choices.into_iter().find(|choice| choice.key == "denied").unwrap();
    stage.resume(job, json!({"answer": {"choice": "denied", "value": denied.value}})).await;
    stage.run().await;
    assert_eq!(stage.status(job).await, JobStatus::Cancelled);
}

async fn set_deleted(stage: &Stage, deleted: bool) {
    let mut tx = PlatformTx::begin(&stage.web, None).await.unwrap();
    agencies::set_deleted(&mut tx, stage.agency, deleted).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_in_the_trash_provisions_nothing_until_it_is_restored() {
    let stage = Stage::new().await;
    let job = stage.start(&small_order("Trashed Dental")).await;
    set_deleted(&stage, true).await;
    for _ in 0..3 {
        worker::testing::run_due(&stage.worker).await;
        stage.advance(Duration::from_secs(1000)).await;
    }
    assert_eq!((stage.status(job).await, stage.created("Trashed Dental")), (JobStatus::Pending, 0));
    set_deleted(&stage, false).await;
    stage.run().await;
    assert_eq!((stage.status(job).await, stage.created("Trashed Dental")), (JobStatus::Completed, 1));
}
