//! Operations of the platform on people's accounts: disable and enable one, end its sessions, reset its second factor.

use domain::UserId;
use domain::permission::Right;
use store::{factors, identity, memberships, sessions};

use crate::{PlatformActor, Refusal};

/// Disables a person's sign-in, which ends their sessions at once. Returns the names of the agencies that now have no
/// owner who can sign in.
///
/// # Errors
/// `State` if it is the actor's own account; `NotFound` if there is no such person.
pub async fn disable(actor: &PlatformActor, user: UserId) -> Result<Vec<String>, Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    not_oneself(actor, user)?;
    let mut tx = allowed.begin().await?;
    identity::set_disabled(&mut tx, user, true).await?;
    let without_owner = memberships::without_owner(&mut tx, user).await?;
    tx.commit().await?;
    sessions::remove_ended(allowed.db(), user).await?;
    Ok(without_owner)
}

/// Enables a person's sign-in again.
///
/// # Errors
/// `State` if it is the actor's own account; `NotFound` if there is no such person.
pub async fn enable(actor: &PlatformActor, user: UserId) -> Result<(), Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    not_oneself(actor, user)?;
    let mut tx = allowed.begin().await?;
    identity::set_disabled(&mut tx, user, false).await?;
    Ok(tx.commit().await?)
}

fn not_oneself(actor: &PlatformActor, user: UserId) -> Result<(), Refusal> {
    if actor.user() == user {
        return Err(Refusal::State("You can't disable yourself. Ask another super admin.".to_owned()));
    }
    Ok(())
}

/// Ends every session of a person and every sign-in in progress. Returns the number of sessions.
///
/// # Errors
/// `Store` if the database fails.
pub async fn end_sessions(actor: &PlatformActor, user: UserId) -> Result<u64, Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin_of(user).await?;
    let ended = sessions::end_all_of(&mut tx, user, actor.user()).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Removes the second factor of a person who lost both their phone and their recovery codes. Their sessions end.
///
/// # Errors
/// `State` if it is the actor's own account; `NotFound` if there is no such person.
pub async fn reset_second_factor(actor: &PlatformActor, user: UserId) -> Result<(), Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    if actor.user() == user {
        let text = "You can't reset your own. Replace it with another app on your profile.";
        return Err(Refusal::State(text.to_owned()));
    }
    let mut tx = allowed.begin_of(user).await?;
    factors::reset(&mut tx, actor.user()).await?;
    Ok(tx.commit().await?)
}
