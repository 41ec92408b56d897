//! A location that appeared in HighLevel after its job had given up creating it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::JobId;

/// A location that has a job's marker but is not the job's own: it appeared after its write had been given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExtraLocation {
    /// The job.
    pub job: JobId,
    /// The job's number inside the agency.
    pub number: i64,
    /// The name of the business.
    pub client_name: String,
    /// HighLevel's id of the location.
    pub location: String,
    /// When it was first seen.
    pub seen_at: DateTime<Utc>,
}
