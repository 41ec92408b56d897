//! What is recorded while a job runs, as people read it: the lines of its log and the calls it made.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Step, StepStatus};

/// The importance of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Details for troubleshooting.
    Debug,
    /// Normal progress.
    Info,
    /// Something that deserves attention.
    Warn,
    /// Something failed.
    Error,
}

impl LogLevel {
    /// The value in `provisioning_logs.level`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The level with this key; unknown keys become `Info`.
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
    /// Its id, used as the anchor of a link to it.
    pub id: uuid::Uuid,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The step it belongs to; `None` for lines about the job itself.
    pub step: Option<Step>,
    /// Set if the line records that the step changed to this state.
    pub status: Option<StepStatus>,
    /// Its importance.
    pub level: LogLevel,
    /// Number of the job's claim under which it was written.
    pub attempt: i32,
    /// The text.
    pub message: String,
    /// Details, with secrets masked.
    pub details: Option<Value>,
}

/// An outbound call of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallLine {
    /// When the call was made.
    pub at: DateTime<Utc>,
    /// HTTP method.
    pub method: String,
    /// Path template, without ids.
    pub endpoint: String,
    /// HTTP status; `None` if there was no response.
    pub status: Option<i32>,
    /// How the call ended: `ok`, `refused`, `unclear` ….
    pub outcome: String,
    /// Duration in milliseconds.
    pub ms: i32,
    /// The provider's request id.
    pub request_id: Option<String>,
    /// Calls left in the rate-limit window.
    pub quota_left: Option<i32>,
}
