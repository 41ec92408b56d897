//! What appeared in HighLevel that nobody wanted any more?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::JobId;

/// A location that carries the mark of a job and is not its own: it appeared after its write had been given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraLocation {
    /// The job.
    pub job: JobId,
    /// Its number inside the agency.
    pub number: i64,
    /// The client's name.
    pub client_name: String,
    /// HighLevel's id of the location.
    pub location: String,
    /// When it was first seen.
    pub seen_at: DateTime<Utc>,
}
