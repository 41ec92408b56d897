//! Resolves which agency or business a URL names and what the caller may do there. An agency is named by id or
//! slug; a business slug is unique only inside its agency.

use serde::{Deserialize, Serialize};

use crate::identity::{AgencyRole, Caller, Membership, Reach, Role};
use crate::permission::{Right, allows, right_of};
use crate::person::Member;
use crate::{AgencyId, BusinessId};

/// What a caller may do in an agency during one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyAccess {
    /// The agency.
    pub id: AgencyId,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The role that gives the caller access; for platform staff their platform role.
    pub role: AgencyRole,
    /// Which businesses they have access to.
    pub reach: Reach,
    /// The businesses assigned to them if the reach is `Listed`.
    pub listed: Vec<BusinessId>,
}

impl AgencyAccess {
    /// Whether the caller has this right here.
    #[must_use]
    pub fn allows(&self, right: Right) -> bool {
        self.role.allows(right)
    }

    /// Whether the caller may grant or remove this role: it must not contain a right that they lack, and only an
    /// owner or the platform may appoint an owner.
    #[must_use]
    pub fn may_give(&self, role: &AgencyRole) -> bool {
        let owns = self.role.is(Role::AgencyOwner) || self.role.is(Role::SuperAdmin);
        (owns || !role.is(Role::AgencyOwner))
            && Right::ALL.iter().all(|right| !role.allows(*right) || self.may_grant(*right))
    }

    /// Whether the caller may give somebody this role and reach: neither may exceed their own.
    #[must_use]
    pub fn may_grant_with_reach(&self, role: &AgencyRole, reach: Reach) -> bool {
        self.may_give(role) && (reach == Reach::Listed || self.reach == Reach::All)
    }

    /// Whether the caller may change or remove this member of the agency: they could have given the member their
    /// role and reach.
    #[must_use]
    pub fn may_change_member(&self, member: &Member) -> bool {
        self.may_grant_with_reach(&member.role, member.reach.unwrap_or(Reach::Listed))
    }

    /// Whether an API token of the caller may have this scope. The token has access to the one business it is
    /// bound to, or to every business, so the caller must have at least the same access.
    #[must_use]
    pub fn may_grant_token_scope(&self, scope: &str, business: Option<BusinessId>) -> bool {
        let reaches = business.map_or(self.reach == Reach::All, |business| self.reaches(business));
        reaches && right_of(scope).is_some_and(|right| self.allows(right))
    }

    /// Whether the caller may add this right to a role. A super admin may grant every agency right.
    #[must_use]
    pub fn may_grant(&self, right: Right) -> bool {
        right.is_agency_right() && (self.role.is(Role::SuperAdmin) || self.allows(right))
    }

    /// Whether the caller has access to this business.
    #[must_use]
    pub fn reaches(&self, business: BusinessId) -> bool {
        self.reach == Reach::All || self.listed.contains(&business)
    }
}

/// The agency with this id or slug, if the caller is a member of it.
#[must_use]
pub fn agency(caller: &Caller, named: &str) -> Option<AgencyAccess> {
    caller.memberships.iter().find_map(|place| match place {
        Membership::Agency { id, slug, name, role, reach, assigned } if slug == named || id.to_string() == named => {
            Some(AgencyAccess {
                id: *id,
                slug: slug.clone(),
                name: name.clone(),
                role: role.clone(),
                reach: *reach,
                listed: assigned.clone(),
            })
        }
        _ => None,
    })
}

/// The agency of somebody who is a member of one only.
#[must_use]
pub fn only_agency(caller: &Caller) -> Option<AgencyAccess> {
    let mut slugs = caller.memberships.iter().filter_map(|place| match place {
        Membership::Agency { slug, .. } => Some(slug),
        Membership::Business { .. } => None,
    });
    slugs.next().filter(|_| slugs.next().is_none()).and_then(|slug| agency(caller, slug))
}

/// The caller's access to an agency: as its member, or else by their platform role.
#[must_use]
pub fn agency_access(caller: &Caller, id: AgencyId) -> Option<AgencyAccess> {
    let named = id.to_string();
    agency(caller, &named).or_else(|| {
        let role = AgencyRole::BuiltIn(caller.platform?);
        Some(AgencyAccess { id, slug: named, name: String::new(), role, reach: Reach::All, listed: Vec::new() })
    })
}

/// Whether this person may send an invitation for this role: they may invite people there, and may grant the role.
#[must_use]
pub fn may_invite(inviter: &Caller, id: AgencyId, business: Option<BusinessId>, role: Role, reach: Reach) -> bool {
    let (role, place) = (AgencyRole::BuiltIn(role), agency(inviter, &id.to_string()));
    let manages = place.as_ref().is_some_and(|place| place.allows(Right::TeamManage));
    inviter.platform.is_some_and(|role| allows(role, Right::PlatformManage))
        || match business {
            None => manages && place.is_some_and(|place| place.may_grant_with_reach(&role, reach)),
            Some(business) => {
                let owns = |place: &Membership| matches!(place, Membership::Business { id, role: Role::BusinessOwner, .. } if *id == business);
                let sends = |place: AgencyAccess| {
                    (manages || place.allows(Right::Provision)) && place.reaches(business) && place.may_give(&role)
                };
                place.is_some_and(sends) || inviter.memberships.iter().any(owns)
            }
        }
}

/// The page that opens after a person has signed in.
#[must_use]
pub fn landing(caller: &Caller) -> String {
    if caller.platform.is_some() {
        return "/admin".to_owned();
    }
    let agency = caller.memberships.iter().find_map(|place| match place {
        Membership::Agency { slug, .. } => Some(format!("/a/{slug}")),
        Membership::Business { .. } => None,
    });
    let business = caller.memberships.iter().find_map(|place| match place {
        Membership::Business { id, .. } => Some(format!("/b/{id}")),
        Membership::Agency { .. } => None,
    });
    agency.or(business).unwrap_or_else(|| "/me".to_owned())
}

/// What a caller may do in a business during one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessAccess {
    /// The business.
    pub id: BusinessId,
    /// The agency that manages it.
    pub agency: AgencyId,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The role that gives the caller access.
    pub role: AgencyRole,
    /// Set if the caller has access as a member of the agency and not of the business itself.
    pub from_agency: Option<AgencyAccess>,
}

impl BusinessAccess {
    /// Whether the caller has this right here.
    #[must_use]
    pub fn allows(&self, right: Right) -> bool {
        self.role.allows(right)
    }
}

/// The businesses with this id or slug among those of which the caller is a member. There may be several, because
/// a slug is unique only inside its agency.
#[must_use]
pub fn businesses(caller: &Caller, named: &str) -> Vec<BusinessAccess> {
    let found = caller.memberships.iter().filter_map(|place| match place {
        Membership::Business { id, agency, slug, name, role } if slug == named || id.to_string() == named => {
            Some(BusinessAccess {
                id: *id,
                agency: *agency,
                slug: slug.clone(),
                name: name.clone(),
                role: AgencyRole::BuiltIn(*role),
                from_agency: None,
            })
        }
        _ => None,
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RoleId;
    use crate::identity::CustomRole;
    use crate::permission::TOKEN_SCOPES;

    fn place(role: AgencyRole) -> AgencyAccess {
        AgencyAccess {
            id: AgencyId(uuid::Uuid::nil()),
            slug: String::new(),
            name: String::new(),
            role,
            reach: Reach::All,
            listed: Vec::new(),
        }
    }

    fn own(actions: &[Right]) -> AgencyRole {
        let id = RoleId(uuid::Uuid::nil());
        AgencyRole::Custom(CustomRole { id, name: "Own".to_owned(), actions: actions.to_vec() })
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        let [owner, admin, staff] = [Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff].map(AgencyRole::BuiltIn);
        let people = own(&[Right::AgencyRead, Right::TeamRead, Right::TeamManage]);
        assert!(place(owner.clone()).may_give(&owner) && place(owner.clone()).may_give(&admin));
        assert!(place(admin.clone()).may_give(&admin) && !place(admin.clone()).may_give(&owner));
        assert!(place(AgencyRole::BuiltIn(Role::SuperAdmin)).may_give(&owner));
        assert!(!place(people.clone()).may_give(&staff) && !place(people.clone()).may_give(&admin));
        assert!(place(people.clone()).may_give(&own(&[Right::TeamRead])));
        assert!(!place(staff).may_give(&people));
    }

    #[test]
    fn somebody_with_some_clients_makes_nobody_who_has_all() {
        let admin = AgencyRole::BuiltIn(Role::AgencyAdmin);
        let some = AgencyAccess { reach: Reach::Listed, ..place(admin.clone()) };
        assert!(place(admin.clone()).may_grant_with_reach(&admin, Reach::All));
        assert!(some.may_grant_with_reach(&admin, Reach::Listed) && !some.may_grant_with_reach(&admin, Reach::All));
    }

    #[test]
    fn a_member_who_has_more_is_changed_by_nobody_below() {
        let member = |role: Role, reach: Option<Reach>| Member {
            user: crate::UserId(uuid::Uuid::nil()),
            email: String::new(),
            name: String::new(),
            role: AgencyRole::BuiltIn(role),
            reach,
            assigned: None,
            mfa_enrolled: false,
            last_seen_at: None,
            since: chrono::DateTime::UNIX_EPOCH,
        };
        let admin = place(AgencyRole::BuiltIn(Role::AgencyAdmin));
        assert!(admin.may_change_member(&member(Role::AgencyAdmin, Some(Reach::All))));
        assert!(!admin.may_change_member(&member(Role::AgencyOwner, Some(Reach::All))));
        let some = AgencyAccess { reach: Reach::Listed, ..admin };
        assert!(!some.may_change_member(&member(Role::AgencyStaff, Some(Reach::All))));
        assert!(some.may_change_member(&member(Role::AgencyStaff, Some(Reach::Listed))));
    }

    #[test]
    fn a_token_carries_only_what_its_maker_may_do_everywhere() {
        let (admin, one) = (AgencyRole::BuiltIn(Role::AgencyAdmin), BusinessId(uuid::Uuid::nil()));
        let some = AgencyAccess { reach: Reach::Listed, listed: vec![one], ..place(admin.clone()) };
        for scope in TOKEN_SCOPES {
            assert!(
                place(admin.clone()).may_grant_token_scope(scope, None) && some.may_grant_token_scope(scope, Some(one))
            );
            assert!(!some.may_grant_token_scope(scope, None), "{scope} over clients they do not have");
            let right = right_of(scope).unwrap();
            let others: Vec<Right> = Right::ALL.into_iter().filter(|action| *action != right).collect();
            assert!(
                !place(own(&others)).may_grant_token_scope(scope, None)
                    && place(own(&[right])).may_grant_token_scope(scope, None)
            );
        }
        assert!(!place(admin).may_grant_token_scope("everything", None));
    }

    #[test]
    fn a_person_of_two_agencies_has_no_only_one() {
        let member = |number: u128| Membership::Agency {
            id: AgencyId(uuid::Uuid::from_u128(number)),
            slug: format!("agency-{number}"),
            name: String::new(),
            role: AgencyRole::BuiltIn(Role::AgencyStaff),
            reach: Reach::All,
            assigned: Vec::new(),
        };
        let of = |memberships: Vec<Membership>| Caller {
            user: crate::UserId(uuid::Uuid::nil()),
            email: String::new(),
            name: String::new(),
            platform: None,
            memberships,
            mfa_enrolled: false,
            language: None,
        };
        let found = only_agency(&of(vec![member(1)])).map(|place| place.slug);
        assert_eq!(found.as_deref(), Some("agency-1"));
        assert!(only_agency(&of(vec![member(1), member(2)])).is_none() && only_agency(&of(Vec::new())).is_none());
    }

    #[test]
    fn no_role_of_an_agency_reaches_the_platform() {
        let everything = own(&Right::ALL);
        for action in [Right::PlatformRead, Right::PlatformManage] {
            assert!(!everything.allows(action) && !place(everything.clone()).may_grant(action));
        }
    }
}
