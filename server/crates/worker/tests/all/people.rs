//! A HighLevel user who belongs to several locations loses none of them, however many jobs change that user at
//! once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use domain::JobId;
use domain::provisioning::{JobStatus, NewJob, NewUser, Step, UserRole};
use worker::{KillPoint, Worker, testing};

use crate::harness::{Harness, small_order};

const SHARED: &str = "shared@group.example";

fn order(name: &str) -> NewJob {
    let person =
        NewUser { first_name: "Tess".into(), last_name: "Lee".into(), email: SHARED.into(), role: UserRole::Admin };
    NewJob { users: vec![person], ..small_order(name) }
}

/// A worker that pauses once, after it read a person and before it writes. The receiver reports the pause; the
/// sender ends it.
fn paused(harness: &Harness) -> (Worker, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let ((here, there), (go, wait)) = (mpsc::channel(), mpsc::channel());
    let (wait, passed) = (Mutex::new(wait), Arc::new(AtomicBool::new(false)));
    let worker = harness.worker.ended_by(move |step, point| {
        if step == Step::CreateUsers && point == KillPoint::C1 && !passed.swap(true, Ordering::SeqCst) {
            here.send(()).unwrap();
            tokio::task::block_in_place(|| wait.lock().unwrap().recv().unwrap());
        }
        false
    });
    (worker, there, go)
}

/// A job that a worker left at the start of this step and whose lease has expired.
async fn before(harness: &Harness, step: Step, name: &str) -> JobId {
    let job = harness.start(&order(name)).await;
    let ended = Arc::new(AtomicBool::new(false));
    let there = ended.clone();
    let mortal = harness.worker.ended_by(move |at, _| at >= step && !there.swap(true, Ordering::SeqCst));
    for _ in 0..6 {
        if !ended.load(Ordering::SeqCst) {
            testing::run_due(&mortal).await;
            harness.advance(Duration::from_secs(16)).await;
        }
    }
    assert!(ended.load(Ordering::SeqCst), "the step was never begun");
    harness.advance(Duration::from_secs(61)).await;
    job
}

/// Sets how many of the agency's jobs may run at once: a worker claims all it may before it starts.
async fn at_once(harness: &Harness, jobs: u8) {
    let mut tx = harness.tx().await;
    let settings = domain::agency::Settings { jobs_at_once: jobs, ..Default::default() };
    store::agencies::set_settings(&mut tx, &settings).await.unwrap();
    tx.commit().await.unwrap();
}

/// Pauses one worker between reading and writing a person, lets another worker do what it can, then lets both
/// finish.
async fn interleave(harness: &Harness) {
    let (worker, there, go) = paused(harness);
    at_once(harness, 1).await;
    let first = tokio::spawn(async move { testing::run_due(&worker).await });
    tokio::task::block_in_place(|| there.recv_timeout(Duration::from_secs(60))).unwrap();
    at_once(harness, 5).await;
    assert!(testing::run_due(&harness.worker.restarted()).await > 0, "the other job runs meanwhile");
    go.send(()).unwrap();
    first.await.unwrap();
    harness.run().await;
}

/// Returns true if the shared person has access to a job's location.
async fn reaches(harness: &Harness, job: JobId) -> bool {
    let location = harness.job(job).await.row.location_id.unwrap();
    harness.people(&location).iter().any(|user| user["email"] == SHARED)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_jobs_that_add_the_same_person_at_once_both_do() {
    let harness = Harness::new().await;
    let known = harness.start(&order("Known Dental")).await;
    harness.run().await;
    let first = before(&harness, Step::CreateUsers, "First Dental").await;
    let second = before(&harness, Step::CreateUsers, "Second Dental").await;
    interleave(&harness).await;
    for job in [known, first, second] {
        assert_eq!(harness.status(job).await, JobStatus::Completed);
        assert!(reaches(&harness, job).await, "{:?}", harness.job(job).await.row.client_name);
    }
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_that_is_undone_takes_nobody_away_from_another() {
    let harness = Harness::new().await;
    let known = harness.start(&order("Known Dental")).await;
    harness.run().await;
    let first = before(&harness, Step::CreateBusiness, "Undone Dental").await;
    assert!(reaches(&harness, first).await);
    let second = before(&harness, Step::CreateUsers, "Second Dental").await;
    harness.cancel(first).await.unwrap();
    interleave(&harness).await;
    assert_eq!(
        (harness.status(first).await, harness.status(second).await),
        (JobStatus::Cancelled, JobStatus::Completed)
    );
    assert!(reaches(&harness, known).await && reaches(&harness, second).await && !reaches(&harness, first).await);
    harness.judge().await;
}

fn person(email: &str) -> NewUser {
    NewUser { first_name: "Tess".into(), last_name: "Lee".into(), email: email.into(), role: UserRole::Admin }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_who_is_refused_keeps_nobody_else_out() {
    let harness = Harness::new().await;
    // The second address belongs to another company in the simulator.
    let users = vec![person("first@group.example"), person("ben@tidewater.test"), person("third@group.example")];
    let job = harness.start(&NewJob { users, ..small_order("Mixed Dental") }).await;
    harness.run().await;
    let view = harness.job(job).await;
    let question = view.question.expect("a question about one of them");
    assert!(question.what.contains("ben@tidewater.test") && !question.what.contains("third@"), "{}", question.what);
    assert!(question.effect.contains("another HighLevel account"), "{}", question.effect);
    assert_eq!(harness.people(view.row.location_id.as_deref().unwrap()).len(), 2, "the others are there");
    harness.resume(job, serde_json::json!({"answer": {"choice": "leave_out", "value": "ben@tidewater.test"}})).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?} {:?}", view.row.error, view.question);
    let todo = view.summary.unwrap().todo;
    assert!(todo.iter().any(|todo| todo.what.contains("Add ben@tidewater.test")), "{todo:?}");
    harness.judge().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_user_is_left_as_they_are_and_a_role_that_differs_is_said() {
    let harness = Harness::new().await;
    let known = NewUser { role: UserRole::User, ..person("worker@group.example") };
    let first = harness.start(&NewJob { users: vec![known], ..small_order("Known Dental") }).await;
    harness.run().await;
    assert_eq!(harness.status(first).await, JobStatus::Completed);
    let users = vec![person("maya@harbor.test"), person("worker@group.example")];
    let second = harness.start(&NewJob { users, ..small_order("Second Dental") }).await;
    harness.run().await;
    let view = harness.job(second).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?} {:?}", view.row.error, view.question);
    let todo: Vec<String> = view.summary.unwrap().todo.into_iter().map(|todo| todo.what).collect();
    assert!(todo.iter().any(|what| what.contains("maya@harbor.test works for the agency")), "{todo:?}");
    assert!(todo.iter().any(|what| what.contains("keeps the role “user”")), "{todo:?}");
    let location = view.row.location_id.unwrap();
    assert!(
        harness.people(&location).iter().all(|user| user["email"] != "maya@harbor.test"),
        "nothing is written to them"
    );
}
