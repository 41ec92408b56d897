//! What a job leaves to a person is stored once, agrees with the plan, and is ticked when HighLevel shows that it is done.

use domain::JobId;
use domain::provisioning::{JobStatus, Step};
use domain::todos::{Todo, TodoKind, afterwards};
use serde_json::json;
use worker::{KillPoint, testing};

use crate::harness::{Harness, full_order};

async fn left(harness: &Harness, job: JobId) -> Vec<Todo> {
    store::todos::of_job(&mut harness.tx().await, job).await.unwrap()
}

/// Asks HighLevel about every to-do that it can answer.
async fn look(harness: &Harness) {
    harness.db.execute("update todos set check_after = now() where check_after is not null").await;
    testing::run_periodic(&harness.worker).await.unwrap();
    harness.run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_leaves_what_its_plan_said() {
    let harness = Harness::new().await;
    let order = full_order(&harness, "Planned Dental");
    let job = harness.start(&order).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?}", view.row.error);
    let told: Vec<(TodoKind, String)> = left(&harness, job).await.into_iter().map(|one| (one.kind, one.what)).collect();
    let planned: Vec<(TodoKind, String)> = afterwards(&order).into_iter().map(|one| (one.kind, one.what)).collect();
    assert_eq!(planned.len(), 3, "{planned:?}");
    for one in &planned {
        assert!(told.contains(one), "{one:?} was promised: {told:?}");
    }
    assert_eq!(told.len(), planned.len(), "{told:?}");
    assert_eq!(view.row.open_todos, Some(3));
    let all = left(&harness, job).await;
    assert!(all.iter().all(|one| one.business == view.row.business && one.client_name == "Planned Dental"));
    assert!(all.iter().all(|one| one.location_id == view.row.location_id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_at_the_end_leaves_each_thing_once() {
    let harness = Harness::new().await;
    for n in 0..3 {
        let name = format!("Twice {n} Dental");
        let job = harness.start(&full_order(&harness, &name)).await;
        let mortal = harness
            .worker
            .ended_by(|step, point| step == Step::Finish && matches!(point, KillPoint::Written | KillPoint::C6));
        testing::run_due(&mortal).await;
        harness.advance(std::time::Duration::from_secs(61)).await;
        harness.run_as(&harness.worker.restarted()).await;
        assert_eq!(harness.status(job).await, JobStatus::Completed);
        assert_eq!(left(&harness, job).await.len(), 3, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_location_is_done_when_somebody_deleted_it_and_not_before() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Parked Dental")).await;
    let mortal = harness.worker.ended_by(|step, point| step > Step::CreateBusiness && point == KillPoint::Written);
    for _ in 0..6 {
        testing::run_due(&mortal).await;
        harness.advance(std::time::Duration::from_secs(16)).await;
    }
    harness.cancel(job).await.unwrap();
    harness.run_as(&harness.worker.restarted()).await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Cancelled, "{:?}", view.row.error);
    let location = view.row.location_id.unwrap();
    let delete = |todos: Vec<Todo>| todos.into_iter().find(|one| one.kind == TodoKind::DeleteLocation).unwrap();
    let open = delete(left(&harness, job).await);
    assert_eq!((open.location_id.as_deref(), open.done_at, open.business), (Some(location.as_str()), None, None));
    look(&harness).await;
    assert_eq!(delete(left(&harness, job).await).done_at, None, "the location is still there");
    harness.sim.delete_location(&location).unwrap();
    look(&harness).await;
    let done = delete(left(&harness, job).await);
    assert!(done.done_at.is_some() && done.checked && done.done_by.is_none(), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn highlevel_is_not_asked_about_what_a_person_reopened_or_another_company_does_not_know() {
    let harness = Harness::new().await;
    let job = harness.start(&full_order(&harness, "Elsewhere Dental")).await;
    let mortal = harness.worker.ended_by(|step, point| step > Step::CreateBusiness && point == KillPoint::Written);
    for _ in 0..6 {
        testing::run_due(&mortal).await;
        harness.advance(std::time::Duration::from_secs(16)).await;
    }
    harness.cancel(job).await.unwrap();
    harness.run_as(&harness.worker.restarted()).await;
    let open = left(&harness, job).await.into_iter().find(|one| one.kind == TodoKind::DeleteLocation).unwrap();
    harness.sim.delete_location(open.location_id.as_deref().unwrap()).unwrap();
    // The job worked in another company than the one that is connected now.
    let sql = "update provisioning_steps set output_json = output_json || '{\"company_id\": \"another\"}' where step = 'CHECK_PLAN'";
    harness.db.execute(sql).await;
    look(&harness).await;
    let mut tx = harness.tx().await;
    assert_eq!(
        store::todos::get(&mut tx, open.id).await.unwrap().done_at,
        None,
        "the other company says nothing of it"
    );
    store::todos::set_done(&mut tx, open.id, true).await.unwrap();
    let reopened = store::todos::set_done(&mut tx, open.id, false).await.unwrap();
    assert_eq!((reopened.done_at, reopened.checked), (None, false));
    assert!(store::todos::due(&mut tx, 10).await.unwrap().is_empty());
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_skipped_step_is_an_open_to_do_until_somebody_ticks_it() {
    let harness = Harness::new().await;
    let rules = json!([{ "match": { "method": "GET", "path": "/snapshots/snapshot-status/*/location/*" }, "times": 1000,
        "fault": "status", "status": 200, "body": r#"{"data":{"status":"failed","completed":[],"pending":["workflows"]}}"# }]);
    harness.sim.faults(rules).unwrap();
    let job = harness.start(&full_order(&harness, "Skipped Dental")).await;
    harness.run().await;
    harness.resume(job, json!({"skip": true})).await;
    harness.run().await;
    let todos = left(&harness, job).await;
    let load = todos.iter().find(|one| one.kind == TodoKind::LoadSnapshot).expect("the snapshot is left to a person");
    assert!(!todos.iter().any(|one| one.kind == TodoKind::PublishWorkflows), "{todos:?}");
    let open = harness.job(job).await.row.open_todos.unwrap();
    let mut tx = harness.tx().await;
    store::todos::set_done(&mut tx, load.id, true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(harness.job(job).await.row.open_todos, Some(open - 1));
}
