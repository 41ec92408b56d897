//! Reads the clock for pages and server functions; all other code takes `now` as an argument. Only `ui::time::now`
//! also reads the clock, for rendering.

use chrono::{DateTime, Utc};

/// The time of this request.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one clock of pages and server functions")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
