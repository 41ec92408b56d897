//! Operations on the people of an agency and of its businesses: remove them, change their roles, assign businesses.

use domain::identity::{AgencyRole, Reach, Role};
use domain::permission::Right;
use domain::{BusinessId, RoleId, UserId};
use store::tenant::TenantTx;
use store::{businesses, memberships, roles};

use crate::{Actor, Refusal};

/// The role to give to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleChoice {
    /// A built-in role of agencies.
    BuiltIn(Role),
    /// A custom role of the agency.
    Custom(RoleId),
}

impl RoleChoice {
    /// Reads the key of a built-in role or the id of a custom role.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let custom = || text.parse().ok().map(Self::Custom);
        Role::parse(text).map(Self::BuiltIn).or_else(custom)
    }
}

/// Ends somebody's membership in the agency, their assignments and their open invitations.
///
/// # Errors
/// `NotFound` if they are no member; `State` if the actor may not change them, or if they are the last owner.
pub async fn remove(actor: &Actor, user: UserId) -> Result<(), Refusal> {
    let mut tx = take_turn_to_change(actor, user).await?;
    memberships::remove_from_agency(&mut tx, user).await.map_err(last_owner)?;
    Ok(tx.commit().await?)
}

/// Gives a member another role, and at least the reach that the role has. Returns the role.
///
/// # Errors
/// `NotFound` if they are no member or the role does not exist; `State` if it is the actor's own role, if the actor may
/// not change them or give this role, or if they are the last owner.
pub async fn change_role(actor: &Actor, user: UserId, role: RoleChoice, reach: Reach) -> Result<AgencyRole, Refusal> {
    if actor.user() == Some(user) {
        return Err(Refusal::State("You can't change your own role. Ask another admin.".to_owned()));
    }
    let mut tx = take_turn_to_change(actor, user).await?;
    let role = match role {
        RoleChoice::BuiltIn(role) => of_agency(role)?,
        RoleChoice::Custom(id) => AgencyRole::Custom(roles::find(&mut tx, id).await?.ok_or(Refusal::NotFound)?),
    };
    let reach = if reach == Reach::All { reach } else { role.least_reach() };
    if !actor.access(Right::TeamManage)?.may_grant_with_reach(&role, reach) {
        let text = "You can only assign roles with permissions and clients you have yourself.";
        return Err(Refusal::State(text.to_owned()));
    }
    memberships::set_role(&mut tx, user, &role, reach).await.map_err(last_owner)?;
    tx.commit().await?;
    Ok(role)
}

/// Assigns a business to a member of the agency who reaches only assigned businesses.
///
/// # Errors
/// `NotFound` if the actor does not reach the business or the person is no member; `State` if the actor may not change
/// the member; `Invalid` if they reach every business, or belong to the business's own team.
pub async fn assign(actor: &Actor, business: BusinessId, user: UserId) -> Result<(), Refusal> {
    let tx = begin_to_change(actor, user).await?;
    let mut tx = continue_in(actor, Right::TeamManage, tx, business).await?;
    match memberships::assign(&mut tx, user).await {
        Err(store::Error::NotFound) => {
            let text = "Choose a teammate who works for assigned clients and isn't one of the client's users.";
            return Err(Refusal::field("user", text));
        }
        done => done?,
    }
    Ok(tx.commit().await?)
}

/// Ends the assignment of a business to a member of the agency.
///
/// # Errors
/// `NotFound` if the actor does not reach the business or it is not assigned to the person; `State` if the actor may
/// not change the member.
pub async fn unassign(actor: &Actor, business: BusinessId, user: UserId) -> Result<(), Refusal> {
    let tx = begin_to_change(actor, user).await?;
    let mut tx = continue_in(actor, Right::TeamManage, tx, business).await?;
    memberships::unassign(&mut tx, user).await?;
    Ok(tx.commit().await?)
}

/// Removes a person from a business's own team.
///
/// # Errors
/// `NotFound` if the actor does not reach the business or the person is not on its team.
pub async fn remove_from_business(actor: &Actor, business: BusinessId, user: UserId) -> Result<(), Refusal> {
    let tx = actor.require(Right::TeamManage)?.begin().await?;
    let mut tx = continue_in(actor, Right::TeamManage, tx, business).await?;
    memberships::remove_from_business(&mut tx, user).await?;
    Ok(tx.commit().await?)
}

/// A built-in role that agencies give.
pub(crate) fn of_agency(role: Role) -> Result<AgencyRole, Refusal> {
    let known = Role::OF_AGENCY.contains(&role);
    known.then_some(AgencyRole::BuiltIn(role)).ok_or_else(|| Refusal::field("role", "Choose a role."))
}

/// Ends the agency's transaction and begins one in a business that the actor reaches.
pub(crate) async fn continue_in(
    actor: &Actor,
    right: Right,
    mut tx: TenantTx,
    business: BusinessId,
) -> Result<TenantTx, Refusal> {
    let (allowed, access) = (actor.require(right)?, actor.access(right)?);
    // Looked up in the agency's own transaction and by id only, so another agency's business is not found, whatever
    // businesses are called.
    let known = businesses::get(&mut tx, business).await?;
    tx.commit().await?;
    if known.deleted_at.is_some() || !access.reaches(business) {
        return Err(Refusal::NotFound);
    }
    allowed.begin_in(business).await
}

/// Begins a transaction in the agency if the actor may change this member: the actor could have given them their
/// present role and reach.
async fn begin_to_change(actor: &Actor, user: UserId) -> Result<TenantTx, Refusal> {
    let tx = actor.require(Right::TeamManage)?.begin().await?;
    judged(actor, tx, user).await
}

/// The same, while nobody else changes this member.
async fn take_turn_to_change(actor: &Actor, user: UserId) -> Result<TenantTx, Refusal> {
    let mut tx = actor.require(Right::TeamManage)?.begin().await?;
    memberships::take_turn(&mut tx, user).await?;
    judged(actor, tx, user).await
}

/// The transaction, if the actor may change this member.
async fn judged(actor: &Actor, mut tx: TenantTx, user: UserId) -> Result<TenantTx, Refusal> {
    let access = actor.access(Right::TeamManage)?;
    let members = memberships::of_agency(&mut tx).await?;
    let member = members.iter().find(|member| member.user == user).ok_or(Refusal::NotFound)?;
    if access.may_change_member(member) {
        Ok(tx)
    } else {
        Err(Refusal::State("Their role has more access than yours: ask an agency owner.".to_owned()))
    }
}

fn last_owner(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(what) if what == "last_owner" => {
            Refusal::State("An agency needs at least one owner. Make someone else an owner first.".to_owned())
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_named_by_its_key_or_its_id_and_only_roles_of_agencies_are_given() {
        let id = uuid::Uuid::from_u128(7);
        assert_eq!(RoleChoice::parse(&id.to_string()), Some(RoleChoice::Custom(RoleId(id))));
        assert_eq!(RoleChoice::parse("agency_admin"), Some(RoleChoice::BuiltIn(Role::AgencyAdmin)));
        assert_eq!(RoleChoice::parse("Launcher"), None);
        for role in Role::ALL {
            assert_eq!(of_agency(role).is_ok(), Role::OF_AGENCY.contains(&role), "{role:?}");
        }
    }
}
