//! The roles that an agency makes itself.

use super::{Audited, Feature, named, operation, page};
use crate::permission::Needs::Agency;
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "roles",
    pages: &[page("/a/{agency}/team/roles", Agency(Right::TeamManage))],
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
        named("role.changed", "Role changed"),
        named("role.made", "Role made"),
        named("role.removed", "Role removed"),
    ],
    ..Feature::EMPTY
};
