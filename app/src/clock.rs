//! What time is it: the one place of the app that reads the clock, so that all else takes `now` as a value.

use chrono::{DateTime, Utc};

/// The time of this request.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one clock of pages and server functions")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
