//! Who signs in, which role they have where, and which rights a request has as a result.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::permission::{Right, allows};
use crate::{AgencyId, BusinessId, RoleId, UserId};

/// The seven built-in roles, from the whole platform down to one business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the platform.
    SuperAdmin,
    /// Reads the platform and enters businesses with their consent.
    Support,
    /// Owns an agency.
    AgencyOwner,
    /// Has every right that an agency owner has, but cannot appoint owners.
    AgencyAdmin,
    /// Works for the businesses assigned to them.
    AgencyStaff,
    /// Owns one business.
    BusinessOwner,
    /// Works in one business.
    TeamMember,
}

impl Role {
    /// Every role, highest first.
    pub const ALL: [Self; 7] = [
        Self::SuperAdmin,
        Self::Support,
        Self::AgencyOwner,
        Self::AgencyAdmin,
        Self::AgencyStaff,
        Self::BusinessOwner,
        Self::TeamMember,
    ];

    /// The built-in roles of an agency's people, from the fewest rights to the most.
    pub const OF_AGENCY: [Self; 3] = [Self::AgencyStaff, Self::AgencyAdmin, Self::AgencyOwner];

    /// The key of the role's row (`roles.key`, `users.platform_role`).
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::Support => "support",
            Self::AgencyOwner => "agency_owner",
            Self::AgencyAdmin => "agency_admin",
            Self::AgencyStaff => "agency_staff",
            Self::BusinessOwner => "business_owner",
            Self::TeamMember => "team_member",
        }
    }

    /// The name shown to people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Super admin",
            Self::Support => "Support",
            Self::AgencyOwner => "Agency owner",
            Self::AgencyAdmin => "Agency admin",
            Self::AgencyStaff => "Agency staff",
            Self::BusinessOwner => "Business owner",
            Self::TeamMember => "Team member",
        }
    }

    /// The role with this key. Also accepts the words that older data uses ("ADMIN", "owner").
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key).or(match key {
            "ADMIN" | "SUPER_ADMIN" => Some(Self::SuperAdmin),
            "SUPPORT" => Some(Self::Support),
            "AGENCY_ADMIN" => Some(Self::AgencyAdmin),
            "owner" | "BUSINESS_OWNER" => Some(Self::BusinessOwner),
            "TEAM_MEMBER" => Some(Self::TeamMember),
            _ => None,
        })
    }

    /// True for platform and agency roles, which need a second factor where it is required.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::BusinessOwner | Self::TeamMember)
    }
}

/// A custom role of an agency: a name and the rights it grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRole {
    /// Id of its row.
    pub id: RoleId,
    /// The name shown to people.
    pub name: String,
    /// The rights it grants.
    pub actions: Vec<Right>,
}

/// A person's role in an agency: a built-in role or a custom role of the agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AgencyRole {
    /// A built-in role.
    BuiltIn(Role),
    /// A custom role of the agency.
    Custom(CustomRole),
}

impl AgencyRole {
    /// Whether the role grants this right. A custom role never grants a platform right, whatever its row contains.
    #[must_use]
    pub fn allows(&self, right: Right) -> bool {
        match self {
            Self::BuiltIn(role) => allows(*role, right),
            Self::Custom(own) => right.is_agency_right() && own.actions.contains(&right),
        }
    }

    /// The name shown to people.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::BuiltIn(role) => role.label(),
            Self::Custom(own) => &own.name,
        }
    }

    /// Whether it is this built-in role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        *self == Self::BuiltIn(role)
    }

    /// The smallest reach of the role: owners and admins always reach every business.
    #[must_use]
    pub const fn least_reach(&self) -> Reach {
        match self {
            Self::BuiltIn(Role::AgencyOwner | Role::AgencyAdmin) => Reach::All,
            _ => Reach::Listed,
        }
    }

    /// The value that a form uses: the key of a built-in role, or the id of a custom role.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::BuiltIn(role) => role.key().to_owned(),
            Self::Custom(own) => own.id.to_string(),
        }
    }
}

/// Which businesses of an agency a membership gives access to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every business of the agency.
    All,
    /// Only the businesses assigned to the person.
    Listed,
}

/// A person's membership in an agency or a business, with the role they have there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Membership {
    /// Membership in an agency, as its staff.
    Agency {
        /// The agency.
        id: AgencyId,
        /// Its slug.
        slug: String,
        /// Its name.
        name: String,
        /// The person's role there.
        role: AgencyRole,
        /// Which businesses they have access to.
        reach: Reach,
        /// The assigned businesses if the reach is `Listed`.
        assigned: Vec<BusinessId>,
    },
    /// Membership in a business, as its owner or a team member.
    Business {
        /// The business.
        id: BusinessId,
        /// The agency that manages it.
        agency: AgencyId,
        /// Its slug, unique inside its agency only.
        slug: String,
        /// Its name.
        name: String,
        /// The person's role there.
        role: Role,
    },
}

/// The signed-in person behind a request. It is read again for each request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// Sign-in address.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Platform role; `None` for people who have none.
    pub platform: Option<Role>,
    /// The agencies and businesses they belong to.
    #[serde(rename = "places")]
    pub memberships: Vec<Membership>,
    /// Whether a second factor is set up and confirmed.
    pub mfa_enrolled: bool,
    /// The language they chose. `None` if they chose none: pages then follow their browser.
    #[serde(default)]
    pub language: Option<Language>,
}

impl Caller {
    /// Whether any of their roles needs a second factor where it is required.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.platform.is_some() || self.memberships.iter().any(|place| matches!(place, Membership::Agency { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn words_of_older_data_mean_their_role_and_no_other_word_means_any() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.key()), Some(role));
        }
        for (word, role) in [
            ("ADMIN", Role::SuperAdmin),
            ("SUPER_ADMIN", Role::SuperAdmin),
            ("SUPPORT", Role::Support),
            ("AGENCY_ADMIN", Role::AgencyAdmin),
            ("owner", Role::BusinessOwner),
            ("BUSINESS_OWNER", Role::BusinessOwner),
            ("TEAM_MEMBER", Role::TeamMember),
        ] {
            assert_eq!(Role::parse(word), Some(role), "{word}");
        }
        for word in ["", " ", "admin", "OWNER", "Owner", "agency owner", "AGENCY_OWNER", "root", "super_admin "] {
            assert_eq!(Role::parse(word), None, "{word}");
        }
    }
}
