//! Which states do a job, a step and an outside write have, which may follow which, and what may be asked when.
//! The legal pairs are the same rows as the table `job_transitions`, which a trigger enforces.

use serde::{Deserialize, Serialize};

/// State of a job. Cancelling is `InProgress` with the cancel mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    feature = "sqlx",
    derive(sqlx::Type),
    sqlx(type_name = "provisioning_job_status", rename_all = "SCREAMING_SNAKE_CASE")
)]
pub enum JobStatus {
    /// Accepted, nobody works on it yet.
    Pending,
    /// A worker runs its steps.
    InProgress,
    /// All steps are done.
    Completed,
    /// It gave up; a person may resume it.
    Failed,
    /// It goes on by itself at a set time: a retry, a poll or a limit.
    Retrying,
    /// It ended on request; what could be undone is undone.
    Cancelled,
    /// A person has to answer first.
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

    /// The word in the database and in the API.
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

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "Queued",
            Self::InProgress => "Running",
            Self::Completed => "Done",
            Self::Failed => "Failed",
            Self::Retrying => "Waiting",
            Self::Cancelled => "Cancelled",
            Self::AwaitingInput => "Needs input",
        }
    }

    /// Whether the job has ended.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// Whether the state may follow this one.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        JOB_TRANSITIONS.contains(&(self, next))
    }

    /// Whether the operation may be asked in this state.
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

/// Which state of a job may follow which; complete.
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

/// What a person or the API may ask of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Try the failed step again, or end the present wait.
    Retry,
    /// Go on with changed input, an answer, or without the step.
    Resume,
    /// Stop after the current call and undo.
    Cancel,
    /// Undo what a stopped job made.
    Undo,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 4] = [Self::Retry, Self::Resume, Self::Cancel, Self::Undo];

    /// The word in addresses.
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

/// State of a step; a step nobody began has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    feature = "sqlx",
    derive(sqlx::Type),
    sqlx(type_name = "provisioning_step_status", rename_all = "SCREAMING_SNAKE_CASE")
)]
pub enum StepStatus {
    /// Begun; it runs, waits, or was interrupted.
    Started,
    /// Done.
    Completed,
    /// Gave up.
    Failed,
    /// Not needed, or left out on request.
    Skipped,
    /// Done, and undone again on cancel.
    Undone,
}

impl StepStatus {
    const ALL: [Self; 5] = [Self::Started, Self::Completed, Self::Failed, Self::Skipped, Self::Undone];

    /// The state with this word.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }

    /// The word in the database and in the API.
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

    /// Whether nothing of the step is left to do on the way forward.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Skipped)
    }
}

/// What we know about one write outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EffectState {
    /// Decided, not sent.
    Planned,
    /// Sent or about to be; nobody knows yet whether it happened.
    InDoubt,
    /// It happened, and we know its id.
    Confirmed,
    /// The provider said no, or was never reached.
    Refused,
    /// Looked for long enough: it did not happen.
    Absent,
    /// A person decided to stop asking.
    Abandoned,
}

impl EffectState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Planned, Self::InDoubt, Self::Confirmed, Self::Refused, Self::Absent, Self::Abandoned];

    /// The word in `effects.state`.
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

    /// The state with this word.
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
