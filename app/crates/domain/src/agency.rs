//! A company that manages clients, as lists and pages show it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::AgencyId;

/// An agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its name.
    pub name: String,
    /// How addresses name it.
    pub slug: String,
    /// `active`, `paused` or `deleted`.
    pub status: String,
    /// HighLevel's id of the company, once connected.
    pub ghl_agency_id: Option<String>,
    /// When its company token ends.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Since when it lies in the trash.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// An agency in the platform's list, with what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyLine {
    /// The agency.
    pub agency: Agency,
    /// Its businesses.
    pub businesses: i64,
    /// Its people.
    pub people: i64,
    /// Jobs that have not ended.
    pub open_jobs: i64,
}

/// The platform in a few figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformCounts {
    /// Agencies.
    pub agencies: i64,
    /// Businesses.
    pub businesses: i64,
    /// People who may sign in.
    pub people: i64,
    /// Jobs that have not ended.
    pub open_jobs: i64,
    /// Jobs that failed and wait for a person.
    pub failed_jobs: i64,
    /// Connections that need a person.
    pub broken_connections: i64,
}
