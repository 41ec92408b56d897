//! How much began in a week: jobs and businesses, for the chart on an agency's home.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What began in one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// Its Monday.
    pub start: NaiveDate,
    /// Number of jobs that were accepted.
    pub jobs: i64,
    /// Number of businesses that were added and still exist.
    pub clients: i64,
}
