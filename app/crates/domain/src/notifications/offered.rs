//! Which notifications can reach a person in their roles? Settings ask about these, and about nothing else.

use super::{Audience, Kind};
use crate::identity::{AgencyRole, Caller, Membership, Role};
use crate::permission::Right;

/// Starts a job, in which what becomes of it is told.
const JOBS: &[Right] = &[Right::Provision];
/// Starts an import.
const IMPORTS: &[Right] = &[Right::ClientsImport];
/// Invites colleagues, or the owners of clients.
const INVITATIONS: &[Right] = &[Right::TeamManage, Right::Provision];

impl Kind {
    /// The rights of which one is enough to start what it tells of. None if no person starts it.
    #[must_use]
    pub const fn started_by(self) -> &'static [Right] {
        match self {
            Self::JobFailed | Self::JobNeedsInput | Self::JobFinished => JOBS,
            Self::BatchFinished => IMPORTS,
            Self::InvitationAccepted => INVITATIONS,
            Self::ConnectionLost
            | Self::ConnectionRestored
            | Self::ConnectionEnding
            | Self::TodoAssigned
            | Self::ClientCreated
            | Self::WebhookDisabled
            | Self::ConversationHandedOver
            | Self::UsageLimit
            | Self::FilesLimit
            | Self::ToolApproval => &[],
        }
    }

    /// Whether it can reach a member of an agency who has this role there. A to-do may be given to every member.
    #[must_use]
    pub fn reaches_member(self, role: &AgencyRole) -> bool {
        match self.audience() {
            Audience::Managers => role.allows(self.right()),
            Audience::Starter => role.allows(self.right()) || self.started_by().iter().any(|right| role.allows(*right)),
            Audience::Addressee => true,
        }
    }

    /// Whether it can reach somebody who has this role in a business. Its owners are told what AI agents ask for; everything
    /// else is told to agencies.
    #[must_use]
    pub fn reaches_in_business(self, role: Role) -> bool {
        self == Self::ToolApproval && role == Role::BusinessOwner
    }
}

/// What the settings of notifications ask a person, or an agency for its people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// The kinds that can reach them, in the order of settings pages.
    pub kinds: Vec<Kind>,
    /// Whether they can hear of what others started.
    pub everyones: bool,
    /// Whether they work in an agency: it chooses for who chose nothing, and its people get a summary of a day.
    pub in_agency: bool,
}

impl Offered {
    /// What a person is asked. Nothing if no notification can reach them, as a super admin who belongs to no agency.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        let members = || {
            caller.memberships.iter().filter_map(|place| match place {
                Membership::Agency { role, .. } => Some(role),
                Membership::Business { .. } => None,
            })
        };
        let in_business = |kind: Kind| {
            caller.memberships.iter().any(|place| match place {
                Membership::Agency { .. } => false,
                Membership::Business { role, .. } => kind.reaches_in_business(*role),
            })
        };
        let reaches = |kind: &Kind| in_business(*kind) || members().any(|role| kind.reaches_member(role));
        let started = || Kind::ALL.into_iter().filter(|kind| kind.audience() == Audience::Starter);
        Self {
            kinds: Kind::ALL.into_iter().filter(reaches).collect(),
            everyones: members().any(|role| started().any(|kind| role.allows(kind.right()))),
            in_agency: members().next().is_some(),
        }
    }

    /// What an agency chooses for its people: each kind reaches some of them.
    #[must_use]
    pub fn of_agency() -> Self {
        Self { kinds: Kind::ALL.to_vec(), everyones: true, in_agency: true }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::{CustomRole, Reach};
    use crate::permission::{EndpointKind, allows, rule};
    use crate::{AgencyId, BusinessId, RoleId, UserId};

    fn caller(platform: Option<Role>, memberships: Vec<Membership>) -> Caller {
        Caller {
            user: UserId(Uuid::from_u128(1)),
            email: "sam@example.com".to_owned(),
            name: "Sam".to_owned(),
            platform,
            memberships,
            mfa_enrolled: false,
            language: None,
        }
    }

    fn member(role: AgencyRole) -> Membership {
        let (slug, name) = ("harbor".to_owned(), "Harbor".to_owned());
        let id = AgencyId(Uuid::from_u128(2));
        Membership::Agency { id, slug, name, role, reach: Reach::All, assigned: Vec::new() }
    }

    fn custom(actions: Vec<Right>) -> AgencyRole {
        AgencyRole::Custom(CustomRole { id: RoleId(Uuid::from_u128(3)), name: "Own".to_owned(), actions })
    }

    /// Somebody with this role alone, where people have it.
    fn with(role: Role) -> Caller {
        match role {
            Role::SuperAdmin | Role::Support => caller(Some(role), Vec::new()),
            Role::AgencyOwner | Role::AgencyAdmin | Role::AgencyStaff => {
                caller(None, vec![member(AgencyRole::BuiltIn(role))])
            }
            Role::BusinessOwner | Role::TeamMember => {
                let (id, agency) = (BusinessId(Uuid::from_u128(4)), AgencyId(Uuid::from_u128(2)));
                let (slug, name) = ("bright".to_owned(), "Bright Dental".to_owned());
                caller(None, vec![Membership::Business { id, agency, slug, name, role }])
            }
        }
    }

    /// The operations with which a person starts what a kind tells of.
    const fn operations(kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::JobFailed | Kind::JobNeedsInput | Kind::JobFinished => &["start_job"],
            Kind::BatchFinished => &["import_locations"],
            Kind::InvitationAccepted => &["invite_colleague", "invite_owner"],
            _ => &[],
        }
    }

    /// Whether a kind is told to somebody with this role, in the words of who is told (`store::notifications::tell`, and
    /// `store::tools::told` for owners of businesses).
    fn is_told(kind: Kind, role: Role) -> bool {
        match role {
            Role::SuperAdmin | Role::Support | Role::TeamMember => false,
            Role::BusinessOwner => kind == Kind::ToolApproval,
            Role::AgencyOwner | Role::AgencyAdmin | Role::AgencyStaff => {
                let needs = |operation: &&str| rule(EndpointKind::ServerFunction, operation).unwrap().needs.right();
                let starts = operations(kind).iter().filter_map(needs).any(|right| allows(role, right));
                let manages = allows(role, kind.right());
                match kind.audience() {
                    Audience::Managers => manages,
                    Audience::Starter => starts || manages,
                    Audience::Addressee => true,
                }
            }
        }
    }

    #[test]
    fn each_role_is_offered_what_is_told_to_it_and_nothing_else() {
        for role in Role::ALL {
            let offered = Offered::of(&with(role));
            for kind in Kind::ALL {
                assert_eq!(offered.kinds.contains(&kind), is_told(kind, role), "{kind} for {role:?}");
            }
        }
        for role in [Role::AgencyOwner, Role::AgencyAdmin] {
            assert_eq!(Offered::of(&with(role)), Offered::of_agency(), "{role:?}");
        }
        for role in [Role::SuperAdmin, Role::Support, Role::TeamMember] {
            assert_eq!(Offered::of(&with(role)), Offered::default(), "{role:?}");
        }
    }

    #[test]
    fn each_operation_that_starts_something_needs_a_right_that_starts_it() {
        for kind in Kind::ALL {
            let needed =
                operations(kind).iter().map(|one| rule(EndpointKind::ServerFunction, one).unwrap().needs.right());
            assert_eq!(needed.flatten().collect::<Vec<_>>(), kind.started_by(), "{kind}");
        }
    }

    #[test]
    fn a_custom_role_is_offered_what_its_rights_bring() {
        let of = |actions: Vec<Right>| Offered::of(&caller(None, vec![member(custom(actions))]));
        assert_eq!(of(Vec::new()), Offered { kinds: vec![Kind::TodoAssigned], everyones: false, in_agency: true });
        for kind in Kind::ALL {
            for right in Right::ALL.into_iter().filter(|right| right.is_agency_right()) {
                let brings = right == kind.right() || kind.started_by().contains(&right);
                let brings = kind.audience() == Audience::Addressee || brings;
                assert_eq!(of(vec![right]).kinds.contains(&kind), brings, "{kind} by {right:?}");
            }
        }
        assert!(of(vec![Right::AgencyManage]).everyones && !of(vec![Right::Provision]).everyones);
    }

    #[test]
    fn somebody_in_several_places_is_offered_what_reaches_them_in_any() {
        let mut places = with(Role::AgencyStaff).memberships;
        places.extend(with(Role::BusinessOwner).memberships);
        let (both, staff) = (Offered::of(&caller(None, places)), Offered::of(&with(Role::AgencyStaff)));
        assert!(both.kinds.contains(&Kind::ToolApproval) && !staff.kinds.contains(&Kind::ToolApproval));
        assert!(staff.kinds.iter().all(|kind| both.kinds.contains(kind)));
        let of_platform = caller(Some(Role::SuperAdmin), with(Role::AgencyAdmin).memberships);
        assert_eq!(Offered::of(&of_platform), Offered::of_agency());
    }
}
