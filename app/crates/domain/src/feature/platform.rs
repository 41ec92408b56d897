//! The platform: its agencies, businesses, people and system, for whoever runs it.

use super::{
    ActionRule, AuditName, Audited, Feature, Level, NavEntry, OperationRule, PageRule, RightRule, action, get, named,
    operation, page,
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
    actions: ACTIONS,
    operations: OPERATIONS,
    routes: &[
        get("/admin/live", Platform(Right::PlatformRead)),
        get("/api/integrations/ghl/try", Platform(Right::PlatformRead)),
    ],
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
    page("/admin/agencies/{agency}", Platform(Right::PlatformRead)),
    page("/admin/businesses", Platform(Right::PlatformRead)).in_nav(entry("", 30, "Businesses", "Client", "c")),
    page("/admin/businesses/{business}", Platform(Right::PlatformRead)),
    page("/admin/people", Platform(Right::PlatformRead)).in_nav(entry("", 40, "People", "People", "p")),
    page("/admin/people/{user}", Platform(Right::PlatformRead)),
    page("/admin/audit", Platform(Right::PlatformRead)).in_nav(entry("Operations", 50, "Audit log", "Audit", "l")),
    page("/admin/system", Platform(Right::PlatformRead)).in_nav(entry("Operations", 60, "System", "Server", "s")),
];

const ACTIONS: &[ActionRule] = &[
    action(
        "/admin/agencies#field-name",
        Platform(Right::PlatformManage),
        "New agency",
        "create add customer tenant",
        "Globe",
    ),
    action(
        "/admin/people#field-email",
        Platform(Right::PlatformManage),
        "Invite to the platform",
        "add super admin support person",
        "People",
    ),
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
        "set_agency_status",
        Platform(Right::PlatformManage),
        Audited::As("agency.status"),
        &[("agency", "{agency}"), ("status", "active")],
    )
    .confirmed("pause or resume this agency"),
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
    named("agency.added", "added the agency {target} | added an agency"),
    named("agency.deleted", "moved the agency {target} to the trash | moved an agency to the trash"),
    named("agency.erased", "erased the agency {target} for good | erased an agency for good"),
    named("agency.restored", "restored the agency {target} from the trash | restored an agency from the trash"),
    named(
        "agency.status",
        "[status=paused] paused the agency {target} | [status=active] resumed the agency {target} \
         | changed the status of an agency",
    ),
    named("agency.viewed", "looked at the agency {target} | looked at an agency"),
    named("demo.seeded", "set up the demo"),
    named("person.added", "added {target} | added an account"),
    named("person.disabled", "blocked {target} | blocked an account"),
    named("person.enabled", "unblocked {target} | unblocked an account"),
    named(
        "person.platform_role",
        "gave {target} the platform role {role} | changed the platform role of {target} | changed a platform role",
    ),
    named("platform.entered", "opened admin").routine(),
    named("vault.rotated", "changed the encryption key"),
    named("work.discarded", "discarded a background task"),
    named("work.retried", "retried a background task"),
];
