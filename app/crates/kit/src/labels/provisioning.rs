//! Maps the states of jobs, steps, attempts, writes and calls to one tone and one word each, for every page.

use domain::language::capitalised;
use domain::provisioning::{EffectState, JobRow, JobStatus, LogLevel, Step, StepDot, StepStatus};
use domain::todos;

use crate::Tone;

/// Tone and words of a job. An ordinary wait (a poll, a limit, the queue) is not shown as trouble. A job that left
/// something to a person is done, and says how much is left.
#[must_use]
pub fn job(row: &JobRow) -> (Tone, String) {
    if row.cancelling {
        return (Tone::Running, "Canceling".to_owned());
    }
    let (tone, word) = match row.status {
        JobStatus::Pending => (Tone::Waiting, "Queued"),
        JobStatus::InProgress => (Tone::Running, "Running"),
        JobStatus::Retrying if waits_after_failure(row) => (Tone::Retrying, "Retrying"),
        JobStatus::Retrying => (Tone::Running, "Running"),
        JobStatus::AwaitingInput => (Tone::Asks, "Needs input"),
        JobStatus::Failed => (Tone::Failed, "Failed"),
        JobStatus::Cancelled => (Tone::Cancelled, "Canceled"),
        JobStatus::Completed if lacks_snapshot(row) => return (Tone::Asks, "Done, snapshot not loaded".to_owned()),
        JobStatus::Completed => (Tone::Ok, "Done"),
    };
    match row.open_todos {
        Some(open @ 1..) if row.status.is_finished() => (Tone::Asks, format!("{word}, {}", todos::left(open))),
        _ => (tone, word.to_owned()),
    }
}

/// True if a program of the former version, which wrote no to-dos, completed the job without its snapshot.
fn lacks_snapshot(row: &JobRow) -> bool {
    let skipped = |dot: &StepDot| dot.step.needs_snapshot() && dot.status == Some(StepStatus::Skipped);
    row.open_todos.is_none() && row.snapshot.is_some() && row.dots.iter().any(skipped)
}

/// True if the job goes on without a person.
#[must_use]
pub const fn runs(row: &JobRow) -> bool {
    matches!(row.status, JobStatus::Pending | JobStatus::InProgress | JobStatus::Retrying)
}

/// True if the job waits because something went wrong.
#[must_use]
pub fn waits_after_failure(row: &JobRow) -> bool {
    row.waiting.as_ref().is_some_and(|waiting| waiting.is_retry)
}

/// Tone and word of a step of a job.
#[must_use]
pub fn step(row: &JobRow, step: Step, status: Option<StepStatus>) -> (Tone, &'static str) {
    let here = row.current_step == Some(step);
    match status {
        None if here && row.status == JobStatus::AwaitingInput => (Tone::Asks, "needs input"),
        None => (Tone::Waiting, "not started"),
        Some(StepStatus::Completed) => (Tone::Ok, "done"),
        Some(StepStatus::Failed) => (Tone::Failed, "failed"),
        Some(StepStatus::Skipped) => (Tone::Cancelled, "skipped"),
        Some(StepStatus::Undone) => (Tone::Cancelled, "rolled back"),
        Some(StepStatus::Started) => match row.status {
            JobStatus::AwaitingInput => (Tone::Asks, "needs input"),
            JobStatus::Failed => (Tone::Failed, "failed"),
            JobStatus::Cancelled => (Tone::Cancelled, "canceled"),
            JobStatus::Retrying if waits_after_failure(row) => (Tone::Retrying, "retrying"),
            _ => (Tone::Running, "running"),
        },
    }
}

/// The tones of a job's step dots, and its progress in words.
#[must_use]
pub fn dots(row: &JobRow) -> (Vec<Tone>, String) {
    let dots = Step::ALL
        .into_iter()
        .map(|each| {
            let status = row.dots.iter().find(|dot| dot.step == each).and_then(|StepDot { status, .. }| *status);
            step(row, each, status).0
        })
        .collect();
    (dots, progress(row))
}

/// The state with the step, such as "Running · step 5 of 11"; the state alone once the job has ended.
#[must_use]
pub fn progress(row: &JobRow) -> String {
    let (_, word) = job(row);
    match row.current_step {
        Some(step) if !matches!(row.status, JobStatus::Completed | JobStatus::Cancelled) => {
            format!("{word} \u{b7} step {} of {}", step.position(), Step::ALL.len())
        }
        _ => word,
    }
}

/// Tone and word of an attempt of a step.
#[must_use]
pub fn attempt(outcome: Option<&str>) -> (Tone, &'static str) {
    match outcome {
        None => (Tone::Running, "running"),
        Some("done") => (Tone::Ok, "done"),
        Some("again") => (Tone::Retrying, "retried later"),
        Some("ask") => (Tone::Asks, "needed input"),
        Some("lost") => (Tone::Warn, "interrupted"),
        Some(_) => (Tone::Failed, "gave up"),
    }
}

/// Tone and word of a write to HighLevel.
#[must_use]
pub const fn effect(state: EffectState) -> (Tone, &'static str) {
    match state {
        EffectState::Planned => (Tone::Waiting, "planned"),
        EffectState::InDoubt => (Tone::Warn, "unclear, checking"),
        EffectState::Confirmed => (Tone::Ok, "done"),
        EffectState::Refused => (Tone::Failed, "refused"),
        EffectState::Absent => (Tone::Cancelled, "not done"),
        EffectState::Abandoned => (Tone::Cancelled, "no longer checked"),
    }
}

/// The kind of a write as words: spaces instead of underscores, and a capital letter.
#[must_use]
pub fn effect_kind(kind: &str) -> String {
    capitalised(&kind.replace('_', " "))
}

/// Tone of a log line.
#[must_use]
pub const fn level(level: LogLevel, status: Option<StepStatus>) -> Tone {
    match (level, status) {
        (LogLevel::Error, _) => Tone::Failed,
        (LogLevel::Warn, _) => Tone::Warn,
        (_, Some(StepStatus::Completed)) => Tone::Ok,
        _ => Tone::Waiting,
    }
}

/// Tone of an outbound call.
#[must_use]
pub const fn call(status: Option<i32>) -> Tone {
    match status {
        Some(200..=299) => Tone::Ok,
        Some(429) => Tone::Retrying,
        Some(_) => Tone::Failed,
        None => Tone::Warn,
    }
}
