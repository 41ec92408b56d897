//! Operations on notifications: mark them as read, choose how one is told, stop emails by a link.

use domain::notifications::{Choices, Looked, Unread};
use domain::permission::Right;
use domain::{NotificationId, UserId};
use store::Db;
use store::notifications::{self as rows, unsubscribe};

use crate::secret::hash;
use crate::{Actor, Myself, Refusal};

/// How much the person did not see yet in the agency, after they looked at this page. Whoever is no person sees
/// nothing.
///
/// # Errors
/// `Forbidden` if the actor may not read in the agency; `Store` if the database fails.
pub async fn look(actor: &Actor, looked: &Looked) -> Result<Unread, Refusal> {
    let allowed = actor.require(Right::AgencyRead)?;
    let Some(user) = actor.user() else { return Ok(Unread::default()) };
    let mut tx = allowed.begin().await?;
    let unread = rows::unread(&mut tx, user, looked).await?;
    tx.commit().await?;
    Ok(unread)
}

/// Marks one of a person's notifications as read. A program acts for whoever made its token.
///
/// # Errors
/// `NotFound` if the person has no such notification in the agency.
pub async fn read(actor: &Actor, whose: UserId, id: NotificationId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AgencyRead)?.begin().await?;
    rows::read(&mut tx, own(actor, whose)?, id).await?;
    Ok(tx.commit().await?)
}

/// Marks all of a person's notifications in the agency as read, and returns how many were not.
///
/// # Errors
/// `Forbidden` if the actor may not read in the agency; `Store` if the database fails.
pub async fn read_all(actor: &Actor, whose: UserId) -> Result<u64, Refusal> {
    let mut tx = actor.require(Right::AgencyRead)?.begin().await?;
    let read = rows::read_all(&mut tx, own(actor, whose)?).await?;
    tx.commit().await?;
    Ok(read)
}

/// Nobody reads for somebody else.
fn own(actor: &Actor, whose: UserId) -> Result<UserId, Refusal> {
    match actor.user() {
        Some(user) if user != whose => Err(Refusal::NotFound),
        _ => Ok(whose),
    }
}

/// Changes how people of the agency are told who did not choose otherwise.
///
/// # Errors
/// `Forbidden` if the actor may not manage the agency; `Store` if the database fails.
pub async fn set_defaults(actor: &Actor, choices: &Choices) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AgencyManage)?.begin().await?;
    rows::set_of_agency(&mut tx, choices).await?;
    Ok(tx.commit().await?)
}

/// Changes how the person is told, in all of their agencies.
///
/// # Errors
/// `Store` if the database fails.
pub async fn set_own(myself: &Myself, choices: &Choices) -> Result<(), Refusal> {
    let mut tx = myself.begin().await?;
    rows::set_own(&mut tx, choices).await?;
    Ok(tx.commit().await?)
}

/// Stops the emails that a link from one of them names, or all of them. Whoever has the link may do it, also again.
///
/// # Errors
/// `State` if the link is too old.
pub async fn stop_mails(db: &Db, secret: &str, all: bool) -> Result<Choices, Refusal> {
    match unsubscribe::stop(db, hash(secret), all).await {
        Ok(choices) => Ok(choices),
        Err(store::Error::NotFound) => Err(ended()),
        Err(other) => Err(other.into()),
    }
}

/// Why a link stops nothing.
#[must_use]
pub fn ended() -> Refusal {
    let text = "This link is too old. Use the one in a newer email, or sign in and change your notification settings.";
    Refusal::State(text.to_owned())
}
