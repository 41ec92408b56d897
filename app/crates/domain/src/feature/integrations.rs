//! The connections of an agency and its clients with HighLevel, and their credentials.

use super::{
    AuditName, Audited, Feature, Level, MANAGERS, NavEntry, RightRule, STAFF_AND_SUPPORT, get, named, operation, page,
};
use crate::permission::Needs::{Agency, Proof};
use crate::permission::Right;

impl Right {
    /// See integrations and the reason for their state.
    pub const ConnectionsRead: Self = Self::of(&RightRule {
        key: "connections.read",
        words: "see connections",
        level: Level::Agency,
        roles: STAFF_AND_SUPPORT,
    });
    /// Connect and disconnect integrations, add and rotate credentials.
    pub const ConnectionsManage: Self = Self::of(&RightRule {
        key: "connections.manage",
        words: "connect, disconnect, add and rotate credentials",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "integrations",
    rights: &[Right::ConnectionsRead, Right::ConnectionsManage],
    pages: &[
        page("/a/{agency}/connections", Agency(Right::ConnectionsRead)).in_nav(NavEntry {
            group: "Provisioning",
            order: 50,
            label: "Connections",
            icon: "Plug",
            letter: Some("n"),
            dock: true,
        }),
        page("/a/{agency}/connections/calls", Agency(Right::ConnectionsRead)),
    ],
    operations: &[
        operation(
            "add_private_token",
            Agency(Right::ConnectionsManage),
            Audited::WithOutcome,
            &[("token", "pit-00000000-0000-4000-8000-000000000000")],
        )
        .confirmed("save the private integration token"),
        operation(
            "use_private_token",
            Agency(Right::ConnectionsManage),
            Audited::WithOutcome,
            &[("integration", "{id}"), ("reason", "The app is suspended")],
        )
        .confirmed("use the private integration token"),
        operation(
            "check_connection",
            Agency(Right::ConnectionsManage),
            Audited::WithOutcome,
            &[("integration", "{id}")],
        ),
        operation("disconnect", Agency(Right::ConnectionsManage), Audited::WithOutcome, &[("integration", "{id}")])
            .confirmed("disconnect this account"),
        operation("claim_install", Agency(Right::ConnectionsManage), Audited::WithOutcome, &[("install", "{id}")])
            .confirmed("connect this HighLevel account"),
    ],
    routes: &[
        get("/a/{agency}/connections/state", Agency(Right::ConnectionsRead)),
        get("/api/integrations/ghl/connect", Agency(Right::ConnectionsManage)),
        get("/api/integrations/ghl/callback", Proof),
    ],
    audit: AUDIT,
    topics: &["integration.changed"],
    ..Feature::EMPTY
};

const AUDIT: &[AuditName] = &[
    named("consent.begun", "Connecting begun"),
    named("credential.not_renewed", "Token could not be renewed"),
    named("credential.opened", "Credential opened"),
    named("credential.promoted", "Credential promoted"),
    named("credential.revoked", "Credential revoked"),
    named("credential.stored", "Credential stored"),
    named("install.arrived", "App installed from HighLevel"),
    named("install.claimed", "Install claimed"),
    named("install.ended", "Install ended"),
    named("integration.connect", "Connected"),
    named("integration.disconnect", "Disconnected"),
    named("integration.domain", "Integration domain"),
    named("integration.future_locations", "App in future locations noted"),
    named("integration.name", "Connection named"),
    named("integration.needs_reauth", "Connection ended, needs a person"),
    named("integration.pause", "Connection paused or resumed"),
    named("integration.remove", "Connection removed"),
    named("integration.scopes", "Permissions of the connection noted"),
    named("integration.suspended", "Paused by HighLevel"),
    named("integration.uninstall", "App removed at HighLevel"),
];
