//! The snapshots of an agency's HighLevel company.

use super::{
    Audited, Call, Feature, Level, MANAGERS, NavEntry, RightRule, ScopeRule, action, api, named, operation, page,
};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// Sync snapshots and switch them on or off.
    pub const SnapshotsManage: Self = Self::of(&RightRule {
        key: "snapshots.manage",
        words: "sync snapshots and switch them on or off",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "snapshots",
    rights: &[Right::SnapshotsManage],
    pages: &[page("/a/{agency}/snapshots", Agency(Right::ProvisionRead)).in_nav(NavEntry {
        group: "Provisioning",
        order: 40,
        label: "Snapshots",
        icon: "Snapshot",
        letter: Some("s"),
        dock: false,
    })],
    actions: &[action(
        "/a/{agency}/snapshots",
        Agency(Right::SnapshotsManage),
        "Sync snapshots",
        "read refresh highlevel templates",
        "Snapshot",
    )],
    operations: &[
        operation("sync_snapshots", Agency(Right::SnapshotsManage), Audited::As("snapshots.sync_asked"), &[]),
        operation(
            "set_snapshot_active",
            Agency(Right::SnapshotsManage),
            Audited::As("snapshot.offered"),
            &[("snapshot", "{id}"), ("active", "true")],
        ),
        operation(
            "describe_snapshot",
            Agency(Right::SnapshotsManage),
            Audited::As("snapshot.described"),
            &[("snapshot", "{id}"), ("niche", "Dental"), ("description", "For dentists")],
        ),
    ],
    routes: &[api("/api/v1/snapshots", "snapshots", &[Call::list("List all snapshots", "Snapshots")])],
    scopes: &[ScopeRule {
        name: "snapshots",
        label: "Read snapshots",
        right: Right::ProvisionRead,
        of_business: false,
    }],
    audit: &[
        named("snapshot.described", "edited the snapshot {target} | edited a snapshot"),
        named("snapshot.offered", "made the snapshot {target} available | made a snapshot available"),
        named("snapshot.withdrawn", "hid the snapshot {target} | hid a snapshot"),
        named("snapshots.sync_asked", "started syncing snapshots"),
        named("snapshots.sync_failed", "could not sync snapshots"),
        named("snapshots.synced", "synced snapshots").routine(),
    ],
    topics: &["snapshots.changed", "snapshots.synced"],
    ..Feature::EMPTY
};
