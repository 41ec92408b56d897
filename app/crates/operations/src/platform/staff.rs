//! Operations on the people who run the platform (super admins and support): invite one, change a platform role.

use domain::UserId;
use domain::identity::Role;
use domain::permission::Right;
use store::identity::{self, AuthUser};
use store::sessions;
use store::tenant::PlatformTx;

use crate::{PlatformActor, Refusal, mails};

/// The platform roles, the least powerful first.
pub const ROLES: [Role; 2] = [Role::Support, Role::SuperAdmin];

/// Why somebody gets no role whose account was made by a link that was handed over.
const UNPROVEN: &str = "This person has not shown yet that they read the mail of their address. Ask them to use \"Forgot your password?\" on the sign-in page first.";

/// Reads the key of a platform role.
///
/// # Errors
/// `Invalid` if there is no such role of the platform.
pub fn parse_role(key: &str) -> Result<Role, Refusal> {
    let role = Role::parse(key).filter(|role| ROLES.contains(role));
    role.ok_or_else(|| Refusal::field("role", "That platform role doesn't exist."))
}

/// Adds a person with a platform role and mails them a link to set their password. A person who was invited before
/// with the same role and has not set a password yet gets a new link.
///
/// # Errors
/// `Invalid` if it is no role of the platform, or somebody with this address can sign in already; `DailyLimit` if no
/// more mail may be sent today.
pub async fn invite(actor: &PlatformActor, email: &str, role: Role) -> Result<(), Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    let role = parse_role(role.key())?;
    let known = identity::auth_user(allowed.db(), email).await?;
    let mut tx = allowed.begin().await?;
    let user = match known {
        Some(known) => invited_before(&mut tx, &known, role).await?,
        None => match identity::add(&mut tx, email, "", Some(role)).await {
            Err(store::Error::Taken(_)) => return Err(known_already()),
            added => added?,
        },
    };
    mails::first_password(&mut tx, user, email).await?;
    Ok(tx.commit().await?)
}

/// The person, if they were invited before with the same role and have not set a password yet.
async fn invited_before(tx: &mut PlatformTx, known: &AuthUser, role: Role) -> Result<UserId, Refusal> {
    let waits = known.password_hash.is_none() && !known.disabled;
    if waits && identity::get(tx, known.id).await?.platform == Some(role) {
        return Ok(known.id);
    }
    Err(known_already())
}

fn known_already() -> Refusal {
    let text = "Someone with this address can already sign in. Change their role in the list.";
    Refusal::field("email", text)
}

/// Gives a person a platform role, or takes it away (`None`). Their sessions end, because the role had set the limits
/// of these sessions.
///
/// # Errors
/// `Invalid` if it is no role of the platform; `State` if it is the actor's own role, or the person has not proven their
/// address; `NotFound` if there is no such person.
pub async fn change_role(actor: &PlatformActor, user: UserId, role: Option<Role>) -> Result<(), Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    let role = role.map(|role| parse_role(role.key())).transpose()?;
    if actor.user() == user {
        return Err(Refusal::State("You can't change your own role. Ask another super admin.".to_owned()));
    }
    let mut tx = allowed.begin().await?;
    if role.is_some() && !identity::has_proven_address(&mut tx, user).await? {
        return Err(Refusal::State(UNPROVEN.to_owned()));
    }
    identity::set_platform_role(&mut tx, user, role).await?;
    tx.commit().await?;
    Ok(sessions::remove_ended(allowed.db(), user).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_roles_of_the_platform_are_given() {
        for role in Role::ALL {
            assert_eq!(parse_role(role.key()).is_ok(), ROLES.contains(&role), "{role:?}");
        }
        assert!(parse_role("").is_err() && parse_role("admin").is_err());
    }
}
