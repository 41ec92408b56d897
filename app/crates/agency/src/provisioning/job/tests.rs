//! Invariants of a job's page: every state can be rendered, and every button posts to an operation that the state
//! allows, and only for callers who may use it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::JobId;
use domain::provisioning::{
    AttemptView, Choice, Failure, FailureAction, JobLease, JobRow, JobStatus, JobView, NewJob, Operation, Question,
    QuestionKind, Step, StepDot, StepStatus, StepView, Summary, TodoItem, Typical, Waiting,
};
use domain::todos::TodoKind;
use islands::job::{JobSteps, left};
use kit::todo_list::{TodoForms, TodoLine};
use kit::{Address, Filled};
use leptos::prelude::*;
use serde_json::json;
use web::todos::ShownTodos;

use super::head::Head;
use super::state::State;
use super::view::JobPageContext;
use super::{monitor, undoing};

fn at(seconds: i64) -> DateTime<Utc> {
    kit::time::now() + TimeDelta::seconds(seconds)
}

/// A job that is stopped or running at `CREATE_LOCATION`, in this status.
pub(super) fn job(status: JobStatus, cancelling: bool) -> JobView {
    let here = Step::CreateLocation;
    let steps: Vec<StepView> = Step::ALL
        .into_iter()
        .map(|step| {
            let state = if status == JobStatus::Completed || step < here {
                Some(StepStatus::Completed)
            } else if step == here && status != JobStatus::Pending {
                Some(if status == JobStatus::Failed { StepStatus::Failed } else { StepStatus::Started })
            } else {
                None
            };
            view_of(step, state)
        })
        .collect();
    let stopped = matches!(status, JobStatus::Failed | JobStatus::AwaitingInput);
    JobView {
        row: row(status, cancelling, &steps),
        order: NewJob::default(),
        effects: Vec::new(),
        question: (status == JobStatus::AwaitingInput).then(|| question(QuestionKind::Decide)),
        failure: stopped.then(|| Failure {
            step: Some(here),
            what: "HighLevel refused".to_owned(),
            effect: "Nothing was created".to_owned(),
            actions: vec![
                FailureAction::Retry,
                FailureAction::EditAndResume,
                FailureAction::Skip,
                FailureAction::Undo,
                FailureAction::StartOver,
            ],
            undoing: false,
        }),
        extra: Vec::new(),
        summary: status.is_finished().then(|| Summary {
            done: vec!["Location made".to_owned()],
            todo: vec![TodoItem::new(TodoKind::PublishWorkflows, "Publish workflows", "They are drafts")],
        }),
        typical: Typical { p50: Some(60.0), p90: Some(120.0) },
        operations: Operation::ALL.into_iter().filter(|operation| !cancelling && status.allows(*operation)).collect(),
        steps,
    }
}

fn view_of(step: Step, status: Option<StepStatus>) -> StepView {
    StepView {
        step,
        status,
        input: json!({}),
        output: json!({}),
        waiting: None,
        started_at: status.map(|_| at(-30)),
        finished_at: status.filter(|status| status.is_over()).map(|_| at(-20)),
        attempts: vec![AttemptView {
            attempt: 1,
            outcome: None,
            error_class: None,
            error_detail: None,
            input: json!({}),
            started_at: at(-30),
            finished_at: None,
        }],
        typical: Typical { p50: Some(5.0), p90: Some(11.0) },
    }
}

fn row(status: JobStatus, cancelling: bool, steps: &[StepView]) -> JobRow {
    JobRow {
        id: JobId::from(uuid::Uuid::nil()),
        number: 214,
        status,
        cancelling,
        client_name: "Bright Dental".to_owned(),
        client_email: None,
        business: None,
        location_id: None,
        snapshot: None,
        requested_by: None,
        requested_by_name: Some("Maya".to_owned()),
        dots: steps.iter().map(|step| StepDot { step: step.step, status: step.status }).collect(),
        current_step: Some(Step::CreateLocation),
        waiting: (status == JobStatus::Retrying).then(|| Waiting {
            reason: "Trying again soon".to_owned(),
            until: at(12),
            is_retry: true,
        }),
        retry_count: 1,
        max_retries: 3,
        error: Some("HighLevel refused".to_owned()),
        open_todos: None,
        created_at: at(-40),
        started_at: Some(at(-39)),
        finished_at: status.is_finished().then(|| at(-1)),
        updated_at: at(-1),
    }
}

pub(super) fn question(kind: QuestionKind) -> Question {
    let choice = |key: &str, needs: Option<&str>| Choice {
        key: key.to_owned(),
        label: format!("Answer {key}"),
        consequence: "Something follows.".to_owned(),
        needs: needs.map(str::to_owned),
        value: None,
    };
    Question {
        step: Step::CreateLocation,
        kind,
        what: "What happened".to_owned(),
        effect: "What it means".to_owned(),
        ask: "What is asked?".to_owned(),
        choices: vec![choice("again", None), choice("adopt", Some("Location id"))],
        fields: vec![domain::field::FieldError::new("/input/phone", "Phone is invalid")],
    }
}

pub(super) fn page(job: JobView, may: bool, query: &str) -> JobPageContext {
    JobPageContext {
        job,
        agency: "harbor".to_owned(),
        path: "/a/harbor/provisioning/x".to_owned(),
        at: Address::new("/a/harbor/provisioning/x", query),
        step: Step::CreateLocation,
        may,
        opens: true,
        filled: Filled::default(),
        hold: JobLease::default(),
        link: String::new(),
        location: None,
        todos: ShownTodos::default(),
        client_link: None,
        by_hand: None,
        connect: None,
        flight: None,
    }
}

/// The changing parts of the page as HTML.
pub(super) fn drawn(page: &JobPageContext) -> String {
    let page = page.clone();
    let state = monitor::state(&page.job, page.hold, &page.at);
    let (steps, here) = (state.clone(), page.at.clone());
    Owner::new().with(|| {
        view! {
            <Head page=page.clone() state/>
            <JobSteps state=steps at=kit::time::now() here topics=page.topic()/>
            <State page/>
        }
        .to_html()
    })
}

/// The operations that the forms in some HTML post to.
pub(super) fn posts(html: &str) -> Vec<&str> {
    html.split("action=\"/do/").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn all() -> impl Iterator<Item = (JobStatus, bool)> {
    JobStatus::ALL.into_iter().flat_map(|status| [(status, false), (status, true)])
}

#[test]
fn no_button_is_drawn_that_the_state_forbids() {
    for (status, cancelling) in all() {
        for query in ["", "edit=1"] {
            let page = page(job(status, cancelling), true, query);
            for operation in posts(&drawn(&page)) {
                // A link for the business is part of answering, which needs `Resume`.
                let needs = Operation::ALL
                    .into_iter()
                    .find(|one| {
                        operation == format!("{}_job", one.key())
                            || (operation == "make_answer_link" && *one == Operation::Resume)
                    })
                    .expect("a form posts to a known operation");
                assert!(page.job.operations.contains(&needs), "{status:?} cancelling={cancelling} draws {operation}");
            }
        }
    }
}

#[test]
fn every_operation_the_state_allows_has_a_button() {
    for (status, cancelling) in all() {
        let page = page(job(status, cancelling), true, "edit=1");
        let html = drawn(&page);
        for operation in &page.job.operations {
            assert!(
                posts(&html).contains(&format!("{}_job", operation.key()).as_str()),
                "{status:?} lacks {operation:?}"
            );
        }
    }
}

#[test]
fn a_job_that_fails_while_it_is_undone_offers_to_leave_what_cannot_be_undone() {
    let mut job = job(JobStatus::Failed, false);
    let failure = job.failure.take().expect("a failed job has a failure");
    job.failure = Some(Failure {
        actions: vec![FailureAction::Retry, FailureAction::Skip, FailureAction::StartOver],
        undoing: true,
        ..failure
    });
    let html = drawn(&page(job, true, ""));
    for text in [">Retry<", "Leave it as is", "is put on your list", "name=\"skip\""] {
        assert!(html.contains(text), "{text} is missing");
    }
    assert_eq!(posts(&html), ["retry_job", "resume_job"]);
    assert!(!html.contains("Retry from") && !html.contains("Skip step") && !html.contains("edit=1"));
}

#[test]
fn who_may_only_read_gets_no_form() {
    for (status, cancelling) in all() {
        let html = drawn(&page(job(status, cancelling), false, "edit=1"));
        assert_eq!(posts(&html), Vec::<&str>::new(), "{status:?}");
        assert!(html.contains("Bright Dental"));
    }
}

#[test]
fn every_kind_of_question_can_be_read_and_answered() {
    for kind in [
        QuestionKind::FixInput,
        QuestionKind::ChooseLocation,
        QuestionKind::DoByHand,
        QuestionKind::Reconnect,
        QuestionKind::Decide,
    ] {
        let mut job = job(JobStatus::AwaitingInput, false);
        job.row.location_id = Some("L1".to_owned());
        job.question = Some(question(kind));
        let html = drawn(&page(job, true, ""));
        for text in [
            "What happened",
            "What is asked?",
            "Answer again",
            "Location id",
            "Phone is invalid",
            "Undo what was created",
        ] {
            assert!(html.contains(text), "{kind:?} lacks {text}");
        }
    }
}

#[test]
fn every_state_of_a_step_has_a_word() {
    for status in [
        None,
        Some(StepStatus::Started),
        Some(StepStatus::Completed),
        Some(StepStatus::Failed),
        Some(StepStatus::Skipped),
        Some(StepStatus::Undone),
    ] {
        for job_status in JobStatus::ALL {
            let steps = vec![view_of(Step::CreateLocation, status)];
            let (_, word) =
                kit::labels::provisioning::step(&row(job_status, false, &steps), Step::CreateLocation, status);
            assert!(!word.is_empty());
        }
    }
}

#[test]
fn time_left_is_shown_only_for_running_jobs() {
    let left = |status, cancelling| {
        let job = job(status, cancelling);
        left(&monitor::state(&job, JobLease::default(), &Address::default()), at(0))
    };
    assert!(left(JobStatus::InProgress, false).is_some());
    assert!(left(JobStatus::InProgress, true).is_none());
    assert!(left(JobStatus::Failed, false).is_none());
    assert!(left(JobStatus::Completed, false).is_none());
}

#[test]
fn a_step_that_takes_too_long_is_told_without_a_figure_and_never_of_a_job_that_asks() {
    let html = |status: JobStatus, seconds: i64| {
        let mut job = job(status, false);
        for step in &mut job.steps {
            step.attempts.iter_mut().for_each(|attempt| attempt.started_at = at(-seconds));
            // The step began long ago; only its last attempt counts.
            step.started_at = step.started_at.map(|_| at(-9000));
        }
        drawn(&page(job, true, ""))
    };
    let (left, late, stuck) = ("about ", "longer than usual", "is taking much longer than usual");
    let calm = html(JobStatus::InProgress, 2);
    assert!(calm.contains(left) && !calm.contains(late) && !calm.contains(stuck));
    let slow = html(JobStatus::InProgress, 20);
    assert!(!slow.contains(left) && slow.contains(late) && !slow.contains(stuck));
    let long = html(JobStatus::InProgress, 200);
    assert!(!long.contains(left) && long.contains(late) && long.contains(stuck));
    let asks = html(JobStatus::AwaitingInput, 200);
    assert!(!asks.contains(left) && !asks.contains(late) && !asks.contains(stuck));
}

#[test]
fn hostile_names_stay_text() {
    let mut job = job(JobStatus::Failed, false);
    job.row.client_name = "<script>alert(1)</script>".to_owned();
    job.row.error = Some("\"><img src=x onerror=alert(1)>".to_owned());
    job.failure = None;
    let html = drawn(&page(job, true, "edit=1"));
    assert!(!html.contains("<script>alert") && !html.contains("<img src=x"), "markup slipped through");
}

#[test]
fn undoing_says_what_becomes_of_each_thing() {
    let mut made = job(JobStatus::Failed, false);
    assert!(undoing::lines(&made).is_empty());
    made.row.location_id = Some("L1".to_owned());
    let lines = undoing::lines(&made);
    assert!(lines[0].contains("[parked] Bright Dental") && !lines[0].contains("L1"), "{lines:?}");
}

#[test]
fn a_completed_job_is_ready_only_when_nothing_is_left() {
    let mut done = job(JobStatus::Completed, false);
    assert!(drawn(&page(done.clone(), true, "")).contains("Bright Dental is ready"));
    done.row.open_todos = Some(2);
    let html = drawn(&page(done.clone(), true, ""));
    assert!(html.contains("Done, 2 left for you") && !html.contains("is ready"), "{html}");
    let mut cancelled = job(JobStatus::Cancelled, false);
    cancelled.row.open_todos = Some(1);
    assert!(drawn(&page(cancelled, true, "")).contains("Canceled, 1 left for you"));
    done.row.open_todos = Some(0);
    assert!(drawn(&page(done, true, "")).contains("Bright Dental is ready"));
}

#[test]
fn a_job_of_a_former_version_whose_snapshot_was_skipped_is_not_plainly_done() {
    let mut skipped = job(JobStatus::Completed, false);
    skipped.row.snapshot = Some(domain::snapshot::SnapshotName {
        id: domain::SnapshotId::from(uuid::Uuid::nil()),
        name: "Dental Pro".to_owned(),
    });
    for dot in skipped.row.dots.iter_mut().filter(|dot| dot.step == Step::WaitSnapshot) {
        dot.status = Some(StepStatus::Skipped);
    }
    let html = drawn(&page(skipped, true, ""));
    assert!(html.contains("Done, snapshot not loaded") && !html.contains("is ready"), "{html}");
}

#[test]
fn to_dos_are_ticked_by_those_who_may_and_read_by_all() {
    let line = TodoLine {
        id: "7".to_owned(),
        what: "Publish workflows".to_owned(),
        why: "They are drafts".to_owned(),
        highlevel: None,
        here: None,
        assigned_to: None,
        done: None,
    };
    let mut page = page(job(JobStatus::Completed, false), true, "");
    page.todos = ShownTodos { lines: vec![line], ..ShownTodos::default() };
    assert_eq!(posts(&drawn(&page)), Vec::<&str>::new());
    page.todos.forms = Some(TodoForms { agency: "harbor".to_owned(), people: Vec::new() });
    assert_eq!(posts(&drawn(&page)), ["set_todos_done", "assign_todos"]);
}
