//! Laws of the job monitor: what an answer says is what is rendered, texts stay texts, and the log grows by what is new.

use chrono::{DateTime, TimeDelta, Utc};
use domain::provisioning::{
    CallInFlight, JobRow, JobStatus, LogLevel, LogLine, Step, StepDot, StepStatus, Typical, Waited, Waiting,
};
use domain::snapshot::SnapshotName;
use domain::{BusinessId, JobId, SnapshotId};
use kit::Address;
use leptos::prelude::*;
use uuid::Uuid;

use super::{
    InFlight, JobHead, JobPlace, JobProgress, JobStart, JobState, JobSteps, JobUpdate, LogEntry, LogUpdate, Selected,
    SelectedStep, StepLog, StepState, TryState, title,
};
use crate::json::{read, written};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

fn state(name: &str) -> JobState {
    let steps = Step::ALL.into_iter().map(|step| StepState {
        step,
        status: (step == Step::CheckPlan).then_some(StepStatus::Started),
        waiting: None,
        started_at: (step == Step::CheckPlan).then(|| at(0)),
        tried_since: (step == Step::CheckPlan).then(|| at(0)),
        finished_at: None,
        typical: Typical { p50: Some(5.0), p90: Some(10.0) },
        waited: Waited::default(),
    });
    let tried = |attempt, outcome: Option<&str>| TryState {
        attempt,
        outcome: outcome.map(str::to_owned),
        error: outcome.map(|_| format!("{name} failed")),
        started_at: at(i64::from(attempt) * 10),
        finished_at: outcome.map(|_| at(i64::from(attempt) * 10 + 5)),
    };
    JobState {
        row: row(name),
        typical: Typical { p50: Some(60.0), p90: Some(90.0) },
        asks: false,
        steps: steps.collect(),
        selected: Selected {
            step: Step::CheckPlan,
            tries: vec![tried(1, Some("again")), tried(2, None)],
            loaded: vec![format!("{name}_pipelines")],
            coming: Vec::new(),
        },
        forms: String::new(),
        flight: None,
    }
}

fn row(name: &str) -> JobRow {
    let json = serde_json::json!({
        "id": JobId::from(Uuid::nil()), "number": 7, "status": JobStatus::InProgress, "cancelling": false,
        "client_name": name, "client_email": null, "business": null, "location_id": null, "snapshot": null,
        "requested_by": null, "requested_by_name": name, "dots": [], "current_step": Step::CheckPlan, "waiting": null,
        "retry_count": 0, "max_retries": 3, "error": null, "created_at": at(-1), "started_at": at(0), "finished_at": null,
        "updated_at": at(0)
    });
    serde_json::from_value(json).unwrap()
}

fn line(n: u8, message: &str) -> LogLine {
    LogLine {
        id: Uuid::from_u128(u128::from(n)),
        at: at(i64::from(n)),
        step: Some(Step::CheckPlan),
        status: None,
        level: LogLevel::Info,
        attempt: 1,
        message: message.to_owned(),
        details: Some(serde_json::json!({ "said": message })),
    }
}

/// Everything that the island renders, as HTML.
fn drawn(state: &JobState, lines: &[LogLine], query: &str, now: DateTime<Utc>) -> String {
    let (state, here) = (state.clone(), Address::new("/a/x/provisioning/y", query));
    let lines = lines.iter().cloned().map(LogEntry::from).collect::<Vec<_>>();
    Owner::new().with(|| {
        let topics = String::new;
        view! {
            <JobHead state=state.clone() at=now topics=topics()/>
            <InFlight call=state.flight.clone() at=now topics=topics()/>
            <JobProgress state=state.clone() topics=topics()/>
            <JobSteps state=state.clone() at=now here=here.clone() topics=topics()/>
            <SelectedStep state=state.clone() at=now here=here.clone() topics=topics()/>
            <StepLog state lines more=false here topics=topics()/>
        }
        .to_html()
    })
}

#[test]
fn every_text_of_a_state_stays_text() {
    let hostile = "<img src=x onerror=alert(1)>\"'>";
    let html = drawn(&state(hostile), &[line(1, hostile)], "attempt=1", at(2));
    assert!(html.contains("&lt;img src=x"), "{html}");
    assert!(!html.contains("<img"), "{html}");
    // The title is set as text, not as markup.
    assert!(title(&state(hostile)).contains(hostile));
}

#[test]
fn a_state_that_travelled_renders_the_same() {
    let sent = state("Bright & Dental");
    let arrived: JobState = read(&written(&sent)).unwrap();
    assert_eq!(arrived, sent);
    let html = |state: &JobState| {
        let html = drawn(state, &[line(1, "Looked")], "", at(2));
        // Durations run by the clock of whoever renders them.
        html.split("<time").map(|piece| piece.split_once("</time>").map_or(piece, |(_, rest)| rest)).collect::<String>()
    };
    assert_eq!(html(&sent), html(&arrived));
}

#[test]
fn everything_that_a_page_is_sent_of_a_job_arrives() {
    let mut full = state("Bright Dental");
    full.row.current_step = Some(Step::WaitSnapshot);
    full.row.dots = vec![StepDot { step: Step::CheckPlan, status: Some(StepStatus::Completed) }];
    full.row.business = Some(BusinessId::from(Uuid::max()));
    full.row.snapshot = Some(SnapshotName { id: SnapshotId::from(Uuid::max()), name: "Dental \"Pro\"".to_owned() });
    full.row.waiting = Some(Waiting { reason: "loading".to_owned(), until: at(9), is_retry: true });
    full.steps[1].waited = Waited { millis: 7, since: Some(at(3)) };
    full.flight = CallInFlight::of_write("create_location", at(1));
    let place =
        JobPlace { path: "/a".to_owned(), query: "q=1".to_owned(), topics: "t".to_owned(), job: "j".to_owned() };
    let start = JobStart { place, state: full.clone(), version: "0f".to_owned(), line: Some(Uuid::max()) };
    assert_eq!(read::<JobStart>(&written(&start)), Some(start));
    let lines = vec![LogEntry::from(line(1, "Looked")), LogEntry::from(LogLine { details: None, ..line(2, "é 😀") })];
    assert!(lines[0].detail.as_ref().is_some_and(|detail| detail.contains("\"said\": \"Looked\"")));
    let log = Some(LogUpdate { whole: true, more: false, lines });
    let update = JobUpdate { at: at(5), version: "10".to_owned(), state: Some(full), log };
    assert_eq!(read::<JobUpdate>(&written(&update)), Some(update));
    let nothing = JobUpdate { at: at(5), version: "10".to_owned(), state: None, log: None };
    assert_eq!(read::<JobUpdate>(&written(&nothing)), Some(nothing));
    assert_eq!(read::<JobUpdate>("another version"), None);
}

#[test]
fn a_wait_for_a_person_stands_apart_from_the_time_that_the_job_ran() {
    let mut state = state("Bright Dental");
    state.row.finished_at = Some(at(2_292));
    state.steps[0].finished_at = Some(at(2_292));
    state.steps[0].waited = Waited { millis: 2_280_000, since: None };
    let html = drawn(&state, &[], "", at(2_300)).replace("<!>", "");
    let (ran, waited) = (">12s</time>, waited 38m for you", ">13s</time>, waited 38m for you");
    assert!(
        html.contains(ran) && html.contains(waited),
        "in the steps, and in the head with the time in the queue: {html}"
    );
}

#[test]
fn what_is_slow_depends_on_the_time_of_the_state_alone() {
    let state = state("Bright Dental");
    let (calm, slow, stuck) =
        (drawn(&state, &[], "", at(2)), drawn(&state, &[], "", at(20)), drawn(&state, &[], "", at(200)));
    assert!(calm.contains("about ") && !calm.contains("longer than usual") && !calm.contains("Diagnose"));
    assert!(
        slow.contains("longer than usual") && slow.contains("Slower than usual (5s)") && !slow.contains("Diagnose")
    );
    assert!(stuck.contains("Diagnose"));
}

#[test]
fn a_call_without_an_answer_is_shown_at_once_and_explained_after_five_seconds() {
    let flight = CallInFlight::of_write("create_location", at(0));
    let sent = JobState { flight, ..state("Bright Dental") };
    let html = |seconds| drawn(&sent, &[], "", at(seconds)).replace("<!>", "");
    let (answer, explained) = ("no answer yet", "answered yet. We");
    let fresh = html(1);
    assert!(fresh.contains("POST /locations/") && fresh.contains(answer) && !fresh.contains(explained), "{fresh}");
    let late = html(6);
    assert!(late.contains(answer) && late.contains(explained), "{late}");
    let over = html(46);
    assert!(over.contains("answer in time. Checking") && !over.contains(answer), "{over}");
    assert!(!drawn(&state("Bright Dental"), &[], "", at(6)).contains("/locations/"));
}

#[test]
fn a_log_grows_by_the_lines_after_the_last_one() {
    let lines = [line(1, "a"), line(2, "b"), line(3, "c")];
    let after = |last: u8| LogUpdate::after(Uuid::from_u128(u128::from(last)), lines.to_vec());
    let messages = |update: LogUpdate| update.lines.into_iter().map(|line| line.message).collect::<Vec<_>>();
    assert_eq!(after(1).map(messages), Some(vec!["b".to_owned(), "c".to_owned()]));
    assert_eq!(after(3).map(messages), Some(Vec::new()));
    assert_eq!(after(9), None, "after a gap the page needs the whole log");
}

#[test]
fn a_log_shows_the_attempt_that_the_address_names() {
    let lines = [line(12, "first try"), line(22, "second try")];
    let html = drawn(&state("Bright Dental"), &lines, "attempt=1", at(30));
    assert!(html.contains("first try") && !html.contains("second try"), "{html}");
    let html = drawn(&state("Bright Dental"), &lines, "all=1&times=since", at(30));
    assert!(html.contains("second try") && html.contains("+12s") && html.contains("Check connection: "), "{html}");
}

#[test]
fn the_address_of_a_state_keeps_what_the_viewer_selected() {
    let place = JobPlace {
        path: "/a/x/provisioning/y".to_owned(),
        query: "step=FINISH&q=a+b".to_owned(),
        topics: String::new(),
        job: String::new(),
    };
    assert_eq!(place.state("", None), "/a/x/provisioning/y/state?step=FINISH&q=a+b");
    assert_eq!(
        place.state("0f", Some(Uuid::nil())),
        "/a/x/provisioning/y/state?step=FINISH&q=a+b&since=0f&line=00000000-0000-0000-0000-000000000000"
    );
}
