//! The platform: its agencies, businesses, people and system, for whoever runs it.

use super::{
    AuditName, Audited, Feature, Level, NavEntry, OperationRule, PageRule, RightRule, get, named, operation, page,
};
use crate::identity::Role;
use crate::permission::Needs::Platform;
use crate::permission::Right;

impl Right {
    /// See the platform: agencies, businesses, people, health.
    pub const PlatformRead: Self = Self::of(&RightRule {
        key: "platform.read",
        words: "see the platform",
        level: Level::Platform,
        roles: &[Role::SuperAdmin, Role::Support],
    });
    /// Change the platform: create agencies, disable people, pause businesses.
    pub const PlatformManage: Self = Self::of(&RightRule {
        key: "platform.manage",
        words: "change the platform",
        level: Level::Platform,
        roles: &[Role::SuperAdmin],
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "platform",
    rights: &[Right::PlatformRead, Right::PlatformManage],
    pages: PAGES,
    operations: OPERATIONS,
    routes: &[get("/admin/live", Platform(Right::PlatformRead))],
    audit: AUDIT,
    ..Feature::EMPTY
};

const fn entry(
    group: &'static str,
    order: u16,
    label: &'static str,
    icon: &'static str,
    letter: &'static str,
) -> NavEntry {
    NavEntry { group, order, label, icon, letter: Some(letter), dock: group.is_empty() }
}

const PAGES: &[PageRule] = &[
    page("/admin", Platform(Right::PlatformRead)).in_nav(entry("", 10, "Overview", "Gauge", "h")),
    page("/admin/start", Platform(Right::PlatformRead)),
    page("/admin/find", Platform(Right::PlatformRead)),
    page("/admin/agencies", Platform(Right::PlatformRead)).in_nav(entry("", 20, "Agencies", "Globe", "a")),
    page("/admin/businesses", Platform(Right::PlatformRead)).in_nav(entry("", 30, "Businesses", "Client", "c")),
    page("/admin/people", Platform(Right::PlatformRead)).in_nav(entry("", 40, "People", "People", "p")),
    page("/admin/audit", Platform(Right::PlatformRead)).in_nav(entry("Safety", 50, "Audit log", "Audit", "l")),
    page("/admin/system", Platform(Right::PlatformRead)).in_nav(entry("Safety", 60, "System", "Server", "s")),
];

const OPERATIONS: &[OperationRule] = &[
    operation("find_platform", Platform(Right::PlatformRead), Audited::Never("reads"), &[("q", "bri")]),
    operation(
        "create_agency",
        Platform(Right::PlatformManage),
        Audited::As("agency.added"),
        &[("name", "X"), ("slug", "x-agency"), ("owner", "o@example.test")],
    )
    .confirmed("create the agency {name}"),
    operation("seed_demo", Platform(Right::PlatformManage), Audited::WithOutcome, &[]),
    operation("send_test_mail", Platform(Right::PlatformManage), Audited::Never("a mail to oneself"), &[]),
    operation(
        "set_agency_deleted",
        Platform(Right::PlatformManage),
        Audited::As("agency.restored"),
        &[("agency", "{agency}"), ("deleted", "false")],
    )
    .confirmed("delete or restore this agency"),
    operation(
        "restore_business",
        Platform(Right::PlatformManage),
        Audited::As("business.restored"),
        &[("agency", "{agency}"), ("business", "{business}")],
    )
    .confirmed("restore this client"),
    operation(
        "invite_to_agency",
        Platform(Right::PlatformManage),
        Audited::As("invite.made"),
        &[("agency", "{agency}"), ("owner", "o@example.test")],
    )
    .confirmed("invite {owner}"),
    operation(
        "set_business_status",
        Platform(Right::PlatformManage),
        Audited::As("business.status"),
        &[("agency", "{agency}"), ("business", "{business}"), ("status", "active")],
    )
    .confirmed("change the status of this client"),
    operation(
        "invite_to_platform",
        Platform(Right::PlatformManage),
        Audited::As("person.added"),
        &[("email", "o@example.test"), ("role", "support")],
    )
    .confirmed("invite {email}"),
    operation(
        "set_platform_role",
        Platform(Right::PlatformManage),
        Audited::As("person.platform_role"),
        &[("user", "{id}"), ("role", "support")],
    )
    .confirmed("change this person's role on the platform"),
    operation(
        "set_person_disabled",
        Platform(Right::PlatformManage),
        Audited::As("person.disabled"),
        &[("user", "{id}"), ("disabled", "true")],
    )
    .confirmed("change this person's access"),
    operation("end_sessions_of", Platform(Right::PlatformManage), Audited::As("sessions.ended"), &[("user", "{id}")])
        .confirmed("sign this person out everywhere"),
    operation("reset_second_factor", Platform(Right::PlatformManage), Audited::As("factor.reset"), &[("user", "{id}")])
        .confirmed("reset this person's two-factor authentication"),
    operation(
        "retry_given_up_work",
        Platform(Right::PlatformManage),
        Audited::As("work.retried"),
        &[("kind", "snapshots.sync")],
    )
    .confirmed("run this work again"),
    operation(
        "discard_given_up_work",
        Platform(Right::PlatformManage),
        Audited::As("work.discarded"),
        &[("kind", "snapshots.sync")],
    )
    .confirmed("discard this work"),
];

const AUDIT: &[AuditName] = &[
    named("agency.added", "Agency added"),
    named("agency.deleted", "Agency deleted"),
    named("agency.erased", "Agency erased"),
    named("agency.restored", "Agency restored"),
    named("agency.status", "Agency status"),
    named("agency.viewed", "Agency looked at by the platform"),
    named("demo.seeded", "Demo seeded"),
    named("person.added", "Person added"),
    named("person.disabled", "Person disabled"),
    named("person.enabled", "Person enabled"),
    named("person.platform_role", "Platform role changed"),
    named("platform.entered", "Platform entered"),
    named("vault.rotated", "Encryption key rotated"),
    named("work.discarded", "Background work discarded"),
    named("work.retried", "Background work run again"),
];
