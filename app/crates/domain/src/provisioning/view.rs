//! What lists, the job page and the API show of a job.
//! Every field of these types is meant to be read by people; none contains a secret.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EffectState, ExtraLocation, JobStatus, NewJob, Operation, Step, StepStatus};
use crate::field::FieldError;
use crate::snapshot::SnapshotName;
use crate::todos::TodoKind;
use crate::{BusinessId, EffectId, JobId, UserId};

/// A row of the jobs list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// Its number inside the agency.
    pub number: i64,
    /// Its state.
    pub status: JobStatus,
    /// Whether a cancel was requested and is still in progress.
    pub cancelling: bool,
    /// The name of the business.
    pub client_name: String,
    /// The e-mail address of the business, if given.
    pub client_email: Option<String>,
    /// The business; `None` until it exists.
    pub business: Option<BusinessId>,
    /// HighLevel's id of the location; `None` until it exists.
    pub location_id: Option<String>,
    /// The requested snapshot.
    pub snapshot: Option<SnapshotName>,
    /// Who started it; `None` if it was started by the API or the seed.
    pub requested_by: Option<UserId>,
    /// Their name.
    pub requested_by_name: Option<String>,
    /// The state of each of the eleven steps, in order.
    pub dots: Vec<StepDot>,
    /// The current step.
    pub current_step: Option<Step>,
    /// Why the job waits now, and until when.
    pub waiting: Option<Waiting>,
    /// How often the current step was retried after a failure.
    pub retry_count: i32,
    /// How many retries are allowed.
    pub max_retries: i32,
    /// What went wrong, in one line.
    pub error: Option<String>,
    /// How many to-dos of the job are open; `None` if it left none.
    #[serde(default)]
    pub open_todos: Option<i64>,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
    /// When the first step began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When anything last changed.
    pub updated_at: DateTime<Utc>,
}

/// One step in a row of the jobs list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepDot {
    /// The step.
    pub step: Step,
    /// Its state; `None` before it begins.
    pub status: Option<StepStatus>,
}

/// Why a job waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waiting {
    /// The reason in words, such as "HighLevel is still loading the snapshot".
    pub reason: String,
    /// When it continues.
    pub until: DateTime<Utc>,
    /// Whether the job waits for a retry after a failure, and not for a poll, a rate limit or the queue.
    pub is_retry: bool,
}

/// All data of one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Job"))]
pub struct JobView {
    /// The row of the jobs list.
    #[serde(flatten)]
    pub row: JobRow,
    /// The order in its current form.
    #[cfg_attr(feature = "schema", schemars(schema_with = "as_ordered"))]
    pub order: NewJob,
    /// The steps, in order.
    pub steps: Vec<StepView>,
    /// Every write to an outside platform.
    pub effects: Vec<EffectView>,
    /// The question to a person, in AWAITING_INPUT.
    pub question: Option<Question>,
    /// What went wrong, in FAILED and AWAITING_INPUT.
    pub failure: Option<Failure>,
    /// What was done and what is left to do, once the job has ended.
    pub summary: Option<Summary>,
    /// Locations that appeared in HighLevel after the job had given up creating them.
    #[serde(default)]
    pub extra: Vec<ExtraLocation>,
    /// How long jobs of this kind usually take.
    pub typical: Typical,
    /// The operations that may be requested now.
    #[serde(rename = "deeds")]
    pub operations: Vec<Operation>,
}

/// The schema of an order, which is the same in requests and answers.
#[cfg(feature = "schema")]
fn as_ordered(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::Schema::new_ref("#/components/schemas/NewJob".to_owned())
}

/// One step of one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Step"))]
pub struct StepView {
    /// The step.
    pub step: Step,
    /// Its state; `None` before it begins.
    pub status: Option<StepStatus>,
    /// Its input: answers, and its part of the order. No secrets.
    pub input: Value,
    /// What it found or created. No secrets.
    pub output: Value,
    /// Why it waits, and until when.
    pub waiting: Option<Waiting>,
    /// When it first began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Every attempt, first to last.
    pub attempts: Vec<AttemptView>,
    /// How long this step usually takes.
    pub typical: Typical,
}

impl StepView {
    /// When the last attempt began. Time spent waiting before it, for an answer or a retry, does not count.
    #[must_use]
    pub fn tried_since(&self) -> Option<DateTime<Utc>> {
        self.attempts.last().map(|attempt| attempt.started_at).or(self.started_at)
    }
}

/// One attempt of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Attempt"))]
pub struct AttemptView {
    /// Number of the attempt, starting at 1.
    pub attempt: i32,
    /// `done`, `again`, `ask`, `gave_up` or `lost`; `None` while the attempt runs.
    pub outcome: Option<String>,
    /// Class of the error.
    pub error_class: Option<String>,
    /// The error in words.
    pub error_detail: Option<String>,
    /// The input of the step.
    pub input: Value,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// One write to an outside platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Effect"))]
pub struct EffectView {
    /// The effect.
    pub id: EffectId,
    /// What was written, such as `create_location`.
    pub kind: String,
    /// Its step.
    pub step: Option<Step>,
    /// The marker that the write carries at the provider.
    pub marker: String,
    /// What is known about the write.
    pub state: EffectState,
    /// HighLevel's id of the created object.
    pub provider_ref: Option<String>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When its outcome was determined.
    pub decided_at: Option<DateTime<Utc>>,
}

/// The kind of answer that a question needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum QuestionKind {
    /// Some of the business's data must be changed.
    FixInput,
    /// Several locations have the job's marker; one has to be chosen.
    ChooseLocation,
    /// HighLevel refuses to do it; a person does it in HighLevel and enters the id.
    DoByHand,
    /// The integration must be repaired first.
    Reconnect,
    /// The result of a call is unclear, or something takes too long; a person decides how to continue.
    Decide,
}

/// A job's question to a person (`question_json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Question {
    /// The step that asks.
    pub step: Step,
    /// The kind of answer it needs.
    pub kind: QuestionKind,
    /// What happened, in plain words.
    pub what: String,
    /// What that means for the business: what exists and what does not.
    pub effect: String,
    /// The question itself.
    pub ask: String,
    /// The possible answers; empty if only changed input helps.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Fields of `client` that were rejected, and `/answer/value` if the value of the last answer could not be taken.
    #[serde(default)]
    pub fields: Vec<FieldError>,
}

impl Question {
    /// Whether this member of `client` was rejected.
    #[must_use]
    pub fn asks_for(&self, member: &str) -> bool {
        self.fields.iter().any(|error| error.pointer.rsplit('/').next() == Some(member))
    }
}

/// One possible answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Choice {
    /// Key to answer with (`answer.choice` of `resume`). `skip` can also be requested with `skip` of `resume`.
    pub key: String,
    /// Text of the button.
    pub label: String,
    /// What will happen.
    pub consequence: String,
    /// The value that the person must type, such as "Location id"; `None` if nothing is needed.
    #[serde(default)]
    pub needs: Option<String>,
    /// A value already known, such as the id of a location found.
    #[serde(default)]
    pub value: Option<String>,
}

/// The content of the failure card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    /// The step that failed.
    pub step: Option<Step>,
    /// The cause, in plain words.
    pub what: String,
    /// What that means: what was created and what was not.
    pub effect: String,
    /// What can be done, most useful first.
    pub actions: Vec<FailureAction>,
    /// Whether the job was being undone when it stopped. If so, `retry` continues undoing, and `skip` keeps what
    /// the step created.
    #[serde(default)]
    pub undoing: bool,
}

/// A button of the failure card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FailureAction {
    /// Try the failed step again (`retry`).
    Retry,
    /// Change the data of the business and continue (`resume` with `input`).
    EditAndResume,
    /// Skip the step or, while undoing, keep what it created (`resume` with `skip`).
    Skip,
    /// Undo what the job created (`undo`).
    Undo,
    /// Start a new job with the same order.
    StartOver,
}

/// The result of a finished job (output of the last step).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// One line for each thing that was created, undone, parked or kept.
    #[serde(default)]
    pub done: Vec<String>,
    /// What a person still has to do.
    #[serde(default)]
    pub todo: Vec<TodoItem>,
}

/// One thing that a person still has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TodoItem {
    /// Its kind.
    #[serde(default)]
    pub kind: TodoKind,
    /// The one of several objects that it is about: a location, a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What has to be done.
    pub what: String,
    /// Why, or where.
    pub why: String,
}

/// How long something usually takes, computed from finished jobs of the agency; `None` if there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Typical {
    /// Median in seconds.
    pub p50: Option<f64>,
    /// Ninetieth percentile in seconds.
    pub p90: Option<f64>,
}

/// Who works on a job now, according to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobLease {
    /// When the worker's lease expires. It is in the past if the worker vanished, and `None` if no worker has the
    /// job.
    pub until: Option<DateTime<Utc>>,
    /// How often the job was claimed.
    pub claims: i32,
    /// How many of the agency's jobs were accepted before it and have not begun.
    pub ahead: i64,
}

/// Number of jobs in each view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCounts {
    /// Pending, running, retrying.
    pub running: i64,
    /// Failed.
    pub failed: i64,
    /// Waiting for a person.
    pub needs_input: i64,
    /// Started by the current user.
    pub mine: i64,
    /// Completed.
    pub done: i64,
    /// Cancelled.
    pub cancelled: i64,
    /// Ended, with open to-dos.
    pub with_todos: i64,
    /// All jobs.
    pub all: i64,
}

/// A business or a job whose data resembles that of the new business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Duplicate {
    /// The job that created or creates it, if there is one.
    pub job: Option<JobId>,
    /// The business, if it exists.
    pub business: Option<BusinessId>,
    /// Its name.
    pub name: String,
    /// The fields that match: `name`, `email`, `phone`, `website`.
    pub same: Vec<String>,
}
