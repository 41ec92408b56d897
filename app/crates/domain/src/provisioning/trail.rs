//! What is written down while a job runs, as a person reads it: lines of its log, and the calls it made.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Step, StepStatus};

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For whoever looks closely.
    Debug,
    /// The course of things.
    Info,
    /// Worth a look.
    Warn,
    /// Something failed.
    Error,
}

impl LogLevel {
    /// The word in `provisioning_logs.level`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The level with this word; unknown words are `info`.
    #[must_use]
    pub fn parse(key: &str) -> Self {
        match key {
            "debug" => Self::Debug,
            "warn" => Self::Warn,
            "error" => Self::Error,
            _ => Self::Info,
        }
    }
}

/// A line of a job's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// Its id, the anchor of a link to it.
    pub id: uuid::Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The step it belongs to; absent for lines about the job itself.
    pub step: Option<Step>,
    /// Set on the edges of a step.
    pub status: Option<StepStatus>,
    /// How much it matters.
    pub level: LogLevel,
    /// The job's claim it was written under.
    pub attempt: i32,
    /// The text.
    pub message: String,
    /// Details, redacted.
    pub details: Option<Value>,
}

/// An outbound call of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Method.
    pub method: String,
    /// Path pattern, without ids of people.
    pub endpoint: String,
    /// Status, if an answer came.
    pub status: Option<i32>,
    /// What became of it: `ok`, `refused`, `unclear` ….
    pub outcome: String,
    /// How long it took.
    pub ms: i32,
    /// The provider's request id.
    pub request_id: Option<String>,
    /// Calls left in the window.
    pub quota_left: Option<i32>,
}
