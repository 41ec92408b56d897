//! What is a snapshot: HighLevel's template as we read it. We never change one, we only stop offering it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::SnapshotId;

/// One template of the agency's HighLevel company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Our id, the one jobs and the API use.
    pub id: SnapshotId,
    /// HighLevel's id.
    pub ghl_snapshot_id: String,
    /// HighLevel's name.
    pub name: String,
    /// What kind of client it is for; ours, HighLevel has no such field.
    pub niche: Option<String>,
    /// What is in it; ours.
    pub description: Option<String>,
    /// Whether it is offered for new jobs; old jobs keep it either way.
    pub is_active: bool,
    /// HighLevel's `type`: `own` or `imported`, unknown words kept.
    pub kind: Option<String>,
    /// When the last sync saw it.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When we first saw it.
    pub created_at: DateTime<Utc>,
}

/// A snapshot as HighLevel lists it, to be stored by the sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenSnapshot {
    /// HighLevel's id.
    pub ghl_snapshot_id: String,
    /// HighLevel's name.
    pub name: String,
    /// HighLevel's `type`.
    pub kind: Option<String>,
}

/// What one sync of the list did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// Rows that are new to us.
    pub added: u32,
    /// Rows whose name or kind changed.
    pub changed: u32,
    /// Rows HighLevel no longer lists; they are kept and no longer offered.
    pub gone: u32,
}

/// A snapshot named in passing, as on a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotName {
    /// Our id.
    pub id: SnapshotId,
    /// Its name.
    pub name: String,
}
