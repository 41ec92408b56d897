//! A step that kills its process every time leads to a question in the end, each answer helps, and all other jobs
//! continue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::JobId;
use domain::provisioning::{JobStatus, Question, Step, StepStatus};
use serde_json::json;
use store::provisioning::{self as rows, Claim, Fence};
use store::{Scope, TenantTx};
use worker::{KillPoint, Worker};

use crate::harness::{Harness, full_order, small_order};

/// A worker that is killed whenever it starts this step, forward or backward.
fn dying(harness: &Harness, step: Step) -> Worker {
    harness.worker.ended_by(move |at, point| at == step && point == KillPoint::Begun)
}

async fn lost(harness: &Harness, job: JobId, step: Step) -> usize {
    let tries = &harness.job(job).await.steps[step as usize].attempts;
    tries.iter().filter(|tried| tried.outcome.as_deref() == Some("lost")).count()
}

async fn asked(harness: &Harness, job: JobId, step: Step) -> Question {
    let view = harness.job(job).await;
    let question = view.question.unwrap_or_else(|| panic!("{step:?}: {:?} {:?}", view.row.status, view.row.error));
    assert_eq!((view.row.status, question.step), (JobStatus::AwaitingInput, step));
    question
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_that_ends_its_process_each_time_ends_in_a_choice_that_helps() {
    let harness = Harness::new().await;
    for step in Step::ALL {
        let name = format!("Deadly {} Dental", step.position());
        let job = harness.start(&full_order(&harness, &name)).await;
        let mortal = dying(&harness, step);
        harness.run_as(&mortal).await;
        let question = asked(&harness, job, step).await;
        assert_eq!(lost(&harness, job, step).await, 12, "{step:?}");
        let keys: Vec<&str> = question.choices.iter().map(|choice| choice.key.as_str()).collect();
        if step.skip_consequence().is_some() {
            assert_eq!(keys, ["again", "skip"]);
            harness.resume(job, json!({"skip": true})).await;
            harness.run_as(&mortal).await;
            let view = harness.job(job).await;
            assert_eq!(view.row.status, JobStatus::Completed, "{step:?}: {:?}", view.row.error);
            assert_eq!(view.steps[step as usize].status, Some(StepStatus::Skipped));
        } else {
            assert_eq!(keys, ["again"]);
            harness.cancel(job).await.unwrap();
            harness.run_as(&mortal).await;
            if harness.status(job).await != JobStatus::Cancelled {
                let question = asked(&harness, job, step).await;
                assert!(question.choices.iter().any(|choice| choice.key == "skip"), "{question:?}");
                harness.resume(job, json!({"answer": "skip"})).await;
                harness.run_as(&mortal).await;
            }
            assert_eq!(harness.status(job).await, JobStatus::Cancelled, "{step:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_panics_each_time_is_asked_about_and_goes_on_when_it_is_mended() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Panicking Dental")).await;
    let broken = harness.worker.ended_by(|at, point| {
        assert!(at != Step::CreateUsers || point != KillPoint::Begun, "a fault of this version");
        false
    });
    harness.run_as(&broken).await;
    asked(&harness, job, Step::CreateUsers).await;
    harness.resume(job, json!({"answer": "again"})).await;
    harness.run_as(&harness.worker.restarted()).await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
    harness.judge().await;
}

/// A process ends with everything in it, so jobs in the same process are lost with it each time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_in_the_same_process_go_on() {
    let harness = Harness::new().await;
    let deadly = harness.start(&full_order(&harness, "Deadly Dental")).await;
    let mut others = Vec::new();
    for n in 0..4 {
        others.push(harness.start(&small_order(&format!("Beside {n} Yoga"))).await);
    }
    for _ in 0..200 {
        let dead = Arc::new(AtomicBool::new(false));
        let process = harness.worker.ended_by({
            let dead = dead.clone();
            // Without a snapshot this step is skipped, so only the deadly job reaches it.
            move |at, point| {
                let ends = at == Step::WaitSnapshot && point == KillPoint::Begun;
                (dead.fetch_or(ends, Ordering::SeqCst) && point == KillPoint::Begun) || ends
            }
        });
        worker::testing::run_due(&process).await;
        let Some(left) = rows::testing::until_next(&harness.db).await else { break };
        harness.advance(left + Duration::from_millis(5)).await;
    }
    asked(&harness, deadly, Step::WaitSnapshot).await;
    for job in others {
        assert_eq!(harness.status(job).await, JobStatus::Completed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gets_something_done_each_time_is_never_stopped() {
    let harness = Harness::new().await;
    let mut order = full_order(&harness, "Killed Dental");
    order.custom_values = (0..16).map(|n| (format!("Value {n}"), "x".to_owned())).collect();
    let job = harness.start(&order).await;
    harness.run_as(&harness.worker.ended_by(|at, point| at == Step::FillValues && point == KillPoint::C6)).await;
    let view = harness.job(job).await;
    assert!(lost(&harness, job, Step::FillValues).await >= 16);
    assert_eq!(view.row.status, JobStatus::Completed, "{:?}", view.question);
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_released_job_does_not_count_as_a_crash() {
    let harness = Harness::new().await;
    let job = harness.start(&small_order("Returned Dental")).await;
    let scope =
        Scope::Agency { user: None, agency: harness.agency, reach: domain::identity::Reach::All, listed: vec![] };
    let mut last: Option<Fence> = None;
    for _ in 0..16 {
        let mut tx = TenantTx::begin(&harness.work, scope.clone()).await.unwrap();
        let claim = rows::claim(&mut tx, job, store::new_id(), Duration::from_secs(60)).await.unwrap();
        let Claim::Mine(running) = claim else { panic!("{claim:?}") };
        assert_eq!((running.lost_step, running.steps[0].lost_in_a_row), (None, 0));
        rows::begin(&mut tx, &running.fence, Step::CheckPlan).await.unwrap();
        rows::release(&mut tx, &running.fence).await.unwrap();
        tx.commit().await.unwrap();
        last = Some(running.fence);
    }
    assert_eq!(last.unwrap().attempt, 16);
    assert_eq!(lost(&harness, job, Step::CheckPlan).await, 0);
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
}
