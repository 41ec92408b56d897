//! A business: its own pages, its search, and the list of businesses in the API.

use super::{Audited, Call, Feature, Level, NavEntry, RightRule, ScopeRule, api, get, named, operation, page};
use crate::identity::Role;
use crate::permission::Needs::{Business, SignedIn};
use crate::permission::Right;

impl Right {
    /// Open a business. A platform role does not: reading its content requires impersonation.
    pub const BusinessRead: Self = Self::of(&RightRule {
        key: "business.read",
        words: "view client portals",
        level: Level::Business,
        roles: &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner, Role::TeamMember],
    });
    /// Change a business's own details.
    pub const BusinessEdit: Self = Self::of(&RightRule {
        key: "business.edit",
        words: "change a business's own details",
        level: Level::Business,
        roles: WHO_RUNS_IT,
    });
    /// Invite people to a business, and give its people roles.
    pub const BusinessInvite: Self = Self::of(&RightRule {
        key: "business.invite",
        words: "invite people to a business and give them roles",
        level: Level::Business,
        roles: WHO_RUNS_IT,
    });
    /// Check off the to-dos that are left to a business's own people.
    pub const BusinessTodos: Self = Self::of(&RightRule {
        key: "business.todos",
        words: "check off a business's own to-dos",
        level: Level::Business,
        roles: &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner, Role::TeamMember],
    });
}

/// Its owner, and the agency's people. Whoever invites an owner must have the owner's rights.
const WHO_RUNS_IT: &[Role] = &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner];

const fn entry(order: u16, label: &'static str, icon: &'static str, letter: &'static str) -> NavEntry {
    NavEntry { group: "", order, label, icon, letter: Some(letter), dock: true }
}

pub(super) const FEATURE: Feature = Feature {
    key: "business",
    rights: &[Right::BusinessRead, Right::BusinessEdit, Right::BusinessInvite, Right::BusinessTodos],
    pages: &[
        page("/b/{business}", Business(Right::BusinessRead)).in_nav(entry(10, "Home", "Home", "h")),
        page("/b/{business}/integrations", Business(Right::BusinessRead)).in_nav(entry(20, "Connections", "Plug", "n")),
        page("/b/{business}/find", Business(Right::BusinessRead)).part_of("/b/{business}"),
    ],
    operations: &[
        operation("find_in_business", Business(Right::BusinessRead), Audited::Never("reads"), &[("q", "bri")]),
        operation(
            "change_own_details",
            Business(Right::BusinessEdit),
            Audited::As("business.changed"),
            &[("email", "office@example.test"), ("phone", "+1 305 555 0100"), ("website", "https://example.test")],
        ),
        operation(
            "set_business_language",
            Business(Right::BusinessEdit),
            Audited::As("business.changed"),
            &[("language", "es")],
        ),
        operation(
            "invite_to_business",
            Business(Right::BusinessInvite),
            Audited::As("invite.made"),
            &[("colleague", "x@example.test"), ("role", "team_member")],
        )
        .confirmed("invite {colleague}"),
        operation(
            "withdraw_own_invite",
            Business(Right::BusinessInvite),
            Audited::As("invite.withdrawn"),
            &[("invite", "{id}")],
        ),
        operation(
            "set_colleague_role",
            Business(Right::BusinessInvite),
            Audited::As("member.role_changed"),
            &[("user", "{id}"), ("role", "team_member")],
        )
        .confirmed("change the role of this colleague"),
        operation(
            "set_own_todo_done",
            Business(Right::BusinessTodos),
            Audited::As("todo.done"),
            &[("todo", "{id}"), ("done", "true")],
        ),
    ],
    routes: &[
        get("/b/{business}/live", Business(Right::BusinessRead)),
        get("/integrations", SignedIn),
        api("/api/v1/businesses", "businesses", &[Call::list("List all businesses", "Businesses")]),
    ],
    scopes: &[ScopeRule { name: "businesses", label: "Read clients", right: Right::ClientsRead, of_business: true }],
    audit: &[
        named("business.added", "added the client {target} | added a client"),
        named(
            "business.changed",
            "changed the {fields} of {target} | changed the details of {target} | changed the details of a client",
        ),
        named("business.deleted", "moved {target} to the trash | moved a client to the trash"),
        named("business.erased", "erased {target} for good | erased a client for good"),
        named(
            "business.location",
            "linked {target} to its sub-account in HighLevel | linked a client to its sub-account in HighLevel",
        ),
        named("business.owner", "changed the owner of {target} | changed the owner of a client"),
        named("business.restored", "restored {target} from the trash | restored a client from the trash"),
        named(
            "business.status",
            "[status=paused] paused {target} | [status=active] resumed {target} | changed the status of {target} \
             | changed the status of a client",
        ),
    ],
    topics: &["business.changed"],
    ..Feature::EMPTY
};
