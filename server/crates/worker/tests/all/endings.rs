//! Whatever HighLevel does, at whatever call, forward and backward: a person can always end the job in a few
//! operations. After it is cancelled, nothing that it made is alive in our records.

use std::time::Duration;

use domain::JobId;
use domain::provisioning::{JobStatus, JobView, Step};
use outbound::Tolerance;
use serde_json::{Value, json};
use simulator::demo;
use store::provisioning::testing as time;
use worker::testing;

use crate::harness::{Harness, fault, full_order};

/// Maximum number of buttons that a person has to press.
const MOST_OPERATIONS: usize = 14;
/// How often the job is polled before a person presses a button: first when the job is due, then every ten
/// minutes.
const PATIENCE: usize = 18;
const SOON: usize = 8;

const TEN_MINUTES: Duration = Duration::from_secs(600);

/// Every call that the plan makes going forward.
const FORWARDS: [(&str, &str); 16] = [
    ("GET", "/companies/*"),
    ("GET", "/oauth/installedLocations"),
    ("GET", "/snapshots/"),
    ("POST", "/locations/"),
    ("GET", "/snapshots/snapshot-status/*/location/*"),
    ("POST", "/oauth/locationToken"),
    ("GET", "/locations/*/customValues"),
    ("POST", "/locations/*/customValues"),
    ("PUT", "/locations/*/customValues/*"),
    ("GET", "/locations/*/tags"),
    ("POST", "/locations/*/tags"),
    ("POST", "/users/search/filter-by-email"),
    ("POST", "/users/"),
    ("GET", "/locations/*"),
    ("PUT", "/locations/*"),
    ("GET", "/locations/search"),
];

/// Every call that undoing makes.
const BACKWARDS: [(&str, &str); 10] = [
    ("POST", "/oauth/token"),
    ("POST", "/oauth/locationToken"),
    ("GET", "/locations/*/customValues"),
    ("DELETE", "/locations/*/customValues/*"),
    ("GET", "/locations/*/tags"),
    ("DELETE", "/locations/*/tags/*"),
    ("POST", "/users/search/filter-by-email"),
    ("PUT", "/users/*"),
    ("GET", "/locations/*"),
    ("PUT", "/locations/*"),
];

/// Every fault that HighLevel may cause for a call.
fn faults() -> Vec<Value> {
    let says = |status: u16, message: &str| {
        let body = json!({"statusCode": status, "message": message}).to_string();
        json!({"fault": "status", "status": status, "body": body})
    };
    let mut all = vec![
        says(400, "Location is not active"),
        says(400, "App is not installed on this location"),
        says(401, "The token is not authorized for this scope."),
        says(401, "You do not have access to this feature! Please contact the admin!"),
        says(403, "The token does not have access to this location."),
        json!({"fault": "reset_before"}),
        json!({"fault": "reset_after"}),
        json!({"fault": "truncated"}),
        json!({"fault": "empty"}),
    ];
    let plain = |status: u16| json!({"fault": "status", "status": status});
    all.extend([400, 401, 403, 404, 408, 409, 410, 422, 429, 500, 503].map(plain));
    let all_the_same = |status: u16| json!({"fault": "status", "status": status, "executed": true});
    all.extend([400, 401, 403, 404, 409, 422, 429, 500].map(all_the_same));
    all
}

/// A harness without a circuit breaker, so that only the calls of this test decide, and not how many calls failed
/// in one real minute.
async fn harness() -> Harness {
    Harness::bearing(demo::HARBOR, Tolerance { min_calls: u32::MAX, min_retries: u32::MAX, ..Tolerance::default() })
        .await
}

fn for_ever((method, path): (&str, &str), broken: &Value) -> Value {
    let mut rules = fault(method, path, broken);
    rules[0]["times"] = json!(1_000_000);
    rules
}

/// Runs the job until only a person can continue it, or for as long as a patient person waits.
async fn settles(harness: &Harness, job: JobId) -> JobView {
    for look in 0..PATIENCE {
        testing::run_due(&harness.worker).await;
        let status = harness.status(job).await;
        if status.is_finished() || status == JobStatus::AwaitingInput {
            break;
        }
        let next = time::until_next(&harness.db).await.unwrap_or_default().min(TEN_MINUTES);
        harness.advance(if look < SOON { next + Duration::from_millis(5) } else { TEN_MINUTES }).await;
    }
    harness.job(job).await
}

/// Ends the job by pressing the offered buttons. Returns the number of operations, or a description of what could
/// not be ended.
async fn ends(harness: &Harness, job: JobId, leaves_out: bool) -> Result<usize, String> {
    let (mut undoing, mut pressed) = (false, Vec::new());
    for operations in 0..MOST_OPERATIONS {
        let view = settles(harness, job).await;
        let choices: Vec<_> = view.question.iter().flat_map(|question| &question.choices).collect();
        let skips = choices.iter().any(|choice| choice.key == "skip");
        undoing |= view.row.cancelling;
        let at = view.row.current_step;
        match view.row.status {
            JobStatus::Completed | JobStatus::Cancelled => return Ok(operations),
            JobStatus::AwaitingInput if undoing && !skips => {
                return Err(format!("no way out of {:?} after {pressed:?}", view.question));
            }
            JobStatus::AwaitingInput if undoing || (leaves_out && skips) => {
                harness.resume(job, json!({"skip": true})).await;
                pressed.push(format!("skip {at:?}"));
            }
            JobStatus::Failed if undoing => {
                harness.resume(job, json!({"skip": true})).await;
                pressed.push(format!("leave {at:?}"));
            }
            JobStatus::AwaitingInput | JobStatus::Failed => {
                harness.undo(job).await.unwrap();
                undoing = true;
                pressed.push(format!("undo at {at:?}"));
            }
            _ if undoing => pressed.push("wait".into()),
            _ => {
                harness.cancel(job).await.unwrap();
                undoing = true;
                pressed.push(format!("cancel at {at:?}"));
            }
        }
    }
    let view = harness.job(job).await;
    let row = &view.row;
    Err(format!("{:?} at {:?} after {pressed:?}: {:?} {:?}", row.status, row.current_step, row.error, view.question))
}

/// Ends the job under this fault and checks that nothing is alive.
async fn judge(harness: &Harness, job: JobId, leaves_out: bool, what: &str, found: &mut Vec<String>) {
    if let Err(stuck) = ends(harness, job, leaves_out).await {
        found.push(format!("{what}: {stuck}"));
    }
    harness.sim.clear_faults().unwrap();
    // The search that continues for a day after a job must not affect the next job.
    harness.db.execute("delete from work_scheduled where kind <> 'provisioning.job'").await;
    let alive = time::leftovers_of_cancelled(&harness.db, Some(job)).await;
    found.extend(alive.into_iter().map(|alive| format!("{what}: {alive} is alive")));
}

/// A call, and the fault that it meets.
type Pair = ((&'static str, &'static str), Value);

/// One part of the pairs of call and fault. A fourth of all pairs is selected, so that each call meets a fourth of
/// the faults and each fault a fourth of the calls. With `ENDINGS=all` every pair is used.
#[expect(clippy::disallowed_methods, reason = "how much is drawn is a setting of this test alone")]
fn pairs(calls: &[(&'static str, &'static str)], (part, of): (usize, usize)) -> Vec<Pair> {
    let every = if std::env::var("ENDINGS").is_ok_and(|what| what == "all") { 1 } else { 4 };
    let mut drawn = Vec::new();
    for (row, call) in calls.iter().enumerate() {
        let met = faults().into_iter().enumerate().filter(|(column, _)| (row + column).is_multiple_of(every));
        drawn.extend(met.map(|(_, fault)| (*call, fault)));
    }
    drawn.into_iter().enumerate().filter(|(number, _)| number % of == part).map(|(_, pair)| pair).collect()
}

/// Runs the job from the first step under each fault, once with a person who undoes at the first question and once
/// with one who skips steps first.
async fn forwards(part: (usize, usize)) {
    let (harness, mut found) = (harness().await, Vec::new());
    for (number, (call, broken)) in pairs(&FORWARDS, part).into_iter().enumerate() {
        harness.sim.faults(for_ever(call, &broken)).unwrap();
        let job = harness.start(&full_order(&harness, &format!("Forward {} {number} Clinic", part.0))).await;
        judge(&harness, job, number.is_multiple_of(2), &format!("{call:?} {broken}"), &mut found).await;
    }
    assert!(found.is_empty(), "{} of them:\n{}", found.len(), found.join("\n"));
}

/// Undoes a client that is complete except for the last steps.
async fn backwards(part: (usize, usize)) {
    let (harness, mut found) = (harness().await, Vec::new());
    for (number, (call, broken)) in pairs(&BACKWARDS, part).into_iter().enumerate() {
        let job = almost_done(&harness, &format!("Backward {} {number} Clinic", part.0)).await;
        harness.sim.faults(for_ever(call, &broken)).unwrap();
        let renews = call.1 == "/oauth/token";
        if renews {
            harness.sim.expire(&json!({"what": "access"})).unwrap();
        }
        harness.cancel(job).await.unwrap();
        judge(&harness, job, false, &format!("{call:?} {broken}"), &mut found).await;
        if renews {
            harness.connect_again().await;
        }
    }
    assert!(found.is_empty(), "{} of them:\n{}", found.len(), found.join("\n"));
}

/// A job whose worker died at the start of this step and whose lease has expired.
async fn stopped_at(harness: &Harness, step: Step, name: &str) -> JobId {
    let job = harness.start(&full_order(harness, name)).await;
    let mortal = harness.worker.ended_by(move |at, _| at >= step);
    for _ in 0..6 {
        testing::run_due(&mortal).await;
        harness.advance(Duration::from_secs(16)).await;
    }
    harness.advance(Duration::from_secs(61)).await;
    job
}

async fn almost_done(harness: &Harness, name: &str) -> JobId {
    let job = stopped_at(harness, Step::Verify, name).await;
    assert!(harness.job(job).await.row.business.is_some(), "{name} is almost done");
    job
}

macro_rules! parts {
    ($($name:ident $law:ident $part:literal of $of:literal;)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $law(($part, $of)).await;
        })*
    };
}

parts! {
    every_fault_forwards_can_be_ended_1 forwards 0 of 4;
    every_fault_forwards_can_be_ended_2 forwards 1 of 4;
    every_fault_forwards_can_be_ended_3 forwards 2 of 4;
    every_fault_forwards_can_be_ended_4 forwards 3 of 4;
    every_fault_backwards_can_be_ended_1 backwards 0 of 2;
    every_fault_backwards_can_be_ended_2 backwards 1 of 2;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_that_was_deleted_by_hand_keeps_no_job_from_ending() {
    let harness = harness().await;
    let steps = [Step::WaitSnapshot, Step::MintToken, Step::FillValues, Step::CreateUsers, Step::CreateBusiness];
    for step in steps.into_iter().chain([Step::Finish]) {
        let job = stopped_at(&harness, step, &format!("Deleted {} Dental", step.position())).await;
        let location = harness.job(job).await.row.location_id.unwrap();
        harness.sim.delete_location(&location).unwrap();
        let mut found = Vec::new();
        judge(&harness, job, step == Step::FillValues, &format!("{step:?}"), &mut found).await;
        assert!(found.is_empty(), "{found:?}");
        let view = harness.job(job).await;
        assert_eq!(view.row.status, JobStatus::Cancelled, "{step:?}");
        assert!(view.summary.unwrap().done.iter().any(|line| line.contains("is already gone")), "{step:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_of_jobs_is_counted() {
    let harness = harness().await;
    // To-dos stay on purpose: they are what a cancelled job leaves to a person.
    let known = ["effects", "people_leases", "provisioning_logs", "provisioning_steps", "todos"];
    assert_eq!(time::tables_of_jobs(&harness.db).await, known, "what is alive in it after a cancel?");
}
