//! A snapshot: a HighLevel template as we read it. We never change one; we can only stop offering it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::SnapshotId;

/// One template of the agency's HighLevel company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// Our id; jobs and the API use it.
    pub id: SnapshotId,
    /// HighLevel's id.
    pub ghl_snapshot_id: String,
    /// HighLevel's name.
    pub name: String,
    /// The kind of business it is for. This field is ours; HighLevel has none like it.
    pub niche: Option<String>,
    /// What the snapshot contains. This field is ours.
    pub description: Option<String>,
    /// Whether it is offered for new jobs. Existing jobs keep it either way.
    pub is_active: bool,
    /// HighLevel's `type`: `own` or `imported`; unknown values are kept.
    pub kind: Option<String>,
    /// When the last sync found it.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When a sync first found it.
    pub created_at: DateTime<Utc>,
}

/// A snapshot as HighLevel lists it, for the sync to store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenSnapshot {
    /// HighLevel's id.
    pub ghl_snapshot_id: String,
    /// HighLevel's name.
    pub name: String,
    /// HighLevel's `type`.
    pub kind: Option<String>,
}

/// The result of one sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// New rows.
    pub added: u32,
    /// Rows whose name or kind changed.
    pub changed: u32,
    /// Rows that HighLevel no longer lists. They are kept and no longer offered.
    pub gone: u32,
}

/// The id and name of a snapshot, as shown with a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SnapshotName {
    /// Our id.
    pub id: SnapshotId,
    /// Its name.
    pub name: String,
}
