//! Jobs continue after the database's clock was ahead for a while: jobs that wait, jobs that are queued, and jobs
//! held by a process that no longer exists.

use std::time::Duration;

use domain::provisioning::{JobStatus, Step};
use serde_json::json;

use crate::harness::{Harness, fault, full_order, small_order};

const TURN: Duration = Duration::from_secs(16);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_a_clock_that_was_a_year_ahead_go_on_within_hours() {
    let harness = Harness::new().await;
    // The first job lost its worker in the middle of a step.
    let held = harness.start(&full_order(&harness, "Held Dental")).await;
    let mortal = harness.worker.ended_by(|step, _| step >= Step::FillValues);
    for _ in 0..20 {
        worker::testing::run_due(&mortal).await;
        if harness.job(held).await.row.current_step == Some(Step::FillValues) {
            break;
        }
        harness.advance(TURN).await;
    }
    assert_eq!(harness.status(held).await, JobStatus::InProgress);
    // The second job waits because HighLevel fails.
    let mut rules = fault("GET", "/companies/*", &json!({"fault": "status", "status": 503}));
    rules[0]["times"] = json!(1000);
    harness.sim.faults(rules).unwrap();
    let resting = harness.start(&small_order("Resting Dental")).await;
    worker::testing::run_due(&harness.worker).await;
    assert_eq!(harness.status(resting).await, JobStatus::Retrying);
    harness.db.clock_was_ahead().await;
    // The outage is counted from now, so that the job asks or ends in time, and not in a year.
    let fresh = harness.worker.restarted();
    worker::testing::run_due(&fresh).await;
    harness.advance(TURN * 10).await;
    worker::testing::run_due(&fresh).await;
    let trouble = harness.job(resting).await;
    assert_eq!(trouble.row.status, JobStatus::Retrying);
    harness.sim.clear_faults().unwrap();
    for _ in 0..400 {
        worker::testing::run_due(&fresh).await;
        if harness.status(held).await == JobStatus::Completed && harness.status(resting).await == JobStatus::Completed {
            break;
        }
        harness.advance(TURN).await;
    }
    for job in [held, resting] {
        let view = harness.job(job).await;
        assert_eq!(
            view.row.status,
            JobStatus::Completed,
            "{:?} {:?} {:?}",
            view.row.error,
            view.row.waiting,
            view.question
        );
    }
    harness.judge().await;
}
