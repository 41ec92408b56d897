//! The snapshots of an agency's HighLevel company.

use super::{Audited, Call, Feature, Level, MANAGERS, NavEntry, RightRule, ScopeRule, api, named, operation, page};
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
    routes: &[api("/api/v1/snapshots", "snapshots", &[Call::list("List snapshots", "Snapshots")])],
    scopes: &[ScopeRule {
        name: "snapshots",
        label: "Read snapshots",
        right: Right::ProvisionRead,
        of_business: false,
    }],
    audit: &[
        named("snapshot.described", "Snapshot described"),
        named("snapshot.offered", "Snapshot offered"),
        named("snapshot.withdrawn", "Snapshot withdrawn"),
        named("snapshots.sync_asked", "Snapshots sync asked"),
        named("snapshots.sync_failed", "Snapshots not synced"),
        named("snapshots.synced", "Snapshots synced"),
    ],
    topics: &["snapshots.changed", "snapshots.synced"],
    ..Feature::EMPTY
};
