//! Why did a call of a third-party tool give no result?

use std::time::Duration;

/// What a caller is told, in plain words. None of it holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The process could not be started, or what it answered first was not understood.
    #[error("The tool server could not be started: {0}.")]
    NotStarted(String),
    /// It ended several times in a row and is left alone for a while.
    #[error("The tool server ended too often and is started again in {} seconds.", .retry_after.as_secs().max(1))]
    BackingOff {
        /// How long until a call starts it again.
        retry_after: Duration,
    },
    /// As many processes run as may, and all are in use.
    #[error("Too many tool servers are in use. Try again in a few seconds.")]
    Busy,
    /// No answer came in time.
    #[error("The tool server did not answer in time.")]
    TimedOut,
    /// The process ended before it answered. What the call did is unknown.
    #[error("The tool server ended before it answered.")]
    Ended,
    /// The answer was longer than answers may be.
    #[error("The tool server answered with more than {limit} bytes.")]
    TooLarge {
        /// The longest answer in bytes.
        limit: usize,
    },
    /// The answer was none that the protocol knows.
    #[error("The tool server's answer was not understood.")]
    Malformed,
    /// The server refused the call.
    #[error("The tool server refused the call: {message}")]
    Refused {
        /// The JSON-RPC code.
        code: i64,
        /// What it said, shortened.
        message: String,
    },
}

impl CallError {
    /// A short name for figures.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::NotStarted(_) => "not_started",
            Self::BackingOff { .. } => "backing_off",
            Self::Busy => "busy",
            Self::TimedOut => "timed_out",
            Self::Ended => "ended",
            Self::TooLarge { .. } => "too_large",
            Self::Malformed => "malformed",
            Self::Refused { .. } => "refused",
        }
    }
}
