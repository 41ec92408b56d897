//! Operations on the roles that an agency creates itself: create, change and remove.

use domain::RoleId;
use domain::access::AgencyAccess;
use domain::identity::{AgencyRole, Role};
use domain::permission::Right;
use store::roles;
use store::tenant::TenantTx;

use crate::{Actor, Refusal};

/// Creates a role with these rights. The right to see the agency's home page is always among them.
///
/// # Errors
/// `Invalid` if the actor lacks one of the rights, or the agency has a role of this name, or a built-in role is called so.
pub async fn create(actor: &Actor, name: &str, rights: &[Right]) -> Result<(), Refusal> {
    let (allowed, access) = (actor.require(Right::TeamManage)?, actor.access(Right::TeamManage)?);
    let rights = grantable(access, rights)?;
    require_own_name(name)?;
    let mut tx = allowed.begin().await?;
    roles::add(&mut tx, name, &rights).await.map_err(taken)?;
    Ok(tx.commit().await?)
}

/// Changes a role's name and rights, for everybody who has it.
///
/// # Errors
/// `NotFound` if there is no such role; `State` if the actor may not give it; `Invalid` if the actor lacks one of the
/// rights, or the agency has another role of this name, or a built-in role is called so.
pub async fn change(actor: &Actor, role: RoleId, name: &str, rights: &[Right]) -> Result<(), Refusal> {
    let (allowed, access) = (actor.require(Right::TeamManage)?, actor.access(Right::TeamManage)?);
    let rights = grantable(access, rights)?;
    require_own_name(name)?;
    let mut tx = allowed.begin().await?;
    require_may_give(&mut tx, access, role).await?;
    roles::set(&mut tx, role, name, &rights).await.map_err(taken)?;
    Ok(tx.commit().await?)
}

/// Removes a role that nobody has.
///
/// # Errors
/// `NotFound` if there is no such role; `State` if the actor may not give it, or somebody has it.
pub async fn remove(actor: &Actor, role: RoleId) -> Result<(), Refusal> {
    let (allowed, access) = (actor.require(Right::TeamManage)?, actor.access(Right::TeamManage)?);
    let mut tx = allowed.begin().await?;
    require_may_give(&mut tx, access, role).await?;
    match roles::remove(&mut tx, role).await {
        Err(store::Error::Refused(what)) if what == "role_in_use" => {
            return Err(Refusal::State("Someone has this role. Assign them another one first.".to_owned()));
        }
        done => done?,
    }
    Ok(tx.commit().await?)
}

/// The rights of a role, each once, if the actor may grant all of them.
fn grantable(access: &AgencyAccess, rights: &[Right]) -> Result<Vec<Right>, Refusal> {
    let mut granted = vec![Right::AgencyRead];
    for right in rights {
        if !access.may_grant(*right) {
            return Err(Refusal::field("name", "You can only grant permissions you have yourself."));
        }
        if !granted.contains(right) {
            granted.push(*right);
        }
    }
    Ok(granted)
}

/// Refuses to change a role that the actor may not give.
async fn require_may_give(tx: &mut TenantTx, access: &AgencyAccess, role: RoleId) -> Result<(), Refusal> {
    let role = roles::find(tx, role).await?.ok_or(Refusal::NotFound)?;
    if access.may_give(&AgencyRole::Custom(role)) {
        Ok(())
    } else {
        Err(Refusal::State("This role has more access than yours: ask an agency owner.".to_owned()))
    }
}

/// Refuses the name of a built-in role: nobody could tell the two apart where roles are given.
fn require_own_name(name: &str) -> Result<(), Refusal> {
    let asked = name.trim().to_lowercase();
    match Role::OF_AGENCY.iter().any(|role| role.label().to_lowercase() == asked) {
        true => Err(name_taken()),
        false => Ok(()),
    }
}

fn name_taken() -> Refusal {
    Refusal::field("name", "A role with this name already exists.")
}

fn taken(error: store::Error) -> Refusal {
    match error {
        store::Error::Taken(_) => name_taken(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_is_called_like_a_built_in_one() {
        for role in Role::OF_AGENCY {
            for name in [role.label().to_owned(), format!(" {} ", role.label().to_uppercase())] {
                assert!(require_own_name(&name).is_err(), "{name}");
            }
        }
        assert!(require_own_name("Launcher").is_ok());
    }
}
