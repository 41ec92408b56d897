//! A business: its own pages, and the list of businesses in the API.

use super::{Call, Feature, Level, NavEntry, RightRule, ScopeRule, api, get, named, page};
use crate::identity::Role;
use crate::permission::Needs::{Business, SignedIn};
use crate::permission::Right;

impl Right {
    /// Open a business. A platform role does not: reading its content requires impersonation.
    pub const BusinessRead: Self = Self::of(&RightRule {
        key: "business.read",
        words: "open clients' own pages",
        level: Level::Business,
        roles: &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner, Role::TeamMember],
    });
}

const fn entry(order: u16, label: &'static str, icon: &'static str, letter: &'static str) -> NavEntry {
    NavEntry { group: "", order, label, icon, letter: Some(letter), dock: true }
}

pub(super) const FEATURE: Feature = Feature {
    key: "business",
    rights: &[Right::BusinessRead],
    pages: &[
        page("/b/{business}", Business(Right::BusinessRead)).in_nav(entry(10, "Home", "Home", "h")),
        page("/b/{business}/integrations", Business(Right::BusinessRead)).in_nav(entry(
            20,
            "Integrations",
            "Plug",
            "n",
        )),
    ],
    routes: &[
        get("/b/{business}/live", Business(Right::BusinessRead)),
        get("/integrations", SignedIn),
        api("/api/v1/businesses", "businesses", &[Call::list("List businesses", "Businesses")]),
    ],
    scopes: &[ScopeRule { name: "businesses", label: "Read businesses", right: Right::ClientsRead, of_business: true }],
    audit: &[
        named("business.added", "Business added"),
        named("business.changed", "Business changed"),
        named("business.deleted", "Business deleted"),
        named("business.erased", "Business erased"),
        named("business.location", "Business location"),
        named("business.owner", "Business owner"),
        named("business.restored", "Business restored"),
        named("business.status", "Business status"),
    ],
    topics: &["business.changed"],
    ..Feature::EMPTY
};
