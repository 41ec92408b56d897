//! What is certain about a call that got no usable response.

use chrono::{DateTime, Utc};

/// No usable response, and what is certain about the call.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// Certainly not executed: for example, the connection was never established, or the host is not one of ours.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Not sent: no rate-limit slot is free before this time.
    #[error("not sent: no place in the rate limit before {until}")]
    NoSlot {
        /// When to try again.
        until: DateTime<Utc>,
        /// True if the daily limit is used up.
        daily: bool,
    },
    /// Not sent: too many calls for this agency failed, so its circuit breaker is open.
    #[error("not sent: {why}, so it is left alone for a moment")]
    Held {
        /// When to try again.
        until: DateTime<Utc>,
        /// How many calls failed, in words.
        why: String,
    },
    /// Sent and perhaps executed: check before you repeat it.
    #[error("unclear: {0}")]
    Unclear(String),
}

/// The deepest cause of the error, without the URL, which may contain ids or a code.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let deepest = std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error);
    crate::redact(&deepest.to_string())
}
