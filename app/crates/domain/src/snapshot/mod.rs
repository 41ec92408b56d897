//! A snapshot: a HighLevel template as we read it. We never change one; we can only stop offering it.

pub mod sync;

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

/// What became of the jobs that used a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SnapshotUse {
    /// How many clients were created with it.
    pub succeeded: i64,
    /// How many of its jobs ended: done, failed or cancelled.
    pub ended: i64,
    /// How long half of the successful jobs took at most, in seconds; `None` if none succeeded.
    pub median_seconds: Option<f64>,
    /// When it was last chosen.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl SnapshotUse {
    /// Jobs that must have ended before a rate or a usual duration says anything.
    const ENOUGH: i64 = 5;

    /// The share of jobs that succeeded, in whole percent; `None` while too few ended. It is 100 only if none failed.
    #[must_use]
    pub fn success_percent(&self) -> Option<i64> {
        let most = if self.succeeded < self.ended { 99 } else { 100 };
        (self.ended >= Self::ENOUGH).then(|| ((self.succeeded * 100 + self.ended / 2) / self.ended).min(most))
    }

    /// How long a job usually takes, in seconds; `None` while too few succeeded.
    #[must_use]
    pub fn usual_seconds(&self) -> Option<f64> {
        self.median_seconds.filter(|_| self.succeeded >= Self::ENOUGH)
    }
}

#[cfg(test)]
mod tests {
    use super::SnapshotUse;

    #[test]
    fn a_few_jobs_say_nothing_about_the_next() {
        let mut used = SnapshotUse { succeeded: 4, ended: 4, median_seconds: Some(30.0), ..SnapshotUse::default() };
        assert_eq!((used.success_percent(), used.usual_seconds()), (None, None));
        used.ended = 6;
        assert_eq!((used.success_percent(), used.usual_seconds()), (Some(67), None));
        used.succeeded = 5;
        assert_eq!((used.success_percent(), used.usual_seconds()), (Some(83), Some(30.0)));
        (used.succeeded, used.ended) = (999, 1000);
        assert_eq!(used.success_percent(), Some(99), "one failed");
    }
}
