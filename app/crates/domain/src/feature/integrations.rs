//! The connections of an agency and its clients with HighLevel, and their credentials.

use super::{
    Answers, ApiDoc, AuditName, Audited, BodyRule, Call, Feature, Level, MANAGERS, Method, NavEntry, RightRule,
    STAFF_AND_SUPPORT, ScopeRule, Takes, action, api, get, named, operation, page,
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
    actions: &[action(
        "/a/{agency}/connections",
        Agency(Right::ConnectionsManage),
        "Connect HighLevel",
        "reconnect integration install app",
        "Plug",
    )],
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
        api("/api/tenant/credentials", "credentials", &[HAND_OVER]),
    ],
    bodies: &[BodyRule { name: "NewTenantCredentials", sample: CREDENTIALS }],
    scopes: &[ScopeRule {
        name: "credentials",
        label: "Store HighLevel tokens of clients",
        right: Right::ConnectionsManage,
        of_business: false,
    }],
    audit: AUDIT,
    topics: &["integration.changed"],
};

const HAND_OVER: Call = Call {
    method: Method::Post,
    doc: Some(ApiDoc {
        summary: "Store or replace a client's HighLevel tokens",
        takes: Takes::Body("NewTenantCredentials"),
        answers: Answers::Json(201, "TenantCredentialsStored"),
        object: "client",
        conflict: "The client is archived",
    }),
};

const CREDENTIALS: &str = r#"{
  "tenantId": "{business}", "accessToken": "access-token-of-the-sub-account", "refreshToken": "its-refresh-token",
  "expiresIn": 86399, "scope": "contacts.readonly contacts.write", "locationId": "ve9EPM428h8vShlRW1KT"
}"#;

const AUDIT: &[AuditName] = &[
    named("consent.begun", "started connecting HighLevel"),
    named(
        "credential.carried_out",
        "opened HighLevel access of {target} for an export | opened HighLevel access for an export",
    )
    .by("Whoever runs the server"),
    named(
        "credential.exported",
        "[count=1] exported the HighLevel access of 1 client | exported the HighLevel access of {count} clients \
         | exported the HighLevel access of clients",
    )
    .or_failed("could not export the HighLevel access of all clients")
    .by("Whoever runs the server"),
    named("credential.not_renewed", "could not renew HighLevel access of {target} | could not renew HighLevel access"),
    named("credential.opened", "used HighLevel access of {target} | used HighLevel access")
        .routine()
        .or_failed("could not use HighLevel access of {target} | could not use HighLevel access"),
    named("credential.promoted", "switched to newer HighLevel access of {target} | switched to newer HighLevel access")
        .routine(),
    named("credential.revoked", "ended HighLevel access of {target} | ended HighLevel access").routine(),
    named("credential.stored", "stored HighLevel access of {target} | stored HighLevel access").routine(),
    named("install.arrived", "reported an app install in HighLevel"),
    named("install.claimed", "connected an app install from HighLevel"),
    named("install.ended", "reported that the app was removed in HighLevel"),
    named("integration.connect", "connected {target} | connected HighLevel"),
    named("integration.disconnect", "disconnected {target} | disconnected HighLevel"),
    named("integration.domain", "noted the HighLevel address of {target} | noted a HighLevel address").routine(),
    named("integration.future_locations", "noted whether new sub-accounts get the app").routine(),
    named("integration.name", "noted the name of {target} in HighLevel | noted the name of a connection").routine(),
    named("integration.needs_reauth", "lost access to {target} in HighLevel | lost access to HighLevel"),
    named(
        "integration.pause",
        "[paused=true] paused the connection to {target} | [paused=false] resumed the connection to {target} \
         | paused or resumed a connection",
    ),
    named("integration.remove", "removed the connection to {target} | removed a connection"),
    named("integration.scopes", "noted what HighLevel allows for {target} | noted what HighLevel allows").routine(),
    named("integration.suspended", "found {target} paused by HighLevel | found a connection paused by HighLevel"),
    named("integration.uninstall", "removed the app from {target} in HighLevel | removed the app in HighLevel")
        .or_failed("could not remove the app from {target} in HighLevel | could not remove the app in HighLevel"),
];
