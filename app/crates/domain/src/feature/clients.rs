//! The clients of an agency, and the people who work for each of them.

use super::{Audited, Feature, Level, NavEntry, RightRule, STAFF_AND_SUPPORT, named, operation, page};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// See the businesses that the person has access to.
    pub const ClientsRead: Self = Self::of(&RightRule {
        key: "clients.read",
        words: "see clients",
        level: Level::Agency,
        roles: STAFF_AND_SUPPORT,
    });
}

/// A client and a person.
const CLIENT_AND_PERSON: &[(&str, &str)] = &[("business", "{business}"), ("user", "{id}")];

pub(super) const FEATURE: Feature = Feature {
    key: "clients",
    rights: &[Right::ClientsRead],
    pages: &[
        page("/a/{agency}/clients", Agency(Right::ClientsRead)).in_nav(NavEntry {
            group: "",
            order: 20,
            label: "Clients",
            icon: "Client",
            letter: Some("c"),
            dock: true,
        }),
        page("/a/{agency}/clients/{business}", Agency(Right::ClientsRead)),
    ],
    operations: &[
        operation("assign_client", Agency(Right::TeamManage), Audited::As("client.assigned"), CLIENT_AND_PERSON),
        operation("unassign_client", Agency(Right::TeamManage), Audited::As("client.unassigned"), CLIENT_AND_PERSON),
        operation(
            "invite_owner",
            Agency(Right::Provision),
            Audited::As("invite.made"),
            &[("business", "{business}"), ("email", "o@example.test")],
        ),
        operation(
            "withdraw_client_invite",
            Agency(Right::Provision),
            Audited::As("invite.withdrawn"),
            &[("business", "{business}"), ("invite", "{id}")],
        ),
        operation("remove_client_member", Agency(Right::TeamManage), Audited::As("member.removed"), CLIENT_AND_PERSON),
    ],
    audit: &[named("client.assigned", "Client given to"), named("client.unassigned", "Client taken from")],
    ..Feature::EMPTY
};
