//! What do lists, the job page and the API show of a job?
//! These are views: each field is meant for a person to read; nothing secret is in them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EffectState, ExtraLocation, JobStatus, NewJob, Operation, Step, StepStatus};
use crate::field::FieldError;
use crate::snapshot::SnapshotName;
use crate::{BusinessId, EffectId, JobId, UserId};

/// A line of the jobs list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// Its number inside the agency.
    pub number: i64,
    /// Its state.
    pub status: JobStatus,
    /// Whether a cancel was asked and is still being carried out.
    pub cancelling: bool,
    /// The client's name.
    pub client_name: String,
    /// The client's e-mail, if given.
    pub client_email: Option<String>,
    /// The business, once it exists.
    pub business: Option<BusinessId>,
    /// HighLevel's location, once it exists.
    pub location_id: Option<String>,
    /// The snapshot asked for.
    pub snapshot: Option<SnapshotName>,
    /// Who started it; absent for the API and the seed.
    pub requested_by: Option<UserId>,
    /// Their name.
    pub requested_by_name: Option<String>,
    /// The state of each of the eleven steps, in order.
    pub dots: Vec<StepDot>,
    /// The step it is at.
    pub current_step: Option<Step>,
    /// Why nothing happens right now, and until when.
    pub waiting: Option<Waiting>,
    /// Executed failures of the current step.
    pub retry_count: i32,
    /// How many are allowed.
    pub max_retries: i32,
    /// What went wrong, in one line.
    pub error: Option<String>,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
    /// When the first step began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When anything last changed.
    pub updated_at: DateTime<Utc>,
}

/// One step in a line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDot {
    /// The step.
    pub step: Step,
    /// Its state; absent before it begins.
    pub status: Option<StepStatus>,
}

/// Why a job rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The reason in words, such as "HighLevel is still loading the snapshot".
    pub reason: String,
    /// When it goes on.
    pub until: DateTime<Utc>,
    /// Whether this is trouble (a retry after a failure) or an ordinary wait (poll, limit, queue).
    pub is_retry: bool,
}

/// Everything about one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobView {
    /// The line of the list.
    #[serde(flatten)]
    pub row: JobRow,
    /// The order as it stands now.
    pub order: NewJob,
    /// The steps, in order.
    pub steps: Vec<StepView>,
    /// Every write outside.
    pub effects: Vec<EffectView>,
    /// What a person is asked, in AWAITING_INPUT.
    pub question: Option<Question>,
    /// What went wrong, in FAILED and AWAITING_INPUT.
    pub failure: Option<Failure>,
    /// What is done and what is left, once it has ended.
    pub summary: Option<Summary>,
    /// Locations that appeared in HighLevel although they had been given up.
    #[serde(default)]
    pub extra: Vec<ExtraLocation>,
    /// How long such jobs usually take.
    pub typical: Typical,
    /// What may be asked now.
    #[serde(rename = "deeds")]
    pub operations: Vec<Operation>,
}

/// One step of one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    /// The step.
    pub step: Step,
    /// Its state; absent before it begins.
    pub status: Option<StepStatus>,
    /// What it was given: answers, the order's part. No secrets.
    pub input: Value,
    /// What it found or made. No secrets.
    pub output: Value,
    /// Why it waits and until when.
    pub waiting: Option<Waiting>,
    /// First begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub finished_at: Option<DateTime<Utc>>,
    /// Each try, first to last.
    pub attempts: Vec<AttemptView>,
    /// How long this step usually takes.
    pub typical: Typical,
}

impl StepView {
    /// Since when it is tried: the begin of its last try, so that waiting for an answer or a rest before it does not count.
    #[must_use]
    pub fn tried_since(&self) -> Option<DateTime<Utc>> {
        self.attempts.last().map(|attempt| attempt.started_at).or(self.started_at)
    }
}

/// One try of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Which try, from 1.
    pub attempt: i32,
    /// `done`, `again`, `ask`, `gave_up` or `lost`; absent while it runs.
    pub outcome: Option<String>,
    /// Class of the error.
    pub error_class: Option<String>,
    /// The error in words.
    pub error_detail: Option<String>,
    /// What the step was given.
    pub input: Value,
    /// Begin.
    pub started_at: DateTime<Utc>,
    /// End.
    pub finished_at: Option<DateTime<Utc>>,
}

/// One write outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectView {
    /// The effect.
    pub id: EffectId,
    /// What was written, such as `create_location`.
    pub kind: String,
    /// Its step.
    pub step: Option<Step>,
    /// The mark it carries outside.
    pub marker: String,
    /// What we know.
    pub state: EffectState,
    /// HighLevel's id of what was made.
    pub provider_ref: Option<String>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
}

/// What kind of answer a question wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Some fields of the client have to change.
    FixInput,
    /// Several locations carry the job's mark; one has to be chosen.
    ChooseLocation,
    /// HighLevel will not do it; a person does it there and tells us the id.
    DoByHand,
    /// The connection has to be repaired first.
    Reconnect,
    /// Something outside is unclear or takes too long; a person decides how to go on.
    Decide,
}

/// What a job asks of a person (`question_json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The step that asks.
    pub step: Step,
    /// What kind of answer it wants.
    pub kind: QuestionKind,
    /// What happened, plainly.
    pub what: String,
    /// What it means for the client: what exists, what does not.
    pub effect: String,
    /// The question itself.
    pub ask: String,
    /// What may be answered; empty where only changed input helps.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Fields of the client that were refused.
    #[serde(default)]
    pub fields: Vec<FieldError>,
}

impl Question {
    /// Whether this member of the client was refused.
    #[must_use]
    pub fn asks_for(&self, member: &str) -> bool {
        self.fields.iter().any(|error| error.pointer.rsplit('/').next() == Some(member))
    }
}

/// One possible answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Key to answer with (`resume`'s `answer.choice`); `skip` is asked through `resume`'s `skip` as well.
    pub key: String,
    /// Text of the button.
    pub label: String,
    /// What will follow.
    pub consequence: String,
    /// What has to be typed with it, such as "Location id"; absent where nothing has.
    #[serde(default)]
    pub needs: Option<String>,
    /// A value already known, such as the id of a location found.
    #[serde(default)]
    pub value: Option<String>,
}

/// The failure card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The step that failed.
    pub step: Option<Step>,
    /// The cause, plainly.
    pub what: String,
    /// What it means: what was created and what was not.
    pub effect: String,
    /// What can be done, in order of use.
    pub actions: Vec<Button>,
    /// Whether the job was being undone when it stopped: then `retry` goes on undoing, and `skip` leaves what the step made as it is.
    #[serde(default)]
    pub undoing: bool,
}

/// A button of the failure card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    /// Try the failed step again (`retry`).
    Retry,
    /// Change the client's data and go on (`resume` with `input`).
    EditAndResume,
    /// Leave the step out, or what it made as it is while undoing (`resume` with `skip`).
    Skip,
    /// Undo what was made (`undo`).
    Undo,
    /// Start a new job with the same order.
    StartOver,
}

/// What a finished job leaves (output of the last step).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Result per thing made, undone, parked or kept, one line each.
    #[serde(default)]
    pub done: Vec<String>,
    /// What still needs a person.
    #[serde(default)]
    pub todo: Vec<TodoItem>,
}

/// One thing left for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoItem {
    /// What is to be done.
    pub what: String,
    /// Why, or where.
    pub why: String,
}

/// How long something usually takes, from finished jobs of the agency; absent without any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Typical {
    /// Median seconds.
    pub p50: Option<f64>,
    /// Ninetieth percentile in seconds.
    pub p90: Option<f64>,
}

/// Who works on a job at this moment, as the database knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Until when a worker has promised to be at it; in the past when that worker vanished, absent when none is.
    pub until: Option<DateTime<Utc>>,
    /// How often it was taken up.
    pub claims: i32,
    /// How many of the agency's jobs that have not begun were accepted before it.
    pub ahead: i64,
}

/// How many jobs are in each view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCounts {
    /// Pending, running, retrying.
    pub running: i64,
    /// Failed.
    pub failed: i64,
    /// Waiting for a person.
    pub needs_input: i64,
    /// Started by whoever asks.
    pub mine: i64,
    /// Completed.
    pub done: i64,
    /// All of them.
    pub all: i64,
}

/// Somebody who looks like the new client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    /// The job that made or makes it, if one did.
    pub job: Option<JobId>,
    /// The business, if it exists.
    pub business: Option<BusinessId>,
    /// Its name.
    pub name: String,
    /// Which fields agree: `name`, `email`, `phone`, `website`.
    pub same: Vec<String>,
}
