//! Reads the clock. No other file of the app does; all other code takes `now` as an argument.

use chrono::{DateTime, Utc};

/// The time of this request.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one clock of pages and server functions")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
