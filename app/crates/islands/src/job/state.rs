//! What does the monitor know of a job? The server builds it once for the page and for each answer; nothing in it is secret.

use chrono::{DateTime, Utc};
use domain::provisioning::{
    CallInFlight, JobRow, JobView, LogLevel, LogLine, Step, StepStatus, StepView, Typical, Waited, Waiting,
};
use kit::Address;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::json::from_members;

/// Everything that the monitor shows of a job, except its log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobState {
    /// The row of the jobs list.
    pub row: JobRow,
    /// How long jobs of this kind usually take.
    pub typical: Typical,
    /// True if the job asks a person.
    pub asks: bool,
    /// The steps, in order.
    pub steps: Vec<StepState>,
    /// The step that is shown in full.
    pub selected: Selected,
    /// Changes with what the forms of the page show: the question, the failure, the result and the buttons.
    pub forms: String,
    /// The call that was sent and has no answer yet.
    #[serde(default)]
    pub flight: Option<CallInFlight>,
}

/// One step, as the monitor shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepState {
    /// The step.
    pub step: Step,
    /// Its state; `None` before it begins.
    pub status: Option<StepStatus>,
    /// Why it waits, and until when.
    pub waiting: Option<Waiting>,
    /// When it first began.
    pub started_at: Option<DateTime<Utc>>,
    /// When its last attempt began.
    pub tried_since: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How long it usually takes.
    pub typical: Typical,
    /// How long it waited for a person.
    #[serde(default)]
    pub waited: Waited,
}

impl From<&StepView> for StepState {
    fn from(step: &StepView) -> Self {
        Self {
            step: step.step,
            status: step.status,
            waiting: step.waiting.clone(),
            started_at: step.started_at,
            tried_since: step.tried_since(),
            finished_at: step.finished_at,
            typical: step.typical,
            waited: Waited::between(&step.attempts, step.finished_at),
        }
    }
}

/// The step that is shown in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selected {
    /// The step.
    pub step: Step,
    /// Its attempts, first to last.
    pub tries: Vec<TryState>,
    /// Kinds of the snapshot's assets that are loaded.
    pub loaded: Vec<String>,
    /// Kinds that are still to come.
    pub coming: Vec<String>,
}

impl Selected {
    /// What is shown of this step of a job.
    #[must_use]
    pub fn of(job: &JobView, step: Step) -> Self {
        let view = job.steps.iter().find(|one| one.step == step);
        let kinds = |name: &str| {
            let kinds = view.filter(|_| step == Step::WaitSnapshot).and_then(|view| view.output.get(name).cloned());
            serde_json::from_value(kinds.unwrap_or_default()).unwrap_or_default()
        };
        let tries = view.map(|view| view.attempts.iter()).unwrap_or_default();
        Self {
            step,
            tries: tries
                .map(|one| TryState {
                    attempt: one.attempt,
                    outcome: one.outcome.clone(),
                    error: one.error_detail.clone(),
                    started_at: one.started_at,
                    finished_at: one.finished_at,
                })
                .collect(),
            loaded: kinds("completed"),
            coming: kinds("pending"),
        }
    }
}

/// One attempt of the selected step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TryState {
    /// Number of the attempt, starting at 1.
    pub attempt: i32,
    /// How it ended; `None` while it runs.
    pub outcome: Option<String>,
    /// The error in words.
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl TryState {
    /// True if a moment lies within the attempt.
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        at >= self.started_at && self.finished_at.is_none_or(|end| at <= end)
    }
}

/// Where the page is: its path, and its query, which holds what the viewer selected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPlace {
    /// Path of the job's page.
    pub path: String,
    /// Query of the page, without `?`.
    pub query: String,
    /// The topics after whose events the state is fetched, separated by blanks.
    pub topics: String,
    /// The topic of the job itself, after whose events the state says whether the forms changed.
    pub job: String,
}

impl JobPlace {
    /// The address of the page, from which its links are made.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::new(self.path.clone(), &self.query)
    }

    /// The address of the monitor's state. The version and the id of the last log line say what is known already.
    #[must_use]
    pub fn state(&self, version: &str, line: Option<Uuid>) -> String {
        let line = line.map(|id| id.to_string()).unwrap_or_default();
        let at = Address::new(format!("{}/state", self.path), &self.query);
        at.with("since", version).with("line", &line).href()
    }
}

/// What an island starts from. The page carries it once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobStart {
    /// Where the page is.
    pub place: JobPlace,
    /// The state that the server rendered.
    pub state: JobState,
    /// Its version.
    pub version: String,
    /// The last line of the log on the page; `None` if it shows none.
    pub line: Option<Uuid>,
}

/// What changed since the state that a page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobUpdate {
    /// The time of the server.
    pub at: DateTime<Utc>,
    /// Version of the state.
    pub version: String,
    /// The state; `None` if the page has this version already.
    pub state: Option<JobState>,
    /// What is new in the log; `None` if nothing is, or if the page shows no log.
    pub log: Option<LogUpdate>,
}

/// What is new in the log of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogUpdate {
    /// True if these are all lines of the page, not only those after the last one that it has.
    pub whole: bool,
    /// True if older lines are left out.
    pub more: bool,
    /// The lines, oldest first.
    pub lines: Vec<LogEntry>,
}

/// A line of the log, as the monitor shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its id, used as the anchor of a link to it.
    pub id: Uuid,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The step it belongs to; `None` for lines about the job itself.
    pub step: Option<Step>,
    /// Set if the line records that the step changed to this state.
    pub status: Option<StepStatus>,
    /// Its importance.
    pub level: LogLevel,
    /// The text.
    pub message: String,
    /// The numbers and ids behind the text as indented JSON, with secrets masked. The server writes it, so that the browser
    /// needs no writer of JSON.
    pub detail: Option<String>,
}

impl From<LogLine> for LogEntry {
    fn from(line: LogLine) -> Self {
        let LogLine { id, at, step, status, level, message, details, .. } = line;
        let detail = details.filter(|details| !details.is_null()).map(|details| format!("{details:#}"));
        Self { id, at, step, status, level, message, detail }
    }
}

impl LogUpdate {
    /// What a page that shows the lines up to `last` has to add. `newest` are the newest lines, oldest first. `None` if
    /// the last line is not among them: then the page needs all lines anew.
    #[must_use]
    pub fn after(last: Uuid, mut newest: Vec<LogLine>) -> Option<Self> {
        let at = newest.iter().position(|line| line.id == last)?;
        let lines = newest.split_off(at + 1).into_iter().map(LogEntry::from).collect();
        Some(Self { whole: false, more: false, lines })
    }
}

from_members! {
    JobStart { place, state, version, line }
    JobPlace { path, query, topics, job }
    JobUpdate { at, version, state, log }
    JobState { row, typical, asks, steps, selected, forms, flight }
    StepState { step, status, waiting, started_at, tried_since, finished_at, typical, waited }
    Selected { step, tries, loaded, coming }
    TryState { attempt, outcome, error, started_at, finished_at }
    LogUpdate { whole, more, lines }
    LogEntry { id, at, step, status, level, message, detail }
}
