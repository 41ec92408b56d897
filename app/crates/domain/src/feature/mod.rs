//! The registry: what each feature declares about itself, once. The policy, the navigation, `Ctrl K`, the token form,
//! the names in the audit log, the description of the API and the tests over all endpoints read it.
//! A new feature is a file here and a line in `FEATURES`; `server/tests/whole/inventory.rs` names what else is missing.

#![expect(non_upper_case_globals, reason = "rights are written like the variants of an enum: Right::TeamManage")]

mod account;
mod agent_sign_in;
mod assistant;
mod audit;
mod audit_name;
mod business;
mod channels;
mod clients;
mod drafts;
mod home;
mod imports;
mod inbox;
mod incoming_events;
mod integrations;
mod notifications;
mod phone_routes;
mod platform;
mod presets;
mod provisioning;
mod roles;
mod route;
mod saved_views;
mod server;
mod settings;
mod snapshots;
mod team;
mod todos;
mod tokens;
mod tool_servers;
mod tools;
mod usage;
mod webchat;
mod webhooks;

pub use self::audit_name::{AuditName, named};
pub use self::route::{Answers, ApiDoc, BodyRule, Call, Method, RouteRule, Takes, api, get, get_and_post, post};
use crate::identity::Role;
use crate::permission::{Needs, Right};

/// Every feature. The order is that of the rights on the form of a role, and of the scopes on the form of a token.
pub const FEATURES: &[&Feature] = &[
    &account::FEATURE,
    &platform::FEATURE,
    &home::FEATURE,
    &clients::FEATURE,
    &imports::FEATURE,
    &provisioning::FEATURE,
    &presets::FEATURE,
    &drafts::FEATURE,
    &todos::FEATURE,
    &snapshots::FEATURE,
    &integrations::FEATURE,
    &phone_routes::FEATURE,
    &team::FEATURE,
    &roles::FEATURE,
    &tokens::FEATURE,
    &webhooks::FEATURE,
    &incoming_events::FEATURE,
    &audit::FEATURE,
    &settings::FEATURE,
    &notifications::FEATURE,
    &saved_views::FEATURE,
    &business::FEATURE,
    &inbox::FEATURE,
    &channels::FEATURE,
    &webchat::FEATURE,
    &assistant::FEATURE,
    &tools::FEATURE,
    &agent_sign_in::FEATURE,
    &tool_servers::FEATURE,
    &usage::FEATURE,
    &server::FEATURE,
];

/// Everything that one feature adds to the product.
pub struct Feature {
    /// Its name, which is the name of its file in this folder.
    pub key: &'static str,
    /// The rights it introduces. Each one also needs rows in a migration (`permissions`, `role_permissions`).
    pub rights: &'static [Right],
    /// Its pages. Each one also needs a route in `app/src/root.rs`.
    pub pages: &'static [PageRule],
    /// What `Ctrl K` offers to do on its pages, beside the shortcuts of the pages themselves.
    pub actions: &'static [ActionRule],
    /// Its server functions, by the `endpoint` of `#[server]`.
    pub operations: &'static [OperationRule],
    /// Its routes that are neither pages nor server functions. Each one is mounted in `server/src/http/routes.rs`.
    pub routes: &'static [RouteRule],
    /// The bodies that its routes of the API take.
    pub bodies: &'static [BodyRule],
    /// The scopes that it offers to API tokens.
    pub scopes: &'static [ScopeRule],
    /// The actions that it writes to the audit log.
    pub audit: &'static [AuditName],
    /// The topics of the events that it writes to the outbox and that its live pages name.
    pub topics: &'static [&'static str],
}

impl Feature {
    /// A feature without anything; a declaration names only what it has and takes the rest from here.
    pub const EMPTY: Self = Self {
        key: "",
        rights: &[],
        pages: &[],
        actions: &[],
        operations: &[],
        routes: &[],
        bodies: &[],
        scopes: &[],
        audit: &[],
        topics: &[],
    };
}

/// The level at which a right is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The whole platform. No role of an agency can have it.
    Platform,
    /// One agency.
    Agency,
    /// One business.
    Business,
}

impl Level {
    /// The value in `permissions.scope`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Agency => "agency",
            Self::Business => "business",
        }
    }
}

/// What is known of a right.
#[derive(Debug, PartialEq, Eq)]
pub struct RightRule {
    /// The key of its row (`permissions.key`). One that changes nothing ends in `.read`.
    pub key: &'static str,
    /// What it lets a person do, as the end of a sentence.
    pub words: &'static str,
    /// The level at which it is held.
    pub level: Level,
    /// The built-in roles that have it.
    pub roles: &'static [Role],
}

/// Whoever runs an agency.
pub const MANAGERS: &[Role] = &[Role::SuperAdmin, Role::AgencyOwner, Role::AgencyAdmin];
/// Whoever runs an agency, and support, which only reads.
pub const MANAGERS_AND_SUPPORT: &[Role] = &[Role::SuperAdmin, Role::Support, Role::AgencyOwner, Role::AgencyAdmin];
/// Everybody who works in an agency.
pub const STAFF: &[Role] = &[Role::SuperAdmin, Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff];
/// Everybody who works in an agency, and support, which only reads.
pub const STAFF_AND_SUPPORT: &[Role] =
    &[Role::SuperAdmin, Role::Support, Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff];

/// A page.
pub struct PageRule {
    /// Its address, with `{name}` for variable parts.
    pub path: &'static str,
    /// What it requires.
    pub needs: Needs,
    /// Its entry in the sidebar of its area, if it has one.
    pub nav: Option<NavEntry>,
    /// The page whose entry is the current one while this page is shown, if its address does not lie under that one.
    pub belongs_to: Option<&'static str>,
    /// What `Ctrl K` offers to do with it, if anything.
    pub shortcut: Option<Shortcut>,
}

/// A page without an entry in the sidebar.
#[must_use]
pub const fn page(path: &'static str, needs: Needs) -> PageRule {
    PageRule { path, needs, nav: None, belongs_to: None, shortcut: None }
}

impl PageRule {
    /// The page with this entry in the sidebar.
    #[must_use]
    pub const fn in_nav(mut self, entry: NavEntry) -> Self {
        self.nav = Some(entry);
        self
    }

    /// The page as one that belongs to the entry of another page, which has this address.
    #[must_use]
    pub const fn part_of(mut self, path: &'static str) -> Self {
        self.belongs_to = Some(path);
        self
    }

    /// The page as something that `Ctrl K` offers to do.
    #[must_use]
    pub const fn as_shortcut(mut self, shortcut: Shortcut) -> Self {
        self.shortcut = Some(shortcut);
        self
    }
}

/// An entry of a sidebar. The area follows from the page's address.
#[derive(Clone, Copy, Debug)]
pub struct NavEntry {
    /// Heading of its group; empty for the first entries of an area, which have none.
    pub group: &'static str,
    /// Its place among the entries of the area, ascending. The entries of a group follow each other.
    pub order: u16,
    /// What it is called.
    pub label: &'static str,
    /// Name of its icon (`kit::Glyph`).
    pub icon: &'static str,
    /// The letter that opens it after `g`, if it has one.
    pub letter: Option<&'static str>,
    /// Whether the bottom bar on phones shows it.
    pub dock: bool,
}

/// Something that `Ctrl K` offers to do on a page that does more than that.
pub struct ActionRule {
    /// The page and the place on it, with `{name}` for variable parts: `/a/{agency}/snapshots#sync`.
    pub path: &'static str,
    /// What it requires.
    pub needs: Needs,
    /// Its words and its icon.
    pub shortcut: Shortcut,
}

/// Something that `Ctrl K` offers to do.
#[must_use]
pub const fn action(
    path: &'static str,
    needs: Needs,
    label: &'static str,
    words: &'static str,
    icon: &'static str,
) -> ActionRule {
    ActionRule { path, needs, shortcut: Shortcut { label, words, icon } }
}

/// Something that `Ctrl K` offers to do, beside the pages of the sidebar.
#[derive(Clone, Copy, Debug)]
pub struct Shortcut {
    /// What it is called.
    pub label: &'static str,
    /// Further words by which it is found.
    pub words: &'static str,
    /// Name of its icon (`kit::Glyph`).
    pub icon: &'static str,
}

/// A server function.
pub struct OperationRule {
    /// The `endpoint` of `#[server]`.
    pub name: &'static str,
    /// What it requires. For an agency or a business the form names it in the field `agency` or `business`.
    pub needs: Needs,
    /// What a success leaves in the audit log.
    pub audited: Audited,
    /// The fields of a valid form, without the one that names the tenant. `{agency}`, `{business}` and `{job}` stand
    /// for those of the test, `{id}` for an id that does not exist.
    pub sample: &'static [(&'static str, &'static str)],
    /// Set if it requires a fresh proof of identity: what is confirmed by it, as the end of "to …". `{name}` stands for
    /// the form's field of that name.
    pub confirmed: Option<&'static str>,
}

impl OperationRule {
    /// Requires a fresh proof of identity, and names what is confirmed by it, as the end of "to …".
    #[must_use]
    pub const fn confirmed(self, words: &'static str) -> Self {
        Self { confirmed: Some(words), ..self }
    }
}

/// A server function.
#[must_use]
pub const fn operation(
    name: &'static str,
    needs: Needs,
    audited: Audited,
    sample: &'static [(&'static str, &'static str)],
) -> OperationRule {
    OperationRule { name, needs, audited, sample, confirmed: None }
}

/// What a server function leaves in the audit log when it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audited {
    /// One row with this action. If the sample alone does not succeed, `server/tests/whole/happy_paths/` says what
    /// does.
    As(&'static str),
    /// A row when the answer of the outside service is known.
    WithOutcome,
    /// No row, because it changes nobody's data: why.
    Never(&'static str),
}

/// A scope of API tokens.
pub struct ScopeRule {
    /// Its name, which the form of a token uses for the checkbox.
    pub name: &'static str,
    /// What it lets a program do.
    pub label: &'static str,
    /// The right that whoever creates the token must have.
    pub right: Right,
    /// Whether a token that is bound to one business may have it. What it opens then shows that business alone.
    pub of_business: bool,
}

/// Every action in the audit log.
pub fn audit_names() -> impl Iterator<Item = &'static AuditName> {
    FEATURES.iter().flat_map(|feature| feature.audit)
}

/// Everything that `Ctrl K` offers to do on pages that do more than that.
pub fn actions() -> impl Iterator<Item = &'static ActionRule> {
    FEATURES.iter().flat_map(|feature| feature.actions)
}

/// What a feature declares of the action, if one does.
#[must_use]
pub fn audit_name(action: &str) -> Option<&'static AuditName> {
    audit_names().find(|one| one.action == action)
}

/// Every scope of API tokens.
pub fn scopes() -> impl Iterator<Item = &'static ScopeRule> {
    FEATURES.iter().flat_map(|feature| feature.scopes)
}

/// Every type of body that routes of the API take.
pub fn bodies() -> impl Iterator<Item = &'static BodyRule> {
    FEATURES.iter().flat_map(|feature| feature.bodies)
}

/// Every page.
pub fn pages() -> impl Iterator<Item = &'static PageRule> {
    FEATURES.iter().flat_map(|feature| feature.pages)
}

/// Every server function.
pub fn operations() -> impl Iterator<Item = &'static OperationRule> {
    FEATURES.iter().flat_map(|feature| feature.operations)
}

/// The server function of this name.
#[must_use]
pub fn operation_named(name: &str) -> Option<&'static OperationRule> {
    operations().find(|operation| operation.name == name)
}

/// Every route.
pub fn routes() -> impl Iterator<Item = &'static RouteRule> {
    FEATURES.iter().flat_map(|feature| feature.routes)
}

#[cfg(test)]
mod tests;
