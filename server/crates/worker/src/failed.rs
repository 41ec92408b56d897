//! Why a run of a background job failed, and whether it counts as an attempt.

use std::time::Duration;

/// Why a run of a background job failed.
#[derive(Debug)]
pub struct Failed {
    /// The cause in words, without secrets.
    pub cause: String,
    /// If set, the item only waits this long (unscaled), and the run does not count as an attempt.
    pub hold: Option<Duration>,
}

impl Failed {
    /// A failed run with this cause.
    #[must_use]
    pub fn new(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), hold: None }
    }

    /// The work could not start yet and is postponed by `wait`.
    #[must_use]
    pub fn held(cause: impl Into<String>, wait: Duration) -> Self {
        Self { cause: cause.into(), hold: Some(wait) }
    }
}

impl From<ghl::Error> for Failed {
    fn from(error: ghl::Error) -> Self {
        let wait = error.until().map(|until| (until - chrono::Utc::now()).to_std().unwrap_or_default());
        Self { cause: error.to_string(), hold: wait }
    }
}

impl From<meta::Error> for Failed {
    fn from(error: meta::Error) -> Self {
        let wait = error.until().map(|until| (until - chrono::Utc::now()).to_std().unwrap_or_default());
        Self { cause: error.to_string(), hold: wait }
    }
}

impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        Self::new(error.to_string())
    }
}
