//! The states of a job, a step and an outside write, the legal transitions, and the operations allowed in each
//! state.
//! The legal transitions are the same as the rows of the table `job_transitions`, which a trigger enforces.

use serde::{Deserialize, Serialize};

/// State of a job. A job that is being cancelled is `InProgress` and has its cancel request set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    feature = "sqlx",
    derive(sqlx::Type),
    sqlx(type_name = "provisioning_job_status", rename_all = "SCREAMING_SNAKE_CASE")
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum JobStatus {
    /// Accepted, but no worker has started it yet.
    Pending,
    /// A worker runs its steps.
    InProgress,
    /// All steps are done.
    Completed,
    /// It stopped after a failure; a person may resume it.
    Failed,
    /// It continues automatically at a set time: after a retry delay, a poll interval or a rate limit.
    Retrying,
    /// It was cancelled on request; what could be undone is undone.
    Cancelled,
    /// It waits for the answer of a person.
    AwaitingInput,
}

impl JobStatus {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::InProgress,
        Self::Completed,
        Self::Failed,
        Self::Retrying,
        Self::Cancelled,
        Self::AwaitingInput,
    ];

    /// The value in the database and in the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Retrying => "RETRYING",
            Self::Cancelled => "CANCELLED",
            Self::AwaitingInput => "AWAITING_INPUT",
        }
    }

    /// The label shown to people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "Queued",
            Self::InProgress => "Running",
            Self::Completed => "Done",
            Self::Failed => "Failed",
            Self::Retrying => "Waiting",
            Self::Cancelled => "Canceled",
            Self::AwaitingInput => "Needs input",
        }
    }

    /// Whether the job has ended.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// Whether the job may change from this state to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        JOB_TRANSITIONS.contains(&(self, next))
    }

    /// Whether the operation may be requested in this state.
    #[must_use]
    pub const fn allows(self, operation: Operation) -> bool {
        match operation {
            Operation::Retry => matches!(self, Self::Failed | Self::Retrying),
            Operation::Resume => matches!(self, Self::AwaitingInput | Self::Failed),
            Operation::Cancel => {
                matches!(self, Self::Pending | Self::InProgress | Self::Retrying | Self::AwaitingInput)
            }
            Operation::Undo => matches!(self, Self::Failed | Self::AwaitingInput),
        }
    }
}

/// Every legal transition between states of a job.
pub const JOB_TRANSITIONS: &[(JobStatus, JobStatus)] = {
    use JobStatus::{AwaitingInput, Cancelled, Completed, Failed, InProgress, Pending, Retrying};
    &[
        (Pending, InProgress),
        (Pending, Cancelled),
        (InProgress, Completed),
        (InProgress, Retrying),
        (InProgress, AwaitingInput),
        (InProgress, Failed),
        (InProgress, Cancelled),
        (Retrying, InProgress),
        (Retrying, Failed),
        (Retrying, Cancelled),
        (AwaitingInput, Pending),
        (AwaitingInput, Cancelled),
        (Failed, Pending),
    ]
};

/// An operation that a person or the API may request for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Operation {
    /// Try the failed step again, or end the current wait.
    Retry,
    /// Continue with changed input, with an answer, or without the step.
    Resume,
    /// Stop after the current call and undo what the job created.
    Cancel,
    /// Undo what a stopped job created.
    Undo,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 4] = [Self::Retry, Self::Resume, Self::Cancel, Self::Undo];

    /// The value in URLs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Undo => "undo",
        }
    }
}

/// State of a step; a step that has not begun has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    feature = "sqlx",
    derive(sqlx::Type),
    sqlx(type_name = "provisioning_step_status", rename_all = "SCREAMING_SNAKE_CASE")
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum StepStatus {
    /// It has begun and is running, waiting, or was interrupted.
    Started,
    /// Done.
    Completed,
    /// It stopped after a failure.
    Failed,
    /// Not needed, or skipped on request.
    Skipped,
    /// Done, and undone after a cancel or undo request.
    Undone,
}

impl StepStatus {
    const ALL: [Self; 5] = [Self::Started, Self::Completed, Self::Failed, Self::Skipped, Self::Undone];

    /// The state with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }

    /// The value in the database and in the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Started => "STARTED",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Skipped => "SKIPPED",
            Self::Undone => "UNDONE",
        }
    }

    /// Whether the step needs no more work for the job to continue.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Skipped)
    }
}

/// What is known about a write to an outside platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EffectState {
    /// Planned, but not sent.
    Planned,
    /// Sent or about to be sent; it is not known whether it was executed.
    InDoubt,
    /// It was executed, and its id is known.
    Confirmed,
    /// The provider refused it or was never reached.
    Refused,
    /// It was searched for long enough: it was not executed.
    Absent,
    /// A person decided to stop searching for it.
    Abandoned,
}

impl EffectState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Planned, Self::InDoubt, Self::Confirmed, Self::Refused, Self::Absent, Self::Abandoned];

    /// The value in `effects.state`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Planned => "PLANNED",
            Self::InDoubt => "IN_DOUBT",
            Self::Confirmed => "CONFIRMED",
            Self::Refused => "REFUSED",
            Self::Absent => "ABSENT",
            Self::Abandoned => "ABANDONED",
        }
    }

    /// The state with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_state_follows_itself_and_ended_jobs_stay_ended() {
        for (from, to) in JOB_TRANSITIONS {
            assert_ne!(from, to);
        }
        for next in JobStatus::ALL {
            assert!(!JobStatus::Completed.may_become(next));
            assert!(!JobStatus::Cancelled.may_become(next));
        }
        assert!(JobStatus::Failed.may_become(JobStatus::Pending));
    }

    #[test]
    fn an_ended_job_allows_no_operation() {
        for operation in Operation::ALL {
            assert!(!JobStatus::Completed.allows(operation));
            assert!(!JobStatus::Cancelled.allows(operation));
        }
        assert!(JobStatus::Failed.allows(Operation::Retry) && JobStatus::Failed.allows(Operation::Undo));
        assert!(!JobStatus::Failed.allows(Operation::Cancel) && !JobStatus::Pending.allows(Operation::Retry));
    }

    #[test]
    fn words_match_what_goes_over_the_wire() {
        for status in JobStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.key());
        }
        for state in EffectState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.key());
            assert_eq!(EffectState::parse(state.key()), Some(state));
        }
    }
}
