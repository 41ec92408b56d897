//! The policy: which right each endpoint requires, and which role has which right.
//! An endpoint without a rule is refused at run time, and the inventory test fails.

use serde::{Deserialize, Serialize};

use crate::identity::Role;

/// A permission that a role grants or does not grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Right {
    /// See the platform: agencies, businesses, people, health.
    PlatformRead,
    /// Change the platform: create agencies, disable people, pause businesses.
    PlatformManage,
    /// Open an agency's own pages.
    AgencyRead,
    /// See the businesses that the person has access to.
    ClientsRead,
    /// See jobs and snapshots.
    ProvisionRead,
    /// Start, retry, resume, cancel and undo jobs.
    Provision,
    /// Sync snapshots and switch them on or off.
    SnapshotsManage,
    /// See integrations and the reason for their state.
    ConnectionsRead,
    /// Connect and disconnect integrations, add and rotate credentials.
    ConnectionsManage,
    /// See the people of an agency.
    TeamRead,
    /// Invite and remove people of an agency.
    TeamManage,
    /// Create and revoke API tokens.
    TokensManage,
    /// Read an agency's audit log.
    AuditRead,
    /// Change the agency's name and settings.
    AgencyManage,
    /// Open a business.
    BusinessRead,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 15] = [
        Self::PlatformRead,
        Self::PlatformManage,
        Self::AgencyRead,
        Self::ClientsRead,
        Self::ProvisionRead,
        Self::Provision,
        Self::SnapshotsManage,
        Self::ConnectionsRead,
        Self::ConnectionsManage,
        Self::TeamRead,
        Self::TeamManage,
        Self::TokensManage,
        Self::AuditRead,
        Self::AgencyManage,
        Self::BusinessRead,
    ];

    /// The key of the right's row (`permissions.key`).
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PlatformRead => "platform.read",
            Self::PlatformManage => "platform.manage",
            Self::AgencyRead => "agency.read",
            Self::ClientsRead => "clients.read",
            Self::ProvisionRead => "provision.read",
            Self::Provision => "provision",
            Self::SnapshotsManage => "snapshots.manage",
            Self::ConnectionsRead => "connections.read",
            Self::ConnectionsManage => "connections.manage",
            Self::TeamRead => "team.read",
            Self::TeamManage => "team.manage",
            Self::TokensManage => "tokens.manage",
            Self::AuditRead => "audit.read",
            Self::AgencyManage => "agency.manage",
            Self::BusinessRead => "business.read",
        }
    }

    /// The right with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.key() == key)
    }

    /// The text shown to a person who grants this right.
    #[must_use]
    pub fn label(self) -> String {
        let mut letters = self.words().chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }

    /// Whether an agency may add it to a custom role: true for every right except the platform's.
    #[must_use]
    pub const fn is_agency_right(self) -> bool {
        !matches!(self, Self::PlatformRead | Self::PlatformManage)
    }

    /// What the right lets a person do, as the end of a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::PlatformRead => "see the platform",
            Self::PlatformManage => "change the platform",
            Self::AgencyRead => "open the agency's home",
            Self::ClientsRead => "see clients",
            Self::ProvisionRead => "see jobs and snapshots",
            Self::Provision => "start, repair and cancel jobs",
            Self::SnapshotsManage => "sync snapshots and switch them on or off",
            Self::ConnectionsRead => "see connections",
            Self::ConnectionsManage => "connect, disconnect, add and rotate credentials",
            Self::TeamRead => "see the team",
            Self::TeamManage => "invite and remove people, give them roles",
            Self::TokensManage => "make and revoke API tokens",
            Self::AuditRead => "read the audit log",
            Self::AgencyManage => "change the agency's settings",
            Self::BusinessRead => "open clients' own pages",
        }
    }

    /// Who can grant this right to a person, in words.
    #[must_use]
    pub const fn granted_by(self) -> &'static str {
        match self {
            Self::PlatformRead | Self::PlatformManage => "a super admin",
            Self::BusinessRead => "the owner of the business",
            _ => "an agency owner or agency admin",
        }
    }
}

/// Whether a role grants a right wherever the person has that role.
#[must_use]
pub const fn allows(role: Role, right: Right) -> bool {
    use Right as A;
    match role {
        // A platform role opens no business: reading its content requires impersonation.
        Role::SuperAdmin => !matches!(right, A::BusinessRead),
        Role::Support => matches!(
            right,
            A::PlatformRead
                | A::AgencyRead
                | A::ClientsRead
                | A::ProvisionRead
                | A::ConnectionsRead
                | A::TeamRead
                | A::AuditRead
        ),
        Role::AgencyOwner | Role::AgencyAdmin => !matches!(right, A::PlatformRead | A::PlatformManage),
        Role::AgencyStaff => matches!(
            right,
            A::AgencyRead | A::ClientsRead | A::ProvisionRead | A::Provision | A::ConnectionsRead | A::BusinessRead
        ),
        Role::BusinessOwner | Role::TeamMember => matches!(right, A::BusinessRead),
    }
}

/// The kind of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndpointKind {
    /// A page: a `GET` that returns HTML.
    Page,
    /// A server function: a `POST` under `/do/`.
    ServerFunction,
    /// A route that is neither a page nor a server function.
    Route,
}

/// What an endpoint requires of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: the endpoint is public.
    Nothing,
    /// A signed-in person with any role; the endpoint shows only their own data.
    SignedIn,
    /// A platform role with this right.
    Platform(Right),
    /// This right in the agency that the request names.
    Agency(Right),
    /// This right in the business that the request names.
    Business(Right),
    /// A bearer token with this scope.
    Token(&'static str),
    /// Proof in the request itself: a one-time link, an OAuth state, a signature or the metrics token.
    Proof,
}

/// One rule of the policy.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The kind of endpoint.
    pub kind: EndpointKind,
    /// Path with `{name}` for variable parts; for a server function its name.
    pub path: &'static str,
    /// What the endpoint requires.
    pub needs: Needs,
}

const fn page(path: &'static str, needs: Needs) -> Rule {
    Rule { kind: EndpointKind::Page, path, needs }
}

const fn server_function(path: &'static str, needs: Needs) -> Rule {
    Rule { kind: EndpointKind::ServerFunction, path, needs }
}

const fn route(path: &'static str, needs: Needs) -> Rule {
    Rule { kind: EndpointKind::Route, path, needs }
}

use Needs::{Agency, Business, Nothing, Platform, Proof, SignedIn, Token};
use Right as A;

/// The policy: every page, server function, route and stream of the product.
pub const POLICY: &[Rule] = &[
    // Signing in.
    page("/login", Nothing),
    page("/login/code", Nothing),
    page("/setup", Nothing),
    page("/forgot", Nothing),
    page("/password/{token}", Proof),
    page("/invite/{token}", Proof),
    page("/answer/{token}", Proof),
    server_function("sign_in", Nothing),
    server_function("confirm_code", Nothing),
    server_function("request_reset", Nothing),
    server_function("set_password", Proof),
    server_function("accept_invite", Proof),
    server_function("answer_question", Proof),
    server_function("set_theme", Nothing),
    // A person's own pages.
    page("/me", SignedIn),
    page("/me/second-factor", SignedIn),
    page("/me/confirm", SignedIn),
    server_function("sign_out", Nothing),
    server_function("sign_out_everywhere", SignedIn),
    server_function("end_session", SignedIn),
    server_function("change_password", SignedIn),
    server_function("begin_second_factor", SignedIn),
    server_function("confirm_second_factor", SignedIn),
    server_function("confirm_identity", SignedIn),
    // The platform.
    page("/admin", Platform(A::PlatformRead)),
    page("/admin/start", Platform(A::PlatformRead)),
    page("/admin/find", Platform(A::PlatformRead)),
    server_function("find_platform", Platform(A::PlatformRead)),
    page("/admin/agencies", Platform(A::PlatformRead)),
    page("/admin/businesses", Platform(A::PlatformRead)),
    page("/admin/people", Platform(A::PlatformRead)),
    page("/admin/audit", Platform(A::PlatformRead)),
    page("/admin/system", Platform(A::PlatformRead)),
    server_function("create_agency", Platform(A::PlatformManage)),
    server_function("seed_demo", Platform(A::PlatformManage)),
    server_function("send_test_mail", Platform(A::PlatformManage)),
    server_function("set_agency_deleted", Platform(A::PlatformManage)),
    server_function("restore_business", Platform(A::PlatformManage)),
    server_function("invite_to_agency", Platform(A::PlatformManage)),
    server_function("set_business_status", Platform(A::PlatformManage)),
    server_function("invite_to_platform", Platform(A::PlatformManage)),
    server_function("set_platform_role", Platform(A::PlatformManage)),
    server_function("set_person_disabled", Platform(A::PlatformManage)),
    server_function("end_sessions_of", Platform(A::PlatformManage)),
    server_function("reset_second_factor", Platform(A::PlatformManage)),
    // An agency.
    page("/a/{agency}", Agency(A::AgencyRead)),
    page("/a/{agency}/clients", Agency(A::ClientsRead)),
    page("/a/{agency}/clients/{business}", Agency(A::ClientsRead)),
    page("/a/{agency}/provisioning", Agency(A::ProvisionRead)),
    page("/a/{agency}/provisioning/new", Agency(A::Provision)),
    page("/a/{agency}/provisioning/{job}", Agency(A::ProvisionRead)),
    page("/a/{agency}/snapshots", Agency(A::ProvisionRead)),
    page("/a/{agency}/connections", Agency(A::ConnectionsRead)),
    page("/a/{agency}/team", Agency(A::TeamRead)),
    page("/a/{agency}/team/roles", Agency(A::TeamManage)),
    page("/a/{agency}/tokens", Agency(A::TokensManage)),
    page("/a/{agency}/audit", Agency(A::AuditRead)),
    page("/a/{agency}/settings", Agency(A::AgencyManage)),
    page("/a/{agency}/find", Agency(A::AgencyRead)),
    server_function("find", Agency(A::AgencyRead)),
    server_function("ask_access", Agency(A::AgencyRead)),
    server_function("rename_agency", Agency(A::AgencyManage)),
    server_function("set_agency_settings", Agency(A::AgencyManage)),
    server_function("start_job", Agency(A::Provision)),
    server_function("check_job", Agency(A::Provision)),
    server_function("retry_job", Agency(A::Provision)),
    server_function("make_answer_link", Agency(A::Provision)),
    server_function("resume_job", Agency(A::Provision)),
    server_function("cancel_job", Agency(A::Provision)),
    server_function("undo_job", Agency(A::Provision)),
    server_function("sync_snapshots", Agency(A::SnapshotsManage)),
    server_function("set_snapshot_active", Agency(A::SnapshotsManage)),
    server_function("describe_snapshot", Agency(A::SnapshotsManage)),
    server_function("add_private_token", Agency(A::ConnectionsManage)),
    server_function("use_private_token", Agency(A::ConnectionsManage)),
    server_function("check_connection", Agency(A::ConnectionsManage)),
    server_function("disconnect", Agency(A::ConnectionsManage)),
    server_function("claim_install", Agency(A::ConnectionsManage)),
    server_function("invite_colleague", Agency(A::TeamManage)),
    server_function("remove_member", Agency(A::TeamManage)),
    server_function("assign_client", Agency(A::TeamManage)),
    server_function("unassign_client", Agency(A::TeamManage)),
    server_function("invite_owner", Agency(A::Provision)),
    server_function("withdraw_client_invite", Agency(A::Provision)),
    server_function("remove_client_member", Agency(A::TeamManage)),
    server_function("revoke_invite", Agency(A::TeamManage)),
    server_function("set_member_role", Agency(A::TeamManage)),
    server_function("dismiss_step", Agency(A::AgencyManage)),
    server_function("make_role", Agency(A::TeamManage)),
    server_function("change_role", Agency(A::TeamManage)),
    server_function("remove_role", Agency(A::TeamManage)),
    server_function("create_token", Agency(A::TokensManage)),
    server_function("revoke_token", Agency(A::TokensManage)),
    // A business.
    page("/b/{business}", Business(A::BusinessRead)),
    page("/b/{business}/integrations", Business(A::BusinessRead)),
    // Routes that are neither pages nor server functions.
    route("/", Nothing),
    route("/dashboard", SignedIn),
    route("/integrations", SignedIn),
    route("/health", Nothing),
    route("/metrics", Proof),
    route("/a/{agency}/live", Agency(A::AgencyRead)),
    route("/b/{business}/live", Business(A::BusinessRead)),
    route("/admin/live", Platform(A::PlatformRead)),
    route("/a/{agency}/provisioning/{job}/log", Agency(A::ProvisionRead)),
    route("/api/integrations/ghl/connect", Agency(A::ConnectionsManage)),
    route("/api/integrations/ghl/callback", Proof),
    route("/api/openapi.json", Nothing),
    route("/api/v1/provisioning/jobs", Token("provisioning")),
    route("/api/v1/provisioning/jobs/{id}", Token("provisioning")),
    route("/api/v1/provisioning/jobs/{id}/retry", Token("provisioning")),
    route("/api/v1/provisioning/jobs/{id}/resume", Token("provisioning")),
    route("/api/v1/provisioning/jobs/{id}/cancel", Token("provisioning")),
    route("/api/v1/provisioning/jobs/{id}/undo", Token("provisioning")),
    route("/api/v1/provisioning/jobs/{id}/events", Token("provisioning")),
    route("/api/v1/snapshots", Token("snapshots")),
    route("/api/v1/businesses", Token("businesses")),
];

/// The rule for an endpoint, if there is one.
#[must_use]
pub fn rule(kind: EndpointKind, path: &str) -> Option<&'static Rule> {
    POLICY.iter().find(|rule| rule.kind == kind && rule.path == path)
}

/// The scopes that an API token may have.
pub const TOKEN_SCOPES: [&str; 3] = ["provisioning", "snapshots", "businesses"];

/// The right that the creator of a token with this scope must have.
#[must_use]
pub fn right_of(scope: &str) -> Option<Right> {
    match scope {
        "provisioning" => Some(A::Provision),
        "snapshots" => Some(A::ProvisionRead),
        "businesses" => Some(A::ClientsRead),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_endpoint_is_listed_twice() {
        for (n, rule) in POLICY.iter().enumerate() {
            assert!(
                !POLICY[..n].iter().any(|other| other.kind == rule.kind && other.path == rule.path),
                "{} twice",
                rule.path
            );
        }
    }

    #[test]
    fn business_people_reach_nothing_of_an_agency() {
        for right in Right::ALL {
            for role in [Role::BusinessOwner, Role::TeamMember] {
                assert_eq!(allows(role, right), right == Right::BusinessRead, "{role:?} {right:?}");
            }
        }
    }

    #[test]
    fn support_changes_nothing() {
        let changes = [
            A::PlatformManage,
            A::Provision,
            A::SnapshotsManage,
            A::ConnectionsManage,
            A::TeamManage,
            A::TokensManage,
            A::AgencyManage,
        ];
        assert!(changes.iter().all(|right| !allows(Role::Support, *right)));
    }
}
