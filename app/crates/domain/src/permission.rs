//! The policy: which right each endpoint requires, and which role has which right. Features declare both
//! (`crate::feature`); this file derives what everybody asks for.
//! An endpoint that no feature declares is refused at run time, and the inventory test fails.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::feature::{self, FEATURES, Level, RightRule};
use crate::identity::Role;
use crate::language::capitalised;

/// A permission that a role grants or does not grant. The feature that introduces a right defines it as a constant of
/// this type, such as `Right::TeamManage`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Right(&'static RightRule);

impl Right {
    /// Every right.
    pub const ALL: [Self; RIGHTS] = all_rights();

    /// The right with this declaration.
    #[must_use]
    pub const fn of(rule: &'static RightRule) -> Self {
        Self(rule)
    }

    /// Its declaration.
    #[must_use]
    pub const fn rule(self) -> &'static RightRule {
        self.0
    }

    /// The key of the right's row (`permissions.key`).
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.0.key
    }

    /// The right with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.key() == key)
    }

    /// Its name in forms and stored mails: `team.manage` is `TeamManage`.
    fn name(self) -> String {
        let words = self.key().split(['.', '_']).map(capitalised);
        words.collect()
    }

    /// The text shown to a person who grants this right.
    #[must_use]
    pub fn label(self) -> String {
        capitalised(self.words())
    }

    /// Whether an agency may add it to a custom role: true for every right except the platform's.
    #[must_use]
    pub const fn is_agency_right(self) -> bool {
        !matches!(self.0.level, Level::Platform)
    }

    /// What the right lets a person do, as the end of a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        self.0.words
    }

    /// Who can grant this right to a person, in words.
    #[must_use]
    pub const fn granted_by(self) -> &'static str {
        match self.0.level {
            Level::Platform => "a super admin",
            Level::Agency => "an agency owner or agency admin",
            Level::Business => "the owner of the business",
        }
    }
}

impl fmt::Debug for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Serialize for Right {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Right {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let named = Self::ALL.into_iter().find(|right| right.name() == text);
        named.or_else(|| Self::parse(&text)).ok_or_else(|| D::Error::custom("there is no such right"))
    }
}

const RIGHTS: usize = {
    let (mut count, mut at) = (0, 0);
    while at < FEATURES.len() {
        count += FEATURES[at].rights.len();
        at += 1;
    }
    count
};

const fn all_rights() -> [Right; RIGHTS] {
    let mut all = [Right::AgencyRead; RIGHTS];
    let (mut feature, mut next) = (0, 0);
    while feature < FEATURES.len() {
        let mut at = 0;
        while at < FEATURES[feature].rights.len() {
            all[next] = FEATURES[feature].rights[at];
            at += 1;
            next += 1;
        }
        feature += 1;
    }
    all
}

/// Whether a role grants a right wherever the person has that role.
#[must_use]
pub fn allows(role: Role, right: Right) -> bool {
    right.rule().roles.contains(&role)
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
    /// A person whose password was right and whose second factor is still missing.
    PendingSecondFactor,
    /// A signed-in person, or one whose sign-in requires them to set up a second factor first.
    SecondFactorSetup,
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

impl Needs {
    /// The right that it requires, if it requires one of a person.
    #[must_use]
    pub const fn right(self) -> Option<Right> {
        match self {
            Self::Platform(right) | Self::Agency(right) | Self::Business(right) => Some(right),
            Self::Nothing
            | Self::SignedIn
            | Self::PendingSecondFactor
            | Self::SecondFactorSetup
            | Self::Token(_)
            | Self::Proof => None,
        }
    }
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

/// The policy: every page, server function, route and stream of the product.
pub static POLICY: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rule = |kind, path, needs| Rule { kind, path, needs };
    let rules = FEATURES.iter().flat_map(|feature| {
        let pages = feature.pages.iter().map(move |page| rule(EndpointKind::Page, page.path, page.needs));
        let operations = feature.operations.iter();
        let functions = operations.map(move |one| rule(EndpointKind::ServerFunction, one.name, one.needs));
        let routes = feature.routes.iter().map(move |route| rule(EndpointKind::Route, route.path, route.needs));
        pages.chain(functions).chain(routes)
    });
    rules.collect()
});

static RULES: LazyLock<HashMap<(EndpointKind, &'static str), &'static Rule>> =
    LazyLock::new(|| POLICY.iter().map(|rule| ((rule.kind, rule.path), rule)).collect());

/// The rule for an endpoint, if there is one.
#[must_use]
pub fn rule(kind: EndpointKind, path: &str) -> Option<&'static Rule> {
    let rules: &HashMap<(EndpointKind, &str), &'static Rule> = &RULES;
    rules.get(&(kind, path)).copied()
}

const SCOPES: usize = {
    let (mut count, mut at) = (0, 0);
    while at < FEATURES.len() {
        count += FEATURES[at].scopes.len();
        at += 1;
    }
    count
};

const fn all_scopes() -> [&'static str; SCOPES] {
    let mut all = [""; SCOPES];
    let (mut feature, mut next) = (0, 0);
    while feature < FEATURES.len() {
        let mut at = 0;
        while at < FEATURES[feature].scopes.len() {
            all[next] = FEATURES[feature].scopes[at].name;
            at += 1;
            next += 1;
        }
        feature += 1;
    }
    all
}

/// The scopes that an API token may have.
pub const TOKEN_SCOPES: [&str; SCOPES] = all_scopes();

/// The right that the creator of a token with this scope must have.
#[must_use]
pub fn right_of(scope: &str) -> Option<Right> {
    feature::scopes().find(|one| one.name == scope).map(|one| one.right)
}

/// Whether a token that is bound to one business may have this scope.
#[must_use]
pub fn is_of_business(scope: &str) -> bool {
    feature::scopes().any(|one| one.name == scope && one.of_business)
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
            let of_business = right.rule().level == Level::Business;
            assert_eq!(allows(Role::BusinessOwner, right), of_business, "{right:?}");
            let of_members =
                [Right::BusinessRead, Right::BusinessTodos, Right::InboxRead, Right::InboxReply].contains(&right);
            assert_eq!(allows(Role::TeamMember, right), of_members, "{right:?}");
        }
    }

    #[test]
    fn support_changes_nothing() {
        for right in Right::ALL.into_iter().filter(|right| allows(Role::Support, *right)) {
            assert!(right.key().ends_with(".read"), "{right:?}");
        }
        for right in Right::ALL.into_iter().filter(|right| !right.key().ends_with(".read")) {
            assert!(!allows(Role::Support, right), "{right:?}");
        }
    }

    #[test]
    fn the_platform_belongs_to_its_own_people_and_opens_no_business() {
        for right in Right::ALL {
            let own = [Role::SuperAdmin, Role::Support].into_iter().any(|role| allows(role, right));
            let others = Role::ALL.into_iter().skip(2).any(|role| allows(role, right));
            match right.rule().level {
                Level::Platform => assert!(own && !others, "{right:?}"),
                // What customers write is read by those who work for the business alone.
                Level::Agency => assert_eq!(allows(Role::SuperAdmin, right), right != Right::InboxAll, "{right:?}"),
                Level::Business => assert!(!own && others, "{right:?}"),
            }
        }
    }

    #[test]
    fn names_in_forms_and_stored_mails_stay() {
        for (name, right) in [
            ("PlatformRead", Right::PlatformRead),
            ("PlatformManage", Right::PlatformManage),
            ("AgencyRead", Right::AgencyRead),
            ("ClientsRead", Right::ClientsRead),
            ("ProvisionRead", Right::ProvisionRead),
            ("Provision", Right::Provision),
            ("SnapshotsManage", Right::SnapshotsManage),
            ("ConnectionsRead", Right::ConnectionsRead),
            ("ConnectionsManage", Right::ConnectionsManage),
            ("TeamRead", Right::TeamRead),
            ("TeamManage", Right::TeamManage),
            ("TokensManage", Right::TokensManage),
            ("AuditRead", Right::AuditRead),
            ("AgencyManage", Right::AgencyManage),
            ("BusinessRead", Right::BusinessRead),
        ] {
            assert_eq!(serde_json::to_value(right).unwrap(), name);
            assert_eq!(serde_json::from_value::<Right>(name.into()).unwrap(), right);
        }
        for right in Right::ALL {
            assert_eq!(Right::parse(right.key()), Some(right), "two rights have one key");
            assert_eq!(serde_json::from_value::<Right>(right.key().into()).unwrap(), right);
        }
        assert!(serde_json::from_value::<Right>("everything".into()).is_err());
    }

    #[test]
    fn an_endpoint_is_found_by_its_kind_and_path_alone() {
        for one in POLICY.iter() {
            assert_eq!(rule(one.kind, one.path).map(|found| found.needs), Some(one.needs), "{}", one.path);
        }
        assert!(rule(EndpointKind::Page, "find").is_none() && rule(EndpointKind::Route, "/admin").is_none());
    }
}
