//! The roles that an agency makes itself.

use super::{Audited, Feature, action, named, operation, page};
use crate::permission::Needs::Agency;
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "roles",
    pages: &[page("/a/{agency}/team/roles", Agency(Right::TeamManage))],
    actions: &[action(
        "/a/{agency}/team/roles",
        Agency(Right::TeamManage),
        "Create role",
        "new permissions rights make",
        "People",
    )],
    operations: &[
        operation(
            "make_role",
            Agency(Right::TeamManage),
            Audited::As("role.made"),
            &[("name", "X"), ("rights[]", "clients.read")],
        )
        .confirmed("create the role {name}"),
        operation(
            "change_role",
            Agency(Right::TeamManage),
            Audited::As("role.changed"),
            &[("role", "{id}"), ("name", "X"), ("rights[]", "clients.read")],
        )
        .confirmed("change the role {name}"),
        operation("remove_role", Agency(Right::TeamManage), Audited::As("role.removed"), &[("role", "{id}")])
            .confirmed("remove this role"),
    ],
    audit: &[
        named("role.changed", "changed the role {target} | changed a role"),
        named("role.made", "created the role {target} | created a role"),
        named("role.removed", "deleted the role {target} | deleted a role"),
    ],
    ..Feature::EMPTY
};
